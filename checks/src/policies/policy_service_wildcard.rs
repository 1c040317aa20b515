//! No policy of the account allows a whole service on every resource.
//!
//! # Why
//! Nobody needs every action of a service. What is allowed beyond need is what an attacker uses, and it grows by itself
//! with each action that AWS adds.
//!
//! # Pass
//! No statement of the policy allows every action of a service, or all of those that write, on every resource or all of
//! those of the account.
//!
//! # Fail
//! A statement does. It is rated high for the services on the list `sensitive_services`, with which somebody reaches
//! other permissions, secrets or much data.
//!
//! # Not applicable
//! A policy that serves as permissions boundary only, which grants nothing. AWS managed policies are not judged.
//!
//! # Notes
//! This is a verdict on statements, and not on what anybody can do in the end: neither what other statements deny nor
//! permissions boundaries, service and resource control policies or session policies are considered.
//!
//! Prefixes such as `Describe*` and `List*` are no whole service: many actions that read take no resource but `*`. A
//! condition counts only where it says something of what is asked for, such as a tag of the resource. One on who asks or
//! from where, such as `aws:SourceVpce`, leaves the whole service to whoever meets it.
//!
//! Whether a wildcard takes all the actions that write is tried out on a sample of verbs. `NotAction` allows each service
//! that it does not name as a whole, and fails here as well as in the check of inverted elements. A policy that allows
//! everything also fails the check of administrator policies.
//!
//! # Fix
//! Find out which actions are used, list those, and name the resources by ARN.
//!
//! # Command
//! ```sh
//! aws iam generate-service-last-accessed-details --arn ROLE_ARN --granularity ACTION_LEVEL
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    AccountId, Automation, Family, Findings, Meta, Parameters, Partition, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::{Actions, Document, Effect, Pattern, Statement};

use crate::conditions;
use crate::statements::{self, Flaw, NOT_CONSIDERED, Place, Policy, Reach};

const SENSITIVE_SERVICES: ListParameter = ListParameter {
    name: "sensitive_services",
    default: &[
        "iam",
        "sts",
        "organizations",
        "sso",
        "kms",
        "secretsmanager",
        "ssm",
        "s3",
        "lambda",
        "ec2",
        "cloudformation",
    ],
    choices: &[],
    unit: Unit::Names,
    source: "our own choice: with these services somebody reaches other permissions, secrets or much data",
};

/// A service that no policy names, so that it is covered only by what covers nearly all of them.
const ANY_SERVICE: &str = "any-service";

/// Verbs with which the names of actions that write begin.
const VERBS: [&str; 8] = ["Create", "Delete", "Put", "Update", "Tag", "Start", "Attach", "Modify"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-service-wildcard",
        family: Family::Policies,
        title: "Policies do not grant a whole service on every resource",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Policy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(SENSITIVE_SERVICES)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let sensitive = parameters.list(&SENSITIVE_SERVICES);
        for policy in statements::policies(details).iter().filter(|policy| policy.place != Place::AwsManaged) {
            judge(policy, &sensitive, out);
        }
    }
}

fn judge(policy: &Policy<'_>, sensitive: &[&str], out: &mut Findings<'_>) {
    let home = (out.partition(), out.account());
    let subject = policy.subject(out).noted("not_considered", NOT_CONSIDERED);
    if policy.is_only_boundary() {
        return subject.not_applicable("the policy serves as permissions boundary only, and grants nothing");
    }
    let document = match &policy.document {
        Ok(document) => document,
        Err(reason) => return subject.unclear(reason),
    };
    let flaw = |(number, statement)| Some((number, statement, flaw(statement, document, sensitive, home)?));
    let flaws: Vec<_> = statements::numbered(document).filter_map(flaw).collect();
    statements::conclude(subject, &flaws, "no statement allows a whole service on every resource");
}

