//! The checks that ran: what each asks, why, what to do, and what came of it.

use std::io::{self, Write};

use probity_model::parameter::ParameterValue;
use probity_model::run::{CheckRun, ParameterInForce};
use probity_model::{Outcome, Run};

use super::escape::text;
use super::prose::prose;

/// Writes the checks in the order of the run.
pub(super) fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<section id=\"checks\" aria-labelledby=\"checks-heading\">")?;
    writeln!(to, "<h2 id=\"checks-heading\">Checks that ran ({})</h2>", run.checks.len())?;
    if run.checks.is_empty() {
        return writeln!(to, "<p>No check ran.</p>\n</section>");
    }
    writeln!(to, "<div class=\"scroll\" role=\"region\" aria-label=\"Checks that ran\" tabindex=\"0\">")?;
    writeln!(to, "<table>\n<caption>How many findings of each check have which status</caption>\n<thead><tr>")?;
    writeln!(to, "<th scope=\"col\">Check</th><th scope=\"col\">Family</th><th scope=\"col\">Severity</th>")?;
    for outcome in Outcome::ALL {
        writeln!(to, "<th scope=\"col\" class=\"number\">{outcome}</th>")?;
    }
    writeln!(to, "</tr></thead>\n<tbody>")?;
    run.checks.iter().try_for_each(|check| row(check, to))?;
    writeln!(to, "</tbody>\n</table>\n</div>\n</section>")
}

fn row(check: &CheckRun, to: &mut dyn Write) -> io::Result<()> {
    write!(to, "<tr id=\"c-{}\"><th scope=\"row\"><details>", text(&check.id))?;
    writeln!(to, "<summary>{}<i>{}</i></summary>\n<dl>", text(&check.id), text(&check.title))?;
    for (label, of_check) in [
        ("It asks", &check.summary),
        ("Why", &check.why),
        ("It passes", &check.pass),
        ("It fails", &check.fail),
        ("What to do", &check.fix),
    ] {
        if !of_check.trim().is_empty() {
            let class = if label == "What to do" { " class=\"fix\"" } else { "" };
            writeln!(to, "<dt>{label}</dt><dd{class}>{}</dd>", prose(of_check))?;
        }
    }
    if !check.command.trim().is_empty() {
        writeln!(to, "<dt>Command</dt><dd>")?;
        let lines = check.command.lines().filter(|line| !line.trim_start().starts_with("```"));
        for line in lines {
            writeln!(to, "<code class=\"line\">{}</code>", text(line))?;
        }
        writeln!(to, "</dd>")?;
    }
    let parameters: Vec<String> = check
        .parameters
        .iter()
        .map(|parameter| {
            let changed = if parameter.changed { ", changed from the default" } else { "" };
            format!("{}{changed}", parameter_in_words(parameter))
        })
        .collect();
    let controls: Vec<String> = check
        .controls
        .iter()
        .map(|control| {
            let proposed = if control.proposed { " (proposed)" } else { "" };
            format!("{} {}{proposed}", control.framework, control.control)
        })
        .collect();
    for (label, names) in [("Judged with", &parameters), ("Reads", &check.operations), ("Controls", &controls)] {
        if !names.is_empty() {
            writeln!(to, "<dt>{label}</dt><dd>{}</dd>", text(&names.join(", ")))?;
        }
    }
    write!(to, "</dl></details></th><td>{}</td><td>", check.family)?;
    write!(to, "<b class=\"s-{}\">{}</b></td>", check.severity, check.severity)?;
    for outcome in Outcome::ALL {
        let count = check.outcomes.get(&outcome).copied().unwrap_or_default();
        write!(to, "<td class=\"number\">{count}</td>")?;
    }
    writeln!(to, "</tr>")
}

/// `max_age_days 90 days`; a list in full.
fn parameter_in_words(parameter: &ParameterInForce) -> String {
    let value = match &parameter.value {
        ParameterValue::Number(number) => number.to_string(),
        ParameterValue::Flag(flag) => flag.to_string(),
        ParameterValue::Text(text) => text.clone(),
        ParameterValue::List(names) if names.is_empty() => "none".to_owned(),
        ParameterValue::List(names) => names.join(" "),
    };
    let unit = match parameter.value {
        ParameterValue::Number(_) => format!(" {}", parameter.unit.label()),
        _ => String::new(),
    };
    format!("{} = {value}{}", parameter.name, unit.trim_end())
}
