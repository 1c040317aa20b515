//! What holds for every check: judged on every fixture account, with everything denied, with one topic denied, and with the
//! evidence in another order.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod accounts;

use std::collections::{BTreeMap, BTreeSet};

use probity_checks::run::in_turn;
use probity_checks::{CHECKS, Entry, Settings, assemble};
use probity_model::builder::Account;
use probity_model::run::Selection;
use probity_model::{Outcome, Run, Seen, Snapshot, Topic};
use proptest::prelude::*;

fn run(snapshot: Snapshot) -> Run {
    let checks: Vec<&Entry> = CHECKS.iter().collect();
    assemble(&[snapshot], &checks, &Settings::default(), Selection::default(), &in_turn).expect("a run")
}

fn json(run: &Run) -> String {
    serde_json::to_string_pretty(run).expect("JSON")
}

/// The whole table at a glance: a change of any verdict shows up in review.
#[test]
fn every_fixture_account_is_judged_by_every_check() {
    let mut table = String::new();
    for (name, account) in accounts::all() {
        let run = run(account.build());
        table.push_str(&format!("{name}: score {:?}\n", run.score.value));
        for check in &run.checks {
            let outcomes: Vec<String> =
                check.outcomes.iter().map(|(outcome, count)| format!("{outcome} {count}")).collect();
            table.push_str(&format!("  {:38} {}\n", check.id, outcomes.join(", ")));
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn an_account_of_which_nothing_was_read_has_no_verdict() {
    let run = run(Account::new().deny_everything().build());
    assert_eq!(run.checks.len(), CHECKS.len());
    for finding in &run.findings {
        assert!(matches!(finding.outcome, Outcome::NotEvaluated | Outcome::Manual), "{finding:#?}");
        assert_eq!(finding.gap.is_some(), finding.outcome == Outcome::NotEvaluated);
    }
    assert!(run.score.value.is_none(), "{:?}", run.score);
}

/// One topic at a time: the checks that cannot do without it say so, and no resource becomes a pass by not being looked at.
#[test]
fn a_denied_topic_never_makes_a_pass() {
    for (name, account) in accounts::all().into_iter().filter(|(name, _)| *name != "unread") {
        let before = outcomes(&run(account.clone().build()));
        for topic in Topic::ALL {
            let denied = run(account.clone().deny(*topic).build());
            for (key, after) in outcomes(&denied) {
                let was = before.get(&key);
                let entry = CHECKS.iter().find(|entry| entry.meta.id == key.0).expect("a check");
                let needed = entry.needs().iter().any(|need| need.topic == *topic && !need.optional);
                if needed {
                    assert_eq!(after, BTreeSet::from([Outcome::NotEvaluated]), "{name}: {topic} denied, {key:?}");
                }
                // What did not apply as a whole is judged one by one when nobody knows that it does not apply.
                let of_check = || before.iter().filter(|(other, _)| other.0 == key.0).flat_map(|(_, was)| was);
                let did_not_apply = was.is_none() && of_check().all(|was| *was == Outcome::NotApplicable);
                if after.contains(&Outcome::Pass) {
                    assert!(
                        did_not_apply || was.is_some_and(|was| was.contains(&Outcome::Pass)),
                        "{name}: {topic} denied, and {key:?} passes where it was {was:?}"
                    );
                }
            }
        }
    }
}

type Key = (String, String, String);

fn outcomes(run: &Run) -> BTreeMap<Key, BTreeSet<Outcome>> {
    let mut all: BTreeMap<Key, BTreeSet<Outcome>> = BTreeMap::new();
    for finding in &run.findings {
        let key = (finding.check.to_string(), finding.resource.to_string(), finding.discriminator.to_string());
        all.entry(key).or_default().insert(finding.outcome);
    }
    all
}

#[test]
fn every_finding_has_words_evidence_and_an_identity_of_its_own() {
    for (name, account) in accounts::all() {
        let run = run(account.build());
        let mut prints = BTreeSet::new();
        for finding in &run.findings {
            assert!(!finding.message.is_empty() && !finding.message.contains('!'), "{name}: {finding:#?}");
            assert!(prints.insert(&finding.fingerprint), "{name}: two findings share an identity: {finding:#?}");
            if matches!(finding.outcome, Outcome::Pass | Outcome::Fail) {
                assert!(!finding.evidence.is_empty(), "{name}: {finding:#?}");
                assert!(!finding.operations.is_empty(), "{name}: {finding:#?}");
            }
        }
    }
}

/// Puts every list of a snapshot into another order.
fn shuffle(snapshot: &mut Snapshot, seed: u64) {
    fn mix<T>(list: &mut [T], seed: u64) {
        let mut state = seed | 1;
        for at in (1..list.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            list.swap(at, (state >> 33) as usize % (at + 1));
        }
    }
    let facts = &mut snapshot.facts;
    if let Seen::Known(report) = &mut facts.credential_report {
        mix(&mut report.users, seed);
    }
    if let Seen::Known(details) = &mut facts.authorization_details {
        mix(&mut details.users, seed);
        mix(&mut details.groups, seed);
        mix(&mut details.roles, seed);
        mix(&mut details.policies, seed);
        for user in &mut details.users {
            mix(&mut user.attached_policies, seed);
            mix(&mut user.inline_policies, seed);
        }
        for role in &mut details.roles {
            mix(&mut role.attached_policies, seed);
            mix(&mut role.inline_policies, seed);
        }
    }
    if let Seen::Known(providers) = &mut facts.identity_providers {
        mix(&mut providers.saml, seed);
        mix(&mut providers.oidc, seed);
    }
    if let Seen::Known(compute) = &mut facts.compute {
        for all in compute.regions.values_mut() {
            if let (Seen::Known(instances), Seen::Known(functions)) = (&mut all.instances, &mut all.functions) {
                mix(instances, seed);
                mix(functions, seed);
            }
        }
    }
    if let Seen::Known(groups) = &mut facts.trail_log_groups {
        for group in groups.groups.values_mut() {
            if let Seen::Known(filters) = &mut group.filters {
                mix(filters, seed);
            }
        }
    }
    if let Seen::Known(alarms) = &mut facts.alarms {
        for seen in alarms.regions.values_mut() {
            if let Seen::Known(alarms) = seen {
                mix(alarms, seed);
            }
        }
    }
    if let Seen::Known(credentials) = &mut facts.service_credentials {
        mix(&mut credentials.credentials, seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_the_evidence_never_shows(seed in any::<u64>(), which in 0..accounts::all().len()) {
        let (_, account) = accounts::all().swap_remove(which);
        let snapshot = account.build();
        let mut shuffled = snapshot.clone();
        shuffle(&mut shuffled, seed);
        prop_assert_eq!(json(&run(shuffled)), json(&run(snapshot)));
    }

    #[test]
    fn judging_twice_gives_the_same_bytes(which in 0..accounts::all().len()) {
        let (_, account) = accounts::all().swap_remove(which);
        let snapshot = account.build();
        let mut bytes = Vec::new();
        snapshot.to_json(&mut bytes).expect("memory");
        let read_back = Snapshot::from_json(&bytes).expect("a snapshot");
        prop_assert_eq!(json(&run(read_back)), json(&run(snapshot)));
    }
}
