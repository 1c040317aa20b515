//! A change of the organization, its accounts and its policies is told to somebody at once.
//!
//! # Why
//! Whoever detaches a guardrail, moves an account out from under it or removes it from the organization undoes for that
//! account what all others rest on.
//!
//! # Pass
//! Of every event named below, somebody is told. Either a multi-Region trail of the account that is logging feeds a log
//! group, a metric filter of the group matches the event, an alarm on its metric goes off once `max_events` events were
//! counted and has its actions enabled, and the SNS topic it notifies has a confirmed subscription. Or an enabled
//! EventBridge rule matches it in every Region where it arrives, and notifies such a topic. Different events may go
//! different ways.
//!
//! The events are the successful calls `AcceptHandshake`, `AttachPolicy`, `CreateAccount`, `CreateOrganizationalUnit`,
//! `CreatePolicy`, `DeclineHandshake`, `DeleteOrganization`, `DeleteOrganizationalUnit`, `DeletePolicy`,
//! `DetachPolicy`, `DisablePolicyType`, `EnablePolicyType`, `InviteAccountToOrganization`, `LeaveOrganization`,
//! `MoveAccount`, `RemoveAccountFromOrganization`, `UpdateOrganizationalUnit` and `UpdatePolicy`.
//!
//! # Fail
//! No way leads from some of these events to a person: nothing matches them, or a filter or rule leaves some out by a
//! further condition, or one of the links does not hold. The finding names the events, the links and the first one that
//! breaks.
//!
//! # Not applicable
//! Accounts that are no organization's management account: the events happen there. Never judged where alerts are
//! raised in a SIEM: under `siem` the finding is manual.
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
//! aws logs put-metric-filter --log-group-name LOG_GROUP --filter-name alarm-organizations-changes \
//!   --metric-transformations metricName=alarm-organizations-changes,metricNamespace=Audit,metricValue=1 \
//!   --filter-pattern '{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = AttachPolicy) || …) }'
//! aws cloudwatch put-metric-alarm --alarm-name alarm-organizations-changes --namespace Audit --metric-name alarm-organizations-changes --statistic Sum \
//!   --period 300 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions TOPIC
//! ```

use alloc::format;

use probity_model::facts::OrganizationMembership;
use probity_model::{
    Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
};

use crate::alerts::{ALERT_TARGETS, AlertEvidence, Terms, calls, judge, max_events, siem};

const MAX_EVENTS: NumberParameter = max_events(1);

/// The calls that the CIS benchmarks name.
const OPERATIONS: [&str; 18] = [
    "AcceptHandshake",
    "AttachPolicy",
    "CreateAccount",
    "CreateOrganizationalUnit",
    "CreatePolicy",
    "DeclineHandshake",
    "DeleteOrganization",
    "DeleteOrganizationalUnit",
    "DeletePolicy",
    "DetachPolicy",
    "DisablePolicyType",
    "EnablePolicyType",
    "InviteAccountToOrganization",
    "LeaveOrganization",
    "MoveAccount",
    "RemoveAccountFromOrganization",
    "UpdateOrganizationalUnit",
    "UpdatePolicy",
];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "alarm-organizations-changes",
        family: Family::LoggingAndMonitoring,
        title: "Organization changes raise an alert",
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
    type Facts<'s> = (&'s OrganizationMembership, AlertEvidence<'s>);

    fn run((membership, evidence): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is in no organization");
        };
        if organization.management_account != *out.account() {
            let management = &organization.management_account;
            return out
                .whole_account()
                .not_applicable(format!("changes of the organization happen in its management account {management}"));
        }
        let demands = calls("organizations", &OPERATIONS, out.account());
        judge(&evidence, &demands, &Terms::of(parameters, &MAX_EVENTS), None, out);
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, Manual, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::alerts::testing::{alerting as plain_alerting, evidence, filters, ruled as plain_ruled, without_each};
    use crate::testing::{findings, outcomes as outcomes_plain, outcomes_with};

    const ID: &str = "alarm-organizations-changes";
    /// The pattern of the CIS benchmarks.
    const CIS: &str = r#"{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = "AcceptHandshake") || ($.eventName = "AttachPolicy") || ($.eventName = "CreateAccount") || ($.eventName = "CreateOrganizationalUnit") || ($.eventName = "CreatePolicy") || ($.eventName = "DeclineHandshake") || ($.eventName = "DeleteOrganization") || ($.eventName = "DeleteOrganizationalUnit") || ($.eventName = "DeletePolicy") || ($.eventName = "DetachPolicy") || ($.eventName = "DisablePolicyType") || ($.eventName = "EnablePolicyType") || ($.eventName = "InviteAccountToOrganization") || ($.eventName = "LeaveOrganization") || ($.eventName = "MoveAccount") || ($.eventName = "RemoveAccountFromOrganization") || ($.eventName = "UpdateOrganizationalUnit") || ($.eventName = "UpdatePolicy")) }"#;

    fn alerting(pattern: &str) -> Account {
        plain_alerting(pattern).management_account()
    }

    fn ruled(regions: &[&str], state: &str, pattern: &str) -> Account {
        plain_ruled(regions, state, pattern).management_account()
    }

    fn outcomes(id: &str, account: Account) -> Vec<Outcome> {
        outcomes_plain(id, account)
    }

    #[test]
    fn pass() {
        let [finding] = findings(ID, alerting(CIS)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Pass, "{}", finding.message);
        assert_eq!(evidence(&finding, "metric_filter"), Some("alerts"));
        assert_eq!(evidence(&finding, "subscription"), Some("email"));
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, alerting(r#"{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = "AttachPolicy") || ($.eventName = "CreateAccount") || ($.eventName = "CreateOrganizationalUnit") || ($.eventName = "CreatePolicy") || ($.eventName = "DeclineHandshake") || ($.eventName = "DeleteOrganization") || ($.eventName = "DeleteOrganizationalUnit") || ($.eventName = "DeletePolicy") || ($.eventName = "DetachPolicy") || ($.eventName = "DisablePolicyType") || ($.eventName = "EnablePolicyType") || ($.eventName = "InviteAccountToOrganization") || ($.eventName = "LeaveOrganization") || ($.eventName = "MoveAccount") || ($.eventName = "RemoveAccountFromOrganization") || ($.eventName = "UpdateOrganizationalUnit") || ($.eventName = "UpdatePolicy")) }"#)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail, "{}", finding.message);
        let missed = evidence(&finding, "events_without_alert").unwrap_or_default();
        assert!(missed.contains("AcceptHandshake"), "{missed}");
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
        assert_eq!(outcomes(ID, alerting(r#"{ $.eventSource = "organizations.*" && $.eventName = * }"#)), [Pass]);
    }

    #[test]
    fn trap_a_rule_of_event_bridge_does_as_well() {
        let pattern = r#"{"source": ["aws.organizations"], "detail-type": ["AWS API Call via CloudTrail"]}"#;
        assert_eq!(outcomes(ID, ruled(&["us-east-1"], "ENABLED", pattern)), [Pass]);
        assert_eq!(outcomes(ID, ruled(&["us-east-1"], "DISABLED", pattern)), [Fail]);
    }

    #[test]
    fn trap_only_the_management_account_is_judged() {
        assert_eq!(outcomes_plain(ID, plain_alerting(CIS)), [NotApplicable]);
        assert_eq!(outcomes_plain(ID, plain_alerting(CIS).organization()), [NotApplicable]);
        let unknown = plain_alerting(CIS).deny(Topic::OrganizationMembership);
        assert_eq!(outcomes_plain(ID, unknown), [NotEvaluated]);
    }
}
