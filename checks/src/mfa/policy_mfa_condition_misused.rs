//! Conditions on a second factor are written so that they bite.
//!
//! # Why
//! `aws:MultiFactorAuthPresent` is `false` in a console session without a second factor, and is not there at all where a
//! request is signed with an access key. A condition that forgets the second case lets access keys through, which are what
//! gets stolen.
//!
//! # Pass
//! Each Deny of the policy that speaks of a second factor also applies to requests without the key (`BoolIfExists` of
//! `false`); each such Allow holds only with a second factor (`Bool` of `true`).
//!
//! # Fail
//! A Deny leaves out sessions without a second factor or requests that are signed with an access key, and no other Deny of
//! the policy catches them; or an Allow takes either of them as if they had one (`BoolIfExists` of `true`, `Null` of
//! `false`).
//!
//! # Not applicable
//! No statement of the policy speaks of a second factor. AWS managed policies are not judged.
//!
//! # Notes
//! A Deny with `Bool` of `false` is right where access keys are meant to get through: set `access_keys_may_pass`.
//!
//! The key is never there for roles that IAM Identity Center or another identity provider hands out, nor after a role was
//! assumed from a role. Where such a role has the policy, the finding says so: an Allow that demands the key gives it
//! nothing, and a Deny takes everything.
//!
//! `aws:MultiFactorAuthAge` is judged likewise. An Allow that holds only without a second factor, as for enrolling one,
//! passes.
//!
//! # Fix
//! Write a Deny with `BoolIfExists` and `"false"`, an Allow with `Bool` and `"true"`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::parameter::{FlagParameter, ParameterSpec};
use probity_model::{Arn, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Condition, Context, Document, Effect, Resources, Statement, Truth};

use crate::statements::{self, Flaw, Policy};
use crate::trust::{Party, Trust};

const ACCESS_KEYS_MAY_PASS: FlagParameter = FlagParameter {
    name: "access_keys_may_pass",
    default: false,
    source: "our own choice: access keys are what gets stolen",
};

const PRESENT: &str = "aws:MultiFactorAuthPresent";
const AGE: &str = "aws:MultiFactorAuthAge";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-mfa-condition-misused",
        family: Family::Mfa,
        title: "MFA conditions are written so that they bite",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::PolicyStatement,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(ACCESS_KEYS_MAY_PASS)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let keys_may_pass = parameters.flag(&ACCESS_KEYS_MAY_PASS);
        let own = statements::policies(details).into_iter().filter(Policy::is_own);
        for policy in own.chain(statements::trust_policies(details)) {
            judge(&policy, details, keys_may_pass, out);
        }
    }
}

/// For which requests a statement's conditions on a second factor hold.
#[derive(Clone, Copy)]
struct Holds {
    with_second_factor: Truth,
    /// A session that knows of second factors and had none.
    in_session_without: Truth,
    /// Signed with an access key: the keys are not there.
    with_access_key: Truth,
}

impl Holds {
    fn of(statement: &Statement, document: &Document) -> Self {
        let variables = statements::has_variables(document);
        let on = |context: &Context| {
            let about = statement.conditions.iter().filter(|condition| is_about_mfa(condition));
            Truth::all(about.map(|condition| condition.holds(context, variables)))
        };
        let absent = Context::partial().without(PRESENT).without(AGE);
        Self {
            with_second_factor: on(&Context::partial().with(PRESENT, "true").with(AGE, "1")),
            in_session_without: on(&absent.clone().with(PRESENT, "false")),
            with_access_key: on(&absent),
        }
    }

    fn is_known(self) -> bool {
        ![self.with_second_factor, self.in_session_without, self.with_access_key].contains(&Truth::Unknown)
    }
}

fn is_about_mfa(condition: &Condition) -> bool {
    [PRESENT, AGE].iter().any(|key| condition.key.eq_ignore_ascii_case(key))
}

