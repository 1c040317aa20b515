//! Event patterns of Amazon EventBridge, and which events they match (EventBridge User Guide, "Comparison operators for use
//! in event patterns").
//!
//! Every field that a pattern names has to match, by one of the values that stand behind it. `$or` takes one of several
//! patterns. A comparison that is not known here makes the answer unclear.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::answer::Match;
use super::event::{Envelope, Event, Field};
use super::glob::Glob;

/// How deep fields may lie inside each other. The record of CloudTrail needs about ten.
const DEPTH: usize = 32;

/// An event pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPattern(Parsed);

#[derive(Debug, Clone, PartialEq)]
enum Parsed {
    Fields(Map<String, Value>),
    Unclear(String),
}

impl EventPattern {
    /// Reads a pattern. One that cannot be read answers [`Match::Unclear`] to everything.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Parsed::Fields(fields),
            Ok(_) => Parsed::Unclear("the event pattern is no object".to_owned()),
            Err(error) => Parsed::Unclear(format!("the event pattern is no JSON: {error}")),
        })
    }

    /// What it says of a kind of events.
    #[must_use]
    pub fn on(&self, event: &Event) -> Match {
        match &self.0 {
            Parsed::Fields(fields) => Walk { event, path: Vec::new() }.object(fields),
            Parsed::Unclear(reason) => Match::Unclear(reason.clone()),
        }
    }
}

/// Goes through a pattern, and knows where it is.
struct Walk<'e> {
    event: &'e Event,
    path: Vec<String>,
}

impl Walk<'_> {
    fn object(&mut self, fields: &Map<String, Value>) -> Match {
        if self.path.len() >= DEPTH {
            return Match::Unclear("the event pattern goes deeper than any event".to_owned());
        }
        let answers: Vec<Match> = fields.iter().map(|(name, value)| self.member(name, value)).collect();
        Match::all(answers.into_iter())
    }

    fn member(&mut self, name: &str, value: &Value) -> Match {
        if let ("$or", Value::Array(choices)) = (name, value) {
            let answers: Vec<Match> = choices.iter().map(|choice| self.choice(choice)).collect();
            return Match::any(answers.into_iter());
        }
        self.path.push(name.to_owned());
        let answer = match value {
            Value::Object(fields) => self.object(fields),
            Value::Array(values) => self.values(values),
            _ => Match::Unclear(format!("`{}` is followed by neither a list nor an object", self.path.join("."))),
        };
        self.path.pop();
        answer
    }

    fn choice(&mut self, choice: &Value) -> Match {
        match choice {
            Value::Object(fields) => self.object(fields),
            _ => Match::Unclear("`$or` holds something that is no object".to_owned()),
        }
    }

    fn values(&self, values: &[Value]) -> Match {
        let found = self.event.envelope(&self.path);
        Match::any(values.iter().map(|value| self.value(value, &found)))
    }

    fn value(&self, value: &Value, found: &Envelope<'_>) -> Match {
        let open = || Match::Some(self.path.join("."));
        let field = match found {
            Envelope::Field(field) => *field,
            Envelope::Made(text) => Field::Text(text),
            Envelope::SomeService => return some_service(value).unwrap_or_else(open),
        };
        match (value, field) {
            (Value::Object(matcher), field) => self.matcher(matcher, field),
            (_, Field::Open) => open(),
            (Value::String(wanted), Field::Text(text)) => Match::of(wanted == text),
            (Value::String(wanted), Field::TextBut(others)) if others.contains(wanted) => Match::None,
            (Value::String(_), Field::TextBut(_)) => open(),
            (Value::Bool(wanted), Field::Flag(flag)) => Match::of(*wanted == flag),
            _ => Match::None,
        }
    }

    /// A comparison other than with one value: an object with one member that names it.
    fn matcher(&self, matcher: &Map<String, Value>, field: Field<'_>) -> Match {
        let unknown = || {
            let written = Value::Object(matcher.clone()).to_string();
            Match::Unclear(format!("`{}` is compared with `{written}`", self.path.join(".")))
        };
        let (1, Some((name, argument))) = (matcher.len(), matcher.iter().next()) else { return unknown() };
        let open = || Match::Some(self.path.join("."));
        if let ("exists", Value::Bool(wanted)) = (name.as_str(), argument) {
            return match field {
                Field::Open => open(),
                // Only the ends of branches are there or not; of an object itself the guide says nothing.
                Field::Object => unknown(),
                field => Match::of(*wanted == (field != Field::Absent)),
            };
        }
        let negated = name == "anything-but";
        let tests =
            if negated { anything_but(argument) } else { comparison(name, argument).map(|test| Vec::from([test])) };
        match (tests, field) {
            (None, _) => unknown(),
            (Some(_), Field::Open) => open(),
            (Some(tests), Field::Text(text)) => Match::of(tests.iter().any(|test| test.is(text)) != negated),
            (Some(tests), Field::TextBut(others)) => among(&tests, others, negated).unwrap_or_else(open),
            (Some(_), Field::Flag(_)) if negated => open(),
            // A field that is not there is not something else either.
            (Some(_), _) => Match::None,
        }
    }
}

