//! The read-only fence: no call outside the published list ever leaves the process.
//!
//! Two layers. An interceptor on every client refuses an operation that is not on the list before it is serialized, and
//! marks the requests of those that are. The HTTP connector below refuses every request without that mark, so that a
//! client that was built without the interceptor sends nothing either. Credential providers make clients of their own:
//! what they send is let through by shape, and nothing signed with AWS credentials is among it but `sts:AssumeRole…`.

use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use probity_model::{Destination, Service, Topic};

use crate::ledger::Ledger;

/// Refused before it was built: the operation is not on the list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service}:{operation} is not on the read-only list and was not sent")]
pub struct Refused {
    /// The service, by its id in the SDK.
    pub service: String,
    /// The operation.
    pub operation: String,
}

/// The mark of a request that passed the interceptor.
#[derive(Debug, Clone, Copy)]
struct Admitted;

/// The operations that may be called, as the SDK names them: the union over all topics.
fn allowed(service: &str, operation: &str) -> bool {
    let sdk = |known: Service| known.sdk_id() == service;
    Topic::ALL.iter().flat_map(|topic| topic.operations()).any(|entry| sdk(entry.service) && entry.name == operation)
}

/// `service:Operation` as it stands in reports.
fn display_name(service: &str, operation: &str) -> String {
    let prefix = Service::ALL.into_iter().find(|known| known.sdk_id() == service).map(Service::prefix);
    format!("{}:{operation}", prefix.unwrap_or(service))
}

/// The interceptor: refuses, marks and counts.
#[derive(Debug, Clone)]
pub(crate) struct ReadOnly {
    region: String,
    ledger: Ledger,
    sends_to: Option<Destination>,
}

impl ReadOnly {
    /// For a client of a Region; of a global service, the Region is empty.
    pub(crate) fn new(region: &str, ledger: Ledger) -> Self {
        Self { region: region.to_owned(), ledger, sends_to: None }
    }

    /// The same, in a session that was opened to send findings: beside the list, what that takes.
    pub(crate) fn and_sends(self, to: Option<Destination>) -> Self {
        Self { sends_to: to, ..self }
    }

    /// Whether an operation may be called: it is on the list, or what was opened for sending takes it.
    fn admits(&self, service: &str, operation: &str) -> bool {
        let writes = self.sends_to.iter().flat_map(|to| to.operations());
        allowed(service, operation)
            || writes.into_iter().any(|entry| entry.service.sdk_id() == service && entry.name == operation)
    }
}

/// Codes with which services throttle, besides status 429 (AWS SDKs and Tools Reference Guide, "Retry behavior").
const THROTTLES: [&[u8]; 6] = [
    b"Throttling",
    b"TooManyRequests",
    b"RequestLimitExceeded",
    b"SlowDown",
    b"LimitExceededException",
    b"PriorRequestNotComplete",
];

fn is_throttle(response: &HttpResponse) -> bool {
    let status = response.status().as_u16();
    let code = response.headers().get("x-amzn-errortype").unwrap_or_default().as_bytes();
    let body = response.body().bytes().unwrap_or_default();
    let says = |text: &[u8], code: &[u8]| text.windows(code.len()).any(|window| window == code);
    status == 429 || (status >= 400 && THROTTLES.iter().any(|throttle| says(code, throttle) || says(body, throttle)))
}

