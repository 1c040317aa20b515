//! People come into the account by federation.
//!
//! # Why
//! Who joins, moves and leaves is known to one directory. People who come from there lose their access on the day they go;
//! IAM users keep it until somebody remembers.
//!
//! # Pass
//! IAM Identity Center has assigned permission sets in this account: the roles that it makes for them are there, and so is an
//! active instance of the organization, where that could be read. Or a role of the account trusts a SAML provider that the
//! account made itself.
//!
//! # Fail
//! Neither is so.
//!
//! # Not applicable
//! The account is in no organization and no IAM user of it has a password: nobody comes at all.
//!
//! # Notes
//! The SAML provider `AWSSSO_…_DO_NOT_DELETE` is made by IAM Identity Center and proves nothing by itself. An instance that
//! belongs to one account and not to the organization gives no access to accounts. Where the instances could not be read, the
//! roles `AWSReservedSSO_…` prove that there are assignments.
//!
//! # Fix
//! Enable IAM Identity Center in the organization, connect the directory to it, and assign permission sets.
//!
//! # Command
//! ```sh
//! aws sso-admin list-instances
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::identity_providers::IdentityCenterInstance;
use probity_model::facts::{
    AuthorizationDetails, CredentialReport, IdentityCenterInstances, IdentityProviders, OrganizationMembership,
};
use probity_model::{Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::trust::{Party, Trust};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "federation-central-identity",
        family: Family::Federation,
        title: "Workforce access is federated",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (
        &'s AuthorizationDetails,
        &'s IdentityProviders,
        &'s OrganizationMembership,
        Result<&'s IdentityCenterInstances, &'s Gap>,
        Option<&'s CredentialReport>,
    );

    fn run(
        (details, providers, membership, instances, report): Self::Facts<'_>,
        _: &Parameters,
        out: &mut Findings<'_>,
    ) {
        let reserved: Vec<&str> =
            details.roles.iter().filter(|role| role.is_identity_center()).map(|role| role.name.as_str()).collect();
        let trusted = trusted(details, providers);
        let active = instances.map(|all| {
            let of_organization = all.instances.iter().filter(|one| belongs(one, membership));
            of_organization.filter(|one| one.status.as_deref() == Some("ACTIVE")).count()
        });
        let unclear =
            instances.is_ok_and(|all| all.instances.iter().any(|one| belongs(one, membership) && one.status.is_none()));
        let mut subject = out.whole_account().evidence("roles_of_identity_center", reserved.len());
        if let Ok(active) = active {
            subject = subject.evidence("active_instances_of_the_organization", active);
        }
        subject =
            subject.evidence("saml_providers", if trusted.is_empty() { "none".into() } else { trusted.join(", ") });
        match (reserved.is_empty(), active) {
            (false, Ok(1..)) => subject.pass(format!(
                "IAM Identity Center has assigned permission sets in the account; roles: {}",
                reserved.len()
            )),
            (false, Err(_)) => subject.pass(format!(
                "the roles of IAM Identity Center prove that it has assigned permission sets in the account: {}",
                reserved.join(", ")
            )),
            _ if !trusted.is_empty() => {
                subject.pass(format!("roles of the account trust a SAML provider: {}", trusted.join(", ")));
            }
            (false, Ok(_)) if unclear => subject.unclear("AWS did not say whether the instance of IAM Identity Center is active"),
            _ if membership.organization().is_none() && nobody_signs_in(report) => {
                subject.not_applicable("the account stands alone, and no IAM user has a password");
            }
            (false, Ok(_)) => subject.fail(
                "roles of IAM Identity Center are left in the account, and the organization has no active instance of it",
            ),
            (true, _) => subject.fail(
                "IAM Identity Center has assigned nothing in the account, and no role trusts a SAML provider of its own",
            ),
        }
    }
}

/// Whether an instance belongs to the organization and not to one account. Where AWS does not say whose it is, it may be.
fn belongs(instance: &IdentityCenterInstance, membership: &OrganizationMembership) -> bool {
    let management = membership.organization().map(|organization| organization.management_account.as_str());
    management.is_some_and(|management| instance.owner.as_deref().is_none_or(|owner| owner == management))
}

/// The SAML providers of the account's own that a role trusts.
fn trusted(details: &AuthorizationDetails, providers: &IdentityProviders) -> Vec<String> {
    let own = providers.saml.iter().filter(|one| {
        let name = one.arn.name();
        !(name.starts_with("AWSSSO_") && name.ends_with("_DO_NOT_DELETE"))
    });
    let trusts: Vec<Trust<'_>> = details
        .roles
        .iter()
        .filter(|role| !role.is_identity_center())
        .filter_map(|role| Trust::of(role).ok())
        .collect();
    let is_trusted = |arn: &str| {
        let openings = trusts.iter().flat_map(Trust::openings);
        openings.into_iter().any(|opening| opening.parties().contains(&Party::Provider(arn)))
    };
    own.filter(|one| is_trusted(one.arn.as_str())).map(|one| String::from(one.arn.name())).collect()
}

