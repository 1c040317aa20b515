//! A large account.

use probity_model::builder::{ACCOUNT, Account};

pub(crate) fn statement(actions: &str, resource: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": [{actions}], "Resource": "{resource}"}}}}"#
    )
}

/// So many roles and as many users, with what accounts of this size have: deployers that pass roles, power users, services.
pub(crate) fn large(size: usize, administrator: &str) -> Account {
    let trust = |who: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {who}, "Action": "sts:AssumeRole"}}}}"#
        )
    };
    let root = trust(&format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#));
    let lambda = trust(r#"{"Service": "lambda.amazonaws.com"}"#);
    let ec2 = trust(r#"{"Service": "ec2.amazonaws.com"}"#);
    let account = (0..size).fold(Account::new(), |account, number| {
        let own = statement(r#""s3:*", "dynamodb:*", "logs:*""#, &format!("arn:aws:s3:::bucket-{number}/*"));
        account.role(&format!("role-{number}"), |role| match number % 10 {
            0 => role.trust(&root).inline("all", administrator),
            1..4 => role.trust(&lambda).inline("own", &own),
            4..6 => role.trust(&ec2).inline("own", &own),
            _ => role.trust(&root).inline("own", &own),
        })
    });
    (0..size).fold(account, |account, number| {
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
