//! Nobody who is no administrator may open every key, bucket, queue or image of the account by writing its policy.
//!
//! # Why
//! A policy on a resource lets anybody in, also from other accounts. Whoever may write the policies of all resources can hand
//! out data that it may not read itself.
//!
//! # Pass
//! The user or role may do none of the `actions` on resources in general, at most on certain ones.
//!
//! # Fail
//! It may do one of them on any resource of the service, whatever its name.
//!
//! # Not applicable
//! Administrators, and roles that AWS made for its services.
//!
//! # Notes
//! All policies of the user or role are considered, those of its groups, its permissions boundary and the policies of the
//! organization. The policies of single resources are not read: one of them may still deny. `kms:CreateGrant` counts only
//! where grants for more than AWS services are allowed. Where a condition stands before an action on all resources, such as a
//! tag on the resource, it is not evaluated.
//!
//! # Fix
//! Allow these actions on the caller's own resources, by ARN. Or deny them by a service control policy to everybody but the
//! role of the pipeline.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_access::{Access, Decision, Outcome, Principal};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    Automation, Family, Findings, Inferred, Meta, Parameters, Partition, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::{Context, Effect, Layer, Target};

use crate::escalation::{self, Ways};

const ACTIONS: ListParameter = ListParameter {
    name: "actions",
    default: &[
        "kms:PutKeyPolicy",
        "kms:CreateGrant",
        "s3:PutBucketPolicy",
        "s3:PutBucketAcl",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutAccountPublicAccessBlock",
        "secretsmanager:PutResourcePolicy",
        "lambda:AddPermission",
        "sqs:SetQueueAttributes",
        "sns:SetTopicAttributes",
        "ecr:SetRepositoryPolicy",
        "ec2:ModifySnapshotAttribute",
        "ec2:ModifyImageAttribute",
        "rds:ModifyDBSnapshotAttribute",
        "ram:CreateResourceShare",
    ],
    choices: &[],
    unit: Unit::Actions,
    source: "our own choice: each of them can let other accounts in",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "privesc-resource-policy-write",
        family: Family::PrivilegeEscalation,
        title: "Non-admins cannot open sensitive resources by editing their policies",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ACTIONS)],
    };
    type Facts<'s> = Inferred<'s, Ways>;

    fn run(Inferred(ways): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let access = ways.access();
        let partition = out.partition();
        let asked: Vec<(&str, String)> = parameters
            .list(&ACTIONS)
            .into_iter()
            .map(|action| (action, any_resource(action, access, partition)))
            .collect();
        for candidate in ways.candidates(access, out) {
            judge(access, candidate.principal, &asked, out);
        }
    }
}

fn judge(access: &Access, principal: &Principal, asked: &[(&str, String)], out: &mut Findings<'_>) {
    let context = Context::partial().with("kms:GrantIsForAWSResource", "false");
    let mut allowed: Vec<(&str, Decision)> = Vec::new();
    let mut open: Vec<(&str, Decision)> = Vec::new();
    for (action, arn) in asked.iter().filter(|(action, _)| principal.is_granted(action)) {
        let decision = access.can(principal, action, Target::One(arn), &context);
        match decision.outcome {
            Outcome::Denied => {}
            Outcome::Allowed => allowed.push((action, decision)),
            Outcome::AllowedIf if hangs_on_the_resource_alone(&decision) => {
                if is_granted(&decision) {
                    allowed.push((action, decision));
                }
            }
            Outcome::AllowedIf => open.push((action, decision)),
        }
    }
    let names = |list: &[(&str, Decision)]| list.iter().map(|(action, _)| *action).collect::<Vec<_>>().join(", ");
    let mut subject = out.resource(principal.arn().clone()).evidence("actions_judged", asked.len());
    let mut statements: Vec<String> = allowed
        .iter()
        .chain(&open)
        .flat_map(|(_, decision)| &decision.statements)
        .filter(|one| one.effect == Effect::Allow && one.layer == Layer::Identity)
        .map(escalation::statement)
        .collect();
    statements.sort_unstable();
    statements.dedup();
    for one in &statements {
        subject = subject.evidence("statement", one);
    }
    if !allowed.is_empty() {
        let allowed = names(&allowed);
        return subject.evidence("allowed", &allowed).fail(format!("may do {allowed} on every resource"));
    }
    match open.first() {
        Some((action, decision)) => subject.evidence("open", names(&open)).unclear(format!(
            "whether {action} is allowed on every resource depends on what nobody can say from the policies: {}",
            decision.remaining().join("; ")
        )),
        None => subject.pass("may do none of the actions on every resource"),
    }
}

/// Whether only the policy of the resource, which nobody has read, is open.
fn hangs_on_the_resource_alone(decision: &Decision) -> bool {
    decision.statements.iter().all(|one| one.remaining.is_empty() || one.layer == Layer::Resource)
}

