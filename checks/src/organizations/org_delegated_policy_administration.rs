//! A member account administers the policies of the organization.
//!
//! # Why
//! Policies that only the management account can write are written there, by people who then sit in the one account that no
//! policy restrains. The organization's resource policy lets a governance account do it.
//!
//! # Pass
//! The resource policy of the organization lets at least one account manage policies, those on the list
//! `governance_accounts` where there is one, and by certain actions only.
//!
//! # Fail
//! The organization has no resource policy; or it lets in an account that is not on the list, that is not an active member, or
//! anyone; or it gives away every action of AWS Organizations.
//!
//! # Not applicable
//! The account is in no organization.
//!
//! # Notes
//! Only the management account and a delegated administrator can read the policy; anywhere else the check is not evaluated.
//! Delegated administrators of services are another matter (`org-delegated-service-administrators`): one does not make the
//! other. While `governance_accounts` is empty, any active member account will do, and where the list of accounts was not
//! read, any account.
//!
//! # Fix
//! Put a resource policy that lets the governance account manage service control policies and resource control policies, by
//! the actions that takes.
//!
//! # Command
//! ```sh
//! aws organizations put-resource-policy --content file://delegation.json
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::{OrganizationMembership, OrganizationResourcePolicy, OrganizationStructure};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{AccountId, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Effect, Principal, Principals, Statement};

use crate::statements;

/// One of the actions by which policies are written.
const WRITES: [&str; 6] = [
    "organizations:AttachPolicy",
    "organizations:CreatePolicy",
    "organizations:DeletePolicy",
    "organizations:DetachPolicy",
    "organizations:EnablePolicyType",
    "organizations:UpdatePolicy",
];
/// What nobody needs for policies.
const TOO_MUCH: &str = "organizations:RemoveAccountFromOrganization";

const GOVERNANCE: ListParameter = ListParameter {
    name: "governance_accounts",
    default: &[],
    choices: &[],
    unit: Unit::AccountIds,
    source: "the organization's choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-delegated-policy-administration",
        family: Family::Organizations,
        title: "A member account administers organization policies",
        severity: Severity::Low,
        scope: Scope::Organization,
        resource: ResourceKind::Organization,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(GOVERNANCE)],
    };
    type Facts<'s> = (&'s OrganizationMembership, &'s OrganizationResourcePolicy, Option<&'s OrganizationStructure>);

    fn run((membership, policy, structure): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is in no organization");
        };
        let subject = out.resource(organization.arn.clone());
        let text = match policy {
            OrganizationResourcePolicy::NoOrganization => {
                return subject.unclear("the account is in an organization that does not exist");
            }
            OrganizationResourcePolicy::Absent => {
                return subject
                    .evidence("resource_policy", "none")
                    .fail("the organization has no resource policy: only the management account administers policies");
            }
            OrganizationResourcePolicy::Document(text) => text,
        };
        let subject = subject.evidence("resource_policy", text.as_str());
        let document = match probity_access::read(text) {
            Ok(document) => document,
            Err(error) => return subject.unclear(format!("the resource policy cannot be read: {error}")),
        };
        let asked = Asked { listed: parameters.list(&GOVERNANCE), structure };
        let mut wrong = Vec::new();
        let mut delegates = BTreeSet::new();
        let allows = statements::numbered(document).filter(|(_, statement)| statement.effect == Effect::Allow);
        for (number, statement) in allows {
            let name = statements::name(number, statement);
            if statement.actions.cover(TOO_MUCH) {
                wrong.push(format!("{name} gives away actions that have nothing to do with policies"));
            }
            if !WRITES.iter().any(|action| statement.actions.cover(action)) {
                continue;
            }
            match let_in(statement) {
                None => wrong.push(format!("{name} lets in anyone")),
                Some(accounts) => {
                    wrong.extend(
                        accounts.iter().filter_map(|one| asked.objection(one)).map(|why| format!("{name}: {why}")),
                    );
                    delegates.extend(accounts);
                }
            }
        }
        let names: Vec<&str> = delegates.iter().map(String::as_str).collect();
        let subject = subject.evidence("delegates", if names.is_empty() { "none".into() } else { names.join(", ") });
        if !wrong.is_empty() {
            return subject.fail(wrong.join("; "));
        }
        if delegates.is_empty() {
            return subject.fail("the resource policy lets no account write policies");
        }
        subject.pass(format!("these accounts administer policies: {}", names.join(", ")));
    }
}

