//! The head of the table: what was audited, how it stands, and at the end what it cost.

use std::collections::BTreeMap;

use comfy_table::{Attribute, Cell, CellAlignment};
use probity_model::run::AccountRun;
use probity_model::{Outcome, Run, Severity};

use super::{table, wrapped};
use crate::{Options, plain};

/// Accounts that are named one by one; more are counted.
const ACCOUNTS: usize = 5;
/// Regions that are named; more are counted.
const REGIONS: usize = 4;

/// The head.
pub(super) fn text(run: &Run, options: &Options) -> String {
    let mut out = format!("probity {}\n", run.tool_version);
    for account in run.accounts.iter().take(ACCOUNTS) {
        out.push_str(&account_lines(account, options));
    }
    if run.accounts.len() > ACCOUNTS {
        out.push_str(&format!("and {} more accounts\n", run.accounts.len() - ACCOUNTS));
    }
    out.push('\n');
    out.push_str(&wrapped(&score_line(run), options, ""));
    out.push_str(&counts(run, options));
    out
}

fn account_lines(account: &AccountRun, options: &Options) -> String {
    let alias = account.alias.as_deref().map(|alias| format!(" ({})", plain(alias))).unwrap_or_default();
    let when = account.taken_at.to_string().replace('T', " ").replace('Z', " UTC");
    let mut lines = vec![format!("Account   {}{alias}, read {when}", account.account)];
    if let Some(caller) = &account.caller {
        lines.push(format!("Principal {}", plain(caller.as_str())));
    }
    if !account.regions.is_empty() {
        let names: Vec<&str> = account.regions.iter().map(|region| region.as_str()).collect();
        let places = match names.get(..REGIONS) {
            Some(first) if names.len() > REGIONS => {
                format!("{} and {} more", first.join(", "), names.len() - REGIONS)
            }
            _ => names.join(", "),
        };
        lines.push(format!("Regions   {places}"));
    }
    if let Some(endpoint) = &account.request.endpoint {
        lines.push(format!("Endpoint  {} (not AWS's own)", plain(endpoint)));
    }
    if let Some(sample) = &account.request.sample {
        lines.push(format!("Note      {}", plain(sample)));
    }
    lines.iter().map(|line| wrapped(line, options, "          ")).collect()
}

/// The score in words, with its coverage.
pub(crate) fn score_line(run: &Run) -> String {
    let score = &run.score;
    let coverage = format!(
        "{} of the {} checks that apply could be judged ({} %)",
        score.judged, score.applicable, score.coverage_percent
    );
    match score.value {
        Some(value) if score.capped => {
            format!("Score {value} of 100; {coverage}. An open critical failure keeps it below 60.")
        }
        Some(value) => format!("Score {value} of 100; {coverage}."),
        None => format!("No score; {coverage}."),
    }
}

/// How many findings there are, by severity where they failed.
fn counts(run: &Run, options: &Options) -> String {
    let mut table = table(options);
    let open: Vec<usize> = Severity::WORST_FIRST.into_iter().map(|severity| run.open(severity)).collect();
    let excepted = run.count(Outcome::Fail).saturating_sub(open.iter().sum());
    let mut header: Vec<String> = Severity::WORST_FIRST.iter().map(|severity| format!("fail:\n{severity}")).collect();
    header.extend(["not\nevaluated", "\nmanual", "\npass", "not\napplicable"].map(str::to_owned));
    let rest = [Outcome::NotEvaluated, Outcome::Manual, Outcome::Pass, Outcome::NotApplicable];
    table.set_header(header.iter().map(|title| Cell::new(title).set_alignment(CellAlignment::Right)));
    let failures = Severity::WORST_FIRST.into_iter().zip(&open).map(|(severity, count)| {
        let cell = Cell::new(count).set_alignment(CellAlignment::Right);
        if *count > 0 { cell.fg(color(severity)).add_attribute(Attribute::Bold) } else { cell }
    });
    let others = rest.into_iter().map(|outcome| Cell::new(run.count(outcome)).set_alignment(CellAlignment::Right));
    table.add_row(failures.chain(others).collect::<Vec<_>>());
    let mut out = format!("{table}\n");
    if excepted > 0 {
        out.push_str(&format!("{excepted} more failures are excepted.\n"));
    }
    out
}

/// The colour of a severity.
pub(super) fn color(severity: Severity) -> comfy_table::Color {
    match severity {
        Severity::Critical => comfy_table::Color::Red,
        Severity::High => comfy_table::Color::DarkRed,
        Severity::Medium => comfy_table::Color::Yellow,
        Severity::Low => comfy_table::Color::Cyan,
        Severity::Info => comfy_table::Color::Grey,
    }
}

/// The foot: the calls by service.
pub(super) fn calls(run: &Run, options: &Options) -> String {
    let mut services: BTreeMap<&str, u64> = BTreeMap::new();
    let all = run.accounts.iter().flat_map(|account| &account.calls);
    let mut throttled = 0;
    for count in all {
        let service = count.operation.split(':').next().unwrap_or_default();
        *services.entry(service).or_default() += count.calls;
        throttled += count.throttled;
    }
    if services.is_empty() {
        return String::new();
    }
    let total: u64 = services.values().sum();
    let named: Vec<String> = services.iter().map(|(service, calls)| format!("{service} {calls}")).collect();
    let met = match throttled {
        0 => String::new(),
        1 => "; 1 was throttled and tried again".to_owned(),
        several => format!("; {several} were throttled and tried again"),
    };
    let line = format!("{total} API calls, all of them reads: {}{met}.", named.join(", "));
    format!("\n{}", wrapped(&line, options, ""))
}
