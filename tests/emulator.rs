//! The emulated AWS itself, asked without an SDK: what the other end-to-end tests take for granted.

mod support;

use std::process::Stdio;

use serde_json::json;
use support::{AwsRequest, Emulator, Fault, Ministack, Probity, python};

/// The text of the first element of that name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let start = xml.find(&format!("<{name}>"))? + name.len() + 2;
    let end = xml[start..].find(&format!("</{name}>"))? + start;
    Some(&xml[start..end])
}

fn count(xml: &str, name: &str) -> usize {
    xml.matches(&format!("<{name}>")).count()
}

#[test]
fn the_python_tests_of_the_emulator_pass() {
    let output = python("unittest")
        .args(["discover", "--start-directory", "emulator/tests", "--top-level-directory", "."])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_caller_of_the_scenario_is_who_signs() {
    let aws = Emulator::start("small-company");
    let answer = aws.ask(&AwsRequest::query("sts", "GetCallerIdentity"));
    assert_eq!(answer.status, 200);
    assert_eq!(element(&answer.text(), "Arn"), Some("arn:aws:sts::111122223333:assumed-role/probity-audit/audit"));
    let calls = aws.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].name(), "sts:GetCallerIdentity");
    assert_eq!(calls[0].region, "us-east-1");
    assert_eq!(calls[0].account.as_deref(), Some("111122223333"));
    aws.forget();
    assert_eq!(aws.calls(), []);
}

#[test]
fn an_unknown_access_key_is_refused_as_aws_refuses_it() {
    let aws = Emulator::start("empty");
    let answer = aws.ask(&AwsRequest::query("sts", "GetCallerIdentity").access_key("AKIANOBODYKNOWSTHIS1"));
    assert_eq!(answer.status, 403);
    assert_eq!(element(&answer.text(), "Code"), Some("InvalidClientTokenId"));
}

