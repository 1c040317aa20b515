//! Texts with wildcards and policy variables, prepared once and matched many times.
//!
//! `${key}` stands for the value of a context key, `${key, 'default'}` for the default where the key is absent, and
//! `${*}`, `${?}`, `${$}` for the characters themselves. What a variable brings in is literal: an asterisk in a tag's
//! value is no wildcard.

use crate::context::{Keys, Known};
use crate::truth::Truth;
use std::borrow::Cow;

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Any run of characters, also none.
    Run,
    /// Exactly one character.
    One,
    /// This character.
    Literal(char),
}

impl Token {
    /// Reads `*` and `?` as wildcards.
    pub(crate) fn wild(character: char) -> Token {
        match character {
            '*' => Token::Run,
            '?' => Token::One,
            other => Token::Literal(other),
        }
    }
}

/// A text as a document wrote it, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Tokens(Vec<Token>),
    Variable {
        /// In lower case.
        key: String,
        default: Option<String>,
    },
}

/// How a text is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Whether `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// Whether `${…}` is a variable; only documents of version 2012-10-17 know them.
    pub(crate) variables: bool,
}

/// What a text is for one request.
pub(crate) struct Resolved<'t> {
    tokens: Cow<'t, [Token]>,
    /// Whether a variable's value is unknown; a run stands in its place.
    uncertain: bool,
}

impl Template {
    pub(crate) fn new(text: &str, reading: Reading) -> Template {
        let token = |character| if reading.wildcards { Token::wild(character) } else { Token::Literal(character) };
        let mut pieces = Vec::new();
        let mut tokens: Vec<Token> = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let variable = if reading.variables { rest.strip_prefix("${") } else { None };
            if let Some((inner, after)) = variable.and_then(end_of_variable) {
                match inner {
                    "*" | "?" | "$" => tokens.extend(inner.chars().map(Token::Literal)),
                    _ => {
                        pieces.push(Piece::Tokens(std::mem::take(&mut tokens)));
                        pieces.push(variable_of(inner));
                    }
                }
                rest = after;
            } else {
                tokens.push(token(first));
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
        pieces.push(Piece::Tokens(tokens));
        pieces.retain(|piece| !matches!(piece, Piece::Tokens(tokens) if tokens.is_empty()));
        Template { pieces }
    }

    /// The pattern with a run in the place of each variable.
    pub(crate) fn with_unknown_variables(&self) -> Vec<Token> {
        let tokens = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Tokens(tokens) => tokens.as_slice(),
            Piece::Variable { .. } => &[Token::Run],
        });
        tokens.copied().collect()
    }

    /// Puts in the values; `None` when a variable has none, and then the text matches nothing.
    pub(crate) fn resolve(&self, context: &dyn Keys) -> Option<Resolved<'_>> {
        if let [Piece::Tokens(tokens)] = self.pieces.as_slice() {
            return Some(Resolved { tokens: Cow::Borrowed(tokens), uncertain: false });
        }
        let mut tokens = Vec::new();
        let mut uncertain = false;
        for piece in &self.pieces {
            match piece {
                Piece::Tokens(own) => tokens.extend_from_slice(own),
                Piece::Variable { key, default } => match (context.lowered(key), default) {
                    (Known::Values([value]), _) => tokens.extend(value.chars().map(Token::Literal)),
                    (Known::Absent, Some(default)) => tokens.extend(default.chars().map(Token::Literal)),
                    (Known::Absent, None) => return None,
                    // IAM takes keys with one value only; what it does with several is not documented.
                    (Known::Unknown | Known::Values(_), _) => {
                        tokens.push(Token::Run);
                        uncertain = true;
                    }
                },
            }
        }
        Some(Resolved { tokens: Cow::Owned(tokens), uncertain })
    }

    /// Whether the text matches, by `test`, once its variables have their values.
    pub(crate) fn matches(&self, context: &dyn Keys, test: impl Fn(&[Token]) -> bool) -> Truth {
        match self.resolve(context) {
            None => Truth::No,
            Some(resolved) => match (test(&resolved.tokens), resolved.uncertain) {
                (false, _) => Truth::No,
                (true, true) => Truth::Unknown,
                (true, false) => Truth::Yes,
            },
        }
    }
}

