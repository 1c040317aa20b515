//! Whoever administers IAM on behalf of others cannot shed or get around a permissions boundary.
//!
//! # Why
//! Delegated administration is safe only as long as whoever holds it must put the boundary on everything it makes. One way out,
//! such as a role without a boundary, is as good as none at all.
//!
//! # Pass
//! The user or role cannot take a boundary away or exchange it, make or change users and roles that have none, or write the
//! policy of a boundary. And if it has a boundary itself, it cannot enter or pass an administrator role that has none.
//!
//! # Fail
//! It can do one of these for sure. Those of `required_boundaries`, where given, count as boundaries too.
//!
//! # Not applicable
//! Administrators, and roles that AWS made for its services. Everybody, where no boundary is in use and none is required.
//!
//! # Notes
//! A boundary limits what policies of the user or role itself allow. A trust policy that names the user lets it in
//! nevertheless. Whether a condition demands a boundary is tried out: with none, and with a policy that nobody uses as one. What
//! hangs on other conditions, or on policies that were not read, is not evaluated.
//!
//! # Fix
//! Add a condition `StringEquals` on `iam:PermissionsBoundary` to every statement that allows to write in IAM. Deny to take
//! boundaries away and to edit their policies.
//!
//! # Command
//! ```sh
//! aws iam put-role-permissions-boundary --role-name <ROLE> --permissions-boundary <ARN>
//! ```

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_access::{Access, Decision, Outcome, Principal, PrincipalKind};
use probity_model::facts::AuthorizationDetails;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Context, Target};

use crate::escalation::{self, Ways};

const REQUIRED_BOUNDARIES: ListParameter = ListParameter {
    name: "required_boundaries",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the organization's choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "privesc-boundary-escape",
        family: Family::PrivilegeEscalation,
        title: "Delegated administrators cannot shed or bypass their permissions boundary",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(REQUIRED_BOUNDARIES)],
    };
    type Facts<'s> = (Inferred<'s, Ways>, &'s AuthorizationDetails);

    fn run((Inferred(ways), details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let access = ways.access();
        let required = parameters.list(&REQUIRED_BOUNDARIES);
        let used =
            access.principals().iter().filter_map(|one| one.boundary().map(|boundary| boundary.name().to_owned()));
        // The count tells of boundaries also where the principals that have them are not in the snapshot.
        let counted = details.policies.iter().filter(|one| one.boundary_usage_count.is_some_and(|count| count > 0));
        let boundaries: BTreeSet<String> = used
            .chain(counted.map(|policy| policy.arn.as_str().to_owned()))
            .chain(required.into_iter().map(ToOwned::to_owned))
            .collect();
        let ground =
            Ground { access, ways, boundaries, prefix: format!("arn:{}:iam::{}:", out.partition(), out.account()) };
        for candidate in ways.candidates(access, out) {
            if ground.boundaries.is_empty() {
                let subject = out.resource(candidate.principal.arn().clone());
                subject.not_applicable("no permissions boundary is in use in the account");
            } else {
                ground.judge(candidate.principal, out);
            }
        }
    }
}

struct Ground<'a> {
    access: &'a Access,
    ways: &'a Ways,
    /// The ARNs of policies that are boundaries.
    boundaries: BTreeSet<String>,
    /// What ARNs of IAM in the account begin with.
    prefix: String,
}

/// A way out of a boundary.
struct Escape {
    how: String,
    decision: Decision,
}

