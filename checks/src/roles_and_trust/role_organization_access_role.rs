//! The access role of the organization trusts the management account alone, and only a part of it.
//!
//! # Why
//! AWS Organizations and Control Tower make a role in every member account that may do everything, and that the
//! management account may enter. Whoever may assume roles there owns every member through it.
//!
//! # Pass
//! Each of `role_names` that exists trusts nobody but the management account, and names the users or roles of it that
//! may enter, in `Principal` or by a condition on the principal.
//!
//! # Fail
//! It trusts somebody else. Or it trusts the whole management account, which is rated low.
//!
//! # Not applicable
//! No such role exists, or the account is the management account. In an account without an organization, a role that
//! lets in no other account.
//!
//! # Notes
//! Accounts that were invited may have a copy that somebody made by hand, with another trust. In an account that has
//! left its organization, the role may still trust the former management account: that fails.
//!
//! # Fix
//! Narrow `Principal` to the few roles of the management account that need it, or delete the role once IAM Identity
//! Center covers the account.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name OrganizationAccountAccessRole --policy-document file://trust.json
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};

use probity_model::facts::authorization::Role;
use probity_model::facts::{AuthorizationDetails, OrganizationMembership};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{AccountId, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::trust::{self, Opening, Party, Trust};

const ROLE_NAMES: ListParameter = ListParameter {
    name: "role_names",
    default: &["OrganizationAccountAccessRole", "AWSControlTowerExecution"],
    choices: &[],
    unit: Unit::Names,
    source: "the names that AWS Organizations and AWS Control Tower give",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-organization-access-role",
        family: Family::RolesAndTrust,
        title: "The organization access role trusts only the management account",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ROLE_NAMES)],
    };
    type Facts<'s> = (&'s AuthorizationDetails, &'s OrganizationMembership);

    fn run((details, membership): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let names = parameters.list(&ROLE_NAMES);
        let management = membership.organization().map(|organization| &organization.management_account);
        if management == Some(out.account()) {
            return out.whole_account().not_applicable("the account is the management account");
        }
        // Names of roles are unique without regard to case (IAM User Guide, "IAM identifiers").
        let is_named = |role: &&Role| names.iter().any(|name| name.eq_ignore_ascii_case(&role.name));
        for role in details.roles.iter().filter(is_named) {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, management, out);
            }
        }
    }
}

fn judge(role: &Role, trust: &Trust<'_>, management: Option<&AccountId>, out: &mut Findings<'_>) {
    let own = out.account();
    let mut subject = trust::subject(role, out);
    if let Some(management) = management {
        subject = subject.evidence("MasterAccountId", management);
    }
    let openings = trust.openings();
    let others: BTreeSet<String> = openings.iter().flat_map(|opening| others(opening, management, own)).collect();
    if !others.is_empty() {
        let others: alloc::vec::Vec<_> = others.into_iter().collect();
        return subject.fail(format!("the role lets in others than the management account: {}", others.join(", ")));
    }
    if let Some(reason) = trust.unclear_name() {
        return subject.unclear(reason);
    }
    let Some(management) = management else {
        return subject.not_applicable("the account is in no organization, and the role lets in no other account");
    };
    let whole = openings.iter().find(|opening| lets_in_all_of(opening, management));
    let enters = openings.iter().flat_map(Opening::parties).any(|party| !matches!(party, Party::Deleted(_)));
    match whole {
        Some(opening) => subject.severity(Severity::Low).fail(format!(
            "{} lets in whomever the management account {management} sends, and demands no certain principal",
            opening.name()
        )),
        None if enters => {
            subject.pass(format!("the role lets in certain principals of the management account {management} only"))
        }
        None => subject.not_applicable("the trust policy lets in nobody"),
    }
}

/// Whom a statement lets in besides principals of the management account, in words.
fn others(opening: &Opening<'_>, management: Option<&AccountId>, own: &AccountId) -> BTreeSet<String> {
    let accounts = opening.demands().accounts();
    let can_be = |account: &AccountId| accounts.as_ref().is_none_or(|accounts| accounts.contains(account));
    let is_other = |account: &AccountId| {
        Some(account) != management && can_be(account) && (management.is_some() || account != own)
    };
    let mut found = BTreeSet::new();
    for party in opening.parties() {
        match party {
            Party::Anyone | Party::AnyoneBut => match &accounts {
                None => {
                    found.insert("any account".to_string());
                }
                Some(accounts) => {
                    found.extend(
                        accounts.iter().filter(|account| is_other(account)).map(|id| format!("the account {id}")),
                    );
                }
            },
            Party::Account(account) | Party::Principal(account, _) if is_other(&account) => {
                found.insert(format!("the account {account}"));
            }
            Party::Service(name) if management.is_some() => {
                found.insert(format!("the service {name}"));
            }
            Party::Provider(name) if management.is_some() => {
                found.insert(format!("the identity provider {name}"));
            }
            _ => {}
        }
    }
    found
}