fn nobody_signs_in(report: Option<&CredentialReport>) -> bool {
    report.is_some_and(|report| report.users.iter().all(|row| row.password_enabled.value() == Some(&false)))
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{ACCOUNT, Account, MANAGEMENT};
    use probity_model::facts::identity_providers::{IdentityCenterInstance, SamlProvider};
    use probity_model::{Arn, Region, Seen, Topic};

    use crate::testing::{allowing, outcomes, trust_policy};

    const ID: &str = "federation-central-identity";

    fn instance(account: Account, owner: &str, status: Option<&str>) -> Account {
        account.facts(|facts| {
            if let Seen::Known(center) = &mut facts.identity_center_instances {
                center.instances.push(IdentityCenterInstance {
                    arn: Arn::new("arn:aws:sso:::instance/ssoins-1"),
                    region: Region::try_from("eu-central-1").expect("a Region"),
                    owner: Some(owner.to_owned()),
                    identity_store: None,
                    status: status.map(ToOwned::to_owned),
                });
            }
        })
    }

    fn member() -> Account {
        Account::new().organization()
    }

    fn assigned(account: Account) -> Account {
        account.role("AWSReservedSSO_Read_0123456789abcdef", |role| role.path("/aws-reserved/sso.amazonaws.com/"))
    }

    fn saml(account: Account, name: &str, trusted: bool) -> Account {
        let arn = format!("arn:aws:iam::{ACCOUNT}:saml-provider/{name}");
        let principal = format!(r#"{{"Federated":"{arn}"}}"#);
        let trust = trust_policy(&allowing(&principal, "").replace("sts:AssumeRole", "sts:AssumeRoleWithSAML"));
        let account = account.facts(|facts| {
            if let Seen::Known(providers) = &mut facts.identity_providers {
                providers.saml.push(SamlProvider { arn: Arn::new(arn), valid_until: None, created_at: None });
            }
        });
        if trusted { account.role("people", |role| role.trust(&trust)) } else { account }
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, assigned(instance(member(), MANAGEMENT, Some("ACTIVE")))), [Pass]);
        assert_eq!(outcomes(ID, saml(member(), "corporate", true)), [Pass]);
        assert_eq!(outcomes(ID, saml(Account::new(), "corporate", true)), [Pass], "without an organization as well");
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, member()), [Fail]);
        assert_eq!(outcomes(ID, instance(member(), MANAGEMENT, Some("ACTIVE"))), [Fail], "nothing is assigned here");
        assert_eq!(outcomes(ID, assigned(instance(member(), MANAGEMENT, Some("DELETE_IN_PROGRESS")))), [Fail]);
        assert_eq!(outcomes(ID, Account::new().user("anna", |user| user.console_password())), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().user("robot", |user| user)), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().deny(Topic::CredentialReport)), [Fail], "who knows who signs in");
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::AuthorizationDetails, Topic::IdentityProviders, Topic::OrganizationMembership] {
            assert_eq!(outcomes(ID, member().deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(outcomes(ID, assigned(instance(member(), MANAGEMENT, None))), [NotEvaluated]);
    }

    #[test]
    fn trap_the_provider_of_identity_center_proves_nothing() {
        let made = "AWSSSO_0123456789abcdef_DO_NOT_DELETE";
        assert_eq!(outcomes(ID, saml(member(), made, true)), [Fail]);
        assert_eq!(outcomes(ID, saml(member(), "corporate", false)), [Fail], "nor does one that nobody trusts");
    }

    #[test]
    fn trap_an_instance_of_one_account_gives_no_access_to_accounts() {
        assert_eq!(outcomes(ID, assigned(instance(member(), ACCOUNT, Some("ACTIVE")))), [Fail]);
    }

    #[test]
    fn trap_an_instance_is_found_in_its_own_region_only_so_that_all_are_asked() {
        let unread = assigned(member()).deny(Topic::IdentityCenterInstances);
        assert_eq!(outcomes(ID, unread), [Pass], "the roles prove it");
        assert_eq!(outcomes(ID, assigned(member())), [Fail], "all Regions were asked, and none has it");
    }

    #[test]
    fn trap_roles_prove_assignments_even_where_the_service_cannot_be_read() {
        let member = assigned(member()).deny(Topic::IdentityCenterInstances);
        assert_eq!(outcomes(ID, member), [Pass]);
    }
}
