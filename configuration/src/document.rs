//! TOML with positions: errors name line, column and field.

use std::ops::Range;

use probity_checks::registry::nearest;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Mistake;

/// A text that is TOML.
pub(crate) struct Document<'t> {
    text: &'t str,
    /// Its tables and values.
    pub(crate) root: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Reads a text.
    pub(crate) fn parse(text: &'t str) -> Result<Self, Mistake> {
        match DeTable::parse(text) {
            Ok(root) => Ok(Self { text, root }),
            Err(error) => {
                let at = error.span().unwrap_or_default();
                Err(mistake(text, &at, "", error.message().trim().replace('\n', "; ")))
            }
        }
    }

    /// Something wrong at a place.
    pub(crate) fn mistake(&self, at: &Range<usize>, field: &str, message: impl Into<String>) -> Mistake {
        mistake(self.text, at, field, message.into())
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, at: &Range<usize>) -> usize {
        position(self.text, at.start).0
    }

    /// A value that must be a table.
    pub(crate) fn table<'v>(&self, value: &'v Spanned<DeValue<'t>>, field: &str) -> Result<&'v DeTable<'t>, Mistake> {
        let wrong = || self.mistake(&value.span(), field, format!("this is {}, not a table", kind(value.get_ref())));
        value.get_ref().as_table().ok_or_else(wrong)
    }
}

fn mistake(text: &str, at: &Range<usize>, field: &str, message: String) -> Mistake {
    let (line, column) = position(text, at.start);
    Mistake { line, column, field: field.to_owned(), message }
}

/// Line and column of a byte, both from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).map_or(0, |line| line.chars().count()) + 1)
}

/// What a value is, in words.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A whole number, where a value is one that fits.
pub(crate) fn whole_number(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// What to say of a key that does not exist.
pub(crate) fn unknown<'k>(given: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    match nearest(given, known.clone()) {
        Some(nearest) => format!("there is no key `{given}`; did you mean `{nearest}`?"),
        None => format!("there is no key `{given}`; there are {}", known.collect::<Vec<_>>().join(", ")),
    }
}
