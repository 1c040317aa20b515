//! Checks written in Rego keep the promises of the built-in ones.

#![allow(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use probity_model::builder::{Account, denied};
use probity_model::{Finding, GapKind, Outcome, Seen, Topic};
use probity_rego::{CustomCheck, Prepared, RegoError, load};

const META: &str = r#"
check := {"id": "acme-x", "title": "t", "severity": "low", "family": "policies", "resource": "iam-role", "needs": ["authorization-details"],
  "summary": "s", "why": "w", "pass": "p", "fail": "f", "fix": "x"}
"#;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

fn loaded(body: &str) -> Result<Vec<CustomCheck>, RegoError> {
    let folder = folder(&[("x.rego", &format!("package acme.x\n{META}\n{body}"))]);
    load(folder.path(), |_| false)
}

fn judged(body: &str, account: Account) -> Vec<Finding> {
    let checks = loaded(body).expect("a check");
    let snapshot = account.build();
    let prepared = Prepared::new(&snapshot);
    checks.iter().flat_map(|check| check.judge(&prepared)).collect()
}

fn example() -> CustomCheck {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples/checks");
    let checks = load(&folder, |_| false).expect("the examples of the documentation");
    checks.into_iter().find(|check| check.metadata.id == "acme-role-owner").expect("the example")
}

fn outcomes(findings: &[Finding]) -> Vec<(String, Outcome)> {
    let name = |finding: &Finding| finding.resource.as_str().rsplit('/').next().unwrap_or_default().to_owned();
    findings.iter().map(|finding| (name(finding), finding.outcome)).collect()
}

#[test]
fn the_documented_example_passes_fails_and_leaves_new_roles_alone() {
    let account = Account::new()
        .role("kept", |role| role.tag("owner", "platform").created_days_ago(400))
        .role("lost", |role| role.created_days_ago(400))
        .role("empty", |role| role.tag("owner", "").created_days_ago(8))
        .role("new", |role| role.created_days_ago(7))
        .role("linked", |role| role.path("/aws-service-role/x.amazonaws.com/").created_days_ago(400));
    let snapshot = account.build();
    let findings = example().judge(&Prepared::new(&snapshot));
    let expected =
        [("empty", Outcome::Fail), ("kept", Outcome::Pass), ("lost", Outcome::Fail), ("new", Outcome::NotApplicable)];
    assert_eq!(outcomes(&findings), expected.map(|(name, outcome)| (name.to_owned(), outcome)));
    let lost = findings.iter().find(|finding| finding.resource.as_str().ends_with("/lost")).expect("the role");
    assert!(lost.evidence.iter().any(|item| item.key == "age_days" && item.value == "400"), "{:?}", lost.evidence);
    assert_eq!(*lost.operations, ["iam:GetAccountAuthorizationDetails"]);
}

#[test]
fn judging_twice_gives_the_same_findings() {
    let snapshot = Account::new().role("a", |role| role).role("b", |role| role.tag("owner", "x")).build();
    let check = example();
    assert_eq!(check.judge(&Prepared::new(&snapshot)), check.judge(&Prepared::new(&snapshot)));
}

#[test]
fn a_topic_that_could_not_be_read_is_never_judged() {
    let snapshot = Account::new().role("a", |role| role).deny(Topic::AuthorizationDetails).build();
    let findings = example().judge(&Prepared::new(&snapshot));
    assert_eq!(findings.iter().map(|finding| finding.outcome).collect::<Vec<_>>(), [Outcome::NotEvaluated]);
    assert_eq!(findings[0].gap.as_ref().map(|gap| gap.kind), Some(GapKind::Denied));
}

/// A policy that passes whatever it sees still may not hide a Region that nobody read.
#[test]
fn a_gap_inside_a_topic_stands_beside_the_findings() {
    let meta = META.replace("authorization-details", "trails");
    let body = r#"findings contains {"resource": "arn:aws:iam::1:root", "outcome": "pass", "message": "ok"}"#;
    let account = || {
        Account::new().facts(|facts| {
            let Seen::Known(trails) = &mut facts.trails else { return };
            let region = trails.regions.keys().next().cloned().expect("a Region");
            trails.regions.insert(region, Seen::Missing(denied(Topic::Trails)));
        })
    };
    let snapshot = account().build();
    assert!(snapshot.facts.trails.get().is_ok(), "the builder's account has trails");
    let findings = |meta: &str| {
        let folder = folder(&[("x.rego", &format!("package acme.x\n{meta}\n{body}"))]);
        let checks = load(folder.path(), |_| false).expect("a check");
        let mut outcomes: Vec<Outcome> =
            checks[0].judge(&Prepared::new(&snapshot)).iter().map(|finding| finding.outcome).collect();
        outcomes.sort_unstable();
        outcomes
    };
    assert_eq!(findings(&meta), [Outcome::NotEvaluated, Outcome::Pass]);
    let handles = meta.replace("\"needs\"", "\"handles_gaps\": true, \"needs\"");
    assert_eq!(findings(&handles), [Outcome::Pass]);
}

