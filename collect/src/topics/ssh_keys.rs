//! SSH public keys of every user, for CodeCommit; only under `--detail full`: nothing else tells who has any.

use std::collections::BTreeSet;

use aws_sdk_iam::types::StatusType;
use probity_model::facts::SshKeys;
use probity_model::facts::user_credentials::SshKey;
use probity_model::{Gap, Service, Topic};

use super::per_user;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required, time};

pub(crate) async fn read(reader: &Reader<'_>, users: BTreeSet<String>) -> Result<SshKeys, Gap> {
    let users = per_user::ask(reader, Topic::SshKeys, users, |user| of(reader, user)).await;
    Ok(SshKeys { users })
}

async fn of(reader: &Reader<'_>, user: String) -> Result<Vec<SshKey>, Gap> {
    let list = operation(Service::Iam, "ListSSHPublicKeys");
    let mut keys = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let call = reader.clients.iam().list_ssh_public_keys().user_name(&user).set_marker(marker).send();
        let page = reader.ask(list, call).await?;
        for key in required(list, "SSHPublicKeys", page.ssh_public_keys)? {
            keys.push(SshKey {
                active: key.status == StatusType::Active,
                uploaded_at: time(&key.upload_date),
                id: key.ssh_public_key_id,
            });
        }
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            keys.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok(keys);
        }
    }
}
