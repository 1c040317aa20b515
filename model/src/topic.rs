//! The topics of evidence: the one table from which follow what may be called, what is collected, and which permissions
//! that takes.
//!
//! A topic is read by one collector and fills one field of [`Facts`]. Its operations are the *only* calls probity makes
//! for it: the read-only fence admits the union over all topics, and `probity permissions` prints their actions.
//! IAM actions are those of the Service Authorization Reference.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::facts::{
    AccessKeys, AccountAlias, AccountAssignments, AccountPublicAccessBlock, AccountSummary, Alarms, AlertTopics,
    AlternateContacts, AnalyzerFindings, Analyzers, ArchiveRules, AuthorizationDetails, Caller, Compute,
    ConfigRecorders, CredentialReport, DelegationRequests, EnabledRegions, EventRules, GuardDutyDetectors,
    IdentityCenterInstances, IdentityPools, IdentityProviders, IdentityStoreGroups, InsightSelectors, LastAccessed,
    OrganizationAccess, OrganizationEffectivePolicies, OrganizationHandshakes, OrganizationMembership,
    OrganizationPolicies, OrganizationPolicyErrors, OrganizationResourcePolicy, OrganizationServices,
    OrganizationStructure, OutboundFederation, PasswordPolicy, PermissionSets, PrimaryContact, ResourcePolicies,
    RoleSessions, RolesAnywhere, RootAccessFeatures, RootActivity, SamlEncryption, Secrets, SecurityHubs,
    ServerCertificates, ServiceCredentials, SshKeys, TrailBuckets, TrailKeys, TrailLogGroups, Trails, UserData,
    UserMfaDevices, VirtualMfaDevices,
};
use crate::{Fact, Operation, Seen, Service, Snapshot};

/// How often a topic is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Once for the account.
    Global,
    /// Once in every enabled Region.
    Regional,
}

