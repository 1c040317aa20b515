//! `probity.toml`: what would otherwise be long flags. Flags win over it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use probity_checks::{Settings, SettingsError};
use probity_model::Severity;
use probity_model::parameter::{ParameterError, ParameterValue};
use serde::Deserialize;
use toml::{Spanned, Value};

use crate::cli::{DetailLevel, EvidenceArgs, FailOn, LastAccessedLevel, ReportArgs, SelectArgs};
use crate::failure::Failure;

/// The file that is read where none is named.
const DEFAULT_FILE: &str = "probity.toml";

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    audit: Audit,
    #[serde(default)]
    checks: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<Value>>>,
}

/// Section `[audit]`: the flags of `probity audit` by the same names.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Audit {
    regions: Option<Vec<String>>,
    detail: Option<DetailLevel>,
    last_accessed: Option<LastAccessedLevel>,
    only: Option<Vec<String>>,
    skip: Option<Vec<String>>,
    fail_on: Option<String>,
    min_severity: Option<Severity>,
    require_complete: Option<bool>,
}

/// The configuration in force.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    audit: Audit,
    fail_on: Option<FailOn>,
    /// Parameters and severities, those of `--set` among them.
    pub(crate) settings: Settings,
}

impl Configuration {
    /// Reads the file that was named, or the default one where there is one, and then the flags.
    pub(crate) fn load(select: &SelectArgs) -> Result<Self, Failure> {
        let mut configuration = match &select.config {
            Some(file) => Self::read(file)?,
            None if Path::new(DEFAULT_FILE).is_file() => Self::read(Path::new(DEFAULT_FILE))?,
            None => Self::default(),
        };
        for text in &select.set {
            let wrong = || Failure::Set(text.clone());
            let (name, value) = text.split_once('=').ok_or_else(wrong)?;
            let (check, parameter) = name.trim().split_once('.').ok_or_else(wrong)?;
            configuration.settings.set_text(check, parameter, value)?;
        }
        Ok(configuration)
    }

    fn read(file: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(file).map_err(|error| Failure::Read { file: file.to_owned(), error })?;
        Self::parse(&text).map_err(|(at, message)| {
            let (line, column) = position(&text, at.start);
            Failure::Configuration { file: file.to_owned(), line, column, message }
        })
    }

    fn parse(text: &str) -> Result<Self, (Range<usize>, String)> {
        let file: File = toml::from_str(text)
            .map_err(|error| (error.span().unwrap_or_default(), error.message().trim().replace('\n', "; ")))?;
        let fail_on = file.audit.fail_on.as_deref().map(str::parse).transpose();
        let fail_on = fail_on.map_err(|message| {
            (text.find("fail-on").map_or(0..0, |start| start..start), format!("audit.fail-on: {message}"))
        })?;
        let mut settings = Settings::default();
        for (check, values) in &file.checks {
            for (key, value) in values {
                let failed = |error: SettingsError| {
                    let at = match error {
                        SettingsError::Check(_) => check.span(),
                        SettingsError::NoParameter { .. } => key.span(),
                        _ => value.span(),
                    };
                    (at, format!("checks.{}.{}: {error}", check.get_ref(), key.get_ref()))
                };
                set(&mut settings, check.get_ref(), key.get_ref(), value.get_ref()).map_err(failed)?;
            }
        }
        Ok(Self { audit: file.audit, fail_on, settings })
    }

    /// The checks asked for and left out: flags first, else the file.
    pub(crate) fn selection(&self, select: &SelectArgs) -> probity_model::run::Selection {
        probity_model::run::Selection {
            only: first_list(&select.only, self.audit.only.as_ref()),
            skip: first_list(&select.skip, self.audit.skip.as_ref()),
        }
    }

    /// What to read: flags first, else the file.
    pub(crate) fn evidence(&self, args: &EvidenceArgs) -> EvidenceArgs {
        EvidenceArgs {
            regions: first_list(&args.regions, self.audit.regions.as_ref()),
            detail: args.detail.or(self.audit.detail),
            last_accessed: args.last_accessed.or(self.audit.last_accessed),
        }
    }

    /// What to write: flags first, else the file.
    pub(crate) fn report(&self, args: &ReportArgs) -> ReportArgs {
        ReportArgs {
            fail_on: args.fail_on.or(self.fail_on),
            min_severity: args.min_severity.or(self.audit.min_severity),
            require_complete: args.require_complete || self.audit.require_complete.unwrap_or_default(),
            ..args.clone()
        }
    }
}

fn first_list(flag: &[String], file: Option<&Vec<String>>) -> Vec<String> {
    if flag.is_empty() { file.cloned().unwrap_or_default() } else { flag.to_vec() }
}

fn set(settings: &mut Settings, check: &str, key: &str, value: &Value) -> Result<(), SettingsError> {
    if key == "severity" {
        let wrong = |given: String| SettingsError::Severity { given };
        let text = value.as_str().ok_or_else(|| wrong(value.to_string()))?;
        let severity: Severity = text.parse().map_err(|_| wrong(text.to_owned()))?;
        return settings.set_severity(check, severity);
    }
    settings.set(check, key, |spec| -> Result<ParameterValue, ParameterError> {
        match value {
            Value::Integer(number) => spec.number(*number),
            Value::Boolean(flag) => spec.flag(*flag),
            Value::String(word) => spec.word(word),
            Value::Array(items) => {
                let text = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                spec.list(items.iter().map(text).collect())
            }
            other => spec.parse(&other.to_string()),
        }
    })
}

/// Line and column of a byte, both from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).map_or(0, |line| line.chars().count()) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, String) {
        let (at, message) = Configuration::parse(text).expect_err("wrong");
        (position(text, at.start).0, message)
    }

    #[test]
    fn parameters_and_severities_are_taken() {
        let text = "[audit]\nfail-on = \"never\"\nregions = [\"eu-central-1\"]\n\n\
                    [checks.user-access-key-rotation]\nmax_age_days = 60\nseverity = \"low\"\n";
        let configuration = Configuration::parse(text).expect("a configuration");
        let entry = probity_checks::registry::find("user-access-key-rotation").expect("the check");
        assert_eq!(configuration.settings.severity(entry), Severity::Low);
        let parameters = configuration.settings.parameters(entry);
        assert_eq!(parameters.value(&entry.meta.parameters[0]), ParameterValue::Number(60));
        assert_eq!(configuration.fail_on, Some(FailOn::Never));
    }

    #[test]
    fn an_error_points_at_the_line() {
        let (line, message) = error("\n[checks.user-access-key-rotation]\nmax_age_days = 0\n");
        assert_eq!(line, 3);
        assert!(message.contains("max_age_days") && message.contains("between"), "{message}");
        let (line, message) = error("[checks.user-access-key-rotaton]\nmax_age_days = 1\n");
        assert_eq!(line, 1);
        assert!(message.contains("did you mean `user-access-key-rotation`"), "{message}");
        let (line, message) = error("[audit]\nregion = [\"eu-central-1\"]\n");
        assert_eq!(line, 2);
        assert!(message.contains("region"), "{message}");
        assert_eq!(error("[audit\n").0, 1);
        assert!(error("[checks.user-access-key-rotation]\nseverity = \"awful\"\n").1.contains("severity"));
    }
}