#[dyn_dispatch_hint]
impl Intercept for ReadOnly {
    fn name(&self) -> &'static str {
        "ReadOnly"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = cfg.load::<Metadata>().ok_or("an operation without a name was refused")?;
        if !self.admits(call.service(), call.name()) {
            let refused = Refused { service: call.service().to_owned(), operation: call.name().to_owned() };
            return Err(Box::new(refused));
        }
        self.ledger.count(&display_name(call.service(), call.name()), &self.region, |count| count.calls += 1);
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = cfg.load::<Metadata>().ok_or("an operation without a name was refused")?;
        self.ledger.count(&display_name(call.service(), call.name()), &self.region, |count| count.requests += 1);
        context.request_mut().add_extension(Admitted);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(call) = cfg.load::<Metadata>() else { return Ok(()) };
        let name = display_name(call.service(), call.name());
        let response = context.response();
        // Names and numbers only: what AWS answers is nobody's business in a log.
        let status = response.map_or(0, |response| response.status().as_u16());
        tracing::debug!(region = self.region, status, "{name}");
        if response.is_some_and(is_throttle) {
            self.ledger.count(&name, &self.region, |count| count.throttled += 1);
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failed = matches!(context.output_or_error(), Some(Err(_)));
        if let (Some(call), true) = (cfg.load::<Metadata>(), failed)
            && self.admits(call.service(), call.name())
        {
            self.ledger.count(&display_name(call.service(), call.name()), &self.region, |count| count.failed += 1);
        }
        Ok(())
    }
}

/// The HTTP client below every AWS client: refuses what the interceptor has not marked.
#[derive(Clone)]
pub(crate) struct Fence<C> {
    inner: C,
}

impl<C> Fence<C> {
    /// A fence in front of a client or connector.
    pub(crate) fn new(inner: C) -> Self {
        Self { inner }
    }
}

impl<C> fmt::Debug for Fence<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fence")
    }
}

impl<C: HttpClient + Clone + 'static> HttpClient for Fence<C> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Fence::new(self.inner.http_connector(settings, components)))
    }
}

impl HttpConnector for Fence<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.extension::<Admitted>().is_some() || is_credential_call(&request) {
            return self.inner.call(request);
        }
        let message = format!("the read-only fence refused to send {} {}", request.method(), request.uri());
        HttpConnectorFuture::ready(Err(ConnectorError::user(message.into())))
    }
}

/// Whether a request is what a credential provider sends, by its shape.
fn is_credential_call(request: &HttpRequest) -> bool {
    let authorization = request.headers().get("authorization").unwrap_or_default();
    let path = path(request.uri());
    if authorization.starts_with("AWS4-") {
        return request.method() == "POST" && path == "/" && is_assume_role(request.body().bytes().unwrap_or_default());
    }
    match request.method() {
        // Container and instance metadata, the portal of Identity Center, and STS's web identity calls.
        "GET" => true,
        "PUT" => path == "/latest/api/token",
        "POST" => match path {
            // Tokens of Identity Center (OIDC) and of `aws login`.
            "/token" | "/v1/token" => true,
            "/" => is_web_identity(request.body().bytes().unwrap_or_default()),
            _ => false,
        },
        _ => false,
    }
}

/// The path of an address, without the query.
fn path(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    path.split('?').next().unwrap_or("/")
}

/// The one parameter that names the action of a query request; none where there are several.
fn action(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    let mut actions = text.split('&').filter_map(|pair| pair.strip_prefix("Action="));
    let first = actions.next()?;
    actions.next().is_none().then_some(first)
}

fn is_assume_role(body: &[u8]) -> bool {
    matches!(action(body), Some("AssumeRole" | "AssumeRoleWithWebIdentity"))
}

