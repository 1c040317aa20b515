//! What could not be evaluated, by what is missing: the call, the error, and the checks it takes down.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use probity_model::{AccountId, Finding, Gap, GapKind, Outcome, Region, Run};

use crate::text::one_line;
use crate::words::{counted, heading};

/// Something that is missing, in words.
pub(crate) struct Missing {
    /// The call, as `service:Operation`; none where no call was made.
    pub(crate) operation: Option<String>,
    /// What became of the call, or what is missing where there was none.
    pub(crate) what: String,
    /// The message of AWS, where, and the checks it takes down.
    pub(crate) details: Vec<String>,
}

/// Gaps are the same where the same call met the same error, in whichever Region and account. Where no call was made,
/// the message is all there is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'r> {
    /// Last what nobody asked for.
    not_requested: bool,
    kind: Option<GapKind>,
    operation: Option<&'r str>,
    code: Option<&'r str>,
    message: Option<&'r str>,
}

impl<'r> Key<'r> {
    fn of(gap: &'r Gap) -> Self {
        let operation = gap.operation.as_deref();
        Self {
            not_requested: gap.kind == GapKind::NotRequested,
            kind: Some(gap.kind),
            operation,
            code: gap.code.as_deref(),
            message: operation.is_none().then_some(&gap.message),
        }
    }

    /// Of a finding that says no more than its message.
    fn of_message(message: &'r str) -> Self {
        Self { not_requested: false, kind: None, operation: None, code: None, message: Some(message) }
    }
}

#[derive(Default)]
struct Group<'r> {
    messages: BTreeSet<&'r str>,
    accounts: BTreeSet<&'r AccountId>,
    regions: BTreeSet<&'r Region>,
    checks: BTreeSet<&'r str>,
}

impl<'r> Group<'r> {
    fn add(&mut self, account: &'r AccountId, message: &'r str, region: Option<&'r Region>) {
        self.messages.insert(message);
        self.accounts.insert(account);
        self.regions.extend(region);
    }
}

/// The gaps of the findings that are shown and those that take down no check, those first that take down most.
pub(crate) fn missing(run: &Run, shown: &[&Finding]) -> Vec<Missing> {
    let mut groups: BTreeMap<Key<'_>, Group<'_>> = BTreeMap::new();
    for finding in shown {
        let key = finding.gap.as_deref().map_or_else(|| Key::of_message(&finding.message), Key::of);
        let group = groups.entry(key).or_default();
        let message = finding.gap.as_ref().map_or(&*finding.message, |gap| &gap.message);
        let region = finding.gap.as_ref().and_then(|gap| gap.region.as_ref());
        group.add(&finding.account, message, region);
        group.checks.insert(&finding.check);
    }
    // Evidence that only sharpens a verdict takes down nothing, and its absence is still said.
    for report in run.gaps.iter().filter(|report| report.checks.is_empty()) {
        let group = groups.entry(Key::of(&report.gap)).or_default();
        group.add(&report.account, &report.gap.message, report.gap.region.as_ref());
    }
    let mut groups: Vec<(Key<'_>, Group<'_>)> = groups.into_iter().collect();
    groups.sort_by_key(|(key, group)| (key.not_requested, Reverse(group.checks.len())));
    groups.iter().map(|(key, group)| in_words(run, key, group)).collect()
}

/// The heading over what is missing for so many findings.
pub(crate) fn heading_of(findings: usize) -> String {
    match findings {
        0 => "Not read".to_owned(),
        count => format!("{} ({count})", heading(Outcome::NotEvaluated)),
    }
}

fn in_words(run: &Run, key: &Key<'_>, group: &Group<'_>) -> Missing {
    let message = one_line(group.messages.first().copied().unwrap_or_default());
    let mut details = Vec::new();
    let what = match (key.operation, key.kind) {
        (Some(_), Some(kind)) => {
            let others = match group.messages.len().saturating_sub(1) {
                0 => String::new(),
                others => format!(" (and {})", counted(others, "other message", "other messages")),
            };
            details.push(format!("{message}{others}"));
            let code = key.code.map(|code| format!(" ({code})")).unwrap_or_default();
            one_line(&format!("{}{code}", kind.phrase()))
        }
        _ => message,
    };
    if !group.regions.is_empty() {
        details.push(format!("In {}", joined(&group.regions)));
    }
    if run.accounts.len() > 1 {
        details.push(format!("Of {}", joined(&group.accounts)));
    }
    details.push(match group.checks.len() {
        0 => "Takes down no check.".to_owned(),
        count => format!("Takes down {}: {}", counted(count, "check", "checks"), joined(&group.checks)),
    });
    Missing { operation: key.operation.map(one_line), what, details }
}

fn joined(names: &BTreeSet<impl ToString>) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
