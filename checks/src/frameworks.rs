//! The frameworks auditors ask for by name, and which checks answer which of their controls.
//!
//! Each stands in a file of its own, `checks/frameworks/ID.toml`, because mappings change with the framework and not with
//! the check. Controls are told in our own words; the wording that counts is the publisher's.
//!
//! A control is in one of four states: answered by checks, left to a person (`manual`), left to other tools
//! (`out_of_scope`), or not answered, because the checks meant for it are `planned` and no release has them yet.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use probity_model::run::ControlReference;

include!(concat!(env!("OUT_DIR"), "/frameworks.rs"));

/// A framework in one version.
#[derive(Debug)]
pub struct Framework {
    /// The id, such as `cis-7.0`.
    pub id: &'static str,
    /// The name.
    pub title: &'static str,
    /// Who publishes it.
    pub publisher: &'static str,
    /// The version.
    pub version: &'static str,
    /// Where list and mapping were taken from.
    pub source: &'static str,
    /// The controls of the sections in scope, in the framework's order.
    pub controls: &'static [Control],
}

/// A control of a framework.
#[derive(Debug)]
pub struct Control {
    /// The id in the framework.
    pub id: &'static str,
    /// What it demands, in our own words.
    pub title: &'static str,
    /// The section it stands in.
    pub section: &'static str,
    /// The checks whose mapping to it was published.
    pub checks: &'static [&'static str],
    /// The checks that we propose for it.
    pub proposed: &'static [&'static str],
    /// The checks meant for it that do not exist yet. They answer nothing: a control that has only these is not answered,
    /// and one that has others too is answered in part.
    pub planned: &'static [&'static str],
    /// What to look at where no check can answer; empty where one can.
    pub manual: &'static str,
    /// Why it is left to other tools; empty where it is not.
    pub out_of_scope: &'static str,
}

/// The controls that a check answers, sorted by framework.
#[must_use]
pub fn controls_of(check: &str) -> Vec<ControlReference> {
    let mut controls = Vec::new();
    for framework in FRAMEWORKS {
        for control in framework.controls {
            let reference = |proposed| ControlReference {
                framework: framework.id.to_owned(),
                control: control.id.to_owned(),
                proposed,
            };
            if control.checks.contains(&check) {
                controls.push(reference(false));
            } else if control.proposed.contains(&check) {
                controls.push(reference(true));
            }
        }
    }
    controls
}