fn is_web_identity(body: &[u8]) -> bool {
    action(body) == Some("AssumeRoleWithWebIdentity")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::body::SdkBody;

    fn request(method: &str, uri: &str, signed: bool, body: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).expect("a method");
        request.set_uri(uri).expect("an address");
        if signed {
            request
                .headers_mut()
                .insert("authorization", "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261122/us-east-1/iam/aws4_request");
        }
        request
    }

    #[test]
    fn every_operation_of_the_table_is_allowed_and_no_other() {
        for operation in Topic::ALL.iter().flat_map(|topic| topic.operations()) {
            assert!(allowed(operation.service.sdk_id(), operation.name), "{operation}");
        }
        for (service, operation) in
            [("IAM", "DeleteUser"), ("STS", "AssumeRoot"), ("CloudTrail", "StopLogging"), ("S3", "GetObject")]
        {
            assert!(!allowed(service, operation), "{service}:{operation}");
        }
    }

    #[test]
    fn credential_calls_are_known_by_their_shape() {
        let sts = "https://sts.eu-central-1.amazonaws.com/";
        assert!(is_credential_call(&request("POST", sts, true, "Action=AssumeRole&Version=2011-06-15&RoleArn=x")));
        assert!(is_credential_call(&request(
            "POST",
            sts,
            false,
            "Action=AssumeRoleWithWebIdentity&WebIdentityToken=x"
        )));
        assert!(is_credential_call(&request(
            "GET",
            "https://portal.sso.eu-central-1.amazonaws.com/federation/credentials?x=y",
            false,
            ""
        )));
        assert!(is_credential_call(&request("POST", "https://oidc.eu-central-1.amazonaws.com/token", false, "{}")));
        assert!(is_credential_call(&request("PUT", "http://169.254.169.254/latest/api/token", false, "")));
    }

    #[test]
    fn nothing_else_passes_as_a_credential_call() {
        let iam = "https://iam.amazonaws.com/";
        assert!(!is_credential_call(&request("POST", iam, true, "Action=DeleteUser&UserName=anna")));
        assert!(!is_credential_call(&request("POST", iam, true, "Action=AssumeRole&Action=DeleteUser&UserName=anna")));
        assert!(!is_credential_call(&request("POST", iam, true, "UserName=Action=AssumeRole&Action=DeleteUser")));
        assert!(!is_credential_call(&request("GET", "https://s3.amazonaws.com/bucket/key", true, "")));
        assert!(!is_credential_call(&request("PUT", "https://bucket.s3.amazonaws.com/key", false, "x")));
        assert!(!is_credential_call(&request("DELETE", "https://bucket.s3.amazonaws.com/key", false, "")));
        assert!(!is_credential_call(&request("POST", "https://sts.amazonaws.com/", true, "Action=AssumeRoot")));
    }

    /// Counts what would have been sent.
    #[derive(Debug, Clone, Default)]
    struct Wire(std::sync::Arc<std::sync::atomic::AtomicUsize>);

    impl HttpConnector for Wire {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let body = SdkBody::from("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
            let status = aws_smithy_runtime_api::http::StatusCode::try_from(403).expect("a status");
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body)))
        }
    }

    impl Wire {
        fn config(&self) -> aws_config::SdkConfig {
            let connector = SharedHttpConnector::new(self.clone());
            let inner = aws_smithy_runtime_api::client::http::http_client_fn(move |_, _| connector.clone());
            let keys = aws_credential_types::Credentials::new("AKIAEXAMPLE", "example", None, None, "test");
            aws_config::SdkConfig::builder()
                .behavior_version(aws_config::BehaviorVersion::latest())
                .region(aws_config::Region::from_static("eu-central-1"))
                .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(keys))
                .http_client(aws_smithy_runtime_api::shared::IntoShared::<
                    aws_smithy_runtime_api::client::http::SharedHttpClient,
                >::into_shared(Fence::new(inner)))
                .build()
        }

        fn sent(&self) -> usize {
            self.0.load(std::sync::atomic::Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn a_call_that_writes_is_refused_before_it_is_built() {
        let wire = Wire::default();
        let clients = crate::clients::Clients::new(wire.config(), "123456789012", Ledger::default());
        let error = clients.iam().delete_user().user_name("anna").send().await.expect_err("refused");
        let refused = crate::classify::find::<Refused>(&error).expect("our own refusal");
        assert_eq!(refused.operation, "DeleteUser");
        assert_eq!((wire.sent(), clients.ledger().counts().len()), (0, 0));
        // The same client sends what is on the list.
        assert!(clients.iam().get_account_summary().send().await.is_err());
        assert_eq!(wire.sent(), 1);
    }

    #[tokio::test]
    #[allow(clippy::disallowed_methods, reason = "this is the client that nobody may make")]
    async fn a_client_without_the_interceptor_sends_nothing() {
        let wire = Wire::default();
        let client = aws_sdk_iam::Client::new(&wire.config());
        assert!(client.get_account_summary().send().await.is_err());
        assert!(client.delete_user().user_name("anna").send().await.is_err());
        assert_eq!(wire.sent(), 0);
    }
}
