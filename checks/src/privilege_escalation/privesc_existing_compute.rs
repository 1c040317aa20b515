//! Nobody who is no administrator may put code into, or enter, what already runs with a stronger role.
//!
//! # Why
//! A function, an instance or a build that runs with an administrator's role hands that role to whoever may change its code
//! or open a shell on it.
//!
//! # Pass
//! The user or role has no way to an administrator that begins with one of the `actions`.
//!
//! # Fail
//! It has one that is open for sure.
//!
//! # Not applicable
//! Administrators, and roles that AWS made for its services. Everybody, where no stronger role trusts such a service.
//!
//! # Notes
//! Which Lambda functions and EC2 instances run with a role is read, and a way through them is open for sure where one runs
//! with the stronger role, closed where none does. Whether an instance can be reached, or is managed by Systems
//! Manager, is not. What else runs is not read either, as are Regions that were left out: where a stronger role trusts
//! the service and the actions are allowed, it is possible and not proven that something runs with that role. The finding is
//! then rated one level lower and is not evaluated. It names the method and the role to look for.
//!
//! All policies of the user or role are considered, those of its groups, its permissions boundary and the policies of the
//! organization.
//!
//! # Fix
//! Take administrators' roles away from what runs. Allow these actions by ARN or by tag on the caller's own workloads.

use probity_access::{Method, Principal};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::escalation::{self, Class, Found, Ways};

const ACTIONS: ListParameter = ListParameter {
    name: "actions",
    default: &[
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "ssm:SendCommand",
        "ssm:StartSession",
        "ec2-instance-connect:SendSSHPublicKey",
        "ec2:ModifyInstanceAttribute",
        "ec2:ModifyLaunchTemplate",
        "autoscaling:CreateAutoScalingGroup",
        "ecs:ExecuteCommand",
        "codebuild:StartBuild",
        "codebuild:StartBuildBatch",
        "codedeploy:CreateDeployment",
        "cloudformation:UpdateStack",
        "cloudformation:ExecuteChangeSet",
        "glue:UpdateJob",
        "glue:UpdateDevEndpoint",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:UpdateNotebookInstance",
        "apprunner:UpdateService",
        "batch:SubmitJob",
        "states:UpdateStateMachine",
        "bedrock-agentcore:InvokeCodeInterpreter",
        "bedrock-agentcore:InvokeAgentRuntimeCommand",
        "bedrock-agentcore:ConnectBrowserAutomationStream",
    ],
    choices: &[],
    unit: Unit::Actions,
    source: "pathfinding.cloud, the ways through what already runs with a role",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "privesc-existing-compute",
        family: Family::PrivilegeEscalation,
        title: "No non-admin can inject code into compute that runs a stronger role",
        severity: Severity::High,
        scope: Scope::Region,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ACTIONS)],
    };
    type Facts<'s> = Inferred<'s, Ways>;

    fn run(Inferred(ways): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let access = ways.access();
        let actions = parameters.list(&ACTIONS);
        let belongs = |method: &Method| {
            let is_listed = |need: &str| actions.iter().any(|action| action.eq_ignore_ascii_case(need));
            is_through_what_runs(method) && method.needs.iter().any(|need| is_listed(need))
        };
        let does = "use what already runs with a stronger role";
        let class = Class { belongs: &belongs, does, unproven: Some(Severity::Medium) };
        let is_trusted = ways.is_service_trusted(access, &class);
        let nothing = |_: &Principal| -> Option<Found> { None };
        for candidate in ways.candidates(access, out) {
            if is_trusted {
                escalation::judge(access, ways, &candidate, &class, &nothing, out);
            } else {
                let subject = out.resource(candidate.principal.arn().clone());
                subject.not_applicable("no stronger role trusts a service that runs code");
            }
        }
    }
}

