//! What could be left out without changing anything.

use super::Findings;
use super::view::{Asked, Clause, Names, View};
use crate::condition::operator::{Family, Qualifier};
use crate::condition::text::Kind;
use crate::overlap;
use crate::pattern::Pattern;
use crate::template::Token;
use std::collections::BTreeSet;

/// Beyond this many characters nothing is compared with everything else: no quota of AWS allows so long a document.
const LONGEST: usize = 60_000;

/// Keys of the resource, which in a policy of that resource is known anyway.
const RESOURCE_KEYS: [&str; 4] =
    ["aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"];

pub(super) fn look(view: &View, findings: &mut Findings) {
    for asked in view.clauses.iter().flat_map(|clause| &clause.asked) {
        everything(asked, findings);
        let of_resource = RESOURCE_KEYS.contains(&asked.key.text.to_ascii_lowercase().as_str());
        if of_resource && findings.kind == super::DocumentKind::Resource {
            let message = format!("`{}` is always the same in a policy of the resource itself.", asked.key.text);
            findings.add("IRRELEVANT_CONDITION_KEY_IN_POLICY", &asked.key.place, message);
        }
    }
    if view.size > LONGEST {
        return;
    }
    for clause in &view.clauses {
        let actions = clause.actions.iter().map(|names| (names, Element::Action, "REDUNDANT_ACTION"));
        let resources = clause.resources.iter().map(|names| (names, Element::Resource, "REDUNDANT_RESOURCE"));
        for (names, element, code) in actions.chain(resources) {
            words(names, element, code, findings);
        }
    }
    statements(view, findings);
}

/// A pattern that matches everything.
fn everything(asked: &Asked, findings: &mut Findings) {
    let Some(operator) = asked.parsed else { return };
    let is_open = matches!(operator.family, Family::Text(Kind::Like | Kind::Arn));
    if !is_open || !asked.values.iter().any(|value| Pattern::new(value.text.as_str()).is_everything()) {
        return;
    }
    let always = operator.if_exists || operator.qualifier == Some(Qualifier::ForAllValues);
    let (key, operator_name) = (&asked.key.text, &asked.operator.text);
    let (code, message) = match (operator.negated, always) {
        (false, false) => (
            "EQUIVALENT_TO_NULL_FALSE",
            format!(
                "`{operator_name}` with `*` only asks whether `{key}` exists. \"Null\": {{\"{key}\": \"false\"}} says so."
            ),
        ),
        (false, true) => (
            "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION",
            format!("`{operator_name}` with `*` always holds for `{key}`. Remove the key."),
        ),
        (true, _) if operator.qualifier == Some(Qualifier::ForAnyValue) && !operator.if_exists => (
            "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION",
            format!("`{operator_name}` with `*` never holds for `{key}`, so the statement never applies."),
        ),
        _ => return,
    };
    findings.add(code, &asked.key.place, message);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Action,
    Resource,
}

/// Names that are covered by another one of the same list; of equal ones the later.
fn words(names: &Names, element: Element, code: &'static str, findings: &mut Findings) {
    let texts: Vec<String> = names.words.iter().map(|word| folded(&word.text, element)).collect();
    let wide: Vec<(usize, Wide<'_>)> =
        texts.iter().enumerate().filter_map(|(place, text)| Some((place, Wide::new(text, element)?))).collect();
    let mut seen = BTreeSet::new();
    for (place, (word, text)) in names.words.iter().zip(&texts).enumerate() {
        let repeated = !seen.insert(text);
        let covered =
            wide.iter().find(|(other, pattern)| *other != place && pattern.text != text && pattern.covers(text));
        let message = match covered {
            _ if repeated => format!("`{}` is listed twice.", word.text),
            // Two that cover each other are written differently and mean the same; the later one goes.
            Some((other, _))
                if *other > place
                    && Wide::new(text, element)
                        .is_some_and(|own| texts.get(*other).is_some_and(|other| own.covers(other))) =>
            {
                continue;
            }
            Some((other, _)) => {
                let wider = names.words.get(*other).map_or("", |word| word.text.as_str());
                format!("`{}` is part of `{wider}`.", word.text)
            }
            None => continue,
        };
        findings.add(code, &word.place, message);
    }
}

/// Case does not matter in actions.
fn folded(text: &str, element: Element) -> String {
    match element {
        Element::Action => text.to_ascii_lowercase(),
        Element::Resource => text.to_owned(),
    }
}

/// A text with wildcards, which may cover others.
struct Wide<'t> {
    text: &'t str,
    element: Element,
    tokens: Vec<Token>,
}

