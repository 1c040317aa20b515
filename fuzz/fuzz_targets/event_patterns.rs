//! Patterns of metric filters and of EventBridge are text that somebody wrote: reading one never panics and takes bounded
//! time, and what a pattern says of a kind of events holds for every kind that is known more of.
//!
//! Run it with `-timeout=2`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probity_checks::event_patterns::{Event, EventPattern, FilterPattern, Known, Match};

fuzz_target!(|input: &str| {
    let wide = Event::call("cloudtrail", "StopLogging");
    let narrow = wide
        .clone()
        .text("userIdentity.type", "Root")
        .text("awsRegion", "eu-west-1")
        .with("vpcEndpointId", Known::Absent);
    let filter = FilterPattern::parse(input);
    holds(&filter.on(&wide), &filter.on(&narrow), input);
    let rule = EventPattern::parse(input);
    holds(&rule.on(&wide), &rule.on(&narrow), input);
    if input.trim().is_empty() {
        assert_eq!(filter.on(&wide), Match::All);
    }
});

/// All of the wide kind are all of the narrow one, and none are none.
fn holds(wide: &Match, narrow: &Match, pattern: &str) {
    if matches!(wide, Match::All | Match::None) {
        assert_eq!(wide, narrow, "{pattern:?}");
    }
}
