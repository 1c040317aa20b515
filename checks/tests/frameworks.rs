//! What holds for every framework file: complete, without contradictions, and claiming no answer that no check gives.
//!
//! The files are read here a second time and without the build, which moves checks that do not exist yet out of the way.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../build/frameworks.rs"]
mod build;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use probity_checks::frameworks::controls_of;
use probity_checks::{CHECKS, FRAMEWORKS};
use toml::{Table, Value};

const IDS: [&str; 14] = [
    "aws-best-practices",
    "aws-fsbp",
    "cis-1.5",
    "cis-2.0",
    "cis-3.0",
    "cis-4.0.1",
    "cis-5.0",
    "cis-6.0",
    "cis-7.0",
    "iso-27001-2022",
    "nist-800-53-r5",
    "pci-4.0.1",
    "securityhub-other",
    "soc-2",
];

/// How many recommendations, criteria or controls the publisher's own list has, where a file holds all of it.
const COMPLETE: [(&str, usize); 9] = [
    ("cis-1.5", 63),
    ("cis-2.0", 64),
    ("cis-3.0", 62),
    ("cis-4.0.1", 64),
    ("cis-5.0", 63),
    ("cis-6.0", 63),
    ("cis-7.0", 70),
    ("iso-27001-2022", 93),
    ("soc-2", 61),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("frameworks")
}

/// Every file by its name without the ending.
fn files() -> BTreeMap<String, Table> {
    let paths = fs::read_dir(folder()).expect("the folder").map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("text");
            let table = text.parse().expect("TOML");
            (path.file_stem().expect("a name").to_string_lossy().into_owned(), table)
        })
        .collect()
}

