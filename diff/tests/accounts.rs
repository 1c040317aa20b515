//! Runs of several accounts, compared account by account.

#![allow(clippy::expect_used, missing_docs, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;

use probity_diff::{AccountChangeKind, FindingChangeKind, findings};
use probity_model::run::organization::{AccountAudit, AccountStanding, OrganizationRun};
use probity_model::run::{self, AccountRun, CheckRun, Selection};
use probity_model::score::Score;
use probity_model::snapshot::CollectionRequest;
use probity_model::{
    AccountId, Arn, Automation, Family, Finding, FindingHead, Fingerprint, Gap, Outcome, Partition, ResourceKind, Run,
    Scope, Severity, Timestamp,
};

const CHECK: &str = "user-mfa-console";

fn id(account: &str) -> AccountId {
    AccountId::try_from(account).expect("twelve digits")
}

fn at() -> Timestamp {
    "2026-11-22T08:00:00Z".parse().expect("a time")
}

fn finding(account: &str, user: &str, outcome: Outcome) -> Finding {
    let head = FindingHead {
        check: CHECK.into(),
        family: Family::Mfa,
        title: "".into(),
        account: id(account),
        operations: [].into(),
        observed_at: at(),
    };
    Finding {
        head: head.into(),
        severity: Severity::High,
        outcome,
        region: None,
        resource_kind: ResourceKind::IamUser,
        resource: Arn::new(format!("arn:aws:iam::{account}:user/{user}")),
        discriminator: "".into(),
        message: "no second factor".into(),
        evidence: Vec::new(),
        gap: None,
        exception: None,
        history: None,
        fingerprint: Fingerprint::of(&[CHECK, account, user]),
    }
}

/// A run that read these accounts, and knows of those of the organization.
fn run(read: &[&str], organization: Option<OrganizationRun>, findings: Vec<Finding>) -> Run {
    let account = |account: &&str| AccountRun {
        account: id(account),
        alias: None,
        partition: Partition::new("aws"),
        caller: None,
        regions: Vec::new(),
        taken_at: at(),
        finished_at: at(),
        request: CollectionRequest::default(),
        calls: Vec::new(),
    };
    let check = CheckRun {
        id: CHECK.to_owned(),
        family: Family::Mfa,
        title: String::new(),
        severity: Severity::High,
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
    };
    Run {
        format: run::FORMAT.to_owned(),
        version: run::VERSION,
        tool_version: String::new(),
        id: String::new(),
        started_at: at(),
        finished_at: at(),
        selection: Selection::default(),
        accounts: read.iter().map(account).collect(),
        organization,
        score: Score::of(&findings, |_| Some(Severity::High)),
        checks: vec![check],
        findings,
        gaps: Vec::new(),
        exceptions: Vec::new(),
        history: None,
        frameworks: Vec::new(),
        credentials: Vec::new(),
    }
}

fn standing(account: &str, audit: AccountAudit) -> AccountStanding {
    AccountStanding {
        account: id(account),
        name: Some(format!("name of {account}")),
        unit: None,
        audit,
        score: None,
        open: BTreeMap::new(),
        outcomes: BTreeMap::new(),
        service_control_policies: Vec::new(),
        resource_control_policies: Vec::new(),
    }
}

const A: &str = "111111111111";
const B: &str = "222222222222";
const C: &str = "333333333333";

/// What nobody could look at is neither fixed nor gone.
#[test]
fn an_account_that_could_not_be_audited_is_not_read_now_and_its_findings_are_unclear() {
    let old = run(&[A, B, C], None, [A, B, C].map(|account| finding(account, "anna", Outcome::Fail)).to_vec());
    let organization = OrganizationRun {
        accounts: vec![
            standing(A, AccountAudit::Complete),
            standing(B, AccountAudit::Failed { reason: Gap::not_requested("the role cannot be assumed") }),
            standing(C, AccountAudit::LeftOut),
        ],
        ..OrganizationRun::default()
    };
    let new = run(&[A], Some(organization), vec![finding(A, "anna", Outcome::Fail)]);
    let compared = findings(&old, &new, &[]);
    let kinds: Vec<AccountChangeKind> = compared.accounts.iter().map(|account| account.kind).collect();
    assert_eq!(kinds, [AccountChangeKind::Compared, AccountChangeKind::NotReadNow, AccountChangeKind::NotReadNow]);
    assert!(compared.accounts[1].reason.as_ref().is_some_and(|why| why.contains("cannot be assumed")));
    assert_eq!(compared.accounts[2].reason.as_deref(), Some("it was not asked for"));
    assert_eq!(compared.accounts[1].name.as_deref(), Some("name of 222222222222"));
    assert_eq!(compared.findings.len(), 2);
    for found in &compared.findings {
        assert_eq!(found.kind, FindingChangeKind::Unclear, "{}", found.message);
    }
    // The other way round they are read now, which is not to say that they are new accounts.
    let back = findings(&new, &old, &[]);
    assert!(back.accounts[1..].iter().all(|account| account.kind == AccountChangeKind::ReadNow));
    assert!(back.findings.iter().all(|found| found.kind == FindingChangeKind::CameWithAccount));
}

#[test]
fn a_finding_goes_with_its_account_and_is_not_called_fixed() {
    let old = run(&[A, B], None, vec![finding(A, "anna", Outcome::Fail), finding(B, "anna", Outcome::Fail)]);
    let new = run(&[A], None, vec![finding(A, "anna", Outcome::Pass)]);
    let compared = findings(&old, &new, &[]);
    let kinds: Vec<(&str, FindingChangeKind)> =
        compared.findings.iter().map(|found| (found.account.as_str(), found.kind)).collect();
    assert_eq!(kinds, [(A, FindingChangeKind::Went), (B, FindingChangeKind::WentWithAccount)]);
    assert_eq!(compared.accounts[1].kind, AccountChangeKind::Went);
    assert_eq!(compared.accounts[1].findings, BTreeMap::from([(FindingChangeKind::WentWithAccount, 1)]));
}

/// An account that neither run read is not worth a word.
#[test]
fn an_account_that_nobody_read_is_left_out() {
    let organization = || {
        let left_out = standing(B, AccountAudit::LeftOut);
        Some(OrganizationRun { accounts: vec![left_out], ..OrganizationRun::default() })
    };
    let compared = findings(&run(&[A], organization(), Vec::new()), &run(&[A], organization(), Vec::new()), &[]);
    assert_eq!(compared.accounts.len(), 1);
}
