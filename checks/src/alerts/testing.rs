//! Alerts for tests.

use std::borrow::ToOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::vec;
use std::vec::Vec;

use probity_model::builder::{ACCOUNT, Account};
use probity_model::facts::alarms::{Alarm, MetricAlarm, Subscription, TopicState, Watched};
use probity_model::facts::event_rules::EventRule;
use probity_model::facts::trail_log_groups::{FilterMetric, LogGroup, LogGroupDetails, MetricFilter};
use probity_model::facts::trails::Trail;
use probity_model::facts::{Alarms, AlertTopics, EventRules, TrailLogGroups};
use probity_model::snapshot::Facts;
use probity_model::{Arn, Finding, Region, Seen};

use crate::trails::testing::{HOME, trail, with};

/// The log group that [`fed`] feeds.
pub(crate) fn group() -> Arn {
    Arn::new(format!("arn:aws:logs:{HOME}:{ACCOUNT}:log-group:trail:*"))
}

/// The topic that alarms and rules notify.
pub(crate) fn topic() -> Arn {
    Arn::new(format!("arn:aws:sns:{HOME}:{ACCOUNT}:security"))
}

fn home() -> Region {
    Region::try_from(HOME).expect("a Region")
}

/// A trail that feeds the log group.
pub(crate) fn fed() -> Trail {
    Trail { log_group: Some(group()), ..trail("main") }
}

/// An account whose one trail feeds a log group with this metric filter, with an alarm on its metric, a topic and a confirmed
/// subscription.
pub(crate) fn alerting(pattern: &str) -> Account {
    with(&[fed()]).facts(|facts| {
        let filter = MetricFilter {
            name: "alerts".to_owned(),
            pattern: pattern.to_owned(),
            field_selection: None,
            metrics: vec![FilterMetric {
                namespace: "Audit".to_owned(),
                name: "alerts".to_owned(),
                value: "1".to_owned(),
                default_value: Some("0".to_owned()),
                dimensions: Vec::new(),
            }],
        };
        let details = LogGroupDetails { retention_days: Some(400), class: Some("STANDARD".to_owned()) };
        let log_group = LogGroup { details: Seen::Known(Some(details)), filters: Seen::Known(vec![filter]) };
        facts.trail_log_groups = Seen::Known(TrailLogGroups { groups: BTreeMap::from([(group(), log_group)]) });
        let regions = BTreeMap::from([(home(), Seen::Known(vec![alarm()]))]);
        facts.alarms = Seen::Known(Alarms { regions });
        subscribed(facts, &[true]);
    })
}

/// An alarm on the metric of the filter.
pub(crate) fn alarm() -> Alarm {
    Alarm {
        arn: Arn::new(format!("arn:aws:cloudwatch:{HOME}:{ACCOUNT}:alarm:alerts")),
        name: "alerts".to_owned(),
        actions_enabled: true,
        actions: BTreeSet::from([topic()]),
        watches: Watched::Metric(MetricAlarm {
            namespace: "Audit".to_owned(),
            metric: "alerts".to_owned(),
            dimensions: BTreeMap::new(),
            statistic: Some("Sum".to_owned()),
            comparison: "GreaterThanOrEqualToThreshold".to_owned(),
            threshold: Some("1".to_owned()),
            period_seconds: Some(300),
            datapoints: 1,
        }),
    }
}

/// Sets the subscriptions to the topic, each confirmed or not.
pub(crate) fn subscribed(facts: &mut Facts, confirmed: &[bool]) {
    let one = |confirmed: &bool| Subscription { protocol: "email".to_owned(), confirmed: *confirmed };
    let subscriptions = TopicState::Present(confirmed.iter().map(one).collect());
    facts.alert_topics = Seen::Known(AlertTopics { topics: BTreeMap::from([(topic(), Seen::Known(subscriptions))]) });
}

/// The metric filters of the log group.
pub(crate) fn filters(facts: &mut Facts) -> &mut Vec<MetricFilter> {
    let Seen::Known(groups) = &mut facts.trail_log_groups else { unreachable!("the log groups are known") };
    let group = groups.groups.values_mut().next().expect("a log group");
    let Seen::Known(filters) = &mut group.filters else { unreachable!("the filters are known") };
    filters
}

/// The alarms of the Region of the log group.
pub(crate) fn alarms(facts: &mut Facts) -> &mut Vec<Alarm> {
    let Seen::Known(alarms) = &mut facts.alarms else { unreachable!("the alarms are known") };
    let Some(Seen::Known(alarms)) = alarms.regions.values_mut().next() else { unreachable!("the Region is known") };
    alarms
}

/// An account whose one trail feeds no log group, with a rule of this pattern and state in each of these Regions; the first
/// is that of the global services.
pub(crate) fn ruled(regions: &[&str], state: &str, pattern: &str) -> Account {
    with(&[trail("main")]).facts(|facts| {
        let name = |region: &str| Region::try_from(region).expect("a Region");
        let rule = |region: &str| EventRule {
            arn: Arn::new(format!("arn:aws:events:{region}:{ACCOUNT}:rule/alerts")),
            name: "alerts".to_owned(),
            state: state.to_owned(),
            pattern: pattern.to_owned(),
            targets: Seen::Known(vec![topic()]),
        };
        facts.event_rules = Seen::Known(EventRules {
            global_region: regions.first().map(|region| name(region)),
            regions: regions.iter().map(|region| (name(region), Seen::Known(vec![rule(region)]))).collect(),
        });
        subscribed(facts, &[true]);
    })
}

/// The rules of a Region.
pub(crate) fn rules<'f>(facts: &'f mut Facts, region: &str) -> &'f mut Vec<EventRule> {
    let Seen::Known(rules) = &mut facts.event_rules else { unreachable!("the rules are known") };
    let region = Region::try_from(region).expect("a Region");
    let Some(Seen::Known(rules)) = rules.regions.get_mut(&region) else { unreachable!("the Region is known") };
    rules
}

/// A value of a finding's evidence.
pub(crate) fn evidence<'f>(finding: &'f Finding, key: &str) -> Option<&'f str> {
    finding.evidence.iter().find(|item| item.key == key).map(|item| item.value.as_str())
}

/// Denies everything but the trails, one topic at a time: whatever an alert hangs on is not evaluated then.
pub(crate) fn without_each(account: &Account) -> Vec<Account> {
    use probity_model::Topic::{Alarms, AlertTopics, EventRules, TrailLogGroups};
    let denied = |topic| account.clone().deny(EventRules).deny(topic);
    [TrailLogGroups, Alarms, AlertTopics].map(denied).into()
}
