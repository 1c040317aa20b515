//! The organization around the account and IAM Identity Center: what its policies deny, who is assigned what, and from where
//! that can be told.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::findings::{audit, of, parsed, scenario};

/// The resources of a check with an outcome, by the last part of their ARN.
fn told<'r>(report: &'r Value, check: &str, outcome: &str) -> BTreeSet<&'r str> {
    let found = of(report, check).into_iter().filter(|finding| finding["outcome"] == outcome);
    found.map(|finding| finding["resource"].as_str().unwrap().rsplit('/').next().unwrap()).collect()
}

#[test]
fn what_is_denied_is_judged_account_by_account() {
    let aws = scenario("small-company");
    let report = parsed(&audit(&aws).run());
    assert_eq!(told(&report, "org-scp-deny-leave", "pass"), BTreeSet::from(["444455556666", "555566667777"]));
    assert_eq!(told(&report, "org-scp-deny-leave", "fail"), BTreeSet::from(["666677778888"]));
    assert_eq!(
        told(&report, "org-scp-deny-leave", "not-applicable"),
        BTreeSet::from(["111122223333", "777788889999"]),
        "the management account, and one that is suspended"
    );
    let unattached = of(&report, "org-scp-without-effect");
    let unattached: Vec<&Value> = unattached.into_iter().filter(|finding| finding["outcome"] == "fail").collect();
    assert_eq!(unattached.len(), 1, "{unattached:#?}");
    assert_eq!(unattached[0]["evidence"][0]["value"], "approved-regions");
    assert_eq!(told(&report, "org-rcp-data-perimeter", "fail").len(), 3, "one has it for S3 and KMS only");
    assert_eq!(told(&report, "org-pending-handshakes", "fail").len(), 1);
    assert_eq!(told(&report, "org-effective-policy-errors", "fail").len(), 1);
    assert_eq!(told(&report, "org-tag-policies", "pass").len(), 1);
}

#[test]
fn accounts_under_the_same_policies_are_asked_about_once() {
    let aws = scenario("small-company");
    let report = parsed(&audit(&aws).run());
    let asked = aws.calls().iter().filter(|call| call.operation == "DescribeEffectivePolicy").count();
    assert_eq!(asked, 1, "of the five accounts two hang under the tag policy, and both get the same of it");
    assert_eq!(of(&report, "org-declarative-and-optout-policies").len(), 2);
}

#[test]
fn permission_sets_are_judged_by_what_they_grant_and_to_whom() {
    let aws = scenario("small-company");
    let report = parsed(&audit(&aws).run());
    let named = |check: &str, outcome: &str| -> BTreeSet<String> {
        let found = of(&report, check).into_iter().filter(|finding| finding["outcome"] == outcome);
        found
            .filter_map(|finding| {
                let evidence = finding["evidence"].as_array().unwrap();
                let name = evidence.iter().find(|item| item["key"] == "Name")?;
                Some(name["value"].as_str().unwrap().to_owned())
            })
            .collect()
    };
    let only = |name: &str| BTreeSet::from([name.to_owned()]);
    assert_eq!(named("identity-center-admin-assignments", "fail"), only("AdministratorAccess"));
    assert_eq!(
        named("identity-center-admin-assignments", "not-evaluated"),
        only("Data"),
        "a policy of each account's own"
    );
    assert_eq!(named("identity-center-unused-permission-set", "fail"), only("OldBilling"));
    assert_eq!(named("identity-center-direct-user-assignment", "fail"), only("AdministratorAccess"));
    assert_eq!(named("identity-center-session-duration", "fail"), only("AdministratorAccess"));
    assert_eq!(named("role-session-duration", "fail"), only("AdministratorAccess"));
    let groups = of(&report, "identity-center-admin-assignments");
    assert!(groups.iter().any(|finding| finding["evidence"].to_string().contains("admins (")), "{groups:#?}");
}

/// A member sees that there is an instance and an organization, and is told nothing of them: no verdict comes of that.
#[test]
fn a_member_account_judges_none_of_it_and_says_from_where_it_could() {
    let aws = scenario("member");
    let report = parsed(&audit(&aws).run());
    for check in [
        "org-scp-deny-leave",
        "org-scp-protect-security-services",
        "org-scp-restrict-root",
        "org-scp-exemption-bypassable",
        "org-rcp-data-perimeter",
        "org-declarative-and-optout-policies",
        "org-ou-structure",
        "org-delegated-policy-administration",
        "org-delegated-service-administrators",
        "org-pending-handshakes",
        "identity-center-admin-assignments",
        "identity-center-session-duration",
    ] {
        let findings = of(&report, check);
        assert_eq!(findings.len(), 1, "{check}: {findings:#?}");
        assert_eq!(findings[0]["outcome"], "not-evaluated", "{check}");
        let message = findings[0]["message"].as_str().unwrap();
        assert!(message.contains("Only the management account 111122223333"), "{check}: {message}");
    }
    assert_eq!(of(&report, "identity-center-mfa-required")[0]["outcome"], "manual");
}

#[test]
fn services_that_nobody_uses_are_counted_in_the_management_account() {
    let check = "unused-organization-services";
    let aws = scenario("small-company");
    let report = parsed(&audit(&aws).run());
    let [finding] = of(&report, check)[..] else { panic!("one finding") };
    let expected = "of 20 services that service control policies allow, 13 were not used in 365 days by any account";
    assert_eq!((&finding["outcome"], &finding["message"]), (&Value::from("fail"), &Value::from(expected)));
    let used = finding["evidence"].as_array().unwrap().iter().find(|it| it["key"] == "used").unwrap();
    assert_eq!(used["value"], "cloudtrail, dynamodb, ec2, iam, lambda, s3, sts", "the last use of route53 is too old");
    let asked = |name: &str| aws.calls().iter().filter(|call| call.operation == name).count();
    assert_eq!(
        (asked("GenerateOrganizationsAccessReport"), asked("GetOrganizationsAccessReport")),
        (1, 2),
        "one report, not ready at once"
    );

    let clean = parsed(&audit(&scenario("clean")).run());
    assert_eq!(of(&clean, check)[0]["outcome"], "pass");
    let member = parsed(&audit(&scenario("member")).run());
    assert_eq!(of(&member, check)[0]["outcome"], "not-evaluated");
}
