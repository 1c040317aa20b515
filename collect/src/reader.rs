//! What every collector is given: the clients, the time, and one way to ask.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use probity_model::facts::authorization::DocumentText;
use probity_model::{Gap, GapKind, Operation, Region, Service, Timestamp, Topic};

use crate::classify;
use crate::clients::Clients;
use crate::collect::Detail;
use crate::progress::Progress;

/// What every collector is given.
pub(crate) struct Reader<'a> {
    /// The clients of the account.
    pub(crate) clients: &'a Clients,
    /// How much is read that costs a call a user or resource.
    pub(crate) detail: Detail,
    /// Hears how far it got.
    pub(crate) progress: &'a dyn Progress,
    /// "Now".
    pub(crate) now: Timestamp,
    /// Whether answers come from a recording.
    pub(crate) recorded: bool,
}

/// An operation of the table of topics. One that is not in it is named all the same, and stopped by the fence.
pub(crate) fn operation(service: Service, name: &'static str) -> Operation {
    Topic::operation(service, name).unwrap_or(Operation::new(service, name, ""))
}

impl Reader<'_> {
    /// Makes a call, among as many others of its service as may be under way.
    pub(crate) async fn ask<T, E>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Gap>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let _place = self.clients.place(operation.service).await;
        call.await.map_err(|error| classify::gap(operation, &error))
    }

    /// Makes a call in a Region.
    pub(crate) async fn ask_in<T, E>(
        &self,
        region: &Region,
        operation: Operation,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Gap>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        self.ask(operation, call).await.map_err(|gap| gap.in_region(region))
    }

    /// Waits, for AWS to finish what it was asked for. A recording has every answer at once.
    pub(crate) async fn pause(&self, wait: Duration) {
        tokio::time::sleep(if self.recorded { Duration::ZERO } else { wait }).await;
    }

    /// Makes a call to which certain error codes are an answer: the code is returned then.
    pub(crate) async fn ask_or<T, E>(
        &self,
        operation: Operation,
        answers: &[&'static str],
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<Result<T, &'static str>, Gap>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let _place = self.clients.place(operation.service).await;
        match call.await {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => {
                let code = classify::code(&error);
                let answer = answers.iter().find(|answer| code.is_some_and(|code| code == **answer));
                answer.map(|answer| Err(*answer)).ok_or_else(|| classify::gap(operation, &error))
            }
        }
    }
}

/// A time of the SDK; times that no calendar has are none.
pub(crate) fn time(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}

/// A time in seconds since 1970 with a fraction, as AWS JSON has it; one that no calendar has is none.
#[allow(clippy::cast_possible_truncation, reason = "what no calendar has becomes none")]
pub(crate) fn seconds(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_second(seconds as i64).ok()
}

/// A time of the SDK that may be absent.
pub(crate) fn maybe_time(moment: Option<&DateTime>) -> Option<Timestamp> {
    moment.and_then(time)
}

/// A time that AWS always sends, as the SDK's type; one that no calendar has cannot be right.
pub(crate) fn moment(operation: Operation, field: &str, moment: &DateTime) -> Result<Timestamp, Gap> {
    required(operation, &format!("{field} that is a time"), time(moment))
}

/// A field that AWS always sends; without it the answer cannot be right.
pub(crate) fn required<T>(operation: Operation, field: &str, value: Option<T>) -> Result<T, Gap> {
    value.ok_or_else(|| Gap::of(GapKind::Malformed, operation, None, format!("the answer has no `{field}`")))
}

/// A policy document, percent-decoded: IAM encodes them in its answers (IAM API Reference, RFC 3986).
pub(crate) fn document(text: &str) -> DocumentText {
    if text.trim_start().starts_with('{') {
        return DocumentText::new(text);
    }
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    DocumentText::new(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded_once() {
        assert_eq!(document("%7B%22a%22%3A%20%22100%2525%22%7D").as_str(), r#"{"a": "100%25"}"#);
        assert_eq!(document(r#"{"a": "100%25"}"#).as_str(), r#"{"a": "100%25"}"#);
    }
}
