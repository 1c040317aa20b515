//! A policy document as it was written: nothing expanded, nothing resolved.

use crate::Pattern;

/// A line and a column of the document's text, both counted in characters from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// A policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// `2012-10-17` or `2008-10-17`; absent means the older one, which knows no policy variables.
    pub version: Option<String>,
    /// The document's own name.
    pub id: Option<String>,
    /// The statements, in the order of the document.
    pub statements: Vec<Statement>,
}

/// One statement of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The statement's own name.
    pub sid: Option<String>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Whom it speaks of; only in policies that are attached to a resource.
    pub principals: Option<Principals>,
    /// Which actions.
    pub actions: Actions,
    /// On which resources; absent in the trust policy of a role.
    pub resources: Option<Resources>,
    /// All of them must hold. One entry for each pair of operator and key.
    pub conditions: Vec<Condition>,
    /// Where the statement begins.
    pub position: Position,
}

/// What a statement does when it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// It allows, if nothing denies.
    Allow,
    /// It denies, whatever allows.
    Deny,
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// `Principal`: those named.
    Only(Vec<Principal>),
    /// `NotPrincipal`: everyone but those named.
    AllBut(Vec<Principal>),
}

/// One principal, as the document names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Principal {
    /// The bare `"*"`.
    Everyone,
    /// An account, its root, a user, a role, a session, the unique id of a deleted one, or `*`.
    Aws(String),
    /// A service such as `ec2.amazonaws.com`.
    Service(String),
    /// A SAML or OIDC provider.
    Federated(String),
    /// The canonical id of an account, as S3 uses it.
    CanonicalUser(String),
}

/// `Action` or `NotAction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actions {
    /// `Action`: those that match one of the patterns.
    Only(Vec<Pattern>),
    /// `NotAction`: those that match none of them.
    AllBut(Vec<Pattern>),
}

/// `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resources {
    /// `Resource`: those that match one of the patterns.
    Only(Vec<Pattern>),
    /// `NotResource`: those that match none of them.
    AllBut(Vec<Pattern>),
}

/// One line of a condition block: an operator, a key and the values it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The operator with its qualifier and `IfExists`, as written: `ForAnyValue:StringLikeIfExists`.
    pub operator: String,
    /// The context key, as written. Case does not matter in it.
    pub key: String,
    /// The values; numbers and booleans as their text.
    pub values: Vec<String>,
    /// Where the key stands.
    pub position: Position,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// When the text is not JSON, a key appears twice, or an element is unknown, missing, or of a shape that IAM does
    /// not accept. The error says where.
    pub fn parse(text: &str) -> Result<Document, ParseError> {
        crate::parse::document(text)
    }

    /// Whether one of its statements by itself allows every action on every resource without a condition. What other
    /// statements deny is not considered.
    #[must_use]
    pub fn allows_everything(&self) -> bool {
        self.statements.iter().any(Statement::allows_everything)
    }

    /// Whether it allows everything and denies nothing: a service control policy of this kind is no guardrail,
    /// whatever its name is.
    #[must_use]
    pub fn restricts_nothing(&self) -> bool {
        self.allows_everything()
            && !self.statements.iter().any(|statement| statement.effect == Effect::Deny && statement.can_apply())
    }
}

impl Statement {
    /// Whether it allows every action on every resource without a condition. An empty `NotAction` or `NotResource`
    /// excepts nothing, and a condition without values always holds.
    #[must_use]
    pub fn allows_everything(&self) -> bool {
        self.effect == Effect::Allow
            && self.actions.is_everything()
            && self.resources.as_ref().is_some_and(Resources::is_everything)
            && self.conditions.iter().all(|condition| condition.values.is_empty())
    }

    /// Whether some action and resource exist that it could apply to. An empty `Action` or `Resource` matches nothing.
    fn can_apply(&self) -> bool {
        !matches!(&self.actions, Actions::Only(patterns) if patterns.is_empty())
            && !matches!(&self.resources, Some(Resources::Only(patterns)) if patterns.is_empty())
    }
}

