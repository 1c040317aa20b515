//! What a principal may do, by service and access level, for an overview.

use std::collections::{BTreeMap, BTreeSet};

use probity_policy::{AccessLevel, Action, Actions, Catalogue, Context, Effect, Pattern, Target};

use crate::decide::Outcome;
use crate::index::Access;
use crate::principal::Principal;

/// What a principal may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Service by service, in alphabetical order of the prefixes.
    pub services: Vec<ServiceAccess>,
    /// What Allows name that the catalogue of actions does not know: patterns that cover no action.
    pub unknown_actions: Vec<String>,
    /// Policies of the principal that were not read; they may grant anything.
    pub unread: Vec<String>,
}

/// What a principal may do in one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccess {
    /// The prefix of the service's actions, such as `s3`.
    pub service: String,
    /// Those access levels of which it may do something.
    pub levels: BTreeMap<AccessLevel, LevelAccess>,
}

/// How many actions of one access level a principal may do. Actions that do two things count with each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelAccess {
    /// Those that it may do on every resource, for sure.
    pub allowed: usize,
    /// Those that it may do on some resources, or under conditions.
    pub in_part: usize,
    /// All that the service has.
    pub of: usize,
}

impl Access {
    /// What a principal may do, by the access levels of the catalogue. Every action that an Allow of its own covers is asked
    /// with all that limits it.
    #[must_use]
    pub fn summary(&self, principal: &Principal) -> Summary {
        let catalogue = Catalogue::get();
        let mut summary = Summary::default();
        let mut covered: BTreeSet<(&str, &str)> = BTreeSet::new();
        let key = |action: &'static Action| (action.prefix(), action.name());
        for held in &principal.identity {
            let Some(document) = held.source.document() else {
                summary.unread.push(held.source.name().to_owned());
                continue;
            };
            for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
                match &statement.actions {
                    Actions::Only(patterns) => {
                        for pattern in patterns {
                            let mut found = catalogue.matching(pattern).map(key).peekable();
                            if found.peek().is_none() {
                                summary.unknown_actions.push(pattern.text().to_owned());
                            }
                            covered.extend(found);
                        }
                    }
                    Actions::AllBut(_) => {
                        let all = catalogue.matching(&Pattern::new("*"));
                        covered.extend(all.filter(|action| statement.actions.cover(&action.full_name())).map(key));
                    }
                }
            }
        }
        let mut services: BTreeMap<&str, BTreeMap<AccessLevel, LevelAccess>> = BTreeMap::new();
        let context = Context::partial();
        for (prefix, name) in covered {
            let Some(action) = catalogue.action(prefix, name) else { continue };
            let outcome = self.can(principal, &action.full_name(), Target::Matching("*"), &context).outcome;
            for level in action.levels().iter().filter(|_| outcome != Outcome::Denied) {
                let count = services.entry(prefix).or_default().entry(*level).or_default();
                match outcome {
                    Outcome::Allowed => count.allowed += 1,
                    _ => count.in_part += 1,
                }
            }
        }
        for (prefix, levels) in &mut services {
            let all = catalogue.service(prefix).into_iter().flat_map(|service| service.actions());
            for level in all.flat_map(Action::levels) {
                if let Some(count) = levels.get_mut(level) {
                    count.of += 1;
                }
            }
        }
        summary.services = services
            .into_iter()
            .map(|(service, levels)| ServiceAccess { service: service.to_owned(), levels })
            .collect();
        summary.unknown_actions.sort_unstable();
        summary.unknown_actions.dedup();
        summary.unread.sort_unstable();
        summary.unread.dedup();
        summary
    }

    /// The patterns of a principal's own Allows that can cover an action of a service: what none of them covers no policy of
    /// the principal allows. `None` where an Allow names what it leaves out, or a policy was not read: anything may be covered
    /// then.
    #[must_use]
    pub fn patterns_for<'p>(&self, principal: &'p Principal, service: &str) -> Option<Vec<&'p Pattern>> {
        let mut found = Vec::new();
        for held in &principal.identity {
            let document = held.source.document()?;
            for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
                let Actions::Only(patterns) = &statement.actions else { return None };
                found.extend(patterns.iter().filter(|pattern| {
                    let prefix = pattern.text().split(':').next().unwrap_or_default();
                    prefix.eq_ignore_ascii_case(service) || prefix.contains(['*', '?'])
                }));
            }
        }
        Some(found)
    }

    /// The services that a principal's own Allows name and in which it may do something, in alphabetical order; `*` stands for
    /// all. A quick look: of each pattern one action is asked that it covers, whether there is one of that name or not.
    #[must_use]
    pub fn services_named(&self, principal: &Principal) -> BTreeSet<String> {
        let context = Context::partial();
        let mut services = BTreeSet::new();
        for held in &principal.identity {
            let Some(document) = held.source.document() else {
                services.insert("*".to_owned());
                continue;
            };
            for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
                let patterns: Vec<&str> = match &statement.actions {
                    Actions::Only(patterns) => patterns.iter().map(Pattern::text).collect(),
                    // Everything but some: what is left is asked for as one action of any service.
                    Actions::AllBut(_) => vec!["*:*"],
                };
                for pattern in patterns {
                    let (service, name) = pattern.split_once(':').unwrap_or(("*", "*"));
                    if services.contains(&service.to_lowercase()) {
                        continue;
                    }
                    let prefix = if service == "*" { "any-service" } else { service };
                    let probe = format!("{prefix}:{}", name.replace('*', "Any").replace('?', "A"));
                    if !self.can(principal, &probe, Target::Matching("*"), &context).is_denied() {
                        services.insert(service.to_lowercase());
                    }
                }
            }
        }
        services
    }
}
