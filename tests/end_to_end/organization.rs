//! Several accounts in one run: an organization, accounts named one by one, accounts that fail, runs that are killed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::findings::{NOW, of, scenario};
use crate::support::{ACCESS_KEY, AwsRequest, Bucket, Emulator, Fault, Probity, Run, SECRET_KEY, SESSION_TOKEN};

const ACCOUNTS: usize = 12;
const USUAL: [&str; 9] =
    ["audit", "--org", "--now", NOW, "--last-accessed", "none", "--regions", "us-east-1", "--quiet"];

pub(crate) fn account(number: usize) -> String {
    if number == 0 { "111122223333".to_owned() } else { format!("{}", 200_000_000_000_usize + number) }
}

pub(crate) fn organization(count: usize) -> Emulator {
    scenario(&format!("fleet-{count}"))
}

pub(crate) fn audit(aws: &Emulator) -> Probity {
    Probity::against(aws).args(USUAL)
}

pub(crate) fn json_of(run: &Run) -> Value {
    assert!(run.code == 0 || run.code == 1, "{run:#?}");
    run.json()
}

fn standing<'r>(report: &'r Value, account: &str) -> &'r Value {
    let accounts = report["organization"]["accounts"].as_array().unwrap();
    accounts.iter().find(|one| one["account"] == account).unwrap_or_else(|| panic!("no {account} in {accounts:#?}"))
}

/// A report without what is of the one run only: calls made, and when.
pub(crate) fn essence(mut report: Value) -> Value {
    for account in report["accounts"].as_array_mut().unwrap() {
        account.as_object_mut().unwrap().remove("calls");
    }
    report
}

#[test]
fn every_account_is_audited_and_the_whole_is_judged() {
    let aws = organization(4);
    let report = json_of(&audit(&aws).args(["-f", "json"]).run());
    assert_eq!(report["accounts"].as_array().unwrap().len(), 4);
    // The root user and every user of each, read back from where they were kept.
    let users: Vec<&str> =
        report["credentials"].as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap()).collect();
    assert!(users.is_sorted(), "{users:?}");
    for number in 0..4 {
        let of_account = users.iter().filter(|one| **one == account(number)).count();
        assert!(of_account > 1, "{}: {of_account}", account(number));
    }
    let whole = &report["organization"];
    assert_eq!(whole["coverage"], json!({"accounts": 4, "complete": 4, "incomplete": 0, "failed": 0, "left_out": 0}));
    // Judged once, where it can be, and not in every account again.
    assert_eq!(of(&report, "root-centralized-management-enabled").len(), 1);
    assert_eq!(of(&report, "org-scp-guardrails-present").len(), 4);
    // What the organization says of a member is known, although the member itself is not told.
    let trust = of(&report, "role-trust-outside-organization");
    let failed: Vec<&Value> = trust.into_iter().filter(|finding| finding["outcome"] == "fail").collect();
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!(failed[0]["resource"], "arn:aws:iam::200000000003:role/vendor");
    assert!(of(&report, "role-trust-outside-organization").iter().all(|one| one["outcome"] != "not-evaluated"));
    assert_eq!(whole["outside_accounts"][0]["party"], "999900001111");
    assert_eq!(whole["delegated_administrators"], json!({"known": []}), "read, and there is none");
    // A user of one account who is an administrator of another.
    let chain = &whole["chains"][0];
    assert_eq!(chain["from"], "arn:aws:iam::200000000001:user/user-01");
    assert_eq!(chain["example"], json!(["arn:aws:iam::200000000002:role/deployer"]));
    let chains = of(&report, "privesc-assume-chain");
    let across: Vec<_> = chains.iter().filter(|one| one["discriminator"] == "other accounts").collect();
    assert_eq!(across.len(), 1, "{across:#?}");
    assert_eq!((&across[0]["outcome"], &across[0]["account"]), (&json!("fail"), &json!("200000000001")));
    let member = standing(&report, "200000000001");
    assert_eq!(member["service_control_policies"].as_array().unwrap().len(), 2);
    assert_eq!(member["resource_control_policies"][1].as_str().unwrap().split(' ').next(), Some("own-buckets"));
    // No member is asked about the organization, and the credentials to begin with are enough for one call each.
    let calls = aws.calls();
    let asked = |name: &str| calls.iter().filter(|call| call.name() == name).count();
    assert_eq!(asked("sts:AssumeRole"), 3);
    assert_eq!(asked("organizations:DescribeOrganization"), 1);
    assert!(
        calls.iter().all(|call| call.service != "organizations" || call.account.as_deref() == Some("111122223333"))
    );
}

