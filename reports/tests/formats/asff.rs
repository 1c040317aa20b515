//! ASFF against the API model and the limits of Security Hub.

use probity_model::finding::EvidenceItem;
use probity_model::{Finding, Outcome, Run};
use probity_reports::{Format, Options, asff_batches};
use serde_json::Value;

use crate::{fixture, written};

const SCHEMA: &str = include_str!("asff.schema.json");

fn findings(run: &Run, options: &Options) -> Vec<Value> {
    serde_json::from_str(&written(Format::Asff, run, options)).expect("a list")
}

fn problems(finding: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&serde_json::from_str(SCHEMA).expect("JSON")).expect("a schema");
    validator.iter_errors(finding).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// A run whose texts are longer than anything Security Hub takes.
fn long() -> Run {
    let mut run = fixture::run();
    for finding in &mut run.findings {
        let long = "名".repeat(5_000);
        finding.message.to_mut().push_str(&long);
        finding.title = format!("{}{long}", finding.title).into();
        finding.discriminator = format!("{}{long}", finding.discriminator).into();
        finding.operations = vec![long.clone(); 10].into();
        finding.evidence = (0..80)
            .map(|number| EvidenceItem {
                key: format!("key {} {long}", number % 7).into(),
                value: long.as_str().into(),
            })
            .collect();
    }
    for check in &mut run.checks {
        check.fix.push_str(&"word ".repeat(1_000));
        let control = check.controls.first().cloned();
        check.controls.extend(control.into_iter().flat_map(|control| vec![control; 60]));
    }
    run
}

#[test]
fn every_finding_is_one_that_security_hub_takes() {
    for run in [fixture::run(), fixture::sample(), fixture::many(3), long()] {
        let findings = findings(&run, &Options::default());
        assert_eq!(findings.len(), run.findings.len());
        for finding in findings {
            assert_eq!(problems(&finding), Vec::<String>::new());
            assert!(finding.to_string().len() < 240_000, "{} bytes", finding.to_string().len());
        }
    }
}

#[test]
fn the_schema_refuses_what_security_hub_refuses() {
    let good = findings(&fixture::run(), &Options::default()).remove(0);
    for required in
        ["AwsAccountId", "CreatedAt", "Description", "GeneratorId", "Id", "ProductArn", "Resources", "Title"]
    {
        let mut finding = good.clone();
        finding.as_object_mut().expect("an object").remove(required);
        assert_eq!(problems(&finding).len(), 1, "{required}");
    }
    let mut finding = good.clone();
    finding["Title"] = "x".repeat(257).into();
    assert_eq!(problems(&finding).len(), 1);
    let mut finding = good;
    finding["Compliance"]["Status"] = "FINE".into();
    assert_eq!(problems(&finding).len(), 1);
}

#[test]
fn only_a_pass_is_passed_and_accepted_failures_are_suppressed() {
    let run = fixture::run();
    for (asff, finding) in findings(&run, &Options::default()).iter().zip(&run.findings) {
        let (status, workflow) = match finding.outcome {
            Outcome::Pass => ("PASSED", "RESOLVED"),
            Outcome::Fail if finding.exception.is_some() => ("FAILED", "SUPPRESSED"),
            Outcome::Fail => ("FAILED", "NEW"),
            Outcome::NotEvaluated | Outcome::Manual => ("WARNING", "NEW"),
            Outcome::NotApplicable => ("NOT_AVAILABLE", "RESOLVED"),
        };
        assert_eq!(asff["Compliance"]["Status"], status, "{}", finding.outcome);
        assert_eq!(asff["Workflow"]["Status"], workflow, "{}", finding.outcome);
        assert_eq!(asff["Note"].is_object(), finding.exception.is_some());
        assert_eq!(asff["Compliance"]["StatusReasons"].is_array(), status == "WARNING" || status == "NOT_AVAILABLE");
        assert_eq!(asff["ProductFields"]["probity/Status"], finding.outcome.as_str());
    }
}

#[test]
fn an_id_follows_from_the_fingerprint_alone() {
    let mut run = fixture::run();
    let id = |run: &Run| findings(run, &Options::default())[0]["Id"].clone();
    let before = id(&run);
    assert_eq!(before, format!("probity/{}", run.findings[0].fingerprint));
    run.findings[0].message = "other words".into();
    run.id = "another run".to_owned();
    assert_eq!(id(&run), before);
}

#[test]
fn a_batch_holds_a_hundred_findings_and_six_megabytes_at_most() {
    let (account, region) = (fixture::account(fixture::FIRST), fixture::region("eu-central-1"));
    let batches = |run: &Run| asff_batches(run, &Options::default(), &account, &region).expect("batches");
    let sizes: Vec<usize> = batches(&fixture::many(250)).iter().map(Vec::len).collect();
    assert_eq!(sizes, [100, 100, 50]);
    let mut heavy = long();
    let own: Vec<Finding> = heavy.findings.iter().filter(|f| f.account == account).cloned().collect();
    heavy.findings = own.iter().cycle().take(90).cloned().collect();
    let batches = batches(&heavy);
    assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 90);
    assert!(batches.len() > 1, "90 findings of more than 100 KB do not fit in one call");
    for batch in &batches {
        assert!(serde_json::to_string(batch).expect("JSON").len() < 6_000_000);
    }
}

#[test]
fn batches_are_of_the_account_and_for_the_region_that_takes_them() {
    let (account, region) = (fixture::account(fixture::SECOND), fixture::region("us-west-2"));
    let batches = asff_batches(&fixture::run(), &Options::default(), &account, &region).expect("batches");
    let all: Vec<&Value> = batches.iter().flatten().collect();
    assert_eq!(all.len(), fixture::run().findings.iter().filter(|finding| finding.account == account).count());
    for finding in all {
        assert_eq!(finding["AwsAccountId"], fixture::SECOND);
        let arn = "arn:aws:securityhub:us-west-2:012345678901:product/012345678901/default";
        assert_eq!(finding["ProductArn"], arn);
    }
}
