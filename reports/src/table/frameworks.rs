//! The frameworks that were asked for: a table a section, every control in it.

use probity_model::Run;
use probity_model::framework::{ControlRun, FrameworkRun};

use super::grid::Grid;
use super::page::Page;
use crate::controls::{accounts, check, counts, looked_at, regions, title, when};
use crate::text::one_line;

/// Writes every framework.
pub(super) fn write(run: &Run, page: &mut Page) {
    for framework in &run.frameworks {
        page.heading(&title(framework));
        page.text_line("", &counts(framework));
        if !framework.source.is_empty() {
            page.text_line("", &framework.source);
        }
        framework.sections().for_each(|section| one_section(run, framework, section, page));
    }
}

fn one_section(run: &Run, framework: &FrameworkRun, section: &[ControlRun], page: &mut Page) {
    let name = section.first().map(|control| control.section.as_str()).unwrap_or_default();
    page.heading(&if name.is_empty() { title(framework) } else { format!("{}: {name}", framework.id) });
    let mut grid = Grid::new(["Control", "Verdict", "Demands", "What it rests on"]);
    for control in section {
        grid.row([
            one_line(&control.id),
            control.verdict.to_string(),
            one_line(&control.title),
            rests_on(run, control).iter().map(|line| one_line(line)).collect::<Vec<_>>().join("\n"),
        ]);
    }
    for line in grid.lines(page.width()) {
        page.push(&line);
    }
}

/// What the verdict means, the checks behind it, what was looked at, where and when.
fn rests_on(run: &Run, control: &ControlRun) -> Vec<String> {
    let mut lines = vec![control.reason.clone()];
    lines.extend(control.checks.iter().map(check));
    if !control.planned.is_empty() {
        lines.push(format!("not in this release: {}", control.planned.join(", ")));
    }
    if let Some(observed) = &control.observed {
        let regions = match regions(observed) {
            regions if regions.is_empty() => String::new(),
            regions => format!(" in {regions}"),
        };
        lines.push(format!("looked at {}{regions}, read {}", looked_at(observed), when(observed)));
        if run.accounts.len() > 1 {
            lines.push(accounts(control));
        }
    }
    lines
}
