//! Privileged users have a second factor that cannot be phished, or at least not copied: FIDO or a hardware token.
//!
//! # Why
//! The code of an application can be typed into a false page, and its secret copied from a backup or a screenshot. A passkey
//! or a security key answers only to the real page; the secret of a hardware token does not leave it.
//!
//! # Pass
//! At least one MFA device of the user is FIDO (a passkey or a security key) or a hardware token.
//!
//! # Fail
//! The user has MFA devices, and all of them are virtual: applications that make one-time codes.
//!
//! # Not applicable
//! The user is not privileged, or has no MFA device; that is the matter of `user-mfa-privileged`. With `applies_to` set to
//! `all-console`: the user has no console password, or no MFA device.
//!
//! # Notes
//! A user is privileged whose policies and groups allow, on every resource, an IAM action that changes what somebody may do
//! or lets one sign in as another user. A permissions boundary and a Deny that always applies are considered; service control
//! policies are not, nor are roles the user can assume. Where such an action is allowed only for some resources or under a
//! condition, a user with virtual devices alone is not evaluated.
//!
//! The kind of a device is told by its serial number: an ARN with `:u2f/` is FIDO, any other ARN is virtual, and a plain text
//! is a hardware token. FIDO covers passkeys that a vendor's cloud synchronizes, as well as security keys. Only the list of
//! each user's devices tells the kinds, and it is read under `--detail full`: a user with a virtual device may have a FIDO
//! device beside it, and a user without one may have lost it since the credential report was made.
//!
//! # Fix
//! Register a passkey or a security key, and a second one as a spare: a user can have eight devices. Then remove the virtual
//! device, which otherwise stays as the weaker way in.
//!
//! # Command
//! ```sh
//! aws iam list-mfa-devices --user-name USER
//! ```

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::facts::user_credentials::MfaKind;
use probity_model::facts::{AuthorizationDetails, CredentialReport, UserMfaDevices, VirtualMfaDevices};
use probity_model::{
    Automation, ChoiceParameter, Family, Findings, Gap, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Subject,
};

use crate::mfa_devices::Devices;
use crate::privilege::Privilege;

/// Which users are looked at.
const APPLIES_TO: ChoiceParameter = ChoiceParameter {
    name: "applies_to",
    default: PRIVILEGED,
    choices: &[PRIVILEGED, "all-console"],
    source: "AWS recommends phishing-resistant MFA wherever possible (IAM User Guide, \"AWS MFA in IAM\"); privileged \
             users come first",
};
const PRIVILEGED: &str = "privileged";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-mfa-phishing-resistant",
        family: Family::Mfa,
        title: "Privileged users have a FIDO2 or hardware device",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Choice(APPLIES_TO)],
    };
    type Facts<'s> = (
        &'s CredentialReport,
        Result<&'s AuthorizationDetails, &'s Gap>,
        Option<&'s VirtualMfaDevices>,
        Result<&'s UserMfaDevices, &'s Gap>,
    );

    fn run((report, details, assigned, listed): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let privileged_only = parameters.choice(&APPLIES_TO) == PRIVILEGED;
        for row in &report.users {
            let concern = if privileged_only { by_privilege(row, details) } else { by_password(row) };
            let devices = Devices::of(row, assigned, listed);
            let user = out
                .resource(row.arn.clone())
                .evidence("mfa_active", &row.mfa_active)
                .evidence("report_generated_at", report.generated_at);
            judge(user, concern, devices);
        }
        // A user that is newer than the report is not in it, and must not go unmentioned.
        let all = details.map_or(&[][..], |details| &details.users);
        for user in all.iter().filter(|user| report.user(&user.name).is_none()) {
            let harmless =
                privileged_only && details.is_ok_and(|details| Privilege::of(user, details) == Privilege::No);
            let subject = out.resource(user.arn.clone()).evidence("report_generated_at", report.generated_at);
            if harmless {
                subject.not_applicable(NOT_PRIVILEGED);
            } else {
                subject
                    .unclear("the user is newer than the credential report, which tells whether it has an MFA device");
            }
        }
    }
}

