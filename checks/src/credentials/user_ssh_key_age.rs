//! SSH public keys that users uploaded for CodeCommit are replaced in time.
//!
//! # Why
//! Whoever has the private half of such a key reads and writes the Git repositories its user may reach, for as long as
//! the public half stays. These keys never expire, lie on laptops and build servers, and outlive the people who made
//! them.
//!
//! # Pass
//! The Active key was uploaded at most `max_age_days` days ago.
//!
//! # Fail
//! The Active key was uploaded more than `max_age_days` days ago.
//!
//! # Not applicable
//! The key is Inactive, or no user has an SSH key.
//!
//! # Notes
//! AWS keeps no date of last use for SSH keys, and the credential report leaves them out: their age is all there is to
//! go by. The keys are read with one call a user, only under `--detail full`.
//!
//! # Fix
//! Upload a new key, point the Git remotes at it, and delete the old one. `git-remote-codecommit` needs no key at all.
//!
//! # Command
//! ```sh
//! aws iam delete-ssh-public-key --user-name USER_NAME --ssh-public-key-id KEY_ID
//! ```

use alloc::format;

use probity_model::facts::{CredentialReport, SshKeys};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::user_arns::UserArns;

const MAX_AGE_DAYS: NumberParameter = NumberParameter {
    name: "max_age_days",
    default: 180,
    min: 1,
    max: 3_650,
    unit: Unit::Days,
    source: "CloudSploit warns at 180 days; no framework names a number",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-ssh-key-age",
        family: Family::Credentials,
        title: "CodeCommit SSH public keys are rotated",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::SshPublicKey,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_AGE_DAYS)],
    };
    type Facts<'s> = (&'s SshKeys, Option<&'s CredentialReport>);

    fn run((listed, report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_AGE_DAYS);
        let users = UserArns::of(report);
        for (user, keys) in &listed.users {
            let arn = users.get(user, out);
            let keys = match keys.get() {
                Ok(keys) => keys,
                Err(gap) => {
                    // No key is known, so the verdict is about the user.
                    out.resource(arn).kind(ResourceKind::IamUser).not_evaluated(gap);
                    continue;
                }
            };
            for key in keys {
                let age = key.uploaded_at.map(|uploaded| out.days_since(uploaded));
                let mut subject = out
                    .resource(arn.clone())
                    .discriminator(&key.id)
                    .evidence("ssh_public_key_id", &key.id)
                    .evidence("active", key.active);
                if let Some(uploaded) = key.uploaded_at {
                    subject = subject.evidence("upload_date", uploaded);
                }
                match age {
                    _ if !key.active => subject.not_applicable("the SSH key is Inactive"),
                    None => subject.unclear("the answer does not say when the SSH key was uploaded"),
                    // A key uploaded while the evidence is collected can be a little younger than "now".
                    Some(..-1) => subject.unclear("the SSH key is said to have been uploaded in the future"),
                    Some(days) if days > i64::from(allowed) => {
                        subject.fail(format!("the SSH key is {days} days old; {allowed} are allowed"))
                    }
                    Some(days) => {
                        subject.pass(format!("the SSH key is {} days old; {allowed} are allowed", days.max(0)))
                    }
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
    use probity_model::builder::{Account, days_ago, denied};
    use probity_model::facts::SshKeys;
    use probity_model::facts::user_credentials::SshKey;
    use probity_model::{ResourceKind, Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-ssh-key-age";

    fn key(age: i64) -> SshKey {
        SshKey { id: std::format!("APKAEXAMPLE{age}"), active: true, uploaded_at: Some(days_ago(age)) }
    }

    fn account<const N: usize>(users: [(&str, Seen<Vec<SshKey>>); N]) -> Account {
        let users = users.into_iter().map(|(user, keys)| (user.to_string(), keys)).collect();
        Account::new().facts(|facts| facts.ssh_keys = Seen::Known(SshKeys { users }))
    }

    /// One user with these keys.
    fn anna<const N: usize>(keys: [SshKey; N]) -> Account {
        account([("anna", Seen::Known(keys.into()))])
    }

    fn with(change: impl FnOnce(&mut SshKey)) -> Account {
        let mut one = key(10);
        change(&mut one);
        anna([one])
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, anna([key(10)])), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, anna([key(200)])).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(finding.message, "the SSH key is 200 days old; 180 are allowed");
        assert_eq!(finding.resource.as_str(), "arn:aws:iam::123456789012:user/anna");
    }

    #[test]
    fn every_key_of_a_user_is_judged() {
        assert_eq!(outcomes(ID, anna([key(10), key(200)])), [Pass, Fail]);
    }

    #[test]
    fn the_last_day_allowed_passes() {
        assert_eq!(outcomes(ID, anna([key(180)])), [Pass]);
        assert_eq!(outcomes(ID, anna([key(181)])), [Fail]);
        let month = [("max_age_days", "30")];
        assert_eq!(outcomes_with(ID, &month, anna([key(30)])), [Pass]);
        assert_eq!(outcomes_with(ID, &month, anna([key(31)])), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, anna([])), [NotApplicable]);
        let inactive = with(|key| {
            key.active = false;
            key.uploaded_at = Some(days_ago(500));
        });
        assert_eq!(outcomes(ID, inactive), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna([key(10)]).deny(Topic::SshKeys)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(|key| key.uploaded_at = None)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(|key| key.uploaded_at = Some(days_ago(-2)))), [NotEvaluated]);
    }

    #[test]
    fn a_key_uploaded_during_the_collection_passes() {
        assert_eq!(outcomes(ID, with(|key| key.uploaded_at = Some(days_ago(-1)))), [Pass]);
    }

    #[test]
    fn a_gap_of_one_user_leaves_the_others_judged() {
        let gap = denied(Topic::SshKeys);
        let found = findings(
            ID,
            account([
                ("anna", Seen::Known([key(200)].into())),
                ("ben", Seen::Missing(gap.clone())),
                ("carla", Seen::Known([key(10)].into())),
            ]),
        );
        let verdicts: Vec<_> = found.iter().map(|finding| (finding.resource.name(), finding.outcome)).collect();
        assert_eq!(verdicts, [("anna", Fail), ("ben", NotEvaluated), ("carla", Pass)]);
        let ben = found.get(1).expect("three findings");
        assert_eq!((ben.resource_kind, ben.gap.as_deref()), (ResourceKind::IamUser, Some(&gap)));
    }

    /// A user whose row shows no credential at all, and one who is busy with other credentials, are judged by the key.
    #[test]
    fn trap_neither_the_report_nor_a_last_use_tells_of_ssh_keys() {
        let stale = || anna([key(200)]);
        assert_eq!(outcomes(ID, stale().user("anna", |user| user)), [Fail]);
        assert_eq!(outcomes(ID, stale().user("anna", |user| user.console_password())), [Fail]);
        assert_eq!(outcomes(ID, stale().deny(Topic::CredentialReport)), [Fail]);
    }
}
