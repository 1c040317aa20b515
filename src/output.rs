//! Where reports go: standard output, and files.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use probity_collect::SessionOptions;
use probity_model::credentials::UserCredentials;
use probity_model::run::AccountRun;
use probity_model::{Finding, Run};
use probity_reports::{Bulk, Format, Options, ReportError};

use crate::atomic;
use crate::cli::{ColorWhen, ReportArgs};
use crate::delivery::{self, Folder};
use crate::digest::Digest;
use crate::failure::Failure;

/// The width of the table where standard output is no terminal, in columns.
const WIDTH: u16 = 100;

/// A file to write a report to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The format.
    pub(crate) format: Format,
    /// The file.
    pub(crate) file: PathBuf,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.format, self.file.display())
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((format, file)) = text.split_once('=')
            && let Ok(format) = format.parse()
        {
            return if file.is_empty() {
                Err(format!("`{text}` names no file"))
            } else {
                Ok(Self { format, file: PathBuf::from(file) })
            };
        }
        let file = PathBuf::from(text);
        match Format::of_file(&file) {
            Some(format) => Ok(Self { format, file }),
            None => Err(format!("the ending of `{text}` tells no format: write FORMAT={text}")),
        }
    }
}

/// A report that lies where it was asked for.
#[derive(Debug)]
pub(crate) struct Written {
    /// The format.
    pub(crate) format: Format,
    /// The file, or the address of an object.
    pub(crate) place: PathBuf,
    /// What was sent, where it went to a bucket: it is not read back.
    pub(crate) sent: Option<Digest>,
}

/// Whether a table for people goes to standard output.
pub(crate) fn shows_table(args: &ReportArgs) -> bool {
    matches!(args.format, Some(Format::Table)) || (args.format.is_none() && args.outputs.is_empty())
}

/// Writes every report that was asked for, and tells where they lie, but for standard output. A file that cannot be written
/// does not keep the others from being written.
pub(crate) fn write(run: &Run, args: &ReportArgs, color: ColorWhen, reach: &Reach) -> Result<Vec<Written>, Failure> {
    let of_account = |account: &AccountRun| {
        let findings = run.findings.iter().filter(|finding| finding.account == account.account);
        let credentials = run.credentials.iter().filter(|user| user.account == account.account);
        Ok((findings.cloned().collect(), credentials.cloned().collect()))
    };
    write_all(run, run, &of_account, args, color, reach)
}

/// How to reach places that are not of this machine, and which folder gets a file an account.
#[derive(Default)]
pub(crate) struct Reach {
    /// The session that a run begins with.
    pub(crate) options: SessionOptions,
    /// `--output-dir`.
    pub(crate) folder: Option<Folder>,
}

/// The findings of an account, and the credentials of its users.
pub(crate) type OfAccount<'f> = dyn Fn(&AccountRun) -> Result<(Vec<Finding>, Vec<UserCredentials>), Failure> + 'f;

/// Writes every report of a run that does not hold all of its findings and credentials.
pub(crate) fn write_all(
    run: &Run,
    bulk: &dyn Bulk,
    of_account: &OfAccount<'_>,
    args: &ReportArgs,
    color: ColorWhen,
    reach: &Reach,
) -> Result<Vec<Written>, Failure> {
    let mut first_failure = None;
    let mut all = Vec::new();
    for target in &args.outputs {
        match to_place(&target.file, target.format, run, bulk, args, &reach.options) {
            Ok(written) => all.push(written),
            Err(failure) => {
                first_failure.get_or_insert(failure);
            }
        }
    }
    match reach.folder.as_ref().map(|folder| delivery::write(folder, run, args, &reach.options, of_account)) {
        Some(Ok(written)) => all.extend(written),
        Some(Err(failure)) => {
            first_failure.get_or_insert(failure);
        }
        None => {}
    }
    // Reports in files are what was asked for: standard output then carries one only where a format is named for it.
    let takes_format = reach.folder.as_ref().is_some_and(|folder| folder.formats.is_empty());
    let elsewhere = !args.outputs.is_empty() || reach.folder.is_some();
    if !elsewhere || (args.format.is_some() && !takes_format) {
        to_stdout(run, bulk, args, color)?;
    }
    first_failure.map_or(Ok(all), Err)
}

