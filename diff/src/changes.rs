//! The changes between two snapshots of an account, in the field's own words where it has one.

use std::collections::BTreeSet;

use probity_model::facts::authorization::ManagedPolicy;
use probity_model::{Arn, Snapshot};
use serde::Serialize;
use serde_json::Value;

use crate::credentials;
use crate::documents::{diff, is_document, trusted};
use crate::tree::{Difference, Shown, Step, differences};

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum ChangeKind {
    UserAdded,
    UserRemoved,
    GroupAdded,
    GroupRemoved,
    RoleAdded,
    RoleRemoved,
    PolicyAdded,
    PolicyRemoved,
    PolicyChanged,
    PolicyVersionsChanged,
    InlinePolicyAdded,
    InlinePolicyRemoved,
    PolicyAttached,
    PolicyDetached,
    TrustOpened,
    TrustChanged,
    BoundaryChanged,
    GroupJoined,
    GroupLeft,
    KeyCreated,
    KeyRemoved,
    KeyActivated,
    KeyDeactivated,
    PasswordEnabled,
    PasswordRemoved,
    PasswordChanged,
    MfaEnabled,
    MfaRemoved,
    Added,
    Removed,
    Changed,
    NotReadNow,
    ReadNow,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// The topic of evidence it was seen in, as the field of a snapshot.
    pub topic: String,
    /// What changed: an ARN where it has one.
    pub subject: String,
    /// The change in words.
    pub message: String,
    /// What changed in a document, as a unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// Every change between two snapshots of one account.
#[must_use]
pub fn between(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let mut changes = credentials::changes(old, new);
    // Facts hold nothing that JSON cannot: what cannot be written would be no change but a defect, and is compared as nothing.
    let tree = |snapshot: &Snapshot| serde_json::to_value(&snapshot.facts).unwrap_or_default();
    let mut policies = BTreeSet::new();
    for difference in differences(&tree(old), &tree(new)) {
        let topic = difference.path.first().map(|step| step.name().to_owned()).unwrap_or_default();
        // Who asks is not what is asked about; the credential report has words of its own.
        if topic == "caller" || (topic == "credential_report" && difference.path.len() > 1) {
            continue;
        }
        if let Some(arn) = within_policy(&difference) {
            if policies.insert(arn.clone()) {
                changes.extend(policy(old, new, &arn));
            }
            continue;
        }
        changes.push(Change { topic, ..change(&difference) });
    }
    changes.sort_by(|a, b| (a.kind, &a.subject, &a.message).cmp(&(b.kind, &b.subject, &b.message)));
    changes
}

/// The managed policy that a difference lies in, where both snapshots have it.
fn within_policy(difference: &Difference) -> Option<String> {
    match difference.path.as_slice() {
        [Step::Field(topic), Step::Field(_), Step::Field(list), Step::Item(arn), _, ..]
            if topic == "authorization_details" && list == "policies" =>
        {
            Some(arn.clone())
        }
        _ => None,
    }
}

/// What changed in a managed policy: the document in force, or else its versions.
fn policy(old: &Snapshot, new: &Snapshot, arn: &str) -> Option<Change> {
    let find = |snapshot: &'_ Snapshot| -> Option<ManagedPolicy> {
        snapshot.facts.authorization_details.get().ok()?.policy(&Arn::new(arn)).cloned()
    };
    let (before, after) = (find(old)?, find(new)?);
    let text = |policy: &ManagedPolicy| policy.default_version().map(|version| version.document.as_str().to_owned());
    let document = diff(&text(&before).unwrap_or_default(), &text(&after).unwrap_or_default());
    let version = |policy: &ManagedPolicy| policy.default_version_id.clone().unwrap_or_else(|| "none".to_owned());
    let (kind, message) = match document {
        Some(_) => (
            ChangeKind::PolicyChanged,
            format!("the document in force changed (version {} to {})", version(&before), version(&after)),
        ),
        None => {
            let ids = |policy: &ManagedPolicy| {
                policy.versions.iter().map(|version| version.id.as_str()).collect::<Vec<_>>().join(", ")
            };
            let (kind, versions) = (ChangeKind::PolicyVersionsChanged, [ids(&before), ids(&after)]);
            (kind, format!("versions were {}, are {}; the document in force says the same", versions[0], versions[1]))
        }
    };
    let topic = "authorization_details".to_owned();
    Some(Change { kind, topic, subject: arn.to_owned(), message, document })
}

