//! Accounts that enter one another's roles.

use std::borrow::ToOwned;
use std::format;
use std::string::{String, ToString};
use std::vec;

use probity_model::builder::Account;
use probity_model::facts::{OrganizationMembership, OrganizationStructure};
use probity_model::run::part::AccountPart;
use probity_model::{Seen, Topic};

use super::*;
use crate::registry;
use crate::run::judge_evidence;
use crate::settings::Settings;
use crate::whole::{Picture, footprint};

const ALL: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
const A: &str = "111111111111";
const B: &str = "222222222222";
const C: &str = "333333333333";

fn id(text: &str) -> AccountId {
    AccountId::try_from(text).expect("an id")
}

/// The account of the builder under another number.
fn as_account(number: &str, account: Account) -> Snapshot {
    let text = serde_json::to_string(&account.build()).expect("JSON").replace("123456789012", number);
    Snapshot::from_json(text.as_bytes()).expect("a snapshot")
}

fn assumes(role: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "{role}"}}}}"#
    )
}

fn trusts(principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}},
            "Action": "sts:AssumeRole"{condition}}}}}"#
    )
}

fn role(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}

fn part(snapshot: &Snapshot) -> AccountPart {
    let evidence = Evidence::new(snapshot);
    let judged = judge_evidence(&evidence, &[], &Settings::default(), &crate::run::in_turn);
    AccountPart::new(judged.account, None, judged.gaps, footprint(&evidence))
}

/// The whole search.
fn search(snapshots: &[Snapshot]) -> Crossings<'static> {
    let mut crossings = Crossings::new(None);
    snapshots.iter().for_each(|snapshot| crossings.add(&part(snapshot)));
    loop {
        let round = crossings.round();
        if round.is_empty() {
            return crossings;
        }
        for account in round {
            let snapshot = snapshots.iter().find(|one| one.account == account).expect("it was read");
            crossings.visit(&Evidence::new(snapshot));
        }
    }
}

fn found(snapshots: &[Snapshot]) -> Vec<(String, bool, Vec<String>)> {
    let of = |chain: &CrossAccountChain| {
        let way = chain.example.iter().map(ToString::to_string).collect();
        (chain.from.resource().to_owned(), chain.certain, way)
    };
    search(snapshots).chains().iter().map(of).collect()
}

fn deployer(principal: &str, condition: &str) -> Account {
    Account::new().role("deployer", |one| one.trust(&trusts(principal, condition)).inline("all", ALL))
}

#[test]
fn a_role_of_an_administrator_that_lets_in_a_user_of_another_account() {
    let anna = Account::new().user("anna", |user| user.inline("enter", &assumes(&role(B, "deployer"))));
    let (a, b) = (as_account(A, anna.user("bert", |user| user)), as_account(B, deployer(A, "")));
    assert_eq!(found(&[a, b]), [("user/anna".to_owned(), true, vec![role(B, "deployer")])]);
}

#[test]
fn neither_side_alone_is_enough() {
    let anna = Account::new().user("anna", |user| user.inline("enter", &assumes(&role(B, "deployer"))));
    let (a, b) = (as_account(A, anna), as_account(B, deployer(C, "")));
    assert_eq!(found(&[a, b]), []);
    let (a, b) = (as_account(A, Account::new().user("anna", |user| user)), as_account(B, deployer(A, "")));
    assert_eq!(found(&[a, b]), []);
}

/// A role that is nothing by itself and leads on to an account that does not trust the first one at all.
#[test]
fn a_chain_leads_through_an_account_in_between() {
    let anna = Account::new().user("anna", |user| user.inline("enter", &assumes(&role(B, "bridge"))));
    let bridge =
        Account::new().role("bridge", |one| one.trust(&trusts(A, "")).inline("enter", &assumes(&role(C, "deployer"))));
    let all = [as_account(A, anna), as_account(B, bridge), as_account(C, deployer(&role(B, "bridge"), ""))];
    let whole = vec![role(B, "bridge"), role(C, "deployer")];
    let expected = [("user/anna".to_owned(), true, whole), ("role/bridge".to_owned(), true, vec![role(C, "deployer")])];
    assert_eq!(found(&all), expected);
}

