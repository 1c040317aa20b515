//! A document as far as it can be read: what has the wrong shape is told and left out, the rest is looked at.

use super::shape::{conditions, effect, has, members, unknown, word, words};
use super::{DocumentKind, Findings};
use crate::condition::operator::Operator;
use crate::document::{Effect, Position};
use crate::json::{Member, Node, Value};

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) position: Position,
    pub(super) path: String,
}

/// A text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) place: Place,
}

/// A document.
pub(super) struct View {
    /// The outermost object.
    pub(super) place: Place,
    /// Whether policy variables are known: the version is the newer one.
    pub(super) variables: bool,
    /// Characters without spaces, as the quotas count them.
    pub(super) size: usize,
    pub(super) clauses: Vec<Clause>,
}

/// One statement.
pub(super) struct Clause {
    pub(super) place: Place,
    pub(super) sid: Option<Word>,
    pub(super) effect: Option<Effect>,
    pub(super) who: Option<Who>,
    pub(super) actions: Option<Names>,
    pub(super) resources: Option<Names>,
    pub(super) asked: Vec<Asked>,
    /// Whether there is a condition at all, readable or not.
    pub(super) has_condition: bool,
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
pub(super) struct Names {
    pub(super) place: Place,
    pub(super) negated: bool,
    pub(super) words: Vec<Word>,
}

/// `Principal` or `NotPrincipal`.
pub(super) struct Who {
    pub(super) place: Place,
    pub(super) negated: bool,
    /// The bare `"*"`.
    pub(super) everyone: bool,
    /// Key (`AWS`, `Service`, `Federated`, `CanonicalUser`) and value.
    pub(super) named: Vec<(String, Word)>,
}

/// One line of a condition block.
pub(super) struct Asked {
    pub(super) operator: Word,
    /// `None` when there is no such operator.
    pub(super) parsed: Option<Operator>,
    pub(super) key: Word,
    pub(super) values: Vec<Word>,
    /// Whether the values are of different JSON types.
    pub(super) is_mixed: bool,
}

impl Place {
    pub(super) fn new(position: Position, path: impl Into<String>) -> Place {
        Place { position, path: path.into() }
    }
}

impl View {
    /// Reads a document and tells what has the wrong shape.
    pub(super) fn new(node: &Node, size: usize, findings: &mut Findings) -> View {
        let place = Place::new(node.position, "");
        let mut view = View { place, variables: false, size, clauses: Vec::new() };
        let Some(members) = members(node, "", findings) else { return view };
        let mut version = None;
        let mut has_statement = false;
        for member in members {
            let place = Place::new(member.node.position, &member.key);
            match member.key.as_str() {
                "Version" => version = Some(word(&member.node, "Version", findings)),
                "Id" => drop(word(&member.node, "Id", findings)),
                "Statement" => {
                    let nodes = match &member.node.value {
                        Value::List(nodes) => nodes.as_slice(),
                        _ => std::slice::from_ref(&member.node),
                    };
                    has_statement = !nodes.is_empty();
                    let clauses = nodes
                        .iter()
                        .enumerate()
                        .filter_map(|(index, node)| Clause::new(node, &format!("Statement[{index}]"), findings));
                    view.clauses = clauses.collect();
                }
                _ => unknown(member, &place, findings),
            }
        }
        if !has_statement {
            findings.add("MISSING_STATEMENT", &view.place, "There is no statement, so the document says nothing.");
        }
        view.read_version(version, findings);
        view
    }

    fn read_version(&mut self, version: Option<Option<Word>>, findings: &mut Findings) {
        match version {
            None => {
                let message = "Without `Version` the rules of 2008-10-17 hold, which knows no policy variables. Add \"Version\": \"2012-10-17\".";
                findings.add("MISSING_VERSION", &self.place, message);
            }
            Some(Some(word)) if word.text == "2012-10-17" => self.variables = true,
            Some(Some(word)) if word.text != "2008-10-17" => {
                let message = format!("There is no version `{}`. Use 2012-10-17.", word.text);
                findings.add("INVALID_VERSION", &word.place, message);
            }
            Some(_) => {}
        }
    }
}

impl Clause {
    fn new(node: &Node, path: &str, findings: &mut Findings) -> Option<Clause> {
        let place = Place::new(node.position, path);
        let mut clause = Clause {
            place,
            sid: None,
            effect: None,
            who: None,
            actions: None,
            resources: None,
            asked: Vec::new(),
            has_condition: false,
        };
        let members = members(node, path, findings)?;
        for member in members {
            let path = format!("{path}.{}", member.key);
            let place = Place::new(member.node.position, path);
            let negated = member.key.starts_with("Not");
            match member.key.as_str() {
                "Sid" => clause.sid = word(&member.node, &place.path, findings),
                "Effect" => clause.effect = effect(&member.node, &place, findings),
                "Principal" | "NotPrincipal" => clause.who = Some(Who::new(&member.node, place, negated, findings)),
                "Action" | "NotAction" => clause.actions = Some(Names::new(&member.node, place, negated, findings)),
                "Resource" | "NotResource" => {
                    clause.resources = Some(Names::new(&member.node, place, negated, findings));
                }
                "Condition" => {
                    clause.has_condition = true;
                    clause.asked = conditions(&member.node, &place, findings);
                }
                _ => unknown(member, &place, findings),
            }
        }
        clause.tell_combinations(members, findings);
        clause.tell_missing(members, findings);
        Some(clause)
    }

