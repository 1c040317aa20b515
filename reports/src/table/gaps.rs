//! What could not be evaluated, by what is missing: the call, the error, and the checks it takes down.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use probity_model::{AccountId, Finding, Gap, GapKind, Region, Run};

use super::page::Page;
use crate::text::counted;

/// Gaps are the same where the same call met the same error, in whichever Region and account. Where no call was made,
/// the message is all there is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'r> {
    kind: GapKind,
    operation: Option<&'r str>,
    code: Option<&'r str>,
    message: Option<&'r str>,
}

#[derive(Default)]
struct Group<'r> {
    messages: BTreeSet<&'r str>,
    accounts: BTreeSet<&'r AccountId>,
    regions: BTreeSet<&'r Region>,
    checks: BTreeSet<&'r str>,
    findings: usize,
}

type Groups<'r> = BTreeMap<Key<'r>, Group<'r>>;

/// Writes the gaps of the findings that are shown, and those that take down no check.
pub(super) fn write(run: &Run, shown: &[&Finding], page: &mut Page) {
    let mut groups = Groups::new();
    let mut without_gap: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in shown {
        match &finding.gap {
            Some(gap) => {
                let group = add(&mut groups, gap, &finding.account);
                group.checks.insert(&finding.check);
                group.findings += 1;
            }
            None => {
                without_gap.entry(&finding.message).or_default().insert(&finding.check);
            }
        }
    }
    // Evidence that only sharpens a verdict takes down nothing, and its absence is still said.
    for report in run.gaps.iter().filter(|report| report.checks.is_empty()) {
        add(&mut groups, &report.gap, &report.account);
    }
    if groups.is_empty() && without_gap.is_empty() {
        return;
    }
    page.heading(&format!("Not evaluated ({})", shown.len()));
    let mut groups: Vec<(Key<'_>, Group<'_>)> = groups.into_iter().collect();
    groups.sort_by_key(|(key, group)| (key.kind == GapKind::NotRequested, Reverse(group.checks.len())));
    for (key, group) in &groups {
        one(run, key, group, page);
    }
    for (message, checks) in without_gap {
        page.text_line("", message);
        page.text_line("  ", &takes_down(&checks));
    }
}

fn add<'g, 'r>(groups: &'g mut Groups<'r>, gap: &'r Gap, account: &'r AccountId) -> &'g mut Group<'r> {
    let operation = gap.operation.as_deref();
    let message = operation.is_none().then_some(gap.message.as_str());
    let key = Key { kind: gap.kind, operation, code: gap.code.as_deref(), message };
    let group = groups.entry(key).or_default();
    group.messages.insert(&gap.message);
    group.accounts.insert(account);
    group.regions.extend(&gap.region);
    group
}

fn one(run: &Run, key: &Key<'_>, group: &Group<'_>, page: &mut Page) {
    let message = group.messages.first().copied().unwrap_or_default();
    match key.operation {
        Some(operation) => {
            let code = key.code.map(|code| format!(" ({code})")).unwrap_or_default();
            page.entry(
                &crate::text::one_line(operation),
                &crate::text::one_line(&format!("{}{code}", key.kind.phrase())),
            );
            let others = match group.messages.len().saturating_sub(1) {
                0 => String::new(),
                others => format!(" (and {})", counted(others, "other message", "other messages")),
            };
            page.text_line("  ", &format!("{message}{others}"));
        }
        None => page.text_line("", message),
    }
    let regions: Vec<String> = group.regions.iter().map(ToString::to_string).collect();
    if !regions.is_empty() {
        page.text_line("  ", &format!("In {}", regions.join(", ")));
    }
    if run.accounts.len() > 1 {
        let accounts: Vec<String> = group.accounts.iter().map(ToString::to_string).collect();
        page.text_line("  ", &format!("Of {}", accounts.join(", ")));
    }
    page.text_line("  ", &takes_down(&group.checks));
}

fn takes_down(checks: &BTreeSet<&str>) -> String {
    if checks.is_empty() {
        return "Takes down no check.".to_owned();
    }
    let names: Vec<&str> = checks.iter().copied().collect();
    format!("Takes down {}: {}", counted(names.len(), "check", "checks"), names.join(", "))
}
