//! What the credential report says changed: passwords, access keys and second factors. When they were used is no change.

use probity_model::Snapshot;
use probity_model::facts::credential_report::{AccessKeySlot, CredentialReport, CredentialRow};

use crate::changes::{Change, ChangeKind};

/// The changes of every user that both reports have, and of the root user. Credentials of a user that was added are part of
/// the user.
pub(crate) fn changes(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let (Ok(before), Ok(after)) = (old.facts.credential_report.get(), new.facts.credential_report.get()) else {
        return Vec::new();
    };
    let rows = |report: &CredentialReport| -> Vec<CredentialRow> {
        report.root.iter().chain(&report.users).cloned().collect()
    };
    let known = rows(before);
    rows(after)
        .iter()
        .filter_map(|after| Some((known.iter().find(|before| before.arn == after.arn)?, after)))
        .flat_map(|(before, after)| row(before, after))
        .collect()
}

fn row(before: &CredentialRow, after: &CredentialRow) -> Vec<Change> {
    use ChangeKind as Kind;
    let mut said: Vec<(Kind, String)> = Vec::new();
    match (before.password_enabled.value(), after.password_enabled.value()) {
        (Some(false), Some(true)) => said.push((Kind::PasswordEnabled, "has a console password now".to_owned())),
        (Some(true), Some(false)) => said.push((Kind::PasswordRemoved, "has no console password any more".to_owned())),
        _ if before.password_last_changed != after.password_last_changed => {
            said.push((Kind::PasswordChanged, format!("the password was changed {}", after.password_last_changed)));
        }
        _ => {}
    }
    match (before.mfa_active.value(), after.mfa_active.value()) {
        (Some(false), Some(true)) => said.push((Kind::MfaEnabled, "has a second factor now".to_owned())),
        (Some(true), Some(false)) => said.push((Kind::MfaRemoved, "has no second factor any more".to_owned())),
        _ => {}
    }
    for (number, (before, after)) in before.access_keys.iter().zip(&after.access_keys).enumerate() {
        said.extend(key(before, after).map(|(kind, what)| (kind, format!("access key {}: {what}", number + 1))));
    }
    let change = |(kind, message)| Change {
        kind,
        topic: "credential_report".to_owned(),
        subject: after.arn.to_string(),
        message,
        document: None,
    };
    said.into_iter().map(change).collect()
}

fn key(before: &AccessKeySlot, after: &AccessKeySlot) -> Option<(ChangeKind, String)> {
    let (old, new) = (before.last_rotated.value(), after.last_rotated.value());
    Some(match (old, new, before.active.value(), after.active.value()) {
        (None, Some(at), ..) => (ChangeKind::KeyCreated, format!("created {at}")),
        (Some(at), None, ..) => (ChangeKind::KeyRemoved, format!("gone; it was of {at}")),
        (Some(old), Some(new), was, is) if old != new => match (was, is) {
            // The column also moves when a key is switched off or on.
            (Some(true), Some(false)) => (ChangeKind::KeyDeactivated, format!("switched off {new}")),
            (Some(false), Some(true)) => (ChangeKind::KeyActivated, format!("active since {new}")),
            _ => (ChangeKind::KeyCreated, format!("created {new}, in place of one of {old}")),
        },
        (_, _, Some(true), Some(false)) => (ChangeKind::KeyDeactivated, "switched off".to_owned()),
        (_, _, Some(false), Some(true)) => (ChangeKind::KeyActivated, "active again".to_owned()),
        _ => return None,
    })
}
