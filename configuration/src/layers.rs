//! The order of precedence: a flag wins over an environment variable, that over the file, that over the default.

use std::collections::BTreeMap;
use std::fmt;

use probity_checks::Settings;
use probity_model::parameter::ParameterValue;

use crate::checks::{self, Set};
use crate::document::{Document, unknown};
use crate::{ConfigurationError, KEYS, Key, Mistake, Value, environment};

/// A configuration file.
#[derive(Debug, Clone, Copy)]
pub struct File<'i> {
    /// Its name, for messages.
    pub name: &'i str,
    /// What stands in it.
    pub text: &'i str,
}

/// Everything that was written.
#[derive(Debug, Clone, Default)]
pub struct Input<'i> {
    /// The file, where there is one.
    pub file: Option<File<'i>>,
    /// The environment variables; those that do not begin with `PROBITY_` are left alone.
    pub environment: Vec<(String, String)>,
    /// The flags that were given, by the name of their key.
    pub flags: Vec<(&'static str, Value)>,
    /// Parameters of checks, as `check.parameter=value`.
    pub set: &'i [String],
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A file.
    File {
        /// The file.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable, by its name.
    Environment(String),
    /// A flag, as `--fail-on`.
    Flag(String),
}

impl Origin {
    /// The kind, in one word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File { .. } => "file",
            Self::Environment(_) => "environment",
            Self::Flag(_) => "flag",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Environment(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A key as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The value; none where the default holds.
    pub value: Option<Value>,
    /// Where it came from.
    pub origin: Origin,
}

/// A parameter or the severity of a check that was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckSetting {
    /// The value.
    pub value: ParameterValue,
    /// Where it came from.
    pub origin: Origin,
}

/// What was set of the keys of `[audit]`.
pub(crate) type Audit = BTreeMap<&'static str, Setting>;

/// The configuration in force.
#[derive(Debug, Clone, Default)]
pub struct Effective {
    audit: Audit,
    checks: Set,
    /// Parameters and severities of checks.
    pub settings: Settings,
}

impl Effective {
    /// Lays the sources over one another.
    ///
    /// # Errors
    /// [`ConfigurationError`], with file, line, column and field, or the variable or flag that cannot be taken.
    pub fn of(input: &Input<'_>) -> Result<Self, ConfigurationError> {
        let mut effective = Self::default();
        if let Some(file) = &input.file {
            effective.read(file).map_err(|mistake| ConfigurationError::File { name: file.name.to_owned(), mistake })?;
        }
        environment::take(&input.environment, &mut effective.audit, &mut effective.settings, &mut effective.checks)?;
        for (name, value) in &input.flags {
            let Some(key) = Key::find(name) else { continue };
            let value = key.takes.check(value.clone());
            let value = value.map_err(|message| ConfigurationError::Flag { name: key.name, message })?;
            let origin = Origin::Flag(format!("--{}", key.name));
            effective.audit.insert(key.name, Setting { value: Some(value), origin });
        }
        for text in input.set {
            let wrong = || ConfigurationError::Set(text.clone());
            let (name, value) = text.split_once('=').ok_or_else(wrong)?;
            let (check, parameter) = name.trim().split_once('.').ok_or_else(wrong)?;
            effective.settings.set_text(check, parameter, value).map_err(ConfigurationError::Settings)?;
            let origin = Origin::Flag("--set".to_owned());
            checks::note(&mut effective.checks, &effective.settings, check, parameter, origin);
        }
        Ok(effective)
    }

    fn read(&mut self, file: &File<'_>) -> Result<(), Mistake> {
        let document = Document::parse(file.text)?;
        for (section, value) in document.root.get_ref() {
            match section.get_ref().as_ref() {
                "audit" => {
                    for (name, value) in document.table(value, "audit")? {
                        let field = format!("audit.{}", name.get_ref());
                        let key = Key::find(name.get_ref()).ok_or_else(|| {
                            let known = KEYS.iter().map(|key| key.name);
                            document.mistake(&name.span(), &field, unknown(name.get_ref(), known))
                        })?;
                        let taken = key.takes.take(value);
                        let taken = taken.map_err(|(at, message)| document.mistake(&at, &field, message))?;
                        let origin = Origin::File { name: file.name.to_owned(), line: document.line(&name.span()) };
                        self.audit.insert(key.name, Setting { value: Some(taken), origin });
                    }
                }
                "checks" => checks::section(&document, value, file, &mut self.settings, &mut self.checks)?,
                other => {
                    let message = unknown(other, ["audit", "checks"].into_iter());
                    return Err(document.mistake(&section.span(), other, message));
                }
            }
        }
        Ok(())
    }

    /// Every key of `[audit]` with its value and where that came from, in the order of [`KEYS`].
    pub fn audit(&self) -> impl Iterator<Item = (&'static Key, Setting)> {
        KEYS.iter().map(|key| {
            let unset = || Setting { value: None, origin: Origin::Default };
            (key, self.audit.get(key.name).cloned().unwrap_or_else(unset))
        })
    }

    /// The parameters and severities of checks that were set, by check and key.
    pub fn checks(&self) -> impl Iterator<Item = (&'static str, &'static str, &CheckSetting)> {
        self.checks.iter().map(|((check, key), setting)| (*check, *key, setting))
    }

    /// Where a key's value came from.
    #[must_use]
    pub fn origin(&self, name: &str) -> Origin {
        self.audit.get(name).map_or(Origin::Default, |setting| setting.origin.clone())
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.audit.get(name).and_then(|setting| setting.value.as_ref())
    }

    /// The text of a key; none where it is not set.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        if let Some(Value::Text(text)) = self.value(name) { Some(text) } else { None }
    }

    /// The list of a key; empty where it is not set.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        if let Some(Value::List(items)) = self.value(name) { items.clone() } else { Vec::new() }
    }

    /// Whether a key is on.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Flag(true)))
    }

    /// The number of a key; none where it is not set.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        if let Some(Value::Number(number)) = self.value(name) { Some(*number) } else { None }
    }
}
