//! From JSON to a [`Document`]: which elements there are, and which shapes each may have.
//!
//! Only shapes are judged here, not sense: an empty list is legal and matches nothing, a service that does not exist
//! is only a name. Element names and effects are case-sensitive, as they are for IAM.

use crate::document::{
    Actions, Condition, Document, Effect, ParseError, ParseErrorKind, Position, Principal, Principals, Resources,
    Statement,
};
use crate::json::{self, Member, Node, Value};
use crate::pattern::Pattern;

/// Reads a document; see [`Document::parse`].
pub(crate) fn document(text: &str) -> Result<Document, ParseError> {
    let root = json::parse(text)?;
    let position = root.position;
    let mut version = None;
    let mut id = None;
    let mut statements = None;
    for member in members(root, "the document")? {
        match member.key.as_str() {
            "Version" => version = Some(version_of(member.node)?),
            "Id" => id = Some(text_of(member.node, "Id")?),
            "Statement" => statements = Some(statements_of(member.node)?),
            _ => return Err(unknown(member)),
        }
    }
    let statements = statements.ok_or_else(|| ParseError::new(position, ParseErrorKind::Missing("Statement")))?;
    Ok(Document { version, id, statements })
}

fn version_of(node: Node) -> Result<String, ParseError> {
    let position = node.position;
    match text_of(node, "Version")? {
        version if version == "2012-10-17" || version == "2008-10-17" => Ok(version),
        _ => Err(shape(position, "Version", "2012-10-17 or 2008-10-17")),
    }
}

fn statements_of(node: Node) -> Result<Vec<Statement>, ParseError> {
    match node.value {
        Value::List(nodes) => nodes.into_iter().map(statement).collect(),
        _ => Ok(vec![statement(node)?]),
    }
}

fn statement(node: Node) -> Result<Statement, ParseError> {
    let position = node.position;
    let mut sid = None;
    let mut effect = None;
    let mut principals = None;
    let mut actions = None;
    let mut resources = None;
    let mut conditions = Vec::new();
    for member in members(node, "Statement")? {
        let place = member.position;
        match member.key.as_str() {
            "Sid" => sid = Some(text_of(member.node, "Sid")?),
            "Effect" => effect = Some(effect_of(member.node)?),
            "Principal" => {
                let named = Principals::Only(principals_of(member.node, "Principal")?);
                once(&mut principals, named, place, "Principal", "NotPrincipal")?;
            }
            "NotPrincipal" => {
                let named = Principals::AllBut(principals_of(member.node, "NotPrincipal")?);
                once(&mut principals, named, place, "Principal", "NotPrincipal")?;
            }
            "Action" => {
                once(&mut actions, Actions::Only(patterns(member.node, "Action")?), place, "Action", "NotAction")?;
            }
            "NotAction" => {
                once(&mut actions, Actions::AllBut(patterns(member.node, "NotAction")?), place, "Action", "NotAction")?;
            }
            "Resource" => {
                let only = Resources::Only(patterns(member.node, "Resource")?);
                once(&mut resources, only, place, "Resource", "NotResource")?;
            }
            "NotResource" => {
                let all_but = Resources::AllBut(patterns(member.node, "NotResource")?);
                once(&mut resources, all_but, place, "Resource", "NotResource")?;
            }
            "Condition" => conditions = conditions_of(member.node)?,
            _ => return Err(unknown(member)),
        }
    }
    let missing = |element| move || ParseError::new(position, ParseErrorKind::Missing(element));
    Ok(Statement {
        sid,
        effect: effect.ok_or_else(missing("Effect"))?,
        principals,
        actions: actions.ok_or_else(missing("Action"))?,
        resources,
        conditions,
        position,
    })
}

/// Fills `slot`, which an element and its negation share.
fn once<T>(
    slot: &mut Option<T>,
    value: T,
    position: Position,
    element: &'static str,
    negation: &'static str,
) -> Result<(), ParseError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(ParseError::new(position, ParseErrorKind::Both(element, negation))),
    }
}

fn effect_of(node: Node) -> Result<Effect, ParseError> {
    let position = node.position;
    match text_of(node, "Effect")?.as_str() {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        _ => Err(shape(position, "Effect", "Allow or Deny")),
    }
}

fn principals_of(node: Node, element: &str) -> Result<Vec<Principal>, ParseError> {
    const WANTED: &str = "`*`, or an object with the keys AWS, Service, Federated or CanonicalUser";
    let position = node.position;
    let members = match node.value {
        Value::Text(text) if text == "*" => return Ok(vec![Principal::Everyone]),
        Value::Object(members) => members,
        _ => return Err(shape(position, element, WANTED)),
    };
    let mut principals = Vec::new();
    for Member { key, position, node } in members {
        let kind = match key.as_str() {
            "AWS" => Principal::Aws,
            "Service" => Principal::Service,
            "Federated" => Principal::Federated,
            "CanonicalUser" => Principal::CanonicalUser,
            _ => return Err(shape(position, element, WANTED)),
        };
        principals.extend(texts(node, &key)?.into_iter().map(kind));
    }
    Ok(principals)
}

