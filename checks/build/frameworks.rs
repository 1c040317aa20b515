//! Reads `frameworks/*.toml`: the controls of each framework, and the checks that answer them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Framework {
    id: String,
    title: String,
    publisher: String,
    version: String,
    source: String,
    #[serde(default, rename = "control")]
    controls: Vec<Control>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    id: String,
    title: String,
    #[serde(default)]
    section: String,
    /// Checks whose mapping to this control somebody published.
    #[serde(default)]
    checks: Vec<String>,
    /// Checks that we propose for it.
    #[serde(default)]
    proposed: Vec<String>,
    /// What to look at where no check can answer.
    #[serde(default)]
    manual: String,
    /// Why it is left to other tools.
    #[serde(default)]
    out_of_scope: String,
}

/// The Rust source of the list of frameworks, sorted by id. Fails on a check that does not exist.
pub(crate) fn read(folder: &Path, ids: &[String]) -> Result<String, Box<dyn std::error::Error>> {
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?.iter().map(|e| e.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut out = String::from("/// Every framework, sorted by id.\npub static FRAMEWORKS: &[Framework] = &[\n");
    for file in files {
        let framework: Framework =
            toml::from_str(&fs::read_to_string(&file)?).map_err(|error| format!("{}: {error}", file.display()))?;
        if file.file_stem().is_none_or(|stem| *stem != *framework.id) {
            return Err(format!("{}: the id `{}` is not the file's name", file.display(), framework.id).into());
        }
        let Framework { id, title, publisher, version, source, controls } = framework;
        let _ = writeln!(
            out,
            "Framework {{ id: {id:?}, title: {title:?}, publisher: {publisher:?}, version: {version:?}, source: {source:?}, controls: &["
        );
        for control in controls {
            let unknown = control.checks.iter().chain(&control.proposed).find(|check| !ids.contains(check));
            if let Some(check) = unknown {
                return Err(format!("{}: control {}: no check `{check}`", file.display(), control.id).into());
            }
            let Control { id, title, section, checks, proposed, manual, out_of_scope } = control;
            let _ = writeln!(
                out,
                "Control {{ id: {id:?}, title: {title:?}, section: {section:?}, checks: &{checks:?}, proposed: &{proposed:?}, manual: {manual:?}, out_of_scope: {out_of_scope:?} }},"
            );
        }
        out.push_str("] },\n");
    }
    out.push_str("];\n");
    Ok(out)
}
