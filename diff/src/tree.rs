//! Two trees of JSON, compared. Lists are compared by what their items are called, not by where they stand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// What an item of a list is called by, the best first.
const NAMES: [&str; 6] = ["arn", "serial", "id", "name", "user", "key"];
/// Fields that tell when something was used or written, not how it is set.
const USE: [&str; 16] = [
    "attachment_count",
    "boundary_usage_count",
    "generated_at",
    "last_authenticated_at",
    "last_used",
    "last_used_at",
    "last_used_region",
    "last_used_service",
    "latest_delivery_at",
    "latest_delivery_error",
    "latest_digest_at",
    "latest_digest_error",
    "latest_log_group_delivery_at",
    "password_last_used",
    "since",
    "updated_at",
];

/// A step from a tree to one of its branches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A field.
    Field(String),
    /// An item of a list, by what it is called.
    Item(String),
    /// A place of a list whose items have no names, from 0.
    Place(usize),
}

impl Step {
    /// The name of the field or item.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Field(name) | Self::Item(name) => name,
            Self::Place(_) => "",
        }
    }
}

/// A path as people read it.
pub(crate) struct Shown<'p>(pub(crate) &'p [Step]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // How a fact is wrapped says nothing.
        let steps =
            self.0.iter().filter(|step| !matches!(step, Step::Field(name) if name == "known" || name == "value"));
        for (index, step) in steps.enumerate() {
            match step {
                Step::Field(name) if index == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Item(name) => write!(f, "[{name}]")?,
                Step::Place(place) => write!(f, "[{}]", place + 1)?,
            }
        }
        Ok(())
    }
}

/// A branch that is different.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    /// Where.
    pub(crate) path: Vec<Step>,
    /// What was there; none where it is new.
    pub(crate) old: Option<Value>,
    /// What is there; none where it is gone.
    pub(crate) new: Option<Value>,
}

/// Every branch that is different, in the order of names.
pub(crate) fn differences(old: &Value, new: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(&mut Vec::new(), Some(old), Some(new), &mut found);
    found
}

fn walk(path: &mut Vec<Step>, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Difference>) {
    if old == new || matches!(path.last(), Some(Step::Field(name)) if USE.contains(&name.as_str())) {
        return;
    }
    match (old, new) {
        (Some(Value::Object(before)), Some(Value::Object(after))) if !is_choice(old, new) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                step(path, Step::Field(name.clone()), before.get(name), after.get(name), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => lists(path, before, after, found),
        _ => found.push(Difference { path: path.clone(), old: old.cloned(), new: new.cloned() }),
    }
}

fn step(path: &mut Vec<Step>, step: Step, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Difference>) {
    path.push(step);
    walk(path, old, new, found);
    path.pop();
}

/// Whether two objects are two variants of a choice: `{"known": …}` and `{"missing": …}`.
fn is_choice(old: Option<&Value>, new: Option<&Value>) -> bool {
    let only = |value: Option<&Value>| {
        let fields = value.and_then(Value::as_object).filter(|fields| fields.len() == 1)?;
        fields.keys().next().cloned()
    };
    match (only(old), only(new)) {
        (Some(old), Some(new)) => old != new,
        _ => false,
    }
}

fn lists(path: &mut Vec<Step>, before: &[Value], after: &[Value], found: &mut Vec<Difference>) {
    if let (Some(before), Some(after)) = (by_name(before), by_name(after)) {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            step(path, Step::Item(name.clone()), before.get(name).copied(), after.get(name).copied(), found);
        }
        return;
    }
    for place in 0..before.len().max(after.len()) {
        step(path, Step::Place(place), before.get(place), after.get(place), found);
    }
}

/// The items by their names; none where an item has no name of its own.
fn by_name(items: &[Value]) -> Option<BTreeMap<String, &Value>> {
    let scalar = |item: &Value| match item {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let all = |name: &dyn Fn(&Value) -> Option<String>| {
        let mut named = BTreeMap::new();
        for item in items {
            if named.insert(name(item)?, item).is_some() {
                return None;
            }
        }
        Some(named)
    };
    all(&scalar).or_else(|| NAMES.iter().find_map(|field| all(&|item: &Value| scalar(item.get(field)?))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(old: &Value, new: &Value) -> Vec<String> {
        let show = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let differences = differences(old, new);
        differences.iter().map(|one| format!("{} {} {}", Shown(&one.path), show(&one.old), show(&one.new))).collect()
    }

    #[test]
    fn items_are_compared_by_name_and_not_by_place() {
        let old = json!({"users": [{"arn": "a", "x": 1}, {"arn": "b", "x": 2}], "groups": ["one", "two"]});
        let new = json!({"users": [{"arn": "b", "x": 3}, {"arn": "a", "x": 1}], "groups": ["two", "three"]});
        assert_eq!(said(&old, &new), ["groups[one] \"one\" -", "groups[three] - \"three\"", "users[b].x 2 3"]);
        assert_eq!(said(&old, &old), Vec::<String>::new());
    }

    #[test]
    fn items_without_names_are_compared_by_place() {
        let (old, new) = (json!([{"active": true}, {"active": true}]), json!([{"active": true}, {"active": false}]));
        assert_eq!(said(&old, &new), ["[2].active true false"]);
    }

    #[test]
    fn use_is_no_change_and_a_gap_is_one() {
        let old = json!({"role": {"last_used": {"at": "yesterday"}}, "trails": {"known": {"trails": []}}});
        let new = json!({"role": {"last_used": {"at": "today"}}, "trails": {"missing": {"message": "denied"}}});
        assert_eq!(said(&old, &new).len(), 1);
        assert!(said(&old, &new)[0].starts_with("trails {\"known\""));
    }
}
