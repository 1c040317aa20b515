//! There is a role with which the account can be audited.
//!
//! # Why
//! When something has happened, whoever investigates needs to read everything at once and must change nothing. Where no role
//! is made for that, people take an administrator's.
//!
//! # Pass
//! A role has a policy of `audit_policies` attached.
//!
//! # Fail
//! None has.
//!
//! # Notes
//! Only roles count that somebody can use: not service-linked ones. Roles that IAM Identity Center makes for a permission set
//! do count. A policy of the account's own with the same permissions is not recognized: name it in `audit_policies`.
//!
//! # Fix
//! Make a role with `SecurityAudit` attached, that only those who audit may assume, with a second factor.
//!
//! # Command
//! ```sh
//! aws iam attach-role-policy --role-name audit --policy-arn arn:aws:iam::aws:policy/SecurityAudit
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Role;
use probity_model::{
    Automation, Family, Findings, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
    Unit,
};

const AUDIT_POLICIES: ListParameter = ListParameter {
    name: "audit_policies",
    default: &["SecurityAudit"],
    choices: &[],
    unit: Unit::Names,
    source: "IAM User Guide, \"AWS managed policies for job functions\": the security auditor",
};

/// How many roles the evidence names.
const NAMED: usize = 5;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-security-audit",
        family: Family::RolesAndTrust,
        title: "A role for security audits exists",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(AUDIT_POLICIES)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let wanted = parameters.list(&AUDIT_POLICIES);
        let audits = |role: &&Role| {
            let named = |name: &str| wanted.contains(&name);
            !role.is_service_linked() && role.attached_policies.iter().any(|policy| named(policy.arn.name()))
        };
        let mut roles: Vec<&str> = details.roles.iter().filter(audits).map(|role| role.name.as_str()).collect();
        roles.sort_unstable();
        let named: Vec<&str> = roles.iter().copied().take(NAMED).collect();
        let subject = out
            .whole_account()
            .evidence(AUDIT_POLICIES.name, wanted.join(", "))
            .evidence("roles", roles.len())
            .evidence("names", named.join(", "));
        match roles.first() {
            Some(first) => subject.pass(format!("the role {first} is made for audits")),
            None => subject.fail("no role is made for audits"),
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "role-security-audit";

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, Account::new().role("audit", |role| role.attached("SecurityAudit"))), [Pass]);
        let own = Account::new().role("audit", |role| role.attached("arn:aws:iam::123456789012:policy/house-audit"));
        assert_eq!(outcomes_with(ID, &[("audit_policies", "house-audit")], own), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new()), [Fail]);
        assert_eq!(outcomes(ID, Account::new().role("reader", |role| role.attached("ReadOnlyAccess"))), [Fail]);
        assert_eq!(outcomes(ID, Account::new().user("anna", |user| user.attached("SecurityAudit"))), [Fail], "a user");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
    }

    #[test]
    fn trap_a_role_of_a_service_is_for_nobody() {
        let linked = Account::new()
            .role("linked", |role| role.path("/aws-service-role/x.amazonaws.com/").attached("SecurityAudit"));
        assert_eq!(outcomes(ID, linked), [Fail]);
    }
}
