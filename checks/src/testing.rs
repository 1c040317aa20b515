//! Judges a built account with one check, for the tests beside the checks.

use std::format;
use std::string::String;
use std::vec::Vec;

use probity_model::builder::{ACCOUNT, Account};
use probity_model::facts::OrganizationStructure;
use probity_model::facts::authorization::Role;
use probity_model::facts::organization::{OrganizationAccount, OrganizationTree};
use probity_model::{AccountId, Arn, Evidence, Finding, Outcome, Seen, Snapshot};

use crate::registry;
use crate::settings::Settings;

/// The findings of one check on an account, with the default parameters.
pub(crate) fn findings(check: &str, account: Account) -> Vec<Finding> {
    findings_with(check, &[], account)
}

/// The findings of one check on an account, with parameters as they stand on a command line.
pub(crate) fn findings_with(check: &str, parameters: &[(&str, &str)], account: Account) -> Vec<Finding> {
    let entry = registry::find(check).expect("the check exists");
    let mut settings = Settings::default();
    for (name, value) in parameters {
        settings.set_text(check, name, value).expect("the parameter takes the value");
    }
    let snapshot = account.build();
    entry.judge(&Evidence::new(&snapshot), &settings.parameters(entry))
}

/// The outcomes of those findings, in the order of the resources.
pub(crate) fn outcomes(check: &str, account: Account) -> Vec<Outcome> {
    findings(check, account).into_iter().map(|finding| finding.outcome).collect()
}

/// The outcomes with parameters as they stand on a command line.
pub(crate) fn outcomes_with(check: &str, parameters: &[(&str, &str)], account: Account) -> Vec<Outcome> {
    findings_with(check, parameters, account).into_iter().map(|finding| finding.outcome).collect()
}

/// A statement of a trust policy that lets somebody assume the role under a condition; empty for none.
pub(crate) fn allowing(principal: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole","Condition":{{{condition}}}}}"#)
}

/// A trust policy of these statements.
pub(crate) fn trust_policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

/// An account with one role, `deploy`, whose trust policy has these statements.
pub(crate) fn trusting(statements: &str) -> Account {
    Account::new().role("deploy", |role| role.trust(&trust_policy(statements)))
}

/// The only role of an account.
pub(crate) fn role_mut(snapshot: &mut Snapshot) -> &mut Role {
    let Seen::Known(details) = &mut snapshot.facts.authorization_details else { unreachable!("the account is known") };
    details.roles.first_mut().expect("a role")
}

/// The account as the management account of an organization with these other accounts, each with its state.
pub(crate) fn members(account: Account, others: &[(&str, &str)]) -> Account {
    let id = |id: &str| AccountId::try_from(id).expect("an account id");
    let entry = |(number, state): &(&str, &str)| OrganizationAccount {
        id: id(number),
        arn: Arn::new(format!("arn:aws:organizations::{ACCOUNT}:account/o-exampleorg1/{number}")),
        name: String::from(*number),
        state: String::from(*state),
        parent: "r-root".into(),
        joined_at: None,
    };
    let accounts = [(ACCOUNT, "ACTIVE")].iter().chain(others).map(entry).collect();
    account.management_account().facts(|facts| {
        let tree = OrganizationTree { root: "r-root".into(), accounts, ..OrganizationTree::default() };
        facts.organization_structure = Seen::Known(OrganizationStructure::Tree(tree));
    })
}

/// The ARN of a provider of OpenID Connect.
pub(crate) fn provider(issuer: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}")
}

/// A statement of a trust policy that takes tokens of an issuer under a condition, in which `ISSUER` stands for it.
pub(crate) fn web_identity(issuer: &str, condition: &str) -> String {
    let principal = format!(r#"{{"Federated":"{}"}}"#, provider(issuer));
    let statement = allowing(&principal, &condition.replace("ISSUER", issuer));
    statement.replace("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity")
}
