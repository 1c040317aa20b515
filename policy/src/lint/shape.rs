//! The shapes of a policy's JSON: what has the wrong one is told and left out.

use super::Findings;
use super::view::{Asked, Place, Word};
use crate::condition::operator::Operator;
use crate::document::Effect;
use crate::json::{Member, Node, Value};

/// The lines of a condition block.
pub(super) fn conditions(node: &Node, place: &Place, findings: &mut Findings) -> Vec<Asked> {
    let Some(operators) = members(node, &place.path, findings) else { return Vec::new() };
    if operators.is_empty() {
        findings.add("EMPTY_OBJECT_CONDITION", place, "The condition is empty; it always holds. Remove it.");
    }
    let mut lines = Vec::new();
    for member in operators {
        let path = format!("{}.{}", place.path, member.key);
        let operator = Word { text: member.key.clone(), place: Place::new(member.position, path) };
        let Some(keys) = members(&member.node, &operator.place.path, findings) else { continue };
        if keys.is_empty() {
            let message = format!("`{}` asks for nothing; it always holds. Remove it.", operator.text);
            findings.add("EMPTY_OBJECT_CONDITION", &operator.place, message);
        }
        for member in keys {
            let path = format!("{}.{}", operator.place.path, member.key);
            let (values, is_mixed) = values(&member.node, &path, findings);
            let key = Word { text: member.key.clone(), place: Place::new(member.position, path) };
            let parsed = Operator::parse(&operator.text);
            lines.push(Asked { operator: operator.clone(), parsed, key, values, is_mixed });
        }
    }
    lines
}

pub(super) fn effect(node: &Node, place: &Place, findings: &mut Findings) -> Option<Effect> {
    match word(node, &place.path, findings)?.text.as_str() {
        "Allow" => Some(Effect::Allow),
        "Deny" => Some(Effect::Deny),
        other => {
            let message = format!("`{other}` is no effect. It is Allow or Deny, written so.");
            findings.add("INVALID_EFFECT", place, message);
            None
        }
    }
}

pub(super) fn has(members: &[Member], key: &str) -> bool {
    members.iter().any(|member| member.key == key)
}

pub(super) fn unknown(member: &Member, place: &Place, findings: &mut Findings) {
    let place = Place::new(member.position, &*place.path);
    let message = format!("`{}` is not an element of a policy at this place. Names are case-sensitive.", member.key);
    findings.add("INVALID_POLICY_ELEMENT", &place, message);
}

pub(super) fn mismatch(node: &Node, path: &str, wanted: &str, findings: &mut Findings) {
    findings.add("DATA_TYPE_MISMATCH", &Place::new(node.position, path), format!("This must be {wanted}."));
}

pub(super) fn members<'n>(node: &'n Node, path: &str, findings: &mut Findings) -> Option<&'n [Member]> {
    if let Value::Object(members) = &node.value {
        return Some(members);
    }
    mismatch(node, path, "an object", findings);
    None
}

pub(super) fn word(node: &Node, path: &str, findings: &mut Findings) -> Option<Word> {
    if let Value::Text(text) = &node.value {
        return Some(Word { text: text.clone(), place: Place::new(node.position, path) });
    }
    mismatch(node, path, "a string", findings);
    None
}

/// A string, or a list of strings.
pub(super) fn words(node: &Node, path: &str, findings: &mut Findings) -> Vec<Word> {
    match &node.value {
        Value::Text(_) => word(node, path, findings).into_iter().collect(),
        Value::List(nodes) => {
            let one = |(index, node)| word(node, &format!("{path}[{index}]"), findings);
            // IAM takes a `null` in a list, for nothing.
            nodes.iter().enumerate().filter(|(_, node)| !matches!(node.value, Value::Null)).filter_map(one).collect()
        }
        _ => {
            mismatch(node, path, "a string or a list of strings", findings);
            Vec::new()
        }
    }
}

/// The values of a condition as texts, and whether they are of different JSON types.
pub(super) fn values(node: &Node, path: &str, findings: &mut Findings) -> (Vec<Word>, bool) {
    let nodes: Vec<(String, &Node)> = match &node.value {
        Value::List(nodes) => {
            nodes.iter().enumerate().map(|(index, node)| (format!("{path}[{index}]"), node)).collect()
        }
        _ => vec![(path.to_owned(), node)],
    };
    let mut types: Vec<std::mem::Discriminant<Value>> = Vec::new();
    let mut words = Vec::new();
    for (path, node) in nodes {
        let text = match &node.value {
            Value::Text(text) | Value::Number(text) => text.clone(),
            Value::Bool(value) => value.to_string(),
            _ => {
                mismatch(node, &path, "a string, a number or a boolean", findings);
                continue;
            }
        };
        types.push(std::mem::discriminant(&node.value));
        words.push(Word { text, place: Place::new(node.position, path) });
    }
    types.dedup();
    (words, types.len() > 1)
}
