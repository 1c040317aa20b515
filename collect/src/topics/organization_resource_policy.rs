//! The organization's own resource policy, which says who may manage policies beside the management account.

use probity_model::facts::OrganizationResourcePolicy;
use probity_model::{Gap, Service};

use super::organization_membership::NOT_IN_USE;
use crate::reader::{Reader, document, operation, required};

/// The organization has none.
const NOT_FOUND: &str = "ResourcePolicyNotFoundException";

pub(crate) async fn read(reader: &Reader<'_>) -> Result<OrganizationResourcePolicy, Gap> {
    let describe = operation(Service::Organizations, "DescribeResourcePolicy");
    let call = reader.clients.organizations().describe_resource_policy().send();
    match reader.ask_or(describe, &[NOT_IN_USE, NOT_FOUND], call).await? {
        Ok(answer) => {
            let text = required(describe, "Content", answer.resource_policy.and_then(|policy| policy.content))?;
            Ok(OrganizationResourcePolicy::Document(document(&text)))
        }
        Err(NOT_FOUND) => Ok(OrganizationResourcePolicy::Absent),
        Err(_) => Ok(OrganizationResourcePolicy::NoOrganization),
    }
}
