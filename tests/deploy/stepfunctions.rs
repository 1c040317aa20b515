//! The state machine that audits an organization on many machines: what holds for the file, the template and its commands.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Bucket, Emulator, Probity, linter};
use crate::{ROLE_TEMPLATE, passes, text, workspace};

const MACHINE: &str = "deploy/stepfunctions/audit.asl.json";
const TEMPLATE: &str = "deploy/stepfunctions/audit.yaml";
/// What comes before the state machine in its template.
const DEFINITION: &str = "      DefinitionString: |\n";
/// What comes before the reads of an audit, in both templates.
const READS: &str = "              - Sid: ProbityReads\n                Effect: Allow\n                Resource: \"*\"\n                Action:\n";

/// The lines of a block that follows a line, with the spaces that they begin with, and where they lie in the text.
fn block(text: &str, after: &str, indent: usize) -> std::ops::Range<usize> {
    let start = text.find(after).unwrap_or_else(|| panic!("no {after:?}")) + after.len();
    let rest = text.get(start..).unwrap_or_default();
    let inside = |line: &&str| line.trim().is_empty() || line.starts_with(&" ".repeat(indent));
    start..start + rest.split_inclusive('\n').take_while(inside).map(str::len).sum::<usize>()
}

/// `PROBITY_WRITE_PAGES=1` writes both parts anew.
#[test]
fn the_template_holds_the_machine_and_the_reads() {
    let template = text(TEMPLATE);
    let mut fresh = template.clone();
    let indented: String = text(MACHINE).lines().map(|line| format!("        {line}\n")).collect();
    let place = block(&fresh, DEFINITION, 8);
    fresh.replace_range(place, &format!("{indented}\n"));
    let role = text(ROLE_TEMPLATE);
    let actions = role.get(block(&role, READS, 18)).unwrap_or_default().trim_end().to_owned();
    let place = block(&fresh, READS, 18);
    fresh.replace_range(place, &format!("{actions}\n\n"));
    if std::env::var_os("PROBITY_WRITE_PAGES").is_some() {
        fs::write(workspace().join(TEMPLATE), &fresh).expect("the template");
        return;
    }
    assert!(template == fresh, "{TEMPLATE} is stale: run this test with PROBITY_WRITE_PAGES=1");
}

/// The text of the state machine as it is deployed, with examples in the places that the template fills.
fn filled() -> String {
    let filled = [
        ("Partition", "aws"),
        ("Bucket", "audit-state"),
        ("Cluster", "arn:aws:ecs:eu-central-1:111122223333:cluster/probity"),
        ("TaskDefinition", "arn:aws:ecs:eu-central-1:111122223333:task-definition/probity:1"),
        ("Subnets", "subnet-1,subnet-2"),
        ("SecurityGroup", "sg-1"),
        ("AssignPublicIp", "DISABLED"),
        ("AuditRoleName", "probity-audit"),
        ("AccountsPerTask", "8"),
        ("TasksAtOnce", "20"),
    ];
    let template = text(TEMPLATE);
    let mut machine = text(MACHINE);
    for (name, value) in filled {
        assert!(template.contains(&format!("\n        {name}: ")), "the template fills {name}");
        machine = machine.replace(&format!("${{{name}}}"), value);
    }
    assert!(!machine.contains("${"), "{machine}");
    machine
}

fn machine() -> Value {
    serde_json::from_str(&filled()).expect("JSON")
}

/// As it stands in the template it is no JSON, where numbers are to be filled in, and cfn-lint passes it over.
#[test]
fn the_state_machine_passes_cfn_lint() {
    let mut template = text(TEMPLATE);
    let indented: String = filled().lines().map(|line| format!("        {line}\n")).collect();
    let place = block(&template, DEFINITION, 8);
    template.replace_range(place, &format!("{indented}\n"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.yaml");
    fs::write(&file, template).expect("the template");
    passes(linter("cfn-lint").args(["--format", "parseable", "--"]).arg(&file));
}

#[test]
fn the_state_machine_passes_statelint() {
    let mut machine = machine();
    // The linter knows only what the language itself says of readers; that of S3 must be told what it reads.
    let reader = machine["States"]["Accounts"]["ItemReader"].as_object_mut().expect("a reader");
    assert_eq!(reader.remove("ReaderConfig"), Some(json!({"InputType": "JSON"})));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.asl.json");
    fs::write(&file, machine.to_string()).expect("the machine");
    passes(linter("statelint").arg(&file));
}

/// The command of a step, with its expressions evaluated as Step Functions does.
fn command(step: &Value, accounts: &str) -> Vec<String> {
    let overrides = &step["Arguments"]["Overrides"]["ContainerOverrides"][0];
    assert_eq!(overrides["Name"], "probity");
    let value = |term: &str| match term.trim() {
        "$states.context.Execution.Name" => "nightly".to_owned(),
        "$run" => "runs/nightly".to_owned(),
        "$states.input.BatchInput.state" => "s3://audit-state/runs/nightly".to_owned(),
        "$join($states.input.Items, ',')" => accounts.to_owned(),
        literal => literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).expect(literal).to_owned(),
    };
    let words = overrides["Command"].as_array().expect("a command").iter().map(|word| word.as_str().expect("a word"));
    let evaluated = words.map(|word| match word.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")) {
        Some(expression) => expression.split(" & ").map(value).collect(),
        None => word.to_owned(),
    });
    evaluated.collect()
}

/// The three steps, as the state machine runs them, make the reports in the bucket.
#[test]
fn the_steps_are_an_audit() {
    let machine = machine();
    let states = &machine["States"];
    let batch = &states["Accounts"]["ItemBatcher"]["BatchInput"]["state"];
    assert_eq!(batch, "{% 's3://audit-state/' & $run %}");
    assert_eq!(states["Begin"]["Assign"]["run"], "{% 'runs/' & $states.context.Execution.Name %}");
    let aws = Emulator::of("fleet-4").now("scenario").start();
    let bucket = Bucket::start();
    let run = |step: &Value, accounts: &str| {
        let run = Probity::against(&aws)
            .env("AWS_ENDPOINT_URL_S3", bucket.endpoint())
            .env("PROBITY_ONLY", "family:root")
            .args(command(step, accounts))
            .run();
        assert!(run.code == 0 && run.stdout.is_empty(), "{run:#?}");
    };
    run(&states["Begin"], "");
    let key = "/audit-state/runs/nightly";
    let listed: Vec<String> =
        serde_json::from_slice(&bucket.objects()[&format!("{key}/accounts.json")]).expect("a list");
    for accounts in listed.chunks(3) {
        run(&states["Accounts"]["ItemProcessor"]["States"]["Audit"], &accounts.join(","));
    }
    run(&states["Finish"], "");
    let objects = bucket.objects();
    for report in ["report.html", "findings.csv"] {
        assert!(objects.contains_key(&format!("{key}/{report}")), "{report}");
    }
    let report: Value = serde_json::from_slice(&objects[&format!("{key}/report.json")]).expect("a report");
    assert_eq!(report["organization"]["coverage"]["complete"], 4, "{:#}", report["organization"]);
}
