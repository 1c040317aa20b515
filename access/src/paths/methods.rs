//! The ways in which permissions become more permissions, as data: `methods.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::workloads::Runs;

/// A way to more permissions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// The id, in kebab-case; never changed later.
    pub id: String,
    /// What is done, in words.
    pub title: String,
    /// The actions it needs; all of them.
    pub needs: Vec<String>,
    /// Services that the role of the way must trust; one of them is enough. Empty where no service takes part.
    #[serde(default)]
    pub services: Vec<String>,
    /// What else must exist, of which no evidence is collected.
    #[serde(default)]
    pub unread: Option<String>,
    /// What must run with the role, where the evidence can tell: `unread` counts only where it does not.
    #[serde(default)]
    pub(crate) runs: Option<Runs>,
    /// What must be so of it besides, of which no evidence is collected.
    #[serde(default)]
    pub(crate) reach: Option<String>,
    /// What others call it: ids of pathfinding.cloud, and names of Rhino Security's list.
    #[serde(default)]
    pub known_as: Vec<String>,
    pub(crate) target: End,
    #[serde(default)]
    pub(crate) gains: Gains,
    #[serde(default)]
    pub(crate) when: Option<When>,
}

/// Whom a way ends at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum End {
    OwnUser,
    OwnRole,
    User,
    Role,
    PassedRole,
    RunningRole,
    Account,
    Outside,
    Anyone,
}

/// What a way ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Gains {
    #[default]
    Itself,
    AnyPolicy,
    NoBoundary,
    NoDenials,
    OtherVersion,
    Group,
}

/// What must be so of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum When {
    FewerThanTwoKeys,
    TwoKeys,
    NoPassword,
    Password,
    InstanceProfile,
    FiveVersions,
    FewerVersions,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[allow(dead_code, reason = "says how to read the rest")]
    schema: u32,
    method: Vec<Method>,
    border: Vec<Method>,
}

/// All ways, read once. A test holds that the text reads.
static METHODS: LazyLock<Vec<Method>> = LazyLock::new(|| read().map(|file| file.method).unwrap_or_default());

/// The ways over the border of an account.
static BORDERS: LazyLock<Vec<Method>> = LazyLock::new(|| read().map(|file| file.border).unwrap_or_default());

fn read() -> Result<File, toml::de::Error> {
    toml::from_str(include_str!("../../methods.toml"))
}

impl Method {
    /// Every way that is known, in the order of `methods.toml`.
    #[must_use]
    pub fn all() -> &'static [Method] {
        &METHODS
    }

    /// The ways that lead into an account from outside, and from one account to another.
    #[must_use]
    pub fn borders() -> &'static [Method] {
        &BORDERS
    }

    /// A way by its id, those over borders included.
    #[must_use]
    pub fn named(id: &str) -> Option<&'static Method> {
        METHODS.iter().chain(BORDERS.iter()).find(|method| method.id == id)
    }

    pub(crate) fn is_needing(&self, action: &str) -> bool {
        self.needs.iter().any(|need| need == action)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_reads_and_has_no_id_twice() {
        let file = read().expect("methods.toml");
        assert_eq!(file.schema, 1);
        let ids: BTreeSet<&str> = file.method.iter().chain(&file.border).map(|method| method.id.as_str()).collect();
        assert_eq!(ids.len(), file.method.len() + file.border.len());
        assert!(file.border.iter().all(|method| matches!(method.target, End::Outside | End::Anyone)));
        assert!(file.method.iter().all(|method| !matches!(method.target, End::Outside | End::Anyone)));
        assert!(ids.len() > 100);
    }

    #[test]
    fn a_way_through_a_service_names_it_and_passes_or_finds_a_role() {
        for method in Method::all() {
            let through = matches!(method.target, End::PassedRole | End::RunningRole);
            assert_eq!(through, !method.services.is_empty(), "{}", method.id);
            assert_eq!(method.target == End::PassedRole, method.is_needing("iam:PassRole"), "{}", method.id);
            assert!(method.target != End::RunningRole || method.unread.is_some(), "{}", method.id);
            assert!(!method.needs.is_empty(), "{}", method.id);
            assert!(method.runs.is_none() || method.target == End::RunningRole, "{}", method.id);
            assert!(method.reach.is_none() || method.runs.is_some(), "{}", method.id);
        }
    }
}
