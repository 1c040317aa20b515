//! Unpacks the embedded catalogue and lays the overrides on top.

use super::{AccessLevel, Action, Catalogue, ConditionKey, KeyType, ResourceType, Service};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const PACKED: &[u8] = include_bytes!("../../catalogue/catalogue.json.zst");
const OVERRIDES: &str = include_str!("../../catalogue/overrides.json");

/// The JSON of the catalogue and of the overrides; `catalogue/generate.py` describes it.
#[derive(Deserialize)]
struct Text<'t> {
    #[serde(borrow, default)]
    date: Option<&'t str>,
    #[serde(borrow, default)]
    sources: Vec<&'t str>,
    #[serde(borrow, default)]
    keys: BTreeMap<&'t str, &'t str>,
    #[serde(borrow, default)]
    rcp: Vec<&'t str>,
    #[serde(borrow, default)]
    services: BTreeMap<&'t str, ServiceText<'t>>,
}

#[derive(Deserialize)]
struct ServiceText<'t> {
    #[serde(borrow, default)]
    name: Option<&'t str>,
    #[serde(default)]
    unpublished: bool,
    #[serde(borrow, default)]
    ck: Vec<&'t str>,
    #[serde(borrow, default)]
    keys: BTreeMap<&'t str, &'t str>,
    #[serde(borrow, default)]
    resources: BTreeMap<&'t str, (&'t str, Vec<usize>)>,
    #[serde(borrow, default)]
    actions: BTreeMap<&'t str, ActionText<'t>>,
}

/// Levels, resource types, condition keys, dependent actions.
#[derive(Deserialize)]
struct ActionText<'t>(&'t str, #[serde(borrow)] Vec<(&'t str, u8)>, Vec<usize>, #[serde(borrow)] Vec<&'t str>);

/// The catalogue with the overrides; `None` when one of the embedded texts is broken.
pub(super) fn embedded() -> Option<Catalogue> {
    let unpacked = zstd::decode_all(PACKED).ok()?;
    let mut catalogue = Catalogue::default();
    catalogue.lay_on(&serde_json::from_slice(&unpacked).ok()?)?;
    catalogue.lay_on(&serde_json::from_str(OVERRIDES).ok()?)?;
    Some(catalogue)
}

impl Catalogue {
    /// Adds what the text holds; what was there under the same name is replaced.
    fn lay_on(&mut self, text: &Text<'_>) -> Option<()> {
        if let Some(date) = text.date {
            self.date = date.to_owned();
        }
        self.sources.extend(text.sources.iter().map(|&source| source.to_owned()));
        self.resource_control.extend(text.rcp.iter().map(|&prefix| prefix.to_owned()));
        replace(&mut self.global_keys, keys(&text.keys)?, |key| key.name.to_lowercase());
        for (&prefix, service) in &text.services {
            let known = self.services.entry(prefix.to_owned()).or_insert_with(|| Service {
                prefix: prefix.into(),
                name: prefix.to_owned(),
                unpublished: false,
                actions: Vec::new(),
                resource_types: Vec::new(),
                keys: Vec::new(),
            });
            known.lay_on(service)?;
        }
        Some(())
    }
}

impl Service {
    fn lay_on(&mut self, text: &ServiceText<'_>) -> Option<()> {
        if let Some(name) = text.name {
            self.name = name.to_owned();
        }
        self.unpublished |= text.unpublished;
        let used: Vec<Arc<str>> = text.ck.iter().map(|&key| key.into()).collect();
        let named = |places: &[usize]| places.iter().map(|&place| used.get(place).cloned()).collect::<Option<_>>();
        let resource_types = text.resources.iter().map(|(&name, (arn, places))| {
            Some(ResourceType { name: name.to_owned(), arn: (*arn).to_owned(), keys: named(places)? })
        });
        let actions = text.actions.iter().map(|(&name, ActionText(levels, kinds, places, dependent))| {
            Some(Action {
                prefix: Arc::clone(&self.prefix),
                name: name.to_owned(),
                levels: levels.chars().map(level).collect::<Option<_>>()?,
                resource_types: kinds.iter().map(|&(kind, required)| (kind.to_owned(), required != 0)).collect(),
                keys: named(places)?,
                dependent: dependent.iter().map(|&action| action.to_owned()).collect(),
            })
        });
        replace(&mut self.actions, actions.collect::<Option<_>>()?, |action| action.name.to_ascii_lowercase());
        replace(&mut self.resource_types, resource_types.collect::<Option<_>>()?, |kind| kind.name.clone());
        replace(&mut self.keys, keys(&text.keys)?, |key| key.name.to_lowercase());
        Some(())
    }
}

