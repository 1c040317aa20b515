//! What the root user does is told to somebody at once.
//!
//! # Why
//! Nobody needs the root user from day to day, so that every use of it is either a rare task that somebody knows of, or
//! an intrusion at the highest level there is.
//!
//! # Pass
//! Of every event named below, somebody is told. Either a multi-Region trail of the account that is logging feeds a log
//! group, a metric filter of the group matches the event, an alarm on its metric goes off once `max_events` events were
//! counted and has its actions enabled, and the SNS topic it notifies has a confirmed subscription. Or an enabled
//! EventBridge rule matches it in every Region where it arrives, and notifies such a topic. Different events may go
//! different ways.
//!
//! The events are the sign-ins of the root user to the console, and its API calls, those that only read included. What
//! a service of AWS does in the root user's name is not meant.
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
//! The GuardDuty finding `Policy:IAMUser/RootCredentialUsage` is a further signal, and no substitute: it comes later,
//! and somebody has to be told of it too.
//!
//! # Fix
//! Create the metric filter, an alarm on its metric and a subscription, or EventBridge rules that notify a topic.
//!
//! # Command
//! ```sh
//! aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name alarm-root-usage \
//!   --metric-transformations metricName=alarm-root-usage,metricNamespace=Audit,metricValue=1 \
//!   --filter-pattern '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'
//! aws cloudwatch put-metric-alarm --alarm-name alarm-root-usage --namespace Audit --metric-name alarm-root-usage --statistic Sum \
//!   --period 300 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC
//! ```

use alloc::vec::Vec;

use probity_model::{
    AccountId, Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule,
    Scope, Severity,
};

use crate::alerts::{ALERT_TARGETS, AlertEvidence, Demand, Terms, judge, max_events, siem};
use crate::event_patterns::{Event, Known};

const MAX_EVENTS: NumberParameter = max_events(1);

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "alarm-root-usage",
        family: Family::LoggingAndMonitoring,
        title: "Root activity raises an alert",
        severity: Severity::High,
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
    let by_root = |event: Event| {
        event
            .text("userIdentity.type", "Root")
            .text("userIdentity.principalId", account.as_str())
            .text("userIdentity.accountId", account.as_str())
            .with("userIdentity.invokedBy", Known::Absent)
    };
    let call = |name: &str, reads: bool| {
        let any = || Known::TextBut(Vec::new());
        let event = Event::new(name).text("eventType", "AwsApiCall").text("eventCategory", "Management");
        let event = event.with("managementEvent", Known::Flag(true)).with("readOnly", Known::Flag(reads));
        by_root(event.with("eventName", any()).with("eventSource", any()))
    };
    let signed_in = Event::sign_in("sign-ins").text("responseElements.ConsoleLogin", "Success");
    Vec::from([
        // The root user signs in where the global services are, whatever Region it turns to.
        Demand::global(by_root(signed_in), account),
        Demand::everywhere(call("calls that change something", false), account),
        Demand::everywhere(call("calls that read", true), account),
    ])
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, Manual, NotEvaluated, Pass};
    use probity_model::Topic;

    use crate::alerts::testing::{alerting, evidence, filters, ruled, without_each};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "alarm-root-usage";
    /// The pattern of the CIS benchmarks.
    const CIS: &str = r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#;

    #[test]
    fn pass() {
        let [finding] = findings(ID, alerting(CIS)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Pass, "{}", finding.message);
        assert_eq!(evidence(&finding, "metric_filter"), Some("alerts"));
        assert_eq!(evidence(&finding, "subscription"), Some("email"));
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, alerting(r#"{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }"#))
            .try_into()
            .expect("one finding");
        assert_eq!(finding.outcome, Fail, "{}", finding.message);
        let missed = evidence(&finding, "events_without_alert").unwrap_or_default();
        assert!(missed.contains("calls that change something"), "{missed}");
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
                    r#"{ ($.eventType != AwsServiceEvent) && ($.userIdentity.invokedBy NOT EXISTS) && ($.userIdentity.type = Root) }"#
                )
            ),
            [Pass]
        );
    }

    #[test]
    fn trap_a_rule_of_event_bridge_does_as_well() {
        let pattern = r#"{"detail": {"userIdentity": {"type": ["Root"]}}}"#;
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
    fn trap_reads_reach_a_rule_only_in_a_state_of_its_own() {
        let pattern = r#"{"detail": {"userIdentity": {"type": ["Root"]}}}"#;
        let [finding] = findings(ID, ruled(&["us-east-1"], "ENABLED", pattern)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(evidence(&finding, "events_without_alert"), Some("calls that read"));
    }

    #[test]
    fn trap_a_filter_by_place_leaves_some_out() {
        let narrowed = r#"{ $.userIdentity.type = "Root" && $.sourceIPAddress != "203.0.113.*" }"#;
        let [finding] = findings(ID, alerting(narrowed)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.contains("$.sourceIPAddress"), "{}", finding.message);
    }
}
