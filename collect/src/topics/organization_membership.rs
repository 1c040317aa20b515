//! Whether the account is in an organization. Every member may ask.

use probity_model::facts::OrganizationMembership;
use probity_model::facts::organization::Organization;
use probity_model::{AccountId, Arn, Gap, Service};

use crate::reader::{Reader, operation, required};

/// The account stands alone (Organizations API Reference, `DescribeOrganization`, "Errors").
pub(crate) const NOT_IN_USE: &str = "AWSOrganizationsNotInUseException";

/// Tells the e-mail address of the management account's root user to `email`, which is personal and not kept.
pub(crate) async fn read(
    reader: &Reader<'_>,
    email: impl FnOnce(Option<String>),
) -> Result<OrganizationMembership, Gap> {
    let describe = operation(Service::Organizations, "DescribeOrganization");
    let call = reader.clients.organizations().describe_organization().send();
    let Ok(answer) = reader.ask_or(describe, &[NOT_IN_USE], call).await? else {
        return Ok(OrganizationMembership::Standalone);
    };
    let organization = required(describe, "Organization", answer.organization)?;
    email(organization.master_account_email);
    let management = organization.master_account_id.as_deref().and_then(|id| AccountId::try_from(id).ok());
    let features = required(describe, "FeatureSet", organization.feature_set)?;
    Ok(OrganizationMembership::Member(Organization {
        id: required(describe, "Id", organization.id)?,
        arn: Arn::new(required(describe, "Arn", organization.arn)?),
        management_account: required(describe, "MasterAccountId", management)?,
        feature_set: features.as_str().to_owned(),
    }))
}