#[test]
fn what_depends_on_a_condition_is_no_sure_chain() {
    let condition = r#", "Condition": {"StringEquals": {"sts:ExternalId": "secret"}}"#;
    let anna = Account::new().user("anna", |user| user.inline("enter", &assumes(&role(B, "deployer"))));
    let all = [as_account(A, anna), as_account(B, deployer(A, condition))];
    assert_eq!(found(&all), [("user/anna".to_owned(), false, vec![role(B, "deployer")])]);
    let crossings = search(&all);
    let entry = registry::find("privesc-assume-chain").expect("the check");
    let findings = crossings.findings(&crossings.chains(), entry);
    assert_eq!(findings.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Outcome::NotEvaluated]);
}

#[test]
fn a_sure_chain_is_a_finding_on_whoever_sets_out() {
    let anna = Account::new().user("anna", |user| user.inline("enter", &assumes("*")));
    let boss = anna.user("boss", |user| user.inline("all", ALL));
    let all = [as_account(A, boss), as_account(B, deployer(A, ""))];
    let crossings = search(&all);
    let chains = crossings.chains();
    assert_eq!(chains.iter().filter(|chain| chain.administrator_at_home).count(), 1);
    let entry = registry::find("privesc-assume-chain").expect("the check");
    let findings = crossings.findings(&chains, entry);
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!((finding.outcome, finding.account.as_str()), (Outcome::Fail, A));
    assert!(finding.message.contains(B) && finding.message.contains("role/deployer"), "{}", finding.message);
}

/// Who is trusted and was not read may do anything.
#[test]
fn an_account_that_is_trusted_and_was_not_read_is_named() {
    let crossings = search(&[as_account(B, deployer(C, ""))]);
    assert!(crossings.chains().is_empty());
    assert!(crossings.unjudged().first().is_some_and(|said| said.contains(C)), "{:?}", crossings.unjudged());
    let mut closed = as_account(A, Account::new());
    closed.facts.set_gap(Topic::AuthorizationDetails, probity_model::builder::denied(Topic::AuthorizationDetails));
    let crossings = search(&[closed, as_account(B, deployer(A, ""))]);
    assert!(crossings.unjudged().first().is_some_and(|said| said.contains(A)));
}

#[test]
fn the_picture_names_who_is_outside_and_how_each_stands() {
    let snapshots = [as_account(A, Account::new()), as_account(B, deployer("999900001111", ""))];
    let mut parts: Vec<AccountPart> = snapshots.iter().map(part).collect();
    if let Some(first) = parts.first_mut() {
        first.failure = Some(probity_model::builder::denied(Topic::AccountSummary));
    }
    let mut above = as_account(A, Account::new().management_account());
    if let Seen::Known(OrganizationStructure::Tree(tree)) = &mut above.facts.organization_structure {
        tree.accounts.retain(|entry| entry.id.as_str() == A);
    }
    let settings = Settings::default();
    let mut picture = Picture::new(Some(&above), &[], &settings);
    parts.iter().for_each(|part| picture.add(part));
    let seen = picture.run(Vec::new(), Vec::new());
    assert_eq!((seen.coverage.failed, seen.coverage.complete), (1, 1));
    assert_eq!(seen.outside_accounts.iter().map(|one| one.party.as_str()).collect::<Vec<_>>(), ["999900001111"]);
    assert!(seen.unjudged.iter().any(|said| said.contains("one account that was not audited")), "{:?}", seen.unjudged);
    assert!(seen.account(&id(A)).is_some_and(|one| one.score.is_none()));
    assert!(matches!(above.facts.organization_membership.get(), Ok(OrganizationMembership::Member(_))));
}
