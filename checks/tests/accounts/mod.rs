//! The fixture accounts that every check is judged on.

mod outside;
mod privileged;
mod running;
mod watched;

use probity_model::builder::{Account, days_ago};
use probity_model::facts::credential_report::Cell;
use probity_model::facts::identity_providers::SamlProvider;
use probity_model::facts::organization::{
    OrganizationAccount, OrganizationPolicy, OrganizationPolicyKind, OrganizationTree,
};
use probity_model::facts::organization_access::OrganizationService;
use probity_model::facts::password_policy::PasswordRules;
use probity_model::facts::root_activity::RootEvent;
use probity_model::facts::server_certificates::ServerCertificate;
use probity_model::facts::trails::{BasicSelector, EventSelectors, Trail, TrailStatus};
use probity_model::facts::user_credentials::{MfaDevice, ServiceCredential, SshKey, VirtualMfaDevice};
use probity_model::facts::{
    AccountSummary, IdentityProviders, OrganizationAccess, OrganizationPolicies, OrganizationStructure, PasswordPolicy,
    RootAccessFeatures, RootActivity, ServerCertificates, ServiceCredentials, SshKeys, Trails, UserMfaDevices,
    VirtualMfaDevices,
};
use probity_model::{Arn, Region, Seen};

/// A document that allows everything.
pub(crate) const EVERYTHING: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
/// A document that allows one read.
pub(crate) const ONE_READ: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}]}"#;
/// A guardrail.
pub(crate) const GUARDRAIL: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"}]}"#;

/// Every fixture account, by name.
pub(crate) fn all() -> Vec<(&'static str, Account)> {
    vec![
        ("empty", Account::new()),
        ("well-kept", well_kept()),
        ("neglected", neglected()),
        ("management", management()),
        ("gov-cloud", Account::gov_cloud()),
        ("trusting", trusting()),
        ("privileged", privileged::account()),
        ("running", running::account()),
        ("outside", outside::account()),
        ("watched", watched::account()),
        ("unread", Account::new().deny_everything()),
    ]
}

fn home() -> Region {
    Region::try_from("eu-central-1").expect("a Region")
}

fn trail(validation: bool, logging: bool) -> Trail {
    let arn = Arn::new("arn:aws:cloudtrail:eu-central-1:123456789012:trail/management");
    let selector = BasicSelector {
        read_write: "All".to_owned(),
        includes_management_events: true,
        excluded_sources: Vec::new(),
        data_resources: Vec::new(),
    };
    Trail {
        arn,
        name: "management".to_owned(),
        home_region: Some(home()),
        is_multi_region: true,
        is_organization: false,
        includes_global_services: true,
        log_file_validation: validation,
        bucket: Some("trail".to_owned()),
        kms_key: None,
        log_group: None,
        status: Seen::Known(TrailStatus {
            is_logging: Some(logging),
            latest_delivery_at: Some(days_ago(0)),
            latest_delivery_error: None,
            latest_digest_at: Some(days_ago(0)),
            latest_digest_error: None,
            latest_log_group_delivery_at: None,
            latest_log_group_error: None,
            started_at: Some(days_ago(300)),
            stopped_at: None,
        }),
        selectors: Seen::Known(EventSelectors { basic: vec![selector], advanced: Vec::new() }),
    }
}

fn with_trail(account: Account, trail: Trail) -> Account {
    account.facts(|facts| {
        let regions = [(home(), Seen::Known(vec![trail.arn.clone()]))].into();
        facts.trails = Seen::Known(Trails { regions, trails: vec![trail] });
    })
}

fn well_kept() -> Account {
    let account = Account::new()
        .organization()
        .summary(AccountSummary::PASSWORD_PRESENT, 1)
        .summary(AccountSummary::MFA_ENABLED, 1)
        .root(|root| {
            root.mfa_active = Cell::Value(true);
            root.password_enabled = Cell::Value(true);
            root.password_last_used = Cell::Value(days_ago(800));
        })
        .group("readers", |group| group.attached("ReadOnlyAccess"))
        .aws_policy("ReadOnlyAccess", ONE_READ)
        .user("anna", |user| user.console_password().mfa().group("readers"))
        .user("robot", |user| user.group("readers").key(1, |key| key.created_days_ago(20).used_days_ago(1)))
        .policy("one-read", ONE_READ, |policy| policy)
        .role("reader", |role| role.used_days_ago(1).attached("arn:aws:iam::123456789012:policy/one-read"))
        .facts(|facts| {
            facts.password_policy = Seen::Known(PasswordPolicy::Custom(PasswordRules {
                minimum_length: Some(16),
                require_uppercase: true,
                require_lowercase: true,
                require_numbers: true,
                require_symbols: true,
                allow_users_to_change: true,
                expire: true,
                maximum_age_days: Some(90),
                reuse_prevention: Some(24),
                hard_expiry: Some(false),
            }));
            let device = MfaDevice {
                serial: "arn:aws:iam::123456789012:u2f/user/anna/key".to_owned(),
                enabled_at: Some(days_ago(100)),
            };
            let devices = [("anna".to_owned(), Seen::Known(vec![device]))].into();
            facts.user_mfa_devices = Seen::Known(UserMfaDevices { users: devices });
        });
    with_trail(account, trail(true, true))
}

