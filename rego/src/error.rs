//! Why a folder of policies cannot be taken: each error names the file and what to change in it.

use std::path::PathBuf;

/// Why a folder of policies cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum RegoError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read {}: {error}", file.display())]
    Read {
        /// The folder or file.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// There is no policy in the folder.
    #[error("{} holds no .rego file: name the folder your checks are in", folder.display())]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// Not Rego; the message names line and column.
    #[error("{}: {message}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// What the parser says.
        message: String,
    },
    /// A builtin that would make the verdict depend on more than the snapshot.
    #[error(
        "{}, line {line}: `{builtin}` may not be used, since the same snapshot must always give the same verdict; \
         `input.now` is the time of the snapshot", file.display()
    )]
    Impure {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The builtin.
        builtin: &'static str,
    },
    /// The rule `check` is missing or not what it should be.
    #[error("{}: {message}", file.display())]
    Metadata {
        /// The file.
        file: PathBuf,
        /// What is wrong, with the field.
        message: String,
    },
    /// Two checks of the same id.
    #[error("{}: the id `{id}` is taken by {other}: choose another", file.display())]
    Taken {
        /// The file.
        file: PathBuf,
        /// The id.
        id: String,
        /// What has it: a file, or `a built-in check`.
        other: String,
    },
}
