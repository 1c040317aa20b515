//! How long it takes to judge a large account with every check, and how much memory that takes.
//!
//! ```sh
//! cargo bench -p probity-checks
//! ```

#![allow(clippy::expect_used, missing_docs)]

use std::sync::OnceLock;

use probity_checks::{CHECKS, Entry, Settings, assemble};
use probity_model::builder::Account;
use probity_model::run::Selection;
use probity_model::{Evidence, Finding, Parameters, Run, Snapshot};

#[global_allocator]
static MEMORY: divan::AllocProfiler = divan::AllocProfiler::system();

const DOCUMENT: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]},
    {"Effect": "Allow", "Action": ["logs:*", "sqs:SendMessage"], "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}
]}"#;

fn main() {
    divan::main();
}

/// An account of so many users and as many roles, each with an inline policy, a tenth with keys. All users are in a group
/// with a policy that was read, as AWS gives every policy that is attached.
fn account(size: usize) -> Snapshot {
    let staff = "arn:aws:iam::123456789012:policy/staff";
    let account = Account::new().policy("staff", DOCUMENT, |policy| policy);
    let mut account = account.group("staff", |group| group.attached(staff));
    for number in 0..size {
        let age = i64::try_from(number % 700).expect("a small number");
        account = account.user(&format!("user-{number}"), |user| {
            let user = user.group("staff").inline("own", DOCUMENT).created_days_ago(age + 10);
            match number % 10 {
                0 => user.key(1, |key| key.created_days_ago(age).used_days_ago(age / 2)),
                1..=4 => user.console_password().password_used_days_ago(age).mfa(),
                _ => user,
            }
        });
        account = account.role(&format!("role-{number}"), |role| role.inline("own", DOCUMENT).used_days_ago(age));
        if number % 10 == 0 {
            account = account.policy(&format!("policy-{number}"), DOCUMENT, |policy| policy);
        }
    }
    account.build()
}

fn judge(entry: &Entry, evidence: &Evidence<'_>, parameters: &Parameters) -> Vec<Finding> {
    entry.judge(evidence, parameters)
}

fn run(snapshot: &Snapshot) -> Run {
    let checks: Vec<&Entry> = CHECKS.iter().collect();
    let snapshots = core::slice::from_ref(snapshot);
    assemble(snapshots, &checks, &Settings::default(), Selection::default(), &judge).expect("a run")
}

#[divan::bench(args = [500, 5_000], sample_count = 10)]
fn every_check(bencher: divan::Bencher<'_, '_>, size: usize) {
    let snapshot = account(size);
    bencher.bench_local(|| run(&snapshot));
}

/// What each check takes of that, beside what several of them work out together.
#[divan::bench(args = CHECKS.iter().map(|entry| entry.meta.id), sample_count = 1)]
fn one_check(bencher: divan::Bencher<'_, '_>, id: &str) {
    static ACCOUNT: OnceLock<Snapshot> = OnceLock::new();
    let evidence = Evidence::new(ACCOUNT.get_or_init(|| account(5_000)));
    let entry = CHECKS.iter().find(|entry| entry.meta.id == id).expect("a check");
    let settings = Settings::default();
    let parameters = settings.parameters(entry);
    // What it shares with others is worked out before.
    divan::black_box(entry.judge(&evidence, &parameters));
    bencher.bench_local(|| entry.judge(&evidence, &parameters));
}

#[divan::bench(args = [5_000], sample_count = 10)]
fn read_the_snapshot(bencher: divan::Bencher<'_, '_>, size: usize) {
    let mut bytes = Vec::new();
    account(size).to_json(&mut bytes).expect("memory");
    bencher.bench_local(|| Snapshot::from_json(&bytes).expect("a snapshot"));
}
