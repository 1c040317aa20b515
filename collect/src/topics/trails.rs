//! CloudTrail trails of every Region, each trail once, with status and event selectors from its home Region.

use std::collections::BTreeMap;

use aws_sdk_cloudtrail::types;
use futures_util::future::{join, join_all};
use probity_model::facts::Trails;
use probity_model::facts::trails::{
    AdvancedSelector, BasicSelector, DataResource, EventSelectors, FieldSelector, Trail, TrailStatus,
};
use probity_model::{Arn, Gap, Region, Seen, Service};

use super::enabled_regions::Places;
use crate::reader::{Reader, maybe_time, operation, required};

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<Trails, Gap> {
    let answers = join_all(places.asked.iter().map(|region| in_region(reader, region))).await;
    let mut regions: BTreeMap<Region, Seen<Vec<Arn>>> = BTreeMap::new();
    let mut found: BTreeMap<Arn, (Region, types::Trail)> = BTreeMap::new();
    for (region, answer) in places.asked.iter().zip(answers) {
        let seen = answer.map(|trails| {
            let arns = trails.iter().map(|(arn, _)| arn.clone()).collect();
            // The same trail shows up in every Region it records: what is said of it is said once.
            for (arn, trail) in trails {
                found.entry(arn).or_insert_with(|| (region.clone(), trail));
            }
            arns
        });
        regions.insert(region.clone(), seen.into());
    }
    regions.extend(places.missing());
    let asked = found.into_iter().map(|(arn, (seen_in, trail))| whole(reader, arn, seen_in, trail));
    Ok(Trails { regions, trails: join_all(asked).await })
}

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<Vec<(Arn, types::Trail)>, Gap> {
    let describe = operation(Service::CloudTrail, "DescribeTrails");
    let here = |gap: Gap| gap.in_region(region);
    let call = reader.clients.cloudtrail(region).describe_trails().include_shadow_trails(true).send();
    let answer = reader.ask_in(region, describe, call).await?;
    let trails = required(describe, "trailList", answer.trail_list).map_err(here)?;
    let mut trails = trails
        .into_iter()
        .map(|trail| required(describe, "TrailARN", trail.trail_arn.clone()).map(|arn| (Arn::new(arn), trail)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(here)?;
    trails.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(trails)
}

async fn whole(reader: &Reader<'_>, arn: Arn, seen_in: Region, trail: types::Trail) -> Trail {
    let home_region = trail.home_region.as_deref().and_then(|name| Region::try_from(name).ok());
    let home = home_region.as_ref().unwrap_or(&seen_in);
    let (status, selectors) = join(status(reader, home, &arn), selectors(reader, home, &arn)).await;
    Trail {
        arn,
        name: trail.name.unwrap_or_default(),
        home_region,
        is_multi_region: trail.is_multi_region_trail.unwrap_or(false),
        is_organization: trail.is_organization_trail.unwrap_or(false),
        includes_global_services: trail.include_global_service_events.unwrap_or(false),
        log_file_validation: trail.log_file_validation_enabled.unwrap_or(false),
        bucket: trail.s3_bucket_name,
        kms_key: trail.kms_key_id,
        log_group: trail.cloud_watch_logs_log_group_arn.map(Arn::new),
        status: status.into(),
        selectors: selectors.into(),
    }
}

async fn status(reader: &Reader<'_>, home: &Region, arn: &Arn) -> Result<TrailStatus, Gap> {
    let get = operation(Service::CloudTrail, "GetTrailStatus");
    let call = reader.clients.cloudtrail(home).get_trail_status().name(arn.as_str()).send();
    let status = reader.ask_in(home, get, call).await?;
    Ok(TrailStatus {
        is_logging: status.is_logging,
        latest_delivery_at: maybe_time(status.latest_delivery_time.as_ref()),
        latest_delivery_error: status.latest_delivery_error.filter(|error| !error.is_empty()),
        latest_digest_at: maybe_time(status.latest_digest_delivery_time.as_ref()),
        latest_digest_error: status.latest_digest_delivery_error.filter(|error| !error.is_empty()),
        latest_log_group_delivery_at: maybe_time(status.latest_cloud_watch_logs_delivery_time.as_ref()),
        latest_log_group_error: status.latest_cloud_watch_logs_delivery_error.filter(|error| !error.is_empty()),
        started_at: maybe_time(status.start_logging_time.as_ref()),
        stopped_at: maybe_time(status.stop_logging_time.as_ref()),
    })
}

async fn selectors(reader: &Reader<'_>, home: &Region, arn: &Arn) -> Result<EventSelectors, Gap> {
    let get = operation(Service::CloudTrail, "GetEventSelectors");
    let call = reader.clients.cloudtrail(home).get_event_selectors().trail_name(arn.as_str()).send();
    let answer = reader.ask_in(home, get, call).await?;
    Ok(EventSelectors {
        basic: answer.event_selectors.into_iter().flatten().map(basic).collect(),
        advanced: answer.advanced_event_selectors.into_iter().flatten().map(advanced).collect(),
    })
}

fn basic(selector: types::EventSelector) -> BasicSelector {
    let resource = |resource: types::DataResource| DataResource {
        kind: resource.r#type.unwrap_or_default(),
        values: resource.values.unwrap_or_default(),
    };
    BasicSelector {
        // Both defaults are those of the service (CloudTrail API Reference, `EventSelector`).
        read_write: selector.read_write_type.map_or_else(|| "All".to_owned(), |kind| kind.as_str().to_owned()),
        includes_management_events: selector.include_management_events.unwrap_or(true),
        excluded_sources: selector.exclude_management_event_sources.unwrap_or_default(),
        data_resources: selector.data_resources.into_iter().flatten().map(resource).collect(),
    }
}

fn advanced(selector: types::AdvancedEventSelector) -> AdvancedSelector {
    let field = |field: types::AdvancedFieldSelector| FieldSelector {
        field: field.field,
        equals: field.equals.unwrap_or_default(),
        not_equals: field.not_equals.unwrap_or_default(),
        starts_with: field.starts_with.unwrap_or_default(),
        not_starts_with: field.not_starts_with.unwrap_or_default(),
        ends_with: field.ends_with.unwrap_or_default(),
        not_ends_with: field.not_ends_with.unwrap_or_default(),
    };
    AdvancedSelector { name: selector.name, fields: selector.field_selectors.into_iter().map(field).collect() }
}
