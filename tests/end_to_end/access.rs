//! Who can do what, asked of a live account and of a snapshot.

use crate::findings::{NOW, scenario};
use crate::support::{Probity, Run};

fn ask(arguments: &[&str]) -> Run {
    let aws = scenario("small-company");
    Probity::against(&aws).args(["access", "--quiet", "--now", NOW]).args(arguments).run()
}

#[test]
fn an_allowed_action_names_the_statement_that_allows_it() {
    let run = ask(&["can", "ben.okafor", "s3:GetObject", "arn:aws:s3:::larkspur-assets/logo.png"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("allowed: user/ben.okafor"), "{}", run.stdout);
    assert!(run.stdout.contains("policy/developer-access, statement 1"), "{}", run.stdout);
}

#[test]
fn a_denied_action_says_where_an_allow_is_missing() {
    let run = ask(&["can", "user/ben.okafor", "iam:CreateUser", "-f", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let answer = run.json();
    assert_eq!(answer["decision"], "denied");
    assert_eq!(answer["no_allow_in"], serde_json::json!(["identity policy"]));
}

#[test]
fn a_boundary_takes_away_what_a_group_gives() {
    let run = ask(&["can", "grover.rootham", "ec2:DescribeInstances"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("nothing allows it in: permissions boundary"), "{}", run.stdout);
}

#[test]
fn administrators_are_told_by_effect() {
    let run = ask(&["admins", "-f", "json"]);
    let answer = run.json();
    let names: Vec<&str> = answer["administrators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["principal"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    for name in ["ada.lindqvist", "lena.contractor", "datacenter-migration", "break-glass-admin"] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    assert!(!names.contains(&"web-server"), "an earlier version of a policy is not in force");
}

#[test]
fn a_snapshot_answers_without_aws() {
    let aws = scenario("small-company");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.json");
    let run = Probity::against(&aws)
        .args(["collect", "--quiet", "--now", NOW, "--last-accessed", "none", "-o"])
        .arg(&file)
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let who =
        Probity::alone().args(["access", "who-can", "iam:CreateUser", "-f", "json", "--snapshot"]).arg(&file).run();
    let answer = who.json();
    let live = ask(&["who-can", "iam:CreateUser", "-f", "json"]).json();
    assert_eq!(answer, live);
    assert!(answer["principals"].as_array().unwrap().len() >= 5, "{answer:#}");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    for (arguments, word) in [
        (&["can", "ben.okafo", "s3:GetObject"][..], "did you mean `ben.okafor`"),
        (&["can", "ben.okafor", "GetObject"], "SERVICE:NAME"),
        (&["who-can", "s3:*"], "without wildcards"),
        (&["can", "ben.okafor", "s3:GetObject", "*", "--context", "mfa"], "KEY=VALUE"),
    ] {
        let run = ask(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {run:#?}");
        assert!(run.stderr.contains(word), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn paths_name_each_step_and_what_opens_it() {
    let run = ask(&["paths", "-f", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let answer = run.json();
    let paths = answer["paths"].as_array().unwrap();
    let deploy = paths.iter().find(|path| path["from"].as_str().unwrap().ends_with("/ci-deploy")).unwrap();
    assert_eq!(deploy["certainty"], "certain");
    let step = &deploy["steps"][0];
    assert_eq!(step["method"], "assume-role");
    assert!(step["to"]["principal"].as_str().unwrap().ends_with("role/break-glass-admin"), "{step:#}");
    assert!(!step["statements"].as_array().unwrap().is_empty());
    let others = ask(&["paths", "--from", "ben.okafor", "-f", "json"]).json();
    assert_eq!(others["paths"], serde_json::json!([]));
}

#[test]
fn paths_are_drawn_as_tree_and_graphs() {
    let tree = ask(&["paths"]).stdout;
    assert!(tree.contains("└─ assume-role → role/break-glass-admin"), "{tree}");
    assert!(ask(&["paths", "-f", "dot"]).stdout.starts_with("digraph paths {"));
    assert!(ask(&["paths", "-f", "mermaid"]).stdout.starts_with("flowchart LR"));
    let refused = ask(&["admins", "-f", "dot"]);
    assert_eq!(refused.code, 2, "{refused:#?}");
}
