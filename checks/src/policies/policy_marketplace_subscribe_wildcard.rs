//! Nobody may subscribe to whatever there is on AWS Marketplace.
//!
//! # Why
//! A subscription is a contract: it can cost thousands a month, and brings software of strangers into the account, models of
//! Amazon Bedrock among it. `aws-marketplace:Subscribe` without limits lets its holder sign any of them.
//!
//! # Pass
//! The policy does not allow `aws-marketplace:Subscribe`, or demands certain products (`aws-marketplace:ProductId`).
//!
//! # Fail
//! It allows it for every product.
//!
//! # Not applicable
//! The policy allows everything: see `policy-administrator-custom` and `policy-administrator-aws-managed`.
//!
//! # Notes
//! Subscribing is asked of no resource, so that only a condition can limit it. Judged are policies of the account's own and
//! AWS managed ones that are attached. Wildcards count: `aws-marketplace:*` as well as `*:*` with exceptions.
//!
//! Deny statements, permissions boundaries and policies of the organization are not considered; an SCP that denies
//! subscriptions to all but a few roles is the better guard.
//!
//! # Fix
//! Demand `aws-marketplace:ProductId`, or take the action away and have one team subscribe.
//!
//! # Command
//! ```sh
//! aws iam get-policy-version --policy-arn ARN --version-id VERSION
//! ```

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Effect, Statement};

use crate::statements::{self, Flaw, NOT_CONSIDERED, conclude, numbered};
use crate::trust_demands::Demand;

const ACTION: &str = "aws-marketplace:Subscribe";
const PRODUCT: &str = "aws-marketplace:productid";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-marketplace-subscribe-wildcard",
        family: Family::Policies,
        title: "Subscribing on AWS Marketplace is limited to known products",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Policy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        let partition = out.partition().clone();
        let policies = statements::policies(details);
        for policy in policies.iter().filter(|policy| policy.is_own() || !policy.holders.is_empty()) {
            let document = match &policy.document {
                Ok(document) => document,
                Err(error) => {
                    policy.subject(out).unclear(error.to_string());
                    continue;
                }
            };
            if policy.allows_everything(&partition) {
                policy.subject(out).not_applicable("the policy allows everything");
                continue;
            }
            let flaws: Vec<(usize, &Statement, Flaw)> =
                numbered(document).filter_map(|(number, one)| Some((number, one, flaw(one)?))).collect();
            let subject = policy
                .subject(out)
                .evidence("statements", document.statements.len())
                .noted("not_considered", NOT_CONSIDERED);
            conclude(subject, &flaws, "the policy lets nobody subscribe to every product");
        }
    }
}

fn flaw(statement: &Statement) -> Option<Flaw> {
    if statement.effect != Effect::Allow || !statement.actions.cover(ACTION) {
        return None;
    }
    // A statement for certain resources does not speak of subscriptions, which have none.
    if !statement.resources.as_ref().is_some_and(|resources| resources.is_everything()) {
        return None;
    }
    let own = &statement.conditions;
    let mut demands = own.iter().filter_map(|condition| Demand::of_allow(condition, own));
    if demands.any(|demand| demand.key == PRODUCT && demand.literals().is_some()) {
        return None;
    }
    Some(Flaw { severity: Severity::Medium, message: format!("allows {ACTION} for every product") })
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::outcomes;

    const ID: &str = "policy-marketplace-subscribe-wildcard";

    fn saying(action: &str, resource: &str, condition: &str) -> Account {
        let statement = format!(r#"{{"Effect":"Allow",{action},"Resource":"{resource}","Condition":{{{condition}}}}}"#);
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        Account::new().policy("buying", &document, |policy| policy)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, saying(r#""Action":"s3:GetObject""#, "*", "")), [Pass]);
        let product = r#""StringEquals":{"aws-marketplace:ProductId":["prod-1","prod-2"]}"#;
        assert_eq!(outcomes(ID, saying(r#""Action":"aws-marketplace:Subscribe""#, "*", product)), [Pass]);
    }

    #[test]
    fn fail() {
        for action in
            [r#""Action":"aws-marketplace:Subscribe""#, r#""Action":"aws-marketplace:*""#, r#""NotAction":"iam:*""#]
        {
            assert_eq!(outcomes(ID, saying(action, "*", "")), [Fail], "{action}");
        }
        let attached = Account::new()
            .aws_policy("AWSMarketplaceFullAccess", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"aws-marketplace:*","Resource":"*"}]}"#)
            .user("anna", |user| user.attached("AWSMarketplaceFullAccess"));
        assert_eq!(outcomes(ID, attached), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("buying", "{", |policy| policy)), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, saying(r#""Action":"*""#, "*", "")), [NotApplicable]);
    }

    #[test]
    fn trap_a_demand_that_lets_an_absent_key_pass_demands_nothing() {
        let loose = r#""StringEqualsIfExists":{"aws-marketplace:ProductId":"prod-1"}"#;
        assert_eq!(outcomes(ID, saying(r#""Action":"aws-marketplace:Subscribe""#, "*", loose)), [Fail]);
        let mfa = r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#;
        assert_eq!(
            outcomes(ID, saying(r#""Action":"aws-marketplace:Subscribe""#, "*", mfa)),
            [Fail],
            "not about the product"
        );
    }

    #[test]
    fn trap_a_statement_for_certain_resources_does_not_reach_it() {
        assert_eq!(outcomes(ID, saying(r#""Action":"aws-marketplace:*""#, "arn:aws:s3:::a/*", "")), [Pass]);
    }
}
