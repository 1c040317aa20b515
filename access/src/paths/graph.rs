//! The graph of escalation: every place that can be reached, and the ways between them.

use std::collections::{BTreeSet, HashMap};

use probity_policy::{Caller, Truth};

use super::Certainty;
use super::across::Borders;
use super::ground::Ground;
use super::methods::{End, Gains, Method};
use super::node::{Change, Extra, Node, Removal};
use super::open::Findings;
use super::subject::{Ready, Subject};
use crate::index::Access;
use crate::organization::Binding;
use crate::principal::PrincipalKind;

/// A way from one place to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) method: &'static Method,
    pub(crate) certainty: Certainty,
}

/// Where someone stands: the account, by its number among those that were read, and who it is there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) account: usize,
    pub(crate) node: Node,
}

impl Place {
    /// A principal as it is.
    pub(crate) fn of(account: usize, principal: usize) -> Place {
        Place { account, node: Node::Principal(principal, Change::default()) }
    }
}

/// What is worked out once for all accounts.
pub(crate) struct Lands<'g, 'a> {
    pub(crate) grounds: &'g [Ground<'a>],
    pub(crate) fresh: &'g [Caller],
    pub(crate) borders: &'g Borders,
}

/// Places and ways.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) places: Vec<Place>,
    /// Whether whoever stands there is an administrator.
    pub(crate) rules: Vec<Option<Certainty>>,
    pub(crate) edges: Vec<Edge>,
    numbers: HashMap<Place, usize>,
}

/// The caller behind a role that is yet to be made.
pub(crate) fn fresh_caller(access: &Access) -> Caller {
    let arn = format!("arn:{}:iam::{}:role/probity/any-role", access.partition, access.account);
    Caller::parse(&arn).unwrap_or_else(Caller::anonymous)
}

impl Graph {
    pub(crate) fn new(accounts: &[Access]) -> Graph {
        let grounds: Vec<Ground<'_>> = accounts.iter().map(Ground::new).collect();
        let fresh: Vec<Caller> = accounts.iter().map(fresh_caller).collect();
        let lands = Lands { grounds: &grounds, fresh: &fresh, borders: &Borders::new(accounts) };
        let mut graph = Graph::default();
        for (account, access) in accounts.iter().enumerate() {
            for number in 0..access.principals.len() {
                graph.place(Place::of(account, number));
            }
        }
        let mut next = 0;
        while let Some(place) = graph.places.get(next).cloned() {
            let rules = graph.expand(&lands, next, &place);
            graph.rules.push(rules);
            next += 1;
        }
        graph
    }

    /// The number of a principal as it is.
    pub(crate) fn number(&self, account: usize, principal: usize) -> Option<usize> {
        self.numbers.get(&Place::of(account, principal)).copied()
    }

    /// The number of a place, also of one that is new.
    fn place(&mut self, place: Place) -> usize {
        let next = self.places.len();
        let number = *self.numbers.entry(place.clone()).or_insert(next);
        if number == next {
            self.places.push(place);
        }
        number
    }

    /// Finds the ways that lead on from a place; says whether whoever stands there is an administrator.
    fn expand(&mut self, lands: &Lands<'_, '_>, from: usize, place: &Place) -> Option<Certainty> {
        let (ground, fresh) = (lands.grounds.get(place.account)?, lands.fresh.get(place.account)?);
        let subject = Subject::new(ground, &place.node, fresh)?;
        let unread_organization = matches!(ground.access.levels.binding, Binding::Unread(_));
        let rules = ground.access.rules(&subject.powers()).map(|(truth, _)| match truth {
            Truth::Yes => Certainty::Certain,
            _ if unread_organization || subject.has_unread() => Certainty::Unknown,
            _ => Certainty::Conditional,
        });
        let is_linked = subject.principal.is_some_and(|principal| principal.kind == PrincipalKind::ServiceLinkedRole);
        // An administrator needs no way to one, nor a way that is no surer than that it is one. Where the organization was
        // not read, no way is surer.
        let is_done = match rules {
            Some(Certainty::Certain) => true,
            Some(_) => unread_organization,
            None => false,
        };
        if is_linked || (is_done && lands.grounds.len() < 2) {
            return rules;
        }
        let ready = subject.ready(ground);
        for (to, method, certainty) in lands.borders.ways(lands.grounds, place, &ready, rules) {
            let to = self.place(to);
            self.edges.push(Edge { from, to, method, certainty });
        }
        let mut held_back: HashMap<&str, bool> = HashMap::new();
        for method in ground.methods_within(&subject.allowed.perhaps).filter(|_| !is_done) {
            let mut covered = |need: &'static String| match rules {
                // The trust policy may be all it takes.
                _ if need == "sts:AssumeRole" => true,
                Some(Certainty::Conditional) => {
                    subject.covers_without_condition(ground, need)
                        && !*held_back.entry(need).or_insert_with(|| subject.is_held_back(ground, need))
                }
                _ => subject.covers(ground, need),
            };
            let hangs = method.unread.is_some() && rules.is_some();
            if hangs || !method.needs.iter().all(&mut covered) {
                continue;
            }
            for to in targets(ground, &ready, method) {
                let verdict = ground.opens(&ready, method, &to, rules, &mut Findings::default());
                if let Some(certainty) = verdict.certainty() {
                    let to = self.place(Place { account: place.account, node: to });
                    self.edges.push(Edge { from, to, method, certainty });
                }
            }
        }
        rules
    }
}

