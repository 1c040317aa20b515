//! What could be left out without changing anything.

use super::Findings;
use super::view::{Asked, Clause, Names, View};
use crate::condition::operator::{Family, Qualifier};
use crate::condition::text::Kind;
use crate::overlap;
use crate::pattern::Pattern;
use crate::template::{self, Token};
use std::borrow::Cow;
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
    let prepared: Vec<Prepared<'_>> = view.clauses.iter().map(Prepared::new).collect();
    for clause in &prepared {
        words(clause.actions.as_ref(), "REDUNDANT_ACTION", findings);
        words(clause.resources.as_ref(), "REDUNDANT_RESOURCE", findings);
    }
    statements(&prepared, findings);
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

/// Who is named: whether everyone, whether by leaving out, and the kinds and names.
type Named<'v> = (bool, bool, BTreeSet<(&'v str, &'v str)>);

/// A statement, prepared to be compared with others.
struct Prepared<'v> {
    clause: &'v Clause,
    principals: Option<Named<'v>>,
    /// In an order that does not depend on how they are written.
    conditions: BTreeSet<(String, String, BTreeSet<&'v str>)>,
    actions: Option<Listed<'v>>,
    resources: Option<Listed<'v>>,
}

/// The names of a list, prepared to be compared with each other and with those of other lists.
struct Listed<'v> {
    names: &'v Names,
    element: Element,
    texts: Vec<Text<'v>>,
}

/// A text that may have wildcards.
struct Text<'v> {
    /// As far as case matters.
    folded: Cow<'v, str>,
    tokens: Vec<Token>,
    /// Whether it may cover others: it has wildcards, and no variables that stand for their characters.
    is_wide: bool,
    is_everything: bool,
    /// What stands before the first wildcard, in bytes.
    fixed: usize,
}

impl<'v> Prepared<'v> {
    fn new(clause: &'v Clause) -> Prepared<'v> {
        let principals = clause.who.as_ref().map(|who| {
            let named = who.named.iter().map(|(kind, word)| (kind.as_str(), word.text.as_str()));
            (who.negated, who.everyone, named.collect())
        });
        let conditions = clause.asked.iter().map(|asked| {
            let values = asked.values.iter().map(|value| value.text.as_str()).collect();
            (asked.operator.text.to_lowercase(), asked.key.text.to_lowercase(), values)
        });
        Prepared {
            clause,
            principals,
            conditions: conditions.collect(),
            actions: clause.actions.as_ref().map(|names| Listed::new(names, Element::Action)),
            resources: clause.resources.as_ref().map(|names| Listed::new(names, Element::Resource)),
        }
    }

    /// Whether it says all that another says: the same effect, principals and conditions, on no less.
    fn includes(&self, other: &Prepared<'_>) -> bool {
        self.clause.effect.is_some()
            && self.clause.effect == other.clause.effect
            && self.clause.has_condition == other.clause.has_condition
            && self.principals == other.principals
            && self.conditions == other.conditions
            && Listed::include(self.actions.as_ref(), other.actions.as_ref())
            && Listed::include(self.resources.as_ref(), other.resources.as_ref())
    }
}

impl<'v> Listed<'v> {
    fn new(names: &'v Names, element: Element) -> Listed<'v> {
        let texts = names.words.iter().map(|word| Text::new(&word.text, element)).collect();
        Listed { names, element, texts }
    }

    /// Whether a list names everything that another names.
    fn include(wider: Option<&Listed<'_>>, other: Option<&Listed<'_>>) -> bool {
        let (Some(wider), Some(other)) = (wider, other) else { return wider.is_none() && other.is_none() };
        if wider.names.negated || other.names.negated || other.texts.is_empty() {
            let texts = |list: &Listed<'_>| -> BTreeSet<String> {
                list.texts.iter().map(|text| text.folded.clone().into_owned()).collect()
            };
            return wider.names.negated == other.names.negated && texts(wider) == texts(other);
        }
        let covered = |text: &Text<'_>| {
            wider.texts.iter().any(|wide| wide.folded == text.folded || wide.covers(text, wider.element))
        };
        other.texts.iter().all(covered)
    }
}

impl<'v> Text<'v> {
    fn new(text: &'v str, element: Element) -> Text<'v> {
        let folded = match element {
            // Case does not matter in actions.
            Element::Action => Cow::Owned(text.to_ascii_lowercase()),
            Element::Resource => Cow::Borrowed(text),
        };
        let tokens: Vec<Token> = text_tokens(&folded);
        let is_wide = text.contains(['*', '?']) && !text.contains("${*}") && !text.contains("${?}");
        let fixed = folded.find(['*', '?']).unwrap_or(folded.len());
        Text { is_everything: template::is_everything(&tokens), is_wide, fixed, tokens, folded }
    }

    /// Whether everything that `other` names is named too. Says yes only when it is sure.
    fn covers(&self, other: &Text<'_>, element: Element) -> bool {
        // Whatever it names begins as it does.
        let begins_alike = self.folded.as_bytes().get(..self.fixed) == other.folded.as_bytes().get(..self.fixed);
        if !self.is_wide || !begins_alike {
            return false;
        }
        if self.is_everything {
            return true;
        }
        match element {
            Element::Resource => overlap::covers_arn(&self.tokens, &other.tokens),
            Element::Action => match (service_and_name(&self.tokens), service_and_name(&other.tokens)) {
                (Some((service, name)), Some((other_service, other_name))) => {
                    overlap::covers(service, other_service) && overlap::covers(name, other_name)
                }
                _ => false,
            },
        }
    }
}

fn text_tokens(text: &str) -> Vec<Token> {
    text.chars().map(Token::wild).collect()
}

fn service_and_name(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let colon = tokens.iter().position(|token| *token == Token::Literal(':'))?;
    Some((tokens.get(..colon)?, tokens.get(colon + 1..)?))
}

/// Names that are covered by another one of the same list; of equal ones the later.
fn words(list: Option<&Listed<'_>>, code: &'static str, findings: &mut Findings) {
    let Some(list) = list else { return };
    let wide: Vec<(usize, &Text<'_>)> = list.texts.iter().enumerate().filter(|(_, text)| text.is_wide).collect();
    let mut seen = BTreeSet::new();
    for (place, (word, text)) in list.names.words.iter().zip(&list.texts).enumerate() {
        let repeated = !seen.insert(&*text.folded);
        let covered = wide.iter().find(|(other, pattern)| {
            *other != place && pattern.folded != text.folded && pattern.covers(text, list.element)
        });
        let message = match covered {
            _ if repeated => format!("`{}` is listed twice.", word.text),
            // Two that cover each other are written differently and mean the same; the later one goes.
            Some((other, wider)) if *other > place && text.covers(wider, list.element) => continue,
            Some((other, _)) => {
                let wider = list.names.words.get(*other).map_or("", |word| word.text.as_str());
                format!("`{}` is part of `{wider}`.", word.text)
            }
            None => continue,
        };
        findings.add(code, &word.place, message);
    }
}

/// Statements that say the same; the later one is told. One that says more may be there to be changed by itself.
fn statements(prepared: &[Prepared<'_>], findings: &mut Findings) {
    for (place, clause) in prepared.iter().enumerate() {
        let same = |other: &Prepared<'_>| other.includes(clause) && clause.includes(other);
        if let Some(other) = prepared.iter().take(place).position(same) {
            let message = format!("Statement {} says the same.", other + 1);
            findings.add("REDUNDANT_STATEMENT", &clause.clause.place, message);
        }
    }
}
