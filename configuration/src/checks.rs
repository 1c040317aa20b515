//! Section `[checks]`: parameters and severities of checks.

use std::collections::BTreeMap;
use std::ops::Range;

use probity_checks::{CHECKS, Entry, Settings, SettingsError};
use probity_model::Severity;
use probity_model::parameter::{ParameterError, ParameterValue};
use toml::Spanned;
use toml::de::DeValue;

use crate::document::{Document, kind, whole_number};
use crate::layers::{CheckSetting, Origin};
use crate::{File, Mistake};

/// The name of the key that is a severity and no parameter.
pub(crate) const SEVERITY: &str = "severity";

/// Every key that a check has: its parameters, and its severity.
pub(crate) fn keys_of(entry: &Entry) -> impl Iterator<Item = &'static str> {
    entry.meta.parameters.iter().map(probity_model::ParameterSpec::name).chain([SEVERITY])
}

/// The environment variable of a key of a check, such as
/// `PROBITY_CHECKS__USER_ACCESS_KEY_ROTATION__MAX_AGE_DAYS`.
pub(crate) fn variable(entry: &Entry, key: &str) -> String {
    format!("PROBITY_CHECKS__{}__{}", entry.meta.id.replace('-', "_"), key).to_ascii_uppercase()
}

/// What was set of checks, and where.
pub(crate) type Set = BTreeMap<(&'static str, &'static str), CheckSetting>;

/// Notes where a value of a check came from, the value as it is in force.
pub(crate) fn note(set: &mut Set, settings: &Settings, check: &str, key: &str, origin: Origin) {
    let Some(entry) = CHECKS.iter().find(|entry| entry.meta.id == check) else { return };
    let Some(name) = keys_of(entry).find(|name| *name == key) else { return };
    let value = match entry.meta.parameters.iter().find(|spec| spec.name() == name) {
        Some(spec) => settings.parameters(entry).value(spec),
        None => ParameterValue::Text(settings.severity(entry).to_string()),
    };
    set.insert((entry.meta.id, name), CheckSetting { value, origin });
}

/// Takes the section of a file.
pub(crate) fn section(
    document: &Document<'_>,
    value: &Spanned<DeValue<'_>>,
    file: &File<'_>,
    settings: &mut Settings,
    set: &mut Set,
) -> Result<(), Mistake> {
    let wrong = |at: &Range<usize>, field: &str, message: String| document.mistake(at, field, message);
    let Some(checks) = value.get_ref().as_table() else {
        return Err(wrong(&value.span(), "checks", format!("this is {}, not a table", kind(value.get_ref()))));
    };
    for (check, values) in checks {
        let field = format!("checks.{}", check.get_ref());
        probity_checks::registry::find(check.get_ref())
            .map_err(|error| wrong(&check.span(), &field, SettingsError::Check(error).to_string()))?;
        let Some(table) = values.get_ref().as_table() else {
            return Err(wrong(&values.span(), &field, format!("this is {}, not a table", kind(values.get_ref()))));
        };
        for (key, value) in table {
            let field = format!("{field}.{}", key.get_ref());
            take(settings, check.get_ref(), key.get_ref(), value.get_ref()).map_err(|error| {
                let at = if matches!(error, SettingsError::NoParameter { .. }) { key.span() } else { value.span() };
                wrong(&at, &field, error.to_string())
            })?;
            let origin = Origin::File { name: file.name.to_owned(), line: document.line(&key.span()) };
            note(set, settings, check.get_ref(), key.get_ref(), origin);
        }
    }
    Ok(())
}

fn take(settings: &mut Settings, check: &str, key: &str, value: &DeValue<'_>) -> Result<(), SettingsError> {
    if key == SEVERITY {
        let given = value.as_str().map_or_else(|| kind(value).to_owned(), str::to_owned);
        return severity(settings, check, &given);
    }
    settings.set(check, key, |spec| -> Result<ParameterValue, ParameterError> {
        match value {
            DeValue::Boolean(flag) => spec.flag(*flag),
            DeValue::String(word) => spec.word(word),
            DeValue::Array(items) => {
                let text = |item: &Spanned<DeValue<'_>>| {
                    item.get_ref().as_str().map_or_else(|| kind(item.get_ref()).to_owned(), str::to_owned)
                };
                spec.list(items.iter().map(text).collect())
            }
            other => match whole_number(other) {
                Some(number) => spec.number(number),
                None => Err(ParameterError::Kind {
                    name: spec.name(),
                    expected: spec.takes(),
                    given: other.as_integer().map_or_else(|| kind(other).to_owned(), ToString::to_string),
                }),
            },
        }
    })
}

/// Gives a check another severity.
pub(crate) fn severity(settings: &mut Settings, check: &str, given: &str) -> Result<(), SettingsError> {
    let severity: Severity = given.parse().map_err(|_| SettingsError::Severity { given: given.to_owned() })?;
    settings.set_severity(check, severity)
}
