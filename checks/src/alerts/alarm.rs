//! Whether an alarm goes off when a metric filter counts an event, and whom it notifies.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::alarms::{Alarm, MetricAlarm, Watched};
use probity_model::facts::trail_log_groups::FilterMetric;

use super::evidence::AlertEvidence;
use super::target;
use super::verdict::Terms;
use super::way::{End, Way, undecided};

/// Within a minute, what a metric filter counts while nothing matches (its default value) never mixes with what it counts
/// when something does.
const MINUTE: i32 = 60;

/// The ways from an alarm on a metric, by its own actions and by those of composite alarms that name it.
pub(super) fn way(
    evidence: &AlertEvidence<'_>,
    alarms: &[Alarm],
    alarm: &Alarm,
    metric: &FilterMetric,
    terms: &Terms<'_>,
) -> Way {
    let start = Way::from("alarm", alarm.name.as_str());
    let goes_off = match &alarm.watches {
        Watched::Metric(watched) => goes_off(watched, metric, terms.max_events),
        Watched::Expression { .. } => {
            let what =
                format!("the alarm {} watches an expression over several metrics, which is not evaluated", alarm.name);
            End::Open(undecided(what))
        }
        Watched::Composite { .. } => End::Live,
    };
    if goes_off != End::Live {
        return start.ends(match goes_off {
            End::Broken(why) => End::Broken(format!("the alarm {} {why}", alarm.name)),
            other => other,
        });
    }
    let own = start.clone().then_actions(evidence, alarm, terms);
    let mut others: Vec<&Alarm> = alarms.iter().collect();
    others.sort_by(|a, b| a.arn.cmp(&b.arn));
    let composites = others.into_iter().filter_map(|other| match &other.watches {
        Watched::Composite { rule, has_suppressor } if names(rule, alarm) => {
            let way = start.clone().link("composite alarm", other.name.as_str());
            Some(if *has_suppressor || !is_any_of(rule) {
                let what = format!("the composite alarm {} goes off under a rule that is not evaluated", other.name);
                way.opens(undecided(what))
            } else {
                way.then_actions(evidence, other, terms)
            })
        }
        _ => None,
    });
    Way::best(core::iter::once(own).chain(composites)).unwrap_or(start)
}

impl Way {
    fn then_actions(self, evidence: &AlertEvidence<'_>, alarm: &Alarm, terms: &Terms<'_>) -> Self {
        if alarm.actions.is_empty() {
            return self.breaks(format!("the alarm {} notifies nobody", alarm.name));
        }
        if !alarm.actions_enabled {
            return self.breaks(format!("the actions of the alarm {} are disabled", alarm.name));
        }
        let targets = alarm.actions.iter().map(|action| target::way(evidence, action, &terms.accepted));
        match Way::best(targets) {
            Some(rest) => self.then(rest),
            None => self,
        }
    }
}

