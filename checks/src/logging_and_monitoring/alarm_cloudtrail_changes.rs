//! A change of a trail is told to somebody at once.
//!
//! # Why
//! Who wants to work unseen stops the trail first. Nothing is recorded from then on, so the alert on that one event is
//! the last thing that can be known.
//!
//! # Pass
//! Of every event named below, somebody is told. Either a multi-Region trail of the account that is logging feeds a log
//! group, a metric filter of the group matches the event, an alarm on its metric goes off once `max_events` events were
//! counted and has its actions enabled, and the SNS topic it notifies has a confirmed subscription. Or an enabled
//! EventBridge rule matches it in every Region where it arrives, and notifies such a topic. Different events may go
//! different ways.
//!
//! The events are the successful calls `CreateTrail`, `UpdateTrail`, `DeleteTrail`, `StartLogging` and `StopLogging`.
//!
//! # Fail
//! No way leads from some of these events to a person: nothing matches them, or a filter or rule leaves some out by a
//! further condition, or one of the links does not hold. The finding names the events, the links and the first one that
//! breaks.
//!
//! # Not applicable
//! Never judged where alerts are raised in a SIEM: under `siem` the finding is manual.
//!
//! # Notes
//! Patterns are compared by what they match and not by their text: order, quotation marks, wildcards and alternatives
//! do not matter, and a condition on a field that these events may or may not have leaves some of them out.
//!
//! A subscription that waits for confirmation is none. A target other than an SNS topic (a function, a queue, another
//! account's event bus) is not looked into; name those behind which somebody is told in `alert_targets`. Where a trail
//! of another account records this one, as a trail of the organization does, the metric filters behind it are to be
//! judged there, and the check is not evaluated here unless a way of this account's own holds.
//!
//! # Fix
//! Create the metric filter, an alarm on its metric and a subscription, or EventBridge rules that notify a topic.
//!
//! # Command
//! ```sh
//! aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name alarm-cloudtrail-changes \
//!   --metric-transformations metricName=alarm-cloudtrail-changes,metricNamespace=Audit,metricValue=1 \
//!   --filter-pattern '{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = CreateTrail) || …) }'
//! aws cloudwatch put-metric-alarm --alarm-name alarm-cloudtrail-changes --namespace Audit --metric-name alarm-cloudtrail-changes --statistic Sum \
//!   --period 300 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC
//! ```

use probity_model::{
    Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
};

use crate::alerts::{ALERT_TARGETS, AlertEvidence, Terms, calls_everywhere, judge, max_events, siem};

const MAX_EVENTS: NumberParameter = max_events(1);

/// The calls that the CIS benchmarks name.
const OPERATIONS: [&str; 5] = ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "alarm-cloudtrail-changes",
        family: Family::LoggingAndMonitoring,
        title: "CloudTrail changes raise an alert",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::AlertTopic,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[
            ParameterSpec::Flag(siem()),
            ParameterSpec::List(ALERT_TARGETS),
            ParameterSpec::Number(MAX_EVENTS),
        ],
    };
    type Facts<'s> = AlertEvidence<'s>;

    fn run(evidence: AlertEvidence<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let demands = calls_everywhere("cloudtrail", &OPERATIONS, out.account());
        judge(&evidence, &demands, &Terms::of(parameters, &MAX_EVENTS), None, out);
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, Manual, NotEvaluated, Pass};
    use probity_model::Topic;

    use crate::alerts::testing::{alerting, evidence, filters, ruled, without_each};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "alarm-cloudtrail-changes";
    /// The pattern of the CIS benchmarks.
    const CIS: &str = r#"{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = "CreateTrail") || ($.eventName = "UpdateTrail") || ($.eventName = "DeleteTrail") || ($.eventName = "StartLogging") || ($.eventName = "StopLogging")) }"#;

    #[test]
    fn pass() {
        let [finding] = findings(ID, alerting(CIS)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Pass, "{}", finding.message);
        assert_eq!(evidence(&finding, "metric_filter"), Some("alerts"));
        assert_eq!(evidence(&finding, "subscription"), Some("email"));
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, alerting(r#"{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = "UpdateTrail") || ($.eventName = "DeleteTrail") || ($.eventName = "StartLogging") || ($.eventName = "StopLogging")) }"#)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail, "{}", finding.message);
        let missed = evidence(&finding, "events_without_alert").unwrap_or_default();
        assert!(missed.contains("CreateTrail"), "{missed}");
        assert_eq!(outcomes(ID, alerting(CIS).facts(|facts| filters(facts).clear())), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, alerting(CIS).deny(Topic::Trails)), [NotEvaluated]);
        for account in without_each(&alerting(CIS)) {
            assert_eq!(outcomes(ID, account), [NotEvaluated]);
        }
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes_with(ID, &[("siem", "true")], alerting(CIS)), [Manual]);
    }

    #[test]
    fn trap_the_same_pattern_in_other_words_passes() {
        assert_eq!(
            outcomes(
                ID,
                alerting(
                    r#"{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = StopLogging) || ($.eventName = StartLogging) || ($.eventName = DeleteTrail) || ($.eventName = UpdateTrail) || ($.eventName = CreateTrail)) }"#
                )
            ),
            [Pass]
        );
    }

    #[test]
    fn trap_a_rule_of_event_bridge_does_as_well() {
        let pattern = r#"{"source": ["aws.cloudtrail"], "detail": {"eventName": ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"]}}"#;
        assert_eq!(outcomes(ID, ruled(&["us-east-1", "eu-central-1"], "ENABLED", pattern)), [Pass]);
        assert_eq!(outcomes(ID, ruled(&["us-east-1", "eu-central-1"], "DISABLED", pattern)), [Fail]);
    }

    #[test]
    fn trap_a_rule_in_one_region_misses_the_others() {
        let pattern = r#"{"source": ["aws.cloudtrail"]}"#;
        let account = ruled(&["us-east-1", "eu-central-1"], "ENABLED", pattern)
            .facts(|facts| crate::alerts::testing::rules(facts, "eu-central-1").clear());
        assert_eq!(outcomes(ID, account), [Fail]);
    }
}
