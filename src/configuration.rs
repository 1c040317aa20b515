//! The configuration in force: flags, environment, `probity.toml`, exceptions. What they mean is in `configuration/`; here
//! files are opened, and values become what the rest of the command works with.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use probity_checks::Settings;
use probity_configuration::{ConfigurationError, Effective, File, Input, Origin, Value};
use probity_model::run::Selection;

use crate::cli::{EvidenceArgs, ReportArgs, SelectArgs};
use crate::failure::Failure;

/// The file that is read where none is named.
const DEFAULT_FILE: &str = "probity.toml";
/// The variable that names the file.
const FILE_VARIABLE: &str = "PROBITY_CONFIG";
/// The exceptions that are read where none are named.
const DEFAULT_EXCEPTIONS: &str = "exceptions.toml";

/// Flags that were given, by the name of their key.
#[derive(Debug, Default)]
pub(crate) struct Flags(Vec<(&'static str, Value)>);

impl Flags {
    /// Takes those that say which checks run.
    pub(crate) fn select(mut self, args: &SelectArgs) -> Self {
        self.list("only", &args.only);
        self.list("skip", &args.skip);
        self.add("severity", args.severity.map(|least| Value::Text(least.to_string())));
        self.add("checks-dir", args.checks_dir.as_ref().map(|folder| Value::Text(folder.display().to_string())));
        self
    }

    /// Takes those that say what is read.
    pub(crate) fn evidence(mut self, args: &EvidenceArgs) -> Self {
        self.list("regions", &args.regions);
        self.word("detail", args.detail);
        self.word("last-accessed", args.last_accessed);
        self
    }

    /// Takes those that say what is written, where, and when the run fails.
    pub(crate) fn report(mut self, args: &ReportArgs) -> Self {
        let text = |value: &dyn ToString| Value::Text(value.to_string());
        self.add("exceptions", args.exceptions.as_ref().map(|file| text(&file.display())));
        self.add("history", args.history.as_ref().map(|place| text(place)));
        self.add("manifest", args.manifest.as_ref().map(|file| text(&file.display())));
        self.add("redact", args.redact.then_some(Value::Flag(true)));
        self.add("redact-salt", args.redact_salt.as_ref().map(|salt| text(salt)));
        self.add("fail-on", args.fail_on.as_ref().map(|value| text(value)));
        self.add("min-severity", args.min_severity.as_ref().map(|value| text(value)));
        self.list("status", &args.status);
        self.add("require-complete", args.require_complete.then_some(Value::Flag(true)));
        self.add("output-format", args.format.as_ref().map(|value| text(value)));
        self.list("output", &args.outputs);
        self.add("width", args.width.map(|width| Value::Number(width.into())));
        self
    }

    /// Takes a text.
    pub(crate) fn add_text(mut self, name: &'static str, text: Option<String>) -> Self {
        self.add(name, text.map(Value::Text));
        self
    }

    fn add(&mut self, name: &'static str, value: Option<Value>) {
        self.0.extend(value.map(|value| (name, value)));
    }

    fn list(&mut self, name: &'static str, items: &[impl ToString]) {
        let items = items.iter().map(ToString::to_string);
        self.add(name, (items.len() > 0).then(|| Value::List(items.collect())));
    }

    fn word(&mut self, name: &'static str, value: Option<impl ValueEnum>) {
        let word = value.and_then(|value| value.to_possible_value().map(|known| known.get_name().to_owned()));
        self.add(name, word.map(Value::Text));
    }
}

/// The configuration in force.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// Every key with its value and where that came from.
    pub(crate) effective: Effective,
    /// Parameters, severities and exceptions.
    pub(crate) settings: Settings,
}

impl Configuration {
    /// Reads the file that was named, or the default one where there is one, then the environment, then the flags.
    pub(crate) fn load(select: &SelectArgs, flags: Flags) -> Result<Self, Failure> {
        let environment: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
            .collect();
        let named = environment.iter().find(|(name, value)| name == FILE_VARIABLE && !value.is_empty());
        let file = select.config.clone().or_else(|| named.map(|(_, file)| PathBuf::from(file))).or_else(|| {
            let file = PathBuf::from(DEFAULT_FILE);
            file.is_file().then_some(file)
        });
        let text = file.as_deref().map(read).transpose()?;
        let name = file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
        let file = text.as_deref().map(|text| File { name: &name, text });
        let effective = Effective::of(&Input { file, environment, flags: flags.0, set: &select.set })?;
        let mut settings = effective.settings.clone();
        for id in &select.frameworks {
            settings.ask(crate::framework_file::known(id)?);
        }
        for file in &select.framework_files {
            settings.ask(crate::framework_file::read(file)?);
        }
        Ok(Self { settings, effective })
    }

    /// Reads the exceptions that were named, or the default file where there is one.
    pub(crate) fn load_exceptions(&mut self) -> Result<(), Failure> {
        let file = match self.effective.text("exceptions") {
            Some(file) => PathBuf::from(file),
            None if Path::new(DEFAULT_EXCEPTIONS).is_file() => PathBuf::from(DEFAULT_EXCEPTIONS),
            None => return Ok(()),
        };
        let exceptions = probity_configuration::exceptions(&read(&file)?)
            .map_err(|mistake| ConfigurationError::File { name: file.display().to_string(), mistake })?;
        self.settings.set_exceptions(exceptions);
        Ok(())
    }

    /// The checks asked for and left out.
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            // The key takes no other word.
            severity: self.effective.text("severity").and_then(|word| word.parse().ok()),
            only: self.effective.list("only"),
            skip: self.effective.list("skip"),
            frameworks: self.settings.frameworks().iter().map(|asked| asked.id.clone()).collect(),
        }
    }

    /// What to read.
    pub(crate) fn evidence(&self) -> EvidenceArgs {
        EvidenceArgs {
            regions: self.effective.list("regions"),
            detail: self.word("detail"),
            last_accessed: self.word("last-accessed"),
        }
    }

    /// What to write, where, and when to fail.
    pub(crate) fn report(&self) -> Result<ReportArgs, Failure> {
        Ok(ReportArgs {
            exceptions: self.effective.text("exceptions").map(PathBuf::from),
            history: self.effective.text("history").map(str::to_owned),
            manifest: self.effective.text("manifest").map(PathBuf::from),
            redact: self.effective.flag("redact"),
            redact_salt: self.effective.text("redact-salt").map(str::to_owned),
            format: self.parsed("output-format")?,
            outputs: self.parsed_list("output")?,
            fail_on: self.parsed("fail-on")?,
            min_severity: self.parsed("min-severity")?,
            status: self.effective.list("status").iter().filter_map(|word| word.parse().ok()).collect(),
            require_complete: self.effective.flag("require-complete"),
            width: self.effective.number("width").and_then(|width| u16::try_from(width).ok()),
        })
    }

    /// A word that the key has already been held to.
    fn word<T: ValueEnum>(&self, name: &str) -> Option<T> {
        self.effective.text(name).and_then(|word| T::from_str(word, false).ok())
    }

    fn parsed<T: FromStr<Err: ToString>>(&self, name: &'static str) -> Result<Option<T>, Failure> {
        self.effective.text(name).map(str::parse).transpose().map_err(|error: T::Err| self.wrong(name, &error))
    }

    fn parsed_list<T: FromStr<Err: ToString>>(&self, name: &'static str) -> Result<Vec<T>, Failure> {
        let items = self.effective.list(name);
        items.iter().map(|item| item.parse().map_err(|error: T::Err| self.wrong(name, &error))).collect()
    }

    fn wrong(&self, name: &'static str, error: &dyn ToString) -> Failure {
        let key = match self.effective.origin(name) {
            Origin::File { .. } => format!("audit.{name}: "),
            _ => String::new(),
        };
        Failure::Value {
            place: self.effective.origin(name).to_string(),
            message: format!("{key}{}", error.to_string()),
        }
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::Read { file: file.to_owned(), error })
}
