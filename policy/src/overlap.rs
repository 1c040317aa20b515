//! Two patterns against each other: does some text match both, does one cover the other.

use crate::pattern::Pattern;
use crate::template::{self, Reading, Template, Token};

impl Pattern {
    /// Whether some text matches both patterns, as whole texts; upper and lower case differ.
    #[must_use]
    pub fn overlaps(&self, other: &Pattern) -> bool {
        if self.is_everything() || other.is_everything() {
            return true;
        }
        if !may_overlap(self.text(), other.text()) {
            return false;
        }
        // One that is a plain text overlaps what matches it.
        match (is_plain(self.text()), is_plain(other.text())) {
            (true, _) => other.matches(self.text()),
            (_, true) => self.matches(other.text()),
            _ => overlap(&tokens(self.text()), &tokens(other.text())),
        }
    }

    /// Whether a resource pattern can name a resource of the kind that `format` describes, segment by segment. A
    /// wildcard segment of the format stands for something, never for nothing; variables of the pattern may be
    /// anything.
    #[must_use]
    pub fn can_name(&self, format: &str) -> bool {
        let format = tokens(format);
        let template = Template::new(self.text(), Reading { wildcards: true, variables: true });
        let own = template.with_unknown_variables();
        if template::is_everything(&format) || template::is_everything(&own) {
            return true;
        }
        let mut formats = segments(&format);
        let mut owns = segments(&own);
        loop {
            match (formats.next(), owns.next()) {
                (None, None) => return true,
                (Some(format), Some(own)) if own.is_empty() != format.is_empty() => return false,
                (Some(format), Some(own)) if overlap(format, own) => {}
                _ => return false,
            }
        }
    }
}

fn is_plain(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'*' | b'?'))
}

/// A quick look at what stands before the first wildcard of each, and behind the last. Says no only when it is sure.
fn may_overlap(left: &str, right: &str) -> bool {
    let is_wild = |byte: &u8| matches!(byte, b'*' | b'?');
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let (starts, ends) = (
        left.iter().zip(right).take_while(|(left, right)| !is_wild(left) && !is_wild(right)),
        left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| !is_wild(left) && !is_wild(right)),
    );
    let mut pairs = starts.chain(ends);
    pairs.all(|(left, right)| left == right)
}

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    text.chars().map(Token::wild).collect()
}

/// The six segments of an ARN; the last keeps its colons.
fn segments(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    tokens.splitn(6, |token| *token == Token::Literal(':'))
}

