//! Nobody who is no administrator may make credentials for a stronger user, or have a stronger role trust it.
//!
//! # Why
//! A new access key for an administrator is an administrator. So is a trust policy that names whoever has just written it.
//!
//! # Pass
//! The user or role has no way to an administrator that begins with one of the `actions`.
//!
//! # Fail
//! It has one that is open for sure: it may make an access key or a password for a stronger user, or rewrite the trust policy
//! of a stronger role. Also where it may make credentials of a single service for an administrator, or replace the
//! metadata of a SAML provider that an administrator role trusts.
//!
//! # Not applicable
//! Administrators, who need no such way, and roles that AWS made for its services.
//!
//! # Notes
//! A second access key can be made only where there are fewer than two, or where one may be deleted as well: the number of
//! keys is taken from the credential report. To take the second factor of a user away helps only together with its
//! password, and is not counted alone. New providers of OpenID Connect are not followed to a role that would trust them.
//! What one may do for one's own user is no way.
//!
//! All policies of the user or role are considered, those of its groups, its permissions boundary and the policies of the
//! organization. Where a way hangs on conditions, or on policies that were not read, it is not evaluated. So it is where the
//! surest way begins with something else and one by these actions is possible.
//!
//! # Fix
//! Allow these actions on the caller's own user only: the resource `user/${aws:username}`.
//!
//! # Command
//! ```sh
//! aws iam simulate-principal-policy --policy-source-arn <ARN> --action-names iam:CreateAccessKey
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_access::{Access, Binding, Decision, Method, Outcome, Principal};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Context, Effect, Principal as Named, Principals, Target};

use crate::escalation::{self, Class, Found, Ways};

const ACTIONS: ListParameter = ListParameter {
    name: "actions",
    default: &[
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
        "iam:UpdateAssumeRolePolicy",
        "iam:CreateServiceSpecificCredential",
        "iam:ResetServiceSpecificCredential",
        "iam:UpdateSAMLProvider",
    ],
    choices: &[],
    unit: Unit::Actions,
    source: "pathfinding.cloud, the ways to another principal, and our own additions",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "privesc-principal-takeover",
        family: Family::PrivilegeEscalation,
        title: "No non-admin can mint credentials for, or re-trust, a stronger principal",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ACTIONS)],
    };
    type Facts<'s> = Inferred<'s, Ways>;

    fn run(Inferred(ways): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let access = ways.access();
        let actions = parameters.list(&ACTIONS);
        let is_listed = |need: &str| actions.iter().any(|action| action.eq_ignore_ascii_case(need));
        // A user that one makes is no stronger one that is taken over.
        let belongs = |method: &Method| {
            let makes = method.needs.iter().any(|need| need == "iam:CreateUser");
            !makes && method.needs.iter().any(|need| is_listed(need))
        };
        let does = "take over a stronger user or role";
        let class = Class { belongs: &belongs, does, unproven: None };
        let administrators: Vec<&Principal> = ways.administrators(access).collect();
        let probe = |principal: &Principal| {
            let mut found = administrators
                .iter()
                .filter(|target| target.arn() != principal.arn())
                .filter_map(|target| taken_over(access, principal, target, &is_listed));
            let first = found.next()?;
            if first.is_certain { Some(first) } else { found.find(|one| one.is_certain).or(Some(first)) }
        };
        for candidate in ways.candidates(access, out) {
            escalation::judge(access, ways, &candidate, &class, &probe, out);
        }
    }
}

