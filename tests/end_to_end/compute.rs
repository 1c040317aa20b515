//! What runs in an account: read in every Region, judged, and nothing of its configuration kept.

use crate::findings::{NOW, audit, of, parsed, resources, scenario};
use crate::support::{Fault, Probity};

#[test]
fn what_runs_is_judged_and_its_configuration_is_not_kept() {
    let aws = scenario("small-company");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.json");
    let run = Probity::against(&aws)
        .args(["collect", "--quiet", "--now", NOW, "--detail", "full", "--last-accessed", "none", "--output"])
        .arg(&file)
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let snapshot: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let compute = snapshot["facts"]["compute"].to_string() + &snapshot["facts"]["user_data"].to_string();
    assert!(compute.contains("UPLOAD_KEY"), "the name of the variable is told");
    for kept in ["AKIA", "larkspur-assets", "nginx"] {
        assert!(!compute.contains(kept), "{kept} is kept");
    }
    let judged = Probity::alone().arg("check").arg(&file).args(["-f", "json"]).run().json();
    assert!(resources(&judged, "credential-embedded-in-compute", "fail").contains("form-handler"));
    let finding = of(&judged, "credential-embedded-in-compute");
    let finding = finding.iter().find(|finding| finding["outcome"] == "fail").unwrap();
    assert!(finding["evidence"].to_string().contains("form-uploader"), "whose key it is: {finding:#}");
    let attached = "role-ec2-instance-profile-attached";
    assert!(resources(&judged, attached, "fail").contains("i-0a4be1c0ffee00003"));
    assert!(resources(&judged, attached, "not-applicable").contains("i-0a4be1c0ffee00002"));
    assert!(resources(&judged, "role-ec2-imdsv2", "fail").contains("i-0a4be1c0ffee00001"));
    // Three calls a Region; one for each family of task definitions, and one for the user data of each instance that exists.
    let asked = |service: &str| aws.calls().into_iter().filter(|call| call.service == service).count();
    let regions = snapshot["regions"].as_array().unwrap().len();
    // The policies of functions belong to another topic.
    let functions = aws.calls().into_iter().filter(|call| call.name() == "lambda:ListFunctions").count();
    assert_eq!(functions, regions);
    assert_eq!(asked("ec2"), regions + 3);
    assert_eq!(asked("ecs"), regions);
}

#[test]
fn user_data_is_left_alone_unless_asked_for() {
    let aws = scenario("small-company");
    let report = parsed(&audit(&aws).run());
    assert!(!aws.calls().iter().any(|call| call.operation == "DescribeInstanceAttribute"));
    let unread: Vec<_> = of(&report, "credential-embedded-in-compute")
        .into_iter()
        .filter(|finding| finding["outcome"] == "not-evaluated")
        .collect();
    assert_eq!(unread.len(), 2, "one for each Region with instances: {unread:#?}");
    assert!(unread[0]["message"].as_str().unwrap().contains("--detail full"), "{unread:#?}");
}

#[test]
fn a_region_that_cannot_be_read_is_named() {
    let aws = scenario("empty");
    aws.faults([Fault::deny("lambda:ListFunctions").region("eu-west-3")]);
    let report = parsed(&audit(&aws).run());
    let finding = of(&report, "role-shared-across-workloads");
    assert_eq!(finding.len(), 1, "{finding:#?}");
    assert_eq!((&finding[0]["outcome"], &finding[0]["gap"]["region"]), (&"not-evaluated".into(), &"eu-west-3".into()));
    assert_eq!(finding[0]["gap"]["operation"], "lambda:ListFunctions");
    assert_eq!(of(&report, "role-ec2-imdsv2")[0]["outcome"], "not-applicable", "instances were read");
}
