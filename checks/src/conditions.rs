//! What conditions are worth: whether one keeps anybody out, and whether it speaks of what is asked for or of who asks.
//!
//! A condition is tried out where that is possible, so that the spelling does not matter: one that takes each of a sample
//! of addresses from all over the Internet takes every address.

use alloc::borrow::ToOwned;
use alloc::string::String;

use probity_policy::{Condition, Context, Truth};

/// Keys that say who asks, from where, when and how, and nothing of what is asked for.
const OF_THE_CALLER: [&str; 24] = [
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:referer",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpcsourceip",
];

/// Addresses of networks far apart.
const ADDRESSES_V4: [&str; 12] = [
    "1.1.1.1",
    "23.45.67.89",
    "45.90.28.1",
    "62.146.7.1",
    "80.1.2.3",
    "101.99.13.7",
    "126.1.2.3",
    "129.70.4.2",
    "151.101.1.69",
    "178.63.0.9",
    "200.160.2.3",
    "220.181.38.148",
];
const ADDRESSES_V6: [&str; 5] =
    ["2001:4860:4860::8888", "2400:cb00::1", "2606:4700:4700::1111", "2a00:1450:4001::1", "2c0f:fb50::1"];

/// Texts that have nothing in common, the second half of them ARNs.
const TEXTS: [&str; 6] = [
    "q",
    "vpce-0f00ba4",
    "Z-7/x:y",
    "arn:aws:iam::111122223333:role/other",
    "arn:aws:sns:eu-west-1:444455556666:topic",
    "arn:aws:s3:::bucket/key",
];

/// An operator without its qualifier and its `IfExists`, in lower case; a negated one as the one that it negates.
pub(crate) struct Operator {
    /// `forallvalues` or `foranyvalue`, or nothing.
    pub(crate) qualifier: String,
    /// `stringequals`, `ipaddress` and so on, never `stringnotequals`.
    pub(crate) name: String,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

impl Operator {
    /// Takes the operator of a condition apart.
    pub(crate) fn of(condition: &Condition) -> Self {
        let lower = condition.operator.to_ascii_lowercase();
        let (qualifier, rest) = lower.split_once(':').unwrap_or(("", &lower));
        let (rest, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |rest| (rest, true));
        let name = rest.replacen("not", "", 1);
        Self { qualifier: qualifier.to_owned(), negated: name != rest, name, if_exists }
    }
}

/// What a condition says of a request that has its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It holds for every value, so that it keeps nobody out.
    AlwaysHolds,
    /// It holds for no value.
    NeverHolds,
    /// It depends on the value, or nobody can say.
    Restricts,
}

/// Whether a key says who asks, from where, when or how, and nothing of what is asked for.
pub(crate) fn is_about_the_caller(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    OF_THE_CALLER.contains(&key.as_str()) || key.starts_with("aws:principal")
}

/// Whether a condition depends on the value of its key, where that is there. One that takes every IPv4 address or every
/// IPv6 address takes any address.
pub(crate) fn weight(condition: &Condition, variables: bool) -> Weight {
    if condition.values.is_empty() {
        return Weight::AlwaysHolds;
    }
    let operator = Operator::of(condition);
    let plain = Condition { operator: operator.name.clone(), ..condition.clone() };
    let takes = |values: &[&str]| {
        values.iter().all(|value| plain.holds(&Context::partial().with(&plain.key, *value), variables) == Truth::Yes)
    };
    let (texts, arns) = TEXTS.split_at(TEXTS.len() / 2);
    let is_arn = operator.name.starts_with("arn") || plain.key.to_ascii_lowercase().ends_with("arn");
    let takes_anything = match operator.name.as_str() {
        "ipaddress" => takes(&ADDRESSES_V4) || takes(&ADDRESSES_V6),
        "bool" => takes(&["true", "false"]),
        // It asks whether the key is there, and not for its value.
        "null" => takes(&["any"]) && plain.holds(&Context::complete(), variables) == Truth::Yes,
        name if name.starts_with("string") && !is_arn => takes(texts) && takes(arns),
        _ if is_arn => takes(arns),
        _ => false,
    };
    match (takes_anything, operator.negated) {
        (false, _) => Weight::Restricts,
        (true, false) => Weight::AlwaysHolds,
        (true, true) => Weight::NeverHolds,
    }
}