/// How a principal takes an administrator over, as far as the ways do not tell.
fn taken_over(
    access: &Access,
    principal: &Principal,
    target: &Principal,
    is_listed: &dyn Fn(&str) -> bool,
) -> Option<Found> {
    let context = Context::partial();
    let ask = |action: &str, arn: &str| access.can(principal, action, Target::One(arn), &context);
    let arn = target.arn().as_str();
    // Of nearly everyone, no policy speaks of such an action, and nobody needs to be asked.
    let is_asked = |action: &str| is_listed(action) && principal.is_granted(action);
    let found = |actions: &[&str], decisions: &[Decision]| Found {
        is_certain: decisions.iter().all(Decision::is_allowed),
        message: format!("{} on {}", actions.join(" and "), target.arn().resource()),
        statements: decisions.iter().flat_map(|one| &one.statements).map(escalation::statement).collect(),
    };
    if target.is_user() {
        // Whatever credentials the user has: one of each pair is always possible.
        let sure: [&[&str]; 2] = [
            &["iam:CreateAccessKey", "iam:DeleteAccessKey"],
            &["iam:UpdateLoginProfile", "iam:CreateLoginProfile", "iam:DeactivateMFADevice"],
        ];
        for actions in sure.into_iter().filter(|actions| actions.first().is_some_and(|first| is_asked(first))) {
            let decisions: Vec<Decision> = actions.iter().map(|action| ask(action, arn)).collect();
            if decisions.iter().all(Decision::is_allowed) {
                return Some(found(actions, &decisions));
            }
        }
        let of_a_service = ["iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential"];
        let mut possible = of_a_service.into_iter().filter(|action| is_asked(action)).filter_map(|action| {
            let decision = ask(action, arn);
            (decision.outcome != Outcome::Denied).then(|| found(&[action], &[decision]))
        });
        let first = possible.next()?;
        return if first.is_certain { Some(first) } else { possible.find(|one| one.is_certain).or(Some(first)) };
    }
    let is_free = principal.boundary().is_none()
        && *access.organization() == Binding::Free
        && !arn.contains(":role/aws-reserved/");
    if is_asked("iam:UpdateAssumeRolePolicy") && is_free && !denies_assuming(principal) {
        let decision = ask("iam:UpdateAssumeRolePolicy", arn);
        if decision.is_allowed() {
            return Some(found(&["iam:UpdateAssumeRolePolicy"], &[decision]));
        }
    }
    let providers = if is_asked("iam:UpdateSAMLProvider") { saml_providers(access, target) } else { Vec::new() };
    providers.into_iter().find_map(|provider| {
        let decision = ask("iam:UpdateSAMLProvider", &provider);
        (decision.outcome != Outcome::Denied).then(|| Found {
            message: format!("iam:UpdateSAMLProvider on {provider}, which {} trusts", target.arn().resource()),
            ..found(&[], &[decision])
        })
    })
}

/// Whether a policy of its own may keep a principal from assuming a role that trusts it.
fn denies_assuming(principal: &Principal) -> bool {
    principal.identity().iter().any(|held| {
        held.source.document().is_none_or(|document| {
            document.statements.iter().any(|one| one.effect == Effect::Deny && one.actions.cover("sts:AssumeRole"))
        })
    })
}

