//! An account in which something runs: well kept and neglected, side by side.

use probity_model::builder::Account;

use super::{EVERYTHING, ONE_READ};

/// Made up.
const KEY: &str = concat!("AKIA", "QWERTYUIOPASDFGH");

pub(super) fn account() -> Account {
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
    let update = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": "*"}]}"#;
    Account::new()
        .management_account()
        .role("web", |role| role.inline("read", ONE_READ).instance_profile("web"))
        .role("all", |role| role.inline("all", EVERYTHING).trust(trust))
        .user("developer", |user| user.inline("update", update))
        .instance("i-1", |it| it.profile("web"))
        .instance("i-2", |it| it.tokens("optional"))
        .instance("i-3", |it| it.state("terminated"))
        .in_user_data("i-2", "user data, line 3", KEY, true)
        .function("a", "all", |it| it.found("KEY", KEY, false))
        .function("b", "all", |it| it)
        .function("c", "all", |it| it)
        .function("d", "all", |it| it)
        .task_definition("web", "web", |it| it)
        .secret("orders", |_| {})
        .secret("legacy", |it| (it.rotates, it.next_rotation_at) = (false, None))
        .secret("database", |it| (it.rotates, it.owning_service) = (false, Some("rds".to_owned())))
}
