//! Every name that the snapshots know, replaced wherever it stands.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use probity_model::{Arn, Run, Snapshot};
use serde_json::Value;

use super::pseudonyms::{Pseudonyms, is_kind};

/// Fields whose texts are words of AWS's own: they say what kind of thing something is, not which.
const WORDS: &[&str] = &[
    "action",
    "cloud_watch",
    "code",
    "default_version_id",
    "detail",
    "effect",
    "excluded_sources",
    "feature_set",
    "field",
    "format",
    "home_region",
    "joined_method",
    "kind",
    "last_accessed",
    "last_used_region",
    "last_used_service",
    "namespace",
    "operation",
    "partition",
    "policy_types",
    "enabled_policy_types",
    "read_write",
    "region",
    "regions",
    "runtime",
    "service",
    "source",
    "state",
    "status",
    "tool_version",
    "type",
    "version",
    "owner_type",
    "owning_service",
    "primary_region",
    "schedule",
    "service_name",
];
/// Elements of policy documents whose texts are words of the language.
const LANGUAGE: &[&str] = &["Action", "NotAction", "Effect", "Version"];
/// Fields that hold names whatever they look like.
const NAMES: &[&str] =
    &["name", "user", "user_name", "alias", "email", "display_name", "path", "groups", "bucket", "serial"];
/// Signs of what is known everywhere: services, published values, kinds of conditions.
const PUBLIC: &[&str] = &["amazonaws.com", "amazon.com", "aws:", "cognito-identity"];

/// A value of a field that need not hold a name is not looked for where it is shorter, in characters.
const SHORTEST: usize = 3;

/// Names and what stands in their place.
pub(super) struct Dictionary {
    finder: Option<AhoCorasick>,
    replacements: Vec<String>,
}

/// Gathers names.
struct Gathering<'p> {
    pseudonyms: &'p Pseudonyms,
    /// Words of our own texts: a value that is none of the names is not looked for where it is such a word.
    vocabulary: BTreeSet<String>,
    entries: BTreeMap<String, String>,
}

impl Dictionary {
    pub(super) fn of(snapshots: &[Snapshot], run: &Run, pseudonyms: &Pseudonyms) -> Self {
        let mut gathering = Gathering { pseudonyms, vocabulary: vocabulary(run), entries: BTreeMap::new() };
        for snapshot in snapshots {
            // What cannot be written as JSON holds no names either: facts are texts, numbers and lists of them.
            if let Ok(tree) = serde_json::to_value(&snapshot.facts) {
                gathering.tree("", &tree);
            }
        }
        for arn in run.findings.iter().map(|finding| &finding.resource) {
            gathering.arn(arn.as_str());
        }
        for account in &run.accounts {
            account.alias.iter().for_each(|alias| gathering.name(alias));
            account.caller.iter().for_each(|caller| gathering.arn(caller.as_str()));
        }
        for fixed in run.history.iter().flat_map(|history| &history.fixed) {
            gathering.arn(fixed.resource.as_str());
        }
        Self::from(gathering.entries)
    }

    fn from(entries: BTreeMap<String, String>) -> Self {
        let mut texts = Vec::new();
        let mut replacements = Vec::new();
        for (text, replacement) in entries {
            // As it stands, and as it stands in JSON.
            let quoted = Value::String(text.clone()).to_string();
            let escaped = quoted.trim_matches('"').to_owned();
            if escaped != text {
                texts.push(escaped);
                replacements.push(replacement.clone());
            }
            texts.push(text);
            replacements.push(replacement);
        }
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(&texts);
        Self { finder: finder.ok(), replacements }
    }

    /// Replaces every name that stands for itself, not within a longer word; what lies between them is left to another.
    pub(super) fn replace(&self, text: &str, between: impl Fn(&str) -> String) -> String {
        // A dictionary that cannot be built (beyond 2³¹ names) would leave names in: then nothing of the text is kept.
        let Some(finder) = &self.finder else { return super::REMOVED.to_owned() };
        let found = finder.find_overlapping_iter(text).map(|one| (one.start(), one.end(), one.pattern().as_usize()));
        let mut found: Vec<(usize, usize, usize)> =
            found.filter(|(start, end, _)| stands_alone(text, *start, *end)).collect();
        // The first, and of those that begin alike the longest.
        found.sort_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        let mut out = String::with_capacity(text.len());
        let mut written = 0;
        for (start, end, pattern) in found {
            if start >= written {
                out.push_str(&between(text.get(written..start).unwrap_or_default()));
                out.push_str(self.replacements.get(pattern).map_or("", String::as_str));
                written = end;
            }
        }
        out.push_str(&between(text.get(written..).unwrap_or_default()));
        out
    }
}