/// The SAML providers of the account that a role trusts by name.
fn saml_providers(access: &Access, role: &Principal) -> Vec<String> {
    let statements = role.trust().and_then(|trust| trust.document()).map(|document| document.statements.as_slice());
    let allows = statements.unwrap_or_default().iter().filter(|one| one.effect == Effect::Allow);
    let named = allows.filter_map(|one| match &one.principals {
        Some(Principals::Only(named)) => Some(named),
        _ => None,
    });
    let provider = |named: &Named| match named {
        Named::Federated(arn) if arn.contains(&format!("::{}:saml-provider/", access.account())) => Some(arn.clone()),
        _ => None,
    };
    named.flatten().filter_map(provider).collect()
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::escalation::testing::{ADMIN, allow, boss, of, statement, with_boundary};
    use crate::testing::{allowing, outcomes, trust_policy};

    const ID: &str = "privesc-principal-takeover";

    /// An account with an administrator, `boss`, and with `anna`.
    fn anna(document: &str) -> Account {
        boss().user("anna", |user| user.inline("own", document))
    }

    #[test]
    fn pass() {
        assert_eq!(of(ID, anna(&allow("iam:List*", "*")), "user/anna"), Pass);
        let others = allow("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/intern");
        assert_eq!(of(ID, anna(&others).user("intern", |user| user), "user/anna"), Pass);
    }

    #[test]
    fn fail() {
        for action in [
            "iam:CreateAccessKey",
            "iam:CreateLoginProfile",
            "iam:*AccessKey",
            "iam:CreateServiceSpecificCredential",
            "iam:ResetServiceSpecificCredential",
        ] {
            assert_eq!(of(ID, anna(&allow(action, "*")), "user/anna"), Fail, "{action}");
        }
    }

    #[test]
    fn a_role_that_can_be_made_to_trust_anyone_is_taken_over() {
        let account = |document: &str| anna(document).role("admin", |role| role.inline("all", ADMIN));
        assert_eq!(of(ID, account(&allow("iam:UpdateAssumeRolePolicy", "*")), "user/anna"), Fail);
        let reserved = Account::new()
            .user("anna", |user| user.inline("own", &allow("iam:UpdateAssumeRolePolicy", "*")))
            .role("admin", |role| role.inline("all", ADMIN).path("/aws-reserved/sso.amazonaws.com/"));
        assert_eq!(of(ID, reserved, "user/anna"), Pass);
    }

    #[test]
    fn whoever_replaces_the_metadata_of_a_provider_signs_in_as_anyone() {
        let provider = "arn:aws:iam::123456789012:saml-provider/corporate";
        let trust = trust_policy(&allowing(&std::format!(r#"{{"Federated":"{provider}"}}"#), ""))
            .replace("sts:AssumeRole", "sts:AssumeRoleWithSAML");
        let account = |resource: &str| {
            let document = allow("iam:UpdateSAMLProvider", resource);
            Account::new()
                .user("anna", |user| user.inline("own", &document))
                .role("admin", |role| role.inline("all", ADMIN).trust(&trust))
        };
        assert_eq!(of(ID, account("*"), "user/anna"), Fail);
        assert_eq!(of(ID, account(&provider.replace("corporate", "other")), "user/anna"), Pass);
    }

    #[test]
    fn it_is_judged_even_where_the_surest_way_begins_with_something_else() {
        let both = statement("Allow", r#"["iam:PutUserPolicy","iam:CreateAccessKey","iam:DeleteAccessKey"]"#, "*", "");
        assert_eq!(of(ID, anna(&both), "user/anna"), Fail);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna(ADMIN).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let unread = anna(&allow("iam:List*", "*")).user("bob", |user| user.attached("Unread"));
        assert_eq!(of(ID, unread, "user/bob"), NotEvaluated);
        let condition = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        let conditional = statement("Allow", r#""iam:CreateAccessKey""#, "*", condition);
        assert_eq!(of(ID, anna(&conditional), "user/anna"), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(of(ID, anna(ADMIN), "user/anna"), NotApplicable);
    }

    #[test]
    fn trap_effective_permissions_count() {
        let denied = anna(&allow("iam:*Key", "*"))
            .user("bob", |user| user.inline("own", &allow("iam:CreateAccessKey", "*")).group("safe"))
            .group("safe", |group| group.inline("deny", &statement("Deny", r#""iam:*""#, "*", "")));
        assert_eq!(of(ID, denied, "user/bob"), Pass);
        let bounded = with_boundary(boss(), &allow("s3:*", "*"), &allow("iam:CreateAccessKey", "*"));
        assert_eq!(of(ID, bounded, "user/anna"), Pass);
    }

    #[test]
    fn trap_administrators_are_reported_elsewhere() {
        assert_eq!(of(ID, anna(&allow("*", "*")), "user/boss"), NotApplicable);
    }

    #[test]
    fn trap_self_service_is_safe() {
        let own = "arn:aws:iam::*:user/${aws:username}";
        let list = r#"["iam:CreateAccessKey","iam:DeleteAccessKey","iam:CreateLoginProfile","iam:UpdateLoginProfile"]"#;
        assert_eq!(of(ID, anna(&statement("Allow", list, own, "")), "user/anna"), Pass);
    }

    #[test]
    fn trap_a_third_key_needs_one_to_go() {
        let account = |action: &str| {
            Account::new()
                .user("boss", |user| user.inline("all", ADMIN).key(1, |key| key).key(2, |key| key))
                .user("anna", |user| user.inline("own", &statement("Allow", action, "*", "")))
        };
        assert_eq!(of(ID, account(r#""iam:CreateAccessKey""#), "user/anna"), Pass);
        assert_eq!(of(ID, account(r#"["iam:CreateAccessKey","iam:DeleteAccessKey"]"#), "user/anna"), Fail);
    }
}
