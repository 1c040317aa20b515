//! The list of every check, sorted by family and id, written by the build from the files that are there.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::{Docs, Evidence, FactSet, Finding, Findings, Meta, Need, Operation, Parameters, Rule, Topic};

include!(concat!(env!("OUT_DIR"), "/registry.rs"));

/// A check as the registry knows it.
pub struct Entry {
    /// What the check says of itself.
    pub meta: Meta,
    /// Its prose.
    pub docs: Docs,
    /// The file it stands in, from the root of the repository.
    pub file: &'static str,
    needs: fn() -> Vec<Need>,
    judge: fn(&Evidence<'_>, &Parameters) -> Vec<Finding>,
}

impl Entry {
    const fn of<R: Rule>(file: &'static str, docs: Docs) -> Self {
        Self { meta: R::META, docs, file, needs: needs::<R>, judge: judge::<R> }
    }

    /// The topics it reads, necessary ones first, each once.
    #[must_use]
    pub fn needs(&self) -> Vec<Need> {
        (self.needs)()
    }

    /// The topics it reads, optional ones included.
    #[must_use]
    pub fn topics(&self) -> Vec<Topic> {
        self.needs().into_iter().map(|need| need.topic).collect()
    }

    /// The API operations its evidence comes from, each once.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        self.topics().iter().flat_map(|topic| topic.operations()).copied().collect()
    }

    /// Judges a snapshot. There is always at least one finding.
    #[must_use]
    pub fn judge(&self, evidence: &Evidence<'_>, parameters: &Parameters) -> Vec<Finding> {
        (self.judge)(evidence, parameters)
    }
}

fn needs<R: Rule>() -> Vec<Need> {
    let mut needs = <R::Facts<'static> as FactSet<'static>>::needs();
    needs.sort_by_key(|need| (need.optional, need.topic));
    let mut seen = Vec::new();
    needs.retain(|need| {
        let first = !seen.contains(&need.topic);
        seen.push(need.topic);
        first
    });
    needs
}

fn judge<R: Rule>(evidence: &Evidence<'_>, parameters: &Parameters) -> Vec<Finding> {
    let mut out = Findings::new(R::META, &needs::<R>(), evidence);
    match R::Facts::read(evidence) {
        Ok(facts) => R::run(facts, parameters, &mut out),
        Err(gap) => out.whole_account().not_evaluated(gap),
    }
    out.finish()
}

/// A check by its id.
///
/// # Errors
/// [`UnknownCheck`], with the nearest id there is.
pub fn find(id: &str) -> Result<&'static Entry, UnknownCheck> {
    CHECKS.iter().find(|entry| entry.meta.id == id).ok_or_else(|| UnknownCheck {
        given: id.to_owned(),
        nearest: nearest(id, CHECKS.iter().map(|entry| entry.meta.id)).map(ToOwned::to_owned),
    })
}

/// The word that is most like what was typed, where one is like it at all.
#[must_use]
pub fn nearest<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let scored = words.map(|word| (strsim::jaro_winkler(typed, word), word));
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, word)| word)
}

/// No check has this id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCheck {
    /// What was given.
    pub given: String,
    /// The nearest id there is.
    pub nearest: Option<String>,
}

impl core::fmt::Display for UnknownCheck {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "there is no check `{}`", self.given)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`? `probity checks` lists them all"),
            None => f.write_str("; `probity checks` lists them all"),
        }
    }
}

impl core::error::Error for UnknownCheck {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::string::{String, ToString};

    use super::*;

    #[test]
    fn an_id_is_the_files_name_and_unique() {
        let mut ids = BTreeSet::new();
        for entry in CHECKS {
            let stem = entry.file.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or_default();
            assert_eq!(stem.replace('_', "-"), entry.meta.id);
            assert!(ids.insert(entry.meta.id), "{} twice", entry.meta.id);
            let folder = entry.file.rsplit('/').nth(1).unwrap_or_default();
            assert_eq!(folder.replace('_', "-"), entry.meta.family.name(), "{}", entry.meta.id);
        }
    }

    #[test]
    fn parameters_keep_their_own_limits() {
        for entry in CHECKS {
            let mut names = BTreeSet::new();
            for spec in entry.meta.parameters {
                assert!(names.insert(spec.name()), "{}.{} twice", entry.meta.id, spec.name());
                let text = match spec.default_value() {
                    probity_model::parameter::ParameterValue::Number(value) => value.to_string(),
                    probity_model::parameter::ParameterValue::Flag(value) => value.to_string(),
                    probity_model::parameter::ParameterValue::Text(value) => value,
                    probity_model::parameter::ParameterValue::List(values) => values.join(","),
                };
                assert_eq!(spec.parse(&text), Ok(spec.default_value()), "{}.{}", entry.meta.id, spec.name());
                assert!(!spec.source().is_empty(), "{}.{} has no source", entry.meta.id, spec.name());
            }
        }
    }

    #[test]
    fn every_topic_is_read_by_a_check_or_shown_in_the_report() {
        let read: BTreeSet<Topic> = CHECKS.iter().flat_map(Entry::topics).collect();
        let shown = [Topic::Caller, Topic::AccountAlias, Topic::EnabledRegions];
        let unread: Vec<&Topic> =
            Topic::ALL.iter().filter(|topic| !read.contains(topic) && !shown.contains(topic)).collect();
        assert!(unread.is_empty(), "{unread:?}");
    }

    #[test]
    fn an_unknown_id_names_the_nearest() {
        let error = find("root-acces-key-absent").err().map(|error| error.nearest).unwrap_or_default();
        assert_eq!(error, Some(String::from("root-access-key-absent")));
    }
}
