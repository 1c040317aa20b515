//! Gaps inside a topic: a Region that was denied, a bucket that could not be read.

use probity_model::Gap;
use serde_json::Value;

/// The deepest nesting that is looked at; facts are a handful of levels deep.
const DEPTH: usize = 64;

/// Every gap inside a value, each once, in order. A gap stands in snapshots as `{"missing": …}`.
pub(crate) fn inside(value: &Value) -> Vec<Gap> {
    let mut found = Vec::new();
    collect(value, DEPTH, &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect(value: &Value, depth: usize, found: &mut Vec<Gap>) {
    let Some(deeper) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, deeper, found)),
        Value::Object(fields) => {
            let gap = fields.get("missing").filter(|_| fields.len() == 1);
            match gap.and_then(|gap| serde_json::from_value(gap.clone()).ok()) {
                Some(gap) => found.push(gap),
                None => fields.values().for_each(|field| collect(field, deeper, found)),
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::GapKind;
    use serde_json::json;

    #[test]
    fn gaps_are_found_at_any_depth_and_said_once() {
        let gap = json!({"missing": {"kind": "denied", "operation": "cloudtrail:DescribeTrails", "message": "no"}});
        let value = json!({"regions": {"eu-central-1": gap, "us-east-1": {"known": [gap]}}, "missing": []});
        let found = inside(&value);
        assert_eq!(found.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Denied]);
        assert!(inside(&json!({"known": {"missing": "a word"}})).is_empty());
    }
}
