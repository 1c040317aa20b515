//! The files under `deploy/`: each is what the command prints, passes its platform's linter, or is tried for real.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up has failed")]

#[path = "deploy/stepfunctions.rs"]
mod stepfunctions;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use support::{Emulator, Ministack, Probity, linter};

const ROLE_TEMPLATE: &str = "deploy/cloudformation/audit-role.yaml";

pub(crate) fn workspace() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file of a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(workspace().join(folder)).expect("the folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(ending));
    files.sort();
    assert!(!files.is_empty(), "no {ending} in {folder}");
    files
}

pub(crate) fn passes(command: &mut Command) {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().expect("the linter runs");
    assert!(status.success(), "{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
}

/// `PROBITY_WRITE_PAGES=1` writes it anew, as it does the pages of the checks.
#[test]
fn the_role_template_is_what_the_command_prints() {
    let run = Probity::alone().args(["permissions", "--as", "cloudformation"]).run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    if std::env::var_os("PROBITY_WRITE_PAGES").is_some() {
        fs::write(workspace().join(ROLE_TEMPLATE), &run.stdout).expect("the template");
    }
    assert!(
        text(ROLE_TEMPLATE) == run.stdout,
        "{ROLE_TEMPLATE} is stale: probity permissions --as cloudformation > {ROLE_TEMPLATE}"
    );
}

#[test]
fn the_templates_pass_cfn_lint() {
    let templates = [files("deploy/cloudformation", ".yaml"), files("deploy/stepfunctions", ".yaml")].concat();
    passes(linter("cfn-lint").args(["--format", "parseable", "--"]).args(templates));
}

#[test]
fn the_container_file_passes_hadolint() {
    passes(linter("hadolint").arg("deploy/Containerfile"));
}

/// A folder that the build needs and the ignore file leaves out would only show on somebody's machine.
#[test]
fn the_container_build_sees_every_crate() {
    let ignore = text("deploy/Containerfile.dockerignore");
    let manifest = text("Cargo.toml");
    let members = manifest.split_once("members = [").and_then(|(_, rest)| rest.split_once(']')).expect("members").0;
    for member in members.split(',').map(|name| name.trim().trim_matches('"')).filter(|name| !name.is_empty()) {
        assert!(ignore.lines().any(|line| line == format!("!{member}")), "{member}");
    }
}

#[test]
fn the_objects_for_kubernetes_are_valid() {
    passes(linter("kubernetes-validate").arg("--strict").args(files("deploy/kubernetes", ".yaml")));
}

#[test]
fn the_workflow_is_valid_and_safe() {
    let workflow = files("deploy/github", ".yml");
    passes(linter("check-jsonschema").args(["--builtin-schema", "vendor.github-workflows"]).args(&workflow));
    passes(linter("zizmor").args(["--offline", "--no-progress", "--persona", "pedantic"]).args(&workflow));
}

/// Only where systemd's own checker is installed. The unit is checked with a program that exists in the binary's place.
#[test]
fn the_units_pass_systemd_analyze() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("skipped: systemd-analyze is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let service = text("deploy/systemd/probity.service").replace("/usr/local/bin/probity", "/bin/true");
    fs::write(folder.path().join("probity.service"), service).expect("the service");
    fs::copy(workspace().join("deploy/systemd/probity.timer"), folder.path().join("probity.timer")).expect("the timer");
    passes(
        Command::new("systemd-analyze")
            .arg("verify")
            .args([folder.path().join("probity.service"), folder.path().join("probity.timer")]),
    );
}

/// Every command line in `deploy/` is one that the program takes.
#[test]
fn the_commands_are_ones_that_the_program_takes() {
    let unit = text("deploy/systemd/probity.service").replace("\\\n", " ");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/probity ")).expect("ExecStart");
    let state = tempfile::tempdir().expect("a folder");
    let arguments = line.replace("${STATE_DIRECTORY}", &state.path().to_string_lossy());
    let aws = Emulator::start("empty");
    let run = Probity::against(&aws).args(arguments.split_whitespace()).run();
    assert!([0, 1].contains(&run.code), "{}", run.stderr);
    for file in ["snapshot.json.zst", "findings.csv", "run.json"] {
        assert!(state.path().join(file).exists(), "{file}");
    }
    let flags = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| c.is_whitespace() || c == '=' || c == '"');
        words
            .filter(|word| word.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic)))
            .map(str::to_owned)
            .collect()
    };
    let help = Probity::alone().args(["audit", "--help"]).run().stdout;
    let workflow = text("deploy/github/probity.yml");
    let audit = workflow.split_once("probity audit").and_then(|(_, rest)| rest.split_once("- name")).expect("audit").0;
    let job = text("deploy/kubernetes/probity.yaml");
    for flag in flags(audit).into_iter().chain(flags(&job)) {
        assert!(help.contains(&flag), "{flag}");
    }
}

/// The stack is made for real, where IAM is enforced; the role it made answers to the external id alone, and reads.
#[test]
fn the_role_can_be_made_and_audits() {
    let role = "arn:aws:iam::111122223333:role/probity-reader";
    let may_assume = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}]});
    let parameters = json!({
        "AuditorArn": "arn:aws:iam::111122223333:user/auditor", "RoleName": "probity-reader", "ExternalId": "larkspur-2026",
    });
    let aws = Ministack::with_stack(&may_assume, &workspace().join(ROLE_TEMPLATE), &parameters);
    let audit = |external_id: &str| {
        Probity::against_ministack(&aws)
            .args(["audit", "--assume-role", role, "--external-id", external_id])
            .args([
                "--only",
                "family:root,family:password-policy,family:credentials",
                "--fail-on",
                "never",
                "-f",
                "json",
            ])
            .run()
    };
    let refused = audit("guessed");
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    let run = audit("larkspur-2026");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = run.json();
    let caller = report["accounts"][0]["caller"].as_str().unwrap_or_default().to_owned();
    assert!(caller.contains("assumed-role/probity-reader/"), "{caller}");
    let gaps = report["gaps"].as_array().cloned().unwrap_or_default();
    let denied: Vec<&Value> = gaps.iter().filter(|report| report["gap"]["kind"] == "denied").collect();
    assert!(denied.is_empty(), "{denied:#?}");
    let judged =
        report["checks"].as_array().into_iter().flatten().filter(|check| check["outcomes"]["pass"].is_number());
    assert!(judged.count() > 3, "{report:#}");
}

/// Paths in the documentation of `deploy/` lead somewhere.
#[test]
fn the_readme_names_files_that_exist() {
    let readme = text("deploy/README.md");
    for target in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let file = target.split('#').next().unwrap_or_default();
        assert!(file.starts_with("https://") || workspace().join("deploy").join(file).exists(), "{file}");
    }
    for folder in ["cloudformation", "stepfunctions", "systemd", "kubernetes", "github"] {
        for file in fs::read_dir(workspace().join("deploy").join(folder)).expect("the folder") {
            let name = file.expect("a file").file_name().to_string_lossy().into_owned();
            assert!(readme.contains(&name), "deploy/README.md does not speak of {name}");
        }
    }
    assert!(Path::new(&workspace().join("deploy/Containerfile")).exists());
}
