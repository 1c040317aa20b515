//! What a policy sees: the account, the time of the snapshot, and the topics it names.

use probity_model::{Snapshot, Topic};
use serde_json::{Map, Value, json};

/// A snapshot as JSON, made once for all policies.
pub(crate) struct Input {
    facts: Map<String, Value>,
    head: Value,
}

impl Input {
    /// The input of a snapshot. Times are as in snapshots: RFC 3339.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let facts = match serde_json::to_value(&snapshot.facts) {
            Ok(Value::Object(facts)) => facts,
            // Facts are plain data: nothing in them can fail to be JSON. An empty map makes every topic missing.
            _ => Map::new(),
        };
        let head = json!({
            "account": snapshot.account,
            "partition": snapshot.partition,
            "regions": snapshot.regions,
            "now": snapshot.taken_at,
            "now_seconds": snapshot.taken_at.as_second(),
        });
        Self { facts, head }
    }

    /// A topic as it was read, with the gaps inside it; `None` where it is missing as a whole.
    pub(crate) fn topic(&self, topic: Topic) -> Option<&Value> {
        self.facts.get(topic.field()).and_then(|seen| seen.get("known"))
    }

    /// The input of a policy that sees these topics: those that were read.
    pub(crate) fn with(&self, topics: impl Iterator<Item = Topic>) -> Value {
        let seen = topics.filter_map(|topic| Some((topic.field().to_owned(), self.topic(topic)?.clone())));
        let mut input = self.head.clone();
        if let Value::Object(object) = &mut input {
            object.insert("facts".to_owned(), Value::Object(seen.collect()));
        }
        input
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::builder::Account;

    #[test]
    fn every_topic_has_its_field() {
        let input = Input::of(&Account::new().build());
        for topic in Topic::ALL {
            assert!(input.facts.contains_key(topic.field()), "{topic}");
        }
    }

    #[test]
    fn a_policy_sees_what_it_names() {
        let input = Input::of(&Account::new().user("anna", |user| user).build());
        let seen = input.with([Topic::AuthorizationDetails].into_iter());
        assert_eq!(
            seen["facts"].as_object().map(|facts| facts.keys().cloned().collect::<Vec<_>>()).unwrap_or_default(),
            ["authorization_details"]
        );
        assert_eq!(seen["facts"]["authorization_details"]["users"][0]["name"], "anna");
        assert!(seen["now"].is_string() && seen["account"].is_string());
    }
}
