//! What users write for probity: `probity.toml`, `exceptions.toml`, environment variables and flags.
//!
//! Texts in, settings out: this crate opens no file and reads no environment, so that everything it takes can be fuzzed.
//! Every key stands once in [`KEYS`]; reading, the published schema and the page of documentation follow from it.

mod checks;
mod document;
mod environment;
mod error;
mod exceptions;
mod keys;
mod layers;
pub mod page;
pub mod schema;
mod value;

pub use error::{ConfigurationError, Mistake};
pub use exceptions::exceptions;
pub use keys::{KEYS, Key};
pub use layers::{CheckSetting, Effective, File, Input, Origin, Setting};
pub use value::{Takes, Value};
