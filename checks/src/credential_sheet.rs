//! Works out the credential evidence sheet: one row a user, from the credential report and the lists beside it.
//!
//! A cell never guesses. What AWS says there is none of is told from what was not read, and the latter says why.

mod wrong;

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use probity_model::credentials::{
    AccessKeySheet, CertificateSheet, Dated, OtherCredential, PasswordSheet, Told, UserCredentials,
};
use probity_model::facts::CredentialReport;
use probity_model::facts::credential_report::{AccessKeySlot, Cell, CertificateSlot, CredentialRow};
use probity_model::facts::user_credentials::{MfaKind, ServiceCredential};
use probity_model::{Arn, Finding, Gap, Seen, Snapshot, Timestamp, Topic};

use crate::access_keys::Key;
use crate::registry::Entry;

/// What the sheet is made from: whoever asks for it wants these read, whichever checks run.
pub const TOPICS: [Topic; 7] = [
    Topic::CredentialReport,
    Topic::AuthorizationDetails,
    Topic::VirtualMfaDevices,
    Topic::UserMfaDevices,
    Topic::AccessKeys,
    Topic::SshKeys,
    Topic::ServiceCredentials,
];

/// What stands in the cells of a key or certificate that is not there.
const NO_KEY: &str = "no key";
const NO_CERTIFICATE: &str = "no certificate";
/// Why AWS lists nothing of this kind for the root user.
const NOT_FOR_ROOT: &str = "the root user cannot have one";

/// The sheet of an account: the root user first, then the users by name.
pub(crate) fn of(snapshot: &Snapshot, checks: &[&Entry], findings: &[Finding]) -> Vec<UserCredentials> {
    let mut rows = match snapshot.facts.credential_report.get() {
        Ok(report) => reported(snapshot, report),
        Err(gap) => unreported(snapshot, gap),
    };
    wrong::note(&mut rows, checks, findings);
    rows
}

/// The rows of the report, and those of users that are younger than it.
fn reported(snapshot: &Snapshot, report: &CredentialReport) -> Vec<UserCredentials> {
    let sheet = Sheet::new(snapshot, Told::Known(report.generated_at));
    let root_arn = snapshot.partition.root_of(&snapshot.account);
    let root = match &report.root {
        Some(row) => sheet.row(row),
        None => sheet.unknown(
            Told::Known(CredentialReport::ROOT.to_owned()),
            Told::Known(root_arn),
            "the credential report has no row for the root user",
        ),
    };
    let mut users: Vec<UserCredentials> = report.users.iter().map(|row| sheet.row(row)).collect();
    let known: BTreeSet<&Arn> = report.users.iter().map(|row| &row.arn).collect();
    if let Ok(details) = snapshot.facts.authorization_details.get() {
        for user in details.users.iter().filter(|user| !known.contains(&user.arn)) {
            let why = "the credential report does not have this user: it is older than the user";
            let mut row = sheet.unknown(Told::Known(user.name.clone()), Told::Known(user.arn.clone()), why);
            row.created = sheet.dated_option(user.created_at);
            sheet.lists(&mut row, &user.name, &user.arn, why);
            users.push(row);
        }
    }
    users.sort_by(by_name);
    users.insert(0, root);
    users
}

/// Without a report: the users that the authorization details name, and what the lists know of them; without those too,
/// one row that says so for all.
fn unreported(snapshot: &Snapshot, gap: &Gap) -> Vec<UserCredentials> {
    let why = gap.to_string();
    let sheet = Sheet::new(snapshot, Told::Missing(why.clone()));
    let root_arn = snapshot.partition.root_of(&snapshot.account);
    let root = sheet.unknown(Told::Known(CredentialReport::ROOT.to_owned()), Told::Known(root_arn), &why);
    let mut users = match snapshot.facts.authorization_details.get() {
        Ok(details) => details
            .users
            .iter()
            .map(|user| {
                let mut row = sheet.unknown(Told::Known(user.name.clone()), Told::Known(user.arn.clone()), &why);
                row.created = sheet.dated_option(user.created_at);
                sheet.lists(&mut row, &user.name, &user.arn, &why);
                row
            })
            .collect(),
        Err(_) => vec![sheet.unknown(Told::Missing(why.clone()), Told::Missing(why.clone()), &why)],
    };
    users.sort_by(by_name);
    users.insert(0, root);
    users
}

fn by_name(a: &UserCredentials, b: &UserCredentials) -> core::cmp::Ordering {
    (a.user.value(), a.arn.value()).cmp(&(b.user.value(), b.arn.value()))
}