/// Whether an alarm on one metric goes off once so many events have been counted into the metric.
fn goes_off(alarm: &MetricAlarm, metric: &FilterMetric, max_events: u32) -> End {
    match (metric.dimensions.is_empty(), alarm.dimensions.is_empty()) {
        (true, true) => {}
        (true, false) => return End::Broken("watches dimensions that the metric does not have".to_string()),
        (false, true) => {
            return End::Broken("watches the metric without the dimensions that it is split by".to_string());
        }
        (false, false) => return End::Broken("watches the metric for one value of its dimensions alone".to_string()),
    }
    if alarm.comparison.starts_with("Less") && !alarm.comparison.contains("Greater") {
        return End::Broken("goes off when events are few, not when there are some".to_string());
    }
    let or_equal = alarm.comparison == "GreaterThanOrEqualToThreshold";
    if !or_equal && alarm.comparison != "GreaterThanThreshold" {
        return End::Open(undecided(format!("when {} is breached is not evaluated", alarm.comparison)));
    }
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(threshold) = alarm.threshold.as_deref().and_then(number) else {
        return End::Open(undecided("the alarm's threshold is learnt by CloudWatch or no number"));
    };
    let Some(each) = number(&metric.value) else {
        return End::Open(undecided(format!("an event counts {}, which differs from event to event", metric.value)));
    };
    let reached = |value: f64| if or_equal { value >= threshold } else { value > threshold };
    let diluted = metric.default_value.is_some() && alarm.period_seconds.is_none_or(|period| period > MINUTE);
    let a_period = match alarm.statistic.as_deref() {
        Some("Sum") => events(reached, each, max_events),
        Some("SampleCount") => events(reached, 1.0, max_events),
        Some("Maximum") => reached(each).then_some(1),
        Some("Average" | "Minimum") if diluted => {
            return End::Broken(
                "takes an average or minimum in which the filter's default value counts too".to_string(),
            );
        }
        Some("Average" | "Minimum") => reached(each).then_some(1),
        _ => return End::Open(undecided("the alarm's statistic is none that is evaluated")),
    };
    let periods = u32::try_from(alarm.datapoints.max(1)).unwrap_or(u32::MAX);
    match a_period.map(|events| events.saturating_mul(periods)) {
        Some(events) if events <= max_events => End::Live,
        Some(events) => End::Broken(too_many(&events.to_string(), max_events)),
        None => End::Broken(too_many("more", max_events)),
    }
}

fn too_many(events: &str, allowed: u32) -> String {
    let limit = if allowed == 1 { "the first event".to_string() } else { format!("at most {allowed} events") };
    format!("goes off only after {events} events, not after {limit}")
}

/// How many events in one period reach the threshold; none where more than are allowed do not.
fn events(reached: impl Fn(f64) -> bool, each: f64, allowed: u32) -> Option<u32> {
    (1..=allowed).find(|count| reached(f64::from(*count) * each))
}

/// Whether the rule of a composite alarm names an alarm, by its name or its ARN.
fn names(rule: &str, alarm: &Alarm) -> bool {
    functions(rule).any(|(_, name)| name == alarm.name || name == alarm.arn.as_str())
}

/// Whether the rule goes off as soon as one of its alarms does: `ALARM(…)` joined by `OR`, and nothing else.
fn is_any_of(rule: &str) -> bool {
    let mut rest = String::new();
    let mut in_quotes = false;
    for character in rule.chars() {
        match character {
            '"' => in_quotes = !in_quotes,
            _ if in_quotes => {}
            other => rest.push(if other == '(' || other == ')' { ' ' } else { other }),
        }
    }
    // Names without quotation marks stand between the words, behind `ALARM`.
    let mut alone = true;
    for word in rest.split_whitespace() {
        match word {
            "ALARM" => alone = false,
            "OR" => {}
            "AND" | "NOT" | "OK" | "INSUFFICIENT_DATA" | "TRUE" | "FALSE" | "AT_LEAST" => return false,
            _ if alone => return false,
            _ => {}
        }
    }
    !in_quotes && !alone
}

