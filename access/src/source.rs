//! A policy document, read and prepared once and shared by everyone who holds it.

use std::sync::{Arc, OnceLock};

use probity_model::facts::authorization::DocumentText;
use probity_policy::{Document, Effect, ParseError, Policy};

/// What a text says, or why nobody can tell.
type Read = Result<Document, ParseError>;

/// What a policy document says. It is read once and kept with its text.
///
/// # Errors
/// Those of [`Document::parse`].
pub fn read(text: &DocumentText) -> Result<&Document, &ParseError> {
    shared(text).as_ref().as_ref()
}

fn shared(text: &DocumentText) -> &Arc<Read> {
    text.read(|text| Arc::new(Document::parse(text)))
}

/// A policy with its document, as far as it could be read.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    /// Not there where there is no text.
    read: Option<Arc<Read>>,
    problem: Option<String>,
    policy: OnceLock<Policy>,
}

impl Source {
    /// A document. One that does not parse is a policy that nobody has read: it may allow or deny anything.
    pub(crate) fn new(name: impl Into<String>, text: &DocumentText) -> Arc<Source> {
        let read = Arc::clone(shared(text));
        let problem = read.as_ref().as_ref().err().map(ToString::to_string);
        Arc::new(Source { name: name.into(), read: Some(read), problem, policy: OnceLock::new() })
    }

    /// The same for a text that nobody keeps.
    pub(crate) fn parse(name: impl Into<String>, text: &str) -> Arc<Source> {
        Self::new(name, &DocumentText::new(text))
    }

    /// A policy that exists and whose document is not in the snapshot.
    pub(crate) fn unread(name: impl Into<String>, problem: impl Into<String>) -> Arc<Source> {
        Arc::new(Source { name: name.into(), read: None, problem: Some(problem.into()), policy: OnceLock::new() })
    }

    /// The name: the ARN of a managed policy, `owner/name` of an inline one.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The policy, prepared for evaluation.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.policy.get_or_init(|| match self.document() {
            Some(document) => Policy::new(self.name.as_str(), document),
            None => Policy::unread(self.name.as_str()),
        })
    }

    /// The document; none where it was not read or does not parse.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.read.as_ref()?.as_ref().as_ref().ok()
    }

    /// Why there is no document.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether it denies something, or may because nobody has read it.
    pub(crate) fn may_deny(&self) -> bool {
        self.document()
            .is_none_or(|document| document.statements.iter().any(|statement| statement.effect == Effect::Deny))
    }
}
