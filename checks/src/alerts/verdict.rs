//! The verdict over all events that are to be told of.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::{
    Findings, FlagParameter, Gap, ListParameter, NumberParameter, Parameters, Severity, Subject, Unit,
};

use super::by_filter::Feeds;
use super::by_rule::Rules;
use super::demand::Demand;
use super::evidence::AlertEvidence;
use super::way::{End, Way};

const SIEM: FlagParameter = FlagParameter {
    name: "siem",
    default: false,
    source: "the CIS benchmarks name an external SIEM as an alternative since 4.0.1",
};

/// Targets that count as somebody being told.
pub(crate) const ALERT_TARGETS: ListParameter = ListParameter {
    name: "alert_targets",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "our own choice: what lies behind a function, a queue or another account's event bus, only its owner can say",
};

/// Whether alerts are raised in a SIEM.
pub(crate) const fn siem() -> FlagParameter {
    SIEM
}

/// After how many events an alarm has to go off.
pub(crate) const fn max_events(default: u32) -> NumberParameter {
    NumberParameter {
        name: "max_events",
        default,
        min: 1,
        max: 10_000,
        unit: Unit::Events,
        source: "our own choice; the alarms that CIS describes go off at the first event",
    }
}

/// On which terms a way counts.
pub(crate) struct Terms<'p> {
    /// Whether alerts are raised in a SIEM.
    pub(crate) siem: bool,
    /// Targets that count as somebody being told, as ARN patterns.
    pub(crate) accepted: Vec<&'p str>,
    /// After how many events an alarm has to go off.
    pub(crate) max_events: u32,
}

impl<'p> Terms<'p> {
    /// The terms that the parameters set.
    pub(crate) fn of(parameters: &'p Parameters, max_events: &NumberParameter) -> Self {
        Self {
            siem: parameters.flag(&SIEM),
            accepted: parameters.list(&ALERT_TARGETS),
            max_events: parameters.number(max_events),
        }
    }
}

/// How many events are named in a message.
const NAMED: usize = 6;

/// Judges whether somebody is told of every demanded event. `apart` tells several verdicts of one check apart.
pub(crate) fn judge(
    evidence: &AlertEvidence<'_>,
    demands: &[Demand],
    terms: &Terms<'_>,
    apart: Option<(&str, Severity)>,
    out: &mut Findings<'_>,
) {
    let account = out.account();
    let mut subject = out.whole_account();
    if let Some((name, severity)) = apart {
        subject = subject.discriminator(name).severity(severity);
    }
    if terms.siem {
        return subject.manual("alerts are raised in a SIEM (parameter siem): see there that these events raise one");
    }
    let feeds = Feeds::read(evidence, account);
    let rules = Rules::read(evidence);
    // A Region whose trails are not known may have one more way.
    let unread = evidence.trails.regions.values().find_map(|seen| seen.gap());
    let ways: Vec<(&str, Option<Way>)> = demands
        .iter()
        .map(|demand| {
            let by_rule = rules.way(evidence, demand, terms);
            let best = Way::best(feeds.ways(evidence, demand, terms).into_iter().chain(by_rule));
            let may_be =
                unread.filter(|_| !best.as_ref().is_some_and(|way| matches!(way.end, End::Live | End::Open(_))));
            let best = match may_be {
                Some(gap) => Some(Way::from("trails", "of a Region that was not read").opens(gap.clone())),
                None => best,
            };
            (demand.event.name.as_str(), best)
        })
        .collect();
    conclude(subject, &ways, feeds.are_any());
}

fn conclude(subject: Subject<'_, '_>, ways: &[(&str, Option<Way>)], any_feed: bool) {
    let events: Vec<&str> = ways.iter().map(|(name, _)| *name).collect();
    let subject = subject.evidence("events", events.join(", "));
    let mut failures: Vec<(String, Vec<&str>)> = Vec::new();
    let mut open: Option<(&Gap, &Way)> = None;
    let mut broken: Option<&Way> = None;
    for (event, way) in ways {
        let failure = match way {
            None if any_feed => "neither a metric filter nor an EventBridge rule matches any of them".to_string(),
            None => "no trail feeds CloudWatch Logs, and no EventBridge rule matches any of them".to_string(),
            Some(way) => match &way.end {
                End::Live => continue,
                End::Open(gap) => {
                    open = open.or(Some((gap, way)));
                    continue;
                }
                End::Broken(why) | End::Narrow(why) => {
                    broken = broken.or(Some(way));
                    why.clone()
                }
            },
        };
        match failures.iter_mut().find(|(known, _)| *known == failure) {
            Some((_, names)) => names.push(event),
            None => failures.push((failure, Vec::from([*event]))),
        }
    }
    if !failures.is_empty() {
        return fail(subject, &failures, broken, ways.len());
    }
    if let Some((gap, way)) = open {
        return links(subject, way).not_evaluated(gap);
    }
    pass(subject, ways);
}

fn fail(mut subject: Subject<'_, '_>, failures: &[(String, Vec<&str>)], broken: Option<&Way>, all: usize) {
    if let Some(way) = broken {
        subject = links(subject, way);
        if let End::Broken(why) | End::Narrow(why) = &way.end {
            subject = subject.evidence("broken_link", why);
        }
    }
    let reasons: Vec<String> = failures
        .iter()
        .map(|(why, names)| if names.len() == all { why.clone() } else { format!("{}: {why}", in_words(names)) })
        .collect();
    let missed: Vec<&str> = failures.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    subject.evidence("events_without_alert", missed.join(", ")).fail(match missed.len() {
        missed if missed == all => format!("nobody is told: {}", reasons.join("; ")),
        _ => format!("nobody is told of some events: {}", reasons.join("; ")),
    });
}

fn pass(mut subject: Subject<'_, '_>, ways: &[(&str, Option<Way>)]) {
    let mut different: Vec<&Way> = Vec::new();
    for way in ways.iter().filter_map(|(_, way)| way.as_ref()) {
        if !different.contains(&way) {
            different.push(way);
        }
    }
    let [first, rest @ ..] = different.as_slice() else { return subject.unclear("no events were demanded") };
    subject = links(subject, first);
    for way in rest {
        subject = subject.evidence("further_way", way.in_words());
    }
    let end = first.links.last().map_or("", |(_, name)| name.as_str());
    subject.pass(match rest.len() {
        0 => format!("somebody is told: {}", first.in_words()),
        more => format!("somebody is told, {} ways; the first ends with {end}", more + 1),
    });
}

/// Each link of a way as evidence.
fn links<'f, 's>(subject: Subject<'f, 's>, way: &Way) -> Subject<'f, 's> {
    way.links.iter().fold(subject, |subject, (kind, name)| subject.evidence(kind.replace(' ', "_"), name))
}

fn in_words(names: &[&str]) -> String {
    match names.len().checked_sub(NAMED) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names.get(..NAMED).unwrap_or_default().join(", ")),
    }
}
