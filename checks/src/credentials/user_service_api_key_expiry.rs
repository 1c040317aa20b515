//! API keys of Amazon Bedrock and CloudWatch Logs expire, and do so soon after they were created.
//!
//! # Why
//! A long-term API key is a bearer token: whoever has the text may use it, from anywhere, without signing anything.
//! Unless an expiry is asked for when the key is created, it works until somebody deletes it.
//!
//! # Pass
//! The Active key has an expiry that lies ahead, at most `max_lifetime_days` days after the key was created.
//!
//! # Fail
//! The Active key has no expiry, or it lies more than `max_lifetime_days` days after the key was created. A key whose
//! expiry is past and that is still Active fails with severity low: it admits nobody, and is only left over.
//!
//! # Not applicable
//! The key is not Active, the credential belongs to CodeCommit or Amazon Keyspaces, which know no expiry, or there are
//! no service-specific credentials.
//!
//! # Notes
//! The expiry of a key cannot be changed after the key was created. Credentials of services that probity does not know
//! are judged where they have an expiry, and not evaluated where they have none.
//!
//! # Fix
//! Delete keys that never expire, and create new ones with a lifetime where no role can take their place. The console
//! makes an IAM user for each key it creates (`BedrockAPIKey-…`): where that is its only purpose, delete the user, and
//! the key goes with it. Cap the lifetime of new keys with a service control policy on
//! `iam:ServiceSpecificCredentialAgeDays`.
//!
//! # Command
//! ```sh
//! aws iam update-service-specific-credential --user-name USER_NAME --service-specific-credential-id CREDENTIAL_ID --status Inactive
//! ```

use alloc::format;

use probity_model::facts::user_credentials::ServiceCredential;
use probity_model::facts::{CredentialReport, ServiceCredentials};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{
    Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject, Timestamp,
};

use crate::user_arns::UserArns;

const MAX_LIFETIME_DAYS: NumberParameter = NumberParameter {
    name: "max_lifetime_days",
    default: 90,
    min: 1,
    max: 3_650,
    unit: Unit::Days,
    source: "our own; a service control policy can hold keys to it with iam:ServiceSpecificCredentialAgeDays",
};

/// Whether credentials of a service can have an expiry (IAM API Reference, `ServiceSpecificCredential`); none where we
/// do not know the service. Only the name counts, since the ending differs between partitions.
fn can_expire(service: &str) -> Option<bool> {
    match service.split('.').next() {
        Some("bedrock" | "logs") => Some(true),
        Some("codecommit" | "cassandra") => Some(false),
        _ => None,
    }
}

/// The whole days from one moment to another; negative where the second comes first.
fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().div_euclid(86_400)
}

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-service-api-key-expiry",
        family: Family::Credentials,
        title: "Long-term service API keys carry an expiry date",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::ServiceCredential,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_LIFETIME_DAYS)],
    };
    type Facts<'s> = (&'s ServiceCredentials, Option<&'s CredentialReport>);

    fn run((listed, report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_LIFETIME_DAYS);
        let users = UserArns::of(report);
        let now = out.now();
        for credential in &listed.credentials {
            let arn = users.get(&credential.user, out);
            let mut subject = out
                .resource(arn)
                .discriminator(&credential.id)
                .evidence("service_specific_credential_id", &credential.id)
                .evidence("service_name", &credential.service)
                .evidence("active", credential.active);
            for (key, moment) in [("create_date", credential.created_at), ("expiration_date", credential.expires_at)] {
                if let Some(moment) = moment {
                    subject = subject.evidence(key, moment);
                }
            }
            judge(credential, now, i64::from(allowed), subject);
        }
    }
}

