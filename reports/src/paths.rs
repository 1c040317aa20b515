//! Ways to become somebody stronger, as findings carry them in their evidence: a `method` and its `target` for every step.

use std::collections::{BTreeMap, BTreeSet};

use probity_model::{AccountId, Finding, Outcome, Run};

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step<'r> {
    /// How it is done.
    pub(crate) method: &'r str,
    /// Who one is then.
    pub(crate) target: &'r str,
}

/// The same steps, open to one or several principals.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ways<'r> {
    pub(crate) account: &'r AccountId,
    /// Whether the way is open for sure: the finding is a failure.
    pub(crate) is_certain: bool,
    /// Who sets out, sorted.
    pub(crate) from: Vec<&'r str>,
    /// The steps; at least one.
    pub(crate) steps: Vec<Step<'r>>,
}

/// The ways of all findings, those first that are open for sure and to most.
pub(crate) fn ways(run: &Run) -> Vec<Ways<'_>> {
    let mut groups: BTreeMap<(bool, &AccountId, Vec<Step<'_>>), BTreeSet<&str>> = BTreeMap::new();
    for finding in &run.findings {
        let is_certain = match finding.outcome {
            Outcome::Fail => true,
            Outcome::NotEvaluated => false,
            Outcome::Manual | Outcome::Pass | Outcome::NotApplicable => continue,
        };
        let steps = steps(finding);
        if !steps.is_empty() {
            groups.entry((!is_certain, &finding.account, steps)).or_default().insert(finding.resource.resource());
        }
    }
    let mut ways: Vec<Ways<'_>> = groups
        .into_iter()
        .map(|((uncertain, account, steps), from)| Ways {
            account,
            is_certain: !uncertain,
            from: from.into_iter().collect(),
            steps,
        })
        .collect();
    ways.sort_by_key(|ways| (!ways.is_certain, std::cmp::Reverse(ways.from.len())));
    ways
}

fn steps(finding: &Finding) -> Vec<Step<'_>> {
    let pairs = finding.evidence.windows(2);
    let is_step = |pair: &&[_]| matches!(pair, [method, target] if is(method, "method") && is(target, "target"));
    pairs
        .filter(is_step)
        .filter_map(|pair| match pair {
            [method, target] => Some(Step { method: &method.value, target: &target.value }),
            _ => None,
        })
        .collect()
}

fn is(item: &probity_model::finding::EvidenceItem, key: &str) -> bool {
    item.key == key
}
