//! Trust in another account names a role of it, not the whole account.
//!
//! # Why
//! Naming an account hands the decision over: whoever administers that account says which of its users and roles may
//! enter yours, and every one of them that is too powerful already can.
//!
//! # Pass
//! Every statement that lets in another account names a user or role of it, or demands one by `aws:PrincipalArn`,
//! `aws:userid` or a tag of the principal.
//!
//! # Fail
//! A statement lets in a whole foreign account, by its number, its root or `*`, without such a demand. Rated low
//! instead of medium where it demands an external ID, as vendors ask for.
//!
//! # Not applicable
//! Roles that let in only this account, services and identity providers; service-linked roles and those of IAM Identity
//! Center.
//!
//! # Notes
//! Trust in this account's own root is how roles for emergencies are made; it is not judged.
//!
//! IAM keeps the unique id of a role that a trust policy names. Making that role anew breaks the trust, which then
//! shows under `role-trust-deleted-principal`. A condition on `aws:PrincipalArn` keeps the name instead.
//!
//! # Fix
//! Name the calling role in `Principal`, or keep the account and add `ArnLike` on `aws:PrincipalArn`.
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
use probity_model::{AccountId, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::trust::{self, EXTERNAL_ID_LENGTH, Opening, Party, Trust};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-trust-account-root-delegated",
        family: Family::RolesAndTrust,
        title: "Cross-account trust names a role, not a whole account",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, out);
            }
        }
    }
}

/// What a statement lets in from other accounts.
enum Foreign {
    /// Nobody.
    Nobody,
    /// Principals that it names.
    Named,
    /// These whole accounts, in words.
    Whole(String),
}

