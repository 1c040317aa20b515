//! What the catalogue knows of one service.

use crate::pattern::Pattern;
use std::sync::Arc;

/// A service: its actions, the resources they work on, and its condition keys.
#[derive(Debug)]
pub struct Service {
    pub(super) prefix: Arc<str>,
    pub(super) name: String,
    pub(super) unpublished: bool,
    /// In the order of the names in lower case.
    pub(super) actions: Vec<Action>,
    pub(super) resource_types: Vec<ResourceType>,
    pub(super) keys: Vec<ConditionKey>,
}

/// One action of a service.
#[derive(Debug)]
pub struct Action {
    pub(super) prefix: Arc<str>,
    pub(super) name: String,
    pub(super) levels: Vec<AccessLevel>,
    /// The name of a resource type, and whether a request always names one.
    pub(super) resource_types: Vec<(String, bool)>,
    pub(super) keys: Vec<Arc<str>>,
    pub(super) dependent: Vec<String>,
}

/// What an action does, as AWS classifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccessLevel {
    /// It lists resources without their content.
    List,
    /// It reads.
    Read,
    /// It creates, changes or deletes.
    Write,
    /// It grants access or changes who has it.
    PermissionsManagement,
    /// It changes tags and nothing else.
    Tagging,
}

/// A kind of resource that policies can name.
#[derive(Debug)]
pub struct ResourceType {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) keys: Vec<Arc<str>>,
}

/// A key that a condition can ask for.
#[derive(Debug)]
pub struct ConditionKey {
    pub(super) name: String,
    pub(super) value: KeyType,
    pub(super) many: bool,
}

/// The type of a condition key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyType {
    /// Text.
    Text,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A point in time.
    Date,
    /// An IP address or a range.
    IpAddress,
}

impl Service {
    /// What its actions begin with, such as `s3`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Its name for people, such as `Amazon S3`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether AWS still accepts its names but publishes them no longer: an action or a condition key that is not listed here
    /// may exist all the same.
    #[must_use]
    pub fn is_unpublished(&self) -> bool {
        self.unpublished
    }

    /// Its actions, in the order of their names.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// An action by its name; case does not matter.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&Action> {
        let wanted = || name.bytes().map(|byte| byte.to_ascii_lowercase());
        let lowered = |action: &Action| action.name.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(wanted());
        self.actions.binary_search_by(lowered).ok().and_then(|place| self.actions.get(place))
    }

    /// The actions whose names a pattern covers. Only those are looked at that begin as it does before its first wildcard.
    pub(super) fn actions_like(&self, name: Pattern) -> impl Iterator<Item = &Action> {
        let fixed = name.text().split(['*', '?']).next().unwrap_or_default().to_ascii_lowercase();
        let compare = move |action: &Action| {
            let lowered = action.name.bytes().take(fixed.len()).map(|byte| byte.to_ascii_lowercase());
            lowered.cmp(fixed.bytes())
        };
        let first = self.actions.partition_point(|action| compare(action).is_lt());
        let alike = self.actions.iter().skip(first).take_while(move |action| compare(action).is_eq());
        alike.filter(move |action| name.is_everything() || name.matches_ignoring_case(action.name()))
    }

    /// The kinds of its resources.
    #[must_use]
    pub fn resource_types(&self) -> &[ResourceType] {
        &self.resource_types
    }

    /// A kind of resource by its name.
    #[must_use]
    pub fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        self.resource_types.iter().find(|kind| kind.name == name)
    }

    /// The condition keys of the service, also the global ones that it says it supports.
    #[must_use]
    pub fn keys(&self) -> &[ConditionKey] {
        &self.keys
    }

    /// A condition key as a policy names it; case does not matter.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&ConditionKey> {
        self.keys.iter().find(|key| key.is_named(name))
    }
}

impl Action {
    /// The prefix of its service.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Its name, such as `GetObject`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Prefix and name, such as `s3:GetObject`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}:{}", self.prefix, self.name)
    }

    /// What it does; a few do two things.
    #[must_use]
    pub fn levels(&self) -> &[AccessLevel] {
        &self.levels
    }

    /// The names of the kinds of resources it works on, and whether a request always names one of that kind. Empty when
    /// a policy can only say `*`.
    pub fn resource_types(&self) -> impl ExactSizeIterator<Item = (&str, bool)> {
        self.resource_types.iter().map(|(name, required)| (name.as_str(), *required))
    }

    /// The condition keys of the action itself and of its kinds of resources, as the catalogue writes them.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(AsRef::as_ref)
    }

    /// Whether a condition can ask for `name` when the action is requested; global keys aside. Case does not matter.
    #[must_use]
    pub fn has_key(&self, name: &str) -> bool {
        self.keys.iter().any(|key| is_named(key, name))
    }

    /// The actions that who calls it needs as well, such as `iam:PassRole`.
    #[must_use]
    pub fn dependent_actions(&self) -> &[String] {
        &self.dependent
    }
}

