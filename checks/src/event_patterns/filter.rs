//! Filter patterns of CloudWatch Logs, and which events they match (CloudWatch Logs User Guide, "Filter pattern syntax").
//!
//! Patterns in braces read the record as JSON; an empty pattern matches everything; a list of terms looks for words in the
//! text of the record. Patterns in brackets are for lines with spaces, which no record of CloudTrail is.
//!
//! What a comparison says of a field that is not there is documented for `=` alone, which does not match; with `!=` nobody
//! can say.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::answer::Match;
use super::event::{Event, Field};
use super::filter_parse;
use super::glob::Glob;

/// A filter pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterPattern {
    /// It matches every event.
    Everything,
    /// A condition on the fields of a JSON record.
    Json(Expression),
    /// Words in the text of the record.
    Terms(Vec<Term>),
    /// It cannot be read; the reason.
    Unclear(String),
}

/// A condition on the fields of a JSON record.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Every one.
    And(Vec<Expression>),
    /// At least one.
    Or(Vec<Expression>),
    /// One field.
    Test(Selector, Test),
}

/// Which field is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// The names from the outside in.
    pub path: Vec<String>,
    /// Whether it goes into a list.
    pub in_list: bool,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The text matches.
    Is(Text),
    /// The text does not match.
    IsNot(Text),
    /// A comparison of numbers: less, equal or greater, each allowed or not.
    Number {
        /// Less than the number matches.
        less: bool,
        /// Equal to it matches.
        equal: bool,
        /// Greater than it matches.
        greater: bool,
        /// The number.
        than: f64,
    },
    /// The field is there.
    Exists,
    /// The field is not there.
    NotExists,
    /// The field is null.
    IsNull,
    /// The field is this truth value.
    IsFlag(bool),
}

/// What a text is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Text(pub(super) Comparison);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Comparison {
    Glob(Glob),
    /// The alternatives of a regular expression without operators; see [`super::filter_parse`].
    Parts(Vec<Part>),
    /// Any other regular expression.
    Regex(String),
}

/// A text that stands somewhere in another, or at one of its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) at_start: bool,
    pub(super) at_end: bool,
}

/// A word or phrase in the text of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What is looked for.
    pub text: String,
    /// How it counts.
    pub kind: TermKind,
}

/// How a term counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermKind {
    /// It has to be there.
    Required,
    /// One of all terms like it has to be there (`?term`).
    Alternative,
    /// It must not be there (`-term`).
    Excluded,
}

impl FilterPattern {
    /// Reads a pattern. What cannot be read is [`FilterPattern::Unclear`], with the reason.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        filter_parse::parse(text)
    }

    /// What it says of a kind of events.
    #[must_use]
    pub fn on(&self, event: &Event) -> Match {
        match self {
            Self::Everything => Match::All,
            Self::Json(expression) => expression.on(event),
            Self::Terms(terms) => on_terms(terms, event),
            Self::Unclear(reason) => Match::Unclear(reason.clone()),
        }
    }
}

impl Expression {
    fn on(&self, event: &Event) -> Match {
        match self {
            Self::And(parts) => Match::all(parts.iter().map(|part| part.on(event))),
            Self::Or(parts) => Match::any(parts.iter().map(|part| part.on(event))),
            Self::Test(selector, test) => test.on(selector, event),
        }
    }
}

impl Test {
    fn on(&self, selector: &Selector, event: &Event) -> Match {
        let field = if selector.in_list { Field::Open } else { event.field(&selector.path) };
        let open = || Match::Some(format!("$.{}", selector.path.join(".")));
        match (self, field) {
            (_, Field::Open) => open(),
            (Self::Exists, field) => Match::of(field != Field::Absent),
            (Self::NotExists, field) => Match::of(field == Field::Absent),
            (Self::Is(text), Field::Text(value)) => text.matches(value, false, open),
            (Self::IsNot(text), Field::Text(value)) => text.matches(value, true, open),
            (Self::Is(text), Field::TextBut(others)) => text.among(others, false).unwrap_or_else(open),
            (Self::IsNot(text), Field::TextBut(others)) => text.among(others, true).unwrap_or_else(open),
            (Self::IsNot(_), Field::Absent) => open(),
            (Self::IsFlag(wanted), Field::Flag(flag)) => Match::of(*wanted == flag),
            // How a truth value compares with a text is documented nowhere.
            (Self::Is(_) | Self::IsNot(_), Field::Flag(_)) => open(),
            (Self::IsNot(_), Field::Object) => open(),
            // Whether a text of digits is a number is documented nowhere.
            (Self::Number { .. }, Field::Text(value)) if value.parse::<f64>().is_ok() => open(),
            (Self::Number { .. }, Field::TextBut(_)) => open(),
            (Self::Number { less: true, greater: true, .. }, _) => open(),
            _ => Match::None,
        }
    }
}

