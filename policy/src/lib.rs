//! The IAM policy language: parse, normalise, match, evaluate, lint.

mod condition;
mod context;
mod document;
mod json;
mod parse;
mod pattern;
mod template;
mod truth;

pub use context::{Context, Known};
pub use document::{
    Actions, Condition, Document, Effect, ParseError, ParseErrorKind, Position, Principal, Principals, Resources,
    Statement,
};
pub use pattern::Pattern;
pub use truth::Truth;
