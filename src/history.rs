//! `--history`, and `probity history`: runs that are kept, and what they say.

mod listing;

use std::process::ExitCode;

use probity_configuration::Value;
use probity_history::{History, HistoryError, Kept, Place};
use probity_model::Run;
use tokio::runtime::Runtime;

use crate::cli::{HistoryArgs, HistoryCommand, ListFormat, SelectArgs};
use crate::configuration::{Configuration, Flags};
use crate::failure::Failure;
use crate::output;

/// A history that is open, with what it needs to be asked.
struct Open {
    runtime: Runtime,
    history: History,
}

impl Open {
    fn at(place: &str) -> Result<Self, Failure> {
        let failed = |error| Failure::System { what: "cannot start the asynchronous runtime", error };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let history = runtime.block_on(History::open(&Place::new(place)))?;
        Ok(Self { runtime, history })
    }

    fn ask<T>(&mut self, question: impl AsyncFnOnce(&mut History) -> Result<T, HistoryError>) -> Result<T, Failure> {
        let Self { runtime, history } = self;
        Ok(runtime.block_on(async { question(history).await })?)
    }
}

/// Whether a history can be used. Asked before a long run, so that a mistyped address is not found out at its end.
pub(crate) fn can_use(place: &str) -> Result<(), Failure> {
    let Open { runtime, history } = Open::at(place)?;
    Ok(runtime.block_on(history.close())?)
}

/// Keeps a run, and says of it and of its findings what earlier runs know.
pub(crate) fn keep(place: &str, run: &mut Run) -> Result<Kept, Failure> {
    let mut open = Open::at(place)?;
    let kept = open.ask(async |history| history.keep(run).await)?;
    open.ask(async |history| history.annotate(run).await)?;
    open.runtime.block_on(open.history.close())?;
    Ok(kept)
}

/// `probity history`.
pub(crate) fn run(args: &HistoryArgs) -> Result<ExitCode, Failure> {
    let select = SelectArgs { config: args.config.clone(), ..SelectArgs::default() };
    let flags = Flags::default().add_text("history", args.history.clone());
    let configuration = Configuration::load(&select, flags)?;
    let place = configuration.effective.text("history").ok_or(Failure::NoHistory)?;
    let mut open = Open::at(place)?;
    let text = match &args.command {
        None => {
            let runs = open.ask(async |history| history.runs().await)?;
            let times = open.ask(async |history| history.time_to_fix().await)?;
            match args.format {
                ListFormat::Table => listing::runs(&runs, &times, output::width()),
                ListFormat::Json => listing::runs_json(&runs, &times),
            }
        }
        Some(HistoryCommand::Show { run }) => {
            let run = open.ask(async |history| history.find(run).await)?;
            let findings = open.ask(async |history| history.findings(&run.point.id).await)?;
            match args.format {
                ListFormat::Table => listing::findings(&run, &findings, output::width()),
                ListFormat::Json => listing::findings_json(&run, &findings),
            }
        }
        Some(HistoryCommand::Prune { older_than }) => {
            let gone = open.ask(async |history| history.prune(*older_than).await)?;
            format!("{gone} {} forgotten\n", if gone == 1 { "run" } else { "runs" })
        }
    };
    output::print(&text).map(|()| ExitCode::SUCCESS)
}

/// A value of the configuration as it may be shown: the address of a database can hold a password, and a salt is secret.
pub(crate) fn shown(key: &str, value: Value) -> Value {
    match value {
        Value::Text(text) if key == "history" => Value::Text(Place::without_password(&text)),
        Value::Text(_) if key == "redact-salt" => Value::Text("***".to_owned()),
        other => other,
    }
}
