//! One test for each code: a document that has it, and one that does not.

use super::*;

/// `name: code, kind of document, what has it, what does not;` — each becomes a test.
macro_rules! cases {
    ($($name:ident: $code:literal, $kind:ident, $has:expr, $lacks:expr;)*) => {
        pub(super) const CODES: &[&str] = &[$($code),*];
        $(
            #[test]
            fn $name() {
                $crate::lint::tests::tell_apart($code, $crate::lint::DocumentKind::$kind, &$has, &$lacks);
            }
        )*
    };
}

mod actions;
mod addresses;
mod conditions;
mod control;
mod powers;
mod principals;
mod redundant;
mod resources;
mod statements;
mod supported;
mod tags;
mod trust;
mod values;
mod variables;
mod web_identity;

/// Every code of the table has a test, and every test's code is in the table.
#[test]
fn every_code_is_tested_once() {
    let mut tested: Vec<&str> = [
        actions::CODES,
        resources::CODES,
        statements::CODES,
        variables::CODES,
        conditions::CODES,
        values::CODES,
        addresses::CODES,
        principals::CODES,
        trust::CODES,
        web_identity::CODES,
        control::CODES,
        powers::CODES,
        tags::CODES,
        supported::CODES,
        redundant::CODES,
    ]
    .concat();
    let mut given: Vec<&str> = codes::all().collect();
    tested.sort_unstable();
    given.sort_unstable();
    assert_eq!(tested, given);
}

/// The codes that a document gets.
pub(super) fn codes_of(text: &str, kind: DocumentKind) -> Vec<&'static str> {
    lint(text, kind).into_iter().map(|finding| finding.code).collect()
}

/// Statements, or a whole document that begins with `#`.
pub(super) fn whole(text: &str) -> String {
    match text.strip_prefix('#') {
        Some(document) => document.to_owned(),
        None => format!(r#"{{"Version": "2012-10-17", "Statement": [{text}]}}"#),
    }
}

fn tell_apart(code: &str, kind: DocumentKind, has: &str, lacks: &str) {
    let found = codes_of(&whole(has), kind);
    assert!(found.contains(&code), "{code} is not among {found:?} of {has}");
    let found = codes_of(&whole(lacks), kind);
    assert!(!found.contains(&code), "{code} is among those of {lacks}");
}

/// A statement that allows an action on everything.
pub(super) fn action(action: &str) -> String {
    format!(r#"{{"Effect": "Allow", "Action": {action}, "Resource": "*"}}"#)
}

/// A statement with further members.
pub(super) fn allow(members: &str) -> String {
    format!(r#"{{"Effect": "Allow", {members}}}"#)
}

#[test]
fn a_good_document_has_no_findings() {
    let text =
        whole(r#"{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}"#);
    assert_eq!(lint(&text, DocumentKind::Identity), []);
}

#[test]
fn a_finding_tells_its_place_and_its_path() {
    let text = "{\"Version\": \"2012-10-17\", \"Statement\": [\n  {\"Effect\": \"Allow\",\n   \"Action\": [\"s3:GetObject\", \"s3:GetObjekt\"], \"Resource\": \"*\"}]}";
    let found = lint(text, DocumentKind::Identity);
    let told: Vec<_> = found.iter().map(|finding| (finding.code, finding.position, finding.path.as_str())).collect();
    assert_eq!(told, [("INVALID_ACTION", Position { line: 3, column: 31 }, "Statement[0].Action[1]")]);
    assert!(found.iter().all(|finding| finding.message.contains("Was `GetObject` meant?")), "{found:?}");
}

#[test]
fn findings_come_in_the_order_of_the_document() {
    let text = whole(r#"{"Effect": "allow", "Action": "x", "Colour": 1}, {"Sid": ""}"#);
    let places: Vec<Position> = lint(&text, DocumentKind::Identity).iter().map(|finding| finding.position).collect();
    assert!(places.len() > 5 && places.is_sorted(), "{places:?}");
}

#[test]
fn any_text_gives_findings_and_never_a_panic() {
    for text in [
        "",
        "x",
        "[]",
        "null",
        "7",
        "{}",
        r#"{"Statement": 7}"#,
        r#"{"Statement": [7, [], null]}"#,
        "{\"a\": 1, \"a\": 2}",
    ] {
        for kind in [
            DocumentKind::Identity,
            DocumentKind::Resource,
            DocumentKind::Trust,
            DocumentKind::ServiceControl,
            DocumentKind::ResourceControl,
        ] {
            assert!(lint(text, kind).iter().any(|finding| finding.kind == LintKind::Error), "{text} {kind:?}");
        }
    }
}

#[test]
fn the_kind_of_a_document_is_guessed() {
    for (statement, kind) in [
        (r#""Action": "*", "Resource": "*""#, DocumentKind::Identity),
        (r#""Action": "sts:AssumeRole", "Resource": "*""#, DocumentKind::Identity),
        (r#""Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole""#, DocumentKind::Trust),
        (r#""Principal": "*", "Action": "s3:GetObject", "Resource": "*""#, DocumentKind::Resource),
        (r#""Principal": "*", "Action": "sqs:SendMessage""#, DocumentKind::Resource),
    ] {
        assert_eq!(DocumentKind::guess(&whole(&allow(statement))), kind, "{statement}");
    }
    assert_eq!(DocumentKind::guess("not JSON"), DocumentKind::Identity);
}

/// Cuts and spoils a document at every place.
#[test]
fn a_spoiled_document_never_panics() {
    let text = whole(
        r#"{"Sid": "é", "Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:iam::1:role/*"]}, "NotAction": ["s3:Ge?", "*"],
            "Resource": ["arn:aws:s3:::${aws:username, 'x'}/*"], "Condition": {"ForAllValues:NotIpAddressIfExists":
            {"aws:SourceIp": ["10.0.0.0/8", "::/0"]}, "StringLike": {"token.actions.githubusercontent.com:sub": "*"},
            "DateLessThan": {"aws:CurrentTime": "2031-02-03T04:05:06Z"}, "BinaryEquals": {"s3:x": "QQ=="}}}"#,
    );
    let kinds = [DocumentKind::Identity, DocumentKind::Resource, DocumentKind::Trust, DocumentKind::ResourceControl];
    let inserts = ["", "\"", "*", "{", "$"];
    let turns = kinds.iter().cycle().zip(inserts.iter().cycle());
    for ((place, _), (kind, insert)) in text.char_indices().zip(turns) {
        let (before, after) = text.split_at(place);
        let spoiled = format!("{before}{insert}{}", after.chars().skip(1).collect::<String>());
        assert!(lint(&spoiled, *kind).is_sorted_by_key(|finding| finding.position), "{spoiled}");
    }
}

#[test]
fn the_same_document_gets_the_same_findings() {
    let text =
        whole(&[action("[\"s3:*\", \"s3:Get*\", \"x:y\"]"), action("[\"s3:*\", \"s3:Get*\", \"x:y\"]")].join(","));
    assert_eq!(lint(&text, DocumentKind::Identity), lint(&text, DocumentKind::Identity));
}
