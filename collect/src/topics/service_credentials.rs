//! Service-specific credentials of all users in one list. The SDK has no paginator for it; a single call would silently
//! give the first page.

use aws_sdk_iam::types::StatusType;
use probity_model::facts::ServiceCredentials;
use probity_model::facts::user_credentials::ServiceCredential;
use probity_model::{Gap, Service, Topic};

use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation, required, time};

pub(crate) async fn read(reader: &Reader<'_>) -> Result<ServiceCredentials, Gap> {
    let list = operation(Service::Iam, "ListServiceSpecificCredentials");
    let mut credentials = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let call = reader.clients.iam().list_service_specific_credentials().all_users(true).set_marker(marker).send();
        let page = reader.ask(list, call).await?;
        let found = required(list, "ServiceSpecificCredentials", page.service_specific_credentials)?;
        credentials.extend(found.into_iter().map(|credential| ServiceCredential {
            active: credential.status == StatusType::Active,
            created_at: time(&credential.create_date),
            expires_at: maybe_time(credential.expiration_date.as_ref()),
            id: credential.service_specific_credential_id,
            user: credential.user_name,
            service: credential.service_name,
        }));
        reader.progress.advanced(Topic::ServiceCredentials, credentials.len());
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            credentials.sort_by(|a, b| (&a.user, &a.id).cmp(&(&b.user, &b.id)));
            return Ok(ServiceCredentials { credentials });
        }
    }
}
