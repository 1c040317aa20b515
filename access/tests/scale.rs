//! A thousand principals are no reason to wait.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "helpers of tests")]

#[path = "scale/account.rs"]
mod account;

use std::time::{Duration, Instant};

use account::statement;

use probity_access::{Access, Goal};
use probity_model::Topic;
use probity_model::builder::Account;

fn judge(name: &str, account: Account, administrators: usize) {
    let snapshot = account.build();
    let started = Instant::now();
    let access = Access::of(&snapshot).expect("authorization details");
    let indexed = started.elapsed();
    let found = access.administrators().len();
    let judged = started.elapsed();
    let escalations = access.escalations();
    let built = started.elapsed();
    let paths = escalations.paths(&access, None, Goal::Administrator).len();
    println!(
        "{name}: index {indexed:?}, administrators {judged:?}, graph {built:?} ({} ways), paths {:?} ({paths})",
        escalations.ways(),
        started.elapsed()
    );
    assert_eq!(found, administrators, "{name}");
    assert!(paths >= 50, "{name}");
    // Far above what it takes, for slow machines and builds without optimisation.
    assert!(started.elapsed() < Duration::from_secs(60), "{name}");
}

#[test]
fn a_thousand_principals_take_no_time() {
    let all = statement(r#""*""#, "*");
    judge("certain", account::large(500, &all), 50);
    judge("organization unread", account::large(500, &all).deny(Topic::OrganizationMembership), 50);
    let with_mfa = all.replace("}}", r#", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}"#);
    judge("under conditions", account::large(500, &with_mfa), 50);
    let denied = all.replace(
        "}}",
        r#"}, {"Effect": "Deny", "NotAction": "sts:Get*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}"#,
    );
    judge(
        "denied under conditions",
        account::large(500, &denied.replacen(r#""Statement": "#, r#""Statement": ["#, 1)),
        50,
    );
}
