//! Roles trust accounts of the own organization and listed partners only.
//!
//! # Why
//! Whoever controls a trusted account can enter the role. An account that nobody knows any more, or one that was closed
//! and may be somebody else's problem tomorrow, is a door whose key is out of the house.
//!
//! # Pass
//! Every account that the trust policy lets in is this one, an active account of the organization, or one of
//! `trusted_accounts`; or callers must belong to the organization (`aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`).
//!
//! # Fail
//! An account is none of these; or it belongs to the organization and is suspended, closed or about to be; or any
//! account gets in, or any of a foreign organization.
//!
//! # Not applicable
//! Roles that let nobody in from another account; service-linked roles and those of IAM Identity Center.
//!
//! # Notes
//! The list of accounts can be read in the management account or a delegated administrator's. Elsewhere nobody can say
//! whether another account, the management account apart, belongs to the organization: the role is then not evaluated.
//!
//! Well-known accounts of vendors and of AWS are labelled in the evidence. A label is no trust: list the account.
//!
//! # Fix
//! Find the owner of the account. Remove the statement, or list the account in `trusted_accounts`, with a ticket and an
//! expiry kept beside it.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::authorization::Role;
use probity_model::facts::{AuthorizationDetails, OrganizationMembership, OrganizationStructure};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    AccountId, Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity,
};

use crate::affiliation::{self, Affiliation, Neighbourhood, Outsiders};
use crate::known_accounts;
use crate::trust::{self, Trust};

const TRUSTED_ACCOUNTS: ListParameter = ListParameter {
    name: "trusted_accounts",
    default: &[],
    choices: &[],
    unit: Unit::AccountIds,
    source: "the organization's choice: its partners and vendors",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-trust-outside-organization",
        family: Family::RolesAndTrust,
        title: "Roles trust only accounts of the organization or listed partners",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(TRUSTED_ACCOUNTS)],
    };
    type Facts<'s> = (&'s AuthorizationDetails, &'s OrganizationMembership, Result<&'s OrganizationStructure, &'s Gap>);

    fn run((details, membership, structure): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let trusted = parameters.list(&TRUSTED_ACCOUNTS);
        let neighbourhood = Neighbourhood::new(out.account(), membership, structure);
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, &neighbourhood, &trusted, out);
            }
        }
    }
}

fn judge(role: &Role, trust: &Trust<'_>, neighbourhood: &Neighbourhood<'_>, trusted: &[&str], out: &mut Findings<'_>) {
    let openings = trust.openings();
    let let_in = openings.iter().map(|opening| neighbourhood.outsiders(opening));
    let outsiders = let_in.fold(Outsiders::default(), Outsiders::join);
    let accounts: Vec<_> =
        outsiders.accounts.iter().map(|account| (account, neighbourhood.affiliation(account))).collect();
    let is_listed = |account: &AccountId| trusted.contains(&account.as_str());

    let mut subject = trust::subject(role, out);
    for (account, affiliation) in &accounts {
        let listed = if is_listed(account) { ", trusted" } else { "" };
        let owner = known_accounts::owner(account).map_or(String::new(), |owner| format!(", {owner}"));
        subject = subject.evidence("account", format!("{account} ({}{listed}{owner})", affiliation.words()));
    }
    let mut problems: Vec<String> = outsiders.crowds.iter().map(|crowd| format!("{crowd} gets in")).collect();
    problems.extend(accounts.iter().filter(|(account, _)| !is_listed(account)).filter_map(|(account, affiliation)| {
        match affiliation {
            Affiliation::Outside => {
                let owner = known_accounts::owner(account).map_or(String::new(), |owner| format!(" ({owner})"));
                Some(format!(
                    "the account {account}{owner} belongs neither to the organization nor to the listed partners"
                ))
            }
            Affiliation::Inactive(state) if is_ending(state) => {
                Some(format!("the account {account} of the organization is {state}"))
            }
            _ => None,
        }
    }));
    if !problems.is_empty() {
        return subject.fail(problems.join("; "));
    }
    let unknown =
        accounts.iter().filter(|(account, _)| !is_listed(account)).find_map(
            |(account, affiliation)| match affiliation {
                Affiliation::Unknown(gap) => Some(Err(affiliation::unknown(account, gap))),
                Affiliation::Inactive(state) => {
                    Some(Ok(format!("the account {account} of the organization is {state}")))
                }
                _ => None,
            },
        );
    match (unknown, trust.unclear_name()) {
        (Some(Err(gap)), _) => subject.not_evaluated(&gap),
        (Some(Ok(reason)), _) | (None, Some(reason)) => subject.unclear(reason),
        (None, None) if outsiders.is_empty() => {
            subject.not_applicable("the trust policy lets in nobody from another account")
        }
        (None, None) if accounts.is_empty() => subject.pass("whoever gets in must belong to the organization"),
        (None, None) => {
            subject.pass("every account that gets in belongs to the organization or is listed as a partner")
        }
    }
}

