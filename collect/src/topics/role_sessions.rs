//! How long sessions of the roles may last: no detail of the authorization details tells, and a list tells it of a thousand
//! roles a call.

use std::collections::BTreeMap;

use probity_model::facts::RoleSessions;
use probity_model::{Arn, Gap, Service, Topic};

use crate::pages::Pages;
use crate::reader::{Reader, operation};

/// The most a page can hold (IAM API Reference, `MaxItems`).
const PAGE: i32 = 1_000;

pub(crate) async fn read(reader: &Reader<'_>) -> Result<RoleSessions, Gap> {
    let list = operation(Service::Iam, "ListRoles");
    let mut longest = BTreeMap::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let call = reader.clients.iam().list_roles().max_items(PAGE).set_marker(marker).send();
        let page = reader.ask(list, call).await?;
        longest.extend(page.roles.into_iter().map(|role| {
            let seconds = role.max_session_duration.and_then(|seconds| u32::try_from(seconds).ok());
            (Arn::new(role.arn), seconds)
        }));
        reader.progress.advanced(Topic::RoleSessions, longest.len());
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            return Ok(RoleSessions { longest });
        }
    }
}
