//! API calls that were refused are told to somebody.
//!
//! # Why
//! Who tries out stolen credentials runs into refusals before running into what they allow.
//!
//! # Pass
//! Of every event named below, somebody is told. Either a multi-Region trail of the account that is logging feeds a log
//! group, a metric filter of the group matches the event, an alarm on its metric goes off once `max_events` events were
//! counted and has its actions enabled, and the SNS topic it notifies has a confirmed subscription. Or an enabled
//! EventBridge rule matches it in every Region where it arrives, and notifies such a topic. Different events may go
//! different ways.
//!
//! The events are calls that failed with `AccessDenied`, `AccessDeniedException` or `Client.UnauthorizedOperation`,
//! reading ones and changing ones. That `HeadBucket`, or what the delivery of logs does, is left out is accepted, as
//! the CIS benchmarks do.
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
//! Such alerts are many, which is why the CIS benchmarks have them at level 2 since 4.0.1, and why an alarm may wait
//! for `max_events` of them here.
//!
//! # Fix
//! Create the metric filter, an alarm on its metric and a subscription, or EventBridge rules that notify a topic.
//!
//! # Command
//! ```sh
//! aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name alarm-unauthorized-api-calls \
//!   --metric-transformations metricName=alarm-unauthorized-api-calls,metricNamespace=Audit,metricValue=1 \
//!   --filter-pattern '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }'
//! aws cloudwatch put-metric-alarm --alarm-name alarm-unauthorized-api-calls --namespace Audit --metric-name alarm-unauthorized-api-calls --statistic Sum \
//!   --period 300 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC
//! ```

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;

use probity_model::{
    AccountId, Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule,
    Scope, Severity,
};

use crate::alerts::{ALERT_TARGETS, AlertEvidence, Demand, Terms, judge, max_events, siem};
use crate::event_patterns::{Event, Known};

const MAX_EVENTS: NumberParameter = max_events(10);

/// The error codes of a refusal.
const CODES: [&str; 3] = ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "alarm-unauthorized-api-calls",
        family: Family::LoggingAndMonitoring,
        title: "Denied API calls raise an alert",
        severity: Severity::Low,
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
        let demands = demands(out.account());
        judge(&evidence, &demands, &Terms::of(parameters, &MAX_EVENTS), None, out);
    }
}

fn demands(account: &AccountId) -> Vec<Demand> {
    let but = |text: &str| Known::TextBut(Vec::from([text.to_owned()]));
    let call = |code: &str, reads: bool| {
        let name = format!("{code} on {}", if reads { "reads" } else { "changes" });
        let event = Event::new(&name).text("errorCode", code).text("eventType", "AwsApiCall");
        let event = event.text("eventCategory", "Management").with("managementEvent", Known::Flag(true));
        let event = event.with("readOnly", Known::Flag(reads)).with("eventSource", Known::TextBut(Vec::new()));
        event.with("eventName", but("HeadBucket")).with("sourceIPAddress", but("delivery.logs.amazonaws.com"))
    };
    let of = |code: &&str| [false, true].map(|reads| Demand::everywhere(call(code, reads), account));
    CODES.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, Manual, NotEvaluated, Pass};
    use probity_model::Topic;

    use crate::alerts::testing::{alerting, evidence, filters, ruled, without_each};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "alarm-unauthorized-api-calls";
    /// The pattern of the CIS benchmarks.
    const CIS: &str = r#"{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") }"#;

    #[test]
    fn pass() {
        let [finding] = findings(ID, alerting(CIS)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Pass, "{}", finding.message);
        assert_eq!(evidence(&finding, "metric_filter"), Some("alerts"));
        assert_eq!(evidence(&finding, "subscription"), Some("email"));
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, alerting(r#"{ $.errorCode = "AccessDenied" }"#)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail, "{}", finding.message);
        let missed = evidence(&finding, "events_without_alert").unwrap_or_default();
        assert!(missed.contains("Client.UnauthorizedOperation on reads"), "{missed}");
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
                    r#"{ (($.errorCode = "AccessDenied*") || ($.errorCode = "*UnauthorizedOperation")) && ($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket") }"#
                )
            ),
            [Pass]
        );
    }

    #[test]
    fn trap_a_rule_of_event_bridge_does_as_well() {
        let pattern = r#"{"detail": {"errorCode": [{"prefix": "AccessDenied"}, {"suffix": "UnauthorizedOperation"}]}}"#;
        assert_eq!(
            outcomes(
                ID,
                ruled(&["us-east-1", "eu-central-1"], "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", pattern)
            ),
            [Pass]
        );
        assert_eq!(outcomes(ID, ruled(&["us-east-1", "eu-central-1"], "DISABLED", pattern)), [Fail]);
    }

    #[test]
    fn trap_an_alarm_may_wait_for_some_of_so_many_events() {
        let threshold = |events: &str| {
            alerting(CIS).facts(|facts| {
                for alarm in crate::alerts::testing::alarms(facts) {
                    if let probity_model::facts::alarms::Watched::Metric(watched) = &mut alarm.watches {
                        watched.threshold = Some(events.into());
                    }
                }
            })
        };
        assert_eq!(outcomes(ID, threshold("10")), [Pass]);
        assert_eq!(outcomes(ID, threshold("11")), [Fail]);
        assert_eq!(outcomes_with(ID, &[("max_events", "1")], threshold("2")), [Fail]);
    }
}
