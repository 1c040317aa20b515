//! Roles are used.
//!
//! # Why
//! A role that nobody uses is still a way in for everyone it trusts. Its permissions were meant for something that is gone,
//! and nobody would miss it.
//!
//! # Pass
//! The role was last used at most `max_unused_days` whole days ago, or was created at most that many days ago.
//!
//! # Fail
//! The role was last used longer ago; or no use of it is on record, and it is older than that. The failure is high instead
//! of medium where the trust policy lets an outside account in, or the role may change what somebody may do.
//!
//! # Not applicable
//! Service-linked roles and those of IAM Identity Center, which AWS looks after; and roles whose name matches one of
//! `exempt_names`, whatever the case of the letters.
//!
//! # Notes
//! AWS keeps the last use of a role for 400 days. No date means that there was no use in that time, or never one.
//! `iam:ListRoles` tells no last use at all, so that every role looks unused there; this check does not read it.
//!
//! Roles for disasters and for jobs that run once a year look unused: name them in `exempt_names`, or note an exception.
//!
//! A trust policy or a permission that cannot be read, or that holds only within limits, does not raise the severity.
//! Permissions are judged from the role's own policies and its boundary.
//!
//! # Fix
//! Look in CloudTrail for what the role was for, then delete it. Where in doubt, deny it everything for a while with an
//! inline policy first, and wait for complaints.
//!
//! # Command
//! ```sh
//! aws iam delete-role --role-name ROLE_NAME
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::{Role, User};
use probity_model::parameter::{ListParameter, NumberParameter, ParameterSpec, Unit};
use probity_model::{
    AccountId, Arn, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::{Effect, Pattern, Principal, Principals};

use crate::access_keys::days_ago;
use crate::privilege::Privilege;

/// For how many days AWS keeps the last use of a role (IAM User Guide, "View role access"). No limit can be longer.
const TRACKED_DAYS: u32 = 400;

const MAX_UNUSED_DAYS: NumberParameter = NumberParameter {
    name: "max_unused_days",
    default: 90,
    min: 1,
    max: TRACKED_DAYS,
    unit: Unit::Days,
    source: "the default of the unused-access analyzer of IAM Access Analyzer",
};

const EXEMPT_NAMES: ListParameter = ListParameter {
    name: "exempt_names",
    default: &["*break*glass*", "OrganizationAccountAccessRole"],
    choices: &[],
    unit: Unit::Globs,
    source: "the organization's choice: roles for emergencies, and the one AWS Organizations makes in new accounts",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "unused-role",
        family: Family::UnusedAccess,
        title: "Roles are used",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_UNUSED_DAYS), ParameterSpec::List(EXEMPT_NAMES)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_UNUSED_DAYS);
        let exempt: Vec<_> = parameters.list(&EXEMPT_NAMES).into_iter().map(Pattern::new).collect();
        for role in &details.roles {
            match not_applicable(role, &exempt) {
                Some(reason) => out.resource(role.arn.clone()).evidence("path", &role.path).not_applicable(reason),
                None => judge(role, details, allowed, out),
            }
        }
    }
}

/// Why the rule is not about a role.
fn not_applicable(role: &Role, exempt: &[Pattern]) -> Option<String> {
    if role.is_service_linked() {
        return Some("AWS made the role for a service and looks after it".to_string());
    }
    if role.is_identity_center() {
        return Some("IAM Identity Center made the role for a permission set and looks after it".to_string());
    }
    let pattern = exempt.iter().find(|pattern| pattern.matches_ignoring_case(&role.name))?;
    Some(format!("the name of the role matches {} in {}", pattern.text(), EXEMPT_NAMES.name))
}

fn judge(role: &Role, details: &AuthorizationDetails, allowed: u32, out: &mut Findings<'_>) {
    let limit = i64::from(allowed);
    let age = role.created_at.and_then(|created| days_ago(out, created));
    let used = role.last_used.as_ref().map(|last| days_ago(out, last.at));
    let account = out.account();
    let mut subject = out.resource(role.arn.clone());
    if let Some(created) = role.created_at {
        subject = subject.evidence("create_date", created);
    }
    if let Some(last) = &role.last_used {
        subject = subject.evidence("last_used_date", last.at);
        if let Some(region) = &last.region {
            subject = subject.evidence("last_used_region", region);
        }
    }
    subject = subject.evidence(MAX_UNUSED_DAYS.name, allowed);
    let problem = match (used, age) {
        (Some(Some(days)), _) if days <= limit => {
            return subject.pass(format!("the role was last used {days} days ago; {allowed} are allowed"));
        }
        (_, Some(days)) if days <= limit => {
            return subject.pass(format!("the role is {days} days old; it counts as unused after {allowed}"));
        }
        (Some(None), _) => return subject.unclear("the last use of the role is said to lie ahead"),
        (None, None) => {
            return subject
                .unclear("no use of the role is on record, and no date tells when it was created, or it lies ahead");
        }
        (Some(Some(days)), _) => format!("the role was last used {days} days ago"),
        (None, Some(days)) if days <= i64::from(TRACKED_DAYS) => {
            format!("no use of the role is on record since it was created {days} days ago")
        }
        (None, Some(days)) => format!(
            "the role is {days} days old, and no use of it is on record in the {TRACKED_DAYS} days that AWS keeps"
        ),
    };
    let reasons: Vec<_> = [outsider(role, account), privilege(role, details)].into_iter().flatten().collect();
    if !reasons.is_empty() {
        subject = subject.severity(Severity::High);
    }
    let reasons: String = reasons.iter().map(|reason| format!("; {reason}")).collect();
    subject.fail(format!("{problem}; {allowed} are allowed{reasons}"));
}

