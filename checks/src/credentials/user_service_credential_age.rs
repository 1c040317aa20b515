//! User names and passwords, and API keys, that work for a single service are replaced in time.
//!
//! # Why
//! CodeCommit, Amazon Keyspaces, Amazon Bedrock and CloudWatch Logs hand out credentials of their own that sign in as
//! an IAM user. They end up in Git helpers, configuration files and notebooks, most of them never expire, and hardly
//! anybody looks for them because the credential report leaves them out.
//!
//! # Pass
//! The Active credential was created, or last reset, at most `max_age_days` days ago.
//!
//! # Fail
//! The Active credential is older than `max_age_days` days.
//!
//! # Not applicable
//! The credential is not Active, or there are no service-specific credentials.
//!
//! # Notes
//! AWS keeps no date of last use for these credentials: one that is in daily use and one that everybody has forgotten
//! look the same, so that the age is all there is to go by.
//!
//! # Fix
//! Delete the credential, or reset its password where it is still needed. Git access needs none with
//! `git-remote-codecommit`, and Amazon Keyspaces takes requests that a role signed (SigV4).
//!
//! # Command
//! ```sh
//! aws iam delete-service-specific-credential --user-name USER_NAME --service-specific-credential-id CREDENTIAL_ID
//! ```

use alloc::format;

use probity_model::facts::{CredentialReport, ServiceCredentials};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::user_arns::UserArns;

const MAX_AGE_DAYS: NumberParameter = NumberParameter {
    name: "max_age_days",
    default: 90,
    min: 1,
    max: 3_650,
    unit: Unit::Days,
    source: "our own, the same as for access keys; no framework names a number",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-service-credential-age",
        family: Family::Credentials,
        title: "Service-specific credentials (CodeCommit, Keyspaces, Bedrock, CloudWatch Logs) are not stale",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::ServiceCredential,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_AGE_DAYS)],
    };
    type Facts<'s> = (&'s ServiceCredentials, Option<&'s CredentialReport>);

    fn run((listed, report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_AGE_DAYS);
        let users = UserArns::of(report);
        for credential in &listed.credentials {
            let age = credential.created_at.map(|created| out.days_since(created));
            let arn = users.get(&credential.user, out);
            let mut subject = out
                .resource(arn)
                .discriminator(&credential.id)
                .evidence("service_specific_credential_id", &credential.id)
                .evidence("service_name", &credential.service)
                .evidence("active", credential.active);
            if let Some(created) = credential.created_at {
                subject = subject.evidence("create_date", created);
            }
            match age {
                _ if !credential.active => subject.not_applicable("the credential is not Active"),
                None => subject.unclear("the answer does not say when the credential was created"),
                // A credential made while the evidence is collected can be a little younger than "now".
                Some(..-1) => subject.unclear("the credential is said to have been created in the future"),
                Some(days) if days > i64::from(allowed) => {
                    subject.fail(format!("the credential is {days} days old; {allowed} are allowed"))
                }
                Some(days) => {
                    subject.pass(format!("the credential is {} days old; {allowed} are allowed", days.max(0)))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago};
    use probity_model::facts::ServiceCredentials;
    use probity_model::facts::user_credentials::ServiceCredential;
    use probity_model::{Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-service-credential-age";

    fn credential(user: &str, age: i64) -> ServiceCredential {
        ServiceCredential {
            id: std::format!("ACCAEXAMPLE{user}"),
            user: user.to_string(),
            service: "codecommit.amazonaws.com".to_string(),
            active: true,
            created_at: Some(days_ago(age)),
            expires_at: None,
        }
    }

    fn account(credentials: Vec<ServiceCredential>) -> Account {
        Account::new().facts(|facts| facts.service_credentials = Seen::Known(ServiceCredentials { credentials }))
    }

    fn with(change: impl FnOnce(&mut ServiceCredential)) -> Account {
        let mut one = credential("anna", 10);
        change(&mut one);
        account([one].into())
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(|_| ())), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, account([credential("anna", 120)].into())).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(finding.message, "the credential is 120 days old; 90 are allowed");
        assert_eq!(finding.discriminator, "ACCAEXAMPLEanna");
    }

    #[test]
    fn the_last_day_allowed_passes() {
        assert_eq!(outcomes(ID, account([credential("anna", 90)].into())), [Pass]);
        assert_eq!(outcomes(ID, account([credential("anna", 91)].into())), [Fail]);
        let month = [("max_age_days", "30")];
        assert_eq!(outcomes_with(ID, &month, account([credential("anna", 30)].into())), [Pass]);
        assert_eq!(outcomes_with(ID, &month, account([credential("anna", 31)].into())), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let inactive = with(|one| {
            one.active = false;
            one.created_at = Some(days_ago(500));
        });
        assert_eq!(outcomes(ID, inactive), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(|_| ()).deny(Topic::ServiceCredentials)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(|one| one.created_at = None)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(|one| one.created_at = Some(days_ago(-2)))), [NotEvaluated]);
    }

    #[test]
    fn a_credential_made_during_the_collection_passes() {
        assert_eq!(outcomes(ID, with(|one| one.created_at = Some(days_ago(-1)))), [Pass]);
    }

    #[test]
    fn the_resource_is_the_user_with_its_path() {
        let arn = "arn:aws:iam::123456789012:user/team/anna";
        let moved = account([credential("anna", 10)].into()).user("anna", |mut user| {
            user.row.arn = arn.into();
            user
        });
        let found = findings(ID, moved);
        assert_eq!(found.iter().map(|finding| finding.resource.as_str()).collect::<Vec<_>>(), [arn]);
    }

    /// The report shows a user without any credential, or cannot be had at all.
    #[test]
    fn trap_the_credential_report_does_not_list_them() {
        let stale = || account([credential("anna", 120)].into());
        assert_eq!(outcomes(ID, stale().user("anna", |user| user)), [Fail]);
        assert_eq!(outcomes(ID, stale().deny(Topic::CredentialReport)), [Fail]);
    }

    /// One call answers for the whole account, so each credential is told by its user, and no user is asked alone.
    #[test]
    fn trap_one_answer_holds_the_credentials_of_all_users() {
        let found = findings(ID, account([credential("anna", 120), credential("ben", 10)].into()));
        let verdicts: Vec<_> = found.iter().map(|finding| (finding.resource.name(), finding.outcome)).collect();
        assert_eq!(verdicts, [("anna", Fail), ("ben", Pass)]);
    }

    /// A user who signs in every day says nothing about the credential.
    #[test]
    fn trap_there_is_no_last_use_and_only_the_age_counts() {
        let busy = account([credential("anna", 120)].into())
            .user("anna", |user| user.console_password().key(1, |key| key.used_days_ago(0)));
        assert_eq!(outcomes(ID, busy), [Fail]);
    }
}
