//! A role in another account, and an emulator of another make, so that nothing is fitted to one emulator's quirks.

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

/// What the policy leaves out is denied by an AWS that enforces it, and shows as such.
#[test]
fn a_permission_that_is_missing_is_a_gap() {
    let mut policy = Probity::alone().args(["permissions"]).run().json();
    let actions = policy["Statement"][0]["Action"].as_array_mut().unwrap();
    actions.retain(|action| action != "iam:GetAccountSummary");
    let ministack = Ministack::start(&policy);
    let run = Probity::against_ministack(&ministack)
        .args(["audit", "--quiet", "-f", "json", "--only", "family:root", "--regions", "us-east-1"])
        .run();
    let report = run.json();
    let finding = of(&report, "root-mfa-enabled")[0];
    assert_eq!(finding["outcome"], "not-evaluated", "{finding:#}");
    assert_eq!(finding["gap"]["operation"], "iam:GetAccountSummary");
    assert_eq!(finding["gap"]["kind"], "denied");
}
