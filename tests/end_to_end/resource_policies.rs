//! Whom the policies of resources let in: by the word of Access Analyzer, or read directly.

use crate::findings::{audit, of, parsed, resources, scenario};

const CHECK: &str = "resource-policy-public";

#[test]
fn policies_are_read_directly_where_no_analyzer_runs() {
    let aws = scenario("neglected");
    let report = parsed(&audit(&aws).args(["--detail", "full", "--regions", "us-east-1,us-west-2"]).run());
    let failed = resources(&report, CHECK, "fail");
    for open in ["clicks", "database-Ab12Cd", "dusty-downloads", "old-logs"] {
        assert!(failed.contains(open), "{open} is open: {failed:?}");
    }
    let passed = resources(&report, CHECK, "pass");
    for closed in ["alarms", "0dead000-0000-4000-a000-0000000000c1"] {
        assert!(passed.contains(closed), "{closed} is not: {passed:?}");
    }
    let source = |name: &str| {
        let all = of(&report, CHECK);
        let one =
            all.into_iter().find(|it| it["outcome"] == "fail" && it["resource"].as_str().unwrap().ends_with(name));
        one.unwrap()["evidence"].to_string()
    };
    assert!(source("dusty-downloads").contains("Access Analyzer"));
    assert!(source("clicks").contains("the policy"));
}

#[test]
fn without_an_analyzer_the_default_says_that_it_cannot_tell() {
    let aws = scenario("empty");
    let report = parsed(&audit(&aws).run());
    assert!(!aws.calls().iter().any(|call| call.operation == "GetKeyPolicy" || call.operation == "ListSecrets"));
    let findings = of(&report, CHECK);
    assert!(findings.iter().any(|finding| finding["outcome"] == "not-evaluated"), "{findings:#?}");
    assert!(!findings.iter().any(|finding| finding["outcome"] == "fail"), "{findings:#?}");
}

#[test]
fn secrets_are_listed_once_and_judged_by_when_they_rotate() {
    let check = "secrets-rotation";
    let aws = scenario("neglected");
    let report = parsed(&audit(&aws).args(["--detail", "full", "--regions", "us-east-1,us-west-2"]).run());
    assert_eq!(aws.calls().iter().filter(|call| call.operation == "ListSecrets").count(), 2, "once a Region");
    assert_eq!(resources(&report, check, "fail"), ["database-Ab12Cd", "forgotten-Ab12Cd"].map(str::to_owned).into());
    assert_eq!(resources(&report, check, "not-applicable"), ["of-a-service-Ab12Cd".to_owned()].into());
    let late =
        of(&report, check).into_iter().find(|it| it["resource"].as_str().unwrap().contains("forgotten")).unwrap();
    assert_eq!(late["message"], "the secret was to be rotated 170 days ago, and was not");

    let aws = scenario("clean");
    let report = parsed(&audit(&aws).args(["--detail", "full", "--regions", "eu-west-1"]).run());
    assert_eq!(resources(&report, check, "pass"), ["exports-Ab12Cd".to_owned()].into());

    let aws = scenario("clean");
    let report = parsed(&audit(&aws).args(["--only", check]).run());
    assert!(aws.calls().iter().all(|call| call.operation != "ListSecrets"));
    assert_eq!(of(&report, check)[0]["gap"]["kind"], "not-requested");
}
