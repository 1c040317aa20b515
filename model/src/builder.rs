//! Small accounts in a few lines, for tests and benchmarks (feature `builder`).
//!
//! ```
//! use probity_model::builder::Account;
//!
//! let snapshot = Account::new().user("anna", |user| user.console_password().mfa()).build();
//! assert_eq!(snapshot.facts.credential_report.get().map(|report| report.users.len()), Ok(1));
//! ```
//!
//! A new account has answered every question: everything is known, and there is nothing in it but a root user without any
//! credential. What a test is about is then put in, or taken away with [`Account::deny`].

mod compute;
mod principals;
mod secrets;

use std::collections::{BTreeMap, BTreeSet};

pub use compute::{FunctionBuilder, InstanceBuilder, TaskBuilder};
pub use principals::{GroupBuilder, KeyBuilder, PolicyBuilder, RoleBuilder, UserBuilder};

use crate::facts::compute::RegionCompute;
use crate::facts::contacts::ContactKind;
use crate::facts::credential_report::{AccessKeySlot, Cell, CertificateSlot, CredentialRow};
use crate::facts::detection::SecurityHub;
use crate::facts::organization::{Organization, OrganizationTree};
use crate::facts::organization_administration::TrustedServices;
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
use crate::memo::Memo;
use crate::snapshot::{self, CollectionRequest, Facts};
use crate::{AccountId, Arn, Gap, GapKind, Partition, Region, Seen, Snapshot, Timestamp, Topic};

/// The account that is built unless said otherwise.
pub const ACCOUNT: &str = "123456789012";
/// The management account of the organization that [`Account::organization`] puts the account in.
pub const MANAGEMENT: &str = "999999999999";
/// "Now" of a built account.
pub const NOW: &str = "2026-11-22T08:00:00Z";

/// "Now" as a time.
///
/// # Panics
/// Never: the text is a time.
#[must_use]
#[allow(clippy::expect_used, reason = "the text is a constant")]
pub fn now() -> Timestamp {
    NOW.parse().expect("a constant time")
}

/// So many days before now.
#[must_use]
pub fn days_ago(days: i64) -> Timestamp {
    seconds_ago(days * 86_400)
}

/// So many seconds before now; negative for the future.
#[must_use]
#[allow(clippy::expect_used, reason = "tests stay within the range of times")]
pub fn seconds_ago(seconds: i64) -> Timestamp {
    now().checked_sub(jiff::SignedDuration::from_secs(seconds)).expect("within the range of times")
}

/// An account under construction.
#[derive(Debug, Clone)]
pub struct Account {
    snapshot: Snapshot,
}

impl Default for Account {
    fn default() -> Self {
        Self::new()
    }
}

#[allow(clippy::expect_used, reason = "the texts are constants")]
fn account_id(text: &str) -> AccountId {
    AccountId::try_from(text).expect("a constant account id")
}

#[allow(clippy::expect_used, reason = "the texts are constants")]
fn region(text: &str) -> Region {
    Region::try_from(text).expect("a constant Region")
}

impl Account {
    /// An account of the partition `aws`.
    #[must_use]
    pub fn new() -> Self {
        Self::in_partition("aws", "eu-central-1")
    }

    /// An account of AWS GovCloud (US).
    #[must_use]
    pub fn gov_cloud() -> Self {
        Self::in_partition("aws-us-gov", "us-gov-west-1")
    }

