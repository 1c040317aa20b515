//! No server certificate kept in IAM has expired, or is about to.
//!
//! # Why
//! IAM neither renews the TLS certificates uploaded to it nor warns before they expire. One that expires while a load
//! balancer or a distribution serves it takes the service down; one that has expired and stays may be put in use by
//! mistake.
//!
//! # Pass
//! The certificate expires more than `warn_days` days from now.
//!
//! # Fail
//! The certificate has expired, or, with severity low, expires within `warn_days` days.
//!
//! # Not applicable
//! There are no server certificates in IAM.
//!
//! # Notes
//! Every certificate in IAM is worth a look, also one that passes: AWS Certificate Manager issues, renews and deploys
//! certificates by itself, and IAM is meant for Regions that do not have it. The console does not show certificates in
//! IAM, and the answer does not tell whether one is in use.
//!
//! # Fix
//! Put a certificate of AWS Certificate Manager on every load balancer and CloudFront distribution that serves this
//! one, and see that none is left: deleting a certificate in use breaks TLS for everybody who connects. Then delete it
//! from IAM.
//!
//! # Command
//! ```sh
//! aws iam delete-server-certificate --server-certificate-name CERTIFICATE_NAME
//! ```

use alloc::format;

use probity_model::facts::ServerCertificates;
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

const WARN_DAYS: NumberParameter = NumberParameter {
    name: "warn_days",
    default: 30,
    min: 0,
    max: 365,
    unit: Unit::Days,
    source: "our own; CIS and Security Hub IAM.26 ask only for certificates that have expired, which is 0",
};

const SECONDS_PER_DAY: i64 = 86_400;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "server-certificate-expired",
        family: Family::Credentials,
        title: "No expired or soon-expiring server certificates stay in IAM",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::ServerCertificate,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(WARN_DAYS)],
    };
    type Facts<'s> = &'s ServerCertificates;

    fn run(listed: &ServerCertificates, parameters: &Parameters, out: &mut Findings<'_>) {
        let warned = i64::from(parameters.number(&WARN_DAYS)) * SECONDS_PER_DAY;
        let now = out.now();
        for certificate in &listed.certificates {
            let subject = out
                .resource(certificate.arn.clone())
                .evidence("server_certificate_name", &certificate.name)
                .evidence("server_certificate_id", &certificate.id);
            let Some(expires) = certificate.expires_at else {
                subject.unclear("the answer does not say when the certificate expires");
                continue;
            };
            let subject = subject.evidence("expiration", expires);
            let left = expires.duration_since(now).as_secs();
            let days = left.abs() / SECONDS_PER_DAY;
            if expires < now {
                subject.fail(format!(
                    "the certificate expired {days} days ago; make sure that nothing serves it before it is deleted"
                ));
            } else if left <= warned {
                subject.severity(Severity::Low).fail(format!(
                    "the certificate expires in {days} days; replace it wherever it is served before it is deleted"
                ));
            } else {
                subject.pass(format!(
                    "the certificate expires in {days} days; AWS Certificate Manager would renew it by itself"
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago, seconds_ago};
    use probity_model::facts::ServerCertificates;
    use probity_model::facts::server_certificates::ServerCertificate;
    use probity_model::{Finding, Outcome, Seen, Severity, Timestamp, Topic};

    use crate::registry;
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "server-certificate-expired";

    fn expiring(at: impl Into<Option<Timestamp>>) -> Account {
        let certificate = ServerCertificate {
            name: "www".to_string(),
            id: "ASCAEXAMPLE1".to_string(),
            arn: "arn:aws:iam::123456789012:server-certificate/cloudfront/www".into(),
            uploaded_at: Some(days_ago(300)),
            expires_at: at.into(),
        };
        Account::new().facts(|facts| {
            facts.server_certificates = Seen::Known(ServerCertificates { certificates: [certificate].into() });
        })
    }

    fn only(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn verdict(at: Timestamp) -> (Outcome, Severity) {
        let finding = only(expiring(at));
        (finding.outcome, finding.severity)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, expiring(days_ago(-200))), [Pass]);
    }

    #[test]
    fn fail() {
        let finding = only(expiring(days_ago(12)));
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::Medium));
        assert!(finding.message.starts_with("the certificate expired 12 days ago"), "{}", finding.message);
        assert_eq!(finding.resource.name(), "www");
    }

    #[test]
    fn soon_is_less_bad_than_expired() {
        assert_eq!(verdict(seconds_ago(1)), (Fail, Severity::Medium));
        assert_eq!(verdict(seconds_ago(0)), (Fail, Severity::Low));
        assert_eq!(verdict(days_ago(-12)), (Fail, Severity::Low));
    }

    #[test]
    fn the_warning_ends_with_the_last_second_of_its_days() {
        assert_eq!(outcomes(ID, expiring(days_ago(-30))), [Fail]);
        assert_eq!(outcomes(ID, expiring(seconds_ago(-30 * 86_400 - 1))), [Pass]);
        let week = [("warn_days", "7")];
        assert_eq!(outcomes_with(ID, &week, expiring(days_ago(-7))), [Fail]);
        assert_eq!(outcomes_with(ID, &week, expiring(days_ago(-8))), [Pass]);
    }

    #[test]
    fn without_a_warning_only_expired_certificates_fail() {
        let never = [("warn_days", "0")];
        assert_eq!(outcomes_with(ID, &never, expiring(seconds_ago(-1))), [Pass]);
        assert_eq!(outcomes_with(ID, &never, expiring(seconds_ago(1))), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, expiring(days_ago(-200)).deny(Topic::ServerCertificates)), [NotEvaluated]);
        assert_eq!(outcomes(ID, expiring(None)), [NotEvaluated]);
    }

    /// Both kinds of failure, and the advice, say to look for what serves it first.
    #[test]
    fn trap_a_certificate_in_use_must_not_be_deleted_first() {
        let messages: Vec<_> = [12, -12]
            .map(|days| only(expiring(days_ago(days))).message)
            .into_iter()
            .filter(|m| m.contains("serve"))
            .collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
        let fix = registry::find(ID).expect("the check exists").docs.fix;
        let (check, delete) = (fix.find("load balancer"), fix.find("Then delete"));
        assert!(check.is_some() && check < delete, "{fix}");
    }

    #[test]
    fn trap_a_certificate_that_passes_is_still_pointed_to_certificate_manager() {
        let finding = only(expiring(days_ago(-200)));
        assert_eq!(finding.outcome, Pass);
        assert!(finding.message.contains("AWS Certificate Manager"), "{}", finding.message);
    }
}