fn judge(role: &Role, trust: &Trust<'_>, out: &mut Findings<'_>) {
    let own = out.account();
    let subject = trust::subject(role, out);
    let openings = trust.openings();
    let found: Vec<_> = openings.iter().map(|opening| (opening, foreign(opening, own))).collect();
    let whole: Vec<_> = found
        .iter()
        .filter_map(|(opening, foreign)| match foreign {
            Foreign::Whole(whom) => Some((*opening, whom)),
            Foreign::Nobody | Foreign::Named => None,
        })
        .collect();
    if let Some((opening, whom)) = whole.first() {
        let guarded =
            |(opening, _): &(&Opening<'_>, _)| opening.demands().external_id_problem(own, EXTERNAL_ID_LENGTH).is_none();
        let (severity, note) =
            if whole.iter().all(guarded) { (Severity::Low, ", with an external ID") } else { (Severity::Medium, "") };
        return subject
            .severity(severity)
            .fail(format!("{} lets in {whom}{note}, whichever user or role of it asks", opening.name()));
    }
    match trust.unclear_name() {
        Some(reason) => subject.unclear(reason),
        None if found.iter().any(|(_, foreign)| matches!(foreign, Foreign::Named)) => {
            subject.pass("the trust policy names the users and roles of other accounts that it lets in")
        }
        None => subject.not_applicable("the trust policy lets in nobody from another account"),
    }
}

fn foreign(opening: &Opening<'_>, own: &AccountId) -> Foreign {
    let demands = opening.demands();
    let accounts = demands.accounts();
    let can_be =
        |account: &AccountId| account != own && accounts.as_ref().is_none_or(|accounts| accounts.contains(account));
    let parties = opening.parties();
    let mut whole: Vec<String> = Vec::new();
    let mut named = false;
    for party in &parties {
        match party {
            Party::Anyone | Party::AnyoneBut => match &accounts {
                Some(accounts) => {
                    whole.extend(accounts.iter().filter(|account| can_be(account)).map(ToString::to_string))
                }
                None => whole.push("any account".to_string()),
            },
            Party::Account(account) if can_be(account) => whole.push(account.to_string()),
            Party::Principal(account, _) => named |= can_be(account),
            _ => {}
        }
    }
    whole.sort();
    whole.dedup();
    match whole.is_empty() {
        true if named => Foreign::Named,
        true => Foreign::Nobody,
        false if demands.name_principals() => Foreign::Named,
        false => Foreign::Whole(match whole.as_slice() {
            [one] if one.starts_with("any") => one.clone(),
            all => format!("the whole account {}", all.join(", ")),
        }),
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Severity, Topic};

    use crate::testing::{allowing, findings, outcomes, trusting};

    const ID: &str = "role-trust-account-root-delegated";
    const OTHER: &str = r#"{"AWS":"arn:aws:iam::555555555555:root"}"#;

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        let role = allowing(r#"{"AWS":"arn:aws:iam::555555555555:role/deploy"}"#, "");
        assert_eq!(outcomes(ID, trusting(&role)), [Pass]);
        for condition in [
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::555555555555:role/deploy-*"}"#,
            r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#,
            r#""StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE001:*"}"#,
        ] {
            assert_eq!(outcomes(ID, trusting(&allowing(OTHER, condition))), [Pass], "{condition}");
        }
    }

    #[test]
    fn fail() {
        let found = finding(trusting(&allowing(OTHER, "")));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Medium));
        assert_eq!(
            found.message,
            "statement 1 lets in the whole account 555555555555, whichever user or role of it asks"
        );
        for principal in [r#"{"AWS":"555555555555"}"#, r#"{"AWS":["arn:aws:iam::555555555555:role/x","555555555555"]}"#]
        {
            assert_eq!(outcomes(ID, trusting(&allowing(principal, ""))), [Fail], "{principal}");
        }
    }

    #[test]
    fn a_condition_on_any_role_of_the_account_narrows_nothing() {
        for condition in [
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::555555555555:role/*"}"#,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::555555555555:*"}"#,
            r#""StringLike":{"aws:PrincipalArn":"*"}"#,
            r#""StringLike":{"aws:PrincipalTag/team":"*"}"#,
            r#""ArnLikeIfExists":{"aws:PrincipalArn":"arn:aws:iam::555555555555:role/deploy"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":"555555555555"}"#,
        ] {
            assert_eq!(outcomes(ID, trusting(&allowing(OTHER, condition))), [Fail], "{condition}");
        }
    }

    #[test]
    fn an_account_that_a_condition_names_counts_like_one_in_principal() {
        let everybody = |condition: &str| outcomes(ID, trusting(&allowing(r#"{"AWS":"*"}"#, condition)));
        assert_eq!(everybody(r#""StringEquals":{"aws:PrincipalAccount":"555555555555"}"#), [Fail]);
        assert_eq!(everybody(r#""StringEquals":{"aws:PrincipalAccount":"123456789012"}"#), [NotApplicable]);
        assert_eq!(everybody(""), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().role("ec2", |role| role)), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, trusting(&allowing(OTHER, "")).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().role("x", |role| role.trust("no policy"))), [NotEvaluated]);
    }

    #[test]
    fn trap_a_named_role_that_was_deleted_is_no_foreign_account() {
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"AWS":"AROAEXAMPLEEXAMPLE001"}"#, ""))), [NotApplicable]);
    }

    #[test]
    fn trap_the_own_root_is_the_usual_way_for_emergencies() {
        assert_eq!(
            outcomes(ID, trusting(&allowing(r#"{"AWS":"arn:aws:iam::123456789012:root"}"#, ""))),
            [NotApplicable]
        );
    }

    #[test]
    fn trap_vendors_with_an_external_id_are_rated_low() {
        let with = |id: &str| allowing(OTHER, r#""StringEquals":{"sts:ExternalId":"ID"}"#).replace("ID\"}", id);
        let found = finding(trusting(&with("7c2f9a41-5b0d-4e77\"}")));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Low));
        assert_eq!(finding(trusting(&with("short\"}"))).severity, Severity::Medium);
    }
}
