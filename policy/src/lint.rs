//! Finds what is wrong or unwise in a document, with the codes that Access Analyzer's `ValidatePolicy` gives.
//!
//! The codes are names that others know; the wording is our own, and so is the reading of a code wherever AWS does not
//! say what exactly it looks for. `codes.rs` lists every code that is given and says which ones are not.

mod actions;
mod addresses;
mod codes;
mod conditions;
mod control;
mod powers;
mod principals;
mod redundant;
mod resources;
mod shape;
mod statements;
mod supported;
mod tags;
mod trust;
mod values;
mod variables;
mod view;
mod web_identity;

use crate::document::Position;
use crate::json;
use view::{Place, View};

/// Something to tell about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintFinding {
    /// The code, such as `INVALID_ACTION`.
    pub code: &'static str,
    /// How grave it is.
    pub kind: LintKind,
    /// What is wrong, in one or two sentences.
    pub message: String,
    /// Where it stands.
    pub position: Position,
    /// The way to it from the outermost element, such as `Statement[0].Action[1]`; empty for the whole document.
    pub path: String,
}

/// How grave a finding is, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LintKind {
    /// The document does not work, or not as a whole.
    Error,
    /// It allows more than it seems to.
    SecurityWarning,
    /// It works, but probably not as it was meant.
    Warning,
    /// It could be simpler or clearer.
    Suggestion,
}

/// What a document is attached to, which decides what may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// A policy of a user, group, role or permission set, or a permissions boundary.
    Identity,
    /// A policy of a resource, such as a bucket.
    Resource,
    /// The trust policy of a role.
    Trust,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
}

/// Everything there is to tell about a document, in the order of positions; the gravest first where several are at one.
/// A text that is no policy at all gives findings too.
#[must_use]
pub fn lint(text: &str, kind: DocumentKind) -> Vec<LintFinding> {
    let mut findings = Findings { kind, found: Vec::new() };
    match json::parse(text) {
        Ok(node) => {
            let size = text.chars().filter(|character| !character.is_whitespace()).count();
            let view = View::new(&node, size, &mut findings);
            groups(&view, &mut findings);
        }
        Err(error) => {
            let place =
                Place { position: Position { line: error.line(), column: error.column() }, path: String::new() };
            findings.add("JSON_SYNTAX_ERROR", &place, format!("The document cannot be read: {}.", error.kind()));
        }
    }
    let mut found = findings.found;
    found.sort_by(|left, right| {
        let key = |finding: &LintFinding| (finding.position, finding.kind, finding.code);
        key(left).cmp(&key(right)).then_with(|| left.message.cmp(&right.message))
    });
    found.dedup();
    found
}

/// Goes through every group of findings.
fn groups(view: &View, findings: &mut Findings) {
    statements::look(view, findings);
    actions::look(view, findings);
    resources::look(view, findings);
    variables::look(view, findings);
    conditions::look(view, findings);
    values::look(view, findings);
    addresses::look(view, findings);
    principals::look(view, findings);
    trust::look(view, findings);
    web_identity::look(view, findings);
    control::look(view, findings);
    powers::look(view, findings);
    tags::look(view, findings);
    supported::look(view, findings);
    redundant::look(view, findings);
}

/// What has been found so far.
struct Findings {
    kind: DocumentKind,
    found: Vec<LintFinding>,
}

impl Findings {
    fn add(&mut self, code: &'static str, place: &Place, message: impl Into<String>) {
        let kind = codes::kind(code);
        let (position, path) = (place.position, place.path.clone());
        self.found.push(LintFinding { code, kind, message: message.into(), position, path });
    }
}

impl DocumentKind {
    /// What a document seems to be: with principals it belongs to a resource, or to a role when it is about assuming
    /// roles and names no resource; without, to an identity. Control policies cannot be told from those.
    #[must_use]
    pub fn guess(text: &str) -> DocumentKind {
        let mut ignored = Findings { kind: DocumentKind::Identity, found: Vec::new() };
        let Ok(node) = json::parse(text) else { return DocumentKind::Identity };
        let view = View::new(&node, 0, &mut ignored);
        let names_principals = view.clauses.iter().any(|clause| clause.who.is_some());
        let names_resources = view.clauses.iter().any(|clause| clause.resources.is_some());
        let assumes = |word: &view::Word| word.text.to_ascii_lowercase().starts_with("sts:");
        let only_assumes = view.clauses.iter().all(|clause| {
            clause.actions.as_ref().is_some_and(|actions| !actions.negated && actions.words.iter().all(assumes))
        });
        match (names_principals, !names_resources && only_assumes) {
            (false, _) => DocumentKind::Identity,
            (true, true) => DocumentKind::Trust,
            (true, false) => DocumentKind::Resource,
        }
    }
}

#[cfg(test)]
mod tests;
