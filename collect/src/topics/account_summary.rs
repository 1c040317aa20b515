//! Counters and quotas of the account's IAM: one call.

use probity_model::facts::AccountSummary;
use probity_model::{Gap, Service};

use crate::reader::{Reader, operation, required};

pub(crate) async fn read(reader: &Reader<'_>) -> Result<AccountSummary, Gap> {
    let get = operation(Service::Iam, "GetAccountSummary");
    let answer = reader.ask(get, reader.clients.iam().get_account_summary().send()).await?;
    let map = required(get, "SummaryMap", answer.summary_map)?;
    Ok(AccountSummary {
        entries: map.into_iter().map(|(entry, value)| (entry.as_str().to_owned(), i64::from(value))).collect(),
    })
}