    /// An account of a partition, with one enabled Region.
    #[must_use]
    pub fn in_partition(partition: &str, home: &str) -> Self {
        let account = account_id(ACCOUNT);
        let partition = Partition::new(partition);
        let home = region(home);
        let caller = Caller {
            account: account.clone(),
            arn: Arn::new(format!("arn:{partition}:sts::{account}:assumed-role/Auditor/probity")),
            user_id: "AROAEXAMPLEEXAMPLE001:probity".to_owned(),
        };
        let summary = [
            AccountSummary::PASSWORD_PRESENT,
            AccountSummary::ACCESS_KEYS_PRESENT,
            AccountSummary::SIGNING_CERTIFICATES_PRESENT,
            AccountSummary::MFA_ENABLED,
        ];
        let report = CredentialReport {
            generated_at: now(),
            root: Some(row(CredentialReport::ROOT, partition.root_of(&account), days_ago(1_000))),
            users: Vec::new(),
            places: Memo::default(),
        };
        let per_region = |region: &Region| (region.clone(), Seen::Known(Vec::new()));
        let facts = Facts {
            caller: Seen::Known(caller),
            account_alias: Seen::Known(AccountAlias { alias: None }),
            enabled_regions: Seen::Known(EnabledRegions {
                regions: vec![home.clone()],
                opted_in: Some(BTreeSet::new()),
            }),
            account_summary: Seen::Known(AccountSummary {
                entries: summary.into_iter().map(|name| (name.to_owned(), 0)).collect(),
            }),
            password_policy: Seen::Known(PasswordPolicy::AwsDefault),
            credential_report: Seen::Known(report),
            authorization_details: Seen::Known(AuthorizationDetails::default()),
            virtual_mfa_devices: Seen::Known(VirtualMfaDevices { devices: Vec::new(), unassigned: Some(Vec::new()) }),
            user_mfa_devices: Seen::Known(UserMfaDevices { users: BTreeMap::new() }),
            access_keys: Seen::Known(AccessKeys { users: BTreeMap::new() }),
            ssh_keys: Seen::Known(SshKeys { users: BTreeMap::new() }),
            service_credentials: Seen::Known(ServiceCredentials { credentials: Vec::new() }),
            server_certificates: Seen::Known(ServerCertificates { certificates: Vec::new() }),
            identity_providers: Seen::Known(IdentityProviders { saml: Vec::new(), oidc: Vec::new() }),
            identity_center_instances: Seen::Known(IdentityCenterInstances { instances: Vec::new() }),
            permission_sets: Seen::Known(PermissionSets { sets: Vec::new() }),
            account_assignments: Seen::Known(AccountAssignments { sets: Vec::new() }),
            identity_store_groups: Seen::Known(IdentityStoreGroups { groups: Vec::new() }),
            role_sessions: Seen::Known(RoleSessions { longest: BTreeMap::new() }),
            last_accessed: Seen::Known(LastAccessed { principals: BTreeMap::new() }),
            root_activity: Seen::Known(RootActivity {
                since: days_ago(90),
                regions: BTreeMap::from([per_region(&home)]),
                cut: BTreeSet::new(),
            }),
            trails: Seen::Known(Trails {
                regions: BTreeMap::from([(home.clone(), Seen::Known(Vec::new()))]),
                trails: Vec::new(),
            }),
            compute: Seen::Known(Compute { regions: BTreeMap::from([(home.clone(), RegionCompute::empty())]) }),
            user_data: Seen::Known(UserData::default()),
            secrets: Seen::Known(Secrets { regions: BTreeMap::from([(home.clone(), Seen::Known(Vec::new()))]) }),
            resource_policies: Seen::Known(ResourcePolicies {
                buckets: Seen::Known(Vec::new()),
                regions: BTreeMap::from([(home.clone(), BTreeMap::new())]),
            }),
            analyzers: Seen::Known(Analyzers {
                regions: BTreeMap::from([(home.clone(), Seen::Known(Vec::new()))]),
                not_offered: BTreeSet::new(),
            }),
            analyzer_findings: Seen::Known(AnalyzerFindings::default()),
            archive_rules: Seen::Known(ArchiveRules::default()),
            primary_contact: Seen::Known(PrimaryContact::Absent),
            alternate_contacts: Seen::Known(AlternateContacts {
                contacts: ContactKind::ALL.into_iter().map(|kind| (kind, Seen::Known(None))).collect(),
                root_email_known: false,
            }),
            saml_encryption: Seen::Known(SamlEncryption::default()),
            outbound_federation: Seen::Known(OutboundFederation { enabled: false, issuer: None }),
            delegation_requests: Seen::Known(DelegationRequests::default()),
            roles_anywhere: Seen::Known(RolesAnywhere::default()),
            identity_pools: Seen::Known(IdentityPools::default()),
            insight_selectors: Seen::Known(InsightSelectors { trails: BTreeMap::new() }),
            trail_buckets: Seen::Known(TrailBuckets { buckets: BTreeMap::new() }),
            account_public_access_block: Seen::Known(AccountPublicAccessBlock { settings: None }),
            trail_keys: Seen::Known(TrailKeys { keys: BTreeMap::new() }),
            trail_log_groups: Seen::Known(TrailLogGroups { groups: BTreeMap::new() }),
            alarms: Seen::Known(Alarms { regions: BTreeMap::new() }),
            event_rules: Seen::Known(EventRules {
                global_region: Some(home.clone()),
                regions: BTreeMap::from([(home.clone(), Seen::Known(Vec::new()))]),
            }),
            alert_topics: Seen::Known(AlertTopics { topics: BTreeMap::new() }),
            config_recorders: Seen::Known(ConfigRecorders {
                regions: BTreeMap::from([(home.clone(), Seen::Known(Vec::new()))]),
            }),
            guard_duty_detectors: Seen::Known(GuardDutyDetectors {
                regions: BTreeMap::from([(home.clone(), Seen::Known(BTreeMap::new()))]),
            }),
            security_hubs: Seen::Known(SecurityHubs {
                regions: BTreeMap::from([(home.clone(), Seen::Known(SecurityHub::Off))]),
            }),
            organization_membership: Seen::Known(OrganizationMembership::Standalone),
            root_access_features: Seen::Known(RootAccessFeatures::NoOrganization),
            organization_structure: Seen::Known(OrganizationStructure::NoOrganization),
            organization_policies: Seen::Known(OrganizationPolicies::NoOrganization),
            organization_effective_policies: Seen::Known(OrganizationEffectivePolicies::NoOrganization),
            organization_policy_errors: Seen::Known(OrganizationPolicyErrors::NoOrganization),
            organization_resource_policy: Seen::Known(OrganizationResourcePolicy::NoOrganization),
            organization_services: Seen::Known(OrganizationServices::NoOrganization),
            organization_access: Seen::Known(OrganizationAccess::NoOrganization),
            organization_handshakes: Seen::Known(OrganizationHandshakes::NoOrganization),
            unknown: BTreeMap::new(),
        };
        let snapshot = Snapshot {
            format: snapshot::FORMAT.to_owned(),
            version: snapshot::VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            account,
            partition,
            taken_at: now(),
            finished_at: now(),
            request: CollectionRequest {
                detail: "full".to_owned(),
                last_accessed: "all".to_owned(),
                ..CollectionRequest::default()
            },
            regions: vec![home],
            observed_at: Topic::ALL.iter().map(|topic| (*topic, now())).collect(),
            calls: Vec::new(),
            facts,
            unknown: BTreeMap::new(),
        };
        Self { snapshot }
    }

