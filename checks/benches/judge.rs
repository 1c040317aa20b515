//! How long it takes to judge a large account with every check.
//!
//! ```sh
//! cargo bench -p probity-checks
//! ```

#![allow(clippy::expect_used, missing_docs)]

use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use probity_checks::run::{Ask, in_turn};
use probity_checks::{CHECKS, Entry, Settings, assemble};
use probity_model::builder::Account;
use probity_model::run::Selection;
use probity_model::{Evidence, Finding, Run, Snapshot};

/// That of the program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A policy for work with one bucket: no two are alike.
fn document(bucket: usize) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [
    {{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b{bucket}", "arn:aws:s3:::b{bucket}/*"]}},
    {{"Effect": "Allow", "Action": ["logs:*", "sqs:SendMessage"], "Resource": "*", "Condition": {{"StringEquals": {{"aws:RequestedRegion": "eu-central-1"}}}}}}
]}}"#
    )
}

/// Whom a role trusts: services for the most part, sometimes whoever the account sends, or a partner.
fn trust(number: usize) -> String {
    let principal = match number % 10 {
        0 => r#""AWS": "arn:aws:iam::123456789012:root""#,
        1 => r#""AWS": "arn:aws:iam::210987654321:root""#,
        2 | 3 => r#""Service": "ec2.amazonaws.com""#,
        _ => r#""Service": "lambda.amazonaws.com""#,
    };
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Sid": "t{number}", "Effect": "Allow", "Principal": {{{principal}}}, "Action": "sts:AssumeRole"}}}}"#
    )
}

fn main() {
    divan::main();
}

/// An account of so many users and as many roles, each with an inline policy of its own, a tenth of the users with keys.
/// Everybody has one of a hundred managed policies, users through one of a hundred groups, as AWS gives every policy that
/// is attached; a few roles may do everything.
fn account(size: usize) -> Snapshot {
    const EVERYTHING: &str =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let shared = |number: usize| format!("arn:aws:iam::123456789012:policy/shared-{}", number % 100);
    let mut account = Account::new().aws_policy("AdministratorAccess", EVERYTHING);
    for number in 0..100 {
        account = account.policy(&format!("shared-{number}"), &document(number), |policy| policy);
        account = account.group(&format!("group-{number}"), |group| group.attached(&shared(number)));
    }
    for number in 0..size {
        let age = i64::try_from(number % 700).expect("a small number");
        let own = document(1_000 + number);
        account = account.user(&format!("user-{number}"), |user| {
            let user = user.group(&format!("group-{}", number % 100)).inline("own", &own).created_days_ago(age + 10);
            match number % 10 {
                0 => user.key(1, |key| key.created_days_ago(age).used_days_ago(age / 2)),
                1..=4 => user.console_password().password_used_days_ago(age).mfa(),
                _ => user,
            }
        });
        account = account.role(&format!("role-{number}"), |role| {
            let attached = if number % 500 == 0 { "AdministratorAccess".to_owned() } else { shared(number) };
            role.inline("own", &own).attached(&attached).trust(&trust(number)).used_days_ago(age)
        });
        if number % 10 == 0 {
            account = account.policy(&format!("policy-{number}"), &own, |policy| policy);
        }
    }
    account.build()
}

/// As the program does: as many checks at once as there are cores.
fn at_once(checks: &[&Entry], evidence: &Evidence<'_>, settings: &Settings) -> Vec<Vec<Finding>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(entry) = checks.get(number) else { return found };
            found.push((number, entry.judge(evidence, &settings.parameters(entry))));
        }
    };
    let mut found: Vec<(usize, Vec<Finding>)> = thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect()
    });
    found.sort_unstable_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, findings)| findings).collect()
}

fn run(snapshot: &Snapshot, ask: Ask<'_>) -> Run {
    let checks: Vec<&Entry> = CHECKS.iter().collect();
    let snapshots = core::slice::from_ref(snapshot);
    assemble(snapshots, &checks, &Settings::default(), Selection::default(), ask).expect("a run")
}

/// A copy, because what was worked out from documents is kept with them.
#[divan::bench(args = [500, 5_000], sample_count = 10)]
fn every_check(bencher: divan::Bencher<'_, '_>, size: usize) {
    let snapshot = account(size);
    bencher.with_inputs(|| snapshot.clone()).bench_local_values(|snapshot| run(&snapshot, &at_once));
}

#[divan::bench(args = [500, 5_000], sample_count = 10)]
fn every_check_on_one_core(bencher: divan::Bencher<'_, '_>, size: usize) {
    let snapshot = account(size);
    bencher.with_inputs(|| snapshot.clone()).bench_local_values(|snapshot| run(&snapshot, &in_turn));
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
