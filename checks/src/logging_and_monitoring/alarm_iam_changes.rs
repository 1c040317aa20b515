//! A change of IAM policies is told to somebody at once, and so is the making of principals and credentials.
//!
//! # Why
//! Rights change hands by a handful of calls. Who gains a foothold uses them to stay: a policy attached, a key created,
//! a trust policy opened.
//!
//! # Pass
//! Of every event named below, somebody is told. Either a multi-Region trail of the account that is logging feeds a log
//! group, a metric filter of the group matches the event, an alarm on its metric goes off once `max_events` events were
//! counted and has its actions enabled, and the SNS topic it notifies has a confirmed subscription. Or an enabled
//! EventBridge rule matches it in every Region where it arrives, and notifies such a topic. Different events may go
//! different ways.
//!
//! The events are the successful calls `AttachGroupPolicy`, `AttachRolePolicy`, `AttachUserPolicy`, `CreatePolicy`,
//! `CreatePolicyVersion`, `DeleteGroupPolicy`, `DeletePolicy`, `DeletePolicyVersion`, `DeleteRolePolicy`,
//! `DeleteUserPolicy`, `DetachGroupPolicy`, `DetachRolePolicy`, `DetachUserPolicy`, `PutGroupPolicy`, `PutRolePolicy`
//! and `PutUserPolicy`.
//!
//! A second finding, of low severity, asks the same for the making of principals and credentials, which the CIS
//! benchmarks leave out: `AddUserToGroup`, `CreateAccessKey`, `CreateLoginProfile`, `CreateOpenIDConnectProvider`,
//! `CreateRole`, `CreateSAMLProvider`, `CreateUser`, `SetDefaultPolicyVersion`, `UpdateAssumeRolePolicy`,
//! `UpdateLoginProfile` and `UpdateSAMLProvider`.
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
//! aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name alarm-iam-changes \
//!   --metric-transformations metricName=alarm-iam-changes,metricNamespace=Audit,metricValue=1 \
//!   --filter-pattern '{ ($.eventSource = iam.amazonaws.com) && (($.eventName = AttachRolePolicy) || …) }'
//! aws cloudwatch put-metric-alarm --alarm-name alarm-iam-changes --namespace Audit --metric-name alarm-iam-changes --statistic Sum \
//!   --period 300 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC
//! ```

use probity_model::{
    Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
};

use crate::alerts::{ALERT_TARGETS, AlertEvidence, Terms, calls, judge, max_events, siem};

const MAX_EVENTS: NumberParameter = max_events(1);

/// The calls that the CIS benchmarks name: they change what a policy grants, and to whom.
const POLICIES: [&str; 16] = [
    "AttachGroupPolicy",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreatePolicy",
    "CreatePolicyVersion",
    "DeleteGroupPolicy",
    "DeletePolicy",
    "DeletePolicyVersion",
    "DeleteRolePolicy",
    "DeleteUserPolicy",
    "DetachGroupPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "PutGroupPolicy",
    "PutRolePolicy",
    "PutUserPolicy",
];

/// Calls that the CIS benchmarks leave out, and that give somebody a way in all the same.
const PRINCIPALS: [&str; 11] = [
    "AddUserToGroup",
    "CreateAccessKey",
    "CreateLoginProfile",
    "CreateOpenIDConnectProvider",
    "CreateRole",
    "CreateSAMLProvider",
    "CreateUser",
    "SetDefaultPolicyVersion",
    "UpdateAssumeRolePolicy",
    "UpdateLoginProfile",
    "UpdateSAMLProvider",
];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "alarm-iam-changes",
        family: Family::LoggingAndMonitoring,
        title: "IAM policy and principal changes raise an alert",
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
        let terms = Terms::of(parameters, &MAX_EVENTS);
        let account = out.account();
        judge(&evidence, &calls("iam", &POLICIES, account), &terms, None, out);
        judge(&evidence, &calls("iam", &PRINCIPALS, account), &terms, Some(("principals", Severity::Low)), out);
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, Manual, NotEvaluated, Pass};
    use probity_model::{Severity, Topic};

    use super::{POLICIES, PRINCIPALS};
    use crate::alerts::testing::{alerting, evidence, filters, ruled, without_each};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "alarm-iam-changes";

    fn pattern(operations: &[&str]) -> String {
        let names: Vec<String> = operations.iter().map(|name| format!("($.eventName={name})")).collect();
        format!("{{($.eventSource=iam.amazonaws.com)&&({})}}", names.join("||"))
    }

    fn all() -> String {
        pattern(&[&POLICIES[..], &PRINCIPALS[..]].concat())
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, alerting(&all())), [Pass, Pass]);
        assert_eq!(outcomes(ID, alerting("{ $.eventSource = \"iam.amazonaws.com\" }")), [Pass, Pass]);
    }

    #[test]
    fn fail() {
        let found = findings(ID, alerting(&pattern(&POLICIES[1..])));
        assert!(found.iter().all(|finding| finding.outcome == Fail));
        assert!(found.iter().any(|finding| evidence(finding, "events_without_alert") == Some("AttachGroupPolicy")));
        assert_eq!(outcomes(ID, alerting(&all()).facts(|facts| filters(facts).clear())), [Fail, Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, alerting(&all()).deny(Topic::Trails)), [NotEvaluated]);
        for account in without_each(&alerting(&all())) {
            assert_eq!(outcomes(ID, account), [NotEvaluated, NotEvaluated]);
        }
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes_with(ID, &[("siem", "true")], alerting(&all())), [Manual, Manual]);
    }

    #[test]
    fn trap_the_pattern_of_cis_leaves_out_principals_and_that_weighs_less() {
        let found = findings(ID, alerting(&pattern(&POLICIES)));
        let seen: Vec<_> = found.iter().map(|one| (one.discriminator.as_str(), one.severity, one.outcome)).collect();
        assert_eq!(seen, [("", Severity::Medium, Pass), ("principals", Severity::Low, Fail)]);
    }

    #[test]
    fn trap_events_of_iam_arrive_in_one_region_alone() {
        let pattern = r#"{"source": ["aws.iam"], "detail-type": ["AWS API Call via CloudTrail"]}"#;
        assert_eq!(outcomes(ID, ruled(&["us-east-1"], "ENABLED", pattern)), [Pass, Pass]);
        let elsewhere = ruled(&["us-east-1", "eu-central-1"], "ENABLED", pattern)
            .facts(|facts| crate::alerts::testing::rules(facts, "us-east-1").clear());
        assert_eq!(outcomes(ID, elsewhere), [Fail, Fail]);
    }
}
