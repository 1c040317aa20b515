//! What runs has no administrator's role.
//!
//! # Why
//! A hole in the code of a function, an instance or a task gives away its role. With an administrator's role it gives away
//! the account.
//!
//! # Pass
//! Something runs with the role, and the role is no administrator and has no way to become one.
//!
//! # Fail
//! Something runs with the role, and the role is an administrator. Rated one level lower where it is none and can become one.
//!
//! # Not applicable
//! Roles that nothing runs with, where that is known; roles of `exempt_roles` that a permissions boundary holds.
//!
//! # Notes
//! Read are EC2 instances, Lambda functions and ECS task definitions; what Glue, CodeBuild and SageMaker run is not. A
//! strong role that trusts one of these services, or one that could not be read everywhere, is a possibility and not
//! proven: rated medium and not evaluated.
//!
//! The role of a deployment pipeline often has to be strong. Name it in `exempt_roles` and give it a permissions boundary:
//! without one the exemption does not count.
//!
//! # Fix
//! Have Access Analyzer write a policy from what the role did, according to CloudTrail, and exchange the broad one for it.
//!
//! # Command
//! ```sh
//! aws accessanalyzer start-policy-generation --policy-generation-details principalArn=ROLE_ARN
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_access::{Certainty, Principal, PrincipalKind, Truth};
use probity_model::facts::{AuthorizationDetails, Compute};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    Arn, Automation, Family, Findings, Gap, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject,
};
use probity_policy::Pattern;

use crate::escalation::{Way, Ways, remaining, sentence, trusts_one, with_way};
use crate::workloads::{READ, UNREAD, Workload, by_role};

const EXEMPT_ROLES: ListParameter = ListParameter {
    name: "exempt_roles",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the roles of deployment pipelines, which each account has its own of",
};

/// How many workloads are named in a message.
const NAMED: usize = 3;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-compute-administrator",
        family: Family::RolesAndTrust,
        title: "Compute roles are not administrator-equivalent",
        severity: Severity::Critical,
        scope: Scope::Region,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(EXEMPT_ROLES)],
    };
    type Facts<'s> = (Inferred<'s, Ways>, &'s AuthorizationDetails, Result<&'s Compute, &'s Gap>);

    fn run((Inferred(ways), details, compute): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let judge = Judge {
            ways,
            workloads: compute.map(|compute| by_role(compute, details)).unwrap_or_default(),
            gap: compute.map_or_else(Some, |compute| compute.gaps().map(|(_, gap)| gap).next()),
            exempt: parameters.list(&EXEMPT_ROLES).into_iter().map(Pattern::new).collect(),
        };
        let roles = ways.access().principals().iter().filter(|one| one.kind() == PrincipalKind::Role);
        for role in roles {
            judge.role(role, out);
        }
    }
}

struct Judge<'s> {
    ways: &'s Ways,
    workloads: BTreeMap<&'s Arn, Vec<Workload<'s>>>,
    gap: Option<&'s Gap>,
    exempt: Vec<Pattern>,
}

/// How strong a role is.
enum Strength<'w> {
    Administrator,
    Perhaps,
    Escalates(&'w Way),
    Weak,
}

impl Judge<'_> {
    fn strength(&self, role: &Principal) -> Strength<'_> {
        match (self.ways.is_administrator(role.arn()), self.ways.way_of(role.arn())) {
            (Some(Truth::Yes), _) => Strength::Administrator,
            (_, Some(way)) => Strength::Escalates(way),
            (Some(_), None) => Strength::Perhaps,
            (None, None) => Strength::Weak,
        }
    }

    fn role(&self, role: &Principal, out: &mut Findings<'_>) {
        let strength = self.strength(role);
        let Some(workloads) = self.workloads.get(role.arn()) else {
            return self.without_workload(role, &strength, out);
        };
        let subject = out.resource(role.arn().clone()).evidence("workloads", workloads.len());
        let subject =
            workloads.iter().take(NAMED).fold(subject, |subject, one| subject.evidence("workload", one.words()));
        let is_exempt = self.exempt.iter().any(|pattern| pattern.matches_arn(role.arn().as_str()));
        match (is_exempt, role.boundary()) {
            (true, Some(boundary)) => subject
                .evidence("permissions_boundary", boundary.name())
                .not_applicable("the role is exempt, and a permissions boundary holds it"),
            (true, None) => {
                let subject = subject.evidence(EXEMPT_ROLES.name, "named, and without a permissions boundary");
                verdict(subject, &strength, &names(workloads));
            }
            (false, _) => verdict(subject, &strength, &names(workloads)),
        }
    }

    /// A role that nothing is known to run with.
    fn without_workload(&self, role: &Principal, strength: &Strength<'_>, out: &mut Findings<'_>) {
        let (read, unread) = (trusts_one(role, &READ), trusts_one(role, &UNREAD));
        if !read && !unread {
            return;
        }
        let subject = out.resource(role.arn().clone()).evidence("workloads", 0);
        let strong = match strength {
            Strength::Weak => {
                return subject.not_applicable("nothing is known to run with the role, and it is no administrator");
            }
            Strength::Administrator => "the role is an administrator",
            Strength::Perhaps => "the role may be an administrator",
            Strength::Escalates(_) => "the role has a way to become an administrator",
        };
        let subject = subject.severity(Severity::Medium);
        match self.gap {
            Some(gap) if read => subject.evidence("strength", strong).not_evaluated(gap),
            _ if unread => subject.unclear(format!(
                "{strong} and trusts a service whose workloads are not read (AWS Glue, CodeBuild or SageMaker): whether \
                 something runs with it is not known"
            )),
            _ => subject.not_applicable(format!("{strong}, and nothing runs with it")),
        }
    }
}

