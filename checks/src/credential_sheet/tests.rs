//! What stands in the sheet, and what stands there where something is missing.

use std::string::ToString as _;

use probity_model::Exception;
use probity_model::builder::{Account, days_ago};
use probity_model::facts::SshKeys;
use probity_model::facts::user_credentials::{MfaDevice, SshKey};
use probity_model::run::Selection;

use super::*;
use crate::access_keys::testing::{listed, with_list};
use crate::run::in_turn;
use crate::{CHECKS, Settings, assemble};

fn sheet(account: Account) -> Vec<UserCredentials> {
    let checks: Vec<&Entry> = CHECKS.iter().collect();
    let run = assemble(&[account.build()], &checks, &Settings::default(), Selection::default(), &in_turn);
    run.expect("a run").credentials
}

fn user<'s>(sheet: &'s [UserCredentials], name: &str) -> &'s UserCredentials {
    sheet.iter().find(|row| row.user.value().is_some_and(|user| user == name)).expect("the row")
}

fn key(account: Account) -> Account {
    let account = account.user("anna", |mut user| {
        user.row.access_keys[0].active = Cell::Value(true);
        user.row.access_keys[0].last_rotated = Cell::Value(days_ago(400));
        user.row.access_keys[0].last_used_at = Cell::Value(days_ago(3));
        user.row.access_keys[0].last_used_service = Cell::Value("s3".to_owned());
        user
    });
    with_list(account, "anna", [listed("AKIAEXAMPLEEXAMPLE01", true, 400)])
}

#[test]
fn the_root_user_comes_first_and_the_users_by_name() {
    let sheet = sheet(Account::new().user("zoe", |user| user).user("anna", |user| user));
    let names: Vec<&str> = sheet.iter().filter_map(|row| row.user.value()).map(String::as_str).collect();
    assert_eq!(names, [CredentialReport::ROOT, "anna", "zoe"]);
    assert_eq!(sheet[0].ssh_keys, Told::None(NOT_FOR_ROOT.to_owned()));
}

#[test]
fn a_key_has_its_id_its_age_and_its_last_use() {
    let sheet = sheet(key(Account::new()));
    let [first, second] = &user(&sheet, "anna").access_keys;
    assert_eq!(first.id, Told::Known("AKIAEXAMPLEEXAMPLE01".to_owned()));
    assert_eq!(first.status, Told::Known("active".to_owned()));
    assert_eq!(first.created.value().map(|created| created.days), Some(400));
    assert_eq!(first.last_used.value().map(|used| used.days), Some(3));
    assert_eq!(first.last_used_service, Told::Known("s3".to_owned()));
    assert_eq!(*second, no_key());
}

#[test]
fn what_is_wrong_with_a_user_stands_in_its_row() {
    let sheet = sheet(key(Account::new()).user("ben", |user| user.console_password()));
    assert!(user(&sheet, "anna").failing.contains(&"user-access-key-rotation".to_owned()));
    assert!(user(&sheet, "ben").failing.contains(&"user-mfa-console".to_owned()));
    assert!(!user(&sheet, "anna").failing.contains(&"user-mfa-console".to_owned()));
}

#[test]
fn an_accepted_failure_stands_apart() {
    let snapshot = Account::new().user("ben", |user| user.console_password()).build();
    let checks: Vec<&Entry> = CHECKS.iter().filter(|entry| entry.meta.id == "user-mfa-console").collect();
    let ask: crate::Ask<'_> = &|checks, evidence, settings| {
        let mut findings = in_turn(checks, evidence, settings);
        for finding in findings.iter_mut().flatten() {
            finding.exception =
                Some(Exception { reason: "agreed".into(), owner: "anna".into(), ticket: None, expires: None }.into());
        }
        findings
    };
    let run = assemble(&[snapshot], &checks, &Settings::default(), Selection::default(), ask).expect("a run");
    let ben = user(&run.credentials, "ben");
    assert_eq!((ben.failing.len(), ben.accepted.as_slice()), (0, ["user-mfa-console".to_owned()].as_slice()));
}

#[test]
fn without_the_report_users_are_still_listed_and_every_cell_says_why() {
    let sheet = sheet(key(Account::new()).deny(Topic::CredentialReport));
    let anna = user(&sheet, "anna");
    let why = anna.password.enabled.to_string();
    assert!(why.starts_with("unknown: iam:GenerateCredentialReport was denied (AccessDenied)"), "{why}");
    assert!(anna.not_evaluated.contains(&"user-mfa-console".to_owned()), "{:?}", anna.not_evaluated);
    assert_eq!(anna.access_keys[0].id, Told::Known("AKIAEXAMPLEEXAMPLE01".to_owned()), "the list was read");
    assert!(anna.failing.is_empty() || !anna.failing.contains(&"user-mfa-console".to_owned()));
}

#[test]
fn an_account_of_which_nothing_was_read_has_a_row_that_says_so() {
    let sheet = sheet(Account::new().deny_everything());
    assert_eq!(sheet.len(), 2, "the root user, and one for all users");
    assert!(matches!(sheet[1].user, Told::Missing(_)));
    for row in &sheet {
        for absent in [&row.mfa_active, &row.password.enabled] {
            assert!(matches!(absent, Told::Missing(why) if why.contains("denied")), "{absent:?}");
        }
    }
}

#[test]
fn kinds_of_devices_are_told_only_where_they_were_listed() {
    let device = |serial: &str| MfaDevice { serial: serial.to_owned(), enabled_at: None };
    let account = Account::new().user("anna", |user| user.console_password().mfa());
    let listed = account.clone().facts(|facts| {
        let Seen::Known(devices) = &mut facts.user_mfa_devices else { return };
        let both = vec![device("arn:aws:iam::123456789012:u2f/user/anna/key"), device("GAHT12345678")];
        devices.users.insert("anna".to_owned(), Seen::Known(both));
    });
    let kinds = |account: Account| user(&sheet(account), "anna").mfa_kinds.clone();
    assert_eq!(kinds(listed), Told::Known(vec!["fido".to_owned(), "hardware-token".to_owned()]));
    assert!(matches!(kinds(account.deny(Topic::UserMfaDevices)), Told::Missing(_)));
    assert_eq!(kinds(Account::new().user("anna", |user| user)), Told::None("no device".to_owned()));
}

#[test]
fn other_credentials_are_listed_or_their_absence_explained() {
    let account = Account::new().user("anna", |user| user);
    let with = account.clone().facts(|facts| {
        let key = SshKey { id: "APKAEXAMPLE".to_owned(), active: true, uploaded_at: Some(days_ago(500)) };
        facts.ssh_keys = Seen::Known(SshKeys { users: [("anna".to_owned(), Seen::Known(vec![key]))].into() });
    });
    let keys = user(&sheet(with), "anna").ssh_keys.clone();
    assert_eq!(keys.value().map(|keys| keys[0].to_string()), Some("APKAEXAMPLE active, 500 days old".to_owned()));
    let denied = user(&sheet(account.deny(Topic::SshKeys)), "anna").ssh_keys.clone();
    assert!(matches!(&denied, Told::Missing(why) if why.starts_with("iam:ListSSHPublicKeys was denied")), "{denied:?}");
}

#[test]
fn a_user_that_is_younger_than_the_report_is_not_left_out() {
    let account = Account::new().user("anna", |user| user).facts(|facts| {
        if let Seen::Known(report) = &mut facts.credential_report {
            report.users.clear();
        }
    });
    let sheet = sheet(account);
    assert!(matches!(&user(&sheet, "anna").password.enabled, Told::Missing(why) if why.contains("older")));
}
