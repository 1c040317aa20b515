//! The SDK's own orchestrator around a request that was written by hand, configured as the generated clients configure it.

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::recursion_detection::RecursionDetectionInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{
    DisableClockSkewCorrection, ServiceClockSkewClassifier, ServiceClockSkewInterceptor,
};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation as Orchestrated;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError, SensitiveOutput};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{FrozenLayer, Layer};
use aws_smithy_types::error::ErrorMetadata;
use aws_types::SigningName;
use aws_types::region::{Region as SdkRegion, SigningRegion};
use probity_model::{Operation, Region};

use super::answer::{self, Body};
use super::request::Request;
use super::services::{Protocol, Wire};
use crate::clients::Clients;
use crate::fence::ReadOnly;

/// Sends a request and returns the body of the answer.
pub(super) async fn send(
    clients: &Clients,
    wire: &Wire,
    operation: Operation,
    region: &Region,
    url: &str,
    request: Request,
) -> Result<Body, SdkError<ErrorMetadata, HttpResponse>> {
    let format = wire.format();
    let plugin = StaticRuntimePlugin::new()
        .with_config(settings(clients, wire, region))
        .with_runtime_components(components(clients, region));
    let mut builder = Orchestrated::builder()
        .service_name(operation.service.sdk_id())
        .operation_name(operation.name)
        .endpoint_url(url)
        .with_connection_poisoning()
        .runtime_plugin(plugin);
    if let Some(version) = clients.config().behavior_version() {
        builder = builder.behavior_version(version);
    }
    let call = builder
        .serializer(written)
        .deserializer(move |response: &HttpResponse| {
            if response.status().is_success() {
                Ok(Body(response.body().bytes().unwrap_or_default().to_vec()))
            } else {
                Err(OrchestratorError::operation(answer::error(format, response)))
            }
        })
        .build();
    call.invoke(request).await
}

fn written(request: Request) -> Result<HttpRequest, BoxError> {
    let mut written = HttpRequest::new(SdkBody::from(request.body));
    written.set_method(request.method)?;
    written.set_uri(request.path)?;
    for (name, value) in request.headers {
        written.headers_mut().try_insert(name, value)?;
    }
    Ok(written)
}

fn settings(clients: &Clients, wire: &Wire, region: &Region) -> FrozenLayer {
    let config = clients.config();
    let place = SdkRegion::new(region.as_str().to_owned());
    let mut layer = Layer::new("plain");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(ApiMetadata::new(wire.service.prefix(), env!("CARGO_PKG_VERSION")));
    layer.store_put(SigningName::from_static(wire.signing));
    layer.store_put(SigningRegion::from(place.clone()));
    layer.store_put(place);
    let mut options = SigningOptions::default();
    // S3 signs paths as they are, and the hash of what is sent.
    let s3 = wire.protocol == Protocol::RestXml;
    options.double_uri_encode = !s3;
    options.normalize_uri_path = !s3;
    options.content_sha256_header = s3;
    layer.store_put(SigV4OperationSigningConfig { signing_options: options, ..Default::default() });
    // Some of these services tell environment variables and documents with secrets in them.
    layer.store_put(SensitiveOutput);
    let partition = format!("{}-{}-{region}", wire.service.prefix(), clients.account_id());
    layer.store_put(RetryPartition::new(partition));
    layer.store_or_unset(config.app_name().cloned());
    layer.store_or_unset(config.disable_clock_skew_correction().map(DisableClockSkewCorrection::from));
    if let Some(retries) = config.retry_config() {
        layer.store_put(retries.clone());
    }
    if let Some(timeouts) = config.timeout_config() {
        layer.store_put(timeouts.clone());
    }
    if let Some(protection) = config.stalled_stream_protection() {
        layer.store_put(protection);
    }
    layer.freeze()
}

fn components(clients: &Clients, region: &Region) -> RuntimeComponentsBuilder {
    let config = clients.config();
    let resolver = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
    let mut components = RuntimeComponentsBuilder::new("plain")
        .with_http_client(config.http_client())
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(resolver))
        .with_interceptor(ReadOnly::new(region.as_str(), clients.ledger().clone()).and_sends(clients.sends_to()))
        .with_interceptor(ServiceClockSkewInterceptor::new())
        .with_interceptor(RequestInfoInterceptor::new())
        .with_interceptor(UserAgentInterceptor::new())
        .with_interceptor(InvocationIdInterceptor::new())
        .with_interceptor(RecursionDetectionInterceptor::new())
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .with_retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
        .with_retry_classifier(ServiceClockSkewClassifier::<ErrorMetadata>::new());
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, credentials);
    }
    if let Some(cache) = config.identity_cache() {
        components.set_identity_cache(Some(cache));
    }
    if let Some(sleep) = config.sleep_impl() {
        components.set_sleep_impl(Some(sleep));
    }
    if let Some(time) = config.time_source() {
        components.set_time_source(Some(time));
    }
    components
}
