//! What is worked out once for all paths: which policies speak of which actions, and whom the roles trust.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use probity_policy::{
    Actions, Caller, Context, Document, Effect, Policies, Principal as Named, Principals, Request, Target,
};

use super::methods::Method;
use super::subject::Ready;
use super::verdict::Verdict;
use crate::administrators::everything;
use crate::decide::refer;
use crate::index::Access;
use crate::principal::{Principal, PrincipalKind};
use crate::source::Source;

/// Actions that ways may need beside what `methods.toml` names: putting a role into an instance profile, and changing the
/// tags that conditions look at.
const BESIDE: [&str; 5] = [
    "iam:CreateInstanceProfile",
    "iam:AddRoleToInstanceProfile",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:TagUser",
    "iam:TagRole",
];

/// A set of actions, by their number.
#[derive(Clone, Debug, Default)]
pub(crate) struct ActionSet(Vec<u64>);

impl ActionSet {
    fn insert(&mut self, number: usize) {
        let word = number / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << (number % 64);
        }
    }

    pub(crate) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|bits| bits & (1 << (number % 64)) != 0)
    }

    /// Whether it has all that another one has.
    pub(crate) fn includes(&self, other: &ActionSet) -> bool {
        let own = self.0.iter().copied().chain(std::iter::repeat(0));
        other.0.iter().zip(own).all(|(asked, own)| asked & !own == 0)
    }

    pub(crate) fn take_in(&mut self, other: &ActionSet) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            *own |= more;
        }
    }
}

/// The actions that a policy allows on some resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Covered {
    /// All that it may allow.
    pub(crate) perhaps: ActionSet,
    /// Those that it allows whatever the conditions of other statements.
    pub(crate) without_condition: ActionSet,
}

impl Covered {
    pub(crate) fn take_in(&mut self, other: &Covered) {
        self.perhaps.take_in(&other.perhaps);
        self.without_condition.take_in(&other.without_condition);
    }
}

