//! Whoever administers IAM without being an administrator carries a permissions boundary that limits it.
//!
//! # Why
//! A permissions boundary is what keeps delegated administration of IAM within its bounds. One that allows everything is none.
//!
//! # Pass
//! The user or role may change nothing in IAM beside its own user. Or it carries a permissions boundary whose policy does not
//! allow everything.
//!
//! # Fail
//! It may, and carries no boundary, or one that allows every action on every resource.
//!
//! # Not applicable
//! Administrators; those on the list `break_glass_principals`; roles that AWS made for its services, to which no boundary can
//! be attached.
//!
//! # Notes
//! Groups take no boundary: their users are judged. The boundary of a role that IAM Identity Center made is a setting of its
//! permission set. Where changes are allowed under conditions only, or by policies that were not read, a user or role without a
//! boundary is not evaluated.
//!
//! # Fix
//! Attach a boundary that leaves out what must not be delegated.
//!
//! # Command
//! ```sh
//! aws iam put-user-permissions-boundary --user-name <USER> --permissions-boundary <ARN>
//! ```

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_access::{Access, Outcome, Principal};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Context, Effect, Pattern, Resources, Target};

use crate::escalation::{self, Ways};
use crate::everything;

const BREAK_GLASS_PRINCIPALS: ListParameter = ListParameter {
    name: "break_glass_principals",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the organization's choice",
};

/// What changes users, groups, roles and policies.
const WRITES: [&str; 28] = [
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateGroup",
    "iam:CreateLoginProfile",
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteGroupPolicy",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUser",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutGroupPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "privesc-boundary-missing",
        family: Family::PrivilegeEscalation,
        title: "Principals that administer IAM carry an effective boundary",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(BREAK_GLASS_PRINCIPALS)],
    };
    type Facts<'s> = Inferred<'s, Ways>;

    fn run(Inferred(ways): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let access = ways.access();
        let listed: Vec<Pattern> = parameters.list(&BREAK_GLASS_PRINCIPALS).into_iter().map(Pattern::new).collect();
        for candidate in ways.candidates(access, out) {
            let arn = candidate.principal.arn();
            if listed.iter().any(|pattern| pattern.matches(arn.as_str())) {
                let subject = out.resource(arn.clone()).evidence(BREAK_GLASS_PRINCIPALS.name, "listed");
                subject.not_applicable("is for emergencies");
            } else {
                judge(access, candidate.principal, out);
            }
        }
    }
}

fn judge(access: &Access, principal: &Principal, out: &mut Findings<'_>) {
    let partition = out.partition();
    let subject = out.resource(principal.arn().clone());
    let writes: Vec<Write> = WRITES.iter().filter_map(|action| write(access, principal, action)).collect();
    let sure = writes.iter().find(|one| one.is_certain);
    let Some(first) = sure.or(writes.first()) else {
        return subject.evidence("actions_judged", WRITES.len()).pass("may change nothing in IAM beside its own user");
    };
    let names: Vec<&str> = writes.iter().map(|one| one.action).collect();
    let subject = subject.evidence("allowed", names.join(", ")).evidence("statement", &first.statement);
    let action = first.action;
    let Some(boundary) = principal.boundary() else {
        let set = if principal.arn().as_str().contains(":role/aws-reserved/sso.amazonaws.com/") {
            "; it is set in the permission set of IAM Identity Center"
        } else {
            ""
        };
        return if first.is_certain {
            subject.fail(format!("may do {action}, and carries no permissions boundary{set}"))
        } else {
            subject.unclear(format!(
                "carries no permissions boundary, and whether it may do {action} depends on what nobody can say from the \
                 policies: {}",
                first.depends_on
            ))
        };
    };
    let subject = subject.evidence("PermissionsBoundary", boundary.name());
    match boundary.document() {
        None => subject.unclear("the policy of its permissions boundary was not read"),
        Some(document) => match everything::of(document, partition) {
            Some(how) => subject.fail(format!("its permissions boundary limits nothing: {how}")),
            None => subject.pass(format!("may do {action}, within the permissions boundary {}", boundary.name())),
        },
    }
}

/// A change that a principal may make.
struct Write {
    action: &'static str,
    is_certain: bool,
    statement: String,
    depends_on: String,
}

