//! What a pattern over CloudTrail events matches: metric filters of CloudWatch Logs and rules of Amazon EventBridge,
//! compared by meaning.
//!
//! A question is never whether a pattern looks like another one, but whether it matches every event of a kind. A kind of
//! events is an [`Event`]: what is known of each of them, with the rest left open. A pattern is evaluated on it in three
//! values: it matches all of them, none of them, or it turns on something that is open.

mod answer;
mod event;
mod event_rule;
mod filter;
mod filter_parse;
mod glob;

pub use answer::Match;
pub use event::{Event, Field, Known};
pub use event_rule::EventPattern;
pub use filter::FilterPattern;
