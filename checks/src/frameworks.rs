//! The frameworks auditors ask for by name, and which checks answer which of their controls.
//!
//! Each stands in a file of its own, `checks/frameworks/ID.toml`, because mappings change with the framework and not with
//! the check. Controls are told in our own words; the wording that counts is the publisher's.
//!
//! A control is in one of four states: answered by checks, left to a person (`manual`), left to other tools
//! (`out_of_scope`), or not answered, because the checks meant for it are `planned` and no release has them yet.

use alloc::borrow::ToOwned;
use alloc::string::String;
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

/// A framework that a run is asked to answer: one of ours, or one of a user's own file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The id.
    pub id: String,
    /// The name.
    pub title: String,
    /// Who publishes it; empty where nobody is named.
    pub publisher: String,
    /// The version; empty where there is none.
    pub version: String,
    /// Where list and mapping were taken from; empty where it is not said.
    pub source: String,
    /// The controls, in the framework's order.
    pub controls: Vec<AskedControl>,
    /// Whether it is not one of [`FRAMEWORKS`].
    pub is_own: bool,
}

/// A control of a framework that a run is asked to answer; the fields are those of [`Control`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskedControl {
    /// The id in the framework.
    pub id: String,
    /// What it demands.
    pub title: String,
    /// The section it stands in.
    pub section: String,
    /// The checks whose mapping to it was published.
    pub checks: Vec<String>,
    /// The checks that are proposed for it.
    pub proposed: Vec<String>,
    /// The checks meant for it that do not exist yet.
    pub planned: Vec<String>,
    /// What to look at where no check can answer.
    pub manual: String,
    /// Why it is left to other tools.
    pub out_of_scope: String,
}

impl AskedControl {
    /// Its checks, each with whether the mapping is a proposal.
    pub fn named(&self) -> impl Iterator<Item = (&str, bool)> {
        let published = self.checks.iter().map(|check| (check.as_str(), false));
        published.chain(self.proposed.iter().map(|check| (check.as_str(), true)))
    }
}

impl Asked {
    /// Whether a check answers one of its controls.
    #[must_use]
    pub fn names(&self, check: &str) -> bool {
        self.controls.iter().flat_map(AskedControl::named).any(|(named, _)| named == check)
    }

    /// Proposes one more check for a control; nothing where the framework has no such control.
    pub fn propose(&mut self, control: &str, check: &str) {
        for control in self.controls.iter_mut().filter(|one| one.id == control) {
            control.proposed.push(check.to_owned());
        }
    }
}

impl From<&Framework> for Asked {
    fn from(framework: &Framework) -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let control = |control: &Control| AskedControl {
            id: control.id.to_owned(),
            title: control.title.to_owned(),
            section: control.section.to_owned(),
            checks: owned(control.checks),
            proposed: owned(control.proposed),
            planned: owned(control.planned),
            manual: control.manual.to_owned(),
            out_of_scope: control.out_of_scope.to_owned(),
        };
        Self {
            id: framework.id.to_owned(),
            title: framework.title.to_owned(),
            publisher: framework.publisher.to_owned(),
            version: framework.version.to_owned(),
            source: framework.source.to_owned(),
            controls: framework.controls.iter().map(control).collect(),
            is_own: false,
        }
    }
}

/// A framework by its id.
///
/// # Errors
/// The nearest id there is, where there is one like it.
pub fn find(id: &str) -> Result<&'static Framework, Option<&'static str>> {
    let ids = FRAMEWORKS.iter().map(|framework| framework.id);
    FRAMEWORKS.iter().find(|framework| framework.id == id).ok_or_else(|| crate::registry::nearest(id, ids))
}

/// The controls of users' own frameworks that a check answers.
pub(crate) fn own_controls_of(check: &str, asked: &[Asked]) -> Vec<ControlReference> {
    let own = asked.iter().filter(|framework| framework.is_own);
    let named = own.flat_map(|framework| framework.controls.iter().map(move |control| (framework, control)));
    let mut controls = Vec::new();
    for (framework, control) in named {
        if let Some((_, proposed)) = control.named().find(|(named, _)| *named == check) {
            controls.push(ControlReference { framework: framework.id.clone(), control: control.id.clone(), proposed });
        }
    }
    controls
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
