//! Reads `frameworks/*.toml`: the controls of each framework, and the checks that answer them.
//!
//! A file may name checks that do not exist yet, as long as `frameworks/planned.txt` lists them: they become the control's
//! `planned` checks and answer nothing. Any other name that no check has is a mistake, and the build fails.

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

impl Control {
    /// Fails on a control that says nothing, or two things at once.
    fn validate(&self) -> Result<(), String> {
        let named = !self.checks.is_empty() || !self.proposed.is_empty();
        let said = [named, !self.manual.is_empty(), !self.out_of_scope.is_empty()].iter().filter(|&&said| said).count();
        match said {
            1 => Ok(()),
            0 => Err(format!("control {}: needs `checks`, `proposed`, `manual` or `out_of_scope`", self.id)),
            _ => Err(format!("control {}: has checks, `manual` and `out_of_scope` at once; keep one", self.id)),
        }
    }

    /// Moves the checks that are not in `ids` out of `checks` and `proposed`, and returns them. Fails on one that nobody plans.
    fn split_planned(&mut self, ids: &[String], planned: &[&str]) -> Result<Vec<String>, String> {
        let missing = |check: &mut String| !ids.contains(check);
        let mut later: Vec<String> = self.checks.extract_if(.., missing).collect();
        later.extend(self.proposed.extract_if(.., missing));
        match later.iter().find(|check| !planned.contains(&check.as_str())) {
            Some(check) => Err(format!("control {}: no check `{check}`, and planned.txt does not list it", self.id)),
            None => Ok(later),
        }
    }
}

/// The Rust source of the list of frameworks, sorted by id. Fails on a check that neither exists nor is planned.
pub(crate) fn read(folder: &Path, ids: &[String]) -> Result<String, Box<dyn std::error::Error>> {
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?.iter().map(|e| e.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let planned = fs::read_to_string(folder.join("planned.txt"))?;
    let planned: Vec<&str> =
        planned.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
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
        for mut control in controls {
            let later = control.validate().and_then(|()| control.split_planned(ids, &planned));
            let later = later.map_err(|error| format!("{}: {error}", file.display()))?;
            let Control { id, title, section, checks, proposed, manual, out_of_scope } = control;
            let _ = writeln!(
                out,
                "Control {{ id: {id:?}, title: {title:?}, section: {section:?}, checks: &{checks:?}, proposed: &{proposed:?}, planned: &{later:?}, manual: {manual:?}, out_of_scope: {out_of_scope:?} }},"
            );
        }
        out.push_str("] },\n");
    }
    out.push_str("];\n");
    Ok(out)
}
