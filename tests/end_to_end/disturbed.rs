//! Networks and services that misbehave: what can be had is had, and the rest is said.

use serde_json::Value;

use crate::findings::{audit, of, parsed, scenario};
use crate::support::Fault;

/// The findings, without the times at which the evidence was read.
fn findings(run: &Value) -> Vec<Value> {
    let mut findings = run["findings"].as_array().unwrap().clone();
    for finding in &mut findings {
        finding.as_object_mut().unwrap().remove("observed_at");
    }
    findings
}

fn same_as_undisturbed(faults: impl IntoIterator<Item = Fault>) {
    let aws = scenario("small-company");
    let calm = parsed(&audit(&aws).run());
    aws.forget();
    aws.faults(faults);
    let rough = parsed(&audit(&aws).run());
    assert_eq!(findings(&rough), findings(&calm));
}

#[test]
fn throttling_of_three_calls_in_ten_changes_nothing() {
    let aws = scenario("small-company");
    let calm = parsed(&audit(&aws).run());
    aws.forget();
    aws.faults([Fault::throttle("*").probability(0.3)]);
    let rough = parsed(&audit(&aws).run());
    assert_eq!(findings(&rough), findings(&calm));
    let throttled: u64 =
        rough["accounts"][0]["calls"].as_array().unwrap().iter().map(|call| call["throttled"].as_u64().unwrap()).sum();
    assert!(throttled > 0, "the throttles are counted");
}

#[test]
fn a_burst_of_server_errors_changes_nothing() {
    same_as_undisturbed([
        Fault::server_error("sts:*").times(3),
        Fault::server_error("iam:*").times(6),
        Fault::server_error("cloudtrail:*").times(4),
    ]);
}

#[test]
fn a_body_cut_in_the_middle_is_asked_for_again() {
    same_as_undisturbed([Fault::truncate("iam:GetAccountAuthorizationDetails").times(1)]);
}

#[test]
fn a_dropped_connection_is_opened_again() {
    same_as_undisturbed([Fault::drop_connection("iam:*").times(3)]);
}

#[test]
fn small_pages_add_up() {
    same_as_undisturbed([Fault::page_size("iam:GetAccountAuthorizationDetails", 3)]);
}

/// The SDK's own paginators end such a list without a word.
#[test]
fn a_repeated_marker_is_a_gap_and_not_a_short_list() {
    let aws = scenario("small-company");
    aws.faults([
        Fault::page_size("iam:GetAccountAuthorizationDetails", 3),
        Fault::repeat_marker("iam:GetAccountAuthorizationDetails"),
    ]);
    let run = parsed(&audit(&aws).run());
    for check in ["user-permissions-via-groups", "unused-role", "policy-administrator-custom"] {
        let findings = of(&run, check);
        assert!(findings.iter().all(|finding| finding["outcome"] == "not-evaluated"), "{findings:#?}");
        assert_eq!(findings[0]["gap"]["operation"], "iam:GetAccountAuthorizationDetails");
        assert_eq!(findings[0]["gap"]["kind"], "malformed");
    }
}

#[test]
fn an_answer_that_no_service_gives_is_a_gap() {
    let aws = scenario("small-company");
    aws.faults([Fault::garbage("iam:GetAccountSummary")]);
    let run = parsed(&audit(&aws).run());
    assert!(of(&run, "root-mfa-enabled").iter().all(|finding| finding["outcome"] == "not-evaluated"));
}

#[test]
fn throttling_without_end_is_a_gap() {
    let aws = scenario("small-company");
    aws.faults([Fault::throttle("iam:GetAccountPasswordPolicy")]);
    let run = parsed(&audit(&aws).args(["--only", "family:password-policy"]).run());
    let findings = of(&run, "password-policy-min-length");
    assert_eq!(findings[0]["outcome"], "not-evaluated");
    assert_eq!(findings[0]["gap"]["kind"], "throttled");
}

#[test]
fn credentials_that_expire_midway_leave_what_was_read() {
    let aws = scenario("small-company");
    aws.faults([Fault::expired("*").after(8)]);
    let run = audit(&aws).run();
    assert_eq!(run.code, 3, "{}", run.stderr);
    let report = run.json();
    let kinds: Vec<&str> =
        report["gaps"].as_array().unwrap().iter().map(|gap| gap["gap"]["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"credentials"), "{kinds:?}");
    let outcomes: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|f| f["outcome"].as_str().unwrap()).collect();
    assert!(outcomes.contains(&"not-evaluated"));
    assert!(outcomes.contains(&"pass") || outcomes.contains(&"fail"), "what was read before is judged");
}

/// What was read until then is judged and written; the rest is a gap, and the exit code says so.
#[cfg(unix)]
#[test]
fn an_interrupted_run_reports_what_it_has() {
    let aws = scenario("small-company");
    aws.faults([Fault::latency("iam:GetAccountAuthorizationDetails", 60_000)]);
    let run = audit(&aws).interrupted_after(std::time::Duration::from_secs(25)).run();
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.took < std::time::Duration::from_secs(58), "{:?}", run.took);
    let report = run.json();
    let finding = of(&report, "unused-role")[0];
    assert_eq!(finding["gap"]["kind"], "interrupted", "{finding:#}");
    assert_eq!(of(&report, "root-mfa-enabled")[0]["outcome"], "pass");
}
