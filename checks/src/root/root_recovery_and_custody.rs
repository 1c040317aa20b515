//! The root user is looked after by several people, and can be recovered.
//!
//! # Why
//! Whoever reads the mailbox of the root user can set a new password, and a root user whose only key or only keeper is
//! gone is lost when it is needed. No API tells who keeps what.
//!
//! # Pass
//! A person attests all of it: the address is a mailbox of a group within the organization, the password and the MFA
//! devices are kept by different people, there are at least two MFA devices, and the mailbox and the telephone number
//! belong to separate groups and can be reached.
//!
//! # Fail
//! The person finds one of these missing.
//!
//! # Not applicable
//! A member account whose root user has no credentials; only the person can say so here.
//!
//! # Notes
//! The check is always `manual`. Only the address and the telephone number could be read, and they tell nothing of who
//! keeps them. Security questions are no part of it: AWS has withdrawn them.
//!
//! # Fix
//! Change the address of the root user to an alias of a group that is watched, register a second MFA device, and write
//! down how two people sign in together.
//!
//! # Command
//! ```sh
//! aws account get-primary-email --account-id ACCOUNT_ID
//! ```

use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// What to look at.
const QUESTIONS: &str = "confirm that the address of the root user is a mailbox of a group within the organization, \
    that its password and its MFA devices are kept by different people, that there are at least two MFA devices, and \
    that mailbox and telephone number belong to separate groups and can be reached; a member account whose root user \
    has no credentials needs none of it";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "root-recovery-and-custody",
        family: Family::Root,
        title: "Root custody: group mailbox, split knowledge, spare MFA, reachable recovery channels",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::AccountRoot,
        automation: Automation::Manual,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = ();

    fn run((): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        out.whole_account().manual(QUESTIONS);
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::Manual;
    use probity_model::builder::Account;

    use crate::registry;
    use crate::testing::{findings, outcomes};

    const ID: &str = "root-recovery-and-custody";

    #[test]
    fn manual() {
        let [finding] = findings(ID, Account::new()).try_into().expect("one finding");
        assert_eq!(finding.outcome, Manual);
        for what in ["mailbox", "different people", "two MFA devices", "telephone", "no credentials"] {
            assert!(finding.message.contains(what), "{what}: {}", finding.message);
        }
    }

    /// Nothing that could be read would answer it, so nothing is read, and no refusal changes the answer.
    #[test]
    fn trap_custody_is_attested_and_not_read() {
        assert!(registry::find(ID).expect("the check exists").needs().is_empty());
        assert_eq!(outcomes(ID, Account::new().deny_everything()), [Manual]);
        assert_eq!(outcomes(ID, Account::gov_cloud()), [Manual]);
        assert_eq!(outcomes(ID, Account::new().organization()), [Manual]);
    }

    /// AWS no longer has them, so nobody can be asked to set any.
    #[test]
    fn trap_security_questions_are_not_asked_for() {
        let [finding] = findings(ID, Account::new()).try_into().expect("one finding");
        let docs = registry::find(ID).expect("the check exists").docs;
        for text in [&*finding.message, docs.pass, docs.fail, docs.fix] {
            assert!(!text.contains("question"), "{text}");
        }
    }
}
