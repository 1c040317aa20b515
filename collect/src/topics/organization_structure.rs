//! The tree of the organization: roots, organizational units, and which account hangs where.

use std::collections::VecDeque;

use futures_util::future::try_join;
use probity_model::facts::OrganizationStructure;
use probity_model::facts::organization::{OrganizationAccount, OrganizationTree, OrganizationalUnit};
use probity_model::{AccountId, Arn, Gap, Service, Topic};

use super::organization_membership::NOT_IN_USE;
use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation, required};

/// The most a page can hold (Organizations API Reference, `MaxResults`).
const PAGE: i32 = 20;

pub(crate) async fn read(reader: &Reader<'_>) -> Result<OrganizationStructure, Gap> {
    let list = operation(Service::Organizations, "ListRoots");
    // An organization has one root; the list is of pages all the same.
    let Ok(answer) = reader.ask_or(list, &[NOT_IN_USE], reader.clients.organizations().list_roots().send()).await?
    else {
        return Ok(OrganizationStructure::NoOrganization);
    };
    let root = required(list, "Roots", answer.roots.and_then(|roots| roots.into_iter().next()))?;
    let id = required(list, "Id of the root", root.id)?;
    let enabled = |summary: aws_sdk_organizations::types::PolicyTypeSummary| {
        let on = summary.status == Some(aws_sdk_organizations::types::PolicyTypeStatus::Enabled);
        summary.r#type.filter(|_| on).map(|kind| kind.as_str().to_owned())
    };
    let enabled_policy_types = root.policy_types.into_iter().flatten().filter_map(enabled).collect();
    let mut tree = OrganizationTree { root: id.clone(), enabled_policy_types, ..OrganizationTree::default() };
    let mut open = VecDeque::from([id]);
    while let Some(parent) = open.pop_front() {
        let (units, accounts) = try_join(units(reader, &parent), accounts(reader, &parent)).await?;
        open.extend(units.iter().map(|unit| unit.id.clone()));
        tree.units.extend(units);
        tree.accounts.extend(accounts);
        reader.progress.advanced(Topic::OrganizationStructure, tree.units.len() + tree.accounts.len());
    }
    tree.accounts.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(OrganizationStructure::Tree(tree))
}

async fn units(reader: &Reader<'_>, parent: &str) -> Result<Vec<OrganizationalUnit>, Gap> {
    let list = operation(Service::Organizations, "ListOrganizationalUnitsForParent");
    let mut units = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.organizations().list_organizational_units_for_parent().parent_id(parent);
        let page = reader.ask(list, call.max_results(PAGE).set_next_token(token).send()).await?;
        for unit in required(list, "OrganizationalUnits", page.organizational_units)? {
            units.push(OrganizationalUnit {
                id: required(list, "Id", unit.id)?,
                name: required(list, "Name", unit.name)?,
                parent: parent.to_owned(),
            });
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            units.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok(units);
        }
    }
}

async fn accounts(reader: &Reader<'_>, parent: &str) -> Result<Vec<OrganizationAccount>, Gap> {
    let list = operation(Service::Organizations, "ListAccountsForParent");
    let mut accounts = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.organizations().list_accounts_for_parent().parent_id(parent);
        let page = reader.ask(list, call.max_results(PAGE).set_next_token(token).send()).await?;
        for account in required(list, "Accounts", page.accounts)? {
            let id = account.id.as_deref().and_then(|id| AccountId::try_from(id).ok());
            // `State` is the newer of the two fields; services that do not know it yet send `Status`.
            let state = account.state.map(|state| state.as_str().to_owned());
            #[allow(deprecated, reason = "AWS still answers with it alone in some partitions")]
            let status = account.status.map(|status| status.as_str().to_owned());
            accounts.push(OrganizationAccount {
                id: required(list, "Id of an account", id)?,
                arn: Arn::new(required(list, "Arn", account.arn)?),
                name: account.name.unwrap_or_default(),
                state: required(list, "State", state.or(status))?,
                parent: parent.to_owned(),
                joined_at: maybe_time(account.joined_timestamp.as_ref()),
            });
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            return Ok(accounts);
        }
    }
}
