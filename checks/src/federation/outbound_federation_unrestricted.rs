//! Tokens that vouch for principals of the account to others are for known principals and audiences.
//!
//! # Why
//! With outbound web identity federation, `sts:GetWebIdentityToken` has AWS sign a token for any audience that the caller
//! names. Whoever may call it without limits can sign in to every outside service that trusts the account.
//!
//! # Pass
//! Every policy that allows the call demands an audience (`sts:IdentityTokenAudience`), one of `allowed_audiences` where
//! some are listed, or is held by `allowed_principals` alone.
//!
//! # Fail
//! Somebody else may have tokens made for any audience.
//!
//! # Not applicable
//! The feature is off.
//!
//! # Notes
//! Administrators may always call it. They are named in the evidence and do not fail the check.
//!
//! A demand that lets an absent key pass (`…IfExists`, `ForAllValues:…`) demands nothing. An audience with a wildcard is
//! taken as no limit. Deny statements, permissions boundaries and policies of the organization are not considered.
//!
//! # Fix
//! Demand the audience and a short duration where the call is allowed, or turn the feature off.
//!
//! # Command
//! ```sh
//! aws iam disable-outbound-web-identity-federation
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::{AuthorizationDetails, OutboundFederation};
use probity_model::{
    Automation, Family, Findings, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
    Unit,
};
use probity_policy::{Effect, Pattern, Statement};

use crate::statements::{self, NOT_CONSIDERED};
use crate::trust_demands::Demand;

/// What is asked for.
const ACTION: &str = "sts:GetWebIdentityToken";
/// The condition key of the audience.
const AUDIENCE: &str = "sts:identitytokenaudience";
/// How many policies the message names.
const NAMED: usize = 5;

const ALLOWED_AUDIENCES: ListParameter = ListParameter {
    name: "allowed_audiences",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's own choice; empty takes any audience that is written out",
};

const ALLOWED_PRINCIPALS: ListParameter = ListParameter {
    name: "allowed_principals",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the organization's own choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "outbound-federation-unrestricted",
        family: Family::Federation,
        title: "Outbound web identity tokens are limited to known principals and audiences",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ALLOWED_AUDIENCES), ParameterSpec::List(ALLOWED_PRINCIPALS)],
    };
    type Facts<'s> = (&'s OutboundFederation, &'s AuthorizationDetails);

    fn run((federation, details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let audiences = parameters.list(&ALLOWED_AUDIENCES);
        let known: Vec<Pattern> = parameters.list(&ALLOWED_PRINCIPALS).into_iter().map(Pattern::new).collect();
        let partition = out.partition().clone();
        let policies = statements::policies(details);
        let mut administrators = BTreeSet::new();
        let mut open = Vec::new();
        let mut unreadable = None;
        for policy in policies.iter().filter(|policy| policy.is_attached() && !policy.is_only_boundary()) {
            let holders: Vec<&str> = policy
                .holders
                .iter()
                .map(|holder| holder.as_str())
                .filter(|holder| !known.iter().any(|pattern| pattern.matches(holder)))
                .collect();
            let name = policy.name.unwrap_or(policy.arn.name());
            match &policy.document {
                Err(error) => unreadable = unreadable.or(Some(format!("the policy {name}: {error}"))),
                Ok(_) if policy.allows_everything(&partition) => administrators.extend(policy.holders),
                Ok(document) => {
                    let grants = document.statements.iter().any(|statement| is_open(statement, &audiences));
                    if grants && !holders.is_empty() {
                        open.push(format!("{name} of {}", holders.join(", ")));
                    } else if grants && policy.holders.is_empty() {
                        open.push(format!("{name}, whose holders are not known"));
                    }
                }
            }
        }
        let subject = out.whole_account().evidence("JwtVendingEnabled", federation.enabled);
        if !federation.enabled {
            return subject.not_applicable("outbound web identity federation is off");
        }
        let administrators: Vec<&str> = administrators.iter().map(|arn| arn.name()).take(NAMED).collect();
        let subject = subject
            .evidence("IssuerIdentifier", federation.issuer.as_deref().unwrap_or("not said"))
            .evidence("administrators", administrators.join(", "))
            .noted("not_considered", NOT_CONSIDERED);
        match (open.as_slice(), unreadable) {
            ([], None) => {
                subject.pass("everybody who may have tokens made, administrators apart, is limited to an audience")
            }
            ([], Some(error)) => subject.unclear(error),
            (open, _) => {
                let named: Vec<&str> = open.iter().map(String::as_str).take(NAMED).collect();
                let more = if open.len() > NAMED { " and more" } else { "" };
                subject.fail(format!("tokens for any audience are allowed by {}{more}", named.join("; ")));
            }
        }
    }
}

