//! Every policy document of a snapshot, by name and owner.

use probity_model::facts::OrganizationPolicies;
use probity_model::facts::authorization::{AuthorizationDetails, InlinePolicy};
use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::{Arn, Snapshot};
use probity_policy::DocumentKind;

use super::Named;
use crate::failure::Failure;

/// The documents that the account itself wrote, versions in force only, and those of the organization where they were read.
pub(super) fn documents(snapshot: &Snapshot) -> Result<Vec<Named>, Failure> {
    let details = snapshot.facts.authorization_details.get().map_err(|gap| Failure::Access(gap.to_string()))?;
    let mut documents = of_account(details);
    if let Ok(OrganizationPolicies::Policies(policies)) = snapshot.facts.organization_policies.get() {
        let own = policies.iter().filter(|policy| !policy.aws_managed);
        documents.extend(own.filter_map(|policy| {
            let kind = match policy.kind {
                OrganizationPolicyKind::ServiceControl => DocumentKind::ServiceControl,
                OrganizationPolicyKind::ResourceControl => DocumentKind::ResourceControl,
                // Policies of the other types are not in the language of IAM.
                OrganizationPolicyKind::Other(_) => return None,
            };
            let name = format!("{} ({})", policy.arn, policy.name);
            Some(Named { name, kind, text: policy.document.as_str().to_owned() })
        }));
    }
    documents.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(documents)
}

fn of_account(details: &AuthorizationDetails) -> Vec<Named> {
    let inline = |owner: &Arn, policies: &[InlinePolicy]| -> Vec<Named> {
        let named = policies.iter().map(|policy| Named {
            name: format!("{owner}, inline policy {}", policy.name),
            kind: DocumentKind::Identity,
            text: policy.document.as_str().to_owned(),
        });
        named.collect()
    };
    let users = details.users.iter().flat_map(|user| inline(&user.arn, &user.inline_policies));
    let groups = details.groups.iter().flat_map(|group| inline(&group.arn, &group.inline_policies));
    let roles = details.roles.iter().filter(|role| !role.is_service_linked());
    let roles = roles.flat_map(|role| {
        let trust = Named {
            name: format!("{}, trust policy", role.arn),
            kind: DocumentKind::Trust,
            text: role.trust_policy.as_str().to_owned(),
        };
        inline(&role.arn, &role.inline_policies).into_iter().chain([trust])
    });
    let managed = details.policies.iter().filter(|policy| !policy.is_aws_managed()).filter_map(|policy| {
        let version = policy.default_version()?;
        let name = format!("{} {}", policy.arn, version.id);
        Some(Named { name, kind: DocumentKind::Identity, text: version.document.as_str().to_owned() })
    });
    users.chain(groups).chain(roles).chain(managed).collect()
}