/// Writes a report to a file, or to a bucket.
pub(crate) fn to_place(
    place: &Path,
    format: Format,
    run: &Run,
    bulk: &dyn Bulk,
    args: &ReportArgs,
    reach: &SessionOptions,
) -> Result<Written, Failure> {
    let written = |sent| Written { format, place: place.to_owned(), sent };
    if !delivery::is_remote(place) {
        return to_file(place, format, run, bulk, args).map(|()| written(None));
    }
    let failed = |error| Failure::System { what: "cannot make a temporary file", error };
    let rendered = tempfile::Builder::new().prefix(atomic::PREFIX).tempfile().map_err(failed)?;
    to_file(rendered.path(), format, run, bulk, args)?;
    delivery::send(rendered.path(), &place.to_string_lossy(), reach).map(|sent| written(Some(sent)))
}

fn to_file(file: &Path, format: Format, run: &Run, bulk: &dyn Bulk, args: &ReportArgs) -> Result<(), Failure> {
    let options = options(args, false);
    let mut error = None;
    let written = atomic::write(file, |to| {
        probity_reports::render_all(format, run, bulk, &options, to).map_err(|failed| {
            let kind = io::Error::other(failed.to_string());
            error = Some(failed);
            kind
        })
    });
    written.map_err(|io_error| {
        let error = error.unwrap_or(ReportError::Write(io_error));
        Failure::Report { format, to: file.display().to_string(), error }
    })
}

fn to_stdout(run: &Run, bulk: &dyn Bulk, args: &ReportArgs, color: ColorWhen) -> Result<(), Failure> {
    let format = args.format.unwrap_or(Format::Table);
    let stdout = io::stdout();
    if !format.is_text() && stdout.is_terminal() {
        return Err(Failure::NoText(format));
    }
    let options = options(args, wants_color(color, stdout.is_terminal()));
    let mut to = BufWriter::new(stdout.lock());
    let written = probity_reports::render_all(format, run, bulk, &options, &mut to);
    match written.and_then(|()| to.flush().map_err(ReportError::Write)) {
        // Whoever reads has seen enough, as `head` has.
        Err(ReportError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::Report { format, to: "standard output".to_owned(), error }),
        Ok(()) => Ok(()),
    }
}

/// What is asked of a report.
pub(crate) fn options(args: &ReportArgs, color: bool) -> Options {
    Options {
        width: usize::from(args.width.unwrap_or_else(width)),
        color,
        min_severity: args.min_severity,
        statuses: args.status.clone(),
        ..Options::default()
    }
}

/// The width of the terminal, in columns.
pub(crate) fn width() -> u16 {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| width.0.clamp(60, 200))
}

/// Whether to use colours: as asked, else on a terminal unless `NO_COLOR` is set (no-color.org).
pub(crate) fn wants_color(when: ColorWhen, terminal: bool) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Writes a text to standard output; a reader that has seen enough is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut to = io::stdout().lock();
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::System { what: "cannot write to standard output", error })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_file_or_a_format_and_a_file() {
        let parsed = |text: &str| text.parse::<Target>().map(|target| (target.format, target.file));
        assert_eq!(parsed("findings.csv"), Ok((Format::Csv, PathBuf::from("findings.csv"))));
        assert_eq!(parsed("json=out.txt"), Ok((Format::Json, PathBuf::from("out.txt"))));
        assert_eq!(parsed("a=b.csv"), Ok((Format::Csv, PathBuf::from("a=b.csv"))), "a name may hold an equals sign");
        assert!(parsed("findings").is_err());
        assert!(parsed("csv=").is_err());
    }
}