impl Actions {
    /// Whether it covers every action: `*`, `*:*`, or a `NotAction` that excepts nothing.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        match self {
            Actions::Only(patterns) => patterns.iter().any(Pattern::is_every_action),
            Actions::AllBut(patterns) => patterns.is_empty(),
        }
    }

    /// Whether an action such as `s3:GetObject` is covered.
    #[must_use]
    pub fn cover(&self, action: &str) -> bool {
        let action = action.split_once(':');
        match self {
            Actions::Only(patterns) => patterns.iter().any(|pattern| pattern.matches_parts(action)),
            Actions::AllBut(patterns) => !patterns.iter().any(|pattern| pattern.matches_parts(action)),
        }
    }

    /// The services whose actions it may cover, as they are written; `None` where these are not all named.
    #[must_use]
    pub fn services(&self) -> Option<Vec<&str>> {
        match self {
            Actions::Only(patterns) => patterns.iter().map(Pattern::service).collect(),
            Actions::AllBut(_) => None,
        }
    }

    /// Whether it may cover an action of a service such as `s3`.
    #[must_use]
    pub fn may_cover_service(&self, service: &str) -> bool {
        self.services().is_none_or(|all| all.iter().any(|named| named.eq_ignore_ascii_case(service)))
    }

    /// The patterns, whichever way they are meant.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        match self {
            Actions::Only(patterns) | Actions::AllBut(patterns) => patterns,
        }
    }
}

impl Resources {
    /// Whether it covers every resource: `*`, or a `NotResource` that excepts nothing.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        match self {
            Resources::Only(patterns) => patterns.iter().any(Pattern::is_everything),
            Resources::AllBut(patterns) => patterns.is_empty(),
        }
    }

    /// The patterns, whichever way they are meant.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        match self {
            Resources::Only(patterns) | Resources::AllBut(patterns) => patterns,
        }
    }
}

impl Principals {
    /// Those named, whichever way they are meant.
    #[must_use]
    pub fn named(&self) -> &[Principal] {
        match self {
            Principals::Only(named) | Principals::AllBut(named) => named,
        }
    }
}

impl Principal {
    /// Whether it is anyone at all: `"*"`, or `{"AWS": "*"}`.
    #[must_use]
    pub fn is_everyone(&self) -> bool {
        matches!(self, Principal::Everyone) || matches!(self, Principal::Aws(name) if name == "*")
    }
}

/// Why a document could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {kind}", position.line, position.column)]
pub struct ParseError {
    position: Position,
    kind: ParseErrorKind,
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The text is not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// A key appears twice in one object; readers differ in which one counts.
    #[error("the key `{0}` appears twice")]
    DuplicateKey(String),
    /// An element that policies do not have. Names are case-sensitive.
    #[error("`{0}` is not an element of a policy")]
    UnknownElement(String),
    /// An element that must be there is not.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Two elements that exclude each other, such as `Action` and `NotAction`.
    #[error("`{0}` and `{1}` cannot stand in one statement")]
    Both(&'static str, &'static str),
    /// An element has a shape or a value that IAM does not accept.
    #[error("`{element}` must be {wanted}")]
    Shape {
        /// The element.
        element: String,
        /// What it may be.
        wanted: &'static str,
    },
}

impl ParseError {
    pub(crate) fn new(position: Position, kind: ParseErrorKind) -> ParseError {
        ParseError { position, kind }
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.position.line
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.position.column
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ParseErrorKind {
        &self.kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(statements: &str) -> Document {
        Document::parse(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)).expect("a policy")
    }

    #[test]
    fn allow_all_on_all_is_everything() {
        for statement in [
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "*:*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": ["s3:Get*", "*"], "Resource": ["arn:aws:s3:::b", "*"]}"#,
            r#"{"Effect": "Allow", "NotAction": [], "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "*", "NotResource": []}"#,
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}"#,
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:x": []}}}"#,
        ] {
            assert!(document(statement).allows_everything(), "{statement}");
        }
    }

    #[test]
    fn anything_less_is_not_everything() {
        for statement in [
            r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::*"}"#,
            r#"{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}"#,
            r#"{"Effect": "Allow", "NotAction": "*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "*"}"#,
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:x": true}}}"#,
        ] {
            assert!(!document(statement).allows_everything(), "{statement}");
        }
    }

    #[test]
    fn one_statement_suffices_to_allow_everything() {
        let two = document(
            r#"{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}, {"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
        );
        assert!(two.allows_everything());
        assert!(!two.restricts_nothing(), "the other one denies something");
    }

    #[test]
    fn a_policy_that_only_allows_everything_restricts_nothing() {
        let everything = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
        assert!(document(everything).restricts_nothing());
        assert!(!document(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#).restricts_nothing());
        for empty in [
            r#"{"Effect": "Deny", "Action": [], "Resource": "*"}"#,
            r#"{"Effect": "Deny", "Action": "*", "Resource": []}"#,
        ] {
            assert!(document(&format!("{everything}, {empty}")).restricts_nothing(), "{empty} denies nothing");
        }
    }

    #[test]
    fn everyone_has_two_spellings() {
        assert!(Principal::Everyone.is_everyone());
        assert!(Principal::Aws("*".into()).is_everyone());
        assert!(!Principal::Service("*".into()).is_everyone());
        assert!(!Principal::Aws("111122223333".into()).is_everyone());
    }
}
