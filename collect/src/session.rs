//! How AWS is reached: credentials, Region, endpoint, retries and timeouts, and who the caller turns out to be.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region as SdkRegion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::shared::IntoShared;
use probity_model::facts::Caller;
use probity_model::{AccountId, Arn, Destination, GapKind, Partition, Region, Service, Timestamp, Topic};

use crate::classify::{self, chain};
use crate::clients::Clients;
use crate::error::CollectError;
use crate::fence::Fence;
use crate::ledger::Ledger;
use crate::members::{held, hold, hub_policy};
use crate::recording::Recording;
use crate::regions;
use crate::session_policy::{self, session_policy};

/// Attempts of one call, the first included: the SDK's default of 3 gives up within two seconds, and IAM throttles longer.
const ATTEMPTS: u32 = 8;
/// The first wait before a call is tried again; it doubles, with jitter.
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
/// The longest wait before a call is tried again.
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);
/// The longest wait for a connection. Of the four timeouts the SDK sets this one alone by itself.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest wait for the first byte of an answer.
const READ: Duration = Duration::from_secs(30);
/// The longest one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(45);
/// The longest a call may take with all its attempts.
const OPERATION: Duration = Duration::from_secs(300);
/// How long an assumed role lasts: the default, since a longer session fails where the role's maximum is lower.
const ROLE_SESSION: Duration = Duration::from_secs(3_600);

/// The endpoint of a recording; nothing is ever sent there.
const RECORDED: &str = "https://recording.invalid";

/// A role to assume first.
#[derive(Debug, Clone)]
pub struct RoleToAssume {
    /// The role's ARN.
    pub arn: String,
    /// The external id that its trust policy demands.
    pub external_id: Option<String>,
}

/// How to reach AWS.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// The profile of the AWS configuration.
    pub profile: Option<String>,
    /// The Region to begin in.
    pub region: Option<String>,
    /// The endpoint to ask instead of AWS's own.
    pub endpoint_url: Option<String>,
    /// Whether to use endpoints validated under FIPS 140.
    pub fips: bool,
    /// A role to assume first.
    pub assume_role: Option<RoleToAssume>,
    /// The topics that will be read, which is all that the role's session may do; none means whichever there is.
    pub topics: BTreeSet<Topic>,
    /// Where findings are to be sent, in a session that is opened for it; an assumed role may do that and nothing else.
    pub sends_to: Option<Destination>,
    /// Whether roles of other accounts are then entered from there.
    pub enters_roles: bool,
    /// A recording to answer from instead of the network.
    pub recording: Option<Recording>,
    /// "Now", where it is not the clock's.
    pub now: Option<Timestamp>,
}

/// A way to AWS that works: the caller is known.
#[derive(Debug)]
pub struct Session {
    pub(crate) clients: Clients,
    pub(crate) options: SessionOptions,
    caller: Caller,
    region: Region,
    endpoint: Option<String>,
    /// The way to AWS before a role was assumed, where one was.
    pub(crate) before: Option<SdkConfig>,
}

impl Session {
    /// Finds credentials and asks AWS who they belong to.
    ///
    /// # Errors
    /// [`CollectError`], which says what to do: no credentials, a wrong profile, an invented Region, an endpoint that does
    /// not answer or is not AWS.
    pub async fn connect(options: SessionOptions) -> Result<Self, CollectError> {
        if let Some(name) = &options.region {
            check_region(name)?;
        }
        let role = options.assume_role.as_ref();
        if let Some(role) = role.filter(|role| !is_role(&role.arn)) {
            return Err(CollectError::RoleArn(role.arn.clone()));
        }
        let config = configure(&options).await?;
        let name = config.region().map(ToString::to_string).unwrap_or_default();
        let region = check_region(&name)?;
        let config = hold(config);
        credentials(&config).await?;
        let (config, before) = match role {
            Some(role) => {
                let policy = match options.sends_to {
                    Some(destination) => session_policy::sending(destination),
                    None if options.enters_roles => hub_policy(),
                    None => session_policy(&options.topics),
                };
                (assume(&config, role, policy).await?, Some(config))
            }
            None => (config, None),
        };
        Self::of(config, before, options, region).await
    }

