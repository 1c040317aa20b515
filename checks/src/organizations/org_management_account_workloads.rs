//! The management account of the organization runs nothing of its own.
//!
//! # Why
//! No service control policy and no resource control policy holds the management account, and its administrators reach
//! every other account. Whatever runs there is a way to all of them.
//!
//! # Pass
//! No instance, function or task definition is there, no IAM user, and no role for code that runs, beside what serves the
//! organization.
//!
//! # Fail
//! Something is.
//!
//! # Not applicable
//! Accounts that are not the management account of an organization.
//!
//! # Notes
//! What Control Tower, StackSets and the like leave in the account is known by `allowed_names`; what else serves the
//! organization, by `allowed_tags`. Lambda functions are listed without their tags: name those.
//!
//! Databases and other services are not read: a pass says nothing of them. Where a Region could not be read and nothing was
//! found elsewhere, the check is not evaluated. Weigh every other failure in this account one level higher.
//!
//! # Fix
//! Move what runs to a member account, and replace IAM users by IAM Identity Center.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::authorization::Role;
use probity_model::facts::{AuthorizationDetails, Compute, OrganizationMembership};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::Pattern;

use crate::trust::{Party, Trust};
use crate::workloads::{READ, UNREAD, tagged};

const ALLOWED_TAGS: ListParameter = ListParameter {
    name: "allowed_tags",
    default: &["purpose=governance"],
    choices: &[],
    unit: Unit::Tags,
    source: "our own choice: a word for what serves the organization",
};

const ALLOWED_NAMES: ListParameter = ListParameter {
    name: "allowed_names",
    default: &["AWSControlTower*", "aws-controltower-*", "AWSAFT*", "AWSCloudFormationStackSet*", "stacksets-exec-*"],
    choices: &[],
    unit: Unit::Globs,
    source: "the names that AWS Control Tower, its Account Factory for Terraform and CloudFormation StackSets use",
};

/// How many of a kind are named in the evidence.
const NAMED: usize = 10;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-management-account-workloads",
        family: Family::Organizations,
        title: "Management account runs no workloads",
        severity: Severity::High,
        scope: Scope::Region,
        resource: ResourceKind::Account,
        automation: Automation::Partial,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ALLOWED_TAGS), ParameterSpec::List(ALLOWED_NAMES)],
    };
    type Facts<'s> = (&'s OrganizationMembership, &'s AuthorizationDetails, &'s Compute);

    fn run((membership, details, compute): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let management = membership.organization().map(|organization| &organization.management_account);
        if management != Some(out.account()) {
            let reason = if management.is_none() { "is in no organization" } else { "is a member of its organization" };
            return out.whole_account().not_applicable(format!("the account {reason}"));
        }
        let names: Vec<Pattern> = parameters.list(&ALLOWED_NAMES).into_iter().map(Pattern::new).collect();
        let allowed = Allowed { tags: parameters.list(&ALLOWED_TAGS), names };
        let mut found = found(details, compute, &allowed);
        found.iter_mut().for_each(|(_, all)| all.sort_unstable());
        let mut subject = out.whole_account();
        for (kind, all) in &found {
            subject = subject.evidence(*kind, all.len());
            if !all.is_empty() {
                let shown: Vec<&str> = all.iter().map(String::as_str).take(NAMED).collect();
                subject = subject.evidence(format!("{kind}_named"), shown.join(", "));
            }
        }
        let there: Vec<String> = found
            .iter()
            .filter(|(_, all)| !all.is_empty())
            .map(|(kind, all)| format!("{} {}", all.len(), kind.replace('_', " ")))
            .collect();
        let gap = compute.gaps().map(|(_, gap)| gap).next();
        match (there.is_empty(), gap) {
            (false, _) => subject.fail(format!("the management account holds {}", there.join(", "))),
            (true, Some(gap)) => subject.not_evaluated(gap),
            (true, None) => subject.pass("nothing that was read in the management account runs anything of its own"),
        }
    }
}

struct Allowed<'p> {
    tags: Vec<&'p str>,
    names: Vec<Pattern>,
}

