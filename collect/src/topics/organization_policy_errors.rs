//! The accounts whose policies of a type cannot be put together: a call for each type that is enabled.

use std::collections::BTreeMap;

use aws_sdk_organizations::types::EffectivePolicyType;
use futures_util::future::try_join_all;
use probity_model::facts::organization::OrganizationTree;
use probity_model::facts::{OrganizationPolicyErrors, OrganizationStructure};
use probity_model::{AccountId, Gap, Service};

use super::organization_membership::NOT_IN_USE;
use super::organization_policies::NOT_ENABLED;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required};

/// The most a page can hold (Organizations API Reference, `MaxResults`).
const PAGE: i32 = 20;

pub(crate) async fn read(
    reader: &Reader<'_>,
    structure: &OrganizationStructure,
) -> Result<OrganizationPolicyErrors, Gap> {
    let OrganizationStructure::Tree(tree) = structure else { return Ok(OrganizationPolicyErrors::NoOrganization) };
    let asked = other_types(tree).map(|kind| async move {
        let accounts = accounts(reader, kind).await?;
        Ok::<_, Gap>(accounts.map(|accounts| (kind.to_owned(), accounts)))
    });
    let answers: Option<BTreeMap<_, _>> = try_join_all(asked).await?.into_iter().collect();
    Ok(answers.map_or(OrganizationPolicyErrors::NoOrganization, OrganizationPolicyErrors::Types))
}

/// The types that are enabled and neither of service control policies nor of resource control policies.
pub(crate) fn other_types(tree: &OrganizationTree) -> impl Iterator<Item = &str> {
    let controls = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"];
    tree.enabled_policy_types.iter().map(String::as_str).filter(move |kind| !controls.contains(kind))
}

/// The accounts in error; none where the account stands alone.
async fn accounts(reader: &Reader<'_>, kind: &str) -> Result<Option<Vec<AccountId>>, Gap> {
    let list = operation(Service::Organizations, "ListAccountsWithInvalidEffectivePolicy");
    let answers = [NOT_IN_USE, NOT_ENABLED[0], NOT_ENABLED[1]];
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.organizations().list_accounts_with_invalid_effective_policy();
        let call = call.policy_type(EffectivePolicyType::from(kind)).max_results(PAGE).set_next_token(token).send();
        let page = match reader.ask_or(list, &answers, call).await? {
            Ok(page) => page,
            Err(NOT_IN_USE) => return Ok(None),
            Err(_) => return Ok(Some(Vec::new())),
        };
        for account in required(list, "Accounts", page.accounts)? {
            let id = account.id.as_deref().and_then(|id| AccountId::try_from(id).ok());
            found.push(required(list, "Id", id)?);
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            found.sort();
            return Ok(Some(found));
        }
    }
}