/// What all rows of an account share.
struct Sheet<'s> {
    snapshot: &'s Snapshot,
    generated_at: Told<Timestamp>,
    /// Who has a virtual device, as far as the list of those was read.
    with_virtual_devices: BTreeSet<&'s Arn>,
    /// The service-specific credentials by user, likewise.
    service_credentials: BTreeMap<&'s str, Vec<&'s ServiceCredential>>,
}

impl<'s> Sheet<'s> {
    fn new(snapshot: &'s Snapshot, generated_at: Told<Timestamp>) -> Self {
        let devices = snapshot.facts.virtual_mfa_devices.get().into_iter().flat_map(|assigned| &assigned.devices);
        let mut service_credentials: BTreeMap<&str, Vec<&ServiceCredential>> = BTreeMap::new();
        for one in snapshot.facts.service_credentials.get().into_iter().flat_map(|all| &all.credentials) {
            service_credentials.entry(&one.user).or_default().push(one);
        }
        let with_virtual_devices = devices.filter_map(|device| device.user.as_ref()).collect();
        Self { snapshot, generated_at, with_virtual_devices, service_credentials }
    }

    /// A row of which nothing but its name is known.
    fn unknown(&self, user: Told<String>, arn: Told<Arn>, why: &str) -> UserCredentials {
        let is_root = user.value().is_some_and(|user| user == CredentialReport::ROOT);
        let key = || AccessKeySheet {
            id: missing(why),
            status: missing(why),
            created: missing(why),
            last_used: missing(why),
            last_used_service: missing(why),
            last_used_region: missing(why),
        };
        let certificate = || CertificateSheet { status: missing(why), uploaded: missing(why) };
        let list = || if is_root { Told::None(NOT_FOR_ROOT.to_owned()) } else { missing(why) };
        UserCredentials {
            account: self.snapshot.account.clone(),
            user,
            arn,
            as_of: self.snapshot.taken_at,
            report_generated_at: self.generated_at.clone(),
            created: missing(why),
            password: PasswordSheet { enabled: missing(why), changed: missing(why), last_used: missing(why) },
            mfa_active: missing(why),
            mfa_kinds: missing(why),
            access_keys: [key(), key()],
            certificates: [certificate(), certificate()],
            ssh_keys: list(),
            service_credentials: list(),
            failing: Vec::new(),
            accepted: Vec::new(),
            not_evaluated: Vec::new(),
        }
    }

    /// A row of the report, with what the lists add to it.
    fn row(&self, row: &CredentialRow) -> UserCredentials {
        let mut sheet = self.unknown(Told::Known(row.user.clone()), Told::Known(row.arn.clone()), "");
        sheet.created = self.dated(&row.created_at, "");
        let password = match row.password_enabled {
            Cell::Value(false) => "no password",
            _ => "never, as far as AWS has noted",
        };
        sheet.password = PasswordSheet {
            enabled: told(&row.password_enabled, ""),
            changed: self.dated(&row.password_last_changed, password),
            last_used: self.dated(&row.password_last_used, password),
        };
        sheet.mfa_active = told(&row.mfa_active, "");
        sheet.access_keys = self.access_keys(row);
        let [first, second] = &row.certificates;
        sheet.certificates = [self.certificate(first), self.certificate(second)];
        if row.user == CredentialReport::ROOT {
            sheet.mfa_kinds = self.root_mfa(row);
        } else {
            sheet.mfa_kinds = self.mfa_kinds(&row.user, &row.arn, &row.mfa_active);
            self.other_lists(&mut sheet, &row.user);
        }
        sheet
    }

    /// Everything that is not in the report, of a user that the report does not have.
    fn lists(&self, row: &mut UserCredentials, user: &str, arn: &Arn, why: &str) {
        row.mfa_kinds = self.mfa_kinds(user, arn, &Cell::NoColumn);
        row.mfa_active = match &row.mfa_kinds {
            Told::Known(kinds) => Told::Known(!kinds.is_empty()),
            Told::None(_) => Told::Known(false),
            Told::Missing(_) => missing(why),
        };
        self.other_lists(row, user);
        let Ok(Some(Seen::Known(keys))) = self.snapshot.facts.access_keys.get().map(|keys| keys.users.get(user)) else {
            return;
        };
        for (sheet, key) in row.access_keys.iter_mut().zip(keys.iter().map(Some).chain([None, None])) {
            *sheet = match key {
                None => no_key(),
                Some(key) => AccessKeySheet {
                    id: Told::Known(key.id.clone()),
                    status: Told::Known(status(key.active)),
                    created: self.dated_option(key.created_at),
                    last_used: missing(why),
                    last_used_service: missing(why),
                    last_used_region: missing(why),
                },
            };
        }
    }

