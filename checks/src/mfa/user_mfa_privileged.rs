//! Every user who is an administrator has a second factor, whatever credential it uses.
//!
//! # Why
//! Whoever gets hold of the password or the key of an administrator has the account. A second factor stands in between
//! where policies or the sign-in ask for it.
//!
//! # Pass
//! The user is an administrator, by what its policies let it do or by a way to become one, and has an MFA device.
//!
//! # Fail
//! The user is an administrator, has a console password, an active access key or an active signing certificate, and no
//! MFA device. Where its power is limited to requests with a second factor, the failure is one severity lower: without
//! a device nobody has the power, but whoever has the password may be able to enrol one.
//!
//! # Not applicable
//! The user is no administrator, or has no active credential.
//!
//! # Notes
//! Administrators are told as in `user-administrator-access`: by effect, with all groups and inline policies, and with
//! permissions boundaries and the policies of the organization. Where such a limit takes the power away, the message says
//! so. Where it is not sure whether a user is an administrator, the check is not evaluated, even if it has a device.
//!
//! A device by itself does not make requests with access keys ask for it: only a condition of a policy does, which
//! `user-mfa-policy-enforced` looks at.
//!
//! AWS hands out the same credential report for up to four hours; `report_generated_at` tells how old it is.
//!
//! # Fix
//! Enrol a device and let the administrator's policy ask for it with `aws:MultiFactorAuthPresent`, or replace the user by a
//! role.

use alloc::collections::BTreeMap;
use alloc::format;

use probity_model::facts::CredentialReport;
use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::{
    Arn, Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Timestamp,
};

use crate::administrators::{Power, UserPowers};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-mfa-privileged",
        family: Family::Mfa,
        title: "Administrator-equivalent users have MFA, whatever credential they use",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (Inferred<'s, UserPowers>, &'s CredentialReport);

    fn run((Inferred(powers), report): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let rows: BTreeMap<&Arn, &CredentialRow> = report.users.iter().map(|row| (&row.arn, row)).collect();
        for (arn, power) in powers.iter() {
            judge(arn, power, rows.get(arn).copied(), report.generated_at, out);
        }
    }
}

fn judge(arn: &Arn, power: &Power, row: Option<&CredentialRow>, generated_at: Timestamp, out: &mut Findings<'_>) {
    let mut subject = out.resource(arn.clone());
    let how = match power {
        Power::Not(None) => return subject.not_applicable("the user is no administrator"),
        Power::Not(Some(limit)) => {
            return subject.evidence("limited", limit).not_applicable(format!("the user is no administrator: {limit}"));
        }
        Power::Administrator(how) | Power::CanBecome(how) | Power::WithMfa(how) | Power::Perhaps(how) => how,
    };
    let key = match power {
        Power::Perhaps(_) => "administrator_depends_on",
        Power::WithMfa(_) => "administrator_with_mfa",
        Power::CanBecome(_) => "way_to_an_administrator",
        _ => "administrator",
    };
    subject = subject.evidence(key, how).evidence("report_generated_at", generated_at);
    let Some(row) = row else {
        return subject.unclear("the credential report, which may be four hours old, does not have the user");
    };
    subject = subject.evidence("mfa_active", &row.mfa_active).evidence("password_enabled", &row.password_enabled);
    for (slot, key) in (1..).zip(&row.access_keys) {
        subject = subject.evidence(format!("access_key_{slot}_active"), &key.active);
    }
    for (slot, certificate) in (1..).zip(&row.certificates) {
        subject = subject.evidence(format!("cert_{slot}_active"), &certificate.active);
    }
    let has_credential = has_credential(row);
    let is = if matches!(power, Power::CanBecome(_)) { "can become" } else { "is" };
    match (&row.mfa_active, has_credential, power) {
        (_, Some(false), _) => subject.not_applicable("the user has no password, active access key or certificate"),
        (_, _, Power::Perhaps(what)) => {
            subject.unclear(format!("whether the user is an administrator depends on {what}"));
        }
        (Cell::Value(true), ..) => {
            let keys = row.access_keys.iter().any(|key| key.active != Cell::Value(false));
            let note =
                if keys { "; requests with its access keys ask for it only where a policy demands it" } else { "" };
            subject.pass(format!("the user {is} an administrator and has an MFA device{note}"));
        }
        (Cell::Value(false), None, _) => {
            subject.unclear("the credential report does not say whether the user has an active credential");
        }
        (Cell::Value(false), Some(true), Power::WithMfa(_)) => {
            let message = format!("the user has no MFA device, and is an administrator in requests with one: {how}");
            subject.severity(Severity::High).fail(message);
        }
        (Cell::Value(false), Some(true), _) => {
            subject.fail(format!("the user {is} an administrator and has no MFA device: {how}"));
        }
        _ => subject.unclear("the credential report does not say whether the user has an MFA device"),
    }
}

