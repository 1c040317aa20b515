//! How long the policy language takes: to read, to match, to decide, to lint.
//!
//! ```sh
//! cargo bench -p probity-policy
//! ```

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark may stop at what cannot be")]

use divan::{Bencher, black_box};
use probity_policy::{Caller, Context, Document, DocumentKind, Pattern, Policies, Policy, Request, Target, lint};

fn main() {
    divan::main();
}

/// As many as AWS has managed policies, roughly.
const MANAGED_POLICIES: usize = 1_500;

const SERVICES: &[(&str, &[&str])] = &[
    ("s3", &["GetObject", "PutObject", "ListBucket", "DeleteObject", "GetBucketLocation", "GetBucket*"]),
    ("ec2", &["DescribeInstances", "RunInstances", "CreateTags", "StartInstances", "StopInstances", "Describe*"]),
    ("iam", &["PassRole", "GetRole", "ListRoles", "CreateServiceLinkedRole", "GetPolicy", "List*"]),
    ("lambda", &["InvokeFunction", "GetFunction", "CreateFunction", "UpdateFunctionCode", "ListFunctions", "Get*"]),
    ("logs", &["CreateLogGroup", "CreateLogStream", "PutLogEvents", "DescribeLogStreams", "GetLogEvents", "Describe*"]),
    ("kms", &["Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey", "ListAliases", "ReEncrypt*"]),
    ("dynamodb", &["GetItem", "PutItem", "Query", "Scan", "UpdateItem", "Batch*"]),
    ("sns", &["Publish", "Subscribe", "ListTopics", "CreateTopic", "GetTopicAttributes", "List*"]),
];

/// A document of the size of a managed policy: six statements with six actions each, some with conditions; about 3 kB.
/// Another number makes another document.
fn document(number: usize) -> String {
    let statements: Vec<String> = (0..6)
        .map(|place| {
            let (service, names) = SERVICES[(number + place) % SERVICES.len()];
            let actions: Vec<String> = names.iter().map(|name| format!("\"{service}:{name}\"")).collect();
            let condition = match place % 3 {
                0 => String::new(),
                1 => format!(r#", "Condition": {{"StringEquals": {{"aws:ResourceTag/team": "team-{number}"}}}}"#),
                _ => r#", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/${aws:PrincipalTag/team}-*"}, "Bool": {"aws:SecureTransport": "true"}}"#.into(),
            };
            format!(
                r#"{{"Sid": "Statement{place}", "Effect": "Allow", "Action": [{}], "Resource": ["arn:aws:{service}:*:*:*", "arn:aws:{service}:::item-{number}/*"]{condition}}}"#,
                actions.join(", ")
            )
        })
        .collect();
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let text = document(0);
    bencher.counter(divan::counter::BytesCount::of_str(&text)).bench(|| Document::parse(black_box(&text)));
}

#[divan::bench]
fn prepare(bencher: Bencher<'_, '_>) {
    let document = Document::parse(&document(0)).expect("a policy");
    bencher.bench(|| Policy::new("policy", black_box(&document)));
}

#[divan::bench]
fn match_action() -> bool {
    black_box(Pattern::new("s3:Get*Object*")).matches_action(black_box("s3:GetObjectVersion"))
}

#[divan::bench]
fn match_arn(bencher: Bencher<'_, '_>) {
    let pattern = Pattern::new("arn:aws:s3:::bucket/*/reports/*.json");
    bencher.bench(|| black_box(&pattern).matches_arn(black_box("arn:aws:s3:::bucket/2026/11/reports/today.json")));
}

/// The pattern fails at its last character, at every place of the text: the product of both lengths, the worst there is.
#[divan::bench(args = [10, 100, 1_000], sample_count = 20)]
fn match_hostile(bencher: Bencher<'_, '_>, length: usize) {
    let (pattern, text) = (Pattern::new(format!("*{}b", "a".repeat(length))), "a".repeat(10_000));
    bencher.bench(|| black_box(&pattern).matches(black_box(&text)));
}

/// Many runs, of which a careless matcher would try every combination.
#[divan::bench]
fn match_many_runs(bencher: Bencher<'_, '_>) {
    let (pattern, text) = (Pattern::new(format!("{}b", "*a".repeat(1_000))), "a".repeat(10_000));
    bencher.bench(|| black_box(&pattern).matches(black_box(&text)));
}

/// One question, put to so many policies of the caller, with a boundary and two levels of the organization.
#[divan::bench(args = [1, 10, 100])]
fn evaluate(bencher: Bencher<'_, '_>, count: usize) {
    let all = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let all = Policy::parse("all", all).expect("a policy");
    let own: Vec<Policy> =
        (0..count).map(|number| Policy::parse("own", &document(number)).expect("a policy")).collect();
    let policies = Policies {
        identity: own.iter().collect(),
        boundary: Some(&all),
        service_control: vec![vec![&all], vec![&all]],
        ..Policies::default()
    };
    let caller = Caller::parse("arn:aws:iam::111122223333:user/anna").expect("a user");
    let context = Context::partial();
    bencher.bench(|| {
        policies.evaluate(&Request {
            caller: &caller,
            action: black_box("s3:GetObject"),
            resource: Target::One(black_box("arn:aws:s3:::item-0/key")),
            resource_account: Some("111122223333"),
            context: &context,
        })
    });
}

#[divan::bench(sample_count = 5)]
fn lint_as_many_as_aws_has_managed(bencher: Bencher<'_, '_>) {
    let documents: Vec<String> = (0..MANAGED_POLICIES).map(document).collect();
    bencher.counter(documents.len()).bench_local(|| {
        documents.iter().map(|text| lint(black_box(text), DocumentKind::Identity).len()).sum::<usize>()
    });
}
