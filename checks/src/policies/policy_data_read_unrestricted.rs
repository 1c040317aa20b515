//! Who may read data and secrets in bulk may read certain ones.
//!
//! # Why
//! Most breaches end with somebody reading everything: objects, secrets, parameters, tables, the code of functions. A
//! permission to read all of a kind is a permission to carry it out of the account.
//!
//! # Pass
//! No Allow of the policy covers one of the `actions` on every resource, or a condition restricts it.
//!
//! # Fail
//! An Allow covers one of the `actions` on every resource, or all of the account, and somebody who is no administrator has
//! the policy.
//!
//! # Not applicable
//! No Allow of the policy covers one of the `actions`; everybody who has the policy is an administrator anyhow, which
//! other checks report; nobody has the policy; or it is AWS's `ReadOnlyAccess`, and everybody who has it is on the list
//! `audit_principals`.
//!
//! # Notes
//! An administrator is who has a policy that allows everything. AWS managed policies count: `ReadOnlyAccess` reads every
//! object of S3. `ViewOnlyAccess` and `SecurityAudit` read no data, and are what an auditor needs.
//!
//! `ecr:GetAuthorizationToken` works with every resource only. It counts where the policy also lets one pull from every
//! repository. A condition that takes any value restricts nothing; any other one restricts. What other statements deny is
//! not considered, nor are permissions boundaries, service and resource control policies or session policies.
//!
//! # Fix
//! Name the buckets, secrets, parameters and tables by ARN, or demand a tag of theirs.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    AccountId, Arn, Automation, Family, Findings, Meta, Parameters, Partition, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::{Document, Effect, Pattern, Statement};

use crate::conditions;
use crate::statements::{self, Flaw, NOT_CONSIDERED, Place, Policy, Reach};

const ACTIONS: ListParameter = ListParameter {
    name: "actions",
    default: &[
        "s3:GetObject",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "dynamodb:Scan",
        "rds-data:ExecuteStatement",
        "lambda:GetFunction",
        "ecr:GetAuthorizationToken",
    ],
    choices: &[],
    unit: Unit::Actions,
    source: "our own choice: actions that hand out content rather than descriptions",
};

const AUDIT_PRINCIPALS: ListParameter = ListParameter {
    name: "audit_principals",
    default: &[],
    choices: &[],
    unit: Unit::Globs,
    source: "the organization's choice: names or ARNs of those who are meant to read everything",
};

/// Needs every resource by its nature, and gives nothing without one of those that pull.
const ECR_TOKEN: &str = "ecr:GetAuthorizationToken";
const ECR_PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-data-read-unrestricted",
        family: Family::Policies,
        title: "Bulk data and secret reads are scoped",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::PolicyStatement,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ACTIONS), ParameterSpec::List(AUDIT_PRINCIPALS)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let policies = statements::policies(details);
        let administrators = statements::administrators(&policies, details, out.partition());
        let asked = Asked {
            actions: parameters.list(&ACTIONS),
            auditors: parameters.list(&AUDIT_PRINCIPALS),
            administrators,
            home: (out.partition(), out.account()),
        };
        for policy in &policies {
            judge(policy, &asked, out);
        }
    }
}

/// What all policies are judged by.
struct Asked<'s> {
    actions: Vec<&'s str>,
    auditors: Vec<&'s str>,
    administrators: BTreeSet<&'s Arn>,
    home: (&'s Partition, &'s AccountId),
}

fn judge(policy: &Policy<'_>, asked: &Asked<'_>, out: &mut Findings<'_>) {
    let subject = policy.subject(out).noted("not_considered", NOT_CONSIDERED);
    let document = match &policy.document {
        Ok(document) => document,
        Err(reason) => return subject.unclear(reason),
    };
    let covers = |(_, statement): &(usize, &Statement)| {
        statement.effect == Effect::Allow && asked.actions.iter().any(|action| statement.actions.cover(action))
    };
    let grants: Vec<_> = statements::numbered(document).filter(covers).collect();
    if grants.is_empty() {
        return subject.not_applicable("no statement allows one of the actions that are judged");
    }
    if !policy.is_attached() {
        return subject.not_applicable("nobody has the policy");
    }
    if policy.allows_everything(asked.home.0) || policy.is_held_by_all_of(&asked.administrators) {
        return subject.not_applicable("everybody who has the policy is an administrator anyhow");
    }
    if policy.place == Place::AwsManaged && policy.arn.name() == "ReadOnlyAccess" && asked.has_only_auditors(policy) {
        return subject
            .not_applicable("everybody who has the policy is on the list of those who are meant to read all");
    }
    let flaw = |(number, statement)| Some((number, statement, asked.flaw(statement, document)?));
    let flaws: Vec<_> = grants.into_iter().filter_map(flaw).collect();
    statements::conclude(subject, &flaws, "what may be read is limited");
}

