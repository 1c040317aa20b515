//! Whether statements allow every action on every resource, in whichever words.
//!
//! There are more ways to write it than `"*"`: `?*:*`, a `NotAction` whose exceptions another statement allows, the ARN
//! of anything. So it is tried out: what is allowed on a sample of actions of many services, and for the ARNs of
//! several of them, counts as everything. A policy that allows all of the sample and not quite everything is taken for
//! one that does.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::Partition;
use probity_policy::{Actions, Document, Effect, Pattern, Resources, Statement};

use crate::conditions;

/// Actions of services with many first letters, with many verbs.
const ACTIONS: [&str; 40] = [
    "account:CloseAccount",
    "apigateway:PATCH",
    "backup:StartBackupJob",
    "bedrock:InvokeModel",
    "cloudformation:ExecuteChangeSet",
    "cloudtrail:StopLogging",
    "dynamodb:Query",
    "deadline:CreateFarm",
    "ec2:RunInstances",
    "ecs:RegisterTaskDefinition",
    "firehose:PutRecord",
    "gamelift:AcceptMatch",
    "guardduty:DeleteDetector",
    "health:DescribeEvents",
    "iam:AttachRolePolicy",
    "iam:GetUser",
    "inspector2:Disable",
    "kms:ScheduleKeyDeletion",
    "lambda:UpdateFunctionCode",
    "lightsail:AllocateStaticIp",
    "mq:RebootBroker",
    "network-firewall:AssociateSubnets",
    "organizations:LeaveOrganization",
    "outposts:InstallOutpost",
    "pipes:TagResource",
    "polly:SynthesizeSpeech",
    "quicksight:RestoreAnalysis",
    "rds:ModifyDBInstance",
    "route53:ChangeResourceRecordSets",
    "s3:GetObject",
    "s3:PutBucketPolicy",
    "sagemaker:SendPipelineExecutionStepSuccess",
    "sts:AssumeRole",
    "transcribe:StartTranscriptionJob",
    "user-subscriptions:ListUserSubscriptions",
    "vpc-lattice:Invoke",
    "verifiedpermissions:IsAuthorized",
    "wafv2:CheckCapacity",
    "workspaces:MigrateWorkspace",
    "xray:BatchGetTraces",
];

/// ARNs behind the partition: with and without a Region and an account.
const ARNS: [&str; 4] = [
    "ec2:ap-south-2:111122223333:instance/i-0f1e2d3c4b5a69788",
    "iam::111122223333:role/path/name",
    "kms:us-east-1:444455556666:key/1c2d3e4f-0000-4000-8000-123456789abc",
    "s3:::a-bucket.of-many/key/of/an/object",
];

/// Whether these statements together allow every action on every resource; only those that speak of every resource,
/// under no condition that restricts, count.
pub(crate) fn is_allowed_by(statements: &[&Statement], partition: &Partition) -> bool {
    // Nearly every policy fails at the first of the actions, whatever it says of resources.
    let is_spoken_of =
        |action: &str| statements.iter().any(|one| one.effect == Effect::Allow && one.actions.cover(action));
    if !ACTIONS.into_iter().all(is_spoken_of) {
        return false;
    }
    let unlimited: Vec<&Statement> = statements.iter().copied().filter(|one| is_unlimited(one, partition)).collect();
    // What `NotAction` leaves out, another statement may allow.
    let left_out = unlimited.iter().filter_map(|statement| match &statement.actions {
        Actions::AllBut(patterns) => Some(patterns),
        Actions::Only(_) => None,
    });
    let left_out = left_out.flatten().map(one_of).filter(|action| action.contains(':'));
    let mut tried = ACTIONS.into_iter().map(ToOwned::to_owned).chain(left_out);
    tried.all(|action| unlimited.iter().any(|statement| statement.actions.cover(&action)))
}

/// How a document allows everything, in words; nothing where it does not. What it denies is not considered.
pub(crate) fn of(document: &Document, partition: &Partition) -> Option<String> {
    let statements: Vec<&Statement> = document.statements.iter().collect();
    let alone = (1..).zip(&statements).find(|(_, statement)| is_allowed_by(&[statement], partition));
    if let Some((number, statement)) = alone {
        let sid = statement.sid.as_ref().map_or(String::new(), |sid| format!(" ({sid})"));
        return Some(format!("statement {number}{sid} allows every action on every resource"));
    }
    let together = is_allowed_by(&statements, partition);
    together.then(|| "the statements together allow every action on every resource".to_owned())
}

/// Whether a statement allows what it allows on every resource, and no condition restricts it.
fn is_unlimited(statement: &Statement, partition: &Partition) -> bool {
    let resources = statement.resources.as_ref();
    statement.effect == Effect::Allow
        && resources.is_some_and(|resources| is_every_resource(resources, partition))
        && !statement.conditions.iter().any(|condition| conditions::restricts(condition, true))
}

