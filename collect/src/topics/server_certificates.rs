//! Server certificates kept in IAM: one list.

use probity_model::facts::ServerCertificates;
use probity_model::facts::server_certificates::ServerCertificate;
use probity_model::{Arn, Gap, Service, Topic};

use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation};

pub(crate) async fn read(reader: &Reader<'_>) -> Result<ServerCertificates, Gap> {
    let list = operation(Service::Iam, "ListServerCertificates");
    let mut certificates = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let page = reader.ask(list, reader.clients.iam().list_server_certificates().set_marker(marker).send()).await?;
        certificates.extend(page.server_certificate_metadata_list.into_iter().map(|certificate| ServerCertificate {
            uploaded_at: maybe_time(certificate.upload_date.as_ref()),
            expires_at: maybe_time(certificate.expiration.as_ref()),
            name: certificate.server_certificate_name,
            id: certificate.server_certificate_id,
            arn: Arn::new(certificate.arn),
        }));
        reader.progress.advanced(Topic::ServerCertificates, certificates.len());
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            certificates.sort_by(|a, b| a.name.cmp(&b.name));
            return Ok(ServerCertificates { certificates });
        }
    }
}
