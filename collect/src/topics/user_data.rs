//! What lies in the user data of EC2 instances, which costs a call an instance and is therefore read only when everything is
//! asked for. Instances that one Auto Scaling group started from one version of a launch template have the same: one of them
//! is read for all. What user data holds is looked through here and not kept.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use probity_model::facts::Compute;
use probity_model::facts::compute::{Embedded, Instance, RegionCompute, UserData};
use probity_model::{Arn, Gap, GapKind, Region, Seen, Service};
use serde::Deserialize;

use crate::embedded;
use crate::reader::{Reader, operation};

/// The most instances that are read in a Region.
const MOST: usize = 1_000;

/// Instances that have the same user data.
type Alike = Vec<Instance>;

pub(crate) async fn read(reader: &Reader<'_>, compute: &Compute) -> Result<UserData, Gap> {
    let groups = compute.regions.iter().flat_map(|(region, all)| {
        let numbered = alike(all).into_iter().enumerate();
        numbered.map(move |(number, group)| (region, number, group))
    });
    let read = join_all(groups.map(|(region, number, group)| of_group(reader, region, number, group))).await;
    Ok(UserData { instances: read.into_iter().flatten().collect() })
}

async fn of_group(
    reader: &Reader<'_>,
    region: &Region,
    number: usize,
    group: Alike,
) -> Vec<(Arn, Seen<Vec<Embedded>>)> {
    let seen: Seen<Vec<Embedded>> = if number < MOST {
        of_one(reader, region, &group).await.into()
    } else {
        let message = format!("the user data of {MOST} instances of this Region was read, and not more");
        Seen::Missing(Gap::not_requested(message).in_region(region))
    };
    group.into_iter().map(|instance| (instance.arn, seen.clone())).collect()
}

/// The instances of a Region that still exist, those together that have the same user data.
fn alike(region: &RegionCompute) -> Vec<Alike> {
    let mut groups: BTreeMap<(String, String, String), Alike> = BTreeMap::new();
    for instance in region.instances.get().ok().into_iter().flatten().filter(|instance| !instance.is_gone()) {
        let tag = |name: &str| instance.tags.get(name).cloned().unwrap_or_default();
        let template = (tag("aws:ec2launchtemplate:id"), tag("aws:ec2launchtemplate:version"));
        // Whoever starts an instance by hand may give it other user data than the template's; an Auto Scaling group does not.
        let key = match (instance.scaling_group(), template) {
            (Some(group), (id, version)) if !id.is_empty() && !version.is_empty() => (group.to_owned(), id, version),
            _ => (String::new(), String::new(), instance.id.clone()),
        };
        groups.entry(key).or_default().push(instance.clone());
    }
    groups.into_values().collect()
}

async fn of_one(reader: &Reader<'_>, region: &Region, group: &Alike) -> Result<Vec<Embedded>, Gap> {
    let describe = operation(Service::Ec2, "DescribeInstanceAttribute");
    let Some(instance) = group.first() else { return Ok(Vec::new()) };
    let parameters = [("InstanceId", instance.id.as_str()), ("Attribute", "userData")];
    let answer: Answer = reader.plain(Service::Ec2, region).query(describe.name, &parameters).ask().await?;
    let encoded = answer.user_data.value.unwrap_or_default();
    embedded::in_user_data(&encoded)
        .map_err(|error| Gap::of(GapKind::Malformed, describe, None, error.to_string()).in_region(region))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    user_data: Value,
}

#[derive(Deserialize)]
struct Value {
    value: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(id: &str, state: &str, tags: &[(&str, &str)]) -> Instance {
        Instance {
            arn: Arn::new(format!("arn:aws:ec2:eu-west-1:123456789012:instance/{id}")),
            id: id.to_owned(),
            state: state.to_owned(),
            instance_profile: None,
            metadata_endpoint: None,
            metadata_tokens: None,
            metadata_hop_limit: None,
            tags: tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }

    #[test]
    fn instances_of_one_template_are_read_once() {
        let template = |version| {
            [
                ("aws:autoscaling:groupName", "web"),
                ("aws:ec2launchtemplate:id", "lt-1"),
                ("aws:ec2launchtemplate:version", version),
            ]
        };
        let by_hand = [("aws:ec2launchtemplate:id", "lt-1"), ("aws:ec2launchtemplate:version", "1")];
        let instances = vec![
            instance("i-1", "running", &template("1")),
            instance("i-2", "running", &template("1")),
            instance("i-3", "running", &template("2")),
            instance("i-4", "stopped", &by_hand),
            instance("i-5", "running", &by_hand),
            instance("i-6", "terminated", &[]),
        ];
        let region = RegionCompute { instances: Seen::Known(instances), ..RegionCompute::empty() };
        let mut sizes: Vec<usize> = alike(&region).iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 1, 1, 2]);
    }

    #[test]
    fn an_answer_is_understood() {
        let of = |text: &str| quick_xml::de::from_str::<Answer>(text).map(|answer| answer.user_data.value);
        let with = "<DescribeInstanceAttributeResponse><instanceId>i-1</instanceId><userData><value>YQ==</value></userData></DescribeInstanceAttributeResponse>";
        assert_eq!(of(with).expect("an answer").as_deref(), Some("YQ=="));
        let without = "<DescribeInstanceAttributeResponse><instanceId>i-1</instanceId><userData/></DescribeInstanceAttributeResponse>";
        assert_eq!(of(without).expect("an answer").unwrap_or_default(), "");
        assert!(of("<DescribeInstanceAttributeResponse/>").is_err());
    }
}
