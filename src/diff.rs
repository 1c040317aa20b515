//! `probity diff OLD NEW`: what changed between two snapshots or two runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use probity_diff::{AccountChange, AccountChangeKind, Change, Compared, FindingChange, FindingChangeKind};
use probity_model::{AccountId, Run, Snapshot, run};
use probity_reports::plain;
use serde_json::json;

use crate::cli::{DiffArgs, ListFormat};
use crate::configuration::{Configuration, Flags};
use crate::failure::Failure;
use crate::{judge, output, snapshot_file};

/// One of the two sides.
enum Side {
    Snapshot(Box<Snapshot>),
    Run(Box<Run>),
}

/// Compares. Exit code 0 where nothing changed, 1 where something did.
pub(crate) fn diff(args: &DiffArgs) -> Result<ExitCode, Failure> {
    let flags = Flags::default().select(&args.select).add_text("exceptions", args.exceptions.clone());
    let mut configuration = Configuration::load(&args.select, flags)?;
    configuration.load_exceptions()?;
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let changes = match (&old, &new) {
        (Side::Snapshot(old), Side::Snapshot(new)) if old.account != new.account => {
            return Err(Failure::TwoAccounts { old: old.account.to_string(), new: new.account.to_string() });
        }
        (Side::Snapshot(old), Side::Snapshot(new)) => Some(probity_diff::between(old, new)),
        _ => None,
    };
    let (old, new) = (judged(old, &configuration)?, judged(new, &configuration)?);
    let compared = probity_diff::findings(&old, &new, changes.as_deref().unwrap_or_default());
    let same_accounts = compared.accounts.iter().all(|account| account.kind == AccountChangeKind::Compared);
    let same = same_accounts && compared.findings.is_empty() && changes.as_ref().is_none_or(Vec::is_empty);
    let text = match args.format {
        ListFormat::Table => text(&old, &new, &compared, changes.as_deref()),
        ListFormat::Json => {
            let side = |run: &Run| json!({"run": run.id, "started_at": run.started_at, "score": run.score});
            let value = json!({
                "old": side(&old), "new": side(&new), "accounts": compared.accounts,
                "findings": compared.findings, "changes": changes,
                "only_in_old": compared.only_in_old, "only_in_new": compared.only_in_new,
            });
            format!("{value:#}\n")
        }
    };
    output::print(&text)?;
    Ok(ExitCode::from(u8::from(!same)))
}

/// A snapshot, or a run as `-f json` writes it.
fn read(file: &Path) -> Result<Side, Failure> {
    let bytes = snapshot_file::bytes(file)?;
    if let Ok(read) = serde_json::from_slice::<Run>(&bytes)
        && read.format == run::FORMAT
    {
        return Ok(Side::Run(Box::new(read)));
    }
    snapshot_file::parse(file, &bytes).map(|snapshot| Side::Snapshot(Box::new(snapshot)))
}

/// Both snapshots are judged by the same checks of this release, so that what differs lies in the account.
fn judged(side: Side, configuration: &Configuration) -> Result<Run, Failure> {
    match side {
        Side::Run(run) => Ok(*run),
        Side::Snapshot(snapshot) => {
            let selection = configuration.selection();
            let checks = configuration.settings.select(&selection)?;
            let run = judge::run(&[*snapshot], &checks, &configuration.settings, selection);
            run.ok_or(Failure::Settings(probity_checks::SettingsError::NothingSelected))
        }
    }
}

fn text(old: &Run, new: &Run, compared: &Compared, changes: Option<&[Change]>) -> String {
    let mut out = String::new();
    let score = |run: &Run| run.score.value.map_or_else(|| "none".to_owned(), |value| value.to_string());
    for (name, run) in [("Old", old), ("New", new)] {
        let _ = writeln!(out, "{name}   {}, run {}, score {}", run.started_at, plain(&run.id), score(run));
    }
    if compared.accounts.len() > 1 {
        accounts(compared, &mut out);
    } else {
        findings(&compared.findings.iter().collect::<Vec<_>>(), changes.unwrap_or_default(), &mut out);
    }
    for (checks, side) in [(&compared.only_in_old, "old"), (&compared.only_in_new, "new")] {
        if !checks.is_empty() {
            let _ = writeln!(out, "\nNot compared, since only the {side} run judged them: {}", checks.join(", "));
        }
    }
    match changes {
        None => out.push_str("\nRuns do not hold what was read: compare snapshots to see the changes behind this.\n"),
        Some([]) => out.push_str("\nNothing else changed.\n"),
        Some(changes) => {
            let _ = writeln!(out, "\nChanges ({})", changes.len());
            changes.iter().for_each(|change| one_change(change, &mut out));
        }
    }
    if compared.findings.is_empty() {
        out.push_str("No finding changed.\n");
    }
    out
}