fn neglected() -> Account {
    let event = RootEvent {
        id: "event-1".to_owned(),
        at: days_ago(3),
        name: "ConsoleLogin".to_owned(),
        source: Some("signin.amazonaws.com".to_owned()),
        source_address: Some("192.0.2.7".to_owned()),
        user_agent: None,
        assumed_root: Some(false),
        access_key_id: None,
    };
    let account = Account::new()
        .summary(AccountSummary::PASSWORD_PRESENT, 1)
        .summary(AccountSummary::ACCESS_KEYS_PRESENT, 1)
        .summary(AccountSummary::SIGNING_CERTIFICATES_PRESENT, 1)
        .root(|root| {
            root.password_enabled = Cell::Value(true);
            root.password_last_used = Cell::Value(days_ago(3));
            root.access_keys[0].active = Cell::Value(true);
            root.access_keys[0].last_rotated = Cell::Value(days_ago(900));
        })
        .group("nobody", |group| group)
        .aws_policy("AdministratorAccess", EVERYTHING)
        .policy("everything", EVERYTHING, |policy| policy)
        .policy("forgotten", ONE_READ, |policy| policy.attached_to(0))
        .user("ben", |user| {
            let user = user.console_password().password_used_days_ago(300).password_changed_days_ago(700);
            let user = user.attached("AdministratorAccess").inline("more", EVERYTHING);
            user.key(1, |key| key.created_days_ago(500).used_days_ago(400)).key(2, |key| key.created_days_ago(400))
        })
        .user("carla", |user| user.created_days_ago(700))
        .role("old", |role| role.created_days_ago(900).attached("arn:aws:iam::123456789012:policy/everything"))
        .facts(|facts| {
            facts.password_policy = Seen::Known(PasswordPolicy::Custom(PasswordRules {
                minimum_length: Some(6),
                ..PasswordRules::default()
            }));
            facts.root_activity = Seen::Known(RootActivity {
                since: days_ago(90),
                regions: [(home(), Seen::Known(vec![event]))].into(),
                cut: Default::default(),
            });
            let key = SshKey { id: "APKAEXAMPLE".to_owned(), active: true, uploaded_at: Some(days_ago(800)) };
            facts.ssh_keys = Seen::Known(SshKeys { users: [("carla".to_owned(), Seen::Known(vec![key]))].into() });
            let credential = |id: &str, service: &str| ServiceCredential {
                id: id.to_owned(),
                user: "carla".to_owned(),
                service: service.to_owned(),
                active: true,
                created_at: Some(days_ago(500)),
                expires_at: None,
            };
            let credentials =
                vec![credential("ACCA1", "codecommit.amazonaws.com"), credential("ACCA2", "bedrock.amazonaws.com")];
            facts.service_credentials = Seen::Known(ServiceCredentials { credentials });
            let certificate = ServerCertificate {
                name: "www".to_owned(),
                id: "ASCAEXAMPLE".to_owned(),
                arn: Arn::new("arn:aws:iam::123456789012:server-certificate/www"),
                uploaded_at: Some(days_ago(500)),
                expires_at: Some(days_ago(100)),
            };
            facts.server_certificates = Seen::Known(ServerCertificates { certificates: vec![certificate] });
        });
    with_trail(account, trail(false, true))
}