/// Whether a part of a text is not within a longer word.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let (before, after) = (text.get(..start), text.get(end..));
    let part = text.get(start..end);
    let first = part.and_then(|part| part.chars().next());
    let last = part.and_then(|part| part.chars().next_back());
    let before = before.and_then(|text| text.chars().next_back());
    let after = after.and_then(|text| text.chars().next());
    !(joins(before) && joins(first) || joins(after) && joins(last))
}

/// The words of everything that the checks say by themselves.
fn vocabulary(run: &Run) -> BTreeSet<String> {
    let texts = run.checks.iter().flat_map(|check| {
        [&check.title, &check.summary, &check.why, &check.pass, &check.fail, &check.fix, &check.command]
    });
    let words = texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.map(str::to_lowercase).collect()
}

impl Gathering<'_> {
    fn tree(&mut self, field: &str, value: &Value) {
        match value {
            // The keys of an item are those of its kind, not names.
            Value::Array(items) => {
                items.iter().for_each(|item| self.tree(if item.is_object() { "" } else { field }, item));
            }
            Value::Object(fields) => {
                // What AWS itself made is known to everyone.
                let of_aws =
                    fields.get("arn").and_then(Value::as_str).is_some_and(|arn| Arn::new(arn).account() == "aws");
                // So are the services that last accessed data names. Messages of AWS are made safe where they are shown.
                if of_aws || fields.contains_key("namespace") {
                    return;
                }
                // An event that CloudTrail recorded bears a name of its API.
                let of_event = |name: &str| name == "name" && fields.contains_key("source_address");
                let told = fields.iter().filter(|(name, _)| *name != "missing" && !of_event(name));
                for (name, value) in told {
                    self.key(field, name);
                    self.tree(name, value);
                }
            }
            Value::String(text) => self.text(field, text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Keys of maps can be names: users, tags, principals.
    fn key(&mut self, field: &str, name: &str) {
        match field {
            "users" | "principals" if name != "known" && name != "missing" => self.text("name", name),
            "tags" => self.text("", name),
            // A condition on a key of the user's own, or of an identity provider.
            _ if name.starts_with("arn:") => self.arn(name),
            _ if name.contains(':') => self.weak(name),
            _ => {}
        }
    }

    fn text(&mut self, field: &str, text: &str) {
        let text = text.trim();
        match () {
            () if text.is_empty() || WORDS.contains(&field) || LANGUAGE.contains(&field) => {}
            () if text.starts_with("arn:") => self.arn(text),
            () if text.starts_with('{') => match serde_json::from_str::<Value>(text) {
                Ok(document) => self.tree("", &document),
                Err(_) => self.name(text),
            },
            () if field == "path" => text.split('/').filter(|part| !part.is_empty()).for_each(|part| self.name(part)),
            () if NAMES.contains(&field) => self.name(text),
            () => self.weak(text),
        }
    }

    /// A value of a field that need not hold a name: looked for where it is no word and nothing that everyone knows.
    fn weak(&mut self, text: &str) {
        let public = PUBLIC.iter().any(|sign| text.contains(sign));
        let is_time = text.parse::<probity_model::Timestamp>().is_ok();
        let is_word = text.split(|c: char| !c.is_alphanumeric() && c != '_').all(|word| {
            word.is_empty() || word.parse::<u64>().is_ok() || self.vocabulary.contains(&word.to_lowercase())
        });
        if public || is_time || is_word || text.chars().count() < SHORTEST {
            return;
        }
        if !text.contains(['*', '?']) {
            let replacement = self.pseudonyms.person(text);
            self.entries.entry(text.to_owned()).or_insert(replacement);
        }
        // A message may show a part of it.
        if text.contains(['*', '?', '/', ':']) {
            text.split(['*', '?', '/', ':']).for_each(|part| self.weak(part.trim()));
        }
    }

    fn name(&mut self, name: &str) {
        // The row of the root user, and what any account has.
        if name.is_empty() || matches!(name, "<root_account>" | "root" | "*" | "/") {
            return;
        }
        self.entries.insert(name.to_owned(), self.pseudonyms.person(name));
    }

    fn arn(&mut self, text: &str) {
        let arn = Arn::new(text);
        if arn.account() == "aws" || arn.resource().is_empty() {
            return;
        }
        let shown = self.pseudonyms.arn(&arn).to_string();
        self.entries.insert(text.to_owned(), shown);
        let resource = arn.resource();
        if resource == "root" || resource == "*" {
            return;
        }
        // Messages name resources by what stands behind the account, and by the last name alone.
        self.entries.insert(resource.to_owned(), self.pseudonyms.resource(resource));
        for (index, part) in resource.split(['/', ':']).enumerate() {
            let plain = part.trim_matches(['*', '?']);
            let public = (index == 0 && is_kind(plain)) || plain.starts_with("aws-") || plain == "sso.amazonaws.com";
            if !public && plain.chars().count() >= SHORTEST {
                self.name(plain);
            }
        }
    }
}
