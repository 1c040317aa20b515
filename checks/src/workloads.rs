//! What runs with which role, and what of it could not be read.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::authorization::{Role, Tags};
use probity_model::facts::compute::Instance;
use probity_model::facts::{AuthorizationDetails, Compute};
use probity_model::{Arn, Findings, Region};
use probity_policy::Pattern;

/// Services that code runs in and that are read, by the name that trust policies have for them.
pub(crate) const READ: [&str; 3] = ["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"];
/// Services that code runs in and that are not read.
pub(crate) const UNREAD: [&str; 3] = ["glue.amazonaws.com", "codebuild.amazonaws.com", "sagemaker.amazonaws.com"];

/// What is read of compute, for the gaps that a check has to report.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Instances,
    Functions,
    TaskDefinitions,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Instances, Self::Functions, Self::TaskDefinitions];

    fn name(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::Functions => "functions",
            Self::TaskDefinitions => "task-definitions",
        }
    }
}

/// Reports the Regions in which one of these could not be read.
pub(crate) fn report_gaps(compute: &Compute, parts: &[Part], out: &mut Findings<'_>) {
    for (region, all) in &compute.regions {
        for part in parts {
            let gap = match part {
                Part::Instances => all.instances.gap(),
                Part::Functions => all.functions.gap(),
                Part::TaskDefinitions => all.task_definitions.gap(),
            };
            if let Some(gap) = gap {
                out.whole_account().region(region).discriminator(part.name()).not_evaluated(gap);
            }
        }
    }
    if parts.contains(&Part::TaskDefinitions) {
        for (region, definition) in compute.task_definitions() {
            if let Some(gap) = definition.details.gap() {
                let name = format!("task-definition/{}", definition.family);
                out.whole_account().region(region).discriminator(name).not_evaluated(gap);
            }
        }
    }
}

/// Something that runs with a role.
#[derive(Clone, Copy)]
pub(crate) struct Workload<'s> {
    pub(crate) region: &'s Region,
    pub(crate) arn: &'s Arn,
    pub(crate) kind: &'static str,
}

impl Workload<'_> {
    /// What it is, in words.
    pub(crate) fn words(&self) -> String {
        format!("the {} {} in {}", self.kind, self.arn.resource(), self.region)
    }
}

/// The roles of what runs, each with what runs with it.
pub(crate) fn by_role<'s>(
    compute: &'s Compute,
    details: &'s AuthorizationDetails,
) -> BTreeMap<&'s Arn, Vec<Workload<'s>>> {
    let mut roles: BTreeMap<&Arn, Vec<Workload<'_>>> = BTreeMap::new();
    let profiles = Profiles::of(details);
    for (region, instance) in compute.instances().filter(|(_, instance)| !instance.is_gone()) {
        if let Some(role) = profiles.role_of(instance) {
            roles.entry(role).or_default().push(Workload { region, arn: &instance.arn, kind: "instance" });
        }
    }
    for (region, function) in compute.functions() {
        roles.entry(&function.role).or_default().push(Workload { region, arn: &function.arn, kind: "function" });
    }
    for (region, definition) in compute.task_definitions() {
        if let Ok(known) = definition.details.get()
            && let Some(role) = &known.task_role
        {
            roles.entry(role).or_default().push(Workload { region, arn: &known.arn, kind: "task definition" });
        }
    }
    // The order of the evidence does not show.
    roles.values_mut().for_each(|all| all.sort_by_key(|workload| (workload.region, workload.arn)));
    roles
}

/// The instance profiles that hold a role. A profile whose role was deleted still has an ARN and holds none.
pub(crate) struct Profiles<'s>(BTreeMap<&'s Arn, &'s Arn>);

impl<'s> Profiles<'s> {
    pub(crate) fn of(details: &'s AuthorizationDetails) -> Self {
        let held = |role: &'s Role| role.instance_profiles.iter().map(|profile| (profile, &role.arn));
        Self(details.roles.iter().flat_map(held).collect())
    }

    /// The role in the instance profile of an instance.
    pub(crate) fn role_of(&self, instance: &Instance) -> Option<&'s Arn> {
        instance.instance_profile.as_ref().and_then(|profile| self.0.get(profile).copied())
    }
}

/// The first of these tags, each as `key=value` with `*` and `?`, that something has.
pub(crate) fn tagged<'t>(tags: &Tags, wanted: &[&'t str]) -> Option<&'t str> {
    wanted.iter().copied().find(|wanted| {
        let (key, value) = wanted.split_once('=').unwrap_or((wanted, "*"));
        let value = Pattern::new(value);
        tags.iter().any(|(own, text)| own.eq_ignore_ascii_case(key) && value.matches(text))
    })
}
