//! Member accounts of an organization that manages root credentials centrally have none of their own.
//!
//! # Why
//! A root user without credentials cannot be taken over. Once the organization can open root sessions itself, a
//! password, a key or a certificate that is left in a member account is nothing but a way in.
//!
//! # Pass
//! In a member account, the account summary counts no password, access key, signing certificate or MFA device of the
//! root user.
//!
//! # Fail
//! The account summary of a member account counts one of the four, and the organization manages root credentials
//! centrally.
//!
//! # Not applicable
//! The account stands alone or is the management account; or a credential is there and the organization does not manage
//! root credentials centrally (see `root-centralized-management-enabled`).
//!
//! # Notes
//! Only the management account and the account that IAM is delegated to learn whether root credentials are managed
//! centrally. In any other member account a credential that is left cannot be judged for that reason: `not-evaluated`
//! there means that something is left.
//!
//! Turning the feature on deletes nothing, and accounts that are invited later bring their credentials along.
//!
//! # Fix
//! From the management account or the delegated one, open a root session in the member account with the task policy
//! `IAMDeleteRootUserCredentials` and delete what is left.
//!
//! # Command
//! ```sh
//! aws sts assume-root --target-principal ACCOUNT_ID \
//!   --task-policy-arn arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::{AccountSummary, OrganizationMembership, RootAccessFeatures};
use probity_model::{Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// What a root user can be left with.
const CREDENTIALS: [&str; 4] = [
    AccountSummary::PASSWORD_PRESENT,
    AccountSummary::ACCESS_KEYS_PRESENT,
    AccountSummary::SIGNING_CERTIFICATES_PRESENT,
    AccountSummary::MFA_ENABLED,
];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "root-member-credentials-removed",
        family: Family::Root,
        title: "Member-account root credentials are removed when root is managed centrally",
        severity: Severity::Medium,
        scope: Scope::Organization,
        resource: ResourceKind::AccountRoot,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s AccountSummary, &'s OrganizationMembership, Result<&'s RootAccessFeatures, &'s Gap>);

    fn run((summary, membership, features): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is not in an organization");
        };
        let managing = *out.account() == organization.management_account;
        let mut root = out.whole_account().evidence("organization", &organization.id);
        if managing {
            return root.not_applicable("the management account keeps the credentials of its root user");
        }
        for name in CREDENTIALS {
            if let Some(value) = summary.entry(name) {
                root = root.evidence(name, value);
            }
        }
        let central = features.map(|features| features.has(RootAccessFeatures::ROOT_CREDENTIALS));
        if let Ok(central) = central {
            root = root.evidence(RootAccessFeatures::ROOT_CREDENTIALS, central);
        }
        let left: Vec<&str> =
            CREDENTIALS.into_iter().filter(|name| summary.entry(name).is_some_and(|n| n > 0)).collect();
        let unknown: Vec<&str> = CREDENTIALS.into_iter().filter(|name| summary.entry(name).is_none()).collect();
        match central {
            _ if left.is_empty() && unknown.is_empty() => root.pass("the root user has no credentials"),
            Err(gap) => root.not_evaluated(gap),
            Ok(false) => root.not_applicable("the organization does not manage root credentials centrally"),
            Ok(true) if left.is_empty() => {
                root.unclear(format!("the account summary does not have the entries {}", unknown.join(", ")));
            }
            Ok(true) => root.fail(format!(
                "the organization manages root credentials centrally, and the root user still has some: {}",
                left.join(", ")
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::{AccountSummary, RootAccessFeatures};
    use probity_model::{Gap, GapKind, Seen, Topic};

    use super::CREDENTIALS;
    use crate::testing::{findings, outcomes};

    const ID: &str = "root-member-credentials-removed";

    fn features(account: Account, features: Seen<RootAccessFeatures>) -> Account {
        account.facts(|facts| facts.root_access_features = features)
    }

    fn central(account: Account) -> Account {
        let names = [RootAccessFeatures::ROOT_CREDENTIALS.to_owned()].into();
        features(account, Seen::Known(RootAccessFeatures::Enabled(names)))
    }

    fn member() -> Account {
        central(Account::new().organization())
    }

    fn wrong_vantage_point() -> Gap {
        Gap {
            kind: GapKind::WrongVantagePoint,
            code: Some("AccountNotManagementOrDelegatedAdministratorException".to_owned()),
            ..denied(Topic::RootAccessFeatures)
        }
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, member()), [Pass]);
    }

    #[test]
    fn fail() {
        for credential in CREDENTIALS {
            let [finding] = findings(ID, member().summary(credential, 1)).try_into().expect("one finding");
            assert_eq!(finding.outcome, Fail, "{credential}");
            assert!(finding.message.ends_with(credential), "{}", finding.message);
        }
    }

    #[test]
    fn not_applicable() {
        let left = |account: Account| account.summary(AccountSummary::PASSWORD_PRESENT, 1);
        assert_eq!(outcomes(ID, left(Account::new())), [NotApplicable], "stands alone");
        assert_eq!(outcomes(ID, left(central(Account::new().management_account()))), [NotApplicable]);
        for off in [RootAccessFeatures::NoTrustedAccess, RootAccessFeatures::NoOrganization] {
            assert_eq!(outcomes(ID, left(features(member(), Seen::Known(off)))), [NotApplicable]);
        }
        let sessions = RootAccessFeatures::Enabled([RootAccessFeatures::ROOT_SESSIONS.to_owned()].into());
        assert_eq!(outcomes(ID, left(features(member(), Seen::Known(sessions)))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, member().deny(Topic::AccountSummary)), [NotEvaluated]);
        assert_eq!(outcomes(ID, member().deny(Topic::OrganizationMembership)), [NotEvaluated]);
        for credential in CREDENTIALS {
            assert_eq!(outcomes(ID, member().without_summary(credential)), [NotEvaluated], "{credential}");
        }
        let one_is_enough =
            member().without_summary(AccountSummary::PASSWORD_PRESENT).summary(AccountSummary::ACCESS_KEYS_PRESENT, 1);
        assert_eq!(outcomes(ID, one_is_enough), [Fail]);
    }

    /// The feature is on, and an account that was invited yesterday still has everything.
    #[test]
    fn trap_the_feature_deletes_nothing() {
        let invited = CREDENTIALS.into_iter().fold(member(), |account, credential| account.summary(credential, 1));
        let [finding] = findings(ID, invited).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        for credential in CREDENTIALS {
            assert!(finding.message.contains(credential), "{}", finding.message);
        }
    }

    /// A member account is not told whether the feature is on. Nothing left is nothing left all the same.
    #[test]
    fn trap_a_member_account_is_not_told_of_the_feature() {
        let member = || features(Account::new().organization(), Seen::Missing(wrong_vantage_point()));
        assert_eq!(outcomes(ID, member()), [Pass]);
        let [finding] = findings(ID, member().summary(AccountSummary::MFA_ENABLED, 1)).try_into().expect("one finding");
        assert_eq!(finding.outcome, NotEvaluated);
        assert_eq!(finding.gap.as_deref(), Some(&wrong_vantage_point()));
        assert_eq!(outcomes(ID, member().without_summary(AccountSummary::MFA_ENABLED)), [NotEvaluated]);
    }
}
