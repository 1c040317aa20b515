//! Reads JSON and remembers where each value stood, so that a message can point into the document.
//!
//! `serde_json` forgets positions and keeps only the last of two equal keys; a policy needs both told.

use crate::document::{ParseError, ParseErrorKind, Position};
use std::collections::BTreeSet;

/// How deep values may lie inside each other. IAM documents need six levels; the limit keeps the stack safe.
const DEPTH: usize = 64;

/// A JSON value and where it begins.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) position: Position,
    pub(crate) value: Value,
}

/// What stands at a position. Numbers keep their text: IAM compares them as text or parses them itself.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// One key of an object, with the key's own position.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) position: Position,
    pub(crate) node: Node,
}

/// Reads one JSON value and nothing after it. Two equal keys in one object are an error.
pub(crate) fn parse(text: &str) -> Result<Node, ParseError> {
    let mut reader = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1, column: 1 };
    let node = reader.node(0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.error("there is text after the end of the document")),
    }
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
    column: usize,
}

impl Reader<'_> {
    fn position(&self) -> Position {
        Position { line: self.line, column: self.column }
    }

    fn error(&self, what: impl Into<String>) -> ParseError {
        ParseError::new(self.position(), ParseErrorKind::Json(what.into()))
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let character = chars.next()?;
        self.rest = chars.as_str();
        if character == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(character)
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|character| matches!(character, ' ' | '\t' | '\r' | '\n')) {
            self.next();
        }
    }

    fn expect(&mut self, wanted: char) -> Result<(), ParseError> {
        self.skip_space();
        if self.peek() == Some(wanted) {
            self.next();
            return Ok(());
        }
        Err(self.error(format!("`{wanted}` was expected")))
    }

    /// Takes `wanted` if it comes next.
    fn takes(&mut self, wanted: char) -> bool {
        self.skip_space();
        let comes = self.peek() == Some(wanted);
        if comes {
            self.next();
        }
        comes
    }

    fn node(&mut self, depth: usize) -> Result<Node, ParseError> {
        self.skip_space();
        let position = self.position();
        if depth > DEPTH {
            return Err(self.error(format!("values lie more than {DEPTH} deep inside each other")));
        }
        let value = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Value::Text(self.text()?),
            Some(first) if first == '-' || first.is_ascii_digit() => self.number(position)?,
            Some(first) if first.is_ascii_alphabetic() => self.word(position)?,
            Some(_) => return Err(self.error("a value was expected")),
            None => return Err(self.error("the document ends too early")),
        };
        Ok(Node { position, value })
    }

    fn object(&mut self, depth: usize) -> Result<Value, ParseError> {
        self.expect('{')?;
        let mut members = Vec::new();
        let mut keys = BTreeSet::new();
        if self.takes('}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let position = self.position();
            if self.peek() != Some('"') {
                return Err(self.error("a key in double quotes was expected"));
            }
            let key = self.text()?;
            if !keys.insert(key.clone()) {
                return Err(ParseError::new(position, ParseErrorKind::DuplicateKey(key)));
            }
            self.expect(':')?;
            let node = self.node(depth + 1)?;
            members.push(Member { key, position, node });
            if !self.takes(',') {
                self.expect('}')?;
                return Ok(Value::Object(members));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, ParseError> {
        self.expect('[')?;
        let mut nodes = Vec::new();
        if self.takes(']') {
            return Ok(Value::List(nodes));
        }
        loop {
            nodes.push(self.node(depth + 1)?);
            if !self.takes(',') {
                self.expect(']')?;
                return Ok(Value::List(nodes));
            }
        }
    }

    fn text(&mut self) -> Result<String, ParseError> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            let before = self.position();
            match self.next() {
                None => return Err(self.error("the document ends inside a string")),
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape(before)?),
                Some(character) if u32::from(character) < 0x20 => {
                    return Err(ParseError::new(
                        before,
                        ParseErrorKind::Json("a control character stands in a string".into()),
                    ));
                }
                Some(character) => text.push(character),
            }
        }
    }

    fn escape(&mut self, start: Position) -> Result<char, ParseError> {
        let unknown = || ParseError::new(start, ParseErrorKind::Json("this escape is not known to JSON".into()));
        match self.next() {
            Some(same @ ('"' | '\\' | '/')) => Ok(same),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => {
                let first = self.hexadecimal().ok_or_else(unknown)?;
                if !(0xD800..0xDC00).contains(&first) {
                    return char::from_u32(first).ok_or_else(unknown);
                }
                if (self.next(), self.next()) != (Some('\\'), Some('u')) {
                    return Err(unknown());
                }
                let second = self.hexadecimal().filter(|unit| (0xDC00..0xE000).contains(unit)).ok_or_else(unknown)?;
                char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or_else(unknown)
            }
            _ => Err(unknown()),
        }
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |value, _| Some(value * 16 + self.next()?.to_digit(16)?))
    }

    fn run_of(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut run = String::new();
        while let Some(character) = self.peek().filter(|character| belongs(*character)) {
            run.push(character);
            self.next();
        }
        run
    }

    fn number(&mut self, position: Position) -> Result<Value, ParseError> {
        let text =
            self.run_of(|character| character.is_ascii_digit() || matches!(character, '-' | '+' | '.' | 'e' | 'E'));
        // serde_json holds JSON's grammar of numbers; only the text is kept.
        match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
            Ok(_) => Ok(Value::Number(text)),
            Err(_) => Err(ParseError::new(position, ParseErrorKind::Json(format!("`{text}` is not a number")))),
        }
    }

    fn word(&mut self, position: Position) -> Result<Value, ParseError> {
        match self.run_of(|character| character.is_ascii_alphanumeric()).as_str() {
            "null" => Ok(Value::Null),
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            other => Err(ParseError::new(position, ParseErrorKind::Json(format!("`{other}` is not a JSON value")))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> (usize, usize) {
        let error = parse(text).expect_err("not JSON");
        (error.line(), error.column())
    }

    #[test]
    fn values_know_their_line_and_column() {
        let node = parse("{\n  \"é\": [true]\n}").expect("JSON");
        let Value::Object(members) = node.value else { panic!("an object") };
        assert_eq!((members[0].position.line, members[0].position.column), (2, 3));
        assert_eq!(members[0].node.position.column, 8, "columns count characters, not bytes");
    }

    #[test]
    fn every_escape_is_read() {
        let Value::Text(text) = parse(r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#).expect("JSON").value else {
            panic!("text")
        };
        assert_eq!(text, "\"\\/\u{8}\u{c}\n\r\té😀");
    }

    #[test]
    fn half_of_a_pair_is_refused() {
        for text in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83dx""#, r#""\ud83d\u0041""#, r#""\x""#, r#""\u12""#] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_point_to_the_place() {
        assert_eq!(place("{\"a\": 1,\n \"a\": 2}"), (2, 2));
        assert_eq!(place("{\"a\" 1}"), (1, 6));
        assert_eq!(place("[1, 2"), (1, 6));
        assert_eq!(place("{} x"), (1, 4));
        assert_eq!(place("[nul]"), (1, 2));
        assert_eq!(place("[01]"), (1, 2));
        assert_eq!(place("[1,]"), (1, 4));
        assert_eq!(place("\"a\nb\""), (1, 3));
        assert_eq!(place(""), (1, 1));
    }

    #[test]
    fn depth_has_a_limit() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(60)).is_ok());
        assert!(parse(&nested(100_000)).is_err());
    }
}
