//! Which services the accounts of the organization use: one report, asked for and fetched when it is ready. AWS makes it for the
//! management account alone.

use aws_sdk_iam::types::AccessDetail;
use probity_model::facts::organization_access::OrganizationService;
use probity_model::facts::{OrganizationAccess, OrganizationMembership, OrganizationStructure};
use probity_model::{Gap, Service};

use crate::jobs;
use crate::reader::{Reader, maybe_time, operation, required};

/// The most a page can hold (IAM API Reference, `GetOrganizationsAccessReport`, `MaxItems`).
const PAGE: i32 = 1_000;
/// Without this type of policy there is no report (IAM API Reference, `GenerateOrganizationsAccessReport`).
const CONTROLLED: &str = "SERVICE_CONTROL_POLICY";

pub(crate) async fn read(
    reader: &Reader<'_>,
    membership: &OrganizationMembership,
    structure: &OrganizationStructure,
) -> Result<OrganizationAccess, Gap> {
    let (Some(organization), OrganizationStructure::Tree(tree)) = (membership.organization(), structure) else {
        return Ok(OrganizationAccess::NoOrganization);
    };
    if !tree.enabled_policy_types.contains(CONTROLLED) {
        return Ok(OrganizationAccess::NotControlled);
    }
    let generate = operation(Service::Iam, "GenerateOrganizationsAccessReport");
    let path = format!("{}/{}", organization.id, tree.root);
    let call = reader.clients.iam().generate_organizations_access_report().entity_path(path).send();
    let job = required(generate, "JobId", reader.ask(generate, call).await?.job_id)?;
    services(reader, &job).await.map(OrganizationAccess::Services)
}

/// How many services there are.
pub(crate) fn count(access: &OrganizationAccess) -> usize {
    if let OrganizationAccess::Services(services) = access { services.len() } else { 0 }
}

async fn services(reader: &Reader<'_>, job: &str) -> Result<Vec<OrganizationService>, Gap> {
    let get = operation(Service::Iam, "GetOrganizationsAccessReport");
    let ask = |marker| async move {
        let call = reader.clients.iam().get_organizations_access_report().job_id(job).max_items(PAGE);
        let page = reader.ask(get, call.set_marker(marker).send()).await?;
        Ok(jobs::Page {
            status: page.job_status,
            error: page.error_details,
            found: page.access_details.unwrap_or_default(),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    };
    let mut services: Vec<_> = jobs::outcome(reader, get, ask).await?.into_iter().map(service).collect();
    services.sort_by(|a, b| a.namespace.cmp(&b.namespace));
    Ok(services)
}

fn service(detail: AccessDetail) -> OrganizationService {
    OrganizationService {
        last_used_at: maybe_time(detail.last_authenticated_time.as_ref()),
        last_used_in: detail.entity_path,
        namespace: detail.service_namespace,
        service_name: detail.service_name,
    }
}
