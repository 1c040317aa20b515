//! Contacts of an account, for the tests of the checks that read them.

use std::string::ToString;

use probity_model::Seen;
use probity_model::builder::Account;
use probity_model::facts::contacts::{AlternateContact, ContactKind};

/// Contacts for tests.
pub(crate) mod testing {
    use super::*;

    /// A contact with these fields filled in.
    pub(crate) fn contact(fields: &[&str]) -> AlternateContact {
        AlternateContact { filled: fields.iter().map(ToString::to_string).collect(), ..AlternateContact::default() }
    }

    /// The account with what was said of a kind of contact.
    pub(crate) fn with(account: Account, kind: ContactKind, answer: Seen<Option<AlternateContact>>) -> Account {
        account.facts(|facts| {
            if let Seen::Known(contacts) = &mut facts.alternate_contacts {
                contacts.contacts.insert(kind, answer);
            }
        })
    }
}
