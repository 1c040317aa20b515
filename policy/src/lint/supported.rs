//! Condition keys of the network that only some services know: elsewhere they are absent, and a statement that asks for
//! them does something else than it seems to.
//!
//! The services are those that the IAM User Guide lists with each key ("AWS global condition context keys", autumn 2026).

use super::Findings;
use super::view::{Clause, Names, View};
use std::collections::BTreeSet;

/// The services that know every one of the keys.
const COMMON: [&str; 36] = [
    "acm-pca",
    "applicationinsights",
    "apprunner",
    "athena",
    "cloudformation",
    "comprehendmedical",
    "compute-optimizer",
    "datasync",
    "discovery",
    "ebs",
    "ecr",
    "ecs",
    "firehose",
    "healthlake",
    "iam",
    "iotfleetwise",
    "iotwireless",
    "kinesisanalytics",
    "kms",
    "lambda",
    "medical-imaging",
    "omics",
    "payment-cryptography",
    "polly",
    "rbin",
    "rekognition",
    "route53",
    "s3",
    "scheduler",
    "servicediscovery",
    "servicequotas",
    "ssm-contacts",
    "storagegateway",
    "textract",
    "transcribe",
    "transfer",
];

/// The keys, in lower case, with the further services that know each.
const KEYS: [(&str, &[&str]); 4] = [
    ("aws:sourcevpcarn", &[]),
    ("aws:vpceaccount", &["dynamodb", "gamelift", "shield"]),
    (
        "aws:vpceorgid",
        &[
            "b2bi",
            "cassandra",
            "cognito-identity",
            "dms",
            "ds-data",
            "dynamodb",
            "gamelift",
            "identitystore",
            "iottwinmaker",
            "network-firewall",
            "pricing",
            "ses",
            "shield",
            "sms-voice",
            "sqs",
            "workmail",
        ],
    ),
    ("aws:vpceorgpaths", &["dynamodb", "gamelift", "shield"]),
];

pub(super) fn look(view: &View, findings: &mut Findings) {
    for clause in &view.clauses {
        look_at(clause, findings);
    }
}

fn look_at(clause: &Clause, findings: &mut Findings) {
    let Some(actions) = &clause.actions else { return };
    for asked in &clause.asked {
        let Some((_, further)) = KEYS.iter().find(|(key, _)| asked.key.text.eq_ignore_ascii_case(key)) else {
            continue;
        };
        let without = without(actions, further);
        if without.is_empty() {
            continue;
        }
        let without: Vec<&str> = without.into_iter().collect();
        let message = format!(
            "`{}` is absent from requests of {}. Name the actions of services that know it.",
            asked.key.text,
            without.join(", ")
        );
        findings.add("USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", &asked.key.place, message);
    }
}

/// What the actions reach beyond the services that know a key.
fn without<'c>(actions: &'c Names, further: &[&str]) -> BTreeSet<&'c str> {
    if actions.negated {
        return BTreeSet::from(["services that it does not except"]);
    }
    let reached = actions.words.iter().filter_map(|word| {
        let (prefix, _) = word.text.split_once(':').unwrap_or((&word.text, ""));
        let lower = prefix.to_ascii_lowercase();
        if prefix.contains(['*', '?']) {
            Some("services that no name is given of")
        } else if word.text.eq_ignore_ascii_case("iam:PassRole") {
            Some("iam:PassRole")
        } else if COMMON.contains(&lower.as_str()) || further.contains(&lower.as_str()) {
            None
        } else {
            Some(prefix)
        }
    });
    reached.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_are_in_order_and_exist() {
        assert!(COMMON.is_sorted());
        for (key, further) in KEYS {
            assert!(further.is_sorted(), "{key}");
            assert!(further.iter().all(|service| !COMMON.contains(service)), "{key}");
        }
        let known = crate::Catalogue::get();
        let all = COMMON.iter().chain(KEYS.iter().flat_map(|(_, further)| further.iter()));
        assert_eq!(all.filter(|service| known.service(service).is_none()).collect::<Vec<_>>(), Vec::<&&str>::new());
    }
}
