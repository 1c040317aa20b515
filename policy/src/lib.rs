//! The IAM policy language: parse, normalise, match, evaluate, lint.

mod document;
mod json;
mod parse;
mod pattern;

pub use document::{
    Actions, Condition, Document, Effect, ParseError, ParseErrorKind, Position, Principal, Principals, Resources,
    Statement,
};
pub use pattern::Pattern;
