//! AWS requests without an SDK: enough to ask the emulator, which reads signatures and does not verify them.

use std::io;

use super::http::{self, Answer};
use super::{ACCESS_KEY, SESSION_TOKEN};

/// A request to one operation of a service.
pub(crate) struct AwsRequest {
    service: String,
    region: String,
    access_key: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl AwsRequest {
    /// A request in the query protocol, which IAM and STS speak.
    pub(crate) fn query(service: &str, operation: &str) -> Self {
        let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
        let body = format!("Action={operation}&Version={version}");
        Self::new(service, "/", vec![("Content-Type", "application/x-www-form-urlencoded".to_owned())], body)
    }

    /// A request in the JSON protocol; the target is `Service_Version.Operation`.
    pub(crate) fn json(service: &str, target: &str, body: serde_json::Value) -> Self {
        let headers =
            vec![("Content-Type", "application/x-amz-json-1.1".to_owned()), ("X-Amz-Target", target.to_owned())];
        Self::new(service, "/", headers, body.to_string())
    }

    /// A request in the REST protocol with a JSON body.
    pub(crate) fn rest(service: &str, path: &str, body: serde_json::Value) -> Self {
        Self::new(service, path, vec![("Content-Type", "application/json".to_owned())], body.to_string())
    }

    fn new(service: &str, path: &str, headers: Vec<(&'static str, String)>, body: String) -> Self {
        Self {
            service: service.to_owned(),
            region: "us-east-1".to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            path: path.to_owned(),
            headers,
            body,
        }
    }

    /// Adds a form field to a query request. Name and value go as they are: none of ours needs escaping.
    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.body.push_str(&format!("&{name}={value}"));
        self
    }

    /// Asks in another Region than us-east-1.
    pub(crate) fn region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// Signs with another access key than the caller's.
    pub(crate) fn access_key(mut self, access_key: &str) -> Self {
        access_key.clone_into(&mut self.access_key);
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// When the connection fails or closes without an answer.
    pub(crate) fn send(&self, endpoint: &str) -> io::Result<Answer> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{}/aws4_request, SignedHeaders=host, Signature=unsigned",
            self.access_key, self.region, self.service
        );
        let mut headers = self.headers.clone();
        headers.push(("Authorization", authorization));
        headers.push(("X-Amz-Security-Token", SESSION_TOKEN.to_owned()));
        http::send(endpoint, "POST", &self.path, &headers, self.body.as_bytes())
    }
}
