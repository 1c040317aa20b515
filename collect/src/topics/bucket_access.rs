//! Whether the policies of S3 buckets let everybody in, by S3's own word: a call a bucket, and one more where it does.

use futures_util::future::join_all;
use probity_model::facts::resource_policies::BucketAccess;
use probity_model::facts::trail_buckets::PublicAccessBlock;
use probity_model::{Arn, Gap, Region, Seen, Service};

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required};

/// The most a page can hold (S3 API Reference, `ListBuckets`, `MaxBuckets`). With it, S3 tells the Region of each bucket.
const PAGE: i32 = 1_000;

/// The buckets of the Regions that are asked.
pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<Vec<BucketAccess>, Gap> {
    let Some(home) = places.asked.first() else { return Ok(Vec::new()) };
    let list = operation(Service::S3, "ListBuckets");
    let mut buckets = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.s3(home).list_buckets().max_buckets(PAGE).set_continuation_token(token).send();
        let page = reader.ask_in(home, list, call).await?;
        for bucket in required(list, "Buckets", page.buckets)? {
            let name = required(list, "Name", bucket.name)?;
            let region = bucket.bucket_region.as_deref().and_then(|region| Region::try_from(region).ok());
            buckets.push((name, required(list, "BucketRegion", region)?));
        }
        token = pages.next_token(page.continuation_token)?;
        if token.is_none() {
            break;
        }
    }
    buckets.retain(|(_, region)| places.asked.contains(region));
    buckets.sort();
    Ok(join_all(buckets.into_iter().map(|(name, region)| bucket(reader, name, region))).await)
}

async fn bucket(reader: &Reader<'_>, name: String, region: Region) -> BucketAccess {
    let here = |gap: Gap| gap.in_region(&region);
    let policy_is_public = is_public(reader, &name, &region).await.map_err(here);
    let public_access_block = if matches!(policy_is_public, Ok(Some(true))) {
        block(reader, &name, &region).await.map_err(here)
    } else {
        Err(Gap::not_requested("the policy is not public, so that this does not matter"))
    };
    BucketAccess {
        arn: Arn::new(format!("arn:{}:s3:::{name}", region.partition())),
        policy_is_public: policy_is_public.into(),
        public_access_block: Seen::from(public_access_block),
        region,
    }
}

async fn is_public(reader: &Reader<'_>, name: &str, region: &Region) -> Result<Option<bool>, Gap> {
    let get = operation(Service::S3, "GetBucketPolicyStatus");
    let call = reader.clients.s3(region).get_bucket_policy_status().bucket(name).send();
    match reader.ask_or(get, &["NoSuchBucketPolicy"], call).await? {
        Ok(answer) => {
            let public = answer.policy_status.and_then(|status| status.is_public);
            required(get, "IsPublic", public).map(Some)
        }
        Err(_) => Ok(None),
    }
}

async fn block(reader: &Reader<'_>, name: &str, region: &Region) -> Result<Option<PublicAccessBlock>, Gap> {
    let get = operation(Service::S3, "GetPublicAccessBlock");
    let call = reader.clients.s3(region).get_public_access_block().bucket(name).send();
    let Ok(answer) = reader.ask_or(get, &["NoSuchPublicAccessBlockConfiguration"], call).await? else {
        return Ok(None);
    };
    let settings = required(get, "PublicAccessBlockConfiguration", answer.public_access_block_configuration)?;
    // A setting that is left out is off (S3 API Reference, `PublicAccessBlockConfiguration`).
    let on = |setting: Option<bool>| setting.unwrap_or(false);
    Ok(Some(PublicAccessBlock {
        block_public_acls: on(settings.block_public_acls),
        ignore_public_acls: on(settings.ignore_public_acls),
        block_public_policy: on(settings.block_public_policy),
        restrict_public_buckets: on(settings.restrict_public_buckets),
    }))
}
