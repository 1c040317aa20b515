//! An account with analyzers and what they found, contacts, certificates and guests that get in, and partners.

use std::collections::{BTreeMap, BTreeSet};

use probity_model::builder::{Account, days_ago};
use probity_model::facts::access_analyzer::{
    Analyzer, AnalyzerConfiguration, AnalyzerFinding, ArchiveRule, Criterion, FindingList, UnusedAccess,
};
use probity_model::facts::contacts::{AlternateContact, ContactKind};
use probity_model::facts::delegation::DelegationRequest;
use probity_model::facts::identity_pools::{Guests, IdentityPool};
use probity_model::facts::identity_providers::SamlEncryptionSetting;
use probity_model::facts::roles_anywhere::{CertificateAccess, Profile, TrustAnchor};
use probity_model::facts::{
    AnalyzerFindings, Analyzers, ArchiveRules, DelegationRequests, IdentityPools, OutboundFederation, RolesAnywhere,
    SamlEncryption,
};
use probity_model::{Arn, Seen};

use super::{ONE_READ, home};

fn analyzer(name: &str, kind: &str, configuration: AnalyzerConfiguration) -> Analyzer {
    Analyzer {
        arn: Arn::new(format!("arn:aws:access-analyzer:eu-central-1:123456789012:analyzer/{name}")),
        name: name.to_owned(),
        kind: kind.to_owned(),
        status: "ACTIVE".to_owned(),
        status_reason: None,
        created_at: days_ago(400),
        last_analyzed_at: Some(days_ago(0)),
        managed_by: None,
        configuration: Seen::Known(configuration),
    }
}

fn finding(id: &str, kind: &str, resource: &str, resource_type: &str, days: i64) -> AnalyzerFinding {
    AnalyzerFinding {
        id: id.to_owned(),
        kind: Some(kind.to_owned()),
        resource: Some(Arn::new(resource)),
        resource_type: resource_type.to_owned(),
        owner: "123456789012".to_owned(),
        created_at: days_ago(days),
        updated_at: days_ago(days),
        analyzed_at: days_ago(0),
        error: None,
    }
}

/// The account.
pub(crate) fn account() -> Account {
    let rolesanywhere = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}"#;
    let cognito = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"}]}"#;
    Account::new()
        .user("shared", |user| user.console_password().key(1, |key| key.created_days_ago(20)).tag("owner", "web"))
        .role("build", |role| role.trust(rolesanywhere).inline("read", ONE_READ))
        .role("guest", |role| role.trust(cognito).inline("read", ONE_READ))
        .role("audit", |role| role.attached("SecurityAudit").tag("owner", "security"))
        .aws_policy("SecurityAudit", ONE_READ)
        .facts(|facts| {
            analyzers(facts);
            contacts(facts);
            outsiders(facts);
        })
}

fn analyzers(facts: &mut probity_model::snapshot::Facts) {
    let external = analyzer("external", "ACCOUNT", AnalyzerConfiguration::Everything);
    let settings = UnusedAccess { age_days: Some(90), ..UnusedAccess::default() };
    let unused = analyzer("unused", "ACCOUNT_UNUSED_ACCESS", AnalyzerConfiguration::UnusedAccess(settings));
    let bucket = "AWS::S3::Bucket";
    let open = FindingList {
        active: vec![
            finding("a", "ExternalAccess", "arn:aws:s3:::exports", bucket, 90),
            finding("b", "ExternalAccess", "arn:aws:s3:::site", bucket, 3),
            finding("c", "ExternalAccess", "arn:aws:iam::123456789012:role/guest", "AWS::IAM::Role", 5),
        ],
        public: Seen::Known(BTreeSet::from(["b".to_owned()])),
        archived_public: Some(Seen::Known(vec![finding("d", "ExternalAccess", "arn:aws:s3:::old", bucket, 200)])),
        cut: false,
    };
    let idle = FindingList {
        active: vec![finding("e", "UnusedIAMRole", "arn:aws:iam::123456789012:role/build", "AWS::IAM::Role", 40)],
        public: Seen::Known(BTreeSet::new()),
        ..FindingList::default()
    };
    let rule = |name: &str, key: &str, value: &str| ArchiveRule {
        name: name.to_owned(),
        filter: BTreeMap::from([(key.to_owned(), Criterion { eq: vec![value.to_owned()], ..Criterion::default() })]),
        created_at: days_ago(300),
    };
    let rules = vec![rule("exact", "resource", "arn:aws:s3:::old"), rule("quiet", "isPublic", "true")];
    facts.analyzer_findings = Seen::Known(AnalyzerFindings {
        analyzers: [(external.arn.clone(), Seen::Known(open)), (unused.arn.clone(), Seen::Known(idle))].into(),
    });
    facts.archive_rules = Seen::Known(ArchiveRules {
        analyzers: [(external.arn.clone(), Seen::Known(rules)), (unused.arn.clone(), Seen::Known(Vec::new()))].into(),
    });
    facts.analyzers = Seen::Known(Analyzers {
        regions: [(home(), Seen::Known(vec![external, unused]))].into(),
        not_offered: BTreeSet::new(),
    });
}