    /// The snapshot of the account.
    #[must_use]
    pub fn build(self) -> Snapshot {
        self.snapshot
    }

    /// The partition, for ARNs.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.snapshot.partition
    }

    /// Changes anything about the snapshot.
    #[must_use]
    pub fn edit(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(&mut self.snapshot);
        self
    }

    /// Changes a fact that is known.
    #[must_use]
    pub fn facts(self, change: impl FnOnce(&mut Facts)) -> Self {
        self.edit(|snapshot| change(&mut snapshot.facts))
    }

    /// A topic that AWS refused to answer.
    #[must_use]
    pub fn deny(self, topic: Topic) -> Self {
        self.facts(|facts| facts.set_gap(topic, denied(topic)))
    }

    /// An account of which nothing could be read.
    #[must_use]
    pub fn deny_everything(self) -> Self {
        Topic::ALL.iter().fold(self, |account, topic| account.deny(*topic))
    }

    /// An entry of the account summary.
    #[must_use]
    pub fn summary(self, entry: &str, value: i64) -> Self {
        self.facts(|facts| {
            known(&mut facts.account_summary).entries.insert(entry.to_owned(), value);
        })
    }

    /// Takes an entry out of the account summary, as services that do not know it do.
    #[must_use]
    pub fn without_summary(self, entry: &str) -> Self {
        self.facts(|facts| {
            known(&mut facts.account_summary).entries.remove(entry);
        })
    }

    /// Changes the root user's row of the credential report.
    #[must_use]
    pub fn root(self, change: impl FnOnce(&mut CredentialRow)) -> Self {
        self.facts(|facts| {
            if let Some(root) = &mut known(&mut facts.credential_report).root {
                change(root);
            }
        })
    }

    /// Puts the account in an organization with all features, as a member.
    #[must_use]
    pub fn organization(self) -> Self {
        self.in_organization(MANAGEMENT)
    }

    /// Makes the account the management account of an organization with all features.
    #[must_use]
    pub fn management_account(self) -> Self {
        self.in_organization(ACCOUNT)
    }

    fn in_organization(self, management: &str) -> Self {
        let partition = self.snapshot.partition.clone();
        self.facts(|facts| {
            facts.organization_membership = Seen::Known(OrganizationMembership::Member(Organization {
                id: "o-exampleorg1".to_owned(),
                arn: Arn::new(format!("arn:{partition}:organizations::{management}:organization/o-exampleorg1")),
                management_account: account_id(management),
                feature_set: "ALL".to_owned(),
            }));
            facts.root_access_features = Seen::Known(RootAccessFeatures::Enabled(BTreeSet::new()));
            facts.organization_structure = Seen::Known(OrganizationStructure::Tree(OrganizationTree::default()));
            facts.organization_policies = Seen::Known(OrganizationPolicies::Policies(Vec::new()));
            facts.organization_effective_policies = Seen::Known(OrganizationEffectivePolicies::Types(BTreeMap::new()));
            facts.organization_policy_errors = Seen::Known(OrganizationPolicyErrors::Types(BTreeMap::new()));
            facts.organization_resource_policy = Seen::Known(OrganizationResourcePolicy::Absent);
            facts.organization_services = Seen::Known(OrganizationServices::Services(TrustedServices::default()));
            facts.organization_access = Seen::Known(OrganizationAccess::NotControlled);
            facts.organization_handshakes = Seen::Known(OrganizationHandshakes::Handshakes(Vec::new()));
        })
    }
}

