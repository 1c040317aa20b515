//! What a check is: its rule, what it says of itself, and where it applies.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{FactSet, Findings, ParameterSpec, Parameters, ResourceKind, Severity};

/// A check: it reads the facts that its signature names and says what it concludes. Deterministic by construction.
pub trait Rule {
    /// What the check says of itself.
    const META: Meta;
    /// The facts it reads; nothing else is reachable from `run`.
    type Facts<'s>: FactSet<'s>;

    /// Judges the facts. A rule that says nothing has found nothing to judge, which becomes `not-applicable`.
    fn run(facts: Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>);
}

/// The short, typed facts about a check. Its prose is the `//!` header of its file; see [`Docs`].
#[derive(Debug, Clone, Copy)]
pub struct Meta {
    /// The id: kebab-case, unique, never changed.
    pub id: &'static str,
    /// The family, which is also the folder.
    pub family: Family,
    /// What is true where the check passes, in a few words.
    pub title: &'static str,
    /// How bad a failure is, unless the finding says otherwise.
    pub severity: Severity,
    /// What is judged: an account, a Region of one, or the organization.
    pub scope: Scope,
    /// The kind of resource its findings are about.
    pub resource: ResourceKind,
    /// Whether an API can answer.
    pub automation: Automation,
    /// The release that brought it.
    pub since: &'static str,
    /// What can be set.
    pub parameters: &'static [ParameterSpec],
}

/// The prose of a check, lifted from the header of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Docs {
    /// One sentence: what the check demands.
    pub summary: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// When it passes.
    pub pass: &'static str,
    /// When it fails.
    pub fail: &'static str,
    /// When it does not apply; empty where it always does.
    pub not_applicable: &'static str,
    /// What to know of its limits and of answers that look wrong; empty where there is nothing.
    pub notes: &'static str,
    /// What to do about a failure.
    pub fix: &'static str,
    /// A command that does it or finds out more; empty where there is none.
    pub command: &'static str,
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// The account.
    Account,
    /// A Region of the account.
    Region,
    /// The organization, from where it can be read.
    Organization,
}

/// Whether an API can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Automation {
    /// Yes.
    Automated,
    /// In part; the rest needs a person.
    Partial,
    /// No: the finding says what to look at.
    Manual,
}

macro_rules! families {
    ($($(#[$doc:meta])+ $variant:ident $name:literal,)+) => {
        /// A family of checks: one folder.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Family { $($(#[$doc])+ #[serde(rename = $name)] $variant,)+ }

        impl Family {
            /// Every family, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in options and output.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

families! {
    /// The root user.
    Root "root",
    /// Long-term credentials.
    Credentials "credentials",
    /// Second factors.
    Mfa "mfa",
    /// The password policy.
    PasswordPolicy "password-policy",
    /// IAM users and groups.
    UsersAndGroups "users-and-groups",
    /// Roles and whom they trust.
    RolesAndTrust "roles-and-trust",
    /// Identity providers and Identity Center.
    Federation "federation",
    /// What policies grant.
    Policies "policies",
    /// Ways to become administrator.
    PrivilegeEscalation "privilege-escalation",
    /// Access that nobody uses.
    UnusedAccess "unused-access",
    /// The organization and its guardrails.
    Organizations "organizations",
    /// Trails and alarms.
    LoggingAndMonitoring "logging-and-monitoring",
    /// IAM Access Analyzer.
    AccessAnalyzer "access-analyzer",
    /// The account itself.
    Account "account",
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text is not the name of a family.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a family of checks")]
pub struct UnknownFamily(pub String);

impl FromStr for Family {
    type Err = UnknownFamily;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|family| family.name() == text).ok_or_else(|| UnknownFamily(text.to_owned()))
    }
}