fn patterns(node: Node, element: &str) -> Result<Vec<Pattern>, ParseError> {
    Ok(texts(node, element)?.into_iter().map(Pattern::new).collect())
}

fn conditions_of(node: Node) -> Result<Vec<Condition>, ParseError> {
    let mut conditions = Vec::new();
    for Member { key: operator, node, .. } in members(node, "Condition")? {
        for Member { key, position, node } in members(node, &operator)? {
            let values = values(node, &key)?;
            conditions.push(Condition { operator: operator.clone(), key, values, position });
        }
    }
    Ok(conditions)
}

/// A string, or a list of strings. IAM takes a `null` inside a list, and so does this, for nothing.
fn texts(node: Node, element: &str) -> Result<Vec<String>, ParseError> {
    const WANTED: &str = "a string or a list of strings";
    one_or_list(node, |node| match node.value {
        Value::Text(text) => Ok(text),
        _ => Err(shape(node.position, element, WANTED)),
    })
}

/// A string, number or boolean, or a list of them.
fn values(node: Node, element: &str) -> Result<Vec<String>, ParseError> {
    const WANTED: &str = "a string, number or boolean, or a list of them";
    one_or_list(node, |node| match node.value {
        Value::Text(text) | Value::Number(text) => Ok(text),
        Value::Bool(value) => Ok(value.to_string()),
        _ => Err(shape(node.position, element, WANTED)),
    })
}

fn one_or_list(node: Node, one: impl Fn(Node) -> Result<String, ParseError>) -> Result<Vec<String>, ParseError> {
    match node.value {
        Value::List(nodes) => nodes.into_iter().filter(|node| !matches!(node.value, Value::Null)).map(one).collect(),
        _ => Ok(vec![one(node)?]),
    }
}

fn text_of(node: Node, element: &str) -> Result<String, ParseError> {
    match node.value {
        Value::Text(text) => Ok(text),
        _ => Err(shape(node.position, element, "a string")),
    }
}

fn members(node: Node, element: &str) -> Result<Vec<Member>, ParseError> {
    match node.value {
        Value::Object(members) => Ok(members),
        _ => Err(shape(node.position, element, "an object")),
    }
}

fn shape(position: Position, element: &str, wanted: &'static str) -> ParseError {
    ParseError::new(position, ParseErrorKind::Shape { element: element.to_owned(), wanted })
}

