//! Whoever signs in as root needs a second factor.
//!
//! # Why
//! The root user can do everything, and no policy of the account stops it. With a password alone, one phished mail or one
//! reused password is enough to lose the account.
//!
//! # Pass
//! The root user has an MFA device, or has no password at all.
//!
//! # Fail
//! The root user has a password and no MFA device.
//!
//! # Not applicable
//! AWS GovCloud (US), whose root users have no console sign-in.
//!
//! # Notes
//! Member accounts whose root credentials were removed centrally have no MFA device and need none. AWS demands a device at
//! the next sign-in of a root user, which does not help an account whose root user never signs in.
//!
//! # Fix
//! Register at least two MFA devices for the root user, or remove the root credentials of member accounts through central
//! root access.

use probity_model::facts::AccountSummary;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "root-mfa-enabled",
        family: Family::Root,
        title: "Root sign-in needs a second factor",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::AccountRoot,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AccountSummary;

    fn run(summary: &AccountSummary, _: &Parameters, out: &mut Findings<'_>) {
        if out.partition().is_gov_cloud() {
            return out.whole_account().not_applicable("root users of AWS GovCloud (US) have no console sign-in");
        }
        let mut root = out.whole_account();
        for entry in [AccountSummary::MFA_ENABLED, AccountSummary::PASSWORD_PRESENT] {
            if let Some(value) = summary.entry(entry) {
                root = root.evidence(entry, value);
            }
        }
        match (summary.entry(AccountSummary::MFA_ENABLED), summary.entry(AccountSummary::PASSWORD_PRESENT)) {
            (Some(1..), _) => root.pass("the root user has an MFA device"),
            (_, Some(0)) => root.pass("the root user has no password, so nobody can sign in with one"),
            (Some(_), Some(_)) => root.fail("the root user signs in with a password alone"),
            (None, _) => root.unclear("the account summary does not say whether the root user has an MFA device"),
            (Some(_), None) => root.unclear(
                "the root user has no MFA device, and the account summary does not say whether it has a password",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;
    use probity_model::facts::AccountSummary;

    use crate::testing::outcomes;

    const ID: &str = "root-mfa-enabled";

    fn root(password: i64, mfa: i64) -> Account {
        Account::new().summary(AccountSummary::PASSWORD_PRESENT, password).summary(AccountSummary::MFA_ENABLED, mfa)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, root(1, 1)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, root(1, 0)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::gov_cloud().summary(AccountSummary::PASSWORD_PRESENT, 1)), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, root(1, 0).deny(Topic::AccountSummary)), [NotEvaluated]);
    }

    #[test]
    fn trap_member_accounts_without_root_credentials_need_no_device() {
        assert_eq!(outcomes(ID, root(0, 0)), [Pass]);
    }

    #[test]
    fn trap_a_missing_entry_is_unknown_and_not_zero() {
        assert_eq!(outcomes(ID, root(1, 0).without_summary(AccountSummary::PASSWORD_PRESENT)), [NotEvaluated]);
        assert_eq!(outcomes(ID, root(1, 1).without_summary(AccountSummary::MFA_ENABLED)), [NotEvaluated]);
    }
}
