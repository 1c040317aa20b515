//! Functions and tasks do not share one role.
//!
//! # Why
//! A role that many functions and tasks share has to allow what any of them needs. Whoever breaks into the least of them
//! can do what all of them may.
//!
//! # Pass
//! No more than `max_workloads` functions and families of task definitions run with the role.
//!
//! # Fail
//! More do.
//!
//! # Not applicable
//! Roles that no function and no task definition runs with.
//!
//! # Notes
//! Instances are not counted: those of one group do the same. Copies of one function in several Regions, which share
//! their name, count once.
//!
//! # Fix
//! Give each function and each family of task definitions its own role, with what it needs. Access Analyzer writes such a
//! policy from what CloudTrail recorded.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::{AuthorizationDetails, Compute};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::workloads::{Part, by_role, report_gaps};

const MAX_WORKLOADS: NumberParameter = NumberParameter {
    name: "max_workloads",
    default: 3,
    min: 1,
    max: 1_000,
    unit: Unit::Workloads,
    source: "our own choice: the few functions of one small application",
};

/// How many names stand in the evidence.
const SHOWN: usize = 10;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-shared-across-workloads",
        family: Family::RolesAndTrust,
        title: "Functions and tasks have a role each",
        severity: Severity::Low,
        scope: Scope::Region,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_WORKLOADS)],
    };
    type Facts<'s> = (&'s Compute, &'s AuthorizationDetails);

    fn run((compute, details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let most = parameters.number(&MAX_WORKLOADS);
        report_gaps(compute, &[Part::Functions, Part::TaskDefinitions], out);
        let gap = compute.gaps().map(|(_, gap)| gap).next();
        for (role, workloads) in by_role(compute, details) {
            let names: BTreeSet<_> = workloads
                .iter()
                .filter(|workload| workload.kind != "instance")
                .map(|workload| {
                    let name = workload.arn.resource();
                    // A task definition ends with its revision.
                    let family = name.rsplit_once(':').filter(|_| workload.kind == "task definition");
                    family.map_or(name, |(family, _)| family)
                })
                .collect();
            if names.is_empty() {
                continue;
            }
            let shown: Vec<&str> = names.iter().copied().take(SHOWN).collect();
            let subject = out.resource(role.clone()).evidence("workloads", names.len());
            let subject = subject.evidence("names", shown.join(", ")).evidence(MAX_WORKLOADS.name, most);
            match (names.len() > most as usize, gap) {
                (true, _) => subject.fail(format!("{} functions and tasks run with the role", names.len())),
                // Where not everything was read, more may run with it.
                (false, Some(gap)) => subject.not_evaluated(gap),
                (false, None) => subject.pass(format!("{} functions and tasks run with the role", names.len())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "role-shared-across-workloads";

    fn functions(count: usize) -> Account {
        let account = Account::new().role("shared", |role| role);
        (0..count).fold(account, |account, number| account.function(&format!("f{number}"), "shared", |it| it))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, functions(3)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, functions(4)), [Fail]);
        assert_eq!(outcomes_with(ID, &[("max_workloads", "1")], functions(2)), [Fail]);
        let tasks = functions(3).task_definition("web", "shared", |it| it);
        assert_eq!(outcomes(ID, tasks), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let instance = Account::new().role("web", |role| role.instance_profile("web"));
        assert_eq!(outcomes(ID, instance.instance("i-1", |it| it.profile("web"))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::Compute, Topic::AuthorizationDetails] {
            assert_eq!(outcomes(ID, functions(1).deny(topic)), [NotEvaluated]);
        }
        let partly = outcomes(ID, functions(1).deny_compute("us-east-1"));
        assert!(partly.iter().all(|outcome| *outcome == NotEvaluated), "{partly:?}");
        assert!(outcomes(ID, functions(4).deny_compute("us-east-1")).contains(&Fail));
    }
}
