//! Ways to an administrator: as a tree for people, as JSON, and as graphs for Graphviz and Mermaid.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use probity_access::{Access, Certainty, Path, Standing, Step};
use probity_reports::plain;
use serde_json::{Value, json};

use super::answer;
use crate::cli::AnswerFormat;

/// The paths in a format. `goal` is what they lead to, in words.
pub(crate) fn text(access: &Access, paths: &[Path<'_>], goal: &str, format: AnswerFormat) -> String {
    match format {
        AnswerFormat::Table => tree(access, paths, goal),
        AnswerFormat::Json => {
            format!("{:#}\n", json!({"to": goal, "paths": paths.iter().map(path).collect::<Vec<_>>()}))
        }
        AnswerFormat::Dot => dot(paths),
        AnswerFormat::Mermaid => mermaid(paths),
    }
}

fn sure(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "certain",
        Certainty::Conditional => "under conditions",
        Certainty::Unknown => "unknown: evidence is missing",
    }
}

/// A place on a path: the principal, and what was changed about it on the way.
fn place(standing: &Standing<'_>) -> String {
    match standing {
        Standing::Principal(principal) => plain(principal.arn().resource()),
        Standing::Changed(principal, changes) => {
            format!("{} with {}", plain(principal.arn().resource()), plain(&changes.join(", ")))
        }
        Standing::New => "a principal that is made on the way".to_owned(),
    }
}

fn tree(access: &Access, paths: &[Path<'_>], goal: &str) -> String {
    let certain = paths.iter().filter(|path| path.certainty == Certainty::Certain).count();
    let mut out = format!(
        "{certain} of {} principals can become {goal}; {} more perhaps\n",
        access.principals().len(),
        paths.len() - certain
    );
    for path in paths {
        let steps = if path.steps.len() == 1 { "1 step".to_owned() } else { format!("{} steps", path.steps.len()) };
        let from = plain(path.from.arn().as_str());
        let _ = writeln!(out, "\n{from} ({steps}, {})", sure(path.certainty));
        for (number, step) in path.steps.iter().enumerate() {
            let last = number + 1 == path.steps.len();
            let (branch, trunk) = if last { ("└─", "  ") } else { ("├─", "│ ") };
            let _ = writeln!(out, "  {branch} {} → {}", step.method.id, place(&step.to));
            let _ = writeln!(out, "  {trunk}   {}", step.method.title);
            for used in &step.statements {
                let _ = writeln!(out, "  {trunk}   {}", answer::statement(used));
                for open in &used.remaining {
                    let _ = writeln!(out, "  {trunk}     if: {}", plain(open));
                }
            }
            for open in &step.open {
                let _ = writeln!(out, "  {trunk}   open: {}", plain(open));
            }
        }
    }
    out
}

fn path(path: &Path<'_>) -> Value {
    json!({
        "from": path.from.arn(), "certainty": certainty(path.certainty),
        "steps": path.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn step(step: &Step<'_>) -> Value {
    json!({
        "from": standing(&step.from), "to": standing(&step.to), "method": step.method.id, "title": step.method.title,
        "certainty": certainty(step.certainty), "open": step.open,
        "statements": step.statements.iter().map(answer::statement_json).collect::<Vec<_>>(),
    })
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "certain",
        Certainty::Conditional => "conditional",
        Certainty::Unknown => "unknown",
    }
}

fn standing(standing: &Standing<'_>) -> Value {
    match standing {
        Standing::Principal(principal) => json!({"principal": principal.arn()}),
        Standing::Changed(principal, changes) => json!({"principal": principal.arn(), "changed": changes}),
        Standing::New => json!({"new": true}),
    }
}

/// Every step once, by the places it joins.
fn edges<'p>(paths: &'p [Path<'p>]) -> BTreeMap<(String, String, &'p str), Certainty> {
    let steps = paths.iter().flat_map(|path| &path.steps);
    steps.map(|step| ((place(&step.from), place(&step.to), step.method.id.as_str()), step.certainty)).collect()
}

fn dot(paths: &[Path<'_>]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = String::from("digraph paths {\n  rankdir=LR;\n  node [shape=box];\n");
    for ((from, to, method), certainty) in edges(paths) {
        let style = if certainty == Certainty::Certain { "solid" } else { "dashed" };
        let _ = writeln!(out, "  {} -> {} [label={}, style={style}];", quoted(&from), quoted(&to), quoted(method));
    }
    out.push_str("}\n");
    out
}

fn mermaid(paths: &[Path<'_>]) -> String {
    let edges = edges(paths);
    let places: BTreeSet<&String> = edges.keys().flat_map(|(from, to, _)| [from, to]).collect();
    let number = |place: &String| places.iter().position(|other| *other == place).unwrap_or_default();
    // Mermaid ends a quoted label at any quotation mark, and takes HTML in it.
    let label =
        |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    let mut out = String::from("flowchart LR\n");
    for place in &places {
        let _ = writeln!(out, "  n{}[\"{}\"]", number(place), label(place));
    }
    for ((from, to, method), certainty) in &edges {
        let arrow = if *certainty == Certainty::Certain { "-->" } else { "-.->" };
        let _ = writeln!(out, "  n{} {arrow}|\"{}\"| n{}", number(from), label(method), number(to));
    }
    out
}
