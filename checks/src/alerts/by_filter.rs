//! Ways over CloudWatch Logs: a trail feeds a log group, a metric filter counts its events, an alarm watches the metric.

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::alarms::{Alarm, Watched};
use probity_model::facts::trail_log_groups::{FilterMetric, MetricFilter};
use probity_model::facts::trails::Trail;
use probity_model::{AccountId, Arn, Gap, Region, Seen};

use super::alarm;
use super::demand::Demand;
use super::evidence::AlertEvidence;
use super::verdict::Terms;
use super::way::{End, Way, undecided};
use crate::event_patterns::{Event, FilterPattern, Match};
use crate::management_events::{Kind, Recorded, are_told, recorded};
use crate::trails::{is_owned_elsewhere, trails};

/// The trails that feed a log group, with the metric filters of the group, their patterns read.
pub(super) struct Feeds<'s> {
    own: Vec<Feed<'s>>,
    elsewhere: Vec<&'s Trail>,
}

struct Feed<'s> {
    trail: &'s Trail,
    group: &'s Arn,
    filters: Result<Vec<(&'s MetricFilter, FilterPattern)>, Gap>,
    problem: Option<End>,
}

impl<'s> Feeds<'s> {
    pub(super) fn read(evidence: &AlertEvidence<'s>, account: &AccountId) -> Self {
        let (elsewhere, own): (Vec<_>, Vec<_>) =
            trails(evidence.trails).into_iter().partition(|trail| is_owned_elsewhere(trail, account));
        let feed = |trail: &'s Trail| trail.log_group.as_ref().map(|group| feed(evidence, trail, group));
        Self { own: own.into_iter().filter_map(feed).collect(), elsewhere }
    }

    /// Whether a trail of the account feeds a log group at all.
    pub(super) fn are_any(&self) -> bool {
        !self.own.is_empty()
    }

    /// The ways from the events to a person.
    pub(super) fn ways(&self, evidence: &AlertEvidence<'_>, demand: &Demand, terms: &Terms<'_>) -> Vec<Way> {
        let elsewhere = self.elsewhere.iter().map(|trail| {
            let owner = trail.arn.account();
            Way::from("trail", trail.arn.as_str()).opens(undecided(format!(
                "the account {owner} owns the trail {}, and the metric filters and alarms behind it are to be judged there",
                trail.name
            )))
        });
        self.own.iter().flat_map(|feed| feed.ways(evidence, demand, terms)).chain(elsewhere).collect()
    }
}

fn feed<'s>(evidence: &AlertEvidence<'s>, trail: &'s Trail, group: &'s Arn) -> Feed<'s> {
    let known = match evidence.groups {
        Ok(groups) => groups.groups.get(group),
        Err(gap) => return Feed { trail, group, filters: Err(gap.clone()), problem: None },
    };
    let Some(known) = known else {
        let gap = undecided(format!("the metric filters of {group} were not read"));
        return Feed { trail, group, filters: Err(gap), problem: None };
    };
    let problem = match &known.details {
        Seen::Known(None) => Some(End::Broken(format!("the log group {} does not exist", name(group)))),
        Seen::Known(Some(details)) => details
            .class
            .as_deref()
            .filter(|class| *class != "STANDARD")
            .map(|class| End::Broken(format!("metric filters do not work in log groups of the class {class}"))),
        Seen::Missing(_) => None,
    };
    let filters = known.filters.get().map_err(Clone::clone);
    let filters = filters.map(|filters| {
        let mut filters: Vec<_> = filters.iter().map(|one| (one, FilterPattern::parse(&one.pattern))).collect();
        filters.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        filters
    });
    Feed { trail, group, filters, problem }
}

/// The name of a log group in its ARN.
fn name(group: &Arn) -> &str {
    let resource = group.resource();
    let resource = resource.strip_prefix("log-group:").unwrap_or(resource);
    resource.strip_suffix(":*").unwrap_or(resource)
}

