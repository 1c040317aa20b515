//! A role in another account, and an emulator of another make, so that nothing is fitted to one emulator's quirks.

use std::collections::BTreeSet;

use crate::denied::{has_gap, operations};
use crate::findings::{audit, of, parsed, scenario};
use crate::support::{Ministack, Probity};

#[test]
fn a_role_is_assumed_with_its_external_id() {
    let aws = scenario("small-company");
    let role = "arn:aws:iam::444455556666:role/probity-audit";
    let report = parsed(&audit(&aws).args(["--assume-role", role, "--external-id", "larkspur-audit"]).run());
    assert_eq!(report["accounts"][0]["account"], "444455556666");
    let caller = report["accounts"][0]["caller"].as_str().unwrap();
    assert!(caller.starts_with("arn:aws:sts::444455556666:assumed-role/probity-audit/"), "{caller}");
}

#[test]
fn a_role_that_refuses_is_an_error_about_credentials() {
    let aws = scenario("small-company");
    let role = "arn:aws:iam::444455556666:role/probity-audit";
    let run = audit(&aws).args(["--assume-role", role, "--external-id", "somebody-else"]).run();
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains(role), "{}", run.stderr);
}

#[test]
fn another_emulator_is_audited_too() {
    let policy = Probity::alone().args(["permissions"]).run().json();
    let ministack = Ministack::start(&policy);
    let run = Probity::against_ministack(&ministack)
        .args(["audit", "--quiet", "-f", "json", "--last-accessed", "none", "--regions", "us-east-1"])
        .run();
    let report = parsed(&run);
    let outcome = |check: &str| of(&report, check)[0]["outcome"].as_str().unwrap().to_owned();
    assert_eq!(outcome("password-policy-present"), "not-applicable");
    assert_eq!(outcome("trail-multi-region-active"), "pass");
    assert_ne!(outcome("user-permissions-via-groups"), "not-evaluated");
    // It enforces IAM, and the caller has the printed policy and nothing else.
    let gaps = report["gaps"].as_array().unwrap();
    let denied: Vec<_> = gaps.iter().filter(|gap| gap["gap"]["kind"] == "denied").collect();
    assert!(denied.is_empty(), "{denied:#?}");
}

/// What the policy leaves out is denied by an AWS of another make that enforces it, and shows as a gap that names the call:
/// each action that this AWS has an answer to. The others are taken out in `denied.rs`.
#[test]
fn each_action_that_is_missing_is_a_gap() {
    let whole = Probity::alone().args(["permissions"]).run().json();
    let mut ministack = Ministack::start(&whole);
    let audit = |ministack: &Ministack, more: &[&str]| {
        Probity::against_ministack(ministack)
            .args(["audit", "--quiet", "-f", "json", "--last-accessed", "none", "--detail", "full"])
            .args(["--regions", "us-east-1"])
            .args(more)
            .run()
            .json()
    };
    let undisturbed = audit(&ministack, &[]);
    let mut missing = Vec::new();
    let mut tried = 0;
    let called = undisturbed["accounts"][0]["calls"].as_array().unwrap().iter();
    let called: BTreeSet<&str> = called.map(|call| call["operation"].as_str().unwrap()).collect();
    // It answers three whatever the policy says, and lacks another call of the fourth's topic, which is a gap anyway.
    let unguarded = [
        "account:GetContactInformation",
        "account:ListRegions",
        "sso-admin:ListInstances",
        "organizations:ListDelegatedAdministrators",
    ];
    for (operation, readers) in operations() {
        if unguarded.contains(&operation.as_str())
            || !called.contains(operation.as_str())
            || has_gap(&undisturbed, &operation, None)
        {
            continue;
        }
        let mut policy = whole.clone();
        let actions = policy["Statement"][0]["Action"].as_array_mut().unwrap();
        actions.retain(|action| *action != *readers.permission);
        ministack.allow(&policy);
        let only = readers.reading.into_iter().collect::<Vec<_>>().join(",");
        let report = audit(&ministack, &["--only", &only]);
        tried += 1;
        if !has_gap(&report, &operation, Some("denied")) {
            missing.push(operation);
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert!(tried >= 30, "only {tried} were tried");
}
