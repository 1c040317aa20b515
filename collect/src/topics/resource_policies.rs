//! The policies of resources in every Region, one or two calls a resource: read only when everything is asked for.

use std::collections::BTreeMap;
use std::future::Future;

use futures_util::future::{join, join_all};
use probity_model::facts::authorization::DocumentText;
use probity_model::facts::resource_policies::{PolicyKind, ResourcePolicy};
use probity_model::facts::{Compute, ResourcePolicies, Secrets};
use probity_model::{Arn, Gap, Region, Seen, Service};
use serde::Deserialize;
use serde_json::json;

use super::bucket_access;
use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::plain::segment;
use crate::reader::{Reader, operation, required};

/// The most resources of a kind whose policies are read in a Region.
const MOST: usize = 500;

type Policies = Result<Vec<ResourcePolicy>, Gap>;
type Policy = Result<Option<DocumentText>, Gap>;

pub(crate) async fn read(
    reader: &Reader<'_>,
    places: &Places,
    compute: Result<Compute, Gap>,
    secrets: Result<Secrets, Gap>,
) -> Result<ResourcePolicies, Gap> {
    let regions =
        join_all(places.asked.iter().map(|region| in_region(reader, region, compute.as_ref(), secrets.as_ref())));
    let (buckets, read) = join(bucket_access::read(reader, places), regions).await;
    let mut regions: BTreeMap<_, _> = places.asked.iter().cloned().zip(read).collect();
    for (region, gap) in &places.left_out {
        let missing = || Seen::Missing(gap.clone().in_region(region));
        regions.insert(region.clone(), PolicyKind::ALL.into_iter().map(|kind| (kind, missing())).collect());
    }
    Ok(ResourcePolicies { buckets: buckets.into(), regions })
}

/// How many there are.
pub(crate) fn count(all: &ResourcePolicies) -> usize {
    let known = all.regions.values().flat_map(BTreeMap::values).filter_map(|seen| seen.get().ok());
    known.map(Vec::len).sum::<usize>() + all.buckets.get().map_or(0, Vec::len)
}

async fn in_region(
    reader: &Reader<'_>,
    region: &Region,
    compute: Result<&Compute, &Gap>,
    known_secrets: Result<&Secrets, &Gap>,
) -> BTreeMap<PolicyKind, Seen<Vec<ResourcePolicy>>> {
    let (functions, keys, queues, secrets, topics) = tokio::join!(
        functions(reader, region, compute),
        keys(reader, region),
        queues(reader, region),
        secrets(reader, region, known_secrets),
        topics(reader, region),
    );
    let kinds = [
        (PolicyKind::Function, functions),
        (PolicyKind::Key, keys),
        (PolicyKind::Queue, queues),
        (PolicyKind::Secret, secrets),
        (PolicyKind::Topic, topics),
    ];
    let here = |gap: Gap| if gap.region.is_none() { gap.in_region(region) } else { gap };
    kinds.into_iter().map(|(kind, read)| (kind, read.map_err(here).into())).collect()
}

/// The policies of these resources; those beyond the limit are left out with a gap each.
async fn each<T, F>(region: &Region, resources: Vec<T>, arn: impl Fn(&T) -> Arn, policy: impl Fn(T) -> F) -> Policies
where
    F: Future<Output = Policy>,
{
    let read = resources.into_iter().enumerate().map(|(number, resource)| {
        let arn = arn(&resource);
        let asked = (number < MOST).then(|| policy(resource));
        async move {
            let policy = match asked {
                Some(asked) => asked.await.map_err(|gap| gap.in_region(region)),
                None => {
                    let message = format!("the policies of {MOST} resources of this kind were read in the Region");
                    Err(Gap::not_requested(message).in_region(region))
                }
            };
            ResourcePolicy { arn, policy: policy.into() }
        }
    });
    let mut all = join_all(read).await;
    all.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(all)
}

fn text(policy: Option<String>) -> Option<DocumentText> {
    policy.filter(|text| !text.trim().is_empty()).map(DocumentText::new)
}

