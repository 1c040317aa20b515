//! Answers calls from a recording instead of the network: the sample account of `probity demo`.
//!
//! Everything above the connector is the real thing: the SDK builds, signs and parses, pages are followed, the fence stands.
//! A recording is text, one JSON object a line. The first line says when it was made; every other line is one request with
//! the response AWS gave to it, as the emulator in `tests/emulator` keeps them. The same request may stand several times, as
//! when a job is polled: its answers are then given in their order, the last one for ever.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use probity_model::Timestamp;
use serde::Deserialize;

/// Why a text is not a recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// A line that is not what it should be.
    #[error("line {line} of the recording: {message}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// Nothing at all.
    #[error("the recording is empty")]
    Empty,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RecordingHead {
    /// The time that is "now" in the recording.
    pub now: Timestamp,
    /// The Region that was asked first.
    pub region: String,
    /// What to say of the account.
    pub notice: String,
}

#[derive(Deserialize)]
struct Line {
    region: String,
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    #[serde(default)]
    target: Option<String>,
    #[serde(flatten)]
    body: Body,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    headers: HashMap<String, String>,
    #[serde(flatten)]
    body: Body,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    body: String,
    body_base64: Option<String>,
}

impl Body {
    fn bytes(self) -> Result<Vec<u8>, base64::DecodeError> {
        match self.body_base64 {
            Some(text) => STANDARD.decode(text),
            None => Ok(self.body.into_bytes()),
        }
    }
}

/// What tells one request from another; signatures, dates and hosts do not.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    region: String,
    method: String,
    path: String,
    target: String,
    body: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A connector that answers from a recording.
#[derive(Debug, Clone)]
pub struct Recording {
    head: RecordingHead,
    answers: Arc<HashMap<Key, Script>>,
}

/// The answers to one request, and how many of them were given.
#[derive(Debug, Default)]
struct Script {
    answers: Vec<Answer>,
    given: Mutex<usize>,
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// [`RecordingError`] with the line that is not what it should be.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let (_, first) = lines.next().ok_or(RecordingError::Empty)?;
        let wrong = |line: usize, message: String| RecordingError::Line { line, message };
        let head: RecordingHead = serde_json::from_str(first).map_err(|error| wrong(1, error.to_string()))?;
        let mut answers: HashMap<Key, Script> = HashMap::new();
        for (number, line) in lines {
            let Line { region, request, response } =
                serde_json::from_str(line).map_err(|error| wrong(number, error.to_string()))?;
            let bytes = |body: Body| body.bytes().map_err(|error| wrong(number, error.to_string()));
            let key = Key {
                region,
                method: request.method,
                path: request.path,
                target: request.target.unwrap_or_default(),
                body: comparable(bytes(request.body)?),
            };
            let answer = Answer {
                status: response.status,
                headers: response.headers.into_iter().collect(),
                body: bytes(response.body)?,
            };
            answers.entry(key).or_default().answers.push(answer);
        }
        Ok(Self { head, answers: Arc::new(answers) })
    }

    /// What the first line says.
    #[must_use]
    pub fn head(&self) -> &RecordingHead {
        &self.head
    }

    fn answer(&self, request: &HttpRequest) -> Option<Answer> {
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        let path = request.uri().splitn(4, '/').nth(3).map_or_else(|| "/".to_owned(), |path| format!("/{path}"));
        let key = Key {
            region: signed_region(&header("authorization")).to_owned(),
            method: request.method().to_owned(),
            path,
            target: header("x-amz-target"),
            body: comparable(request.body().bytes().unwrap_or_default().to_vec()),
        };
        let script = self.answers.get(&key)?;
        let mut given = script.given.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = script.answers.get(*given).or_else(|| script.answers.last());
        *given += 1;
        answer.cloned()
    }
}

/// A body as it is compared. The SDK writes some maps of JSON in another order each time; the order of their fields says
/// nothing.
fn comparable(body: Vec<u8>) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(&body) else { return body };
    value.sort_all_objects();
    serde_json::to_vec(&value).unwrap_or(body)
}

/// The Region a request was signed for, out of `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn signed_region(authorization: &str) -> &str {
    let scope = authorization.split_once("Credential=").map_or("", |(_, scope)| scope);
    scope.split('/').nth(2).unwrap_or_default()
}

impl HttpConnector for Recording {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(answer) = self.answer(&request) else {
            let message = "the recorded sample account has no answer to this call";
            return HttpConnectorFuture::ready(Err(ConnectorError::other(message.into(), None)));
        };
        let Ok(status) = StatusCode::try_from(answer.status) else {
            let message = format!("the recording has the impossible status {}", answer.status);
            return HttpConnectorFuture::ready(Err(ConnectorError::user(message.into())));
        };
        let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
        for (name, value) in answer.headers {
            // A header that cannot be one is left out: what counts is judged by the SDK's own parser.
            let _ = response.headers_mut().try_insert(name, value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"{"now": "2026-11-22T08:00:00Z", "region": "eu-central-1", "notice": "sample"}"#;

    fn line(body: &str, answer: &str) -> String {
        serde_json::json!({
            "service": "iam", "operation": "X", "region": "us-east-1", "account": "123456789012",
            "request": {"method": "POST", "path": "/", "target": null, "content_type": null, "body": body},
            "response": {"status": 200, "headers": {"Content-Type": "text/xml"}, "body": answer},
        })
        .to_string()
    }

    fn ask(recording: &Recording, body: &str) -> Option<String> {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").expect("a method");
        request.set_uri("https://iam.amazonaws.com/").expect("an address");
        let authorization =
            "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261122/us-east-1/iam/aws4_request, SignedHeaders=host";
        request.headers_mut().insert("authorization", authorization);
        recording.answer(&request).map(|answer| String::from_utf8_lossy(&answer.body).into_owned())
    }

    #[test]
    fn answers_come_in_their_order_and_the_last_stays() {
        let text = [HEAD.to_owned(), line("Action=A", "1"), line("Action=B", "b"), line("Action=A", "2")].join("\n");
        let recording = Recording::parse(&text).expect("a recording");
        let given: Vec<_> = (0..3).filter_map(|_| ask(&recording, "Action=A")).collect();
        assert_eq!(given, ["1", "2", "2"]);
        assert_eq!(ask(&recording, "Action=B").as_deref(), Some("b"));
    }

    #[test]
    fn the_order_of_fields_does_not_tell_requests_apart() {
        let text = [HEAD.to_owned(), line(r#"{"filter": {"a": 1, "b": 2}, "max": 3}"#, "found")].join("\n");
        let recording = Recording::parse(&text).expect("a recording");
        assert_eq!(ask(&recording, r#"{"max":3,"filter":{"b":2,"a":1}}"#).as_deref(), Some("found"));
        assert_eq!(ask(&recording, r#"{"max":4,"filter":{"b":2,"a":1}}"#), None);
    }

    #[test]
    fn a_call_that_was_not_recorded_has_no_answer() {
        let recording = Recording::parse(HEAD).expect("a recording");
        assert_eq!(ask(&recording, "Action=DeleteUser"), None);
    }

    #[test]
    fn an_error_names_the_line() {
        let text = [HEAD.to_owned(), "{}".to_owned()].join("\n");
        assert!(matches!(Recording::parse(&text), Err(RecordingError::Line { line: 2, .. })));
        assert!(matches!(Recording::parse(""), Err(RecordingError::Empty)));
    }
}