macro_rules! topics {
    ($( $(#[$doc:meta])+ $variant:ident, $field:ident: $fact:ty, $name:literal, $reach:ident,
        [$($service:ident $operation:literal $action:literal),+ $(,)?]; )+) => {
        /// A topic of evidence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Topic {
            $( $(#[$doc])+ #[serde(rename = $name)] $variant, )+
        }

        impl Topic {
            /// Every topic, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in options, snapshots and progress lines.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The name of the field of [`Facts`] that it fills, in snapshots and in the input of checks of one's own.
            #[must_use]
            pub const fn field(self) -> &'static str {
                match self { $(Self::$variant => stringify!($field),)+ }
            }

            /// The calls that are made for it, and no others.
            #[must_use]
            pub const fn operations(self) -> &'static [Operation] {
                match self {
                    $(Self::$variant => const { &[$(Operation::new(Service::$service, $operation, $action)),+] },)+
                }
            }

            /// Whether it is read once or in every Region.
            #[must_use]
            pub const fn reach(self) -> Reach {
                match self { $(Self::$variant => Reach::$reach,)+ }
            }
        }

        /// Everything that was read, one field a topic; what was not is a gap.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub struct Facts {
            $( $(#[$doc])+ #[serde(default)] pub $field: Seen<$fact>, )+
            /// Facts a later release wrote into the same format version: kept when the snapshot is written again.
            #[serde(flatten)]
            pub unknown: std::collections::BTreeMap<String, serde_json::Value>,
        }

        impl Facts {
            /// The gap in place of a topic, where it was not read.
            #[must_use]
            pub fn gap(&self, topic: Topic) -> Option<&crate::Gap> {
                match topic { $(Topic::$variant => self.$field.gap(),)+ }
            }

            /// Every gap of a topic: that in its place, or those inside of what was read.
            #[must_use]
            pub fn gaps_within(&self, topic: Topic) -> Vec<crate::Gap> {
                match topic { $(Topic::$variant => crate::gaps_within::gaps_within(&self.$field),)+ }
            }

            /// Puts a gap in place of a topic.
            pub fn set_gap(&mut self, topic: Topic, gap: crate::Gap) {
                match topic { $(Topic::$variant => self.$field = Seen::Missing(gap),)+ }
            }

            /// Takes a topic over from other facts, whatever they say of it.
            pub fn take_over(&mut self, topic: Topic, from: &Self) {
                match topic { $(Topic::$variant => self.$field = from.$field.clone(),)+ }
            }
        }

        $(impl Fact for $fact {
            const TOPIC: Topic = Topic::$variant;

            fn of(snapshot: &Snapshot) -> &Seen<Self> {
                &snapshot.facts.$field
            }

            fn slot(facts: &mut Facts) -> &mut Seen<Self> {
                &mut facts.$field
            }
        })+
    };
}

topics! {
    /// Who the audit runs as.
    Caller, caller: Caller, "caller", Global, [Sts "GetCallerIdentity" ""];
    /// The account's alias.
    AccountAlias, account_alias: AccountAlias, "account-alias", Global, [Iam "ListAccountAliases" "iam:ListAccountAliases"];
    /// The Regions that are enabled.
    EnabledRegions, enabled_regions: EnabledRegions, "enabled-regions", Global, [Account "ListRegions" "account:ListRegions"];
    /// Counters of the account's IAM, root credentials among them.
    AccountSummary, account_summary: AccountSummary, "account-summary", Global,
        [Iam "GetAccountSummary" "iam:GetAccountSummary"];
    /// The password policy.
    PasswordPolicy, password_policy: PasswordPolicy, "password-policy", Global,
        [Iam "GetAccountPasswordPolicy" "iam:GetAccountPasswordPolicy"];
    /// The credential report: passwords, access keys, MFA and certificates of every user and of root.
    CredentialReport, credential_report: CredentialReport, "credential-report", Global, [
        Iam "GenerateCredentialReport" "iam:GenerateCredentialReport",
        Iam "GetCredentialReport" "iam:GetCredentialReport",
    ];
    /// Users, groups, roles and policies with their documents.
    AuthorizationDetails, authorization_details: AuthorizationDetails, "authorization-details", Global,
        [Iam "GetAccountAuthorizationDetails" "iam:GetAccountAuthorizationDetails"];
    /// Virtual MFA devices, assigned and not.
    VirtualMfaDevices, virtual_mfa_devices: VirtualMfaDevices, "virtual-mfa-devices", Global,
        [Iam "ListVirtualMFADevices" "iam:ListVirtualMFADevices"];
    /// MFA devices of users whose kind the other topics leave open.
    UserMfaDevices, user_mfa_devices: UserMfaDevices, "user-mfa-devices", Global, [Iam "ListMFADevices" "iam:ListMFADevices"];
    /// Access keys with their ids.
    AccessKeys, access_keys: AccessKeys, "access-keys", Global, [Iam "ListAccessKeys" "iam:ListAccessKeys"];
    /// SSH public keys for CodeCommit.
    SshKeys, ssh_keys: SshKeys, "ssh-keys", Global, [Iam "ListSSHPublicKeys" "iam:ListSSHPublicKeys"];
    /// Service-specific credentials of all users.
    ServiceCredentials, service_credentials: ServiceCredentials, "service-credentials", Global,
        [Iam "ListServiceSpecificCredentials" "iam:ListServiceSpecificCredentials"];
    /// Server certificates kept in IAM.
    ServerCertificates, server_certificates: ServerCertificates, "server-certificates", Global,
        [Iam "ListServerCertificates" "iam:ListServerCertificates"];
    /// SAML and OpenID Connect providers.
    IdentityProviders, identity_providers: IdentityProviders, "identity-providers", Global, [
        Iam "ListSAMLProviders" "iam:ListSAMLProviders",
        Iam "ListOpenIDConnectProviders" "iam:ListOpenIDConnectProviders",
    ];
    /// IAM Identity Center instances.
    IdentityCenterInstances, identity_center_instances: IdentityCenterInstances, "identity-center-instances", Regional,
        [SsoAdmin "ListInstances" "sso:ListInstances"];
    /// Permission sets of IAM Identity Center with their policies.
    PermissionSets, permission_sets: PermissionSets, "permission-sets", Global, [
        SsoAdmin "ListPermissionSets" "sso:ListPermissionSets",
        SsoAdmin "DescribePermissionSet" "sso:DescribePermissionSet",
        SsoAdmin "GetInlinePolicyForPermissionSet" "sso:GetInlinePolicyForPermissionSet",
        SsoAdmin "ListManagedPoliciesInPermissionSet" "sso:ListManagedPoliciesInPermissionSet",
        SsoAdmin "ListCustomerManagedPolicyReferencesInPermissionSet" "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
        SsoAdmin "GetPermissionsBoundaryForPermissionSet" "sso:GetPermissionsBoundaryForPermissionSet",
    ];
    /// Who is assigned which permission set in which account.
    AccountAssignments, account_assignments: AccountAssignments, "account-assignments", Global, [
        SsoAdmin "ListAccountsForProvisionedPermissionSet" "sso:ListAccountsForProvisionedPermissionSet",
        SsoAdmin "ListAccountAssignments" "sso:ListAccountAssignments",
    ];
    /// Names of the groups in the identity store.
    IdentityStoreGroups, identity_store_groups: IdentityStoreGroups, "identity-store-groups", Global,
        [IdentityStore "ListGroups" "identitystore:ListGroups"];
    /// How long sessions of the roles may last.
    RoleSessions, role_sessions: RoleSessions, "role-sessions", Global, [Iam "ListRoles" "iam:ListRoles"];
    /// When principals last used which service.
    LastAccessed, last_accessed: LastAccessed, "last-accessed", Global, [
        Iam "GenerateServiceLastAccessedDetails" "iam:GenerateServiceLastAccessedDetails",
        Iam "GetServiceLastAccessedDetails" "iam:GetServiceLastAccessedDetails",
    ];
    /// What the root user did in the last 90 days.
    RootActivity, root_activity: RootActivity, "root-activity", Regional, [CloudTrail "LookupEvents" "cloudtrail:LookupEvents"];
    /// CloudTrail trails, their status and selectors.
    Trails, trails: Trails, "trails", Regional, [
        CloudTrail "DescribeTrails" "cloudtrail:DescribeTrails",
        CloudTrail "GetTrailStatus" "cloudtrail:GetTrailStatus",
        CloudTrail "GetEventSelectors" "cloudtrail:GetEventSelectors",
    ];
    /// What runs, with which roles, and where access keys lie in its configuration.
    Compute, compute: Compute, "compute", Regional, [
        Ec2 "DescribeInstances" "ec2:DescribeInstances",
        Lambda "ListFunctions" "lambda:ListFunctions",
        Ecs "ListTaskDefinitionFamilies" "ecs:ListTaskDefinitionFamilies",
        Ecs "DescribeTaskDefinition" "ecs:DescribeTaskDefinition",
    ];
    /// Where access keys lie in the user data of instances.
    UserData, user_data: UserData, "user-data", Regional, [Ec2 "DescribeInstanceAttribute" "ec2:DescribeInstanceAttribute"];
    /// IAM Access Analyzer's analyzers.
    Analyzers, analyzers: Analyzers, "analyzers", Regional, [
        AccessAnalyzer "ListAnalyzers" "access-analyzer:ListAnalyzers",
        AccessAnalyzer "GetAnalyzer" "access-analyzer:GetAnalyzer",
    ];
    /// What the analyzers found that is open.
    AnalyzerFindings, analyzer_findings: AnalyzerFindings, "analyzer-findings", Regional,
        [AccessAnalyzer "ListFindingsV2" "access-analyzer:ListFindings"];
    /// The rules that archive findings as they arise.
    ArchiveRules, archive_rules: ArchiveRules, "archive-rules", Regional,
        [AccessAnalyzer "ListArchiveRules" "access-analyzer:ListArchiveRules"];
    /// Which fields of the account's primary contact are filled in.
    PrimaryContact, primary_contact: PrimaryContact, "primary-contact", Global,
        [Account "GetContactInformation" "account:GetContactInformation"];
    /// The contacts for billing, operations and security: whether they are there, and differ.
    AlternateContacts, alternate_contacts: AlternateContacts, "alternate-contacts", Global,
        [Account "GetAlternateContact" "account:GetAlternateContact"];
    /// Whether SAML providers demand encrypted assertions.
    SamlEncryption, saml_encryption: SamlEncryption, "saml-encryption", Global, [Iam "GetSAMLProvider" "iam:GetSAMLProvider"];
    /// Whether AWS vouches for principals of the account to others.
    OutboundFederation, outbound_federation: OutboundFederation, "outbound-federation", Global,
        [Iam "GetOutboundWebIdentityFederationInfo" "iam:GetOutboundWebIdentityFederationInfo"];
    /// Requests of partners for permissions.
    DelegationRequests, delegation_requests: DelegationRequests, "delegation-requests", Global,
        [Iam "ListDelegationRequests" "iam:ListDelegationRequests"];
    /// Trust anchors, profiles and revocation lists of IAM Roles Anywhere.
    RolesAnywhere, roles_anywhere: RolesAnywhere, "roles-anywhere", Regional, [
        RolesAnywhere "ListTrustAnchors" "rolesanywhere:ListTrustAnchors",
        RolesAnywhere "ListProfiles" "rolesanywhere:ListProfiles",
        RolesAnywhere "ListCrls" "rolesanywhere:ListCrls",
    ];
    /// Cognito identity pools and what guests get of them.
    IdentityPools, identity_pools: IdentityPools, "identity-pools", Regional, [
        CognitoIdentity "ListIdentityPools" "cognito-identity:ListIdentityPools",
        CognitoIdentity "DescribeIdentityPool" "cognito-identity:DescribeIdentityPool",
        CognitoIdentity "GetIdentityPoolRoles" "cognito-identity:GetIdentityPoolRoles",
    ];
    /// What CloudTrail Insights watches.
    InsightSelectors, insight_selectors: InsightSelectors, "insight-selectors", Global,
        [CloudTrail "GetInsightSelectors" "cloudtrail:GetInsightSelectors"];
    /// The S3 buckets that trails deliver to.
    TrailBuckets, trail_buckets: TrailBuckets, "trail-buckets", Global, [
        S3 "GetPublicAccessBlock" "s3:GetBucketPublicAccessBlock",
        S3 "GetBucketAcl" "s3:GetBucketAcl",
        S3 "GetBucketPolicyStatus" "s3:GetBucketPolicyStatus",
        S3 "GetBucketPolicy" "s3:GetBucketPolicy",
        S3 "GetBucketLogging" "s3:GetBucketLogging",
        S3 "GetBucketVersioning" "s3:GetBucketVersioning",
        S3 "GetObjectLockConfiguration" "s3:GetBucketObjectLockConfiguration",
    ];
    /// Block Public Access of S3 for the whole account.
    AccountPublicAccessBlock, account_public_access_block: AccountPublicAccessBlock, "account-public-access-block", Global,
        [S3Control "GetPublicAccessBlock" "s3:GetAccountPublicAccessBlock"];
    /// The KMS keys that encrypt the log files of trails.
    TrailKeys, trail_keys: TrailKeys, "trail-keys", Global, [
        Kms "DescribeKey" "kms:DescribeKey",
        Kms "GetKeyRotationStatus" "kms:GetKeyRotationStatus",
    ];
    /// The log groups that trails feed, with their metric filters.
    TrailLogGroups, trail_log_groups: TrailLogGroups, "trail-log-groups", Global, [
        Logs "DescribeLogGroups" "logs:DescribeLogGroups",
        Logs "DescribeMetricFilters" "logs:DescribeMetricFilters",
    ];
    /// CloudWatch alarms on the metrics of those log groups.
    Alarms, alarms: Alarms, "alarms", Global, [CloudWatch "DescribeAlarms" "cloudwatch:DescribeAlarms"];
    /// EventBridge rules on the events of CloudTrail.
    EventRules, event_rules: EventRules, "event-rules", Regional, [
        EventBridge "ListRules" "events:ListRules",
        EventBridge "ListTargetsByRule" "events:ListTargetsByRule",
    ];
    /// Who is subscribed to the topics that alarms and rules notify.
    AlertTopics, alert_topics: AlertTopics, "alert-topics", Global,
        [Sns "ListSubscriptionsByTopic" "sns:ListSubscriptionsByTopic"];
    /// The configuration recorders of AWS Config.
    ConfigRecorders, config_recorders: ConfigRecorders, "config-recorders", Regional, [
        Config "DescribeConfigurationRecorders" "config:DescribeConfigurationRecorders",
        Config "DescribeConfigurationRecorderStatus" "config:DescribeConfigurationRecorderStatus",
    ];
    /// The detectors of GuardDuty.
    GuardDutyDetectors, guard_duty_detectors: GuardDutyDetectors, "guardduty-detectors", Regional, [
        GuardDuty "ListDetectors" "guardduty:ListDetectors",
        GuardDuty "GetDetector" "guardduty:GetDetector",
    ];
    /// Security Hub CSPM and its standards.
    SecurityHubs, security_hubs: SecurityHubs, "security-hubs", Regional,
        [SecurityHub "GetEnabledStandards" "securityhub:GetEnabledStandards"];
    /// The secrets kept in Secrets Manager: when they rotate, not what they hold.
    Secrets, secrets: Secrets, "secrets", Regional, [SecretsManager "ListSecrets" "secretsmanager:ListSecrets"];
    /// The policies of resources, read one by one.
    ResourcePolicies, resource_policies: ResourcePolicies, "resource-policies", Regional, [
        S3 "ListBuckets" "s3:ListAllMyBuckets",
        S3 "GetBucketPolicyStatus" "s3:GetBucketPolicyStatus",
        S3 "GetPublicAccessBlock" "s3:GetBucketPublicAccessBlock",
        Lambda "GetPolicy" "lambda:GetPolicy",
        Kms "ListKeys" "kms:ListKeys",
        Kms "GetKeyPolicy" "kms:GetKeyPolicy",
        Sqs "ListQueues" "sqs:ListQueues",
        Sqs "GetQueueAttributes" "sqs:GetQueueAttributes",
        SecretsManager "ListSecrets" "secretsmanager:ListSecrets",
        SecretsManager "GetResourcePolicy" "secretsmanager:GetResourcePolicy",
        Sns "ListTopics" "sns:ListTopics",
        Sns "GetTopicAttributes" "sns:GetTopicAttributes",
    ];
    /// Whether the account is in an organization.
    OrganizationMembership, organization_membership: OrganizationMembership, "organization-membership", Global,
        [Organizations "DescribeOrganization" "organizations:DescribeOrganization"];
    /// Features of central root access.
    RootAccessFeatures, root_access_features: RootAccessFeatures, "root-access-features", Global,
        [Iam "ListOrganizationsFeatures" "iam:ListOrganizationsFeatures"];
    /// Accounts and organizational units.
    OrganizationStructure, organization_structure: OrganizationStructure, "organization-structure", Global, [
        Organizations "ListRoots" "organizations:ListRoots",
        Organizations "ListOrganizationalUnitsForParent" "organizations:ListOrganizationalUnitsForParent",
        Organizations "ListAccountsForParent" "organizations:ListAccountsForParent",
    ];
    /// Service control policies, resource control policies and those of other types.
    OrganizationPolicies, organization_policies: OrganizationPolicies, "organization-policies", Global, [
        Organizations "ListPolicies" "organizations:ListPolicies",
        Organizations "DescribePolicy" "organizations:DescribePolicy",
        Organizations "ListTargetsForPolicy" "organizations:ListTargetsForPolicy",
    ];
    /// What policies of other types amount to for each account.
    OrganizationEffectivePolicies, organization_effective_policies: OrganizationEffectivePolicies,
        "organization-effective-policies", Global,
        [Organizations "DescribeEffectivePolicy" "organizations:DescribeEffectivePolicy"];
    /// Accounts whose policies of other types cannot be put together.
    OrganizationPolicyErrors, organization_policy_errors: OrganizationPolicyErrors, "organization-policy-errors", Global,
        [Organizations "ListAccountsWithInvalidEffectivePolicy" "organizations:ListAccountsWithInvalidEffectivePolicy"];
    /// Who may write the organization's policies beside the management account.
    OrganizationResourcePolicy, organization_resource_policy: OrganizationResourcePolicy, "organization-resource-policy",
        Global, [Organizations "DescribeResourcePolicy" "organizations:DescribeResourcePolicy"];
    /// Services that act in the whole organization, and the accounts that run them.
    OrganizationServices, organization_services: OrganizationServices, "organization-services", Global, [
        Organizations "ListAWSServiceAccessForOrganization" "organizations:ListAWSServiceAccessForOrganization",
        Organizations "ListDelegatedAdministrators" "organizations:ListDelegatedAdministrators",
        Organizations "ListDelegatedServicesForAccount" "organizations:ListDelegatedServicesForAccount",
    ];
    /// Which services the accounts use, of those that service control policies allow.
    OrganizationAccess, organization_access: OrganizationAccess, "organization-access", Global, [
        Iam "GenerateOrganizationsAccessReport" "iam:GenerateOrganizationsAccessReport",
        Iam "GetOrganizationsAccessReport" "iam:GetOrganizationsAccessReport",
    ];
    /// What is being asked of accounts and of the organization.
    OrganizationHandshakes, organization_handshakes: OrganizationHandshakes, "organization-handshakes", Global,
        [Organizations "ListHandshakesForOrganization" "organizations:ListHandshakesForOrganization"];
}

impl Topic {
    /// Whether this is about the organization and the same for all its accounts, so that it is read once, from the
    /// management account or a delegated administrator.
    #[must_use]
    pub fn is_of_organization(self) -> bool {
        let of_organization = |operation: &Operation| {
            operation.service == Service::Organizations || operation.name.contains("Organizations")
        };
        // What IAM Identity Center assigns is told in the same accounts, and holds for the whole.
        matches!(self, Self::PermissionSets | Self::AccountAssignments | Self::IdentityStoreGroups)
            || self.operations().iter().all(of_organization)
    }

    /// The operation of this name that some topic reads.
    #[must_use]
    pub fn operation(service: Service, name: &str) -> Option<Operation> {
        let all = Self::ALL.iter().flat_map(|topic| topic.operations());
        all.copied().find(|operation| operation.service == service && operation.name == name)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text is not the name of a topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a topic of evidence")]
pub struct UnknownTopic(pub String);

impl FromStr for Topic {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|topic| topic.name() == text).ok_or_else(|| UnknownTopic(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A verb that can change anything, or hand out a secret, has no place in the table.
    #[test]
    fn every_operation_reads() {
        let reads = ["Get", "List", "Describe", "Lookup", "Generate"];
        let generates =
            ["GenerateCredentialReport", "GenerateServiceLastAccessedDetails", "GenerateOrganizationsAccessReport"];
        for operation in Topic::ALL.iter().flat_map(|topic| topic.operations()) {
            assert!(reads.iter().any(|verb| operation.name.starts_with(verb)), "{operation}");
            assert!(!operation.name.starts_with("Generate") || generates.contains(&operation.name), "{operation}");
        }
    }

    #[test]
    fn an_operation_takes_one_action_wherever_it_is_used() {
        for topic in Topic::ALL {
            let mut seen = std::collections::BTreeSet::new();
            for operation in topic.operations() {
                assert!(seen.insert(operation), "{topic} names {operation} twice");
                let known = Topic::operation(operation.service, operation.name);
                assert_eq!(known.map(|known| known.action), Some(operation.action), "{operation}");
            }
        }
    }

    #[test]
    fn what_is_of_the_organization_is_told_from_what_is_of_the_account() {
        use Topic::{
            AccountSummary, OrganizationMembership, OrganizationPolicies, OrganizationStructure, RootAccessFeatures,
        };
        let whole = [OrganizationMembership, OrganizationPolicies, OrganizationStructure, RootAccessFeatures];
        for topic in whole.into_iter().chain([Topic::OrganizationAccess]) {
            assert!(topic.is_of_organization(), "{topic}");
        }
        for topic in [AccountSummary, Topic::Caller, Topic::Trails, Topic::IdentityCenterInstances] {
            assert!(!topic.is_of_organization(), "{topic}");
        }
    }

    #[test]
    fn names_can_be_read_back() {
        for topic in Topic::ALL {
            assert_eq!(topic.name().parse(), Ok(*topic));
        }
    }
}
