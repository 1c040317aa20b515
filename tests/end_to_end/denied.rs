//! The policy that `probity permissions` prints is enough, and each of its actions is needed: without it exactly the checks
//! that need it are not evaluated, and the report says so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::findings::{audit, scenario};
use crate::support::{Call, Emulator, Fault, Probity};

/// The checks of an operation.
#[derive(Default)]
pub(crate) struct Readers {
    /// The IAM action that allows it.
    pub(crate) permission: String,
    /// Those that cannot do without it.
    needing: BTreeSet<String>,
    /// Those that read it at all. No other can see it: what a check reads is its signature.
    pub(crate) reading: BTreeSet<String>,
}

/// The actions that the printed policy allows.
fn printed() -> Vec<String> {
    let policy = Probity::alone().args(["permissions"]).run().json();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap();
    actions.iter().map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// The operations that checks read, each with its checks, as `probity checks` tells.
pub(crate) fn operations() -> BTreeMap<String, Readers> {
    let list = Probity::alone().args(["checks", "--output-format", "json"]).run().json();
    let mut readers: BTreeMap<String, Readers> = BTreeMap::new();
    for check in list.as_array().unwrap() {
        for evidence in check["evidence"].as_array().unwrap() {
            for call in evidence["calls"].as_array().unwrap() {
                let of = readers.entry(call["operation"].as_str().unwrap().to_owned()).or_default();
                let id = check["id"].as_str().unwrap();
                call["permission"].as_str().unwrap().clone_into(&mut of.permission);
                of.reading.insert(id.to_owned());
                if evidence["optional"] == false {
                    of.needing.insert(id.to_owned());
                }
            }
        }
    }
    readers
}

fn outcomes(run: &Value) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut outcomes: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for finding in run["findings"].as_array().unwrap() {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        let key = (text("check"), format!("{} {}", text("resource"), text("discriminator")));
        outcomes.entry(key).or_default().insert(text("outcome"));
    }
    outcomes
}

/// Reads of single trails, buckets, keys, recorders and detectors stay a matter of those, per-user calls a matter of those
/// users, jobs of those principals; instances, functions and containers are three lists of what runs. Settings and findings of single analyzers stay a matter of those, profiles and revocation
/// lists of the roles they let into.
const PER_RESOURCE: [&str; 33] = [
    "ec2:DescribeInstances",
    "lambda:ListFunctions",
    "ecs:ListTaskDefinitionFamilies",
    "ecs:DescribeTaskDefinition",
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeLaunchTemplateVersions",
    "lambda:GetPolicy",
    "kms:GetKeyPolicy",
    "sns:GetTopicAttributes",
    "sqs:GetQueueAttributes",
    "secretsmanager:GetResourcePolicy",
    "rolesanywhere:ListProfiles",
    "rolesanywhere:ListCrls",
    "accessanalyzer:GetAnalyzer",
    "accessanalyzer:ListFindingsV2",
    "iam:GenerateServiceLastAccessedDetails",
    "iam:GetServiceLastAccessedDetails",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:GetEventSelectors",
    "iam:ListMFADevices",
    "iam:ListAccessKeys",
    "iam:ListSSHPublicKeys",
    "s3api:GetPublicAccessBlock",
    "s3api:GetBucketAcl",
    "s3api:GetBucketPolicyStatus",
    "s3api:GetBucketPolicy",
    "s3api:GetBucketLogging",
    "s3api:GetBucketVersioning",
    "s3api:GetObjectLockConfiguration",
    "kms:DescribeKey",
    "kms:GetKeyRotationStatus",
    "guardduty:GetDetector",
    "configservice:DescribeConfigurationRecorderStatus",
];

/// The operations are shared out over so many tests, which run beside each other.
const PARTS: usize = 4;

#[test]
fn a_denied_call_never_becomes_a_pass_in_the_first_part() {
    a_denied_call_never_becomes_a_pass(0);
}

#[test]
fn a_denied_call_never_becomes_a_pass_in_the_second_part() {
    a_denied_call_never_becomes_a_pass(1);
}

#[test]
fn a_denied_call_never_becomes_a_pass_in_the_third_part() {
    a_denied_call_never_becomes_a_pass(2);
}

#[test]
fn a_denied_call_never_becomes_a_pass_in_the_fourth_part() {
    a_denied_call_never_becomes_a_pass(3);
}