    /// Asks who the caller is, and is ready.
    pub(crate) async fn of(
        config: SdkConfig,
        before: Option<SdkConfig>,
        options: SessionOptions,
        region: Region,
    ) -> Result<Self, CollectError> {
        let endpoint = config.endpoint_url().filter(|_| options.recording.is_none()).map(str::to_owned);
        let ledger = Ledger::default();
        let caller = who(&Clients::new(config.clone(), "", ledger.clone()), endpoint.as_deref(), &region).await?;
        let clients = Clients::new(config, caller.account.as_str(), ledger).sending_to(options.sends_to);
        Ok(Self { clients, options, caller, region, endpoint, before })
    }

    /// Who the audit runs as.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The partition of the account.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.caller.partition()
    }

    /// The Region it began in.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The endpoint that is asked instead of AWS's own, wherever it was set: an environment variable can send the whole
    /// audit elsewhere, and whoever reads the report should see it.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// The recording that answers, where one does.
    #[must_use]
    pub fn recording(&self) -> Option<&Recording> {
        self.options.recording.as_ref()
    }

    /// The time it is, or that it is meant to be.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = self.options.now.unwrap_or_else(Timestamp::now);
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }
}

/// A name that can be that of a Region.
pub(crate) fn check_region(name: &str) -> Result<Region, CollectError> {
    let region = Region::try_from(name)?;
    if regions::exists(&region) {
        Ok(region)
    } else {
        Err(CollectError::Region { given: name.to_owned(), nearest: regions::nearest(name) })
    }
}

pub(crate) fn is_role(arn: &str) -> bool {
    let arn = Arn::new(arn);
    arn.service() == "iam" && AccountId::try_from(arn.account()).is_ok() && arn.resource().starts_with("role/")
}

/// The one configuration of every client.
pub(crate) async fn configure(options: &SessionOptions) -> Result<SdkConfig, CollectError> {
    let name = concat!("probity-", env!("CARGO_PKG_VERSION"));
    let app = AppName::new(name).map_err(|error| CollectError::Configuration(error.to_string()))?;
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_BACKOFF)
        .with_max_backoff(LONGEST_BACKOFF);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    // The newest behaviour of the SDK is what its documentation advises for a command.
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .app_name(app)
        .retry_config(retries)
        .timeout_config(timeouts)
        .http_client(http(options.recording.clone()));
    if let Some(recording) = &options.recording {
        // Nothing of the machine's own configuration: a profile or an endpoint would change what is signed and asked.
        let keys = Credentials::new("AKIARECORDEDSAMPLE00", "recorded", None, None, "recording");
        let region = SdkRegion::new(recording.head().region.clone());
        loader = loader.empty_test_environment().credentials_provider(keys).region(region);
        // As when it was recorded: with an endpoint of its own, the SDK signs global services for the session's Region.
        loader = loader.endpoint_url(RECORDED);
        return Ok(loader.load().await);
    }
    check_profile(options.profile.as_deref()).await?;
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &options.region {
        loader = loader.region(SdkRegion::new(region.clone()));
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if options.fips {
        loader = loader.use_fips(true);
    }
    let config = loader.load().await;
    // Global services need a Region to find their partition; where none is configured, it is the commercial one.
    Ok(if config.region().is_none() {
        config.to_builder().region(SdkRegion::from_static("us-east-1")).build()
    } else {
        config
    })
}

/// The HTTP client, behind the fence.
fn http(recording: Option<Recording>) -> SharedHttpClient {
    let inner: SharedHttpClient = match recording {
        Some(recording) => {
            let connector = SharedHttpConnector::new(recording);
            http_client_fn(move |_, _| connector.clone())
        }
        None => aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc))
            .build_https()
            .into_shared(),
    };
    Fence::new(inner).into_shared()
}

