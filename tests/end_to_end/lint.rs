//! What is wrong in policy documents, of files and of an account.

use serde_json::Value;

use crate::findings::{NOW, scenario};
use crate::support::Probity;

/// A policy with a typing error and a role that anyone may pass on.
const DOCUMENT: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Allow\", \"Action\": [\"s3:GetObjct\", \"iam:PassRole\"], \"Resource\": \"*\"}\n  ]\n}\n";

fn codes(report: &Value) -> Vec<String> {
    let findings = report.as_array().unwrap().iter().flat_map(|document| document["findings"].as_array().unwrap());
    findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_finding_points_into_the_file() {
    let run = Probity::alone().file("policy.json", DOCUMENT).args(["lint", "policy.json"]).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("policy.json:4:36: ERROR INVALID_ACTION"), "{}", run.stdout);
    assert!(run.stdout.contains("SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE"), "{}", run.stdout);
}

#[test]
fn standard_input_is_read_and_the_gravity_decides() {
    let lint = |arguments: &[&str]| Probity::alone().stdin(DOCUMENT).args(["lint", "-"]).args(arguments).run();
    assert_eq!(lint(&["--fail-on", "never"]).code, 0);
    assert_eq!(lint(&["--fail-on", "error"]).code, 1);
    assert_eq!(codes(&lint(&["-f", "json"]).json()).len(), 2);
}

#[test]
fn sarif_has_a_rule_for_each_result() {
    let run = Probity::alone().file("a b.json", DOCUMENT).args(["lint", "a b.json", "-f", "sarif"]).run();
    let log = run.json();
    let result = &log["runs"][0]["results"][0];
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.json");
    assert_eq!(place["region"]["startLine"], 4);
}

#[test]
fn the_documents_of_an_account_are_linted() {
    let aws = scenario("small-company");
    let run = Probity::against(&aws).args(["lint", "--account", "--quiet", "--now", NOW, "-f", "json"]).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report = run.json();
    let names: Vec<&str> = report.as_array().unwrap().iter().map(|one| one["document"].as_str().unwrap()).collect();
    assert!(names.iter().any(|name| name.ends_with("policy/legacy-everything v1")), "{names:#?}");
    assert!(names.iter().any(|name| name.ends_with("role/github-deploy, trust policy")), "{names:#?}");
    assert!(names.iter().any(|name| name.contains("keep-in-the-organization")), "{names:#?}");
    assert!(!names.iter().any(|name| name.contains("iam::aws:policy")), "{names:#?}");
}

#[test]
fn what_is_no_policy_is_a_finding_and_what_is_no_file_an_error() {
    let run = Probity::alone().file("a.json", "{\"Version\": ").args(["lint", "a.json", "-f", "json"]).run();
    assert_eq!(run.code, 1);
    assert_eq!(codes(&run.json()), ["JSON_SYNTAX_ERROR"]);
    assert_eq!(Probity::alone().args(["lint", "nowhere.json"]).run().code, 2);
    assert_eq!(Probity::alone().args(["lint"]).run().code, 2);
}
