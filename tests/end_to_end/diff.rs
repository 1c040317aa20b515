//! What changed between two snapshots or two runs, through the real command.

use serde_json::Value;

use crate::history::{later, mfa, sample, user_with};
use crate::support::{Probity, Run};

fn compare(old: &Value, new: &Value, arguments: &[&str]) -> Run {
    Probity::alone()
        .file("old.json", &old.to_string())
        .file("new.json", &new.to_string())
        .args(["diff", "old.json", "new.json", "--only", "user-mfa-console,role-trust-open-principal"])
        .args(arguments)
        .run()
}

#[test]
fn a_snapshot_is_the_same_as_itself() {
    let first = sample();
    let run = compare(&first, &first, &[]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(
        run.stdout.contains("Nothing else changed.") && run.stdout.contains("No finding changed."),
        "{}",
        run.stdout
    );
}

#[test]
fn findings_come_with_the_changes_behind_them() {
    let first = sample();
    let passing = user_with(&first, "pass");
    let mut opened = String::new();
    let second = later(&first, 1, |facts| {
        mfa(facts, &passing, false);
        let roles = facts["authorization_details"]["known"]["roles"].as_array_mut().unwrap();
        let role = roles.iter_mut().find(|role| !role["path"].as_str().unwrap().starts_with("/aws-")).unwrap();
        opened = role["arn"].as_str().unwrap().to_owned();
        let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}]}"#;
        role["trust_policy"] = document.into();
    });
    let run = compare(&first, &second, &["-f", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let answer = run.json();
    let changes = answer["changes"].as_array().unwrap();
    let behind = |check: &str, kind: &str| {
        let finding = answer["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == check);
        let finding = finding.unwrap_or_else(|| panic!("no finding of {check} in {answer:#}"));
        assert_eq!(finding["kind"], "came");
        let places: Vec<usize> =
            finding["changes"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
        assert!(places.iter().any(|place| changes[*place]["kind"] == kind), "{check}: {places:?} of {changes:#?}");
    };
    behind("user-mfa-console", "mfa-removed");
    behind("role-trust-open-principal", "trust-opened");
    let trust = changes.iter().find(|change| change["kind"] == "trust-opened").unwrap();
    assert_eq!(trust["subject"], opened.as_str());
    assert!(trust["document"].as_str().unwrap().contains("+"), "{trust}");
    let table = compare(&first, &second, &[]);
    for words in ["Findings that came (2)", "behind it: trust-opened", "the trust policy now names *"] {
        assert!(table.stdout.contains(words), "no {words} in\n{}", table.stdout);
    }
}

#[test]
fn runs_are_compared_by_their_findings() {
    let first = sample();
    let failing = user_with(&first, "fail");
    let run = |snapshot: &Value| {
        let file = snapshot.to_string();
        let run = Probity::alone().file("a.json", &file).args(["check", "a.json", "--quiet", "-f", "json"]).run();
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    let (old, new) = (run(&first), run(&later(&first, 1, |facts| mfa(facts, &failing, true))));
    let compared = compare(&old, &new, &["-f", "json"]);
    assert_eq!(compared.code, 1);
    let answer = compared.json();
    assert!(answer["changes"].is_null());
    let went = answer["findings"].as_array().unwrap().iter().any(|finding| {
        finding["kind"] == "went"
            && finding["check"] == "user-mfa-console"
            && finding["resource"].as_str().unwrap().ends_with(&failing)
    });
    assert!(went, "{answer:#}");
}

/// The sample as another account.
fn as_account(snapshot: &Value, account: &str) -> Value {
    let own = snapshot["account"].as_str().unwrap();
    serde_json::from_str(&snapshot.to_string().replace(own, account)).unwrap()
}

/// A run of several accounts, as `-f json` writes it.
fn run_of(snapshots: &[Value]) -> Value {
    let names: Vec<String> = (0..snapshots.len()).map(|number| format!("{number}.json")).collect();
    let checks = "user-mfa-console,role-trust-open-principal";
    let mut probity = Probity::alone().args(["check", "--quiet", "-f", "json", "--only", checks]).args(&names);
    for (name, snapshot) in names.iter().zip(snapshots) {
        probity = probity.file(name, &snapshot.to_string());
    }
    let run = probity.run();
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))
}

#[test]
fn runs_of_several_accounts_are_compared_account_by_account() {
    const STAYS: &str = "111111111111";
    const WENT: &str = "222222222222";
    const CAME: &str = "333333333333";
    let first = sample();
    let fixed = user_with(&first, "fail");
    let better = later(&first, 1, |facts| mfa(facts, &fixed, true));
    let old = run_of(&[as_account(&first, STAYS), as_account(&first, WENT)]);
    let new = run_of(&[as_account(&better, STAYS), as_account(&better, CAME)]);
    let compared = compare(&old, &new, &["-f", "json"]);
    assert_eq!(compared.code, 1, "{}", compared.stderr);
    let answer = compared.json();
    let kinds: Vec<(&str, &str)> = answer["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| (account["account"].as_str().unwrap(), account["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [(STAYS, "compared"), (WENT, "went"), (CAME, "came")]);
    let of = |account: &str| -> std::collections::BTreeSet<&str> {
        let findings = answer["findings"].as_array().unwrap().iter().filter(|finding| finding["account"] == account);
        findings.map(|finding| finding["kind"].as_str().unwrap()).collect()
    };
    assert_eq!(of(STAYS), ["went"].into());
    assert_eq!(of(WENT), ["went-with-account"].into(), "nobody fixed them");
    assert_eq!(of(CAME), ["came-with-account"].into());
    let table = compare(&old, &new, &[]).stdout;
    for words in [
        "Account 111111111111",
        "Findings that went (1)",
        "went: it is in the old run alone",
        "Findings whose account is not in the new run: nobody looked at them",
        "came: it is in the new run alone",
        "Findings that came with their account",
    ] {
        assert!(table.contains(words), "no {words} in\n{table}");
    }
    let same = compare(&old, &old, &[]);
    assert_eq!(same.code, 0);
    assert!(same.stdout.contains("2 accounts have the same findings as before."), "{}", same.stdout);
}

#[test]
fn two_accounts_are_not_compared() {
    let first = sample();
    let mut other = first.clone();
    other["account"] = "999988887777".into();
    let run = compare(&first, &other, &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("different accounts"), "{}", run.stderr);
    let foreign = compare(&first, &serde_json::json!({"a": 1}), &[]);
    assert_eq!(foreign.code, 2);
}
