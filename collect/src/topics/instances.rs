//! EC2 instances of a Region, with their instance profile and the settings of their metadata service.

use probity_model::facts::compute::Instance;
use probity_model::{Arn, Gap, Region, Service};
use serde::Deserialize;

use crate::pages::Pages;
use crate::plain::Items;
use crate::reader::{Reader, operation};

/// The most a page can hold (EC2 API Reference, `DescribeInstances`, `MaxResults`).
const PAGE: &str = "1000";

pub(crate) async fn read(reader: &Reader<'_>, region: &Region) -> Result<Vec<Instance>, Gap> {
    let describe = operation(Service::Ec2, "DescribeInstances");
    let ec2 = reader.plain(Service::Ec2, region);
    let mut found = Vec::new();
    let mut pages = Pages::new(describe);
    let mut token: Option<String> = None;
    loop {
        let mut parameters = vec![("MaxResults", PAGE)];
        parameters.extend(token.as_deref().map(|token| ("NextToken", token)));
        let page: Answer = ec2.query(describe.name, &parameters).ask().await?;
        for reservation in page.reservation_set {
            let owner = reservation.owner_id;
            found.extend(reservation.instances_set.into_iter().map(|item| instance(region, &owner, item)));
        }
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            found.sort_by(|a, b| a.arn.cmp(&b.arn));
            return Ok(found);
        }
    }
}

fn instance(region: &Region, owner: &str, item: Item) -> Instance {
    let options = item.metadata_options.unwrap_or_default();
    Instance {
        arn: Arn::new(format!("arn:{}:ec2:{region}:{owner}:instance/{}", region.partition(), item.instance_id)),
        id: item.instance_id,
        state: item.instance_state.name,
        instance_profile: item.iam_instance_profile.map(|profile| Arn::new(profile.arn)),
        metadata_endpoint: options.http_endpoint,
        metadata_tokens: options.http_tokens,
        metadata_hop_limit: options.http_put_response_hop_limit,
        tags: item.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    reservation_set: Items<Reservation>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reservation {
    owner_id: String,
    instances_set: Items<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    instance_id: String,
    instance_state: State,
    iam_instance_profile: Option<Profile>,
    metadata_options: Option<MetadataOptions>,
    #[serde(default)]
    tag_set: Items<Tag>,
}

#[derive(Deserialize)]
struct State {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    arn: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetadataOptions {
    http_endpoint: Option<String>,
    http_tokens: Option<String>,
    http_put_response_hop_limit: Option<u32>,
}

#[derive(Deserialize)]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>8f7724cf-496f-496e-8fe3-example</requestId>
    <reservationSet><item><reservationId>r-1234567890abcdef0</reservationId><ownerId>123456789012</ownerId><groupSet/>
      <instancesSet><item><instanceId>i-0a</instanceId><imageId>ami-bff32ccc</imageId><instanceState><code>16</code><name>running</name></instanceState>
        <privateDnsName>ip-192-168-1-88.eu-west-1.compute.internal</privateDnsName><reason/><productCodes/>
        <iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/web</arn><id>AIPA1</id></iamInstanceProfile>
        <tagSet><item><key>Name</key><value>Server &amp; 1</value></item><item><key>empty</key><value/></item></tagSet>
        <metadataOptions><state>applied</state><httpTokens>optional</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint></metadataOptions>
      </item><item><instanceId>i-0b</instanceId><instanceState><code>48</code><name>terminated</name></instanceState></item></instancesSet></item></reservationSet>
    </DescribeInstancesResponse>"#;

    #[test]
    fn an_answer_is_understood() {
        let answer: Answer = quick_xml::de::from_str(ANSWER).expect("the answer of the API Reference");
        let region = Region::try_from("eu-west-1").expect("a Region");
        let reservation = answer.reservation_set.into_iter().next().expect("one");
        let all: Vec<_> =
            reservation.instances_set.into_iter().map(|item| instance(&region, &reservation.owner_id, item)).collect();
        assert_eq!(all[0].arn.as_str(), "arn:aws:ec2:eu-west-1:123456789012:instance/i-0a");
        assert_eq!(
            all[0].instance_profile.as_ref().map(Arn::as_str),
            Some("arn:aws:iam::123456789012:instance-profile/web")
        );
        assert_eq!((all[0].metadata_tokens.as_deref(), all[0].metadata_hop_limit), (Some("optional"), Some(2)));
        assert_eq!(all[0].metadata_endpoint.as_deref(), Some("enabled"));
        assert_eq!(all[0].tags["Name"], "Server & 1");
        assert_eq!(all[0].tags["empty"], "");
        assert!(!all[0].is_gone() && all[1].is_gone());
        assert_eq!((all[1].instance_profile.as_ref(), all[1].metadata_tokens.as_ref()), (None, None));
    }
}