impl Ground<'_> {
    fn judge(&self, principal: &Principal, out: &mut Findings<'_>) {
        let mut subject = out.resource(principal.arn().clone());
        if let Some(boundary) = principal.boundary() {
            subject = subject.evidence("PermissionsBoundary", boundary.name());
        }
        let escapes = self.escapes(principal);
        let (sure, open): (Vec<_>, Vec<_>) = escapes.iter().partition(|one| one.decision.is_allowed());
        let Some(first) = sure.first().or(open.first()) else {
            let count = self.boundaries.len();
            return subject
                .evidence("boundaries_judged", count)
                .pass("cannot shed or get around a permissions boundary");
        };
        for one in if sure.is_empty() { &open } else { &sure } {
            subject = subject.evidence("escape", &one.how);
        }
        for one in &first.decision.statements {
            subject = subject.evidence("statement", escalation::statement(one));
        }
        if sure.is_empty() {
            let remaining = first.decision.remaining().join("; ");
            subject.unclear(format!("whether it can {} depends on what nobody can say: {remaining}", first.how));
        } else {
            subject.fail(format!("can {}", first.how));
        }
    }

    fn escapes(&self, principal: &Principal) -> Vec<Escape> {
        let mut found = self.taken_away(principal);
        found.extend(self.without(principal));
        found.extend(self.rewritten(principal));
        if principal.boundary().is_some() {
            found.extend(self.left(principal));
        }
        found
    }

    /// The first resource on which an action is allowed for sure, else the first on which it may be.
    fn on<'t>(
        &self,
        principal: &Principal,
        action: &str,
        targets: impl Iterator<Item = Target<'t>>,
        context: &Context,
    ) -> Option<(&'t str, Decision)> {
        let mut perhaps = None;
        for target in targets {
            let decision = self.access.can(principal, action, target, context);
            match decision.outcome {
                Outcome::Allowed => return Some((target.arn(), decision)),
                Outcome::AllowedIf if perhaps.is_none() => perhaps = Some((target.arn(), decision)),
                Outcome::AllowedIf | Outcome::Denied => {}
            }
        }
        perhaps
    }

    /// Boundaries taken away, or exchanged for any policy.
    fn taken_away(&self, principal: &Principal) -> Vec<Escape> {
        let elsewhere = format!("{}policy/probity/no-boundary", self.prefix);
        let has_boundary = |one: &&Principal| one.boundary().is_some();
        let mut found = Vec::new();
        for (is_user, delete, put) in [
            (true, "iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"),
            (false, "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
        ] {
            let bounded = || {
                let all = self.access.principals().iter().filter(has_boundary);
                all.filter(move |one| one.is_user() == is_user)
            };
            for one in bounded() {
                let boundary = one.boundary().map(|boundary| boundary.name().to_owned()).unwrap_or_default();
                let context = Context::partial().with("iam:PermissionsBoundary", boundary);
                let target = core::iter::once(Target::One(one.arn().as_str()));
                if let Some((_, decision)) = self.on(principal, delete, target, &context) {
                    found.push(Escape { how: format!("take away the boundary of {}", one.arn().resource()), decision });
                }
            }
            let context = Context::partial().with("iam:PermissionsBoundary", elsewhere.as_str());
            let targets = bounded().map(|one| Target::One(one.arn().as_str()));
            if let Some((arn, decision)) = self.on(principal, put, targets, &context) {
                let who = arn.strip_prefix(&self.prefix).unwrap_or(arn);
                found.push(Escape { how: format!("exchange the boundary of {who} for any policy"), decision });
            }
        }
        found
    }

    /// Users and roles made, or given policies, without a boundary that anybody requires.
    fn without(&self, principal: &Principal) -> Vec<Escape> {
        let elsewhere = format!("{}policy/probity/no-boundary", self.prefix);
        let with_another = Context::partial().with("iam:PermissionsBoundary", elsewhere);
        let with_none = Context::partial().without("iam:PermissionsBoundary");
        let mut found = Vec::new();
        for (action, kind, makes) in [
            ("iam:CreateUser", "user", true),
            ("iam:CreateRole", "role", true),
            ("iam:AttachUserPolicy", "user", false),
            ("iam:PutUserPolicy", "user", false),
            ("iam:AttachRolePolicy", "role", false),
            ("iam:PutRolePolicy", "role", false),
        ] {
            let patterns = named(principal, action, &format!("{}{kind}/*", self.prefix));
            let targets = || patterns.iter().map(|pattern| Target::Matching(pattern.as_str()));
            let contexts = if makes { [Some(&with_none), Some(&with_another)] } else { [Some(&with_none), None] };
            let mut decided = contexts
                .into_iter()
                .flatten()
                .filter_map(|context| self.on(principal, action, targets(), context).map(|(_, decision)| decision));
            let Some(first) = decided.next() else { continue };
            let decision = if first.is_allowed() { first } else { decided.find(Decision::is_allowed).unwrap_or(first) };
            let how = match makes {
                true => format!("make a {kind} without a boundary that limits it ({action})"),
                false => format!("give policies to a {kind} that has no boundary ({action})"),
            };
            found.push(Escape { how, decision });
        }
        found
    }

    /// Policies of boundaries rewritten.
    fn rewritten(&self, principal: &Principal) -> Vec<Escape> {
        let own = |arn: &&String| arn.starts_with(&self.prefix);
        let mut found = Vec::new();
        for action in ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"] {
            let targets = self.boundaries.iter().filter(own).map(|arn| match arn.contains(['*', '?']) {
                true => Target::Matching(arn.as_str()),
                false => Target::One(arn.as_str()),
            });
            if let Some((arn, decision)) = self.on(principal, action, targets, &Context::partial()) {
                found.push(Escape { how: format!("write the policy of the boundary {arn} ({action})"), decision });
            }
        }
        found
    }

    /// Administrator roles without a boundary that one who has a boundary may enter or pass to a service.
    fn left(&self, principal: &Principal) -> Vec<Escape> {
        let roles = || {
            let all = self.ways.administrators(self.access);
            let free = all.filter(|role| role.kind() == PrincipalKind::Role && role.boundary().is_none());
            free.map(|role| Target::One(role.arn().as_str()))
        };
        let mut found = Vec::new();
        for (action, does) in [("sts:AssumeRole", "enter"), ("iam:PassRole", "pass")] {
            if let Some((arn, decision)) = self.on(principal, action, roles(), &Context::partial()) {
                let role = arn.strip_prefix(&self.prefix).unwrap_or(arn);
                found.push(Escape { how: format!("{does} {role}, an administrator without a boundary"), decision });
            }
        }
        found
    }
}

