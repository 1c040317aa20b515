//! The shortest of the surest paths.

use std::collections::{BTreeMap, VecDeque};

use probity_policy::Caller;

use super::across::{Borders, act_as, assume_across};
use super::graph::{Edge, Graph, Lands, Place, fresh_caller};
use super::ground::Ground;
use super::methods::{End, Method};
use super::node::{Change, Extra, Node, Removal};
use super::open::Findings;
use super::outside::{self, Outsider};
use super::subject::Subject;
use super::{Certainty, Escalations, Goal, Path, Standing, Start, Step, goal};
use crate::index::Access;
use crate::principal::Principal;

/// How sure a path may be, from the surest on.
const LEVELS: [Certainty; 3] = [Certainty::Certain, Certainty::Conditional, Certainty::Unknown];

/// For every place the way to take next, by its number among the edges, as far as the goal can be reached.
struct Course {
    next: Vec<Option<usize>>,
    is_goal: Vec<bool>,
    /// How many ways it is to the goal.
    distance: Vec<Option<usize>>,
}

impl Escalations {
    /// For one principal or for each the shortest path to the goal, in the order of [`Access::principals`]. A path that
    /// is certain comes before a shorter one that is not. Who has reached the goal already has none, nor has a
    /// service-linked role.
    ///
    /// Whoever is an administrator can become anyone of the account: no way leads on from there but into other accounts,
    /// and no path goes through. From one that is an administrator only perhaps, the ways are kept that are surer than
    /// that.
    ///
    /// The access must be the one that the graph was worked out from.
    #[must_use]
    pub fn paths<'a>(&self, access: &'a Access, from: Option<&Principal>, to: Goal<'_>) -> Vec<Path<'a>> {
        self.paths_among(std::slice::from_ref(access), from.map_or(Start::Everyone, Start::Principal), to)
    }

    /// The same over several accounts, those of the first first; or the paths of those outside. The accounts must be the
    /// ones that the graph was worked out from, in the same order.
    #[must_use]
    pub fn paths_among<'a>(&self, accounts: &'a [Access], from: Start<'_>, to: Goal<'_>) -> Vec<Path<'a>> {
        let grounds: Vec<Ground<'a>> = accounts.iter().map(Ground::new).collect();
        let fresh: Vec<Caller> = accounts.iter().map(fresh_caller).collect();
        let lands = Lands { grounds: &grounds, fresh: &fresh, borders: &Borders::default() };
        let reached = self.graph.reached(accounts, &lands, to);
        let finder = Finder { graph: &self.graph, accounts, lands: &lands, goal: to, reached };
        match from {
            Start::Everyone => finder.begun_by(&finder.everyone()),
            Start::Principal(principal) => {
                let everyone = finder.everyone();
                let is_it =
                    |place: &&usize| finder.principal(**place).is_some_and(|found| found.arn() == principal.arn());
                let place: Vec<usize> = everyone.iter().filter(is_it).copied().collect();
                finder.begun_by(&place)
            }
            Start::Outsiders => finder.begun_outside(),
        }
    }

    /// How many ways lead from one place to another, for progress and tests of scale.
    #[must_use]
    pub fn ways(&self) -> usize {
        self.graph.edges.len()
    }
}

/// The search for one goal.
struct Finder<'f, 'a> {
    graph: &'f Graph,
    accounts: &'a [Access],
    lands: &'f Lands<'f, 'a>,
    goal: Goal<'f>,
    reached: Vec<Option<Certainty>>,
}

