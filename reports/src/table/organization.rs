//! Several accounts as one picture, for a person at a terminal.

use probity_model::Run;
use probity_model::run::organization::{AccountStanding, OrganizationRun};

use super::grid::Grid;
use super::page::Page;
use crate::organization::{
    DELEGATED, accounts_of, audit, chain, coverage, delegated, failed, in_accounts, named, open, root_access, score,
    whose,
};
use crate::words::counted;

/// So many accounts are all listed; of more, those that stand worst.
const ALL: usize = 20;
/// How many lines of a list are shown before it is said how many more there are.
const LIST: usize = 10;

/// Writes whose accounts these are, and how they stand.
pub(super) fn head(run: &Run, whole: &OrganizationRun, page: &mut Page) {
    page.labelled("Of", &whose(whole));
    page.labelled("Accounts", &coverage(whole));
    if let Some(root) = root_access(whole) {
        page.labelled("Root", &root);
    }
    page.labelled("Read", &format!("{} to {}", run.started_at, run.finished_at));
}

/// Writes the picture.
pub(super) fn write(whole: &OrganizationRun, page: &mut Page) {
    units(whole, page);
    accounts(whole, page);
    checks(whole, page);
    list(page, "Accounts that nobody could audit", failed(whole).into_iter().map(|(who, why)| format!("{who}: {why}")));
    list(page, "Administrators of other accounts, by entering roles", whole.chains.iter().map(|one| chain(whole, one)));
    list(page, DELEGATED, delegated(whole).into_iter());
    list(
        page,
        "From outside, roles let in",
        whole.outside_accounts.iter().map(|one| {
            let owner = one.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
            let first = one.roles.first().map(|role| format!(": {role}")).unwrap_or_default();
            format!("{}{owner} by {}{first}", one.party, counted(one.roles.len(), "role", "roles"))
        }),
    );
    list(page, "What of the whole is not known", whole.unjudged.iter().cloned());
}

fn units(whole: &OrganizationRun, page: &mut Page) {
    if whole.units.is_empty() {
        return;
    }
    page.heading("Organizational units");
    let mut grid = Grid::new(["Unit", "Accounts", "Score", "Critical", "High", "Medium"]).with_numbers();
    for unit in &whole.units {
        let [critical, high, medium] = open(&unit.open);
        let name = format!("{}{}", "\u{b7} ".repeat(unit.depth), unit.name);
        grid.row([name, accounts_of(unit), score(Some(&unit.score)), critical, high, medium]);
    }
    lines(&grid, page);
}

fn accounts(whole: &OrganizationRun, page: &mut Page) {
    let audited: Vec<&AccountStanding> = whole.accounts.iter().filter(|one| one.score.is_some()).collect();
    let all = audited.len() <= ALL;
    let shown: Vec<&AccountStanding> =
        if all { audited } else { whole.worst_accounts.iter().filter_map(|id| whole.account(id)).collect() };
    if shown.is_empty() {
        return;
    }
    page.heading(if all { "Accounts" } else { "The accounts that stand worst (use -f html or -f json for all)" });
    let mut grid = Grid::new(["Account", "Score", "Critical", "High", "Medium", "Audit"]).with_numbers();
    for standing in shown {
        let [critical, high, medium] = open(&standing.open);
        grid.row([named(standing), score(standing.score.as_ref()), critical, high, medium, audit(standing)]);
    }
    lines(&grid, page);
}

fn checks(whole: &OrganizationRun, page: &mut Page) {
    if whole.failing_checks.is_empty() {
        return;
    }
    page.heading("Checks that fail in most accounts");
    let mut grid = Grid::new(["Check", "Accounts", "Open"]).with_numbers();
    for check in whole.failing_checks.iter().take(LIST) {
        grid.row([check.check.clone(), in_accounts(check.accounts, check.judged), check.open.to_string()]);
    }
    lines(&grid, page);
}

fn list(page: &mut Page, heading: &str, items: impl ExactSizeIterator<Item = String>) {
    let count = items.len();
    if count == 0 {
        return;
    }
    page.heading(&format!("{heading} ({count})"));
    for item in items.take(LIST) {
        page.text_line("  ", &item);
    }
    if count > LIST {
        page.text_line("  ", &format!("and {} more (use -f json for all)", count - LIST));
    }
}

fn lines<const N: usize>(grid: &Grid<N>, page: &mut Page) {
    for line in grid.lines(page.width()) {
        page.push(&line);
    }
}