/// Whether a statement lets in every principal of an account that the account sends.
fn lets_in_all_of(opening: &Opening<'_>, account: &AccountId) -> bool {
    let is_whole = |party: &Party<'_>| match party {
        Party::Account(named) => named == account,
        Party::Anyone | Party::AnyoneBut => true,
        _ => false,
    };
    opening.parties().iter().any(is_whole) && !opening.demands().name_principals()
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Severity, Topic};

    use crate::testing::{allowing, findings, outcomes, outcomes_with, trust_policy};

    const ID: &str = "role-organization-access-role";

    fn role(principal: &str, condition: &str) -> Account {
        let trust = trust_policy(&allowing(principal, condition));
        Account::new().organization().role("OrganizationAccountAccessRole", |role| role.trust(&trust))
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, role(r#"{"AWS":"arn:aws:iam::999999999999:role/Admins"}"#, "")), [Pass]);
        let narrowed = r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::999999999999:role/Admins"}"#;
        assert_eq!(outcomes(ID, role(r#"{"AWS":"arn:aws:iam::999999999999:root"}"#, narrowed)), [Pass]);
    }

    #[test]
    fn fail() {
        let found = finding(role(r#"{"AWS":["999999999999","555555555555"]}"#, ""));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::High));
        assert_eq!(found.message, "the role lets in others than the management account: the account 555555555555");
        for principal in [
            r#"{"AWS":"*"}"#,
            r#"{"AWS":"123456789012"}"#,
            r#"{"Service":"ec2.amazonaws.com"}"#,
            r#"{"AWS":"arn:aws:iam::999999999999:role/Admins","Service":"lambda.amazonaws.com"}"#,
        ] {
            assert_eq!(finding(role(principal, "")).severity, Severity::High, "{principal}");
            assert_eq!(outcomes(ID, role(principal, "")), [Fail], "{principal}");
        }
    }

    #[test]
    fn the_whole_management_account_is_rated_low() {
        let found = finding(role(r#"{"AWS":"arn:aws:iam::999999999999:root"}"#, ""));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Low));
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().organization()), [NotApplicable]);
        let other = Account::new().organization().role("deploy", |role| role);
        assert_eq!(outcomes(ID, other.clone()), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("role_names", "deploy")], other), [Fail]);
        assert_eq!(outcomes(ID, role(r#"{"AWS":"*"}"#, "").management_account()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::AuthorizationDetails, Topic::OrganizationMembership] {
            assert_eq!(outcomes(ID, role(r#"{"AWS":"*"}"#, "").deny(topic)), [NotEvaluated]);
        }
        let broken = Account::new().organization().role("OrganizationAccountAccessRole", |role| role.trust("none"));
        assert_eq!(outcomes(ID, broken), [NotEvaluated]);
    }

    #[test]
    fn trap_a_hand_made_copy_or_a_left_organization_trusts_somebody_else() {
        let former = trust_policy(&allowing(r#"{"AWS":"arn:aws:iam::999999999999:role/Admins"}"#, ""));
        let alone = |trust: &str| Account::new().role("organizationaccountaccessrole", |role| role.trust(trust));
        assert_eq!(outcomes(ID, alone(&former)), [Fail]);
        assert_eq!(outcomes(ID, alone(&former.replace("999999999999", "123456789012"))), [NotApplicable]);
        let copy = Account::new()
            .organization()
            .role("AWSControlTowerExecution", |role| role.trust(&former.replace("999999999999", "555555555555")));
        assert_eq!(outcomes(ID, copy), [Fail]);
    }

    #[test]
    fn trap_any_principal_of_the_management_account_is_too_many() {
        for condition in [
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::999999999999:role/*"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":"999999999999"}"#,
            r#""StringEquals":{"sts:ExternalId":"7c2f9a41-5b0d-4e77"}"#,
        ] {
            let principal = format!(r#"{{"AWS":"{}"}}"#, "999999999999");
            assert_eq!(outcomes(ID, role(&principal, condition)), [Fail], "{condition}");
        }
    }
}
