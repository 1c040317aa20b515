//! What a key takes, and the values it can have.

use std::fmt;
use std::ops::Range;

use serde_json::json;
use toml::Spanned;
use toml::de::DeValue;

use crate::document::{kind, whole_number};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

impl Value {
    /// The value as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Flag(flag) => json!(flag),
            Self::Number(number) => json!(number),
            Self::Text(text) => json!(text),
            Self::List(items) => json!(items),
        }
    }
}

/// As it would be given to a flag.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::List(items) if items.is_empty() => f.write_str("none"),
            Self::List(items) => f.write_str(&items.join(", ")),
        }
    }
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Yes or no.
    Flag,
    /// A whole number within limits, the unit in the plural.
    Number {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
        /// What it counts.
        unit: &'static str,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any of these words.
    Words(&'static [&'static str]),
    /// A text that is not empty: what it is.
    Text(&'static str),
    /// A list of texts: what they are.
    List(&'static str),
}

impl Takes {
    /// What it takes, in words.
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Number { min, max, unit } => format!("a whole number of {unit} between {min} and {max}"),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Words(words) => format!("a list out of {}", words.join(", ")),
            Self::Text(what) => what.to_owned(),
            Self::List(what) => format!("a list of {what}"),
        }
    }

    /// Takes a value of any source.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn check(self, value: Value) -> Result<Value, String> {
        let wrong = |given: &str| Err(format!("this takes {}, not `{given}`", self.in_words()));
        match (self, &value) {
            (Self::Flag, Value::Flag(_)) | (Self::List(_), Value::List(_)) => Ok(value),
            (Self::Number { min, max, .. }, Value::Number(number)) if (min..=max).contains(number) => Ok(value),
            (Self::Word(words), Value::Text(text)) if words.contains(&text.as_str()) => Ok(value),
            (Self::Text(_), Value::Text(text)) if !text.trim().is_empty() => Ok(value),
            (Self::Words(words), Value::List(items)) => match items.iter().find(|item| !words.contains(&item.as_str()))
            {
                None => Ok(value),
                Some(item) => wrong(item),
            },
            _ => wrong(&value.to_string()),
        }
    }

    /// Reads a value as it stands in an environment variable: lists are separated by commas.
    pub(crate) fn parse(self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let value = match self {
            Self::Flag => match text {
                "true" | "1" | "yes" => Value::Flag(true),
                "false" | "0" | "no" => Value::Flag(false),
                other => Value::Text(other.to_owned()),
            },
            Self::Number { .. } => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Number),
            Self::Word(_) | Self::Text(_) => Value::Text(text.to_owned()),
            Self::Words(_) | Self::List(_) => Value::List(
                text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect(),
            ),
        };
        self.check(value)
    }

    /// Reads a value of a file.
    ///
    /// # Errors
    /// Where it is wrong, and what is.
    pub(crate) fn take(self, value: &Spanned<DeValue<'_>>) -> Result<Value, (Range<usize>, String)> {
        let taken = match value.get_ref() {
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Array(items) => {
                let mut texts = Vec::new();
                for item in items.iter() {
                    let Some(text) = item.get_ref().as_str() else {
                        return Err((item.span(), format!("this is {}, not a text", kind(item.get_ref()))));
                    };
                    texts.push(text.to_owned());
                }
                Value::List(texts)
            }
            other => match whole_number(other) {
                Some(number) => Value::Number(number),
                None => return Err((value.span(), format!("this is {}: it takes {}", kind(other), self.in_words()))),
            },
        };
        self.check(taken).map_err(|message| (value.span(), message))
    }

    /// What it takes, as JSON Schema.
    #[must_use]
    pub fn schema(self) -> serde_json::Value {
        match self {
            Self::Flag => json!({"type": "boolean"}),
            Self::Number { min, max, .. } => json!({"type": "integer", "minimum": min, "maximum": max}),
            Self::Word(words) => json!({"enum": words}),
            Self::Words(words) => json!({"type": "array", "items": {"enum": words}}),
            Self::Text(_) => json!({"type": "string", "pattern": "\\S"}),
            Self::List(_) => json!({"type": "array", "items": {"type": "string"}}),
        }
    }
}