/// The inside of a variable and what follows it. A brace within a quoted default does not end it.
fn end_of_variable(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let end = text.char_indices().find_map(|(place, character)| {
        quoted ^= character == '\'';
        (character == '}' && !quoted).then_some(place)
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

fn variable_of(inner: &str) -> Piece {
    let (key, default) = match inner.split_once(',') {
        None => (inner, None),
        Some((key, default)) => {
            let default = default.trim();
            let unquoted = default.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            (key, Some(unquoted.unwrap_or(default).to_owned()))
        }
    };
    Piece::Variable { key: key.trim().to_lowercase(), default }
}

/// Matches the whole of `text`. On a mismatch the last run takes one character more; earlier ones are never
/// reconsidered, because the last one can make up for them.
pub(crate) fn glob(
    pattern: impl Iterator<Item = Token> + Clone,
    text: &str,
    same: impl Fn(char, char) -> bool,
) -> bool {
    let mut pattern_rest = pattern;
    let mut text_rest = text.chars();
    let mut last_run = None;
    loop {
        let before = text_rest.clone();
        match (pattern_rest.next(), text_rest.next()) {
            (Some(Token::Run), _) => {
                text_rest = before;
                last_run = Some((pattern_rest.clone(), text_rest.clone()));
            }
            (None, None) => return true,
            (Some(Token::One), Some(_)) => {}
            (Some(Token::Literal(wanted)), Some(found)) if same(wanted, found) => {}
            // The text is used up: leaving less of it to the rest of the pattern cannot help.
            (Some(_), None) => return false,
            _ => {
                let Some((after_run, mut taken)) = last_run.take() else { return false };
                if taken.next().is_none() {
                    return false;
                }
                pattern_rest = after_run.clone();
                text_rest = taken.clone();
                last_run = Some((after_run, taken));
            }
        }
    }
}

/// Whether a pattern holds nothing but runs (at least one): it matches everything.
pub(crate) fn is_everything(tokens: &[Token]) -> bool {
    !tokens.is_empty() && tokens.iter().all(|token| *token == Token::Run)
}

/// Matches an ARN segment by segment: a run in the first five segments does not reach over a colon, one in the sixth
/// does. A pattern that has fewer segments and ends in a run spans the rest, as the IAM User Guide says of resources.
pub(crate) fn matches_arn(pattern: &[Token], arn: &str) -> bool {
    if is_everything(pattern) {
        return true;
    }
    let same = |left: char, right: char| left == right;
    let mut segments = pattern.splitn(6, |token| *token == Token::Literal(':')).enumerate().peekable();
    let mut rest = arn;
    while let Some((index, segment)) = segments.next() {
        if segments.peek().is_none() {
            return (index == 5 || segment.last() == Some(&Token::Run)) && glob(segment.iter().copied(), rest, same);
        }
        let Some((first, after)) = rest.split_once(':') else { return false };
        if !glob(segment.iter().copied(), first, same) {
            return false;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;

    const WILD: Reading = Reading { wildcards: true, variables: true };

    fn matches(template: &str, text: &str, context: &Context) -> Truth {
        Template::new(template, WILD)
            .matches(context, |tokens| glob(tokens.iter().copied(), text, |left, right| left == right))
    }

    #[test]
    fn a_variable_brings_in_its_value() {
        let context = Context::complete().with("aws:username", "anna");
        assert_eq!(matches("home/${aws:UserName}/*", "home/anna/x", &context), Truth::Yes);
        assert_eq!(matches("home/${aws:username}/*", "home/bob/x", &context), Truth::No);
    }

    #[test]
    fn a_variable_without_value_matches_nothing() {
        let context = Context::complete();
        assert_eq!(matches("b/${aws:username}/*", "b//x", &context), Truth::No);
        assert_eq!(matches("*${aws:username}*", "anything", &context), Truth::No);
    }

    #[test]
    fn the_default_counts_only_where_the_key_is_absent() {
        let template = "bucket-${aws:PrincipalTag/team, 'company-wide'}";
        let yellow = Context::complete().with("aws:PrincipalTag/team", "yellow");
        assert_eq!(matches(template, "bucket-company-wide", &Context::complete()), Truth::Yes);
        assert_eq!(matches(template, "bucket-yellow", &yellow), Truth::Yes);
        assert_eq!(matches(template, "bucket-company-wide", &yellow), Truth::No);
        assert_eq!(matches("${k, 'a}b'}", "a}b", &Context::complete()), Truth::Yes, "a brace in quotes");
    }

    #[test]
    fn an_unknown_value_leaves_open_only_what_it_could_change() {
        let context = Context::partial();
        assert_eq!(matches("home/${aws:username}", "home/anna", &context), Truth::Unknown);
        assert_eq!(matches("home/${aws:username}", "work/anna", &context), Truth::No);
    }

    #[test]
    fn wildcards_can_be_meant_literally() {
        let context = Context::complete().with("k", "a*");
        assert_eq!(matches("b/${*}", "b/anything", &context), Truth::No);
        assert_eq!(matches("b/${*}", "b/*", &context), Truth::Yes);
        assert_eq!(matches("${?}${$}", "?$", &context), Truth::Yes);
        assert_eq!(matches("${k}", "abc", &context), Truth::No, "an asterisk in a value is no wildcard");
        assert_eq!(matches("${k}", "a*", &context), Truth::Yes);
    }

    #[test]
    fn the_older_version_knows_no_variables() {
        let literal = Template::new("${aws:username}", Reading { wildcards: true, variables: false });
        let test = |text: &'static str| {
            literal.matches(&Context::partial(), |tokens| glob(tokens.iter().copied(), text, |l, r| l == r))
        };
        assert_eq!(test("${aws:username}"), Truth::Yes);
        assert_eq!(test("anna"), Truth::No);
    }

    #[test]
    fn a_brace_that_is_missing_makes_a_literal() {
        assert_eq!(matches("${aws:username", "${aws:username", &Context::complete()), Truth::Yes);
    }
}
