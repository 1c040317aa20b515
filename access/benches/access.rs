//! How long it takes to know who can do what in a large account, and which ways lead to an administrator.
//!
//! ```sh
//! cargo bench -p probity-access
//! ```

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark may stop at what cannot be")]

use divan::{Bencher, black_box};
use probity_access::{Access, Goal};
use probity_model::Snapshot;
use probity_model::builder::{ACCOUNT, Account};
use probity_policy::Target;

fn main() {
    divan::main();
}

fn statement(actions: &str, resource: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": [{actions}], "Resource": "{resource}"}}}}"#
    )
}

fn trust(who: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {who}, "Action": "sts:AssumeRole"}}}}"#
    )
}

/// An account of so many users and as many roles. Each has policies of its own; a tenth of the roles are
/// administrators, and some of the users may pass roles to services or make keys for others.
fn account(size: usize) -> Snapshot {
    let everything = statement(r#""*""#, "*");
    let root = trust(&format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#));
    let service = trust(r#"{"Service": "lambda.amazonaws.com"}"#);
    let deploy = statement(r#""iam:PassRole", "lambda:*", "ec2:*", "cloudformation:*""#, "*");
    let keys = statement(r#""iam:CreateAccessKey""#, "*");
    let account = (0..size).fold(Account::new(), |account, number| {
        let own = statement(r#""s3:*", "dynamodb:*", "logs:*""#, &format!("arn:aws:s3:::bucket-{number}/*"));
        account.role(&format!("role-{number}"), |role| match number % 10 {
            0 => role.trust(&root).inline("all", &everything),
            1..5 => role.trust(&service).inline("own", &own),
            _ => role.trust(&root).inline("own", &own),
        })
    });
    let account = (0..size).fold(account, |account, number| {
        let own = statement(r#""s3:Get*", "s3:List*""#, &format!("arn:aws:s3:::bucket-{number}/*"));
        let assume = statement(r#""sts:AssumeRole""#, &format!("arn:aws:iam::{ACCOUNT}:role/role-{}", number + 1));
        account.user(&format!("user-{number}"), |user| match number % 20 {
            0 => user.inline("deploy", &deploy),
            1 => user.inline("keys", &keys),
            _ => user.inline("own", &own).inline("assume", &assume),
        })
    });
    account.build()
}

fn access(snapshot: &Snapshot) -> Access {
    Access::of(snapshot).expect("the authorization details were read")
}

/// Users, and as many roles.
#[divan::bench(args = [500, 5_000], sample_count = 10)]
fn index(bencher: Bencher<'_, '_>, size: usize) {
    let snapshot = account(size);
    bencher.bench_local(|| access(black_box(&snapshot)));
}

/// Over a thousand principals.
#[divan::bench(args = ["s3:GetObject", "s3:PutObject"], sample_count = 20)]
fn who_can(bencher: Bencher<'_, '_>, action: &str) {
    let snapshot = account(500);
    let access = access(&snapshot);
    bencher
        .bench_local(|| access.who_can(black_box(action), Target::One(black_box("arn:aws:s3:::bucket-7/key"))).len());
}

/// Over a thousand principals.
#[divan::bench(sample_count = 10)]
fn administrators(bencher: Bencher<'_, '_>) {
    let snapshot = account(500);
    let access = access(&snapshot);
    bencher.bench_local(|| access.administrators().len());
}

/// The graph of a thousand principals.
#[divan::bench(sample_count = 5)]
fn escalations(bencher: Bencher<'_, '_>) {
    let snapshot = account(500);
    let access = access(&snapshot);
    bencher.bench_local(|| access.escalations());
}

/// From each of a thousand principals to an administrator, over a graph that is there.
#[divan::bench(sample_count = 5)]
fn paths(bencher: Bencher<'_, '_>) {
    let snapshot = account(500);
    let access = access(&snapshot);
    let escalations = access.escalations();
    bencher.bench_local(|| escalations.paths(&access, None, Goal::Administrator).len());
}
