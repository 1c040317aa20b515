//! Environment variables `PROBITY_*`: one for every key.

use probity_checks::registry::nearest;
use probity_checks::{CHECKS, Settings, SettingsError};

use crate::checks::{self, SEVERITY, Set, keys_of};
use crate::layers::{Audit, Origin, Setting};
use crate::{ConfigurationError, KEYS};

/// What every variable begins with.
const PREFIX: &str = "PROBITY_";
/// The variable that names the file; it is no key of the file itself.
const FILE: &str = "PROBITY_CONFIG";
/// What Kubernetes sets in every container beside a service of the name `probity`.
const NOT_OURS: [&str; 2] = ["PROBITY_SERVICE_", "PROBITY_PORT"];

/// Takes the variables. One that is empty is not set; one that no key has is an error, so that a mistyped name does not
/// go unnoticed.
pub(crate) fn take<'v>(
    variables: impl IntoIterator<Item = &'v (String, String)>,
    audit: &mut Audit,
    settings: &mut Settings,
    set: &mut Set,
) -> Result<(), ConfigurationError> {
    for (name, value) in variables {
        if !name.starts_with(PREFIX) || name == FILE || NOT_OURS.iter().any(|other| name.starts_with(other)) {
            continue;
        }
        let wrong = |message: String| ConfigurationError::Variable { name: name.clone(), message };
        if let Some(key) = KEYS.iter().find(|key| key.variable() == *name) {
            if !value.trim().is_empty() {
                let value = key.takes.parse(value).map_err(wrong)?;
                audit.insert(key.name, Setting { value: Some(value), origin: Origin::Environment(name.clone()) });
            }
            continue;
        }
        let of_checks = || CHECKS.iter().flat_map(|entry| keys_of(entry).map(move |key| (entry, key)));
        let Some((entry, key)) = of_checks().find(|(entry, key)| checks::variable(entry, key) == *name) else {
            let names: Vec<String> = KEYS
                .iter()
                .map(crate::Key::variable)
                .chain(of_checks().map(|(entry, key)| checks::variable(entry, key)))
                .chain([FILE.to_owned()])
                .collect();
            let hint = nearest(name, names.iter().map(String::as_str));
            let hint = hint.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            return Err(wrong(format!("no key has this variable{hint}")));
        };
        if value.trim().is_empty() {
            continue;
        }
        let taken: Result<(), SettingsError> = match key {
            SEVERITY => checks::severity(settings, entry.meta.id, value.trim()),
            parameter => settings.set_text(entry.meta.id, parameter, value),
        };
        taken.map_err(|error| wrong(error.to_string()))?;
        checks::note(set, settings, entry.meta.id, key, Origin::Environment(name.clone()));
    }
    Ok(())
}
