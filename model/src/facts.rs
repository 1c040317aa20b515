//! The facts of a snapshot, one file a topic: what AWS answered, in the field's own names.

pub mod access_analyzer;
pub mod account_summary;
pub mod alarms;
mod attachments;
pub mod authorization;
pub mod caller;
pub mod compute;
pub mod contacts;
pub mod credential_report;
pub mod delegation;
pub mod detection;
pub mod event_rules;
pub mod identity_center;
pub mod identity_pools;
pub mod identity_providers;
pub mod insight_selectors;
pub mod last_accessed;
mod lookup;
pub mod organization;
pub mod organization_administration;
pub mod password_policy;
pub mod resource_policies;
pub mod role_sessions;
pub mod roles_anywhere;
pub mod root_activity;
pub mod secrets;
pub mod server_certificates;
pub mod trail_buckets;
pub mod trail_keys;
pub mod trail_log_groups;
pub mod trails;
pub mod user_credentials;

pub use access_analyzer::{AnalyzerFindings, Analyzers, ArchiveRules};
pub use account_summary::AccountSummary;
pub use alarms::{Alarms, AlertTopics};
pub use authorization::AuthorizationDetails;
pub use caller::{AccountAlias, Caller, EnabledRegions};
pub use compute::{Compute, UserData};
pub use contacts::{AlternateContacts, PrimaryContact};
pub use credential_report::CredentialReport;
pub use delegation::{DelegationRequests, OutboundFederation};
pub use detection::{ConfigRecorders, GuardDutyDetectors, SecurityHubs};
pub use event_rules::EventRules;
pub use identity_center::{AccountAssignments, IdentityStoreGroups, PermissionSets};
pub use identity_pools::IdentityPools;
pub use identity_providers::{IdentityCenterInstances, IdentityProviders, SamlEncryption};
pub use insight_selectors::InsightSelectors;
pub use last_accessed::LastAccessed;
pub use organization::{OrganizationMembership, OrganizationPolicies, OrganizationStructure, RootAccessFeatures};
pub use organization_administration::{
    OrganizationEffectivePolicies, OrganizationHandshakes, OrganizationPolicyErrors, OrganizationResourcePolicy,
    OrganizationServices,
};
pub use password_policy::PasswordPolicy;
pub use resource_policies::ResourcePolicies;
pub use role_sessions::RoleSessions;
pub use roles_anywhere::RolesAnywhere;
pub use root_activity::RootActivity;
pub use secrets::Secrets;
pub use server_certificates::ServerCertificates;
pub use trail_buckets::{AccountPublicAccessBlock, TrailBuckets};
pub use trail_keys::TrailKeys;
pub use trail_log_groups::TrailLogGroups;
pub use trails::Trails;
pub use user_credentials::{AccessKeys, ServiceCredentials, SshKeys, UserMfaDevices, VirtualMfaDevices};