/// The places that a way could lead to, if it is open.
fn targets(ground: &Ground<'_>, ready: &Ready<'_>, method: &Method) -> Vec<Node> {
    let principals = &ground.access.principals;
    let own = ready.subject.number;
    let kind = |number: usize| principals.get(number).map(|principal| principal.kind);
    let on = |number: usize| {
        let change = match method.gains {
            Gains::AnyPolicy => Change { any_policy: true, ..Change::default() },
            Gains::NoBoundary => Change { no_boundary: true, ..Change::default() },
            _ => Change::default(),
        };
        Node::Principal(number, change)
    };
    match method.target {
        End::OwnUser => own_targets(ground, ready, method, PrincipalKind::User),
        End::OwnRole => own_targets(ground, ready, method, PrincipalKind::Role),
        End::User => {
            let users = (0..principals.len()).take_while(|number| kind(*number) == Some(PrincipalKind::User));
            users.filter(|number| Some(*number) != own).map(on).collect()
        }
        End::Role => {
            let roles: Vec<usize> = if method.is_needing("sts:AssumeRole") {
                assumable(ground, ready).into_iter().collect()
            } else {
                (0..principals.len()).collect()
            };
            let bounded = |number: usize| principals.get(number).is_some_and(|role| role.boundary.is_some());
            let fitting = roles.into_iter().filter(|number| {
                kind(*number) == Some(PrincipalKind::Role)
                    && Some(*number) != own
                    && (method.gains != Gains::NoBoundary || bounded(*number))
            });
            fitting.map(on).collect()
        }
        End::PassedRole | End::RunningRole => {
            // What does not hang on the role is asked first, once.
            let free = method.needs.iter().filter(|need| !need.starts_with("iam:PassRole"));
            let mut free = free.map(|need| ground.anywhere(ready, need, &mut Findings::default()));
            if !free.all(super::verdict::Verdict::is_possible) {
                return Vec::new();
            }
            let roles = ground.trusting(&method.services).into_iter();
            roles.filter(|number| Some(*number) != own).map(on).collect()
        }
        End::Account => vec![Node::Fresh],
        // Ways over the border are found elsewhere.
        End::Outside | End::Anyone => Vec::new(),
    }
}

/// The roles that a subject could perhaps assume.
fn assumable(ground: &Ground<'_>, ready: &Ready<'_>) -> BTreeSet<usize> {
    let named = ready.subject.number.and_then(|number| ground.roles_naming.get(&number)).into_iter().flatten();
    let may_assume = ready.subject.covers(ground, "sts:AssumeRole");
    let delegating = if may_assume { ground.delegating_roles.as_slice() } else { &[] };
    let delegated = delegating.iter().filter(|number| {
        let role = ground.access.principals.get(**number);
        role.is_some_and(|role| ready.touches(ground, "sts:AssumeRole", role.arn.as_str()))
    });
    named.chain(&ground.open_roles).chain(delegated).copied().collect()
}

fn own_targets(ground: &Ground<'_>, ready: &Ready<'_>, method: &Method, kind: PrincipalKind) -> Vec<Node> {
    let subject = ready.subject;
    let (Some(number), Some(principal)) = (subject.number, subject.principal) else { return Vec::new() };
    if principal.kind != kind {
        return Vec::new();
    }
    let with = |edit: &dyn Fn(&mut Change)| {
        let mut change = subject.change.clone();
        edit(&mut change);
        Node::Principal(number, change)
    };
    match method.gains {
        Gains::AnyPolicy if !subject.change.any_policy => vec![with(&|change| change.any_policy = true)],
        Gains::NoBoundary if subject.has_boundary() => vec![with(&|change| change.no_boundary = true)],
        Gains::NoDenials => {
            let removal = method.needs.first().and_then(|need| Removal::of(need));
            let removal = removal.filter(|removal| subject.held.iter().any(|held| removal.takes(held)));
            let node = |removal: Removal| {
                with(&|change| {
                    change.no_denials.push(removal);
                    change.no_denials.sort_unstable();
                })
            };
            removal.map(node).into_iter().collect()
        }
        Gains::OtherVersion if subject.change.extra.is_none() => {
            let managed = ground.access.managed.iter().filter(|(arn, managed)| {
                !managed.is_aws_managed && subject.held.iter().any(|held| held.source.name() == arn.as_str())
            });
            let versions = managed.flat_map(|(arn, managed)| (0..managed.dormant.len()).map(move |place| (arn, place)));
            versions
                .map(|(arn, place)| with(&|change| change.extra = Some(Extra::Version(arn.clone(), place))))
                .collect()
        }
        Gains::Group if subject.change.extra.is_none() => {
            let member: BTreeSet<&str> = subject.groups().collect();
            let others = ground
                .access
                .groups
                .iter()
                .filter(|(name, group)| !member.contains(name.as_str()) && !group.held.is_empty());
            others.map(|(name, _)| with(&|change| change.extra = Some(Extra::Group(name.clone())))).collect()
        }
        _ => Vec::new(),
    }
}