/// Whether its own policies allow it.
fn is_granted(decision: &Decision) -> bool {
    let allows = |one: &&probity_access::StatementUsed| one.layer == Layer::Identity && one.effect == Effect::Allow;
    decision.statements.iter().find(allows).is_some()
}

/// A resource that nobody has: who may do an action on it may do so on any.
fn any_resource(action: &str, access: &Access, partition: &Partition) -> String {
    let service = action.split(':').next().unwrap_or_default();
    let account = access.account();
    let own = |resource: &str| format!("arn:{partition}:{service}:any-region-1:{account}:{resource}");
    match service {
        "s3" if action.contains("Account") => String::from("*"),
        "s3" => format!("arn:{partition}:s3:::probity-any-bucket"),
        "kms" => own("key/00000000-0000-4000-8000-000000000000"),
        "secretsmanager" => own("secret:probity-any-secret"),
        "lambda" => own("function:probity-any-function"),
        "ecr" => own("repository/probity-any-repository"),
        "ec2" if action.contains("Snapshot") => {
            format!("arn:{partition}:ec2:any-region-1::snapshot/snap-00000000000000000")
        }
        "ec2" => format!("arn:{partition}:ec2:any-region-1::image/ami-00000000000000000"),
        "rds" => own("snapshot:probity-any-snapshot"),
        "ram" => own("resource-share/00000000-0000-4000-8000-000000000000"),
        _ => own("probity-any-name"),
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;
    use probity_model::parameter::ListParameter;

    use crate::escalation::testing::{ADMIN, allow, boss, finding, of, statement, with_boundary};
    use crate::testing::outcomes;

    const ID: &str = "privesc-resource-policy-write";
    const ACTIONS: ListParameter = super::ACTIONS;

    fn anna(document: &str) -> Account {
        boss().user("anna", |user| user.inline("own", document))
    }

    #[test]
    fn pass() {
        assert_eq!(of(ID, anna(&allow("s3:GetObject", "*")), "user/anna"), Pass);
        for (action, resource) in [
            ("s3:PutBucketPolicy", "arn:aws:s3:::reports"),
            ("sqs:SetQueueAttributes", "arn:aws:sqs:*:123456789012:reports-*"),
            ("kms:PutKeyPolicy", "arn:aws:kms:us-east-1:123456789012:key/1c2d3e4f-0000-4000-8000-123456789abc"),
        ] {
            assert_eq!(of(ID, anna(&allow(action, resource)), "user/anna"), Pass, "{action}");
        }
    }

    #[test]
    fn fail() {
        for action in ACTIONS.default {
            assert_eq!(of(ID, anna(&allow(action, "*")), "user/anna"), Fail, "{action}");
        }
        let found = finding(ID, anna(&allow("s3:*", "*")), "user/anna");
        assert!(found.message.contains("s3:PutBucketPolicy, s3:PutBucketAcl"), "{}", found.message);
        assert_eq!(of(ID, anna(&allow("s3:Put*", "arn:aws:s3:::*")), "user/anna"), Fail);
        assert_eq!(of(ID, anna(&allow("kms:PutKeyPolicy", "arn:aws:kms:*:*:key/*")), "user/anna"), Fail);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna(ADMIN).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let condition = r#""StringEquals":{"aws:ResourceTag/owner":"anna"}"#;
        for action in [r#""lambda:AddPermission""#, r#""kms:PutKeyPolicy""#] {
            assert_eq!(
                of(ID, anna(&statement("Allow", action, "*", condition)), "user/anna"),
                NotEvaluated,
                "{action}"
            );
        }
        assert_eq!(of(ID, boss().user("anna", |user| user.attached("Unread")), "user/anna"), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(of(ID, anna(ADMIN), "user/anna"), NotApplicable);
    }

    #[test]
    fn trap_grants_for_aws_services_are_normal() {
        let condition = r#""Bool":{"kms:GrantIsForAWSResource":"true"}"#;
        let document = statement("Allow", r#""kms:CreateGrant""#, "*", condition);
        assert_eq!(of(ID, anna(&document), "user/anna"), Pass);
        assert_eq!(of(ID, anna(&allow("kms:CreateGrant", "*")), "user/anna"), Fail);
    }

    #[test]
    fn trap_effective_permissions_count() {
        let allowed = allow("s3:PutBucketPolicy", "*");
        let deny = statement("Deny", r#""s3:Put*""#, "*", "");
        let denied = boss()
            .user("anna", |user| user.inline("own", &allowed).group("safe"))
            .group("safe", |group| group.inline("deny", &deny));
        assert_eq!(of(ID, denied, "user/anna"), Pass);
        assert_eq!(of(ID, with_boundary(boss(), &allow("s3:Get*", "*"), &allowed), "user/anna"), Pass);
    }
}