impl Allowed<'_> {
    fn name(&self, name: &str) -> bool {
        self.names.iter().any(|pattern| pattern.matches_ignoring_case(name))
    }
}

/// What is there that does not serve the organization, by kind.
fn found(details: &AuthorizationDetails, compute: &Compute, allowed: &Allowed<'_>) -> [(&'static str, Vec<String>); 5] {
    let instances = compute.instances().filter(|(_, one)| !one.is_gone());
    let instances = instances.filter(|(_, one)| tagged(&one.tags, &allowed.tags).is_none());
    let functions = compute.functions().filter(|(_, one)| !allowed.name(&one.name));
    let definitions = compute.task_definitions().filter(|(_, one)| {
        let tags = one.details.get().is_ok_and(|details| tagged(&details.tags, &allowed.tags).is_some());
        !tags && !allowed.name(&one.family)
    });
    let users = details.users.iter().filter(|user| tagged(&user.tags, &allowed.tags).is_none());
    let roles = details
        .roles
        .iter()
        .filter(|role| runs_code(role) && !allowed.name(&role.name) && tagged(&role.tags, &allowed.tags).is_none());
    [
        ("instances", instances.map(|(region, one)| format!("{} ({region})", one.id)).collect()),
        ("functions", functions.map(|(region, one)| format!("{} ({region})", one.name)).collect()),
        ("task_definitions", definitions.map(|(region, one)| format!("{} ({region})", one.family)).collect()),
        ("iam_users", users.map(|user| user.name.to_string()).collect()),
        ("workload_roles", roles.map(|role| role.name.to_string()).collect()),
    ]
}

/// Whether a role is for code that runs: it trusts a service that runs code.
fn runs_code(role: &Role) -> bool {
    let is_for_code = |name: &str| READ.iter().chain(&UNREAD).any(|service| *service == name);
    !role.is_service_linked()
        && Trust::of(role).is_ok_and(|trust| {
            let openings = trust.openings();
            openings
                .iter()
                .flat_map(|opening| opening.parties())
                .any(|party| matches!(party, Party::Service(name) if is_for_code(name)))
        })
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{allowing, findings, outcomes, outcomes_with, trust_policy};

    const ID: &str = "org-management-account-workloads";

    fn management() -> Account {
        let trust = trust_policy(&allowing(r#"{"AWS":"123456789012"}"#, ""));
        Account::new().management_account().role("people", |role| role.trust(&trust))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, management()), [Pass]);
        assert_eq!(outcomes(ID, management().instance("i-1", |it| it.state("terminated"))), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, management().instance("i-1", |it| it.state("stopped"))), [Fail]);
        assert_eq!(outcomes(ID, management().function("app", "people", |it| it)), [Fail]);
        assert_eq!(outcomes(ID, management().task_definition("app", "people", |it| it)), [Fail]);
        assert_eq!(outcomes(ID, management().user("anna", |user| user)), [Fail]);
        let role = findings(ID, management().role("app", |role| role));
        assert_eq!(role[0].message, "the management account holds 1 workload roles");
    }

    #[test]
    fn not_applicable() {
        let member = Account::new().organization().instance("i-1", |it| it);
        assert_eq!(outcomes(ID, member), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().instance("i-1", |it| it)), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::AuthorizationDetails, Topic::Compute] {
            assert_eq!(outcomes(ID, management().deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(outcomes(ID, management().deny_compute("us-east-1")), [NotEvaluated]);
        let partly = management().user("anna", |user| user).deny_compute("us-east-1");
        assert_eq!(outcomes(ID, partly), [Fail]);
    }

    #[test]
    fn trap_what_serves_the_organization_is_allowed() {
        let tower = management()
            .function("aws-controltower-NotificationForwarder", "people", |it| it)
            .role("AWSControlTowerStackSetRole", |role| role)
            .instance("i-1", |it| it.tag("purpose", "governance"));
        assert_eq!(outcomes(ID, tower), [Pass]);
        let own = management().function("guard-watch", "people", |it| it);
        assert_eq!(outcomes_with(ID, &[("allowed_names", "guard-*")], own.clone()), [Pass]);
        assert_eq!(outcomes(ID, own), [Fail]);
    }
}