    fn tell_combinations(&self, members: &[Member], findings: &mut Findings) {
        for (element, negation) in [("Action", "NotAction"), ("Principal", "NotPrincipal"), ("Resource", "NotResource")]
        {
            let both = [element, negation].iter().all(|key| has(members, key));
            if both {
                let message =
                    format!("`{element}` and `{negation}` cannot stand in one statement. Remove one of them.");
                findings.add("UNSUPPORTED_ELEMENT_COMBINATION", &self.place, message);
            }
        }
    }

    fn tell_missing(&self, members: &[Member], findings: &mut Findings) {
        if !has(members, "Effect") {
            findings.add("MISSING_EFFECT", &self.place, "The statement has no `Effect`. Add Allow or Deny.");
        }
        if !has(members, "Action") && !has(members, "NotAction") {
            findings.add("MISSING_ACTION", &self.place, "The statement has neither `Action` nor `NotAction`.");
        }
        let (needs_principal, needs_resource) = match findings.kind {
            DocumentKind::Identity | DocumentKind::ServiceControl => (false, true),
            DocumentKind::Resource | DocumentKind::Trust => (true, false),
            DocumentKind::ResourceControl => (true, true),
        };
        if needs_resource && !has(members, "Resource") && !has(members, "NotResource") {
            findings.add("MISSING_RESOURCE", &self.place, "The statement has neither `Resource` nor `NotResource`.");
        }
        if needs_principal && !has(members, "Principal") && !has(members, "NotPrincipal") {
            findings.add(
                "MISSING_PRINCIPAL",
                &self.place,
                "The statement does not say whom it speaks of. Add `Principal`.",
            );
        }
    }

    /// Whether the statement allows.
    pub(super) fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    /// Whether the statement denies.
    pub(super) fn denies(&self) -> bool {
        self.effect == Some(Effect::Deny)
    }

    /// The condition lines for a key; case does not matter.
    pub(super) fn asks<'c>(&'c self, key: &'c str) -> impl Iterator<Item = &'c Asked> {
        self.asked.iter().filter(move |asked| asked.key.text.eq_ignore_ascii_case(key))
    }
}

impl Names {
    fn new(node: &Node, place: Place, negated: bool, findings: &mut Findings) -> Names {
        let words = words(node, &place.path, findings);
        Names { place, negated, words }
    }
}

impl Who {
    fn new(node: &Node, place: Place, negated: bool, findings: &mut Findings) -> Who {
        let mut who = Who { place, negated, everyone: false, named: Vec::new() };
        match &node.value {
            Value::Text(text) if text == "*" => who.everyone = true,
            Value::Object(members) => {
                if members.is_empty() {
                    let message = "The principals are an empty object, which names nobody.";
                    findings.add("EMPTY_OBJECT_PRINCIPAL", &who.place, message);
                }
                for member in members {
                    let path = format!("{}.{}", who.place.path, member.key);
                    if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&member.key.as_str()) {
                        let message = format!(
                            "`{}` is no kind of principal. There are AWS, Service, Federated and CanonicalUser.",
                            member.key
                        );
                        findings.add("INVALID_PRINCIPAL_KEY", &Place::new(member.position, path), message);
                        continue;
                    }
                    let found = words(&member.node, &path, findings);
                    if found.is_empty() && matches!(&member.node.value, Value::List(nodes) if nodes.is_empty()) {
                        let place = Place::new(member.node.position, path);
                        findings.add("EMPTY_ARRAY_PRINCIPAL", &place, "The list of principals is empty.");
                    }
                    who.named.extend(found.into_iter().map(|word| (member.key.clone(), word)));
                }
            }
            _ => {
                let message = "Principals are \"*\" or an object such as {\"AWS\": \"111122223333\"}.";
                findings.add("INVALID_PRINCIPAL_FORMAT", &who.place, message);
            }
        }
        who
    }

    /// The values under one key.
    pub(super) fn under<'w>(&'w self, key: &'w str) -> impl Iterator<Item = &'w Word> {
        self.named.iter().filter(move |(found, _)| found == key).map(|(_, word)| word)
    }
}
