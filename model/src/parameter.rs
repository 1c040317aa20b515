//! What can be set of a check: each with its unit, its limits and the source of its default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Characters.
    Characters,
    /// Remembered passwords.
    Passwords,
    /// Users.
    Users,
    /// Principals of any kind.
    Principals,
    /// Policies.
    Policies,
    /// Steps of a chain.
    Steps,
    /// Versions of a policy.
    Versions,
    /// Functions and tasks.
    Workloads,
    /// Services of AWS.
    Services,
    /// Accounts, as a number.
    Accounts,
    /// Per cent.
    Percent,
    /// Friendly names.
    Names,
    /// Names or ARNs with `*` and `?`.
    Globs,
    /// ARNs with `*` and `?`.
    ArnPatterns,
    /// Tags, as `key=value` with `*` and `?` in the value.
    Tags,
    /// 12-digit account ids.
    AccountIds,
    /// Ids of organizations.
    OrganizationIds,
    /// IAM actions.
    Actions,
    /// Events.
    Events,
    /// Event sources, such as `kms.amazonaws.com`.
    EventSources,
    /// One of the words listed, or a set of them.
    Words,
}

impl Unit {
    /// The unit as it stands behind a value; empty where the value needs none.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Characters => "characters",
            Self::Passwords => "passwords",
            Self::Users => "users",
            Self::Principals => "principals",
            Self::Policies => "policies",
            Self::Steps => "steps",
            Self::Versions => "versions",
            Self::Workloads => "workloads",
            Self::Services => "services",
            Self::Accounts => "accounts",
            Self::Percent => "per cent",
            Self::Names => "names",
            Self::Globs => "patterns",
            Self::ArnPatterns => "ARN patterns",
            Self::Tags => "tags",
            Self::AccountIds => "account ids",
            Self::OrganizationIds => "organization ids",
            Self::Actions => "actions",
            Self::Events => "events",
            Self::EventSources => "event sources",
            Self::Words => "",
        }
    }
}

/// A whole number within limits.
#[derive(Debug, Clone, Copy)]
pub struct NumberParameter {
    /// The name.
    pub name: &'static str,
    /// The value unless set.
    pub default: u32,
    /// The least value allowed.
    pub min: u32,
    /// The greatest value allowed.
    pub max: u32,
    /// What it counts.
    pub unit: Unit,
    /// Where the default comes from.
    pub source: &'static str,
}

/// Yes or no.
#[derive(Debug, Clone, Copy)]
pub struct FlagParameter {
    /// The name.
    pub name: &'static str,
    /// The value unless set.
    pub default: bool,
    /// Where the default comes from.
    pub source: &'static str,
}

/// One of several words.
#[derive(Debug, Clone, Copy)]
pub struct ChoiceParameter {
    /// The name.
    pub name: &'static str,
    /// The value unless set.
    pub default: &'static str,
    /// The words allowed.
    pub choices: &'static [&'static str],
    /// Where the default comes from.
    pub source: &'static str,
}

/// A list of texts.
#[derive(Debug, Clone, Copy)]
pub struct ListParameter {
    /// The name.
    pub name: &'static str,
    /// The value unless set.
    pub default: &'static [&'static str],
    /// The words allowed; empty where any text is.
    pub choices: &'static [&'static str],
    /// What the texts are.
    pub unit: Unit,
    /// Where the default comes from.
    pub source: &'static str,
}

/// A parameter of any kind.
#[derive(Debug, Clone, Copy)]
pub enum ParameterSpec {
    /// A whole number.
    Number(NumberParameter),
    /// Yes or no.
    Flag(FlagParameter),
    /// One of several words.
    Choice(ChoiceParameter),
    /// A list of texts.
    List(ListParameter),
}

/// A value that was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ParameterValue {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(u32),
    /// A word.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// Why a value cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// The value is of another kind.
    #[error("`{name}` takes {expected}, not `{given}`")]
    Kind {
        /// The parameter.
        name: &'static str,
        /// What it takes.
        expected: String,
        /// What was given.
        given: String,
    },
    /// A number outside the limits.
    #[error("`{name}` must lie between {min} and {max} {unit}, and {given} does not")]
    Range {
        /// The parameter.
        name: &'static str,
        /// The least value.
        min: u32,
        /// The greatest value.
        max: u32,
        /// What it counts.
        unit: &'static str,
        /// What was given.
        given: i64,
    },
    /// A word that is not one of those allowed.
    #[error("`{name}` takes one of {choices}, not `{given}`")]
    Choice {
        /// The parameter.
        name: &'static str,
        /// The words allowed.
        choices: String,
        /// What was given.
        given: String,
    },
}