/// A difference as a change.
fn change(difference: &Difference) -> Change {
    let Difference { path, old, new } = difference;
    let made = |kind, subject: &str, message: String, document| Change {
        kind,
        topic: String::new(),
        subject: subject.to_owned(),
        message,
        document,
    };
    let gap = |value: &Option<Value>| value.as_ref().and_then(|value| value.get("missing")).is_some();
    if gap(new) && !gap(old) {
        let why = new.as_ref().and_then(|value| value["missing"]["message"].as_str()).unwrap_or_default();
        return made(ChangeKind::NotReadNow, &Shown(path).to_string(), format!("could not be read: {why}"), None);
    }
    if gap(old) && !gap(new) {
        let message = "was read, and was not before: what changed since then is not known".to_owned();
        return made(ChangeKind::ReadNow, &Shown(path).to_string(), message, None);
    }
    let added = old.is_none();
    if let [Step::Field(topic), Step::Field(_), Step::Field(list), Step::Item(owner), rest @ ..] = path.as_slice()
        && topic == "authorization_details"
        && let Some((kind, message, document)) = principal(list, rest, old.as_ref(), new.as_ref(), added)
    {
        return made(kind, owner, message, document);
    }
    // The nearest thing with a name is what changed; an ARN before others.
    let named: Vec<&str> = path.iter().filter(|step| matches!(step, Step::Item(_))).map(Step::name).collect();
    let arn = named.iter().rev().find(|name| name.starts_with("arn:"));
    let place = Shown(path).to_string();
    let subject = arn.or(named.last()).map_or_else(|| place.clone(), |name| (*name).to_owned());
    let (kind, message) = match (old, new) {
        (None, Some(value)) => (ChangeKind::Added, format!("{place} was added: {}", short(value))),
        (Some(value), None) => (ChangeKind::Removed, format!("{place} is gone: {}", short(value))),
        (Some(before), Some(after)) => {
            (ChangeKind::Changed, format!("{place} was {}, is {}", short(before), short(after)))
        }
        (None, None) => (ChangeKind::Changed, place.clone()),
    };
    let text = |value: &Option<Value>| {
        value.as_ref().and_then(Value::as_str).filter(|text| is_document(text)).map(str::to_owned)
    };
    match (text(old), text(new)) {
        (Some(before), Some(after)) => {
            made(ChangeKind::Changed, &subject, format!("{place} changed"), diff(&before, &after))
        }
        _ => made(kind, &subject, message, None),
    }
}

type Worded = (ChangeKind, String, Option<String>);

/// What changed about a user, group, role or policy, where there is a word for it.
fn principal(list: &str, rest: &[Step], old: Option<&Value>, new: Option<&Value>, added: bool) -> Option<Worded> {
    use ChangeKind as Kind;
    let fields: Vec<&str> = rest.iter().map(Step::name).collect();
    let pick = |on: ChangeKind, off: ChangeKind| if added { on } else { off };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let verb = if added { "was added" } else { "is gone" };
    Some(match (list, fields.as_slice()) {
        ("users", []) => (pick(Kind::UserAdded, Kind::UserRemoved), format!("the user {verb}"), None),
        ("groups", []) => (pick(Kind::GroupAdded, Kind::GroupRemoved), format!("the group {verb}"), None),
        ("roles", []) => (pick(Kind::RoleAdded, Kind::RoleRemoved), format!("the role {verb}"), None),
        ("policies", []) => (pick(Kind::PolicyAdded, Kind::PolicyRemoved), format!("the policy {verb}"), None),
        ("users", ["groups", group]) => {
            let kind = pick(Kind::GroupJoined, Kind::GroupLeft);
            (kind, format!("{} the group {group}", if added { "joined" } else { "left" }), None)
        }
        (_, ["attached_policies", policy]) => {
            let kind = pick(Kind::PolicyAttached, Kind::PolicyDetached);
            (kind, format!("{policy} was {}", if added { "attached" } else { "detached" }), None)
        }
        (_, ["inline_policies", policy]) => {
            let document = |value: Option<&Value>| {
                value.and_then(|value| value["document"].as_str()).unwrap_or_default().to_owned()
            };
            let kind = pick(Kind::InlinePolicyAdded, Kind::InlinePolicyRemoved);
            (kind, format!("the inline policy {policy} {verb}"), diff(&document(old), &document(new)))
        }
        (_, ["inline_policies", policy, "document"]) => {
            let document = diff(&text(old), &text(new));
            (Kind::PolicyChanged, format!("the inline policy {policy} changed"), document)
        }
        ("roles", ["trust_policy"]) => {
            let (before, after) = (text(old), text(new));
            let known = trusted(&before);
            let more: Vec<String> = trusted(&after).into_iter().filter(|name| !known.contains(name)).collect();
            let document = diff(&before, &after);
            if more.is_empty() {
                (Kind::TrustChanged, "the trust policy changed, and names nobody new".to_owned(), document)
            } else {
                (Kind::TrustOpened, format!("the trust policy now names {}", more.join(", ")), document)
            }
        }
        (_, ["permissions_boundary"]) => {
            let name = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("none").to_owned();
            let message = format!("the permissions boundary was {}, is {}", name(old), name(new));
            (Kind::BoundaryChanged, message, None)
        }
        _ => return None,
    })
}

/// A value in few words.
fn short(value: &Value) -> String {
    const LONGEST: usize = 160;
    let text = match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain("…".chars()).collect() }
}