fn judge(credential: &ServiceCredential, now: Timestamp, allowed: i64, subject: Subject<'_, '_>) {
    if !credential.active {
        return subject.not_applicable("the credential is not Active");
    }
    let Some(expires) = credential.expires_at else {
        return match can_expire(&credential.service) {
            Some(true) => subject.fail("the API key never expires"),
            Some(false) => subject.not_applicable("credentials of this service cannot have an expiry"),
            None => subject.unclear("the credential has no expiry, and whether this service knows one is not known"),
        };
    };
    if expires <= now {
        let days = days_between(expires, now);
        return subject
            .severity(Severity::Low)
            .fail(format!("the API key expired {days} days ago and is still Active: delete it"));
    }
    // A key made while the evidence is collected can be a little younger than "now".
    if credential.created_at.is_some_and(|created| days_between(created, now) < -1) {
        return subject.unclear("the API key is said to have been created in the future");
    }
    match credential.created_at.map(|created| days_between(created, expires)) {
        None => subject.unclear("the answer does not say when the API key was created, so its lifetime is not known"),
        Some(..0) => subject.unclear("the API key is said to expire before it was created"),
        Some(days) if days > allowed => {
            subject.fail(format!("the API key lives for {days} days; {allowed} are allowed"))
        }
        Some(days) => subject.pass(format!("the API key lives for {days} days; {allowed} are allowed")),
    }
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago, seconds_ago};
    use probity_model::facts::ServiceCredentials;
    use probity_model::facts::user_credentials::ServiceCredential;
    use probity_model::{Finding, Seen, Severity, Topic};

    use crate::registry;
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-service-api-key-expiry";

    /// An account with one key for Bedrock that was created 10 days ago and lives for 30 days, unless changed.
    fn key(change: impl FnOnce(&mut ServiceCredential)) -> Account {
        let mut key = ServiceCredential {
            id: "ACCAEXAMPLE1".to_string(),
            user: "BedrockAPIKey-k3v9".to_string(),
            service: "bedrock.amazonaws.com".to_string(),
            active: true,
            created_at: Some(days_ago(10)),
            expires_at: Some(days_ago(-20)),
        };
        change(&mut key);
        Account::new()
            .facts(|facts| facts.service_credentials = Seen::Known(ServiceCredentials { credentials: [key].into() }))
    }

    /// The same key of another service and without an expiry.
    fn eternal(service: &str) -> Account {
        key(|key| {
            key.service = service.to_string();
            key.expires_at = None;
        })
    }

    /// The same key with another lifetime in days.
    fn lifetime(days: i64) -> Account {
        key(|key| key.expires_at = Some(days_ago(10 - days)))
    }

    fn only(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, key(|_| ())), [Pass]);
        assert_eq!(outcomes(ID, key(|key| key.service = "logs.amazonaws.com".to_string())), [Pass]);
    }

    #[test]
    fn fail() {
        for service in ["bedrock.amazonaws.com", "logs.amazonaws.com", "bedrock.amazonaws.com.cn"] {
            let finding = only(eternal(service));
            assert_eq!((finding.outcome, finding.severity), (Fail, Severity::High), "{service}");
        }
        let finding = only(lifetime(400));
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::High));
        assert_eq!(finding.message, "the API key lives for 400 days; 90 are allowed");
    }

    #[test]
    fn the_longest_lifetime_allowed_passes() {
        assert_eq!(outcomes(ID, lifetime(90)), [Pass]);
        assert_eq!(outcomes(ID, lifetime(91)), [Fail]);
        let month = [("max_lifetime_days", "30")];
        assert_eq!(outcomes_with(ID, &month, lifetime(30)), [Pass]);
        assert_eq!(outcomes_with(ID, &month, lifetime(31)), [Fail]);
    }

    #[test]
    fn an_expiry_that_is_past_is_no_pass() {
        assert_eq!(outcomes(ID, key(|key| key.expires_at = Some(seconds_ago(-1)))), [Pass]);
        let expired = only(key(|key| key.expires_at = Some(seconds_ago(0))));
        assert_eq!((expired.outcome, expired.severity), (Fail, Severity::Low));
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let inactive = key(|key| {
            key.active = false;
            key.expires_at = None;
        });
        assert_eq!(outcomes(ID, inactive), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, key(|_| ()).deny(Topic::ServiceCredentials)), [NotEvaluated]);
        assert_eq!(outcomes(ID, key(|key| key.created_at = None)), [NotEvaluated]);
        let reversed = key(|key| {
            key.created_at = Some(days_ago(-1));
            key.expires_at = Some(seconds_ago(-60));
        });
        assert_eq!(outcomes(ID, reversed), [NotEvaluated]);
        assert_eq!(outcomes(ID, key(|key| key.created_at = Some(days_ago(-2)))), [NotEvaluated]);
        assert_eq!(outcomes(ID, key(|key| key.created_at = Some(days_ago(-1)))), [Pass]);
    }

    #[test]
    fn a_service_that_came_later_is_judged_only_by_what_it_says() {
        let later = |key: &mut ServiceCredential| key.service = "later.amazonaws.com".to_string();
        assert_eq!(outcomes(ID, key(later)), [Pass]);
        assert_eq!(outcomes(ID, eternal("later.amazonaws.com")), [NotEvaluated]);
    }

    #[test]
    fn the_report_is_not_needed() {
        assert_eq!(outcomes(ID, eternal("bedrock.amazonaws.com").deny(Topic::CredentialReport)), [Fail]);
    }

    #[test]
    fn trap_codecommit_and_keyspaces_know_no_expiry() {
        assert_eq!(outcomes(ID, eternal("codecommit.amazonaws.com")), [NotApplicable]);
        assert_eq!(outcomes(ID, eternal("cassandra.amazonaws.com")), [NotApplicable]);
    }

    /// The finding is about the user, and the advice is to delete that, not the key alone.
    #[test]
    fn trap_the_key_may_have_a_user_of_its_own() {
        let users: Vec<String> =
            findings(ID, eternal("bedrock.amazonaws.com")).iter().map(|found| found.resource.to_string()).collect();
        assert_eq!(users, ["arn:aws:iam::123456789012:user/BedrockAPIKey-k3v9"]);
        assert!(registry::find(ID).expect("the check exists").docs.fix.contains("delete the user"));
    }
}
