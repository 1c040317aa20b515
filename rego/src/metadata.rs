//! What a policy says of itself, in its rule `check`: the same as a built-in check.

use std::collections::BTreeMap;

use probity_model::run::{CheckRun, ControlReference};
use probity_model::{Automation, Family, Operation, Outcome, ResourceKind, Scope, Severity, Topic};
use serde::Deserialize;

/// What a policy says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The id: kebab-case, unique, never changed; part of every finding's fingerprint.
    pub id: String,
    /// What is true where the check passes, in a few words.
    pub title: String,
    /// How bad a failure is, unless the finding says otherwise.
    pub severity: Severity,
    /// The family it is shown in.
    pub family: Family,
    /// The kind of resource its findings are about.
    pub resource: ResourceKind,
    /// What is judged.
    #[serde(default = "account")]
    pub scope: Scope,
    /// The topics that it cannot judge without.
    pub needs: Vec<Topic>,
    /// The topics that sharpen its verdict; absent from the input where they could not be read.
    #[serde(default)]
    pub uses: Vec<Topic>,
    /// Whether the policy judges gaps inside its topics itself.
    #[serde(default)]
    pub handles_gaps: bool,
    /// One sentence: what the check demands.
    pub summary: String,
    /// Why it matters.
    pub why: String,
    /// When it passes.
    pub pass: String,
    /// When it fails.
    pub fail: String,
    /// What to do about a failure.
    pub fix: String,
    /// A command for it; empty where there is none.
    #[serde(default)]
    pub command: String,
    /// The controls that it answers, as `cis-7.0:2.4`.
    #[serde(default)]
    pub controls: Vec<String>,
}

const fn account() -> Scope {
    Scope::Account
}

impl Metadata {
    /// What is wrong with it, where something is that the types do not say.
    pub(crate) fn problem(&self) -> Option<String> {
        if !is_kebab(&self.id) {
            return Some(format!("check.id: `{}` is not kebab-case: use a-z, 0-9 and single hyphens", self.id));
        }
        if self.needs.is_empty() {
            return Some(
                "check.needs: name at least one topic of evidence; `probity checks -f json` shows them".to_owned(),
            );
        }
        let texts = [
            ("title", &self.title),
            ("summary", &self.summary),
            ("why", &self.why),
            ("pass", &self.pass),
            ("fail", &self.fail),
            ("fix", &self.fix),
        ];
        if let Some((field, _)) = texts.iter().find(|(_, text)| text.trim().is_empty()) {
            return Some(format!("check.{field}: is empty"));
        }
        let whole = |control: &&String| control.split_once(':').is_none_or(|(a, b)| a.is_empty() || b.is_empty());
        self.controls
            .iter()
            .find(whole)
            .map(|control| format!("check.controls: `{control}` is not FRAMEWORK:CONTROL, such as cis-7.0:2.4"))
    }

    /// Every topic, those first that it needs.
    pub fn topics(&self) -> impl Iterator<Item = Topic> {
        self.needs.iter().chain(&self.uses).copied()
    }

    /// The API operations that the verdicts rest on.
    pub(crate) fn operations(&self) -> impl Iterator<Item = Operation> {
        self.topics().flat_map(|topic| topic.operations()).copied()
    }

    /// The check as a run shows it; `outcomes` as they came out.
    #[must_use]
    pub fn run(&self, outcomes: BTreeMap<Outcome, u64>) -> CheckRun {
        let control = |text: &String| {
            let (framework, control) = text.split_once(':').unwrap_or((text, ""));
            ControlReference { framework: framework.to_owned(), control: control.to_owned(), proposed: true }
        };
        CheckRun {
            id: self.id.clone(),
            family: self.family,
            title: self.title.clone(),
            severity: self.severity,
            scope: self.scope,
            automation: Automation::Automated,
            summary: self.summary.clone(),
            why: self.why.clone(),
            pass: self.pass.clone(),
            fail: self.fail.clone(),
            fix: self.fix.clone(),
            command: self.command.clone(),
            parameters: Vec::new(),
            operations: self.operations().map(|operation| operation.to_string()).collect(),
            controls: self.controls.iter().map(control).collect(),
            outcomes,
        }
    }
}

fn is_kebab(id: &str) -> bool {
    let word =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    id.starts_with(|first: char| first.is_ascii_lowercase()) && id.split('-').all(word)
}

#[cfg(test)]
mod tests {
    use super::is_kebab;

    #[test]
    fn ids_are_kebab_case() {
        assert!(is_kebab("acme-role-owner") && is_kebab("a1"));
        for wrong in ["", "Acme", "a--b", "-a", "a-", "1a", "a_b", "a b"] {
            assert!(!is_kebab(wrong), "{wrong}");
        }
    }
}
