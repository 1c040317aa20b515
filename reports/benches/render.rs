//! How long every format takes for 100,000 findings, and how much memory beyond the run itself: `max alloc` in what it
//! prints. `cargo bench -p probity-reports`.

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark that cannot go on should stop")]

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

use probity_model::finding::EvidenceItem;
use probity_model::run::{self, AccountRun, CheckRun, ControlReference, Selection};
use probity_model::score::Score;
use probity_model::snapshot::CollectionRequest;
use probity_model::{
    AccountId, Arn, Automation, Family, Finding, FindingHead, Fingerprint, Gap, GapKind, Outcome, Partition,
    ResourceKind, Run, Scope, Severity, Timestamp,
};
use probity_reports::{Format, Options, render};

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

/// The checks, and the users that each judges.
const CHECKS: usize = 100;
const USERS: usize = 1_000;

fn main() {
    LazyLock::force(&RUN);
    divan::main();
}

/// Takes everything and keeps nothing.
struct Nowhere(usize);

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[divan::bench(args = Format::ALL, sample_count = 3, sample_size = 1)]
fn hundred_thousand_findings(format: Format) -> usize {
    let mut to = std::io::BufWriter::new(Nowhere(0));
    render(format, &RUN, &Options::default(), &mut to).expect("it takes everything");
    to.flush().expect("it takes everything");
    to.get_ref().0
}

static RUN: LazyLock<Run> = LazyLock::new(|| {
    let account = AccountId::try_from("111122223333").expect("an account");
    let at: Timestamp = "2026-11-22T08:00:00Z".parse().expect("a time");
    let checks: Vec<CheckRun> = (0..CHECKS).map(check).collect();
    let findings: Vec<Finding> =
        checks.iter().enumerate().flat_map(|(n, check)| findings(n, check, &account, at)).collect();
    let severity = |id: &str| checks.iter().find(|check| check.id == id).map(|check| check.severity);
    Run {
        format: run::FORMAT.to_owned(),
        version: run::VERSION,
        tool_version: "0.1.0".to_owned(),
        id: "0123456789abcdef".to_owned(),
        started_at: at,
        finished_at: at,
        selection: Selection::default(),
        accounts: vec![AccountRun {
            account,
            alias: None,
            partition: Partition::new("aws"),
            caller: None,
            regions: Vec::new(),
            taken_at: at,
            finished_at: at,
            request: CollectionRequest::default(),
            calls: Vec::new(),
        }],
        score: Score::of(&findings, severity),
        checks,
        findings,
        gaps: Vec::new(),
        frameworks: Vec::new(),
        credentials: Vec::new(),
        organization: None,
        exceptions: Vec::new(),
        history: None,
    }
});

fn check(number: usize) -> CheckRun {
    let severities = Severity::WORST_FIRST;
    let text = "A sentence of some length that says what is the matter and why it is so, as those of real checks do.";
    CheckRun {
        id: format!("user-something-number-{number:03}"),
        family: Family::ALL[number % Family::ALL.len()],
        title: "What is true where the check passes, in a few words".to_owned(),
        severity: severities[number % severities.len()],
        scope: Scope::Account,
        automation: Automation::Automated,
        summary: text.to_owned(),
        why: text.repeat(4),
        pass: text.to_owned(),
        fail: text.to_owned(),
        fix: text.repeat(3),
        command: String::new(),
        parameters: Vec::new(),
        operations: vec!["iam:GenerateCredentialReport".to_owned(), "iam:GetCredentialReport".to_owned()],
        controls: (0..8)
            .map(|n| ControlReference {
                framework: format!("framework-{n}"),
                control: format!("{n}.{number}"),
                proposed: n % 2 == 0,
            })
            .collect(),
        outcomes: BTreeMap::new(),
    }
}

fn findings<'c>(
    number: usize,
    check: &'c CheckRun,
    account: &'c AccountId,
    at: Timestamp,
) -> impl Iterator<Item = Finding> + 'c {
    (0..USERS).map(move |user| {
        let outcome = match (number + user) % 10 {
            0..4 => Outcome::Fail,
            4 => Outcome::NotEvaluated,
            5..8 => Outcome::Pass,
            _ => Outcome::NotApplicable,
        };
        let name = format!("user/department-{}/user-{user:05}", user % 40);
        let item = |key: &str, value: String| EvidenceItem { key: key.into(), value: value.into() };
        let head = FindingHead {
            check: check.id.as_str().into(),
            family: check.family,
            title: check.title.as_str().into(),
            account: account.clone(),
            operations: check.operations.as_slice().into(),
            observed_at: at,
        };
        Finding {
            head: head.into(),
            severity: check.severity,
            outcome,
            region: None,
            resource_kind: ResourceKind::IamUser,
            resource: Arn::new(format!("arn:aws:iam::{account}:{name}")),
            discriminator: "".into(),
            message: format!("access key 1 is {user} days old, more than 90, and was used {number} days ago").into(),
            evidence: vec![
                item("report_generated_at", at.to_string()),
                item("access_key_1_active", "true".to_owned()),
                item("access_key_1_last_rotated", at.to_string()),
            ],
            gap: (outcome == Outcome::NotEvaluated).then(|| {
                Box::new(Gap {
                    kind: GapKind::Denied,
                    operation: Some("iam:ListAccessKeys".to_owned()),
                    region: None,
                    code: Some("AccessDenied".to_owned()),
                    message: format!("not authorized to perform this on {name}"),
                })
            }),
            exception: None,
            history: None,
            fingerprint: Fingerprint::of(&[&check.id, &name]),
        }
    })
}
