//! Every key of section `[audit]`, once: what it takes, its default, and what it is for.

use crate::Takes;

/// The severities.
pub(crate) const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

/// A key of section `[audit]` of `probity.toml`. The flag has the same name, the environment variable is made of it.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The name, in kebab-case.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What holds where nothing is set, in words.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
}

impl Key {
    /// The environment variable, such as `PROBITY_FAIL_ON`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("PROBITY_{}", self.name.to_ascii_uppercase().replace('-', "_"))
    }

    /// The key of a name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }
}

macro_rules! keys {
    ($($name:literal, $takes:expr, $default:literal, $about:literal;)+) => {
        /// Every key, in the order in which they are shown.
        pub const KEYS: &[Key] = &[$(Key { name: $name, takes: $takes, default: $default, about: $about }),+];
    };
}

keys! {
    "regions", Takes::List("names of Regions"), "every enabled Region",
        "The Regions in which Regional evidence is read.";
    "detail", Takes::Word(&["standard", "full"]), "standard",
        "How much is read that costs a call a user or resource: ids of access keys, SSH keys, models of MFA devices, secrets.";
    "last-accessed", Takes::Word(&["none", "privileged", "all"]), "all up to 1,000 principals, privileged beyond",
        "Whose service last accessed data is read.";
    "only", Takes::List("checks or family:NAME"), "every check",
        "The checks that run; collection narrows with them.";
    "skip", Takes::List("checks or family:NAME"), "none",
        "The checks that are left out.";
    "severity", Takes::Word(&SEVERITIES), "info",
        "The least severity of the checks that run, as it is set for each; a finding may be graded otherwise. Collection narrows with them.";
    "checks-dir", Takes::Text("a folder"), "none",
        "The folder with checks of one's own, written in Rego.";
    "exceptions", Takes::Text("a file"), "exceptions.toml in the working directory, where there is one",
        "The file with the failures that somebody agreed to live with.";
    "history", Takes::Text("a file or a postgres:// URL"), "none is kept",
        "The history that the run is kept in.";
    "manifest", Takes::Text("a file"), "none is written",
        "The file that the SHA-256 of every written file and of the snapshot goes to.";
    "redact", Takes::Flag, "false",
        "Whether reports have account ids, names and addresses replaced.";
    "redact-salt", Takes::Text("a secret text"), "another one in every run",
        "What keeps the replacements of `redact` the same from run to run; whoever has it can confirm guesses.";
    "fail-on", Takes::Word(&[
        "critical", "high", "medium", "low", "info", "never", "new-critical", "new-high", "new-medium", "new-low",
        "new-info",
    ]), "high",
        "The least severity of an open failure that makes the exit code 1; `new-…` counts only what is new in the history.";
    "min-severity", Takes::Word(&SEVERITIES), "info",
        "Reports show findings at least this bad; score and counts stay those of the whole run.";
    "status", Takes::Words(&["fail", "not-evaluated", "manual", "pass", "not-applicable"]), "the format's own choice",
        "Reports show findings with these statuses.";
    "require-complete", Takes::Flag, "false",
        "Whether the exit code is 3 when anything that was asked for could not be read.";
    "output-format", Takes::Text("a format"), "table, where no file is written",
        "The format of the report on standard output.";
    "output", Takes::List("[FORMAT=]FILE"), "none",
        "The files that reports are written to; the format follows from the ending unless it is given.";
    "width", Takes::Number { min: 60, max: 500, unit: "columns" }, "the terminal's, or 100",
        "The width of the table.";
}
