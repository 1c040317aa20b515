//! Each link of the chain, and each way in which it looks whole and is not; judged with the check of changes to trails.

use std::borrow::ToOwned;
use std::collections::BTreeSet;
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use probity_model::Outcome::{self, Fail, NotEvaluated, Pass};
use probity_model::builder::{ACCOUNT, Account, denied};
use probity_model::facts::alarms::{Alarm, TopicState, Watched};
use probity_model::facts::event_rules::EventRule;
use probity_model::facts::trail_log_groups::{LogGroup, LogGroupDetails};
use probity_model::facts::trails::{EventSelectors, Trail};
use probity_model::facts::{AlertTopics, EventRules};
use probity_model::snapshot::Facts;
use probity_model::{Arn, Finding, Region, Seen, Topic};

use super::testing::{alarm, alarms, alerting, evidence, fed, filters, group, ruled, rules, subscribed, topic};
use crate::testing::{findings, outcomes_with};
use crate::trails::testing::{basic, organization_trail, trail, unreadable_region, with, with_status};

const ID: &str = "alarm-cloudtrail-changes";
const EVERY_CHANGE: &str = r#"{ $.eventSource = "cloudtrail.amazonaws.com" && $.readOnly IS FALSE }"#;

fn judged(account: Account) -> Finding {
    let [finding] = findings(ID, account).try_into().expect("one finding");
    finding
}

/// The outcome, and the link at which the chain breaks.
fn broken(change: impl FnOnce(&mut Facts)) -> (Outcome, String) {
    let finding = judged(alerting(EVERY_CHANGE).facts(change));
    (finding.outcome, evidence(&finding, "broken_link").unwrap_or(&finding.message).to_owned())
}

fn breaks(change: impl FnOnce(&mut Facts), link: &str) {
    let (outcome, why) = broken(change);
    assert_eq!(outcome, Fail, "{why}");
    assert!(why.contains(link), "{why}");
}

fn first_trail(facts: &mut Facts) -> &mut Trail {
    let Seen::Known(trails) = &mut facts.trails else { unreachable!("the trails are known") };
    trails.trails.first_mut().expect("a trail")
}

fn log_group(facts: &mut Facts) -> &mut LogGroup {
    let Seen::Known(groups) = &mut facts.trail_log_groups else { unreachable!("the groups are known") };
    groups.groups.get_mut(&group()).expect("the group")
}

#[test]
fn the_whole_chain_is_told() {
    let finding = judged(alerting(EVERY_CHANGE));
    assert_eq!(finding.outcome, Pass);
    let links = ["trail", "log_group", "metric_filter", "alarm", "topic", "subscription"];
    let told: Vec<Option<&str>> = links.iter().map(|link| evidence(&finding, link)).collect();
    let topic = topic();
    assert_eq!(
        told,
        [Some("main"), Some("trail"), Some("alerts"), Some("alerts"), Some(topic.as_str()), Some("email")]
    );
}

#[test]
fn a_chain_without_an_alarm_breaks_there() {
    breaks(|facts| alarms(facts).clear(), "no alarm watches the metric alerts of Audit");
    let other = |facts: &mut Facts| {
        for alarm in alarms(facts) {
            if let Watched::Metric(watched) = &mut alarm.watches {
                watched.namespace = "Other".to_owned();
            }
        }
    };
    breaks(other, "no alarm watches");
}

#[test]
fn an_alarm_that_does_nothing_tells_nobody() {
    breaks(|facts| alarms(facts)[0].actions_enabled = false, "disabled");
    breaks(|facts| alarms(facts)[0].actions.clear(), "notifies nobody");
}

#[test]
fn trap_a_subscription_that_waits_for_confirmation_is_no_subscriber() {
    breaks(|facts| subscribed(facts, &[false]), "waits for confirmation");
    breaks(|facts| subscribed(facts, &[]), "nobody is subscribed");
    assert_eq!(broken(|facts| subscribed(facts, &[false, true])).0, Pass);
    let gone = |facts: &mut Facts| {
        let topics = [(topic(), Seen::Known(TopicState::Absent))].into();
        facts.alert_topics = Seen::Known(AlertTopics { topics });
    };
    breaks(gone, "does not exist");
}

#[test]
fn the_best_of_several_actions_counts() {
    let other = Arn::new(format!("arn:aws:sns:eu-central-1:{ACCOUNT}:gone"));
    let both = |facts: &mut Facts| {
        alarms(facts)[0].actions.insert(other.clone());
        if let Seen::Known(topics) = &mut facts.alert_topics {
            topics.topics.insert(other.clone(), Seen::Known(TopicState::Absent));
        }
    };
    assert_eq!(broken(both).0, Pass);
}

