//! Whether the policy of a resource lets everybody in.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::authorization::DocumentText;
use probity_policy::{Condition, Document, Effect, Principal, Principals, Statement};

use crate::conditions::{Weight, weight};
use crate::statements::{name, numbered};
use crate::trust_demands::Demand;

/// Keys that pin a request to an account, an organization, a resource or a network beside those that trust policies know
/// (Amazon S3 User Guide, "The meaning of public"; Amazon SNS and AWS KMS, condition keys).
const PINNING: [&str; 10] = [
    "aws:sourceowner",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:sourceip",
    "lambda:sourcefunctionarn",
    "aws:principalservicename",
];

/// What a policy says to everybody.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Everyone {
    /// Nothing: it names whom it lets in.
    NotNamed,
    /// It names everybody and demands this.
    Pinned(String),
    /// It lets everybody in, by this statement.
    LetIn(String),
    /// Nobody can say, for this reason.
    Unclear(String),
}

/// What a policy says to everybody.
pub(crate) fn of(text: &DocumentText) -> Everyone {
    let document = match probity_access::read(text) {
        Ok(document) => document,
        Err(error) => return Everyone::Unclear(format!("the policy cannot be read: {error}")),
    };
    let mut pinned = None;
    let mut open = None;
    for (number, statement) in numbered(document) {
        if statement.effect != Effect::Allow || !speaks_to_everybody(statement) {
            continue;
        }
        match pin(&statement.conditions) {
            Some(pin) => pinned = pinned.or(Some(format!("{} demands {pin}", name(number, statement)))),
            None => open = open.or(Some(name(number, statement))),
        }
    }
    match (open, closing_deny(document), pinned) {
        (Some(open), Some(deny), _) => {
            Everyone::Unclear(format!("{open} lets everybody in, and {deny} may keep strangers out"))
        }
        (Some(open), None, _) => Everyone::LetIn(open),
        (None, _, Some(pinned)) => Everyone::Pinned(pinned),
        (None, _, None) => Everyone::NotNamed,
    }
}

fn is_everybody(principal: &Principal) -> bool {
    match principal {
        Principal::Everyone => true,
        Principal::Aws(name) => name == "*",
        Principal::Service(_) | Principal::Federated(_) | Principal::CanonicalUser(_) => false,
    }
}

fn speaks_to_everybody(statement: &Statement) -> bool {
    match &statement.principals {
        Some(Principals::Only(named)) => named.iter().any(is_everybody),
        Some(Principals::AllBut(_)) => true,
        None => false,
    }
}

/// What pins those whom a statement names to somebody.
fn pin(conditions: &[Condition]) -> Option<String> {
    conditions
        .iter()
        .find_map(|condition| {
            let demand = Demand::of_allow(condition, conditions)?;
            let is_pin =
                demand.pin().is_some() || (PINNING.contains(&demand.key.as_str()) && names_something(condition));
            is_pin.then(|| demand.to_string())
        })
        .or_else(|| {
            // Addresses are compared by operators of their own.
            let network = |one: &&Condition| {
                let key = one.key.to_lowercase();
                let operator = one.operator.to_ascii_lowercase();
                matches!(key.as_str(), "aws:sourceip" | "aws:vpcsourceip")
                    && operator == "ipaddress"
                    && weight(one, true) == Weight::Restricts
            };
            let found = conditions.iter().find(network)?;
            Some(format!("{} of {}", found.key, found.values.join(" or ")))
        })
}

/// Whether every value of a condition names something.
fn names_something(condition: &Condition) -> bool {
    condition.values.iter().all(|value| !value.trim_matches(['*', '?']).is_empty())
        && weight(condition, true) == Weight::Restricts
}

/// A Deny to everybody who is not somebody: it may close what an Allow opens.
fn closing_deny(document: &Document) -> Option<String> {
    let denies = |statement: &Statement| {
        let others = matches!(statement.principals, Some(Principals::AllBut(_)));
        let demands: Vec<_> = statement.conditions.iter().filter_map(Demand::of_deny).collect();
        let pins = demands.iter().any(|demand| demand.pin().is_some() || PINNING.contains(&demand.key.as_str()));
        others || (speaks_to_everybody(statement) && pins)
    };
    let found = numbered(document).find(|(_, one)| one.effect == Effect::Deny && denies(one));
    found.map(|(number, statement)| name(number, statement))
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use super::{DocumentText, Everyone, of};

    fn policy(effect: &str, principal: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect":"{effect}",{principal},"Action":"sqs:SendMessage","Resource":"*","Condition":{{{condition}}}}}"#
        )
    }

    fn judged(statements: &str) -> Everyone {
        of(&DocumentText::new(format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)))
    }

    const ALL: &str = r#""Principal":"*""#;

    #[test]
    fn a_condition_that_pins_keeps_everybody_out() {
        for condition in [
            r#""StringEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}"#,
            r#""StringEquals":{"AWS:SourceOwner":"123456789012"}"#,
            r#""StringEquals":{"aws:SourceAccount":"123456789012"}"#,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:*:123456789012:*"}"#,
            r#""StringEquals":{"kms:CallerAccount":"123456789012"}"#,
            r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#,
            r#""StringEquals":{"aws:SourceVpce":"vpce-1"}"#,
        ] {
            let verdict = judged(&policy("Allow", ALL, condition));
            assert!(matches!(verdict, Everyone::Pinned(_)), "{condition}: {verdict:?}");
        }
    }

    #[test]
    fn without_one_or_with_an_empty_one_everybody_gets_in() {
        for condition in [
            "",
            r#""StringLike":{"aws:PrincipalArn":"*"}"#,
            r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorg1"}"#,
            r#""Bool":{"aws:SecureTransport":"true"}"#,
            r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#,
            r#""StringLike":{"aws:SourceVpce":"*"}"#,
            r#""StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}"#,
        ] {
            let verdict = judged(&policy("Allow", ALL, condition));
            assert!(matches!(verdict, Everyone::LetIn(_)), "{condition}: {verdict:?}");
        }
        assert!(matches!(judged(&policy("Allow", r#""Principal":{"AWS":["*","1"]}"#, "")), Everyone::LetIn(_)));
        assert!(matches!(judged(&policy("Allow", r#""NotPrincipal":{"AWS":"123456789012"}"#, "")), Everyone::LetIn(_)));
    }

    #[test]
    fn who_is_named_is_not_everybody() {
        for principal in [
            r#""Principal":{"AWS":"arn:aws:iam::123456789012:root"}"#,
            r#""Principal":{"Service":"sns.amazonaws.com"}"#,
        ] {
            assert_eq!(judged(&policy("Allow", principal, "")), Everyone::NotNamed, "{principal}");
        }
        assert_eq!(judged(&policy("Deny", ALL, "")), Everyone::NotNamed);
    }

    #[test]
    fn what_a_deny_may_close_is_unclear() {
        let deny = policy("Deny", ALL, r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}"#);
        assert!(matches!(judged(&format!("{},{deny}", policy("Allow", ALL, ""))), Everyone::Unclear(_)));
        let other = policy("Deny", ALL, r#""Bool":{"aws:SecureTransport":"false"}"#);
        assert!(matches!(judged(&format!("{},{other}", policy("Allow", ALL, ""))), Everyone::LetIn(_)));
        assert!(matches!(of(&DocumentText::new("{")), Everyone::Unclear(_)));
    }
}
