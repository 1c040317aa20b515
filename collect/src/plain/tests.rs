//! Against a connector that notes what is sent and answers what it was told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region as SdkRegion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::body::SdkBody;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use probity_model::{Destination, Gap, GapKind, Operation, Region, Service, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Items, segment};
use crate::clients::Clients;
use crate::fence::Fence;
use crate::ledger::Ledger;
use crate::progress::Silent;
use crate::reader::Reader;
use crate::security_hub::import;

/// An operation that is on the list, whatever else is: what is tested here is the way, not the table.
const LISTED: Operation = Operation::new(Service::Account, "ListRegions", "account:ListRegions");

#[derive(Debug, Clone)]
struct Sent {
    method: String,
    uri: String,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Debug, Clone)]
struct Answer(u16, Vec<(&'static str, &'static str)>, &'static str);

/// Notes requests and gives its answers in their order, the last one for ever.
#[derive(Debug, Clone, Default)]
struct Wire {
    sent: Arc<Mutex<Vec<Sent>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sent = Sent {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: String::from_utf8(request.body().bytes().unwrap_or_default().to_vec()).expect("text"),
        };
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        let Some(Answer(status, headers, body)) = answer else {
            return HttpConnectorFuture::ready(Err(ConnectorError::user("nothing is answered".into())));
        };
        let mut response = HttpResponse::new(StatusCode::try_from(status).expect("a status"), SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().insert(name, value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// An account behind such a wire.
struct Account {
    wire: Wire,
    clients: Clients,
    region: Region,
}

impl Account {
    fn of(region: &'static str, configure: impl FnOnce(&mut aws_types::sdk_config::Builder)) -> Self {
        let wire = Wire::default();
        let connector = SharedHttpConnector::new(wire.clone());
        let client: SharedHttpClient = Fence::new(http_client_fn(move |_, _| connector.clone())).into_shared();
        let keys = Credentials::new("AKIAEXAMPLE", "example", Some("token".to_owned()), None, "test");
        let quick = Duration::from_millis(1);
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(SdkRegion::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .app_name(aws_config::AppName::new("probity-test").expect("a name"))
            .retry_config(RetryConfig::standard().with_initial_backoff(quick).with_max_backoff(quick))
            .http_client(client);
        configure(&mut config);
        let clients = Clients::new(config.build(), "123456789012", Ledger::default());
        Self { wire, clients, region: Region::try_from(region).expect("a Region") }
    }

    fn new(region: &'static str) -> Self {
        Self::of(region, |_| ())
    }

    fn answering(self, answers: &[Answer]) -> Self {
        self.wire.answers.lock().unwrap_or_else(PoisonError::into_inner).extend(answers.iter().cloned());
        self
    }

    fn reader(&self) -> Reader<'_> {
        Reader {
            clients: &self.clients,
            detail: crate::collect::Detail::Standard,
            progress: &Silent,
            now: Timestamp::UNIX_EPOCH,
            recorded: false,
        }
    }

    fn sent(&self) -> Vec<Sent> {
        self.wire.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The one request that was sent.
    fn only(&self) -> Sent {
        let sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent[0].clone()
    }
}

fn listed(call: Call<'_>) -> Call<'_> {
    let made = call.made.map_err(|gap| panic!("{gap:?}"));
    Call { operation: LISTED, made, ..call }
}

/// Whatever the protocol, some call of it.
fn some_call<'r>(reader: &'r Reader<'r>, service: Service, region: &'r Region) -> Call<'r> {
    let plain = reader.plain(service, region);
    listed(match service {
        Service::Ec2 => plain.query("DescribeInstances", &[]),
        Service::GuardDuty | Service::Lambda | Service::S3Control | Service::SecurityHub => plain.get("List", "/", &[]),
        _ => plain.json("List", &json!({})),
    })
}

const PLAIN: [Service; 10] = [
    Service::Config,
    Service::Ec2,
    Service::Ecs,
    Service::GuardDuty,
    Service::Lambda,
    Service::Logs,
    Service::S3Control,
    Service::SecretsManager,
    Service::SecurityHub,
    Service::Sqs,
];

async fn host(service: Service, account: &Account) -> String {
    let reader = account.reader();
    let gap = some_call(&reader, service, &account.region).ask::<Value>().await.expect_err("nobody answers");
    assert_eq!(gap.region.as_ref(), Some(&account.region));
    account.only().uri.split('/').nth(2).unwrap_or_default().to_owned()
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Names {
    names: Vec<String>,
}

#[tokio::test]
async fn aws_json_is_signed_and_names_its_operation() {
    let account = Account::new("eu-central-1").answering(&[Answer(200, vec![], r#"{"Names":["a","b"]}"#)]);
    let reader = account.reader();
    let config = reader.plain(Service::Config, &account.region);
    let request = json!({"Limit": 5, "NextToken": null});
    let names: Names = listed(config.json("DescribeConfigurationRecorders", &request)).ask().await.expect("an answer");
    assert_eq!(names.names, ["a", "b"]);
    let sent = account.only();
    assert_eq!((sent.method.as_str(), sent.uri.as_str()), ("POST", "https://config.eu-central-1.amazonaws.com/"));
    assert_eq!(sent.body, r#"{"Limit":5}"#);
    assert_eq!(sent.headers["x-amz-target"], "StarlingDoveService.DescribeConfigurationRecorders");
    assert_eq!(sent.headers["content-type"], "application/x-amz-json-1.1");
    assert_eq!(sent.headers["content-length"], "11");
    assert_eq!(sent.headers["x-amz-security-token"], "token");
    let signature = &sent.headers["authorization"];
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/"), "{signature}");
    assert!(signature.contains("/eu-central-1/config/aws4_request"), "{signature}");
    assert!(signature.contains("x-amz-target"), "the target is signed: {signature}");
    assert!(sent.headers["x-amz-user-agent"].contains("app/probity-test"), "{:?}", sent.headers);
    assert!(sent.headers["x-amz-user-agent"].contains("api/configservice/"), "{:?}", sent.headers);
    assert!(sent.headers.contains_key("amz-sdk-invocation-id") && sent.headers.contains_key("amz-sdk-request"));
    let counts = account.clients.ledger().counts();
    assert_eq!((counts[0].operation.as_str(), counts[0].region.as_str()), ("account:ListRegions", "eu-central-1"));
    assert_eq!((counts[0].calls, counts[0].requests, counts[0].failed), (1, 1, 0));
}

#[tokio::test]
async fn sqs_speaks_an_older_version() {
    let account = Account::new("us-west-2").answering(&[Answer(200, vec![], "{}")]);
    let reader = account.reader();
    let sqs = reader.plain(Service::Sqs, &account.region);
    listed(sqs.json("ListQueues", &json!({}))).ask::<Value>().await.expect("an answer");
    assert_eq!(account.only().headers["content-type"], "application/x-amz-json-1.0");
    assert_eq!(account.only().headers["x-amz-target"], "AmazonSQS.ListQueues");
}

#[tokio::test]
async fn rest_puts_everything_into_the_path() {
    let account = Account::new("eu-west-1").answering(&[Answer(200, vec![], r#"{"Names":[]}"#)]);
    let reader = account.reader();
    let lambda = reader.plain(Service::Lambda, &account.region);
    let path = format!("/2015-03-31/functions/{}/policy", segment("arn:aws:lambda:eu-west-1:1:function:a b"));
    let call = lambda.get("GetPolicy", path, &[("Marker", "a+b/c="), ("MaxItems", "50")]);
    assert_eq!(listed(call).ask::<Names>().await.expect("an answer"), Names { names: vec![] });
    let sent = account.only();
    assert_eq!(sent.method, "GET");
    assert_eq!(
        sent.uri,
        "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Aa%20b/policy?Marker=a%2Bb%2Fc%3D&MaxItems=50"
    );
    assert!(sent.headers["authorization"].contains("/eu-west-1/lambda/aws4_request"));
    let hub = reader.plain(Service::SecurityHub, &account.region);
    listed(hub.post("GetEnabledStandards", "/standards/get", &json!({"MaxResults": 100})))
        .ask::<Names>()
        .await
        .expect("an answer");
    let sent = account.sent();
    assert_eq!((sent[1].method.as_str(), sent[1].body.as_str()), ("POST", r#"{"MaxResults":100}"#));
    assert_eq!(sent[1].headers["content-type"], "application/json");
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instances {
    reservation_set: Items<Reservation>,
    next_token: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reservation {
    owner_id: String,
    #[serde(default)]
    instances_set: Items<Instance>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    instance_id: String,
}

const INSTANCES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>1</requestId>
  <reservationSet>
    <item><ownerId>1</ownerId><groupSet/><instancesSet><item><instanceId>i-1</instanceId><x>&lt;&amp;</x></item><item><instanceId>i-2</instanceId></item></instancesSet></item>
    <item><ownerId>2</ownerId><instancesSet/></item>
  </reservationSet>
  <nextToken>more&amp;more</nextToken>
</DescribeInstancesResponse>"#;

#[tokio::test]
async fn ec2_is_asked_with_a_form_and_answers_in_xml() {
    let account = Account::new("us-east-1").answering(&[Answer(200, vec![], INSTANCES)]);
    let reader = account.reader();
    let ec2 = reader.plain(Service::Ec2, &account.region);
    let call = ec2.query("DescribeInstances", &[("MaxResults", "1000"), ("NextToken", "a=b&c")]);
    let answer: Instances = listed(call).ask().await.expect("an answer");
    assert_eq!(answer.next_token.as_deref(), Some("more&more"));
    let reservations = answer.reservation_set.items;
    let ids: Vec<_> = reservations[0].instances_set.items.iter().map(|it| it.instance_id.as_str()).collect();
    assert_eq!((reservations[0].owner_id.as_str(), ids), ("1", vec!["i-1", "i-2"]));
    assert_eq!(reservations[1].instances_set, Items::default());
    let sent = account.only();
    assert_eq!(sent.uri, "https://ec2.us-east-1.amazonaws.com/");
    assert_eq!(sent.body, "Action=DescribeInstances&Version=2016-11-15&MaxResults=1000&NextToken=a%3Db%26c");
    assert!(sent.headers["authorization"].contains("/us-east-1/ec2/aws4_request"));
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Block {
    block_public_acls: bool,
}

const BLOCK: &str = r#"<?xml version="1.0"?>
<!-- by hand -->
<PublicAccessBlockConfiguration xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"#;

#[tokio::test]
async fn s3_control_is_asked_at_the_accounts_own_host() {
    let account = Account::new("eu-central-1").answering(&[Answer(200, vec![], BLOCK)]);
    let reader = account.reader();
    let control = reader.plain(Service::S3Control, &account.region);
    let call = control.get("GetPublicAccessBlock", "/v20180820/configuration/publicAccessBlock", &[]);
    let block: Block = listed(call.root("PublicAccessBlockConfiguration")).ask().await.expect("an answer");
    assert!(block.block_public_acls);
    let sent = account.only();
    assert_eq!(
        sent.uri,
        "https://123456789012.s3-control.eu-central-1.amazonaws.com/v20180820/configuration/publicAccessBlock"
    );
    assert_eq!(sent.headers["x-amz-account-id"], "123456789012");
    assert!(sent.headers["authorization"].contains("/eu-central-1/s3/aws4_request"));
    // The hash of nothing.
    assert!(sent.headers["x-amz-content-sha256"].starts_with("e3b0c442"), "{:?}", sent.headers);
}

#[tokio::test]
async fn every_partition_is_asked_at_its_own_endpoints() {
    for service in PLAIN {
        let prefix = if service == Service::S3Control { "123456789012." } else { "" };
        let name = host(service, &Account::new("eu-central-1")).await;
        let name = name.strip_suffix(".eu-central-1.amazonaws.com").expect("the commercial partition").to_owned();
        for (region, domain) in [
            ("cn-north-1", "amazonaws.com.cn"),
            ("us-gov-west-1", "amazonaws.com"),
            ("us-iso-east-1", "c2s.ic.gov"),
            ("us-isob-east-1", "sc2s.sgov.gov"),
            ("eu-isoe-west-1", "cloud.adc-e.uk"),
            ("us-isof-south-1", "csp.hci.ic.gov"),
            ("eusc-de-east-1", "amazonaws.eu"),
        ] {
            assert_eq!(host(service, &Account::new(region)).await, format!("{name}.{region}.{domain}"));
        }
        assert!(name.starts_with(prefix), "{name}");
    }
}

#[tokio::test]
async fn endpoints_validated_under_fips_are_used_when_asked_for() {
    for service in PLAIN {
        let fips = |region| {
            Account::of(region, |config| {
                config.set_use_fips(Some(true));
            })
        };
        let name = host(service, &fips("us-east-1")).await;
        assert!(name.ends_with("-fips.us-east-1.amazonaws.com"), "{name}");
        // In GovCloud, some are validated under their ordinary names.
        let gov = host(service, &fips("us-gov-west-1")).await;
        let ordinary =
            matches!(service, Service::Config | Service::Ec2 | Service::GuardDuty | Service::Logs | Service::Sqs);
        assert_eq!(!gov.contains("-fips"), ordinary, "{gov}");
    }
}

#[tokio::test]
async fn endpoints_for_ipv6_are_used_when_asked_for() {
    let dual = |region, fips| {
        Account::of(region, move |config| {
            config.set_use_dual_stack(Some(true)).set_use_fips(Some(fips));
        })
    };
    for (service, region, fips, expected) in [
        (Service::Config, "us-east-1", false, "config.us-east-1.api.aws"),
        (Service::Config, "us-gov-west-1", true, "config-fips.us-gov-west-1.api.aws"),
        (Service::Ec2, "cn-north-1", false, "ec2.cn-north-1.api.amazonwebservices.com.cn"),
        (Service::SecretsManager, "us-east-1", false, "secretsmanager.us-east-1.amazonaws.com"),
        (Service::SecretsManager, "eusc-de-east-1", false, "secretsmanager.eusc-de-east-1.api.amazonwebservices.eu"),
        (Service::S3Control, "us-east-1", true, "123456789012.s3-control-fips.dualstack.us-east-1.amazonaws.com"),
    ] {
        assert_eq!(host(service, &dual(region, fips)).await, expected);
    }
}

#[derive(Debug)]
struct OfServices;

impl LoadServiceConfig for OfServices {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let named = key.service_id() == "Config Service" && key.env() == "AWS_ENDPOINT_URL";
        named.then(|| "http://of-config:4000/under".to_owned())
    }
}

#[tokio::test]
async fn an_endpoint_of_somebodys_own_is_asked_instead() {
    let own = || {
        Account::of("us-east-1", |config| {
            config.set_endpoint_url(Some("http://127.0.0.1:5000".to_owned())).set_service_config(Some(OfServices));
        })
    };
    assert_eq!(host(Service::S3Control, &own()).await, "127.0.0.1:5000");
    assert_eq!(host(Service::Logs, &own()).await, "127.0.0.1:5000");
    let account = own();
    assert_eq!(host(Service::Config, &account).await, "of-config:4000");
    assert_eq!(account.only().uri, "http://of-config:4000/under/");
    // What was given on the command line goes before what stands in the environment for one service.
    let account = Account::of("us-east-1", |config| {
        config.set_endpoint_url(Some("http://127.0.0.1:5000".to_owned())).set_service_config(Some(OfServices));
        config.insert_origin("endpoint_url", aws_types::origin::Origin::shared_config());
    });
    assert_eq!(host(Service::Config, &account).await, "127.0.0.1:5000");
    // The SDK's own clients refuse this as well.
    let account = Account::of("us-east-1", |config| {
        config.set_endpoint_url(Some("http://127.0.0.1:5000".to_owned())).set_use_fips(Some(true));
    });
    let reader = account.reader();
    let gap = some_call(&reader, Service::Logs, &account.region).ask::<Value>().await.expect_err("a gap");
    assert_eq!((gap.kind, account.sent().len()), (GapKind::Unexpected, 0));
}

async fn failing(service: Service, answer: Answer) -> Gap {
    let account = Account::new("us-east-1").answering(&[answer]);
    let reader = account.reader();
    some_call(&reader, service, &account.region).ask::<Value>().await.expect_err("a gap")
}

#[tokio::test]
async fn errors_of_every_protocol_are_understood() {
    let ec2 = "<?xml version=\"1.0\"?><Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>No &amp; no</Message></Error></Errors><RequestID>1</RequestID></Response>";
    let control = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>No</Message></Error><RequestId>1</RequestId></ErrorResponse>";
    let s3 = "<Error><Code>AccessDenied</Code><Message>No</Message></Error>";
    for (service, answer, kind, code, message) in [
        (
            Service::Config,
            Answer(400, vec![], r#"{"__type":"com.amazonaws.config#AccessDeniedException","Message":"No"}"#),
            GapKind::Denied,
            "AccessDeniedException",
            "No",
        ),
        (
            Service::Lambda,
            Answer(
                403,
                vec![("x-amzn-errortype", "AccessDeniedException:http://internal.amazon.com/coral/")],
                r#"{"Message":"No"}"#,
            ),
            GapKind::Denied,
            "AccessDeniedException",
            "No",
        ),
        (
            Service::GuardDuty,
            Answer(403, vec![], r#"{"code":"AccessDenied","message":"No"}"#),
            GapKind::Denied,
            "AccessDenied",
            "No",
        ),
        (
            Service::Sqs,
            Answer(
                400,
                vec![("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender")],
                r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"No"}"#,
            ),
            GapKind::Unexpected,
            "AWS.SimpleQueueService.NonExistentQueue",
            "No",
        ),
        (Service::Ec2, Answer(403, vec![], ec2), GapKind::Denied, "UnauthorizedOperation", "No & no"),
        (Service::S3Control, Answer(403, vec![], control), GapKind::Denied, "AccessDenied", "No"),
        (Service::S3Control, Answer(403, vec![], s3), GapKind::Denied, "AccessDenied", "No"),
        (Service::Ec2, Answer(404, vec![], "<html>"), GapKind::Malformed, "HTTP 404", "AWS gave no message"),
        (Service::Logs, Answer(404, vec![], ""), GapKind::Malformed, "HTTP 404", "AWS gave no message"),
    ] {
        let gap = failing(service, answer).await;
        assert_eq!((gap.kind, gap.code.as_deref(), gap.message.as_str()), (kind, Some(code), message), "{service}");
        assert_eq!(gap.operation.as_deref(), Some("account:ListRegions"));
    }
}

#[tokio::test]
async fn a_code_that_is_an_answer_is_one() {
    let none = Answer(404, vec![("x-amzn-errortype", "ResourceNotFoundException")], "{}");
    let account = Account::new("us-east-1").answering(&[none]);
    let reader = account.reader();
    let call = || some_call(&reader, Service::Lambda, &account.region);
    let answer = call().ask_or::<Names>(&["Other", "ResourceNotFoundException"]).await.expect("an answer");
    assert_eq!(answer, Err("ResourceNotFoundException"));
    assert_eq!(call().ask_or::<Names>(&["Other"]).await.expect_err("a gap").kind, GapKind::Unexpected);
}

#[tokio::test]
async fn what_is_not_the_answer_is_malformed_and_not_repeated() {
    for (service, body) in [
        (Service::Config, ""),
        (Service::Config, "<html>secret</html>"),
        (Service::Config, r#"{"Names":{"secret":1}}"#),
        (Service::Config, r#"{"Names":["secret""#),
        (Service::Config, r#"{"Names":"secret"}"#),
        (Service::Config, "{}"),
        (Service::Ec2, ""),
        (Service::Ec2, "<html>secret</html>"),
        (Service::Ec2, "<DescribeInstancesResponse><secret></DescribeInstancesResponse>"),
        (Service::Ec2, "<DescribeInstancesResponse><requestId>secret</requestId></DescribeInstancesResponse>"),
    ] {
        let account = Account::new("us-east-1").answering(&[Answer(200, vec![], body)]);
        let reader = account.reader();
        let call = some_call(&reader, service, &account.region);
        let gap = if service == Service::Ec2 {
            call.ask::<Instances>().await.expect_err(body)
        } else {
            call.ask::<Names>().await.expect_err(body)
        };
        assert_eq!((gap.kind, gap.region.as_ref()), (GapKind::Malformed, Some(&account.region)), "{body}");
        assert!(!gap.message.contains("secret"), "{}", gap.message);
    }
}

#[tokio::test]
async fn a_throttle_is_retried() {
    let slow = Answer(400, vec![], r#"{"__type":"ThrottlingException","message":"slow down"}"#);
    let account = Account::new("us-east-1").answering(&[slow, Answer(200, vec![], r#"{"Names":["a"]}"#)]);
    let reader = account.reader();
    let names: Names = some_call(&reader, Service::Logs, &account.region).ask().await.expect("an answer");
    assert_eq!((names.names.len(), account.sent().len()), (1, 2));
    let counts = account.clients.ledger().counts();
    assert_eq!((counts[0].calls, counts[0].requests, counts[0].throttled), (1, 2, 1));
    // One that goes on is a gap, after the attempts that were configured.
    let limit = "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>";
    let account = Account::new("us-west-1").answering(&[Answer(503, vec![], limit)]);
    let reader = account.reader();
    let gap = some_call(&reader, Service::Ec2, &account.region).ask::<Value>().await.expect_err("a gap");
    assert_eq!((gap.kind, account.sent().len()), (GapKind::Throttled, 3));
}

#[tokio::test]
async fn what_is_not_on_the_list_is_refused_before_it_is_built() {
    let account = Account::new("us-east-1").answering(&[Answer(200, vec![], "{}")]);
    let reader = account.reader();
    let gaps = [
        reader.plain(Service::Ec2, &account.region).query("TerminateInstances", &[]).ask::<Value>().await,
        reader.plain(Service::Lambda, &account.region).get("Invoke", "/", &[]).ask::<Value>().await,
        reader.plain(Service::SecretsManager, &account.region).json("GetSecretValue", &json!({})).ask::<Value>().await,
    ];
    for gap in gaps {
        assert_eq!(gap.expect_err("refused").kind, GapKind::Refused);
    }
    assert_eq!((account.sent().len(), account.clients.ledger().counts().len()), (0, 0));
}

#[tokio::test]
async fn services_that_have_a_crate_are_not_asked_this_way() {
    let account = Account::new("us-east-1");
    let reader = account.reader();
    for service in Service::ALL.into_iter().filter(|service| !PLAIN.contains(service)) {
        let gap = reader.plain(service, &account.region).json("ListUsers", &json!({})).ask::<Value>().await;
        assert_eq!(gap.expect_err("a gap").kind, GapKind::Unexpected);
    }
    let gap = reader.plain(Service::Ec2, &account.region).json("DescribeInstances", &json!({})).ask::<Value>().await;
    assert!(gap.expect_err("a gap").message.contains("protocol"));
    assert_eq!(account.sent().len(), 0);
}

/// Findings of two accounts would do as well: what is in them is nobody's business here.
fn two_findings() -> [Value; 2] {
    [json!({"Id": "probity/1"}), json!({"Id": "probity/2"})]
}

#[tokio::test]
async fn the_fence_stops_findings_in_a_session_that_reads() {
    let account =
        Account::new("eu-central-1").answering(&[Answer(200, vec![], r#"{"FailedCount":0,"SuccessCount":2}"#)]);
    let gap = import(&account.reader(), &account.region, &two_findings()).await.expect_err("it may not write");
    assert_eq!(gap.kind, GapKind::Refused);
    assert_eq!(gap.operation.as_deref(), Some("securityhub:BatchImportFindings"));
    assert!(account.sent().is_empty(), "nothing leaves the process");
}

#[tokio::test]
async fn findings_are_sent_in_a_session_that_was_opened_for_it() {
    let answer = r#"{"FailedCount":1,"SuccessCount":1,"FailedFindings":[
        {"Id":"probity/2","ErrorCode":"InvalidInput","ErrorMessage":"Invalid parameter"}]}"#;
    let account = Account::new("eu-central-1").answering(&[Answer(200, vec![], answer)]);
    let account = Account { clients: account.clients.sending_to(Some(Destination::SecurityHub)), ..account };
    let imported = import(&account.reader(), &account.region, &two_findings()).await.expect("an answer");
    assert_eq!((imported.taken, imported.refused[0].error_code.as_str()), (1, "InvalidInput"));
    let sent = account.only();
    let uri = "https://securityhub.eu-central-1.amazonaws.com/findings/import";
    assert_eq!((sent.method.as_str(), sent.uri.as_str()), ("POST", uri));
    assert_eq!(sent.body, r#"{"Findings":[{"Id":"probity/1"},{"Id":"probity/2"}]}"#);
    assert!(sent.headers["authorization"].contains("/eu-central-1/securityhub/aws4_request"));
}

/// A session for sending may write nothing else, and an answer that counts wrongly is no answer.
#[tokio::test]
async fn nothing_but_that_one_call_is_admitted() {
    let account =
        Account::new("eu-central-1").answering(&[Answer(200, vec![], r#"{"FailedCount":0,"SuccessCount":7}"#)]);
    let account = Account { clients: account.clients.sending_to(Some(Destination::SecurityHub)), ..account };
    let reader = account.reader();
    for name in ["BatchUpdateFindings", "DisableSecurityHub", "BatchImportFinding"] {
        let call = reader.plain(Service::SecurityHub, &account.region).post(name, "/findings/import", &json!({}));
        assert_eq!(call.ask::<Value>().await.expect_err("not on the list").kind, GapKind::Refused, "{name}");
    }
    assert!(account.sent().is_empty());
    let gap = import(&reader, &account.region, &two_findings()).await.expect_err("seven of two");
    assert_eq!(gap.kind, GapKind::Malformed);
}
