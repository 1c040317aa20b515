//! Policy documents, compared line by line in one layout.

use std::collections::BTreeSet;

use serde_json::Value;
use similar::TextDiff;

/// Lines around a change that stay as they were.
const CONTEXT: usize = 3;

/// What changed in a document, as a unified diff; documents that are JSON are laid out first, so that a document that was
/// only laid out anew shows nothing.
pub(crate) fn diff(old: &str, new: &str) -> Option<String> {
    let (old, new) = (laid_out(old), laid_out(new));
    if old == new {
        return None;
    }
    Some(TextDiff::from_lines(old.as_str(), new.as_str()).unified_diff().context_radius(CONTEXT).to_string())
}

fn laid_out(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => format!("{value:#}\n"),
        Err(_) => format!("{}\n", text.trim_end()),
    }
}

/// Whether a text is a document.
pub(crate) fn is_document(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<Value>(text).is_ok()
}

/// Whom the statements of a trust policy that allow something name.
pub(crate) fn trusted(document: &str) -> BTreeSet<String> {
    let Ok(document) = serde_json::from_str::<Value>(document) else { return BTreeSet::new() };
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let allowing = statements.into_iter().filter(|statement| statement.get("Effect").is_some_and(|e| e == "Allow"));
    let mut names = BTreeSet::new();
    for statement in allowing {
        if let Some(principal) = statement.get("Principal") {
            gather(principal, &mut names);
        }
        if statement.get("NotPrincipal").is_some() {
            names.insert("everyone but those of NotPrincipal".to_owned());
        }
    }
    names
}

fn gather(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::String(name) => {
            names.insert(name.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, names)),
        Value::Object(fields) => fields.values().for_each(|item| gather(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_no_change() {
        assert_eq!(diff("{\"a\":1}", "{ \"a\": 1 }"), None);
        let shown = diff("{\"a\":1}", "{\"a\":2}").expect("a change");
        assert!(shown.contains("-  \"a\": 1") && shown.contains("+  \"a\": 2"), "{shown}");
        assert!(diff("not JSON", "{}").is_some());
    }

    #[test]
    fn whom_a_trust_policy_names() {
        let document = r#"{"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ["111122223333", "*"], "Service": "ec2.amazonaws.com"}},
            {"Effect": "Deny", "Principal": {"AWS": "444455556666"}}]}"#;
        let names: Vec<String> = trusted(document).into_iter().collect();
        assert_eq!(names, ["*", "111122223333", "ec2.amazonaws.com"]);
        assert!(trusted("nonsense").is_empty());
    }
}
