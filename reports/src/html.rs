//! HTML: one file for people, that needs no network and sends nothing. `docs/formats/html.md` is its page.
//!
//! Names of resources come from whoever may create them. Two walls stand before them: everything is escaped where it is
//! written ([`escape`]), and the policy of the page runs no script and takes no style but its own, by their hashes.

mod calls;
mod charts;
mod checks;
mod escape;
mod exceptions;
mod filter;
mod findings;
mod frameworks;
mod gaps;
mod header;
mod history;
mod organization;
mod paths;
mod prose;
mod trend;

use std::io::{BufWriter, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use probity_model::{Outcome, Run};
use sha2::{Digest, Sha256};

use self::escape::text;
use crate::words::{counted, open};
use crate::{Options, ReportError};

/// How the page looks.
const STYLE: &str = include_str!("html/report.css");
/// What filters, sorts and opens rows. Without it, everything is on the page all the same.
const SCRIPT: &str = include_str!("html/report.js");

/// Writes every finding that the options do not leave out, and all of the rest.
pub(crate) fn write(run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let mut to = BufWriter::new(to);
    page(run, options, &mut to)?;
    to.flush()?;
    Ok(())
}

fn page(run: &Run, options: &Options, to: &mut dyn Write) -> std::io::Result<()> {
    let shown = options.select(run, &Outcome::ALL);
    let failures = counted(open(run), "open failure", "open failures");
    let accounts: Vec<&str> = run.accounts.iter().map(|account| account.account.as_str()).collect();
    let accounts = match &run.organization {
        Some(_) => counted(accounts.len(), "account", "accounts"),
        None => accounts.join(", "),
    };
    writeln!(to, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(
        to,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; script-src '{}'; \
         base-uri 'none'; form-action 'none'\">",
        hash(STYLE),
        hash(SCRIPT),
    )?;
    writeln!(to, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(to, "<meta name=\"color-scheme\" content=\"light dark\">")?;
    writeln!(to, "<meta name=\"referrer\" content=\"no-referrer\">")?;
    writeln!(to, "<title>probity: {failures} in {}</title>", text(&accounts))?;
    writeln!(to, "<style>{STYLE}</style>\n<script>{SCRIPT}</script>\n</head>\n<body>")?;
    header::write(run, options, shown.len(), &failures, to)?;
    writeln!(to, "<main>")?;
    header::score(run, to)?;
    if let Some(whole) = &run.organization {
        organization::write(whole, to)?;
    }
    charts::write(run, to)?;
    history::write(run, to)?;
    frameworks::write(run, to)?;
    paths::write(run, to)?;
    findings::write(run, &shown, to)?;
    gaps::write(run, to)?;
    exceptions::write(run, to)?;
    checks::write(run, to)?;
    calls::write(run, to)?;
    writeln!(to, "</main>")?;
    writeln!(to, "<footer><p>probity {}, run {}</p></footer>", text(&run.tool_version), text(&run.id))?;
    writeln!(to, "</body>\n</html>")
}

/// What a content security policy calls a script or a style by.
fn hash(source: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(source.as_bytes())))
}