/// The names of a list in a control as written, planned checks included.
fn named(control: &Value, key: &str) -> Vec<String> {
    let list = control.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

fn controls(framework: &Table) -> &[Value] {
    framework["control"].as_array().expect("controls")
}

fn planned() -> Vec<String> {
    let text = fs::read_to_string(folder().join("planned.txt")).expect("the list of planned checks");
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

fn exists(check: &str) -> bool {
    CHECKS.iter().any(|entry| entry.meta.id == check)
}

#[test]
fn every_framework_is_there_once_and_sorted() {
    let ids: Vec<&str> = FRAMEWORKS.iter().map(|framework| framework.id).collect();
    assert_eq!(ids, IDS);
    assert_eq!(files().into_keys().collect::<Vec<_>>(), IDS);
}

#[test]
fn frameworks_held_whole_have_as_many_controls_as_their_publisher() {
    for (id, count) in COMPLETE {
        let framework = FRAMEWORKS.iter().find(|framework| framework.id == id).expect("the framework");
        assert_eq!(framework.controls.len(), count, "{id}");
    }
}

#[test]
fn every_control_has_an_id_of_its_own_a_title_and_a_section() {
    for framework in FRAMEWORKS {
        let texts = [framework.title, framework.publisher, framework.version, framework.source];
        assert!(texts.iter().all(|text| !text.is_empty()), "{}", framework.id);
        let mut ids = BTreeSet::new();
        let mut titles = BTreeSet::new();
        for control in framework.controls {
            let here = format!("{} {}", framework.id, control.id);
            assert!(ids.insert(control.id), "{here}: twice");
            assert!(titles.insert(control.title), "{here}: another control has the same title");
            assert!(!control.section.is_empty(), "{here}");
            for text in [control.title, control.manual, control.out_of_scope] {
                assert!(!text.contains('!') && text.trim() == text, "{here}: {text:?}");
            }
            assert!(!control.title.ends_with('.'), "{here}: a title is no sentence with a full stop");
        }
    }
}

#[test]
fn sections_stand_together() {
    for framework in FRAMEWORKS {
        let mut sections: Vec<&str> = framework.controls.iter().map(|control| control.section).collect();
        sections.dedup();
        let distinct: BTreeSet<&str> = sections.iter().copied().collect();
        assert_eq!(sections.len(), distinct.len(), "{}: {sections:?}", framework.id);
    }
}

/// Answered, planned, manual or out of scope: a control that says nothing would be a silent gap, one that says two things a
/// contradiction.
#[test]
fn every_control_is_in_exactly_one_state() {
    for framework in FRAMEWORKS {
        for control in framework.controls {
            let checks = [control.checks, control.proposed, control.planned];
            let states = [
                checks.iter().any(|list| !list.is_empty()),
                !control.manual.is_empty(),
                !control.out_of_scope.is_empty(),
            ];
            assert_eq!(states.iter().filter(|&&state| state).count(), 1, "{} {}", framework.id, control.id);
        }
    }
}

#[test]
fn a_manual_control_says_what_to_look_at_and_one_out_of_scope_why() {
    for framework in FRAMEWORKS {
        for control in framework.controls {
            for text in [control.manual, control.out_of_scope].iter().filter(|text| !text.is_empty()) {
                assert!(text.ends_with('.') && text.len() > 20, "{} {}: {text:?}", framework.id, control.id);
            }
        }
    }
}

/// The promise that matters: whatever stands as an answer is a check that runs, and the others stand as planned.
#[test]
fn only_checks_that_exist_answer_a_control() {
    for framework in FRAMEWORKS {
        for control in framework.controls {
            let here = format!("{} {}", framework.id, control.id);
            for check in control.checks.iter().chain(control.proposed) {
                assert!(exists(check), "{here}: {check} does not exist");
            }
            for check in control.planned {
                assert!(!exists(check), "{here}: {check} exists and answers");
            }
        }
    }
}

#[test]
fn nothing_is_lost_between_the_file_and_the_program() {
    let files = files();
    for framework in FRAMEWORKS {
        let written = controls(&files[framework.id]);
        assert_eq!(written.len(), framework.controls.len(), "{}", framework.id);
        for (control, written) in framework.controls.iter().zip(written) {
            let here = format!("{} {}", framework.id, control.id);
            assert_eq!(written["id"].as_str(), Some(control.id), "{here}");
            let (published, proposed) = (named(written, "checks"), named(written, "proposed"));
            let split = |names: &[String]| names.iter().filter(|name| exists(name)).cloned().collect::<Vec<_>>();
            assert_eq!(control.checks, split(&published), "{here}");
            assert_eq!(control.proposed, split(&proposed), "{here}");
            let later: Vec<String> = published.into_iter().chain(proposed).filter(|name| !exists(name)).collect();
            assert_eq!(control.planned, later, "{here}");
        }
    }
}

#[test]
fn every_check_named_exists_or_is_planned_and_is_named_once() {
    let planned = planned();
    for (id, framework) in &files() {
        for control in controls(framework) {
            let here = format!("{id} {}", control["id"]);
            let mut seen = BTreeSet::new();
            for check in named(control, "checks").into_iter().chain(named(control, "proposed")) {
                assert!(exists(&check) || planned.contains(&check), "{here}: nobody knows {check}");
                assert!(seen.insert(check.clone()), "{here}: {check} twice");
            }
        }
    }
}

#[test]
fn the_list_of_planned_checks_is_used_and_has_no_check_twice() {
    let planned = planned();
    let distinct: BTreeSet<&String> = planned.iter().collect();
    assert_eq!(planned.len(), distinct.len());
    let files = files();
    let mapped: BTreeSet<String> = files
        .values()
        .flat_map(controls)
        .flat_map(|control| [named(control, "checks"), named(control, "proposed")].concat())
        .collect();
    let unused: Vec<&String> = planned.iter().filter(|check| !mapped.contains(*check)).collect();
    assert!(unused.is_empty(), "planned, and no control names them: {unused:?}");
}

#[test]
fn every_check_answers_a_control_of_some_framework() {
    for entry in CHECKS {
        assert!(!controls_of(entry.meta.id).is_empty(), "{}", entry.meta.id);
    }
}

#[test]
fn a_reference_tells_published_from_proposed() {
    let references = controls_of("root-signing-certificate-absent");
    assert!(references.iter().all(|reference| reference.proposed), "nobody publishes this one: {references:?}");
    let references = controls_of("root-mfa-enabled");
    let cis = references.iter().find(|reference| reference.framework == "cis-7.0").expect("the newest benchmark");
    assert_eq!((cis.control.as_str(), cis.proposed), ("2.5", false));
}

/// Neither the publisher nor anybody else says which check answers which practice.
#[test]
fn trap_the_practices_of_aws_are_published_and_their_mapping_is_not() {
    let practices = FRAMEWORKS.iter().find(|framework| framework.id == "aws-best-practices").expect("the practices");
    assert!(practices.controls.iter().all(|control| control.checks.is_empty()));
    assert!(practices.controls.iter().any(|control| !control.proposed.is_empty()));
}

/// The build over a folder with one control, written as given.
fn built(control: &str) -> Result<String, String> {
    let folder = write_folder(control);
    let result = build::read(&folder, &["there".to_owned()]).map_err(|error| error.to_string());
    fs::remove_dir_all(&folder).expect("removed");
    result
}

fn write_folder(control: &str) -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("framework-{}-{next}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let head =
        "id = 'f'\ntitle = 'F'\npublisher = 'P'\nversion = '1'\nsource = 'S'\n[[control]]\nid = '1'\ntitle = 'T'\n";
    fs::write(folder.join("f.toml"), format!("{head}{control}\n")).expect("written");
    fs::write(folder.join("planned.txt"), "# A comment.\nlater\n").expect("written");
    folder
}

#[test]
fn the_build_sets_planned_checks_apart() {
    let source = built("checks = ['later', 'there']").expect("known checks");
    assert!(source.contains(r#"checks: &["there"], proposed: &[], planned: &["later"]"#), "{source}");
    let source = built("proposed = ['later']").expect("a planned check");
    assert!(source.contains(r#"checks: &[], proposed: &[], planned: &["later"]"#), "{source}");
}

#[test]
fn the_build_refuses_a_check_that_neither_exists_nor_is_planned() {
    let error = built("checks = ['there', 'tehre']").expect_err("a mistyped check");
    assert!(error.contains("control 1: no check `tehre`"), "{error}");
    assert!(built("proposed = ['tehre']").is_err());
}

#[test]
fn the_build_refuses_a_control_that_says_nothing_or_contradicts_itself() {
    assert!(built("").expect_err("silence").contains("control 1: needs"));
    assert!(built("checks = []\nmanual = ''").is_err());
    assert!(built("checks = ['there']\nmanual = 'Look.'").expect_err("two answers").contains("keep one"));
    assert!(built("manual = 'Look.'\nout_of_scope = 'No.'").is_err());
    assert!(built("manual = 'Look.'").is_ok());
    assert!(built("out_of_scope = 'No.'").is_ok());
}
