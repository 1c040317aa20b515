//! What an audit costs in calls: nothing is asked twice, and nothing where the answer is known already.

use serde_json::{Value, json};

use crate::findings::{audit, of, parsed, scenario};
use crate::support::{Call, Emulator, Fault};

/// How often an operation was asked.
fn count(aws: &Emulator, operation: &str) -> usize {
    aws.calls().iter().filter(|call| call.name() == operation).count()
}

fn regions(report: &Value) -> usize {
    report["accounts"][0]["regions"].as_array().unwrap().len()
}

/// Beside the jobs for last accessed data an account costs 60 calls and 12 a Region, however large it is, also where an
/// analyzer, a recorder and a detector run in every Region; a member account takes one more a Region, since it may have an
/// instance of Identity Center of its own in any. The management account pays for what the organization holds on top: its
/// policies, units, features and permission sets, once.
#[test]
fn an_account_takes_few_calls() {
    for name in ["scale", "small-company", "clean"] {
        let aws = scenario(name);
        let regions = regions(&audit(&aws).run().json());
        let of_organization = |call: &&Call| {
            let service = call.service.as_str();
            ["organizations", "identitystore", "sso-admin"].contains(&service)
                || call.operation.contains("Organizations")
        };
        let calls = aws.calls();
        let of_organization = calls.iter().filter(of_organization).count();
        let rest = calls.len() - of_organization;
        assert!(rest <= 60 + 12 * regions, "{name}: {rest} calls over {regions} Regions, and {of_organization}");
        // An organization without Identity Center is one that was looked for in every Region.
        assert!(of_organization <= 90, "{name}: {of_organization}");
    }
}

/// The management account has one instance of Identity Center at most, which its roles name the Region of.
#[test]
fn identity_center_is_looked_for_where_its_roles_point_to_and_nowhere_else_once_it_is_found() {
    for (name, home) in [("small-company", "eu-west-1"), ("clean", "us-east-1")] {
        let aws = scenario(name);
        parsed(&audit(&aws).run());
        let asked = aws.calls().into_iter().filter(|call| call.name() == "sso-admin:ListInstances");
        assert_eq!(asked.map(|call| call.region).collect::<Vec<_>>(), [home], "{name}");
    }
}

#[test]
fn an_instance_that_no_role_points_to_is_found() {
    let center = json!({"region": "ca-central-1"});
    let aws = Emulator::of("small-company")
        .now("scenario")
        .patch(json!({"accounts": {"111122223333": {"identity_center": center}}}))
        .start();
    let report = parsed(&audit(&aws).run());
    assert_eq!(count(&aws, "sso-admin:ListInstances"), regions(&report));
    let findings = of(&report, "identity-center-mfa-required");
    assert!(findings.iter().any(|finding| finding["evidence"][0]["value"] == "ca-central-1"), "{findings:#?}");
}

/// One that could not be made may not be the only one.
#[test]
fn an_instance_that_is_not_in_use_does_not_end_the_search() {
    let aws = Emulator::of("small-company")
        .now("scenario")
        .patch(json!({"accounts": {"111122223333": {"identity_center": {"status": "CREATE_FAILED"}}}}))
        .start();
    let report = parsed(&audit(&aws).run());
    assert_eq!(count(&aws, "sso-admin:ListInstances"), regions(&report));
}

/// Where the likely Region does not answer, the others do; what none of them has is not known to be absent.
#[test]
fn a_likely_region_that_does_not_answer_does_not_end_the_search() {
    let aws = scenario("small-company");
    aws.faults([Fault::deny("sso-admin:ListInstances").region("eu-west-1")]);
    let report = parsed(&audit(&aws).run());
    assert_eq!(count(&aws, "sso-admin:ListInstances"), regions(&report));
    for finding in of(&report, "identity-center-mfa-required") {
        assert_eq!(finding["outcome"], "not-evaluated", "{finding:#}");
        assert_eq!(finding["gap"]["region"], "eu-west-1", "{finding:#}");
    }
}

/// A member sees the organization's instance and may have one of its own, anywhere.
#[test]
fn a_member_account_looks_for_instances_in_every_region() {
    let aws = scenario("member");
    let report = parsed(&audit(&aws).run());
    assert_eq!(count(&aws, "sso-admin:ListInstances"), regions(&report));
}

#[test]
fn the_credential_report_is_asked_for_once_and_fetched_when_it_is_ready() {
    let report = |words: Value| {
        let patch = json!({"accounts": {"111122223333": {"credential_report": words}}});
        let aws = Emulator::of("clean").now("scenario").patch(patch).start();
        let run = parsed(&audit(&aws).args(["--only", "user-mfa-console"]).run());
        assert!(of(&run, "user-mfa-console").iter().all(|finding| finding["outcome"] != "not-evaluated"));
        (count(&aws, "iam:GenerateCredentialReport"), count(&aws, "iam:GetCredentialReport"))
    };
    assert_eq!(report(json!({"polls": 1})), (1, 1), "it was ready after a moment");
    assert_eq!(report(json!({"polls": 3})), (1, 3), "it took its time");
    assert_eq!(report(json!({"polls": 1, "expires": 1})), (2, 2), "it was gone, and made again");
}

#[test]
fn virtual_mfa_devices_are_one_list_unless_one_names_nobody() {
    for (name, lists) in [("clean", 1), ("small-company", 2)] {
        let aws = scenario(name);
        let report = parsed(&audit(&aws).args(["--only", "mfa-virtual-device-unassigned"]).run());
        assert_eq!(count(&aws, "iam:ListVirtualMFADevices"), lists, "{name}");
        let findings = of(&report, "mfa-virtual-device-unassigned");
        let failed = findings.iter().filter(|finding| finding["outcome"] == "fail").count();
        assert_eq!(failed, lists - 1, "{name}");
    }
}

/// A trail's key lies where its bucket does, so that S3 need not send us there.
#[test]
fn the_bucket_of_an_encrypted_trail_is_asked_where_its_key_lies() {
    let aws = scenario("clean");
    parsed(&audit(&aws).args(["--only", "trail-bucket-not-public"]).run());
    let asked = aws.calls().into_iter().filter(|call| call.name() == "s3:GetPublicAccessBlock");
    assert_eq!(asked.map(|call| (call.region, call.status)).collect::<Vec<_>>(), [("eu-central-1".to_owned(), 200)]);
}
