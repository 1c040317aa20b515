//! What conditions demand of everyone who gets in: of a key that it is there, and of its value that it is one of some.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use probity_model::AccountId;
use probity_policy::{Condition, Pattern};

/// Claims that every token of OpenID Connect holds (OpenID Connect Core 1.0, section 2): an operator that lets an
/// absent key pass demands them all the same.
const ALWAYS_THERE: [&str; 2] = [":sub", ":aud"];

/// A key that must be there with one of these values.
#[derive(Debug, Clone)]
pub(crate) struct Demand<'d> {
    /// The key, in lower case.
    pub(crate) key: String,
    /// How it is compared.
    style: Style,
    /// The values, of which there is at least one.
    pub(crate) values: &'d [String],
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// The whole text.
    Exact,
    /// The whole text with wildcards, which reach over colons.
    Like,
    /// Segment by segment, with wildcards in each.
    Arn,
}

/// All demands of a statement; every one of them must be met.
#[derive(Debug)]
pub(crate) struct Demands<'d>(Vec<Demand<'d>>);

/// To what a demand pins the caller.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pin {
    /// To these accounts.
    Accounts(BTreeSet<AccountId>),
    /// To these organizations.
    Organizations(BTreeSet<String>),
    /// To principals, by their unique ids.
    Principals,
}

impl<'d> Demand<'d> {
    /// What a condition of an Allow demands. Among its fellows, one that says that the key must be there makes a demand
    /// of an operator that otherwise lets absent keys pass.
    pub(crate) fn of_allow(condition: &'d Condition, fellows: &[Condition]) -> Option<Self> {
        let key = condition.key.to_lowercase();
        let (qualifier, name, if_exists) = parts(&condition.operator);
        let lets_absent_pass = if_exists || qualifier == "forallvalues";
        let is_there = || {
            ALWAYS_THERE.iter().any(|claim| key.ends_with(claim) && !key.starts_with("saml:"))
                || fellows.iter().any(|fellow| must_be_there(fellow, &key))
        };
        if lets_absent_pass && !is_there() {
            return None;
        }
        Self::new(key, style(&name)?, &condition.values)
    }

    /// What is left to those whom a condition of a Deny does not mean.
    pub(crate) fn of_deny(condition: &'d Condition) -> Option<Self> {
        let (qualifier, name, _) = parts(&condition.operator);
        // `ForAnyValue` means nobody who has no value at all; everything else that is negated means them.
        if qualifier == "foranyvalue" {
            return None;
        }
        Self::new(
            condition.key.to_lowercase(),
            style(&name.replacen("not", "", 1)).filter(|_| name.contains("not"))?,
            &condition.values,
        )
    }

    fn new(key: String, style: Style, values: &'d [String]) -> Option<Self> {
        (!values.is_empty()).then_some(Self { key, style, values })
    }

    /// The values, where every one of them is a text without wildcards and variables.
    pub(crate) fn literals(&self) -> Option<&'d [String]> {
        self.values.iter().all(|value| is_literal(value)).then_some(self.values)
    }

    /// The values with the wildcards they have; those of an operator without wildcards stand for themselves. Nothing
    /// where a variable stands in one.
    pub(crate) fn patterns(&self) -> Option<Vec<Pattern>> {
        let is_fixed = |value: &&String| value.contains("${") || (self.style == Style::Exact && !is_literal(value));
        if self.values.iter().any(|value| is_fixed(&value)) {
            return None;
        }
        Some(self.values.iter().map(|value| Pattern::new(value.as_str())).collect())
    }

    /// To what it pins the caller, or the source on whose behalf a service calls.
    pub(crate) fn pin(&self) -> Option<Pin> {
        let accounts = |of: &dyn Fn(&str) -> Option<AccountId>| {
            self.values.iter().map(|value| of(value)).collect::<Option<_>>().map(Pin::Accounts)
        };
        match self.key.as_str() {
            "aws:principalaccount" | "aws:sourceaccount" => accounts(&|value| AccountId::try_from(value).ok()),
            "aws:principalarn" | "aws:sourcearn" => accounts(&|value| self.account_of(value)),
            "aws:principalorgid" | "aws:sourceorgid" => {
                self.values.iter().map(|value| organization(value, "")).collect::<Option<_>>().map(Pin::Organizations)
            }
            "aws:principalorgpaths" | "aws:sourceorgpaths" => {
                self.values.iter().map(|value| organization(value, "/")).collect::<Option<_>>().map(Pin::Organizations)
            }
            "aws:userid" => {
                let id = |value: &String| value.split(':').next().is_some_and(crate::trust::is_unique_id);
                self.values.iter().all(id).then_some(Pin::Principals)
            }
            _ => None,
        }
    }

    /// The account that every ARN which satisfies the value belongs to. A wildcard of a text operator reaches over
    /// colons, and the path of a role may hold colons: so nothing before the account may be one.
    fn account_of(&self, value: &str) -> Option<AccountId> {
        let parts: Vec<_> = value.splitn(6, ':').collect();
        let [arn, partition, service, region, account, _] = parts.as_slice() else { return None };
        let before = [arn, partition, service, region];
        if self.style != Style::Arn && !before.iter().all(|part| is_literal(part)) {
            return None;
        }
        AccountId::try_from(*account).ok().filter(|_| *arn == "arn" && !value.contains("${"))
    }
}

