//! Who may pass a role to a service may pass only those roles, to that service.
//!
//! # Why
//! Whoever passes a role to a service that runs code, such as EC2 or Lambda, acts with the role's permissions. With
//! `iam:PassRole` for every role that is the most privileged role there is.
//!
//! # Pass
//! Each Allow of the policy that covers `iam:PassRole` names roles, by ARN or by a path without privileged roles, and a
//! condition on `iam:PassedToService` says which service they are for. It passes too where the permissions boundary of
//! everybody who has the policy excludes `iam:PassRole`.
//!
//! # Fail
//! An Allow covers `iam:PassRole` for every role, or for a path with a privileged role in it; or, rated medium, without
//! a condition on `iam:PassedToService`. It is rated low where no role of the account that it covers trusts a service:
//! then it lets nobody do more today.
//!
//! # Not applicable
//! No Allow of the policy covers `iam:PassRole`; or the policy serves as permissions boundary only. AWS managed policies
//! that allow everything have a check of their own.
//!
//! # Notes
//! This is a verdict on statements, and not on what anybody can do in the end: neither what other statements deny nor
//! service and resource control policies or session policies are considered.
//!
//! A role is privileged when its own policies let it change what somebody may do.
//!
//! # Fix
//! Name the roles that the workload needs, or give them a path of their own, and add `StringEquals` on
//! `iam:PassedToService`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Role;
use probity_model::{
    Arn, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject,
};
use probity_policy::{Context, Document, Effect, Pattern, Resources, Statement, Target, Truth};

use crate::privilege::Privilege;
use crate::statements::{self, Flaw, Place, Policy, Reach};
use crate::trust::{Opening, Party, Trust};

const ACTION: &str = "iam:PassRole";
const CONDITION_KEY: &str = "iam:PassedToService";
const NOT_CONSIDERED: &str = "Deny statements, SCPs, RCPs, session policies";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-passrole-unrestricted",
        family: Family::Policies,
        title: "iam:PassRole names the roles and the service",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::PolicyStatement,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        let account = Judged {
            details,
            policies: statements::policies(details),
            // AWS's own roles for its services cannot be passed by anybody else.
            passable: details
                .roles
                .iter()
                .filter(|role| !role.is_service_linked())
                .map(|role| (role, trusts_a_service(role)))
                .collect(),
        };
        for policy in &account.policies {
            judge(policy, &account, out);
        }
    }
}

/// What the policies are judged by.
struct Judged<'s> {
    details: &'s AuthorizationDetails,
    policies: Vec<Policy<'s>>,
    /// The roles that may be passed, and whether a service may assume them.
    passable: Vec<(&'s Role, bool)>,
}

/// A role that a statement covers or may cover.
struct Covered<'s> {
    role: &'s Role,
    trusts_a_service: bool,
    /// Whether the statement names it by its ARN.
    is_named: bool,
}

fn judge(policy: &Policy<'_>, account: &Judged<'_>, out: &mut Findings<'_>) {
    let partition = out.partition();
    let every_role = format!("arn:{partition}:iam::{}:role/*", out.account());
    let subject = policy.subject(out).noted("not_considered", NOT_CONSIDERED);
    let document = match &policy.document {
        Ok(document) => document,
        Err(reason) => return subject.unclear(reason),
    };
    let covers =
        |(_, statement): &(usize, &Statement)| statement.effect == Effect::Allow && statement.actions.cover(ACTION);
    let grants: Vec<_> = statements::numbered(document).filter(covers).collect();
    if grants.is_empty() {
        return subject.not_applicable("no statement allows iam:PassRole");
    }
    if policy.is_only_boundary() {
        return subject.not_applicable("the policy serves as permissions boundary only, and grants nothing");
    }
    if policy.place == Place::AwsManaged && policy.allows_everything(partition) {
        return subject.not_applicable("the policy of AWS allows everything, which is for another check");
    }
    if boundaries_exclude(policy, account) {
        return subject.pass("the permissions boundary of everybody who has the policy excludes iam:PassRole");
    }
    conclude(subject, &grants, document, &every_role, account);
}