const NOT_PRIVILEGED: &str = "the user is not privileged";

/// Whether the rule is about a user.
enum Concern<'s> {
    /// It is; why.
    Yes(String),
    /// The user's policies leave it open; how.
    Possibly(String),
    /// It is not; why.
    No(&'static str),
    /// What would tell was not read.
    Unread(&'s Gap),
    /// What was read does not tell.
    Unclear(&'static str),
}

fn by_password(row: &CredentialRow) -> Concern<'static> {
    match row.password_enabled {
        Cell::Value(true) => Concern::Yes("the user has a console password".to_owned()),
        Cell::Value(false) => Concern::No("the user has no console password"),
        _ => Concern::Unclear("the credential report does not say whether the user has a console password"),
    }
}

fn by_privilege<'s>(row: &CredentialRow, details: Result<&AuthorizationDetails, &'s Gap>) -> Concern<'s> {
    let details = match details {
        Ok(details) => details,
        Err(gap) => return Concern::Unread(gap),
    };
    let Some(user) = details.user(&row.arn) else {
        return Concern::No("the user was deleted after the credential report was made");
    };
    match Privilege::of(user, details) {
        Privilege::Yes(reason) => Concern::Yes(reason),
        Privilege::Unknown(reason) => Concern::Possibly(reason),
        Privilege::No => Concern::No(NOT_PRIVILEGED),
    }
}

