//! Which services the accounts of the organization use: one report, asked for and fetched when it is ready. AWS makes it for the
//! management account alone.

use std::time::Duration;

use aws_sdk_iam::types::{AccessDetail, JobStatusType};
use probity_model::facts::organization_access::OrganizationService;
use probity_model::facts::{OrganizationAccess, OrganizationMembership, OrganizationStructure};
use probity_model::{Gap, GapKind, Service};

use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation, required};

/// The first wait for the report; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait between two questions.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How often to ask before giving up, after about two minutes.
const QUESTIONS: u32 = 16;
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
    let (mut wait, mut questions) = (FIRST_WAIT, 0);
    let mut services = Vec::new();
    let mut pages = Pages::new(get);
    let mut marker: Option<String> = None;
    loop {
        let call = reader.clients.iam().get_organizations_access_report().job_id(job).max_items(PAGE);
        let page = reader.ask(get, call.set_marker(marker.clone()).send()).await?;
        match page.job_status {
            JobStatusType::Completed => {
                services.extend(page.access_details.unwrap_or_default().into_iter().map(service));
                marker = pages.next(page.is_truncated, page.marker)?;
                if marker.is_none() {
                    services.sort_by(|a: &OrganizationService, b| a.namespace.cmp(&b.namespace));
                    return Ok(services);
                }
            }
            JobStatusType::InProgress if questions < QUESTIONS => {
                questions += 1;
                reader.pause(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            JobStatusType::InProgress => {
                return Err(Gap::of(
                    GapKind::Unexpected,
                    get,
                    None,
                    "AWS had not finished the report after two minutes",
                ));
            }
            _ => {
                let (code, message) = match page.error_details {
                    Some(error) => (Some(error.code), error.message),
                    None => (None, "AWS failed the report without a reason".to_owned()),
                };
                return Err(Gap::of(GapKind::Unexpected, get, code, message));
            }
        }
    }
}

fn service(detail: AccessDetail) -> OrganizationService {
    OrganizationService {
        last_used_at: maybe_time(detail.last_authenticated_time.as_ref()),
        last_used_in: detail.entity_path,
        namespace: detail.service_namespace,
        name: detail.service_name,
    }
}
