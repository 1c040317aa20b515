//! Findings of two runs, compared by their fingerprints.

use std::collections::{BTreeMap, BTreeSet};

use probity_model::{AccountId, Arn, Finding, Fingerprint, Outcome, Region, Run, Severity, Topic};
use serde::Serialize;

use crate::accounts::{self, Accounts};
use crate::{AccountChange, Change};

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingChangeKind {
    /// It fails, and did not before.
    Came,
    /// It fails in an account that the old run did not read.
    CameWithAccount,
    /// It fails still, and differently: another severity, or an exception came or ended.
    Changed,
    /// It was judged before and could not be evaluated now: nobody knows.
    Unclear,
    /// It failed, and does not any more.
    Went,
    /// It failed in an account that is not in the new run: nobody looked, and it may fail still.
    WentWithAccount,
}

/// A finding that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingChange {
    /// What became of it.
    pub kind: FindingChangeKind,
    /// The check's id.
    pub check: String,
    /// How bad it is, or was.
    pub severity: Severity,
    /// The account.
    pub account: AccountId,
    /// The Region, where the verdict is about one.
    pub region: Option<Region>,
    /// The resource.
    pub resource: Arn,
    /// What tells several findings on one resource apart.
    pub discriminator: String,
    /// The identity from run to run.
    pub fingerprint: Fingerprint,
    /// What became of it, in words.
    pub message: String,
    /// The changes that may be behind it, by their place in the list of changes, from 0: those of the same resource, of one
    /// that its evidence names, or, for a verdict on the whole account, of the evidence it was judged on.
    pub changes: Vec<usize>,
}

/// Two runs, compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// The accounts that one of the runs read, by id, and what became of each.
    pub accounts: Vec<AccountChange>,
    /// Findings that are not as they were: what came first, worst first.
    pub findings: Vec<FindingChange>,
    /// Checks that ran in the old run alone: what they found cannot be compared.
    pub only_in_old: Vec<String>,
    /// Checks that ran in the new run alone.
    pub only_in_new: Vec<String>,
}

/// Compares the findings of two runs, and names the changes that may be behind each.
#[must_use]
pub fn findings(old: &Run, new: &Run, changes: &[Change]) -> Compared {
    let ids = |run: &Run| -> BTreeSet<String> { run.checks.iter().map(|check| check.id.clone()).collect() };
    let (ran_before, ran_now) = (ids(old), ids(new));
    let before = by_fingerprint(old);
    let after = by_fingerprint(new);
    let mut found = Vec::new();
    let (old_accounts, new_accounts) = (Accounts::of(old), Accounts::of(new));
    for (fingerprint, finding) in &after {
        if !ran_before.contains(finding.check.as_str()) {
            continue;
        }
        if !old_accounts.read(&finding.account) {
            if finding.outcome == Outcome::Fail {
                let message = format!("{} (the old run did not read its account)", finding.message);
                found.push(one(FindingChangeKind::CameWithAccount, finding, message, changes));
            }
        } else if let Some((kind, message)) = became(before.get(fingerprint).copied(), finding) {
            found.push(one(kind, finding, message, changes));
        }
    }
    let unclear: BTreeSet<(&str, &AccountId)> = new
        .findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::NotEvaluated)
        .map(|finding| (finding.check.as_str(), &finding.account))
        .collect();
    for (fingerprint, finding) in &before {
        let account = &finding.account;
        let looked_at = finding.outcome == Outcome::Fail && ran_now.contains(finding.check.as_str());
        if !looked_at || after.contains_key(fingerprint) {
            continue;
        }
        let (kind, message) = if !new_accounts.knows(account) {
            let message = format!("its account is not in the new run; it failed: {}", finding.message);
            (FindingChangeKind::WentWithAccount, message)
        } else if !new_accounts.read(account) {
            let why = new_accounts.reason(account).map(|why| format!(": {why}")).unwrap_or_default();
            (FindingChangeKind::Unclear, format!("failed; now its account was not read{why}"))
        } else if unclear.contains(&(finding.check.as_str(), account)) {
            (FindingChangeKind::Unclear, "failed; now the check could not be evaluated".to_owned())
        } else {
            (FindingChangeKind::Went, format!("no such resource any more; it failed: {}", finding.message))
        };
        found.push(one(kind, finding, message, changes));
    }
    found.sort_by(|a, b| {
        (a.kind, b.severity, &a.check, &a.account, &a.resource, &a.discriminator).cmp(&(
            b.kind,
            a.severity,
            &b.check,
            &b.account,
            &b.resource,
            &b.discriminator,
        ))
    });
    Compared {
        accounts: accounts::changes(&old_accounts, &new_accounts, &found),
        findings: found,
        only_in_old: ran_before.difference(&ran_now).cloned().collect(),
        only_in_new: ran_now.difference(&ran_before).cloned().collect(),
    }
}

