//! No virtual MFA device is left over.
//!
//! # Why
//! A virtual device that is assigned to nobody is the rest of a set-up that was not finished, or of a second factor that was
//! taken away. Its secret may still lie in somebody's application, and its name is taken: the next attempt to set it up
//! fails, and people do without.
//!
//! # Pass
//! Every virtual MFA device is assigned.
//!
//! # Fail
//! The device is assigned to nobody.
//!
//! # Not applicable
//! There is no virtual MFA device.
//!
//! # Notes
//! AWS does not tell when a device was made: one that somebody is setting up at this moment shows up as well. A passkey or a
//! hardware token is never left over in this way.
//!
//! # Fix
//! Delete the device.
//!
//! # Command
//! ```sh
//! aws iam delete-virtual-mfa-device --serial-number SERIAL
//! ```

use probity_model::facts::VirtualMfaDevices;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "mfa-virtual-device-unassigned",
        family: Family::Mfa,
        title: "No virtual MFA device is left over",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s VirtualMfaDevices;

    fn run(facts: &VirtualMfaDevices, _: &Parameters, out: &mut Findings<'_>) {
        let assigned = facts.devices.len();
        for serial in facts.unassigned.iter().flatten() {
            let subject = out.whole_account().discriminator(serial.clone()).evidence("SerialNumber", serial);
            subject.evidence("assigned", assigned).fail("the virtual MFA device is assigned to nobody");
        }
        if !out.is_empty() {
            return;
        }
        let subject = out.whole_account().evidence("assigned", assigned);
        match (&facts.unassigned, assigned) {
            (None, _) => subject.unclear("it was not read which devices are assigned to nobody"),
            (Some(_), 0) => subject.not_applicable("there is no virtual MFA device"),
            (Some(_), _) => subject.pass("every virtual MFA device is assigned"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago};
    use probity_model::facts::VirtualMfaDevices;
    use probity_model::facts::user_credentials::VirtualMfaDevice;
    use probity_model::{Arn, Seen, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "mfa-virtual-device-unassigned";

    fn account(assigned: usize, unassigned: Option<&[&str]>) -> Account {
        let device = |number| VirtualMfaDevice {
            serial: std::format!("arn:aws:iam::123456789012:mfa/{number}"),
            user: Some(Arn::new("arn:aws:iam::123456789012:user/anna")),
            enabled_at: Some(days_ago(3)),
        };
        let devices = (0..assigned).map(device).collect();
        let unassigned = unassigned.map(|serials| serials.iter().map(ToString::to_string).collect::<Vec<_>>());
        Account::new().facts(|facts| {
            facts.virtual_mfa_devices = Seen::Known(VirtualMfaDevices { devices, unassigned });
        })
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, account(2, Some(&[]))), [Pass]);
    }

    #[test]
    fn fail() {
        let all = findings(
            ID,
            account(1, Some(&["arn:aws:iam::123456789012:mfa/old", "arn:aws:iam::123456789012:mfa/older"])),
        );
        assert_eq!(all.iter().map(|finding| finding.outcome).collect::<Vec<_>>(), vec![Fail, Fail]);
        assert!(all.iter().all(|finding| finding.discriminator.contains("mfa/old")), "{all:?}");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, account(1, Some(&[])).deny(Topic::VirtualMfaDevices)), [NotEvaluated]);
        assert_eq!(outcomes(ID, account(1, None)), [NotEvaluated], "a snapshot of an earlier release");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, account(0, Some(&[]))), [NotApplicable]);
    }
}
