//! Callers do not choose the session tags that decide what a role may do.
//!
//! # Why
//! Where policies decide by `aws:PrincipalTag`, whoever may pass session tags when assuming the role decides for himself:
//! with the tag of another team he has its rights.
//!
//! # Pass
//! Every statement that lets principals of AWS tag the session (`sts:TagSession`) limits each tag on which the role's
//! policies decide: by `aws:RequestTag/KEY` with values, or by `aws:TagKeys` without the key.
//!
//! # Fail
//! A tag on which the role's policies decide may be passed with any value.
//!
//! # Not applicable
//! The trust policy lets no principal of AWS tag the session, or the role's policies decide on no principal tag; and
//! roles of AWS's own.
//!
//! # Notes
//! Tags that an identity provider puts into its assertion are its word, which the account has chosen to take, and are not
//! judged. Neither are policies of resources that decide on a tag of the role.
//!
//! A value that is a policy variable, such as `${aws:PrincipalTag/team}`, limits the tag to the caller's own. A Deny of
//! `sts:TagSession` is not followed: where there is one and nothing else limits the tag, the check is not evaluated.
//!
//! # Fix
//! Demand `aws:RequestTag/KEY` in the trust policy, or leave the key out of the `aws:TagKeys` that are allowed.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Role;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Condition, Document, Effect, Principal, Principals, Statement};

use crate::statements::{self, Policy};
use crate::trust::{self, Trust};

/// What lets somebody tag a session.
const ACTION: &str = "sts:TagSession";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-trust-weak-session-tags",
        family: Family::RolesAndTrust,
        title: "Callers do not choose the session tags that grant rights",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        let policies = statements::policies(details);
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, &policies, out);
            }
        }
    }
}

fn judge(role: &Role, trust: &Trust<'_>, policies: &[Policy<'_>], out: &mut Findings<'_>) {
    let subject = trust::subject(role, out);
    let tagging: Vec<(usize, &Statement)> =
        trust.statements().filter(|(_, one)| one.effect == Effect::Allow && lets_tag(one)).collect();
    if tagging.is_empty() {
        return subject.not_applicable("the trust policy lets no principal of AWS tag the session");
    }
    let own = policies.iter().filter(|policy| policy.holders.contains(&role.arn));
    let mut decisive = BTreeSet::new();
    let mut unreadable = None;
    for policy in own {
        match &policy.document {
            Ok(document) => decisive.extend(decisive_tags(document)),
            Err(error) => unreadable = Some(format!("a policy of the role cannot be read: {error}")),
        }
    }
    let shown: Vec<&str> = decisive.iter().map(String::as_str).collect();
    let subject = subject.evidence("decisive_tags", shown.join(", "));
    let open: BTreeSet<(usize, &str)> = tagging
        .iter()
        .flat_map(|(number, one)| {
            shown.iter().filter(|tag| !limits(&one.conditions, tag)).map(move |tag| (*number, *tag))
        })
        .collect();
    let denies = trust.statements().any(|(_, one)| one.effect == Effect::Deny && one.actions.cover(ACTION));
    match (open.iter().next(), unreadable) {
        (Some(_), _) if denies => {
            subject.unclear("a Deny may keep callers from passing tags, and nothing else limits them");
        }
        (Some((number, tag)), _) => {
            let name = tagging.iter().find(|(one, _)| one == number).map(|(number, one)| trust::name(*number, one));
            let name = name.unwrap_or_default();
            subject.fail(format!(
                "{name} lets callers pass any value for the tag {tag}, on which the role's policies decide"
            ));
        }
        (None, Some(error)) => subject.unclear(error),
        (None, None) if decisive.is_empty() => {
            subject.not_applicable("the role's policies decide on no principal tag");
        }
        (None, None) => subject.pass("every tag on which the role's policies decide is limited"),
    }
}

/// Whether a statement lets principals of AWS tag the session: users, roles and accounts, and everybody.
fn lets_tag(statement: &Statement) -> bool {
    let is_aws = |principal: &Principal| matches!(principal, Principal::Aws(_) | Principal::Everyone);
    let names_aws = match &statement.principals {
        Some(Principals::Only(named)) => named.iter().any(is_aws),
        Some(Principals::AllBut(_)) => true,
        None => false,
    };
    names_aws && statement.actions.cover(ACTION)
}

/// The keys of principal tags that a document's conditions ask for, or that its values and resources stand on.
fn decisive_tags(document: &Document) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for statement in &document.statements {
        for condition in &statement.conditions {
            let key = condition.key.to_lowercase();
            tags.extend(key.strip_prefix("aws:principaltag/").map(ToString::to_string));
            tags.extend(condition.values.iter().flat_map(|value| variables(value)));
        }
        let resources = statement.resources.iter().flat_map(|resources| resources.patterns());
        tags.extend(resources.flat_map(|pattern| variables(pattern.text())));
    }
    tags
}

