//! Trust in a service is tied to an account or a resource of yours.
//!
//! # Why
//! A service acts for all its customers under one name. Where a role trusts the name alone, another customer who gives
//! the ARN of your role may have the service act on your account: the confused deputy.
//!
//! # Pass
//! For every service of `supports_source_context`, the statement demands `aws:SourceAccount`, `aws:SourceArn` with its
//! account, `aws:SourceOrgID` or `aws:SourceOrgPaths`, written out.
//!
//! # Fail
//! There is no such demand; or it has a wildcard in place of the account, or also holds where the key is absent
//! (`…IfExists`, `ForAllValues:…`, `Null`).
//!
//! # Not applicable
//! Roles that trust no service of `supports_source_context`; service-linked roles and those of IAM Identity Center.
//!
//! # Notes
//! No public list says which services send these keys, and with one that does not, the condition keeps the service
//! itself out. So only listed services are judged. The list is a beginning: change `supports_source_context` as you
//! learn, and try a condition on a role that can fail.
//!
//! The ARN of an S3 bucket names no account: demand `aws:SourceAccount` as well.
//!
//! # Fix
//! Add `StringEquals` on `aws:SourceAccount`, and `ArnLike` on `aws:SourceArn` where the resource is known.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Role;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, Region, ResourceKind, Rule, Scope, Severity};

use crate::trust::{self, Opening, Party, Trust};

const SUPPORTS_SOURCE_CONTEXT: ListParameter = ListParameter {
    name: "supports_source_context",
    default: &[
        "cloudtrail",
        "config",
        "events",
        "scheduler",
        "states",
        "sns",
        "s3",
        "backup",
        "bedrock",
        "glue",
        "sagemaker",
        "codebuild",
        "codepipeline",
        "ssm",
        "iot",
        "apigateway",
        "logs",
        "delivery.logs",
        "firehose",
        "kinesisanalytics",
    ],
    choices: &[],
    unit: Unit::Names,
    source: "our guess from the services' own guides; no official list exists",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-trust-confused-deputy",
        family: Family::RolesAndTrust,
        title: "Service trust is tied to your own account or resource",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(SUPPORTS_SOURCE_CONTEXT)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let listed = parameters.list(&SUPPORTS_SOURCE_CONTEXT);
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, &listed, out);
            }
        }
    }
}

fn judge(role: &Role, trust: &Trust<'_>, listed: &[&str], out: &mut Findings<'_>) {
    let subject = trust::subject(role, out);
    let openings = trust.openings();
    let concerned: Vec<_> = openings
        .iter()
        .map(|opening| (opening, services(opening, listed)))
        .filter(|(_, services)| !services.is_empty())
        .collect();
    let is_tied = |opening: &Opening<'_>| {
        let demands = opening.demands();
        demands.iter().any(|demand| demand.key.starts_with("aws:source") && demand.pin().is_some())
    };
    if let Some((opening, services)) = concerned.iter().find(|(opening, _)| !is_tied(opening)) {
        return subject.fail(format!(
            "{} lets in {} for whichever customer asks it to: no condition demands the account or resource it acts for",
            opening.name(),
            services.join(", ")
        ));
    }
    if concerned.is_empty() {
        subject.not_applicable("the trust policy lets in no service that is known to say for whom it acts")
    } else {
        subject.pass("every service that is known to say for whom it acts must do so")
    }
}

/// The listed services that a statement lets in.
fn services<'t>(opening: &Opening<'t>, listed: &[&str]) -> Vec<&'t str> {
    let parties = opening.parties();
    let names = parties.iter().filter_map(|party| match party {
        Party::Service(name) if listed.contains(&short(name)) => Some(*name),
        _ => None,
    });
    names.collect()
}

