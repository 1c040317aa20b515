//! Patterns whose only wildcard is `*`, any run of characters, also none.

use alloc::string::String;
use alloc::vec::Vec;

/// A text in parts between asterisks; one part where there is no asterisk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob {
    parts: Vec<String>,
}

impl Glob {
    /// A pattern as metric filters write it: there is no way to mean the asterisk itself.
    pub(super) fn of_filter(text: &str) -> Self {
        Self { parts: text.split('*').map(String::from).collect() }
    }

    /// A pattern as EventBridge writes it: `\*` is the asterisk and `\\` the backslash (EventBridge User Guide, "Matching
    /// using wildcards").
    pub(super) fn of_event_pattern(text: &str) -> Self {
        let mut parts = Vec::from([String::new()]);
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            let literal = match character {
                '*' => {
                    parts.push(String::new());
                    continue;
                }
                '\\' => characters.next().unwrap_or('\\'),
                other => other,
            };
            if let Some(last) = parts.last_mut() {
                last.push(literal);
            }
        }
        Self { parts }
    }

    /// The text, where there is no asterisk.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether it matches every text.
    pub(super) fn is_everything(&self) -> bool {
        self.parts.len() > 1 && self.parts.iter().all(String::is_empty)
    }

    /// Whether the whole of `text` matches. Each part is looked for once, from left to right: the first place where it
    /// stands leaves the most for the parts behind it.
    pub(super) fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else { return self.literal() == Some(text) };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            let Some((_, behind)) = rest.split_once(part.as_str()) else { return false };
            rest = behind;
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asterisks_are_any_run_of_characters() {
        for (pattern, text, matches) in [
            ("AccessDenied*", "AccessDeniedException", true),
            ("AccessDenied*", "AccessDenied", true),
            ("*UnauthorizedOperation", "Client.UnauthorizedOperation", true),
            ("*UnauthorizedOperation", "UnauthorizedOperations", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("aa*aa", "aaa", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("StopLogging", "StopLoggings", false),
        ] {
            assert_eq!(Glob::of_filter(pattern).matches(text), matches, "{pattern} {text}");
        }
        assert!(Glob::of_filter("**").is_everything());
        assert!(!Glob::of_filter("").is_everything());
    }

    #[test]
    fn event_patterns_can_mean_the_asterisk_itself() {
        assert!(Glob::of_event_pattern(r"a\*b").matches("a*b"));
        assert!(!Glob::of_event_pattern(r"a\*b").matches("axb"));
        assert!(Glob::of_event_pattern(r"a\\*b").matches(r"a\xb"));
    }

    #[test]
    fn many_asterisks_take_no_longer() {
        let pattern = "a*".repeat(2_000) + "b";
        assert!(!Glob::of_filter(&pattern).matches(&"a".repeat(20_000)));
    }
}
