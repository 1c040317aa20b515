//! A slow and obvious evaluator, to hold the engine against.
//!
//! It reads the JSON anew for every question, keeps nothing, and knows only requests whose context is complete, so that
//! every answer is yes or no. It shares no code with the crate. What it does not know, the generator does not make:
//! dates, networks, several values without a qualifier, `NotPrincipal` with Allow.

mod condition;
pub(crate) mod engine;
pub(crate) mod focused;
pub(crate) mod text;
pub(crate) mod worlds;

use serde_json::Value;
use std::collections::BTreeMap;

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    Root { account: String },
    User { account: String, name: String },
    Session { account: String, role: String, session: String },
    Service(String),
    Anonymous,
}

/// A question, with everything that has a say in it. Policies are the JSON of documents.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) who: Who,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) resource_account: Option<String>,
    /// By name in lower case, without those that follow from caller and resource.
    pub(crate) keys: BTreeMap<String, Vec<String>>,
    pub(crate) identity: Vec<Value>,
    pub(crate) boundary: Option<Value>,
    pub(crate) session: Option<Vec<Value>>,
    pub(crate) own: Option<Value>,
    pub(crate) service_control: Vec<Vec<Value>>,
    pub(crate) resource_control: Vec<Vec<Value>>,
}

/// What the reference says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    ExplicitlyDenied,
    ImplicitlyDenied,
    Allowed,
}

impl Who {
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Who::Root { account } | Who::User { account, .. } | Who::Session { account, .. } => Some(account),
            Who::Service(_) | Who::Anonymous => None,
        }
    }

    fn is_service_linked(&self) -> bool {
        matches!(self, Who::Session { role, .. } if role.contains("/aws-service-role/"))
    }

    /// The names by which a policy can mean exactly this caller.
    fn direct_name(&self) -> Option<String> {
        match self {
            Who::User { account, name } => Some(format!("arn:aws:iam::{account}:user/{name}")),
            Who::Session { account, role, session } => {
                let role = role.rsplit('/').next().unwrap_or_default();
                Some(format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"))
            }
            Who::Service(name) => Some(name.clone()),
            Who::Root { .. } | Who::Anonymous => None,
        }
    }

    fn keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = match self {
            Who::Root { account } => {
                vec![
                    ("aws:principalarn", format!("arn:aws:iam::{account}:root")),
                    ("aws:principaltype", "Account".into()),
                ]
            }
            Who::User { account, name } => vec![
                ("aws:principalarn", format!("arn:aws:iam::{account}:user/{name}")),
                ("aws:principaltype", "User".into()),
                ("aws:username", name.rsplit('/').next().unwrap_or_default().into()),
            ],
            Who::Session { role, .. } => {
                vec![("aws:principalarn", role.clone()), ("aws:principaltype", "AssumedRole".into())]
            }
            Who::Service(name) => vec![("aws:principalservicename", name.clone())],
            Who::Anonymous => vec![("aws:principaltype", "Anonymous".into())],
        };
        keys.extend(self.account().map(|account| ("aws:principalaccount", account.to_owned())));
        keys.push(("aws:principalisawsservice", matches!(self, Who::Service(_)).to_string()));
        keys
    }
}

/// How a statement of a resource's policy names the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Direct,
    Role,
    Account,
}

impl World {
    /// The account of the resource: as given, else that of the ARN, else the caller's.
    pub(crate) fn account_of_resource(&self) -> Option<&str> {
        let of_arn = self.resource.split(':').nth(4).filter(|account| !account.is_empty());
        self.resource_account.as_deref().or(of_arn).or(self.who.account())
    }

    /// The keys of the request, with those that follow from caller and resource.
    pub(crate) fn all_keys(&self) -> BTreeMap<String, Vec<String>> {
        let mut keys = self.keys.clone();
        for (key, value) in self.who.keys() {
            keys.entry(key.to_owned()).or_insert_with(|| vec![value]);
        }
        if let Some(account) = self.account_of_resource() {
            keys.entry("aws:resourceaccount".to_owned()).or_insert_with(|| vec![account.to_owned()]);
        }
        keys
    }

    /// The answer.
    pub(crate) fn judge(&self) -> Verdict {
        if self.in_force().iter().any(|policy| self.denies(policy)) {
            return Verdict::ExplicitlyDenied;
        }
        let organization = !self.bound_by_service_control()
            || self.service_control.iter().all(|level| level.iter().any(|policy| self.allows(policy)));
        if organization && self.accounts_allow() { Verdict::Allowed } else { Verdict::ImplicitlyDenied }
    }

    fn bound_by_service_control(&self) -> bool {
        self.who.account().is_some() && !self.who.is_service_linked()
    }

    /// Every policy whose Deny counts.
    fn in_force(&self) -> Vec<&Value> {
        let mut policies: Vec<&Value> = self.identity.iter().chain(&self.boundary).chain(&self.own).collect();
        policies.extend(self.session.iter().flatten());
        if self.bound_by_service_control() {
            policies.extend(self.service_control.iter().flatten());
        }
        if !self.who.is_service_linked() {
            policies.extend(self.resource_control.iter().flatten());
        }
        policies
    }