fn judge(user: Subject<'_, '_>, concern: Concern<'_>, devices: Devices<'_>) {
    let (certain, reason) = match concern {
        Concern::Yes(reason) => (true, reason),
        Concern::Possibly(reason) => (false, reason),
        Concern::No(reason) => return user.not_applicable(reason),
        Concern::Unread(gap) => return user.not_evaluated(gap),
        Concern::Unclear(reason) => return user.unclear(reason),
    };
    let devices = match devices {
        Devices::All(devices) => devices,
        Devices::None => return user.not_applicable("the user has no MFA device"),
        Devices::AnyKind(gap) => return user.not_evaluated(&gap),
        Devices::Unclear => {
            return user.unclear("the credential report does not say whether the user has an MFA device");
        }
    };
    let user = devices.iter().fold(user, |user, device| user.evidence("SerialNumber", &device.serial));
    let has = |kind| devices.iter().any(|device| device.kind() == kind);
    if has(MfaKind::Fido) {
        user.pass("the user has a FIDO device: a passkey or a security key");
    } else if has(MfaKind::HardwareToken) {
        user.pass("the user has a hardware token");
    } else if certain {
        user.fail(format!("every MFA device of the user is virtual, and {reason}"));
    } else {
        user.unclear(format!(
            "every MFA device of the user is virtual, and its policies leave open whether it is privileged: {reason}"
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, UserBuilder, denied};
    use probity_model::facts::credential_report::Cell;
    use probity_model::facts::user_credentials::{MfaDevice, VirtualMfaDevice};
    use probity_model::{Arn, Finding, Gap, GapKind, Outcome, Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-mfa-phishing-resistant";
    const VIRTUAL: &str = "arn:aws:iam::123456789012:mfa/anna";
    const FIDO: &str = "arn:aws:iam::123456789012:u2f/user/anna/key-ABCDEFG";
    const TOKEN: &str = "GAHT12345678";
    const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn known(serials: &[&str]) -> Seen<Vec<MfaDevice>> {
        Seen::Known(serials.iter().map(|&serial| MfaDevice { serial: serial.into(), enabled_at: None }).collect())
    }

    fn anna(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", change)
    }

    /// An administrator with MFA, whose devices nobody has listed yet.
    fn admin() -> Account {
        anna(|user| user.console_password().mfa().inline("all", EVERYTHING))
    }

    fn listed(account: Account, devices: Seen<Vec<MfaDevice>>) -> Account {
        account.facts(|facts| {
            if let Seen::Known(all) = &mut facts.user_mfa_devices {
                all.users.insert("anna".into(), devices);
            }
        })
    }

    fn admin_with(serials: &[&str]) -> Account {
        listed(admin(), known(serials))
    }

    fn assigned_virtual(account: Account) -> Account {
        let user = Some(Arn::new("arn:aws:iam::123456789012:user/anna"));
        account.facts(|facts| {
            if let Seen::Known(all) = &mut facts.virtual_mfa_devices {
                all.devices.push(VirtualMfaDevice { serial: VIRTUAL.into(), user, enabled_at: None });
            }
        })
    }

    fn only(account: Account) -> Finding {
        findings(ID, account).remove(0)
    }

    fn all_console(account: Account) -> Vec<Outcome> {
        outcomes_with(ID, &[("applies_to", "all-console")], account)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, admin_with(&[VIRTUAL, FIDO])), [Pass]);
        assert_eq!(outcomes(ID, admin_with(&[TOKEN])), [Pass]);
    }

    #[test]
    fn fail() {
        let finding = only(admin_with(&[VIRTUAL, "arn:aws:iam::123456789012:mfa/spare"]));
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.contains("the policy all allows"), "{}", finding.message);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(
            outcomes(ID, listed(anna(|user| user.console_password().mfa()), known(&[VIRTUAL]))),
            [NotApplicable]
        );
        assert_eq!(outcomes(ID, anna(|user| user.console_password().inline("all", EVERYTHING))), [NotApplicable]);
        assert_eq!(outcomes(ID, admin_with(&[])), [NotApplicable], "the list is newer than the report");
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::CredentialReport, Topic::AuthorizationDetails] {
            assert_eq!(outcomes(ID, admin_with(&[FIDO]).deny(topic)), [NotEvaluated], "{topic:?}");
            assert_eq!(outcomes(ID, admin_with(&[VIRTUAL]).deny(topic)), [NotEvaluated], "{topic:?}");
        }
    }

    #[test]
    fn not_evaluated_where_the_report_does_not_say_whether_there_is_a_device() {
        for cell in [Cell::NoColumn, Cell::Unreadable("maybe".into())] {
            let account = anna(|mut user| {
                user.row.mfa_active = cell;
                user.inline("all", EVERYTHING)
            });
            assert_eq!(outcomes(ID, account.clone()), [NotEvaluated]);
            assert_eq!(outcomes(ID, listed(account, known(&[VIRTUAL]))), [Fail], "the list tells it all");
        }
    }

    /// Hardware and FIDO cannot be told apart, and the virtual device may have gone since the report was made.
    #[test]
    fn a_device_that_is_not_virtual_is_not_evaluated_without_the_list() {
        let finding = only(admin().deny(Topic::UserMfaDevices));
        assert_eq!((finding.outcome, finding.gap.as_deref()), (NotEvaluated, Some(&denied(Topic::UserMfaDevices))));
    }

    #[test]
    fn beside_a_virtual_device_there_may_be_another_one() {
        let gap = Gap::not_requested("read under --detail full");
        let finding = only(assigned_virtual(admin()).facts(|facts| facts.set_gap(Topic::UserMfaDevices, gap.clone())));
        assert_eq!((finding.outcome, finding.gap.as_deref()), (NotEvaluated, Some(&gap)));
        assert_eq!(outcomes(ID, assigned_virtual(admin_with(&[VIRTUAL, FIDO]))), [Pass]);
    }

    #[test]
    fn a_user_whose_own_list_is_missing_is_not_evaluated() {
        let gap = denied(Topic::UserMfaDevices);
        let finding = only(listed(admin(), Seen::Missing(gap.clone())));
        assert_eq!((finding.outcome, finding.gap.as_deref()), (NotEvaluated, Some(&gap)));
        let unlisted = only(admin());
        assert_eq!(unlisted.outcome, NotEvaluated);
        assert_eq!(unlisted.gap.map(|gap| gap.kind), Some(GapKind::NotRequested));
    }

    #[test]
    fn a_virtual_device_enrolled_since_the_report_counts_as_a_device() {
        let enrolled = assigned_virtual(anna(|user| user.inline("all", EVERYTHING)));
        assert_eq!(outcomes(ID, enrolled.deny(Topic::UserMfaDevices)), [NotEvaluated]);
    }

    #[test]
    fn without_the_virtual_devices_the_list_still_tells() {
        assert_eq!(outcomes(ID, admin_with(&[VIRTUAL]).deny(Topic::VirtualMfaDevices)), [Fail]);
    }

    #[test]
    fn a_privilege_within_limits_is_not_evaluated_unless_the_device_is_good() {
        let limited = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"arn:aws:iam::123456789012:user/dev/*"}]}"#;
        let with = |serial| listed(anna(|user| user.mfa().inline("limited", limited)), known(&[serial]));
        assert_eq!(outcomes(ID, with(VIRTUAL)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(FIDO)), [Pass]);
    }

    #[test]
    fn all_console_looks_at_the_password_alone() {
        let plain = |serial| listed(anna(|user| user.console_password().mfa()), known(&[serial]));
        assert_eq!(all_console(plain(VIRTUAL).deny(Topic::AuthorizationDetails)), [Fail]);
        assert_eq!(all_console(plain(FIDO)), [Pass]);
        assert_eq!(
            all_console(listed(anna(|user| user.mfa().inline("all", EVERYTHING)), known(&[VIRTUAL]))),
            [NotApplicable]
        );
        let unreadable = anna(|mut user| {
            user.row.password_enabled = Cell::NoColumn;
            user.mfa()
        });
        assert_eq!(all_console(listed(unreadable, known(&[FIDO]))), [NotEvaluated]);
    }

    #[test]
    fn a_user_newer_than_the_report_does_not_go_unmentioned() {
        let new = |account: Account| {
            account.facts(|facts| {
                if let Seen::Known(report) = &mut facts.credential_report {
                    report.users.clear();
                }
            })
        };
        assert_eq!(outcomes(ID, new(admin())), [NotEvaluated]);
        assert_eq!(outcomes(ID, new(anna(|user| user))), [NotApplicable]);
        assert_eq!(all_console(new(anna(|user| user))), [NotEvaluated]);
    }

    #[test]
    fn a_user_deleted_since_the_report_is_not_judged() {
        let gone = admin_with(&[VIRTUAL]).facts(|facts| {
            if let Seen::Known(details) = &mut facts.authorization_details {
                details.users.clear();
            }
        });
        assert_eq!(outcomes(ID, gone), [NotApplicable]);
    }

    #[test]
    fn trap_the_shape_of_the_serial_number_tells_the_kind() {
        for (serial, outcome, said) in [
            (VIRTUAL, Fail, "virtual"),
            ("arn:aws-us-gov:iam::123456789012:mfa/u2f", Fail, "virtual"),
            (FIDO, Pass, "FIDO device: a passkey or a security key"),
            (TOKEN, Pass, "hardware token"),
        ] {
            let finding = only(admin_with(&[serial]));
            assert_eq!(finding.outcome, outcome, "{serial}");
            assert!(finding.message.contains(said), "{serial}: {}", finding.message);
            let serials: Vec<String> = finding
                .evidence
                .into_iter()
                .filter(|item| item.key == "SerialNumber")
                .map(|item| item.value.into())
                .collect();
            assert_eq!(serials, [serial]);
        }
    }

    /// `GetMFADevice` tells certifications of FIDO devices only: a hardware token has none and is good all the same.
    #[test]
    fn trap_no_verdict_rests_on_certifications() {
        let finding = only(admin_with(&[TOKEN]));
        assert_eq!(finding.outcome, Pass);
        assert!(!finding.operations.is_empty());
        assert!(
            !finding.operations.iter().any(|operation| operation == "iam:GetMFADevice"),
            "{:?}",
            finding.operations
        );
    }
}
