//! The ARNs of users that other answers give by name only.

use alloc::collections::BTreeMap;
use alloc::format;

use probity_model::facts::CredentialReport;
use probity_model::{Arn, Findings};

/// The ARNs that the credential report gives, by user name.
///
/// A user's ARN holds its path, which does not follow from the name. Where the report is missing, or older than the
/// user, the path is taken as `/`, which is what most users have.
pub(crate) struct UserArns<'s>(BTreeMap<&'s str, &'s Arn>);

impl<'s> UserArns<'s> {
    /// The users of a report, where there is one.
    pub(crate) fn of(report: Option<&'s CredentialReport>) -> Self {
        let rows = report.into_iter().flat_map(|report| &report.users);
        Self(rows.map(|row| (row.user.as_str(), &row.arn)).collect())
    }

    /// The ARN of a user of the account that `out` judges.
    pub(crate) fn get(&self, user: &str, out: &Findings<'_>) -> Arn {
        let by_name = || Arn::new(format!("arn:{}:iam::{}:user/{user}", out.partition(), out.account()));
        self.0.get(user).map_or_else(by_name, |&arn| arn.clone())
    }
}
