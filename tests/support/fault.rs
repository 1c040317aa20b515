//! Faults on order; `tests/emulator/faults.py` is the other end.

use serde_json::{Map, Value, json};

/// A fault that strikes the calls matching a glob over `service:Operation`, such as `iam:List*`.
#[derive(Clone, Debug)]
pub(crate) struct Fault(Map<String, Value>);

impl Fault {
    fn new(operation: &str, kind: &str) -> Self {
        Self(Map::from_iter([("operation".to_owned(), json!(operation)), ("kind".to_owned(), json!(kind))]))
    }

    /// The service's own throttling error.
    pub(crate) fn throttle(operation: &str) -> Self {
        Self::new(operation, "throttle")
    }

    /// The service's own 5xx error.
    pub(crate) fn server_error(operation: &str) -> Self {
        Self::new(operation, "server-error")
    }

    /// Access denied for want of an identity-based policy.
    pub(crate) fn deny(operation: &str) -> Self {
        Self::new(operation, "deny")
    }

    /// Expired credentials.
    pub(crate) fn expired(operation: &str) -> Self {
        Self::new(operation, "expired")
    }

    /// An answer that comes so many milliseconds late.
    pub(crate) fn latency(operation: &str, milliseconds: u64) -> Self {
        Self::new(operation, "latency").with("milliseconds", json!(milliseconds))
    }

    /// A body that ends in the middle.
    pub(crate) fn truncate(operation: &str) -> Self {
        Self::new(operation, "truncate")
    }

    /// Status 200 with a body that no AWS service sends.
    pub(crate) fn garbage(operation: &str) -> Self {
        Self::new(operation, "garbage")
    }

    /// A connection closed without an answer.
    pub(crate) fn drop_connection(operation: &str) -> Self {
        Self::new(operation, "drop")
    }

    /// A later page that names itself as the next one.
    pub(crate) fn repeat_marker(operation: &str) -> Self {
        Self::new(operation, "repeat-marker")
    }

    /// Pages of at most so many items, whatever was asked for.
    pub(crate) fn page_size(operation: &str, size: usize) -> Self {
        Self::new(operation, "page-size").with("size", json!(size))
    }

    /// Strikes with this probability (0 to 1) instead of always.
    pub(crate) fn probability(self, probability: f64) -> Self {
        self.with("probability", json!(probability))
    }

    /// Strikes at most so many calls.
    pub(crate) fn times(self, times: usize) -> Self {
        self.with("times", json!(times))
    }

    /// Lets the first so many matching calls through.
    pub(crate) fn after(self, calls: usize) -> Self {
        self.with("after", json!(calls))
    }

    /// Strikes only calls of this account.
    pub(crate) fn account(self, account: &str) -> Self {
        self.with("account", json!(account))
    }

    /// Strikes only calls in this Region.
    pub(crate) fn region(self, region: &str) -> Self {
        self.with("region", json!(region))
    }

    /// For a denial: `identity`, `explicit`, `boundary`, `session` or `service-control-policy`.
    pub(crate) fn because(self, reason: &str) -> Self {
        self.with("because", json!(reason))
    }

    fn with(mut self, member: &str, value: Value) -> Self {
        self.0.insert(member.to_owned(), value);
        self
    }

    pub(super) fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}
