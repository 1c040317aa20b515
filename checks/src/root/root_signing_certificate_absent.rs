//! The root user has no X.509 signing certificates.
//!
//! # Why
//! A signing certificate is a forgotten second way to sign requests as root: it signs the old SOAP requests without a
//! second factor, and no identity policy restricts it. Hardly anybody looks for one.
//!
//! # Pass
//! The account summary counts no signing certificate of the root user, and both certificates of the root row of the
//! credential report are inactive.
//!
//! # Fail
//! The account summary counts a signing certificate of the root user, or the credential report shows an Active one.
//!
//! # Notes
//! The account summary changes at once, while AWS hands out the same credential report for up to four hours: a
//! certificate that was deleted since still fails. `report_generated_at` tells how old the report is; audit again once
//! it is renewed.
//!
//! # Fix
//! Make sure that nothing signs with the certificate, then sign in as root and delete it on the page of security
//! credentials, or delete it through a privileged root session.
//!
//! # Command
//! ```sh
//! aws iam delete-signing-certificate --certificate-id CERTIFICATE_ID
//! ```

use alloc::format;

use probity_model::facts::credential_report::Cell;
use probity_model::facts::{AccountSummary, CredentialReport};
use probity_model::{Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "root-signing-certificate-absent",
        family: Family::Root,
        title: "Root user holds no X.509 signing certificates",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::AccountRoot,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s AccountSummary, Result<&'s CredentialReport, &'s Gap>);

    fn run((summary, report): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let counted = summary.entry(AccountSummary::SIGNING_CERTIFICATES_PRESENT);
        let row = report.map(|report| report.root.as_ref());
        let mut root = out.whole_account();
        if let Some(counted) = counted {
            root = root.evidence(AccountSummary::SIGNING_CERTIFICATES_PRESENT, counted);
        }
        if let Ok(report) = report {
            root = root.evidence("report_generated_at", report.generated_at);
        }
        for (slot, certificate) in (1..).zip(row.ok().flatten().into_iter().flat_map(|row| &row.certificates)) {
            root = root.evidence(format!("cert_{slot}_active"), &certificate.active);
        }
        let shown = |wanted: Cell<bool>| {
            row.ok().flatten().is_some_and(|row| row.certificates.iter().any(|slot| slot.active == wanted))
        };
        match (counted, row) {
            (Some(1..), _) => root.fail("the root user has a signing certificate"),
            (_, Ok(_)) if shown(Cell::Value(true)) => root.fail(
                "the credential report shows an Active signing certificate of the root user; where it was deleted \
                 since, the report takes up to four hours to tell",
            ),
            (_, Err(gap)) => root.not_evaluated(gap),
            (_, Ok(None)) => root.unclear("the credential report has no row for the root user"),
            (Some(0), Ok(Some(row))) if row.certificates.iter().all(|slot| slot.active == Cell::Value(false)) => {
                root.pass("the root user has no signing certificate");
            }
            (Some(0), Ok(Some(_))) => {
                root.unclear("the credential report does not say whether the root user has an Active certificate");
            }
            (_, Ok(Some(_))) => {
                root.unclear("the account summary does not say whether the root user has signing certificates");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::string::ToString;

    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::builder::{Account, seconds_ago};
    use probity_model::facts::AccountSummary;
    use probity_model::facts::credential_report::Cell;
    use probity_model::{Seen, Topic};

    use crate::frameworks::FRAMEWORKS;
    use crate::testing::{findings, outcomes};

    const ID: &str = "root-signing-certificate-absent";

    fn counted(certificates: i64) -> Account {
        Account::new().summary(AccountSummary::SIGNING_CERTIFICATES_PRESENT, certificates)
    }

    fn reported(slot: usize, active: Cell<bool>) -> Account {
        counted(0).root(|root| root.certificates[slot].active = active)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, counted(0)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, counted(1)), [Fail]);
        assert_eq!(outcomes(ID, counted(2)), [Fail]);
        assert_eq!(outcomes(ID, reported(0, Cell::Value(true))), [Fail]);
        assert_eq!(outcomes(ID, reported(1, Cell::Value(true))), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, counted(0).deny(Topic::AccountSummary)), [NotEvaluated]);
        assert_eq!(outcomes(ID, counted(0).deny(Topic::CredentialReport)), [NotEvaluated]);
        let silent = || counted(0).without_summary(AccountSummary::SIGNING_CERTIFICATES_PRESENT);
        assert_eq!(outcomes(ID, silent()), [NotEvaluated]);
        for cell in [Cell::NoColumn, Cell::NotSupported, Cell::NotApplicable, Cell::Unreadable("perhaps".to_owned())] {
            assert_eq!(outcomes(ID, reported(1, cell.clone())), [NotEvaluated], "{cell}");
        }
        let no_row = counted(0).facts(|facts| {
            if let Seen::Known(report) = &mut facts.credential_report {
                report.root = None;
            }
        });
        assert_eq!(outcomes(ID, no_row), [NotEvaluated]);
    }

    #[test]
    fn one_source_is_enough_to_fail() {
        assert_eq!(outcomes(ID, counted(1).deny(Topic::CredentialReport)), [Fail]);
        let silent = reported(0, Cell::Value(true)).without_summary(AccountSummary::SIGNING_CERTIFICATES_PRESENT);
        assert_eq!(outcomes(ID, silent), [Fail]);
    }

    /// An account that meets every published control can still have one: no other check of the root user tells.
    #[test]
    fn trap_no_benchmark_asks_for_it() {
        let benchmarks =
            FRAMEWORKS.iter().filter(|framework| framework.id.starts_with("cis-") || framework.id == "aws-fsbp");
        for control in benchmarks.flat_map(|framework| framework.controls) {
            assert!(!control.checks.contains(&ID), "{}", control.id);
        }
        assert_eq!(outcomes("root-access-key-absent", counted(1)), [Pass]);
        assert_eq!(outcomes(ID, counted(1)), [Fail]);
    }

    /// A certificate that was deleted minutes ago still fails, and the reader sees how old the report is.
    #[test]
    fn trap_the_report_is_cached_so_its_time_is_told() {
        let old = seconds_ago(3 * 3_600);
        let cached = reported(0, Cell::Value(true)).facts(|facts| {
            if let Seen::Known(report) = &mut facts.credential_report {
                report.generated_at = old;
            }
        });
        let [finding] = findings(ID, cached).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        let told = finding.evidence.iter().find(|item| item.key == "report_generated_at");
        assert_eq!(told.map(|item| item.value.clone()), Some(old.to_string().into()));
        assert!(finding.message.contains("four hours"), "{}", finding.message);
    }
}
