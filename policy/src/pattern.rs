//! Wildcard patterns: `*` is any run of characters, also none; `?` is exactly one character.
//!
//! Matching goes back to the last `*` only, so it never takes more than length of pattern times length of text, and
//! needs no memory.

use crate::template::{self, Token};

/// A text with wildcards, as the document wrote it. Equal when the text is equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern {
    text: String,
    /// Where the first colon stands, in bytes: it parts the service of an action from its name.
    colon: Option<usize>,
}

impl Pattern {
    /// Takes any text; every text is a pattern.
    pub fn new(text: impl Into<String>) -> Pattern {
        let text = text.into();
        Pattern { colon: text.find(':'), text }
    }

    /// The text as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds nothing but asterisks (at least one): it matches everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        is_everything(&self.text)
    }

    /// Whether it names every action: `*`, or `*:*`.
    #[must_use]
    pub fn is_every_action(&self) -> bool {
        match self.parts() {
            Some((service, name)) => is_everything(service) && is_everything(name),
            None => self.is_everything(),
        }
    }

    /// Whether the whole of `text` matches; upper and lower case differ.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        wildcards(&self.text, text, |left, right| left == right)
    }

    /// Whether the whole of `text` matches; upper and lower case (of ASCII) are the same.
    #[must_use]
    pub fn matches_ignoring_case(&self, text: &str) -> bool {
        ignoring_case(&self.text, text)
    }

    /// The service whose actions it names, as it is written; none where it may name those of several.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.parts().map(|(service, _)| service).filter(|service| !service.contains(['*', '?']))
    }

    /// Whether it matches an action such as `s3:GetObject`. The service and the name match each for itself, without
    /// regard to case. A pattern without a colon matches only if it is everything.
    #[must_use]
    pub fn matches_action(&self, action: &str) -> bool {
        self.matches_parts(action.split_once(':'))
    }

    /// The same for an action that has been parted at its colon; none where it has no colon.
    pub(crate) fn matches_parts(&self, action: Option<(&str, &str)>) -> bool {
        match (self.parts(), action) {
            (None, _) => self.is_everything(),
            (Some((service, name)), Some((action_service, action_name))) => {
                ignoring_case(service, action_service) && ignoring_case(name, action_name)
            }
            (Some(_), None) => false,
        }
    }

    /// What stands before the first colon, and what behind it.
    fn parts(&self) -> Option<(&str, &str)> {
        let (service, rest) = self.text.split_at_checked(self.colon?)?;
        Some((service, rest.get(1..)?))
    }

    /// Whether it matches a resource's ARN, segment by segment: a `*` in the first five segments does not reach over
    /// a colon, one in the sixth does. A pattern that has fewer segments and ends in `*` spans the rest.
    /// Case matters. A resource that is no ARN (the `*` of actions without resources) matches only everything.
    #[must_use]
    pub fn matches_arn(&self, resource: &str) -> bool {
        if self.is_everything() {
            return true;
        }
        // An action without resources is asked for `*`; no ARN pattern covers that.
        let tokens: Vec<Token> = self.text.chars().map(Token::wild).collect();
        resource != "*" && template::matches_arn(&tokens, resource)
    }
}

