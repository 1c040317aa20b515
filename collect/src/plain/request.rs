//! Requests, as each protocol writes them.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use super::services::{Protocol, Wire};

/// Everything but what RFC 3986 calls unreserved, which is what signatures expect.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A part of a path, percent-encoded.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A request without its host.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// The root element that an answer in XML must have.
    pub(super) root: Option<Cow<'static, str>>,
}

/// What is asked is nobody's business in a log.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

fn mismatch<T>() -> Result<T, String> {
    Err("this service does not speak that protocol".to_owned())
}

impl Request {
    pub(super) fn json(wire: &Wire, name: &str, request: &impl Serialize) -> Result<Self, String> {
        let Protocol::Json { version, target } = wire.protocol else { return mismatch() };
        let mut headers = vec![
            ("content-type", format!("application/x-amz-json-{version}")),
            ("x-amz-target", format!("{target}.{name}")),
        ];
        if target == "AmazonSQS" {
            // Otherwise the error codes are not those that the service is known by.
            headers.push(("x-amzn-query-mode", "true".to_owned()));
        }
        Ok(Self::with_body("/".to_owned(), headers, json(request)?))
    }

    pub(super) fn get(wire: &Wire, path: String, query: &[(&str, &str)], account: &str) -> Result<Self, String> {
        let headers = match wire.protocol {
            Protocol::RestJson => Vec::new(),
            Protocol::RestXml => vec![("x-amz-account-id", account.to_owned())],
            Protocol::Json { .. } | Protocol::Ec2 { .. } => return mismatch(),
        };
        let path = if query.is_empty() { path } else { format!("{path}?{}", form(query)) };
        Ok(Self { method: "GET", path, headers, body: Vec::new(), root: None })
    }

    pub(super) fn post(wire: &Wire, path: String, request: &impl Serialize) -> Result<Self, String> {
        if wire.protocol != Protocol::RestJson {
            return mismatch();
        }
        Ok(Self::with_body(path, vec![("content-type", "application/json".to_owned())], json(request)?))
    }

    pub(super) fn query(wire: &Wire, name: &str, parameters: &[(&str, &str)]) -> Result<Self, String> {
        let Protocol::Ec2 { version } = wire.protocol else { return mismatch() };
        let mut all = vec![("Action", name), ("Version", version)];
        all.extend(parameters);
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        let root = Some(Cow::Owned(format!("{name}Response")));
        Ok(Self { root, ..Self::with_body("/".to_owned(), headers, form(&all).into_bytes()) })
    }

    fn with_body(path: String, mut headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Self {
        headers.push(("content-length", body.len().to_string()));
        Self { method: "POST", path, headers, body, root: None }
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", segment(name), segment(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The request as JSON, without the fields that have no value.
fn json(request: &impl Serialize) -> Result<Vec<u8>, String> {
    let said = |error: serde_json::Error| format!("the request cannot be written: {error}");
    let mut value = serde_json::to_value(request).map_err(said)?;
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, value| !value.is_null());
    }
    serde_json::to_vec(&value).map_err(said)
}
