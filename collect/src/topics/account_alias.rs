//! The account's alias. An account has at most one.

use probity_model::facts::AccountAlias;
use probity_model::{Gap, Service};

use crate::reader::{Reader, operation};

pub(crate) async fn read(reader: &Reader<'_>) -> Result<AccountAlias, Gap> {
    let list = operation(Service::Iam, "ListAccountAliases");
    let page = reader.ask(list, reader.clients.iam().list_account_aliases().send()).await?;
    Ok(AccountAlias { alias: page.account_aliases.into_iter().next() })
}