fn judge(policy: &Policy<'_>, details: &AuthorizationDetails, keys_may_pass: bool, out: &mut Findings<'_>) {
    let mut subject = policy.subject(out);
    let document = match &policy.document {
        Ok(document) => document,
        Err(reason) => return subject.unclear(reason),
    };
    let about: Vec<_> = statements::numbered(document)
        .filter(|(_, statement)| statement.conditions.iter().any(is_about_mfa))
        .map(|(number, statement)| (number, statement, Holds::of(statement, document)))
        .collect();
    if about.is_empty() {
        return subject.not_applicable("no statement speaks of a second factor");
    }
    for role in policy.holders.iter().filter(|holder| never_has_the_key(holder, details)) {
        subject = subject.evidence("key_never_there_for", role.resource());
    }
    let flaws: Vec<_> = about
        .iter()
        .filter_map(|&(number, statement, holds)| {
            let message = match statement.effect {
                Effect::Allow => allow(holds)?,
                Effect::Deny => deny(holds, statement, &about, keys_may_pass)?,
            };
            Some((number, statement, Flaw { severity: Severity::Medium, message }))
        })
        .collect();
    match about.iter().find(|(_, _, holds)| !holds.is_known()) {
        Some((number, statement, _)) if flaws.is_empty() => subject.unclear(format!(
            "{} has a condition on a second factor that nobody can judge",
            statements::name(*number, statement)
        )),
        _ => statements::conclude(subject, &flaws, "what is said of second factors bites"),
    }
}

/// What is wrong with an Allow.
fn allow(holds: Holds) -> Option<String> {
    let let_in = whom(holds.in_session_without == Truth::Yes, holds.with_access_key == Truth::Yes)?;
    (holds.with_second_factor != Truth::No).then(|| format!("also allows {let_in}"))
}

/// What is wrong with a Deny. Whom it leaves out, another one of the same actions and resources may catch.
fn deny(
    holds: Holds,
    statement: &Statement,
    about: &[(usize, &Statement, Holds)],
    keys_may_pass: bool,
) -> Option<String> {
    let caught = |holds: fn(&Holds) -> Truth| {
        about.iter().any(|(_, other, of_other)| {
            other.effect == Effect::Deny && holds(of_other) == Truth::Yes && covers(other, statement)
        })
    };
    let session = holds.in_session_without == Truth::No && !caught(|holds| holds.in_session_without);
    let key = holds.with_access_key == Truth::No && !caught(|holds| holds.with_access_key) && !keys_may_pass;
    whom(session, key).map(|left_out| format!("does not deny {left_out}"))
}

fn whom(session: bool, access_key: bool) -> Option<&'static str> {
    match (session, access_key) {
        (true, true) => Some("sessions without a second factor, and requests that are signed with an access key"),
        (true, false) => Some("sessions without a second factor"),
        (false, true) => Some("requests that are signed with an access key"),
        (false, false) => None,
    }
}

/// Whether a statement speaks of the same actions and resources as the other one, or of all.
fn covers(statement: &Statement, other: &Statement) -> bool {
    let is_all = |resources: &Option<Resources>| resources.as_ref().is_none_or(Resources::is_everything);
    (statement.actions == other.actions || statement.actions.is_everything())
        && (statement.resources == other.resources || is_all(&statement.resources))
}

