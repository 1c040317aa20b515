//! The contacts of the account are complete and reach different people.
//!
//! # Why
//! AWS writes to the contacts about invoices, outages and abuse. A contact that is missing, or that is the same mailbox as
//! all the others and the root user's, is one that nobody may read when it counts.
//!
//! # Pass
//! The primary contact has a name, an address, a telephone number and a company. There is a contact for billing, one for
//! operations and one for security, and their e-mail addresses differ from each other and from that of the root user. Then
//! a person has to confirm that they are current: the check says so and passes nothing by itself.
//!
//! # Fail
//! A contact or a field of the primary contact is missing, or two contacts have the same e-mail address.
//!
//! # Notes
//! No API tells whether the people behind the contacts still work there. Where everything is filled in, the verdict is for
//! a person to give.
//!
//! The e-mail address of the root user is told only of the management account (`DescribeOrganization`). For a member account
//! it can be asked from the management account alone, and for an account without an organization not at all; the evidence
//! says whether it could be compared.
//!
//! Contacts are personal data. A snapshot keeps which fields are filled in and which addresses are the same, and neither
//! names nor addresses nor numbers.
//!
//! # Fix
//! Fill in what is missing, give each contact a mailbox of its own that several people read, and look at them once a year.
//!
//! # Command
//! ```sh
//! aws account get-contact-information
//! aws account get-alternate-contact --alternate-contact-type OPERATIONS
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::contacts::{AlternateContact, ContactKind};
use probity_model::facts::{AlternateContacts, OrganizationMembership, PrimaryContact};
use probity_model::{Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// What the primary contact needs.
const NEEDED: [&str; 5] = ["FullName", "AddressLine1", "City", "PhoneNumber", "CompanyName"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "account-contacts-current",
        family: Family::Account,
        title: "Primary contact is complete and alternates are distinct",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Partial,
        since: "0.1.0",
        parameters: &[],
    };
    // The membership is only asked for so that the root user's address can be compared.
    type Facts<'s> = (&'s PrimaryContact, &'s AlternateContacts, Option<&'s OrganizationMembership>);

    fn run((primary, alternates, _): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let mut lacks = Vec::new();
        let mut unread: Option<&Gap> = None;
        lacks.extend(primary_problem(primary));
        let mut subject = out.whole_account().evidence("primary_contact", in_words(primary));
        for kind in ContactKind::ALL {
            let name = kind.api_name();
            match alternates.contacts.get(&kind).map(|seen| seen.get()) {
                None => return subject.unclear(format!("nobody asked for the contact {name}")),
                Some(Err(gap)) => {
                    unread = unread.or(Some(gap));
                    subject = subject.evidence(name, gap);
                }
                Some(Ok(None)) => {
                    lacks.push(format!("there is no contact {name}"));
                    subject = subject.evidence(name, "none");
                }
                Some(Ok(Some(contact))) => {
                    lacks.extend(problems(kind, contact));
                    let filled: Vec<&str> = contact.filled.iter().map(String::as_str).collect();
                    subject = subject.evidence(name, filled.join(", "));
                }
            }
        }
        subject = subject.evidence("root_email_compared", alternates.root_email_known);
        match (lacks.is_empty(), unread) {
            (false, _) => subject.fail(lacks.join("; ")),
            (true, Some(gap)) => subject.not_evaluated(gap),
            (true, None) => subject.manual("every contact is filled in and distinct: confirm that they are current"),
        }
    }
}

fn primary_problem(primary: &PrimaryContact) -> Option<String> {
    match primary {
        PrimaryContact::Absent => Some("there is no primary contact".to_string()),
        PrimaryContact::Filled(filled) => {
            let missing: Vec<&str> = NEEDED.into_iter().filter(|field| !filled.contains(*field)).collect();
            (!missing.is_empty()).then(|| format!("the primary contact lacks {}", missing.join(", ")))
        }
    }
}

