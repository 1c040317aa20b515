//! Every user with a console password has a second factor.
//!
//! # Why
//! A password alone is one phishing mail, or one leak of a reused password, away from somebody else.
//!
//! # Pass
//! The user has a console password and an MFA device. With `scope` set to `any-credential`: the user has any active credential
//! and an MFA device.
//!
//! # Fail
//! The user has a console password and no MFA device. With `any-credential`: any active credential and no MFA device.
//!
//! # Not applicable
//! The user has no console password. With `any-credential`: neither a password nor an active access key nor an active signing
//! certificate.
//!
//! # Notes
//! AWS hands out the same credential report for up to four hours: a device enrolled since then still fails, and the evidence
//! says when the report was made. A new user with a password to be changed at first sign-in fails until then; the message
//! says how old the user is. A device does not make requests with access keys ask for it: only a policy does, which
//! `user-mfa-policy-enforced` looks at. Users of Identity Center are not in the credential report; their second factor is
//! set there.
//!
//! # Fix
//! Have the user enrol a passkey or a security key, or move the person to Identity Center and delete the login profile.
//!
//! # Command
//! ```sh
//! aws iam enable-mfa-device --user-name USER --serial-number ARN --authentication-code1 CODE1 --authentication-code2 CODE2
//! ```

use alloc::format;

use probity_model::facts::CredentialReport;
use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::{
    Automation, ChoiceParameter, Family, Findings, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
};

/// Which users are looked at.
const SCOPE: ChoiceParameter = ChoiceParameter {
    name: "scope",
    default: CONSOLE,
    choices: &[CONSOLE, "any-credential"],
    source: "CIS AWS Foundations Benchmark and AWS Security Hub IAM.5: console users. Security Hub IAM.19: every user",
};
const CONSOLE: &str = "console";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-mfa-console",
        family: Family::Mfa,
        title: "Every console user has MFA",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Choice(SCOPE)],
    };
    type Facts<'s> = &'s CredentialReport;

    fn run(report: &CredentialReport, parameters: &Parameters, out: &mut Findings<'_>) {
        if report.users.is_empty() {
            return out.whole_account().not_applicable(
                "the account has no IAM users; users of Identity Center are not in the credential report",
            );
        }
        let console_only = parameters.choice(&SCOPE) == CONSOLE;
        for row in &report.users {
            judge(row, report, console_only, out);
        }
    }
}

fn judge(row: &CredentialRow, report: &CredentialReport, console_only: bool, out: &mut Findings<'_>) {
    let age = row.created_at.value().map(|created| out.days_since(*created).max(0));
    let user = out
        .resource(row.arn.clone())
        .evidence("password_enabled", &row.password_enabled)
        .evidence("mfa_active", &row.mfa_active)
        .evidence("user_creation_time", &row.created_at)
        .evidence("report_generated_at", report.generated_at);
    let keys = || row.access_keys.iter().map(|key| &key.active);
    let has_key = keys().any(|active| *active == Cell::Value(true));
    let user =
        (1..).zip(keys()).fold(user, |user, (slot, active)| user.evidence(format!("access_key_{slot}_active"), active));
    match applies(row, console_only) {
        None => {
            return user.unclear("the credential report does not say whether the user has a credential that counts");
        }
        Some(false) if console_only => return user.not_applicable("the user has no console password"),
        Some(false) => {
            return user.not_applicable("the user has no console password, active access key or signing certificate");
        }
        Some(true) => {}
    }
    match row.mfa_active {
        Cell::Value(true) if has_key => user.pass(
            "the user has an MFA device; requests with its access keys ask for it only where a policy demands it",
        ),
        Cell::Value(true) => user.pass("the user has an MFA device"),
        Cell::Value(false) => {
            let what = if row.password_enabled == Cell::Value(true) {
                "the user signs in with a password alone"
            } else {
                "the user has a credential and no MFA device"
            };
            let age = age.map_or_else(Default::default, |days| format!("; the user was created {days} days ago"));
            let unused =
                matches!((&row.password_enabled, &row.password_last_used), (Cell::Value(true), Cell::NoInformation));
            let unused = if unused { "; no sign-in is recorded" } else { "" };
            user.fail(format!("{what}{age}{unused}"));
        }
        _ => user.unclear("the credential report does not say whether the user has an MFA device"),
    }
}