impl Text {
    fn matches(&self, value: &str, negated: bool, open: impl Fn() -> Match) -> Match {
        match &self.0 {
            Comparison::Glob(glob) => Match::of(glob.matches(value) != negated),
            Comparison::Parts(parts) => Match::of(parts.iter().any(|part| part.is_in(value)) != negated),
            Comparison::Regex(regex) => match open() {
                Match::Some(field) => Match::Unclear(format!("the regular expression %{regex}% on {field}")),
                other => other,
            },
        }
    }

    /// For any text but these: known where the comparison takes in every text, or is with one of them.
    fn among(&self, others: &[String], negated: bool) -> Option<Match> {
        let Comparison::Glob(glob) = &self.0 else { return None };
        if glob.is_everything() {
            return Some(Match::of(!negated));
        }
        let literal = glob.literal()?;
        others.iter().any(|other| other == literal).then(|| Match::of(negated))
    }
}

impl Part {
    fn is_in(&self, value: &str) -> bool {
        match (self.at_start, self.at_end) {
            (true, true) => value == self.text,
            (true, false) => value.starts_with(&self.text),
            (false, true) => value.ends_with(&self.text),
            (false, false) => value.contains(&self.text),
        }
    }
}

/// Terms are looked for in the whole text of a record, of which only some values are known: one that is found there is
/// there, and of the others nobody can say.
fn on_terms(terms: &[Term], event: &Event) -> Match {
    let found = |term: &Term| {
        let there = event.texts().any(|text| text.contains(&term.text));
        let name = || format!("the text \"{}\"", term.text);
        match (term.kind, there) {
            (TermKind::Excluded, true) => Match::None,
            (TermKind::Excluded, false) | (_, false) => Match::Some(name()),
            (_, true) => Match::All,
        }
    };
    let of = |kind: TermKind| terms.iter().filter(move |term| term.kind == kind);
    let alternatives = if of(TermKind::Alternative).next().is_none() {
        Match::All
    } else {
        Match::any(of(TermKind::Alternative).map(found))
    };
    let others = terms.iter().filter(|term| term.kind != TermKind::Alternative).map(found);
    Match::all(others.chain([alternatives]))
}

/// A text to compare with, as it stands in a pattern.
pub(super) fn text(value: &str) -> Text {
    Text(Comparison::Glob(Glob::of_filter(value)))
}

