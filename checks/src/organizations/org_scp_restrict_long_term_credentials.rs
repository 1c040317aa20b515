//! Member accounts cannot make IAM users and access keys freely.
//!
//! # Why
//! Where people and workloads come by federation and roles, every new IAM user and every new access key is a way around
//! that, and what an intruder leaves behind to come back.
//!
//! # Pass
//! The service control policies in force for the account deny every one of the `actions` to its roles, its IAM users and its
//! root user, apart from those that a statement exempts.
//!
//! # Fail
//! They leave one of the actions to somebody, or service control policies are not enabled.
//!
//! # Not applicable
//! The account is in no organization, or nobody could come otherwise: the organization has no IAM Identity Center, and this
//! account no identity provider. The management account. Accounts that are suspended, closed or about to be.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated. Users and keys that exist go on working: such a policy only stops that there are more. The evidence names who
//! is exempt; whether an exemption can be forged is for `org-scp-exemption-bypassable`.
//!
//! # Fix
//! Deny these actions in a service control policy on the units of workloads, with an exemption for the role that makes the
//! few users that are needed.

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::facts::{
    IdentityCenterInstances, IdentityProviders, OrganizationMembership, OrganizationPolicies, OrganizationStructure,
};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};

use crate::denial::{self, Denial, Denied};
use crate::members::{Member, Members};

const ACTIONS: ListParameter = ListParameter {
    name: "actions",
    default: &[
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:CreateServiceSpecificCredential",
    ],
    choices: &[],
    unit: Unit::Actions,
    source: "our own choice: what makes a user or a credential of one that lasts",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-scp-restrict-long-term-credentials",
        family: Family::Organizations,
        title: "Members cannot create IAM users or access keys freely",
        severity: Severity::Low,
        scope: Scope::Organization,
        resource: ResourceKind::OrganizationAccount,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ACTIONS)],
    };
    type Facts<'s> = (
        (&'s OrganizationMembership, &'s OrganizationStructure, &'s OrganizationPolicies),
        Option<&'s IdentityCenterInstances>,
        Option<&'s IdentityProviders>,
    );

    fn run((read, instances, providers): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(members) = Members::of(read, OrganizationPolicyKind::ServiceControl, out) else { return };
        let no_instance = instances.is_some_and(|all| all.instances.is_empty());
        let no_provider = providers.is_some_and(|all| all.saml.is_empty() && all.oidc.is_empty());
        if no_instance && no_provider {
            return out.resource(members.organization.arn.clone()).kind(ResourceKind::Organization).not_applicable(
                "the organization has neither IAM Identity Center nor an identity provider: IAM users are what there is",
            );
        }
        let actions = parameters.list(&ACTIONS);
        members.judge(out, |member, subject| judge(member, &actions, subject));
    }
}

fn judge(member: &Member<'_>, actions: &[&str], subject: Subject<'_, '_>) {
    let mut denied = Denied::default();
    let (mut open, mut unknown) = (Vec::new(), None);
    for action in actions {
        match denial::to_everybody(member, action) {
            Denial::Denied(more) => denied = denied.and(more),
            Denial::Partly(reason) => open.push(format!("{action} in part: {reason}")),
            Denial::Open => open.push((*action).into()),
            Denial::Unknown(reason) => unknown = Some(reason),
        }
    }
    match (open.is_empty(), unknown) {
        (false, _) => subject.fail(format!("not denied: {}", open.join("; "))),
        (true, Some(reason)) => subject.unclear(reason),
        (true, None) => {
            let by = denied.by();
            denied.tell(subject).pass(format!("lasting credentials cannot be made: {by}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::identity_providers::IdentityCenterInstance;
    use probity_model::{Arn, Region, Seen, Topic};

    use crate::organization_testing::{MEMBER, Policies, deny, member_that_may_not_read, statements};
    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "org-scp-restrict-long-term-credentials";
    const ALL: &str = r#"{"Effect":"Deny","Action":["iam:CreateUser","iam:CreateAccessKey","iam:CreateLoginProfile",
        "iam:CreateServiceSpecificCredential"],"Resource":"*"}"#;

    /// The organization has IAM Identity Center.
    fn federated(account: Account) -> Account {
        account.facts(|facts| {
            if let Seen::Known(center) = &mut facts.identity_center_instances {
                center.instances.push(IdentityCenterInstance {
                    arn: Arn::new("arn:aws:sso:::instance/ssoins-1"),
                    region: Region::try_from("eu-central-1").expect("a Region"),
                    owner: None,
                    identity_store: None,
                    status: Some("ACTIVE".into()),
                });
            }
        })
    }

    fn guarded(document: &str) -> Account {
        federated(Policies::new().scp("no-keys", document, &["r-root"]).account())
    }

    fn judged(document: &str) -> Vec<Outcome> {
        outcomes(ID, guarded(document))
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&statements(ALL)), [NotApplicable, Pass]);
        assert_eq!(judged(&deny("iam:Create*", "")), [NotApplicable, Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, federated(Policies::new().account())), [NotApplicable, Fail]);
        assert_eq!(judged(&deny("iam:CreateUser", "")), [NotApplicable, Fail]);
        let one_path = ALL.replace(r#""Resource":"*""#, r#""Resource":"arn:aws:iam::*:user/people/*""#);
        assert_eq!(judged(&statements(&one_path)), [NotApplicable, Fail], "under another path they may");
    }

    #[test]
    fn only_the_actions_that_are_asked_for_count() {
        let users = [("actions", "iam:CreateUser")];
        assert_eq!(outcomes_with(ID, &users, guarded(&deny("iam:CreateUser", ""))), [NotApplicable, Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, Policies::new().account()), [NotApplicable], "there is no other way to come in");
        let unread = Policies::new().account().deny(Topic::IdentityCenterInstances);
        assert_eq!(outcomes(ID, unread), [NotApplicable, Fail], "who knows whether there is");
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, guarded(&statements(ALL)).deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(judged("{"), [NotApplicable, NotEvaluated]);
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        assert_eq!(outcomes(ID, federated(member_that_may_not_read())), [NotEvaluated]);
    }

    #[test]
    fn trap_the_policies_of_all_levels_are_taken_together() {
        let account = Policies::new()
            .scp("users", &deny("iam:CreateUser", ""), &["r-root"])
            .scp("keys", &deny("iam:Create*Key", ""), &["ou-work"])
            .scp("rest", &statements(ALL), &[MEMBER])
            .account();
        assert_eq!(outcomes(ID, federated(account)), [NotApplicable, Pass]);
    }

    #[test]
    fn trap_users_that_exist_do_not_count() {
        let account = guarded(&statements(ALL)).user("anna", |user| user.key(1, |key| key));
        assert_eq!(outcomes(ID, account), [NotApplicable, Pass]);
    }
}