impl Asked<'_> {
    fn has_only_auditors(&self, policy: &Policy<'_>) -> bool {
        let is_listed = |holder: &Arn| {
            self.auditors.iter().map(|glob| Pattern::new(*glob)).any(|glob| {
                glob.matches(holder.name()) || (glob.text().starts_with("arn:") && glob.matches(holder.as_str()))
            })
        };
        !policy.holders.is_empty() && policy.holders.iter().all(is_listed)
    }

    fn flaw(&self, statement: &Statement, document: &Document) -> Option<Flaw> {
        let variables = statements::has_variables(document);
        if statement.conditions.iter().any(|condition| conditions::restricts(condition, variables)) {
            return None;
        }
        let wide = |action: &&str| {
            statement.actions.cover(action)
                && self.is_on_everything(action, statement, document)
                && (!action.eq_ignore_ascii_case(ECR_TOKEN) || self.pulls_everything(document))
        };
        let actions: Vec<&str> = self.actions.iter().copied().filter(wide).collect();
        let message = format!("allows {} on every resource", actions.join(", "));
        (!actions.is_empty()).then_some(Flaw { severity: Severity::Medium, message })
    }

    /// Whether a statement speaks of every resource of the action's service, or all of those of the account.
    fn is_on_everything(&self, action: &str, statement: &Statement, document: &Document) -> bool {
        let (partition, account) = self.home;
        let service = action.split_once(':').map_or(action, |(service, _)| service);
        // Objects of S3 have neither a Region nor an account in their ARN.
        let place = if service == "s3" { ":".into() } else { format!("*:{account}") };
        let arn = format!("arn:{partition}:{service}:{place}:{}", kind_of_resource(action));
        statements::reach(statement, document, &arn) >= Reach::AllBut
    }

    /// Whether some statement lets one pull images from every repository.
    fn pulls_everything(&self, document: &Document) -> bool {
        document.statements.iter().any(|statement| {
            statement.effect == Effect::Allow
                && ECR_PULL
                    .iter()
                    .any(|action| statement.actions.cover(action) && self.is_on_everything(action, statement, document))
        })
    }
}

