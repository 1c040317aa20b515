//! Who is subscribed to the SNS topics that alarms and EventBridge rules notify: a call a topic.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use probity_model::facts::alarms::{Subscription, TopicState};
use probity_model::facts::{Alarms, AlertTopics, EventRules};
use probity_model::{Arn, Gap, Region, Service};

use crate::pages::Pages;
use crate::reader::{Reader, operation, required};

/// What SNS answers where there is no such topic.
const ABSENT: [&str; 2] = ["NotFound", "NotFoundException"];

pub(crate) async fn read(
    reader: &Reader<'_>,
    alarms: Result<&Alarms, &Gap>,
    rules: Result<&EventRules, &Gap>,
) -> Result<AlertTopics, Gap> {
    let topics = match (alarms, rules) {
        (Err(gap), Err(_)) => return Err(gap.clone()),
        (alarms, rules) => named(alarms.ok(), rules.ok()),
    };
    let asked = topics.into_iter().map(|arn| async move {
        let state = match Region::try_from(arn.region()) {
            Ok(region) => state(reader, &region, &arn).await,
            Err(_) => Err(Gap::not_requested("the topic's ARN names no Region")),
        };
        (arn, state.into())
    });
    Ok(AlertTopics { topics: join_all(asked).await.into_iter().collect() })
}

/// The topics among what is notified.
fn named(alarms: Option<&Alarms>, rules: Option<&EventRules>) -> BTreeSet<Arn> {
    let alarms = alarms.into_iter().flat_map(|alarms| alarms.regions.values());
    let actions = alarms.filter_map(|seen| seen.get().ok()).flatten().flat_map(|alarm| &alarm.actions);
    let rules = rules.into_iter().flat_map(|rules| rules.regions.values()).filter_map(|seen| seen.get().ok()).flatten();
    let targets = rules.filter_map(|rule| rule.targets.get().ok()).flatten();
    actions.chain(targets).filter(|arn| arn.service() == "sns").cloned().collect()
}

async fn state(reader: &Reader<'_>, region: &Region, arn: &Arn) -> Result<TopicState, Gap> {
    let list = operation(Service::Sns, "ListSubscriptionsByTopic");
    let here = |gap: Gap| gap.in_region(region);
    let client = reader.clients.sns(region);
    let (mut pages, mut token) = (Pages::new(list), None);
    let mut all = Vec::new();
    loop {
        let call = client.list_subscriptions_by_topic().topic_arn(arn.as_str()).set_next_token(token).send();
        let Ok(page) = reader.ask_or(list, &ABSENT, call).await.map_err(here)? else { return Ok(TopicState::Absent) };
        for subscription in page.subscriptions.unwrap_or_default() {
            let confirmed = required(list, "SubscriptionArn", subscription.subscription_arn).map_err(here)?;
            all.push(Subscription {
                protocol: required(list, "Protocol", subscription.protocol).map_err(here)?,
                // Otherwise the text is `PendingConfirmation` or `Deleted`.
                confirmed: confirmed.starts_with("arn:"),
            });
        }
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() || all.iter().any(|subscription| subscription.confirmed) {
            all.sort();
            return Ok(TopicState::Present(all));
        }
    }
}
