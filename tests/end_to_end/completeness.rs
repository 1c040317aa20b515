//! Regions, vantage points and jobs: what was not looked at is said.

use crate::findings::{NOW, audit, of, parsed, scenario};
use crate::support::{Fault, Probity};

#[test]
fn the_asked_regions_are_read_and_no_others() {
    let aws = scenario("small-company");
    let report = parsed(&audit(&aws).args(["--regions", "eu-west-1,us-east-1"]).run());
    assert_eq!(report["accounts"][0]["regions"], serde_json::json!(["eu-west-1", "us-east-1"]));
    let regions: std::collections::BTreeSet<String> =
        aws.calls().into_iter().filter(|call| call.service == "cloudtrail").map(|call| call.region).collect();
    assert_eq!(regions.into_iter().collect::<Vec<_>>(), ["eu-west-1", "us-east-1"]);
}

#[test]
fn a_region_that_cannot_be_read_keeps_a_missing_trail_from_being_a_verdict() {
    let aws = scenario("empty");
    let calm = parsed(&audit(&aws).run());
    assert_eq!(of(&calm, "trail-multi-region-active")[0]["outcome"], "fail");
    aws.faults([Fault::deny("cloudtrail:DescribeTrails").region("eu-west-3")]);
    let report = parsed(&audit(&aws).run());
    let finding = of(&report, "trail-multi-region-active")[0];
    assert_eq!(finding["outcome"], "not-evaluated", "{finding:#}");
    assert_eq!(finding["gap"]["region"], "eu-west-3");
}

#[test]
fn without_the_list_of_regions_absence_proves_nothing() {
    let aws = scenario("empty");
    aws.faults([Fault::deny("account:ListRegions")]);
    let report = parsed(&audit(&aws).run());
    assert_eq!(of(&report, "trail-multi-region-active")[0]["outcome"], "not-evaluated");
}

#[test]
fn a_member_account_cannot_judge_the_organization_and_does_not_fail_it() {
    let aws = scenario("member");
    let report = parsed(&audit(&aws).run());
    let finding = of(&report, "org-scp-guardrails-present")[0];
    assert_eq!(finding["outcome"], "not-evaluated", "{finding:#}");
    assert_eq!(of(&report, "org-membership-all-features")[0]["outcome"], "pass");
}

#[test]
fn last_accessed_jobs_run_to_their_end() {
    let aws = scenario("small-company");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.json");
    let run = Probity::against(&aws)
        .args(["collect", "--quiet", "--now", NOW, "--last-accessed", "all", "--output"])
        .arg(&file)
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let snapshot: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let principals = snapshot["facts"]["last_accessed"]["known"]["principals"].as_object().unwrap();
    let ada = &principals["arn:aws:iam::111122223333:user/ada.lindqvist"]["known"];
    let s3 = ada.as_array().unwrap().iter().find(|service| service["namespace"] == "s3").unwrap();
    assert_eq!(s3["last_used_at"], "2026-10-31T09:00:00Z");
    assert!(principals.values().all(|seen| seen["missing"].is_null()), "{principals:#?}");
}
