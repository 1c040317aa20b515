//! Every action of every service, from a catalogue that is embedded in the program; `catalogue/generate.py` makes it.
//!
//! It has a date, and AWS adds actions every week: that a name is not in it says that the name was not published then.

mod read;
mod service;

use crate::pattern::Pattern;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

pub use service::{AccessLevel, Action, ConditionKey, KeyType, ResourceType, Service};

/// The embedded catalogue of services, actions, resource types and condition keys.
#[derive(Debug, Default)]
pub struct Catalogue {
    date: String,
    sources: Vec<String>,
    global_keys: Vec<ConditionKey>,
    resource_control: BTreeSet<String>,
    services: BTreeMap<String, Service>,
}

impl Catalogue {
    /// The catalogue. The first call unpacks it (about 50 ms), the others are free.
    #[must_use]
    pub fn get() -> &'static Catalogue {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        // A test holds that the embedded text can be read.
        CATALOGUE.get_or_init(|| read::embedded().unwrap_or_default())
    }

    /// The day of the data, as `2026-09-26`.
    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    /// The packages that the data is from, with their versions and licences.
    #[must_use]
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// All services, in the order of their prefixes.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values()
    }

    /// The service whose actions begin with `prefix`; case does not matter.
    #[must_use]
    pub fn service(&self, prefix: &str) -> Option<&Service> {
        self.services.get(prefix).or_else(|| self.services.get(&prefix.to_ascii_lowercase()))
    }

    /// An action by the prefix of its service and its name; case does not matter.
    #[must_use]
    pub fn action(&self, prefix: &str, name: &str) -> Option<&Action> {
        self.service(prefix)?.action(name)
    }

    /// The actions that a pattern such as `s3:Get*` covers, in the order of services and names.
    pub fn matching<'c>(&'c self, pattern: &Pattern) -> impl Iterator<Item = &'c Action> + use<'c> {
        let (prefix, name) = match pattern.text().split_once(':') {
            Some(parts) => parts,
            None if pattern.is_everything() => ("*", "*"),
            // Without a service it covers nothing.
            None => ("", "*"),
        };
        let name = Pattern::new(name);
        let services = self.services_like(prefix).into_iter();
        services.flat_map(move |service| service.actions_like(name.clone()))
    }

    /// The services whose prefixes a text with wildcards covers; case does not matter.
    fn services_like(&self, prefix: &str) -> Vec<&Service> {
        if !prefix.contains(['*', '?']) {
            return self.service(prefix).into_iter().collect();
        }
        let wide = Pattern::new(prefix);
        self.services.values().filter(|service| wide.matches_ignoring_case(service.prefix())).collect()
    }

    /// Whether there is a service whose prefix a text with wildcards covers; case does not matter.
    #[must_use]
    pub fn has_service_like(&self, prefix: &str) -> bool {
        !self.services_like(prefix).is_empty()
    }

    /// The condition keys that exist whatever the service.
    #[must_use]
    pub fn global_keys(&self) -> &[ConditionKey] {
        &self.global_keys
    }

    /// A global condition key as a policy names it, such as `aws:PrincipalTag/team`; case does not matter.
    #[must_use]
    pub fn global_key(&self, name: &str) -> Option<&ConditionKey> {
        self.global_keys.iter().find(|key| key.is_named(name))
    }

    /// A condition key of any service as a policy names it, global ones first; case does not matter.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&ConditionKey> {
        self.global_key(name)
            .or_else(|| self.service(name.split_once(':')?.0)?.key(name))
            .or_else(|| self.services().find_map(|service| service.key(name)))
    }

    /// Whether resource control policies apply to a service.
    #[must_use]
    pub fn has_resource_control(&self, prefix: &str) -> bool {
        self.resource_control.contains(&prefix.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests;
