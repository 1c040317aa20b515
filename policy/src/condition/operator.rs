//! The names of condition operators, taken apart: qualifier, operator, `IfExists`.

use super::text::Kind;
use std::cmp::Ordering;

/// An operator with its qualifier and its `IfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) qualifier: Option<Qualifier>,
    pub(crate) family: Family,
    /// Whether it holds where the family's test does not.
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

/// How an operator goes over several values of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Qualifier {
    ForAllValues,
    ForAnyValue,
}

/// What an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Text(Kind),
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Network,
    Null,
}

/// How two numbers or two dates stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Comparison {
    /// Whether the request's value, which stands so to the document's, satisfies the comparison.
    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Comparison::Equals => ordering.is_eq(),
            Comparison::LessThan => ordering.is_lt(),
            Comparison::LessThanEquals => ordering.is_le(),
            Comparison::GreaterThan => ordering.is_gt(),
            Comparison::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

impl Operator {
    /// Reads an operator's name. Case does not matter here: IAM stores only names that it knows.
    pub(crate) fn parse(name: &str) -> Option<Operator> {
        let lower = name.to_ascii_lowercase();
        let (qualifier, rest) = match lower.split_once(':') {
            None => (None, lower.as_str()),
            Some(("forallvalues", rest)) => (Some(Qualifier::ForAllValues), rest),
            Some(("foranyvalue", rest)) => (Some(Qualifier::ForAnyValue), rest),
            Some(_) => return None,
        };
        let (rest, if_exists) = match rest.strip_suffix("ifexists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (family, negated) = family(rest)?;
        Some(Operator { qualifier, family, negated, if_exists })
    }
}

fn family(name: &str) -> Option<(Family, bool)> {
    Some(match name {
        "stringequals" => (Family::Text(Kind::Exact), false),
        "stringnotequals" => (Family::Text(Kind::Exact), true),
        "stringequalsignorecase" => (Family::Text(Kind::IgnoringCase), false),
        "stringnotequalsignorecase" => (Family::Text(Kind::IgnoringCase), true),
        "stringlike" => (Family::Text(Kind::Like), false),
        "stringnotlike" => (Family::Text(Kind::Like), true),
        // The two spellings behave the same.
        "arnequals" | "arnlike" => (Family::Text(Kind::Arn), false),
        "arnnotequals" | "arnnotlike" => (Family::Text(Kind::Arn), true),
        "binaryequals" => (Family::Text(Kind::Binary), false),
        "bool" => (Family::Bool, false),
        "null" => (Family::Null, false),
        "ipaddress" => (Family::Network, false),
        "notipaddress" => (Family::Network, true),
        _ => {
            if let Some(rest) = name.strip_prefix("numeric") {
                let (comparison, negated) = comparison(rest)?;
                (Family::Numeric(comparison), negated)
            } else {
                let (comparison, negated) = comparison(name.strip_prefix("date")?)?;
                (Family::Date(comparison), negated)
            }
        }
    })
}

fn comparison(name: &str) -> Option<(Comparison, bool)> {
    Some(match name {
        "equals" => (Comparison::Equals, false),
        "notequals" => (Comparison::Equals, true),
        "lessthan" => (Comparison::LessThan, false),
        "lessthanequals" => (Comparison::LessThanEquals, false),
        "greaterthan" => (Comparison::GreaterThan, false),
        "greaterthanequals" => (Comparison::GreaterThanEquals, false),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart() {
        assert_eq!(
            Operator::parse("ForAnyValue:StringNotLikeIfExists"),
            Some(Operator {
                qualifier: Some(Qualifier::ForAnyValue),
                family: Family::Text(Kind::Like),
                negated: true,
                if_exists: true
            })
        );
        assert_eq!(
            Operator::parse("DateLessThanEquals"),
            Some(Operator {
                qualifier: None,
                family: Family::Date(Comparison::LessThanEquals),
                negated: false,
                if_exists: false
            })
        );
    }

    #[test]
    fn names_that_iam_does_not_have_are_told() {
        for name in ["", "x", "StringEqual", "ForAnyValue::StringEquals", "For:StringEquals", "DateLike", "IfExists"] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }
}
