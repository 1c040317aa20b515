//! Who is assigned which permission set in which account: a call for each set, and one for each account it is used in.
//!
//! Up to [`STANDARD`] pairs of set and account are read whatever the detail; more of them under `--detail full` only.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use probity_model::facts::identity_center::{AccountAssignment, PermissionSet, ProvisionedPermissionSet};
use probity_model::facts::identity_providers::IdentityCenterInstance;
use probity_model::facts::{AccountAssignments, PermissionSets};
use probity_model::{AccountId, Gap, Region, Service, Topic};

use super::permission_sets::PAGE;
use crate::collect::Detail;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required};

/// How many calls are under way at once.
const AT_ONCE: usize = 4;
/// How many pairs of set and account are read under `--detail standard`: a call each.
const STANDARD: usize = 300;

pub(crate) async fn read(
    reader: &Reader<'_>,
    instances: &[IdentityCenterInstance],
    sets: &PermissionSets,
    detail: Detail,
) -> Result<AccountAssignments, Gap> {
    // A set whose instance was not found cannot have been listed.
    let sets = sets.sets.iter().filter_map(|set| {
        instances.iter().find(|instance| instance.arn == set.instance).map(|instance| (&instance.region, set))
    });
    let provisioned = sets.map(|(region, set)| async move {
        let accounts = accounts(reader, region, set).await?;
        Ok::<_, Gap>((region, set, accounts))
    });
    let provisioned: Vec<_> = stream::iter(provisioned).buffered(AT_ONCE).try_collect().await?;
    let pairs: usize = provisioned.iter().map(|(.., accounts)| accounts.len()).sum();
    if detail == Detail::Standard && pairs > STANDARD {
        return Err(Gap::not_requested(format!(
            "permission sets are used in accounts {pairs} times, and each costs a call; more than {STANDARD} are read only \
             under --detail full"
        )));
    }
    let asked = provisioned.iter().flat_map(|(region, set, accounts)| {
        accounts.iter().map(move |account| assignments(reader, region, set, account))
    });
    let mut answers = stream::iter(asked).buffered(AT_ONCE);
    let mut all = Vec::new();
    while let Some(found) = answers.try_next().await? {
        all.push(found);
        reader.progress.advanced(Topic::AccountAssignments, all.len());
    }
    drop(answers);
    let mut all = all.into_iter();
    let mut sets = Vec::new();
    for (_, set, accounts) in provisioned {
        let mut assignments: Vec<AccountAssignment> = all.by_ref().take(accounts.len()).flatten().collect();
        assignments.sort();
        sets.push(ProvisionedPermissionSet { permission_set: set.arn.clone(), accounts, assignments });
    }
    sets.sort_by(|a, b| a.permission_set.cmp(&b.permission_set));
    Ok(AccountAssignments { sets })
}

async fn accounts(reader: &Reader<'_>, region: &Region, set: &PermissionSet) -> Result<Vec<AccountId>, Gap> {
    let list = operation(Service::SsoAdmin, "ListAccountsForProvisionedPermissionSet");
    let client = reader.clients.identity_center(region);
    let mut accounts = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = client.list_accounts_for_provisioned_permission_set().instance_arn(set.instance.as_str());
        let call = call.permission_set_arn(set.arn.as_str()).max_results(PAGE).set_next_token(token).send();
        let page = reader.ask_in(region, list, call).await?;
        for id in required(list, "AccountIds", page.account_ids)? {
            accounts.push(required(list, "AccountIds", AccountId::try_from(id.as_str()).ok())?);
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            accounts.sort();
            return Ok(accounts);
        }
    }
}

async fn assignments(
    reader: &Reader<'_>,
    region: &Region,
    set: &PermissionSet,
    account: &AccountId,
) -> Result<Vec<AccountAssignment>, Gap> {
    let list = operation(Service::SsoAdmin, "ListAccountAssignments");
    let client = reader.clients.identity_center(region);
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = client.list_account_assignments().instance_arn(set.instance.as_str()).account_id(account.as_str());
        let call = call.permission_set_arn(set.arn.as_str()).max_results(PAGE).set_next_token(token).send();
        let page = reader.ask_in(region, list, call).await?;
        for assignment in required(list, "AccountAssignments", page.account_assignments)? {
            let kind = required(list, "PrincipalType", assignment.principal_type)?;
            found.push(AccountAssignment {
                account: account.clone(),
                principal_type: kind.as_str().to_owned(),
                principal_id: required(list, "PrincipalId", assignment.principal_id)?,
            });
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            return Ok(found);
        }
    }
}
