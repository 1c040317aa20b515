//! What a run of several accounts has of every resource: findings and credentials, read back from disk when a report asks.

use probity_model::credentials::UserCredentials;
use probity_model::{AccountId, Finding};
use probity_reports::{Bulk, ReportError, Visit};

use super::state::State;
use super::stored::Stored;

/// Findings and credentials of all accounts, on disk.
pub(crate) struct Kept<'s> {
    pub(crate) findings: Stored,
    pub(crate) state: &'s State,
    /// The accounts that are done, by id.
    pub(crate) accounts: Vec<AccountId>,
}

impl Kept<'_> {
    /// The findings of an account, and the credentials of its users.
    pub(crate) fn of_account(&self, account: &AccountId) -> Result<(Vec<Finding>, Vec<UserCredentials>), ReportError> {
        let mut found = Vec::new();
        self.findings.visit(Some(account), &mut |finding| {
            found.push(finding.clone());
            Ok(true)
        })?;
        // What is known of the organization stands with an account that need not be one of those that are done.
        let is_done = self.accounts.binary_search(account).is_ok();
        Ok((found, if is_done { self.users(account)? } else { Vec::new() }))
    }

    fn users(&self, account: &AccountId) -> Result<Vec<UserCredentials>, ReportError> {
        self.state.credentials(account).map_err(|error| ReportError::Credentials(error.to_string()))
    }
}

impl Bulk for Kept<'_> {
    fn findings(&self, visit: Visit<'_, Finding>) -> Result<(), ReportError> {
        self.findings.visit(None, &mut |finding| visit(finding).map(|()| true))
    }

    fn credentials(&self, visit: Visit<'_, UserCredentials>) -> Result<(), ReportError> {
        self.accounts.iter().try_for_each(|account| self.users(account)?.iter().try_for_each(&mut *visit))
    }
}
