//! The access keys of a user, put together from the credential report and from the list of keys.
//!
//! The report knows two slots a user, tells the age and the last use, and can be four hours old. The list, which is read
//! only under `--detail full`, knows every key with its id, as it is now, and no use. Where both were read, the list says
//! which keys there are and which of them are Active, and the report when they were last used.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AccessKeys;
use probity_model::facts::credential_report::{AccessKeySlot, Cell, CredentialRow};
use probity_model::facts::user_credentials::AccessKey;
use probity_model::{Findings, Seen, Subject, Timestamp};

/// An access key, as far as it is known.
pub(crate) struct Key<'s> {
    /// What tells it from the other keys of the user: `access_key_1` or `access_key_2`, as the columns of the report begin;
    /// the id for a key that the report does not show.
    pub(crate) name: &'s str,
    /// Whether it can sign requests; nothing where the report does not say.
    pub(crate) active: Option<bool>,
    /// When it was created; nothing where that cannot be read.
    pub(crate) created_at: Option<Timestamp>,
    /// The slot of the report; nothing for a key that is only in the list.
    slot: Option<&'s AccessKeySlot>,
    /// The key of the list, where that was read and leaves no doubt which key is in the slot.
    listed: Option<&'s AccessKey>,
}

/// When a key was last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastUse {
    /// At this time; AWS notes one use in fifteen minutes.
    At(Timestamp),
    /// Never, or not since 22 April 2015, when AWS began to note it.
    NotRecorded,
    /// Nobody knows.
    Unknown,
}

impl<'s> Key<'s> {
    /// The keys of a user: those of the report by slot, then those that only the list shows.
    pub(crate) fn of(row: &'s CredentialRow, listed: Option<&'s AccessKeys>) -> Vec<Self> {
        let slots = ["access_key_1", "access_key_2"].into_iter().zip(&row.access_keys);
        let reported = slots.filter_map(|(name, slot)| Self::reported(name, slot));
        let Some(Seen::Known(listed)) = listed.and_then(|keys| keys.users.get(&row.user)) else {
            return reported.collect();
        };
        let unreported = listed.iter().filter(|key| row.access_keys.iter().all(|slot| !same_key(slot, key)));
        reported.filter_map(|key| key.seen_in(listed, row)).chain(unreported.map(Self::unreported)).collect()
    }

    /// A key of the report alone; nothing where the slot is empty.
    fn reported(name: &'s str, slot: &'s AccessKeySlot) -> Option<Self> {
        let empty = slot.active == Cell::Value(false)
            && matches!(slot.last_rotated, Cell::NotApplicable | Cell::NoInformation | Cell::NotSupported);
        (!empty).then(|| Self {
            name,
            active: slot.active.value().copied(),
            created_at: slot.last_rotated.value().copied(),
            slot: Some(slot),
            listed: None,
        })
    }

    /// A key of the report as the list shows it now; nothing where it was deleted since. The date of creation, which both
    /// tell to the second, says which is which. Keys that share it share the doubt: Active if any of them is.
    fn seen_in(self, listed: &'s [AccessKey], row: &CredentialRow) -> Option<Self> {
        let Some(slot) = self.slot.filter(|_| self.created_at.is_some()) else { return Some(self) };
        let candidates: Vec<_> = listed.iter().filter(|key| same_key(slot, key)).collect();
        let first = *candidates.first()?;
        let alone = candidates.len() == 1 && row.access_keys.iter().filter(|slot| same_key(slot, first)).count() == 1;
        let active = candidates.iter().any(|key| key.active);
        Some(Self { active: Some(active), listed: alone.then_some(first), ..self })
    }

    /// A key that only the list shows.
    fn unreported(key: &'s AccessKey) -> Self {
        Self { name: &key.id, active: Some(key.active), created_at: key.created_at, slot: None, listed: Some(key) }
    }

    /// When it was last used.
    pub(crate) fn last_use(&self) -> LastUse {
        match self.slot.map(|slot| &slot.last_used_at) {
            Some(Cell::Value(at)) => LastUse::At(*at),
            Some(Cell::NotApplicable | Cell::NoInformation) => LastUse::NotRecorded,
            Some(Cell::NotSupported | Cell::NoColumn | Cell::Unreadable(_)) | None => LastUse::Unknown,
        }
    }

    /// What the report says of it; nothing for a key that only the list shows.
    pub(crate) fn slot(&self) -> Option<&'s AccessKeySlot> {
        self.slot
    }

    /// Its id, where the list was read and leaves no doubt which key it is.
    pub(crate) fn id(&self) -> Option<&'s str> {
        self.listed.map(|key| key.id.as_str())
    }

    /// The whole days since it was created; nothing where that cannot be read, or lies ahead.
    pub(crate) fn age_in_days(&self, out: &Findings<'_>) -> Option<i64> {
        self.created_at.and_then(|created| days_ago(out, created))
    }

    /// Adds what was read of the key to a verdict, in the fields' own names.
    pub(crate) fn evidence<'f, 'o>(&self, mut subject: Subject<'f, 'o>) -> Subject<'f, 'o> {
        let field = |field: &str| -> String { format!("{}_{field}", self.name) };
        if let Some(slot) = self.slot {
            subject = subject
                .evidence(field("active"), &slot.active)
                .evidence(field("last_rotated"), &slot.last_rotated)
                .evidence(field("last_used_date"), &slot.last_used_at);
        }
        if let Some(key) = self.listed {
            let status = if key.active { "Active" } else { "Inactive" };
            subject = subject.evidence(field("id"), &key.id).evidence(field("status"), status);
            if let (None, Some(created)) = (self.slot, key.created_at) {
                subject = subject.evidence(field("create_date"), created);
            }
        }
        subject
    }
}

/// Whether a key of the list is the one in a slot of the report, by the second in which it was created.
fn same_key(slot: &AccessKeySlot, key: &AccessKey) -> bool {
    let created = slot.last_rotated.value().zip(key.created_at);
    created.is_some_and(|(reported, listed)| reported.as_second() == listed.as_second())
}

/// The whole days from a moment until now. A moment up to a day ahead counts as now, since keys can be made and used while
/// the evidence is collected; nothing where it lies further ahead, which makes no sense.
pub(crate) fn days_ago(out: &Findings<'_>, moment: Timestamp) -> Option<i64> {
    let days = out.days_since(moment);
    (days >= -1).then_some(days.max(0))
}

/// Accounts for the tests of the checks on access keys.
#[cfg(test)]
pub(crate) mod testing {
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use probity_model::builder::{Account, days_ago};
    use probity_model::facts::AccessKeys;
    use probity_model::facts::user_credentials::AccessKey;
    use probity_model::{Gap, Seen};

    /// A key of the list, created so many days ago.
    pub(crate) fn listed(id: &str, active: bool, created_days_ago: i64) -> AccessKey {
        AccessKey { id: id.to_owned(), active, created_at: Some(days_ago(created_days_ago)) }
    }

    /// The account with the list of a user's keys.
    pub(crate) fn with_list(account: Account, user: &str, keys: impl Into<Vec<AccessKey>>) -> Account {
        with_answer(account, user, Seen::Known(keys.into()))
    }

    /// The account with a refusal to list a user's keys.
    pub(crate) fn with_refused_list(account: Account, user: &str, gap: Gap) -> Account {
        with_answer(account, user, Seen::Missing(gap))
    }

    fn with_answer(account: Account, user: &str, answer: Seen<Vec<AccessKey>>) -> Account {
        account.facts(|facts| {
            facts.access_keys = Seen::Known(AccessKeys { users: [(user.to_owned(), answer)].into() });
        })
    }
}
