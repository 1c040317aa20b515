//! Many accounts from one: the credentials to begin with are resolved once, and each account gets a session of its own, with
//! its own cache of identities, its own retry budgets and its own count of calls.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use probity_model::Topic;
use tokio::sync::Mutex;

use crate::error::CollectError;
use crate::session::{RoleToAssume, Session, SessionOptions, assume, configure, is_role};
use crate::session_policy::session_policy;

/// Credentials that end sooner than this are resolved anew: a role that is assumed with them must be able to be.
const RENEW_BEFORE: Duration = Duration::from_secs(300);

/// Credentials that are asked for once and handed out until they are about to end. The provider of assumed roles asks for
/// those it begins with each time, which for Identity Center, a process or an instance is a call an account.
#[derive(Debug)]
struct Held {
    provider: SharedCredentialsProvider,
    kept: Mutex<Option<Credentials>>,
}

impl Held {
    async fn get(&self) -> Result<Credentials, aws_credential_types::provider::error::CredentialsError> {
        let mut kept = self.kept.lock().await;
        let lasts = |one: &Credentials| one.expiry().is_none_or(|end| end > SystemTime::now() + RENEW_BEFORE);
        if let Some(credentials) = kept.as_ref().filter(|one| lasts(one)) {
            return Ok(credentials.clone());
        }
        let fresh = self.provider.provide_credentials().await?;
        *kept = Some(fresh.clone());
        Ok(fresh)
    }
}

impl ProvideCredentials for Held {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.get())
    }
}

/// The same configuration, whose credentials are resolved once.
pub(crate) fn hold(config: SdkConfig) -> SdkConfig {
    let Some(provider) = config.credentials_provider() else { return config };
    config.to_builder().credentials_provider(held(provider)).identity_cache(IdentityCache::lazy().build()).build()
}

/// The same provider, asked once.
pub(crate) fn held(provider: SharedCredentialsProvider) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Held { provider, kept: Mutex::default() })
}

/// What a role may do from which roles of other accounts are entered: read the organization, and that.
pub(crate) fn hub_policy() -> String {
    let of_organization = Topic::ALL.iter().filter(|topic| topic.is_of_organization());
    let actions: BTreeSet<&str> =
        of_organization.flat_map(|topic| topic.operations()).map(|operation| operation.action).collect();
    let reads = serde_json::json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let enters = serde_json::json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:*:iam::*:role/*"});
    serde_json::json!({"Version": "2012-10-17", "Statement": [reads, enters]}).to_string()
}

impl Session {
    /// A session in the account of a role, which is assumed from this one and may read these topics.
    ///
    /// # Errors
    /// [`CollectError`], where the role cannot be assumed or does not answer.
    pub async fn member(&self, role: &RoleToAssume, topics: &BTreeSet<Topic>) -> Result<Session, CollectError> {
        if !is_role(&role.arn) {
            return Err(CollectError::RoleArn(role.arn.clone()));
        }
        let config = assume(self.clients.config(), role, session_policy(topics)).await?;
        let options = SessionOptions { assume_role: Some(role.clone()), ..self.options.clone() };
        Session::of(config, None, options, self.region().clone()).await
    }

    /// A session in this session's own account that may read these topics.
    ///
    /// # Errors
    /// As [`Session::member`].
    pub async fn own(&self, topics: &BTreeSet<Topic>) -> Result<Session, CollectError> {
        let config = match (&self.before, &self.options.assume_role) {
            // The session that enters roles may read the organization and no more.
            (Some(before), Some(role)) => assume(before, role, session_policy(topics)).await?,
            _ => self.clients.config().clone(),
        };
        Session::of(config, None, self.options.clone(), self.region().clone()).await
    }
}

/// The way to a bucket that the report or the state is written to, with the credentials that a run begins with. Nothing that
/// reads an account uses them but through the fence.
#[derive(Debug)]
pub struct BucketAccess {
    provider: SharedCredentialsProvider,
    /// The Region that the configuration names.
    pub region: String,
    /// The endpoint to ask instead of S3's own, where one is configured.
    pub endpoint: Option<String>,
}

impl BucketAccess {
    /// Finds them.
    ///
    /// # Errors
    /// [`CollectError`], where no credentials are configured.
    pub async fn find(options: &SessionOptions) -> Result<Self, CollectError> {
        let config = configure(options).await?;
        let none = || CollectError::CredentialsRefused { detail: "no provider is configured".to_owned() };
        let provider = held(config.credentials_provider().ok_or_else(none)?);
        let of_store = std::env::var("AWS_ENDPOINT_URL_S3").ok().filter(|url| !url.is_empty());
        Ok(Self {
            provider,
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            endpoint: of_store.or_else(|| config.endpoint_url().map(str::to_owned)),
        })
    }

    /// The credentials, renewed where they are about to end: a run over many accounts lasts longer than they do.
    ///
    /// # Errors
    /// [`CollectError`], where there are none or they cannot be renewed.
    pub async fn keys(&self) -> Result<Keys, CollectError> {
        let found = self.provider.provide_credentials().await;
        let found =
            found.map_err(|error| CollectError::CredentialsRefused { detail: crate::classify::chain(&error) })?;
        Ok(Keys {
            id: found.access_key_id().to_owned(),
            secret: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
        })
    }
}

/// Credentials as AWS gives them out.
#[derive(Clone)]
pub struct Keys {
    /// The id of the access key.
    pub id: String,
    /// The secret access key.
    pub secret: String,
    /// The session token of temporary credentials.
    pub token: Option<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts how often it is asked.
    #[derive(Debug, Clone)]
    struct Asked {
        times: Arc<AtomicUsize>,
        lasts: Duration,
    }

    impl ProvideCredentials for Asked {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            self.times.fetch_add(1, Ordering::SeqCst);
            let end = SystemTime::now() + self.lasts;
            future::ProvideCredentials::ready(Ok(Credentials::new("AKIAEXAMPLE", "secret", None, Some(end), "test")))
        }
    }

    async fn asked(lasts: u64) -> usize {
        let provider = Asked { times: Arc::default(), lasts: Duration::from_secs(lasts) };
        let config =
            SdkConfig::builder().credentials_provider(SharedCredentialsProvider::new(provider.clone())).build();
        let held = hold(config).credentials_provider().expect("a provider");
        for _ in 0..5 {
            assert!(held.provide_credentials().await.is_ok());
        }
        provider.times.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn credentials_are_resolved_once_until_they_are_about_to_end() {
        assert_eq!(asked(3_600).await, 1);
        assert_eq!(asked(60).await, 5);
    }

    /// AWS takes session policies of 2,048 characters.
    #[test]
    fn the_policy_of_the_hub_reads_the_organization_and_enters_roles() {
        let policy = hub_policy();
        assert!(policy.len() <= 2_048, "{} characters", policy.len());
        for action in ["organizations:ListRoots", "iam:ListOrganizationsFeatures", "sts:AssumeRole"] {
            assert!(policy.contains(action), "{action}");
        }
        assert!(!policy.contains("iam:GetAccountAuthorizationDetails"));
    }

    #[test]
    fn a_secret_is_not_shown() {
        let keys = Keys { id: "AKIAEXAMPLE".to_owned(), secret: "hidden".to_owned(), token: Some("also".to_owned()) };
        assert_eq!(format!("{keys:?}"), "Keys(AKIAEXAMPLE)");
    }
}
