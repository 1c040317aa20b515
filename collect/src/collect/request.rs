//! What is asked of a collection: topics, how much of them, of whom and where.

use std::collections::BTreeSet;

use probity_model::Topic;
use probity_model::topic::Reach;

/// How much is read that costs a call a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Nothing.
    #[default]
    Standard,
    /// Ids of access keys, kinds of MFA devices, SSH keys, user data of instances, secrets, policies of resources.
    Full,
}

impl Detail {
    /// The name in options and snapshots.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}

/// Whose last-accessed data is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastAccessedOf {
    /// Nobody's.
    None,
    /// That of principals with broad policies.
    Privileged,
    /// That of every user and every role that is not service-linked.
    All,
}

impl LastAccessedOf {
    /// The name in options and snapshots.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Privileged => "privileged",
            Self::All => "all",
        }
    }
}

/// What to read.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The topics. What they need of others is read too; see [`complete`].
    pub topics: BTreeSet<Topic>,
    /// How much is read that costs a call a user.
    pub detail: Detail,
    /// Whose last-accessed data is read; none lets the number of principals decide.
    pub last_accessed: Option<LastAccessedOf>,
    /// The Regions that Regional topics are read in, by name; empty means every enabled one.
    pub regions: Vec<String>,
}

/// Topics that cost a call a user or a resource, and that only [`Detail::Full`] reads.
pub const PER_USER: [Topic; 6] = [
    Topic::UserMfaDevices,
    Topic::AccessKeys,
    Topic::SshKeys,
    Topic::UserData,
    Topic::Secrets,
    Topic::ResourcePolicies,
];

/// Adds the topics that others cannot be read without, and those that every report shows.
pub fn complete(topics: &mut BTreeSet<Topic>) {
    use Topic::{
        AccessKeys, AccountAlias, AccountAssignments, Alarms, AlertTopics, AnalyzerFindings, Analyzers, ArchiveRules,
        AuthorizationDetails, Caller, Compute, CredentialReport, EnabledRegions, EventRules, IdentityCenterInstances,
        IdentityPools, IdentityProviders, IdentityStoreGroups, InsightSelectors, LastAccessed, OrganizationAccess,
        OrganizationEffectivePolicies, OrganizationHandshakes, OrganizationMembership, OrganizationPolicies,
        OrganizationPolicyErrors, OrganizationResourcePolicy, OrganizationServices, OrganizationStructure,
        PermissionSets, ResourcePolicies, RolesAnywhere, RootAccessFeatures, SamlEncryption, Secrets, SshKeys,
        TrailBuckets, TrailKeys, TrailLogGroups, Trails, UserData, UserMfaDevices,
    };
    topics.extend([Caller, AccountAlias]);
    let bases = [
        (UserMfaDevices, CredentialReport),
        (AccessKeys, CredentialReport),
        (SshKeys, AuthorizationDetails),
        (UserData, Compute),
        (ResourcePolicies, Compute),
        (ResourcePolicies, Secrets),
        (LastAccessed, AuthorizationDetails),
        (AnalyzerFindings, Analyzers),
        (ArchiveRules, Analyzers),
        (SamlEncryption, IdentityProviders),
        (RolesAnywhere, AuthorizationDetails),
        (IdentityPools, AuthorizationDetails),
        (InsightSelectors, Trails),
        (TrailBuckets, Trails),
        (TrailKeys, Trails),
        (AlertTopics, Alarms),
        (AlertTopics, EventRules),
        (Alarms, TrailLogGroups),
        (TrailLogGroups, Trails),
        (RootAccessFeatures, OrganizationMembership),
        (OrganizationHandshakes, OrganizationMembership),
        (OrganizationResourcePolicy, OrganizationMembership),
        (OrganizationServices, OrganizationMembership),
        (OrganizationEffectivePolicies, OrganizationPolicies),
        (OrganizationPolicyErrors, OrganizationStructure),
        (OrganizationAccess, OrganizationStructure),
        (OrganizationPolicies, OrganizationStructure),
        (OrganizationStructure, OrganizationMembership),
        (AccountAssignments, PermissionSets),
        (PermissionSets, IdentityCenterInstances),
        (IdentityStoreGroups, IdentityCenterInstances),
        (PermissionSets, OrganizationMembership),
        (IdentityStoreGroups, OrganizationMembership),
    ];
    // A base comes after what needs it, so that one pass finds all.
    for (of, base) in bases {
        if topics.contains(&of) {
            topics.insert(base);
        }
    }
    if topics.iter().any(|topic| topic.reach() == Reach::Regional) {
        topics.insert(EnabledRegions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_topic_needs_comes_with_it() {
        let mut topics = BTreeSet::from([Topic::SshKeys, Topic::Trails]);
        complete(&mut topics);
        let whole = [
            Topic::Caller,
            Topic::AccountAlias,
            Topic::EnabledRegions,
            Topic::AuthorizationDetails,
            Topic::SshKeys,
            Topic::Trails,
        ];
        assert_eq!(topics, BTreeSet::from(whole));
    }
}