/// On what an action is asked: any resource of a kind, and those of that kind that the principal's policies name.
fn named(principal: &Principal, action: &str, any: &str) -> Vec<String> {
    use probity_policy::{Effect, Resources};
    let documents = principal.identity().iter().filter_map(|held| held.source.document());
    let statements = documents.flat_map(|document| &document.statements);
    let allows = statements.filter(|one| one.effect == Effect::Allow && one.actions.cover(action));
    let patterns = allows.filter_map(|one| match &one.resources {
        Some(Resources::Only(patterns)) => Some(patterns),
        _ => None,
    });
    // Where a variable stands for a name, the resource is the caller's own.
    let fitting = patterns.flatten().filter(|one| one.can_name(any) && !one.text().contains("${"));
    let texts = fitting.filter(|one| !one.is_everything()).map(|one| one.text().to_owned());
    let mut all: Vec<String> = texts.chain(core::iter::once(any.to_owned())).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::escalation::testing::{ADMIN, allow, boss, finding, of, statement, with_boundary};
    use crate::testing::{allowing, findings_with, outcomes, trust_policy};

    const ID: &str = "privesc-boundary-escape";
    const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/boundary";
    /// Less than an administrator's: the boundary leaves S3 and IAM.
    const IAM: &str = r#"["iam:*","s3:*","sts:*"]"#;

    fn required() -> String {
        format!(r#""StringEquals":{{"iam:PermissionsBoundary":"{BOUNDARY}"}}"#)
    }

    /// A delegated administrator, `anna`, with a boundary that leaves IAM to her, and one policy of her own.
    fn anna(own: &str) -> Account {
        with_boundary(boss(), &statement("Allow", IAM, "*", ""), own)
    }

    #[test]
    fn pass() {
        assert_eq!(of(ID, anna(&allow("iam:Get*", "*")), "user/anna"), Pass);
        let list = r#"["iam:CreateRole","iam:CreateUser","iam:AttachRolePolicy","iam:PutRolePolicy"]"#;
        assert_eq!(of(ID, anna(&statement("Allow", list, "*", &required())), "user/anna"), Pass);
    }

    #[test]
    fn fail() {
        for action in [
            "iam:DeleteUserPermissionsBoundary",
            "iam:PutUserPermissionsBoundary",
            "iam:CreateUser",
            "iam:CreateRole",
            "iam:AttachRolePolicy",
            "iam:PutRolePolicy",
            "iam:CreatePolicyVersion",
            "iam:SetDefaultPolicyVersion",
        ] {
            let found = finding(ID, anna(&allow(action, "*")), "user/anna");
            assert_eq!(found.outcome, Fail, "{action}");
            assert!(format!("{:?}", found.evidence).contains("statement 1 of user/anna/own"), "{action}");
        }
        let bounded = anna(&allow("iam:DeleteRolePermissionsBoundary", "*"));
        assert_eq!(of(ID, bounded.clone(), "user/anna"), Pass, "no role has a boundary");
        assert_eq!(of(ID, bounded.role("app", |role| role.boundary(BOUNDARY)), "user/anna"), Fail);
    }

    #[test]
    fn a_condition_that_any_boundary_meets_demands_none() {
        let condition = r#""Null":{"iam:PermissionsBoundary":"false"}"#;
        let document = statement("Allow", r#""iam:CreateRole""#, "*", condition);
        assert_eq!(of(ID, anna(&document), "user/anna"), Fail);
        let exchange = statement("Allow", r#""iam:PutUserPermissionsBoundary""#, "*", &required());
        assert_eq!(of(ID, anna(&exchange), "user/anna"), Pass);
    }

    #[test]
    fn paths_are_no_boundary() {
        let scoped = allow("iam:CreateRole", "arn:aws:iam::123456789012:role/app/*");
        assert_eq!(of(ID, anna(&scoped), "user/anna"), Fail);
    }

    #[test]
    fn the_policy_of_a_boundary_that_is_required_counts() {
        let other = "arn:aws:iam::123456789012:policy/other";
        let account = anna(&allow("iam:CreatePolicyVersion", other));
        assert_eq!(of(ID, account.clone(), "user/anna"), Pass);
        let found = findings_with(ID, &[("required_boundaries", other)], account);
        let anna = found.into_iter().find(|one| one.resource.resource() == "user/anna").expect("a finding");
        assert_eq!(anna.outcome, Fail);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna(ADMIN).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let condition = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        let conditional = statement("Allow", r#""iam:CreateUser""#, "*", condition);
        assert_eq!(of(ID, anna(&conditional), "user/anna"), NotEvaluated);
        let unread = anna(&allow("s3:*", "*")).user("bob", |user| user.attached("Unread"));
        assert_eq!(of(ID, unread, "user/bob"), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        let account = boss().user("bob", |user| user.inline("own", &allow("iam:CreateUser", "*")));
        assert_eq!(of(ID, account, "user/bob"), NotApplicable);
        assert_eq!(of(ID, anna(&allow("s3:*", "*")), "user/boss"), NotApplicable);
    }

    #[test]
    fn trap_a_trust_policy_that_names_the_user_lets_it_out() {
        let trust = trust_policy(&allowing(r#"{"AWS":"arn:aws:iam::123456789012:user/anna"}"#, ""));
        let account = with_boundary(boss(), &allow("s3:*", "*"), &allow("s3:*", "*"));
        assert_eq!(of(ID, account.clone(), "user/anna"), Pass);
        let account = account.role("admin", |role| role.inline("all", ADMIN).trust(&trust));
        assert_eq!(of(ID, account, "user/anna"), Fail);
    }

    #[test]
    fn trap_to_pass_a_role_without_a_boundary_is_an_escape() {
        let account = |edit: &dyn Fn(Account) -> Account| edit(anna(&allow("iam:PassRole", "*")));
        let free = account(&|account| account.role("admin", |role| role.inline("all", ADMIN)));
        assert_eq!(of(ID, free, "user/anna"), Fail);
        let bounded = account(&|account| account.role("admin", |role| role.inline("all", ADMIN).boundary(BOUNDARY)));
        assert_eq!(of(ID, bounded, "user/anna"), Pass);
    }

    #[test]
    fn trap_the_count_of_uses_tells_whether_boundaries_are_in_use() {
        let account = |uses: u32| {
            boss()
                .policy("boundary", &allow("s3:*", "*"), |policy| policy.boundary_of(uses))
                .user("bob", |user| user.inline("own", &allow("iam:CreateUser", "*")))
        };
        assert_eq!(of(ID, account(1), "user/bob"), Fail);
        assert_eq!(of(ID, account(0), "user/bob"), NotApplicable);
    }
}
