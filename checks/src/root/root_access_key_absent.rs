//! The root user has no access keys.
//!
//! # Why
//! An access key of the root user can do everything in the account, cannot be restricted by any identity policy, and
//! signs in without a second factor. Whoever finds it owns the account.
//!
//! # Pass
//! The account summary counts no access key of the root user, and both keys of the root row of the credential report are
//! inactive.
//!
//! # Fail
//! The account summary counts an access key of the root user, or the credential report shows an Active one.
//!
//! # Notes
//! The account summary changes at once, while AWS hands out the same credential report for up to four hours: where they
//! disagree, the summary counts. An Inactive key is still a key; the summary shows that it exists.
//!
//! # Fix
//! Sign in as root, or open a privileged root session from the management account. Find out in CloudTrail whether anything
//! uses the key, delete it, and use a role for the rare tasks that need root.
//!
//! # Command
//! ```sh
//! aws iam delete-access-key --access-key-id KEY_ID
//! ```

use alloc::format;

use probity_model::facts::{AccountSummary, CredentialReport};
use probity_model::{Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "root-access-key-absent",
        family: Family::Root,
        title: "Root user holds no access keys",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::AccountRoot,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s AccountSummary, Result<&'s CredentialReport, &'s Gap>);

    fn run((summary, report): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let mut root = out.whole_account();
        let Some(present) = summary.entry(AccountSummary::ACCESS_KEYS_PRESENT) else {
            return root.unclear("the account summary does not say whether the root user has access keys");
        };
        root = root.evidence(AccountSummary::ACCESS_KEYS_PRESENT, present);
        if let Ok(CredentialReport { root: Some(row), generated_at, .. }) = report {
            root = root.evidence("report_generated_at", generated_at);
            for (slot, key) in (1..).zip(&row.access_keys) {
                root = root.evidence(format!("access_key_{slot}_active"), &key.active);
            }
        }
        if present > 0 {
            root.fail("the root user has an access key")
        } else {
            root.pass("the root user has no access key")
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;
    use probity_model::facts::AccountSummary;
    use probity_model::facts::credential_report::Cell;

    use crate::testing::outcomes;

    const ID: &str = "root-access-key-absent";

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, Account::new()), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new().summary(AccountSummary::ACCESS_KEYS_PRESENT, 1)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AccountSummary)), [NotEvaluated]);
        let silent = Account::new().without_summary(AccountSummary::ACCESS_KEYS_PRESENT);
        assert_eq!(outcomes(ID, silent), [NotEvaluated]);
    }

    /// The report can be four hours old: a key that was deleted since still shows there.
    #[test]
    fn trap_the_summary_counts_where_the_report_lags() {
        let deleted = Account::new().root(|root| root.access_keys[0].active = Cell::Value(true));
        assert_eq!(outcomes(ID, deleted), [Pass]);
    }

    /// The report only says whether a key is Active.
    #[test]
    fn trap_an_inactive_key_is_still_a_key() {
        let inactive = Account::new()
            .summary(AccountSummary::ACCESS_KEYS_PRESENT, 1)
            .root(|root| root.access_keys[0].active = Cell::Value(false));
        assert_eq!(outcomes(ID, inactive), [Fail]);
    }
}