/// The functions of a rule, each with the alarm it asks for.
fn functions(rule: &str) -> impl Iterator<Item = (&str, &str)> {
    ["ALARM(", "OK(", "INSUFFICIENT_DATA("].into_iter().flat_map(move |function| {
        rule.match_indices(function).filter_map(move |(at, _)| {
            let inside = rule.get(at + function.len()..)?.trim_start();
            let name = match inside.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next()?,
                None => inside.split(')').next()?.trim(),
            };
            Some((function, name))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::ToOwned;
    use std::collections::BTreeMap;

    fn metric(value: &str, default: Option<&str>) -> FilterMetric {
        FilterMetric {
            namespace: "Audit".to_owned(),
            name: "root".to_owned(),
            value: value.to_owned(),
            default_value: default.map(ToOwned::to_owned),
            dimensions: Vec::new(),
        }
    }

    fn alarm(statistic: &str, comparison: &str, threshold: &str) -> MetricAlarm {
        MetricAlarm {
            namespace: "Audit".to_owned(),
            metric: "root".to_owned(),
            dimensions: BTreeMap::new(),
            statistic: Some(statistic.to_owned()),
            comparison: comparison.to_owned(),
            threshold: Some(threshold.to_owned()),
            period_seconds: Some(300),
            datapoints: 1,
        }
    }

    const AT_LEAST: &str = "GreaterThanOrEqualToThreshold";

    #[test]
    fn an_alarm_goes_off_at_the_first_event_or_it_does_not() {
        let live = |alarm: MetricAlarm| goes_off(&alarm, &metric("1", None), 1) == End::Live;
        assert!(live(alarm("Sum", AT_LEAST, "1")));
        assert!(live(alarm("Sum", "GreaterThanThreshold", "0")));
        assert!(live(alarm("Average", AT_LEAST, "1")));
        assert!(live(alarm("Maximum", AT_LEAST, "1")));
        assert!(live(alarm("SampleCount", AT_LEAST, "1")));
        assert!(!live(alarm("Sum", "GreaterThanThreshold", "1")));
        assert!(!live(alarm("Sum", AT_LEAST, "5")));
        assert!(!live(alarm("Sum", "LessThanThreshold", "1")));
        assert!(!live(alarm("p99", AT_LEAST, "1")));
        assert!(!live(MetricAlarm { datapoints: 2, ..alarm("Sum", AT_LEAST, "1") }));
        assert!(!live(MetricAlarm { threshold: None, ..alarm("Sum", AT_LEAST, "1") }));
        let narrowed = BTreeMap::from([("Account".to_owned(), "1".to_owned())]);
        assert!(!live(MetricAlarm { dimensions: narrowed, ..alarm("Sum", AT_LEAST, "1") }));
    }

    #[test]
    fn more_events_may_be_allowed() {
        let end = |allowed| goes_off(&alarm("Sum", AT_LEAST, "5"), &metric("1", None), allowed);
        assert_eq!(end(5), End::Live);
        assert!(matches!(end(4), End::Broken(_)));
        let twice = MetricAlarm { datapoints: 2, ..alarm("Sum", AT_LEAST, "5") };
        assert!(matches!(goes_off(&twice, &metric("1", None), 9), End::Broken(_)));
        assert_eq!(goes_off(&twice, &metric("1", None), 10), End::Live);
    }

    #[test]
    fn a_default_value_dilutes_averages_but_not_sums() {
        let end = |statistic, default| goes_off(&alarm(statistic, AT_LEAST, "1"), &metric("1", default), 1);
        assert_eq!(end("Sum", Some("0")), End::Live);
        assert!(matches!(end("Average", Some("0")), End::Broken(_)));
        let short = MetricAlarm { period_seconds: Some(60), ..alarm("Average", AT_LEAST, "1") };
        assert_eq!(goes_off(&short, &metric("1", Some("0")), 1), End::Live);
    }

    #[test]
    fn what_an_event_counts_may_be_anything() {
        let end = |value| goes_off(&alarm("Sum", AT_LEAST, "1"), &metric(value, None), 1);
        assert!(matches!(end("$.amount"), End::Open(_)));
        assert!(matches!(end("0"), End::Broken(_)));
        assert!(matches!(end("NaN"), End::Open(_)));
        assert_eq!(end("2"), End::Live);
    }

    #[test]
    fn only_a_rule_of_alternatives_goes_off_with_one_alarm() {
        for (rule, any) in [
            (r#"ALARM("root")"#, true),
            (r#"(ALARM("root") OR ALARM(other))"#, true),
            (r#"ALARM("root AND more")"#, true),
            (r#"ALARM("root") AND ALARM("other")"#, false),
            (r#"NOT ALARM("root")"#, false),
            (r#"OK("root")"#, false),
            ("TRUE", false),
            (r#"ALARM("root"#, false),
        ] {
            assert_eq!(is_any_of(rule), any, "{rule}");
        }
    }
}