/// The ground that paths are found on.
pub(crate) struct Ground<'a> {
    pub(crate) access: &'a Access,
    numbers: HashMap<&'static str, usize>,
    /// The same by service, in lower case.
    by_service: HashMap<String, Vec<(&'static str, usize)>>,
    /// What each method needs, in the order of [`Method::all`]; all but `sts:AssumeRole`, which a trust policy may give alone.
    asked: Vec<ActionSet>,
    pub(crate) everything: Arc<Source>,
    /// Which actions the Allows of a policy cover, by the policy's place in memory.
    covered: RefCell<HashMap<usize, Covered>>,
    /// Roles whose trust policy may let in anyone, or whom it means nobody can tell beforehand.
    pub(crate) open_roles: Vec<usize>,
    /// Roles whose trust policy leaves it to the policies of the account.
    pub(crate) delegating_roles: Vec<usize>,
    /// Roles whose trust policy names a principal of the account.
    pub(crate) roles_naming: HashMap<usize, Vec<usize>>,
    trusting: BTreeMap<&'static str, Vec<(usize, Verdict)>>,
    /// ARNs of managed policies worth attaching.
    pub(crate) powerful: Vec<String>,
    /// Keys of tags of resources that some condition names.
    tag_keys: BTreeSet<String>,
    /// Whether some role is in an instance profile.
    pub(crate) has_profiles: bool,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(access: &'a Access) -> Ground<'a> {
        let actions = Method::all().iter().flat_map(|method| method.needs.iter().map(String::as_str));
        let mut numbers = HashMap::new();
        for action in actions.chain(BESIDE) {
            let next = numbers.len();
            numbers.entry(action).or_insert(next);
        }
        let mut by_service: HashMap<String, Vec<(&'static str, usize)>> = HashMap::new();
        for (action, number) in &numbers {
            by_service.entry(service(action)).or_default().push((action, *number));
        }
        let asked = Method::all().iter().map(|method| {
            let needs = method.needs.iter().filter(|need| *need != "sts:AssumeRole");
            let mut asked = ActionSet::default();
            needs.filter_map(|need| numbers.get(need.as_str())).for_each(|number| asked.insert(*number));
            asked
        });
        let asked = asked.collect();
        let mut ground = Ground {
            access,
            numbers,
            by_service,
            asked,
            everything: everything(),
            covered: RefCell::default(),
            open_roles: Vec::new(),
            delegating_roles: Vec::new(),
            roles_naming: HashMap::new(),
            trusting: BTreeMap::new(),
            powerful: powerful(access),
            tag_keys: tag_keys(access),
            has_profiles: access.principals.iter().any(|principal| principal.instance_profiles > 0),
        };
        ground.read_trust();
        ground
    }

    /// The roles that may trust one of these services.
    pub(crate) fn trusting(&self, services: &[String]) -> BTreeSet<usize> {
        let lists = services.iter().filter_map(|service| self.trusting.get(service.as_str()));
        lists.flatten().map(|(role, _)| *role).collect()
    }

    /// How sure it is that a role trusts one of these services.
    pub(crate) fn trusts(&self, role: usize, services: &[String]) -> Verdict {
        let of = |service: &String| {
            let roles = self.trusting.get(service.as_str())?;
            let place = roles.binary_search_by_key(&role, |(number, _)| *number).ok()?;
            roles.get(place).map(|(_, verdict)| *verdict)
        };
        services.iter().filter_map(of).fold(Verdict::NO, Verdict::or)
    }

    /// How many actions are numbered.
    pub(crate) fn actions(&self) -> usize {
        self.numbers.len()
    }

    /// The actions that the Allows of a policy cover, and those that they cover without a condition.
    pub(crate) fn covered(&self, source: &Source) -> Covered {
        let place = std::ptr::from_ref(source).addr();
        if let Some(known) = self.covered.borrow().get(&place) {
            return known.clone();
        }
        let mut covered = Covered::default();
        match source.document() {
            // Nobody has read it: it may allow anything.
            None => self.numbers.values().for_each(|number| covered.perhaps.insert(*number)),
            Some(document) => {
                for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
                    let spoken_of = self.spoken_of(&statement.actions);
                    for (_, number) in spoken_of.filter(|(action, _)| statement.actions.cover(action)) {
                        covered.perhaps.insert(number);
                        if statement.conditions.is_empty() {
                            covered.without_condition.insert(number);
                        }
                    }
                }
            }
        }
        self.covered.borrow_mut().insert(place, covered.clone());
        covered
    }

    /// The actions that a statement can cover, by the services that it names: most name none of those with ways.
    fn spoken_of(&self, actions: &Actions) -> impl Iterator<Item = (&'static str, usize)> + use<'_, 'a> {
        let named: Option<BTreeSet<String>> =
            actions.services().map(|all| all.into_iter().map(str::to_ascii_lowercase).collect());
        let all = if named.is_none() { Some(self.by_service.values()) } else { None };
        let of_named = named.into_iter().flatten().filter_map(|service| self.by_service.get(&service));
        all.into_iter().flatten().chain(of_named).flatten().copied()
    }

    /// The methods all of whose actions are among these. That of assuming a role need not be: trust may be all it takes.
    pub(crate) fn methods_within(&self, actions: &ActionSet) -> impl Iterator<Item = &'static Method> {
        Method::all().iter().zip(&self.asked).filter(|(_, asked)| actions.includes(asked)).map(|(method, _)| method)
    }

    pub(crate) fn number(&self, action: &str) -> Option<usize> {
        self.numbers.get(action).copied()
    }

    /// A context that knows the tags of a principal that is acted upon; unless the subject may change them.
    pub(super) fn with_tags(&self, ready: &Ready<'_>, target: usize) -> Context {
        let context = ready.subject.context.clone();
        let Some(principal) = self.access.principals.get(target) else { return context };
        let tagging = if principal.is_user() { "iam:TagUser" } else { "iam:TagRole" };
        let may_tag = ready.subject.covers(self, tagging) && ready.touches(self, tagging, principal.arn.as_str());
        if may_tag {
            return context;
        }
        self.tags_of(principal, context)
    }

    /// A context that knows the tags of a principal that is acted upon.
    pub(super) fn tags_of(&self, principal: &Principal, context: Context) -> Context {
        self.tag_keys.iter().fold(context, |mut context, key| {
            let value = principal.tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value);
            for prefix in ["aws:ResourceTag/", "iam:ResourceTag/"] {
                context.set(&format!("{prefix}{key}"), value.cloned());
            }
            context
        })
    }

    fn read_trust(&mut self) {
        let access = self.access;
        let services: BTreeSet<&'static str> =
            Method::all().iter().flat_map(|method| method.services.iter().map(String::as_str)).collect();
        for (number, role) in access.principals.iter().enumerate() {
            let Some(trust) = role.trust() else { continue };
            if role.kind == PrincipalKind::ServiceLinkedRole {
                continue;
            }
            self.read_callers(number, trust);
            for service in &services {
                let verdict = trusts_service(access, role.arn.as_str(), trust, service);
                if verdict.is_possible() {
                    self.trusting.entry(service).or_default().push((number, verdict));
                }
            }
        }
    }

    /// Sorts a role by whom of the account its trust policy may mean.
    fn read_callers(&mut self, role: usize, trust: &Source) {
        let Some(document) = trust.document() else {
            self.open_roles.push(role);
            return;
        };
        let account = self.access.account.as_str();
        let (mut open, mut delegating) = (false, false);
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            match &statement.principals {
                Some(Principals::Only(named)) => {
                    for principal in named {
                        match principal {
                            _ if principal.is_everyone() => open = true,
                            Named::Aws(name) => match self.access.by_arn.get(name) {
                                Some(caller) => self.roles_naming.entry(*caller).or_default().push(role),
                                None => {
                                    delegating |= name == account || name.ends_with(&format!("::{account}:root"));
                                    open |= name.contains(":assumed-role/") && name.contains(account);
                                }
                            },
                            _ => {}
                        }
                    }
                }
                Some(Principals::AllBut(_)) | None => open = true,
            }
        }
        if open {
            self.open_roles.push(role);
        }
        if delegating && !open {
            self.delegating_roles.push(role);
        }
    }
}

