//! No IAM user has an Active X.509 signing certificate.
//!
//! # Why
//! These certificates sign requests to SOAP interfaces that AWS has long replaced. One that is Active is a long-term
//! credential that nobody needs, rotates or watches.
//!
//! # Pass
//! The credential report shows no Active certificate of the user.
//!
//! # Fail
//! The credential report shows an Active certificate of the user.
//!
//! # Not applicable
//! There are no IAM users.
//!
//! # Notes
//! The date inside a certificate does not matter: IAM does not look at it, so that an expired certificate can be Active
//! all the same. AWS hands out the same credential report for up to four hours, so that a certificate which was deleted
//! a moment ago still shows.
//!
//! # Fix
//! Find the certificates of the user with `aws iam list-signing-certificates --user-name USER_NAME` and delete them.
//! Where a program is still signing with one, make it Inactive first and see what stops.
//!
//! # Command
//! ```sh
//! aws iam delete-signing-certificate --user-name USER_NAME --certificate-id CERTIFICATE_ID
//! ```

use alloc::format;

use probity_model::facts::CredentialReport;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-signing-certificate-active",
        family: Family::Credentials,
        title: "IAM users carry no Active X.509 signing certificates",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::SigningCertificate,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s CredentialReport;

    fn run(report: &CredentialReport, _: &Parameters, out: &mut Findings<'_>) {
        for row in &report.users {
            let mut subject = out.resource(row.arn.clone()).evidence("report_generated_at", report.generated_at);
            for (slot, certificate) in (1..).zip(&row.certificates) {
                subject = subject
                    .evidence(format!("cert_{slot}_active"), &certificate.active)
                    .evidence(format!("cert_{slot}_last_rotated"), &certificate.last_rotated);
            }
            let active = row.certificates.iter().filter(|slot| slot.active.value() == Some(&true)).count();
            // AWS documents no other values than true and false here: anything else does not say that there is none.
            let silent = row.certificates.iter().any(|slot| slot.active.value().is_none());
            match active {
                0 if silent => {
                    subject.unclear("the credential report does not say whether the user has an Active certificate")
                }
                0 => subject.pass("the user has no Active signing certificate"),
                1 => subject.fail("the user has an Active signing certificate"),
                count => subject.fail(format!("the user has {count} Active signing certificates")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, days_ago};
    use probity_model::facts::credential_report::{Cell, CertificateSlot};

    use crate::testing::{findings, outcomes};

    const ID: &str = "user-signing-certificate-active";

    /// An account with one user whose certificates are as `change` leaves them: none, unless it says otherwise.
    fn certificates(change: impl FnOnce(&mut [CertificateSlot; 2])) -> Account {
        Account::new().user("anna", |mut user| {
            change(&mut user.row.certificates);
            user
        })
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, certificates(|_| ())), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, certificates(|[first, _]| first.active = Cell::Value(true))), [Fail]);
        assert_eq!(outcomes(ID, certificates(|[_, second]| second.active = Cell::Value(true))), [Fail]);
    }

    #[test]
    fn two_certificates_of_a_user_are_one_finding() {
        let both = certificates(|slots| slots.iter_mut().for_each(|slot| slot.active = Cell::Value(true)));
        let messages: Vec<_> = findings(ID, both).into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages, ["the user has 2 Active signing certificates"]);
    }

    #[test]
    fn an_inactive_certificate_keeps_its_date_and_passes() {
        assert_eq!(outcomes(ID, certificates(|[first, _]| first.last_rotated = Cell::Value(days_ago(900)))), [Pass]);
    }

    #[test]
    fn every_user_is_judged() {
        let two = certificates(|[first, _]| first.active = Cell::Value(true)).user("ben", |user| user);
        assert_eq!(outcomes(ID, two), [Fail, Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, certificates(|_| ()).deny(Topic::CredentialReport)), [NotEvaluated]);
        for cell in [Cell::NoColumn, Cell::Unreadable("maybe".to_string()), Cell::NotApplicable, Cell::NoInformation] {
            assert_eq!(outcomes(ID, certificates(|[_, second]| second.active = cell)), [NotEvaluated]);
        }
    }

    #[test]
    fn one_active_certificate_is_enough_to_fail() {
        let half_read = certificates(|[first, second]| {
            first.active = Cell::NoColumn;
            second.active = Cell::Value(true);
        });
        assert_eq!(outcomes(ID, half_read), [Fail]);
    }

    /// No certificate is valid for so long, and IAM lets it sign all the same.
    #[test]
    fn trap_an_expired_certificate_can_still_be_active() {
        let ancient = certificates(|[first, _]| {
            first.active = Cell::Value(true);
            first.last_rotated = Cell::Value(days_ago(6_000));
        });
        assert_eq!(outcomes(ID, ancient), [Fail]);
    }
}
