//! Lint findings as SARIF 2.1.0 (OASIS Standard, "Static Analysis Results Interchange Format"), for code scanning.

use std::collections::BTreeMap;

use probity_policy::LintKind;
use serde_json::{Value, json};

use super::Linted;

/// The log of one run.
pub(super) fn log(linted: &[Linted]) -> Value {
    let findings = || linted.iter().flat_map(|one| one.findings.iter().map(move |finding| (one, finding)));
    let codes: BTreeMap<&str, LintKind> = findings().map(|(_, finding)| (finding.code, finding.kind)).collect();
    let rules: Vec<Value> =
        codes.iter().map(|(code, kind)| json!({"id": code, "defaultConfiguration": {"level": level(*kind)}})).collect();
    let results: Vec<Value> = findings()
        .map(|(document, finding)| {
            json!({
                "ruleId": finding.code,
                "ruleIndex": codes.keys().position(|code| *code == finding.code),
                "level": level(finding.kind),
                "message": {"text": finding.message},
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": {"uri": uri(&document.name)},
                        "region": {"startLine": finding.position.line.max(1), "startColumn": finding.position.column.max(1)},
                    },
                    "logicalLocations": [{"fullyQualifiedName": finding.path}],
                }],
            })
        })
        .collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "probity lint", "version": env!("CARGO_PKG_VERSION"), "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn level(kind: LintKind) -> &'static str {
    match kind {
        LintKind::Error => "error",
        LintKind::SecurityWarning | LintKind::Warning => "warning",
        LintKind::Suggestion => "note",
    }
}

/// A name as a relative URI reference (RFC 3986): what may not stand in one is percent-encoded.
fn uri(name: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/,".contains(&byte);
    name.bytes().map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_references() {
        assert_eq!(uri("policies/a b.json"), "policies/a%20b.json");
        assert_eq!(uri("arn:aws:iam::1:policy/ä"), "arn%3Aaws%3Aiam%3A%3A1%3Apolicy/%C3%A4");
    }
}
