//! EventBridge rules on the events of CloudTrail: a call in the Region of the global services; a call in every other Region
//! where a rule there may match events that arrive elsewhere too; a call for each rule that concerns CloudTrail.

use futures_util::future::join_all;
use probity_model::facts::EventRules;
use probity_model::facts::event_rules::EventRule;
use probity_model::{Arn, Gap, Region, Seen, Service};
use serde_json::Value;

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required};
use crate::regions;

/// The most a page can hold (EventBridge API Reference, `Limit`).
const PAGE: i32 = 100;

pub(crate) async fn read(reader: &Reader<'_>, places: &Places, home: &Region) -> Result<EventRules, Gap> {
    let global_region = regions::home_of_global_services(home);
    let first = global_region.as_ref().filter(|region| places.asked.contains(region));
    let in_first = match first {
        Some(region) => Some((region, in_region(reader, region).await)),
        None => None,
    };
    let is_needed = match &in_first {
        Some((_, Ok(rules))) => rules.iter().any(|rule| rule.state != DISABLED && may_match_elsewhere(&rule.pattern)),
        _ => true,
    };
    let others = places.asked.iter().filter(|region| Some(*region) != first);
    let asked = others.map(|region| async move {
        let rules = if is_needed { in_region(reader, region).await } else { Err(EventRules::not_needed()) };
        (region, rules)
    });
    let mut found = join_all(asked).await;
    found.extend(in_first);
    let mut regions: std::collections::BTreeMap<_, Seen<_>> =
        found.into_iter().map(|(region, rules)| (region.clone(), rules.into())).collect();
    regions.extend(places.missing());
    Ok(EventRules { global_region, regions })
}

const DISABLED: &str = "DISABLED";

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<Vec<EventRule>, Gap> {
    let list = operation(Service::EventBridge, "ListRules");
    let here = |gap: Gap| gap.in_region(region);
    let client = reader.clients.eventbridge(region);
    let (mut pages, mut token) = (Pages::new(list), None);
    let mut found = Vec::new();
    loop {
        let page = reader.ask_in(region, list, client.list_rules().limit(PAGE).set_next_token(token).send()).await?;
        for rule in required(list, "Rules", page.rules).map_err(here)? {
            // A rule on a schedule has no pattern.
            let Some(pattern) = rule.event_pattern else { continue };
            let state = rule.state.map(|state| state.as_str().to_owned());
            found.push(EventRule {
                arn: Arn::new(required(list, "Arn", rule.arn).map_err(here)?),
                name: required(list, "Name", rule.name).map_err(here)?,
                state: required(list, "State", state).map_err(here)?,
                pattern,
                targets: Seen::Missing(Gap::not_requested("the rule is disabled or does not concern CloudTrail")),
            });
        }
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() {
            break;
        }
    }
    let live = found.iter_mut().filter(|rule| rule.state != DISABLED && may_concern_cloudtrail(&rule.pattern));
    let asked = live.map(|rule| async move { rule.targets = targets(reader, region, &rule.name).await.into() });
    join_all(asked).await;
    found.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(found)
}

async fn targets(reader: &Reader<'_>, region: &Region, rule: &str) -> Result<Vec<Arn>, Gap> {
    let list = operation(Service::EventBridge, "ListTargetsByRule");
    let here = |gap: Gap| gap.in_region(region);
    let client = reader.clients.eventbridge(region);
    let (mut pages, mut token) = (Pages::new(list), None);
    let mut found = Vec::new();
    loop {
        let call = client.list_targets_by_rule().rule(rule).limit(PAGE).set_next_token(token).send();
        let page = reader.ask_in(region, list, call).await?;
        found.extend(
            required(list, "Targets", page.targets).map_err(here)?.into_iter().map(|target| Arn::new(target.arn)),
        );
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() {
            found.sort();
            found.dedup();
            return Ok(found);
        }
    }
}

/// Whether a pattern may match an event of CloudTrail. It cannot where it lists types of events, and none of these is.
fn may_concern_cloudtrail(pattern: &str) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_str(pattern) else { return true };
    let Some(Value::Array(types)) = fields.get("detail-type") else { return true };
    types.iter().any(|kind| kind.as_str().is_none_or(|kind| kind.ends_with("via CloudTrail")))
}

/// Whether a pattern may match an event of CloudTrail that arrives in other Regions too. It cannot where it lists sources, and
/// all of these are global services.
fn may_match_elsewhere(pattern: &str) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_str(pattern) else { return true };
    let lists_only = |field: Option<&Value>, all: [&str; 2]| {
        let Some(Value::Array(values)) = field else { return false };
        values.iter().all(|value| value.as_str().is_some_and(|value| all.contains(&value)))
    };
    let by_source = lists_only(fields.get("source"), ["aws.iam", "aws.organizations"]);
    let event_source = fields.get("detail").and_then(|detail| detail.get("eventSource"));
    let by_event_source = lists_only(event_source, ["iam.amazonaws.com", "organizations.amazonaws.com"]);
    may_concern_cloudtrail(pattern) && !by_source && !by_event_source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_on_other_events_are_not_asked_for_their_targets() {
        for (pattern, may) in [
            (r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}"#, false),
            (r#"{"detail-type": ["AWS API Call via CloudTrail"]}"#, true),
            (r#"{"detail-type": ["Scheduled Event", "AWS Console Sign In via CloudTrail"]}"#, true),
            (r#"{"detail-type": [{"prefix": "AWS"}]}"#, true),
            (r#"{"source": ["aws.iam"]}"#, true),
            (r#"{"$or": [{"source": ["aws.iam"]}]}"#, true),
            ("no pattern", true),
        ] {
            assert_eq!(may_concern_cloudtrail(pattern), may, "{pattern}");
        }
    }

    #[test]
    fn rules_on_global_services_alone_do_not_lead_to_other_regions() {
        for (pattern, may) in [
            (r#"{"source": ["aws.iam"]}"#, false),
            (r#"{"source": ["aws.iam", "aws.organizations"], "detail": {"eventName": ["CreatePolicy"]}}"#, false),
            (r#"{"detail": {"eventSource": ["iam.amazonaws.com"]}}"#, false),
            (r#"{"source": ["aws.iam", "aws.kms"]}"#, true),
            (r#"{"source": [{"prefix": "aws."}]}"#, true),
            (r#"{"detail": {"userIdentity": {"type": ["Root"]}}}"#, true),
            (r#"{"source": ["aws.health"], "detail-type": ["AWS Health Event"]}"#, false),
        ] {
            assert_eq!(may_match_elsewhere(pattern), may, "{pattern}");
        }
    }
}
