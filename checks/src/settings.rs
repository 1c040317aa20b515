//! What a user sets, applied in this one place: parameters, severities, exceptions, and which checks run.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use probity_model::parameter::ParameterError;
use probity_model::run::Selection;
use probity_model::{Family, ParameterSpec, Parameters, Severity};

use crate::exceptions::ExceptionRule;
use crate::frameworks::Asked;
use crate::registry::{self, CHECKS, Entry, UnknownCheck};

/// What was set, by check.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    parameters: BTreeMap<&'static str, Parameters>,
    severities: BTreeMap<&'static str, Severity>,
    exceptions: Vec<ExceptionRule>,
    frameworks: Vec<Asked>,
}

/// Why a setting cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsError {
    /// No such check.
    Check(UnknownCheck),
    /// No such family.
    Family {
        /// What was given.
        given: String,
        /// The nearest family there is.
        nearest: Option<String>,
    },
    /// The check has no such parameter.
    NoParameter {
        /// The check.
        check: &'static str,
        /// What was given.
        given: String,
        /// The parameters it has.
        known: Vec<&'static str>,
    },
    /// The value is not what the parameter takes.
    Value {
        /// The check.
        check: &'static str,
        /// What is wrong with it.
        error: ParameterError,
    },
    /// The text is not a severity.
    Severity {
        /// What was given.
        given: String,
    },
    /// Nothing is left to run.
    NothingSelected,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check(error) => error.fmt(f),
            Self::Family { given, nearest } => {
                write!(f, "there is no family `{given}`")?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean `family:{nearest}`?"),
                    None => Ok(()),
                }
            }
            Self::NoParameter { check, given, known } if known.is_empty() => {
                write!(f, "`{check}` has no parameter `{given}`: it has none at all")
            }
            Self::NoParameter { check, given, known } => {
                write!(f, "`{check}` has no parameter `{given}`: it has {}", known.join(", "))
            }
            Self::Value { check, error } => write!(f, "{check}: {error}"),
            Self::Severity { given } => {
                write!(f, "`{given}` is not a severity: use critical, high, medium, low or info")
            }
            Self::NothingSelected => f.write_str(
                "no check is left to run: the checks, severities and frameworks asked for have none in common, or skip them all",
            ),
        }
    }
}

impl core::error::Error for SettingsError {}

impl Settings {
    /// Finds a parameter of a check.
    ///
    /// # Errors
    /// [`SettingsError`] where check or parameter do not exist.
    pub fn parameter(check: &str, name: &str) -> Result<(&'static Entry, &'static ParameterSpec), SettingsError> {
        let entry = registry::find(check).map_err(SettingsError::Check)?;
        let spec = entry.meta.parameters.iter().find(|spec| spec.name() == name);
        let spec = spec.ok_or_else(|| SettingsError::NoParameter {
            check: entry.meta.id,
            given: name.to_owned(),
            known: entry.meta.parameters.iter().map(ParameterSpec::name).collect(),
        })?;
        Ok((entry, spec))
    }

    /// Sets a parameter from the text of a command line.
    ///
    /// # Errors
    /// [`SettingsError`] where check or parameter do not exist, or the text is not what the parameter takes.
    pub fn set_text(&mut self, check: &str, name: &str, text: &str) -> Result<(), SettingsError> {
        self.set(check, name, |spec| spec.parse(text))
    }

    /// Sets a parameter to what `value` makes of its specification.
    ///
    /// # Errors
    /// [`SettingsError`] where check or parameter do not exist, or the value is not what the parameter takes.
    pub fn set(
        &mut self,
        check: &str,
        name: &str,
        value: impl FnOnce(&ParameterSpec) -> Result<probity_model::parameter::ParameterValue, ParameterError>,
    ) -> Result<(), SettingsError> {
        let (entry, spec) = Self::parameter(check, name)?;
        let check = entry.meta.id;
        let value = value(spec).map_err(|error| SettingsError::Value { check, error })?;
        self.parameters.entry(check).or_default().set(spec, value);
        Ok(())
    }