impl ParameterSpec {
    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Number(spec) => spec.name,
            Self::Flag(spec) => spec.name,
            Self::Choice(spec) => spec.name,
            Self::List(spec) => spec.name,
        }
    }

    /// Where the default comes from.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        match self {
            Self::Number(spec) => spec.source,
            Self::Flag(spec) => spec.source,
            Self::Choice(spec) => spec.source,
            Self::List(spec) => spec.source,
        }
    }

    /// What the value counts or holds.
    #[must_use]
    pub const fn unit(&self) -> Unit {
        match self {
            Self::Number(spec) => spec.unit,
            Self::List(spec) => spec.unit,
            Self::Flag(_) | Self::Choice(_) => Unit::Words,
        }
    }

    /// What it takes, in words: "a whole number of days between 1 and 3650".
    #[must_use]
    pub fn takes(&self) -> String {
        match self {
            Self::Number(spec) => {
                format!("a whole number of {} between {} and {}", spec.unit.label(), spec.min, spec.max)
            }
            Self::Flag(_) => "true or false".to_owned(),
            Self::Choice(spec) => format!("one of {}", spec.choices.join(", ")),
            Self::List(spec) if spec.choices.is_empty() => format!("a list of {}", spec.unit.label()),
            Self::List(spec) => format!("a list out of {}", spec.choices.join(", ")),
        }
    }

    /// The value unless set.
    #[must_use]
    pub fn default_value(&self) -> ParameterValue {
        match self {
            Self::Number(spec) => ParameterValue::Number(spec.default),
            Self::Flag(spec) => ParameterValue::Flag(spec.default),
            Self::Choice(spec) => ParameterValue::Text(spec.default.to_owned()),
            Self::List(spec) => ParameterValue::List(spec.default.iter().map(|&item| item.to_owned()).collect()),
        }
    }

    /// Reads a value as it stands on a command line: a list is separated by commas.
    ///
    /// # Errors
    /// [`ParameterError`] when the text is not what the parameter takes.
    pub fn parse(&self, text: &str) -> Result<ParameterValue, ParameterError> {
        let wrong = || ParameterError::Kind { name: self.name(), expected: self.takes(), given: text.to_owned() };
        match self {
            Self::Number(_) => self.number(text.trim().parse().map_err(|_| wrong())?),
            Self::Flag(_) => text.trim().parse().map(ParameterValue::Flag).map_err(|_| wrong()),
            Self::Choice(_) => self.word(text.trim()),
            Self::List(_) => {
                self.list(text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect())
            }
        }
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// [`ParameterError`] when the parameter is of another kind, or the number is outside its limits.
    pub fn number(&self, given: i64) -> Result<ParameterValue, ParameterError> {
        let Self::Number(spec) = self else { return Err(self.kind(&given.to_string())) };
        match u32::try_from(given) {
            Ok(value) if (spec.min..=spec.max).contains(&value) => Ok(ParameterValue::Number(value)),
            _ => Err(ParameterError::Range {
                name: spec.name,
                min: spec.min,
                max: spec.max,
                unit: spec.unit.label(),
                given,
            }),
        }
    }

    /// Takes yes or no.
    ///
    /// # Errors
    /// [`ParameterError`] when the parameter is of another kind.
    pub fn flag(&self, given: bool) -> Result<ParameterValue, ParameterError> {
        if let Self::Flag(_) = self { Ok(ParameterValue::Flag(given)) } else { Err(self.kind(&given.to_string())) }
    }

    /// Takes a word.
    ///
    /// # Errors
    /// [`ParameterError`] when the parameter is of another kind, or the word is not one of those allowed.
    pub fn word(&self, given: &str) -> Result<ParameterValue, ParameterError> {
        let Self::Choice(spec) = self else { return Err(self.kind(given)) };
        if spec.choices.contains(&given) {
            Ok(ParameterValue::Text(given.to_owned()))
        } else {
            let choices = spec.choices.join(", ");
            Err(ParameterError::Choice { name: spec.name, choices, given: given.to_owned() })
        }
    }

    /// Takes a list of texts.
    ///
    /// # Errors
    /// [`ParameterError`] when the parameter is of another kind, or a text is not one of those allowed.
    pub fn list(&self, given: Vec<String>) -> Result<ParameterValue, ParameterError> {
        let Self::List(spec) = self else { return Err(self.kind(&given.join(", "))) };
        match given.iter().find(|item| !spec.choices.is_empty() && !spec.choices.contains(&item.as_str())) {
            None => Ok(ParameterValue::List(given)),
            Some(item) => {
                Err(ParameterError::Choice { name: spec.name, choices: spec.choices.join(", "), given: item.clone() })
            }
        }
    }

    fn kind(&self, given: &str) -> ParameterError {
        ParameterError::Kind { name: self.name(), expected: self.takes(), given: given.to_owned() }
    }
}

/// The values that were set for one check; everything else has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    values: BTreeMap<&'static str, ParameterValue>,
}

impl Parameters {
    /// Sets a value that the specification has taken.
    pub fn set(&mut self, spec: &ParameterSpec, value: ParameterValue) {
        self.values.insert(spec.name(), value);
    }

    /// The value in force.
    #[must_use]
    pub fn value(&self, spec: &ParameterSpec) -> ParameterValue {
        self.values.get(spec.name()).cloned().unwrap_or_else(|| spec.default_value())
    }

    /// A whole number.
    #[must_use]
    pub fn number(&self, spec: &NumberParameter) -> u32 {
        if let Some(ParameterValue::Number(value)) = self.values.get(spec.name) { *value } else { spec.default }
    }

    /// Yes or no.
    #[must_use]
    pub fn flag(&self, spec: &FlagParameter) -> bool {
        if let Some(ParameterValue::Flag(value)) = self.values.get(spec.name) { *value } else { spec.default }
    }

    /// A word.
    #[must_use]
    pub fn choice<'a>(&'a self, spec: &ChoiceParameter) -> &'a str {
        if let Some(ParameterValue::Text(value)) = self.values.get(spec.name) { value } else { spec.default }
    }

    /// A list of texts.
    #[must_use]
    pub fn list<'a>(&'a self, spec: &ListParameter) -> Vec<&'a str> {
        match self.values.get(spec.name) {
            Some(ParameterValue::List(values)) => values.iter().map(String::as_str).collect(),
            _ => spec.default.to_vec(),
        }
    }
}
