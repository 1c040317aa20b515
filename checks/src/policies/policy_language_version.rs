//! Policies use version 2012-10-17 of the policy language.
//!
//! # Why
//! The older version, which also counts where none is given, knows no policy variables. `${aws:username}` is then a text
//! like any other: an Allow with it allows nothing, and a Deny with it denies nothing.
//!
//! # Pass
//! The version is 2012-10-17.
//!
//! # Fail
//! The version is missing or an older one. That is rated medium where a resource or a condition has a `${`, else low.
//!
//! # Notes
//! Inline and customer managed policies and the trust policies of roles are judged; those of AWS are not. A trust policy
//! of the older version, as older tools write them, is mostly harmless.
//!
//! In a session of a role there is no `aws:username`. Where such a policy has that variable, it passes, and the finding
//! says that it matches nothing.
//!
//! # Fix
//! Set the version to 2012-10-17, and try the policy out again: what was a text becomes a variable.
//!
//! # Command
//! ```sh
//! aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY --policy-document file://policy.json
//! ```

use alloc::format;

use probity_model::facts::AuthorizationDetails;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Resources, Statement};

use crate::statements::{self, Policy};

const VERSION: &str = "2012-10-17";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-language-version",
        family: Family::Policies,
        title: "Policies use version 2012-10-17",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Policy,
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
    let document = match &policy.document {
        Ok(document) => document,
        Err(reason) => return subject.unclear(reason),
    };
    let version = document.version.as_deref();
    let subject = subject.evidence("Version", version.unwrap_or("none"));
    if version == Some(VERSION) {
        return if has_only_roles(policy) && document.statements.iter().any(|one| has(one, "${aws:username}")) {
            subject.evidence("matches_nothing", "${aws:username}").pass(format!(
                "the version is {VERSION}; ${{aws:username}} matches nothing in it, since sessions of a role have no user name"
            ))
        } else {
            subject.pass(format!("the version is {VERSION}"))
        };
    }
    let variable = document.statements.iter().any(|statement| has(statement, "${"));
    let severity = if variable { Severity::Medium } else { Severity::Low };
    let what = version.map_or_else(|| "no version is given".into(), |version| format!("the version is {version}"));
    let effect = if variable { ", and its policy variables are taken as plain text" } else { "" };
    subject.severity(severity).fail(format!("{what}{effect}"));
}

/// Whether nobody but roles has the policy.
fn has_only_roles(policy: &Policy<'_>) -> bool {
    !policy.holders.is_empty() && policy.holders.iter().all(|holder| holder.resource().starts_with("role/"))
}

/// Whether a text stands in a resource or in a condition's value, where variables work.
fn has(statement: &Statement, text: &str) -> bool {
    // Hardly any value has a variable, and only those are worth a copy.
    let is_in = |value: &str| value.contains("${") && value.to_ascii_lowercase().contains(text);
    let resources = statement.resources.as_ref().map_or(&[][..], Resources::patterns);
    resources.iter().any(|pattern| is_in(pattern.text()))
        || statement.conditions.iter().flat_map(|condition| &condition.values).any(|value| is_in(value))
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Severity, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "policy-language-version";
    const OWN_HOME: &str = "arn:aws:s3:::home/${aws:username}/*";

    fn document(version: &str, resource: &str) -> String {
        format!(r#"{{{version}"Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}"}}]}}"#)
    }

    fn the_finding(version: &str, resource: &str) -> Finding {
        let account = Account::new().policy("own", &document(version, resource), |policy| policy);
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(the_finding(r#""Version":"2012-10-17","#, OWN_HOME).outcome, Pass);
    }

    #[test]
    fn fail() {
        for version in ["", r#""Version":"2008-10-17","#] {
            let plain = the_finding(version, "*");
            assert_eq!((plain.outcome, plain.severity), (Fail, Severity::Low), "{version}");
            let variable = the_finding(version, OWN_HOME);
            assert_eq!((variable.outcome, variable.severity), (Fail, Severity::Medium), "{version}");
        }
        assert_eq!(the_finding("", "*").message, "no version is given");
    }

    #[test]
    fn a_variable_in_a_condition_counts_and_one_in_a_name_does_not() {
        let condition = r#"{"Statement":{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"s3:prefix":"${aws:userid}/*"}}}}"#;
        let rated = |text: &str| {
            let account = Account::new().user("anna", |user| user.inline("own", text));
            findings(ID, account).first().map(|one| (one.outcome, one.severity))
        };
        assert_eq!(rated(condition), Some((Fail, Severity::Medium)));
        assert_eq!(
            rated(&condition.replace("${aws:userid}", "x").replace(r#""a""#, r#""${a}""#)),
            Some((Fail, Severity::Low))
        );
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().aws_policy("Old", &document("", "*"))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("own", "{", |policy| policy)), [NotEvaluated]);
    }

    #[test]
    fn trap_an_old_trust_policy_is_rated_low() {
        let old = r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
        let [finding] =
            findings(ID, Account::new().role("app", |role| role.trust(old))).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.severity, &*finding.discriminator), (Fail, Severity::Low, "trust policy"));
    }

    #[test]
    fn trap_a_role_has_no_user_name() {
        let document = document(r#""Version":"2012-10-17","#, OWN_HOME);
        let told = |account: Account| {
            let found = findings(ID, account).into_iter().find(|one| one.discriminator == "own").expect("a finding");
            (found.outcome, found.message.contains("matches nothing"))
        };
        assert_eq!(told(Account::new().role("app", |role| role.inline("own", &document))), (Pass, true));
        assert_eq!(told(Account::new().user("anna", |user| user.inline("own", &document))), (Pass, false));
    }
}