struct Asked<'s> {
    listed: Vec<&'s str>,
    structure: Option<&'s OrganizationStructure>,
}

impl Asked<'_> {
    /// Why an account should not be let in.
    fn objection(&self, account: &str) -> Option<String> {
        if !self.listed.is_empty() {
            let listed = self.listed.contains(&account);
            return (!listed).then(|| format!("the account {account} is not on the list of governance accounts"));
        }
        let Some(OrganizationStructure::Tree(tree)) = self.structure else { return None };
        match tree.accounts.iter().find(|one| one.id.as_str() == account) {
            Some(one) if one.is_in_use() => None,
            Some(one) => Some(format!("the account {account} is {}", one.state)),
            None => Some(format!("the account {account} does not belong to the organization")),
        }
    }
}

/// The accounts that a statement lets in; nothing where it lets in anyone.
fn let_in(statement: &Statement) -> Option<BTreeSet<String>> {
    let Some(Principals::Only(named)) = &statement.principals else { return None };
    let mut accounts = BTreeSet::new();
    for principal in named {
        let Principal::Aws(name) = principal else { return None };
        let account = if name.starts_with("arn:") { name.split(':').nth(4).unwrap_or_default() } else { name };
        accounts.insert(AccountId::try_from(account).ok()?.to_string());
    }
    Some(accounts)
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::OrganizationResourcePolicy;
    use probity_model::facts::OrganizationServices;
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::organization_administration::{DelegatedAdministrator, TrustedServices};
    use probity_model::{AccountId, Seen, Topic};

    use crate::organization_testing::{MEMBER, Policies, member_that_may_not_read, statements};
    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "org-delegated-policy-administration";
    const WRITES: &str = r#"["organizations:CreatePolicy","organizations:AttachPolicy","organizations:Describe*"]"#;

    fn delegation(principal: &str, actions: &str) -> String {
        statements(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":{actions},"Resource":"*"}}"#))
    }

    fn root_of(account: &str) -> String {
        format!(r#"{{"AWS":"arn:aws:iam::{account}:root"}}"#)
    }

    fn with(policy: &str) -> Account {
        Policies::new().account().facts(|facts| {
            facts.organization_resource_policy =
                Seen::Known(OrganizationResourcePolicy::Document(DocumentText::new(policy)));
        })
    }

    fn judged(policy: &str) -> Outcome {
        outcomes(ID, with(policy))[0]
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&delegation(&root_of(MEMBER), WRITES)), Pass);
        assert_eq!(judged(&delegation(r#"{"AWS":"222222222222"}"#, WRITES)), Pass);
        let listed = [("governance_accounts", MEMBER)];
        assert_eq!(outcomes_with(ID, &listed, with(&delegation(&root_of(MEMBER), WRITES))), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Policies::new().account()), [Fail], "there is none");
        assert_eq!(judged(&delegation(&root_of(MEMBER), r#""organizations:*""#)), Fail);
        assert_eq!(judged(&delegation(&root_of("999999999999"), WRITES)), Fail, "of another organization");
        assert_eq!(judged(&delegation(r#""*""#, WRITES)), Fail);
        assert_eq!(judged(&delegation(&root_of(MEMBER), r#""organizations:Describe*""#)), Fail, "it only reads");
        let listed = [("governance_accounts", "333333333333")];
        assert_eq!(outcomes_with(ID, &listed, with(&delegation(&root_of(MEMBER), WRITES))), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationResourcePolicy] {
            assert_eq!(outcomes(ID, Policies::new().account().deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(judged("{"), NotEvaluated);
        let unread = with(&delegation(&root_of(MEMBER), WRITES)).deny(Topic::OrganizationStructure);
        assert_eq!(outcomes(ID, unread), [Pass], "the list of accounts only sharpens the verdict");
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policy_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_delegated_administrators_of_services_do_not_answer_it() {
        let account = Policies::new().account().facts(|facts| {
            let administrator = DelegatedAdministrator {
                account: AccountId::try_from(MEMBER).expect("an id"),
                name: "security".to_owned(),
                state: "ACTIVE".to_owned(),
                services: [("guardduty.amazonaws.com".to_owned(), None)].into(),
            };
            let services = TrustedServices { administrators: [administrator].into(), ..TrustedServices::default() };
            facts.organization_services = Seen::Known(OrganizationServices::Services(services));
        });
        assert_eq!(outcomes(ID, account), [Fail]);
    }
}
