//! The `probity` command: it joins the rooms and holds no logic of any of them.

mod access;
mod atomic;
mod audit;
mod bucket;
mod cli;
mod closing;
mod configuration;
mod custom;
mod delivery;
mod demo;
mod diff;
mod digest;
mod effective;
mod explain;
mod failure;
mod fleet;
mod framework_file;
mod history;
mod judge;
mod lint;
mod lists;
mod manifest;
#[cfg(test)]
mod options_page;
mod output;
mod permissions;
mod progress;
mod sending;
mod snapshot_file;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::{Cli, Command, FrameworksCommand, ListFormat, PermissionsForm, SelectArgs};
use crate::configuration::{Configuration, Flags};
use crate::failure::Failure;

/// Findings and policies are many small texts, made and dropped by all threads: it takes a tenth less time than with the
/// system's allocator.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The stack of a thread that collects, in bytes: one future holds the collection of every topic. It is address space, and
/// memory only as far as it is used.
const STACK: usize = 64 * 1024 * 1024;

fn main() -> ExitCode {
    let program = std::thread::Builder::new().name("main".to_owned()).stack_size(STACK).spawn(program);
    match program.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        // A panic has told what it is; a thread that cannot be had leaves the one that is there.
        Ok(Err(_)) => ExitCode::from(101),
        Err(_) => self::program(),
    }
}

fn program() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr(&cli);
    let result = run(&cli);
    result.unwrap_or_else(|failure| {
        let _ = writeln!(std::io::stderr(), "error: {failure}");
        failure.exit_code()
    })
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let done = |()| ExitCode::SUCCESS;
    match &cli.command {
        Command::Audit(args) => audit::audit(cli, args),
        Command::Collect(args) => audit::collect(cli, args),
        Command::Check(args) => audit::check(cli, args),
        Command::Demo(args) => demo::run(cli, args),
        Command::Access(args) => access::run(cli, args),
        Command::Lint(args) => lint::run(cli, args),
        Command::Checks(args) => {
            let (configuration, checks) = chosen(&args.select)?;
            let text = match args.format {
                ListFormat::Table => lists::checks_table(&checks, &configuration.settings, output::width()),
                ListFormat::Json => format!("{:#}\n", lists::checks_json(&checks, &configuration.settings)),
            };
            output::print(&text).map(done)
        }
        Command::Explain(args) => {
            let configuration = Configuration::load(&args.select, Flags::default().select(&args.select))?;
            let entry = probity_checks::registry::find(&args.check).map_err(probity_checks::SettingsError::Check)?;
            let text = match (&args.resource, &args.snapshot) {
                (Some(resource), Some(file)) => {
                    let snapshot = snapshot_file::read(file)?;
                    explain::on_resource(entry, &configuration.settings, &snapshot, resource)?
                }
                _ => explain::text(entry, &configuration.settings, output::width()),
            };
            output::print(&text).map(done)
        }
        Command::Frameworks(args) => {
            let width = output::width();
            let text = match &args.command {
                None => lists::frameworks_table(width),
                Some(FrameworksCommand::Show { framework }) => lists::framework_table(framework, width)?,
            };
            output::print(&text).map(done)
        }
        Command::Permissions(args) => {
            let (configuration, checks) = chosen(&args.select)?;
            let selection = configuration.selection();
            let all = selection.is_everything();
            let topics = if all { permissions::everything() } else { permissions::topics(&checks) };
            let text = match args.form {
                PermissionsForm::Policy => format!("{:#}\n", permissions::policy(topics, args.detail)),
                PermissionsForm::Cloudformation => permissions::template(topics, args.detail),
            };
            output::print(&text).map(done)
        }
        Command::Config(args) => {
            let flags = Flags::default().select(&args.select).evidence(&args.evidence).report(&args.report);
            let effective = Configuration::load(&args.select, flags)?.effective;
            let text = if args.json {
                format!("{:#}\n", effective::json(&effective))
            } else {
                effective::table(&effective, output::width())
            };
            output::print(&text).map(done)
        }
        Command::Diff(args) => diff::diff(args),
        Command::Verify(args) => manifest::verify(&args.manifest),
        Command::History(args) => history::run(args),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "probity", &mut script);
            output::print(&String::from_utf8_lossy(&script)).map(done)
        }
        Command::Man(args) => manual(args.output_dir.as_deref()).map(done),
    }
}

/// The manual: one page to standard output, or every page into a folder.
fn manual(folder: Option<&Path>) -> Result<(), Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let failed = |error| Failure::System { what: "cannot write the manual page", error };
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(failed)?;
        return output::print(&String::from_utf8_lossy(&page));
    };
    let failed = |error| Failure::Write { file: folder.to_owned(), error, kept: String::new() };
    std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder)).map_err(failed)
}

/// The configuration, and the checks that it and the flags leave.
fn chosen(select: &SelectArgs) -> Result<(Configuration, Vec<&'static probity_checks::Entry>), Failure> {
    let configuration = Configuration::load(select, Flags::default().select(select))?;
    let selection = configuration.selection();
    let checks = configuration.settings.select(&selection)?;
    Ok((configuration, checks))
}

/// Logs go to standard error. The SDK's own stay at warnings: at finer levels it prints what it sends.
fn log_to_stderr(cli: &Cli) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => Level::ERROR,
        (false, 0) => Level::WARN,
        (false, 1) => Level::INFO,
        (false, _) => Level::DEBUG,
    };
    let targets = Targets::new().with_default(Level::ERROR).with_target("probity", level);
    let color = output::wants_color(cli.color, std::io::stderr().is_terminal());
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(color).without_time();
    tracing_subscriber::registry().with(layer.with_target(false)).with(targets).init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