fn problems(kind: ContactKind, contact: &AlternateContact) -> Vec<String> {
    let name = kind.api_name();
    let mut problems = Vec::new();
    let missing = contact.lacks();
    if !missing.is_empty() {
        problems.push(format!("the contact {name} lacks {}", missing.join(", ")));
    }
    // Each pair once.
    let same = contact.same_email_as.iter().filter(|other| **other > kind);
    problems.extend(same.map(|other| format!("{name} and {} have the same e-mail address", other.api_name())));
    if contact.same_email_as_root {
        problems.push(format!("the contact {name} has the e-mail address of the root user"));
    }
    problems
}

fn in_words(primary: &PrimaryContact) -> String {
    match primary {
        PrimaryContact::Absent => "none".to_string(),
        PrimaryContact::Filled(filled) => filled.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::string::ToString;

    use probity_model::Outcome::{Fail, Manual, NotEvaluated};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::PrimaryContact;
    use probity_model::facts::contacts::{AlternateContact, ContactKind};
    use probity_model::{Seen, Topic};

    use crate::contacts::testing::{contact, with};
    use crate::testing::{findings, outcomes};

    const ID: &str = "account-contacts-current";

    fn primary(account: Account, fields: &[&str]) -> Account {
        let filled = fields.iter().map(ToString::to_string).collect();
        account.facts(|facts| facts.primary_contact = Seen::Known(PrimaryContact::Filled(filled)))
    }

    fn whole() -> AlternateContact {
        contact(&["Name", "Title", "EmailAddress", "PhoneNumber"])
    }

    fn complete() -> Account {
        let account =
            primary(Account::new(), &["FullName", "AddressLine1", "City", "PostalCode", "PhoneNumber", "CompanyName"]);
        ContactKind::ALL.into_iter().fold(account, |account, kind| with(account, kind, Seen::Known(Some(whole()))))
    }

    fn message(account: Account) -> std::string::String {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail, "{}", finding.message);
        finding.message.into_owned()
    }

    #[test]
    fn pass_is_for_a_person_to_give() {
        assert_eq!(outcomes(ID, complete()), [Manual]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new()), [Fail]);
        let absent = complete().facts(|facts| facts.primary_contact = Seen::Known(PrimaryContact::Absent));
        assert_eq!(message(absent), "there is no primary contact");
        assert_eq!(
            message(primary(complete(), &["FullName", "AddressLine1", "City"])),
            "the primary contact lacks PhoneNumber, CompanyName"
        );
        assert_eq!(message(with(complete(), ContactKind::Billing, Seen::Known(None))), "there is no contact BILLING");
        let short = with(complete(), ContactKind::Operations, Seen::Known(Some(contact(&["Name"]))));
        assert_eq!(message(short), "the contact OPERATIONS lacks EmailAddress, PhoneNumber");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, complete().deny(Topic::PrimaryContact)), [NotEvaluated]);
        assert_eq!(outcomes(ID, complete().deny(Topic::AlternateContacts)), [NotEvaluated]);
        let gap = || Seen::Missing(denied(Topic::AlternateContacts));
        assert_eq!(outcomes(ID, with(complete(), ContactKind::Billing, gap())), [NotEvaluated]);
        let known_to_fail =
            with(with(complete(), ContactKind::Billing, gap()), ContactKind::Security, Seen::Known(None));
        assert_eq!(outcomes(ID, known_to_fail), [Fail]);
    }

    #[test]
    fn trap_the_same_mailbox_for_all_is_one_contact() {
        let twin = |other| AlternateContact { same_email_as: BTreeSet::from([other]), ..whole() };
        let account = with(complete(), ContactKind::Billing, Seen::Known(Some(twin(ContactKind::Security))));
        let account = with(account, ContactKind::Security, Seen::Known(Some(twin(ContactKind::Billing))));
        assert_eq!(message(account), "BILLING and SECURITY have the same e-mail address");
        let root = AlternateContact { same_email_as_root: true, ..whole() };
        let account = with(complete(), ContactKind::Security, Seen::Known(Some(root)));
        assert_eq!(message(account), "the contact SECURITY has the e-mail address of the root user");
    }
}