/// Whether a statement allows tokens for any audience, or for one that is not listed.
fn is_open(statement: &Statement, audiences: &[&str]) -> bool {
    if statement.effect != Effect::Allow || !statement.actions.cover(ACTION) {
        return false;
    }
    let own = &statement.conditions;
    let mut demands = own.iter().filter_map(|condition| Demand::of_allow(condition, own));
    !demands.any(|demand| {
        let is_listed = |value: &String| audiences.is_empty() || audiences.contains(&value.as_str());
        demand.key == AUDIENCE && demand.literals().is_some_and(|values| values.iter().all(is_listed))
    })
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::OutboundFederation;
    use probity_model::{Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "outbound-federation-unrestricted";

    fn enabled(account: Account) -> Account {
        let issuer = Some("https://0a1b2c3d.tokens.sts.global.api.aws".into());
        account.facts(|facts| facts.outbound_federation = Seen::Known(OutboundFederation { enabled: true, issuer }))
    }

    fn document(action: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{{condition}}}}}]}}"#
        )
    }

    fn granting(action: &str, condition: &str) -> Account {
        enabled(Account::new().role("caller", |role| role.inline("tokens", &document(action, condition))))
    }

    const DEMANDED: &str = r#""ForAnyValue:StringEquals":{"sts:IdentityTokenAudience":"https://partner.example"}"#;

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, enabled(Account::new())), [Pass]);
        assert_eq!(outcomes(ID, granting("sts:GetWebIdentityToken", DEMANDED)), [Pass]);
        let listed = [("allowed_audiences", "https://partner.example")];
        assert_eq!(outcomes_with(ID, &listed, granting("sts:GetWebIdentityToken", DEMANDED)), [Pass]);
    }

    #[test]
    fn fail() {
        for action in ["sts:GetWebIdentityToken", "sts:*", "sts:Get*"] {
            assert_eq!(outcomes(ID, granting(action, "")), [Fail], "{action}");
        }
        let another = [("allowed_audiences", "https://another.example")];
        assert_eq!(outcomes_with(ID, &another, granting("sts:GetWebIdentityToken", DEMANDED)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, enabled(Account::new()).deny(Topic::OutboundFederation)), [NotEvaluated]);
        assert_eq!(outcomes(ID, enabled(Account::new()).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let broken = enabled(Account::new().role("caller", |role| role.inline("broken", "{")));
        assert_eq!(outcomes(ID, broken), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn listed_principals_may() {
        let account = || granting("sts:GetWebIdentityToken", "");
        assert_eq!(outcomes_with(ID, &[("allowed_principals", "arn:aws:iam::*:role/caller")], account()), [Pass]);
    }

    #[test]
    fn trap_administrators_are_named_and_do_not_fail() {
        let everything = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let account = enabled(Account::new().role("boss", |role| role.inline("all", everything)));
        let [finding] = findings(ID, account).try_into().expect("one finding");
        assert_eq!(finding.outcome, Pass);
        assert!(finding.evidence_line().contains("administrators=boss"), "{finding:?}");
    }

    #[test]
    fn trap_a_demand_that_lets_an_absent_key_pass_demands_nothing() {
        let loose = r#""StringEqualsIfExists":{"sts:IdentityTokenAudience":"https://partner.example"}"#;
        assert_eq!(outcomes(ID, granting("sts:GetWebIdentityToken", loose)), [Fail]);
        let any = r#""StringLike":{"sts:IdentityTokenAudience":"*"}"#;
        assert_eq!(outcomes(ID, granting("sts:GetWebIdentityToken", any)), [Fail]);
    }
}