impl Feed<'_> {
    fn ways(&self, evidence: &AlertEvidence<'_>, demand: &Demand, terms: &Terms<'_>) -> Vec<Way> {
        let trail = Way::from("trail", self.trail.name.as_str());
        let group = trail.clone().link("log group", name(self.group));
        let filters = match &self.filters {
            Ok(filters) => filters,
            Err(gap) => return Vec::from([group.opens(gap.clone())]),
        };
        let ways = filters.iter().filter_map(|(filter, pattern)| {
            let here = group.clone().link("metric filter", filter.name.as_str());
            match (pattern.on(&demand.event), &filter.field_selection) {
                (Match::None, _) => return None,
                (Match::Some(field), _) => {
                    return Some(here.ends(End::Narrow(narrow(filter, &format!("turns on {field}")))));
                }
                (_, Some(selection)) => {
                    return Some(here.ends(End::Narrow(narrow(filter, &format!("takes only {selection}")))));
                }
                (Match::Unclear(what), None) => {
                    return Some(
                        here.opens(undecided(format!("the metric filter {} is not understood: {what}", filter.name))),
                    );
                }
                (Match::All, None) => {}
            }
            let end = records(self.trail, &demand.event);
            if end != End::Live {
                return Some(trail.clone().ends(end));
            }
            if let Some(problem) = &self.problem {
                return Some(group.clone().ends(problem.clone()));
            }
            let ways = filter.metrics.iter().map(|metric| self.behind(evidence, &here, metric, terms));
            Way::best(ways)
                .or_else(|| Some(here.breaks(format!("the metric filter {} counts into no metric", filter.name))))
        });
        ways.collect()
    }

    /// The best way from a filter on, by one of the metrics it counts into.
    fn behind(&self, evidence: &AlertEvidence<'_>, filter: &Way, metric: &FilterMetric, terms: &Terms<'_>) -> Way {
        let filter = filter.clone();
        let alarms = match alarms(evidence, self.group) {
            Ok(alarms) => alarms,
            Err(gap) => return filter.opens(gap),
        };
        let mut watching: Vec<&Alarm> = alarms.iter().filter(|alarm| watches(alarm, metric)).collect();
        watching.sort_by(|a, b| a.arn.cmp(&b.arn));
        let ways = watching.into_iter().map(|alarm| {
            let rest = alarm::way(evidence, alarms, alarm, metric, terms);
            filter.clone().then(rest)
        });
        Way::best(ways).unwrap_or_else(|| {
            filter.breaks(format!("no alarm watches the metric {} of {}", metric.name, metric.namespace))
        })
    }
}

fn narrow(filter: &MetricFilter, why: &str) -> alloc::string::String {
    format!("no pattern matches all of them: that of the metric filter {} {why}", filter.name)
}

/// The alarms in the Region of a log group.
fn alarms<'s>(evidence: &AlertEvidence<'s>, group: &Arn) -> Result<&'s [Alarm], Gap> {
    let alarms = evidence.alarms.map_err(Clone::clone)?;
    let region = Region::try_from(group.region()).ok();
    match region.and_then(|region| alarms.regions.get(&region)) {
        Some(seen) => seen.get().map(Vec::as_slice).map_err(Clone::clone),
        None => Err(undecided(format!("the alarms in the Region of {group} were not read"))),
    }
}

fn watches(alarm: &Alarm, metric: &FilterMetric) -> bool {
    match &alarm.watches {
        Watched::Metric(watched) => watched.namespace == metric.namespace && watched.metric == metric.name,
        Watched::Expression { metrics } => metrics.contains(&(metric.namespace.clone(), metric.name.clone())),
        Watched::Composite { .. } => false,
    }
}

/// Whether a trail records the events, from every Region.
pub(super) fn records(trail: &Trail, event: &Event) -> End {
    let broken = |what: &str| End::Broken(format!("the trail {} {what}", trail.name));
    if !trail.is_multi_region {
        return broken("records one Region alone");
    }
    if !trail.includes_global_services {
        return broken("leaves out the events of global services");
    }
    match trail.status.get().map(|status| status.is_logging) {
        Ok(Some(true)) => {}
        Ok(Some(false)) => return broken("is not logging"),
        Ok(None) => return End::Open(undecided(format!("whether the trail {} is logging was not said", trail.name))),
        Err(gap) => return End::Open(gap.clone()),
    }
    let selectors = match trail.selectors.get() {
        Ok(selectors) if are_told(selectors) => selectors,
        Ok(_) => return End::Open(undecided(format!("which events the trail {} records was not said", trail.name))),
        Err(gap) => return End::Open(gap.clone()),
    };
    let (kind, events) = if event.is_read_only() { (Kind::Read, "read") } else { (Kind::Write, "write") };
    match recorded(selectors, kind) {
        Recorded::NotAll => broken(&format!("does not record all {events} management events")),
        Recorded::AllBut(sources) if sources.contains(event.source()) => {
            broken(&format!("leaves out the events of {}", event.source()))
        }
        Recorded::AllBut(_) => End::Live,
    }
}
