//! The one number people ask for, and how much of the evidence it rests on.
//!
//! Every check that judged at least one resource counts once, weighted by its severity (critical 10, high 5, medium 2,
//! low 1, info 0), with the share of its resources that pass: `100 × Σ weight·share ÷ Σ weight`. An open critical failure
//! caps the score at 59. What could not be evaluated neither raises nor lowers the score: it lowers the coverage, the share
//! of the checks that judged at least one resource out of those that apply to the account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Finding, Outcome, Severity};

/// The score an account with an open critical failure cannot exceed.
pub const CAP_WITH_OPEN_CRITICAL: u8 = 59;

/// A score with its coverage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Score {
    /// 0 to 100, rounded down; none where no check with a weight judged anything.
    pub value: Option<u8>,
    /// The share of the checks that judged something, 0 to 100, rounded down.
    pub coverage_percent: u8,
    /// Checks that judged at least one resource.
    pub judged: usize,
    /// Checks that could have: those that judged, and those whose every finding is not-evaluated.
    pub applicable: usize,
    /// Whether an open critical failure caps the value.
    pub capped: bool,
}

/// What a score is made of, check by check: it can be added up over accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tallies {
    checks: BTreeMap<String, Tally>,
    open_critical: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    /// Of the first finding: it counts where nobody knows that of the check.
    severity: Option<Severity>,
    passed: u64,
    judged: u64,
    not_evaluated: u64,
}

impl Tallies {
    /// Counts a finding.
    pub fn count(&mut self, finding: &Finding) {
        self.count_all(std::slice::from_ref(finding));
    }

    /// Counts findings, best in their order: a check is looked up once for as many as follow one another.
    pub fn count_all(&mut self, findings: &[Finding]) {
        for of_check in findings.chunk_by(|a, b| a.check == b.check) {
            let Some(first) = of_check.first() else { continue };
            let tally = match self.checks.get_mut(first.check.as_str()) {
                Some(tally) => tally,
                None => self.checks.entry(first.check.to_string()).or_default(),
            };
            tally.severity = tally.severity.or(Some(first.severity));
            for finding in of_check {
                match finding.outcome {
                    Outcome::Pass => (tally.passed, tally.judged) = (tally.passed + 1, tally.judged + 1),
                    Outcome::Fail => {
                        tally.judged += 1;
                        self.open_critical |= finding.severity == Severity::Critical && finding.exception.is_none();
                    }
                    Outcome::NotEvaluated => tally.not_evaluated += 1,
                    Outcome::NotApplicable | Outcome::Manual => {}
                }
            }
        }
    }

    /// Takes in those of other accounts.
    pub fn add(&mut self, other: &Self) {
        self.open_critical |= other.open_critical;
        for (check, theirs) in &other.checks {
            let tally = match self.checks.get_mut(check) {
                Some(tally) => tally,
                None => self.checks.entry(check.clone()).or_default(),
            };
            tally.severity = tally.severity.or(theirs.severity);
            tally.passed += theirs.passed;
            tally.judged += theirs.judged;
            tally.not_evaluated += theirs.not_evaluated;
        }
    }

    /// Whether a check judged a resource.
    #[must_use]
    pub fn has_judged(&self, check: &str) -> bool {
        self.checks.get(check).is_some_and(|tally| tally.judged > 0)
    }

    /// The score. `severity_of` gives the severity of a check, after any override.
    #[must_use]
    pub fn score(&self, severity_of: impl Fn(&str) -> Option<Severity>) -> Score {
        let judged: Vec<(&String, &Tally)> = self.checks.iter().filter(|(_, tally)| tally.judged > 0).collect();
        let applicable = self.checks.values().filter(|tally| tally.judged > 0 || tally.not_evaluated > 0).count();
        // In millionths, in whole numbers: the same on every machine.
        let weight =
            |check: &str, tally: &Tally| u128::from(severity_of(check).or(tally.severity).map_or(0, Severity::weight));
        let total: u128 = judged.iter().map(|(check, tally)| weight(check, tally)).sum();
        let reached: u128 = judged
            .iter()
            .map(|(check, tally)| {
                weight(check, tally) * u128::from(tally.passed) * 1_000_000 / u128::from(tally.judged.max(1))
            })
            .sum();
        let value = (total > 0).then(|| (reached * 100 / (total * 1_000_000)).min(100) as u8);
        let cap = if self.open_critical { CAP_WITH_OPEN_CRITICAL } else { 100 };
        Score {
            value: value.map(|value| value.min(cap)),
            coverage_percent: percent(judged.len(), applicable),
            judged: judged.len(),
            applicable,
            capped: self.open_critical && value.is_some_and(|value| value > CAP_WITH_OPEN_CRITICAL),
        }
    }
}

impl Score {
    /// The score of findings. `severity_of` gives the severity of a check, after any override.
    #[must_use]
    pub fn of<'a>(
        findings: impl IntoIterator<Item = &'a Finding>,
        severity_of: impl Fn(&str) -> Option<Severity>,
    ) -> Self {
        let mut tallies = Tallies::default();
        findings.into_iter().for_each(|finding| tallies.count(finding));
        tallies.score(severity_of)
    }
}

fn percent(part: usize, whole: usize) -> u8 {
    (part * 100).checked_div(whole).unwrap_or_default().min(100) as u8
}