#[test]
fn a_trail_that_does_not_record_the_events_feeds_nothing() {
    breaks(|facts| first_trail(facts).is_multi_region = false, "records one Region alone");
    let stopped = |facts: &mut Facts| {
        *first_trail(facts) = with_status(fed(), |status| status.is_logging = Some(false));
    };
    breaks(stopped, "is not logging");
    let reads = EventSelectors { basic: vec![basic("ReadOnly", true, &[])], advanced: Vec::new() };
    breaks(|facts| first_trail(facts).selectors = Seen::Known(reads), "write management events");
    let without =
        EventSelectors { basic: vec![basic("All", true, &["cloudtrail.amazonaws.com"])], advanced: Vec::new() };
    breaks(|facts| first_trail(facts).selectors = Seen::Known(without), "leaves out the events of cloudtrail");
}

#[test]
fn a_log_group_has_to_be_there_and_of_the_standard_class() {
    breaks(|facts| log_group(facts).details = Seen::Known(None), "does not exist");
    let details = LogGroupDetails { retention_days: None, class: Some("INFREQUENT_ACCESS".to_owned()) };
    breaks(|facts| log_group(facts).details = Seen::Known(Some(details)), "INFREQUENT_ACCESS");
}

#[test]
fn a_filter_on_some_accounts_leaves_out_others() {
    let selection = || Some("@aws.account = \"111111111111\"".to_owned());
    breaks(|facts| filters(facts)[0].field_selection = selection(), "takes only");
}

#[test]
fn filters_may_share_the_events_among_them() {
    let shared = |facts: &mut Facts| {
        let all = filters(facts);
        let mut second = all[0].clone();
        all[0].pattern = "{ $.eventName = *Logging }".to_owned();
        second.name = "second".to_owned();
        second.pattern = "{ $.eventName = *Trail }".to_owned();
        all.push(second);
    };
    assert_eq!(broken(shared).0, Pass);
    let finding = judged(alerting(EVERY_CHANGE).facts(shared));
    assert!(evidence(&finding, "further_way").is_some_and(|way| way.contains("metric filter alerts")));
}

#[test]
fn what_is_not_understood_leaves_it_open() {
    assert_eq!(
        broken(|facts| filters(facts)[0].pattern = "{ $.eventName = %(Stop|Start)% }".to_owned()).0,
        NotEvaluated
    );
    let expression = |facts: &mut Facts| {
        let metrics = BTreeSet::from([("Audit".to_owned(), "alerts".to_owned())]);
        alarms(facts)[0].watches = Watched::Expression { metrics };
    };
    assert_eq!(broken(expression).0, NotEvaluated);
}

