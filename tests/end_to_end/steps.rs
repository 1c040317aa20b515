//! One audit in steps over a bucket: begun, then each account by itself as on many machines, then judged as a whole.

use std::thread;

use serde_json::{Value, json};

use crate::organization::{account, audit, essence, json_of, organization};
use crate::support::{Bucket, Emulator, Probity, Run};

const STATE: &str = "s3://audit-state/runs/one";
const PREFIX: &str = "/audit-state/runs/one/";

/// A step of the audit.
fn step(aws: &Emulator, bucket: &Bucket) -> Probity {
    audit(aws).env("AWS_ENDPOINT_URL_S3", bucket.endpoint())
}

fn begun(aws: &Emulator, bucket: &Bucket) {
    let run = step(aws, bucket).args(["--plan-only", "--state", STATE]).run();
    assert!(run.code == 0 && run.stdout.is_empty(), "{run:#?}");
}

fn part(aws: &Emulator, bucket: &Bucket, accounts: &[String]) -> Run {
    step(aws, bucket).args(["--resume", STATE, "--part", &accounts.join(",")]).run()
}

fn finished(aws: &Emulator, bucket: &Bucket) -> Value {
    json_of(&step(aws, bucket).args(["--resume", STATE, "-f", "json"]).run())
}

fn names(bucket: &Bucket) -> Vec<String> {
    let objects = bucket.objects().into_keys();
    objects.map(|path| path.strip_prefix(PREFIX).unwrap_or_else(|| panic!("{path}")).to_owned()).collect()
}

fn entered(aws: &Emulator) -> usize {
    aws.calls().iter().filter(|call| call.name() == "iam:GetAccountSummary").count()
}

#[test]
fn an_audit_in_steps_ends_with_the_same_report() {
    let aws = organization(6);
    let undisturbed = essence(json_of(&audit(&aws).args(["-f", "json"]).run()));
    aws.forget();
    let bucket = Bucket::start();
    begun(&aws, &bucket);
    assert_eq!(names(&bucket), ["accounts.json", "organization/snapshot.json.zst", "state.json"]);
    assert_eq!(entered(&aws), 0);
    let listed: Vec<String> = serde_json::from_slice(&bucket.objects()[&format!("{PREFIX}accounts.json")]).unwrap();
    assert_eq!(listed, (0..6).map(account).collect::<Vec<_>>());

    // Three machines at once, one of them with a batch; the last account is left out at first.
    let batches = [vec![account(0)], vec![account(1), account(2), account(3)], vec![account(4)]];
    thread::scope(|scope| {
        for batch in &batches {
            scope.spawn(|| {
                let run = part(&aws, &bucket, batch);
                assert!(run.code == 0 && run.stdout.is_empty(), "{run:#?}");
            });
        }
    });
    let done = |names: &[String]| names.iter().filter(|name| name.ends_with("/record.json")).count();
    assert_eq!(done(&names(&bucket)), 5, "{:?}", names(&bucket));
    assert_eq!(entered(&aws), 5);
    // A batch that is tried again reads only what is missing.
    assert_eq!(part(&aws, &bucket, &[account(4), account(5)]).code, 0);
    assert_eq!(entered(&aws), 6);

    aws.forget();
    assert_eq!(essence(finished(&aws, &bucket)), undisturbed);
    assert_eq!(entered(&aws), 0, "what is done is not read again");
    assert_eq!(done(&names(&bucket)), 7, "{:?}", names(&bucket));
    // The layout is that of a folder, and the record of an account comes last.
    let put = bucket.asked().into_iter().filter(|(method, path, _)| method == "PUT" && path.contains(&account(4)));
    let order: Vec<String> = put.map(|(_, path, _)| path.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(order, ["snapshot.json.zst", "findings.jsonl.zst", "record.json"]);
    assert!(bucket.asked().iter().all(|(method, _, signed)| *signed && (method == "PUT" || method == "GET")));
}

/// What a report says, but for the ids of requests that AWS refused.
fn told(report: Value) -> String {
    let text = essence(report).to_string();
    let mut pieces = text.split("aws_request_id: ");
    let first = pieces.next().unwrap().to_owned();
    // An id in quotation marks that are escaped.
    first + &pieces.map(|piece| piece.get(40..).unwrap()).collect::<String>()
}

#[test]
fn what_no_step_did_is_done_at_the_end() {
    let missing = account(1);
    let patch = json!({"accounts": {&missing: {"roles": {"probity-audit": null}}}});
    let aws = Emulator::of("fleet-4").now("scenario").patch(patch).start();
    let undisturbed = told(json_of(&audit(&aws).args(["-f", "json"]).run()));
    let bucket = Bucket::start();
    begun(&aws, &bucket);
    // An account that cannot be entered is named in its record, and the step has done what it could.
    assert_eq!(part(&aws, &bucket, std::slice::from_ref(&missing)).code, 0);
    let strict = step(&aws, &bucket).args(["--resume", STATE, "--part", &missing, "--require-complete"]).run();
    assert_eq!(strict.code, 3, "{}", strict.stderr);
    assert_eq!(part(&aws, &bucket, &[account(2), account(3)]).code, 0);
    // Two runs wrote an account, and of one the findings stayed and of the other the record.
    let of = |number| format!("{PREFIX}accounts/{}/findings.jsonl.zst", account(number));
    bucket.put(&of(3), bucket.objects()[&of(2)].clone());
    aws.forget();
    assert!(told(finished(&aws, &bucket)) == undisturbed, "the reports differ");
    // The management account, which no step was given, and the one whose files did not fit together.
    assert_eq!(entered(&aws), 2);
    aws.forget();
    assert!(told(finished(&aws, &bucket)) == undisturbed, "the reports differ");
    assert_eq!(entered(&aws), 0);
}

#[test]
fn a_run_keeps_its_state_in_a_bucket_and_goes_on_from_there() {
    let aws = organization(4);
    let bucket = Bucket::start();
    let whole = essence(json_of(&step(&aws, &bucket).args(["--state", STATE, "-f", "json"]).run()));
    aws.forget();
    assert_eq!(essence(finished(&aws, &bucket)), whole);
    assert_eq!(entered(&aws), 0);
    let refused = |arguments: &[&str], said: &str| {
        let run = step(&aws, &bucket).args(arguments).run();
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    };
    refused(&["--state", STATE], "s3://audit-state/runs/one: the folder is not empty");
    refused(&["--plan-only", "--state", STATE], "not empty");
    refused(&["--resume", "s3://audit-state/runs/two"], "s3://audit-state/runs/two: this is not the state of a run");
    refused(&["--resume", STATE, "--only", "family:root"], "begun with other options");
    refused(&["--resume", STATE, "--part", "999999999999"], "--part 999999999999: the state s3://audit-state/runs/one");
    refused(&["--plan-only"], "--state");
    refused(&["--part", "999999999999"], "--resume");
    refused(&["--plan-only", "--state", "s3://audit-state/runs/two", "-o", "run.json"], "--plan-only");
    refused(&["--state", "s3://x/runs"], "no address of S3");
}
