//! What the organization lets the account do.

use std::collections::BTreeMap;
use std::sync::Arc;

use probity_model::facts::organization::{OrganizationPolicy, OrganizationPolicyKind, OrganizationTree};
use probity_model::facts::{OrganizationMembership, OrganizationPolicies, OrganizationStructure};
use probity_model::{AccountId, Seen, Snapshot};

use crate::source::Source;

/// How the policies of an organization bind the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Not at all: it stands alone, manages the organization, or the organization has no such policies.
    Free,
    /// By policies that were read.
    Bound,
    /// Nobody has read how; with the reason.
    Unread(String),
}

/// The policies of the organization that bind the account, level by level from the root.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    pub(crate) binding: Binding,
    pub(crate) service_control: Vec<Vec<Arc<Source>>>,
    pub(crate) resource_control: Vec<Vec<Arc<Source>>>,
    pub(crate) id: Option<String>,
}

impl Levels {
    fn free(id: Option<String>) -> Levels {
        Levels { binding: Binding::Free, service_control: Vec::new(), resource_control: Vec::new(), id }
    }

    fn unread(reason: String, id: Option<String>) -> Levels {
        let level = |name: &str| vec![vec![Source::unread(name, reason.clone())]];
        Levels {
            service_control: level("the service control policies of the organization"),
            resource_control: level("the resource control policies of the organization"),
            binding: Binding::Unread(reason),
            id,
        }
    }

    pub(crate) fn of(snapshot: &Snapshot) -> Levels {
        let membership = match &snapshot.facts.organization_membership {
            Seen::Missing(gap) => return Levels::unread(gap.to_string(), None),
            Seen::Known(OrganizationMembership::Standalone) => return Levels::free(None),
            Seen::Known(OrganizationMembership::Member(organization)) => organization,
        };
        let id = Some(membership.id.clone());
        if membership.management_account == snapshot.account || membership.feature_set == "CONSOLIDATED_BILLING" {
            return Levels::free(id);
        }
        match (&snapshot.facts.organization_structure, &snapshot.facts.organization_policies) {
            (Seen::Missing(gap), _) | (_, Seen::Missing(gap)) => Levels::unread(gap.to_string(), id),
            (Seen::Known(OrganizationStructure::Tree(tree)), Seen::Known(OrganizationPolicies::Policies(policies))) => {
                Levels::read(tree, policies, &snapshot.account, id)
            }
            _ => Levels::unread("the account is in an organization and no tree of it was read".to_owned(), id),
        }
    }

    /// The resource control policies that bind an account of the organization.
    pub(crate) fn resource(
        tree: &OrganizationTree,
        policies: &[OrganizationPolicy],
        account: &AccountId,
    ) -> Vec<Vec<Arc<Source>>> {
        Levels::read(tree, policies, account, None).resource_control
    }

    fn read(
        tree: &OrganizationTree,
        policies: &[OrganizationPolicy],
        account: &AccountId,
        id: Option<String>,
    ) -> Levels {
        let enabled = |kind: &OrganizationPolicyKind| tree.enabled_policy_types.contains(kind.api_name());
        let (service, resource) = (OrganizationPolicyKind::ServiceControl, OrganizationPolicyKind::ResourceControl);
        if !enabled(&service) && !enabled(&resource) {
            return Levels::free(id);
        }
        let path = tree.path_of(account);
        if path.is_empty() {
            return Levels::unread("the account is not in the tree that the organization shows".to_owned(), id);
        }
        let mut parsed: BTreeMap<&str, Arc<Source>> = BTreeMap::new();
        let mut levels = |kind: &OrganizationPolicyKind| -> Vec<Vec<Arc<Source>>> {
            if !enabled(kind) {
                return Vec::new();
            }
            let attached = |level: &str| -> Vec<&OrganizationPolicy> {
                let of_kind = policies.iter().filter(|policy| policy.kind == *kind);
                of_kind.filter(|policy| policy.targets.iter().any(|target| target == level)).collect()
            };
            path.iter()
                .map(|level| {
                    let sources = attached(level).into_iter().map(|policy| {
                        let name = || format!("{} ({})", policy.name, policy.id);
                        let source = parsed.entry(&policy.id);
                        Arc::clone(source.or_insert_with(|| Source::new(name(), &policy.document)))
                    });
                    let mut sources: Vec<_> = sources.collect();
                    // AWS keeps at least one service control policy on every level; none means that not all were read.
                    if sources.is_empty() && *kind == service {
                        let name = format!("the service control policies of {level}");
                        sources.push(Source::unread(name, "none is listed, and AWS keeps at least one"));
                    }
                    sources
                })
                .collect()
        };
        Levels { service_control: levels(&service), resource_control: levels(&resource), binding: Binding::Bound, id }
    }
}