impl<'t> Wide<'t> {
    /// `None` for a text without wildcards, or with variables that stand for their characters.
    fn new(text: &'t str, element: Element) -> Option<Wide<'t>> {
        let is_wide = text.contains(['*', '?']) && !text.contains("${*}") && !text.contains("${?}");
        is_wide.then(|| Wide { text, element, tokens: tokens(text) })
    }

    /// Whether everything that `other` names is named too. Says yes only when it is sure.
    fn covers(&self, other: &str) -> bool {
        if Pattern::new(self.text).is_everything() {
            return true;
        }
        match self.element {
            Element::Resource => overlap::covers_arn(&self.tokens, &tokens(other)),
            Element::Action => match (self.text.split_once(':'), other.split_once(':')) {
                (Some((service, name)), Some((other_service, other_name))) => {
                    overlap::covers(&tokens(service), &tokens(other_service))
                        && overlap::covers(&tokens(name), &tokens(other_name))
                }
                _ => false,
            },
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    text.chars().map(Token::wild).collect()
}

/// Statements that say the same; the later one is told. One that says more may be there to be changed by itself.
fn statements(view: &View, findings: &mut Findings) {
    for (place, clause) in view.clauses.iter().enumerate() {
        let same = |other: &&Clause| includes(other, clause) && includes(clause, other);
        if let Some(other) = view.clauses.iter().take(place).position(|other| same(&other)) {
            let message = format!("Statement {} says the same.", other + 1);
            findings.add("REDUNDANT_STATEMENT", &clause.place, message);
        }
    }
}

/// Whether a statement says all that another says: the same effect, principals and conditions, on no less.
fn includes(wider: &Clause, other: &Clause) -> bool {
    wider.effect.is_some()
        && wider.effect == other.effect
        && wider.has_condition == other.has_condition
        && same_principals(wider, other)
        && conditions(wider) == conditions(other)
        && names_include(wider.actions.as_ref(), other.actions.as_ref(), Element::Action)
        && names_include(wider.resources.as_ref(), other.resources.as_ref(), Element::Resource)
}

fn same_principals(left: &Clause, right: &Clause) -> bool {
    let named = |clause: &Clause| {
        clause.who.as_ref().map(|who| {
            let named: BTreeSet<(String, String)> =
                who.named.iter().map(|(kind, word)| (kind.clone(), word.text.clone())).collect();
            (who.negated, who.everyone, named)
        })
    };
    named(left) == named(right)
}

/// The conditions in an order that does not depend on how they are written.
fn conditions(clause: &Clause) -> BTreeSet<(String, String, BTreeSet<&str>)> {
    let line = |asked: &'_ Asked| (asked.operator.text.to_lowercase(), asked.key.text.to_lowercase());
    clause
        .asked
        .iter()
        .map(|asked| {
            let (operator, key) = line(asked);
            (operator, key, asked.values.iter().map(|value| value.text.as_str()).collect())
        })
        .collect()
}

fn names_include(wider: Option<&Names>, other: Option<&Names>, element: Element) -> bool {
    let (Some(wider), Some(other)) = (wider, other) else { return wider.is_none() && other.is_none() };
    if wider.negated || other.negated || other.words.is_empty() {
        let texts = |names: &Names| -> BTreeSet<String> {
            names.words.iter().map(|word| folded(&word.text, element)).collect()
        };
        return wider.negated == other.negated && texts(wider) == texts(other);
    }
    let wide: Vec<String> = wider.words.iter().map(|word| folded(&word.text, element)).collect();
    other.words.iter().map(|word| folded(&word.text, element)).all(|text| {
        wide.iter().any(|wide| *wide == text || Wide::new(wide, element).is_some_and(|wide| wide.covers(&text)))
    })
}
