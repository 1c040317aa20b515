//! Whether policy variables are well formed and stand where they are known.

use super::Findings;
use super::view::{Asked, View, Word};
use crate::condition::operator::Family;
use crate::condition::text::Kind;

pub(super) fn look(view: &View, findings: &mut Findings) {
    for clause in &view.clauses {
        let named = clause.actions.iter().flat_map(|actions| &actions.words);
        let principals = clause.who.iter().flat_map(|who| who.named.iter().map(|(_, word)| word));
        for word in named.chain(principals).chain(&clause.sid).filter(|word| has_variable(word)) {
            let message = "Policy variables are known in `Resource` and in `Condition` only; here it is plain text.";
            findings.add("VARIABLE_UNSUPPORTED_IN_ELEMENT", &word.place, message);
        }
        for word in clause.resources.iter().flat_map(|resources| &resources.words) {
            known(word, view, findings);
        }
        for asked in &clause.asked {
            for word in &asked.values {
                known(word, view, findings);
                if has_variable(word) && !takes_variables(asked) {
                    let message = format!(
                        "`{}` knows no policy variables; only operators on strings and ARNs do.",
                        asked.operator.text
                    );
                    findings.add("INVALID_VARIABLE_FOR_OPERATOR", &word.place, message);
                }
            }
        }
    }
}

fn has_variable(word: &Word) -> bool {
    word.text.contains("${")
}

fn takes_variables(asked: &Asked) -> bool {
    // What an unknown operator takes is not known either.
    asked.parsed.is_none_or(|operator| matches!(operator.family, Family::Text(kind) if kind != Kind::Binary))
}

/// The variables of a text where they are known.
fn known(word: &Word, view: &View, findings: &mut Findings) {
    if has_variable(word) && !view.variables {
        let message = "Policy variables are known since version 2012-10-17; here it is plain text.";
        findings.add("VARIABLE_UNSUPPORTED_IN_VERSION", &word.place, message);
    }
    for part in word.text.split("${").skip(1) {
        let Some((inner, _)) = part.split_once('}') else {
            findings.add(
                "MISSING_BRACE_IN_VARIABLE",
                &word.place,
                format!("The closing brace of `${{{part}` is missing."),
            );
            continue;
        };
        if let Some((code, message)) = wrong(inner) {
            findings.add(code, &word.place, format!("`${{{inner}}}`: {message}"));
        }
    }
}

/// What is wrong with the inside of a variable.
fn wrong(inner: &str) -> Option<(&'static str, &'static str)> {
    let (key, default) = inner.split_once(',').map_or((inner, None), |(key, default)| (key, Some(default.trim())));
    if key.trim().is_empty() {
        return Some(("EMPTY_VARIABLE", "the variable has no name."));
    }
    if key.contains(char::is_whitespace) {
        return Some(("UNSUPPORTED_SPACE_IN_VARIABLE", "the name of a variable has no spaces."));
    }
    let is_quoted = |text: &str| text.len() > 1 && text.starts_with('\'') && text.ends_with('\'');
    let unquoted = default.is_some_and(|default| !is_quoted(default));
    unquoted.then_some(("MISSING_QUOTE_IN_VARIABLE", "the default stands in single quotes."))
}
