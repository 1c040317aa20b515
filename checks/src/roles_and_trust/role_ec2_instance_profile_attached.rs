//! EC2 instances call AWS with a role of their own.
//!
//! # Why
//! An instance without a role that has to call AWS is given access keys, which lie on its disk, never expire and leave with
//! every copy of it.
//!
//! # Pass
//! The instance has an instance profile, and the profile holds a role.
//!
//! # Fail
//! It has none, or one without a role.
//!
//! # Not applicable
//! Instances that are terminated or about to be, and those with one of the `exempt_tags`.
//!
//! # Notes
//! An instance that never calls AWS needs no role: tag it, so that the next reader knows. Systems Manager can give an
//! instance credentials without a profile (Default Host Management Configuration); these serve the agent alone.
//!
//! A profile whose role was deleted keeps its ARN and holds no role: that is why the roles are looked at and not only the
//! instance.
//!
//! # Fix
//! Make a role that may do what the instance needs and no more, put it in an instance profile and attach that. Then delete
//! the access keys on the instance.
//!
//! # Command
//! ```sh
//! aws ec2 associate-iam-instance-profile --instance-id INSTANCE_ID --iam-instance-profile Name=PROFILE
//! ```

use probity_model::facts::compute::Instance;
use probity_model::facts::{AuthorizationDetails, Compute};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, Region, ResourceKind, Rule, Scope, Severity};

use crate::workloads::{Part, Profiles, report_gaps, tagged};

const EXEMPT_TAGS: ListParameter = ListParameter {
    name: "exempt_tags",
    default: &["aws-access=none"],
    choices: &[],
    unit: Unit::Tags,
    source: "our own choice: a word for instances that never call AWS",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-ec2-instance-profile-attached",
        family: Family::RolesAndTrust,
        title: "EC2 instances that call AWS have an instance profile with a role",
        severity: Severity::Medium,
        scope: Scope::Region,
        resource: ResourceKind::Ec2Instance,
        automation: Automation::Partial,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(EXEMPT_TAGS)],
    };
    type Facts<'s> = (&'s Compute, &'s AuthorizationDetails);

    fn run((compute, details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        report_gaps(compute, &[Part::Instances], out);
        let exempt = parameters.list(&EXEMPT_TAGS);
        let profiles = Profiles::of(details);
        for (region, instance) in compute.instances() {
            judge(region, instance, &profiles, &exempt, out);
        }
    }
}

fn judge(region: &Region, instance: &Instance, profiles: &Profiles<'_>, exempt: &[&str], out: &mut Findings<'_>) {
    let subject = out.resource(instance.arn.clone()).region(region).evidence("state", &instance.state);
    if instance.is_gone() {
        return subject.not_applicable("the instance is terminated, or about to be");
    }
    if let Some(tag) = tagged(&instance.tags, exempt) {
        return subject.evidence("tag", tag).not_applicable("the instance is tagged as one that never calls AWS");
    }
    let Some(profile) = &instance.instance_profile else {
        return subject.fail("no instance profile is attached: if the instance calls AWS, it does so with access keys");
    };
    let subject = subject.evidence("instance_profile", profile);
    match profiles.role_of(instance) {
        Some(role) => subject.evidence("role", role).pass("the instance profile holds a role"),
        None => subject.fail("the instance profile holds no role: the instance has no credentials of its own"),
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, InstanceBuilder};

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "role-ec2-instance-profile-attached";

    fn with(change: impl FnOnce(InstanceBuilder) -> InstanceBuilder) -> Account {
        Account::new().role("web", |role| role.instance_profile("web")).instance("i-1", change)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(|it| it.profile("web"))), [Pass]);
        assert_eq!(outcomes(ID, with(|it| it.profile("web").state("stopped"))), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with(|it| it)), [Fail]);
        assert_eq!(outcomes(ID, with(|it| it.state("stopped"))), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, with(|it| it.state("terminated"))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::Compute, Topic::AuthorizationDetails] {
            assert_eq!(outcomes(ID, with(|it| it.profile("web")).deny(topic)), [NotEvaluated]);
        }
        assert_eq!(outcomes(ID, with(|it| it).deny_compute("us-east-1")), [Fail, NotEvaluated], "one Region");
    }

    #[test]
    fn trap_an_instance_that_never_calls_aws_needs_no_role() {
        assert_eq!(outcomes(ID, with(|it| it.tag("aws-access", "none"))), [NotApplicable]);
        assert_eq!(outcomes(ID, with(|it| it.tag("aws-access", "some"))), [Fail]);
        let other = with(|it| it.tag("network", "isolated"));
        assert_eq!(outcomes_with(ID, &[("exempt_tags", "network=*")], other), [NotApplicable]);
    }

    #[test]
    fn trap_a_profile_whose_role_was_deleted_holds_none() {
        assert_eq!(outcomes(ID, with(|it| it.profile("gone"))), [Fail]);
    }
}
