//! `probity permissions`: the least IAM policy for the chosen checks, out of the same table that the fence enforces.

use std::collections::BTreeSet;

use probity_checks::Entry;
use probity_model::Topic;
use serde_json::{Value, json};

use crate::cli::DetailLevel;

/// The topics that the chosen checks read, with those that every audit reads and those that lead to others.
pub(crate) fn topics(checks: &[&Entry]) -> BTreeSet<Topic> {
    let mut topics: BTreeSet<Topic> = checks.iter().flat_map(|entry| entry.topics()).collect();
    probity_collect::complete(&mut topics);
    topics
}

/// Every topic, those included that only `collect` and `--last-accessed` read.
pub(crate) fn everything() -> BTreeSet<Topic> {
    Topic::ALL.iter().copied().collect()
}

/// A role with the policy, for CloudFormation; `{{actions}}` stands for the list.
const TEMPLATE: &str = include_str!("permissions/audit-role.yaml");

/// The IAM actions that the topics take, each once, in order.
fn actions(topics: &BTreeSet<Topic>, detail: DetailLevel) -> BTreeSet<&'static str> {
    let read = topics.iter().filter(|topic| detail == DetailLevel::Full || !probity_collect::PER_USER.contains(topic));
    let operations = read.flat_map(|topic| topic.operations());
    operations.flat_map(probity_model::Operation::actions).collect()
}

/// A CloudFormation template of a role with the policy.
pub(crate) fn template(topics: BTreeSet<Topic>, detail: DetailLevel) -> String {
    let indent = " ".repeat(18);
    let list: Vec<String> = actions(&topics, detail).iter().map(|action| format!("{indent}- {action}")).collect();
    TEMPLATE.replace("{{actions}}", &list.join("\n"))
}

/// The policy document.
pub(crate) fn policy(topics: BTreeSet<Topic>, detail: DetailLevel) -> Value {
    let actions = actions(&topics, detail);
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": "ProbityReads", "Effect": "Allow", "Action": actions, "Resource": "*"}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_checks::{CHECKS, registry};

    fn actions(checks: &[&Entry], detail: DetailLevel) -> Vec<String> {
        let policy = policy(topics(checks), detail);
        let list = policy["Statement"][0]["Action"].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|action| action.as_str().map(str::to_owned)).collect()
    }

    #[test]
    fn fewer_checks_need_fewer_permissions() {
        let all: Vec<&Entry> = CHECKS.iter().collect();
        let one = [registry::find("root-mfa-enabled").expect("the check")];
        assert_eq!(actions(&one, DetailLevel::Full), ["iam:GetAccountSummary", "iam:ListAccountAliases"]);
        assert!(actions(&all, DetailLevel::Full).len() > 20);
    }

    #[test]
    fn standard_detail_needs_no_calls_per_user() {
        let all: Vec<&Entry> = CHECKS.iter().collect();
        assert!(actions(&all, DetailLevel::Full).contains(&"iam:ListSSHPublicKeys".to_owned()));
        assert!(!actions(&all, DetailLevel::Standard).contains(&"iam:ListSSHPublicKeys".to_owned()));
    }

    #[test]
    fn no_action_can_write() {
        let reads = ["Get", "List", "Describe", "Lookup", "Generate"];
        let policy = policy(everything(), DetailLevel::Full);
        let all = policy["Statement"][0]["Action"].as_array().cloned().unwrap_or_default();
        assert!(all.len() > 25, "{all:?}");
        for action in all.iter().filter_map(Value::as_str) {
            let name = action.split_once(':').map_or("", |(_, name)| name).to_owned();
            assert!(reads.iter().any(|verb| name.starts_with(verb)), "{action}");
            assert!(!action.contains('*'), "{action}");
        }
    }
}
