//! Whether what an alarm or a rule notifies reaches anybody.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::alarms::TopicState;
use probity_model::{Arn, Seen};
use probity_policy::Pattern;

use super::evidence::AlertEvidence;
use super::way::{Way, undecided};

/// Whether a target reaches anybody: a topic with a confirmed subscription does, and so does what the account's owner says.
pub(super) fn way(evidence: &AlertEvidence<'_>, target: &Arn, accepted: &[&str]) -> Way {
    let name = target.to_string();
    if accepted.iter().any(|pattern| Pattern::new(*pattern).matches(&name)) {
        return Way::from("target", format!("{name} (alert_targets)"));
    }
    match target.service() {
        "sns" => topic(evidence, target),
        "logs" => Way::from("target", name).breaks("the events are only kept in a log group, and nobody is told"),
        _ => Way::from("target", name.clone()).opens(undecided(format!(
            "{name} is notified, and whether anybody is told from there cannot be read; name it in alert_targets if so"
        ))),
    }
}

fn topic(evidence: &AlertEvidence<'_>, arn: &Arn) -> Way {
    let way = Way::from("topic", arn.to_string());
    let topics = match evidence.topics {
        Ok(topics) => &topics.topics,
        Err(gap) => return way.opens(gap.clone()),
    };
    let subscriptions = match topics.get(arn) {
        None => return way.opens(undecided(format!("the subscriptions of {arn} were not read"))),
        Some(Seen::Missing(gap)) => return way.opens(gap.clone()),
        Some(Seen::Known(TopicState::Absent)) => return way.breaks(format!("the topic {} does not exist", arn.name())),
        Some(Seen::Known(TopicState::Present(subscriptions))) => subscriptions,
    };
    let mut protocols: Vec<&str> =
        subscriptions.iter().filter(|one| one.confirmed).map(|one| one.protocol.as_str()).collect();
    protocols.sort_unstable();
    protocols.dedup();
    match (subscriptions.len(), protocols.is_empty()) {
        (_, false) => way.link("subscription", protocols.join(", ")),
        (0, _) => way.breaks(format!("nobody is subscribed to the topic {}", arn.name())),
        (waiting, _) => {
            let all: String =
                if waiting == 1 { "the only subscription".into() } else { format!("all {waiting} subscriptions") };
            way.breaks(format!("{all} to the topic {} waits for confirmation", arn.name()))
        }
    }
}
