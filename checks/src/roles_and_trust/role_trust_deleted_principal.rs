//! Trust policies name no principals that were deleted.
//!
//! # Why
//! When a user or role is deleted, IAM shows its unique id in place of its name wherever a policy trusts it. Nobody
//! gets in through that any more, but the policy can no longer be saved as it is, which delays every other repair of
//! it.
//!
//! # Pass
//! No principal of the statement is a bare unique id.
//!
//! # Fail
//! A principal of the statement is a bare unique id, such as `AROAEXAMPLEEXAMPLE001`.
//!
//! # Not applicable
//! The account has no roles.
//!
//! # Notes
//! It is dead weight rather than live access: AWS never gives an id again. But every later edit of the policy fails
//! with `MalformedPolicyDocument` until the entry is gone.
//!
//! Conditions on `aws:userid` hold such ids by right; only principals are looked at. Of the policies that name
//! principals, those of roles are read, not those of buckets, keys and queues.
//!
//! # Fix
//! Take the entry out. If the access is still needed, name the principal that has taken the place of the deleted one.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Role;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Principal, Principals, Statement};

use crate::trust::{self, Trust};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-trust-deleted-principal",
        family: Family::RolesAndTrust,
        title: "Trust and resource policies name no deleted principals",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::PolicyStatement,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        for role in &details.roles {
            match Trust::of(role) {
                Ok(trust) => {
                    trust.statements().for_each(|(number, statement)| judge(role, number, statement, out));
                }
                Err(error) => {
                    trust::subject(role, out).unclear(format!("the trust policy cannot be read: {error}"));
                }
            }
        }
    }
}

fn judge(role: &Role, number: usize, statement: &Statement, out: &mut Findings<'_>) {
    let named = statement.principals.as_ref().map_or(&[][..], Principals::named);
    let principals: Vec<String> = named.iter().map(text).collect();
    let subject = out
        .resource(role.arn.clone())
        .discriminator(format!("statement {number}"))
        .evidence("Principal", principals.join(", "));
    let deleted: Vec<_> = named
        .iter()
        .filter_map(|principal| match principal {
            Principal::Aws(name) if trust::is_unique_id(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let statement = trust::name(number, statement);
    if deleted.is_empty() {
        subject.pass(format!("{statement} names no deleted principal"));
    } else {
        subject.fail(format!("{statement} names principals that were deleted: {}", deleted.join(", ")));
    }
}

fn text(principal: &Principal) -> String {
    match principal {
        Principal::Everyone => "*".to_string(),
        Principal::Aws(name)
        | Principal::Service(name)
        | Principal::Federated(name)
        | Principal::CanonicalUser(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{allowing, findings, outcomes, trusting};

    const ID: &str = "role-trust-deleted-principal";
    const DELETED: &str = r#"{"AWS":["123456789012","AROAEXAMPLEEXAMPLE001"]}"#;

    #[test]
    fn pass() {
        for principal in [r#"{"AWS":"123456789012"}"#, r#"{"Service":"ec2.amazonaws.com"}"#, r#""*""#] {
            assert_eq!(outcomes(ID, trusting(&allowing(principal, ""))), [Pass], "{principal}");
        }
    }

    #[test]
    fn fail() {
        let [found] = findings(ID, trusting(&allowing(DELETED, ""))).try_into().expect("one finding");
        assert_eq!(found.outcome, Fail);
        assert_eq!(found.message, "statement 1 names principals that were deleted: AROAEXAMPLEEXAMPLE001");
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"AWS":"AIDAEXAMPLEEXAMPLE001"}"#, ""))), [Fail]);
    }

    #[test]
    fn each_statement_is_judged_by_itself() {
        let two = format!("{},{}", allowing(r#"{"AWS":"123456789012"}"#, ""), allowing(DELETED, ""));
        assert_eq!(outcomes(ID, trusting(&two)), [Pass, Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, trusting(&allowing(DELETED, "")).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().role("x", |role| role.trust("{"))), [NotEvaluated]);
    }

    #[test]
    fn trap_a_deny_of_a_deleted_principal_blocks_edits_too() {
        assert_eq!(outcomes(ID, trusting(&allowing(DELETED, "").replace("Allow", "Deny"))), [Fail]);
    }

    #[test]
    fn trap_conditions_hold_such_ids_by_right() {
        let condition = r#""StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE001:*"}"#;
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"AWS":"123456789012"}"#, condition))), [Pass]);
    }

    #[test]
    fn trap_dead_weight_is_no_live_access() {
        assert_eq!(outcomes("role-trust-open-principal", trusting(&allowing(DELETED, ""))), [Pass]);
        assert_eq!(outcomes("role-trust-outside-organization", trusting(&allowing(DELETED, ""))), [NotApplicable]);
    }
}
