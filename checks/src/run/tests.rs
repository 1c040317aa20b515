//! The order of findings, and what is counted of them.

use std::vec;

use probity_model::Family;
use probity_model::builder::Account;

use super::*;
use crate::ExceptionRule;
use crate::registry::CHECKS;

/// A user with a second factor and one without, an old key, and a role that anybody enters.
fn snapshot() -> Snapshot {
    const ANYBODY: &str =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}"#;
    let account = Account::new().user("anna", |user| user.console_password().mfa());
    let account = account.user("bert", |user| user.console_password().key(1, |key| key.created_days_ago(400)));
    account.role("open", |role| role.trust(ANYBODY)).build()
}

fn checks() -> Vec<&'static Entry> {
    CHECKS.iter().collect()
}

fn accepting(check: &str) -> Settings {
    let mut settings = Settings::default();
    settings.set_exceptions(vec![ExceptionRule {
        check: check.to_owned(),
        resource: "*".to_owned(),
        account: "*".to_owned(),
        reason: "known".to_owned(),
        owner: "security@example.com".to_owned(),
        ticket: None,
        expires: None,
    }]);
    settings
}

#[test]
fn findings_of_all_checks_come_in_their_order_and_none_is_lost() {
    let (snapshot, checks) = (snapshot(), checks());
    let all: usize = in_turn(&checks, &Evidence::new(&snapshot), &Settings::default()).iter().map(Vec::len).sum();
    for settings in [Settings::default(), accepting("user-mfa-console")] {
        let judged = judge(&snapshot, &checks, &settings, &in_turn);
        assert_eq!(judged.findings.len(), all);
        assert!(judged.findings.is_sorted_by(|a, b| order(a, b).is_le()));
    }
    let judged = judge(&snapshot, &checks, &accepting("user-mfa-console"), &in_turn);
    assert!(judged.findings.iter().any(|finding| finding.exception.is_some()), "the exception moves a finding");
}

#[test]
fn a_check_with_an_order_of_its_own_is_put_in_order() {
    let (snapshot, checks) = (snapshot(), checks());
    let backwards = |checks: &[&Entry], evidence: &Evidence<'_>, settings: &Settings| {
        let mut asked = in_turn(checks, evidence, settings);
        asked.iter_mut().for_each(|findings| findings.reverse());
        asked
    };
    let judged = judge(&snapshot, &checks, &Settings::default(), &backwards);
    assert_eq!(judged.findings, judge(&snapshot, &checks, &Settings::default(), &in_turn).findings);
}

#[test]
fn every_finding_is_counted_with_its_check_and_outcome() {
    let (snapshot, checks) = (snapshot(), checks());
    let run = assemble(&[snapshot], &checks, &Settings::default(), Selection::default(), &in_turn).expect("a run");
    for check in &run.checks {
        for outcome in [Outcome::Fail, Outcome::NotEvaluated, Outcome::Manual, Outcome::Pass, Outcome::NotApplicable] {
            let found = run.findings.iter().filter(|one| one.check == check.id && one.outcome == outcome).count();
            let counted = check.outcomes.get(&outcome).copied().unwrap_or_default();
            assert_eq!(counted, found as u64, "{} {outcome}", check.id);
        }
    }
    assert!(run.checks.iter().any(|check| check.family == Family::Mfa && check.outcomes.contains_key(&Outcome::Fail)));
}

/// The same call refused for the same reason takes down many findings and is one gap, with the checks that it takes down.
#[test]
fn a_gap_is_reported_once_with_every_check_that_it_takes_down() {
    let (mut snapshot, checks) = (snapshot(), checks());
    snapshot.facts.set_gap(Topic::CredentialReport, probity_model::builder::denied(Topic::CredentialReport));
    let judged = judge(&snapshot, &checks, &Settings::default(), &in_turn);
    let denied = probity_model::builder::denied(Topic::CredentialReport);
    let reports: Vec<&GapReport> = judged.gaps.iter().filter(|report| *report.gap == denied).collect();
    let [report] = reports.as_slice() else { panic!("{reports:#?}") };
    let down = judged.findings.iter().filter(|finding| finding.gap.as_deref() == Some(&denied));
    let down: BTreeSet<SmolStr> = down.map(|finding| finding.check.clone()).collect();
    assert!(down.len() > 5, "{down:?}");
    assert_eq!(report.checks.iter().cloned().collect::<BTreeSet<_>>(), down);
}
