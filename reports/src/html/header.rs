//! Who was audited, by whom, where and when; and the score.

use std::collections::BTreeSet;
use std::io::{self, Write};

use probity_model::Run;
use probity_model::run::AccountRun;
use probity_model::run::organization::OrganizationRun;

use super::escape::text;
use super::organization;
use crate::Options;
use crate::paths::ways;
use crate::words::{counts, left_out};

/// The sections, by id and name, in their order.
const SECTIONS: [(&str, &str); 10] = [
    ("score", "Score"),
    ("charts", "At a glance"),
    ("history", "History"),
    ("frameworks", "Frameworks"),
    ("paths", "Escalation"),
    ("findings", "Findings"),
    ("gaps", "Not evaluated"),
    ("exceptions", "Exceptions"),
    ("checks", "Checks"),
    ("calls", "Calls to AWS"),
];

/// Writes the header and the contents.
pub(super) fn write(run: &Run, options: &Options, shown: usize, failures: &str, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<a class=\"skip\" href=\"#findings\">Skip to the findings</a>")?;
    writeln!(to, "<header>\n<p class=\"product\">probity {}</p>\n<h1>{failures}</h1>", text(&run.tool_version))?;
    for account in &run.accounts {
        if let Some(sample) = &account.request.sample {
            writeln!(
                to,
                "<p class=\"notice\"><strong>Sample data, not a real account ({}):</strong> {}</p>",
                account.account,
                text(sample)
            )?;
        }
        if let Some(endpoint) = account.request.endpoint.as_ref().filter(|_| run.organization.is_none()) {
            writeln!(
                to,
                "<p class=\"notice\"><strong>Not AWS&#39;s own endpoint ({}):</strong> {}</p>",
                account.account,
                text(endpoint)
            )?;
        }
    }
    match &run.organization {
        Some(whole) => several_accounts(run, whole, to)?,
        None => run.accounts.iter().try_for_each(|account| one_account(account, to))?,
    }
    selection(run, options, shown, to)?;
    writeln!(to, "</header>\n<nav aria-label=\"Contents\"><ul>")?;
    for (id, name) in SECTIONS {
        let is_there = match id {
            "frameworks" => !run.frameworks.is_empty(),
            "history" => run.history.is_some(),
            "exceptions" => !run.exceptions.is_empty(),
            "paths" => !ways(run).is_empty(),
            _ => true,
        };
        if is_there {
            writeln!(to, "<li><a href=\"#{id}\">{name}</a></li>")?;
        }
        if id == "score" && run.organization.is_some() {
            writeln!(to, "<li><a href=\"#organization\">Accounts</a></li>")?;
        }
    }
    writeln!(to, "</ul></nav>")
}

fn several_accounts(run: &Run, whole: &OrganizationRun, to: &mut dyn Write) -> io::Result<()> {
    let endpoints: BTreeSet<&str> =
        run.accounts.iter().filter_map(|account| account.request.endpoint.as_deref()).collect();
    for endpoint in endpoints {
        writeln!(to, "<p class=\"notice\"><strong>Not AWS&#39;s own endpoint:</strong> {}</p>", text(endpoint))?;
    }
    writeln!(to, "<dl class=\"facts\">")?;
    organization::facts(run, whole).iter().try_for_each(|(label, value)| fact(label, value, to))?;
    writeln!(to, "</dl>")
}

fn one_account(account: &AccountRun, to: &mut dyn Write) -> io::Result<()> {
    let regions: Vec<&str> = account.regions.iter().map(|region| region.as_str()).collect();
    let regions = if regions.is_empty() { "none".to_owned() } else { regions.join(", ") };
    let caller = account.caller.as_ref().map_or("could not be read", |caller| caller.as_str());
    writeln!(to, "<dl class=\"facts\">")?;
    fact("Account", account.account.as_str(), to)?;
    fact("Alias", account.alias.as_deref().unwrap_or("none was read"), to)?;
    fact("Principal", caller, to)?;
    fact("Regions", &regions, to)?;
    fact("Read", &format!("{} to {}", account.taken_at, account.finished_at), to)?;
    writeln!(to, "</dl>")
}

/// What was asked for and what is left out: a selection must not read as the whole.
fn selection(run: &Run, options: &Options, shown: usize, to: &mut dyn Write) -> io::Result<()> {
    let mut facts = run.selection.in_words();
    facts.extend(left_out(run, options, shown).map(|left_out| ("Shown", left_out)));
    if facts.is_empty() {
        return Ok(());
    }
    writeln!(to, "<dl class=\"facts\">")?;
    facts.iter().try_for_each(|(label, value)| fact(label, value, to))?;
    writeln!(to, "</dl>")
}

fn fact(label: &str, value: &str, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<div><dt>{label}</dt><dd>{}</dd></div>", text(value))
}

/// Writes the score with its coverage, which is never left out.
pub(super) fn score(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let score = &run.score;
    writeln!(to, "<section id=\"score\" aria-labelledby=\"score-heading\">\n<h2 id=\"score-heading\">Score</h2>")?;
    match score.value {
        Some(value) => writeln!(to, "<p class=\"score\"><strong>{value}</strong> of 100</p>")?,
        None => writeln!(to, "<p class=\"score\"><strong>None</strong></p>")?,
    }
    writeln!(
        to,
        "<p>Over {} % of the checks: {} of {} could be judged.</p>",
        score.coverage_percent, score.judged, score.applicable
    )?;
    if score.capped {
        writeln!(to, "<p>An open critical failure caps it.</p>")?;
    }
    writeln!(to, "<p>Findings: {}.</p>\n</section>", counts(run))
}
