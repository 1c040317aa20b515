//! From what the SDK says of a failed call to a gap: absent, denied, throttled out, unreachable, or unexpected.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use probity_model::{Gap, GapKind, Operation};

use crate::fence::Refused;

/// Codes of a refusal, across query, JSON and REST services.
const DENIED: [&str; 8] = [
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedForDependencyException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "NotAuthorized",
    "UnauthorizedOperation",
    "UnauthorizedException",
];

/// Codes that say that only another account gets an answer.
const VANTAGE: [&str; 3] = [
    "AccountNotManagementOrDelegatedAdministratorException",
    "AccountNotManagementOrDelegatedAdministrator",
    "CallerAccountIsNotOrganizationManagementAccountException",
];

/// Codes that say that the credentials are no good, or no longer.
const CREDENTIALS: [&str; 13] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "InvalidAccessKeyId",
    "AuthFailure",
    "TokenRefreshRequired",
];

/// Codes of throttling (AWS SDKs and Tools Reference Guide, "Retry behavior").
const THROTTLED: [&str; 12] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "TransactionInProgressException",
    "SlowDown",
];

/// Makes a gap of a failed call.
pub(crate) fn gap<E>(operation: Operation, error: &SdkError<E, HttpResponse>) -> Gap
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let Some(refused) = find::<Refused>(error) {
        return Gap::of(GapKind::Refused, operation, None, refused.to_string());
    }
    if let SdkError::ServiceError(service) = error {
        let meta = service.err().meta();
        let code = meta.code().unwrap_or_default();
        let message = meta.message().filter(|message| !message.is_empty()).unwrap_or("AWS gave no message");
        let status = service.raw().status().as_u16();
        let kind = match code {
            "" if status == 429 => GapKind::Throttled,
            "" if status >= 500 => GapKind::Unexpected,
            "" => GapKind::Malformed,
            code if DENIED.contains(&code) => GapKind::Denied,
            code if VANTAGE.contains(&code) => GapKind::WrongVantagePoint,
            code if CREDENTIALS.contains(&code) => GapKind::Credentials,
            code if THROTTLED.contains(&code) => GapKind::Throttled,
            _ => GapKind::Unexpected,
        };
        let code = if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() };
        return Gap::of(kind, operation, Some(code), message);
    }
    let (kind, code) = match error {
        SdkError::ResponseError(_) => (GapKind::Malformed, None),
        SdkError::TimeoutError(_) => (GapKind::Unreachable, Some("timeout".to_owned())),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            (GapKind::Unreachable, Some("timeout".to_owned()))
        }
        SdkError::DispatchFailure(failure) if failure.is_io() => (GapKind::Unreachable, None),
        SdkError::DispatchFailure(_) if is_about_credentials(error) => (GapKind::Credentials, None),
        SdkError::DispatchFailure(failure) if failure.is_user() => (GapKind::Refused, None),
        SdkError::DispatchFailure(_) => (GapKind::Unreachable, None),
        SdkError::ConstructionFailure(_) if is_about_credentials(error) => (GapKind::Credentials, None),
        _ => (GapKind::Unexpected, None),
    };
    Gap::of(kind, operation, code, chain(error))
}

/// The code of a service's error.
pub(crate) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    error.as_service_error().and_then(|service| service.code())
}

fn is_about_credentials(error: &(dyn Error + 'static)) -> bool {
    find::<aws_credential_types::provider::error::CredentialsError>(error).is_some()
}

/// An error of a type, anywhere in a chain of causes.
pub(crate) fn find<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The whole chain of causes in one line, each said once: the SDK's own words for the outermost say nothing.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string().replace(['\n', '\r'], " ");
        if !text.is_empty() && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::operation::get_account_summary::GetAccountSummaryError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;
    use probity_model::Service;

    const OPERATION: Operation = Operation::new(Service::Iam, "GetAccountSummary", "iam:GetAccountSummary");

    fn service(status: u16, code: &str) -> Gap {
        let mut meta = ErrorMetadata::builder().message("because");
        if !code.is_empty() {
            meta = meta.code(code);
        }
        let raw = HttpResponse::new(StatusCode::try_from(status).expect("a status"), SdkBody::empty());
        gap(OPERATION, &SdkError::service_error(GetAccountSummaryError::generic(meta.build()), raw))
    }

    #[test]
    fn codes_of_every_protocol_are_told_apart() {
        for (status, code, kind) in [
            (403, "AccessDenied", GapKind::Denied),
            (400, "AccessDeniedException", GapKind::Denied),
            (403, "ExpiredToken", GapKind::Credentials),
            (400, "ExpiredTokenException", GapKind::Credentials),
            (403, "InvalidClientTokenId", GapKind::Credentials),
            (400, "Throttling", GapKind::Throttled),
            (400, "ThrottlingException", GapKind::Throttled),
            (409, "AccountNotManagementOrDelegatedAdministratorException", GapKind::WrongVantagePoint),
            (500, "InternalFailure", GapKind::Unexpected),
            (503, "", GapKind::Unexpected),
            (429, "", GapKind::Throttled),
            (404, "", GapKind::Malformed),
        ] {
            let gap = service(status, code);
            assert_eq!(gap.kind, kind, "{status} {code}");
            assert_eq!(gap.operation.as_deref(), Some("iam:GetAccountSummary"));
            assert_eq!(gap.message, "because");
        }
    }

    #[test]
    fn what_never_arrived_is_unreachable() {
        let io = SdkError::<GetAccountSummaryError, HttpResponse>::dispatch_failure(ConnectorError::io(
            "connection refused".into(),
        ));
        assert_eq!(gap(OPERATION, &io).kind, GapKind::Unreachable);
        assert!(gap(OPERATION, &io).message.contains("connection refused"));
        let late = SdkError::<GetAccountSummaryError, HttpResponse>::timeout_error("too late");
        assert_eq!(gap(OPERATION, &late).code.as_deref(), Some("timeout"));
    }

    #[test]
    fn what_the_fence_stopped_is_refused() {
        let refused = Refused { service: "IAM".to_owned(), operation: "DeleteUser".to_owned() };
        let error = SdkError::<GetAccountSummaryError, HttpResponse>::construction_failure(refused);
        assert_eq!(gap(OPERATION, &error).kind, GapKind::Refused);
    }
}
