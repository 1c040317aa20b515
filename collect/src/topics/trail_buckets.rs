//! The buckets that the account's own trails deliver to: seven calls a bucket.
//!
//! A bucket may lie in another Region than its trail. The trail's key tells, since it lies where the bucket does (CloudTrail
//! API Reference, `CreateTrail`, `KmsKeyNotFoundException`). Otherwise S3 is asked in the trail's Region, names the right one
//! in a header, and is asked again there.
//!
//! A bucket may also belong to another account. Block Public Access is asked for as that of a bucket of the account's own, so
//! that the account's own settings are never taken for those over somebody else's bucket.

use aws_sdk_s3::types;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use futures_util::future::join_all;
use probity_model::facts::TrailBuckets;
use probity_model::facts::authorization::DocumentText;
use probity_model::facts::trail_buckets::{
    AccessLogging, Bucket, BucketFacts, Grant, ObjectLock, PublicAccessBlock, Versioning,
};
use probity_model::facts::trails::Trail;
use probity_model::{Arn, Gap, Operation, Region, Service};

use crate::classify;
use crate::reader::{Reader, operation, required};

const NO_BUCKET: &str = "NoSuchBucket";

/// The header in which S3 names the Region of a bucket.
const REGION_HEADER: &str = "x-amz-bucket-region";

pub(crate) async fn read(reader: &Reader<'_>, trails: Vec<(Region, Trail)>) -> Result<TrailBuckets, Gap> {
    let presumed = |(home, trail): (Region, Trail)| {
        let key = trail.kms_key.map(Arn::new);
        let of_key = key.and_then(|key| Region::try_from(key.region()).ok());
        trail.bucket.map(|bucket| (bucket, of_key.unwrap_or(home)))
    };
    let mut named: Vec<(String, Region)> = trails.into_iter().filter_map(presumed).collect();
    named.sort();
    named.dedup_by(|a, b| a.0 == b.0);
    let asked = named.into_iter().map(|(name, home)| async {
        let bucket = bucket(reader, &name, home).await;
        (name, bucket)
    });
    Ok(TrailBuckets { buckets: join_all(asked).await.into_iter().collect() })
}

async fn bucket(reader: &Reader<'_>, name: &str, presumed: Region) -> Bucket {
    let (region, block) = locate(reader, name, presumed).await;
    let Ok(block) = block else { return Bucket::Absent };
    let asking = Asking { reader, name, region: &region };
    let (acl, status, policy, logging, versioning, lock) = tokio::join!(
        asking.grants(),
        asking.policy_is_public(),
        asking.policy(),
        asking.access_logging(),
        asking.versioning(),
        asking.object_lock(),
    );
    Bucket::Present(Box::new(BucketFacts {
        public_access_block: block.into(),
        grants: acl.into(),
        policy_is_public: status.into(),
        policy: policy.into(),
        access_logging: logging.into(),
        versioning: versioning.into(),
        object_lock: lock.into(),
        region,
    }))
}

/// The bucket is not there.
struct NoBucket;

type Block = Result<Option<PublicAccessBlock>, Gap>;

/// Asks for the first part where the bucket is presumed to be, and where S3 says that it is. Gives the Region with the
/// answer.
async fn locate(reader: &Reader<'_>, name: &str, presumed: Region) -> (Region, Result<Block, NoBucket>) {
    let get = operation(Service::S3, "GetPublicAccessBlock");
    let mut region = presumed;
    let mut moved = false;
    loop {
        let call = reader.clients.s3(&region).get_public_access_block().bucket(name);
        let call = call.expected_bucket_owner(reader.clients.account_id());
        let place = reader.clients.place(Service::S3).await;
        let answer = call.send().await;
        drop(place);
        let error = match answer {
            Ok(answer) => {
                let block = answer.public_access_block_configuration.map(block);
                let block = required(get, "PublicAccessBlockConfiguration", block).map(Some);
                return (region.clone(), Ok(block.map_err(|gap| gap.in_region(&region))));
            }
            Err(error) => error,
        };
        match (classify::code(&error), elsewhere(&error, &region)) {
            (Some("NoSuchPublicAccessBlockConfiguration"), _) => return (region, Ok(Ok(None))),
            (Some(NO_BUCKET), _) => return (region, Err(NoBucket)),
            (_, Some(right)) if !moved => {
                region = right;
                moved = true;
            }
            _ => {
                let gap = classify::gap(get, &error).in_region(&region);
                return (region, Ok(Err(gap)));
            }
        }
    }
}

/// The Region that S3 sends us to: named with a redirection, or with a signature made for the wrong Region. With a refusal it
/// is named too, and means nothing.
fn elsewhere<E>(error: &SdkError<E, HttpResponse>, asked: &Region) -> Option<Region> {
    let response = error.raw_response()?;
    let named = response.headers().get(REGION_HEADER)?;
    let sent_away = matches!(response.status().as_u16(), 301 | 307 | 400);
    Region::try_from(named).ok().filter(|region| sent_away && region != asked)
}

