//! Two snapshots of a small account, and what is said of them.

#![allow(clippy::expect_used, missing_docs, reason = "a test that cannot go on should stop")]

use probity_diff::{Change, ChangeKind, between};
use probity_model::Topic;
use probity_model::builder::Account;
use probity_model::facts::authorization::DocumentText;
use probity_model::facts::credential_report::Cell;

const READ: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
const ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{principal}"}}}}]}}"#
    )
}

fn kinds(changes: &[Change]) -> Vec<ChangeKind> {
    changes.iter().map(|change| change.kind).collect()
}

/// Edits the authorization details of a snapshot that has them.
fn edit(account: Account, change: impl FnOnce(&mut probity_model::facts::AuthorizationDetails)) -> Account {
    account.edit(|snapshot| {
        if let probity_model::Seen::Known(details) = &mut snapshot.facts.authorization_details {
            change(details);
        }
    })
}

fn base() -> Account {
    Account::new()
        .user("anna", |user| user.console_password().mfa().inline("s3", READ))
        .role("deploy", |role| role.trust(&trust("123456789012")))
}

#[test]
fn the_same_account_has_not_changed() {
    assert_eq!(between(&base().build(), &base().build()), []);
}

#[test]
fn a_user_and_its_policies() {
    let with_ben = base().user("ben", |user| user);
    assert_eq!(kinds(&between(&base().build(), &with_ben.build())), [ChangeKind::UserAdded]);
    let changed = edit(base(), |details| details.users[0].inline_policies[0].document = DocumentText::new(ALL));
    let changes = between(&base().build(), &changed.build());
    assert_eq!(kinds(&changes), [ChangeKind::PolicyChanged]);
    let document = changes[0].document.as_deref().expect("a diff");
    assert!(
        document.contains("-      \"Action\": \"s3:GetObject\"") && document.contains("+      \"Action\": \"s3:*\""),
        "{document}"
    );
    let joined = edit(base(), |details| details.users[0].groups.push("admins".to_owned()));
    assert_eq!(kinds(&between(&base().build(), &joined.build())), [ChangeKind::GroupJoined]);
}

#[test]
fn a_trust_that_was_opened_is_told_from_one_that_changed() {
    let opened = edit(base(), |details| details.roles[0].trust_policy = DocumentText::new(trust("*")));
    let changes = between(&base().build(), &opened.build());
    assert_eq!(kinds(&changes), [ChangeKind::TrustOpened]);
    assert!(changes[0].message.ends_with("names *"), "{}", changes[0].message);
    let text = trust("123456789012").replace("sts:AssumeRole", "sts:TagSession");
    let other = edit(base(), |details| details.roles[0].trust_policy = DocumentText::new(text));
    assert_eq!(kinds(&between(&base().build(), &other.build())), [ChangeKind::TrustChanged]);
}

#[test]
fn credentials() {
    let later = base().edit(|snapshot| {
        let now = snapshot.taken_at;
        if let probity_model::Seen::Known(report) = &mut snapshot.facts.credential_report {
            let row = &mut report.users[0];
            row.mfa_active = Cell::Value(false);
            row.access_keys[0].active = Cell::Value(true);
            row.access_keys[0].last_rotated = Cell::Value(now);
            row.password_last_used = Cell::Value(now);
        }
    });
    let changes = between(&base().build(), &later.build());
    assert_eq!(kinds(&changes), [ChangeKind::KeyCreated, ChangeKind::MfaRemoved]);
    assert!(changes.iter().all(|change| change.subject.ends_with("user/anna")));
}

#[test]
fn what_could_not_be_read_is_no_removal() {
    let changes = between(&base().build(), &base().deny(Topic::AuthorizationDetails).build());
    assert_eq!(kinds(&changes), [ChangeKind::NotReadNow]);
    let back = between(&base().deny(Topic::Trails).build(), &base().build());
    assert_eq!(kinds(&back), [ChangeKind::ReadNow]);
}

/// A topic that nobody has a word for is compared all the same.
#[test]
fn every_topic_is_compared() {
    let more = base().edit(|snapshot| {
        if let probity_model::Seen::Known(summary) = &mut snapshot.facts.account_summary {
            summary.entries.insert("Users".to_owned(), 77);
        }
    });
    let changes = between(&base().build(), &more.build());
    assert!(
        changes.iter().any(|change| change.topic == "account_summary" && change.message.contains("77")),
        "{changes:?}"
    );
}
