//! Whether AWS issues tokens that vouch for principals of the account to others.

use probity_model::facts::OutboundFederation;
use probity_model::{Gap, Service};

use crate::reader::{Reader, operation};

/// The feature was never enabled, or is not any more (IAM API Reference, `GetOutboundWebIdentityFederationInfo`, "Errors";
/// the code on the wire is that of the service model).
const DISABLED: [&str; 2] = ["FeatureDisabled", "FeatureDisabledException"];

pub(crate) async fn read(reader: &Reader<'_>) -> Result<OutboundFederation, Gap> {
    let get = operation(Service::Iam, "GetOutboundWebIdentityFederationInfo");
    let call = reader.clients.iam().get_outbound_web_identity_federation_info().send();
    Ok(match reader.ask_or(get, &DISABLED, call).await? {
        Ok(answer) => OutboundFederation { enabled: answer.jwt_vending_enabled, issuer: answer.issuer_identifier },
        Err(_) => OutboundFederation { enabled: false, issuer: None },
    })
}
