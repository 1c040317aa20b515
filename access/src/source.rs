//! A policy document, read and prepared once and shared by everyone who holds it.

use std::sync::Arc;

use probity_policy::{Document, Effect, Policy};

/// A policy with its document, as far as it could be read.
#[derive(Clone, Debug)]
pub struct Source {
    policy: Policy,
    document: Option<Document>,
    problem: Option<String>,
}

impl Source {
    /// Reads a document. One that does not parse is a policy that nobody has read: it may allow or deny anything.
    pub(crate) fn parse(name: impl Into<String>, text: &str) -> Arc<Source> {
        let name = name.into();
        Arc::new(match Document::parse(text) {
            Ok(document) => Source { policy: Policy::new(name, &document), document: Some(document), problem: None },
            Err(error) => Source { policy: Policy::unread(name), document: None, problem: Some(error.to_string()) },
        })
    }

    /// A policy that exists and whose document is not in the snapshot.
    pub(crate) fn unread(name: impl Into<String>, problem: impl Into<String>) -> Arc<Source> {
        Arc::new(Source { policy: Policy::unread(name), document: None, problem: Some(problem.into()) })
    }

    /// The name: the ARN of a managed policy, `owner/name` of an inline one.
    #[must_use]
    pub fn name(&self) -> &str {
        self.policy.name()
    }

    /// The policy, prepared for evaluation.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The document; none where it was not read or does not parse.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// Why there is no document.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether it denies something, or may because nobody has read it.
    pub(crate) fn may_deny(&self) -> bool {
        self.document
            .as_ref()
            .is_none_or(|document| document.statements.iter().any(|statement| statement.effect == Effect::Deny))
    }
}