impl<'a> Finder<'_, 'a> {
    /// The places of all principals as they are.
    fn everyone(&self) -> Vec<usize> {
        (0..self.accounts.iter().map(|access| access.principals.len()).sum()).collect()
    }

    fn principal(&self, place: usize) -> Option<&'a Principal> {
        let place = self.graph.places.get(place)?;
        match &place.node {
            Node::Principal(number, _) => self.accounts.get(place.account)?.principals.get(*number),
            Node::Fresh => None,
        }
    }

    fn begun_by(&self, starts: &[usize]) -> Vec<Path<'a>> {
        let courses = LEVELS.map(|level| self.course(level));
        let mut found: BTreeMap<usize, (&Course, Vec<Edge>)> = BTreeMap::new();
        for course in &courses {
            for start in starts.iter().filter(|start| !course.is_goal.get(**start).copied().unwrap_or_default()) {
                if !found.contains_key(start) {
                    let edges = self.follow(course, *start);
                    if !edges.is_empty() {
                        found.insert(*start, (course, edges));
                    }
                }
            }
        }
        let paths = found.into_iter().filter_map(|(start, (course, edges))| {
            let from = Standing::Principal(self.principal(start)?);
            let end = edges.last().map_or(start, |edge| edge.to);
            let steps = edges.iter().filter_map(|edge| self.step(course, edge)).collect();
            Some(self.path(from, steps, end))
        });
        paths.collect()
    }

    /// The paths of those whom some trust policy lets in from outside.
    fn begun_outside(&self) -> Vec<Path<'a>> {
        let mut doors: BTreeMap<Outsider, Vec<Door>> = BTreeMap::new();
        for (account, (access, ground)) in self.accounts.iter().zip(self.lands.grounds).enumerate() {
            for (outsider, roles) in outside::entries(self.accounts, access) {
                for role in roles {
                    let Some(place) = self.graph.number(account, role) else { continue };
                    let Some(principal) = access.principals.get(role) else { continue };
                    let entered = outside::enter(ground, &outsider, principal, &mut Findings::default());
                    let Some((method, verdict)) = entered else { continue };
                    if let Some(certainty) = verdict.certainty() {
                        doors.entry(outsider.clone()).or_default().push(Door { account, place, method, certainty });
                    }
                }
            }
        }
        let courses = LEVELS.map(|level| (level, self.course(level)));
        let paths = doors.iter().filter_map(|(outsider, doors)| {
            let nearest = courses.iter().find_map(|(level, course)| {
                let open = doors.iter().filter(|door| door.certainty <= *level);
                let far = |door: &Door| course.distance.get(door.place).copied().flatten();
                let open = open.filter_map(|door| Some((far(door)?, door)));
                open.min_by_key(|(far, _)| *far).map(|(_, door)| (course, door))
            });
            let (course, door) = nearest?;
            let edges = self.follow(course, door.place);
            let end = edges.last().map_or(door.place, |edge| edge.to);
            let first = self.entry(outsider, door)?;
            let steps = std::iter::once(first).chain(edges.iter().filter_map(|edge| self.step(course, edge))).collect();
            Some(self.path(Standing::Outsider(outsider.clone()), steps, end))
        });
        paths.collect()
    }

    fn path(&self, from: Standing<'a>, steps: Vec<Step<'a>>, end: usize) -> Path<'a> {
        let at_end = self.reached.get(end).copied().flatten();
        let certainty = steps.iter().map(|step| step.certainty).chain(at_end).max().unwrap_or(Certainty::Unknown);
        let reached = match self.goal {
            Goal::Access { action, resource } => self.graph.places.get(end).and_then(|place| {
                goal::may(self.accounts, self.lands, place, action, resource).map(|(_, decision)| decision)
            }),
            _ => None,
        };
        Path { from, steps, certainty, reached }
    }

    /// Goes backwards from the goal over all ways that are sure enough.
    fn course(&self, level: Certainty) -> Course {
        let places = self.graph.places.len();
        let is_goal: Vec<bool> =
            self.reached.iter().map(|reached| reached.is_some_and(|reached| reached <= level)).collect();
        let mut into: Vec<Vec<usize>> = vec![Vec::new(); places];
        for (number, edge) in self.graph.edges.iter().enumerate().filter(|(_, edge)| edge.certainty <= level) {
            if let Some(list) = into.get_mut(edge.to) {
                list.push(number);
            }
        }
        let mut next: Vec<Option<usize>> = vec![None; places];
        let mut distance: Vec<Option<usize>> = is_goal.iter().map(|is_goal| is_goal.then_some(0)).collect();
        let mut queue: VecDeque<usize> =
            is_goal.iter().enumerate().filter(|(_, is_goal)| **is_goal).map(|(number, _)| number).collect();
        while let Some(place) = queue.pop_front() {
            let far = distance.get(place).copied().flatten().unwrap_or_default();
            for number in into.get(place).into_iter().flatten() {
                let Some(edge) = self.graph.edges.get(*number) else { continue };
                if let (Some(slot), Some(from @ None)) = (next.get_mut(edge.from), distance.get_mut(edge.from)) {
                    *slot = Some(*number);
                    *from = Some(far + 1);
                    queue.push_back(edge.from);
                }
            }
        }
        Course { next, is_goal, distance }
    }

    fn follow(&self, course: &Course, start: usize) -> Vec<Edge> {
        let mut edges = Vec::new();
        let mut place = start;
        while let Some(edge) = course.next.get(place).copied().flatten().and_then(|number| self.graph.edges.get(number))
        {
            edges.push(*edge);
            place = edge.to;
        }
        edges
    }

    /// A step with the statements that open it.
    fn step(&self, course: &Course, edge: &Edge) -> Option<Step<'a>> {
        let (from, to) = (self.graph.places.get(edge.from)?, self.graph.places.get(edge.to)?);
        let ground = self.lands.grounds.get(from.account)?;
        let mut findings = Findings { statements: Some(Vec::new()), notes: Vec::new() };
        let subject = Subject::new(ground, &from.node, self.lands.fresh.get(from.account)?)?;
        let ready = subject.ready(ground);
        match (&to.node, self.lands.grounds.get(to.account)?) {
            _ if edge.method.target == End::Anyone => act_as(ground, &ready, &to.node, &mut findings),
            (Node::Principal(role, _), there) if from.account != to.account => {
                assume_across(ground, there, &ready, *role, &mut findings);
            }
            (node, _) => {
                ground.opens(&ready, edge.method, node, None, &mut findings);
            }
        }
        let alike = self.alike(course, edge);
        Some(made(self.standing(from)?, self.standing(to)?, edge.method, edge.certainty, findings, alike))
    }

    /// The step of someone outside into a role.
    fn entry(&self, outsider: &Outsider, door: &Door) -> Option<Step<'a>> {
        let ground = self.lands.grounds.get(door.account)?;
        let role = self.principal(door.place)?;
        let mut findings = Findings { statements: Some(Vec::new()), notes: Vec::new() };
        outside::enter(ground, outsider, role, &mut findings);
        let (from, to) = (Standing::Outsider(outsider.clone()), Standing::Principal(role));
        Some(made(from, to, door.method, door.certainty, findings, Vec::new()))
    }

    /// Other ways that are as sure and come as near to the goal. Edges stand in the order of the places that they begin at.
    fn alike(&self, course: &Course, edge: &Edge) -> Vec<&'static Method> {
        let edges = &self.graph.edges;
        let first = edges.partition_point(|other| other.from < edge.from);
        let own = edges.iter().skip(first).take_while(|other| other.from == edge.from);
        let far = |edge: &Edge| course.distance.get(edge.to).copied().flatten();
        let mut alike: Vec<&'static Method> = Vec::new();
        for other in own.filter(|other| other.certainty <= edge.certainty && far(other) == far(edge)) {
            let is_known = |known: &&Method| known.id == other.method.id;
            if other.method.id != edge.method.id && !alike.iter().any(is_known) {
                alike.push(other.method);
            }
        }
        alike
    }

    fn standing(&self, place: &Place) -> Option<Standing<'a>> {
        let access = self.accounts.get(place.account)?;
        Some(match &place.node {
            Node::Fresh => Standing::New(&access.account),
            Node::Principal(number, change) => {
                let principal = access.principals.get(*number)?;
                if *change == Change::default() {
                    Standing::Principal(principal)
                } else {
                    Standing::Changed(principal, in_words(access, change))
                }
            }
        })
    }
}

