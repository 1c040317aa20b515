//! The second factor of the root user is a security key, a passkey or a hardware token.
//!
//! # Why
//! An authenticator application keeps its secret in a telephone or a backup, where it can be copied, and a false
//! sign-in page can ask for its code. For the one user whom nothing restricts, that is too little.
//!
//! # Pass
//! The root user has an MFA device, and none of the assigned virtual devices is the root user's.
//!
//! # Fail
//! A virtual MFA device is assigned to the root user, even beside others, or the root user has a password and no
//! device.
//!
//! # Not applicable
//! The root user has no password, as where its credentials were removed centrally; AWS GovCloud (US), whose root users
//! have no console sign-in.
//!
//! # Notes
//! No API lists the security keys of the root user: what is not a virtual device counts as hardware. A passkey that is
//! kept in step between devices therefore passes. Where the account summary does not say whether the root user has a
//! password, a virtual device fails.
//!
//! # Fix
//! Register a FIDO2 security key or a hardware token for the root user, better two, then deactivate the virtual device.
//!
//! # Command
//! ```sh
//! aws iam list-virtual-mfa-devices --assignment-status Assigned
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::{AccountSummary, VirtualMfaDevices};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "root-hardware-mfa",
        family: Family::Root,
        title: "Root MFA is a security key, passkey or hardware token, not a virtual app",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::AccountRoot,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s AccountSummary, &'s VirtualMfaDevices);

    fn run((summary, assigned): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        if out.partition().is_gov_cloud() {
            return out.whole_account().not_applicable("root users of AWS GovCloud (US) have no console sign-in");
        }
        let arn = out.root_arn();
        let of_root = assigned.devices.iter().filter(|device| device.user.as_ref() == Some(&arn));
        let mut serials: Vec<&str> = of_root.map(|device| device.serial.as_str()).collect();
        serials.sort_unstable();
        let ownerless = assigned.devices.iter().filter(|device| device.user.is_none()).count();
        let mut root = out.whole_account();
        for entry in [AccountSummary::MFA_ENABLED, AccountSummary::PASSWORD_PRESENT] {
            if let Some(value) = summary.entry(entry) {
                root = root.evidence(entry, value);
            }
        }
        root = root.evidence("virtual_mfa_devices", list(&serials));
        match (summary.entry(AccountSummary::PASSWORD_PRESENT), summary.entry(AccountSummary::MFA_ENABLED)) {
            (Some(0), _) => root.not_applicable("the root user has no password, so nobody can sign in with one"),
            _ if !serials.is_empty() => {
                root.fail(format!("virtual MFA devices of the root user: {}; none is allowed", serials.len()));
            }
            (_, None) => root.unclear("the account summary does not say whether the root user has an MFA device"),
            (_, Some(1..)) if ownerless > 0 => root.unclear(format!(
                "the list of virtual MFA devices does not say of {ownerless} whose they are: one can be the root user's"
            )),
            (_, Some(1..)) => root.pass("the root user has an MFA device, and no virtual one"),
            (Some(_), Some(_)) => root.fail("the root user has a password and no MFA device"),
            (None, Some(_)) => root.unclear(
                "the root user has no MFA device, and the account summary does not say whether it has a password",
            ),
        }
    }
}

