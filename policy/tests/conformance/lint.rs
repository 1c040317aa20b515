//! What the lint says of one case.

use probity_policy::{DocumentKind, LintFinding, LintKind, lint};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How often a code was given by both sides, or by one only.
#[derive(Default)]
pub(crate) struct Count {
    pub(crate) both: usize,
    pub(crate) there: usize,
    pub(crate) here: usize,
}

/// Codes of documents that cannot be read; IAM refuses all of these, and nothing it accepts has one.
const UNREADABLE: [&str; 11] = [
    "DATA_TYPE_MISMATCH",
    "INVALID_EFFECT",
    "INVALID_POLICY_ELEMENT",
    "INVALID_VERSION",
    "JSON_SYNTAX_ERROR",
    "MISSING_ACTION",
    "MISSING_EFFECT",
    "MISSING_RESOURCE",
    "MISSING_STATEMENT",
    "UNIQUE_SIDS_REQUIRED",
    "UNSUPPORTED_ELEMENT_COMBINATION",
];

/// Judges a lint case; `None` for any other, and for those whose findings are only counted.
pub(crate) fn judge(case: &Value, codes: &mut BTreeMap<String, Count>) -> Option<Result<(), String>> {
    let (input, expected) = (&case["input"], &case["expected"]);
    if case["kind"] != "lint" {
        return None;
    }
    let text = input["policy_text"].as_str().map_or_else(|| input["policy"].to_string(), str::to_owned);
    let kind = match input["policy_type"].as_str() {
        Some("RESOURCE_POLICY") => DocumentKind::Resource,
        Some("SERVICE_CONTROL_POLICY") => DocumentKind::ServiceControl,
        Some("RESOURCE_CONTROL_POLICY") => DocumentKind::ResourceControl,
        Some("TRUST_POLICY") => DocumentKind::Trust,
        _ => DocumentKind::Identity,
    };
    let found = lint(&text, kind);
    if let Some(findings) = expected["findings"].as_array() {
        count(findings, &found, codes);
        return None;
    }
    Some(verdict(expected, &text, &found))
}

fn count(expected: &[Value], found: &[LintFinding], codes: &mut BTreeMap<String, Count>) {
    let there: BTreeSet<&str> = expected.iter().filter_map(|finding| finding["issueCode"].as_str()).collect();
    let here: BTreeSet<&str> = found.iter().map(|finding| finding.code).collect();
    for code in there.union(&here) {
        let count = codes.entry((*code).to_owned()).or_default();
        match (there.contains(code), here.contains(code)) {
            (true, true) => count.both += 1,
            (true, false) => count.there += 1,
            _ => count.here += 1,
        }
    }
}

fn verdict(expected: &Value, text: &str, found: &[LintFinding]) -> Result<(), String> {
    let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
    let unreadable = codes.iter().any(|code| UNREADABLE.contains(code));
    let wrong = found.iter().any(|finding| finding.kind == LintKind::Error)
        // ValidatePolicy only suggests something for empty lists, and takes the older version.
        || codes.iter().any(|code| code.starts_with("EMPTY_ARRAY_") || *code == "MISSING_VERSION")
        || text.contains("2008-10-17");
    match expected["valid"].as_bool() {
        Some(true) if unreadable => Err(format!("IAM accepts it, found {codes:?} in {text}")),
        Some(false) if !wrong => Err(format!("IAM refuses it, found {codes:?} in {text}")),
        _ => Ok(()),
    }
}
