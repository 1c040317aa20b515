//! Instances, functions and task definitions of a built account, in its one Region.

use super::{ACCOUNT, Account, denied, known, region};
use crate::facts::compute::{Embedded, Function, Instance, RegionCompute, TaskDefinition, TaskDetails};
use crate::{Arn, Partition, Region, Seen, Topic};

/// An EC2 instance.
#[derive(Debug, Clone)]
pub struct InstanceBuilder {
    /// The instance.
    pub details: Instance,
    partition: Partition,
}

impl InstanceBuilder {
    /// The instance profile, by its name.
    #[must_use]
    pub fn profile(mut self, name: &str) -> Self {
        self.details.instance_profile =
            Some(Arn::new(format!("arn:{}:iam::{ACCOUNT}:instance-profile/{name}", self.partition)));
        self
    }

    /// The state.
    #[must_use]
    pub fn state(mut self, state: &str) -> Self {
        self.details.state = state.to_owned();
        self
    }

    /// Whether the metadata service demands tokens: `required` or `optional`.
    #[must_use]
    pub fn tokens(mut self, tokens: &str) -> Self {
        self.details.metadata_tokens = Some(tokens.to_owned());
        self
    }

    /// Whether the metadata service answers: `enabled` or `disabled`.
    #[must_use]
    pub fn endpoint(mut self, endpoint: &str) -> Self {
        self.details.metadata_endpoint = Some(endpoint.to_owned());
        self
    }

    /// A tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.details.tags.insert(key.to_owned(), value.to_owned());
        self
    }
}

/// A Lambda function.
#[derive(Debug, Clone)]
pub struct FunctionBuilder {
    /// The function.
    pub details: Function,
}

impl FunctionBuilder {
    /// An access key that was found in a variable.
    #[must_use]
    pub fn found(mut self, place: &str, id: &str, with_secret: bool) -> Self {
        known(&mut self.details.environment).push(Embedded::new(place, id, with_secret));
        self
    }
}

/// An ECS task definition.
#[derive(Debug, Clone)]
pub struct TaskBuilder {
    /// What it says.
    pub details: TaskDetails,
}

impl TaskBuilder {
    /// An access key that was found in a variable.
    #[must_use]
    pub fn found(mut self, place: &str, id: &str, with_secret: bool) -> Self {
        self.details.found.push(Embedded::new(place, id, with_secret));
        self
    }

    /// A tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.details.tags.insert(key.to_owned(), value.to_owned());
        self
    }
}

impl Account {
    fn compute(self, change: impl FnOnce(&Region, &mut RegionCompute)) -> Self {
        self.facts(|facts| {
            let mut regions = known(&mut facts.compute).regions.iter_mut();
            if let Some((region, all)) = regions.next() {
                change(region, all);
            }
        })
    }

    fn role_arn(&self, role: &str) -> Arn {
        Arn::new(format!("arn:{}:iam::{ACCOUNT}:role/{role}", self.partition()))
    }

    /// An EC2 instance that runs, without an instance profile; its metadata service demands tokens. No user data.
    #[must_use]
    pub fn instance(self, id: &str, change: impl FnOnce(InstanceBuilder) -> InstanceBuilder) -> Self {
        let partition = self.partition().clone();
        let mut arn = None;
        let account = self.compute(|region, all| {
            let details = Instance {
                arn: Arn::new(format!("arn:{partition}:ec2:{region}:{ACCOUNT}:instance/{id}")),
                id: id.to_owned(),
                state: "running".to_owned(),
                instance_profile: None,
                metadata_endpoint: Some("enabled".to_owned()),
                metadata_tokens: Some("required".to_owned()),
                metadata_hop_limit: Some(1),
                tags: std::collections::BTreeMap::new(),
            };
            arn = Some(details.arn.clone());
            known(&mut all.instances).push(change(InstanceBuilder { details, partition }).details);
        });
        account.facts(|facts| {
            known(&mut facts.user_data).instances.extend(arn.map(|arn| (arn, Seen::Known(Vec::new()))));
        })
    }

    /// An access key that was found in the user data of an instance.
    #[must_use]
    pub fn in_user_data(self, instance: &str, place: &str, id: &str, with_secret: bool) -> Self {
        self.facts(|facts| {
            let all = known(&mut facts.user_data).instances.iter_mut();
            for (_, found) in all.filter(|(arn, _)| arn.as_str().ends_with(&format!("/{instance}"))) {
                known(found).push(Embedded::new(place, id, with_secret));
            }
        })
    }

    /// A Lambda function with a role of the account.
    #[must_use]
    pub fn function(self, name: &str, role: &str, change: impl FnOnce(FunctionBuilder) -> FunctionBuilder) -> Self {
        let (partition, role) = (self.partition().clone(), self.role_arn(role));
        self.compute(|region, all| {
            let details = Function {
                arn: Arn::new(format!("arn:{partition}:lambda:{region}:{ACCOUNT}:function:{name}")),
                name: name.to_owned(),
                role,
                environment: Seen::Known(Vec::new()),
            };
            known(&mut all.functions).push(change(FunctionBuilder { details }).details);
        })
    }

    /// An ECS task definition with a task role of the account.
    #[must_use]
    pub fn task_definition(self, family: &str, role: &str, change: impl FnOnce(TaskBuilder) -> TaskBuilder) -> Self {
        let (partition, role) = (self.partition().clone(), self.role_arn(role));
        self.compute(|region, all| {
            let details = TaskDetails {
                arn: Arn::new(format!("arn:{partition}:ecs:{region}:{ACCOUNT}:task-definition/{family}:1")),
                task_role: Some(role),
                execution_role: None,
                found: Vec::new(),
                tags: std::collections::BTreeMap::new(),
            };
            let details = Seen::Known(change(TaskBuilder { details }).details);
            known(&mut all.task_definitions).push(TaskDefinition { family: family.to_owned(), details });
        })
    }

    /// Another Region, where nobody may see what runs.
    #[must_use]
    pub fn deny_compute(self, name: &str) -> Self {
        self.facts(|facts| {
            let place = region(name);
            let gap = denied(Topic::Compute).in_region(&place);
            known(&mut facts.compute).regions.insert(place, RegionCompute::missing(&gap));
        })
    }
}