fn conclude(
    subject: Subject<'_, '_>,
    grants: &[(usize, &Statement)],
    document: &Document,
    every_role: &str,
    account: &Judged<'_>,
) {
    let mut flaws = Vec::new();
    let mut open = None;
    for (number, statement) in grants.iter().copied() {
        match flaw(statement, document, every_role, account) {
            Ok(Some(flaw)) => flaws.push((number, statement, flaw)),
            Ok(None) => {}
            Err(reason) => open = open.or(Some(format!("{} {reason}", statements::name(number, statement)))),
        }
    }
    match open {
        Some(reason) if flaws.is_empty() => subject.unclear(reason),
        _ => statements::conclude(subject, &flaws, "each role is named, and the service that it is for"),
    }
}

/// What is wrong with an Allow that covers the action; an error where nobody can say.
fn flaw(
    statement: &Statement,
    document: &Document,
    every_role: &str,
    account: &Judged<'_>,
) -> Result<Option<Flaw>, String> {
    let reach = statements::reach(statement, document, every_role);
    let roles = covered(statement, document, account);
    let harmless = roles.iter().all(|one| !one.trusts_a_service);
    let flaw = |severity, message: String| {
        if harmless {
            let message = format!("{message}; no role of the account that this covers trusts a service");
            return Ok(Some(Flaw { severity: Severity::Low, message }));
        }
        Ok(Some(Flaw { severity, message }))
    };
    match reach {
        Reach::Nothing => return Ok(None),
        Reach::All => return flaw(Severity::High, "allows iam:PassRole for every role".to_string()),
        Reach::AllBut => {
            return flaw(Severity::High, "allows iam:PassRole for every role but those in NotResource".to_string());
        }
        Reach::Some => {}
    }
    let mut open = None;
    for Covered { role, .. } in roles.iter().filter(|one| one.trusts_a_service && !one.is_named) {
        match Privilege::of_role(role, account.details) {
            Privilege::Yes(reason) => {
                let message =
                    format!("allows iam:PassRole for a path with the privileged role {}: {reason}", role.name);
                return flaw(Severity::High, message);
            }
            Privilege::Unknown(reason) => {
                open = open.or(Some(format!(
                    "allows iam:PassRole for a path with the role {}, of which nobody can say whether it is privileged: \
                     {reason}",
                    role.name
                )));
            }
            Privilege::No => {}
        }
    }
    if !names_the_service(statement, document) {
        return flaw(Severity::Medium, format!("allows iam:PassRole without a condition on {CONDITION_KEY}"));
    }
    open.map_or(Ok(None), Err)
}

fn covered<'s>(statement: &Statement, document: &Document, account: &Judged<'s>) -> Vec<Covered<'s>> {
    let Some(resources) = &statement.resources else { return Vec::new() };
    let variables = statements::has_variables(document);
    let is_named = |arn: &Arn| matches!(resources, Resources::Only(patterns) if patterns.iter().any(|one| one.text() == arn.as_str()));
    let covers =
        |role: &Role| resources.cover(Target::One(role.arn.as_str()), &Context::partial(), variables) != Truth::No;
    let covered = account.passable.iter().filter(|(role, _)| covers(role));
    let mut covered: Vec<_> = covered
        .map(|&(role, trusts_a_service)| Covered { role, trusts_a_service, is_named: is_named(&role.arn) })
        .collect();
    covered.sort_by(|a, b| a.role.arn.cmp(&b.role.arn));
    covered
}

/// Whether some service may assume the role, or nobody can say.
fn trusts_a_service(role: &Role) -> bool {
    let lets_in = |opening: &Opening<'_>| {
        opening.parties().iter().any(|party| matches!(party, Party::Service(_) | Party::AnyoneBut | Party::Anyone))
    };
    Trust::of(role).map_or(true, |trust| trust.openings().iter().any(lets_in))
}

/// Whether a condition keeps the role from a service that nobody has named.
fn names_the_service(statement: &Statement, document: &Document) -> bool {
    let variables = statements::has_variables(document);
    let other = Context::partial().with(CONDITION_KEY, "unnamed.amazonaws.com");
    let own = statement.conditions.iter().filter(|condition| condition.key.eq_ignore_ascii_case(CONDITION_KEY));
    own.into_iter().any(|condition| condition.holds(&other, variables) == Truth::No)
}