/// Whether the rule is about this user; `None` where nobody knows.
fn applies(row: &CredentialRow, console_only: bool) -> Option<bool> {
    if console_only {
        return row.password_enabled.value().copied();
    }
    let certificates = row.certificates.iter().map(|certificate| &certificate.active);
    let mut credentials =
        [&row.password_enabled].into_iter().chain(row.access_keys.iter().map(|key| &key.active)).chain(certificates);
    if credentials.clone().any(|active| *active == Cell::Value(true)) {
        Some(true)
    } else if credentials.all(|active| *active == Cell::Value(false)) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, UserBuilder, seconds_ago};
    use probity_model::facts::CredentialReport;
    use probity_model::facts::credential_report::Cell;
    use probity_model::{Outcome, ResourceKind, Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-mfa-console";

    fn anna(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", change)
    }

    fn any_credential(change: impl FnOnce(UserBuilder) -> UserBuilder) -> vec::Vec<Outcome> {
        outcomes_with(ID, &[("scope", "any-credential")], anna(change))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, anna(|user| user.console_password().mfa())), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, anna(|user| user.console_password())), [Fail]);
    }

    #[test]
    fn each_user_has_a_verdict() {
        let account = anna(|user| user.console_password().mfa()).user("ben", |user| user.console_password());
        assert_eq!(outcomes(ID, account), [Pass, Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, anna(|user| user.key(1, |key| key))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        let account = anna(|user| user.console_password().mfa()).deny(Topic::CredentialReport);
        assert_eq!(outcomes(ID, account), [NotEvaluated]);
    }

    #[test]
    fn not_evaluated_where_a_cell_does_not_say() {
        for cell in [Cell::NoColumn, Cell::Unreadable("maybe".into()), Cell::NotSupported, Cell::NotApplicable] {
            let device = anna(|mut user| {
                user.row.mfa_active = cell.clone();
                user.console_password()
            });
            assert_eq!(outcomes(ID, device), [NotEvaluated], "{cell}");
            let password = anna(|mut user| {
                user.row.password_enabled = cell.clone();
                user.mfa()
            });
            assert_eq!(outcomes(ID, password), [NotEvaluated], "{cell}");
        }
    }

    #[test]
    fn any_credential_looks_at_keys_and_certificates_too() {
        let certificate = |mut user: UserBuilder| {
            user.row.certificates[1].active = Cell::Value(true);
            user
        };
        assert_eq!(any_credential(|user| user.console_password()), [Fail]);
        assert_eq!(any_credential(|user| user.key(2, |key| key)), [Fail]);
        assert_eq!(any_credential(|user| user.key(2, |key| key).mfa()), [Pass]);
        assert_eq!(any_credential(certificate), [Fail]);
        assert_eq!(any_credential(|user| certificate(user).mfa()), [Pass]);
        assert_eq!(any_credential(|user| user.key(1, |key| key.inactive())), [NotApplicable]);
    }

    #[test]
    fn any_credential_is_not_evaluated_where_no_cell_shows_one_and_one_is_unreadable() {
        let unreadable = |mut user: UserBuilder| {
            user.row.access_keys[1].active = Cell::NoColumn;
            user
        };
        assert_eq!(any_credential(unreadable), [NotEvaluated]);
        assert_eq!(any_credential(|user| unreadable(user).console_password()), [Fail]);
    }

    /// A device enrolled minutes ago still fails: the evidence says how old the report is.
    #[test]
    fn trap_the_evidence_says_when_the_cached_report_was_made() {
        let made = seconds_ago(4 * 3_600);
        let account = anna(|user| user.console_password()).facts(|facts| {
            if let Seen::Known(CredentialReport { generated_at, .. }) = &mut facts.credential_report {
                *generated_at = made;
            }
        });
        let finding = findings(ID, account).remove(0);
        let shown = finding.evidence.iter().find(|item| item.key == "report_generated_at");
        assert_eq!((finding.outcome, shown.map(|item| item.value.as_str())), (Fail, Some("2026-11-22T04:00:00Z")));
    }

    #[test]
    fn trap_a_failure_tells_the_age_of_the_user_and_whether_anybody_signed_in() {
        let message = |change: fn(UserBuilder) -> UserBuilder| findings(ID, anna(change)).remove(0).message;
        assert_eq!(
            message(|user| user.console_password().created_days_ago(3).password_never_used()),
            "the user signs in with a password alone; the user was created 3 days ago; no sign-in is recorded"
        );
        assert_eq!(
            message(|user| user.console_password().created_days_ago(400)),
            "the user signs in with a password alone; the user was created 400 days ago"
        );
    }

    #[test]
    fn trap_a_device_does_not_guard_requests_with_access_keys() {
        let message = |account| findings(ID, account).remove(0).message;
        let with_key = message(anna(|user| user.console_password().mfa().key(1, |key| key)));
        assert!(
            with_key.contains("requests with its access keys ask for it only where a policy demands it"),
            "{with_key}"
        );
        let without = message(anna(|user| user.console_password().mfa().key(1, |key| key.inactive())));
        assert!(!without.contains("access keys"), "{without}");
    }

    #[test]
    fn trap_users_of_identity_center_are_not_in_the_report() {
        let finding = findings(ID, Account::new()).remove(0);
        assert_eq!((finding.outcome, finding.resource_kind), (NotApplicable, ResourceKind::Account));
        assert!(finding.message.contains("users of Identity Center are not in the credential report"));
    }
}
