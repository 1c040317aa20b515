//! Reads a folder of policies: every `.rego` file in it is one check.

use std::fs;
use std::path::{Path, PathBuf};

use regorus::Engine;
use serde::Deserialize as _;

use crate::error::RegoError;
use crate::judge;
use crate::metadata::Metadata;

/// Builtins whose answer depends on more than the input.
const IMPURE: [&str; 5] = ["http.send", "opa.runtime", "rand.intn", "time.now_ns", "uuid.rfc4122"];

/// A check written in Rego.
#[derive(Clone)]
pub struct CustomCheck {
    /// What it says of itself.
    pub metadata: Metadata,
    /// The file.
    pub file: PathBuf,
    pub(crate) engine: Engine,
    pub(crate) package: String,
}

impl std::fmt::Debug for CustomCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CustomCheck")
            .field("file", &self.file)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

/// Reads every `.rego` file of a folder, in the order of their names; tests (`*_test.rego`) are left to other tools.
/// `is_taken` says whether a built-in check has an id.
///
/// # Errors
/// [`RegoError`], with the file and what to change in it.
pub fn load(folder: &Path, is_taken: impl Fn(&str) -> bool) -> Result<Vec<CustomCheck>, RegoError> {
    let unreadable = |file: &Path, error| RegoError::Read { file: file.to_owned(), error };
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".rego") && !name.ends_with("_test.rego") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(RegoError::Empty { folder: folder.to_owned() });
    }
    let mut checks: Vec<CustomCheck> = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, error))?;
        let check = parse(&file, &text)?;
        let id = check.metadata.id.as_str();
        let other = match checks.iter().find(|other| other.metadata.id == id) {
            Some(other) => Some(other.file.display().to_string()),
            None => is_taken(id).then(|| "a built-in check".to_owned()),
        };
        if let Some(other) = other {
            return Err(RegoError::Taken { file, id: id.to_owned(), other });
        }
        checks.push(check);
    }
    checks.sort_by(|a, b| a.metadata.id.cmp(&b.metadata.id));
    Ok(checks)
}

/// Reads one policy.
fn parse(file: &Path, text: &str) -> Result<CustomCheck, RegoError> {
    let wrong = |message: String| RegoError::Metadata { file: file.to_owned(), message };
    if let Some((line, builtin)) = impure(text) {
        return Err(RegoError::Impure { file: file.to_owned(), line, builtin });
    }
    let mut engine = judge::engine();
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let package = engine
        .add_policy(name, text.to_owned())
        .map_err(|error| RegoError::Syntax { file: file.to_owned(), message: judge::words(&error) })?;
    let value = engine
        .clone()
        .eval_rule(format!("{package}.check"))
        .map_err(|error| wrong(format!("the rule `check` cannot be worked out: {}", judge::words(&error))))?;
    let value = serde_json::to_value(&value).map_err(|error| wrong(format!("the rule `check`: {error}")))?;
    if !value.is_object() {
        return Err(wrong("there is no rule `check` that is an object: it says what the check is".to_owned()));
    }
    let metadata = Metadata::deserialize(value).map_err(|error| wrong(format!("the rule `check`: {error}")))?;
    if let Some(problem) = metadata.problem() {
        return Err(wrong(problem));
    }
    if !text.lines().any(|line| line.trim_start().starts_with("findings")) {
        return Err(wrong("there is no rule `findings`: it says what the check concludes".to_owned()));
    }
    Ok(CustomCheck { metadata, file: file.to_owned(), engine, package })
}

/// The first use of a builtin that is not allowed, outside comments.
fn impure(text: &str) -> Option<(usize, &'static str)> {
    text.lines().enumerate().find_map(|(index, line)| {
        let code = line.split('#').next().unwrap_or_default().replace(' ', "");
        IMPURE.into_iter().find(|builtin| code.contains(builtin)).map(|builtin| (index + 1, builtin))
    })
}