/// A regular expression. The language has no parentheses, so that `|` always parts the whole (CloudWatch Logs User Guide,
/// "Supported regular expressions (regex) syntax"); alternatives without any other operator are plain texts.
pub(super) fn regex(text: &str) -> Text {
    let part = |text: &str| {
        let (at_start, rest) = text.strip_prefix('^').map_or((false, text), |rest| (true, rest));
        let (at_end, rest) = rest.strip_suffix('$').map_or((false, rest), |rest| (true, rest));
        let plain =
            !rest.is_empty() && rest.chars().all(|one| one.is_ascii_alphanumeric() || "_#=@/;,- ".contains(one));
        plain.then(|| Part { text: rest.to_owned(), at_start, at_end })
    };
    match text.split('|').map(part).collect::<Option<Vec<_>>>() {
        Some(parts) => Text(Comparison::Parts(parts)),
        None => Text(Comparison::Regex(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::super::event::Known;
    use super::*;

    fn stop_logging() -> Event {
        Event::call("cloudtrail", "StopLogging")
    }

    fn on(pattern: &str, event: &Event) -> Match {
        FilterPattern::parse(pattern).on(event)
    }

    fn some(field: &str) -> Match {
        Match::Some(field.to_string())
    }

    #[test]
    fn order_parentheses_quotation_marks_and_spaces_do_not_matter() {
        for pattern in [
            r#"{ ($.eventName = CreateTrail) || ($.eventName = StopLogging) }"#,
            r#"{($.eventName=StopLogging)||($.eventName=CreateTrail)}"#,
            r#"{ $.eventName = "StopLogging" || $.eventName = "CreateTrail" }"#,
            r#"{ ((($.eventName = "Stop*"))) }"#,
            r#"{ $.eventSource = cloudtrail.amazonaws.com && ($.eventName = Create* || $.eventName = *Logging) }"#,
            r#"{ $['eventName'] = "StopLogging" }"#,
            r#"{ $.["eventName"] = "StopLogging" }"#,
            r#"{ $.eventName = %^Stop|^Start% }"#,
            r#"{ $.eventName EXISTS }"#,
            "{ $.readOnly IS FALSE && $.errorCode NOT EXISTS && $.eventName = Stop* }",
            "",
            "  ",
            "StopLogging",
            r#"?DeleteTrail ?"StopLogging""#,
        ] {
            assert_eq!(on(pattern, &stop_logging()), Match::All, "{pattern}");
        }
    }

    #[test]
    fn what_is_excluded_is_not_matched() {
        for pattern in [
            "{ $.eventName = DeleteTrail }",
            r#"{ $.eventName = "stoplogging" }"#,
            "{ $.eventName = StopLogging && $.eventName != Stop* }",
            "{ $.eventSource = iam.amazonaws.com && $.eventName = StopLogging }",
            "{ $.errorCode EXISTS }",
            "{ $.eventName IS NULL }",
            "{ $.eventName NOT EXISTS }",
            "{ $.readOnly IS TRUE }",
            "{ $.eventName > 5 }",
            "-StopLogging",
        ] {
            assert_eq!(on(pattern, &stop_logging()), Match::None, "{pattern}");
        }
    }

    #[test]
    fn what_turns_on_an_open_field_leaves_some_out() {
        for (pattern, field) in [
            ("{ $.eventName = StopLogging && $.awsRegion = eu-west-1 }", "$.awsRegion"),
            ("{ $.eventName = StopLogging && $.userIdentity.arn != *admin* }", "$.userIdentity.arn"),
            ("{ $.resources[0].ARN = x }", "$.resources.0.ARN"),
            ("{ $.eventName != Create* && $.sourceIPAddress != 10.* }", "$.sourceIPAddress"),
            ("{ $.errorCode != AccessDenied }", "$.errorCode"),
            ("StopLogging -root", r#"the text "root""#),
        ] {
            assert_eq!(on(pattern, &stop_logging()), some(field), "{pattern}");
        }
    }

    #[test]
    fn and_binds_stronger_than_or() {
        let event = stop_logging();
        assert_eq!(on("{ $.eventName = StopLogging || $.eventName = A && $.eventName = B }", &event), Match::All);
        assert_eq!(on("{ ($.eventName = StopLogging || $.eventName = A) && $.eventName = B }", &event), Match::None);
    }

    #[test]
    fn texts_that_may_be_any_but_a_few() {
        let event = Event::new("denied").with("eventName", Known::TextBut(Vec::from(["HeadBucket".to_string()])));
        assert_eq!(on("{ $.eventName != HeadBucket }", &event), Match::All);
        assert_eq!(on("{ $.eventName = HeadBucket }", &event), Match::None);
        assert_eq!(on("{ $.eventName = * }", &event), Match::All);
        assert_eq!(on("{ $.eventName != Head* }", &event), some("$.eventName"));
        assert_eq!(on("{ $.eventName = RunInstances }", &event), some("$.eventName"));
    }

    #[test]
    fn what_is_not_understood_is_never_a_match() {
        for pattern in [
            "{ $.eventName = StopLogging",
            "{ eventName = StopLogging }",
            "{ $.eventName ~ StopLogging }",
            "{ $.eventName = %Stop.+% }",
            "[ip, user]",
            "%Stop.*%",
            "{ $.eventName = StopLogging } more",
            "{ $. = 1 }",
            r#"{ $.eventName = "StopLogging }"#,
            "?",
        ] {
            assert!(matches!(on(pattern, &stop_logging()), Match::Unclear(_)), "{pattern}");
        }
        let deep = std::format!("{{ {}$.a = 1{} }}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(matches!(FilterPattern::parse(&deep), FilterPattern::Unclear(_)));
    }
}