fn flaw(
    statement: &Statement,
    document: &Document,
    sensitive: &[&str],
    (partition, account): (&Partition, &AccountId),
) -> Option<Flaw> {
    let variables = statements::has_variables(document);
    let restricts =
        |condition| conditions::restricts(condition, variables) && !conditions::is_about_the_caller(&condition.key);
    if statement.effect != Effect::Allow || statement.conditions.iter().any(restricts) {
        return None;
    }
    // ARNs of S3 have no account, those of IAM no Region.
    let unlimited = |service: &str| {
        let places = ["*:*".into(), format!("*:{account}"), format!(":{account}"), ":".into()];
        places.into_iter().any(|place: String| {
            let arn = format!("arn:{partition}:{service}:{place}:*");
            statements::reach(statement, document, &arn) >= Reach::AllBut
        })
    };
    let named: BTreeSet<String> = match &statement.actions {
        Actions::Only(patterns) => patterns.iter().map(service).collect(),
        Actions::AllBut(_) => sensitive.iter().map(|name| (*name).into()).chain([ANY_SERVICE.into()]).collect(),
    };
    let whole = named.iter().map(String::as_str).filter(|service| is_whole(service, &statement.actions));
    let services: Vec<&str> = whole.filter(|service| unlimited(service)).collect();
    let is_sensitive = |service: &&str| sensitive.iter().any(|name| Pattern::new(*service).matches_ignoring_case(name));
    let severity = if services.iter().any(is_sensitive) { Severity::High } else { Severity::Low };
    let names = match &statement.actions {
        Actions::AllBut(_) if services.contains(&ANY_SERVICE) => "every service but those in NotAction".into(),
        _ => services.join(", "),
    };
    let message = format!("allows every action of {names} on every resource");
    (!services.is_empty()).then_some(Flaw { severity, message })
}

/// The service part of a pattern, in lower case.
fn service(pattern: &Pattern) -> String {
    let text = pattern.text().to_ascii_lowercase();
    text.split_once(':').map_or_else(|| text.clone(), |(service, _)| service.into())
}

