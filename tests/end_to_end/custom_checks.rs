//! Checks of one's own, in Rego, judged by the real binary beside the built-in ones.

use serde_json::json;

use crate::findings::{of, parsed};
use crate::support::Probity;

/// The examples of the documentation.
fn examples() -> String {
    format!("{}/docs/examples/checks", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_documented_example_judges_the_sample_account() {
    let run = Probity::alone()
        .args(["demo", "--quiet", "-f", "json", "--checks-dir", &examples(), "--only", "acme-role-owner"])
        .run();
    let report = parsed(&run);
    let checks: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert_eq!(checks, ["acme-role-owner"]);
    let outcomes: Vec<&str> =
        of(&report, "acme-role-owner").iter().map(|finding| finding["outcome"].as_str().unwrap()).collect();
    assert!(outcomes.contains(&"fail"), "{outcomes:?}");
    // What it needs was read, and nothing else.
    let calls: Vec<&str> = report["accounts"][0]["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["operation"].as_str().unwrap())
        .collect();
    assert!(calls.contains(&"iam:GetAccountAuthorizationDetails"), "{calls:?}");
    assert!(!calls.iter().any(|call| call.starts_with("cloudtrail:")), "{calls:?}");
}

#[test]
fn it_stands_beside_the_built_in_checks_and_counts() {
    let demo = |more: &[&str]| {
        let only = ["demo", "--quiet", "-f", "json", "--only"];
        parsed(&Probity::alone().args(only).args(more).run())
    };
    let alone = demo(&["role-support-access"]);
    let beside = demo(&["role-support-access,acme-role-owner", "--checks-dir", &examples()]);
    assert_eq!(beside["checks"].as_array().unwrap().len(), 2);
    assert_ne!(alone["score"], beside["score"]);
    assert_eq!(of(&alone, "role-support-access"), of(&beside, "role-support-access"));
}

#[test]
fn it_counts_in_the_frameworks_that_it_names() {
    let demo = |more: &[&str]| {
        let framework = ["demo", "--quiet", "-f", "json", "--framework", "iso-27001-2022"];
        parsed(&Probity::alone().args(framework).args(more).run())
    };
    let control = |report: &serde_json::Value| {
        let controls = report["frameworks"][0]["controls"].as_array().unwrap();
        controls.iter().find(|control| control["id"] == "A.5.15").unwrap().clone()
    };
    let named = |control: &serde_json::Value| -> Vec<String> {
        control["checks"].as_array().unwrap().iter().map(|check| check["check"].as_str().unwrap().to_owned()).collect()
    };
    let (alone, beside) = (control(&demo(&[])), control(&demo(&["--checks-dir", &examples()])));
    assert!(!named(&alone).contains(&"acme-role-owner".to_owned()));
    let own = beside["checks"].as_array().unwrap().iter().find(|check| check["check"] == "acme-role-owner").unwrap();
    assert_eq!(
        (&own["title"], &own["ran"], &own["proposed"]),
        (&json!("Roles carry the tag owner"), &json!(true), &json!(true))
    );
    assert!(own["outcomes"]["fail"].as_u64() > Some(0), "{own}");
    assert_eq!(beside["verdict"], "fail");
    assert_ne!(alone["reason"], beside["reason"], "its failures are counted");
}

#[test]
fn a_folder_that_cannot_be_used_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let refused = |word: &str| {
        let run = Probity::alone().args(["demo", "--checks-dir", &path]).run();
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(word), "{}", run.stderr);
    };
    refused("no .rego file");
    std::fs::write(folder.path().join("mine.rego"), "package mine\ncheck := {\"id\": \"Mine\"}\nfindings := set()")
        .unwrap();
    refused("mine.rego");
}
