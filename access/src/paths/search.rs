//! The shortest of the surest paths.

use std::collections::{BTreeMap, VecDeque};

use probity_policy::Caller;

use super::graph::{Edge, fresh_caller};
use super::ground::Ground;
use super::methods::Method;
use super::node::{Change, Extra, Node, Removal};
use super::open::Findings;
use super::subject::Subject;
use super::{Certainty, Escalations, Goal, Path, Standing, Step};
use crate::index::Access;
use crate::principal::Principal;

/// For every place the way to take next, by its number among the edges, as far as the goal can be reached.
struct Course {
    next: Vec<Option<usize>>,
    is_goal: Vec<bool>,
}

impl Escalations {
    /// For one principal or for each the shortest path to the goal, in the order of [`Access::principals`]. A path that
    /// is certain comes before a shorter one that is not. Who has reached the goal already has none, nor has a
    /// service-linked role.
    ///
    /// Whoever is an administrator can become anyone: no way leads on from there, and no path goes through. From one that
    /// is an administrator only perhaps, the ways are kept that are surer than that.
    ///
    /// The access must be the one that the graph was worked out from.
    #[must_use]
    pub fn paths<'a>(&self, access: &'a Access, from: Option<&Principal>, to: Goal<'_>) -> Vec<Path<'a>> {
        let starts: Vec<usize> = match from {
            Some(principal) => access.by_arn.get(principal.arn().as_str()).copied().into_iter().collect(),
            None => (0..access.principals.len()).collect(),
        };
        let mut found: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
        for level in [Certainty::Certain, Certainty::Conditional, Certainty::Unknown] {
            let course = self.course(access, to, level);
            for start in starts.iter().filter(|start| !course.is_goal.get(**start).copied().unwrap_or_default()) {
                if !found.contains_key(start) {
                    let edges = self.follow(&course, *start);
                    if !edges.is_empty() {
                        found.insert(*start, edges);
                    }
                }
            }
        }
        let ground = Ground::new(access);
        let fresh = fresh_caller(access);
        let paths = found.into_iter().filter_map(|(start, edges)| {
            let from = access.principals.get(start)?;
            let rules = match to {
                Goal::Administrator => edges.last().and_then(|edge| self.graph.rules.get(edge.to).copied().flatten()),
                Goal::Principal(_) => None,
            };
            let sure = edges.iter().map(|edge| edge.certainty).chain(rules).max().unwrap_or(Certainty::Unknown);
            let steps = edges.iter().filter_map(|edge| self.step(access, &ground, &fresh, edge)).collect();
            Some(Path { from, steps, certainty: sure })
        });
        paths.collect()
    }

    /// How many ways lead from one place to another, for progress and tests of scale.
    #[must_use]
    pub fn ways(&self) -> usize {
        self.graph.edges.len()
    }

    /// Goes backwards from the goal over all ways that are sure enough.
    fn course(&self, access: &Access, to: Goal<'_>, level: Certainty) -> Course {
        let goal = match to {
            Goal::Administrator => None,
            Goal::Principal(principal) => access.by_arn.get(principal.arn().as_str()).copied(),
        };
        let is_goal: Vec<bool> = self
            .graph
            .nodes
            .iter()
            .zip(&self.graph.rules)
            .map(|(node, rules)| match (to, node) {
                (Goal::Administrator, _) => rules.is_some_and(|rules| rules <= level),
                (Goal::Principal(_), Node::Principal(number, _)) => Some(*number) == goal,
                (Goal::Principal(_), Node::Fresh) => false,
            })
            .collect();
        let mut into: Vec<Vec<usize>> = vec![Vec::new(); self.graph.nodes.len()];
        for (number, edge) in self.graph.edges.iter().enumerate().filter(|(_, edge)| edge.certainty <= level) {
            if let Some(list) = into.get_mut(edge.to) {
                list.push(number);
            }
        }
        let mut next: Vec<Option<usize>> = vec![None; self.graph.nodes.len()];
        let mut queue: VecDeque<usize> =
            is_goal.iter().enumerate().filter(|(_, is_goal)| **is_goal).map(|(number, _)| number).collect();
        while let Some(place) = queue.pop_front() {
            for number in into.get(place).into_iter().flatten() {
                let Some(edge) = self.graph.edges.get(*number) else { continue };
                let is_reached = is_goal.get(edge.from).copied().unwrap_or(true);
                if let Some(slot @ None) = next.get_mut(edge.from)
                    && !is_reached
                {
                    *slot = Some(*number);
                    queue.push_back(edge.from);
                }
            }
        }
        Course { next, is_goal }
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
    fn step<'a>(&self, access: &'a Access, ground: &Ground<'_>, fresh: &Caller, edge: &Edge) -> Option<Step<'a>> {
        let (from, to) = (self.graph.nodes.get(edge.from)?, self.graph.nodes.get(edge.to)?);
        let method = Method::all().get(edge.method)?;
        let mut findings = Findings { statements: Some(Vec::new()), notes: Vec::new() };
        let subject = Subject::new(ground, from, fresh)?;
        ground.opens(&subject.ready(ground), method, to, None, &mut findings);
        let mut statements = Vec::new();
        for statement in findings.statements.unwrap_or_default() {
            if !statements.contains(&statement) {
                statements.push(statement);
            }
        }
        let mut open = findings.notes;
        open.dedup();
        Some(Step {
            from: standing(access, from)?,
            to: standing(access, to)?,
            method,
            certainty: edge.certainty,
            statements,
            open,
        })
    }
}

fn standing<'a>(access: &'a Access, node: &Node) -> Option<Standing<'a>> {
    Some(match node {
        Node::Fresh => Standing::New,
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
