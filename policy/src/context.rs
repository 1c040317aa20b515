//! The context of a request: what is known about its keys, and what is known to be absent.

use std::collections::BTreeMap;

/// What is known about one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known<'c> {
    /// The key is present with these values; never empty.
    Values(&'c [String]),
    /// The key is not in the request.
    Absent,
    /// Nobody has read it.
    Unknown,
}

/// The keys of a request. Names disregard case, also in the part that names a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// By name in lower case; no values means that the key is absent.
    keys: BTreeMap<String, Vec<String>>,
    /// Whether a key that was never mentioned is known to be absent.
    complete: bool,
}

impl Context {
    /// A request that is known completely: a key that is not set is absent.
    #[must_use]
    pub fn complete() -> Context {
        Context { keys: BTreeMap::new(), complete: true }
    }

    /// A request that nobody has seen: a key that is not set is unknown.
    #[must_use]
    pub fn partial() -> Context {
        Context { keys: BTreeMap::new(), complete: false }
    }

    /// Sets a key to its values. No values at all say that the key is absent.
    pub fn set<V: Into<String>>(&mut self, key: &str, values: impl IntoIterator<Item = V>) {
        self.keys.insert(key.to_lowercase(), values.into_iter().map(Into::into).collect());
    }

    /// The same context with one key more.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Context {
        self.set(key, [value]);
        self
    }

    /// The same context, in which this key is known to be absent.
    #[must_use]
    pub fn without(mut self, key: &str) -> Context {
        self.set(key, [] as [String; 0]);
        self
    }

    /// The same context with everything that another one says; where both say something, the other one counts.
    #[must_use]
    pub fn and(mut self, other: &Context) -> Context {
        self.keys.extend(other.keys.iter().map(|(key, values)| (key.clone(), values.clone())));
        self
    }

    /// What is known about a key, whatever the case of its name.
    #[must_use]
    pub fn get(&self, key: &str) -> Known<'_> {
        self.lowered(&key.to_lowercase())
    }

    /// What was said of a key, by its name in lower case; `None` if nothing was.
    pub(crate) fn told(&self, key: &str) -> Option<Known<'_>> {
        self.keys.get(key).map(|values| if values.is_empty() { Known::Absent } else { Known::Values(values) })
    }
}

/// Where the keys of a request come from.
pub(crate) trait Keys {
    /// What is known about a key, by its name in lower case.
    fn lowered(&self, key: &str) -> Known<'_>;
}

impl Keys for Context {
    fn lowered(&self, key: &str) -> Known<'_> {
        self.told(key).unwrap_or(if self.complete { Known::Absent } else { Known::Unknown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names_disregard_case() {
        let context = Context::complete().with("aws:PrincipalTag/Team", "Red");
        assert_eq!(context.get("AWS:principaltag/TEAM"), Known::Values(&["Red".to_owned()]));
    }

    #[test]
    fn what_the_other_context_says_counts() {
        let both = Context::partial().with("a:b", "1").with("a:c", "2").and(&Context::partial().without("A:B"));
        assert_eq!((both.get("a:b"), both.get("a:c")), (Known::Absent, Known::Values(&["2".to_owned()])));
    }

    #[test]
    fn only_a_complete_context_knows_what_is_absent() {
        assert_eq!(Context::complete().get("aws:SourceIp"), Known::Absent);
        assert_eq!(Context::partial().get("aws:SourceIp"), Known::Unknown);
        assert_eq!(Context::partial().without("AWS:SourceIp").get("aws:SourceIp"), Known::Absent);
    }
}
