//! The one place where AWS clients are made, so that none lacks the fence.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_iam::config::retry::RetryPartition;
use probity_model::{Destination, Region, Service};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::fence::ReadOnly;
use crate::ledger::Ledger;
use crate::regions;

/// Calls under way at once, by service. IAM allows about 20 requests a second for an account and is asked by others too;
/// Organizations allows a handful (Organizations User Guide, "Quotas").
const fn at_once(service: Service) -> usize {
    match service {
        Service::Iam => 6,
        Service::Organizations => 3,
        Service::Account | Service::Sts => 2,
        // Asked in every Region, and limited there by Region.
        _ => 12,
    }
}

/// Makes the clients of one account, each behind the fence.
#[derive(Debug)]
pub(crate) struct Clients {
    config: SdkConfig,
    account: String,
    ledger: Ledger,
    limits: BTreeMap<Service, Semaphore>,
    sends_to: Option<Destination>,
    iam: aws_sdk_iam::Client,
    organizations: aws_sdk_organizations::Client,
    cloudtrail: Mutex<BTreeMap<Region, aws_sdk_cloudtrail::Client>>,
}

/// Makes a client of a service's crate, with the fence, in a Region where one is given, with a retry budget of the account's own:
/// the SDK's default budget is shared by all accounts of a process, and one throttled account would take it all.
macro_rules! client {
    ($service:ident, $config:expr, $account:expr, $region:expr, $ledger:expr) => {
        client!($service, $config, $account, $region, $ledger, |builder| builder)
    };
    ($service:ident, $config:expr, $account:expr, $region:expr, $ledger:expr, |$builder:ident| $more:expr) => {{
        let region: Option<&Region> = $region;
        let place = region.map_or("", Region::as_str);
        let mut builder = $service::config::Builder::from($config)
            .interceptor(ReadOnly::new(place, $ledger.clone()))
            .retry_partition(RetryPartition::new(format!("{}-{}-{place}", stringify!($service), $account)));
        if region.is_some() {
            builder = builder.region($service::config::Region::new(place.to_owned()));
        }
        let $builder = builder;
        #[allow(clippy::disallowed_methods, reason = "this is the one constructor, and it sets the fence")]
        $service::Client::from_conf(($more).build())
    }};
}

impl Clients {
    /// The clients of an account. `account` only names the retry budget; it may be empty before the caller is known.
    pub(crate) fn new(config: SdkConfig, account: &str, ledger: Ledger) -> Self {
        Self {
            sends_to: None,
            limits: Service::ALL.into_iter().map(|service| (service, Semaphore::new(at_once(service)))).collect(),
            iam: client!(aws_sdk_iam, &config, account, None, ledger),
            organizations: client!(aws_sdk_organizations, &config, account, None, ledger),
            cloudtrail: Mutex::default(),
            account: account.to_owned(),
            config,
            ledger,
        }
    }

    /// The same, for a session that was opened to send findings. Only the plain client of the destination heeds it.
    pub(crate) fn sending_to(self, to: Option<Destination>) -> Self {
        Self { sends_to: to, ..self }
    }

    /// Where this session was opened to send findings to.
    pub(crate) fn sends_to(&self) -> Option<Destination> {
        self.sends_to
    }

    /// IAM: one endpoint a partition.
    pub(crate) fn iam(&self) -> &aws_sdk_iam::Client {
        &self.iam
    }

    /// Organizations: one endpoint a partition.
    pub(crate) fn organizations(&self) -> &aws_sdk_organizations::Client {
        &self.organizations
    }

    /// IAM Access Analyzer of a Region.
    pub(crate) fn access_analyzer(&self, region: &Region) -> aws_sdk_accessanalyzer::Client {
        let config = self.regional(Service::AccessAnalyzer, region);
        client!(aws_sdk_accessanalyzer, &config, self.account, Some(region), self.ledger)
    }

    /// Account Management.
    pub(crate) fn account(&self) -> aws_sdk_account::Client {
        client!(aws_sdk_account, &self.config, self.account, None, self.ledger)
    }

    /// CloudTrail of a Region.
    pub(crate) fn cloudtrail(&self, region: &Region) -> aws_sdk_cloudtrail::Client {
        let mut clients = self.cloudtrail.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || client!(aws_sdk_cloudtrail, &self.config, self.account, Some(region), self.ledger);
        clients.entry(region.clone()).or_insert_with(make).clone()
    }

    /// Cognito identity pools of a Region.
    pub(crate) fn cognito_identity(&self, region: &Region) -> aws_sdk_cognitoidentity::Client {
        let config = self.regional(Service::CognitoIdentity, region);
        client!(aws_sdk_cognitoidentity, &config, self.account, Some(region), self.ledger)
    }

    /// Roles Anywhere of a Region.
    pub(crate) fn roles_anywhere(&self, region: &Region) -> aws_sdk_rolesanywhere::Client {
        let config = self.regional(Service::RolesAnywhere, region);
        client!(aws_sdk_rolesanywhere, &config, self.account, Some(region), self.ledger)
    }

    /// IAM Identity Center of the Region in which an instance was found.
    pub(crate) fn identity_center(&self, region: &Region) -> aws_sdk_ssoadmin::Client {
        client!(aws_sdk_ssoadmin, &self.config, self.account, Some(region), self.ledger)
    }

    /// The identity store of IAM Identity Center in a Region.
    pub(crate) fn identity_store(&self, region: &Region) -> aws_sdk_identitystore::Client {
        client!(aws_sdk_identitystore, &self.config, self.account, Some(region), self.ledger)
    }

