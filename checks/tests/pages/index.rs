//! The two indexes: every check by its family, every control by its framework.

use std::fmt::Write as _;

use probity_checks::{CHECKS, Control, Entry, FRAMEWORKS};
use probity_model::Family;

use crate::check::cell;

/// Every check, a table a family.
pub(crate) fn by_family() -> String {
    let mut out = format!(
        "# The checks\n\n{} checks in {} families. `probity explain CHECK` prints the same text; [by framework](frameworks.md).\n\
         `probity checks` lists them; `--only family:NAME`, `--only CHECK` and `--skip` narrow an audit, and what it reads with it.\n",
        CHECKS.len(),
        families().count(),
    );
    for family in families() {
        let _ = write!(out, "\n## {family}\n\n| check | severity | passes when | reads |\n| --- | --- | --- | --- |\n");
        for entry in of(family) {
            let topics: Vec<&str> = entry.topics().into_iter().map(probity_model::Topic::name).collect();
            let reads = if topics.is_empty() { "nothing: a person must look".to_owned() } else { topics.join(", ") };
            let _ = writeln!(
                out,
                "| [{id}]({id}.md) | {} | {} | {reads} |",
                entry.meta.severity,
                cell(entry.meta.title),
                id = entry.meta.id
            );
        }
    }
    out
}

fn families() -> impl Iterator<Item = Family> {
    Family::ALL.iter().copied().filter(|family| of(*family).next().is_some())
}

fn of(family: Family) -> impl Iterator<Item = &'static Entry> {
    CHECKS.iter().filter(move |entry| entry.meta.family == family)
}

/// Every control, a table a framework.
pub(crate) fn by_framework() -> String {
    let mut out = "# The frameworks\n\nWhich checks answer which controls. Controls are told in our own words; the wording that counts is the \
                   publisher's. *Proposed* is a mapping of ours, which nobody published. [By family](README.md).\n\n"
        .to_owned();
    for framework in FRAMEWORKS {
        let _ = writeln!(out, "- [{} {}](#{})", framework.title, framework.version, framework.id);
    }
    for framework in FRAMEWORKS {
        let _ = write!(
            out,
            "\n## {}\n\n{} {} ({}). {}\n\n| control | demands | answered by |\n| --- | --- | --- |\n",
            framework.id, framework.title, framework.version, framework.publisher, framework.source
        );
        for control in framework.controls {
            let _ = writeln!(out, "| {} | {} | {} |", cell(control.id), cell(control.title), answer(control));
        }
    }
    out
}

fn answer(control: &Control) -> String {
    let link = |check: &&str| format!("[{check}]({check}.md)");
    let mut parts: Vec<String> = control.checks.iter().map(link).collect();
    parts.extend(control.proposed.iter().map(|check| format!("{} (proposed)", link(check))));
    if !control.planned.is_empty() && !parts.is_empty() {
        parts.push("in part: others are planned".to_owned());
    }
    match () {
        () if !parts.is_empty() => parts.join(", "),
        () if !control.manual.is_empty() => format!("by hand: {}", cell(control.manual)),
        () if !control.out_of_scope.is_empty() => format!("out of scope: {}", cell(control.out_of_scope)),
        () => "no check of this release".to_owned(),
    }
}
