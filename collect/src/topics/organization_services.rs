//! The services that act in the whole organization, and the accounts that run them: a call a delegated administrator, of
//! which there are few.

use std::collections::BTreeMap;

use futures_util::future::{try_join, try_join_all};
use probity_model::facts::OrganizationServices;
use probity_model::facts::organization_administration::{DelegatedAdministrator, TrustedServices};
use probity_model::{AccountId, Gap, Service, Timestamp};

use super::organization_membership::NOT_IN_USE;
use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation, required};

/// The most a page can hold (Organizations API Reference, `MaxResults`).
const PAGE: i32 = 20;

pub(crate) async fn read(reader: &Reader<'_>) -> Result<OrganizationServices, Gap> {
    let (enabled, administrators) = try_join(enabled(reader), administrators(reader)).await?;
    let (Some(enabled), Some(administrators)) = (enabled, administrators) else {
        return Ok(OrganizationServices::NoOrganization);
    };
    Ok(OrganizationServices::Services(TrustedServices { enabled, administrators }))
}

/// The services with trusted access; none where the account stands alone.
async fn enabled(reader: &Reader<'_>) -> Result<Option<BTreeMap<String, Option<Timestamp>>>, Gap> {
    let list = operation(Service::Organizations, "ListAWSServiceAccessForOrganization");
    let mut services = BTreeMap::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.organizations().list_aws_service_access_for_organization().max_results(PAGE);
        let call = call.set_next_token(token).send();
        let Ok(page) = reader.ask_or(list, &[NOT_IN_USE], call).await? else { return Ok(None) };
        for service in required(list, "EnabledServicePrincipals", page.enabled_service_principals)? {
            let name = required(list, "ServicePrincipal", service.service_principal)?;
            services.insert(name, maybe_time(service.date_enabled.as_ref()));
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            return Ok(Some(services));
        }
    }
}

async fn administrators(reader: &Reader<'_>) -> Result<Option<Vec<DelegatedAdministrator>>, Gap> {
    let list = operation(Service::Organizations, "ListDelegatedAdministrators");
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.organizations().list_delegated_administrators().max_results(PAGE);
        let call = call.set_next_token(token).send();
        let Ok(page) = reader.ask_or(list, &[NOT_IN_USE], call).await? else { return Ok(None) };
        for administrator in required(list, "DelegatedAdministrators", page.delegated_administrators)? {
            let id = administrator.id.as_deref().and_then(|id| AccountId::try_from(id).ok());
            let state = administrator.state.map(|state| state.as_str().to_owned());
            #[allow(deprecated, reason = "AWS still answers with it alone in some partitions")]
            let status = administrator.status.map(|status| status.as_str().to_owned());
            found.push(DelegatedAdministrator {
                account: required(list, "Id", id)?,
                name: administrator.name.unwrap_or_default(),
                state: required(list, "State", state.or(status))?,
                services: BTreeMap::new(),
            });
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            break;
        }
    }
    let whole = found.into_iter().map(|administrator| async move {
        let services = services(reader, &administrator.account).await?;
        Ok::<_, Gap>(DelegatedAdministrator { services, ..administrator })
    });
    let mut administrators = try_join_all(whole).await?;
    administrators.sort_by(|a, b| a.account.cmp(&b.account));
    Ok(Some(administrators))
}

async fn services(reader: &Reader<'_>, account: &AccountId) -> Result<BTreeMap<String, Option<Timestamp>>, Gap> {
    let list = operation(Service::Organizations, "ListDelegatedServicesForAccount");
    let mut services = BTreeMap::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.organizations().list_delegated_services_for_account().account_id(account.as_str());
        let page = reader.ask(list, call.max_results(PAGE).set_next_token(token).send()).await?;
        for service in required(list, "DelegatedServices", page.delegated_services)? {
            let name = required(list, "ServicePrincipal", service.service_principal)?;
            services.insert(name, maybe_time(service.delegation_enabled_date.as_ref()));
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            return Ok(services);
        }
    }
}