fn a_denied_call_never_becomes_a_pass(part: usize) {
    let aws = scenario("small-company");
    let whole = audit(&aws).args(["--detail", "full"]).run().json();
    let undisturbed = outcomes(&whole);
    let printed = printed();
    let mut wrong: Vec<String> = Vec::new();
    for (operation, Readers { permission, needing: checks, reading }) in
        operations().into_iter().skip(part).step_by(PARTS)
    {
        let reading = reading.into_iter().collect::<Vec<_>>().join(",");
        aws.forget();
        aws.allow(printed.iter().map(String::as_str).filter(|action| **action != *permission));
        // A job a principal: only where it is the jobs that are denied.
        let whose = if operation.contains("LastAccessed") { "all" } else { "none" };
        let run = audit(&aws)
            .args(["--detail", "full", "--require-complete", "--last-accessed", whose, "--only", &reading])
            .run();
        let report = run.json();
        if !is_refused(&aws) {
            // The account has nothing that it would be asked about.
            if !is_told_in_another_account(&operation, &permission, &reading, &printed) {
                wrong.push(format!("{operation}: nobody asks, or nothing is told"));
            }
            continue;
        }
        if !has_gap(&report, &operation, Some("denied")) {
            wrong.push(format!("{operation} is missing among the gaps"));
        }
        assert_eq!(run.code, 3, "{operation}: {}", run.stderr);
        // Where Access Analyzer does not answer, policies are read themselves: other resources, judged by other evidence.
        let read_otherwise =
            |check: &str| operation.starts_with("accessanalyzer:") && check == "resource-policy-public";
        for ((check, resource), seen) in outcomes(&report).into_iter().filter(|((check, _), _)| !read_otherwise(check))
        {
            let before = undisturbed.get(&(check.clone(), resource.clone()));
            if checks.contains(&check) && !PER_RESOURCE.contains(&operation.as_str()) {
                if !seen.iter().all(|outcome| outcome == "not-evaluated" || outcome == "manual") {
                    wrong.push(format!("{operation} denied, and {check} says {seen:?} of {resource}"));
                }
            } else if (before.is_some_and(|before| !before.contains("pass")) || before.is_none())
                && seen.contains("pass")
            {
                wrong.push(format!("{operation} denied, and {check} now passes {resource}"));
            }
        }
        let table: Vec<&str> =
            report["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
        assert!(checks.iter().all(|check| table.contains(&check.as_str())), "every check is still in the report");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether an account that has what the small company lacks says that a call was denied.
fn is_told_in_another_account(operation: &str, permission: &str, reading: &str, printed: &[String]) -> bool {
    let aws = scenario("neglected");
    aws.allow(printed.iter().map(String::as_str).filter(|action| *action != permission));
    let report = audit(&aws).args(["--detail", "full", "--only", reading]).run().json();
    has_gap(&report, operation, Some("denied"))
}

/// Whether a report says that an operation left a gap, of a kind.
pub(crate) fn has_gap(report: &Value, operation: &str, kind: Option<&str>) -> bool {
    let mut gaps = report["gaps"].as_array().unwrap().iter().map(|report| &report["gap"]);
    gaps.any(|gap| gap["operation"] == operation && kind.is_none_or(|kind| gap["kind"] == kind))
}

fn is_refused(aws: &Emulator) -> bool {
    !refused(aws).is_empty()
}

/// The calls that were denied. SNS has an error of its own for it.
fn refused(aws: &Emulator) -> Vec<String> {
    let denied = |error: &str| error.contains("Denied") || error == "AuthorizationError";
    aws.calls().iter().filter(|call| call.error.as_deref().is_some_and(denied)).map(Call::name).collect()
}

/// With exactly the printed policy nothing is denied, of whatever kind the account is.
#[test]
fn the_printed_policy_is_enough() {
    for name in ["small-company", "clean", "neglected", "member"] {
        let aws = scenario(name);
        let printed = printed();
        aws.allow(printed.iter().map(String::as_str));
        let run = Probity::against(&aws)
            .args(["audit", "-f", "json", "--quiet", "--now", crate::findings::NOW, "--detail", "full"])
            .args(["--last-accessed", "all"])
            .run();
        assert!(run.code <= 1, "{name}: {}", run.stderr);
        let refused = refused(&aws);
        // The organization and its Identity Center tell nobody of a member account, whatever a policy of that account says.
        let elsewhere = |call: &&String| {
            name == "member"
                && ["organizations:", "sso-admin:", "identitystore:"].iter().any(|service| call.starts_with(service))
        };
        let beyond: Vec<&String> = refused.iter().filter(|call| !elsewhere(call)).collect();
        assert!(beyond.is_empty(), "{name}: {beyond:?}");
    }
}

/// AWS demands more actions for the report about the organization than its own, and each of them is in the policy.
#[test]
fn an_action_that_a_call_takes_beside_its_own_is_printed_and_missed() {
    let check = "unused-organization-services";
    let printed = printed();
    for action in ["organizations:ListChildren", "organizations:ListParents", "organizations:ListPoliciesForTarget"] {
        assert!(printed.iter().any(|one| one == action), "{action} is not in the policy");
        let aws = scenario("small-company");
        aws.allow(printed.iter().map(String::as_str).filter(|one| *one != action));
        let report = audit(&aws).args(["--only", check]).run().json();
        assert!(has_gap(&report, "iam:GenerateOrganizationsAccessReport", Some("denied")), "{action}");
    }
}

#[test]
fn the_table_names_the_call_and_what_it_takes_down() {
    let aws = scenario("small-company");
    aws.faults([Fault::deny("iam:GetCredentialReport")]);
    let run = Probity::against(&aws)
        .args(["audit", "--quiet", "--now", crate::findings::NOW, "--last-accessed", "none", "--width", "100"])
        .run();
    assert!(run.stdout.contains("iam:GetCredentialReport"), "{}", run.stdout);
    assert!(run.stdout.contains("user-mfa-console"), "{}", run.stdout);
}
