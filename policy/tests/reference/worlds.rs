//! Random questions over a small alphabet, so that policies and requests meet often.

use super::{Who, World};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub(crate) const OURS: &str = "111122223333";
const THEIRS: &str = "444455556666";
const ROLE: &str = "arn:aws:iam::111122223333:role/app/deploy";
const LINKED: &str = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";

const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "sts:AssumeRole", "kms:Decrypt"];
const ACTION_PATTERNS: &[&str] = &[
    "*",
    "*",
    "*:*",
    "s3:*",
    "S3:getobject",
    "s3:Get*",
    "s3:?etObject",
    "sts:AssumeRole",
    "kms:*",
    "kms:D*t",
    "s3",
    "s3:",
];

/// What is asked about.
pub(crate) const RESOURCES: &[&str] = &[
    "arn:aws:s3:::bucket/anna",
    "arn:aws:s3:::bucket/red",
    "*",
    "arn:aws:iam::111122223333:role/app/deploy",
    "arn:aws:iam::444455556666:role/x",
    "arn:aws:kms:us-east-1:111122223333:key/1",
    "arn:aws:kms:us-east-1:444455556666:key/2",
    "arn:aws:sns:us-east-1:111122223333:topic:sub",
];
/// What policies say of resources, and what may be asked about all together.
pub(crate) const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "*",
    "*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b?cket/${aws:username}*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'anna'}",
    "arn:aws:s3:::bucket/${*}",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::111122223333:role/app/deploy",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:sns:*",
    "arn:aws:sns:*:topic*",
    "arn:*:topic:sub",
    "arn:*",
    "${aws:username}",
];

const VALUES: &[&str] = &[
    "red",
    "RED",
    "r*",
    "*",
    "?ed",
    "",
    "5",
    "10",
    "true",
    "False",
    "anna",
    "${aws:username}",
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/team, 'red'}",
    "r${*}",
    "arn:aws:iam::111122223333:user/*",
    "arn:*:iam::111122223333:role/*/deploy",
    "arn:aws:iam::111122223333:user/${aws:username}",
    "111122223333",
];
const KEYS: &[&str] = &[
    "aws:PrincipalTag/team",
    "AWS:principaltag/Team",
    "aws:username",
    "aws:PrincipalArn",
    "aws:ResourceAccount",
    "aws:MultiFactorAuthPresent",
    "s3:max-keys",
];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "ArnEquals",
    "ArnLike",
    "ArnNotLike",
    "Bool",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
];

/// Where a policy stands, which decides what its statements hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Caller,
    Control,
    Resource,
}

/// One text, or a list.
fn texts(from: &'static [&'static str], at_most: usize) -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => select(from).prop_map(Value::from),
        1 => vec(select(from), 0..=at_most).prop_map(Value::from),
    ]
}

/// Operator, key and values.
pub(crate) fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let suffix = select(&["", "", "IfExists"][..]);
    let single =
        (select(&["", "", "", "ForAllValues:", "ForAnyValue:"][..]), select(OPERATORS), suffix.clone(), select(KEYS));
    let several = (select(&["ForAllValues:", "ForAnyValue:"][..]), select(OPERATORS), suffix, Just("aws:TagKeys"));
    let null =
        (Just(""), Just("Null"), Just(""), select(&["aws:TagKeys", "aws:PrincipalTag/team", "aws:username"][..]));
    let values = texts(VALUES, 3);
    (prop_oneof![4 => single, 2 => several, 1 => null], values).prop_map(
        |((qualifier, operator, suffix, key), values)| {
            (format!("{qualifier}{operator}{suffix}"), key.to_owned(), values)
        },
    )
}

pub(crate) fn principal() -> impl Strategy<Value = Value> {
    let aws = texts(
        &[
            "*",
            OURS,
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::444455556666:root",
            "arn:aws:iam::111122223333:user/anna",
            "arn:aws:iam::111122223333:user/team/bob",
            ROLE,
            "arn:aws:sts::111122223333:assumed-role/deploy/ci",
            "AIDAEXAMPLE",
        ],
        6,
    );
    prop_oneof![
        1 => Just(json!("*")),
        6 => aws.prop_map(|named| json!({ "AWS": named })),
        1 => texts(&["logs.amazonaws.com", "ec2.amazonaws.com"], 2).prop_map(|named| json!({ "Service": named })),
    ]
}

fn statement(place: Place) -> impl Strategy<Value = Value> {
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    let listed = (prop::bool::weighted(0.2), texts(ACTION_PATTERNS, 3));
    let resources = (prop::bool::weighted(0.2), texts(RESOURCE_PATTERNS, 3));
    let whom = (prop::bool::weighted(0.5), principal());
    let without_resource = prop::bool::weighted(if place == Place::Resource { 0.2 } else { 0.0 });
    (effect, listed, resources, without_resource, whom, vec(condition(), 0..=2), prop::bool::weighted(0.5)).prop_map(
        move |(effect, (but, actions), (other, resources), bare, (spare, whom), conditions, unconditional)| {
            let mut statement = Map::new();
            statement.insert("Effect".into(), effect.into());
            statement.insert(if but { "NotAction" } else { "Action" }.into(), actions);
            if !bare {
                statement.insert(if other { "NotResource" } else { "Resource" }.into(), resources);
            }
            if place == Place::Resource {
                let spares = spare && effect == "Deny";
                statement.insert(if spares { "NotPrincipal" } else { "Principal" }.into(), whom);
            }
            let mut block = Map::new();
            for (operator, key, values) in conditions.into_iter().filter(|_| !unconditional) {
                let keys = block.entry(operator).or_insert_with(|| json!({}));
                keys[key] = values;
            }
            if !block.is_empty() {
                statement.insert("Condition".into(), block.into());
            }
            Value::Object(statement)
        },
    )
}

