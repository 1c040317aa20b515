//! Controls of frameworks: the words that all formats say of them, and CSV with one row a control.
//! `docs/formats/controls.md` is the page of the columns.

use std::borrow::Cow;
use std::io::Write;

use probity_model::framework::{ControlCheck, ControlRun, ControlVerdict, FrameworkRun, Observed};
use probity_model::{Outcome, Run};

use crate::ReportError;
use crate::csv::safe;
use crate::words::counted;

/// The columns, in their order.
pub(crate) const COLUMNS: [&str; 18] = [
    "run",
    "framework",
    "section",
    "control",
    "demands",
    "verdict",
    "reason",
    "checks",
    "planned_checks",
    "fail",
    "not_evaluated",
    "pass",
    "looked_at",
    "accounts",
    "regions",
    "api_operations",
    "read_from",
    "read_until",
];

/// Writes every control of every framework that was asked for.
pub(crate) fn write(run: &Run, to: &mut dyn Write) -> Result<(), ReportError> {
    let mut writer = ::csv::Writer::from_writer(to);
    writer.write_record(COLUMNS)?;
    for framework in &run.frameworks {
        for control in &framework.controls {
            writer.write_record(row(run, framework, control).map(|cell| safe(&cell)))?;
        }
    }
    writer.flush()?;
    Ok(())
}

/// The cells of a control in the order of [`COLUMNS`], as they are: not yet [`safe`].
pub(crate) fn row<'r>(
    run: &'r Run,
    framework: &'r FrameworkRun,
    control: &'r ControlRun,
) -> [Cow<'r, str>; COLUMNS.len()] {
    let count = |outcome| control.checks.iter().map(|check| check.count(outcome)).sum::<u64>().to_string().into();
    let observed = control.observed.as_ref();
    let checks: Vec<String> = control.checks.iter().map(check).collect();
    [
        run.id.as_str().into(),
        framework.id.as_str().into(),
        control.section.as_str().into(),
        control.id.as_str().into(),
        control.title.as_str().into(),
        control.verdict.as_str().into(),
        control.reason.as_str().into(),
        checks.join("; ").into(),
        control.planned.join("; ").into(),
        count(Outcome::Fail),
        count(Outcome::NotEvaluated),
        count(Outcome::Pass),
        observed.map(looked_at).unwrap_or_default().into(),
        accounts(control).into(),
        observed.map(regions).unwrap_or_default().into(),
        observed.map(|observed| observed.operations.join("; ")).unwrap_or_default().into(),
        observed.map(|observed| observed.first.to_string()).unwrap_or_default().into(),
        observed.map(|observed| observed.last.to_string()).unwrap_or_default().into(),
    ]
}

/// `CIS AWS Foundations Benchmark 7.0.0`.
pub(crate) fn title(framework: &FrameworkRun) -> String {
    format!("{} {}", framework.title, framework.version).trim_end().to_owned()
}

/// `70 controls: 12 fail, 3 not-evaluated, 20 out-of-scope`.
pub(crate) fn counts(framework: &FrameworkRun) -> String {
    let verdicts = ControlVerdict::ALL.into_iter().map(|verdict| (framework.count(verdict), verdict));
    let named: Vec<String> =
        verdicts.filter(|(count, _)| *count > 0).map(|(count, verdict)| format!("{count} {verdict}")).collect();
    format!("{}: {}", counted(framework.controls.len(), "control", "controls"), named.join(", "))
}

/// `user-mfa-console (proposed): 3 fail, 2 of them accepted, 38 pass`.
pub(crate) fn check(check: &ControlCheck) -> String {
    let proposed = if check.proposed { " (proposed)" } else { "" };
    format!("{}{proposed}: {}", check.check, outcomes(check))
}

/// What came of a check behind a control.
pub(crate) fn outcomes(check: &ControlCheck) -> String {
    if !check.ran {
        return "left out of this run".to_owned();
    }
    let named = Outcome::ALL.into_iter().filter_map(|outcome| {
        let count = check.count(outcome);
        let accepted = match check.accepted {
            accepted if accepted > 0 && outcome == Outcome::Fail => format!(", {accepted} of them accepted"),
            _ => String::new(),
        };
        (count > 0).then(|| format!("{count} {outcome}{accepted}"))
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() { "no finding".to_owned() } else { named.join(", ") }
}

/// `41 iam-user, 1 account`.
pub(crate) fn looked_at(observed: &Observed) -> String {
    let kinds: Vec<String> = observed.resources.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    kinds.join(", ")
}

/// The accounts with their verdicts: `111122223333 fail, 012345678901 pass`; those with the same verdict together where
/// there are many.
pub(crate) fn accounts(control: &ControlRun) -> String {
    let groups: Vec<String> = ControlVerdict::ALL
        .into_iter()
        .filter_map(|verdict| {
            let of_verdict = control.accounts.iter().filter(|account| account.verdict == verdict);
            let names: Vec<&str> = of_verdict.map(|account| account.account.as_str()).collect();
            (!names.is_empty()).then(|| format!("{verdict}: {}", names.join(" ")))
        })
        .collect();
    groups.join("; ")
}

/// The Regions that verdicts are about; nothing where they are about whole accounts.
pub(crate) fn regions(observed: &Observed) -> String {
    observed.regions.iter().map(|region| region.as_str()).collect::<Vec<_>>().join(" ")
}

/// When the evidence was read.
pub(crate) fn when(observed: &Observed) -> String {
    if observed.first == observed.last {
        observed.first.to_string()
    } else {
        format!("{} to {}", observed.first, observed.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_check_tells_what_came_of_it() {
        let mut behind = ControlCheck {
            check: "user-mfa-console".to_owned(),
            title: String::new(),
            proposed: true,
            ran: true,
            outcomes: BTreeMap::from([(Outcome::Pass, 38), (Outcome::Fail, 3)]),
            accepted: 2,
        };
        assert_eq!(check(&behind), "user-mfa-console (proposed): 3 fail, 2 of them accepted, 38 pass");
        behind.ran = false;
        assert_eq!(outcomes(&behind), "left out of this run");
    }
}
