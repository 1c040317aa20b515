//! A pattern is text that somebody wrote, and can be made to take long: the answer comes in bounded time, and is that of
//! a table over every beginning of pattern and text.
//!
//! The input is a pattern and a text, parted by the first line feed. Run it with `-timeout=2`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probity_policy::{Actions, Context, Pattern, Resources, Target, Truth};

fuzz_target!(|input: &str| {
    let (pattern_text, text) = input.split_once('\n').unwrap_or((input, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
    let pattern = Pattern::new(pattern_text);
    assert_eq!(pattern.matches(text), by_table(pattern_text, text), "{pattern_text:?} on {text:?}");
    if pattern.matches(text) {
        assert!(pattern.matches_ignoring_case(text), "case taken away loses nothing");
    }
    if pattern.is_everything() {
        assert!(pattern.matches(text) && pattern.matches_arn(text) && pattern.matches_action(text));
    }
    let actions = Actions::Only(vec![pattern.clone()]);
    assert_eq!(actions.cover(text), pattern.matches_action(text));
    let resources = Resources::Only(vec![pattern.clone()]);
    for variables in [false, true] {
        for context in [Context::complete(), Context::partial()] {
            let one = resources.cover(Target::One(text), &context, variables);
            let all = resources.cover(Target::Matching(text), &context, variables);
            // The text, taken literally, is one of those that it matches; only the bare asterisk means something else.
            if text != "*" && all != Truth::Unknown {
                assert_eq!(one, all, "{pattern_text:?} on {text:?}");
            }
        }
    }
});

/// Which beginnings of the text each beginning of the pattern matches, one row after another.
fn by_table(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for wanted in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        next[0] = wanted == '*' && row[0];
        for (place, &found) in text.iter().enumerate() {
            next[place + 1] = match wanted {
                '*' => row[place + 1] || next[place],
                '?' => row[place],
                literal => row[place] && literal == found,
            };
        }
        row = next;
    }
    row[text.len()]
}