/// Whether an account is suspended or closed, or about to be (AWS Organizations API, `Account.State`).
fn is_ending(state: &str) -> bool {
    ["SUSPENDED", "PENDING_CLOSURE", "CLOSED"].contains(&state)
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Topic};

    use crate::testing::{allowing, findings, members, outcomes, outcomes_with, role_mut, trusting};

    const ID: &str = "role-trust-outside-organization";

    /// A role that trusts an account, seen from the management account.
    fn trusts(account: &str) -> Account {
        let trust = trusting(&allowing(&format!(r#"{{"AWS":"arn:aws:iam::{account}:root"}}"#), ""));
        members(
            trust,
            &[("222222222222", "ACTIVE"), ("333333333333", "SUSPENDED"), ("444444444444", "PENDING_ACTIVATION")],
        )
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, trusts("222222222222")), [Pass]);
        assert_eq!(outcomes_with(ID, &[("trusted_accounts", "555555555555")], trusts("555555555555")), [Pass]);
    }

    #[test]
    fn fail() {
        let found = finding(trusts("555555555555"));
        assert_eq!(found.outcome, Fail);
        assert_eq!(
            found.message,
            "the account 555555555555 belongs neither to the organization nor to the listed partners"
        );
        assert_eq!(
            outcomes(ID, trusting(&allowing(r#"{"AWS":"555555555555"}"#, ""))),
            [Fail],
            "no organization at all"
        );
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"AWS":"*"}"#, ""))), [Fail]);
    }

    #[test]
    fn one_stranger_among_friends_is_enough() {
        let both = r#"{"AWS":["222222222222","arn:aws:iam::555555555555:role/x"]}"#;
        assert_eq!(outcomes(ID, members(trusting(&allowing(both, "")), &[("222222222222", "ACTIVE")])), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, trusts("123456789012")), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().role("own", |role| role)), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::AuthorizationDetails, Topic::OrganizationMembership] {
            assert_eq!(outcomes(ID, trusts("222222222222").deny(topic)), [NotEvaluated]);
        }
        assert_eq!(outcomes(ID, Account::new().role("x", |role| role.trust("{}"))), [NotEvaluated]);
        assert_eq!(outcomes(ID, trusts("444444444444")), [NotEvaluated]);
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"AWS":"arn:aws:iam::x:root"}"#, ""))), [NotEvaluated]);
    }

    #[test]
    fn a_condition_can_narrow_whom_a_principal_means() {
        let everybody = |condition: &str| outcomes(ID, trusting(&allowing(r#"{"AWS":"*"}"#, condition)).organization());
        assert_eq!(everybody(r#""StringEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}"#), [Pass]);
        assert_eq!(everybody(r#""StringEquals":{"aws:PrincipalOrgID":"o-other"}"#), [Fail]);
        assert_eq!(everybody(r#""StringEquals":{"aws:PrincipalAccount":"123456789012"}"#), [NotApplicable]);
        let named = allowing(r#"{"AWS":"555555555555"}"#, r#""StringEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}"#);
        assert_eq!(outcomes(ID, trusting(&named).organization()), [Pass]);
    }

    #[test]
    fn trap_without_the_list_of_accounts_nobody_knows_who_belongs() {
        let unread = |account: &str| trusts(account).organization().deny(Topic::OrganizationStructure);
        let found = finding(unread("222222222222"));
        assert_eq!(found.outcome, NotEvaluated);
        assert!(found.message.contains("222222222222 is external, and whether it belongs"), "{}", found.message);
        assert_eq!(outcomes(ID, unread("999999999999")), [Pass], "the management account is known to every member");
        assert_eq!(outcomes(ID, trusts("222222222222").organization()), [NotEvaluated], "an empty list is no list");
    }

    #[test]
    fn trap_the_state_of_the_account_counts() {
        let found = finding(trusts("333333333333"));
        assert_eq!(found.outcome, Fail);
        assert_eq!(found.message, "the account 333333333333 of the organization is SUSPENDED");
    }

    #[test]
    fn trap_known_vendors_are_labelled_and_not_trusted() {
        let found = finding(trusts("464622532012"));
        assert_eq!(found.outcome, Fail);
        assert!(found.message.starts_with("the account 464622532012 (Datadog) belongs"), "{}", found.message);
    }

    #[test]
    fn trap_roles_that_aws_keeps_are_left_alone() {
        for path in ["/aws-service-role/ecs.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"] {
            let account = trusts("555555555555").edit(|snapshot| role_mut(snapshot).path = path.into());
            assert_eq!(outcomes(ID, account), [NotApplicable], "{path}");
        }
    }
}