    /// Both sides across accounts; either in one, by the table of who is named how.
    fn accounts_allow(&self) -> bool {
        let named = self.own.as_ref().map(|own| self.grants(own)).unwrap_or_default();
        let Some(account) = self.who.account() else { return !named.is_empty() };
        let is_root = matches!(self.who, Who::Root { .. });
        let boundary = is_root || self.boundary.as_ref().is_none_or(|policy| self.allows(policy));
        let session = self.session.as_ref().is_none_or(|all| all.iter().any(|policy| self.allows(policy)));
        let identity = is_root || self.identity.iter().any(|policy| self.allows(policy));
        let caller_side = identity && boundary && session;
        if self.account_of_resource() != Some(account) {
            return caller_side && !named.is_empty();
        }
        // Keys and roles to be assumed: an Allow of the caller counts only where the resource's policy lets it.
        let guarded = (self.action.starts_with("kms:") && self.resource.contains(":key/"))
            || (self.action.starts_with("sts:") && self.resource.contains(":role/"));
        let switched_on = !guarded || named.contains(&Named::Account);
        (caller_side && switched_on)
            || named.contains(&Named::Direct)
            || (named.contains(&Named::Role) && boundary && session)
    }

    /// Whether a policy without principals allows.
    fn allows(&self, policy: &Value) -> bool {
        statements(policy).iter().any(|statement| statement["Effect"] == "Allow" && self.applies(policy, statement))
    }

    /// How a resource's policy allows the caller.
    fn grants(&self, policy: &Value) -> Vec<Named> {
        let allows = |statement: &&Value| statement["Effect"] == "Allow" && self.applies(policy, statement);
        statements(policy)
            .into_iter()
            .filter(allows)
            .flat_map(|statement| principals(&statement["Principal"]))
            .filter_map(|(kind, name)| self.named_by(&kind, &name))
            .collect()
    }

    fn denies(&self, policy: &Value) -> bool {
        statements(policy).into_iter().any(|statement| {
            statement["Effect"] == "Deny" && self.applies(policy, statement) && self.meant_by_denial(statement)
        })
    }

    fn meant_by_denial(&self, statement: &Value) -> bool {
        if let Some(spared) = statement.get("NotPrincipal") {
            return self.boundary.is_some() || !self.spared_by(&principals(spared));
        }
        statement
            .get("Principal")
            .is_none_or(|named| principals(named).iter().any(|(kind, name)| self.named_by(kind, name).is_some()))
    }

    /// `NotPrincipal` spares whom it lists with everything that it is: session, role and account.
    fn spared_by(&self, listed: &[(String, String)]) -> bool {
        let as_what = |what| listed.iter().any(|(kind, name)| self.named_by(kind, name) == Some(what));
        let everyone = listed.iter().any(|(kind, name)| kind == "AWS" && name == "*");
        everyone
            || match &self.who {
                Who::Root { .. } => as_what(Named::Account),
                Who::User { .. } => as_what(Named::Direct) && as_what(Named::Account),
                Who::Session { .. } => as_what(Named::Direct) && as_what(Named::Role) && as_what(Named::Account),
                Who::Service(_) => as_what(Named::Direct),
                Who::Anonymous => false,
            }
    }

    fn named_by(&self, kind: &str, name: &str) -> Option<Named> {
        let is_service = matches!(self.who, Who::Service(_));
        if kind == "AWS" && name == "*" {
            return Some(Named::Direct);
        }
        if (kind == "Service") != is_service {
            return None;
        }
        if self.who.direct_name().as_deref() == Some(name) {
            return Some(Named::Direct);
        }
        if matches!(&self.who, Who::Session { role, .. } if role == name) {
            return Some(Named::Role);
        }
        let account = self.who.account()?;
        (name == account || name == format!("arn:aws:iam::{account}:root")).then_some(Named::Account)
    }

    /// Action, resource and every condition.
    fn applies(&self, policy: &Value, statement: &Value) -> bool {
        let keys = self.all_keys();
        let variables = policy["Version"] == "2012-10-17";
        let action = |listed: &Value| texts(listed).iter().any(|pattern| text::action(pattern, &self.action));
        let resource = |listed: &Value| {
            let pieces = texts(listed).into_iter().filter_map(|pattern| text::pieces(&pattern, true, variables, &keys));
            pieces.into_iter().any(|pattern| text::resource(&pattern, &self.resource))
        };
        statement.get("Action").is_none_or(action)
            && !statement.get("NotAction").is_some_and(action)
            && statement.get("Resource").is_none_or(resource)
            && !statement.get("NotResource").is_some_and(resource)
            && condition::all_hold(&statement["Condition"], variables, &keys)
    }
}

fn statements(policy: &Value) -> Vec<&Value> {
    match &policy["Statement"] {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

/// Kind and name of each; the bare asterisk is that of `AWS`.
fn principals(named: &Value) -> Vec<(String, String)> {
    match named {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| texts(names).into_iter().map(move |name| (kind.clone(), name)))
            .collect(),
        _ => texts(named).into_iter().map(|name| ("AWS".to_owned(), name)).collect(),
    }
}

/// A text, or a list of texts.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
