//! Wildcards and variables, matched by trying everything.

use std::collections::BTreeMap;

/// One piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Run,
    One,
    Char(char),
}

/// Reads a text; `None` when a variable in it has no value.
pub(crate) fn pieces(
    text: &str,
    wildcards: bool,
    variables: bool,
    keys: &BTreeMap<String, Vec<String>>,
) -> Option<Vec<Piece>> {
    let Some(start) = text.find("${").filter(|_| variables) else { return Some(plain(text, wildcards)) };
    let (before, after) = text.split_at(start);
    let Some(end) = after.find('}') else { return Some(plain(text, wildcards)) };
    let inner = &after[2..end];
    let value = match inner {
        "*" | "?" | "$" => inner.to_owned(),
        _ => {
            let (key, default) = match inner.split_once(", ") {
                Some((key, default)) => (key, Some(default.trim_matches('\'').to_owned())),
                None => (inner, None),
            };
            keys.get(&key.to_lowercase()).map(|values| values[0].clone()).or(default)?
        }
    };
    let mut all = plain(before, wildcards);
    all.extend(value.chars().map(Piece::Char));
    all.extend(pieces(&after[end + 1..], wildcards, variables, keys)?);
    Some(all)
}

fn plain(text: &str, wildcards: bool) -> Vec<Piece> {
    let piece = |character| match character {
        '*' if wildcards => Piece::Run,
        '?' if wildcards => Piece::One,
        other => Piece::Char(other),
    };
    text.chars().map(piece).collect()
}

/// Whether a pattern matches the whole text: a run takes nothing, or one character and then again.
pub(crate) fn whole(pattern: &[Piece], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some((Piece::Run, rest)), None) => whole(rest, text),
        (Some((Piece::Run, rest)), Some((_, after))) => whole(rest, text) || whole(pattern, after),
        (Some((Piece::One, rest)), Some((_, after))) => whole(rest, after),
        (Some((Piece::Char(wanted), rest)), Some((found, after))) => wanted == found && whole(rest, after),
        (Some(_), None) => false,
    }
}

/// The same, for texts.
pub(crate) fn like(pattern: &[Piece], text: &str) -> bool {
    whole(pattern, &text.chars().collect::<Vec<_>>())
}

/// Service and name of an action, each by itself and without regard to case.
pub(crate) fn action(pattern: &str, action: &str) -> bool {
    let lower = |text: &str| text.to_ascii_lowercase();
    let matches = |pattern: &str, text: &str| like(&plain(&lower(pattern), true), &lower(text));
    match (pattern.split_once(':'), action.split_once(':')) {
        (Some((service, name)), Some((own_service, own_name))) => {
            matches(service, own_service) && matches(name, own_name)
        }
        (Some(_), None) => false,
        (None, _) => everything(&plain(pattern, true)),
    }
}

/// Nothing but asterisks.
pub(crate) fn everything(pattern: &[Piece]) -> bool {
    !pattern.is_empty() && pattern.iter().all(|piece| *piece == Piece::Run)
}

/// A resource of a statement. The asterisk of actions without resources is covered by everything only.
pub(crate) fn resource(pattern: &[Piece], found: &str) -> bool {
    if found == "*" { everything(pattern) } else { arn(pattern, found) }
}

/// An ARN, segment by segment; the sixth keeps its colons. A pattern with fewer that ends in a run spans the rest.
pub(crate) fn arn(pattern: &[Piece], found: &str) -> bool {
    if everything(pattern) {
        return true;
    }
    let patterns: Vec<&[Piece]> = pattern.splitn(6, |piece| *piece == Piece::Char(':')).collect();
    let spans = patterns.len() < 6 && pattern.last() == Some(&Piece::Run);
    let found: Vec<&str> = found.splitn(if spans { patterns.len() } else { 6 }, ':').collect();
    (spans || patterns.len() == 6)
        && patterns.len() == found.len()
        && patterns.iter().zip(found).all(|(pattern, found)| like(pattern, found))
}