fn contacts(facts: &mut probity_model::snapshot::Facts) {
    let Seen::Known(contacts) = &mut facts.alternate_contacts else { return };
    let filled = ["Name", "EmailAddress", "PhoneNumber"].map(str::to_owned).into();
    let contact = AlternateContact { filled, ..AlternateContact::default() };
    contacts.contacts.insert(ContactKind::Security, Seen::Known(Some(contact)));
}

fn outsiders(facts: &mut probity_model::snapshot::Facts) {
    let anchor = TrustAnchor {
        arn: Arn::new("arn:aws:rolesanywhere:eu-central-1:123456789012:trust-anchor/0a1b"),
        name: "works".to_owned(),
        enabled: true,
        source_type: None,
    };
    let profile = Profile {
        arn: Arn::new("arn:aws:rolesanywhere:eu-central-1:123456789012:profile/2c3d"),
        name: "build".to_owned(),
        enabled: true,
        roles: vec![Arn::new("arn:aws:iam::123456789012:role/build")],
        session_policy: None,
        managed_policies: Vec::new(),
        duration_seconds: Some(3_600),
    };
    let access = CertificateAccess {
        anchors: vec![anchor],
        profiles: Seen::Known(vec![profile]),
        revocation_lists: Seen::Known(Vec::new()),
    };
    let role = Seen::Known(Some(Arn::new("arn:aws:iam::123456789012:role/guest")));
    let pool = IdentityPool {
        id: "eu-central-1:0a1b2c3d-0000-4000-8000-000000000001".to_owned(),
        name: "site".to_owned(),
        guests: Seen::Known(Guests::Admitted { classic_flow: true, role }),
    };
    let request = DelegationRequest {
        id: "0a1b".to_owned(),
        state: "PENDING_APPROVAL".to_owned(),
        requestor: Some("210987654321".to_owned()),
        requestor_name: Some("Partner".to_owned()),
        policy_template: None,
        creates_roles: true,
        session_seconds: None,
        created_at: Some(days_ago(30)),
        expires_at: None,
    };
    let provider = Arn::new("arn:aws:iam::123456789012:saml-provider/house");
    let setting = SamlEncryptionSetting { mode: Some("Required".to_owned()), private_keys: 1 };
    facts.roles_anywhere = Seen::Known(RolesAnywhere {
        asked: true,
        regions: [(home(), Seen::Known(access))].into(),
        ..Default::default()
    });
    facts.identity_pools = Seen::Known(IdentityPools {
        asked: true,
        regions: [(home(), Seen::Known(vec![pool]))].into(),
        ..Default::default()
    });
    facts.outbound_federation = Seen::Known(OutboundFederation { enabled: true, issuer: None });
    facts.delegation_requests = Seen::Known(DelegationRequests { requests: vec![request] });
    facts.saml_encryption = Seen::Known(SamlEncryption { providers: [(provider, Seen::Known(setting))].into() });
}
