//! Judges a built account with one check, for the tests beside the checks.

use std::vec::Vec;

use probity_model::builder::Account;
use probity_model::{Evidence, Finding, Outcome};

use crate::registry;
use crate::settings::Settings;

/// The findings of one check on an account, with the default parameters.
pub(crate) fn findings(check: &str, account: Account) -> Vec<Finding> {
    findings_with(check, &[], account)
}

/// The findings of one check on an account, with parameters as they stand on a command line.
pub(crate) fn findings_with(check: &str, parameters: &[(&str, &str)], account: Account) -> Vec<Finding> {
    let entry = registry::find(check).expect("the check exists");
    let mut settings = Settings::default();
    for (name, value) in parameters {
        settings.set_text(check, name, value).expect("the parameter takes the value");
    }
    let snapshot = account.build();
    entry.judge(&Evidence::new(&snapshot), &settings.parameters(entry))
}

/// The outcomes of those findings, in the order of the resources.
pub(crate) fn outcomes(check: &str, account: Account) -> Vec<Outcome> {
    findings(check, account).into_iter().map(|finding| finding.outcome).collect()
}

/// The outcomes with parameters as they stand on a command line.
pub(crate) fn outcomes_with(check: &str, parameters: &[(&str, &str)], account: Account) -> Vec<Outcome> {
    findings_with(check, parameters, account).into_iter().map(|finding| finding.outcome).collect()
}