/// Whether a principal may do an action on anything but its own user.
fn write(access: &Access, principal: &Principal, action: &'static str) -> Option<Write> {
    if !principal.is_granted(action) {
        return None;
    }
    let any = access.can(principal, action, Target::Matching("*"), &Context::partial());
    if any.outcome == Outcome::Denied {
        return None;
    }
    let unread = principal.identity().iter().find(|held| held.source.document().is_none());
    let documents = principal.identity().iter().filter_map(|held| held.source.document());
    let statements = documents.flat_map(|document| &document.statements);
    let allows = statements.filter(|one| one.effect == Effect::Allow && one.actions.cover(action));
    let mut asked: Vec<String> = Vec::new();
    for allow in allows {
        match &allow.resources {
            Some(Resources::Only(patterns)) => {
                asked.extend(patterns.iter().filter(|one| !is_own(principal, one)).map(|one| one.text().to_owned()));
            }
            Some(Resources::AllBut(_)) | None => asked.push("*".to_owned()),
        }
    }
    let decisions: Vec<_> = asked
        .iter()
        .map(|arn| access.can(principal, action, Target::Matching(arn), &Context::partial()))
        .filter(|decision| decision.outcome != Outcome::Denied)
        .collect();
    let best = decisions.iter().find(|one| one.is_allowed()).or(decisions.first());
    match (best, unread) {
        (Some(decision), _) => Some(Write {
            action,
            is_certain: decision.is_allowed(),
            statement: decision.statements.first().map(escalation::statement).unwrap_or_default(),
            depends_on: decision.remaining().join("; "),
        }),
        (None, Some(held)) => Some(Write {
            action,
            is_certain: false,
            statement: held.source.name().to_owned(),
            depends_on: any.remaining().join("; "),
        }),
        (None, None) => None,
    }
}

/// Whether a pattern names nobody but the principal's own user.
fn is_own(principal: &Principal, pattern: &Pattern) -> bool {
    let text = pattern.text();
    principal.is_user() && (text.ends_with("/${aws:username}") || text == principal.arn().as_str())
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::escalation::testing::{ADMIN, allow, boss, finding, of, statement, with_boundary};
    use crate::testing::{findings_with, outcomes};

    const ID: &str = "privesc-boundary-missing";

    fn anna(document: &str) -> Account {
        boss().user("anna", |user| user.inline("own", document))
    }

    #[test]
    fn pass() {
        assert_eq!(of(ID, anna(&allow("iam:Get*", "*")), "user/anna"), Pass);
        let boundary = allow("iam:CreateUser", "*");
        assert_eq!(of(ID, with_boundary(boss(), &boundary, &allow("iam:CreateUser", "*")), "user/anna"), Pass);
    }

    #[test]
    fn fail() {
        assert_eq!(of(ID, anna(&allow("iam:CreateUser", "*")), "user/anna"), Fail);
        let scoped = allow("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/app/*");
        assert_eq!(of(ID, anna(&scoped), "user/anna"), Fail);
        assert_eq!(of(ID, with_boundary(boss(), ADMIN, &allow("iam:CreateUser", "*")), "user/anna"), Fail);
    }

    #[test]
    fn ones_own_user_is_no_administration() {
        let own = "arn:aws:iam::*:user/${aws:username}";
        assert_eq!(of(ID, anna(&allow("iam:CreateAccessKey", own)), "user/anna"), Pass);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna(ADMIN).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let condition = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        let conditional = statement("Allow", r#""iam:CreateUser""#, "*", condition);
        assert_eq!(of(ID, anna(&conditional), "user/anna"), NotEvaluated);
        assert_eq!(of(ID, boss().user("anna", |user| user.attached("Unread")), "user/anna"), NotEvaluated);
        let unread = boss().user("anna", |user| {
            user.inline("own", &allow("iam:CreateUser", "*")).boundary("arn:aws:iam::123456789012:policy/unread")
        });
        assert_eq!(of(ID, unread, "user/anna"), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(of(ID, anna(ADMIN), "user/anna"), NotApplicable);
        let pattern = "arn:aws:iam::123456789012:user/anna";
        let found = findings_with(ID, &[("break_glass_principals", pattern)], anna(&allow("iam:CreateUser", "*")));
        let anna = found.into_iter().find(|one| one.resource.resource() == "user/anna").expect("a finding");
        assert_eq!(anna.outcome, NotApplicable);
    }

    #[test]
    fn trap_groups_and_service_linked_roles_take_no_boundary() {
        let account = boss()
            .group("staff", |group| group.inline("own", &allow("iam:CreateUser", "*")))
            .user("anna", |user| user.group("staff"))
            .role("AWSServiceRoleForSSO", |role| {
                role.path("/aws-service-role/sso.amazonaws.com/").inline("own", &allow("iam:CreateRole", "*"))
            });
        assert_eq!(of(ID, account.clone(), "user/anna"), Fail);
        let linked = "role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO";
        assert_eq!(of(ID, account.clone(), linked), NotApplicable);
        assert_eq!(outcomes(ID, account).len(), 3, "nothing about the group");
    }

    #[test]
    fn trap_permission_sets_have_a_boundary_of_their_own() {
        let account = boss().role("AWSReservedSSO_Ops_0123456789abcdef", |role| {
            role.path("/aws-reserved/sso.amazonaws.com/").inline("own", &allow("iam:CreateUser", "*"))
        });
        let role = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef";
        let found = finding(ID, account, role);
        assert_eq!(found.outcome, Fail);
        assert!(found.message.contains("permission set"), "{}", found.message);
    }
}
