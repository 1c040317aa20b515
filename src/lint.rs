//! `probity lint`: what is wrong or unwise in policy documents, of files or of an account.

mod account;
mod sarif;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::path::Path;
use std::process::ExitCode;
use std::thread::{self, ScopedJoinHandle};

use probity_collect::Request;
use probity_model::Topic;
use probity_policy::{DocumentKind, LintFinding, LintKind, lint};
use probity_reports::plain;
use serde_json::{Value, json};

use crate::cli::{Cli, LintArgs, LintFailOn, LintFormat, PolicyKind};
use crate::failure::Failure;
use crate::{audit, output, snapshot_file};

/// A document larger than this is refused, in bytes: the largest that AWS takes is below 50 KB.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A document with its name.
pub(crate) struct Named {
    /// The file, or the policy and its owner.
    name: String,
    /// What it is attached to.
    kind: DocumentKind,
    text: String,
}

/// What was found in a document.
struct Linted {
    name: String,
    findings: Vec<LintFinding>,
}

/// Lints what was asked for.
pub(crate) fn run(cli: &Cli, args: &LintArgs) -> Result<ExitCode, Failure> {
    let mut documents = args.files.iter().map(|file| read(file, args.kind)).collect::<Result<Vec<_>, _>>()?;
    if let Some(file) = &args.snapshot {
        documents.extend(account::documents(&snapshot_file::read(file)?)?);
    }
    if args.account {
        let topics = [Topic::AuthorizationDetails, Topic::OrganizationPolicies];
        let request = Request { topics: BTreeSet::from(topics), ..Request::default() };
        let snapshot = audit::gather(cli, audit::session_options(&args.aws)?, &request)?;
        documents.extend(account::documents(&snapshot)?);
    }
    let linted = lint_all(&documents);
    output::print(&match args.format {
        LintFormat::Table => table(&linted),
        LintFormat::Json => format!("{:#}\n", json(&linted)),
        LintFormat::Sarif => format!("{:#}\n", sarif::log(&linted)),
    })?;
    let gravest = linted.iter().flat_map(|one| &one.findings).map(|finding| finding.kind).min();
    let least = match args.fail_on {
        LintFailOn::Error => Some(LintKind::Error),
        LintFailOn::SecurityWarning => Some(LintKind::SecurityWarning),
        LintFailOn::Warning => Some(LintKind::Warning),
        LintFailOn::Suggestion => Some(LintKind::Suggestion),
        LintFailOn::Never => None,
    };
    let fails = matches!((gravest, least), (Some(gravest), Some(least)) if gravest <= least);
    Ok(ExitCode::from(u8::from(fails)))
}

/// Lints on every core; what is found stays in the order of the documents.
fn lint_all(documents: &[Named]) -> Vec<Linted> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = documents.len().div_ceil(cores).max(1);
    let lint_one = |one: &Named| Linted { findings: lint(&one.text, one.kind), name: one.name.clone() };
    thread::scope(|scope| {
        let shares = documents.chunks(share);
        let running: Vec<_> = shares.map(|share| scope.spawn(move || share.iter().map(lint_one).collect())).collect();
        let done =
            |running: ScopedJoinHandle<'_, Vec<Linted>>| running.join().unwrap_or_else(|panic| resume_unwind(panic));
        running.into_iter().flat_map(done).collect()
    })
}

fn read(file: &Path, kind: Option<PolicyKind>) -> Result<Named, Failure> {
    let failed = |error| Failure::Read { file: file.to_owned(), error };
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().take(LARGEST).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        fs::File::open(file).and_then(|from| from.take(LARGEST).read_to_end(&mut bytes)).map_err(failed)?;
    }
    let text = String::from_utf8(bytes).map_err(|_| failed(std::io::Error::other("it is not a text in UTF-8")))?;
    let kind = match kind {
        Some(PolicyKind::Identity) => DocumentKind::Identity,
        Some(PolicyKind::Resource) => DocumentKind::Resource,
        Some(PolicyKind::Trust) => DocumentKind::Trust,
        Some(PolicyKind::Scp) => DocumentKind::ServiceControl,
        Some(PolicyKind::Rcp) => DocumentKind::ResourceControl,
        None => DocumentKind::guess(&text),
    };
    Ok(Named { name: file.display().to_string(), kind, text })
}

/// The gravity in the words of `ValidatePolicy`.
fn gravity(kind: LintKind) -> &'static str {
    match kind {
        LintKind::Error => "ERROR",
        LintKind::SecurityWarning => "SECURITY_WARNING",
        LintKind::Warning => "WARNING",
        LintKind::Suggestion => "SUGGESTION",
    }
}

fn table(linted: &[Linted]) -> String {
    let mut out = String::new();
    for document in linted {
        for finding in &document.findings {
            let LintFinding { code, position, message, path, .. } = finding;
            let at = if path.is_empty() { String::new() } else { format!(" ({})", plain(path)) };
            let _ = writeln!(
                out,
                "{}:{}:{}: {} {code}: {}{at}",
                plain(&document.name),
                position.line,
                position.column,
                gravity(finding.kind),
                plain(message),
            );
        }
    }
    let count = |kind| linted.iter().flat_map(|one| &one.findings).filter(|finding| finding.kind == kind).count();
    let kinds = [LintKind::Error, LintKind::SecurityWarning, LintKind::Warning, LintKind::Suggestion];
    let [errors, security, warnings, suggestions] = kinds.map(count);
    let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let parts = [
        counted(errors, "error"),
        counted(security, "security warning"),
        counted(warnings, "warning"),
        counted(suggestions, "suggestion"),
    ];
    let _ = writeln!(out, "{}: {}", counted(linted.len(), "document"), parts.join(", "));
    out
}

fn json(linted: &[Linted]) -> Value {
    let finding = |finding: &LintFinding| {
        json!({
            "code": finding.code, "kind": gravity(finding.kind), "message": finding.message,
            "line": finding.position.line, "column": finding.position.column, "path": finding.path,
        })
    };
    let document =
        |one: &Linted| json!({"document": one.name, "findings": one.findings.iter().map(finding).collect::<Vec<_>>()});
    linted.iter().map(document).collect()
}
