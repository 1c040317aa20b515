//! A thousand principals are no reason to wait.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "helpers of tests")]

use std::time::{Duration, Instant};

use probity_access::{Access, Goal};
use probity_model::Topic;
use probity_model::builder::{ACCOUNT, Account};

fn statement(actions: &str, resource: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": [{actions}], "Resource": "{resource}"}}}}"#
    )
}

/// Half roles and half users, with what accounts of this size have: deployers that pass roles, power users, services.
fn large(administrator: &str) -> Account {
    let trust = |who: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {who}, "Action": "sts:AssumeRole"}}}}"#
        )
    };
    let root = trust(&format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#));
    let lambda = trust(r#"{"Service": "lambda.amazonaws.com"}"#);
    let ec2 = trust(r#"{"Service": "ec2.amazonaws.com"}"#);
    let account = (0..500).fold(Account::new(), |account, number| {
        let own = statement(r#""s3:*", "dynamodb:*", "logs:*""#, &format!("arn:aws:s3:::bucket-{number}/*"));
        account.role(&format!("role-{number}"), |role| match number % 10 {
            0 => role.trust(&root).inline("all", administrator),
            1..4 => role.trust(&lambda).inline("own", &own),
            4..6 => role.trust(&ec2).inline("own", &own),
            _ => role.trust(&root).inline("own", &own),
        })
    });
    (0..500).fold(account, |account, number| {
        let own = statement(r#""s3:Get*", "s3:List*""#, &format!("arn:aws:s3:::bucket-{number}/*"));
        let assume = statement(r#""sts:AssumeRole""#, &format!("arn:aws:iam::{ACCOUNT}:role/role-{}", number + 1));
        let deploy = statement(r#""iam:PassRole", "lambda:*", "ec2:*", "cloudformation:*", "glue:*", "ecs:*""#, "*");
        let keys = statement(r#""iam:CreateAccessKey""#, "*");
        account.user(&format!("user-{number}"), |user| match number % 20 {
            0 => user.inline("deploy", &deploy),
            1 => user.inline("keys", &keys),
            _ => user.inline("own", &own).inline("assume", &assume),
        })
    })
}

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
    judge("certain", large(&all), 50);
    judge("organization unread", large(&all).deny(Topic::OrganizationMembership), 50);
    let with_mfa = all.replace("}}", r#", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}"#);
    judge("under conditions", large(&with_mfa), 50);
    let denied = all.replace(
        "}}",
        r#"}, {"Effect": "Deny", "NotAction": "sts:Get*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}"#,
    );
    judge("denied under conditions", large(&denied.replacen(r#""Statement": "#, r#""Statement": ["#, 1)), 50);
}