/// Whether a role is handed out by an identity provider only: its sessions never have the key.
fn never_has_the_key(arn: &Arn, details: &AuthorizationDetails) -> bool {
    let role = details.role(arn);
    role.is_some_and(|role| {
        let parties = Trust::of(role).map(|trust| {
            let openings = trust.openings();
            let all: Vec<bool> = openings
                .iter()
                .flat_map(|opening| opening.parties())
                .map(|party| matches!(party, Party::Provider(_)))
                .collect();
            !all.is_empty() && all.into_iter().all(|is_provider| is_provider)
        });
        role.is_identity_center() || parties.unwrap_or(false)
    })
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Topic};

    use crate::testing::{findings, findings_with, outcomes};

    const ID: &str = "policy-mfa-condition-misused";

    fn statement(effect: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"{effect}","Action":"ec2:*","Resource":"*","Condition":{{{condition}}}}}"#)
    }

    fn document(statements: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
    }

    fn with(statements: &str, parameters: &[(&str, &str)]) -> Finding {
        let account = Account::new().policy("own", &document(statements), |policy| policy);
        let [finding] = findings_with(ID, parameters, account).try_into().expect("one finding");
        finding
    }

    fn verdict(effect: &str, condition: &str) -> Outcome {
        with(&statement(effect, condition), &[]).outcome
    }

    const FALSE: &str = r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#;
    const FALSE_IF_EXISTS: &str = r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#;

    #[test]
    fn pass() {
        assert_eq!(verdict("Deny", FALSE_IF_EXISTS), Pass);
        assert_eq!(verdict("Deny", r#""BoolIfExists":{"AWS:multifactorauthpresent":false}"#), Pass);
        assert_eq!(verdict("Allow", r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#), Pass);
        assert_eq!(verdict("Allow", r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#), Pass);
        assert_eq!(verdict("Deny", r#""NumericGreaterThanIfExists":{"aws:MultiFactorAuthAge":"3600"}"#), Pass);
        assert_eq!(verdict("Allow", FALSE_IF_EXISTS), Pass, "to enrol a first one");
    }

    #[test]
    fn fail() {
        let told = |effect: &str, condition: &str| {
            let finding = with(&statement(effect, condition), &[]);
            assert_eq!(finding.outcome, Fail, "{effect} {condition}");
            finding.message
        };
        assert_eq!(told("Deny", FALSE), "statement 1 does not deny requests that are signed with an access key");
        assert_eq!(
            told("Deny", r#""Null":{"aws:MultiFactorAuthPresent":"true"}"#),
            "statement 1 does not deny sessions without a second factor"
        );
        assert_eq!(
            told("Allow", r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#),
            "statement 1 also allows requests that are signed with an access key"
        );
        assert_eq!(
            told("Allow", r#""Null":{"aws:MultiFactorAuthPresent":"false"}"#),
            "statement 1 also allows sessions without a second factor"
        );
        for (effect, condition) in [
            ("Deny", r#""NumericGreaterThan":{"aws:MultiFactorAuthAge":"3600"}"#),
            ("Deny", r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#),
            ("Allow", r#""NumericLessThanIfExists":{"aws:MultiFactorAuthAge":"3600"}"#),
            ("Allow", r#""StringNotEquals":{"aws:MultiFactorAuthPresent":"false"}"#),
        ] {
            told(effect, condition);
        }
    }

    #[test]
    fn one_deny_may_catch_what_another_leaves_out() {
        let absent = r#""Null":{"aws:MultiFactorAuthPresent":"true"}"#;
        let both = format!("{},{}", statement("Deny", FALSE), statement("Deny", absent));
        assert_eq!(with(&both, &[]).outcome, Pass);
        let elsewhere = statement("Deny", absent).replace("ec2:*", "s3:*");
        assert_eq!(with(&format!("{},{elsewhere}", statement("Deny", FALSE)), &[]).outcome, Fail, "of other actions");
        let age = statement("Deny", r#""NumericGreaterThan":{"aws:MultiFactorAuthAge":"3600"}"#);
        assert_eq!(with(&format!("{},{age}", statement("Deny", FALSE_IF_EXISTS)), &[]).outcome, Pass);
    }

    #[test]
    fn trust_policies_are_judged() {
        let trust = r#"{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}}"#;
        assert_eq!(outcomes(ID, Account::new().role("app", |role| role.trust(&document(trust)))), [Fail]);
        let demands = trust.replace("IfExists", "");
        assert_eq!(outcomes(ID, Account::new().role("app", |role| role.trust(&document(&demands)))), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(verdict("Deny", r#""Bool":{"aws:SecureTransport":"false"}"#), NotApplicable);
        let aws = Account::new().aws_policy("Power", &document(&statement("Deny", FALSE)));
        assert_eq!(outcomes(ID, aws), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("own", "{", |policy| policy)), [NotEvaluated]);
        assert_eq!(verdict("Deny", r#""Boolean":{"aws:MultiFactorAuthPresent":"false"}"#), NotEvaluated);
    }

    #[test]
    fn trap_the_key_is_never_there_for_roles_of_identity_providers() {
        let told = |account: Account| {
            let found = findings(ID, account).into_iter().find(|one| one.discriminator == "own").expect("a finding");
            found.evidence.iter().any(|item| item.key == "key_never_there_for")
        };
        let deny = document(&statement("Deny", FALSE_IF_EXISTS));
        let role = |path: &str| Account::new().role("Ops", |role| role.path(path).inline("own", &deny));
        assert!(told(role("/aws-reserved/sso.amazonaws.com/")));
        assert!(!told(role("/")));
        let saml = r#"{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/x"},"Action":"sts:AssumeRoleWithSAML"}"#;
        assert!(told(Account::new().role("Ops", |role| role.trust(&document(saml)).inline("own", &deny))));
    }

    #[test]
    fn trap_access_keys_may_be_meant_to_get_through() {
        let set = [("access_keys_may_pass", "true")];
        assert_eq!(with(&statement("Deny", FALSE), &set).outcome, Pass);
        let absent = r#""Null":{"aws:MultiFactorAuthPresent":"true"}"#;
        assert_eq!(with(&statement("Deny", absent), &set).outcome, Fail, "sessions are not");
    }
}