#[test]
fn what_is_asked_for_is_audited_and_the_rest_left_out() {
    let aws = organization(6);
    let accounts = |arguments: &[&str]| {
        let report = json_of(&audit(&aws).args(["-f", "json", "--only", "root-mfa-enabled"]).args(arguments).run());
        let list = report["accounts"].as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap().to_owned());
        (list.collect::<Vec<_>>(), report["organization"]["coverage"]["left_out"].as_u64().unwrap())
    };
    assert_eq!(accounts(&["--accounts", "200000000002,200000000004"]), (vec![account(2), account(4)], 4));
    assert_eq!(accounts(&["--ou", "Sandbox"]), (vec![account(2), account(5)], 4));
    assert_eq!(accounts(&["--exclude", "Workloads,111122223333"]), (vec![account(2), account(5)], 4));
    let wrong = audit(&aws).args(["--ou", "Nowhere"]).run();
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("Nowhere"), "{}", wrong.stderr);
}

#[test]
fn an_account_that_fails_is_named_and_the_others_are_untouched() {
    let (missing, denied, slow, closed) = (account(1), account(2), account(3), account(4));
    let aws = Emulator::of("fleet-12")
        .now("scenario")
        .patch(json!({
            "accounts": {&missing: {"roles": {"probity-audit": null}}, &denied: {"roles": {"probity-audit": {
                "trust": {"account": "111122223333", "external_id": "another-one-that-is-long"}}}}},
            "organization": {"root": {"units": {"Workloads": {"units": {"Development": {"accounts": {
                &closed: {"state": "SUSPENDED"}}}}}}}},
        }))
        .faults([Fault::latency("iam:GetAccountSummary", 120_000).account(&slow)])
        .start();
    let run = audit(&aws).args(["-f", "json", "--account-timeout", "45", "--concurrency", "4"]).run();
    let report = json_of(&run);
    let coverage = &report["organization"]["coverage"];
    assert_eq!((coverage["failed"].as_u64(), coverage["complete"].as_u64()), (Some(4), Some(8)), "{coverage:#}");
    let reason = |account: &str| standing(&report, account)["audit"]["reason"]["message"].as_str().unwrap().to_owned();
    assert!(reason(&missing).contains("cannot assume arn:aws:iam::200000000001:role/probity-audit"));
    assert_eq!(standing(&report, &denied)["audit"]["reason"]["code"], "AccessDenied");
    assert!(reason(&slow).contains("--account-timeout"), "{}", reason(&slow));
    assert!(reason(&closed).contains("SUSPENDED"), "{}", reason(&closed));
    // Nothing of them passes, and everything is said.
    for failed in [&missing, &denied, &slow, &closed] {
        let outcomes = standing(&report, failed)["outcomes"].as_object().unwrap();
        assert!(!outcomes.contains_key("pass") && outcomes["not-evaluated"].as_u64() > Some(40), "{outcomes:?}");
        assert_eq!(standing(&report, failed)["score"], Value::Null);
    }
    // The others are as they would be alone.
    let whole = json_of(&audit(&organization(12)).args(["-f", "json"]).run());
    let others: BTreeSet<String> = (5..12).map(account).collect();
    let concluded = |report: &Value| -> BTreeSet<String> {
        let findings = report["findings"].as_array().unwrap().iter();
        let of_others = findings.filter(|one| others.contains(one["account"].as_str().unwrap()));
        of_others
            .map(|one| format!("{} {} {} {}", one["check"], one["resource"], one["discriminator"], one["outcome"]))
            .collect()
    };
    let (disturbed, alone) = (concluded(&report), concluded(&whole));
    // What is said elsewhere of the account that is closed is about that account.
    let of_closed = |line: &&String| line.contains(&format!("/{closed}"));
    let differ: Vec<_> = disturbed.symmetric_difference(&alone).filter(|line| !of_closed(line)).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    let strict = audit(&aws).args(["--accounts", &missing, "--require-complete"]).run();
    assert_eq!(strict.code, 3, "{}", strict.stderr);
}