/// The resource part of the ARNs that an action of the default list reads from; anything for another action.
fn kind_of_resource(action: &str) -> &'static str {
    match action {
        "s3:GetObject" => "*/*",
        "secretsmanager:GetSecretValue" => "secret:*",
        "ssm:GetParameter" | "ssm:GetParameters" | "ssm:GetParametersByPath" => "parameter/*",
        "dynamodb:Scan" => "table/*",
        "rds-data:ExecuteStatement" => "cluster:*",
        "lambda:GetFunction" => "function:*",
        "ecr:BatchGetImage" | "ecr:GetDownloadUrlForLayer" => "repository/*",
        _ => "*",
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "policy-data-read-unrestricted";
    const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    const READ_ONLY: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","iam:Get*"],"Resource":"*"}]}"#;

    fn statement(action: &str, resource: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":{action},"Resource":"{resource}","Condition":{{{condition}}}}}"#)
    }

    fn document(statements: &[String]) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
    }

    fn with(action: &str, resource: &str, condition: &str) -> Vec<Outcome> {
        let action = format!(r#""{action}""#);
        let account =
            Account::new().policy("own", &document(&[statement(&action, resource, condition)]), |policy| policy);
        outcomes(ID, account)
    }

    #[test]
    fn pass() {
        for (action, resource) in [
            ("s3:GetObject", "arn:aws:s3:::bucket/*"),
            ("s3:*", "arn:aws:s3:::app-*"),
            ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:123456789012:secret:app/*"),
            ("ssm:GetParameter", "arn:aws:ssm:*:123456789012:parameter/app/*"),
        ] {
            assert_eq!(with(action, resource, ""), [Pass], "{action} {resource}");
        }
    }

    #[test]
    fn fail() {
        for (action, resource) in [
            ("s3:GetObject", "*"),
            ("s3:Get*", "arn:aws:s3:::*"),
            ("S3:getobject", "arn:aws:s3:::*/*"),
            ("secretsmanager:*", "arn:aws:secretsmanager:*:123456789012:secret:*"),
            ("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/*"),
            ("ssm:GetParameter*", "arn:aws:ssm:*:123456789012:*"),
            ("dynamodb:Scan", "arn:aws:dynamodb:*:*:table/*"),
            ("rds-data:ExecuteStatement", "*"),
            ("lambda:GetFunction", "arn:aws:lambda:*:123456789012:function:*"),
        ] {
            assert_eq!(with(action, resource, ""), [Fail], "{action} {resource}");
        }
        let inverted = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::a/*"}}"#;
        assert_eq!(outcomes(ID, Account::new().policy("own", inverted, |policy| policy)), [Fail]);
    }

    #[test]
    fn a_condition_restricts_unless_it_takes_anything() {
        assert_eq!(with("s3:GetObject", "*", r#""StringEquals":{"aws:ResourceTag/team":"red"}"#), [Pass]);
        assert_eq!(with("s3:GetObject", "*", r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#), [Pass]);
        assert_eq!(with("s3:GetObject", "*", r#""StringLike":{"aws:ResourceAccount":"*"}"#), [Fail]);
    }

    #[test]
    fn the_actions_can_be_set() {
        let account =
            Account::new().policy("own", &document(&[statement(r#""sqs:Receive*""#, "*", "")]), |policy| policy);
        assert_eq!(outcomes(ID, account.clone()), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("actions", "sqs:ReceiveMessage")], account), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(with("s3:List*", "*", ""), [NotApplicable]);
        let read = document(&[statement(r#""s3:*""#, "*", "")]);
        let unattached = Account::new().policy("own", &read, |policy| policy.attached_to(0));
        assert_eq!(outcomes(ID, unattached), [NotApplicable]);
        let admin = Account::new().role("admin", |role| role.inline("all", ADMIN).inline("read", &read));
        assert_eq!(outcomes(ID, admin), [NotApplicable, NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("own", "{", |policy| policy)), [NotEvaluated]);
        let unlisted = Account::new().role("app", |role| role.attached("Unlisted"));
        assert_eq!(outcomes(ID, unlisted), [NotEvaluated]);
    }

    #[test]
    fn trap_read_only_access_reads_data_unless_it_is_for_auditors() {
        let account = Account::new()
            .aws_policy("ReadOnlyAccess", READ_ONLY)
            .role("auditor", |role| role.attached("ReadOnlyAccess"));
        assert_eq!(outcomes(ID, account.clone()), [Fail]);
        for list in ["auditor", "arn:aws:iam::123456789012:role/aud*"] {
            assert_eq!(outcomes_with(ID, &[("audit_principals", list)], account.clone()), [NotApplicable], "{list}");
        }
        let more = account.role("app", |role| role.attached("ReadOnlyAccess"));
        assert_eq!(outcomes_with(ID, &[("audit_principals", "auditor")], more), [Fail]);
        let security = document(&[statement(r#"["s3:GetBucket*","iam:Get*"]"#, "*", "")]);
        let audit = Account::new()
            .aws_policy("SecurityAudit", &security)
            .role("auditor", |role| role.attached("SecurityAudit"));
        assert_eq!(outcomes(ID, audit), [NotApplicable]);
    }

    #[test]
    fn trap_the_token_of_the_registry_counts_only_with_a_broad_pull() {
        let token = statement(r#""ecr:GetAuthorizationToken""#, "*", "");
        let pull = |resource: &str| statement(r#"["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]"#, resource, "");
        let with =
            |statements: &[String]| outcomes(ID, Account::new().policy("own", &document(statements), |policy| policy));
        assert_eq!(with(core::slice::from_ref(&token)), [Pass]);
        assert_eq!(with(&[token.clone(), pull("arn:aws:ecr:*:123456789012:repository/app")]), [Pass]);
        assert_eq!(with(&[token, pull("*")]), [Fail]);
    }
}