    fn other_lists(&self, row: &mut UserCredentials, user: &str) {
        let facts = &self.snapshot.facts;
        row.ssh_keys = match facts.ssh_keys.get().map(|keys| keys.users.get(user)) {
            Ok(Some(Seen::Known(keys))) => list(keys.iter().map(|key| OtherCredential {
                id: key.id.clone(),
                service: String::new(),
                active: key.active,
                created: key.uploaded_at.map(|at| self.dated_at(at)),
                expires_at: None,
            })),
            Ok(Some(Seen::Missing(gap))) | Err(gap) => missing(&gap.to_string()),
            Ok(None) => missing("the SSH keys of this user were not listed"),
        };
        row.service_credentials = match facts.service_credentials.get() {
            Ok(_) => list(self.service_credentials.get(user).into_iter().flatten().map(|one| OtherCredential {
                id: one.id.clone(),
                service: one.service.clone(),
                active: one.active,
                created: one.created_at.map(|at| self.dated_at(at)),
                expires_at: one.expires_at,
            })),
            Err(gap) => missing(&gap.to_string()),
        };
    }

    /// The kinds of a user's devices, from the list of its devices; without it, what the report and the list of virtual
    /// devices leave of the question.
    fn mfa_kinds(&self, user: &str, arn: &Arn, active: &Cell<bool>) -> Told<Vec<String>> {
        let facts = &self.snapshot.facts;
        let gap = match facts.user_mfa_devices.get().map(|listed| listed.users.get(user)) {
            Ok(Some(Seen::Known(devices))) if devices.is_empty() => return Told::None("no device".to_owned()),
            Ok(Some(Seen::Known(devices))) => {
                let mut kinds: Vec<String> = devices.iter().map(|device| word(device.kind()).to_owned()).collect();
                kinds.sort();
                return Told::Known(kinds);
            }
            Ok(Some(Seen::Missing(gap))) | Err(gap) => gap.to_string(),
            Ok(None) => "the devices of this user were not listed".to_owned(),
        };
        match active {
            _ if self.with_virtual_devices.contains(arn) => missing(&format!("virtual, and perhaps others: {gap}")),
            Cell::Value(false) => Told::None("no device".to_owned()),
            _ => missing(&gap),
        }
    }

    /// The kinds of the root user's devices. No API lists them, but the virtual ones stand in the list of those.
    fn root_mfa(&self, row: &CredentialRow) -> Told<Vec<String>> {
        let assigned = match self.snapshot.facts.virtual_mfa_devices.get() {
            Ok(assigned) => assigned,
            Err(_) if row.mfa_active == Cell::Value(false) => return Told::None("no device".to_owned()),
            Err(gap) => return missing(&gap.to_string()),
        };
        let count = assigned.devices.iter().filter(|device| device.user.as_ref() == Some(&row.arn)).count();
        match row.mfa_active {
            _ if count > 0 => {
                missing(&format!("{count} virtual, and perhaps others: AWS does not list the devices of the root user"))
            }
            Cell::Value(true) if assigned.devices.iter().any(|device| device.user.is_none()) => {
                missing("the list of virtual devices does not say of all whose they are: one can be the root user's")
            }
            Cell::Value(true) => Told::Known(vec!["fido-or-hardware-token".to_owned()]),
            Cell::Value(false) => Told::None("no device".to_owned()),
            _ => missing("AWS does not list the devices of the root user"),
        }
    }

    fn access_keys(&self, row: &CredentialRow) -> [AccessKeySheet; 2] {
        let listed = self.snapshot.facts.access_keys.get();
        let no_id = match listed.map(|keys| keys.users.get(&row.user)) {
            _ if row.user == CredentialReport::ROOT => "AWS does not tell the ids of the root user's keys".to_owned(),
            Ok(Some(Seen::Missing(gap))) | Err(gap) => gap.to_string(),
            Ok(Some(Seen::Known(_))) => "several keys were created in the same second".to_owned(),
            Ok(None) => "the keys of this user were not listed".to_owned(),
        };
        let mut sheets = [no_key(), no_key()];
        let mut free = Vec::new();
        for key in Key::of(row, listed.ok()) {
            let sheet = self.access_key(&key, &no_id);
            match key.name {
                "access_key_1" => sheets[0] = sheet,
                "access_key_2" => sheets[1] = sheet,
                // A key that only the list shows has taken the place of one that is gone.
                _ => free.push(sheet),
            }
        }
        for sheet in free {
            if let Some(place) = sheets.iter_mut().find(|place| **place == no_key()) {
                *place = sheet;
            }
        }
        sheets
    }