fn by_fingerprint(run: &Run) -> BTreeMap<&Fingerprint, &Finding> {
    let mut known: BTreeMap<&Fingerprint, &Finding> = BTreeMap::new();
    for finding in &run.findings {
        let entry = known.entry(&finding.fingerprint).or_insert(finding);
        if finding.outcome < entry.outcome {
            *entry = finding;
        }
    }
    known
}

/// What became of a finding, where it is not as it was.
fn became(before: Option<&Finding>, after: &Finding) -> Option<(FindingChangeKind, String)> {
    use FindingChangeKind as Kind;
    let was = before.map(|finding| finding.outcome);
    match (was, after.outcome) {
        (Some(Outcome::Fail), Outcome::Fail) => {
            let before = before?;
            let mut said = Vec::new();
            if before.severity != after.severity {
                said.push(format!("was {}, is {}", before.severity, after.severity));
            }
            match (&before.exception, &after.exception) {
                (None, Some(exception)) => said.push(format!("accepted by {}", exception.owner)),
                (Some(_), None) => said.push("no longer accepted".to_owned()),
                _ => {}
            }
            (!said.is_empty()).then(|| (Kind::Changed, format!("{}: {}", said.join(", "), after.message)))
        }
        (was, Outcome::Fail) => {
            let was = was.map_or_else(|| "not there".to_owned(), |outcome| outcome.to_string());
            Some((Kind::Came, format!("{} (was {was})", after.message)))
        }
        (Some(Outcome::Fail | Outcome::Pass), Outcome::NotEvaluated) => {
            Some((Kind::Unclear, format!("was {}: {}", was?, after.message)))
        }
        (Some(Outcome::Fail), outcome) => Some((Kind::Went, format!("{outcome} now: {}", after.message))),
        _ => None,
    }
}

fn one(kind: FindingChangeKind, finding: &Finding, message: String, changes: &[Change]) -> FindingChange {
    let behind = changes.iter().enumerate().filter(|(_, change)| is_behind(change, finding)).map(|(index, _)| index);
    FindingChange {
        kind,
        check: finding.check.to_string(),
        severity: finding.severity,
        account: finding.account.clone(),
        region: finding.region.clone(),
        resource: finding.resource.clone(),
        discriminator: finding.discriminator.to_string(),
        fingerprint: finding.fingerprint.clone(),
        message,
        changes: behind.collect(),
    }
}

fn is_behind(change: &Change, finding: &Finding) -> bool {
    let arn = finding.resource.as_str();
    if change.subject == arn {
        return true;
    }
    let names = |text: &str| text.contains(change.subject.as_str());
    let evident = change.subject.starts_with("arn:")
        && (names(&finding.message) || finding.evidence.iter().any(|item| names(&item.value)));
    // A verdict on the whole account rests on topics, not on one resource.
    let whole = finding.resource.resource() == "root" && !change.subject.starts_with("arn:");
    evident || (whole && reads(finding, &change.topic))
}

/// Whether a finding was judged on a topic, given as the field of a snapshot.
fn reads(finding: &Finding, field: &str) -> bool {
    let topic = Topic::ALL.iter().find(|topic| topic.name().replace('-', "_") == field);
    topic.is_some_and(|topic| {
        topic.operations().iter().any(|operation| finding.operations.contains(&operation.to_string()))
    })
}
