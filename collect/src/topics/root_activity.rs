//! What the root user did in the last 90 days, from the event history that every account has without a trail.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use futures_util::future::join_all;
use probity_model::facts::RootActivity;
use probity_model::facts::root_activity::RootEvent;
use probity_model::{Gap, Operation, Region, Seen, Service, Timestamp};
use serde::Deserialize;

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required, time};

/// How far the event history reaches back (CloudTrail User Guide, "Working with CloudTrail event history").
const HISTORY: Duration = Duration::from_secs(90 * 86_400);
/// Events a page (CloudTrail API Reference, `LookupEvents`, `MaxResults`: the most).
const PAGE: i32 = 50;
/// Pages read in a Region. CloudTrail answers two lookups a second; beyond this the Region is marked as cut, and what is
/// missing is older than what was read.
const PAGES: usize = 10;

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<RootActivity, Gap> {
    let since = reader.now.checked_sub(HISTORY).unwrap_or(reader.now);
    let answers = join_all(places.asked.iter().map(|region| in_region(reader, region, since))).await;
    let mut cut = BTreeSet::new();
    let mut regions: BTreeMap<Region, Seen<Vec<RootEvent>>> = BTreeMap::new();
    for (region, answer) in places.asked.iter().zip(answers) {
        let answer = answer.map(|(events, more)| {
            if more {
                cut.insert(region.clone());
            }
            events
        });
        regions.insert(region.clone(), answer.into());
    }
    regions.extend(places.missing());
    Ok(RootActivity { since, regions, cut })
}

/// How many events there are.
pub(crate) fn count(activity: &RootActivity) -> usize {
    activity.regions.values().filter_map(|events| events.get().ok()).map(Vec::len).sum()
}

async fn in_region(reader: &Reader<'_>, region: &Region, since: Timestamp) -> Result<(Vec<RootEvent>, bool), Gap> {
    let lookup = operation(Service::CloudTrail, "LookupEvents");
    let client = reader.clients.cloudtrail(region);
    let here = |gap: Gap| gap.in_region(region);
    let attribute = LookupAttribute::builder().attribute_key(LookupAttributeKey::Username).attribute_value("root");
    let attribute = attribute
        .build()
        .map_err(|error| here(Gap::of(probity_model::GapKind::Unexpected, lookup, None, error.to_string())))?;
    let mut events = Vec::new();
    let mut pages = Pages::new(lookup);
    let mut token = None;
    for _ in 0..PAGES {
        let call = client.lookup_events().lookup_attributes(attribute.clone()).max_results(PAGE);
        let call = call.start_time(DateTime::from_secs(since.as_second()));
        let page = reader.ask_in(region, lookup, call.set_next_token(token).send()).await?;
        for event in required(lookup, "Events", page.events).map_err(here)? {
            events.extend(root_event(lookup, event).map_err(here)?);
        }
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() {
            break;
        }
    }
    events.sort_by(|a: &RootEvent, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    Ok((events, token.is_some()))
}

/// What the record of an event says beyond the fields of the lookup.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Record {
    #[serde(rename = "sourceIPAddress")]
    source_address: Option<String>,
    user_agent: Option<String>,
    event_type: Option<String>,
    user_identity: Identity,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    r#type: Option<String>,
    invoked_by: Option<String>,
    session_context: Context,
}

impl Record {
    /// Whether the root user itself acted. The lookup goes by name, which an IAM user can have too; and services leave
    /// events in root's name (the three conditions of the metric filter in CIS AWS Foundations, "root account usage").
    fn is_of_root(&self) -> bool {
        let identity = &self.user_identity;
        let by_root = identity.r#type.as_deref().is_none_or(|kind| kind == "Root");
        by_root && identity.invoked_by.is_none() && self.event_type.as_deref() != Some("AwsServiceEvent")
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    assumed_root: Option<serde_json::Value>,
}

/// The event, unless its record shows that it was not the root user who acted.
fn root_event(lookup: Operation, event: Event) -> Result<Option<RootEvent>, Gap> {
    // A record that cannot be read leaves its details out; that the event happened is known without it.
    let record: Option<Record> = event.cloud_trail_event.as_deref().and_then(|text| serde_json::from_str(text).ok());
    if record.as_ref().is_some_and(|record| !record.is_of_root()) {
        return Ok(None);
    }
    // The record writes the flag as a text, "true"; one without it is of an ordinary session.
    let assumed_root = record.as_ref().map(|record| match &record.user_identity.session_context.assumed_root {
        Some(serde_json::Value::String(text)) => text == "true",
        Some(value) => value.as_bool().unwrap_or(false),
        None => false,
    });
    let record = record.unwrap_or_default();
    Ok(Some(RootEvent {
        id: required(lookup, "EventId", event.event_id)?,
        at: required(lookup, "EventTime", event.event_time.as_ref().and_then(time))?,
        name: required(lookup, "EventName", event.event_name)?,
        source: event.event_source,
        source_address: record.source_address,
        user_agent: record.user_agent,
        assumed_root,
        access_key_id: event.access_key_id.filter(|id| !id.is_empty()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(record: Option<&str>) -> RootEvent {
        maybe_event(record).expect("an event of root")
    }

    fn maybe_event(record: Option<&str>) -> Option<RootEvent> {
        let event =
            Event::builder().event_id("e-1").event_name("ConsoleLogin").event_time(DateTime::from_secs(1_800_000_000));
        let lookup = operation(Service::CloudTrail, "LookupEvents");
        root_event(lookup, event.set_cloud_trail_event(record.map(str::to_owned)).build()).expect("an event")
    }

    #[test]
    fn a_centrally_opened_session_is_told_from_a_sign_in() {
        let central = r#"{"userIdentity": {"type": "Root", "sessionContext": {"assumedRoot": "true"}}}"#;
        assert_eq!(event(Some(central)).assumed_root, Some(true));
        let sign_in = r#"{"userIdentity": {"type": "Root"}, "sourceIPAddress": "192.0.2.7"}"#;
        assert_eq!(event(Some(sign_in)).assumed_root, Some(false));
        assert_eq!(event(Some(sign_in)).source_address.as_deref(), Some("192.0.2.7"));
    }

    #[test]
    fn an_event_without_a_readable_record_happened_all_the_same() {
        assert_eq!(event(None).assumed_root, None);
        assert_eq!(event(Some("{")).name, "ConsoleLogin");
    }

    #[test]
    fn what_others_did_in_roots_name_is_left_out() {
        for record in [
            r#"{"userIdentity": {"type": "IAMUser", "userName": "root"}}"#,
            r#"{"userIdentity": {"type": "Root", "invokedBy": "support.amazonaws.com"}}"#,
            r#"{"userIdentity": {"type": "Root"}, "eventType": "AwsServiceEvent"}"#,
        ] {
            assert_eq!(maybe_event(Some(record)), None, "{record}");
        }
    }

    #[test]
    fn an_event_without_a_time_is_a_gap() {
        let lookup = operation(Service::CloudTrail, "LookupEvents");
        assert!(root_event(lookup, Event::builder().event_id("e").event_name("x").build()).is_err());
    }
}