impl fmt::Display for Demand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.key, self.values.join(" or "))
    }
}

impl<'d> Demands<'d> {
    pub(crate) fn new(all: Vec<Demand<'d>>) -> Self {
        Self(all)
    }

    /// The demands on a key, whatever the case of its name.
    pub(crate) fn on<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a Demand<'d>> + use<'a, 'd> {
        let key = key.to_lowercase();
        self.0.iter().filter(move |demand| demand.key == key)
    }

    /// All demands.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Demand<'d>> {
        self.0.iter()
    }

    /// The accounts that callers can belong to: those in all pins on accounts. Nothing where there is no such pin.
    pub(crate) fn accounts(&self) -> Option<BTreeSet<AccountId>> {
        let pins =
            self.0.iter().filter(|demand| demand.key.starts_with("aws:principal")).filter_map(|demand| {
                if let Some(Pin::Accounts(accounts)) = demand.pin() { Some(accounts) } else { None }
            });
        pins.reduce(|left, right| left.intersection(&right).cloned().collect())
    }

    /// The organizations that callers can belong to, in the same way.
    pub(crate) fn organizations(&self) -> Option<BTreeSet<String>> {
        let pins = self
            .0
            .iter()
            .filter(|demand| demand.key.starts_with("aws:principal"))
            .filter_map(|demand| if let Some(Pin::Organizations(ids)) = demand.pin() { Some(ids) } else { None });
        pins.reduce(|left, right| left.intersection(&right).cloned().collect())
    }

    /// Whether the principal must be a certain one of its account: by its ARN, its unique id or a tag.
    pub(crate) fn name_principals(&self) -> bool {
        self.0.iter().any(|demand| match demand.key.as_str() {
            "aws:principalarn" => demand.values.iter().all(|value| names_somebody(value)),
            "aws:userid" => demand.pin().is_some(),
            key => key.starts_with("aws:principaltag/") && demand.literals().is_some(),
        })
    }

    /// What is wrong with the external ID that is demanded; nothing where it is one that nobody guesses.
    pub(crate) fn external_id_problem(&self, own: &AccountId, min_length: u32) -> Option<String> {
        let problem = |demand: &Demand<'_>| demand.values.iter().find_map(|value| wrong_id(value, own, min_length));
        let mut problems = self.on("sts:ExternalId").map(problem);
        match problems.next() {
            None => Some("demands no external ID".to_string()),
            Some(None) => None,
            Some(problem) => {
                if problems.any(|other| other.is_none()) {
                    None
                } else {
                    problem
                }
            }
        }
    }
}

/// Whether a text stands for itself alone.
pub(crate) fn is_literal(text: &str) -> bool {
    !text.contains(['*', '?']) && !text.contains("${")
}

/// What is wrong with an external ID.
fn wrong_id(value: &str, own: &AccountId, min_length: u32) -> Option<String> {
    let length = value.chars().count();
    if value.is_empty() {
        Some("accepts an empty external ID".to_string())
    } else if !is_literal(value) {
        Some(format!("accepts every external ID like `{value}`"))
    } else if value == own.as_str() {
        Some("takes the number of this account for an external ID".to_string())
    } else if length < usize::try_from(min_length).unwrap_or(usize::MAX) {
        Some(format!("accepts an external ID of {length} characters; {min_length} are demanded"))
    } else {
        None
    }
}

/// The qualifier, the operator and whether it holds for absent keys, in lower case.
fn parts(operator: &str) -> (String, String, bool) {
    let lower = operator.to_ascii_lowercase();
    let (qualifier, name) = lower.split_once(':').unwrap_or(("", &lower));
    let short = name.strip_suffix("ifexists");
    (qualifier.to_string(), short.unwrap_or(name).to_string(), short.is_some())
}

fn style(name: &str) -> Option<Style> {
    match name {
        "stringequals" | "stringequalsignorecase" => Some(Style::Exact),
        "stringlike" => Some(Style::Like),
        "arnequals" | "arnlike" => Some(Style::Arn),
        _ => None,
    }
}

/// Whether a condition holds only where the key is there.
fn must_be_there(condition: &Condition, key: &str) -> bool {
    condition.operator.eq_ignore_ascii_case("null")
        && condition.key.to_lowercase() == key
        && !condition.values.is_empty()
        && condition.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
}

/// The organization that an id, or the path of an organizational unit, belongs to.
fn organization(value: &str, separator: &str) -> Option<String> {
    let id = if separator.is_empty() { value } else { value.split_once(separator)?.0 };
    (id.starts_with("o-") && is_literal(id)).then(|| id.to_string())
}

/// Whether a pattern of ARNs names more than an account and a kind of principal.
fn names_somebody(value: &str) -> bool {
    let rest = value.splitn(6, ':').nth(5).unwrap_or_default();
    let name = rest.split_once('/').map_or(rest, |(_, name)| name);
    !value.contains("${") && name.contains(|letter: char| !['*', '?', '/'].contains(&letter))
}