/// Whether the user can sign in or sign requests; `None` where the report does not say.
fn has_credential(row: &CredentialRow) -> Option<bool> {
    let keys = row.access_keys.iter().map(|key| &key.active);
    let certificates = row.certificates.iter().map(|certificate| &certificate.active);
    let mut all = [&row.password_enabled].into_iter().chain(keys).chain(certificates);
    if all.clone().any(|active| *active == Cell::Value(true)) {
        Some(true)
    } else {
        all.all(|active| *active == Cell::Value(false)).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, UserBuilder};
    use probity_model::facts::credential_report::Cell;
    use probity_model::{Finding, Outcome, Seen, Severity, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "user-mfa-privileged";
    const LIMIT: &str = "arn:aws:iam::123456789012:policy/limit";

    fn allow(action: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{{condition}}}}}}}"#
        )
    }

    fn user(document: &str, change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", |user| change(user.inline("own", document)))
    }

    fn admin(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        user(&allow("*", ""), change)
    }

    fn outcome(account: Account) -> Outcome {
        finding(account).outcome
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(outcome(admin(|user| user.console_password().mfa())), Pass);
        let with_key = finding(admin(|user| user.key(1, |key| key).mfa()));
        assert_eq!(with_key.outcome, Pass);
        assert!(with_key.message.contains("only where a policy demands it"), "{}", with_key.message);
    }

    #[test]
    fn fail() {
        let found = finding(admin(|user| user.console_password()));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Critical));
        assert_eq!(outcome(admin(|user| user.key(2, |key| key))), Fail, "whatever the credential");
        let certificate = admin(|mut user| {
            user.row.certificates[1].active = Cell::Value(true);
            user
        });
        assert_eq!(outcome(certificate), Fail);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcome(user(&allow("s3:*", ""), |user| user.console_password())), NotApplicable);
        assert_eq!(outcome(admin(|user| user.key(1, |key| key.inactive()))), NotApplicable);
    }

    #[test]
    fn not_evaluated() {
        let account = || admin(|user| user.console_password().mfa());
        assert_eq!(outcomes(ID, account().deny(Topic::CredentialReport)), [NotEvaluated]);
        assert_eq!(outcomes(ID, account().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let newer_than_the_report = account().facts(|facts| {
            if let Seen::Known(report) = &mut facts.credential_report {
                report.users.clear();
            }
        });
        assert_eq!(outcome(newer_than_the_report), NotEvaluated);
        for cell in [Cell::NoColumn, Cell::Unreadable("maybe".into()), Cell::NotSupported, Cell::NotApplicable] {
            let device = admin(|mut user| {
                user.row.mfa_active = cell.clone();
                user.console_password()
            });
            assert_eq!(outcome(device), NotEvaluated, "{cell}");
            let password = admin(|mut user| {
                user.row.password_enabled = cell.clone();
                user
            });
            assert_eq!(outcome(password), NotEvaluated, "{cell}");
        }
    }

    #[test]
    fn perhaps_an_administrator_is_never_a_pass() {
        let unread = |change: fn(UserBuilder) -> UserBuilder| admin(change).deny(Topic::OrganizationMembership);
        assert_eq!(outcome(unread(|user| user.console_password())), NotEvaluated);
        assert_eq!(outcome(unread(|user| user.console_password().mfa())), NotEvaluated);
        assert_eq!(outcome(unread(|user| user)), NotApplicable);
    }

    #[test]
    fn power_that_asks_for_the_device_one_does_not_have_is_one_severity_lower() {
        let asked = allow("*", r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#);
        let found = finding(user(&asked, |user| user.console_password()));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::High));
        assert_eq!(outcome(user(&asked, |user| user.console_password().mfa())), Pass);
    }

    #[test]
    fn trap_groups_inline_policies_and_ways_to_become_an_administrator_count() {
        let password = |user: UserBuilder| user.console_password();
        let member = Account::new().user("anna", |user| password(user).group("admins"));
        let attached = member.clone().group("admins", |group| group.attached("AdministratorAccess"));
        assert_eq!(outcome(attached.aws_policy("AdministratorAccess", &allow("*", ""))), Fail);
        assert_eq!(outcome(member.group("admins", |group| group.inline("all", &allow("*", "")))), Fail);
        assert_eq!(outcome(user(&allow("iam:PutUserPolicy", ""), password)), Fail);
        assert_eq!(
            outcome(user(&allow("iam:CreatePolicyVersion", ""), password)),
            NotApplicable,
            "has no policy of its own"
        );
        let own = Account::new()
            .user("anna", |user| password(user).attached("arn:aws:iam::123456789012:policy/own"))
            .policy("own", &allow("iam:CreatePolicyVersion", ""), |policy| policy);
        assert_eq!(outcome(own), Fail);
    }

    #[test]
    fn trap_a_limit_that_takes_the_power_away_is_named() {
        let bounded = admin(|user| user.console_password().boundary(LIMIT));
        let found = finding(bounded.clone().policy("limit", &allow("s3:*", ""), |policy| policy));
        assert_eq!(found.outcome, NotApplicable);
        assert!(
            found.message.contains(&format!("the permissions boundary {LIMIT} takes it away")),
            "{}",
            found.message
        );
        assert_eq!(outcome(bounded.policy("limit", &allow("*", ""), |policy| policy)), Fail);
    }
}
