//! What the program tells of itself: its checks, its frameworks, its permissions, its options.

use std::path::{Path, PathBuf};

use crate::support::Probity;

fn told(arguments: &[&str]) -> String {
    let run = Probity::alone().args(arguments).run();
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    assert!(!run.stdout.is_empty(), "{arguments:?}");
    run.stdout
}

#[test]
fn every_check_is_listed_and_explained() {
    let list = Probity::alone().args(["checks", "-f", "json"]).run().json();
    let table = told(&["checks"]);
    let checks = list.as_array().unwrap();
    assert!(checks.len() >= 37, "{}", checks.len());
    for check in checks {
        let id = check["id"].as_str().unwrap();
        assert!(table.contains(id), "{id} is not in the table");
        let text = told(&["explain", id]);
        for part in ["Why", "Passes when", "Fails when", "Evidence", "Fix"] {
            assert!(text.lines().any(|line| line == part), "{id} lacks `{part}`:\n{text}");
        }
        for parameter in check["parameters"].as_array().unwrap() {
            assert!(text.contains(parameter["name"].as_str().unwrap()), "{id}: {parameter}");
        }
        for evidence in check["evidence"].as_array().unwrap() {
            for call in evidence["calls"].as_array().unwrap() {
                assert!(text.contains(call["operation"].as_str().unwrap()), "{id}: {call}");
            }
        }
    }
}

#[test]
fn a_parameter_that_is_set_shows() {
    let text = told(&["explain", "user-access-key-rotation", "--set", "user-access-key-rotation.max_age_days=60"]);
    assert!(text.contains("max_age_days = 60 days") && text.contains("The default is 90"), "{text}");
}

#[test]
fn frameworks_are_listed_and_shown() {
    let list = told(&["frameworks"]);
    for framework in ["cis-7.0", "aws-fsbp", "nist-800-53-r5", "pci-4.0.1", "iso-27001-2022", "soc-2"] {
        assert!(list.contains(framework), "{list}");
    }
    let shown = told(&["frameworks", "show", "cis-3.0"]);
    assert!(shown.contains("root-access-key-absent"), "{shown}");
    let run = Probity::alone().args(["frameworks", "show", "cis-7"]).run();
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("did you mean `cis-7.0`"), "{}", run.stderr);
}

#[test]
fn fewer_checks_need_fewer_permissions() {
    let actions = |arguments: &[&str]| {
        let run = Probity::alone().arg("permissions").args(arguments).run();
        run.json()["Statement"][0]["Action"].as_array().unwrap().len()
    };
    let (all, standard) = (actions(&[]), actions(&["--detail", "standard"]));
    let root = actions(&["--only", "family:root"]);
    assert!(root < standard && standard < all, "{root}, {standard}, {all}");
}

#[test]
fn shells_and_man_are_served() {
    assert!(told(&["completions", "bash"]).contains("probity"));
    assert!(told(&["man"]).contains(".TH probity"));
    assert!(told(&["--version"]).starts_with("probity "));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for arguments in [&["audit", "--detail", "much"][..], &["check"], &["unknown"], &["audit", "-f", "exel"]] {
        let run = Probity::alone().args(arguments).run();
        assert_eq!(run.code, 2, "{arguments:?}");
    }
}

/// The snapshot of the sample account, in a folder.
pub(crate) fn sample_snapshot(folder: &Path) -> PathBuf {
    let kept = folder.join("demo.json");
    let run = Probity::alone().args(["demo", "--quiet", "--save-snapshot"]).arg(&kept).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    kept
}

#[test]
fn a_verdict_on_one_resource_is_explained_with_its_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let kept = sample_snapshot(folder.path());
    let explain = |resource: &str| {
        Probity::alone().args(["explain", "user-mfa-console", "--resource", resource, "--snapshot"]).arg(&kept).run()
    };
    let carla = explain("user/carla.mendes");
    assert!(carla.stdout.starts_with("fail arn:aws:iam::111122223333:user/carla.mendes"), "{}", carla.stdout);
    assert!(carla.stdout.contains("mfa_active = false"), "{}", carla.stdout);
    let nobody = explain("user/nobody");
    assert_eq!(nobody.code, 2);
    assert!(nobody.stderr.contains("says nothing of `user/nobody`"), "{}", nobody.stderr);
}