fn names(workloads: &[Workload<'_>]) -> String {
    let mut names: Vec<String> = workloads.iter().take(NAMED).map(Workload::words).collect();
    if workloads.len() > NAMED {
        names.push(format!("{} more", workloads.len().saturating_sub(NAMED)));
    }
    names.join(", ")
}

fn verdict(subject: Subject<'_, '_>, strength: &Strength<'_>, names: &str) {
    match strength {
        Strength::Administrator => subject.fail(format!("an administrator's role runs {names}")),
        Strength::Perhaps => subject.unclear(format!(
            "the role runs {names}; whether it is an administrator depends on conditions, or on policies that were not read"
        )),
        Strength::Escalates(way) => {
            let subject = with_way(subject, way).severity(Severity::High);
            match (way.certainty, way.steps.first()) {
                (Certainty::Certain, Some(first)) => {
                    subject.fail(format!("the role of {names} can become an administrator: {}", sentence(way, first)));
                }
                _ => subject.unclear(format!(
                    "whether the role of {names} can become an administrator depends on: {}",
                    remaining(way)
                )),
            }
        }
        Strength::Weak => subject.pass(format!("the role runs {names}, and is no administrator")),
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, RoleBuilder};
    use probity_model::{Arn, Finding, Severity, Topic};

    use crate::testing::{allowing, findings, findings_with, outcomes, trust_policy};

    const ID: &str = "role-compute-administrator";
    const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    const READS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;

    fn trusting(service: &str) -> std::string::String {
        trust_policy(&allowing(&format!(r#"{{"Service":"{service}.amazonaws.com"}}"#), ""))
    }

    fn role(service: &str, document: &str) -> Account {
        let trust = trusting(service);
        Account::new().role("worker", |role| role.inline("own", document).trust(&trust).instance_profile("worker"))
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        let function = role("lambda", READS).function("f", "worker", |it| it);
        assert_eq!(outcomes(ID, function), [Pass]);
    }

    #[test]
    fn fail() {
        let found = finding(role("lambda", ADMIN).function("f", "worker", |it| it));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Critical));
        assert_eq!(found.message, "an administrator's role runs the function function:f in eu-central-1");
        assert_eq!(outcomes(ID, role("ec2", ADMIN).instance("i-1", |it| it.profile("worker"))), [Fail]);
        assert_eq!(outcomes(ID, role("ecs-tasks", ADMIN).task_definition("web", "worker", |it| it)), [Fail]);
    }

    #[test]
    fn a_role_that_can_become_one_fails_one_level_lower() {
        let writes = ADMIN
            .replace(r#""Action":"*""#, r#""Action":"iam:PutRolePolicy""#)
            .replace(r#""Resource":"*""#, r#""Resource":"arn:aws:iam::123456789012:role/worker""#);
        let found = finding(role("lambda", &writes).function("f", "worker", |it| it));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::High), "{}", found.message);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, role("lambda", ADMIN)), [NotApplicable], "nothing runs with it");
        assert_eq!(outcomes(ID, role("lambda", READS).deny(Topic::Compute)), [NotApplicable], "it is weak anyhow");
        let gone = role("ec2", ADMIN).instance("i-1", |it| it.profile("worker").state("terminated"));
        assert_eq!(outcomes(ID, gone), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        let runs = || role("lambda", ADMIN).function("f", "worker", |it| it);
        assert_eq!(outcomes(ID, runs().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, runs().deny(Topic::Compute)), [NotEvaluated]);
    }

    #[test]
    fn trap_trust_is_a_possibility_and_a_workload_is_the_proof() {
        let found = finding(role("codebuild", ADMIN));
        assert_eq!((found.outcome, found.severity), (NotEvaluated, Severity::Medium));
        let elsewhere = finding(role("lambda", ADMIN).deny_compute("us-east-1"));
        assert_eq!((elsewhere.outcome, elsewhere.severity), (NotEvaluated, Severity::Medium));
        let proven = finding(role("lambda", ADMIN).function("f", "worker", |it| it).deny_compute("us-east-1"));
        assert_eq!((proven.outcome, proven.severity), (Fail, Severity::Critical));
    }

    #[test]
    fn trap_an_exempt_role_needs_a_boundary() {
        let arn = "arn:aws:iam::123456789012:role/worker";
        let exempt = [("exempt_roles", arn)];
        let runs = || role("lambda", ADMIN).function("f", "worker", |it| it);
        assert_eq!(findings_with(ID, &exempt, runs())[0].outcome, Fail);
        let bound = |role: RoleBuilder| {
            let mut role = role.inline("own", ADMIN).trust(&trusting("lambda"));
            role.details.permissions_boundary = Some(Arn::new("arn:aws:iam::123456789012:policy/boundary"));
            role
        };
        let account = Account::new().role("worker", bound).policy("boundary", ADMIN, |policy| policy);
        let account = account.function("f", "worker", |it| it);
        assert_eq!(findings_with(ID, &exempt, account.clone())[0].outcome, NotApplicable);
        assert_eq!(outcomes(ID, account), [Fail]);
    }
}
