//! No Allow says what it excepts in place of what it allows.
//!
//! # Why
//! `NotAction` and `NotResource` in an Allow give everything but what is named, also what AWS brings out tomorrow.
//! `NotPrincipal` does the same with who is meant, and in a Deny it is easily written so that it locks out whom it means
//! to spare.
//!
//! # Pass
//! No Allow of the policy has `NotAction`, `NotResource` or `NotPrincipal`, unless what it excepts is everything.
//!
//! # Fail
//! An Allow has `NotAction`, `NotResource` or `NotPrincipal`; or a Deny of a trust policy has `NotPrincipal` and does not
//! name the account and the role or the session that it spares. The latter is rated medium.
//!
//! # Notes
//! A Deny with `NotAction` or `NotResource` is normal in guardrails and passes. AWS managed policies are not judged:
//! `PowerUserAccess` is an Allow with `NotAction` by design. Where a condition limits such an Allow it fails all the same,
//! since a condition says under which circumstances, and not how much.
//!
//! Inline and customer managed policies and the trust policies of roles are judged. The policies of buckets, keys, queues
//! and topics are not read.
//!
//! # Fix
//! List the actions and the resources. In place of `NotPrincipal` use a Deny of `"Principal": "*"` with a condition on
//! `aws:PrincipalArn`.
//!
//! # Command
//! ```sh
//! aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY --policy-document file://policy.json
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Actions, Effect, Pattern, Principal, Principals, Resources, Statement};

use crate::statements::{self, Flaw, Policy};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-inverted-elements",
        family: Family::Policies,
        title: "Allow does not use NotAction, NotResource or NotPrincipal",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::PolicyStatement,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        let own = statements::policies(details).into_iter().filter(Policy::is_own);
        for policy in own.chain(statements::trust_policies(details)) {
            judge(&policy, out);
        }
    }
}

fn judge(policy: &Policy<'_>, out: &mut Findings<'_>) {
    let subject = policy.subject(out);
    match &policy.document {
        Ok(document) => {
            let flaw = |(number, statement)| Some((number, statement, flaw(statement)?));
            let flaws: Vec<_> = statements::numbered(document).filter_map(flaw).collect();
            statements::conclude(subject, &flaws, "every Allow names its actions, resources and principals");
        }
        Err(reason) => subject.unclear(reason),
    }
}

fn flaw(statement: &Statement) -> Option<Flaw> {
    match statement.effect {
        Effect::Allow => allow(statement),
        Effect::Deny => match &statement.principals {
            Some(Principals::AllBut(named)) if !spares_completely(named) => Some(Flaw {
                severity: Severity::Medium,
                message: "denies everyone but those in NotPrincipal, and does not name the account of each role or \
                          session there, which locks it out"
                    .into(),
            }),
            _ => None,
        },
    }
}

fn allow(statement: &Statement) -> Option<Flaw> {
    let mut told: Vec<String> = Vec::new();
    if let Actions::AllBut(patterns) = &statement.actions
        && !patterns.iter().any(Pattern::is_every_action)
    {
        told.push(format!("every action but {}", list(patterns)));
    }
    if let Some(Resources::AllBut(patterns)) = &statement.resources
        && !patterns.iter().any(Pattern::is_everything)
    {
        told.push(format!("every resource but {}", list(patterns)));
    }
    if let Some(Principals::AllBut(named)) = &statement.principals
        && !named.iter().any(Principal::is_everyone)
    {
        let names: Vec<&str> = named.iter().map(text).collect();
        told.push(format!("everyone but {}", if names.is_empty() { "nobody".into() } else { names.join(", ") }));
    }
    (!told.is_empty()).then(|| Flaw { severity: Severity::High, message: format!("allows {}", told.join(", ")) })
}

fn list(patterns: &[Pattern]) -> String {
    let texts: Vec<&str> = patterns.iter().map(Pattern::text).collect();
    if texts.is_empty() { "none".into() } else { texts.join(", ") }
}

fn text(principal: &Principal) -> &str {
    match principal {
        Principal::Everyone => "*",
        Principal::Aws(name)
        | Principal::Service(name)
        | Principal::Federated(name)
        | Principal::CanonicalUser(name) => name,
    }
}

