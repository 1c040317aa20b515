//! Every check meets an emulated account that breaks its rule, and one that does not: none is there in name only.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use serde_json::{Value, json};

use crate::findings::{NOW, parsed};
use crate::support::{Emulator, Probity};

/// Those about which AWS has no API that tells: they are for a person to look at.
const MANUAL: [&str; 2] = ["identity-center-mfa-required", "root-recovery-and-custody"];

/// What the rules about choices of the organization ask of the careless account.
const CHOICES: [&str; 4] = [
    "iam-access-key-honeytoken.canary_users=canary",
    "analyzer-internal-access.critical_resources=arn:aws:s3:::tidy-site",
    "org-scp-region-restriction.approved_regions=eu-west-1",
    "org-scp-size-and-count.max_attached=1",
];

fn report(aws: &Emulator, choices: &[&str]) -> Value {
    let set = choices.iter().flat_map(|choice| ["--set", choice]);
    let audit = ["audit", "-f", "json", "--quiet", "--now", NOW, "--detail", "full", "--last-accessed", "all"];
    parsed(&Probity::against(aws).args(audit).args(set).run())
}

fn accounts() -> Vec<Value> {
    let plain = |name: &'static str| move || report(&Emulator::of(name).now("scenario").start(), &[]);
    // A member account that may see that the organization manages root credentials, and has some itself.
    let member_with_root = || {
        let id = "555566667777";
        let changed = json!({
            "caller": {"account": id, "role": "probity-audit", "session": "audit"},
            "accounts": {id: {"root": {"password": {"last_used": "9 days ago"}}}},
        });
        report(&Emulator::of("clean").now("scenario").patch(changed).start(), &[])
    };
    let careless = || report(&Emulator::of("careless").now("scenario").start(), &CHOICES);
    thread::scope(|scope| {
        let halves = [
            scope.spawn(move || vec![plain("small-company")(), plain("clean")(), member_with_root()]),
            scope.spawn(move || vec![plain("neglected")(), careless(), plain("member")(), plain("empty")()]),
        ];
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    })
}

#[test]
fn every_check_fails_somewhere_and_not_everywhere() {
    let mut outcomes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for report in accounts() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        for check in report["checks"].as_array().unwrap() {
            outcomes.entry(text(&check["id"])).or_default();
        }
        for finding in report["findings"].as_array().unwrap() {
            outcomes.get_mut(finding["check"].as_str().unwrap()).unwrap().insert(text(&finding["outcome"]));
        }
    }
    let all = Probity::alone().args(["checks", "-f", "json"]).run().json();
    assert_eq!(outcomes.len(), all.as_array().unwrap().len());
    let lacking = |outcome: &str| -> Vec<&str> {
        outcomes.iter().filter(|(_, seen)| !seen.contains(outcome)).map(|(check, _)| check.as_str()).collect()
    };
    assert_eq!(lacking("fail"), MANUAL);
    let never_good =
        outcomes.iter().filter(|(_, seen)| !["pass", "not-applicable", "manual"].iter().any(|o| seen.contains(*o)));
    assert_eq!(never_good.map(|(check, _)| check).collect::<Vec<_>>(), Vec::<&String>::new());
}