/// Findings by what became of them, under headings.
fn findings(all: &[&FindingChange], changes: &[Change], out: &mut String) {
    for (kind, heading) in [
        (FindingChangeKind::Came, "Findings that came"),
        (FindingChangeKind::CameWithAccount, "Findings that came with their account"),
        (FindingChangeKind::Changed, "Findings that changed"),
        (FindingChangeKind::Unclear, "Findings that nobody knows any more"),
        (FindingChangeKind::Went, "Findings that went"),
        (FindingChangeKind::WentWithAccount, "Findings whose account is not in the new run: nobody looked at them"),
    ] {
        let of_kind: Vec<&&FindingChange> = all.iter().filter(|finding| finding.kind == kind).collect();
        if !of_kind.is_empty() {
            let _ = writeln!(out, "\n{heading} ({})", of_kind.len());
        }
        of_kind.iter().for_each(|finding| one_finding(finding, changes, out));
    }
}

/// Account by account, those that nothing is to be said of as a number.
fn accounts(compared: &Compared, out: &mut String) {
    let mut of_account: BTreeMap<&AccountId, Vec<&FindingChange>> = BTreeMap::new();
    for finding in &compared.findings {
        of_account.entry(&finding.account).or_default().push(finding);
    }
    let mut same = 0;
    for account in &compared.accounts {
        let Some(what) = became(account) else {
            same += 1;
            continue;
        };
        let name = account.name.as_ref().map(|name| format!(" ({})", plain(name))).unwrap_or_default();
        let _ = writeln!(out, "\nAccount {}{name}: {what}", account.account);
        findings(of_account.get(&account.account).map(Vec::as_slice).unwrap_or_default(), &[], out);
    }
    if same > 0 {
        let words = if same == 1 { "account has" } else { "accounts have" };
        let _ = writeln!(out, "\n{same} {words} the same findings as before.");
    }
}

/// What became of an account, in words; nothing where it is as it was.
fn became(account: &AccountChange) -> Option<String> {
    let score = |score: Option<u8>| score.map_or_else(|| "none".to_owned(), |score| score.to_string());
    Some(match account.kind {
        AccountChangeKind::Compared if account.findings.is_empty() && account.old_score == account.new_score => {
            return None;
        }
        AccountChangeKind::Compared => match (account.old_score, account.new_score) {
            (None, None) => "in both runs".to_owned(),
            (old, new) => format!("score {} to {}", score(old), score(new)),
        },
        AccountChangeKind::Came => "came: it is in the new run alone".to_owned(),
        AccountChangeKind::ReadNow => "read now, and not in the old run".to_owned(),
        AccountChangeKind::NotReadNow => match &account.reason {
            Some(reason) => format!("not read now: {}", plain(reason)),
            None => "not read now".to_owned(),
        },
        AccountChangeKind::Went => "went: it is in the old run alone".to_owned(),
    })
}

fn one_finding(finding: &FindingChange, changes: &[Change], out: &mut String) {
    let which = if finding.discriminator.is_empty() { String::new() } else { format!(" ({})", finding.discriminator) };
    let place = finding.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    let resource = plain(&format!("{}{which}{place}", finding.resource));
    let _ = writeln!(out, "  {} {} on {resource}", finding.severity, finding.check);
    let _ = writeln!(out, "    {}", plain(&finding.message));
    for change in finding.changes.iter().filter_map(|index| changes.get(*index)) {
        let _ = writeln!(out, "    behind it: {}, {}", word(change), plain(&change.message));
    }
}

fn one_change(change: &Change, out: &mut String) {
    let _ = writeln!(out, "  {} {}", word(change), plain(&change.subject));
    let _ = writeln!(out, "    {}", plain(&change.message));
    for line in change.document.iter().flat_map(|document| document.lines()) {
        let _ = writeln!(out, "      {}", plain(line));
    }
}

/// The kind of a change, as JSON says it.
fn word(change: &Change) -> String {
    serde_json::to_value(change.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default()
}
