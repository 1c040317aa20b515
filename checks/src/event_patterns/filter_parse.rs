//! Reads filter patterns of CloudWatch Logs.
//!
//! `&&` binds stronger than `||`, parentheses stronger than both. Nesting is limited, so that no pattern exhausts the stack.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::filter::{Expression, FilterPattern, Selector, Term, TermKind, Test, regex, text};

/// How deep parentheses may lie inside each other. CloudWatch Logs takes patterns of 1,024 characters.
const DEPTH: usize = 64;

/// Reads a pattern.
pub(super) fn parse(pattern: &str) -> FilterPattern {
    let trimmed = pattern.trim();
    if trimmed.is_empty() {
        return FilterPattern::Everything;
    }
    if trimmed.starts_with('[') {
        return FilterPattern::Unclear(
            "the pattern is for lines of words, which no record of CloudTrail is".to_owned(),
        );
    }
    if !trimmed.starts_with('{') {
        return terms(trimmed).map_or_else(FilterPattern::Unclear, FilterPattern::Terms);
    }
    let mut reader = Reader { rest: trimmed };
    match reader.braces() {
        Ok(expression) => FilterPattern::Json(expression),
        Err(what) => {
            let left = reader.rest.chars().take(20).collect::<String>();
            FilterPattern::Unclear(format!("the pattern cannot be read: {what} before `{left}`"))
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn braces(&mut self) -> Result<Expression, &'static str> {
        self.take("{");
        let expression = self.alternatives(0)?;
        if !self.take("}") {
            return Err("there is no closing brace");
        }
        self.space();
        if self.rest.is_empty() { Ok(expression) } else { Err("there is text after the closing brace") }
    }

    fn alternatives(&mut self, depth: usize) -> Result<Expression, &'static str> {
        let mut parts = Vec::from([self.conjunction(depth)?]);
        while self.take("||") {
            parts.push(self.conjunction(depth)?);
        }
        Ok(one_or(parts, Expression::Or))
    }

    fn conjunction(&mut self, depth: usize) -> Result<Expression, &'static str> {
        let mut parts = Vec::from([self.operand(depth)?]);
        while self.take("&&") {
            parts.push(self.operand(depth)?);
        }
        Ok(one_or(parts, Expression::And))
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, &'static str> {
        if !self.take("(") {
            let selector = self.selector()?;
            return Ok(Expression::Test(selector, self.test()?));
        }
        if depth >= DEPTH {
            return Err("parentheses lie too deep inside each other");
        }
        let inner = self.alternatives(depth + 1)?;
        if self.take(")") { Ok(inner) } else { Err("a parenthesis is not closed") }
    }

    fn selector(&mut self) -> Result<Selector, &'static str> {
        if !self.take("$") {
            return Err("a field is expected, which begins with `$`");
        }
        let mut selector = Selector { path: Vec::new(), in_list: false };
        loop {
            if let Some(rest) = self.rest.strip_prefix("[") {
                self.rest = rest;
                self.index(&mut selector)?;
            } else if let Some(rest) = self.rest.strip_prefix(".") {
                self.rest = rest;
                if self.rest.starts_with('[') {
                    continue;
                }
                let name = self.word(|one| one.is_alphanumeric() || "_-@:*".contains(one));
                match name.as_str() {
                    "" => return Err("a field has no name"),
                    name if name.contains('*') => selector.in_list = true,
                    _ => {}
                }
                selector.path.push(name);
            } else {
                break;
            }
        }
        if selector.path.is_empty() { Err("a field has no name") } else { Ok(selector) }
    }

    /// What stands in brackets: a name in quotation marks, or a place in a list.
    fn index(&mut self, selector: &mut Selector) -> Result<(), &'static str> {
        self.space();
        let quote = self.rest.chars().next().filter(|one| matches!(one, '\'' | '"'));
        if let Some(quote) = quote {
            selector.path.push(self.quoted(quote)?);
        } else {
            let place = self.word(|one| one.is_ascii_digit() || one == '*');
            if place.is_empty() {
                return Err("there is neither a name nor a number in brackets");
            }
            selector.path.push(place);
            selector.in_list = true;
        }
        if self.take("]") { Ok(()) } else { Err("a bracket is not closed") }
    }

    fn test(&mut self) -> Result<Test, &'static str> {
        if self.keyword("NOT") {
            return if self.keyword("EXISTS") { Ok(Test::NotExists) } else { Err("`NOT` without `EXISTS`") };
        }
        if self.keyword("EXISTS") {
            return Ok(Test::Exists);
        }
        if self.keyword("IS") {
            let known = [("NULL", Test::IsNull), ("TRUE", Test::IsFlag(true)), ("FALSE", Test::IsFlag(false))];
            let found = known.into_iter().find(|(word, _)| self.keyword(word));
            return found.map(|(_, test)| test).ok_or("`IS` without `NULL`, `TRUE` or `FALSE`");
        }
        let (less, equal, greater) = if self.take("!=") {
            (true, false, true)
        } else if self.take("<=") {
            (true, true, false)
        } else if self.take(">=") {
            (false, true, true)
        } else if self.take("=") {
            (false, true, false)
        } else if self.take("<") {
            (true, false, false)
        } else if self.take(">") {
            (false, false, true)
        } else {
            return Err("an operator is expected");
        };
        self.space();
        let compared = match self.rest.chars().next() {
            Some('"') => text(&self.quoted('"')?),
            Some('%') => regex(&self.quoted('%')?),
            _ => {
                let word = self.bare();
                if word.is_empty() {
                    return Err("a value is expected");
                }
                if let Ok(than) = word.parse::<f64>()
                    && than.is_finite()
                {
                    return Ok(Test::Number { less, equal, greater, than });
                }
                text(&word)
            }
        };
        match (less, equal) {
            (false, true) if !greater => Ok(Test::Is(compared)),
            (true, false) if greater => Ok(Test::IsNot(compared)),
            _ => Err("only numbers are less or greater"),
        }
    }

    /// A value without quotation marks: up to a space, a parenthesis, a brace or a connective.
    fn bare(&mut self) -> String {
        let end = self
            .rest
            .char_indices()
            .find(|(at, one)| {
                let behind = self.rest.get(*at..).unwrap_or_default();
                one.is_whitespace() || "(){}".contains(*one) || behind.starts_with("&&") || behind.starts_with("||")
            })
            .map_or(self.rest.len(), |(at, _)| at);
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    /// What stands between two marks, the first of which comes next; a backslash takes the mark behind it literally.
    fn quoted(&mut self, mark: char) -> Result<String, &'static str> {
        let mut inside = String::new();
        let mut characters = self.rest.chars();
        characters.next();
        while let Some(one) = characters.next() {
            if one == mark {
                self.rest = characters.as_str();
                return Ok(inside);
            }
            match (one, characters.as_str().chars().next()) {
                ('\\', Some(next)) if next == mark || (next == '\\' && mark != '%') => {
                    inside.push(next);
                    characters.next();
                }
                _ => inside.push(one),
            }
        }
        Err("a quotation is not closed")
    }

    fn keyword(&mut self, word: &str) -> bool {
        self.space();
        let Some((begin, rest)) = self.rest.split_at_checked(word.len()) else { return false };
        let ends = rest.chars().next().is_none_or(|one| !one.is_alphanumeric());
        let found = begin.eq_ignore_ascii_case(word) && ends;
        if found {
            self.rest = rest;
        }
        found
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|one| !belongs(one)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn take(&mut self, token: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

fn one_or(mut parts: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            many(parts)
        }
    }
}

/// Terms: words, phrases in quotation marks, `?` and `-` in front of them.
fn terms(pattern: &str) -> Result<Vec<Term>, String> {
    let mut reader = Reader { rest: pattern };
    let mut terms = Vec::new();
    loop {
        reader.space();
        let kind = match reader.rest.chars().next() {
            None => return Ok(terms),
            Some('?') => TermKind::Alternative,
            Some('-') => TermKind::Excluded,
            Some(_) => TermKind::Required,
        };
        if kind != TermKind::Required {
            reader.rest = reader.rest.get(1..).unwrap_or_default();
        }
        let text = match reader.rest.chars().next() {
            Some('%') => return Err("the pattern is a regular expression over the whole record".to_owned()),
            Some('"') => reader.quoted('"').map_err(ToString::to_string)?,
            _ => reader.word(|one| !one.is_whitespace()),
        };
        if text.is_empty() {
            return Err("the pattern holds a term without text".to_owned());
        }
        terms.push(Term { text, kind });
    }
}
