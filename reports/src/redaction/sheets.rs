//! What stands beside the findings: the credential sheet and the answers of frameworks.

use std::path::Path;

use probity_model::credentials::{OtherCredential, Told, UserCredentials};
use probity_model::framework::FrameworkRun;

use super::Redaction;

impl Redaction {
    /// A user's row: the name, the ids, and every text that says why something is not known.
    pub(super) fn credentials(&self, row: &mut UserCredentials) {
        row.account = self.pseudonyms.account(row.account.as_str());
        row.arn = self.told(&row.arn, |arn| self.pseudonyms.arn(arn));
        row.user = self.told(&row.user, |name| match name.as_str() {
            // The root user has no name of its own.
            root if root.starts_with('<') => root.to_owned(),
            name => self.pseudonyms.name(name),
        });
        row.report_generated_at = self.told(&row.report_generated_at, |at| *at);
        row.created = self.told(&row.created, |at| *at);
        row.password.enabled = self.told(&row.password.enabled, |on| *on);
        row.password.changed = self.told(&row.password.changed, |at| *at);
        row.password.last_used = self.told(&row.password.last_used, |at| *at);
        row.mfa_active = self.told(&row.mfa_active, |on| *on);
        row.mfa_kinds = self.told(&row.mfa_kinds, Clone::clone);
        for key in &mut row.access_keys {
            key.id = self.told(&key.id, |id| self.pseudonyms.unique_id(id));
            key.status = self.told(&key.status, Clone::clone);
            key.created = self.told(&key.created, |at| *at);
            key.last_used = self.told(&key.last_used, |at| *at);
            key.last_used_service = self.told(&key.last_used_service, Clone::clone);
            key.last_used_region = self.told(&key.last_used_region, Clone::clone);
        }
        for certificate in &mut row.certificates {
            certificate.status = self.told(&certificate.status, Clone::clone);
            certificate.uploaded = self.told(&certificate.uploaded, |at| *at);
        }
        let other = |all: &Vec<OtherCredential>| {
            let one =
                |other: &OtherCredential| OtherCredential { id: self.pseudonyms.unique_id(&other.id), ..other.clone() };
            all.iter().map(one).collect()
        };
        row.ssh_keys = self.told(&row.ssh_keys, other);
        row.service_credentials = self.told(&row.service_credentials, other);
    }

    /// A framework's answers, and the name of the file where it is somebody's own.
    pub(super) fn framework(&self, framework: &mut FrameworkRun) {
        if Path::new(&framework.source).is_absolute() {
            framework.source = super::REMOVED.to_owned();
        }
        for control in &mut framework.controls {
            control.reason = self.text(&control.reason);
            for account in &mut control.accounts {
                account.account = self.pseudonyms.account(account.account.as_str());
            }
        }
    }

    fn told<T>(&self, told: &Told<T>, known: impl FnOnce(&T) -> T) -> Told<T> {
        match told {
            Told::Known(value) => Told::Known(known(value)),
            Told::None(why) => Told::None(self.text(why)),
            Told::Missing(why) => Told::Missing(self.text(why)),
        }
    }
}
