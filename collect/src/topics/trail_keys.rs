//! The KMS keys that encrypt the log files of the account's own trails: two calls a key.

use aws_sdk_kms::types::KeyMetadata;
use futures_util::future::join_all;
use probity_model::facts::TrailKeys;
use probity_model::facts::trail_keys::{KeyFacts, KeyState, Rotation};
use probity_model::facts::trails::Trail;
use probity_model::{Arn, Gap, Region, Seen, Service};

use crate::reader::{Reader, operation, required};

/// What KMS answers where there is no such key.
const ABSENT: &str = "NotFoundException";

pub(crate) async fn read(reader: &Reader<'_>, trails: Vec<(Region, Trail)>) -> Result<TrailKeys, Gap> {
    let mut named: Vec<(Arn, Region)> =
        trails.into_iter().filter_map(|(home, trail)| trail.kms_key.map(Arn::new).map(|key| (key, home))).collect();
    named.sort();
    named.dedup_by(|a, b| a.0 == b.0);
    let asked = named.into_iter().map(|(key, home)| async move {
        // A trail names its key by ARN; its Region is that of the bucket, which may be another than the trail's.
        let region = Region::try_from(key.region()).unwrap_or(home);
        let state = state(reader, &region, &key).await;
        (key, Seen::from(state))
    });
    Ok(TrailKeys { keys: join_all(asked).await.into_iter().collect() })
}

async fn state(reader: &Reader<'_>, region: &Region, key: &Arn) -> Result<KeyState, Gap> {
    let describe = operation(Service::Kms, "DescribeKey");
    let here = |gap: Gap| gap.in_region(region);
    let call = reader.clients.kms(region).describe_key().key_id(key.as_str()).send();
    let Ok(answer) = reader.ask_or(describe, &[ABSENT], call).await.map_err(here)? else { return Ok(KeyState::Absent) };
    let found: KeyMetadata = required(describe, "KeyMetadata", answer.key_metadata).map_err(here)?;
    let text = |name: &str, value: Option<&str>| required(describe, name, value.map(str::to_owned)).map_err(here);
    let facts = KeyFacts {
        arn: Arn::new(text("Arn", found.arn.as_deref())?),
        state: text("KeyState", found.key_state.as_ref().map(|state| state.as_str()))?,
        manager: text("KeyManager", found.key_manager.as_ref().map(|manager| manager.as_str()))?,
        origin: text("Origin", found.origin.as_ref().map(|origin| origin.as_str()))?,
        spec: text("KeySpec", found.key_spec.as_ref().map(|spec| spec.as_str()))?,
        rotation: Seen::Missing(Gap::not_requested("KMS rotates no key of this kind, so this was not asked")),
    };
    let rotates = facts.manager == "CUSTOMER" && facts.origin == "AWS_KMS" && facts.spec == "SYMMETRIC_DEFAULT";
    let rotation = if rotates { rotation(reader, region, &facts.arn).await.into() } else { facts.rotation.clone() };
    Ok(KeyState::Present(KeyFacts { rotation, ..facts }))
}

async fn rotation(reader: &Reader<'_>, region: &Region, key: &Arn) -> Result<Rotation, Gap> {
    let get = operation(Service::Kms, "GetKeyRotationStatus");
    let call = reader.clients.kms(region).get_key_rotation_status().key_id(key.as_str()).send();
    let answer = reader.ask_in(region, get, call).await?;
    Ok(Rotation { enabled: answer.key_rotation_enabled, period_days: answer.rotation_period_in_days })
}
