//! The contacts for billing, operations and security: three calls. That one is absent is an answer.
//!
//! Addresses are compared here and forgotten: the snapshot says which are the same, and none of them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_account::types::{self, AlternateContactType};
use futures_util::future::join_all;
use probity_model::facts::AlternateContacts;
use probity_model::facts::contacts::{AlternateContact, ContactKind};
use probity_model::{Gap, Seen, Service};

use super::primary_contact::filled;
use crate::reader::{Reader, operation, required};

/// The account has no contact of the kind (Account Management Reference Guide, `GetAlternateContact`, "Errors").
const ABSENT: &str = "ResourceNotFoundException";

pub(crate) async fn read(reader: &Reader<'_>, root_email: Option<&str>) -> Result<AlternateContacts, Gap> {
    let answers = join_all(ContactKind::ALL.map(|kind| async move { (kind, one(reader, kind).await) })).await;
    if let Some(gap) = all_missing(&answers) {
        return Err(gap);
    }
    Ok(compared(answers, root_email))
}

/// How many contacts there are.
pub(crate) fn count(contacts: &AlternateContacts) -> usize {
    contacts.contacts.values().filter(|seen| matches!(seen.get(), Ok(Some(_)))).count()
}

type Answer = (ContactKind, Result<Option<types::AlternateContact>, Gap>);

fn all_missing(answers: &[Answer]) -> Option<Gap> {
    let gaps: Vec<&Gap> = answers.iter().filter_map(|(_, answer)| answer.as_ref().err()).collect();
    if gaps.len() == answers.len() { gaps.first().map(|gap| (*gap).clone()) } else { None }
}

async fn one(reader: &Reader<'_>, kind: ContactKind) -> Result<Option<types::AlternateContact>, Gap> {
    let get = operation(Service::Account, "GetAlternateContact");
    let wanted = match kind {
        ContactKind::Billing => AlternateContactType::Billing,
        ContactKind::Operations => AlternateContactType::Operations,
        ContactKind::Security => AlternateContactType::Security,
    };
    let call = reader.clients.account().get_alternate_contact().alternate_contact_type(wanted).send();
    match reader.ask_or(get, &[ABSENT], call).await? {
        Ok(answer) => required(get, "AlternateContact", answer.alternate_contact).map(Some),
        Err(_) => Ok(None),
    }
}

fn compared(answers: Vec<Answer>, root_email: Option<&str>) -> AlternateContacts {
    let plain = |email: &str| email.trim().to_lowercase();
    let addresses: BTreeMap<ContactKind, String> = answers
        .iter()
        .filter_map(|(kind, answer)| Some((*kind, plain(answer.as_ref().ok()?.as_ref()?.email_address.as_deref()?))))
        .filter(|(_, address)| !address.is_empty())
        .collect();
    let root = root_email.map(plain);
    let kept = |kind: ContactKind, contact: types::AlternateContact| {
        let own = addresses.get(&kind);
        let same: BTreeSet<ContactKind> = addresses
            .iter()
            .filter(|(other, address)| **other != kind && Some(*address) == own)
            .map(|(other, _)| *other)
            .collect();
        AlternateContact {
            filled: filled(&[
                ("Name", contact.name.as_ref()),
                ("Title", contact.title.as_ref()),
                ("EmailAddress", contact.email_address.as_ref()),
                ("PhoneNumber", contact.phone_number.as_ref()),
            ]),
            same_email_as: same,
            same_email_as_root: own.is_some() && own == root.as_ref(),
        }
    };
    let contacts = answers
        .into_iter()
        .map(|(kind, answer)| (kind, Seen::from(answer.map(|contact| contact.map(|contact| kept(kind, contact))))));
    AlternateContacts { contacts: contacts.collect(), root_email_known: root.is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(email: &str) -> types::AlternateContact {
        let contact = types::AlternateContact::builder().name("Anna").email_address(email).phone_number("+49 30 1");
        contact.build()
    }

    #[test]
    fn addresses_are_compared_and_forgotten() {
        let answers = vec![
            (ContactKind::Billing, Ok(Some(contact("Team@Example.com")))),
            (ContactKind::Operations, Ok(None)),
            (ContactKind::Security, Ok(Some(contact(" team@example.com")))),
        ];
        let contacts = compared(answers, Some("TEAM@example.com"));
        let security = contacts.contacts.get(&ContactKind::Security).expect("asked").get().expect("known");
        let security = security.as_ref().expect("present");
        assert_eq!(security.same_email_as, BTreeSet::from([ContactKind::Billing]));
        assert!(security.same_email_as_root && contacts.root_email_known);
        assert_eq!(security.lacks(), Vec::<&str>::new());
        let text = serde_json::to_string(&contacts).expect("JSON");
        assert!(
            !text.to_lowercase().contains("example.com") && !text.contains("Anna") && !text.contains("+49"),
            "{text}"
        );
    }

    #[test]
    fn contacts_without_an_address_are_not_the_same() {
        let answers =
            vec![(ContactKind::Billing, Ok(Some(contact("")))), (ContactKind::Security, Ok(Some(contact(""))))];
        let contacts = compared(answers, None);
        let billing = contacts.contacts.get(&ContactKind::Billing).expect("asked").get().expect("known");
        let billing = billing.as_ref().expect("present");
        assert!(billing.same_email_as.is_empty() && !billing.same_email_as_root);
        assert_eq!(billing.lacks(), ["EmailAddress"]);
        assert!(!contacts.root_email_known);
    }

    #[test]
    fn where_every_call_failed_the_whole_is_a_gap() {
        let gap = || Gap::not_requested("denied");
        let all = [(ContactKind::Billing, Err(gap())), (ContactKind::Security, Err(gap()))];
        assert!(all_missing(&all).is_some());
        let one = [(ContactKind::Billing, Err(gap())), (ContactKind::Security, Ok(None))];
        assert!(all_missing(&one).is_none());
    }
}
