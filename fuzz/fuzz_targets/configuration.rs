//! `probity.toml` and the variables beside it: reading ends, and a mistake lies within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probity_configuration::{ConfigurationError, Effective, File, Input};

fuzz_target!(|text: &str| {
    // What stands behind the first zero byte is variables, a line each.
    let (file, variables) = text.split_once('\0').unwrap_or((text, ""));
    let variable = |line: &str| line.split_once('=').map(|(name, value)| (format!("PROBITY_{name}"), value.to_owned()));
    let environment = variables.lines().filter_map(variable).collect();
    let input = Input { file: Some(File { name: "probity.toml", text: file }), environment, ..Input::default() };
    match Effective::of(&input) {
        Ok(effective) => {
            for (key, setting) in effective.audit() {
                assert!(setting.value.is_some() || setting.origin.kind() == "default", "{}", key.name);
            }
        }
        Err(ConfigurationError::File { mistake, .. }) => {
            assert!(mistake.line >= 1 && mistake.line <= file.matches('\n').count() + 1, "{mistake:?}");
        }
        Err(_) => {}
    }
});
