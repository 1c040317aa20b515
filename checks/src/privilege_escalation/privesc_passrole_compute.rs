//! Nobody who is no administrator may start anything that runs with a stronger role.
//!
//! # Why
//! Whoever may pass a role to a service and have the service run code of its own has the role's permissions.
//!
//! # Pass
//! The user or role has no way to an administrator that begins with passing a role to a service.
//!
//! # Fail
//! It has one that is open for sure: it may pass a stronger role that trusts the service, and may do all that the service
//! needs to run code with it.
//!
//! # Not applicable
//! Administrators, and roles that AWS made for its services. Everybody, where no stronger role trusts such a service.
//!
//! # Notes
//! All policies of the user or role are considered, those of its groups, its permissions boundary and the policies of the
//! organization; of `iam:PassRole` the resources and the condition on `iam:PassedToService`. Where something else must
//! exist that is not read, such as a cluster, the way is not evaluated. So it is where the surest way begins with something
//! else and passing a role is possible, unless that is open for sure with an administrator role.
//!
//! # Fix
//! Allow `iam:PassRole` on the roles of workloads only, by ARN and with `iam:PassedToService`, and give those roles a
//! permissions boundary.

use alloc::format;
use alloc::vec::Vec;

use probity_access::{Access, Decision, Method, Principal};
use probity_model::{
    Automation, Family, Findings, Inferred, Meta, Parameters, Partition, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::{Context, Effect, Principal as Named, Principals, Target};

use crate::escalation::{self, Class, Found, Ways};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "privesc-passrole-compute",
        family: Family::PrivilegeEscalation,
        title: "No non-admin can launch compute with a stronger role",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = Inferred<'s, Ways>;

    fn run(Inferred(ways): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let access = ways.access();
        let class = Class { belongs: &passes, does: "start something that runs with a stronger role", unproven: None };
        let is_trusted = ways.is_service_trusted(access, &class);
        let partition = out.partition();
        let roles: Vec<&Principal> = ways.administrators(access).filter(|one| one.trust().is_some()).collect();
        let probe = |principal: &Principal| roles.iter().find_map(|role| launched(access, principal, role, partition));
        for candidate in ways.candidates(access, out) {
            if is_trusted {
                escalation::judge(access, ways, &candidate, &class, &probe, out);
            } else {
                let subject = out.resource(candidate.principal.arn().clone());
                subject.not_applicable("no stronger role trusts a service that runs code");
            }
        }
    }
}

fn passes(method: &Method) -> bool {
    method.needs.iter().any(|need| need == "iam:PassRole")
}

/// How a principal starts something with an administrator role for sure. Instances, which need more than a trust policy,
/// are left to the ways.
fn launched(access: &Access, principal: &Principal, role: &Principal, partition: &Partition) -> Option<Found> {
    let methods = Method::all().iter().filter(|one| passes(one) && one.unread.is_none());
    methods.into_iter().find_map(|method| {
        let service = method.services.iter().find(|one| *one != "ec2.amazonaws.com" && trusts_for_sure(role, one))?;
        let decisions = method.needs.iter().map(|need| {
            let (arn, context) = if need == "iam:PassRole" {
                (format!("{}", role.arn()), Context::partial().with("iam:PassedToService", service.as_str()))
            } else {
                let name = need.split(':').next().unwrap_or_default();
                let account = access.account();
                (format!("arn:{partition}:{name}:us-east-1:{account}:probity/any-name"), Context::partial())
            };
            let decision = access.can(principal, need, Target::One(&arn), &context);
            decision.is_allowed().then_some(decision)
        });
        let decisions: Vec<Decision> = decisions.collect::<Option<_>>()?;
        Some(Found {
            is_certain: true,
            message: format!("{} ({})", method.title, role.arn().resource()),
            statements: decisions.iter().flat_map(|one| &one.statements).map(escalation::statement).collect(),
        })
    })
}