/// For any text but these: known only where everything that is compared with is among them.
fn among(tests: &[Compare], others: &[String], negated: bool) -> Option<Match> {
    let known = tests.iter().all(|test| match test {
        Compare::Equal(text) => others.contains(text),
        Compare::Never => true,
        _ => false,
    });
    known.then(|| Match::of(negated))
}

/// `aws.` and the name of any service: that it begins so is known.
fn some_service(value: &Value) -> Option<Match> {
    let matcher = value.as_object()?;
    let prefix = matcher.get("prefix")?.as_str()?;
    match (matcher.len(), "aws.".starts_with(prefix)) {
        (1, true) => Some(Match::All),
        _ => None,
    }
}

/// A comparison with a text.
#[derive(Debug, Clone, PartialEq)]
enum Compare {
    Equal(String),
    EqualIgnoringCase(String),
    Prefix(String, bool),
    Suffix(String, bool),
    Wildcard(Glob),
    /// Numbers and addresses: no field that is known here is one.
    Never,
}

impl Compare {
    fn is(&self, text: &str) -> bool {
        let same = |wanted: &str, part: Option<&str>, case: bool| {
            part.is_some_and(|part| if case { part == wanted } else { part.eq_ignore_ascii_case(wanted) })
        };
        match self {
            Self::Equal(wanted) => wanted == text,
            Self::EqualIgnoringCase(wanted) => wanted.eq_ignore_ascii_case(text),
            Self::Prefix(wanted, case) => same(wanted, text.get(..wanted.len()), *case),
            Self::Suffix(wanted, case) => {
                same(wanted, text.len().checked_sub(wanted.len()).and_then(|at| text.get(at..)), *case)
            }
            Self::Wildcard(glob) => glob.matches(text),
            Self::Never => false,
        }
    }
}

fn comparison(name: &str, argument: &Value) -> Option<Compare> {
    let in_any_case = |argument: &Value| {
        let inner = argument.as_object().filter(|inner| inner.len() == 1)?;
        inner.get("equals-ignore-case")?.as_str().map(ToString::to_string)
    };
    match (name, argument) {
        ("prefix", Value::String(text)) => Some(Compare::Prefix(text.clone(), true)),
        ("suffix", Value::String(text)) => Some(Compare::Suffix(text.clone(), true)),
        ("prefix", argument) => Some(Compare::Prefix(in_any_case(argument)?, false)),
        ("suffix", argument) => Some(Compare::Suffix(in_any_case(argument)?, false)),
        ("equals-ignore-case", Value::String(text)) => Some(Compare::EqualIgnoringCase(text.clone())),
        ("wildcard", Value::String(text)) => Some(Compare::Wildcard(Glob::of_event_pattern(text))),
        ("numeric", Value::Array(_)) | ("cidr", Value::String(_)) => Some(Compare::Never),
        _ => None,
    }
}

