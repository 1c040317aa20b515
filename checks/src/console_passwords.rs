//! How the checks of the password policy conclude: the policy governs the console passwords of IAM users, and nothing else.

use alloc::format;
use alloc::string::String;

use probity_model::facts::CredentialReport;
use probity_model::facts::credential_report::Cell;
use probity_model::{Gap, Subject};

/// What a password policy is worth where somebody has a console password.
pub(crate) enum Verdict {
    /// It is good enough.
    Pass(String),
    /// It is not.
    Fail(String),
    /// The answer does not say.
    Unclear(String),
}

/// Gives the verdict, unless no user has a console password: then the policy does not apply, and the message still tells
/// what it is.
///
/// Where nobody knows whether there is such a user, a good policy passes and any other one is not evaluated: it is as good
/// with a user as without one, while only a user makes a failure.
pub(crate) fn conclude(subject: Subject<'_, '_>, report: Result<&CredentialReport, &Gap>, verdict: Verdict) {
    let report = match report {
        Ok(report) => report,
        Err(gap) => {
            return match verdict {
                Verdict::Pass(message) => subject.pass(message),
                Verdict::Fail(_) => subject.not_evaluated(gap),
                Verdict::Unclear(message) => subject.unclear(message),
            };
        }
    };
    let count =
        |wanted: fn(&Cell<bool>) -> bool| report.users.iter().filter(|row| wanted(&row.password_enabled)).count();
    let with_password = count(|cell| *cell == Cell::Value(true));
    let unknown = count(|cell| cell.value().is_none());
    let subject = subject
        .evidence("report_generated_at", report.generated_at)
        .evidence("users_with_password_enabled", with_password);
    match verdict {
        Verdict::Pass(message) | Verdict::Fail(message) | Verdict::Unclear(message) if with_password + unknown == 0 => {
            subject.not_applicable(format!("no IAM user has a console password; {message}"));
        }
        Verdict::Pass(message) => subject.pass(message),
        Verdict::Fail(message) if with_password == 0 => subject.unclear(format!(
            "the credential report does not say of {unknown} users whether they have a console password; {message}"
        )),
        Verdict::Fail(message) => subject.fail(message),
        Verdict::Unclear(message) => subject.unclear(message),
    }
}

/// Accounts for the tests of the family.
#[cfg(test)]
pub(crate) mod testing {
    use probity_model::Seen;
    use probity_model::builder::Account;
    use probity_model::facts::PasswordPolicy;
    use probity_model::facts::password_policy::PasswordRules;

    /// An account with one console user and no password policy of its own.
    pub(crate) fn default_policy() -> Account {
        Account::new().user("anna", |user| user.console_password())
    }

    /// An account with one console user and a password policy.
    pub(crate) fn custom_policy(rules: PasswordRules) -> Account {
        with_rules(default_policy(), rules)
    }

    /// An account without any user, and a password policy.
    pub(crate) fn policy_for_nobody(rules: PasswordRules) -> Account {
        with_rules(Account::new(), rules)
    }

    fn with_rules(account: Account, rules: PasswordRules) -> Account {
        account.facts(|facts| facts.password_policy = Seen::Known(PasswordPolicy::Custom(rules)))
    }
}