/// Whether some text matches both. Goes over one pattern and keeps, for each place in the other, whether both can
/// stand there after the same text: never more than the product of the two lengths.
pub(crate) fn overlap(left: &[Token], right: &[Token]) -> bool {
    // `reached[place]`: after some text, `left` stands at its beginning and `right` at `place`.
    let mut reached = vec![false; right.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    skip_runs(&mut reached, right);
    let mut next = vec![false; right.len() + 1];
    for token in left {
        next.fill(false);
        if *token == Token::Run {
            // A run takes nothing, or whatever the other side takes in one or more steps.
            let mut any = false;
            for (slot, reached) in next.iter_mut().zip(&reached) {
                any |= *reached;
                *slot = any;
            }
        } else {
            for (place, other) in right.iter().enumerate() {
                if reached.get(place) != Some(&true) || !meet(*token, *other) {
                    continue;
                }
                // A run of the other side stays where it is, every other token is used up.
                let to = if *other == Token::Run { place } else { place + 1 };
                if let Some(slot) = next.get_mut(to) {
                    *slot = true;
                }
            }
        }
        skip_runs(&mut next, right);
        std::mem::swap(&mut reached, &mut next);
    }
    reached.last() == Some(&true)
}

/// A run of the other side may also take nothing.
fn skip_runs(reached: &mut [bool], right: &[Token]) {
    for (place, token) in right.iter().enumerate() {
        if *token == Token::Run
            && reached.get(place) == Some(&true)
            && let Some(slot) = reached.get_mut(place + 1)
        {
            *slot = true;
        }
    }
}

fn meet(left: Token, right: Token) -> bool {
    match (left, right) {
        (Token::Literal(left), Token::Literal(right)) => left == right,
        _ => true,
    }
}

/// Whether every resource that `asked` names matches `pattern`. Says yes only when it is sure: each wildcard that is
/// asked must be taken by a wildcard of the pattern.
pub(crate) fn covers_arn(pattern: &[Token], asked: &[Token]) -> bool {
    if template::is_everything(pattern) {
        return true;
    }
    let mut patterns = segments(pattern).enumerate().peekable();
    let mut rest = asked;
    while let Some((index, segment)) = patterns.next() {
        if patterns.peek().is_none() {
            return (index == 5 || segment.last() == Some(&Token::Run)) && covers(segment, rest);
        }
        let Some(colon) = rest.iter().position(|token| *token == Token::Literal(':')) else { return false };
        let (Some(first), Some(after)) = (rest.get(..colon), rest.get(colon + 1..)) else { return false };
        if !covers(segment, first) {
            return false;
        }
        rest = after;
    }
    false
}

/// Whether some resource that `asked` names may match `pattern`. Says no only when it is sure.
pub(crate) fn touches_arn(pattern: &[Token], asked: &[Token]) -> bool {
    if segments(pattern).count() == 6 && segments(asked).count() == 6 {
        return segments(pattern).zip(segments(asked)).all(|(pattern, asked)| overlap(pattern, asked));
    }
    overlap(pattern, asked)
}

pub(crate) fn covers(pattern: &[Token], asked: &[Token]) -> bool {
    let takes = |wanted: Token, found: Token| match (wanted, found) {
        (Token::Run, _) => true,
        (Token::One, found) => found != Token::Run,
        (wanted, found) => wanted == found,
    };
    let (mut place, mut found_place) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(place), asked.get(found_place)) {
            (Some(Token::Run), _) => {
                place += 1;
                last_run = Some((place, found_place));
            }
            (None, None) => return true,
            (Some(wanted), Some(found)) if takes(*wanted, *found) => {
                place += 1;
                found_place += 1;
            }
            (Some(_), None) => return false,
            _ => {
                let Some((after_run, taken)) = last_run else { return false };
                last_run = Some((after_run, taken + 1));
                (place, found_place) = (after_run, taken + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways(left: &str, right: &str) -> bool {
        let (left, right) = (Pattern::new(left), Pattern::new(right));
        assert_eq!(left.overlaps(&right), right.overlaps(&left), "overlap knows no direction");
        left.overlaps(&right)
    }

    #[test]
    fn patterns_overlap_when_some_text_matches_both() {
        for (left, right) in [
            ("", ""),
            ("*", ""),
            ("a*", "*b"),
            ("a*b", "a?b"),
            ("*a*", "*b*"),
            ("user/*", "u*"),
            ("a*a", "aba"),
            ("??", "a*"),
            ("*-prod", "app-*"),
            ("a**b", "ab"),
        ] {
            assert!(both_ways(left, right), "{left} {right}");
        }
        for (left, right) in
            [("", "a"), ("a*", "b*"), ("*a", "*b"), ("/*", "et"), ("?", "ab"), ("a?c", "ac*d"), ("aaa:/b", "a:/b")]
        {
            assert!(!both_ways(left, right), "{left} {right}");
        }
    }

    #[test]
    fn a_pattern_can_name_a_kind_of_resource() {
        let can = |pattern: &str, format: &str| Pattern::new(pattern).can_name(format);
        assert!(can("arn:aws:s3:::bucket-${aws:PrincipalTag/team}-*", "arn:*:s3:::*"));
        assert!(can("arn:aws:iam::111122223333:*", "arn:*:iam::*:user/*"));
        assert!(!can("arn:aws:iam:::role/my-role", "arn:*:iam::*:role/*"), "the account is missing");
        assert!(!can("arn:aws:s3:us-east-1::bucket/*", "arn:*:s3:::*/*"), "there is no Region in it");
        assert!(!can("arn:aws:logs:*:*:/x", "arn:*:s3:::*/*"));
    }

    #[test]
    fn covering_is_surer_than_touching() {
        let covers = |pattern: &str, asked: &str| covers_arn(&tokens(pattern), &tokens(asked));
        let touches = |pattern: &str, asked: &str| touches_arn(&tokens(pattern), &tokens(asked));
        assert!(covers("arn:aws:s3:::b*", "arn:aws:s3:::b/*"));
        assert!(covers("arn:aws:s3:::*", "arn:aws:s3:::b/?"));
        assert!(!covers("arn:aws:s3:::b/?", "arn:aws:s3:::b/*"));
        assert!(touches("arn:aws:s3:::b/?", "arn:aws:s3:::b/*"));
        assert!(touches("arn:aws:s3:::b/home/*", "arn:aws:s3:::b/*"));
        assert!(!touches("arn:aws:s3:::c/*", "arn:aws:s3:::b/*"));
        assert!(!touches("arn:aws:sns:*:1:x", "arn:aws:sns:eu-west-1:2:y:1:x"));
    }

    /// Every text over these characters, up to this length.
    fn every(characters: &[char], length: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..length {
            last = last
                .iter()
                .flat_map(|text| characters.iter().map(move |character| format!("{text}{character}")))
                .collect();
            all.extend(last.clone());
        }
        all
    }

    /// Matching as it is defined, without any cleverness.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), None) => by_definition(rest, text),
            (Some(('*', rest)), Some((_, after))) => by_definition(rest, text) || by_definition(pattern, after),
            (Some((wanted, rest)), Some((found, after))) => {
                (*wanted == '?' || wanted == found) && by_definition(rest, after)
            }
            _ => false,
        }
    }

    #[test]
    fn matching_overlapping_and_covering_agree_with_their_definitions() {
        let patterns = every(&['a', 'b', '?', '*'], 4);
        let texts = every(&['a', 'b'], 6);
        let matched: Vec<Vec<bool>> = patterns
            .iter()
            .map(|pattern| {
                let characters: Vec<char> = pattern.chars().collect();
                let prepared = Pattern::new(pattern.as_str());
                texts
                    .iter()
                    .map(|text| {
                        let expected = by_definition(&characters, &text.chars().collect::<Vec<_>>());
                        assert_eq!(prepared.matches(text), expected, "{pattern} {text}");
                        expected
                    })
                    .collect()
            })
            .collect();
        for (left, left_matched) in patterns.iter().zip(&matched) {
            for (right, right_matched) in patterns.iter().zip(&matched) {
                let common = left_matched.iter().zip(right_matched).any(|(left, right)| *left && *right);
                assert_eq!(overlap(&tokens(left), &tokens(right)), common, "{left} {right}");
                if covers(&tokens(left), &tokens(right)) {
                    let all = left_matched.iter().zip(right_matched).all(|(left, right)| *left || !*right);
                    assert!(all, "{left} does not cover {right}");
                }
            }
        }
    }
}
