//! What a principal may do, by service and access level, for an overview.

use std::collections::BTreeMap;

use probity_policy::{Actions, Context, Effect, Target};

use crate::decide::Outcome;
use crate::index::Access;
use crate::principal::Principal;

/// What a principal may do in one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccess {
    /// The prefix of the service's actions, such as `s3`; `*` for every service.
    pub service: String,
    /// The levels, each with whether it is sure: [`Outcome::Allowed`] on every resource, or [`Outcome::AllowedIf`] on
    /// some or under conditions.
    pub levels: BTreeMap<AccessLevel, Outcome>,
}

/// The levels that AWS groups actions by. They are read off the verb of the action, which is a good guess and no more;
/// nothing but overviews is built on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccessLevel {
    /// Every action of the service.
    Full,
    /// Names and ids.
    List,
    /// Content.
    Read,
    /// Tags.
    Tagging,
    /// Create, change, delete.
    Write,
    /// Policies, grants and credentials.
    Permissions,
}

const PERMISSIONS: &[&str] = &[
    "AddPermission",
    "AddUserToGroup",
    "Attach",
    "AuthorizeSecurityGroup",
    "CreateAccessKey",
    "CreateGrant",
    "CreateLoginProfile",
    "CreatePolicy",
    "DeletePolicy",
    "DeleteRolePolicy",
    "DeleteUserPolicy",
    "Detach",
    "PassRole",
    "PutBucketAcl",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutGroupPolicy",
    "PutKeyPolicy",
    "PutObjectAcl",
    "PutResourcePolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "PutUserPermissionsBoundary",
    "PutUserPolicy",
    "RemovePermission",
    "RetireGrant",
    "RevokeGrant",
    "SetDefaultPolicyVersion",
    "SetRepositoryPolicy",
    "UpdateAccessKey",
    "UpdateAssumeRolePolicy",
    "UpdateLoginProfile",
];

impl AccessLevel {
    /// The level of an action's name without its service, wildcards included.
    fn of(name: &str) -> AccessLevel {
        let starts = |prefixes: &[&str]| {
            prefixes
                .iter()
                .any(|prefix| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
        };
        if name.chars().all(|character| character == '*') {
            AccessLevel::Full
        } else if starts(PERMISSIONS) {
            AccessLevel::Permissions
        } else if starts(&["Tag", "Untag"]) {
            AccessLevel::Tagging
        } else if starts(&["List"]) {
            AccessLevel::List
        } else if starts(&[
            "Get", "Describe", "BatchGet", "Head", "Lookup", "Query", "Scan", "Search", "Select", "View",
        ]) {
            AccessLevel::Read
        } else {
            AccessLevel::Write
        }
    }
}

impl Access {
    /// What a principal may do, service by service in alphabetical order. The services are those that its own
    /// statements name; each action they name is asked with everything that limits it, and what is denied is left out.
    /// A wildcard in an action is asked as one action that it covers.
    #[must_use]
    pub fn summary(&self, principal: &Principal) -> Vec<ServiceAccess> {
        let mut services: BTreeMap<String, BTreeMap<AccessLevel, Outcome>> = BTreeMap::new();
        let context = Context::partial();
        let mut note = |service: &str, level: AccessLevel, outcome: Outcome| {
            if outcome != Outcome::Denied {
                let levels = services.entry(service.to_owned()).or_default();
                let known = levels.entry(level).or_insert(outcome);
                *known = (*known).min(outcome);
            }
        };
        for held in &principal.identity {
            let Some(document) = held.source.document() else {
                note("*", AccessLevel::Full, Outcome::AllowedIf);
                continue;
            };
            for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
                let exact: Vec<&str> = match &statement.actions {
                    Actions::Only(patterns) => patterns.iter().map(|pattern| pattern.text()).collect(),
                    // Everything but some services: what is left is asked for as one action of any service.
                    Actions::AllBut(_) => vec!["*:*"],
                };
                for pattern in exact {
                    let (service, name) = pattern.split_once(':').unwrap_or(("*", "*"));
                    let level = match (&statement.actions, AccessLevel::of(name)) {
                        (Actions::AllBut(_), _) => AccessLevel::Write,
                        (_, level) => level,
                    };
                    let probe = format!(
                        "{}:{}",
                        if service == "*" { "any-service" } else { service },
                        name.replace('*', "Any").replace('?', "A")
                    );
                    let decision = self.can(principal, &probe, Target::Matching("*"), &context);
                    note(&service.to_lowercase(), level, decision.outcome);
                }
            }
        }
        services.into_iter().map(|(service, levels)| ServiceAccess { service, levels }).collect()
    }
}
