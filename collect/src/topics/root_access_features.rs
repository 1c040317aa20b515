//! Which features of central root access are on; only the management account and the delegated administrator are told.

use probity_model::facts::RootAccessFeatures;
use probity_model::{Gap, Service};

use crate::reader::{Reader, operation, required};

/// IAM has no trusted access to the organization, so that no feature can be on.
const NO_TRUSTED_ACCESS: &str = "ServiceAccessNotEnabledException";
/// There is no organization with all features.
const NO_ORGANIZATION: [&str; 2] = ["OrganizationNotFoundException", "OrganizationNotInAllFeaturesModeException"];

pub(crate) async fn read(reader: &Reader<'_>) -> Result<RootAccessFeatures, Gap> {
    let list = operation(Service::Iam, "ListOrganizationsFeatures");
    let answers = [NO_TRUSTED_ACCESS, NO_ORGANIZATION[0], NO_ORGANIZATION[1]];
    let call = reader.clients.iam().list_organizations_features().send();
    match reader.ask_or(list, &answers, call).await? {
        Ok(answer) => {
            let features = required(list, "EnabledFeatures", answer.enabled_features)?;
            let names = features.iter().map(|feature| feature.as_str().to_owned());
            Ok(RootAccessFeatures::Enabled(names.collect()))
        }
        Err(NO_TRUSTED_ACCESS) => Ok(RootAccessFeatures::NoTrustedAccess),
        Err(_) => Ok(RootAccessFeatures::NoOrganization),
    }
}
