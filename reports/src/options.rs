//! What is asked of a report, beside its format.

use probity_model::{Finding, Outcome, Run, Severity};

/// What is asked of a report. Only the table knows a width and colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The longest line of the table, in columns; less than 60 is taken as 60.
    pub width: usize,
    /// Whether the table is coloured.
    pub color: bool,
    /// Leaves out findings that are less severe.
    pub min_severity: Option<Severity>,
    /// The statuses to show; empty means the format's own choice.
    pub statuses: Vec<Outcome>,
    /// How many resources of one check the table and Markdown list before they say how many more there are; at least one.
    pub resources_per_check: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 80, color: false, min_severity: None, statuses: Vec::new(), resources_per_check: 10 }
    }
}

impl Options {
    /// The statuses that are shown, where `default` is the format's own choice.
    pub(crate) fn statuses_or<'o>(&'o self, default: &'o [Outcome]) -> &'o [Outcome] {
        if self.statuses.is_empty() { default } else { &self.statuses }
    }

    /// How many resources of one check are listed: at least one, or nobody would know which check it is.
    pub(crate) fn listed(&self) -> usize {
        self.resources_per_check.max(1)
    }

    /// The findings that are shown, in the order of the run.
    pub(crate) fn select<'r>(&self, run: &'r Run, default: &[Outcome]) -> Vec<&'r Finding> {
        run.findings.iter().filter(|finding| self.shows(finding, default)).collect()
    }

    /// Whether a finding is shown.
    pub(crate) fn shows(&self, finding: &Finding, default: &[Outcome]) -> bool {
        let statuses = self.statuses_or(default);
        statuses.contains(&finding.outcome) && self.min_severity.is_none_or(|least| finding.severity >= least)
    }
}