impl ResourceType {
    /// Its name, such as `bucket`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The form of its ARNs, such as `arn:${Partition}:s3:::${BucketName}`.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The same form with `*` in place of each variable, for [`Pattern::can_name`](crate::Pattern::can_name).
    #[must_use]
    pub fn format(&self) -> String {
        without_placeholders(&self.arn)
    }

    /// The condition keys that such a resource has, as the catalogue writes them.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(AsRef::as_ref)
    }

    /// Whether a condition can ask for `name` when such a resource is requested. Case does not matter.
    #[must_use]
    pub fn has_key(&self, name: &str) -> bool {
        self.keys.iter().any(|key| is_named(key, name))
    }
}

impl ConditionKey {
    /// Its name; a part that varies is a placeholder, as in `aws:RequestTag/${TagKey}`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of its value, or of each of its values.
    #[must_use]
    pub fn value(&self) -> KeyType {
        self.value
    }

    /// Whether a request can hold several values for it.
    #[must_use]
    pub fn is_multivalued(&self) -> bool {
        self.many
    }

    /// Whether a policy means this key when it writes `name`; case does not matter.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        is_named(&self.name, name)
    }
}

/// Whether `name` is the key, or one of the keys when it has a placeholder. Placeholders stand for something.
fn is_named(key: &str, name: &str) -> bool {
    // What stands before the colon and right behind it seldom varies: most keys are told apart there.
    let fixed = key.find(':').map_or(0, |colon| colon + 1);
    let alike = |from: usize, to: usize| match (key.get(from..to), name.get(from..to)) {
        (Some(key), Some(name)) => key.eq_ignore_ascii_case(name),
        _ => false,
    };
    let is_fixed = key.as_bytes().get(fixed).is_some_and(u8::is_ascii_alphanumeric);
    let next = is_fixed && !key.ends_with(":tag-key");
    if !alike(0, fixed) || (next && !alike(fixed, fixed + 1)) {
        return false;
    }
    match placeholder(key) {
        None => key.eq_ignore_ascii_case(name),
        Some((before, after)) => {
            let part = |from: usize, to: usize| name.get(from..to);
            let Some(end) = name.len().checked_sub(after.len()) else { return false };
            before.len() < end
                && part(0, before.len()).is_some_and(|text| text.eq_ignore_ascii_case(before))
                && part(end, name.len()).is_some_and(|text| text.eq_ignore_ascii_case(after))
        }
    }
}

/// What stands before and after a key's placeholder: `${…}`, `<…>`, a literal `tag-key`, or nothing after a slash.
fn placeholder(key: &str) -> Option<(&str, &str)> {
    if let Some((before, rest)) = key.split_once("${") {
        return Some((before, rest.split_once('}').map_or("", |(_, after)| after)));
    }
    if let Some((before, rest)) = key.split_once('<') {
        return Some((before, rest.split_once('>').map_or("", |(_, after)| after)));
    }
    key.strip_suffix("tag-key").or(key.ends_with('/').then_some(key)).map(|before| (before, ""))
}

fn without_placeholders(arn: &str) -> String {
    let mut parts = arn.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}*{}", part.split_once('}').map_or("", |(_, after)| after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_disregard_case_and_fill_their_placeholder() {
        for (key, name) in [
            ("s3:prefix", "S3:Prefix"),
            ("aws:RequestTag/${TagKey}", "aws:requesttag/team"),
            ("s3:ExistingObjectTag/<key>", "s3:ExistingObjectTag/a/b"),
            ("aws:PrincipalTag/tag-key", "aws:PrincipalTag/x"),
            ("glacier:ResourceTag/", "glacier:ResourceTag/x"),
            ("codebuild:a/${name}.value", "codebuild:a/HOME.value"),
        ] {
            assert!(is_named(key, name), "{key} {name}");
        }
        for (key, name) in [
            ("s3:prefix", "s3:prefixes"),
            ("aws:RequestTag/${TagKey}", "aws:RequestTag/"),
            ("aws:RequestTag/${TagKey}", "aws:RequestTag"),
            ("aws:RequestTag/${TagKey}", "é"),
            ("codebuild:a/${name}.value", "codebuild:a/.value"),
            ("codebuild:a/${name}.value", "codebuild:a/HOME.other"),
        ] {
            assert!(!is_named(key, name), "{key} {name}");
        }
    }

    #[test]
    fn a_form_has_asterisks_for_its_variables() {
        assert_eq!(without_placeholders("arn:${Partition}:s3:::${Bucket}/${Key}"), "arn:*:s3:::*/*");
        assert_eq!(without_placeholders("arn:aws:x"), "arn:aws:x");
    }
}