/// What stands behind `anything-but`: a value, a list of values, or a comparison with one text or several.
fn anything_but(argument: &Value) -> Option<Vec<Compare>> {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(Compare::Equal(text.clone())),
        Value::Number(_) => Some(Compare::Never),
        _ => None,
    };
    match argument {
        Value::Array(values) => values.iter().map(plain).collect(),
        Value::Object(matcher) => {
            let (1, Some((name, argument))) = (matcher.len(), matcher.iter().next()) else { return None };
            match argument {
                Value::Array(several) => several.iter().map(|one| comparison(name, one)).collect(),
                one => comparison(name, one).map(|test| Vec::from([test])),
            }
        }
        other => plain(other).map(|test| Vec::from([test])),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::format;
    use std::string::ToString;
    use std::vec::Vec;

    use super::super::event::Known;
    use super::*;

    fn create_policy() -> Event {
        Event::call("iam", "CreatePolicy")
    }

    fn on(pattern: &str, event: &Event) -> Match {
        EventPattern::parse(pattern).on(event)
    }

    #[test]
    fn the_same_events_in_many_words() {
        for pattern in [
            r#"{"source": ["aws.iam"]}"#,
            r#"{"detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventSource": ["iam.amazonaws.com"]}}"#,
            r#"{"detail": {"eventName": ["DeletePolicy", "CreatePolicy"]}}"#,
            r#"{"detail": {"eventName": [{"prefix": "Create"}]}}"#,
            r#"{"detail": {"eventName": [{"prefix": {"equals-ignore-case": "CREATE"}}]}}"#,
            r#"{"detail": {"eventName": [{"suffix": "Policy"}]}}"#,
            r#"{"detail": {"eventName": [{"wildcard": "*Poli*"}]}}"#,
            r#"{"detail": {"eventName": [{"equals-ignore-case": "createpolicy"}]}}"#,
            r#"{"detail": {"eventName": [{"anything-but": ["ListUsers", "GetUser"]}]}}"#,
            r#"{"detail": {"eventName": [{"anything-but": {"prefix": "List"}}]}}"#,
            r#"{"detail": {"eventName": [{"anything-but": {"wildcard": ["List*", "Get*"]}}]}}"#,
            r#"{"detail": {"errorCode": [{"exists": false}]}}"#,
            r#"{"detail": {"readOnly": [false]}}"#,
            r#"{"$or": [{"source": ["aws.s3"]}, {"detail": {"eventName": ["CreatePolicy"]}}]}"#,
            r#"{"detail": {"$or": [{"eventName": ["DeletePolicy"]}, {"eventName": ["CreatePolicy"]}]}}"#,
        ] {
            assert_eq!(on(pattern, &create_policy()), Match::All, "{pattern}");
        }
    }

    #[test]
    fn other_events_are_not_matched() {
        for pattern in [
            r#"{"source": ["aws.ec2"]}"#,
            r#"{"detail-type": ["AWS Console Sign In via CloudTrail"]}"#,
            r#"{"detail": {"eventName": ["createpolicy"]}}"#,
            r#"{"detail": {"eventName": [{"anything-but": "CreatePolicy"}]}}"#,
            r#"{"detail": {"errorCode": [{"anything-but": "AccessDenied"}]}}"#,
            r#"{"detail": {"errorCode": [{"exists": true}]}}"#,
            r#"{"detail": {"eventName": [{"numeric": [">", 5]}]}}"#,
            r#"{"detail": {"eventName": [null]}}"#,
            r#"{"detail": {"eventName": []}}"#,
            r#"{"unknown": ["a"]}"#,
            r#"{"$or": []}"#,
        ] {
            assert_eq!(on(pattern, &create_policy()), Match::None, "{pattern}");
        }
    }

    #[test]
    fn what_turns_on_an_open_field_leaves_some_out() {
        for (pattern, field) in [
            (r#"{"source": ["aws.iam"], "region": ["us-east-1"]}"#, "region"),
            (r#"{"source": ["aws.iam"], "detail": {"userIdentity": {"type": ["Root"]}}}"#, "detail.userIdentity.type"),
            (
                r#"{"detail": {"requestParameters": {"policyName": [{"exists": true}]}}}"#,
                "detail.requestParameters.policyName",
            ),
        ] {
            assert_eq!(on(pattern, &create_policy()), Match::Some(field.to_owned()), "{pattern}");
        }
    }

    #[test]
    fn any_service_is_some_service_of_aws() {
        let any = Event::new("root").text("userIdentity.type", "Root");
        assert_eq!(on(r#"{"source": [{"prefix": "aws."}]}"#, &any), Match::All);
        assert_eq!(on(r#"{"source": ["aws.iam"]}"#, &any), Match::Some("source".to_owned()));
        assert_eq!(on(r#"{"detail": {"userIdentity": {"type": ["Root"]}}}"#, &any), Match::All);
    }

    #[test]
    fn texts_that_may_be_any_but_a_few() {
        let others = Vec::from(["HeadBucket".to_string()]);
        let event = Event::new("denied").with("eventName", Known::TextBut(others));
        let name = |matcher: &str| on(&format!(r#"{{"detail": {{"eventName": [{matcher}]}}}}"#), &event);
        assert_eq!(name(r#"{"anything-but": "HeadBucket"}"#), Match::All);
        assert_eq!(name(r#"{"anything-but": "Other"}"#), Match::Some("detail.eventName".to_owned()));
        assert_eq!(name(r#""HeadBucket""#), Match::None);
        assert_eq!(name(r#"{"exists": true}"#), Match::All);
    }

    #[test]
    fn what_is_not_understood_is_never_a_match() {
        for pattern in [
            "",
            "[]",
            "{",
            r#"{"source": "aws.iam"}"#,
            r#"{"source": [{"sounds-like": "aws.iam"}]}"#,
            r#"{"source": [{"prefix": "aws", "suffix": "iam"}]}"#,
            r#"{"source": [{"anything-but": {"sounds-like": "aws.ec2"}}]}"#,
            r#"{"detail": [{"exists": true}]}"#,
            r#"{"$or": ["aws.iam"]}"#,
        ] {
            assert!(matches!(on(pattern, &create_policy()), Match::Unclear(_)), "{pattern}");
        }
        let deep = format!("{}[1]{}", r#"{"a":"#.repeat(100), "}".repeat(100));
        assert!(matches!(on(&deep, &create_policy()), Match::Unclear(_)));
    }
}
