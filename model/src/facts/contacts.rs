//! Whom AWS can reach about the account, from `account:GetContactInformation` and `account:GetAlternateContact`.
//!
//! Names, addresses and telephone numbers are personal data. A snapshot keeps none of them: only which fields are filled in,
//! and which e-mail addresses are the same.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Seen;

/// The primary contact, which AWS writes to about the account itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrimaryContact {
    /// There is none.
    Absent,
    /// The names of the fields that are filled in, as the API has them: `FullName`, `PhoneNumber`, `CompanyName` and so on.
    Filled(BTreeSet<String>),
}

/// The contacts beside the primary one, each of which may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternateContacts {
    /// The contacts by kind: none where the account has no contact of the kind.
    pub contacts: BTreeMap<ContactKind, Seen<Option<AlternateContact>>>,
    /// Whether the address of the root user was known when the contacts were read, so that it could be compared. AWS tells
    /// it of the management account alone, and to everyone of its organization.
    #[serde(default)]
    pub root_email_known: bool,
}

/// What a contact is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactKind {
    /// Invoices and payments.
    Billing,
    /// Availability of services.
    Operations,
    /// Abuse, vulnerabilities and suspected intrusions.
    Security,
}

impl ContactKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Billing, Self::Operations, Self::Security];

    /// The name in the API.
    #[must_use]
    pub const fn api_name(self) -> &'static str {
        match self {
            Self::Billing => "BILLING",
            Self::Operations => "OPERATIONS",
            Self::Security => "SECURITY",
        }
    }
}

/// A contact, without anything that tells who it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternateContact {
    /// The names of the fields that are filled in: `Name`, `Title`, `EmailAddress`, `PhoneNumber`.
    pub filled: BTreeSet<String>,
    /// The other contacts that have the same e-mail address, without regard to case.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub same_email_as: BTreeSet<ContactKind>,
    /// Whether the e-mail address is that of the root user, without regard to case; see
    /// [`AlternateContacts::root_email_known`].
    #[serde(default)]
    pub same_email_as_root: bool,
}

impl AlternateContact {
    /// The fields that AWS can reach somebody with, and a name.
    pub const NEEDED: [&'static str; 3] = ["Name", "EmailAddress", "PhoneNumber"];

    /// Those of them that are empty.
    #[must_use]
    pub fn lacks(&self) -> Vec<&'static str> {
        Self::NEEDED.into_iter().filter(|field| !self.filled.contains(*field)).collect()
    }
}
