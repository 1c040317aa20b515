//! Permissions are given by managed policies, and not by inline ones.
//!
//! # Why
//! An inline policy stands in one user, group or role. It has no versions to go back to, is not listed among the policies
//! of the account, and each copy of it has to be found and changed by itself.
//!
//! # Pass
//! The user, group or role has no inline policy.
//!
//! # Fail
//! It has one. For a user that is rated medium.
//!
//! # Not applicable
//! Roles that AWS made for its services and those of IAM Identity Center, whose inline policy belongs to the permission
//! set. With `allow_iac_roles`, roles that a template made, which are changed where the template is.
//!
//! # Notes
//! An inline policy is right where a permission must never be given to anybody else; hence the low severity.
//!
//! A role counts as made by a template when it has a tag of CloudFormation, a name that CloudFormation makes up (stack,
//! logical name, twelve or more random characters), or that of a role of the CDK's bootstrap stack.
//!
//! # Fix
//! Make a customer managed policy of it, attach that, and delete the inline one.
//!
//! # Command
//! ```sh
//! aws iam create-policy --policy-name NAME --policy-document file://policy.json
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::{InlinePolicy, Role};
use probity_model::parameter::{FlagParameter, ParameterSpec};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};

const ALLOW_IAC_ROLES: FlagParameter = FlagParameter {
    name: "allow_iac_roles",
    default: true,
    source: "CDK and SAM write inline policies by design, and a template has versions of its own",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-inline-used",
        family: Family::Policies,
        title: "Managed policies are used instead of inline ones",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(ALLOW_IAC_ROLES)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        for user in &details.users {
            judge(out.resource(user.arn.clone()).severity(Severity::Medium), &user.inline_policies);
        }
        for group in &details.groups {
            judge(out.resource(group.arn.clone()), &group.inline_policies);
        }
        let allow_iac = parameters.flag(&ALLOW_IAC_ROLES);
        for role in &details.roles {
            let subject = out.resource(role.arn.clone());
            match exemption(role, allow_iac) {
                Some(reason) => subject.evidence("Path", &role.path).not_applicable(reason),
                None => judge(subject, &role.inline_policies),
            }
        }
    }
}

fn judge(subject: Subject<'_, '_>, policies: &[InlinePolicy]) {
    let mut names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
    names.sort_unstable();
    if names.is_empty() {
        return subject.evidence("PolicyNames", "none").pass("it has no inline policy");
    }
    let names = names.join(", ");
    subject.evidence("PolicyNames", &names).fail(format!("it has inline policies: {names}"));
}

/// Why the inline policies of a role are as they should be.
fn exemption(role: &Role, allow_iac: bool) -> Option<&'static str> {
    if role.is_service_linked() {
        return Some("AWS made the role for a service");
    }
    if role.is_identity_center() {
        return Some("IAM Identity Center made the role; its inline policy belongs to the permission set");
    }
    (allow_iac && !role.inline_policies.is_empty() && is_from_template(role))
        .then_some("a template made the role, and its inline policies are changed there")
}

fn is_from_template(role: &Role) -> bool {
    let is_tagged = role.tags.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:cloudformation:"));
    let is_of_cdk = role.name.starts_with("cdk-") && role.name.contains("-role-");
    is_tagged || is_of_cdk || has_made_up_name(&role.name)
}

/// Whether a name is made of a stack, a logical name and twelve or thirteen random characters.
fn has_made_up_name(name: &str) -> bool {
    let mut parts = name.rsplit('-');
    let is_random = parts.next().is_some_and(|end| {
        let has = |test: fn(&u8) -> bool| end.as_bytes().iter().any(test);
        (12..=13).contains(&end.len())
            && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_uppercase)
    });
    is_random && parts.filter(|part| !part.is_empty()).count() >= 2
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, RoleBuilder};
    use probity_model::{Severity, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "policy-inline-used";
    const ANY: &str = "{}";

    fn role(name: &str, change: impl FnOnce(RoleBuilder) -> RoleBuilder) -> Account {
        Account::new().role(name, |role| change(role.inline("own", ANY)))
    }

    #[test]
    fn pass() {
        let account = Account::new().user("anna", |user| user).group("devs", |group| group).role("app", |role| role);
        assert_eq!(outcomes(ID, account), [Pass, Pass, Pass]);
        assert_eq!(outcomes(ID, Account::new().user("anna", |user| user.attached("ReadOnlyAccess"))), [Pass]);
    }

    #[test]
    fn fail() {
        let account = Account::new()
            .user("anna", |user| user.inline("b", ANY).inline("a", ANY))
            .group("devs", |group| group.inline("own", ANY));
        let [group, user] = findings(ID, account).try_into().expect("two findings");
        assert_eq!((group.outcome, group.severity), (Fail, Severity::Low));
        assert_eq!((user.outcome, user.severity), (Fail, Severity::Medium));
        assert_eq!(user.message, "it has inline policies: a, b");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(
            outcomes(ID, role("linked", |role| role.path("/aws-service-role/x.amazonaws.com/"))),
            [NotApplicable]
        );
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, role("app", |role| role).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
    }

    #[test]
    fn roles_of_templates_are_exempt_unless_set_otherwise() {
        let tagged = || role("app", |role| role.tag("aws:cloudformation:stack-name", "app"));
        assert_eq!(outcomes(ID, tagged()), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("allow_iac_roles", "false")], tagged()), [Fail]);
        for name in
            ["Api-HandlerServiceRole-1A2B3C4D5E6F7", "web-Role-aB3dE6gH9jKl", "cdk-hnb659fds-deploy-role-1-eu-west-1"]
        {
            assert_eq!(outcomes(ID, role(name, |role| role)), [NotApplicable], "{name}");
        }
        for name in ["app", "team-a-administrators", "web-1A2B3C4D5E6F7", "a-b-123456789012", "a-b-c-DEPLOYER"] {
            assert_eq!(outcomes(ID, role(name, |role| role)), [Fail], "{name}");
        }
    }

    #[test]
    fn trap_it_is_rated_low_since_it_may_be_right() {
        let [finding] = findings(ID, role("app", |role| role)).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::Low));
    }

    #[test]
    fn trap_the_inline_policy_of_a_permission_set_is_no_ones_mistake() {
        let path = "/aws-reserved/sso.amazonaws.com/eu-central-1/";
        assert_eq!(outcomes(ID, role("AWSReservedSSO_Ops_0123456789abcdef", |role| role.path(path))), [NotApplicable]);
    }
}
