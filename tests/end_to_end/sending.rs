//! `--send securityhub`: the only write, and only when asked.

use crate::findings::{audit, scenario};
use crate::support::Emulator;

fn imports(aws: &Emulator) -> usize {
    aws.calls().iter().filter(|call| call.operation == "BatchImportFindings").count()
}

#[test]
fn nothing_is_sent_unless_asked() {
    let aws = scenario("small-company");
    let run = audit(&aws).args(["--only", "family:root"]).run();
    assert!(run.code <= 1, "{}", run.stderr);
    assert_eq!(imports(&aws), 0);
    assert!(aws.calls().iter().all(|call| call.service != "securityhub" || call.operation.starts_with("Describe")));
}

#[test]
fn findings_are_sent_in_batches_of_a_hundred() {
    let aws = scenario("small-company");
    let run = audit(&aws).args(["--send", "securityhub"]).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    let findings = run.json()["findings"].as_array().unwrap().len();
    assert!(findings > 100, "{findings}");
    assert_eq!(imports(&aws), findings.div_ceil(100), "{}", run.stderr);
    assert!(aws.calls().iter().all(|call| call.operation != "BatchImportFindings" || call.status == 200));
}

#[test]
fn what_the_report_leaves_out_is_not_sent() {
    let aws = scenario("small-company");
    let run = audit(&aws).args(["--only", "family:root", "--send", "securityhub", "--status", "fail"]).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(imports(&aws), 1);
}

/// The report is there all the same: what was found is not lost for a hub that is closed.
#[test]
fn a_hub_that_refuses_ends_the_run_with_3_and_the_report_is_written() {
    let aws = scenario("small-company");
    aws.faults([crate::support::Fault::deny("securityhub:BatchImportFindings")]);
    let run = audit(&aws).args(["--only", "family:root", "--send", "securityhub"]).run();
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("securityhub:BatchImportFindings") && run.stderr.contains("denied"), "{}", run.stderr);
    assert!(!run.json()["findings"].as_array().unwrap().is_empty());
}
