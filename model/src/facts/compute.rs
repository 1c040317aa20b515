//! What runs in the account, with which role, and where access keys lie in its configuration.
//!
//! Nothing of user data, environment variables or task definitions is kept here: only that something was found in them,
//! what it looks like, and where.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::authorization::Tags;
use crate::{Arn, Gap, Region, Seen};

/// EC2 instances, Lambda functions and ECS task definitions of every Region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compute {
    /// What was found, Region by Region.
    pub regions: BTreeMap<Region, RegionCompute>,
}

/// What runs in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionCompute {
    /// EC2 instances in any state, those included that were terminated within the last hour.
    pub instances: Seen<Vec<Instance>>,
    /// Lambda functions.
    pub functions: Seen<Vec<Function>>,
    /// ECS task definitions: of each family the newest revision that is active.
    pub task_definitions: Seen<Vec<TaskDefinition>>,
}

impl RegionCompute {
    /// A Region of which nothing is known.
    #[must_use]
    pub fn missing(gap: &Gap) -> Self {
        Self {
            instances: Seen::Missing(gap.clone()),
            functions: Seen::Missing(gap.clone()),
            task_definitions: Seen::Missing(gap.clone()),
        }
    }

    /// A Region in which nothing runs.
    #[must_use]
    pub fn empty() -> Self {
        let nothing = || Seen::Known(Vec::new());
        Self { instances: nothing(), functions: Seen::Known(Vec::new()), task_definitions: Seen::Known(Vec::new()) }
    }
}

impl Compute {
    /// The instances that are known.
    pub fn instances(&self) -> impl Iterator<Item = (&Region, &Instance)> {
        self.regions.iter().flat_map(|(region, all)| {
            let known = all.instances.get().ok().into_iter().flatten();
            known.map(move |one| (region, one))
        })
    }

    /// The functions that are known.
    pub fn functions(&self) -> impl Iterator<Item = (&Region, &Function)> {
        self.regions.iter().flat_map(|(region, all)| {
            let known = all.functions.get().ok().into_iter().flatten();
            known.map(move |one| (region, one))
        })
    }

    /// The task definitions that are known.
    pub fn task_definitions(&self) -> impl Iterator<Item = (&Region, &TaskDefinition)> {
        self.regions.iter().flat_map(|(region, all)| {
            let known = all.task_definitions.get().ok().into_iter().flatten();
            known.map(move |one| (region, one))
        })
    }

    /// What could not be read, whole lists and single task definitions, each with its Region.
    pub fn gaps(&self) -> impl Iterator<Item = (&Region, &Gap)> {
        self.regions.iter().flat_map(|(region, all)| {
            let lists = [all.instances.gap(), all.functions.gap(), all.task_definitions.gap()];
            let known = all.task_definitions.get().ok().into_iter().flatten();
            lists.into_iter().flatten().chain(known.filter_map(|one| one.details.gap())).map(move |gap| (region, gap))
        })
    }
}

/// An EC2 instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// The ARN.
    pub arn: Arn,
    /// The id, `i-…`.
    pub id: String,
    /// The state: `pending`, `running`, `stopping`, `stopped`, `shutting-down`, `terminated`.
    pub state: String,
    /// The instance profile that is attached.
    pub instance_profile: Option<Arn>,
    /// Whether the metadata service answers at all: `enabled` or `disabled`.
    pub metadata_endpoint: Option<String>,
    /// Whether it demands the tokens of version 2: `required` or `optional`.
    pub metadata_tokens: Option<String>,
    /// How many network hops its answers may travel.
    pub metadata_hop_limit: Option<u32>,
    /// The tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Instance {
    /// Whether it is gone, or about to be.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self.state.as_str(), "terminated" | "shutting-down")
    }

    /// The Auto Scaling group that started it (a tag that AWS sets and nobody else can).
    #[must_use]
    pub fn scaling_group(&self) -> Option<&str> {
        self.tags.get("aws:autoscaling:groupName").map(String::as_str)
    }
}

/// A Lambda function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// The ARN, without a version.
    pub arn: Arn,
    /// The name.
    pub name: String,
    /// The execution role.
    pub role: Arn,
    /// What was found in its environment variables; missing where AWS could not decrypt them for the caller.
    pub environment: Seen<Vec<Embedded>>,
}

/// An ECS task definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// The family.
    pub family: String,
    /// What it says; missing where it was not read.
    pub details: Seen<TaskDetails>,
}

/// What a task definition says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDetails {
    /// The ARN, with the revision.
    pub arn: Arn,
    /// The role of its containers.
    pub task_role: Option<Arn>,
    /// The role that ECS fetches images and secrets with.
    pub execution_role: Option<Arn>,
    /// What was found in the environment variables and commands of its containers.
    pub found: Vec<Embedded>,
    /// The tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What was found in the user data of EC2 instances, which costs a call an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserData {
    /// By instance. Instances that an Auto Scaling group started from one version of a launch template have the same.
    pub instances: BTreeMap<Arn, Seen<Vec<Embedded>>>,
}

/// Something in a configuration that looks like an access key. The key itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Embedded {
    /// Where: the name of a variable, or a line of a text.
    pub place: String,
    /// Whether something that looks like its secret lies in the same configuration.
    pub with_secret: bool,
    /// The last four characters of the id.
    pub ending: String,
    /// The first 48 bits of the SHA-256 of the id, in hexadecimal: enough to find the key among those of the account.
    pub digest: String,
}

impl Embedded {
    /// For an access key id that was found.
    #[must_use]
    pub fn new(place: impl Into<String>, id: &str, with_secret: bool) -> Self {
        let ending: String = id.chars().skip(id.chars().count().saturating_sub(4)).collect();
        Self { place: place.into(), with_secret, ending, digest: digest(id) }
    }

    /// Whether it is the key with this id.
    #[must_use]
    pub fn is(&self, id: &str) -> bool {
        self.digest == digest(id)
    }
}

fn digest(id: &str) -> String {
    Sha256::digest(id.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_again_and_not_kept() {
        let found = Embedded::new("AWS_ACCESS_KEY_ID", "AKIAABCDEFGHIJKL2345", true);
        assert!(found.is("AKIAABCDEFGHIJKL2345") && !found.is("AKIAABCDEFGHIJKL2346"));
        let text = serde_json::to_string(&found).expect("JSON");
        assert!(text.contains("2345") && !text.contains("AKIA"), "{text}");
    }
}