/// The keys in the variables `${aws:PrincipalTag/KEY}` of a text, in lower case.
fn variables(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let parts = lower.split("${aws:principaltag/").skip(1);
    parts.filter_map(|part| part.split(['}', ',']).next()).map(|key| key.trim().to_string()).collect()
}

/// Whether conditions limit the values that may be passed for a tag.
fn limits(conditions: &[Condition], tag: &str) -> bool {
    conditions.iter().any(|condition| {
        let key = condition.key.to_lowercase();
        let operator = condition.operator.to_lowercase();
        if key == "aws:tagkeys" {
            let only =
                operator.starts_with("forallvalues:stringequals") || operator.starts_with("forallvalues:stringlike");
            let named =
                condition.values.iter().any(|value| value.contains(['*', '?']) || value.eq_ignore_ascii_case(tag));
            return only && !named;
        }
        // A tag that is not passed decides nothing, so an operator that lets it be absent limits it as well.
        let compares = operator.starts_with("stringequals") || operator.starts_with("stringlike");
        let is_this = key.strip_prefix("aws:requesttag/") == Some(tag);
        is_this
            && compares
            && !condition.values.is_empty()
            && condition.values.iter().all(|value| !value.trim_matches('*').is_empty())
    })
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{outcomes, trust_policy};

    const ID: &str = "role-trust-weak-session-tags";
    const BY_TAG: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"s3:ExistingObjectTag/team":"${aws:PrincipalTag/Team}"}}}]}"#;
    const PLAIN: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

    fn statement(principal: &str, actions: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":{actions},"Condition":{{{condition}}}}}"#)
    }

    fn tagging(condition: &str) -> String {
        statement(r#"{"AWS":"210987654321"}"#, r#"["sts:AssumeRole","sts:TagSession"]"#, condition)
    }

    fn outcome(statements: &str, policy: &str) -> Outcome {
        let trust = trust_policy(statements);
        let account = Account::new().role("shared", |role| role.trust(&trust).inline("data", policy));
        let [outcome] = outcomes(ID, account).try_into().expect("one finding");
        outcome
    }

    #[test]
    fn pass() {
        assert_eq!(outcome(&tagging(r#""StringEquals":{"aws:RequestTag/team":["web","data"]}"#), BY_TAG), Pass);
        assert_eq!(
            outcome(&tagging(r#""StringEquals":{"aws:RequestTag/Team":"${aws:PrincipalTag/Team}"}"#), BY_TAG),
            Pass
        );
        assert_eq!(outcome(&tagging(r#""ForAllValues:StringEquals":{"aws:TagKeys":["project"]}"#), BY_TAG), Pass);
    }

    #[test]
    fn fail() {
        assert_eq!(outcome(&tagging(""), BY_TAG), Fail);
        assert_eq!(outcome(&tagging(r#""StringLike":{"aws:RequestTag/team":"*"}"#), BY_TAG), Fail);
        assert_eq!(outcome(&tagging(r#""ForAllValues:StringEquals":{"aws:TagKeys":["team"]}"#), BY_TAG), Fail);
        assert_eq!(outcome(&tagging(r#""StringEquals":{"aws:RequestTag/project":"x"}"#), BY_TAG), Fail, "another tag");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcome(&tagging(""), "{"), NotEvaluated);
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"sts:TagSession","Condition":{"Null":{"aws:RequestTag/team":"false"}}}"#;
        assert_eq!(outcome(&format!("{},{deny}", tagging("")), BY_TAG), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        let plain = statement(r#"{"AWS":"210987654321"}"#, r#""sts:AssumeRole""#, "");
        assert_eq!(outcome(&plain, BY_TAG), NotApplicable);
        assert_eq!(outcome(&tagging(""), PLAIN), NotApplicable);
    }

    #[test]
    fn trap_the_condition_key_decides_as_well_as_the_variable() {
        let by_key = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/level":"high"}}}]}"#;
        assert_eq!(outcome(&tagging(""), by_key), Fail);
        let by_resource = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::data/${aws:PrincipalTag/team}/*"}]}"#;
        assert_eq!(outcome(&tagging(""), by_resource), Fail);
    }

    #[test]
    fn trap_tags_of_an_identity_provider_are_its_word() {
        let provider = r#"{"Federated":"arn:aws:iam::123456789012:saml-provider/house"}"#;
        let federated = statement(provider, r#"["sts:AssumeRoleWithSAML","sts:TagSession"]"#, "");
        assert_eq!(outcome(&federated, BY_TAG), NotApplicable);
    }

    #[test]
    fn trap_the_right_to_tag_may_stand_in_a_statement_of_its_own() {
        let assume = statement(r#"{"AWS":"210987654321"}"#, r#""sts:AssumeRole""#, "");
        let tag = statement(r#"{"AWS":"210987654321"}"#, r#""sts:TagSession""#, "");
        assert_eq!(outcome(&format!("{assume},{tag}"), BY_TAG), Fail);
    }
}