fn unknown(member: Member) -> ParseError {
    ParseError::new(member.position, ParseErrorKind::UnknownElement(member.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(text: &str) -> Result<Statement, ParseError> {
        document(&format!(r#"{{"Statement": {text}}}"#)).map(|mut document| document.statements.remove(0))
    }

    fn kind(text: &str) -> ParseErrorKind {
        document(text).expect_err("not a policy").kind().clone()
    }

    #[test]
    fn one_statement_or_a_list_of_them() {
        let one =
            document(r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#).expect("a policy");
        assert_eq!(one.statements.len(), 1);
        assert_eq!((one.version, one.id), (None, None));
        let two = document(
            r#"{"Version": "2012-10-17", "Id": "x", "Statement": [
              {"Sid": "a", "Effect": "Allow", "Action": ["s3:*", "ec2:*"], "Resource": ["*"]},
              {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::b"}]}"#,
        )
        .expect("a policy");
        assert_eq!((two.version.as_deref(), two.id.as_deref()), (Some("2012-10-17"), Some("x")));
        assert_eq!(two.statements[0].sid.as_deref(), Some("a"));
        assert_eq!(two.statements[0].actions, Actions::Only(vec![Pattern::new("s3:*"), Pattern::new("ec2:*")]));
        assert_eq!(two.statements[1].effect, Effect::Deny);
        assert_eq!(two.statements[1].actions, Actions::AllBut(vec![Pattern::new("s3:*")]));
        assert_eq!(two.statements[1].resources, Some(Resources::AllBut(vec![Pattern::new("arn:aws:s3:::b")])));
        assert_eq!(two.statements[1].position, Position { line: 3, column: 15 });
    }

    #[test]
    fn every_form_of_principal() {
        let named = |principal: &str| {
            statement(&format!(r#"{{"Effect": "Allow", "Action": "sts:AssumeRole", {principal}}}"#))
                .map(|statement| statement.principals)
        };
        assert_eq!(named(r#""Principal": "*""#), Ok(Some(Principals::Only(vec![Principal::Everyone]))));
        assert_eq!(
            named(
                r#""Principal": {"AWS": ["1", "*"], "Service": "s.amazonaws.com", "Federated": "f", "CanonicalUser": "c"}"#
            ),
            Ok(Some(Principals::Only(vec![
                Principal::Aws("1".into()),
                Principal::Aws("*".into()),
                Principal::Service("s.amazonaws.com".into()),
                Principal::Federated("f".into()),
                Principal::CanonicalUser("c".into()),
            ])))
        );
        assert_eq!(
            named(r#""NotPrincipal": {"AWS": "1"}"#),
            Ok(Some(Principals::AllBut(vec![Principal::Aws("1".into())])))
        );
        for wrong in [r#""Principal": "arn:aws:iam::1:root""#, r#""Principal": {"aws": "1"}"#, r#""Principal": ["*"]"#]
        {
            assert!(named(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn conditions_are_one_entry_for_each_operator_and_key() {
        let conditions = statement(
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {
              "Bool": {"aws:SecureTransport": true, "aws:ViaAWSService": "false"}, "NumericLessThan": {"s3:max-keys": [10, "20"]}}}"#,
        )
        .expect("a statement")
        .conditions;
        let told: Vec<_> =
            conditions.iter().map(|c| (c.operator.as_str(), c.key.as_str(), c.values.join(","))).collect();
        assert_eq!(
            told,
            [
                ("Bool", "aws:SecureTransport", "true".to_owned()),
                ("Bool", "aws:ViaAWSService", "false".to_owned()),
                ("NumericLessThan", "s3:max-keys", "10,20".to_owned()),
            ]
        );
        assert_eq!(conditions[0].position, Position { line: 2, column: 24 });
    }

    #[test]
    fn element_names_and_effects_are_case_sensitive() {
        assert_eq!(kind(r#"{"statement": []}"#), ParseErrorKind::UnknownElement("statement".into()));
        assert_eq!(
            kind(r#"{"Statement": {"Effect": "Allow", "action": "*"}}"#),
            ParseErrorKind::UnknownElement("action".into())
        );
        assert!(matches!(
            kind(r#"{"Statement": {"Effect": "allow", "Action": "*"}}"#),
            ParseErrorKind::Shape { element, .. } if element == "Effect"
        ));
    }

    #[test]
    fn an_element_and_its_negation_exclude_each_other() {
        for (first, second, rest) in
            [("Action", "NotAction", r#""Resource": "*""#), ("Resource", "NotResource", r#""Action": "*""#)]
        {
            let text = format!(r#"{{"Statement": {{"Effect": "Deny", {rest}, "{second}": "x", "{first}": []}}}}"#);
            assert_eq!(kind(&text), ParseErrorKind::Both(first, second));
        }
        assert_eq!(
            kind(r#"{"Statement": {"Effect": "Deny", "Action": "*", "Principal": "*", "NotPrincipal": "*"}}"#),
            ParseErrorKind::Both("Principal", "NotPrincipal")
        );
    }

    #[test]
    fn what_must_be_there_is_missed() {
        assert_eq!(kind("{}"), ParseErrorKind::Missing("Statement"));
        assert_eq!(kind(r#"{"Statement": {"Action": "*"}}"#), ParseErrorKind::Missing("Effect"));
        assert_eq!(kind(r#"{"Statement": {"Effect": "Allow", "Resource": "*"}}"#), ParseErrorKind::Missing("Action"));
    }

    #[test]
    fn a_role_trust_policy_has_no_resource() {
        let trust = statement(r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "1"}}"#);
        assert_eq!(trust.expect("a statement").resources, None);
    }

    #[test]
    fn a_key_that_appears_twice_is_an_error() {
        assert_eq!(
            kind(r#"{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*"}}"#),
            ParseErrorKind::DuplicateKey("Effect".into())
        );
    }

    #[test]
    fn empty_lists_are_legal_and_a_null_in_a_list_is_nothing() {
        let empty = statement(r#"{"Effect": "Allow", "Action": [], "Resource": [null]}"#).expect("a statement");
        assert_eq!(empty.actions, Actions::Only(Vec::new()));
        assert_eq!(empty.resources, Some(Resources::Only(Vec::new())));
    }

    #[test]
    fn wrong_shapes_are_errors() {
        for text in [
            "[]",
            r#"{"Version": "2013-10-17", "Statement": []}"#,
            r#"{"Version": 20121017, "Statement": []}"#,
            r#"{"Statement": ["x"]}"#,
            r#"{"Id": [], "Statement": []}"#,
            r#"{"Statement": {"Sid": {}, "Effect": "Allow", "Action": "*"}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": 1}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": [["*"]]}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": null}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Condition": []}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": "x"}}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": {"x": {}}}}}"#,
        ] {
            assert!(document(text).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_read_as_sentences_with_their_place() {
        let error = document("{\n \"Statment\": []}").expect_err("not a policy");
        assert_eq!(error.to_string(), "line 2, column 2: `Statment` is not an element of a policy");
        assert_eq!((error.line(), error.column()), (2, 2));
    }

    #[test]
    fn a_document_that_is_cut_off_is_an_error_wherever_it_ends() {
        let whole = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "\u00e9", "Effect": "Deny", "NotPrincipal":
          {"AWS": ["1", "*"]}, "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"a": [true, -1.5e3]}}}]}"#;
        assert!(document(whole).is_ok());
        for (end, _) in whole.char_indices() {
            assert!(document(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
    }
}