/// Adds the newcomers, sorted by what `by` says of them; those that are there under the same name give way.
fn replace<T>(there: &mut Vec<T>, mut newcomers: Vec<T>, by: impl Fn(&T) -> String) {
    if !there.is_empty() && !newcomers.is_empty() {
        let names: BTreeSet<String> = newcomers.iter().map(&by).collect();
        there.retain(|one| !names.contains(&by(one)));
    }
    there.append(&mut newcomers);
    there.sort_by_cached_key(by);
}

fn keys(text: &BTreeMap<&str, &str>) -> Option<Vec<ConditionKey>> {
    text.iter()
        .map(|(&name, &kind)| {
            let (many, kind) = kind.strip_prefix("ArrayOf").map_or((false, kind), |kind| (true, kind));
            Some(ConditionKey { name: name.to_owned(), value: key_type(kind)?, many })
        })
        .collect()
}

fn key_type(text: &str) -> Option<KeyType> {
    Some(match text {
        "String" => KeyType::Text,
        "ARN" => KeyType::Arn,
        "Bool" => KeyType::Bool,
        "Numeric" => KeyType::Number,
        "Date" => KeyType::Date,
        "IPAddress" => KeyType::IpAddress,
        _ => return None,
    })
}

fn level(letter: char) -> Option<AccessLevel> {
    Some(match letter {
        'l' => AccessLevel::List,
        'r' => AccessLevel::Read,
        'w' => AccessLevel::Write,
        'p' => AccessLevel::PermissionsManagement,
        't' => AccessLevel::Tagging,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(texts: &[&str]) -> Option<Catalogue> {
        let mut catalogue = Catalogue::default();
        for text in texts {
            catalogue.lay_on(&serde_json::from_str(text).ok()?)?;
        }
        Some(catalogue)
    }

    const ONE: &str = r#"{"date": "2026-01-01", "services": {"s3": {"name": "S3", "ck": ["s3:a"], "keys": {"s3:a": "String"},
        "actions": {"GetObject": ["r", [["object", 1]], [0], []], "PutObject": ["w", [], [], []]}}}}"#;

    #[test]
    fn the_embedded_texts_can_be_read() {
        assert!(embedded().is_some_and(|catalogue| catalogue.services.len() > 400));
    }

    #[test]
    fn an_override_replaces_one_entry_and_leaves_the_others() {
        let above = r#"{"services": {"s3": {"keys": {"s3:A": "ArrayOfBool", "s3:b": "Date"}, "actions": {"GetObject": ["l", [], [], []]}}}}"#;
        let laid = catalogue(&[ONE, above]).expect("a catalogue");
        assert_eq!(laid.date(), "2026-01-01");
        let action = laid.action("s3", "getobject").expect("an action");
        assert_eq!((action.levels(), action.resource_types().len()), (&[AccessLevel::List] as &[_], 0));
        assert!(laid.action("s3", "PutObject").is_some());
        let service = laid.service("s3").expect("a service");
        assert_eq!(service.name(), "S3");
        let key = service.key("s3:a").expect("a key");
        assert_eq!((key.value(), key.is_multivalued(), service.keys().len()), (KeyType::Bool, true, 2));
    }

    #[test]
    fn a_broken_text_is_refused() {
        for broken in [
            r#"{"services": {"s3": {"actions": {"A": ["x", [], [], []]}}}}"#,
            r#"{"services": {"s3": {"actions": {"A": ["r", [], [7], []]}}}}"#,
            r#"{"keys": {"aws:x": "Colour"}}"#,
            "7",
        ] {
            assert!(catalogue(&[ONE, broken]).is_none(), "{broken}");
        }
    }
}
