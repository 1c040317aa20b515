//! What runs with which role, for the ways that lead through what already runs.

use std::collections::{BTreeMap, BTreeSet};

use probity_model::facts::Compute;
use probity_model::facts::compute::RegionCompute;
use probity_model::{Arn, Snapshot};

/// Kinds of what runs that the evidence knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Runs {
    Function,
    Instance,
}

/// What runs, by its role.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workloads {
    functions: Running,
    instances: Running,
}

/// What runs of one kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running {
    by_role: BTreeMap<Arn, BTreeSet<Arn>>,
    /// Whether that is all there is: every Region was read.
    pub(crate) is_complete: bool,
}

impl Running {
    fn add(&mut self, role: &Arn, what: &Arn) {
        self.by_role.entry(role.clone()).or_default().insert(what.clone());
    }

    /// What runs with a role.
    pub(crate) fn with_role(&self, role: &Arn) -> impl Iterator<Item = &Arn> {
        self.by_role.get(role).into_iter().flatten()
    }
}

impl Workloads {
    /// What a snapshot tells; nothing for sure where compute was not read.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let (Ok(compute), Ok(details)) = (snapshot.facts.compute.get(), snapshot.facts.authorization_details.get())
        else {
            return Self::default();
        };
        let mut workloads = Self::default();
        let held = details.roles.iter().flat_map(|role| role.instance_profiles.iter().map(|held| (held, &role.arn)));
        let profiles: BTreeMap<&Arn, &Arn> = held.collect();
        for (_, function) in compute.functions() {
            workloads.functions.add(&function.role, &function.arn);
        }
        for (_, instance) in compute.instances().filter(|(_, instance)| !instance.is_gone()) {
            if let Some(role) = instance.instance_profile.as_ref().and_then(|profile| profiles.get(profile)) {
                workloads.instances.add(role, &instance.arn);
            }
        }
        workloads.functions.is_complete = is_everywhere(compute, |region| region.functions.get().is_ok());
        workloads.instances.is_complete = is_everywhere(compute, |region| region.instances.get().is_ok());
        workloads
    }

    pub(crate) fn of_kind(&self, kind: Runs) -> &Running {
        match kind {
            Runs::Function => &self.functions,
            Runs::Instance => &self.instances,
        }
    }
}

fn is_everywhere(compute: &Compute, read: fn(&RegionCompute) -> bool) -> bool {
    !compute.regions.is_empty() && compute.regions.values().all(read)
}
