//! Accounts for the tests of the checks of escalation.

use std::format;
use std::string::String;

use probity_model::Finding;
use probity_model::Outcome;
use probity_model::builder::Account;

use crate::testing::findings;

/// A policy that allows everything.
pub(crate) const ADMIN: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A policy of one statement; the action is JSON.
pub(crate) fn statement(effect: &str, action: &str, resource: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":{action},"Resource":"{resource}","Condition":{{{condition}}}}}]}}"#
    )
}

/// A policy that allows an action.
pub(crate) fn allow(action: &str, resource: &str) -> String {
    statement("Allow", &format!("\"{action}\""), resource, "")
}

/// An account with an administrator, the user `boss`.
pub(crate) fn boss() -> Account {
    Account::new().user("boss", |user| user.inline("all", ADMIN))
}

/// The account with a user `anna` that holds a policy within a boundary.
pub(crate) fn with_boundary(account: Account, boundary: &str, own: &str) -> Account {
    account
        .policy("boundary", boundary, |policy| policy.boundary_of(1))
        .user("anna", |user| user.inline("own", own).boundary("arn:aws:iam::123456789012:policy/boundary"))
}

/// The finding of a check about one user or role.
pub(crate) fn finding(check: &str, account: Account, resource: &str) -> Finding {
    let found = findings(check, account).into_iter();
    let mut of = found.filter(|finding| finding.resource.resource() == resource);
    let first = of.next().expect("a finding");
    assert!(of.next().is_none(), "one finding for each user and role");
    first
}

/// Its outcome.
pub(crate) fn of(check: &str, account: Account, resource: &str) -> Outcome {
    finding(check, account, resource).outcome
}
