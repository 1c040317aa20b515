//! Reads the `//!` headers of the checks.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The families that have a folder, in the order in which checks are listed.
const FAMILIES: [&str; 14] = [
    "root",
    "credentials",
    "mfa",
    "password_policy",
    "users_and_groups",
    "roles_and_trust",
    "federation",
    "policies",
    "privilege_escalation",
    "unused_access",
    "organizations",
    "logging_and_monitoring",
    "access_analyzer",
    "account",
];

/// The sections of a header: its name, the field of `Docs`, and whether it must be there.
const SECTIONS: [(&str, &str, bool); 7] = [
    ("Why", "why", true),
    ("Pass", "pass", true),
    ("Fail", "fail", true),
    ("Not applicable", "not_applicable", false),
    ("Notes", "notes", false),
    ("Fix", "fix", true),
    ("Command", "command", false),
];

/// One check as its file tells it.
pub(crate) struct Check {
    family: &'static str,
    module: String,
    docs: Vec<(&'static str, String)>,
}

impl Check {
    /// The id that belongs to the file's name.
    pub(crate) fn id(&self) -> String {
        self.module.replace('_', "-")
    }
}

/// The checks of every family, sorted by family and file.
pub(crate) fn checks(src: &Path) -> Result<Vec<Check>, Box<dyn std::error::Error>> {
    let mut checks = Vec::new();
    for family in FAMILIES {
        let folder = src.join(family);
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut files: Vec<_> = entries.collect::<Result<Vec<_>, _>>()?.into_iter().map(|entry| entry.path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
            let module = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let docs =
                header(&fs::read_to_string(file)?).map_err(|problem| format!("{}: {problem}", file.display()))?;
            checks.push(Check { family, module, docs });
        }
    }
    Ok(checks)
}

fn header(source: &str) -> Result<Vec<(&'static str, String)>, String> {
    let mut found: Vec<(&'static str, String)> = vec![("summary", String::new())];
    for line in source.lines().map_while(|line| line.strip_prefix("//!")) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if let Some(title) = line.strip_prefix("# ") {
            let section = SECTIONS.iter().find(|(name, ..)| *name == title);
            let (_, field, _) = section.ok_or_else(|| format!("`# {title}` is not a section of a check's header"))?;
            found.push((field, String::new()));
        } else if let Some((_, text)) = found.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    for (_, text) in &mut found {
        *text = paragraphs(text);
    }
    let written = |field: &str| found.iter().any(|(name, text)| *name == field && !text.is_empty());
    if !written("summary") {
        return Err("no `//!` summary".to_owned());
    }
    match SECTIONS.iter().find(|(_, field, required)| *required && !written(field)) {
        Some((title, ..)) => Err(format!("no `//! # {title}` section")),
        None => Ok(found),
    }
}

/// Joins wrapped lines; keeps empty lines between paragraphs, list items, and the inside of code fences without the fences.
fn paragraphs(text: &str) -> String {
    let mut out = String::new();
    let mut fenced = false;
    for line in text.trim().lines() {
        if line.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        let joins = !fenced && !line.is_empty() && !line.starts_with("- ") && !out.is_empty() && !out.ends_with('\n');
        if joins {
            out.push(' ');
        } else if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(line.trim_end());
        if line.is_empty() {
            out.push('\n');
        }
    }
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    out.trim().to_owned()
}

/// The Rust source of the list.
pub(crate) fn registry(checks: &[Check]) -> String {
    let mut out = String::from("/// Every check, sorted by family and id.\npub static CHECKS: &[Entry] = &[\n");
    for check in checks {
        let docs: String = ["summary"]
            .into_iter()
            .chain(SECTIONS.map(|(_, field, _)| field))
            .map(|field| {
                let text = check.docs.iter().find(|(name, _)| *name == field).map_or("", |(_, text)| text);
                format!("{field}: {text:?}, ")
            })
            .collect();
        let (family, module) = (check.family, &check.module);
        let _ = writeln!(
            out,
            "    Entry::of::<crate::{family}::{module}::Check>(\"checks/src/{family}/{module}.rs\", Docs {{ {docs}}}),"
        );
    }
    out.push_str("];\n");
    out
}
