//! Ways over Amazon EventBridge: a rule in each Region where the events arrive.
//!
//! EventBridge has the management events that a trail records, and unless a rule says otherwise only those that change
//! something (EventBridge User Guide, "AWS service events delivered via AWS CloudTrail").

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use probity_model::facts::EventRules;
use probity_model::facts::event_rules::EventRule;
use probity_model::{Gap, Region, Seen};

use super::by_filter::records;
use super::demand::Demand;
use super::evidence::AlertEvidence;
use super::target;
use super::verdict::Terms;
use super::way::{End, Way, undecided};
use crate::event_patterns::{EventPattern, Match};
use crate::trails::trails;

const WITH_READS: &str = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

/// The rules of a Region, each with its pattern.
type Parsed<'s> = Vec<(&'s EventRule, EventPattern)>;

/// The rules of every Region, their patterns read.
pub(super) struct Rules<'s> {
    facts: Result<&'s EventRules, &'s Gap>,
    regions: Vec<(&'s Region, Result<Parsed<'s>, &'s Gap>)>,
}

impl<'s> Rules<'s> {
    pub(super) fn read(evidence: &AlertEvidence<'s>) -> Self {
        let regions = evidence.rules.map(|facts| &facts.regions).into_iter().flatten();
        let parse = |seen: &'s Seen<Vec<EventRule>>| {
            let mut rules: Vec<_> = seen.get()?.iter().map(|one| (one, EventPattern::parse(&one.pattern))).collect();
            rules.sort_by(|(a, _), (b, _)| a.arn.cmp(&b.arn));
            Ok(rules)
        };
        Self { facts: evidence.rules, regions: regions.map(|(region, seen)| (region, parse(seen))).collect() }
    }

    /// The way from the events to a person: that of the Region in which it leads least far. None where no rule of some
    /// Region matches any of them.
    pub(super) fn way(&self, evidence: &AlertEvidence<'_>, demand: &Demand, terms: &Terms<'_>) -> Option<Way> {
        let facts = match self.facts {
            Ok(facts) => facts,
            Err(gap) => return Some(unread(None, gap)),
        };
        let Some(global) = &facts.global_region else {
            return Some(unread(
                None,
                &undecided("where the events of global services arrive is not known for this partition"),
            ));
        };
        let needed: Vec<_> = self.regions.iter().filter(|(region, _)| demand.everywhere || *region == global).collect();
        if needed.is_empty() {
            return Some(unread(Some(global), &undecided(format!("the rules in {global} were not read"))));
        }
        let not_needed = EventRules::not_needed();
        let mut ways = Vec::new();
        for (region, rules) in needed {
            ways.push(match rules {
                Ok(rules) => in_region(evidence, region, rules, demand, terms)?,
                Err(gap) if **gap == not_needed => return None,
                Err(gap) => unread(Some(region), gap),
            });
        }
        // What some Region lacks for sure counts more than what another one leaves open.
        let worst = Way::worst(ways)?;
        match recording(evidence, demand) {
            End::Live => Some(worst),
            end if worst.end == End::Live => Some(worst.ends(end)),
            _ => Some(worst),
        }
    }
}

fn unread(region: Option<&Region>, gap: &Gap) -> Way {
    let place = region.map_or_else(|| "any Region".to_string(), ToString::to_string);
    Way::from("event rules", place).opens(gap.clone())
}

fn in_region(
    evidence: &AlertEvidence<'_>,
    region: &Region,
    rules: &[(&EventRule, EventPattern)],
    demand: &Demand,
    terms: &Terms<'_>,
) -> Option<Way> {
    let ways = rules.iter().filter_map(|(rule, pattern)| {
        let here = Way::from("event rule", format!("{} ({region})", rule.name));
        let narrow = |why: &str| {
            End::Narrow(format!(
                "no pattern matches all of them: that of the event rule {} in {region} {why}",
                rule.name
            ))
        };
        match pattern.on(&demand.event) {
            Match::None => return None,
            Match::Some(field) => return Some(here.ends(narrow(&format!("turns on {field}")))),
            Match::Unclear(what) => {
                return Some(here.opens(undecided(format!("the event rule {} is not understood: {what}", rule.name))));
            }
            Match::All => {}
        }
        match rule.state.as_str() {
            WITH_READS => {}
            "ENABLED" if !demand.event.is_read_only() => {}
            "ENABLED" => {
                let why = "gets no events that only read in the state ENABLED";
                return Some(here.ends(narrow(why)));
            }
            _ => return Some(here.breaks(format!("the event rule {} is disabled", rule.name))),
        }
        let targets = match rule.targets.get() {
            Ok(targets) => targets,
            Err(gap) => return Some(here.opens(gap.clone())),
        };
        let rest = Way::best(targets.iter().map(|arn| target::way(evidence, arn, &terms.accepted)));
        Some(match rest {
            Some(rest) => here.then(rest),
            None => here.breaks(format!("the event rule {} has no target", rule.name)),
        })
    });
    Way::best(ways)
}

/// Whether some trail records the events: without one, CloudTrail sends none to EventBridge.
fn recording(evidence: &AlertEvidence<'_>, demand: &Demand) -> End {
    let ends = trails(evidence.trails)
        .into_iter()
        .map(|trail| Way::from("trail", trail.name.as_str()).ends(records(trail, &demand.event)));
    let unread = evidence.trails.regions.values().find_map(|seen| seen.gap());
    match (Way::best(ends).map(|way| way.end), unread) {
        (Some(End::Live), _) => End::Live,
        (Some(End::Open(gap)), _) => End::Open(gap),
        (_, Some(gap)) => End::Open(gap.clone()),
        (Some(end), None) => end,
        (None, None) => {
            End::Broken("no trail records the events, and EventBridge has only what a trail records".to_string())
        }
    }
}