/// A profile that was named must exist: the SDK says so only when credentials are asked for, and then not in these words.
async fn check_profile(named: Option<&str>) -> Result<(), CollectError> {
    let from_environment = std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    let Some(given) = named.map(str::to_owned).or(from_environment) else { return Ok(()) };
    let (fs, env) = (aws_types::os_shim_internal::Fs::real(), aws_types::os_shim_internal::Env::real());
    let files = aws_runtime::env_config::file::EnvConfigFiles::default();
    let profiles = aws_config::profile::load(&fs, &env, &files, Some(given.clone().into()))
        .await
        .map_err(|error| CollectError::Configuration(chain(&error)))?;
    if profiles.get_profile(&given).is_some() {
        return Ok(());
    }
    let scored = profiles.profiles().map(|name| (strsim::jaro_winkler(&given, name), name));
    let nearest = scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
    Err(CollectError::Profile { given, nearest: nearest.map(|(_, name)| name.to_owned()) })
}

/// Resolves credentials once, to say what is wrong with them in words of our own.
async fn credentials(config: &SdkConfig) -> Result<(), CollectError> {
    let Some(provider) = config.credentials_provider() else {
        return Err(CollectError::NoCredentials { detail: "no provider is configured".to_owned() });
    };
    match provider.provide_credentials().await {
        Ok(_) => Ok(()),
        Err(error @ CredentialsError::CredentialsNotLoaded(_)) => {
            Err(CollectError::NoCredentials { detail: chain(&error) })
        }
        Err(error) => Err(CollectError::CredentialsRefused { detail: chain(&error) }),
    }
}

/// Assumes a role, for as much as the policy leaves it.
pub(crate) async fn assume(base: &SdkConfig, role: &RoleToAssume, policy: String) -> Result<SdkConfig, CollectError> {
    let mut builder = AssumeRoleProvider::builder(&role.arn)
        .configure(base)
        .session_name("probity")
        .session_length(ROLE_SESSION)
        .policy(policy);
    if let Some(id) = &role.external_id {
        builder = builder.external_id(id);
    }
    // The cache of identities asks again: held, the role is assumed once.
    let provider = held(SharedCredentialsProvider::new(builder.build().await));
    provider
        .provide_credentials()
        .await
        .map_err(|error| CollectError::AssumeRole { role: role.arn.clone(), detail: chain(&error) })?;
    Ok(base.to_builder().credentials_provider(provider).identity_cache(IdentityCache::lazy().build()).build())
}

/// Asks who the caller is: the first call, which shows whether anybody is there.
async fn who(clients: &Clients, endpoint: Option<&str>, region: &Region) -> Result<Caller, CollectError> {
    let asked = || endpoint.map_or_else(|| format!("AWS in {region}"), str::to_owned);
    let answer = clients.sts().get_caller_identity().send().await.map_err(|error| {
        let operation = Topic::operation(Service::Sts, "GetCallerIdentity");
        let gap = operation.map(|operation| classify::gap(operation, &error));
        let detail = gap.as_ref().map_or_else(|| chain(&error), |gap| gap.message.clone());
        let code = classify::code(&error).map(|code| format!("{code}: ")).unwrap_or_default();
        match (gap.map(|gap| gap.kind), &error) {
            (Some(GapKind::Credentials), _) => CollectError::CredentialsRefused { detail: format!("{code}{detail}") },
            (Some(GapKind::Malformed), _) | (_, SdkError::ResponseError(_)) => {
                CollectError::NotAws { endpoint: asked(), detail }
            }
            (Some(GapKind::Unreachable), _) => CollectError::Unreachable { endpoint: asked(), detail },
            _ => CollectError::Caller { detail: format!("{code}{detail}") },
        }
    })?;
    let account = answer.account().and_then(|account| AccountId::try_from(account).ok());
    match (account, answer.arn(), answer.user_id()) {
        (Some(account), Some(arn), Some(user_id)) => {
            Ok(Caller { account, arn: Arn::new(arn), user_id: user_id.to_owned() })
        }
        _ => Err(CollectError::NotAws {
            endpoint: asked(),
            detail: "the answer to sts:GetCallerIdentity names no account".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_told_from_other_arns() {
        assert!(is_role("arn:aws-cn:iam::123456789012:role/path/audit"));
        for wrong in ["audit", "arn:aws:iam::123456789012:user/audit", "arn:aws:iam::1:role/audit", ""] {
            assert!(!is_role(wrong), "{wrong}");
        }
    }
}
