//! Runs made of a few words.

use std::collections::BTreeMap;

use probity_model::run::{self, AccountRun, CheckRun, Run, Selection};
use probity_model::score::Score;
use probity_model::snapshot::CollectionRequest;
use probity_model::{
    AccountId, Arn, Automation, Exception, Family, Finding, FindingHead, Fingerprint, Outcome, Partition, Region,
    ResourceKind, Scope, Severity, Timestamp,
};

/// The account of every run.
pub(crate) const ACCOUNT: &str = "123456789012";

/// Eight in the morning of a day of November 2026.
pub(crate) fn day(day: i8) -> Timestamp {
    format!("2026-11-{day:02}T08:00:00Z").parse().expect("a time")
}

fn check(id: &str, severity: Severity) -> CheckRun {
    CheckRun {
        id: id.to_owned(),
        family: Family::Mfa,
        title: id.to_owned(),
        severity,
        scope: Scope::Account,
        automation: Automation::Automated,
        summary: String::new(),
        why: String::new(),
        pass: String::new(),
        fail: String::new(),
        fix: String::new(),
        command: String::new(),
        parameters: Vec::new(),
        operations: Vec::new(),
        controls: Vec::new(),
        outcomes: BTreeMap::new(),
    }
}

/// A finding of check `a` on a user.
pub(crate) fn finding(user: &str, outcome: Outcome) -> Finding {
    finding_of("a", user, outcome)
}

/// A finding of a check on a user.
pub(crate) fn finding_of(check: &str, user: &str, outcome: Outcome) -> Finding {
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/{user}");
    let head = FindingHead {
        check: check.into(),
        family: Family::Mfa,
        title: check.into(),
        account: AccountId::try_from(ACCOUNT).expect("an account"),
        operations: [].into(),
        observed_at: day(1),
    };
    Finding {
        head: head.into(),
        severity: Severity::High,
        outcome,
        region: None,
        resource_kind: ResourceKind::IamUser,
        fingerprint: Fingerprint::of(&[check, &arn]),
        resource: Arn::new(arn),
        discriminator: "".into(),
        message: format!("{user} has 'no' second factor; \u{0} DROP TABLE runs").into(),
        evidence: Vec::new(),
        gap: None,
        exception: None,
        history: None,
    }
}

/// The same finding with an exception.
pub(crate) fn excepted(mut finding: Finding) -> Finding {
    finding.exception = Some(Box::new(Exception { owner: "it".to_owned(), ..Exception::default() }));
    finding
}

/// A run of check `a` at a time.
pub(crate) fn run(at: Timestamp, findings: Vec<Finding>) -> Run {
    run_of(at, &["a"], findings)
}

/// A run of some checks at a time.
pub(crate) fn run_of(at: Timestamp, checks: &[&str], findings: Vec<Finding>) -> Run {
    let account = AccountRun {
        account: AccountId::try_from(ACCOUNT).expect("an account"),
        alias: None,
        partition: Partition::new("aws"),
        caller: None,
        regions: vec![Region::try_from("eu-central-1").expect("a Region")],
        taken_at: at,
        finished_at: at,
        request: CollectionRequest::default(),
        calls: Vec::new(),
    };
    Run {
        format: run::FORMAT.to_owned(),
        version: run::VERSION,
        tool_version: "0.1.0".to_owned(),
        id: Fingerprint::of(&[ACCOUNT, &at.to_string()]).as_str()[..16].to_owned(),
        started_at: at,
        finished_at: at,
        selection: Selection::default(),
        accounts: vec![account],
        score: Score::of(&findings, |_| Some(Severity::High)),
        checks: checks.iter().map(|id| check(id, Severity::High)).collect(),
        findings,
        gaps: Vec::new(),
        exceptions: Vec::new(),
        frameworks: Vec::new(),
        credentials: Vec::new(),
        organization: None,
        history: None,
    }
}