fn is_everything(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

/// Whether the whole of `found` matches, whatever the case of ASCII. Most patterns have no wildcard, or one at their end:
/// these are only compared.
fn ignoring_case(text: &str, found: &str) -> bool {
    let (wanted, bytes) = (text.as_bytes(), found.as_bytes());
    match wanted.iter().position(|byte| matches!(byte, b'*' | b'?')) {
        None => wanted.eq_ignore_ascii_case(bytes),
        Some(end) if wanted.get(end..) == Some(b"*") => {
            bytes.get(..end).zip(wanted.get(..end)).is_some_and(|(left, right)| left.eq_ignore_ascii_case(right))
        }
        Some(_) => wildcards(text, found, |left, right| left.eq_ignore_ascii_case(&right)),
    }
}

fn wildcards(text: &str, found: &str, same: impl Fn(char, char) -> bool) -> bool {
    template::glob(text.chars().map(Token::wild), found, same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).matches(text)
    }

    fn arn(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).matches_arn(text)
    }

    #[test]
    fn an_asterisk_is_any_run_also_none() {
        for text in ["ac", "abc", "abbbbc", "a*c", "acbc"] {
            assert!(matches("a*c", text), "{text}");
        }
        for text in ["a", "c", "acb", "bac", ""] {
            assert!(!matches("a*c", text), "{text}");
        }
        assert!(matches("*", ""));
        assert!(matches("**a**b*", "xaxbx"));
        assert!(matches("*a*b*c", "a__b__b_c_c"), "goes back to the last asterisk");
    }

    #[test]
    fn a_question_mark_is_exactly_one_character() {
        assert!(matches("a?c", "aéc"), "one character of several bytes");
        assert!(!matches("a?c", "ac"));
        assert!(!matches("a?", "a"));
        assert!(!matches("?", "ab"));
        assert!(matches("*?", "x"));
        assert!(!matches("*?", ""));
    }

    #[test]
    fn an_empty_pattern_matches_the_empty_text_only() {
        assert!(matches("", ""));
        assert!(!matches("", "a"));
    }

    #[test]
    fn a_hostile_pattern_is_answered_at_once() {
        assert!(!Pattern::new(format!("{}b", "*a".repeat(200))).matches(&"a".repeat(20_000)));
    }

    #[test]
    fn actions_disregard_case() {
        assert!(Pattern::new("IAM:listaccesskeys").matches_action("iam:ListAccessKeys"));
        assert!(Pattern::new("iam:*AccessKey*").matches_action("iam:CreateAccessKey"));
        assert!(!Pattern::new("iam:*AccessKey*").matches_action("iam:GetUser"));
        assert!(!Pattern::new("iam:Get?").matches_action("iam:Get"));
    }

    #[test]
    fn an_action_without_service_is_everything_or_nothing() {
        assert!(Pattern::new("*").matches_action("s3:GetObject"));
        assert!(Pattern::new("*:*").matches_action("s3:GetObject"));
        assert!(!Pattern::new("s3*").matches_action("s3:GetObject"));
        assert!(!Pattern::new("*Object").matches_action("s3:GetObject"));
        assert!(!Pattern::new("s3:*").matches_action("s3"));
        assert!(!Pattern::new("s3:*").matches_action("s3-object-lambda:GetObject"));
    }

    #[test]
    fn every_action_is_told_by_its_content() {
        for text in ["*", "**", "*:*", "*:**"] {
            assert!(Pattern::new(text).is_every_action(), "{text}");
        }
        for text in ["", ":", "*:", ":*", "s3:*", "*:Get*", "?*"] {
            assert!(!Pattern::new(text).is_every_action(), "{text}");
        }
    }

    #[test]
    fn an_asterisk_in_the_resource_part_crosses_slashes_and_colons() {
        assert!(arn("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/1/2/test/3/object.jpg"));
        assert!(!arn("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/test/object.jpg"));
        assert!(arn("arn:aws:logs:*:1:log-group:*", "arn:aws:logs:eu-west-1:1:log-group:x:log-stream:y"));
    }

    #[test]
    fn an_asterisk_in_an_earlier_segment_stays_in_it() {
        assert!(arn("arn:aws:sns:*:111122223333:topic", "arn:aws:sns:us-east-1:111122223333:topic"));
        assert!(!arn("arn:aws:sns:*:111122223333:topic", "arn:aws:sns:us-east-1:444455556666:x:111122223333:topic"));
        assert!(!arn("arn:aws:s*:::bucket", "arn:aws:s3:::other"));
    }

    #[test]
    fn a_short_pattern_that_ends_in_an_asterisk_spans_the_rest() {
        for pattern in ["arn:*", "arn:aws:*", "arn:aws:s3*", "arn:aws:s3:*", "arn:aws:s3:::*", "a*"] {
            assert!(arn(pattern, "arn:aws:s3:::bucket/key"), "{pattern}");
        }
        assert!(!arn("arn:aws:s3", "arn:aws:s3:::bucket/key"));
        assert!(!arn("arn:aws:sns:*", "arn:aws:s3:::bucket/key"));
    }

    #[test]
    fn resources_regard_case() {
        assert!(!arn("arn:aws:iam::1:user/bob", "arn:aws:iam::1:user/Bob"));
    }

    #[test]
    fn an_action_without_resources_is_covered_by_everything_only() {
        assert!(arn("*", "*"));
        assert!(!arn("arn:aws:s3:::*", "*"));
        assert!(!arn("?", "*"));
    }
}