/// A role that someone outside may enter.
struct Door {
    account: usize,
    place: usize,
    method: &'static Method,
    certainty: Certainty,
}

fn made<'a>(
    from: Standing<'a>,
    to: Standing<'a>,
    method: &'static Method,
    certainty: Certainty,
    findings: Findings,
    also: Vec<&'static Method>,
) -> Step<'a> {
    let mut statements = Vec::new();
    for statement in findings.statements.unwrap_or_default() {
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    let mut open = findings.notes;
    open.dedup();
    Step { from, to, method, also, certainty, statements, open }
}

fn in_words(access: &Access, change: &Change) -> Vec<String> {
    let denials = change.no_denials.iter().map(|removal| match removal {
        Removal::Attached => "without the attached policies that deny",
        Removal::Inline => "without the inline policies that deny",
        Removal::GroupAttached => "without the policies attached to its groups that deny",
        Removal::GroupInline => "without the inline policies of its groups that deny",
        Removal::Groups => "without the groups that deny",
    });
    let extra = change.extra.as_ref().map(|extra| match extra {
        Extra::Group(name) => format!("in the group {name}"),
        Extra::Version(arn, place) => {
            let version = access.managed.get(arn).and_then(|managed| managed.dormant.get(*place));
            format!("with version {} of {arn}", version.map_or("?", |(id, _)| id.as_str()))
        }
    });
    let any = change.any_policy.then_some("with any policy");
    let boundary = change.no_boundary.then_some("without its permissions boundary");
    any.into_iter().chain(boundary).chain(denials).map(str::to_owned).chain(extra).collect()
}