/// Whether everybody who has the policy has a permissions boundary that leaves the action out.
fn boundaries_exclude(policy: &Policy<'_>, account: &Judged<'_>) -> bool {
    let details = account.details;
    let mut boundaries = Vec::new();
    for holder in policy.holders {
        boundaries.extend(details.user(holder).map(|one| &one.permissions_boundary));
        boundaries.extend(details.role(holder).map(|one| &one.permissions_boundary));
        let groups = details.groups.iter().filter(|group| group.arn == *holder);
        boundaries.extend(groups.flat_map(|group| details.members(group)).map(|one| &one.permissions_boundary));
    }
    let excludes = |boundary: &Option<Arn>| {
        let managed = |arn| account.policies.iter().find(move |one| one.name.is_none() && one.arn == arn);
        let document = boundary.as_ref().and_then(managed).and_then(|one| one.document.as_ref().ok().copied());
        document.is_some_and(excludes_action)
    };
    !boundaries.is_empty() && boundaries.into_iter().all(excludes)
}

fn excludes_action(boundary: &Document) -> bool {
    let mut about = boundary.statements.iter().filter(|statement| statement.actions.cover(ACTION));
    let denies_always = |statement: &Statement| {
        statement.effect == Effect::Deny
            && statement.conditions.is_empty()
            && matches!(&statement.resources, Some(Resources::Only(all)) if all.iter().any(Pattern::is_everything))
    };
    about.clone().any(denies_always) || about.all(|statement| statement.effect == Effect::Deny)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Outcome, Severity, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "policy-passrole-unrestricted";
    const TO_EC2: &str = r#""StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#;
    const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}"#;

    fn document(action: &str, resource: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":{resource},"Condition":{{{condition}}}}}]}}"#
        )
    }

    /// An account with a role that is privileged and one that is not, both trusted to EC2.
    fn account() -> Account {
        Account::new()
            .role("admin", |role| role.path("/ops/").inline("all", ADMIN))
            .role("app", |role| role.path("/app/"))
    }

    fn with(action: &str, resource: &str, condition: &str) -> Account {
        account().policy("own", &document(action, resource, condition), |policy| policy)
    }

    /// The verdict on the policy `own`.
    fn own(account: Account) -> Finding {
        let mut found = findings(ID, account).into_iter();
        found.find(|one| one.resource.resource() == "policy/own").expect("a finding")
    }

    fn verdict(action: &str, resource: &str, condition: &str) -> (Outcome, Severity) {
        let found = own(with(action, resource, condition));
        (found.outcome, found.severity)
    }

    #[test]
    fn pass() {
        for resource in [r#""arn:aws:iam::123456789012:role/app/*""#, r#""arn:aws:iam::123456789012:role/ops/admin""#] {
            assert_eq!(verdict("iam:PassRole", resource, TO_EC2).0, Pass, "{resource}");
        }
    }

    #[test]
    fn fail() {
        for resource in
            [r#""*""#, r#""arn:aws:iam::*:role/*""#, r#""arn:aws:iam::123456789012:role/*""#, r#"["a","arn:*"]"#]
        {
            assert_eq!(verdict("iam:PassRole", resource, TO_EC2), (Fail, Severity::High), "{resource}");
        }
        let inverted = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:PassRole","NotResource":"arn:aws:iam::123456789012:role/ops/admin","Condition":{{{TO_EC2}}}}}}}"#
        );
        assert_eq!(own(account().policy("own", &inverted, |policy| policy)).outcome, Fail);
    }

    #[test]
    fn a_path_with_a_privileged_role_is_as_bad() {
        let ops = verdict("iam:PassRole", r#""arn:aws:iam::123456789012:role/ops/*""#, TO_EC2);
        assert_eq!(ops, (Fail, Severity::High));
    }

    #[test]
    fn without_the_service_it_is_rated_medium() {
        let app = r#""arn:aws:iam::123456789012:role/app/app""#;
        for condition in [
            "",
            r#""StringLike":{"iam:PassedToService":"*"}"#,
            r#""StringNotEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#,
            r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#,
        ] {
            assert_eq!(verdict("iam:PassRole", app, condition), (Fail, Severity::Medium), "{condition}");
        }
        assert_eq!(
            verdict("iam:PassRole", app, r#""StringLike":{"iam:passedtoservice":["ecs-*.amazonaws.com"]}"#).0,
            Pass
        );
    }

    #[test]
    fn a_path_whose_roles_nobody_can_judge_is_not_evaluated() {
        let partly = document("iam:PutRolePolicy", r#""arn:aws:iam::123456789012:role/x""#, "");
        let account = with("iam:PassRole", r#""arn:aws:iam::123456789012:role/ci/*""#, TO_EC2)
            .role("deploy", |role| role.path("/ci/").inline("partly", &partly));
        assert_eq!(own(account).outcome, NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(verdict("iam:Get*", r#""*""#, "").0, NotApplicable);
        let boundary = document("iam:*", r#""*""#, "");
        let boundary = account().policy("own", &boundary, |policy| policy.attached_to(0).boundary_of(1));
        assert_eq!(own(boundary).outcome, NotApplicable);
        let everything = Account::new().aws_policy("AdministratorAccess", &document("*", r#""*""#, ""));
        assert_eq!(outcomes(ID, everything), [NotApplicable]);
    }

    #[test]
    fn policies_of_aws_count_where_they_allow_less_than_everything() {
        let less = document("iam:PassRole", r#""*""#, "");
        assert_eq!(outcomes(ID, Account::new().aws_policy("Pipelines", &less).role("app", |role| role)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, account().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(own(account().policy("own", "{", |policy| policy)).outcome, NotEvaluated);
    }

    #[test]
    fn trap_wildcards_cover_the_action() {
        for action in ["iam:*", "iam:Pass*", "IAM:passrole", "*", "i*:*Role"] {
            assert_eq!(verdict(action, r#""*""#, ""), (Fail, Severity::High), "{action}");
        }
    }

    #[test]
    fn trap_where_no_role_trusts_a_service_it_lets_nobody_do_more() {
        let people = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;
        let any = document("iam:PassRole", r#""*""#, "");
        let account =
            Account::new().role("admin", |role| role.trust(people).inline("all", ADMIN)).policy("own", &any, |p| p);
        let found = own(account.clone());
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Low));
        assert_eq!(own(account.role("app", |role| role)).severity, Severity::High);
    }

    #[test]
    fn trap_a_boundary_that_excludes_it_takes_it_away() {
        let any = document("iam:PassRole", r#""*""#, "");
        let arn = "arn:aws:iam::123456789012:policy/limit";
        let with = |limit: &str| {
            let account = Account::new().policy("limit", limit, |policy| policy.attached_to(0).boundary_of(1));
            account.role("app", |role| role.inline("own", &any).boundary(arn))
        };
        let inline = |account| findings(ID, account).into_iter().find(|one| one.discriminator == "own").expect("one");
        assert_eq!(inline(with(&document("s3:*", r#""*""#, ""))).outcome, Pass);
        assert_eq!(inline(with(&document("*", r#""*""#, ""))).outcome, Fail);
        assert_eq!(inline(with("{")).outcome, Fail, "nobody knows what the boundary says");
        let other = with(&document("s3:*", r#""*""#, ""))
            .policy("own", &any, |policy| policy)
            .role("bounded", |role| role.attached("arn:aws:iam::123456789012:policy/own").boundary(arn))
            .role("free", |role| role.attached("arn:aws:iam::123456789012:policy/own"));
        assert_eq!(own(other).outcome, Fail, "one of those who have it has no boundary");
    }

    #[test]
    fn trap_the_finding_says_which_layers_were_not_considered() {
        let found = own(with("iam:PassRole", r#""*""#, ""));
        let told = found.evidence.iter().find(|item| item.key == "not_considered").map(|item| &*item.value);
        assert_eq!(told, Some("Deny statements, SCPs, RCPs, session policies"));
    }
}