/// Which outside account the role trusts: the first in the order of the trust policy. Conditions are not considered.
fn outsider(role: &Role, own: &AccountId) -> Option<String> {
    let document = probity_access::read(&role.trust_policy).ok()?;
    let lets_in = document
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow && statement.actions.cover("sts:AssumeRole"));
    lets_in.filter_map(|statement| statement.principals.as_ref()).find_map(|principals| match principals {
        Principals::AllBut(_) => Some("its trust policy lets in everybody but a few".to_string()),
        Principals::Only(named) => named.iter().find_map(|principal| outside(principal, own)),
    })
}

fn outside(principal: &Principal, own: &AccountId) -> Option<String> {
    if principal.is_everyone() {
        return Some("its trust policy lets in any account".to_string());
    }
    let Principal::Aws(name) = principal else { return None };
    let arn = Arn::new(name.as_str());
    let account = AccountId::try_from(name.as_str()).or_else(|_| AccountId::try_from(arn.account())).ok()?;
    (account != *own).then(|| format!("its trust policy lets in the account {account}"))
}

/// By what the role is privileged.
fn privilege(role: &Role, details: &AuthorizationDetails) -> Option<String> {
    // Policies grant a role what they grant a user without groups.
    let like_a_user = User {
        name: role.name.clone(),
        path: role.path.clone(),
        id: role.id.clone(),
        arn: role.arn.clone(),
        created_at: role.created_at,
        groups: Vec::new(),
        inline_policies: role.inline_policies.clone(),
        attached_policies: role.attached_policies.clone(),
        permissions_boundary: role.permissions_boundary.clone(),
        tags: role.tags.clone(),
    };
    match Privilege::of(&like_a_user, details) {
        Privilege::Yes(reason) => Some(reason),
        Privilege::Unknown(_) | Privilege::No => None,
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, RoleBuilder};
    use probity_model::{Finding, Severity, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "unused-role";
    const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    fn role(change: impl FnOnce(RoleBuilder) -> RoleBuilder) -> Account {
        Account::new().role("reports", change)
    }

    fn used(days: i64) -> Account {
        role(|role| role.created_days_ago(300).used_days_ago(days))
    }

    fn never_used(age: i64) -> Account {
        role(|role| role.created_days_ago(age))
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn trusting(principal: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}}}"#
        )
    }

    fn severity(change: impl FnOnce(RoleBuilder) -> RoleBuilder) -> Severity {
        let found = finding(role(change));
        assert_eq!(found.outcome, Fail);
        found.severity
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, used(3)), [Pass]);
    }

    #[test]
    fn fail() {
        let found = finding(used(120));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Medium));
        assert_eq!(found.message, "the role was last used 120 days ago; 90 are allowed");
        let found = finding(never_used(200));
        assert_eq!(found.outcome, Fail);
        assert_eq!(found.message, "no use of the role is on record since it was created 200 days ago; 90 are allowed");
    }

    #[test]
    fn the_last_day_allowed_counts_as_use() {
        assert_eq!(outcomes(ID, used(90)), [Pass]);
        assert_eq!(outcomes(ID, used(91)), [Fail]);
        assert_eq!(outcomes(ID, never_used(90)), [Pass]);
        assert_eq!(outcomes(ID, never_used(91)), [Fail]);
        assert_eq!(outcomes_with(ID, &[("max_unused_days", "30")], used(31)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let named = |name: &str| outcomes(ID, Account::new().role(name, |role| role));
        for name in ["break-glass", "Prod-BreakGlass-Admin", "OrganizationAccountAccessRole"] {
            assert_eq!(named(name), [NotApplicable], "{name}");
        }
        assert_eq!(named("glass"), [Fail]);
        assert_eq!(outcomes_with(ID, &[("exempt_names", "other")], never_used(200)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, used(3).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, used(-2)), [NotEvaluated]);
        let undated = |change: fn(RoleBuilder) -> RoleBuilder| {
            role(|role| {
                let mut role = change(role);
                role.details.created_at = None;
                role
            })
        };
        assert_eq!(outcomes(ID, undated(|role| role)), [NotEvaluated]);
        assert_eq!(outcomes(ID, undated(|role| role.used_days_ago(120))), [Fail]);
    }

    #[test]
    fn an_outside_account_in_the_trust_policy_raises_the_severity() {
        for principal in [
            r#"{"AWS":"arn:aws:iam::999999999999:root"}"#,
            r#"{"AWS":["arn:aws:iam::123456789012:root","999999999999"]}"#,
            r#"{"AWS":"*"}"#,
            r#""*""#,
        ] {
            assert_eq!(severity(|role| role.trust(&trusting(principal))), Severity::High, "{principal}");
        }
        for principal in [
            r#"{"AWS":"arn:aws:iam::123456789012:root"}"#,
            r#"{"AWS":"123456789012"}"#,
            r#"{"AWS":"AIDAEXAMPLEEXAMPLE001"}"#,
            r#"{"Service":"ec2.amazonaws.com"}"#,
            r#"{"Federated":"arn:aws:iam::123456789012:saml-provider/okta"}"#,
        ] {
            assert_eq!(severity(|role| role.trust(&trusting(principal))), Severity::Medium, "{principal}");
        }
        let denied = trusting(r#"{"AWS":"999999999999"}"#).replace("Allow", "Deny");
        assert_eq!(severity(|role| role.trust(&denied)), Severity::Medium);
        assert_eq!(severity(|role| role.trust("not a policy")), Severity::Medium);
        let others = trusting(r#"{"AWS":"123456789012"}"#).replace("Principal", "NotPrincipal");
        assert_eq!(severity(|role| role.trust(&others)), Severity::High);
    }

    #[test]
    fn a_privilege_raises_the_severity_by_no_more_than_one_level() {
        assert_eq!(severity(|role| role.inline("all", EVERYTHING)), Severity::High);
        let both = |role: RoleBuilder| role.inline("all", EVERYTHING).trust(&trusting(r#"{"AWS":"999999999999"}"#));
        assert_eq!(severity(both), Severity::High);
        assert_eq!(
            finding(role(both)).message,
            "no use of the role is on record since it was created 200 days ago; 90 are allowed; its trust policy lets in \
             the account 999999999999; the policy all allows iam:AddUserToGroup on every resource"
        );
        let reading = EVERYTHING.replace(r#""Action":"*""#, r#""Action":"s3:Get*""#);
        assert_eq!(severity(|role| role.inline("read", &reading)), Severity::Medium);
        let attached = role(|role| role.attached("AdministratorAccess")).aws_policy("AdministratorAccess", EVERYTHING);
        assert_eq!(finding(attached).severity, Severity::High);
        let bounded = role(|role| role.inline("all", EVERYTHING).boundary("arn:aws:iam::123456789012:policy/limit"));
        assert_eq!(finding(bounded.policy("limit", &reading, |policy| policy)).severity, Severity::Medium);
    }

    /// No date is no use within 400 days, and says nothing about the time before.
    #[test]
    fn trap_no_date_means_no_use_in_the_days_that_aws_keeps() {
        let message = finding(never_used(800)).message;
        assert!(message.contains("no use of it is on record in the 400 days that AWS keeps"), "{message}");
        assert_eq!(outcomes(ID, never_used(10)), [Pass]);
        assert_eq!(outcomes_with(ID, &[("max_unused_days", "400")], never_used(401)), [Fail]);
        assert_eq!(outcomes_with(ID, &[("max_unused_days", "400")], never_used(400)), [Pass]);
        assert_eq!(super::MAX_UNUSED_DAYS.max, 400, "a longer limit could not be judged");
    }

    #[test]
    fn trap_the_list_of_roles_tells_no_last_use() {
        let operations = finding(used(3)).operations.clone();
        assert_eq!(*operations, ["iam:GetAccountAuthorizationDetails"]);
    }

    #[test]
    fn trap_roles_for_disasters_and_yearly_jobs_look_unused() {
        let yearly = || Account::new().role("yearly-closing", |role| role.created_days_ago(900).used_days_ago(330));
        assert_eq!(outcomes(ID, yearly()), [Fail]);
        assert_eq!(outcomes_with(ID, &[("exempt_names", "*-recovery, Yearly-*")], yearly()), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("max_unused_days", "366")], yearly()), [Pass]);
    }

    #[test]
    fn trap_service_linked_and_new_roles_do_not_fail() {
        let at = |path: &str| outcomes(ID, role(|role| role.path(path)));
        assert_eq!(at("/aws-service-role/support.amazonaws.com/"), [NotApplicable]);
        assert_eq!(at("/aws-reserved/sso.amazonaws.com/eu-central-1/"), [NotApplicable]);
        assert_eq!(at("/service-role/"), [Fail]);
        assert_eq!(outcomes(ID, never_used(0)), [Pass]);
    }
}
