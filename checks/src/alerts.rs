//! Whether somebody is told when events of a kind happen.
//!
//! Two ways lead from an event to a person: a trail that feeds CloudWatch Logs, a metric filter, an alarm and a topic; or a
//! rule of Amazon EventBridge and a topic. A way counts where it matches every event of the kind and where each of its links
//! was read and holds. Events are demanded one kind at a time, and different ways may serve different kinds.

mod alarm;
mod by_filter;
mod by_rule;
mod demand;
mod evidence;
mod target;
mod verdict;
mod way;

pub(crate) use demand::{Demand, calls, calls_everywhere};
pub(crate) use evidence::AlertEvidence;
pub(crate) use verdict::{ALERT_TARGETS, Terms, judge, max_events, siem};

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