/// One bucket, once it is known where.
struct Asking<'a> {
    reader: &'a Reader<'a>,
    name: &'a str,
    region: &'a Region,
}

impl Asking<'_> {
    fn client(&self) -> aws_sdk_s3::Client {
        self.reader.clients.s3(self.region)
    }

    fn here<T>(&self, result: Result<T, Gap>) -> Result<T, Gap> {
        result.map_err(|gap| gap.in_region(self.region))
    }

    async fn grants(&self) -> Result<Vec<Grant>, Gap> {
        let get = operation(Service::S3, "GetBucketAcl");
        let call = self.client().get_bucket_acl().bucket(self.name).send();
        let answer = self.reader.ask_in(self.region, get, call).await?;
        let grants = self.here(required(get, "AccessControlList", answer.grants))?;
        let mut grants = grants.into_iter().map(|one| grant(get, one)).collect::<Result<Vec<_>, _>>();
        if let Ok(grants) = &mut grants {
            grants.sort();
        }
        self.here(grants)
    }

    async fn policy_is_public(&self) -> Result<Option<bool>, Gap> {
        let get = operation(Service::S3, "GetBucketPolicyStatus");
        let call = self.client().get_bucket_policy_status().bucket(self.name).send();
        let Ok(answer) = self.here(self.reader.ask_or(get, &["NoSuchBucketPolicy"], call).await)? else {
            return Ok(None);
        };
        let is_public = answer.policy_status.and_then(|status| status.is_public);
        self.here(required(get, "IsPublic", is_public).map(Some))
    }

    async fn policy(&self) -> Result<Option<DocumentText>, Gap> {
        let get = operation(Service::S3, "GetBucketPolicy");
        let call = self.client().get_bucket_policy().bucket(self.name).send();
        let Ok(answer) = self.here(self.reader.ask_or(get, &["NoSuchBucketPolicy"], call).await)? else {
            return Ok(None);
        };
        self.here(required(get, "Policy", answer.policy).map(|text| Some(DocumentText::new(text))))
    }

    async fn access_logging(&self) -> Result<Option<AccessLogging>, Gap> {
        let get = operation(Service::S3, "GetBucketLogging");
        let call = self.client().get_bucket_logging().bucket(self.name).send();
        let answer = self.reader.ask_in(self.region, get, call).await?;
        Ok(answer.logging_enabled.map(|logging| AccessLogging {
            target_bucket: logging.target_bucket,
            target_prefix: logging.target_prefix,
        }))
    }

    async fn versioning(&self) -> Result<Versioning, Gap> {
        let get = operation(Service::S3, "GetBucketVersioning");
        let call = self.client().get_bucket_versioning().bucket(self.name).send();
        let answer = self.reader.ask_in(self.region, get, call).await?;
        Ok(Versioning {
            status: answer.status.map(|status| status.as_str().to_owned()),
            mfa_delete: answer.mfa_delete.is_some_and(|status| status.as_str() == "Enabled"),
        })
    }

    async fn object_lock(&self) -> Result<Option<ObjectLock>, Gap> {
        let get = operation(Service::S3, "GetObjectLockConfiguration");
        let call = self.client().get_object_lock_configuration().bucket(self.name).send();
        let none = ["ObjectLockConfigurationNotFoundError"];
        let Ok(answer) = self.here(self.reader.ask_or(get, &none, call).await)? else { return Ok(None) };
        let lock = self.here(required(get, "ObjectLockConfiguration", answer.object_lock_configuration))?;
        if lock.object_lock_enabled.is_none_or(|enabled| enabled.as_str() != "Enabled") {
            return Ok(None);
        }
        let retention = lock.rule.and_then(|rule| rule.default_retention);
        let days = |retention: &types::DefaultRetention| {
            let years = retention.years.map(|years| i64::from(years) * 365);
            retention.days.map(i64::from).or(years)
        };
        Ok(Some(ObjectLock {
            default_days: retention.as_ref().and_then(days),
            default_mode: retention.and_then(|retention| retention.mode).map(|mode| mode.as_str().to_owned()),
        }))
    }
}

fn block(block: types::PublicAccessBlockConfiguration) -> PublicAccessBlock {
    PublicAccessBlock {
        block_public_acls: block.block_public_acls.unwrap_or(false),
        ignore_public_acls: block.ignore_public_acls.unwrap_or(false),
        block_public_policy: block.block_public_policy.unwrap_or(false),
        restrict_public_buckets: block.restrict_public_buckets.unwrap_or(false),
    }
}

fn grant(get: Operation, grant: types::Grant) -> Result<Grant, Gap> {
    let grantee = grant.grantee.and_then(|grantee| grantee.uri.or(grantee.id).or(grantee.email_address));
    let permission = grant.permission.map(|permission| permission.as_str().to_owned());
    Ok(Grant { grantee: required(get, "Grantee", grantee)?, permission: required(get, "Permission", permission)? })
}
