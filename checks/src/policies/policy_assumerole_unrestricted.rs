//! Who may assume roles may assume certain ones.
//!
//! # Why
//! With `sts:AssumeRole` on every role the trust policies alone decide, of this account's roles and of everybody else's.
//! Each role that trusts the account as a whole is then open to whoever has the permission, and so is each role of an
//! attacker's account, as a way out for data.
//!
//! # Pass
//! Each Allow of the policy that covers `sts:AssumeRole` names roles, or roles of certain accounts, or demands an
//! organization, an account or a tag of the role by a condition.
//!
//! # Fail
//! An Allow covers `sts:AssumeRole` for every role of every account, and somebody who is no administrator has the policy.
//!
//! # Not applicable
//! No Allow of the policy covers `sts:AssumeRole`; everybody who has the policy is an administrator anyhow, which other
//! checks report; nobody has the policy.
//!
//! # Notes
//! An administrator is who has a policy that allows everything. A wildcard inside the ARN, as in
//! `arn:aws:iam::ACCOUNT:role/app-*`, is usually fine and passes. The evidence lists the roles of the account that a
//! statement covers and that trust the account as a whole: those the permission opens by itself.
//!
//! A condition on who asks, or from where, does not say which roles are meant. What other statements deny is not
//! considered, nor are permissions boundaries, service and resource control policies or session policies.
//!
//! # Fix
//! List the ARNs of the roles. For automation all over an organization, add a condition on `aws:ResourceOrgID`.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Role;
use probity_model::{
    AccountId, Arn, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::{Condition, Context, Document, Effect, Statement, Target, Truth};

use crate::conditions;
use crate::statements::{self, Flaw, NOT_CONSIDERED, Policy, Reach};
use crate::trust::{Opening, Party, Trust};

const ACTION: &str = "sts:AssumeRole";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-assumerole-unrestricted",
        family: Family::Policies,
        title: "sts:AssumeRole grants name target roles",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::PolicyStatement,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        let policies = statements::policies(details);
        let administrators = statements::administrators(&policies, details, out.partition());
        let trusting = trusting_roles(details, out.account());
        for policy in &policies {
            judge(policy, &administrators, &trusting, out);
        }
    }
}

/// The roles that whoever the account sends may assume, as far as the trust policies can be read.
fn trusting_roles<'s>(details: &'s AuthorizationDetails, account: &AccountId) -> Vec<&'s Role> {
    let trusts = |opening: &Opening<'_>| {
        opening.parties().iter().any(|party| match party {
            Party::Account(trusted) => trusted == account,
            Party::Anyone | Party::AnyoneBut => true,
            _ => false,
        })
    };
    let mut roles: Vec<&Role> = details
        .roles
        .iter()
        .filter(|role| Trust::of(role).is_ok_and(|trust| trust.openings().iter().any(trusts)))
        .collect();
    roles.sort_by(|a, b| a.arn.cmp(&b.arn));
    roles
}

fn judge(policy: &Policy<'_>, administrators: &BTreeSet<&Arn>, trusting: &[&Role], out: &mut Findings<'_>) {
    let partition = out.partition();
    let every_role = format!("arn:{partition}:iam::*:role/*");
    let mut subject = policy.subject(out).noted("not_considered", NOT_CONSIDERED);
    let document = match &policy.document {
        Ok(document) => document,
        Err(reason) => return subject.unclear(reason),
    };
    let covers =
        |(_, statement): &(usize, &Statement)| statement.effect == Effect::Allow && statement.actions.cover(ACTION);
    let grants: Vec<_> = statements::numbered(document).filter(covers).collect();
    if grants.is_empty() {
        return subject.not_applicable("no statement allows sts:AssumeRole");
    }
    if !policy.is_attached() {
        return subject.not_applicable("nobody has the policy");
    }
    if policy.allows_everything(partition) || policy.is_held_by_all_of(administrators) {
        return subject.not_applicable("everybody who has the policy is an administrator anyhow");
    }
    let reachable: BTreeSet<&str> = trusting
        .iter()
        .filter(|role| grants.iter().any(|(_, statement)| may_cover(statement, document, role)))
        .map(|role| role.name.as_str())
        .collect();
    if !reachable.is_empty() {
        subject = subject.evidence("roles_that_trust_the_account", Vec::from_iter(reachable).join(", "));
    }
    let flaw = |(number, statement)| Some((number, statement, flaw(statement, document, &every_role)?));
    let flaws: Vec<_> = grants.into_iter().filter_map(flaw).collect();
    statements::conclude(subject, &flaws, "the roles that may be assumed, or their accounts, are named");
}

fn flaw(statement: &Statement, document: &Document, every_role: &str) -> Option<Flaw> {
    let variables = statements::has_variables(document);
    if statement.conditions.iter().any(|condition| bounds_the_target(condition, variables)) {
        return None;
    }
    let message = match statements::reach(statement, document, every_role) {
        Reach::All => "allows sts:AssumeRole for every role of every account",
        Reach::AllBut => "allows sts:AssumeRole for every role of every account but those in NotResource",
        Reach::Some | Reach::Nothing => return None,
    };
    Some(Flaw { severity: Severity::High, message: message.to_string() })
}