async fn functions(reader: &Reader<'_>, region: &Region, compute: Result<&Compute, &Gap>) -> Policies {
    let Some(here) = compute.map_err(Clone::clone)?.regions.get(region) else { return Ok(Vec::new()) };
    let functions: Vec<Arn> =
        here.functions.get().map_err(Clone::clone)?.iter().map(|function| function.arn.clone()).collect();
    let policy = |arn: Arn| async move {
        let path = format!("/2015-03-31/functions/{}/policy", segment(arn.as_str()));
        let call = reader.plain(Service::Lambda, region).get("GetPolicy", path, &[]);
        let answer = call.ask_or::<FunctionPolicy>(&["ResourceNotFoundException"]).await?;
        Ok(text(answer.ok().map(|answer| answer.policy)))
    };
    each(region, functions, Clone::clone, policy).await
}

async fn keys(reader: &Reader<'_>, region: &Region) -> Policies {
    let list = operation(Service::Kms, "ListKeys");
    let client = reader.clients.kms(region);
    let mut keys = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let call = client.list_keys().limit(1_000).set_marker(marker).send();
        let page = reader.ask_in(region, list, call).await?;
        for key in page.keys.unwrap_or_default() {
            keys.push(required(list, "KeyArn", key.key_arn)?);
        }
        marker = pages.next(page.truncated, page.next_marker)?;
        if marker.is_none() {
            break;
        }
    }
    let policy = |arn: String| {
        let call = client.get_key_policy().key_id(arn).send();
        async move {
            let answer = reader.ask_in(region, operation(Service::Kms, "GetKeyPolicy"), call).await?;
            Ok(text(answer.policy))
        }
    };
    each(region, keys, |arn| Arn::new(arn.clone()), policy).await
}

async fn queues(reader: &Reader<'_>, region: &Region) -> Policies {
    let list = operation(Service::Sqs, "ListQueues");
    let sqs = reader.plain(Service::Sqs, region);
    let mut queues = Vec::new();
    let mut pages = Pages::new(list);
    let mut token: Option<String> = None;
    loop {
        let request = json!({"MaxResults": 1_000, "NextToken": token});
        let page: Queues = sqs.json(list.name, &request).ask().await?;
        queues.extend(page.queue_urls);
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            break;
        }
    }
    // The address ends with the account and the name: …/123456789012/name.
    let arn = |url: &String| {
        let mut parts = url.rsplit('/');
        let (name, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        Arn::new(format!("arn:{}:sqs:{region}:{account}:{name}", region.partition()))
    };
    let policy = |url: String| async move {
        let request = json!({"QueueUrl": url, "AttributeNames": ["Policy"]});
        let call = reader.plain(Service::Sqs, region).json("GetQueueAttributes", &request);
        let answer: QueueAttributes = call.ask().await?;
        Ok(text(answer.attributes.and_then(|attributes| attributes.policy)))
    };
    each(region, queues, arn, policy).await
}

async fn secrets(reader: &Reader<'_>, region: &Region, known: Result<&Secrets, &Gap>) -> Policies {
    let Some(here) = known.map_err(Clone::clone)?.regions.get(region) else { return Ok(Vec::new()) };
    let secrets: Vec<Arn> = here.get().map_err(Clone::clone)?.iter().map(|secret| secret.arn.clone()).collect();
    let policy = |arn: Arn| async move {
        let request = json!({"SecretId": arn.as_str()});
        let call = reader.plain(Service::SecretsManager, region).json("GetResourcePolicy", &request);
        let answer: SecretPolicy = call.ask().await?;
        Ok(text(answer.resource_policy))
    };
    each(region, secrets, Clone::clone, policy).await
}

async fn topics(reader: &Reader<'_>, region: &Region) -> Policies {
    let list = operation(Service::Sns, "ListTopics");
    let client = reader.clients.sns(region);
    let mut topics = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let page = reader.ask_in(region, list, client.list_topics().set_next_token(token).send()).await?;
        for topic in page.topics.unwrap_or_default() {
            topics.push(required(list, "TopicArn", topic.topic_arn)?);
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            break;
        }
    }
    let policy = |arn: String| {
        let call = client.get_topic_attributes().topic_arn(arn).send();
        async move {
            let answer = reader.ask_in(region, operation(Service::Sns, "GetTopicAttributes"), call).await?;
            Ok(text(answer.attributes.and_then(|mut attributes| attributes.remove("Policy"))))
        }
    };
    each(region, topics, |arn| Arn::new(arn.clone()), policy).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionPolicy {
    policy: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Queues {
    /// SQS leaves the list out where there is no queue.
    #[serde(default)]
    queue_urls: Vec<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueAttributes {
    /// SQS leaves it out where none of the attributes is set.
    attributes: Option<Attributes>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    policy: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecretPolicy {
    resource_policy: Option<String>,
}