/// Whether a Deny spares whom it names: for each role and session its account has to be named as well.
fn spares_completely(named: &[Principal]) -> bool {
    let names: Vec<&str> = named.iter().map(text).collect();
    let has_account =
        |account: &str| names.iter().any(|name| *name == account || name.ends_with(&format!(":{account}:root")));
    names.iter().all(|name| {
        let mut parts = name.splitn(6, ':').skip(4);
        match (parts.next(), parts.next()) {
            (Some(account), Some(rest)) if rest.starts_with("role/") || rest.starts_with("assumed-role/") => {
                has_account(account)
            }
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Outcome, Severity, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "policy-inverted-elements";

    fn document(statement: &str) -> std::string::String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
    }

    fn with(statement: &str) -> Account {
        Account::new().policy("own", &document(statement), |policy| policy)
    }

    fn trust(statement: &str) -> Vec<(Outcome, Severity)> {
        let account = Account::new().role("app", |role| role.trust(&document(statement)));
        findings(ID, account).into_iter().map(|one| (one.outcome, one.severity)).collect()
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#)), [Pass]);
        let nothing = r#"{"Effect":"Allow","NotAction":"*","Resource":"*"}"#;
        assert_eq!(outcomes(ID, with(nothing)), [Pass], "what excepts everything leaves nothing");
    }

    #[test]
    fn fail() {
        for statement in [
            r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::a"}"#,
            r#"{"Effect":"Allow","NotAction":[],"Resource":"*"}"#,
        ] {
            assert_eq!(outcomes(ID, with(statement)), [Fail], "{statement}");
        }
        let [finding] =
            findings(ID, with(r#"{"Sid":"Most","Effect":"Allow","NotAction":["iam:*","sts:*"],"Resource":"*"}"#))
                .try_into()
                .expect("one finding");
        assert_eq!(finding.message, "statement 1 (Most) allows every action but iam:*, sts:*");
        assert!(
            finding.evidence.iter().any(|item| item.value == "statement 1 (Most), line 1, column 38"),
            "{finding:?}"
        );
    }

    #[test]
    fn trust_policies_are_judged() {
        let statement = r#"{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}"#;
        assert_eq!(trust(statement), [(Fail, Severity::High)]);
        let plain = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}"#;
        assert_eq!(trust(plain), [(Pass, Severity::High)]);
        let document = document(statement);
        let linked = Account::new().role("linked", |role| role.path("/aws-service-role/x/").trust(&document));
        assert_eq!(outcomes(ID, linked), [NotApplicable], "it is AWS's own");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with("").deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("own", "{", |policy| policy)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().role("app", |role| role.trust("{"))), [NotEvaluated]);
    }

    #[test]
    fn trap_power_user_access_is_so_by_design() {
        let power = document(r#"{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}"#);
        assert_eq!(outcomes(ID, Account::new().aws_policy("PowerUserAccess", &power)), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().policy("PowerUserAccess", &power, |policy| policy)), [Fail]);
    }

    #[test]
    fn trap_a_deny_may_be_inverted() {
        let deny = r#"{"Effect":"Deny","NotAction":["iam:*","sts:*"],"NotResource":"arn:aws:s3:::a"}"#;
        assert_eq!(outcomes(ID, with(deny)), [Pass]);
    }

    #[test]
    fn trap_not_principal_in_a_deny_has_to_name_the_account_too() {
        let deny = |named: &str| {
            trust(&format!(r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":[{named}]}},"Action":"sts:AssumeRole"}}"#))
        };
        assert_eq!(deny(r#""arn:aws:iam::111122223333:role/x""#), [(Fail, Severity::Medium)]);
        assert_eq!(deny(r#""arn:aws:iam::111122223333:role/x","111122224444""#), [(Fail, Severity::Medium)]);
        assert_eq!(deny(r#""arn:aws:iam::111122223333:role/x","111122223333""#), [(Pass, Severity::High)]);
        assert_eq!(
            deny(r#""arn:aws:sts::111122223333:assumed-role/x/y","arn:aws:iam::111122223333:root""#),
            [(Pass, Severity::High)]
        );
    }
}
