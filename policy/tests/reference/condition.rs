//! Conditions, operator by operator.

use super::text;
use serde_json::Value;
use std::collections::BTreeMap;

type Keys = BTreeMap<String, Vec<String>>;

/// Whether every operator with every key holds.
pub(crate) fn all_hold(block: &Value, variables: bool, keys: &Keys) -> bool {
    let operators = block.as_object().into_iter().flatten();
    let single = operators.flat_map(|(operator, block)| {
        block.as_object().into_iter().flatten().map(move |(key, values)| (operator, key, values))
    });
    single.into_iter().all(|(operator, key, values)| {
        let wanted = super::texts(values);
        wanted.is_empty() || holds(operator, keys.get(&key.to_lowercase()), &wanted, variables, keys)
    })
}

fn holds(operator: &str, found: Option<&Vec<String>>, wanted: &[String], variables: bool, keys: &Keys) -> bool {
    if operator == "Null" {
        let answer = if found.is_none() { "true" } else { "false" };
        return wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(answer));
    }
    let (qualifier, rest) = operator.split_once(':').unwrap_or(("", operator));
    let (base, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
    let positive = base.replace("Not", "");
    let negated = positive != base;
    let one = |found: &String| wanted.iter().any(|wanted| same(&positive, wanted, found, variables, keys)) != negated;
    let Some(found) = found else {
        return if_exists || qualifier == "ForAllValues" || (qualifier.is_empty() && negated);
    };
    match qualifier {
        // Nothing but an empty text counts as nothing.
        "ForAllValues" => found.as_slice() == [""] || found.iter().all(one),
        "ForAnyValue" => found.iter().any(one),
        _ => found.iter().all(one),
    }
}

/// Whether a value of the request is the one of the document.
fn same(operator: &str, wanted: &str, found: &str, variables: bool, keys: &Keys) -> bool {
    let wild = operator == "StringLike" || operator.starts_with("Arn");
    let pattern = |text: &str| text::pieces(text, wild, variables, keys);
    let numbers = || Some((found.parse::<i64>().ok()?, wanted.parse::<i64>().ok()?));
    match operator {
        "StringEquals" | "StringLike" => pattern(wanted).is_some_and(|pattern| text::like(&pattern, found)),
        "StringEqualsIgnoreCase" => pattern(wanted).is_some_and(|pattern| {
            let wanted: String =
                pattern.iter().map(|piece| if let text::Piece::Char(one) = piece { *one } else { '*' }).collect();
            wanted.to_lowercase() == found.to_lowercase()
        }),
        "ArnEquals" | "ArnLike" => pattern(wanted).is_some_and(|pattern| text::arn(&pattern, found)),
        "Bool" => {
            let value = |text: &str| text.to_lowercase().parse::<bool>().ok();
            value(found).is_some() && value(found) == value(wanted)
        }
        "NumericEquals" => numbers().is_some_and(|(found, wanted)| found == wanted),
        "NumericLessThan" => numbers().is_some_and(|(found, wanted)| found < wanted),
        "NumericGreaterThanEquals" => numbers().is_some_and(|(found, wanted)| found >= wanted),
        other => panic!("the generator made an operator that the reference does not know: {other}"),
    }
}