    /// CloudWatch of a Region.
    pub(crate) fn cloudwatch(&self, region: &Region) -> aws_sdk_cloudwatch::Client {
        client!(aws_sdk_cloudwatch, &self.config, self.account, Some(region), self.ledger)
    }

    /// EventBridge of a Region.
    pub(crate) fn eventbridge(&self, region: &Region) -> aws_sdk_eventbridge::Client {
        client!(aws_sdk_eventbridge, &self.config, self.account, Some(region), self.ledger)
    }

    /// KMS of a Region.
    pub(crate) fn kms(&self, region: &Region) -> aws_sdk_kms::Client {
        client!(aws_sdk_kms, &self.config, self.account, Some(region), self.ledger)
    }

    /// S3 of a Region. An endpoint of somebody's own has no host for each bucket: the bucket stands in the path there.
    pub(crate) fn s3(&self, region: &Region) -> aws_sdk_s3::Client {
        let own_endpoint = self.config.endpoint_url().is_some();
        client!(aws_sdk_s3, &self.config, self.account, Some(region), self.ledger, |builder| {
            builder.force_path_style(own_endpoint)
        })
    }

    /// SNS of a Region.
    pub(crate) fn sns(&self, region: &Region) -> aws_sdk_sns::Client {
        client!(aws_sdk_sns, &self.config, self.account, Some(region), self.ledger)
    }

    /// IAM Identity Center of a Region. Not every Region has it, and one that has not does not answer at all: few retries.
    pub(crate) fn sso_admin(&self, region: &Region) -> aws_sdk_ssoadmin::Client {
        let config = self.config.to_builder().retry_config(RetryConfig::standard().with_max_attempts(4)).build();
        client!(aws_sdk_ssoadmin, &config, self.account, Some(region), self.ledger)
    }

    /// The configuration for a service of a Region: where AWS lists no endpoint, few retries, for nobody will answer.
    fn regional(&self, service: Service, region: &Region) -> SdkConfig {
        if regions::offers(service, region) {
            return self.config.clone();
        }
        self.config.to_builder().retry_config(RetryConfig::standard().with_max_attempts(4)).build()
    }

    /// STS. Asked once, for the caller, and with few retries: who mistypes an address should not wait for minutes.
    pub(crate) fn sts(&self) -> aws_sdk_sts::Client {
        let config = self.config.to_builder().retry_config(RetryConfig::standard().with_max_attempts(5)).build();
        client!(aws_sdk_sts, &config, self.account, None, self.ledger)
    }

    /// What every client is configured with, for services that are asked without their crate.
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The account, where the caller is known.
    pub(crate) fn account_id(&self) -> &str {
        &self.account
    }

    /// A place among the calls of a service that may be under way at once; none once the run is over.
    pub(crate) async fn place(&self, service: Service) -> Option<SemaphorePermit<'_>> {
        match self.limits.get(&service) {
            Some(limit) => limit.acquire().await.ok(),
            None => None,
        }
    }

    /// The calls made so far.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use aws_config::{BehaviorVersion, Region as SdkRegion};
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::shared::IntoShared;

    use super::*;
    use crate::fence::Fence;

    /// Notes where requests would have gone.
    #[derive(Debug, Clone, Default)]
    struct Hosts(Arc<Mutex<Vec<String>>>);

    impl HttpConnector for Hosts {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let host = request.uri().split('/').nth(2).unwrap_or_default().to_owned();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(host);
            HttpConnectorFuture::ready(Err(ConnectorError::user("nothing is sent".into())))
        }
    }

    async fn hosts(region: &'static str, fips: bool) -> Vec<String> {
        let hosts = Hosts::default();
        let connector = SharedHttpConnector::new(hosts.clone());
        let wire: SharedHttpClient = Fence::new(http_client_fn(move |_, _| connector.clone())).into_shared();
        let keys = Credentials::new("AKIAEXAMPLE", "example", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(SdkRegion::from_static(region))
            .use_fips(fips)
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .http_client(wire)
            .build();
        let clients = Clients::new(config, "123456789012", Ledger::default());
        let region = Region::try_from(region).expect("a Region");
        assert!(clients.iam().get_account_summary().send().await.is_err());
        assert!(clients.organizations().describe_organization().send().await.is_err());
        assert!(clients.cloudtrail(&region).describe_trails().send().await.is_err());
        let hosts = hosts.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.clone()
    }

    #[tokio::test]
    async fn every_partition_is_asked_at_its_own_endpoints() {
        let commercial = hosts("eu-central-1", false).await;
        assert_eq!(
            commercial,
            ["iam.amazonaws.com", "organizations.us-east-1.amazonaws.com", "cloudtrail.eu-central-1.amazonaws.com"]
        );
        let gov = hosts("us-gov-west-1", false).await;
        assert_eq!(gov.first().map(String::as_str), Some("iam.us-gov.amazonaws.com"));
        assert_eq!(gov.get(1).map(String::as_str), Some("organizations.us-gov-west-1.amazonaws.com"));
        let china = hosts("cn-north-1", false).await;
        assert!(china.iter().all(|host| host.ends_with(".amazonaws.com.cn")), "{china:?}");
    }

    #[tokio::test]
    async fn endpoints_validated_under_fips_are_used_when_asked_for() {
        let fips = hosts("us-east-1", true).await;
        assert_eq!(
            fips,
            [
                "iam-fips.amazonaws.com",
                "organizations-fips.us-east-1.amazonaws.com",
                "cloudtrail-fips.us-east-1.amazonaws.com"
            ]
        );
    }
}