#[test]
fn accounts_are_named_by_roles_and_by_profiles() {
    let aws = organization(4);
    let roles = [1, 2].map(|number| format!("arn:aws:iam::{}:role/probity-audit", account(number)));
    let usual = ["audit", "--now", NOW, "--quiet", "-f", "json", "--only", "role-trust-outside-organization"];
    let report = json_of(
        &Probity::against(&aws)
            .args(usual)
            .args(["--role-arn", "roles.txt"])
            .file("roles.txt", &roles.join("\n"))
            .run(),
    );
    assert_eq!(report["organization"]["id"], Value::Null);
    assert_eq!(report["organization"]["coverage"]["accounts"], 2);
    // Sessions of two accounts, as two profiles hold them.
    let profile = |name: &str, number| {
        let role = format!("arn:aws:iam::{}:role/probity-audit", account(number));
        let request = AwsRequest::query("sts", "AssumeRole").field("RoleArn", &role).field("RoleSessionName", name);
        let answer = aws.ask(&request).text();
        let found = |key: &str| {
            let value = answer.split(&format!("<{key}>")).nth(1).unwrap().split('<').next().unwrap();
            format!("aws_{} = {value}\n", if key == "AccessKeyId" { "access_key_id" } else { "secret_access_key" })
        };
        format!(
            "[profile {name}]\n{}{}aws_session_token = any\nregion = us-east-1\n",
            found("AccessKeyId"),
            found("SecretAccessKey")
        )
    };
    let config = format!("{}{}", profile("one", 1), profile("three", 3));
    let run = Probity::at(aws.endpoint())
        .without_env("AWS_REGION")
        .file(".aws/config", &config)
        .args(usual)
        .args(["--profile", "one", "--profile", "three"])
        .run();
    let report = json_of(&run);
    let found: Vec<&str> =
        report["accounts"].as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap()).collect();
    assert_eq!(found, [account(1), account(3)]);
}

/// Kills the run as `kill -9` does, once so many accounts are done and a little later; whether it was still running.
fn killed(aws: &Emulator, state: &Path, option: &str, accounts: usize, later: Duration) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_probity"))
        .args(USUAL)
        .args(["--concurrency", "3", option])
        .arg(state)
        .args(["--endpoint-url", aws.endpoint()])
        .env_clear()
        .env("HOME", state.parent().unwrap())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_SESSION_TOKEN", SESSION_TOKEN)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut ran_to_its_end = false;
    while !(ran_to_its_end || state.join("state.json").exists() && done(state) >= accounts) {
        std::thread::sleep(Duration::from_millis(5));
        ran_to_its_end = child.try_wait().unwrap().is_some();
    }
    if !ran_to_its_end {
        std::thread::sleep(later);
        ran_to_its_end = child.try_wait().unwrap().is_some();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    !ran_to_its_end
}

/// Waits until what the killed runs had sent is answered.
fn settled(aws: &Emulator) {
    let mut before = usize::MAX;
    while aws.calls().len() != before {
        before = aws.calls().len();
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn done(state: &Path) -> usize {
    let accounts = std::fs::read_dir(state.join("accounts")).into_iter().flatten().flatten();
    accounts.filter(|entry| entry.path().join("record.json").exists()).count()
}

#[test]
fn a_run_that_is_killed_goes_on_and_ends_with_the_same_report() {
    let aws = organization(ACCOUNTS);
    let folder = tempfile::tempdir().unwrap();
    let report = |state: &str| {
        let json = folder.path().join(format!("{state}.json"));
        let csv = folder.path().join(format!("{state}.csv"));
        let run =
            audit(&aws).arg("--state").arg(folder.path().join(state)).arg("-o").arg(&json).arg("-o").arg(&csv).run();
        assert_eq!(run.code, 1, "{}", run.stderr);
        let report: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
        (essence(report), std::fs::read_to_string(csv).unwrap())
    };
    let (undisturbed, csv) = report("undisturbed");
    let state = folder.path().join("killed");
    let mut kills = 0;
    // With nothing done yet, right after an account was kept, and in the middle of the next ones.
    for (attempt, (more, later)) in [(0, 30), (1, 0), (1, 70)].into_iter().enumerate() {
        let option = if state.join("state.json").exists() { "--resume" } else { "--state" };
        if option == "--state" && state.exists() {
            std::fs::remove_dir_all(&state).unwrap();
        }
        let before = done(&state);
        kills += usize::from(killed(&aws, &state, option, before + more, Duration::from_millis(later)));
        assert!(done(&state) >= before, "attempt {attempt}: what was done stays done");
    }
    assert!(kills >= 2, "runs came to their end before they could be killed");
    let finished = done(&state);
    settled(&aws);
    aws.forget();
    let (json, file) = (folder.path().join("resumed.json"), folder.path().join("resumed.csv"));
    let run = audit(&aws).arg("--resume").arg(&state).arg("-o").arg(&json).arg("-o").arg(&file).run();
    assert_eq!(run.code, 1, "{}", run.stderr);
    let resumed: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(std::fs::read_to_string(file).unwrap(), csv);
    assert_eq!(essence(resumed), undisturbed);
    // Only what was missing was read.
    let entered = aws.calls().iter().filter(|call| call.name() == "iam:GetAccountSummary").count();
    assert_eq!(entered, ACCOUNTS - finished);
}

#[test]
fn a_state_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let aws = organization(4);
    let few = ["--only", "root-mfa-enabled"];
    let run = |aws: &Emulator, option: &str, more: &[&str]| audit(aws).arg(option).arg(&state).args(more).run();
    assert!(run(&aws, "--state", &few).code < 2);
    let refused = |aws: &Emulator, option: &str, more: &[&str], said: &str| {
        let run = run(aws, option, more);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    };
    refused(&aws, "--state", &few, "not empty");
    refused(&aws, "--resume", &[], "--only root-mfa-enabled");
    let patch = json!({"organization": {"id": "o-another0001"}});
    let other = Emulator::of("fleet-4").now("scenario").patch(patch).start();
    refused(&other, "--resume", &few, "o-another0001");
    let manifest = state.join("state.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("\"version\":1", "\"version\":7")).unwrap();
    refused(&aws, "--resume", &few, "version 7");
    std::fs::write(&manifest, "{}").unwrap();
    refused(&aws, "--resume", &few, "not the state of a run");
}

