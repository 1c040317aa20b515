//! Condition operators: their names, their qualifiers, and what each says of a request.
//!
//! A condition is prepared once ([`Test`]) and asked many times. It answers in three values: where a key is unknown,
//! so is the answer.

pub(crate) mod date;
pub(crate) mod network;
pub(crate) mod number;
pub(crate) mod operator;
pub(crate) mod text;

use crate::context::{Context, Keys, Known};
use crate::document::Condition;
use crate::template::Reading;
use crate::truth::Truth;
use operator::{Operator, Qualifier};

impl Condition {
    /// Whether the condition holds for a request. `variables` says whether the document knows policy variables: those
    /// of version 2012-10-17 do. An operator that IAM does not have leaves the answer unknown.
    #[must_use]
    pub fn holds(&self, context: &Context, variables: bool) -> Truth {
        Test::new(self, variables).holds(context)
    }
}

/// A condition, prepared.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// `None` for an operator that IAM does not have.
    operator: Option<Operator>,
    /// In lower case.
    key: String,
    values: Values,
    /// Whether the document lists no value; the condition then holds, whatever the request.
    without_values: bool,
}

/// The values of the document, read as the operator's kind. Those that cannot be read match nothing and are left out.
#[derive(Clone, Debug)]
enum Values {
    Texts(text::Texts),
    Numbers(Vec<number::Number>, operator::Comparison),
    Dates(Vec<jiff::Timestamp>, operator::Comparison),
    Booleans(Vec<bool>),
    Networks(Vec<ipnet::IpNet>),
    Absence(Vec<bool>),
    Nothing,
}

impl Test {
    pub(crate) fn new(condition: &Condition, variables: bool) -> Test {
        let operator = Operator::parse(&condition.operator);
        let given = &condition.values;
        let texts = |kind, wildcards| Values::Texts(text::Texts::new(kind, given, Reading { wildcards, variables }));
        let values = match operator.map(|operator| operator.family) {
            None => Values::Nothing,
            Some(operator::Family::Text(text::Kind::Exact)) => texts(text::Kind::Exact, false),
            Some(operator::Family::Text(text::Kind::IgnoringCase)) => texts(text::Kind::IgnoringCase, false),
            Some(operator::Family::Text(text::Kind::Like)) => texts(text::Kind::Like, true),
            Some(operator::Family::Text(text::Kind::Arn)) => texts(text::Kind::Arn, true),
            Some(operator::Family::Text(text::Kind::Binary)) => Values::Texts(text::Texts::new(
                text::Kind::Binary,
                given,
                Reading { wildcards: false, variables: false },
            )),
            Some(operator::Family::Numeric(comparison)) => {
                Values::Numbers(given.iter().filter_map(|value| number::Number::parse(value)).collect(), comparison)
            }
            Some(operator::Family::Date(comparison)) => {
                Values::Dates(given.iter().filter_map(|value| date::parse(value)).collect(), comparison)
            }
            Some(operator::Family::Bool) => Values::Booleans(given.iter().filter_map(|value| boolean(value)).collect()),
            Some(operator::Family::Null) => Values::Absence(given.iter().filter_map(|value| boolean(value)).collect()),
            Some(operator::Family::Network) => {
                Values::Networks(given.iter().filter_map(|value| network::parse(value)).collect())
            }
        };
        Test { operator, key: condition.key.to_lowercase(), values, without_values: given.is_empty() }
    }

    /// Whether the condition holds for a request.
    pub(crate) fn holds(&self, context: &dyn Keys) -> Truth {
        if self.without_values {
            return Truth::Yes;
        }
        let Some(operator) = self.operator else { return Truth::Unknown };
        let known = context.lowered(&self.key);
        if let Values::Absence(wanted) = &self.values {
            // `Null` takes neither a qualifier nor `IfExists`; where a document has one, it changes nothing.
            return match known {
                Known::Unknown if wanted.contains(&true) && wanted.contains(&false) => Truth::Yes,
                Known::Unknown => Truth::Unknown,
                Known::Absent => wanted.contains(&true).into(),
                Known::Values(_) => wanted.contains(&false).into(),
            };
        }
        match (known, operator.qualifier) {
            (Known::Unknown, _) => Truth::Unknown,
            (Known::Absent, _) if operator.if_exists => Truth::Yes,
            (Known::Absent, Some(Qualifier::ForAllValues)) => Truth::Yes,
            (Known::Absent, Some(Qualifier::ForAnyValue)) => Truth::No,
            (Known::Absent, None) => operator.negated.into(),
            // A key that resolves to nothing but an empty text counts as empty for `ForAllValues`.
            (Known::Values([value]), Some(Qualifier::ForAllValues)) if value.is_empty() => Truth::Yes,
            (Known::Values(values), Some(Qualifier::ForAllValues)) => {
                Truth::all(values.iter().map(|value| self.one(operator, value, context)))
            }
            (Known::Values(values), Some(Qualifier::ForAnyValue)) => {
                Truth::any(values.iter().map(|value| self.one(operator, value, context)))
            }
            (Known::Values([value]), None) => self.one(operator, value, context),
            // A key with several values needs a qualifier; what IAM does without is not documented.
            (Known::Values(_), None) => Truth::Unknown,
        }
    }

    /// Whether one value of the request satisfies the operator: it is one of the document's, or, for a negated
    /// operator, none of them.
    fn one(&self, operator: Operator, value: &str, context: &dyn Keys) -> Truth {
        let found = match &self.values {
            Values::Texts(texts) => texts.match_value(value, context),
            Values::Numbers(wanted, comparison) => number::Number::parse(value)
                .is_some_and(|found| wanted.iter().any(|wanted| comparison.holds(found.compare(wanted))))
                .into(),
            Values::Dates(wanted, comparison) => date::parse(value)
                .is_some_and(|found| wanted.iter().any(|wanted| comparison.holds(found.cmp(wanted))))
                .into(),
            Values::Booleans(wanted) => boolean(value).is_some_and(|found| wanted.contains(&found)).into(),
            Values::Networks(wanted) => {
                network::parse(value).is_some_and(|found| wanted.iter().any(|wanted| wanted.contains(&found))).into()
            }
            Values::Absence(_) | Values::Nothing => Truth::Unknown,
        };
        if operator.negated { found.negate() } else { found }
    }
}

/// Whether an operator compares dates; `None` for one that IAM does not have.
pub(crate) fn is_date(operator: &str) -> Option<bool> {
    Operator::parse(operator).map(|operator| matches!(operator.family, operator::Family::Date(_)))
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