#[test]
fn pages_hold_what_was_asked_for_and_add_up() {
    let aws = Emulator::start("small-company");
    let whole = aws.ask(&AwsRequest::query("iam", "GetAccountAuthorizationDetails")).text();
    let total = count(&whole, "UserName");
    assert_eq!(total, 14);
    let (mut users, mut pages, mut marker) = (0, 0, None::<String>);
    loop {
        let mut request = AwsRequest::query("iam", "GetAccountAuthorizationDetails").field("MaxItems", "4");
        if let Some(marker) = &marker {
            request = request.field("Marker", marker);
        }
        let page = aws.ask(&request).text();
        users += count(&page, "UserName");
        pages += 1;
        marker = element(&page, "Marker").map(str::to_owned);
        assert_eq!(marker.is_some(), element(&page, "IsTruncated") == Some("true"));
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(users, total);
    assert!(pages > 5, "{pages} pages");
}

#[test]
fn json_and_rest_services_answer_in_their_own_protocols() {
    let aws = Emulator::start("small-company");
    let organization =
        aws.ask(&AwsRequest::json("organizations", "AWSOrganizationsV20161128.DescribeOrganization", json!({}))).json();
    assert_eq!(organization["Organization"]["MasterAccountId"], "111122223333");
    let regions = aws.ask(&AwsRequest::rest("account", "/listRegions", json!({"MaxResults": 50}))).json();
    assert!(regions["Regions"].as_array().unwrap().iter().any(|region| region["RegionName"] == "eu-west-1"));
    // The SDK for Rust and botocore put different words before the dot.
    for target in
        ["CloudTrail_20131101.DescribeTrails", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails"]
    {
        let trails = aws.ask(&AwsRequest::json("cloudtrail", target, json!({})).region("us-west-2")).json();
        assert_eq!(trails["trailList"][0]["HomeRegion"], "eu-west-1");
    }
    let instances =
        aws.ask(&AwsRequest::json("sso", "SWBExternalService.ListInstances", json!({})).region("eu-west-1"));
    assert_eq!(instances.json()["Instances"].as_array().unwrap().len(), 1);
}

#[test]
fn the_same_scenario_gives_the_same_bytes() {
    let ask = || {
        let aws = Emulator::of("small-company").now("scenario").start();
        let answers = [
            aws.ask(&AwsRequest::query("iam", "GetAccountAuthorizationDetails")),
            aws.ask(&AwsRequest::query("iam", "ListVirtualMFADevices")),
            aws.ask(&AwsRequest::query("iam", "GetAccountSummary")),
            aws.ask(&AwsRequest::json("organizations", "AWSOrganizationsV20161128.ListAccounts", json!({}))),
        ];
        answers.map(|answer| answer.text())
    };
    assert_eq!(ask(), ask());
}

#[test]
fn a_patch_changes_the_scenario() {
    let aws = Emulator::of("empty")
        .patch(json!({"accounts": {"111122223333": {"alias": "patched", "root": {"access_keys": [{"created": "3 days ago"}]}}}}))
        .start();
    let aliases = aws.ask(&AwsRequest::query("iam", "ListAccountAliases")).text();
    assert!(aliases.contains("<member>patched</member>"), "{aliases}");
    let summary = aws.ask(&AwsRequest::query("iam", "GetAccountSummary")).text();
    assert!(summary.contains("<key>AccountAccessKeysPresent</key><value>1</value>"), "{summary}");
}

#[test]
fn faults_strike_the_calls_they_name_and_no_others() {
    let aws = Emulator::start("empty");
    let identity = AwsRequest::query("sts", "GetCallerIdentity");
    let summary = AwsRequest::query("iam", "GetAccountSummary");
    aws.faults([Fault::throttle("iam:GetAccount*").times(2)]);
    for _ in 0..2 {
        let answer = aws.ask(&summary);
        assert_eq!((answer.status, element(&answer.text(), "Code")), (400, Some("Throttling")));
    }
    assert_eq!(aws.ask(&summary).status, 200);
    aws.faults([Fault::deny("iam:GetAccountSummary")]);
    let denied = aws.ask(&summary);
    assert_eq!((denied.status, element(&denied.text(), "Code")), (403, Some("AccessDenied")));
    assert!(denied.text().contains("is not authorized to perform: iam:GetAccountSummary"), "{}", denied.text());
    assert_eq!(aws.ask(&identity).status, 200);
    aws.faults([Fault::expired("*").after(1)]);
    assert_eq!(aws.ask(&identity).status, 200);
    assert_eq!(element(&aws.ask(&identity).text(), "Code"), Some("ExpiredToken"));
    aws.faults([Fault::truncate("iam:*")]);
    assert!(!aws.ask(&summary).is_complete());
    aws.faults([Fault::garbage("iam:*")]);
    assert_eq!(aws.ask(&summary).text(), "<html><body><h1>Proxy Error</h1></body></html>");
    aws.faults([Fault::drop_connection("iam:*")]);
    assert!(summary.send(aws.endpoint()).is_err());
    aws.faults([]);
    assert!(aws.ask(&summary).is_complete());
    let struck = aws.calls().iter().filter(|call| !call.faults.is_empty()).count();
    assert_eq!(struck, 7);
}

#[test]
fn a_repeated_marker_never_ends() {
    let aws = Emulator::of("small-company").faults([Fault::repeat_marker("iam:ListUsers")]).start();
    let first = aws.ask(&AwsRequest::query("iam", "ListUsers").field("MaxItems", "2")).text();
    let marker = element(&first, "Marker").unwrap();
    let second = aws.ask(&AwsRequest::query("iam", "ListUsers").field("MaxItems", "2").field("Marker", marker)).text();
    assert_eq!(element(&second, "Marker"), Some(marker));
    assert_eq!(element(&second, "IsTruncated"), Some("true"));
}

#[test]
fn a_recording_keeps_calls_as_they_went_over_the_wire() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.jsonl");
    let aws = Emulator::of("empty").record(&file).start();
    let answer = aws.ask(&AwsRequest::query("iam", "GetAccountSummary"));
    drop(aws);
    let recorded = std::fs::read_to_string(&file).unwrap();
    let call: serde_json::Value = serde_json::from_str(recorded.lines().next().unwrap()).unwrap();
    assert_eq!(call["operation"], "GetAccountSummary");
    assert_eq!(call["request"]["body"], "Action=GetAccountSummary&Version=2010-05-08");
    assert_eq!(call["response"]["body"], answer.text());
    assert!(!recorded.contains(support::ACCESS_KEY) && !recorded.contains(support::SESSION_TOKEN));
}

#[test]
fn ministack_looks_at_the_signatures_of_its_users() {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetAccountSummary", "Resource": "*"}]});
    let ministack = Ministack::start(&policy);
    assert_eq!(ministack.account(), "111122223333");
    let (access_key, _) = ministack.credentials();
    let summary = AwsRequest::query("iam", "GetAccountSummary");
    let unsigned = summary.access_key(access_key).send(ministack.endpoint()).unwrap();
    assert_eq!(element(&unsigned.text(), "Code"), Some("IncompleteSignature"), "{}", unsigned.text());
    // The root user's key is the account id, and its signature is not looked at.
    let users = AwsRequest::query("iam", "ListUsers").access_key(ministack.account());
    let users = users.send(ministack.endpoint()).unwrap().text();
    assert!(users.contains("<UserName>auditor</UserName>"), "{users}");
}

#[test]
fn probity_runs_with_nothing_of_this_machine() {
    let run = Probity::alone().arg("--version").run();
    assert_eq!(run.code, 0, "{run:#?}");
}
