//! The head of the table: what was read, how it stands, and what the table leaves out.

use std::collections::BTreeMap;

use probity_model::run::AccountRun;
use probity_model::{Outcome, Run, Severity};

use super::grid::Grid;
use super::organization;
use super::page::Page;
use crate::Options;
use crate::words::{counted, counts, left_out, score};

/// Writes the summary. `shown` counts the findings that the table goes on to show.
pub(super) fn write(run: &Run, options: &Options, shown: usize, page: &mut Page) {
    page.title(&format!("probity {}, run {}", run.tool_version, run.id));
    page.blank();
    for account in &run.accounts {
        if let Some(sample) = &account.request.sample {
            page.notice(&format!("Sample data, not a real account ({}): {sample}", account.account));
            page.blank();
        }
    }
    match (&run.organization, run.accounts.as_slice()) {
        (Some(whole), _) => organization::head(run, whole, page),
        (None, [account]) => one_account(account, page),
        (None, several) => several_accounts(several, page),
    }
    let mut endpoints: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for account in &run.accounts {
        if let Some(endpoint) = &account.request.endpoint {
            endpoints.entry(endpoint).or_default().push(account.account.as_str());
        }
    }
    for (endpoint, accounts) in endpoints {
        let whose = if run.organization.is_some() {
            counted(accounts.len(), "account", "accounts")
        } else {
            accounts.join(", ")
        };
        page.labelled("Endpoint", &format!("{endpoint}, not AWS's own, for {whose}"));
    }
    for (label, words) in run.selection.in_words() {
        page.labelled(label, &words);
    }
    page.blank();
    page.labelled("Score", &score(run));
    page.labelled("Findings", &counts(run));
    open_failures(run, page);
    super::history::summary(run, page);
    if let Some(left_out) = left_out(run, options, shown) {
        page.labelled("Shown", &left_out);
    }
}

fn one_account(account: &AccountRun, page: &mut Page) {
    page.labelled("Account", &named(account));
    page.labelled("Principal", account.caller.as_ref().map_or("could not be read", |caller| caller.as_str()));
    page.labelled("Regions", &regions(account));
    page.labelled("Read", &format!("{} to {}", account.taken_at, account.finished_at));
}

fn several_accounts(accounts: &[AccountRun], page: &mut Page) {
    let mut grid = Grid::new(["Account", "Principal", "Regions", "Read"]);
    for account in accounts {
        let caller = account.caller.as_ref().map_or_else(|| "could not be read".to_owned(), ToString::to_string);
        grid.row([named(account), caller, regions(account), account.taken_at.to_string().replace('T', " ")]);
    }
    for line in grid.lines(page.width()) {
        page.push(&line);
    }
    page.blank();
}

fn named(account: &AccountRun) -> String {
    match &account.alias {
        Some(alias) => format!("{} ({alias})", account.account),
        None => account.account.to_string(),
    }
}

fn regions(account: &AccountRun) -> String {
    let names: Vec<String> = account.regions.iter().map(ToString::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The open failures by severity.
fn open_failures(run: &Run, page: &mut Page) {
    let counts = Severity::WORST_FIRST.map(|severity| (severity, run.open(severity)));
    let open: usize = counts.iter().map(|(_, count)| count).sum();
    let accepted = run.count(Outcome::Fail).saturating_sub(open);
    // Short enough for any width, so that it need not be wrapped and may be coloured.
    let painted = counts.map(|(severity, count)| {
        let name = if count == 0 { severity.to_string() } else { page.severity(severity) };
        format!("{count} {name}")
    });
    page.push(&format!("{:<11}{}", "Open", painted.join(", ")));
    if !run.exceptions.is_empty() {
        page.labelled("Exceptions", &crate::exceptions::counts(run));
    }
    if accepted > 0 {
        page.labelled(
            "Accepted",
            &counted(accepted, "failure, which counts in the score", "failures, which count in the score"),
        );
    }
}
