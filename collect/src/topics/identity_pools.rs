//! Cognito identity pools of every Region: one call a Region, one more a pool, and one more a pool that lets guests in.

use futures_util::future::join_all;
use probity_model::facts::IdentityPools;
use probity_model::facts::identity_pools::{Guests, IdentityPool};
use probity_model::{Arn, Gap, Region, Service};

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required};

/// The most a page can hold (Cognito Federated Identities API Reference, `ListIdentityPools`, `MaxResults`).
const PAGE: i32 = 60;
/// The name of the role of those who have not signed in (`GetIdentityPoolRoles`, `Roles`).
const UNAUTHENTICATED: &str = "unauthenticated";

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<IdentityPools, Gap> {
    let read = places.read_where_offered(Service::CognitoIdentity, |region| in_region(reader, region));
    let (regions, not_offered) = read.await;
    Ok(IdentityPools { asked: true, regions, not_offered })
}

/// How many pools there are.
pub(crate) fn count(pools: &IdentityPools) -> usize {
    pools.regions.values().filter_map(|seen| seen.get().ok()).map(Vec::len).sum()
}

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<Vec<IdentityPool>, Gap> {
    let list = operation(Service::CognitoIdentity, "ListIdentityPools");
    let here = |gap: Gap| gap.in_region(region);
    let client = reader.clients.cognito_identity(region);
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = client.list_identity_pools().max_results(PAGE).set_next_token(token).send();
        let page = reader.ask_in(region, list, call).await?;
        for pool in page.identity_pools.unwrap_or_default() {
            let id = required(list, "IdentityPoolId", pool.identity_pool_id).map_err(here)?;
            found.push((id, pool.identity_pool_name.unwrap_or_default()));
        }
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() {
            break;
        }
    }
    found.sort();
    let whole = found.into_iter().map(|(id, name)| async {
        let guests = guests(reader, region, &client, &id).await.into();
        IdentityPool { id, name, guests }
    });
    Ok(join_all(whole).await)
}

async fn guests(
    reader: &Reader<'_>,
    region: &Region,
    client: &aws_sdk_cognitoidentity::Client,
    id: &str,
) -> Result<Guests, Gap> {
    let describe = operation(Service::CognitoIdentity, "DescribeIdentityPool");
    let call = client.describe_identity_pool().identity_pool_id(id).send();
    let pool = reader.ask_in(region, describe, call).await?;
    if !pool.allow_unauthenticated_identities {
        return Ok(Guests::Refused);
    }
    let get = operation(Service::CognitoIdentity, "GetIdentityPoolRoles");
    let call = client.get_identity_pool_roles().identity_pool_id(id).send();
    let roles = reader.ask_in(region, get, call).await;
    let role = roles.map(|answer| answer.roles.and_then(|mut roles| roles.remove(UNAUTHENTICATED)).map(Arn::new));
    Ok(Guests::Admitted { classic_flow: pool.allow_classic_flow.unwrap_or(false), role: role.into() })
}