/// One account that is throttled takes nothing of the others' patience.
#[test]
fn an_account_that_is_throttled_starves_no_other() {
    let aws = organization(6);
    let throttled = account(1);
    aws.faults([Fault::throttle("iam:GetAccountSummary").account(&throttled)]);
    let report = json_of(&audit(&aws).args(["-f", "json", "--only", "root-mfa-enabled"]).run());
    let outcomes: BTreeMap<&str, &str> = of(&report, "root-mfa-enabled")
        .into_iter()
        .map(|one| (one["account"].as_str().unwrap(), one["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(outcomes[throttled.as_str()], "not-evaluated");
    assert_eq!(outcomes.values().filter(|outcome| **outcome == "not-evaluated").count(), 1, "{outcomes:?}");
}

#[test]
fn without_a_terminal_there_is_a_line_a_completed_account() {
    let aws = organization(4);
    let usual = ["audit", "--org", "--now", NOW, "--only", "root-mfa-enabled", "-f", "json"];
    let run = Probity::against(&aws).args(usual).run();
    json_of(&run);
    for said in ["Accounts     4", "4 of 4: ", "4 accounts; "] {
        assert!(run.stderr.contains(said), "{said:?} in {}", run.stderr);
    }
    assert_eq!(run.stderr.lines().filter(|line| line.contains(" of 4: ")).count(), 4, "{}", run.stderr);
    assert!(run.stderr.contains(" left"), "{}", run.stderr);
}

#[test]
fn every_account_gets_a_file_a_format_here_and_in_a_bucket() {
    let aws = organization(4);
    let bucket = Bucket::start();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = audit(&aws)
        .env("AWS_ENDPOINT_URL_S3", bucket.endpoint())
        .args(["--only", "family:root", "--output-dir", &format!("json,parquet={}", out.display())])
        .args(["-o", "s3://audit-results/2026/findings.csv"])
        .arg("-o")
        .arg(folder.path().join("all.credentials.csv"))
        .run();
    assert!(run.code < 2 && run.stdout.is_empty(), "{run:#?}");
    let mut users = 0;
    for number in 0..4 {
        let account = account(number);
        let json = std::fs::read(out.join(format!("{account}.json"))).unwrap();
        let report: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(report["accounts"][0]["account"], account.as_str());
        for what in ["findings", "credentials"] {
            let list = report[what].as_array().unwrap();
            assert!(!list.is_empty() && list.iter().all(|one| one["account"] == account.as_str()), "{what}: {list:#?}");
        }
        users += report["credentials"].as_array().unwrap().len();
        let parquet = out.join(format!("date=2026-11-02/account={account}/findings.parquet"));
        assert!(std::fs::read(parquet).unwrap().starts_with(b"PAR1"));
    }
    let sheet = csv::Reader::from_path(folder.path().join("all.credentials.csv")).unwrap();
    assert_eq!(sheet.into_records().count(), users);
    let objects = bucket.objects();
    let rows = csv::Reader::from_reader(objects["/audit-results/2026/findings.csv"].as_slice()).into_records().count();
    assert!(rows > 4 * 3, "{rows}");
    // What is written is what was asked for, and nothing is read, listed or deleted there.
    let asked = bucket.asked();
    assert_eq!(asked, [("PUT".to_owned(), "/audit-results/2026/findings.csv".to_owned(), true)]);
    let refused = audit(&aws).args(["-o", "s3://audit-results"]).run();
    assert_eq!(refused.code, 2, "{}", refused.stderr);
}
