//! Ids of access keys, of the users for whom the credential report shows a key; only under `--detail full`.

use std::collections::BTreeSet;

use aws_sdk_iam::types::StatusType;
use probity_model::facts::AccessKeys;
use probity_model::facts::user_credentials::AccessKey;
use probity_model::{Gap, Service, Topic};

use super::per_user;
use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation, required};

pub(crate) async fn read(reader: &Reader<'_>, users: BTreeSet<String>) -> Result<AccessKeys, Gap> {
    let users = per_user::ask(reader, Topic::AccessKeys, users, |user| of(reader, user)).await;
    Ok(AccessKeys { users })
}

async fn of(reader: &Reader<'_>, user: String) -> Result<Vec<AccessKey>, Gap> {
    let list = operation(Service::Iam, "ListAccessKeys");
    let mut keys = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let call = reader.clients.iam().list_access_keys().user_name(&user).set_marker(marker).send();
        let page = reader.ask(list, call).await?;
        for key in page.access_key_metadata {
            keys.push(AccessKey {
                id: required(list, "AccessKeyId", key.access_key_id)?,
                active: required(list, "Status", key.status)? == StatusType::Active,
                created_at: maybe_time(key.create_date.as_ref()),
            });
        }
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            keys.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok(keys);
        }
    }
}