#[test]
fn a_composite_alarm_speaks_for_the_alarms_it_names() {
    let composite = |rule: &str, suppressed: bool| Alarm {
        arn: Arn::new(format!("arn:aws:cloudwatch:eu-central-1:{ACCOUNT}:alarm:any")),
        name: "any".to_owned(),
        watches: Watched::Composite { rule: rule.to_owned(), has_suppressor: suppressed },
        ..alarm()
    };
    let with = |composite: Alarm| {
        broken(|facts| {
            alarms(facts)[0].actions.clear();
            alarms(facts).push(composite);
        })
        .0
    };
    assert_eq!(with(composite(r#"ALARM("alerts") OR ALARM("other")"#, false)), Pass);
    assert_eq!(with(composite(r#"ALARM("other")"#, false)), Fail);
    assert_eq!(with(composite(r#"ALARM("alerts") AND ALARM("other")"#, false)), NotEvaluated);
    assert_eq!(with(composite(r#"ALARM("alerts")"#, true)), NotEvaluated);
    assert_eq!(with(Alarm { actions_enabled: false, ..composite(r#"ALARM("alerts")"#, false) }), Fail);
}

#[test]
fn what_lies_behind_other_targets_only_their_owner_can_say() {
    let function = Arn::new(format!("arn:aws:lambda:eu-central-1:{ACCOUNT}:function:page"));
    let account =
        || alerting(EVERY_CHANGE).facts(|facts| alarms(facts)[0].actions = BTreeSet::from([function.clone()]));
    assert_eq!(judged(account()).outcome, NotEvaluated);
    let accepted = [("alert_targets", "arn:aws:lambda:*:function:page")];
    assert_eq!(outcomes_with(ID, &accepted, account()), [Pass]);
    let kept = |facts: &mut Facts| {
        alarms(facts)[0].actions = BTreeSet::from([Arn::new("arn:aws:logs:eu-central-1:123456789012:log-group:x")]);
    };
    breaks(kept, "nobody is told");
}

#[test]
fn each_part_that_could_not_be_read_leaves_it_open() {
    let gap = || Seen::Missing(denied(Topic::TrailLogGroups));
    assert_eq!(broken(|facts| log_group(facts).filters = Seen::Missing(denied(Topic::TrailLogGroups))).0, NotEvaluated);
    assert_eq!(broken(|facts| first_trail(facts).status = gap()).0, NotEvaluated);
    let topic_unread = |facts: &mut Facts| {
        let topics = [(topic(), Seen::Missing(denied(Topic::AlertTopics)))].into();
        facts.alert_topics = Seen::Known(AlertTopics { topics });
    };
    assert_eq!(broken(topic_unread).0, NotEvaluated);
    let finding = judged(with(&[trail("main")]).deny(Topic::EventRules));
    assert_eq!(finding.outcome, NotEvaluated, "a rule may tell somebody");
    assert!(finding.message.contains("events:ListRules"), "{}", finding.message);
}

#[test]
fn a_chain_that_holds_needs_nothing_else() {
    let alone = alerting(EVERY_CHANGE).deny(Topic::EventRules);
    assert_eq!(judged(unreadable_region(alone, "us-east-1")).outcome, Pass);
    assert_eq!(judged(unreadable_region(with(&[]), "us-east-1")).outcome, NotEvaluated);
}

#[test]
fn trap_the_trail_of_another_account_is_judged_there() {
    let finding = judged(with(&[organization_trail("org")]));
    assert_eq!(finding.outcome, NotEvaluated);
    assert!(finding.message.contains("are to be judged there"), "{}", finding.message);
    let own_too = alerting(EVERY_CHANGE).facts(|facts| {
        if let Seen::Known(trails) = &mut facts.trails {
            trails.trails.push(organization_trail("org"));
        }
    });
    assert_eq!(judged(own_too).outcome, Pass);
}

const TRAIL_RULE: &str = r#"{"source": ["aws.cloudtrail"], "detail-type": ["AWS API Call via CloudTrail"]}"#;

fn by_rules(change: impl FnOnce(&mut Facts)) -> Outcome {
    judged(ruled(&["us-east-1", "eu-central-1"], "ENABLED", TRAIL_RULE).facts(change)).outcome
}

#[test]
fn rules_count_in_every_region_or_not_at_all() {
    assert_eq!(by_rules(|_| ()), Pass);
    assert_eq!(by_rules(|facts| rules(facts, "eu-central-1").clear()), Fail);
    assert_eq!(by_rules(|facts| rules(facts, "us-east-1")[0].targets = Seen::Known(Vec::new())), Fail);
    let unread = |facts: &mut Facts| {
        let Seen::Known(all) = &mut facts.event_rules else { unreachable!("the rules are known") };
        let gap = denied(Topic::EventRules);
        all.regions.insert(Region::try_from("eu-central-1").expect("a Region"), Seen::Missing(gap));
    };
    assert_eq!(by_rules(unread), NotEvaluated);
}

#[test]
fn a_region_that_was_not_asked_for_good_reason_has_no_rule() {
    let not_needed = |facts: &mut Facts| {
        rules(facts, "us-east-1").clear();
        let Seen::Known(all) = &mut facts.event_rules else { unreachable!("the rules are known") };
        let gap = EventRules::not_needed();
        all.regions.insert(Region::try_from("eu-central-1").expect("a Region"), Seen::Missing(gap));
    };
    assert_eq!(by_rules(not_needed), Fail);
}

#[test]
fn event_bridge_has_only_what_a_trail_records() {
    let stopped = |facts: &mut Facts| {
        *first_trail(facts) = with_status(trail("main"), |status| status.is_logging = Some(false));
    };
    assert_eq!(by_rules(stopped), Fail);
    let none = |facts: &mut Facts| {
        if let Seen::Known(trails) = &mut facts.trails {
            trails.trails.clear();
            for seen in trails.regions.values_mut() {
                *seen = Seen::Known(Vec::new());
            }
        }
    };
    assert_eq!(by_rules(none), Fail);
}

#[test]
fn a_rule_and_a_filter_may_share_the_events() {
    let rule = EventRule {
        arn: Arn::new(format!("arn:aws:events:eu-central-1:{ACCOUNT}:rule/trails")),
        name: "trails".to_owned(),
        state: "ENABLED".to_owned(),
        pattern: r#"{"detail": {"eventName": [{"suffix": "Logging"}]}}"#.to_owned(),
        targets: Seen::Known(vec![topic()]),
    };
    let account = alerting("{ $.eventName = *Trail }").facts(|facts| rules(facts, "eu-central-1").push(rule));
    assert_eq!(judged(account).outcome, Pass);
}

#[test]
fn the_order_of_the_evidence_never_shows() {
    let account = || {
        alerting(EVERY_CHANGE).facts(|facts| {
            let mut second = filters(facts)[0].clone();
            second.name = "again".to_owned();
            filters(facts).push(second);
            let other = Alarm {
                name: "another".to_owned(),
                arn: Arn::new("arn:aws:cloudwatch:eu-central-1:1:alarm:b"),
                ..alarm()
            };
            alarms(facts).push(other);
        })
    };
    let reversed = account().facts(|facts| {
        filters(facts).reverse();
        alarms(facts).reverse();
    });
    assert_eq!(findings(ID, account()), findings(ID, reversed));
}