fn management() -> Account {
    let policy = |id: &str, name: &str, document: &str, targets: &[&str]| OrganizationPolicy {
        id: id.to_owned(),
        arn: Arn::new(format!("arn:aws:organizations::aws:policy/service_control_policy/{id}")),
        name: name.to_owned(),
        kind: OrganizationPolicyKind::ServiceControl,
        aws_managed: name == "FullAWSAccess",
        document: probity_model::facts::authorization::DocumentText::new(document),
        targets: targets.iter().map(|target| (*target).to_owned()).collect(),
    };
    let member = |id: &str, name: &str| OrganizationAccount {
        id: probity_model::AccountId::try_from(id).expect("an account id"),
        arn: Arn::new(format!("arn:aws:organizations::123456789012:account/o-exampleorg1/{id}")),
        name: name.to_owned(),
        state: "ACTIVE".to_owned(),
        parent: "r-root".to_owned(),
        joined_at: Some(days_ago(400)),
    };
    Account::new()
        .management_account()
        .summary(AccountSummary::PASSWORD_PRESENT, 1)
        .summary(AccountSummary::MFA_ENABLED, 1)
        .facts(|facts| {
            let device = VirtualMfaDevice {
                serial: "arn:aws:iam::123456789012:mfa/root-account-mfa-device".to_owned(),
                user: Some(Arn::new("arn:aws:iam::123456789012:root")),
                enabled_at: Some(days_ago(500)),
            };
            facts.virtual_mfa_devices =
                Seen::Known(VirtualMfaDevices { devices: vec![device], unassigned: Some(Vec::new()) });
            facts.root_access_features = Seen::Known(RootAccessFeatures::Enabled(
                [RootAccessFeatures::ROOT_CREDENTIALS.to_owned(), RootAccessFeatures::ROOT_SESSIONS.to_owned()].into(),
            ));
            facts.organization_structure = Seen::Known(OrganizationStructure::Tree(OrganizationTree {
                root: "r-root".to_owned(),
                enabled_policy_types: ["SERVICE_CONTROL_POLICY".to_owned()].into(),
                units: Vec::new(),
                accounts: vec![
                    member("123456789012", "management"),
                    member("222222222222", "guarded"),
                    member("333333333333", "bare"),
                ],
            }));
            facts.organization_policies = Seen::Known(OrganizationPolicies::Policies(vec![
                policy("p-FullAWSAccess", "FullAWSAccess", EVERYTHING, &["r-root", "222222222222", "333333333333"]),
                policy("p-guardrail1", "guardrail", GUARDRAIL, &["222222222222"]),
            ]));
            let service = |namespace: &str, last: Option<i64>| OrganizationService {
                namespace: namespace.to_owned(),
                service_name: namespace.to_owned(),
                last_used_at: last.map(days_ago),
                last_used_in: None,
            };
            facts.organization_access =
                Seen::Known(OrganizationAccess::Services(vec![service("braket", None), service("s3", Some(1))]));
            let provider = SamlProvider {
                arn: Arn::new("arn:aws:iam::123456789012:saml-provider/AWSSSO_x_DO_NOT_DELETE"),
                valid_until: None,
                created_at: Some(days_ago(500)),
            };
            facts.identity_providers = Seen::Known(IdentityProviders { saml: vec![provider], oidc: Vec::new() });
        })
}

/// Roles that trust somebody, in a member account that cannot see the rest of its organization.
fn trusting() -> Account {
    let trust = |principal: &str, action: &str, condition: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {principal}, "Action": "sts:{action}", "Condition": {{{condition}}}}}]}}"#
        )
    };
    let role = |account: Account, name: &str, trust: String, document: &str| {
        account.role(name, |role| role.trust(&trust).inline("own", document).used_days_ago(1))
    };
    let github = "token.actions.githubusercontent.com";
    let provider = format!("arn:aws:iam::123456789012:oidc-provider/{github}");
    let subject = format!(r#""StringLike": {{"{github}:sub": "repo:acme/site:*"}}"#);
    let external_id = r#""StringEquals": {"sts:ExternalId": "7c2f9a41-5b0d-4e77"}"#;
    let own_organization = r#""StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}"#;
    let federated = format!(r#"{{"Federated": "{provider}"}}"#);
    let roles = [
        ("anyone", trust(r#"{"AWS": "*"}"#, "AssumeRole", ""), ONE_READ),
        ("colleagues", trust(r#"{"AWS": "*"}"#, "AssumeRole", own_organization), ONE_READ),
        ("vendor", trust(r#"{"AWS": "464622532012"}"#, "AssumeRole", external_id), ONE_READ),
        ("vendor-admin", trust(r#"{"AWS": "555555555555"}"#, "AssumeRole", ""), EVERYTHING),
        ("people", trust(r#"{"AWS": "123456789012"}"#, "AssumeRole", ""), EVERYTHING),
        ("deleted", trust(r#"{"AWS": "AROAEXAMPLEEXAMPLE001"}"#, "AssumeRole", ""), ONE_READ),
        ("trail", trust(r#"{"Service": "cloudtrail.amazonaws.com"}"#, "AssumeRole", ""), ONE_READ),
        ("deploy", trust(&federated, "AssumeRoleWithWebIdentity", &subject), EVERYTHING),
        ("pipelines", trust(&federated, "AssumeRoleWithWebIdentity", ""), ONE_READ),
        ("OrganizationAccountAccessRole", trust(r#"{"AWS": "999999999999"}"#, "AssumeRole", ""), EVERYTHING),
        ("unreadable", "no policy".to_owned(), ONE_READ),
    ];
    let account = roles
        .into_iter()
        .fold(Account::new().organization(), |account, (name, trust, document)| role(account, name, trust, document));
    account.user("dora", |user| user.console_password().inline("everything", EVERYTHING)).facts(|facts| {
        let okta = SamlProvider {
            arn: Arn::new("arn:aws:iam::123456789012:saml-provider/okta"),
            valid_until: Some(days_ago(3)),
            created_at: Some(days_ago(500)),
        };
        facts.identity_providers = Seen::Known(IdentityProviders { saml: vec![okta], oidc: vec![Arn::new(provider)] });
    })
}