/// Whether every action of the service is covered, or one that begins with each of the verbs, whatever follows.
fn is_whole(service: &str, actions: &Actions) -> bool {
    let covers = |name: &str| actions.cover(&format!("{service}:{name}"));
    VERBS.iter().all(|verb| covers(&format!("{verb}Zqx")) && covers(&format!("{verb}Xqz")))
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Severity, Topic};

    use crate::testing::{findings, findings_with, outcomes};

    const ID: &str = "policy-service-wildcard";

    fn statement(action: &str, resource: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":{action},"Resource":{resource},"Condition":{{{condition}}}}}"#)
    }

    fn with(statements: &str) -> Account {
        Account::new()
            .policy("own", &format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#), |policy| policy)
    }

    fn the_finding(action: &str, resource: &str, condition: &str) -> Finding {
        let [finding] = findings(ID, with(&statement(action, resource, condition))).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(the_finding(r#""sqs:*""#, r#""arn:aws:sqs:*:123456789012:q""#, "").outcome, Pass);
        assert_eq!(the_finding(r#"["sqs:SendMessage","sqs:Delete*"]"#, r#""*""#, "").outcome, Pass);
        let denied = r#"{"Effect":"Deny","Action":"sqs:*","Resource":"*"}"#;
        assert_eq!(outcomes(ID, with(denied)), [Pass]);
    }

    #[test]
    fn fail() {
        let finding = the_finding(r#""sqs:*""#, r#""*""#, "");
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::Low));
        assert_eq!(finding.message, "statement 1 allows every action of sqs on every resource");
    }

    #[test]
    fn every_spelling_counts() {
        for action in [r#""SQS:*""#, r#""sqs:?*""#, r#"["sqs:Get*","sqs:**"]"#, r#""sq*:*""#] {
            assert_eq!(the_finding(action, r#""*""#, "").outcome, Fail, "{action}");
        }
        for resource in [
            r#""arn:aws:sqs:*:*:*""#,
            r#""arn:aws:sqs:*""#,
            r#"["arn:aws:s3:::a","*"]"#,
            r#""arn:aws:sqs:*:123456789012:*""#,
        ] {
            assert_eq!(the_finding(r#""sqs:*""#, resource, "").outcome, Fail, "{resource}");
        }
        assert_eq!(the_finding(r#""s3:*""#, r#""arn:aws:s3:::*""#, "").outcome, Fail);
        assert_eq!(the_finding(r#""iam:*""#, r#""arn:aws:iam::123456789012:*""#, "").outcome, Fail);
        let inverted = r#"{"Effect":"Allow","Action":"sqs:*","NotResource":"arn:aws:sqs:*:*:one"}"#;
        assert_eq!(outcomes(ID, with(inverted)), [Fail]);
    }

    #[test]
    fn all_that_writes_is_the_whole_service() {
        let verbs = r#"["sqs:C*","sqs:D*","sqs:P*","sqs:U*","sqs:T*","sqs:S*","sqs:A*","sqs:M*"]"#;
        assert_eq!(the_finding(verbs, r#""*""#, "").outcome, Fail);
        assert_eq!(the_finding(r#"["sqs:C*","sqs:D*"]"#, r#""*""#, "").outcome, Pass);
    }

    #[test]
    fn sensitive_services_are_rated_high() {
        for action in [r#""s3:*""#, r#""IAM:*""#, r#"["sqs:*","kms:*"]"#, r#""*""#, r#""ia?:*""#] {
            assert_eq!(the_finding(action, r#""*""#, "").severity, Severity::High, "{action}");
        }
        let set = [("sensitive_services", "sqs")];
        let [finding] = findings_with(ID, &set, with(&statement(r#""sqs:*""#, r#""*""#, ""))).try_into().expect("one");
        assert_eq!(finding.severity, Severity::High);
    }

    #[test]
    fn inline_policies_count() {
        let document = format!(r#"{{"Statement":{}}}"#, statement(r#""sqs:*""#, r#""*""#, ""));
        let [finding] =
            findings(ID, Account::new().role("app", |role| role.inline("own", &document))).try_into().expect("one");
        assert_eq!((finding.outcome, finding.resource.resource(), &*finding.discriminator), (Fail, "role/app", "own"));
    }

    #[test]
    fn not_applicable() {
        let document = format!(r#"{{"Statement":{}}}"#, statement(r#""sqs:*""#, r#""*""#, ""));
        assert_eq!(outcomes(ID, Account::new().aws_policy("AmazonSQSFullAccess", &document)), [NotApplicable]);
        let boundary = Account::new().policy("limit", &document, |policy| policy.attached_to(0).boundary_of(1));
        assert_eq!(outcomes(ID, boundary), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with("").deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("own", "{", |policy| policy)), [NotEvaluated]);
        let unlisted = Account::new().user("anna", |user| user.attached("arn:aws:iam::123456789012:policy/unlisted"));
        assert_eq!(outcomes(ID, unlisted), [NotEvaluated], "somebody has it, and nobody knows what it says");
    }

    #[test]
    fn trap_reading_by_prefix_is_normal() {
        assert_eq!(the_finding(r#"["ec2:Describe*","s3:List*","iam:Get*"]"#, r#""*""#, "").outcome, Pass);
    }

    #[test]
    fn trap_a_pattern_with_a_colon_is_not_yet_a_whole_service() {
        assert_eq!(the_finding(r#"["sqs:*Message","*:Get*"]"#, r#""*""#, "").outcome, Pass);
    }

    #[test]
    fn trap_what_not_action_leaves_out_of_its_list_is_allowed_as_a_whole() {
        let but = |actions: &str, resource: &str| {
            let statement = format!(r#"{{"Effect":"Allow","NotAction":{actions},"Resource":"{resource}"}}"#);
            let [finding] = findings(ID, with(&statement)).try_into().expect("one finding");
            (finding.outcome, finding.severity)
        };
        assert_eq!(but(r#""iam:*""#, "*"), (Fail, Severity::High));
        assert_eq!(but(r#""sqs:*""#, "arn:aws:s3:::*"), (Fail, Severity::High), "s3 as a whole");
        assert_eq!(but(r#""iam:*""#, "arn:aws:s3:::bucket/*").0, Pass);
        assert_eq!(but(r#""*""#, "*").0, Pass, "nothing is left");
    }

    #[test]
    fn trap_inside_an_endpoint_it_is_still_the_whole_service() {
        let finding = |condition: &str| the_finding(r#""s3:*""#, r#""*""#, condition).outcome;
        assert_eq!(finding(r#""StringEquals":{"aws:SourceVpce":"vpce-1"}"#), Fail);
        assert_eq!(finding(r#""StringLike":{"aws:ResourceTag/team":"*"}"#), Fail, "takes any value");
        assert_eq!(finding(r#""StringEquals":{"aws:ResourceTag/team":"red"}"#), Pass);
    }

    #[test]
    fn trap_the_finding_says_which_layers_were_not_considered() {
        let finding = the_finding(r#""sqs:*""#, r#""*""#, "");
        let told = finding.evidence.iter().find(|item| item.key == "not_considered").map(|item| &*item.value);
        assert_eq!(told, Some("Deny statements, permissions boundaries, SCPs, RCPs, session policies"));
    }
}
