//! AWS has a contact for security matters.
//!
//! # Why
//! When AWS sees a leaked key, abuse or a vulnerability, it writes to the security contact. Where there is none, the mail
//! goes to the address of the root user, which in many accounts nobody reads.
//!
//! # Pass
//! A security contact is registered, with a name, an e-mail address and a telephone number.
//!
//! # Fail
//! None is registered, or one of these is missing.
//!
//! # Notes
//! That a contact is registered does not prove that anybody answers: write to it once a year. CIS keeps the control manual
//! for that reason.
//!
//! A member account may be denied the answer. The management account, and a delegated administrator for AWS Account
//! Management, can read it in its place.
//!
//! A contact is personal data. A snapshot keeps which fields are filled in, and not what stands in them.
//!
//! # Fix
//! Register the mailbox of the people who handle incidents, not that of one person.
//!
//! # Command
//! ```sh
//! aws account put-alternate-contact --alternate-contact-type SECURITY --name NAME --title TITLE \
//!   --email-address ADDRESS --phone-number NUMBER
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AlternateContacts;
use probity_model::facts::contacts::ContactKind;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "account-security-contact",
        family: Family::Account,
        title: "A security alternate contact is registered",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AlternateContacts;

    fn run(contacts: &AlternateContacts, _: &Parameters, out: &mut Findings<'_>) {
        let subject = out.whole_account().evidence("AlternateContactType", ContactKind::Security.api_name());
        match contacts.contacts.get(&ContactKind::Security).map(|seen| seen.get()) {
            None => subject.unclear("nobody asked for the security contact"),
            Some(Err(gap)) => subject.not_evaluated(gap),
            Some(Ok(None)) => subject.fail("no security contact is registered"),
            Some(Ok(Some(contact))) => {
                let filled: Vec<&str> = contact.filled.iter().map(String::as_str).collect();
                let subject = subject.evidence("filled_in", filled.join(", "));
                match contact.lacks().as_slice() {
                    [] => subject.pass("a security contact is registered, with name, e-mail address and telephone"),
                    missing => subject.fail(format!("the security contact lacks {}", missing.join(", "))),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::contacts::ContactKind::{self, Billing, Security};
    use probity_model::{Seen, Topic};

    use crate::contacts::testing::{contact, with};
    use crate::testing::{findings, outcomes};

    const ID: &str = "account-security-contact";
    const FIELDS: [&str; 4] = ["Name", "Title", "EmailAddress", "PhoneNumber"];

    fn having(kind: ContactKind, fields: &[&str]) -> Account {
        with(Account::new(), kind, Seen::Known(Some(contact(fields))))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, having(Security, &FIELDS)), [Pass]);
        assert_eq!(outcomes(ID, having(Security, &["Name", "EmailAddress", "PhoneNumber"])), [Pass], "without a title");
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new()), [Fail]);
        let [finding] = findings(ID, having(Security, &["Name", "Title"])).try_into().expect("one finding");
        assert_eq!(finding.message, "the security contact lacks EmailAddress, PhoneNumber");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AlternateContacts)), [NotEvaluated]);
        let gap = Seen::Missing(denied(Topic::AlternateContacts));
        assert_eq!(outcomes(ID, with(Account::new(), Security, gap)), [NotEvaluated]);
        let unasked = Account::new().facts(|facts| {
            if let Seen::Known(contacts) = &mut facts.alternate_contacts {
                contacts.contacts.clear();
            }
        });
        assert_eq!(outcomes(ID, unasked), [NotEvaluated]);
    }

    #[test]
    fn trap_a_contact_of_another_kind_is_none() {
        assert_eq!(outcomes(ID, having(Billing, &FIELDS)), [Fail]);
    }
}
