//! `exceptions.toml`: reading ends, and what a wildcard covers always has a reason and an owner.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match probity_configuration::exceptions(text) {
    Ok(rules) => {
        for rule in rules {
            assert!(!rule.owner.is_empty());
            assert!(!rule.is_wildcard() || !rule.reason.is_empty());
        }
    }
    Err(mistake) => assert!(mistake.line >= 1 && mistake.line <= text.matches('\n').count() + 1, "{mistake:?}"),
});
