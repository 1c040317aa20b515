//! The organization around the account, and IAM Identity Center, which belongs to it: what is asked in which order, and from
//! where a denied question would be answered.

use probity_model::facts::identity_providers::IdentityCenterInstance;
use probity_model::facts::{
    AuthorizationDetails, IdentityCenterInstances, OrganizationMembership, OrganizationPolicies, OrganizationStructure,
    PermissionSets,
};
use probity_model::{Gap, GapKind, Topic};

use super::{Collection, lock, until};
use crate::topics::enabled_regions::Places;
use crate::topics::{
    account_assignments, alternate_contacts, identity_center_instances, identity_store_groups, organization_access,
    organization_effective_policies, organization_handshakes, organization_membership, organization_policies,
    organization_policy_errors, organization_resource_policy, organization_services, organization_structure,
    permission_sets, root_access_features,
};

impl Collection<'_> {
    /// The organization around the account, and the contacts, whose addresses are compared with that of its root user.
    pub(super) async fn organization(&self) {
        let reader = &self.reader;
        let keep = |email| *lock(&self.management_email) = email;
        self.topic(|_| 1, organization_membership::read(reader, keep)).await;
        self.membership_read.send_replace(true);
        let own = self.known(|membership: &OrganizationMembership| {
            let organization = membership.organization();
            organization.is_some_and(|organization| organization.management_account == self.session.caller().account)
        });
        let root_email = if own == Ok(true) { lock(&self.management_email).take() } else { None };
        let told = |gap| self.vantage(gap);
        let structure = || self.known(|structure: &OrganizationStructure| structure.clone());
        tokio::join!(
            self.topic(alternate_contacts::count, alternate_contacts::read(reader, root_email.as_deref())),
            self.topic(|_| 1, async { root_access_features::read(reader).await.map_err(told) }),
            self.topic(|_| 1, async { organization_resource_policy::read(reader).await.map_err(told) }),
            self.topic(|_| 1, async { organization_services::read(reader).await.map_err(told) }),
            self.topic(|_| 1, async { organization_handshakes::read(reader).await.map_err(told) }),
            async {
                self.topic(|_| 1, async { organization_structure::read(reader).await.map_err(told) }).await;
                tokio::join!(
                    self.topic(organization_access::count, async {
                        let membership = self.known(|membership: &OrganizationMembership| membership.clone())?;
                        organization_access::read(reader, &membership, &structure()?).await.map_err(told)
                    }),
                    self.topic(|_| 1, async {
                        organization_policy_errors::read(reader, &structure()?).await.map_err(told)
                    }),
                    self.topic(|_| 1, async {
                        let other = match structure()? {
                            OrganizationStructure::Tree(tree) => {
                                organization_policy_errors::other_types(&tree).map(str::to_owned).collect()
                            }
                            OrganizationStructure::NoOrganization => Vec::new(),
                        };
                        organization_policies::read(reader, other).await.map_err(told)
                    }),
                );
                self.topic(|_| 1, async {
                    let policies = self.known(|policies: &OrganizationPolicies| policies.clone())?;
                    let detail = self.request.detail;
                    organization_effective_policies::read(reader, &structure()?, &policies, detail).await.map_err(told)
                })
                .await;
            },
        );
    }

    /// The instances of IAM Identity Center that the account sees. Where there can be one only, it is looked for where it is
    /// likely first.
    pub(super) async fn identity_center_instances(&self, places: &Places) {
        if !self.wanted.contains(&Topic::IdentityCenterInstances) {
            return;
        }
        tokio::join!(until(&self.membership_read), until(&self.details_read));
        let account = &self.session.caller().account;
        let one = self.known(|membership| identity_center_instances::sees_one_at_most(membership, account));
        let first = if one == Ok(true) {
            let home = self.session.region();
            self.known(|details: &AuthorizationDetails| identity_center_instances::likely(&details.roles, home))
                .unwrap_or_else(|_| identity_center_instances::likely(&[], home))
        } else {
            Vec::new()
        };
        let read = identity_center_instances::read(&self.reader, places, &first);
        self.topic(|all| all.instances.len(), read).await;
    }

    /// What people get through IAM Identity Center: that of the organization, since no other gives access to accounts.
    pub(super) async fn identity_center(&self) {
        let (reader, detail) = (&self.reader, self.request.detail);
        let told = |gap| self.vantage(gap);
        let instances = || -> Result<Vec<IdentityCenterInstance>, Gap> {
            let management = self.known(|membership: &OrganizationMembership| {
                membership.organization().map(|organization| organization.management_account.clone())
            })?;
            let of_the_organization = |instance: &&IdentityCenterInstance| {
                let owner = instance.owner.as_deref();
                management.as_ref().is_some_and(|management| owner.is_none_or(|owner| owner == management.as_str()))
            };
            self.known(|all: &IdentityCenterInstances| {
                all.instances.iter().filter(of_the_organization).cloned().collect()
            })
        };
        tokio::join!(
            self.topic(|all| all.groups.len(), async {
                identity_store_groups::read(reader, &instances()?, detail).await.map_err(told)
            }),
            async {
                self.topic(|all| all.sets.len(), async {
                    permission_sets::read(reader, &instances()?, detail).await.map_err(told)
                })
                .await;
                self.topic(|all| all.sets.len(), async {
                    let sets = self.known(|sets: &PermissionSets| sets.clone())?;
                    account_assignments::read(reader, &instances()?, &sets, detail).await.map_err(told)
                })
                .await;
            },
        );
    }

    /// Says from where a denied question about the organization would be answered: AWS denies it to every other account in
    /// the words of a missing permission.
    fn vantage(&self, mut gap: Gap) -> Gap {
        let management = self.known(|membership: &OrganizationMembership| {
            membership.organization().map(|organization| organization.management_account.clone())
        });
        if let (GapKind::Denied | GapKind::WrongVantagePoint, Ok(Some(management))) = (gap.kind, management)
            && management != self.session.caller().account
        {
            gap.message = format!(
                "{}. Only the management account {management} and delegated administrators are told; this is another account",
                gap.message.trim_end_matches('.'),
            );
        }
        gap
    }
}
