//! Requests of partners for permissions in one list. The SDK has no paginator for it; a single call would silently give the
//! first page.

use probity_model::facts::DelegationRequests;
use probity_model::facts::delegation::DelegationRequest;
use probity_model::{Gap, Service};

use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation, required};

pub(crate) async fn read(reader: &Reader<'_>) -> Result<DelegationRequests, Gap> {
    let list = operation(Service::Iam, "ListDelegationRequests");
    let mut requests = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let page = reader.ask(list, reader.clients.iam().list_delegation_requests().set_marker(marker).send()).await?;
        for request in page.delegation_requests.unwrap_or_default() {
            let state = required(list, "State", request.state)?;
            requests.push(DelegationRequest {
                id: required(list, "DelegationRequestId", request.delegation_request_id)?,
                state: state.as_str().to_owned(),
                requestor: request.requestor_id,
                requestor_name: request.requestor_name,
                policy_template: request.permissions.and_then(|permissions| permissions.policy_template_arn),
                creates_roles: request.role_permission_restriction_arns.is_some_and(|arns| !arns.is_empty()),
                session_seconds: request.session_duration.and_then(|seconds| u32::try_from(seconds).ok()),
                created_at: maybe_time(request.create_date.as_ref()),
                expires_at: maybe_time(request.expiration_time.as_ref()),
            });
        }
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            requests.sort_by(|a: &DelegationRequest, b| a.id.cmp(&b.id));
            return Ok(DelegationRequests { requests });
        }
    }
}