    fn access_key(&self, key: &Key<'_>, no_id: &str) -> AccessKeySheet {
        let young = || "the credential report does not have this key: it is older than the key".to_owned();
        let of_slot =
            |cell: &dyn Fn(&AccessKeySlot) -> Told<String>| key.slot().map_or_else(|| missing(&young()), cell);
        AccessKeySheet {
            id: key.id().map_or_else(|| missing(no_id), |id| Told::Known(id.to_owned())),
            status: match (key.active, key.slot()) {
                (Some(active), _) => Told::Known(status(active)),
                (None, Some(slot)) => told(&slot.active, "").map(|active| status(*active)),
                (None, None) => missing(&young()),
            },
            created: match (key.created_at, key.slot()) {
                (Some(at), _) => Told::Known(self.dated_at(at)),
                (None, Some(slot)) => self.dated(&slot.last_rotated, ""),
                (None, None) => missing("AWS did not say when"),
            },
            last_used: key.slot().map_or_else(
                || missing(&young()),
                |slot| self.dated(&slot.last_used_at, "never, as far as AWS has noted"),
            ),
            last_used_service: of_slot(&|slot| told(&slot.last_used_service, "never used")),
            last_used_region: of_slot(&|slot| told(&slot.last_used_region, "never used, or of no Region")),
        }
    }

    fn certificate(&self, slot: &CertificateSlot) -> CertificateSheet {
        let empty = slot.active == Cell::Value(false) && matches!(slot.last_rotated, Cell::NotApplicable);
        if empty {
            let none = || NO_CERTIFICATE.to_owned();
            return CertificateSheet { status: Told::None(none()), uploaded: Told::None(none()) };
        }
        CertificateSheet {
            status: told(&slot.active, "").map(|active| status(*active)),
            uploaded: self.dated(&slot.last_rotated, ""),
        }
    }

    fn dated(&self, cell: &Cell<Timestamp>, none: &str) -> Told<Dated> {
        told(cell, none).map(|at| self.dated_at(*at))
    }

    fn dated_at(&self, at: Timestamp) -> Dated {
        Dated::new(at, self.snapshot.taken_at)
    }

    fn dated_option(&self, at: Option<Timestamp>) -> Told<Dated> {
        at.map_or_else(|| missing("AWS did not say when"), |at| Told::Known(self.dated_at(at)))
    }
}

fn no_key() -> AccessKeySheet {
    AccessKeySheet {
        id: Told::None(NO_KEY.to_owned()),
        status: Told::None(NO_KEY.to_owned()),
        created: Told::None(NO_KEY.to_owned()),
        last_used: Told::None(NO_KEY.to_owned()),
        last_used_service: Told::None(NO_KEY.to_owned()),
        last_used_region: Told::None(NO_KEY.to_owned()),
    }
}

fn list(all: impl Iterator<Item = OtherCredential>) -> Told<Vec<OtherCredential>> {
    let mut all: Vec<OtherCredential> = all.collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    if all.is_empty() { Told::None(String::new()) } else { Told::Known(all) }
}

fn missing<T>(why: &str) -> Told<T> {
    Told::Missing(why.to_owned())
}

fn status(active: bool) -> String {
    if active { "active".to_owned() } else { "inactive".to_owned() }
}

const fn word(kind: MfaKind) -> &'static str {
    match kind {
        MfaKind::Virtual => "virtual",
        MfaKind::Fido => "fido",
        MfaKind::HardwareToken => "hardware-token",
    }
}

/// A cell of the report; `none` is what its `N/A` and `no_information` mean.
fn told<T: Clone>(cell: &Cell<T>, none: &str) -> Told<T> {
    match cell {
        Cell::Value(value) => Told::Known(value.clone()),
        Cell::NotApplicable | Cell::NoInformation if none.is_empty() => {
            missing("the credential report does not tell it")
        }
        Cell::NotApplicable | Cell::NoInformation => Told::None(none.to_owned()),
        Cell::NotSupported => missing("the credential report does not tell it of the root user"),
        Cell::NoColumn => missing("the credential report has no such column"),
        Cell::Unreadable(text) => missing(&format!("the credential report says `{text}`")),
    }
}

#[cfg(test)]
mod tests;