fn document(place: Place) -> impl Strategy<Value = Value> {
    let version = select(&[Some("2012-10-17"), Some("2012-10-17"), Some("2008-10-17"), None][..]);
    let everything = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let random = (version, vec(statement(place), 1..=3)).prop_map(|(version, mut statements)| {
        let statements = if statements.len() == 1 { statements.remove(0) } else { statements.into() };
        let mut document = json!({ "Statement": statements });
        if let Some(version) = version {
            document["Version"] = version.into();
        }
        document
    });
    match place {
        Place::Resource => random.boxed(),
        Place::Caller => prop_oneof![3 => random, 1 => Just(everything)].boxed(),
        Place::Control => prop_oneof![1 => random, 3 => Just(everything)].boxed(),
    }
}

pub(crate) fn who() -> impl Strategy<Value = Who> {
    let session =
        |role: &str, session: &str| Who::Session { account: OURS.into(), role: role.into(), session: session.into() };
    let user = |name: &str| Who::User { account: OURS.into(), name: name.into() };
    prop_oneof![
        4 => Just(user("anna")),
        1 => Just(user("team/bob")),
        4 => Just(session(ROLE, "ci")),
        1 => Just(session(LINKED, "x")),
        1 => Just(Who::Root { account: OURS.into() }),
        1 => Just(Who::Service("logs.amazonaws.com".into())),
        1 => Just(Who::Anonymous),
    ]
}

pub(crate) fn keys() -> impl Strategy<Value = std::collections::BTreeMap<String, Vec<String>>> {
    let one = |key: &'static str, values: &'static [&'static str]| {
        option::of(select(values)).prop_map(move |value| value.map(|value| (key.to_owned(), vec![value.to_owned()])))
    };
    let tags = option::of(vec(select(&["red", "blue", "", "anna"][..]), 1..=3)).prop_map(|values| {
        values.map(|values| ("aws:tagkeys".to_owned(), values.into_iter().map(str::to_owned).collect::<Vec<_>>()))
    });
    (
        one("aws:principaltag/team", &["red", "RED", "r*", "anna", "*"]),
        one("aws:multifactorauthpresent", &["true", "false"]),
        one("s3:max-keys", &["5", "7", "many"]),
        tags,
    )
        .prop_map(|(team, mfa, number, tags)| [team, mfa, number, tags].into_iter().flatten().collect())
}

/// A question with its policies.
pub(crate) fn world() -> impl Strategy<Value = World> {
    let asked = (who(), select(ACTIONS), select(RESOURCES), select(&[OURS, OURS, THEIRS][..]), keys());
    let own_policies = (
        vec(document(Place::Caller), 0..=2),
        option::weighted(0.3, document(Place::Caller)),
        option::weighted(0.3, vec(document(Place::Caller), 0..=2)),
        option::weighted(0.6, document(Place::Resource)),
    );
    let organization =
        (vec(vec(document(Place::Control), 1..=2), 0..=2), option::weighted(0.2, statement(Place::Resource)));
    (asked, own_policies, organization).prop_map(|(asked, own_policies, (service_control, denial))| {
        let (who, action, resource, owner, keys) = asked;
        let (identity, boundary, session, own) = own_policies;
        let has_account = resource.split(':').nth(4).is_some_and(|account| !account.is_empty());
        // Root, services and those without credentials hold no policies.
        let holds = matches!(who, Who::User { .. } | Who::Session { .. });
        let resource_control = denial.map(|mut denial| {
            denial["Effect"] = "Deny".into();
            denial.as_object_mut().map(|members| members.remove("NotPrincipal"));
            denial["Principal"] = "*".into();
            vec![json!({"Version": "2012-10-17", "Statement": [denial]})]
        });
        World {
            identity: if holds { identity } else { Vec::new() },
            boundary: boundary.filter(|_| holds),
            session: session.filter(|_| matches!(who, Who::Session { .. })),
            own,
            service_control,
            resource_control: resource_control.into_iter().collect(),
            resource_account: (!has_account && resource != "*").then(|| owner.to_owned()),
            who,
            action: action.to_owned(),
            resource: resource.to_owned(),
            keys,
        }
    })
}

/// A statement that denies or allows, for a policy of the caller's.
pub(crate) fn addition(effect: &'static str) -> impl Strategy<Value = Value> {
    statement(Place::Caller).prop_map(move |mut statement| {
        statement["Effect"] = effect.into();
        json!({"Version": "2012-10-17", "Statement": statement})
    })
}

/// Keys of which a request may be ignorant, and whether it is.
pub(crate) fn ignorance() -> impl Strategy<Value = std::collections::BTreeMap<String, bool>> {
    let names =
        ["aws:principaltag/team", "aws:multifactorauthpresent", "s3:max-keys", "aws:tagkeys"].map(str::to_owned);
    btree_map(select(names.to_vec()), any::<bool>(), 0..=4)
}
