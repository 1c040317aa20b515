//! Random questions in which one thing decides, so that each of its forms comes up often.

use super::World;
use super::worlds::{condition, keys, principal, who};
use super::{Who, worlds};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn empty(who: Who, resource: &str) -> World {
    World {
        who,
        action: "s3:GetObject".into(),
        resource: resource.into(),
        resource_account: None,
        keys: std::collections::BTreeMap::new(),
        identity: Vec::new(),
        boundary: None,
        session: None,
        own: None,
        service_control: Vec::new(),
        resource_control: Vec::new(),
    }
}

/// Everything is allowed, under one condition.
pub(crate) fn conditional() -> impl Strategy<Value = World> {
    let user = who().prop_filter("holds policies", |who| matches!(who, Who::User { .. } | Who::Session { .. }));
    (user, keys(), condition(), any::<bool>()).prop_map(|(who, keys, (operator, key, values), new)| {
        let statement =
            json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {key: values}}});
        let version = if new { "2012-10-17" } else { "2008-10-17" };
        let identity = vec![json!({"Version": version, "Statement": statement})];
        World { identity, keys, ..empty(who, "arn:aws:s3:::bucket/red") }
    })
}

/// Every policy allows everything or nothing, and the resource's own names some principals.
pub(crate) fn named() -> impl Strategy<Value = World> {
    let all_or_nothing = || {
        let document = |action| json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
        select(vec![document("*"), document("ec2:*")])
    };
    let caller = (all_or_nothing(), option::of(all_or_nothing()), option::of(vec(all_or_nothing(), 0..=2)));
    let own = (select(&["Principal", "Principal", "NotPrincipal"][..]), principal());
    let asked = (who(), select(&["s3:GetObject", "kms:Decrypt", "sts:AssumeRole"][..]), select(worlds::RESOURCES));
    let account = option::of(select(&[worlds::OURS, "444455556666"][..]));
    (asked, account, caller, own).prop_map(|((who, action, resource), account, (identity, boundary, session), own)| {
        let holds = matches!(who, Who::User { .. } | Who::Session { .. });
        let is_session = matches!(who, Who::Session { .. });
        // `NotPrincipal` stands with Deny only, and beside it everyone is allowed.
        let (element, principal) = own;
        let everyone = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        let statements: Value = if element == "NotPrincipal" {
            json!([everyone, {"Effect": "Deny", "NotPrincipal": principal, "Action": "*", "Resource": "*"}])
        } else {
            json!({"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"})
        };
        World {
            action: action.into(),
            resource_account: account.filter(|_| resource.contains(":::")).map(str::to_owned),
            identity: if holds { vec![identity] } else { Vec::new() },
            boundary: boundary.filter(|_| holds),
            session: session.filter(|_| is_session),
            own: Some(json!({"Version": "2012-10-17", "Statement": statements})),
            ..empty(who, resource)
        }
    })
}
