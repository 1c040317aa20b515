//! A failure from the run that first sees it to the run that sees it fixed, and what a run changes about that.

use std::collections::{BTreeMap, BTreeSet};

use probity_model::history::Fixed;
use probity_model::run::{AccountRun, Run};
use probity_model::{AccountId, Arn, Finding, Fingerprint, Outcome, Region, Severity, Timestamp};

/// An episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Episode {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) account: AccountId,
    pub(crate) check: String,
    pub(crate) severity: Severity,
    pub(crate) region: Option<Region>,
    pub(crate) resource: Arn,
    pub(crate) discriminator: String,
    pub(crate) message: String,
    /// When the first episode of the failure began.
    pub(crate) first_seen: Timestamp,
    pub(crate) opened_at: Timestamp,
    pub(crate) seen_at: Timestamp,
    /// Episodes before this one.
    pub(crate) reopened: u32,
    /// Whether the last run that saw it had an exception for it.
    pub(crate) excepted: bool,
    /// The run in which it was new as an open failure; empty where it never was.
    pub(crate) new_run: String,
}

/// What a run changes.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Failures that begin.
    pub(crate) opened: Vec<Episode>,
    /// Failures that go on, as they are now.
    pub(crate) seen: Vec<Episode>,
    /// Failures that ended.
    pub(crate) closed: Vec<(Episode, Fixed)>,
}

/// Earlier episodes of a failure that had ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Earlier {
    pub(crate) first_seen: Timestamp,
    pub(crate) count: u32,
}

/// What a run changes about the failures of an account.
pub(crate) fn changes(
    run: &Run,
    account: &AccountRun,
    open: Vec<Episode>,
    earlier: &BTreeMap<Fingerprint, Earlier>,
) -> Changes {
    let of_account = || run.findings.iter().filter(|finding| finding.account == account.account);
    let mut now: BTreeMap<&Fingerprint, &Finding> = BTreeMap::new();
    for finding in of_account() {
        let known = now.entry(&finding.fingerprint).or_insert(finding);
        // Outcomes are ordered by how much attention they ask for.
        if finding.outcome < known.outcome {
            *known = finding;
        }
    }
    let ran: BTreeSet<&str> = run.checks.iter().map(|check| check.id.as_str()).collect();
    let unclear: BTreeSet<&str> = of_account()
        .filter(|finding| finding.outcome == Outcome::NotEvaluated)
        .map(|finding| finding.check.as_str())
        .collect();
    let mut changes = Changes::default();
    let mut going_on = BTreeSet::new();
    for mut episode in open {
        going_on.insert(episode.fingerprint.clone());
        match now.get(&episode.fingerprint) {
            Some(finding) if finding.outcome == Outcome::Fail => {
                let excepted = finding.exception.is_some();
                // Open again after an exception ended: nobody was told of it as something open.
                if !excepted && (episode.excepted || episode.new_run.is_empty()) {
                    episode.new_run = run.id.clone();
                }
                episode.excepted = excepted;
                episode.severity = finding.severity;
                episode.message = finding.message.to_string();
                episode.seen_at = account.taken_at;
                changes.seen.push(episode);
            }
            Some(finding) if matches!(finding.outcome, Outcome::Pass | Outcome::NotApplicable) => {
                changes.closed.push((episode, Fixed::Passes));
            }
            // What could not be evaluated is as it was.
            Some(_) => {}
            None => {
                let judged = ran.contains(episode.check.as_str()) && !unclear.contains(episode.check.as_str());
                let looked_at = episode.region.as_ref().is_none_or(|region| account.regions.contains(region));
                if judged && looked_at {
                    changes.closed.push((episode, Fixed::Gone));
                }
            }
        }
    }
    for (fingerprint, finding) in now {
        if finding.outcome != Outcome::Fail || going_on.contains(fingerprint) {
            continue;
        }
        let before = earlier.get(fingerprint);
        let excepted = finding.exception.is_some();
        changes.opened.push(Episode {
            fingerprint: fingerprint.clone(),
            account: account.account.clone(),
            check: finding.check.to_string(),
            severity: finding.severity,
            region: finding.region.clone(),
            resource: finding.resource.clone(),
            discriminator: finding.discriminator.to_string(),
            message: finding.message.to_string(),
            first_seen: before.map_or(account.taken_at, |earlier| earlier.first_seen),
            opened_at: account.taken_at,
            seen_at: account.taken_at,
            reopened: before.map_or(0, |earlier| earlier.count),
            excepted,
            new_run: if excepted { String::new() } else { run.id.clone() },
        });
    }
    changes
}