/// The gap of a topic whose first operation was denied.
#[must_use]
pub fn denied(topic: Topic) -> Gap {
    let message = "User: arn:aws:sts::123456789012:assumed-role/Auditor/probity is not authorized to perform this";
    let operation = topic.operations().first().map(ToString::to_string);
    Gap {
        kind: GapKind::Denied,
        operation,
        region: None,
        code: Some("AccessDenied".to_owned()),
        message: message.into(),
    }
}

#[allow(clippy::panic, reason = "a test that fills a topic it has denied is wrong")]
fn known<T>(seen: &mut Seen<T>) -> &mut T {
    match seen {
        Seen::Known(value) => value,
        Seen::Missing(gap) => panic!("this topic was taken away: {gap}"),
    }
}

/// A row without any credential.
fn row(user: &str, arn: Arn, created_at: Timestamp) -> CredentialRow {
    let key = || AccessKeySlot {
        active: Cell::Value(false),
        last_rotated: Cell::NotApplicable,
        last_used_at: Cell::NotApplicable,
        last_used_region: Cell::NotApplicable,
        last_used_service: Cell::NotApplicable,
    };
    let certificate = || CertificateSlot { active: Cell::Value(false), last_rotated: Cell::NotApplicable };
    CredentialRow {
        user: user.to_owned(),
        arn,
        created_at: Cell::Value(created_at),
        password_enabled: Cell::Value(false),
        password_last_used: Cell::NotApplicable,
        password_last_changed: Cell::NotApplicable,
        password_next_rotation: Cell::NotApplicable,
        mfa_active: Cell::Value(false),
        access_keys: [key(), key()],
        certificates: [certificate(), certificate()],
        other: BTreeMap::new(),
    }
}