#[test]
fn nothing_to_judge_does_not_apply() {
    let findings = judged("findings contains x if { x := {}; false }", Account::new());
    assert_eq!(findings.iter().map(|finding| finding.outcome).collect::<Vec<_>>(), [Outcome::NotApplicable]);
}

#[test]
fn what_is_no_finding_is_not_evaluated_and_says_why() {
    for (body, word) in [
        (r#"findings contains {"resource": "r", "outcome": "passed", "message": "m"}"#, "passed"),
        (r#"findings contains {"resource": "r", "outcome": "pass", "message": "m", "sevrity": "low"}"#, "sevrity"),
        (r#"findings contains {"outcome": "pass", "message": "m"}"#, "resource"),
        (r#"findings := "all is well""#, "not a set"),
        (r#"findings contains {"resource": "r", "outcome": "pass", "message": to_number("x")}"#, "failed"),
    ] {
        let findings = judged(body, Account::new());
        assert_eq!(
            findings.iter().map(|finding| finding.outcome).collect::<Vec<_>>(),
            [Outcome::NotEvaluated],
            "{body}"
        );
        assert!(findings[0].message.contains(word), "{body}: {}", findings[0].message);
    }
}

#[test]
fn what_depends_on_more_than_the_snapshot_is_refused() {
    for builtin in ["time.now_ns()", "rand.intn(\"a\", 3)", "http.send({})", "uuid.rfc4122(\"a\")", "opa.runtime()"] {
        let error = loaded(&format!("findings contains x if {{ x := {builtin} }}")).expect_err(builtin);
        assert!(matches!(error, RegoError::Impure { line: 6, .. }), "{error}");
    }
    // Said in a comment, it does no harm.
    assert!(loaded("# not time.now_ns()\nfindings contains x if { x := {}; false }").is_ok());
}

#[test]
fn metadata_that_is_wrong_names_the_field() {
    let with = |from: &str, to: &str| {
        let text = format!("package acme.x\n{}\nfindings contains x if {{ x := {{}}; false }}", META.replace(from, to));
        let folder = folder(&[("x.rego", &text)]);
        load(folder.path(), |id| id == "root-mfa-enabled").expect_err("wrong").to_string()
    };
    assert!(with("\"low\"", "\"bad\"").contains("bad"));
    assert!(with("\"fix\": \"x\"", "\"fx\": \"x\"").contains("fx"));
    assert!(with("\"why\": \"w\"", "\"why\": \" \"").contains("check.why"));
    assert!(with("acme-x", "Acme_X").contains("kebab-case"));
    assert!(with("authorization-details", "authorisation").contains("authorisation"));
    assert!(with("[\"authorization-details\"]", "[]").contains("check.needs"));
    assert!(with("\"fix\": \"x\"", "\"fix\": \"x\", \"controls\": [\"2.4\"]").contains("FRAMEWORK:CONTROL"));
    assert!(with("acme-x", "root-mfa-enabled").contains("built-in"));
}

#[test]
fn a_folder_that_is_no_folder_of_checks_says_so() {
    let none = folder(&[("README.md", "x"), ("a_test.rego", "package a")]);
    assert!(matches!(load(none.path(), |_| false), Err(RegoError::Empty { .. })));
    assert!(matches!(load(&none.path().join("absent"), |_| false), Err(RegoError::Read { .. })));
    let broken = folder(&[("b.rego", "package b\nfindings contains {")]);
    let error = load(broken.path(), |_| false).expect_err("broken").to_string();
    assert!(error.contains("b.rego"), "{error}");
    let twice = [
        ("a.rego", format!("package a\n{META}\nfindings := set()")),
        ("b.rego", format!("package b\n{META}\nfindings := set()")),
    ];
    let twice = folder(&[(twice[0].0, &twice[0].1), (twice[1].0, &twice[1].1)]);
    assert!(matches!(load(twice.path(), |_| false), Err(RegoError::Taken { .. })));
}