fn is_through_what_runs(method: &Method) -> bool {
    !method.services.is_empty() && !method.needs.iter().any(|need| need == "iam:PassRole")
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_access::Method;
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Severity, Topic};

    use super::{ACTIONS, is_through_what_runs};
    use crate::escalation::testing::{ADMIN, allow, boss, finding, of, statement, with_boundary};
    use crate::testing::{allowing, outcomes, trust_policy};

    const ID: &str = "privesc-existing-compute";

    /// Which function has the role, is not known.
    fn with_function_role() -> Account {
        known().deny(Topic::Compute)
    }

    fn known() -> Account {
        let trust = trust_policy(&allowing(r#"{"Service":"lambda.amazonaws.com"}"#, ""));
        boss().role("deploy", |role| role.inline("all", ADMIN).trust(&trust))
    }

    fn anna(document: &str) -> Account {
        with_function_role().user("anna", |user| user.inline("own", document))
    }

    #[test]
    fn pass() {
        assert_eq!(of(ID, anna(&allow("lambda:List*", "*")), "user/anna"), Pass);
        assert_eq!(of(ID, anna(&allow("codebuild:StartBuild", "*")), "user/anna"), Pass, "no role trusts CodeBuild");
    }

    #[test]
    fn fail() {
        let anna = |account: Account| {
            account.user("anna", |user| user.inline("own", &allow("lambda:UpdateFunctionCode", "*")))
        };
        let found = finding(ID, anna(known().function("f", "deploy", |it| it)), "user/anna");
        assert_eq!((found.outcome, found.severity), (Fail, Severity::High), "{}", found.message);
        assert_eq!(of(ID, anna(known().function("f", "other", |it| it)), "user/anna"), Pass, "none has the role");
        assert_eq!(of(ID, anna(known().deny_compute("us-east-1")), "user/anna"), NotEvaluated, "a Region was left out");
    }

    #[test]
    fn every_way_through_what_runs_is_on_the_list() {
        for method in Method::all().iter().filter(|method| is_through_what_runs(method)) {
            assert!(method.needs.iter().any(|need| ACTIONS.default.contains(&need.as_str())), "{}", method.id);
        }
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna(ADMIN).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let both = statement("Allow", r#"["iam:PutUserPolicy","lambda:UpdateFunctionCode"]"#, "*", "");
        assert_eq!(of(ID, anna(&both), "user/anna"), NotEvaluated, "the surer way begins with something else");
    }

    #[test]
    fn not_applicable() {
        let account = boss().role("weak", |role| role);
        let account = account.user("anna", |user| user.inline("own", &allow("ssm:StartSession", "*")));
        assert_eq!(of(ID, account, "user/anna"), NotApplicable);
    }

    #[test]
    fn trap_effective_permissions_count() {
        let allowed = allow("lambda:UpdateFunctionCode", "*");
        let deny = statement("Deny", r#""lambda:Update*""#, "*", "");
        let denied = anna(&allowed)
            .user("bob", |user| user.inline("own", &allowed).group("safe"))
            .group("safe", |group| group.inline("deny", &deny));
        assert_eq!(of(ID, denied, "user/bob"), Pass);
        assert_eq!(of(ID, with_boundary(with_function_role(), &allow("s3:*", "*"), &allowed), "user/anna"), Pass);
    }

    #[test]
    fn trap_administrators_are_reported_elsewhere() {
        assert_eq!(of(ID, anna(ADMIN), "user/anna"), NotApplicable);
    }

    #[test]
    fn trap_without_evidence_of_compute_it_is_possible_and_not_proven() {
        let found = finding(ID, anna(&allow("lambda:UpdateFunctionCode", "*")), "user/anna");
        assert_eq!((found.outcome, found.severity), (NotEvaluated, Severity::Medium));
        assert!(found.message.contains("whether a function has the role"), "{}", found.message);
        let evidence = format!("{:?}", found.evidence);
        assert!(evidence.contains("lambda-code") && evidence.contains("role/deploy"), "{evidence}");
    }
}
