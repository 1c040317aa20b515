//! Who can do what, asked of a live account and of a snapshot.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use crate::findings::{NOW, scenario};
use crate::support::{Probity, Run};
use crate::telling::sample_snapshot;

/// A snapshot of a scenario, collected once for all questions.
fn snapshot(kept: &'static OnceLock<(tempfile::TempDir, PathBuf)>, name: &str) -> &'static PathBuf {
    let (_, file) = kept.get_or_init(|| {
        let aws = scenario(name);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(format!("{name}.json.zst"));
        let run = Probity::against(&aws)
            .args(["collect", "--quiet", "--now", NOW, "--detail", "full", "--last-accessed", "none", "-o"])
            .arg(&file)
            .run();
        assert_eq!(run.code, 0, "{}", run.stderr);
        (folder, file)
    });
    file
}

fn here() -> &'static PathBuf {
    static KEPT: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    snapshot(&KEPT, "small-company")
}

fn there() -> &'static PathBuf {
    static KEPT: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    snapshot(&KEPT, "member")
}

fn ask(arguments: &[&str]) -> Run {
    Probity::alone().args(["access", "--quiet", "--snapshot"]).arg(here()).args(arguments).run()
}

fn ends(value: &Value, end: &str) -> bool {
    value.as_str().is_some_and(|text| text.ends_with(end))
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
fn a_snapshot_answers_as_live_aws_does() {
    let aws = scenario("small-company");
    let question = ["who-can", "iam:CreateUser", "-f", "json"];
    let live = Probity::against(&aws).args(["access", "--quiet", "--now", NOW]).args(question).run().json();
    assert_eq!(ask(&question).json(), live);
    assert!(live["principals"].as_array().unwrap().len() >= 5, "{live:#}");
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

/// Whoever an identity provider vouches for, and another account that a role trusts, come in from outside.
#[test]
fn ways_that_begin_outside_are_listed_alone() {
    let answer = ask(&["paths", "--from", "outside", "-f", "json"]).json();
    let paths = answer["paths"].as_array().unwrap();
    assert!(!paths.is_empty());
    for path in paths {
        let text = serde_json::to_string(path).unwrap();
        assert!(text.contains("saml-provider") && path["certainty"] == "conditional", "{path:#}");
        assert_eq!(path["steps"][0]["method"], "sign-in-saml", "{path:#}");
    }
    let tree = ask(&["paths", "--from", "outside"]).stdout;
    assert!(tree.contains("if: StringEquals SAML:aud https://signin.aws.amazon.com/saml"), "{tree}");
    assert!(!tree.contains("ci-deploy"), "{tree}");
}

#[test]
fn ways_to_a_resource_end_at_whoever_may_use_it() {
    let bucket = "arn:aws:s3:::larkspur-payroll";
    let answer = ask(&["paths", "--to", bucket, "-f", "json"]).json();
    let vendor = |path: &&Value| serde_json::to_string(path).unwrap().contains("999988887777");
    let from = answer["paths"].as_array().unwrap().iter().find(vendor).expect("the vendor's way");
    assert!(ends(&from["steps"][0]["to"]["principal"], "role/cost-advisor"), "{from:#}");
    let tree = ask(&["paths", "--to", bucket]).stdout;
    assert!(tree.contains("s3:GetObject on arn:aws:s3:::larkspur-payroll/*"), "{tree}");
    let never = ask(&["paths", "--to", bucket, "--action", "s3:NoSuchAction", "-f", "json"]).json();
    let can = |answer: &Value| answer["paths"].as_array().unwrap().len();
    assert!(can(&never) < can(&answer), "only who may do everything may do that");
}

/// A role of the other account lets in who is administrator here.
#[test]
fn ways_lead_from_one_account_into_another() {
    let ask =
        |files: &[&PathBuf]| Probity::alone().args(["access", "paths", "--quiet", "-f", "json"]).args(files).run();
    let answer = ask(&[here(), there()]).json();
    let goal = answer["goals"].as_array().unwrap().iter().find(|goal| goal["to"] == "administrator of 444455556666");
    let role = "arn:aws:iam::444455556666:role/OrganizationAccountAccessRole";
    let enters = |path: &&Value| {
        let mut steps = path["steps"].as_array().unwrap().iter();
        ends(&path["from"], "user/service/ci-deploy") && steps.any(|step| step["to"]["principal"] == role)
    };
    let paths = goal.unwrap()["paths"].as_array().unwrap();
    let path = paths.iter().find(enters).unwrap_or_else(|| panic!("{answer:#}"));
    let methods: Vec<&str> =
        path["steps"].as_array().unwrap().iter().map(|step| step["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["assume-role"], "{path:#}");
    assert_eq!(path["certainty"], "unknown", "what the organization lays over the other account was not read");
    assert!(!paths.iter().any(|path| ends(&path["from"], "user/ben.okafor")), "both sides must allow: {answer:#}");
    // Of one account nobody of the other is known.
    let alone = ask(&[there()]).json();
    let inside = |path: &&Value| path["outside"] == false;
    assert_eq!(alone["paths"].as_array().unwrap().iter().filter(inside).count(), 0, "{alone:#}");
    let twice = ask(&[here(), here()]);
    assert_eq!(twice.code, 2, "{twice:#?}");
}

/// The policy that is left when what was never used is taken away, whole, to be copied.
#[test]
fn a_narrower_policy_is_proposed_whole() {
    let folder = tempfile::tempdir().unwrap();
    let demo = sample_snapshot(folder.path());
    let run = Probity::alone()
        .args(["explain", "unused-service-permissions", "--resource", "user/ben.okafor", "--snapshot"])
        .arg(&demo)
        .run();
    let (_, text) = run.stdout.split_once("proposed_policy:\n").unwrap_or_else(|| panic!("{}", run.stdout));
    let end = text.find("\n}\n").unwrap() + 3;
    let policy: Value = serde_json::from_str(&text[..end]).unwrap_or_else(|error| panic!("{error}: {text}"));
    let statements = policy["Statement"].as_array().unwrap();
    assert!(statements.len() >= 2, "{policy:#}");
    let lint = Probity::alone().args(["lint", "--kind", "identity", "-"]).stdin(&text.as_bytes()[..end]).run();
    assert!(lint.stdout.contains(": 0 errors"), "{}", lint.stdout);
}
