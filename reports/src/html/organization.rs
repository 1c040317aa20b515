//! Several accounts as one picture: units, every account, what fails in most of them, and what only the whole shows.

use std::io::{self, Write};

use probity_model::Run;
use probity_model::run::organization::OrganizationRun;

use super::escape::text;
use crate::organization::{
    DELEGATED, accounts_of, audit, chain, coverage, delegated, failed, in_accounts, named, open, root_access, score,
    whose,
};
use crate::words::counted;

/// Writes whose accounts these are, as facts of the header.
pub(super) fn facts(run: &Run, whole: &OrganizationRun) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Organization", whose(whole)), ("Accounts", coverage(whole))];
    facts.extend(root_access(whole).map(|root| ("Root access", root)));
    facts.push(("Read", format!("{} to {}", run.started_at, run.finished_at)));
    facts
}

/// Writes the picture.
pub(super) fn write(whole: &OrganizationRun, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<section id=\"organization\" aria-labelledby=\"organization-heading\">")?;
    writeln!(to, "<h2 id=\"organization-heading\">Accounts</h2>")?;
    let units: Vec<Vec<String>> = whole
        .units
        .iter()
        .map(|unit| {
            let [critical, high, medium] = open(&unit.open);
            let name = format!("{}{}", "\u{b7} ".repeat(unit.depth), unit.name);
            vec![name, accounts_of(unit), score(Some(&unit.score)), critical, high, medium]
        })
        .collect();
    table(
        to,
        "Organizational units with all accounts below them",
        &["Unit", "Accounts", "Score", "Critical", "High", "Medium"],
        units,
    )?;
    let accounts: Vec<Vec<String>> = whole
        .accounts
        .iter()
        .map(|standing| {
            let [critical, high, medium] = open(&standing.open);
            let unit = whole.units.iter().find(|unit| Some(&unit.id) == standing.unit.as_ref());
            let unit = unit.map(|unit| unit.name.clone()).unwrap_or_default();
            let policies =
                [standing.service_control_policies.as_slice(), standing.resource_control_policies.as_slice()];
            let score = score(standing.score.as_ref());
            vec![named(standing), score, critical, high, medium, audit(standing), unit, policies.concat().join(", ")]
        })
        .collect();
    let columns = ["Account", "Score", "Critical", "High", "Medium", "Audit", "Unit", "Policies of the organization"];
    table(to, "Every account", &columns, accounts)?;
    let checks: Vec<Vec<String>> = whole
        .failing_checks
        .iter()
        .map(|check| vec![check.check.clone(), in_accounts(check.accounts, check.judged), check.open.to_string()])
        .collect();
    table(to, "Checks by the number of accounts in which they fail", &["Check", "Accounts", "Open"], checks)?;
    let failed: Vec<String> = failed(whole).into_iter().map(|(who, why)| format!("{who}: {why}")).collect();
    list(to, "Accounts that nobody could audit", &failed)?;
    let chains: Vec<String> = whole.chains.iter().map(|one| chain(whole, one)).collect();
    list(to, "Administrators of other accounts, by entering roles", &chains)?;
    let outside: Vec<String> = whole
        .outside_accounts
        .iter()
        .map(|one| {
            let owner = one.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
            let roles: Vec<&str> = one.roles.iter().map(|role| role.as_str()).collect();
            format!("{}{owner} by {}: {}", one.party, counted(roles.len(), "role", "roles"), roles.join(", "))
        })
        .collect();
    list(to, DELEGATED, &delegated(whole))?;
    list(to, "From outside, roles let in", &outside)?;
    list(to, "What of the whole is not known", &whole.unjudged)?;
    writeln!(to, "</section>")
}

fn table(to: &mut dyn Write, caption: &str, columns: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(to, "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">")?;
    writeln!(to, "<table>\n<caption>{caption}</caption>\n<thead><tr>")?;
    for column in columns {
        writeln!(to, "<th scope=\"col\">{column}</th>")?;
    }
    writeln!(to, "</tr></thead>\n<tbody>")?;
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            match index {
                0 => write!(to, "<tr><th scope=\"row\">{}</th>", text(cell))?,
                _ => write!(to, "<td>{}</td>", text(cell))?,
            }
        }
        writeln!(to, "</tr>")?;
    }
    writeln!(to, "</tbody>\n</table>\n</div>")
}

fn list(to: &mut dyn Write, heading: &str, items: &[String]) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(to, "<h3>{heading} ({})</h3>\n<ul>", items.len())?;
    items.iter().try_for_each(|item| writeln!(to, "<li>{}</li>", text(item)))?;
    writeln!(to, "</ul>")
}
