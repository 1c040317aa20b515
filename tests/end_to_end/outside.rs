//! Who gets in from outside: analyzers of every Region, certificates and guests, and contacts without what is personal.

use std::collections::BTreeSet;

use crate::findings::{NOW, audit, of, parsed, scenario};
use crate::support::{Fault, Probity};

#[test]
fn a_region_whose_analyzers_cannot_be_listed_is_not_evaluated_and_no_other() {
    let aws = scenario("clean");
    aws.faults([Fault::deny("accessanalyzer:ListAnalyzers").region("eu-west-3")]);
    let report = parsed(&audit(&aws).run());
    for finding in of(&report, "analyzer-external-enabled") {
        let expected = if finding["region"] == "eu-west-3" { "not-evaluated" } else { "pass" };
        assert_eq!(finding["outcome"], expected, "{finding:#}");
    }
    let open = of(&report, "analyzer-external-findings");
    assert!(open.iter().any(|finding| finding["region"] == "eu-west-3" && finding["outcome"] == "not-evaluated"));
}

#[test]
fn public_findings_are_told_apart_and_archived_ones_are_named() {
    let aws = scenario("neglected");
    let report = parsed(&audit(&aws).run());
    let severities: BTreeSet<(String, String)> = of(&report, "analyzer-external-findings")
        .into_iter()
        .filter(|finding| finding["outcome"] == "fail")
        .map(|finding| {
            let name = finding["resource"].as_str().unwrap().rsplit([':', '/']).next().unwrap();
            (name.to_owned(), finding["severity"].as_str().unwrap().to_owned())
        })
        .collect();
    let expected =
        [("dusty-downloads", "critical"), ("orders", "high"), ("anyone", "critical"), ("former-agency", "high")];
    assert_eq!(severities, expected.map(|(name, severity)| (name.to_owned(), severity.to_owned())).into());
    let rules = of(&report, "analyzer-archive-rules-narrow");
    assert_eq!(rules.len(), 2);
    assert!(
        rules.iter().all(|rule| rule["outcome"] == "fail" && rule.to_string().contains("dusty-backups")),
        "{rules:#?}"
    );
}

#[test]
fn an_analyzer_elsewhere_in_the_organization_keeps_a_member_from_failing() {
    let aws = scenario("member");
    let report = parsed(&audit(&aws).run());
    for finding in of(&report, "analyzer-external-enabled") {
        assert_eq!(finding["outcome"], "not-evaluated", "{finding:#}");
        assert_eq!(finding["gap"]["kind"], "wrong-vantage-point", "{finding:#}");
    }
}

#[test]
fn a_service_that_no_role_trusts_is_not_asked() {
    let asked = |name: &str| -> BTreeSet<String> {
        let aws = scenario(name);
        parsed(&audit(&aws).run());
        aws.calls().into_iter().map(|call| call.service).collect()
    };
    let [clean, company] = ["clean", "small-company"].map(asked);
    for service in ["rolesanywhere", "cognito-identity"] {
        assert!(!clean.contains(service), "{clean:?}");
        assert!(company.contains(service), "{company:?}");
    }
}

#[test]
fn a_snapshot_keeps_nothing_personal_of_the_contacts() {
    let aws = scenario("small-company");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.json");
    let run = Probity::against(&aws)
        .args(["collect", "--quiet", "--now", NOW, "--last-accessed", "none", "--output"])
        .arg(&file)
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = std::fs::read_to_string(&file).unwrap();
    for personal in ["larkspur.example.com", "+46 18", "Delphinium", "Farah Haddad"] {
        assert!(!text.contains(personal), "{personal} is in the snapshot");
    }
    let snapshot: serde_json::Value = serde_json::from_str(&text).unwrap();
    let contacts = &snapshot["facts"]["alternate_contacts"]["known"];
    // The management account's own address is told by its organization.
    assert_eq!(contacts["root_email_known"], true);
    assert_eq!(contacts["contacts"]["operations"]["known"]["same_email_as_root"], true, "{contacts:#}");
    assert_eq!(contacts["contacts"]["security"]["known"], serde_json::Value::Null, "{contacts:#}");
}

#[test]
fn every_region_takes_few_calls() {
    let aws = scenario("clean");
    let report = parsed(&audit(&aws).run());
    let regions = report["accounts"][0]["regions"].as_array().unwrap().len();
    let own = ["accessanalyzer", "rolesanywhere", "cognito-identity"];
    let calls = aws.calls().into_iter().filter(|call| own.contains(&call.service.as_str())).count();
    // An analyzer in each Region: the list, its rules and its findings; and one analyzer with settings of its own.
    assert!(calls <= 3 * regions + 4, "{calls} calls over {regions} Regions");
}
