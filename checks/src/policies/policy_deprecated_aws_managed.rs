//! No AWS managed policy is attached that AWS has deprecated.
//!
//! # Why
//! AWS replaces a managed policy where it granted too much to be mended in place, such as `iam:PassRole` on everything. The
//! old one goes on granting that to whoever still has it, is not kept up to date, and cannot be attached again once it was
//! detached.
//!
//! # Pass
//! No policy of `deprecated_policies` is attached.
//!
//! # Fail
//! One is attached to a user, group or role.
//!
//! # Notes
//! No API says which policies are deprecated. The list holds those that AWS's own guides call deprecated or phased out:
//! those of Amazon ECS, AWS Lambda, Amazon EC2 Systems Manager, Amazon EMR, AWS CodePipeline and AWS Elastic Beanstalk. It is
//! not complete: change `deprecated_policies` as you learn.
//!
//! A policy of the account's own with the same name is another one and does not count.
//!
//! # Fix
//! Attach the policy that AWS names as the replacement, try the workload out, and detach the old one.
//!
//! # Command
//! ```sh
//! aws iam list-entities-for-policy --policy-arn arn:aws:iam::aws:policy/NAME
//! ```

use alloc::collections::BTreeSet;
use alloc::format;

use probity_model::facts::AuthorizationDetails;
use probity_model::{
    Arn, Automation, Family, Findings, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::statements;

const DEPRECATED_POLICIES: ListParameter = ListParameter {
    name: "deprecated_policies",
    default: &[
        "AWSCodePipelineFullAccess",
        "AWSCodePipelineReadOnlyAccess",
        "AWSElasticBeanstalkFullAccess",
        "AWSElasticBeanstalkReadOnlyAccess",
        "AWSLambdaFullAccess",
        "AWSLambdaReadOnlyAccess",
        "AmazonEC2ContainerServiceAutoscaleRole",
        "AmazonEC2ContainerServiceFullAccess",
        "AmazonEC2ContainerServiceRole",
        "AmazonEC2RoleforSSM",
        "AmazonElasticMapReduceFullAccess",
        "AmazonElasticMapReduceReadOnlyAccess",
        "AmazonElasticMapReduceRole",
    ],
    choices: &[],
    unit: Unit::Names,
    source: "the guides of each service, \"AWS managed policies\", of 2026; AWS publishes no list of all of them",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-deprecated-aws-managed",
        family: Family::Policies,
        title: "No deprecated AWS managed policy is attached",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::PolicyAttachment,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(DEPRECATED_POLICIES)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let deprecated = parameters.list(&DEPRECATED_POLICIES);
        let policies = statements::policies(details);
        let listed = policies.iter().filter(|policy| !policy.is_own() && deprecated.contains(&policy.arn.name()));
        let mut uncounted: BTreeSet<&Arn> = BTreeSet::new();
        for policy in listed {
            let name = policy.arn.name();
            for holder in policy.holders {
                let subject = out.resource((*holder).clone()).discriminator(name).evidence("PolicyArn", policy.arn);
                subject.fail(format!("{name} is attached, which AWS has deprecated"));
            }
            if policy.holders.is_empty() && policy.attachment_count() != Some(0) {
                uncounted.insert(policy.arn);
            }
        }
        for arn in uncounted {
            let subject = out.resource(arn.clone());
            subject.unclear("the policy is attached, and none of those that are known has it");
        }
        if out.is_empty() {
            let subject = out.whole_account().evidence("policies", policies.len());
            subject.pass("no policy is attached that is listed as deprecated");
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "policy-deprecated-aws-managed";
    const DOCUMENT: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:*","Resource":"*"}]}"#;

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, Account::new()), [Pass]);
        assert_eq!(outcomes(ID, Account::new().role("worker", |role| role.attached("ReadOnlyAccess"))), [Pass]);
        let unlisted = Account::new().role("worker", |role| role.attached("AWSLambdaFullAccess"));
        assert_eq!(outcomes_with(ID, &[("deprecated_policies", "")], unlisted), [Pass]);
    }

    #[test]
    fn fail() {
        let account = Account::new()
            .aws_policy("AWSLambdaFullAccess", DOCUMENT)
            .role("worker", |role| role.attached("AWSLambdaFullAccess"))
            .group("devs", |group| group.attached("AmazonEC2RoleforSSM"));
        let all = findings(ID, account);
        let told: std::vec::Vec<_> = all.iter().map(|one| (one.resource.name(), one.outcome)).collect();
        assert_eq!(told, [("devs", Fail), ("worker", Fail)]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().aws_policy("AWSLambdaFullAccess", DOCUMENT)), [NotEvaluated]);
    }

    #[test]
    fn trap_a_policy_of_the_accounts_own_is_another_one() {
        let arn = "arn:aws:iam::123456789012:policy/AWSLambdaFullAccess";
        let account = Account::new()
            .policy("AWSLambdaFullAccess", DOCUMENT, |policy| policy)
            .role("worker", |role| role.attached(arn));
        assert_eq!(outcomes(ID, account), [Pass]);
    }
}