/// Whether a service may assume a role on behalf of the account.
fn trusts_service(access: &Access, arn: &str, trust: &Source, service: &str) -> Verdict {
    if let Some(document) = trust.document() {
        if federates(document, service) {
            // Which identities of the pool the trust policy lets in is for its conditions to say.
            return Verdict::MAYBE;
        }
        let names = |named: &Named| matches!(named, Named::Service(name) if name == service || name == "*");
        let concerned = document.statements.iter().any(|statement| match &statement.principals {
            Some(Principals::Only(named)) => named.iter().any(|name| names(name) || name.is_everyone()),
            Some(Principals::AllBut(_)) | None => true,
        });
        if !concerned {
            return Verdict::NO;
        }
    }
    let Some(caller) = Caller::parse(service) else { return Verdict::NO };
    let policies = Policies {
        resource: Some(trust.policy()),
        resource_control: refer(&access.levels.resource_control),
        ..Policies::default()
    };
    let context = Context::partial().with("aws:SourceAccount", access.account.as_str());
    let context = match &access.levels.id {
        Some(id) => context.with("aws:SourceOrgID", id.clone()),
        None => context,
    };
    let request = Request {
        caller: &caller,
        action: "sts:AssumeRole",
        resource: Target::One(arn),
        resource_account: Some(access.account.as_str()),
        context: &context,
    };
    Verdict::of(&policies.evaluate(&request))
}

fn federates(document: &Document, provider: &str) -> bool {
    let allows = document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    allows.filter_map(|statement| statement.principals.as_ref()).any(|principals| {
        matches!(principals, Principals::Only(named)
            if named.iter().any(|name| matches!(name, Named::Federated(name) if name == provider)))
    })
}

fn powerful(access: &Access) -> Vec<String> {
    let of_aws = |name: &str| format!("arn:{}:iam::aws:policy/{name}", access.partition);
    let known = ["AdministratorAccess", "IAMFullAccess"].map(of_aws);
    let own =
        access.managed.iter().filter(|(_, managed)| managed.source.document().is_some_and(Document::allows_everything));
    let mut all: Vec<String> = known.into_iter().chain(own.map(|(arn, _)| arn.as_str().to_owned())).collect();
    all.dedup();
    all
}

/// The tag keys of resources that conditions name, in lower case.
fn tag_keys(access: &Access) -> BTreeSet<String> {
    let identity = access.principals.iter().flat_map(|principal| &principal.identity).map(|held| &held.source);
    let boundaries = access.principals.iter().filter_map(|principal| principal.boundary.as_ref());
    let levels = access.levels.service_control.iter().chain(&access.levels.resource_control).flatten();
    let trusts = access.principals.iter().filter_map(|principal| principal.trust.as_ref());
    let documents = identity.chain(boundaries).chain(levels).chain(trusts).filter_map(|source| source.document());
    let conditions = documents.flat_map(|document| &document.statements).flat_map(|statement| &statement.conditions);
    conditions
        .filter_map(|condition| {
            let key = condition.key.to_lowercase();
            let tag = key.strip_prefix("aws:resourcetag/").or_else(|| key.strip_prefix("iam:resourcetag/"));
            tag.map(str::to_owned)
        })
        .collect()
}

/// The service of an action, in lower case.
fn service(action: &str) -> String {
    action.split(':').next().unwrap_or_default().to_ascii_lowercase()
}