fn is_every_resource(resources: &Resources, partition: &Partition) -> bool {
    let all_arns = |patterns: &[Pattern]| {
        let arns = ARNS.iter().map(|rest| format!("arn:{partition}:{rest}"));
        arns.into_iter().all(|arn| patterns.iter().any(|pattern| pattern.matches_arn(&arn)))
    };
    resources.is_everything() || matches!(resources, Resources::Only(patterns) if all_arns(patterns))
}

/// An action that a pattern matches.
fn one_of(pattern: &Pattern) -> String {
    pattern.text().replace(['*', '?'], "z")
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    fn is_everything(partition: &str, statements: &str) -> bool {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let document = Document::parse(&text).expect("a policy");
        is_allowed_by(&Vec::from_iter(&document.statements), &Partition::new(partition))
    }

    fn statement(action: &str, resource: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":{action},"Resource":{resource},"Condition":{{{condition}}}}}"#)
    }

    #[test]
    fn everything_has_many_spellings() {
        for action in [r#""*""#, r#""*:*""#, r#""?*:*""#, r#"["s3:Get*","*:?*"]"#, r#""**:**""#] {
            assert!(is_everything("aws", &statement(action, r#""*""#, "")), "{action}");
        }
        let letters: Vec<String> = ('a'..='z').map(|letter| format!(r#""{letter}*:*""#)).collect();
        assert!(!is_everything("aws", &statement(r#""??*""#, r#""*""#, "")), "matches no action, for want of a colon");
        assert!(is_everything("aws", &statement(&format!("[{}]", letters.join(",")), r#""*""#, "")));
    }

    #[test]
    fn a_list_of_services_is_not_everything() {
        for action in [r#"["iam:*","s3:*","ec2:*","sts:*","organizations:*"]"#, r#""*:Get*""#, r#""*:Create*""#, "[]"] {
            assert!(!is_everything("aws", &statement(action, r#""*""#, "")), "{action}");
        }
    }

    #[test]
    fn the_arn_of_anything_is_every_resource() {
        for resource in [r#""arn:*""#, r#""arn:aws:*""#, r#""arn:aws:*:*:*:*""#, r#"["arn:aws:s3:::*","*"]"#] {
            assert!(is_everything("aws", &statement(r#""*""#, resource, "")), "{resource}");
        }
        for resource in [r#""arn:aws:s3:::*""#, r#""arn:aws:*:*:111122223333:*""#, "[]"] {
            assert!(!is_everything("aws", &statement(r#""*""#, resource, "")), "{resource}");
        }
        assert!(is_everything("aws-cn", &statement(r#""*""#, r#""arn:aws-cn:*""#, "")));
        assert!(!is_everything("aws-cn", &statement(r#""*""#, r#""arn:aws:*""#, "")));
    }

    #[test]
    fn statements_add_up() {
        let but_iam = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
        let but_s3 = r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#;
        let iam = statement(r#""IAM:*""#, r#""*""#, "");
        assert!(!is_everything("aws", but_iam));
        assert!(is_everything("aws", &format!("{but_iam},{iam}")));
        assert!(is_everything("aws", &format!("{but_iam},{but_s3}")));
        assert!(!is_everything("aws", &format!("{but_iam},{}", statement(r#""iam:Get*""#, r#""*""#, ""))));
        assert!(!is_everything(
            "aws",
            &format!("{but_iam},{}", statement(r#""iam:*""#, r#""arn:aws:iam::*:role/x""#, ""))
        ));
        let unsampled = r#"{"Effect":"Allow","NotAction":"kendra:*","Resource":"*"}"#;
        assert!(!is_everything("aws", unsampled), "what is left out is tried, whether or not it is in the sample");
    }

    #[test]
    fn a_condition_restricts_unless_it_takes_anything() {
        let under = |condition: &str| is_everything("aws", &statement(r#""*""#, r#""*""#, condition));
        for condition in [
            "",
            r#""StringEquals":{"aws:PrincipalTag/team":[]}"#,
            r#""StringLike":{"aws:PrincipalArn":"*"}"#,
            r#""ForAnyValue:StringLikeIfExists":{"aws:TagKeys":["a","**"]}"#,
            r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","0.0.0.0/0"]}"#,
        ] {
            assert!(under(condition), "{condition}");
        }
        for condition in [
            r#""StringEquals":{"aws:PrincipalTag/team":"*"}"#,
            r#""StringNotLike":{"aws:PrincipalArn":"*"}"#,
            r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
            r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#,
            r#""StringLike":{"aws:PrincipalArn":"*"},"Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
        ] {
            assert!(!under(condition), "{condition}");
        }
    }

    #[test]
    fn a_deny_allows_nothing() {
        assert!(!is_everything("aws", r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#));
        assert!(!is_everything("aws", r#"{"Effect":"Allow","NotAction":"*","Resource":"*"}"#));
    }
}