/// The serial numbers in one line.
fn list(serials: &[&str]) -> String {
    if serials.is_empty() { String::from("none") } else { serials.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::user_credentials::VirtualMfaDevice;
    use probity_model::facts::{AccountSummary, VirtualMfaDevices};
    use probity_model::{Arn, Seen, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "root-hardware-mfa";
    const ROOT: &str = "arn:aws:iam::123456789012:root";
    const USUAL: &str = "arn:aws:iam::123456789012:mfa/root-account-mfa-device";

    fn root(password: i64, mfa: i64) -> Account {
        Account::new().summary(AccountSummary::PASSWORD_PRESENT, password).summary(AccountSummary::MFA_ENABLED, mfa)
    }

    /// The account with virtual devices, each a serial number and whose it is.
    fn with(account: Account, devices: &[(&str, Option<&str>)]) -> Account {
        let device = |(serial, user): &(&str, Option<&str>)| VirtualMfaDevice {
            serial: (*serial).to_owned(),
            user: user.map(Arn::new),
            enabled_at: None,
        };
        let devices = devices.iter().map(device).collect();
        account.facts(|facts| facts.virtual_mfa_devices = Seen::Known(VirtualMfaDevices { devices, unassigned: None }))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, root(1, 1)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, root(1, 0)), [Fail]);
        assert_eq!(outcomes(ID, with(root(1, 1), &[(USUAL, Some(ROOT))])), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, root(0, 0)), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::gov_cloud().summary(AccountSummary::PASSWORD_PRESENT, 1)), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, root(1, 1).deny(Topic::AccountSummary)), [NotEvaluated]);
        assert_eq!(outcomes(ID, root(1, 1).deny(Topic::VirtualMfaDevices)), [NotEvaluated]);
        assert_eq!(outcomes(ID, root(1, 1).without_summary(AccountSummary::MFA_ENABLED)), [NotEvaluated]);
        assert_eq!(outcomes(ID, root(1, 0).without_summary(AccountSummary::PASSWORD_PRESENT)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(root(1, 1), &[(USUAL, None)])), [NotEvaluated], "a device of nobody knows whom");
    }

    /// Whatever the summary leaves out, a virtual device of the root user is one.
    #[test]
    fn a_virtual_device_fails_without_the_rest() {
        let virtual_device = || with(root(1, 1), &[(USUAL, Some(ROOT))]);
        assert_eq!(outcomes(ID, virtual_device().without_summary(AccountSummary::PASSWORD_PRESENT)), [Fail]);
        assert_eq!(outcomes(ID, virtual_device().without_summary(AccountSummary::MFA_ENABLED)), [Fail]);
    }

    #[test]
    fn trap_only_the_exact_arn_is_the_root_user() {
        let others = [
            ("arn:aws:iam::123456789012:mfa/a", Some("arn:aws:iam::123456789012:user/grootadmin")),
            ("arn:aws:iam::123456789012:mfa/b", Some("arn:aws:iam::123456789012:user/root")),
            ("arn:aws:iam::123456789012:mfa/c", Some("arn:aws:iam::999999999999:root")),
        ];
        assert_eq!(outcomes(ID, with(root(1, 1), &others)), [Pass]);
        let china = || {
            Account::in_partition("aws-cn", "cn-north-1")
                .summary(AccountSummary::PASSWORD_PRESENT, 1)
                .summary(AccountSummary::MFA_ENABLED, 1)
        };
        let serial = "arn:aws-cn:iam::123456789012:mfa/root-account-mfa-device";
        assert_eq!(outcomes(ID, with(china(), &[(serial, Some("arn:aws-cn:iam::123456789012:root"))])), [Fail]);
        assert_eq!(outcomes(ID, with(china(), &[(serial, Some(ROOT))])), [Pass], "not of this partition");
    }

    /// A FIDO device of the root user shows nowhere: an enabled second factor without a virtual device is one.
    #[test]
    fn trap_hardware_is_what_is_left_over() {
        let users_only = [("arn:aws:iam::123456789012:mfa/anna", Some("arn:aws:iam::123456789012:user/anna"))];
        let [finding] = findings(ID, with(root(1, 1), &users_only)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Pass);
        let shown = finding.evidence.iter().find(|item| item.key == "virtual_mfa_devices");
        assert_eq!(shown.map(|item| item.value.as_str()), Some("none"));
        assert_eq!(outcomes(ID, with(root(1, 0), &users_only)), [Fail], "no device at all is not hardware");
    }

    /// The root user may have eight devices; the summary says only that there is one.
    #[test]
    fn trap_one_virtual_device_among_several_fails() {
        let two = [(USUAL, Some(ROOT)), ("arn:aws:iam::123456789012:mfa/second", Some(ROOT))];
        let [finding] = findings(ID, with(root(1, 1), &two)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(finding.message, "virtual MFA devices of the root user: 2; none is allowed");
        let beside_a_users =
            [two[1], ("arn:aws:iam::123456789012:mfa/anna", Some("arn:aws:iam::123456789012:user/anna"))];
        assert_eq!(outcomes(ID, with(root(1, 1), &beside_a_users)), [Fail]);
    }

    #[test]
    fn trap_the_name_of_a_device_says_nothing() {
        let named = [("arn:aws:iam::123456789012:mfa/chief-telephone", Some(ROOT))];
        assert_eq!(outcomes(ID, with(root(1, 1), &named)), [Fail]);
        let of_a_user = [(USUAL, Some("arn:aws:iam::123456789012:user/anna"))];
        assert_eq!(outcomes(ID, with(root(1, 1), &of_a_user)), [Pass]);
    }
}