    /// Gives a check another severity. Findings whose rule names a severity of their own move with it, by as many levels.
    ///
    /// # Errors
    /// [`SettingsError`] where the check does not exist.
    pub fn set_severity(&mut self, check: &str, severity: Severity) -> Result<(), SettingsError> {
        let entry = registry::find(check).map_err(SettingsError::Check)?;
        self.severities.insert(entry.meta.id, severity);
        Ok(())
    }

    /// The failures that somebody agreed to live with.
    pub fn set_exceptions(&mut self, exceptions: Vec<ExceptionRule>) {
        self.exceptions = exceptions;
    }

    /// The failures that somebody agreed to live with.
    #[must_use]
    pub fn exceptions(&self) -> &[ExceptionRule] {
        &self.exceptions
    }

    /// The parameters of a check.
    #[must_use]
    pub fn parameters(&self, entry: &Entry) -> Parameters {
        self.parameters.get(entry.meta.id).cloned().unwrap_or_default()
    }

    /// Asks for a framework: only checks that answer a control of one that was asked for run. One with the id of an
    /// earlier one changes nothing.
    pub fn ask(&mut self, framework: Asked) {
        if self.frameworks.iter().all(|asked| asked.id != framework.id) {
            self.frameworks.push(framework);
        }
    }

    /// The frameworks that were asked for, in that order.
    #[must_use]
    pub fn frameworks(&self) -> &[Asked] {
        &self.frameworks
    }

    /// The checks that a selection asks for (all where it asks for none) less those that it leaves out, both by id and by
    /// `family:NAME`; of these those that are severe enough as set here, and that answer a framework asked for.
    ///
    /// # Errors
    /// [`SettingsError`] where a name does not exist, or nothing is left.
    pub fn select(&self, selection: &Selection) -> Result<Vec<&'static Entry>, SettingsError> {
        let mut chosen = named(&selection.only, &selection.skip)?;
        chosen.retain(|entry| selection.takes(self.severity(entry)));
        if !self.frameworks.is_empty() {
            chosen.retain(|entry| self.frameworks.iter().any(|asked| asked.names(entry.meta.id)));
        }
        if chosen.is_empty() { Err(SettingsError::NothingSelected) } else { Ok(chosen) }
    }

    /// The severity of a check.
    #[must_use]
    pub fn severity(&self, entry: &Entry) -> Severity {
        self.severities.get(entry.meta.id).copied().unwrap_or(entry.meta.severity)
    }
}

/// The checks that `only` asks for, all where it is empty, less those that `skip` names.
fn named(only: &[String], skip: &[String]) -> Result<Vec<&'static Entry>, SettingsError> {
    let ids = |names: &[String]| -> Result<BTreeSet<&'static str>, SettingsError> {
        let mut ids = BTreeSet::new();
        for name in names {
            match name.strip_prefix("family:") {
                Some(family) => ids.extend(members(family)?),
                None => {
                    ids.insert(registry::find(name).map_err(SettingsError::Check)?.meta.id);
                }
            }
        }
        Ok(ids)
    };
    let (asked, left_out) = (ids(only)?, ids(skip)?);
    let is_asked = |entry: &&Entry| only.is_empty() || asked.contains(entry.meta.id);
    Ok(CHECKS.iter().filter(is_asked).filter(|entry| !left_out.contains(entry.meta.id)).collect())
}

fn members(family: &str) -> Result<impl Iterator<Item = &'static str>, SettingsError> {
    let names = || Family::ALL.iter().map(|family| family.name());
    let family: Family = family.parse().map_err(|_| SettingsError::Family {
        given: family.to_owned(),
        nearest: registry::nearest(family, names()).map(ToOwned::to_owned),
    })?;
    Ok(CHECKS.iter().filter(move |entry| entry.meta.family == family).map(|entry| entry.meta.id))
}
