//! What could not be read, each reason once, with the checks that it takes down.

use std::collections::{BTreeMap, BTreeSet};

use probity_model::{Outcome, Run};

use super::wrapped;
use crate::{Options, plain};

/// The reasons, those that take down most first.
pub(super) fn text(run: &Run, options: &Options) -> String {
    let mut reasons: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for finding in run.findings.iter().filter(|finding| finding.outcome == Outcome::NotEvaluated) {
        let reason = finding.gap.as_ref().map_or_else(|| finding.message.clone(), ToString::to_string);
        let reason = if run.accounts.len() > 1 { format!("{}: {reason}", finding.account) } else { reason };
        reasons.entry(plain(&reason)).or_default().insert(&finding.check);
    }
    if reasons.is_empty() {
        return String::new();
    }
    let mut sorted: Vec<_> = reasons.into_iter().collect();
    sorted.sort_by(|(a, checks_a), (b, checks_b)| checks_b.len().cmp(&checks_a.len()).then_with(|| a.cmp(b)));
    let mut out = String::from("\nNot evaluated, and why\n");
    for (reason, checks) in sorted {
        out.push_str(&wrapped(&format!("- {reason}"), options, "  "));
        let checks: Vec<&str> = checks.into_iter().collect();
        out.push_str(&wrapped(&format!("  Not judged: {}", checks.join(", ")), options, "    "));
    }
    out
}
