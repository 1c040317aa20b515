//! What is wrong with what was written, and where.

use probity_checks::SettingsError;

/// Something in a file that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}{separator}{message}", separator = if .field.is_empty() { "" } else { ": " })]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The field, such as `audit.fail-on`; empty where none was reached.
    pub field: String,
    /// What is wrong there, and what to write instead.
    pub message: String,
}

/// Why the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
    /// A file holds something that cannot be taken.
    #[error("{name}:{line}:{column}: {mistake}", line = .mistake.line, column = .mistake.column)]
    File {
        /// The file.
        name: String,
        /// What is wrong in it.
        mistake: Mistake,
    },
    /// An environment variable that cannot be taken.
    #[error("{name}: {message}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// A flag that cannot be taken.
    #[error("--{name}: {message}")]
    Flag {
        /// The flag without its hyphens.
        name: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// A `--set` that is not `check.parameter=value`.
    #[error("--set {0}: write it as CHECK.PARAMETER=VALUE, such as user-access-key-rotation.max_age_days=60")]
    Set(String),
    /// A `--set` of a check, parameter or value that does not exist.
    #[error(transparent)]
    Settings(SettingsError),
}
