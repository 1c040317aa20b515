//! The IAM policy language: parse, normalise, match, evaluate, lint.

mod caller;
mod catalogue;
mod condition;
mod context;
mod document;
mod evaluate;
mod json;
mod lint;
mod managed;
mod overlap;
mod parse;
mod pattern;
mod policy;
mod template;
mod truth;

pub use caller::Caller;
pub use catalogue::{AccessLevel, Action, Catalogue, ConditionKey, KeyType, ResourceType, Service};
pub use context::{Context, Known};
pub use document::{
    Actions, Condition, Document, Effect, ParseError, ParseErrorKind, Position, Principal, Principals, Resources,
    Statement,
};
pub use evaluate::{Answer, Decider, Decision, Layer, Policies, Request};
pub use lint::{DocumentKind, LintFinding, LintKind, lint};
pub use managed::{Problem, ProblemKind};
pub use pattern::Pattern;
pub use policy::{Policy, Remaining, Target};
pub use truth::Truth;
