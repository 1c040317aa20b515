//! What an audit says of accounts whose state is known.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Emulator, Probity, Run};

/// "Now" of the scenarios.
pub(crate) const NOW: &str = "2026-11-02T09:00:00Z";

/// A scenario whose ages count from [`NOW`].
pub(crate) fn scenario(name: &str) -> Emulator {
    Emulator::of(name).now("scenario").start()
}

/// An audit in JSON, as far as possible without jobs.
pub(crate) fn audit(aws: &Emulator) -> Probity {
    Probity::against(aws).args(["audit", "--output-format", "json", "--quiet", "--now", NOW, "--last-accessed", "none"])
}

/// The findings of a check.
pub(crate) fn of<'r>(run: &'r Value, check: &str) -> Vec<&'r Value> {
    run["findings"].as_array().unwrap().iter().filter(|finding| finding["check"] == check).collect()
}

/// The last parts of the resources that have an outcome.
pub(crate) fn resources(run: &Value, check: &str, outcome: &str) -> BTreeSet<String> {
    of(run, check)
        .into_iter()
        .filter(|finding| finding["outcome"] == outcome)
        .map(|finding| finding["resource"].as_str().unwrap().rsplit(['/', ':']).next().unwrap().to_owned())
        .collect()
}

pub(crate) fn parsed(run: &Run) -> Value {
    assert!(run.code == 0 || run.code == 1, "{run:#?}");
    run.json()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[test]
fn good_users_pass_and_bad_ones_fail() {
    let aws = scenario("small-company");
    let run = audit(&aws).args(["--detail", "full"]).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    let run = run.json();
    assert_eq!(resources(&run, "user-mfa-console", "fail"), names(["carla.mendes", "elena.rossi", "lena.contractor"]));
    assert!(resources(&run, "user-mfa-console", "pass").contains("ada.lindqvist"));
    assert_eq!(
        resources(&run, "user-access-key-rotation", "fail"),
        names(["ci-deploy", "dmitri.volkov", "form-uploader"])
    );
    assert!(resources(&run, "user-access-key-unused", "fail").is_superset(&names(["dmitri.volkov", "form-uploader"])));
    assert!(resources(&run, "user-console-password-unused", "fail").contains("dmitri.volkov"));
    assert_eq!(resources(&run, "user-signing-certificate-active", "fail"), names(["legacy-signing"]));
    assert_eq!(resources(&run, "user-ssh-key-age", "fail"), names(["git-mirror"]));
    assert_eq!(resources(&run, "root-hardware-mfa", "fail"), names(["root"]));
    assert_eq!(resources(&run, "root-not-used-recently", "fail"), names(["root"]));
    assert_eq!(resources(&run, "root-access-key-absent", "pass"), names(["root"]));
    assert!(resources(&run, "server-certificate-expired", "fail").contains("www-larkspur-2025"));
    assert!(
        resources(&run, "policy-administrator-custom", "fail")
            .is_superset(&names(["legacy-everything", "draft-operator"]))
    );
    assert!(
        !resources(&run, "policy-administrator-custom", "fail").contains("data-pipeline"),
        "an old version is not in force"
    );
    assert!(resources(&run, "trail-multi-region-active", "pass").len() == 1);
    assert_eq!(resources(&run, "trail-log-validation", "fail"), names(["management-events"]));
    assert_eq!(resources(&run, "org-membership-all-features", "pass").len(), 1);
    assert!(
        resources(&run, "org-scp-guardrails-present", "fail").contains("666677778888"),
        "under FullAWSAccess alone"
    );
    assert!(!resources(&run, "org-scp-guardrails-present", "fail").contains("777788889999"), "suspended");
}

#[test]
fn a_clean_account_has_nothing_to_fail() {
    let aws = scenario("clean");
    // What only the account's owner can say: who is to administer security, and which user is a machine.
    let known = [
        "--set=policy-security-service-tampering.security_principals=arn:aws:iam::*:role/aws-reserved/*",
        "--set=privesc-identity-center-write.identity_principals=arn:aws:iam::*:role/aws-reserved/*",
        "--set=root-assumeroot-restricted.allowed_principals=arn:aws:iam::*:role/aws-reserved/*",
        "--set=user-mfa-policy-enforced.exempt_users=warehouse-export",
        // Read without the jobs that it takes.
        "--skip=unused-service-permissions",
    ];
    let run = audit(&aws).args(["--detail", "full", "--fail-on", "info"]).args(known).run();
    let failed: Vec<String> = run.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["outcome"] == "fail" || finding["outcome"] == "not-evaluated")
        .map(|finding| format!("{} {}: {}", finding["check"], finding["resource"], finding["message"]))
        .collect();
    assert_eq!(failed, Vec::<String>::new());
    assert_eq!(run.code, 0);
}

#[test]
fn a_neglected_account_fails_nearly_everything() {
    let aws = scenario("neglected");
    let run = audit(&aws).args(["--detail", "full"]).run();
    assert_eq!(run.code, 1);
    let run = run.json();
    let failed = run["checks"].as_array().unwrap().iter().filter(|check| check["outcomes"]["fail"].is_u64());
    let failed: BTreeSet<&str> = failed.map(|check| check["id"].as_str().unwrap()).collect();
    assert!(failed.len() >= 40, "only these failed: {failed:?}");
    assert!(run["score"]["value"].as_u64().unwrap() < 40);
}

#[test]
fn standard_detail_says_what_it_left_out() {
    let aws = scenario("small-company");
    let run = parsed(&audit(&aws).run());
    let findings = of(&run, "user-ssh-key-age");
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["outcome"], "not-evaluated");
    assert!(findings[0]["message"].as_str().unwrap().contains("--detail full"), "{}", findings[0]["message"]);
    assert!(
        !aws.calls()
            .iter()
            .any(|call| ["ListSSHPublicKeys", "ListAccessKeys", "ListMFADevices"].contains(&call.operation.as_str()))
    );
}

#[test]
fn every_finding_carries_its_evidence() {
    let aws = scenario("small-company");
    let run = parsed(&audit(&aws).run());
    for finding in run["findings"].as_array().unwrap() {
        assert!(!finding["message"].as_str().unwrap().is_empty(), "{finding}");
        assert_eq!(finding["fingerprint"].as_str().unwrap().len(), 32, "{finding}");
        let judged = finding["outcome"] == "pass" || finding["outcome"] == "fail";
        if judged {
            assert!(!finding["operations"].as_array().unwrap().is_empty(), "{finding}");
            assert!(!finding["evidence"].as_array().unwrap().is_empty(), "{finding}");
        }
    }
    let prints: BTreeSet<&str> =
        run["findings"].as_array().unwrap().iter().map(|f| f["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), run["findings"].as_array().unwrap().len(), "a fingerprint is one finding's alone");
}
