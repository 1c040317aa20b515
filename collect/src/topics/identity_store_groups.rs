//! Names of the groups in the identity store: a call for a hundred of them, and those of no user.
//!
//! Up to [`STANDARD`] pages are read whatever the detail; more of them under `--detail full` only.

use probity_model::facts::IdentityStoreGroups;
use probity_model::facts::identity_center::IdentityStoreGroup;
use probity_model::facts::identity_providers::IdentityCenterInstance;
use probity_model::{Gap, Service, Topic};

use crate::collect::Detail;
use crate::pages::Pages;
use crate::reader::{Reader, operation};

/// The most a page can hold (Identity Store API Reference, `MaxResults`).
const PAGE: i32 = 100;
/// How many pages are read under `--detail standard`.
const STANDARD: usize = 20;

pub(crate) async fn read(
    reader: &Reader<'_>,
    instances: &[IdentityCenterInstance],
    detail: Detail,
) -> Result<IdentityStoreGroups, Gap> {
    let mut groups = Vec::new();
    for instance in instances {
        groups.extend(of(reader, instance, detail).await?);
        reader.progress.advanced(Topic::IdentityStoreGroups, groups.len());
    }
    groups.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(IdentityStoreGroups { groups })
}

async fn of(
    reader: &Reader<'_>,
    instance: &IdentityCenterInstance,
    detail: Detail,
) -> Result<Vec<IdentityStoreGroup>, Gap> {
    let list = operation(Service::IdentityStore, "ListGroups");
    let Some(store) = &instance.identity_store else { return Ok(Vec::new()) };
    let client = reader.clients.identity_store(&instance.region);
    let mut groups = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    for number in 1.. {
        let call = client.list_groups().identity_store_id(store).max_results(PAGE).set_next_token(token).send();
        let page = reader.ask_in(&instance.region, list, call).await?;
        let listed = page.groups.into_iter();
        groups.extend(listed.map(|group| IdentityStoreGroup { id: group.group_id, name: group.display_name }));
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            break;
        }
        if number >= STANDARD && detail == Detail::Standard {
            return Err(Gap::not_requested(format!(
                "there are more than {} groups in the identity store; so many are read only under --detail full",
                groups.len()
            )));
        }
    }
    Ok(groups)
}
