//! Calls to AWS services without their SDK crate.
//!
//! Of some services probity needs one or two reads, and their crate costs more to build than it gives (docs/architecture.md
//! has the numbers). Here they are asked by the SDK's own orchestrator with a request that is written by hand: signing,
//! retries, timeouts, the account's retry budget, the user agent, the read-only fence and the ledger are those of every
//! other client, and so are endpoints: partitions, FIPS, dual stack, `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`.
//!
//! An answer is read into a type of serde. Name its fields as the API does (`#[serde(rename_all = "camelCase")]` or
//! `"PascalCase"`), and give `#[serde(default)]` only to what AWS may leave out: a list that AWS always sends and that has a
//! default would turn an answer that is not one into an empty list. What does not parse is a gap of kind `Malformed`.
//!
//! AWS JSON (Config, ECS, CloudWatch Logs, Secrets Manager, SQS): the operation and the request.
//! ```ignore
//! #[derive(Deserialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Recorders { configuration_recorders: Vec<Recorder> }
//!
//! let config = reader.plain(Service::Config, region);
//! let answer: Recorders = config.json("DescribeConfigurationRecorders", &json!({})).ask().await?;
//! ```
//!
//! REST with JSON (GuardDuty, Lambda, Security Hub): path and query, or path and request. Parts of a path go through
//! [`segment`]. An error code that is an answer is taken with `ask_or`.
//! ```ignore
//! let lambda = reader.plain(Service::Lambda, region);
//! let path = format!("/2015-03-31/functions/{}/policy", segment(name));
//! let policy = lambda.get("GetPolicy", path, &[]).ask_or::<Policy>(&["ResourceNotFoundException"]).await?;
//! ```
//!
//! EC2: parameters. Lists are wrapped in a set of `<item>`: [`Items`].
//! ```ignore
//! #[derive(Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct Instances { reservation_set: Items<Reservation>, next_token: Option<String> }
//!
//! let ec2 = reader.plain(Service::Ec2, region);
//! let answer: Instances = ec2.query("DescribeInstances", &[("MaxResults", "1000")]).ask().await?;
//! ```
//!
//! REST with XML (S3 Control): path, and the root element of the answer.
//! ```ignore
//! let control = reader.plain(Service::S3Control, region);
//! let path = "/v20180820/configuration/publicAccessBlock";
//! let block = control.get("GetPublicAccessBlock", path, &[]).root("PublicAccessBlockConfiguration");
//! let block = block.ask_or::<Block>(&["NoSuchPublicAccessBlockConfiguration"]).await?;
//! ```
//!
//! Lists in pages go through [`Pages`](crate::pages::Pages), as with any client:
//! ```ignore
//! let (mut pages, mut token) = (Pages::new(operation(Service::Logs, "DescribeMetricFilters")), None);
//! loop {
//!     let page: Filters = logs.json("DescribeMetricFilters", &json!({"nextToken": token})).ask().await?;
//!     filters.extend(page.metric_filters);
//!     token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
//!     if token.is_none() { break }
//! }
//! ```
//! (A `nextToken` of `null` is left out of the request: fields without a value are never sent.)

mod answer;
mod endpoint;
mod request;
mod send;
mod services;
#[cfg(test)]
mod tests;

use probity_model::{Gap, GapKind, Operation, Region, Service};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::classify;
use crate::reader::{Reader, operation};
use request::Request;
use services::Wire;

pub(crate) use answer::Items;
pub(crate) use request::segment;

/// A service in a Region.
pub(crate) struct Plain<'r> {
    reader: &'r Reader<'r>,
    service: Service,
    region: &'r Region,
}

impl Reader<'_> {
    /// A service that is asked without its SDK crate, in a Region. The account settings of S3 are the same in every Region.
    pub(crate) fn plain<'r>(&'r self, service: Service, region: &'r Region) -> Plain<'r> {
        Plain { reader: self, service, region }
    }
}