/// The name of a service without its domain and without a Region: `states` for `states.us-east-1.amazonaws.com`.
fn short(name: &str) -> &str {
    let domains = [".amazonaws.com", ".amazonaws.com.cn"];
    let name = domains.iter().find_map(|domain| name.strip_suffix(domain)).unwrap_or(name);
    match name.rsplit_once('.') {
        Some((service, last)) if Region::try_from(last).is_ok() => service,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Outcome, Topic};

    use crate::testing::{allowing, findings, outcomes, outcomes_with, role_mut, trusting};

    const ID: &str = "role-trust-confused-deputy";
    const CLOUDTRAIL: &str = r#"{"Service":"cloudtrail.amazonaws.com"}"#;

    fn judged(condition: &str) -> Outcome {
        let account = trusting(&allowing(CLOUDTRAIL, condition));
        let [outcome] = outcomes(ID, account).try_into().expect("one finding");
        outcome
    }

    #[test]
    fn pass() {
        for condition in [
            r#""StringEquals":{"aws:SourceAccount":"123456789012"}"#,
            r#""ArnLike":{"AWS:SourceArn":"arn:aws:cloudtrail:*:123456789012:trail/*"}"#,
            r#""StringLike":{"aws:SourceArn":"arn:aws:cloudtrail:eu-west-1:123456789012:trail/*"}"#,
            r#""StringEquals":{"aws:SourceOrgID":"o-exampleorg1"}"#,
            r#""ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-exampleorg1/r-ab12/*"}"#,
        ] {
            assert_eq!(judged(condition), Pass, "{condition}");
        }
    }

    #[test]
    fn fail() {
        let [found] = findings(ID, trusting(&allowing(CLOUDTRAIL, ""))).try_into().expect("one finding");
        assert_eq!(found.outcome, Fail);
        assert_eq!(
            found.message,
            "statement 1 lets in cloudtrail.amazonaws.com for whichever customer asks it to: no condition demands the \
             account or resource it acts for"
        );
    }

    #[test]
    fn a_condition_that_ties_nothing_down_is_none() {
        for condition in [
            r#""StringLike":{"aws:SourceAccount":"*"}"#,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:*:trail/*"}"#,
            r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::bucket"}"#,
            r#""StringLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:123456789012:trail/*"}"#,
            r#""StringEqualsIfExists":{"aws:SourceAccount":"123456789012"}"#,
            r#""ForAllValues:StringEquals":{"aws:SourceAccount":"123456789012"}"#,
            r#""Null":{"aws:SourceAccount":"true"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":"123456789012"}"#,
        ] {
            assert_eq!(judged(condition), Fail, "{condition}");
        }
    }

    #[test]
    fn each_statement_must_be_tied() {
        let tied = allowing(CLOUDTRAIL, r#""StringEquals":{"aws:SourceAccount":"123456789012"}"#);
        let both = format!("{tied},{}", allowing(r#"{"Service":"sns.amazonaws.com"}"#, ""));
        assert_eq!(outcomes(ID, trusting(&both)), [Fail]);
    }

    #[test]
    fn a_service_has_a_name_in_every_region_and_partition() {
        for name in
            ["states.us-east-1.amazonaws.com", "states.cn-north-1.amazonaws.com.cn", "delivery.logs.amazonaws.com"]
        {
            let account = trusting(&allowing(&format!(r#"{{"Service":"{name}"}}"#), ""));
            assert_eq!(outcomes(ID, account), [Fail], "{name}");
        }
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"AWS":"123456789012"}"#, ""))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().role("x", |role| role.trust("no policy"))), [NotEvaluated]);
    }

    #[test]
    fn trap_services_that_never_send_the_keys_are_not_judged() {
        for service in ["ec2", "lambda", "ecs-tasks"] {
            let account = trusting(&allowing(&format!(r#"{{"Service":"{service}.amazonaws.com"}}"#), ""));
            assert_eq!(outcomes(ID, account), [NotApplicable], "{service}");
        }
    }

    #[test]
    fn trap_no_public_list_exists_so_it_can_be_changed() {
        let ec2 = trusting(&allowing(r#"{"Service":"ec2.amazonaws.com"}"#, ""));
        assert_eq!(outcomes_with(ID, &[("supports_source_context", "ec2")], ec2), [Fail]);
        let cloudtrail = trusting(&allowing(CLOUDTRAIL, ""));
        assert_eq!(outcomes_with(ID, &[("supports_source_context", "ec2")], cloudtrail), [NotApplicable]);
    }

    #[test]
    fn trap_a_service_nobody_knows_never_fails() {
        let account = trusting(&allowing(r#"{"Service":"brand-new.amazonaws.com"}"#, ""));
        assert_eq!(outcomes(ID, account), [NotApplicable]);
    }

    #[test]
    fn trap_roles_that_aws_keeps_are_left_alone() {
        for path in ["/aws-service-role/cloudtrail.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"] {
            let account = trusting(&allowing(CLOUDTRAIL, "")).edit(|snapshot| role_mut(snapshot).path = path.into());
            assert_eq!(outcomes(ID, account), [NotApplicable], "{path}");
        }
    }
}
