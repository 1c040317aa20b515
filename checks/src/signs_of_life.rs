//! What shows that a user is in use, and what credentials it has whose use never shows.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::authorization::User;
use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::facts::{ServiceCredentials, SshKeys};
use probity_model::{Findings, Seen, Timestamp};

use crate::access_keys::days_ago;

/// The latest sign of life of a user.
pub(crate) struct Life {
    /// The whole days since, and what the user did; nothing where no date is known.
    pub(crate) latest: Option<(i64, &'static str)>,
    /// Whether something that could tell of a later one could not be read, or lies ahead.
    pub(crate) incomplete: bool,
}

impl Life {
    /// By the user's row of the report; without one, by its creation alone.
    pub(crate) fn of(user: &User, row: Option<&CredentialRow>, out: &Findings<'_>) -> Self {
        let mut life = Self { latest: None, incomplete: row.is_none() };
        match user.created_at {
            Some(created) => life.add("was created", &Cell::Value(created), out),
            None => life.add("was created", row.map_or(&Cell::NoColumn, |row| &row.created_at), out),
        }
        let Some(row) = row else { return life };
        life.add("signed in to the console", &row.password_last_used, out);
        match row.password_enabled {
            Cell::Value(true) => life.add("got its password", &row.password_last_changed, out),
            Cell::Value(false) => {}
            _ => life.incomplete = true,
        }
        for key in &row.access_keys {
            life.add("used an access key", &key.last_used_at, out);
            match key.active {
                Cell::Value(true) => life.add("got an access key", &key.last_rotated, out),
                Cell::Value(false) => {}
                _ => life.incomplete = true,
            }
        }
        life.incomplete |= row.certificates.iter().any(|certificate| !certificate.active.is_readable());
        life
    }

    /// Takes a date in; one that lies ahead tells as little as one that cannot be read.
    fn add(&mut self, what: &'static str, cell: &Cell<Timestamp>, out: &Findings<'_>) {
        match cell {
            Cell::Value(at) => match days_ago(out, *at) {
                Some(days) if self.latest.is_none_or(|(latest, _)| days < latest) => self.latest = Some((days, what)),
                Some(_) => {}
                None => self.incomplete = true,
            },
            Cell::NotApplicable | Cell::NoInformation => {}
            Cell::NotSupported | Cell::NoColumn | Cell::Unreadable(_) => self.incomplete = true,
        }
    }
}

/// The Active credentials of a user of which AWS notes no use.
pub(crate) struct Untracked {
    /// What and how many, in words.
    pub(crate) active: Vec<String>,
    /// What was not read.
    pub(crate) unread: Vec<&'static str>,
}

impl Untracked {
    /// By the report, the credentials of all users, and the SSH keys of each.
    pub(crate) fn of(
        user: &User,
        row: Option<&CredentialRow>,
        services: Option<&ServiceCredentials>,
        ssh: Option<&SshKeys>,
    ) -> Self {
        let ssh = match ssh.and_then(|keys| keys.users.get(&user.name)) {
            Some(Seen::Known(keys)) => Some(keys.iter().filter(|key| key.active).count()),
            Some(Seen::Missing(_)) | None => None,
        };
        let services = services.map(|services| {
            services.credentials.iter().filter(|credential| credential.active && credential.user == user.name).count()
        });
        let certificates = row
            .map(|row| row.certificates.iter().filter(|certificate| certificate.active == Cell::Value(true)).count());
        let kinds =
            [("service-specific credentials", services), ("signing certificates", certificates), ("SSH keys", ssh)];
        Self {
            active: kinds
                .iter()
                .filter_map(|(kind, count)| count.filter(|count| *count > 0).map(|count| format!("{kind}: {count}")))
                .collect(),
            unread: kinds.iter().filter(|(_, count)| count.is_none()).map(|(kind, _)| *kind).collect(),
        }
    }
}