impl<'r> Plain<'r> {
    /// An operation of AWS JSON.
    pub(crate) fn json(&self, name: &'static str, request: &impl Serialize) -> Call<'r> {
        self.call(name, |wire| Request::json(wire, name, request))
    }

    /// A GET of a REST service. The path is percent-encoded already; the query is encoded here.
    pub(crate) fn get(&self, name: &'static str, path: impl Into<String>, query: &[(&str, &str)]) -> Call<'r> {
        self.call(name, |wire| Request::get(wire, path.into(), query, self.reader.clients.account_id()))
    }

    /// A POST of a REST service with JSON. The path is percent-encoded already.
    pub(crate) fn post(&self, name: &'static str, path: impl Into<String>, request: &impl Serialize) -> Call<'r> {
        self.call(name, |wire| Request::post(wire, path.into(), request))
    }

    /// An operation of EC2.
    pub(crate) fn query(&self, name: &'static str, parameters: &[(&str, &str)]) -> Call<'r> {
        self.call(name, |wire| Request::query(wire, name, parameters))
    }

    fn call(&self, name: &'static str, request: impl FnOnce(&Wire) -> Result<Request, String>) -> Call<'r> {
        let operation = operation(self.service, name);
        let made = services::wire(self.service)
            .ok_or_else(|| "this service is asked through its SDK crate".to_owned())
            .and_then(|wire| request(&wire).map(|request| (wire, request)));
        let made = made.map_err(|message| Gap::of(GapKind::Unexpected, operation, None, message));
        Call { reader: self.reader, region: self.region, operation, made }
    }
}

/// A call that was put together and not sent.
pub(crate) struct Call<'r> {
    reader: &'r Reader<'r>,
    region: &'r Region,
    operation: Operation,
    made: Result<(Wire, Request), Gap>,
}

impl Call<'_> {
    /// Names the root element that an answer in XML must have.
    pub(crate) fn root(mut self, name: &'static str) -> Self {
        if let Ok((_, request)) = &mut self.made {
            request.root = Some(name.into());
        }
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// A gap that names the Region.
    pub(crate) async fn ask<T: DeserializeOwned>(self) -> Result<T, Gap> {
        self.sent().await.map_err(|failure| failure.gap)
    }

    /// Sends it; certain error codes are an answer, and returned.
    ///
    /// # Errors
    /// A gap that names the Region.
    pub(crate) async fn ask_or<T: DeserializeOwned>(
        self,
        answers: &[&'static str],
    ) -> Result<Result<T, &'static str>, Gap> {
        match self.sent().await {
            Ok(answer) => Ok(Ok(answer)),
            Err(failure) => {
                let answer = answers.iter().find(|answer| failure.code.as_deref() == Some(**answer));
                answer.map(|answer| Err(*answer)).ok_or(failure.gap)
            }
        }
    }

    async fn sent<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let Self { reader, region, operation, made } = self;
        let clients = reader.clients;
        let gap =
            |kind, message| Failure { code: None, gap: Gap::of(kind, operation, None, message).in_region(region) };
        let (wire, request) = made.map_err(|gap| Failure { code: None, gap: gap.in_region(region) })?;
        let (format, root) = (wire.format(), request.root.clone());
        let url = endpoint::of(&wire, clients.config(), region, clients.account_id())
            .map_err(|message| gap(GapKind::Unexpected, message))?;
        let _place = clients.place(operation.service).await;
        match send::send(clients, &wire, operation, region, &url, request).await {
            Ok(body) => {
                answer::read(format, root.as_deref(), &body.0).map_err(|message| gap(GapKind::Malformed, message))
            }
            Err(error) => Err(Failure {
                code: classify::code(&error).map(str::to_owned),
                gap: classify::gap(operation, &error).in_region(region),
            }),
        }
    }
}

/// Why a call gave nothing, and the error code by itself.
struct Failure {
    code: Option<String>,
    gap: Gap,
}