/// Whether a condition demands something of the role that is to be assumed, so that one of a foreign account does not
/// have it.
fn bounds_the_target(condition: &Condition, variables: bool) -> bool {
    let key = condition.key.to_ascii_lowercase();
    let about_target = ["aws:resourceorgid", "aws:resourceorgpaths", "aws:resourceaccount"].contains(&key.as_str())
        || key.starts_with("aws:resourcetag/")
        || key.starts_with("iam:resourcetag/");
    about_target && conditions::demands(condition, variables)
}

fn may_cover(statement: &Statement, document: &Document, role: &Role) -> bool {
    let variables = statements::has_variables(document);
    statement.resources.as_ref().is_some_and(|resources| {
        resources.cover(Target::One(role.arn.as_str()), &Context::partial(), variables) != Truth::No
    })
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{findings, outcomes};

    const ID: &str = "policy-assumerole-unrestricted";
    const OWN: &str = "arn:aws:iam::123456789012:policy/own";
    const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn document(action: &str, resource: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}]}}"#
        )
    }

    fn with(action: &str, resource: &str, condition: &str) -> Vec<Outcome> {
        outcomes(ID, Account::new().policy("own", &document(action, resource, condition), |policy| policy))
    }

    #[test]
    fn pass() {
        for resource in
            ["arn:aws:iam::123456789012:role/app", "arn:aws:iam::*:role/deploy", "arn:aws:iam::111122223333:role/*"]
        {
            assert_eq!(with("sts:AssumeRole", resource, ""), [Pass], "{resource}");
        }
    }

    #[test]
    fn fail() {
        for resource in ["*", "arn:aws:iam::*:role/*", "arn:aws:iam::*:*", "arn:aws:iam::*"] {
            assert_eq!(with("sts:AssumeRole", resource, ""), [Fail], "{resource}");
        }
        for action in ["sts:*", "STS:assume*"] {
            assert_eq!(with(action, "*", ""), [Fail], "{action}");
        }
        let most = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:iam::1:role/x"}}"#;
        assert_eq!(outcomes(ID, Account::new().policy("own", most, |policy| policy)), [Fail]);
    }

    #[test]
    fn a_condition_on_the_role_bounds_and_one_on_the_caller_does_not() {
        for condition in [
            r#""StringEquals":{"aws:ResourceOrgID":"o-1"}"#,
            r#""StringEquals":{"aws:ResourceAccount":["111122223333"]}"#,
            r#""StringEquals":{"iam:ResourceTag/team":"red"}"#,
            r#""ForAnyValue:StringLike":{"aws:ResourceOrgPaths":["o-1/r-1/*"]}"#,
        ] {
            assert_eq!(with("sts:AssumeRole", "*", condition), [Pass], "{condition}");
        }
        for condition in [
            r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
            r#""StringLike":{"aws:ResourceOrgID":"*"}"#,
            r#""StringEqualsIfExists":{"aws:ResourceOrgID":"o-1"}"#,
            r#""StringNotEquals":{"aws:ResourceAccount":"111122223333"}"#,
        ] {
            assert_eq!(with("sts:AssumeRole", "*", condition), [Fail], "{condition}");
        }
    }

    #[test]
    fn not_applicable() {
        assert_eq!(with("s3:*", "*", ""), [NotApplicable]);
        let any = document("sts:AssumeRole", "*", "");
        assert_eq!(outcomes(ID, Account::new().policy("own", &any, |policy| policy.attached_to(0))), [NotApplicable]);
    }

    #[test]
    fn administrators_are_for_other_checks() {
        let any = document("sts:AssumeRole", "*", "");
        let account = Account::new()
            .aws_policy("AdministratorAccess", ADMIN)
            .policy("own", &any, |policy| policy)
            .group("admins", |group| group.attached("AdministratorAccess"))
            .user("anna", |user| user.group("admins").attached(OWN));
        assert_eq!(outcomes(ID, account.clone()), [NotApplicable, NotApplicable]);
        let mixed = account.user("bert", |user| user.attached(OWN));
        assert_eq!(outcomes(ID, mixed), [Fail, NotApplicable], "bert is none");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("own", "{", |policy| policy)), [NotEvaluated]);
    }

    #[test]
    fn trap_a_wildcard_inside_the_arn_is_usually_fine() {
        assert_eq!(with("sts:AssumeRole", "arn:aws:iam::123456789012:role/app-*", ""), [Pass]);
        assert_eq!(with("sts:AssumeRole", "arn:aws:iam::*:role/Organization*", ""), [Pass]);
    }

    #[test]
    fn trap_roles_that_trust_the_account_are_opened_by_it() {
        let root = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}"#;
        let any = document("sts:AssumeRole", "arn:aws:iam::123456789012:role/*", "");
        let account = Account::new()
            .policy("own", &any, |policy| policy)
            .role("open", |role| role.trust(root))
            .role("for-a-service", |role| role);
        let [finding] = findings(ID, account).try_into().expect("one finding");
        let told = finding.evidence.iter().find(|item| item.key == "roles_that_trust_the_account");
        assert_eq!(told.map(|item| &*item.value), Some("open"));
    }
}