/// Whether a role trusts a service, without a condition or an exception.
fn trusts_for_sure(role: &Principal, service: &str) -> bool {
    let Some(document) = role.trust().and_then(|trust| trust.document()) else { return false };
    let denies = document.statements.iter().any(|one| one.effect == Effect::Deny);
    !denies
        && document.statements.iter().any(|one| {
            let names = |named: &Named| matches!(named, Named::Service(name) if name.eq_ignore_ascii_case(service));
            one.conditions.is_empty()
                && one.actions.cover("sts:AssumeRole")
                && matches!(&one.principals, Some(Principals::Only(named)) if named.iter().any(names))
        })
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::escalation::testing::{ADMIN, allow, boss, finding, of, statement, with_boundary};
    use crate::testing::{allowing, outcomes, trust_policy};

    const ID: &str = "privesc-passrole-compute";
    const LAMBDA: &str = r#"["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"]"#;

    fn functions() -> String {
        statement("Allow", LAMBDA, "*", "")
    }

    /// The account with an administrator role that a service may run with.
    fn with_role(account: Account, service: &str) -> Account {
        let trust = trust_policy(&allowing(&format!(r#"{{"Service":"{service}"}}"#), ""));
        account.role("deploy", |role| role.inline("all", ADMIN).trust(&trust))
    }

    fn anna(document: &str) -> Account {
        with_role(boss(), "lambda.amazonaws.com").user("anna", |user| user.inline("own", document))
    }

    #[test]
    fn pass() {
        assert_eq!(of(ID, anna(&allow("iam:PassRole", "*")), "user/anna"), Pass);
        assert_eq!(of(ID, anna(&allow("lambda:*", "*")), "user/anna"), Pass);
    }

    #[test]
    fn fail() {
        let found = finding(ID, anna(&functions()), "user/anna");
        assert_eq!(found.outcome, Fail);
        let evidence = format!("{:?}", found.evidence);
        for part in ["lambda-invoke", "role/deploy", "statement 1 of user/anna/own"] {
            assert!(evidence.contains(part), "{part}: {evidence}");
        }
    }

    #[test]
    fn it_is_judged_even_where_the_surest_way_begins_with_something_else() {
        let more = LAMBDA.replace('[', r#"["iam:PutUserPolicy","#);
        assert_eq!(of(ID, anna(&statement("Allow", &more, "*", "")), "user/anna"), Fail);
        assert_eq!(of(ID, anna(&allow("iam:PutUserPolicy", "*")), "user/anna"), Pass);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna(ADMIN).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let condition = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        assert_eq!(of(ID, anna(&statement("Allow", LAMBDA, "*", condition)), "user/anna"), NotEvaluated);
        let cluster = statement("Allow", r#"["iam:PassRole","ecs:RegisterTaskDefinition","ecs:RunTask"]"#, "*", "");
        let account = with_role(boss(), "ecs-tasks.amazonaws.com").user("anna", |user| user.inline("own", &cluster));
        assert_eq!(of(ID, account, "user/anna"), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        let account = with_role(boss(), "support.amazonaws.com").user("anna", |user| user.inline("own", &functions()));
        assert_eq!(of(ID, account, "user/anna"), NotApplicable);
        let identities = trust_policy(&allowing(r#"{"Federated":"cognito-identity.amazonaws.com"}"#, ""));
        let pools = boss()
            .role("deploy", |role| role.inline("all", ADMIN).trust(&identities))
            .user("anna", |user| user.inline("own", &functions()));
        assert_eq!(of(ID, pools, "user/anna"), Pass, "an identity pool hands a role out as a service does");
        let weak = boss().role("weak", |role| role).user("anna", |user| user.inline("own", &functions()));
        assert_eq!(of(ID, weak, "user/anna"), NotApplicable);
    }

    #[test]
    fn trap_effective_permissions_count() {
        let deny = statement("Deny", r#""iam:PassRole""#, "*", "");
        let denied = anna(&functions())
            .user("bob", |user| user.inline("own", &functions()).group("safe"))
            .group("safe", |group| group.inline("deny", &deny));
        assert_eq!(of(ID, denied, "user/bob"), Pass);
        let account = with_role(boss(), "lambda.amazonaws.com");
        assert_eq!(of(ID, with_boundary(account, &allow("lambda:*", "*"), &functions()), "user/anna"), Pass);
    }

    #[test]
    fn trap_administrators_are_reported_elsewhere() {
        assert_eq!(of(ID, anna(ADMIN), "user/anna"), NotApplicable);
    }

    #[test]
    fn trap_resources_and_the_service_decide_which_roles_are_within_reach() {
        let passing = |resource: &str, condition: &str| {
            let pass = statement("Allow", r#""iam:PassRole""#, resource, condition);
            let run = statement("Allow", r#""lambda:*""#, "*", "");
            with_role(boss(), "lambda.amazonaws.com")
                .user("anna", |user| user.inline("pass", &pass).inline("run", &run))
        };
        let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
        assert_eq!(of(ID, passing(&role("deploy"), ""), "user/anna"), Fail);
        assert_eq!(of(ID, passing(&role("app-*"), ""), "user/anna"), Pass);
        let to = |service: &str| format!(r#""StringEquals":{{"iam:PassedToService":"{service}"}}"#);
        assert_eq!(of(ID, passing("*", &to("lambda.amazonaws.com")), "user/anna"), Fail);
        assert_eq!(of(ID, passing("*", &to("ec2.amazonaws.com")), "user/anna"), Pass);
    }
}
