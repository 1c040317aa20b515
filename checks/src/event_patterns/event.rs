//! A kind of CloudTrail events: what is known of each of them. Whatever is not said is open.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What is known of a field in every event of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// This text.
    Text(String),
    /// Some text, and none of these.
    TextBut(Vec<String>),
    /// Yes or no.
    Flag(bool),
    /// The field is not there.
    Absent,
}

/// What a pattern finds at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'e> {
    /// This text.
    Text(&'e str),
    /// Some text, and none of these.
    TextBut(&'e [String]),
    /// Yes or no.
    Flag(bool),
    /// Nothing.
    Absent,
    /// An object with fields of its own.
    Object,
    /// Nobody has said.
    Open,
}

/// A kind of CloudTrail events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is called in findings.
    pub name: String,
    /// The event source without `.amazonaws.com`; empty where it is any.
    service: String,
    fields: BTreeMap<String, Known>,
}

impl Event {
    /// Events of this name that nothing is known of.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), service: String::new(), fields: BTreeMap::new() }
    }

    /// Successful management events that change something, by one call of a service.
    #[must_use]
    pub fn call(service: &str, operation: &str) -> Self {
        Self::new(operation)
            .of_service(service)
            .text("eventName", operation)
            .text("eventType", "AwsApiCall")
            .text("eventCategory", "Management")
            .with("managementEvent", Known::Flag(true))
            .with("readOnly", Known::Flag(false))
            .with("errorCode", Known::Absent)
            .with("errorMessage", Known::Absent)
    }

    /// Sign-ins to the console.
    #[must_use]
    pub fn sign_in(name: &str) -> Self {
        Self::new(name)
            .of_service("signin")
            .text("eventName", "ConsoleLogin")
            .text("eventType", "AwsConsoleSignIn")
            .text("eventCategory", "Management")
            .with("managementEvent", Known::Flag(true))
            .with("readOnly", Known::Flag(false))
    }

    /// The events of one service.
    #[must_use]
    pub fn of_service(mut self, service: &str) -> Self {
        service.clone_into(&mut self.service);
        self.text("eventSource", &format!("{service}.amazonaws.com"))
    }

    /// The same events under another name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// What is known of a field, by its path with dots.
    #[must_use]
    pub fn with(mut self, path: &str, known: Known) -> Self {
        self.fields.insert(path.to_owned(), known);
        self
    }

    /// A field with this text.
    #[must_use]
    pub fn text(self, path: &str, text: &str) -> Self {
        self.with(path, Known::Text(text.to_owned()))
    }

    /// Whether all of these events come from signing in to the console.
    #[must_use]
    pub fn is_sign_in(&self) -> bool {
        self.service == "signin"
    }

    /// The event source; empty where it is any.
    #[must_use]
    pub fn source(&self) -> &str {
        match self.fields.get("eventSource") {
            Some(Known::Text(source)) => source,
            _ => "",
        }
    }

    /// Whether these events change nothing, as far as is known.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.fields.get("readOnly") == Some(&Known::Flag(true))
    }

    /// The texts that every one of these events holds.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.fields.values().filter_map(|known| if let Known::Text(text) = known { Some(text.as_str()) } else { None })
    }

    /// What the record of CloudTrail has at a path.
    #[must_use]
    pub fn field(&self, path: &[String]) -> Field<'_> {
        let name = path.join(".");
        if let Some(known) = self.fields.get(&name) {
            return known.into();
        }
        let inside = format!("{name}.");
        let parts = self.fields.iter().filter(|(field, _)| field.starts_with(&inside));
        if parts.into_iter().any(|(_, known)| *known != Known::Absent) {
            return Field::Object;
        }
        // Inside something that is not there, or that is no object, there is nothing.
        let mut outer = name.as_str();
        while let Some((shorter, _)) = outer.rsplit_once('.') {
            outer = shorter;
            if self.fields.contains_key(outer) {
                return Field::Absent;
            }
        }
        Field::Open
    }

    /// What EventBridge's envelope has at a path; the record of CloudTrail is its `detail`.
    #[must_use]
    pub fn envelope(&self, path: &[String]) -> Envelope<'_> {
        let [first, inside @ ..] = path else { return Envelope::Field(Field::Object) };
        match (first.as_str(), inside.is_empty()) {
            ("detail", true) => Envelope::Field(Field::Object),
            ("detail", false) => Envelope::Field(self.field(inside)),
            ("source", true) if self.service.is_empty() => Envelope::SomeService,
            ("source", true) => Envelope::Made(format!("aws.{}", self.service)),
            ("detail-type", true) => Envelope::Made(
                if self.is_sign_in() { "AWS Console Sign In via CloudTrail" } else { "AWS API Call via CloudTrail" }
                    .to_string(),
            ),
            ("account", true) => Envelope::Field(self.field(&["recipientAccountId".to_owned()])),
            ("version" | "id" | "time" | "region" | "resources", _) => Envelope::Field(Field::Open),
            _ => Envelope::Field(Field::Absent),
        }
    }
}

/// What EventBridge's envelope has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Envelope<'e> {
    /// What the record has.
    Field(Field<'e>),
    /// A text that only the envelope has.
    Made(String),
    /// `aws.` and the name of any service.
    SomeService,
}

impl<'e> From<&'e Known> for Field<'e> {
    fn from(known: &'e Known) -> Self {
        match known {
            Known::Text(text) => Self::Text(text),
            Known::TextBut(texts) => Self::TextBut(texts),
            Known::Flag(flag) => Self::Flag(*flag),
            Known::Absent => Self::Absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field<'e>(event: &'e Event, path: &str) -> Field<'e> {
        let path: Vec<String> = path.split('.').map(ToOwned::to_owned).collect();
        event.field(&path)
    }

    #[test]
    fn what_is_not_said_is_open() {
        let event = Event::call("iam", "CreatePolicy").text("userIdentity.type", "Root");
        assert_eq!(field(&event, "eventSource"), Field::Text("iam.amazonaws.com"));
        assert_eq!(field(&event, "userIdentity"), Field::Object);
        assert_eq!(field(&event, "userIdentity.type"), Field::Text("Root"));
        assert_eq!(field(&event, "userIdentity.userName"), Field::Open);
        assert_eq!(field(&event, "errorCode"), Field::Absent);
        assert_eq!(field(&event, "errorCode.inner"), Field::Absent);
        assert_eq!(field(&event, "requestParameters"), Field::Open);
    }

    #[test]
    fn the_envelope_follows_from_the_record() {
        let path = |text: &str| text.split('.').map(ToOwned::to_owned).collect::<Vec<String>>();
        let event = Event::call("iam", "CreatePolicy").text("recipientAccountId", "123456789012");
        assert_eq!(event.envelope(&path("source")), Envelope::Made("aws.iam".to_owned()));
        assert_eq!(event.envelope(&path("account")), Envelope::Field(Field::Text("123456789012")));
        assert_eq!(event.envelope(&path("detail.eventName")), Envelope::Field(Field::Text("CreatePolicy")));
        assert_eq!(event.envelope(&path("nothing")), Envelope::Field(Field::Absent));
        assert_eq!(Event::new("any").envelope(&path("source")), Envelope::SomeService);
    }
}