/// Whether a condition of an Allow keeps anybody out.
pub(crate) fn restricts(condition: &Condition, variables: bool) -> bool {
    weight(condition, variables) != Weight::AlwaysHolds
}

/// Whether a condition demands that its key is there and has one of certain values.
pub(crate) fn demands(condition: &Condition, variables: bool) -> bool {
    let operator = Operator::of(condition);
    let takes_absence = operator.if_exists || operator.negated || operator.qualifier == "forallvalues";
    !takes_absence && operator.name != "null" && weight(condition, variables) == Weight::Restricts
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::string::ToString;

    use probity_policy::Position;

    use super::Weight::{AlwaysHolds, NeverHolds, Restricts};
    use super::*;

    fn of(operator: &str, key: &str, values: &[&str]) -> Weight {
        let condition = Condition {
            operator: operator.to_owned(),
            key: key.to_owned(),
            values: values.iter().map(ToString::to_string).collect(),
            position: Position::default(),
        };
        weight(&condition, true)
    }

    #[test]
    fn what_takes_any_value_always_holds() {
        for (operator, key, values) in [
            ("StringLike", "aws:PrincipalOrgID", &["*"][..]),
            ("ForAnyValue:StringLikeIfExists", "aws:PrincipalOrgPaths", &["o-1/*", "**"]),
            ("ArnLike", "aws:PrincipalArn", &["arn:*"]),
            ("ArnEquals", "aws:PrincipalArn", &["arn:aws:*:*:*:*"]),
            ("StringLike", "aws:PrincipalArn", &["arn:aws:*"]),
            ("IpAddress", "aws:SourceIp", &["0.0.0.0/0"]),
            ("IpAddress", "aws:SourceIp", &["10.0.0.0/8", "::/0"]),
            ("IpAddress", "aws:SourceIp", &["0.0.0.0/1", "128.0.0.0/1"]),
            ("Bool", "aws:SecureTransport", &["true", "false"]),
            ("Null", "aws:PrincipalOrgID", &["true", "false"]),
            ("StringEquals", "aws:PrincipalOrgID", &[]),
        ] {
            assert_eq!(of(operator, key, values), AlwaysHolds, "{operator} {key} {values:?}");
        }
    }

    #[test]
    fn its_negation_never_holds() {
        assert_eq!(of("StringNotLike", "aws:PrincipalArn", &["arn:aws:iam::1:role/x", "*"]), NeverHolds);
        assert_eq!(of("NotIpAddress", "aws:SourceIp", &["0.0.0.0/0"]), NeverHolds);
        assert_eq!(of("ArnNotLikeIfExists", "aws:PrincipalArn", &["arn:*"]), NeverHolds);
    }

    #[test]
    fn what_depends_on_the_value_restricts() {
        for (operator, key, values) in [
            ("StringEquals", "aws:PrincipalOrgID", &["*"][..]),
            ("StringNotEquals", "aws:PrincipalOrgID", &["o-1"]),
            ("StringLike", "aws:PrincipalOrgID", &["o-*"]),
            ("ArnLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/*"]),
            ("IpAddress", "aws:SourceIp", &["192.0.2.0/24", "0.0.0.0/1"]),
            ("NotIpAddress", "aws:SourceIp", &["192.0.2.0/24"]),
            ("Bool", "aws:SecureTransport", &["true"]),
            ("Null", "aws:PrincipalOrgID", &["false"]),
            ("Null", "aws:PrincipalOrgID", &["true"]),
            ("NumericLessThan", "aws:MultiFactorAuthAge", &["3600"]),
            ("Unheard", "aws:PrincipalArn", &["*"]),
        ] {
            assert_eq!(of(operator, key, values), Restricts, "{operator} {key} {values:?}");
        }
    }

    #[test]
    fn who_asks_is_not_what_is_asked_for() {
        for key in ["aws:SourceVpce", "AWS:principaltag/team", "aws:PrincipalOrgID", "aws:MultiFactorAuthPresent"] {
            assert!(is_about_the_caller(key), "{key}");
        }
        for key in ["aws:ResourceTag/team", "aws:ResourceOrgID", "kms:ViaService", "s3:prefix", "iam:PassedToService"] {
            assert!(!is_about_the_caller(key), "{key}");
        }
    }
}
