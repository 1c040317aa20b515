//! Whoever takes a step: a principal as it is, or as it is after its policies were changed on the way.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

use probity_policy::{Caller, Context, Effect, Pattern, Policies, Policy, Request, Resources, Target};

use super::ground::{Covered, Ground};
use super::node::{Change, Extra, Node, Removal};
use super::verdict::Verdict;
use crate::administrators::Powers;
use crate::decide::{StatementUsed, refer};
use crate::principal::{Held, Principal, Via};
use crate::source::Source;

/// The patterns that the Allows for an action name, and whether a policy is unread.
#[derive(Default)]
struct Scope<'a> {
    named: Vec<&'a Pattern>,
    /// Something reaches resources that patterns do not show.
    open: bool,
}

/// Whoever takes a step, prepared.
pub(crate) struct Subject<'a> {
    pub(crate) number: Option<usize>,
    pub(crate) principal: Option<&'a Principal>,
    pub(crate) change: Change,
    pub(crate) caller: &'a Caller,
    pub(crate) context: Context,
    pub(crate) held: Vec<Held>,
    pub(super) boundary: Option<&'a Source>,
    pub(super) allowed: Covered,
}

/// The policies of a subject, prepared for questions.
pub(crate) struct Ready<'s> {
    pub(crate) subject: &'s Subject<'s>,
    pub(crate) policies: Policies<'s>,
    scopes: Vec<OnceCell<Scope<'s>>>,
    account: &'s str,
    /// What was asked of actions on any resource, by their number.
    pub(crate) anywhere: RefCell<HashMap<usize, Verdict>>,
    /// What was asked of passing a role, by its number, to a service.
    pub(crate) passed: RefCell<HashMap<(usize, String), Verdict>>,
    /// Whether a role can be put into an instance profile, once it is known.
    pub(crate) profile: Cell<Option<Verdict>>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(ground: &'a Ground<'a>, node: &Node, fresh: &'a Caller) -> Option<Subject<'a>> {
        let everything = || Held { source: std::sync::Arc::clone(&ground.everything), via: Via::Inline };
        let (number, principal, change) = match node {
            Node::Fresh => (None, None, Change { any_policy: true, no_boundary: true, ..Change::default() }),
            Node::Principal(number, change) => {
                (Some(*number), Some(ground.access.principals.get(*number)?), change.clone())
            }
        };
        let mut held: Vec<Held> = principal.map(|principal| principal.identity.clone()).unwrap_or_default();
        let gone = |held: &Held| change.no_denials.iter().any(|removal| removal.takes(held));
        let left = |held: &Held| {
            let groups = change.no_denials.contains(&Removal::Groups);
            groups && held.via.group().is_some_and(|group| leaves(principal, group))
        };
        held.retain(|held| !gone(held) && !left(held));
        match &change.extra {
            Some(Extra::Group(name)) => {
                held.extend(ground.access.groups.get(name).into_iter().flat_map(|group| group.held.iter().cloned()));
            }
            Some(Extra::Version(arn, place)) => {
                let version = ground.access.managed.get(arn).and_then(|managed| managed.dormant.get(*place));
                if let Some((_, source)) = version {
                    for held in held.iter_mut().filter(|held| held.source.name() == arn.as_str()) {
                        held.source = std::sync::Arc::clone(source);
                    }
                }
            }
            None => {}
        }
        if change.any_policy {
            held.push(everything());
        }
        let boundary = principal.filter(|_| !change.no_boundary).and_then(Principal::boundary);
        let mut allowed = Covered::default();
        for held in &held {
            allowed.take_in(&ground.covered(&held.source));
        }
        let mut context = match principal {
            Some(principal) => principal.context(&Context::partial()),
            None => Context::partial(),
        };
        // Whoever may change tags may change its own: what they hold stays open.
        if let Some(user) = principal.filter(|_| ground.number("iam:TagUser").is_some_and(|it| allowed.perhaps.has(it)))
        {
            context = user.without_tags().context(&Context::partial());
        }
        // A session that is opened now, or at any rate not before.
        let context = context.with("aws:TokenIssueTime", ground.access.taken_at.to_string());
        Some(Subject {
            number,
            principal,
            change,
            caller: principal.map_or(fresh, |p| &p.caller),
            context,
            held,
            boundary,
            allowed,
        })
    }

    pub(crate) fn powers(&self) -> Powers<'_> {
        Powers {
            caller: self.caller,
            context: self.context.clone(),
            identity: self.held.iter().map(|held| held.source.policy()).collect(),
            boundary: self.boundary.map(Source::policy),
        }
    }

    /// Whether some policy that it holds, or its boundary, was not read.
    pub(crate) fn has_unread(&self) -> bool {
        self.held.iter().any(|held| held.source.document().is_none())
            || self.boundary.is_some_and(|boundary| boundary.document().is_none())
    }

    pub(crate) fn has_boundary(&self) -> bool {
        self.boundary.is_some()
    }

    /// Whether an Allow of its own covers an action, on whatever resource.
    pub(crate) fn covers(&self, ground: &Ground<'_>, action: &str) -> bool {
        ground.number(action).is_some_and(|number| self.allowed.perhaps.has(number))
    }

    /// Whether one that has no condition does.
    pub(crate) fn covers_without_condition(&self, ground: &Ground<'_>, action: &str) -> bool {
        ground.number(action).is_some_and(|number| self.allowed.without_condition.has(number))
    }

    /// The groups that it is in.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        let own = self.principal.into_iter().flat_map(|principal| principal.groups().iter().map(String::as_str));
        let gone = self.change.no_denials.contains(&Removal::Groups);
        let joined = match &self.change.extra {
            Some(Extra::Group(name)) => Some(name.as_str()),
            _ => None,
        };
        own.filter(move |name| !gone || !leaves(self.principal, name)).chain(joined)
    }

    pub(crate) fn ready<'s>(&'s self, ground: &'s Ground<'_>) -> Ready<'s> {
        let powers = self.powers();
        let policies = Policies {
            identity: powers.identity,
            boundary: powers.boundary,
            service_control: refer(&ground.access.levels.service_control),
            resource_control: refer(&ground.access.levels.resource_control),
            ..Policies::default()
        };
        let scopes = (0..ground.actions()).map(|_| OnceCell::new()).collect();
        Ready {
            subject: self,
            policies,
            scopes,
            account: ground.access.account.as_str(),
            anywhere: RefCell::default(),
            passed: RefCell::default(),
            profile: Cell::default(),
        }
    }
}

/// Whether leaving the groups that deny means leaving this one.
fn leaves(principal: Option<&Principal>, group: &str) -> bool {
    principal.is_some_and(|principal| {
        principal.identity.iter().any(|held| held.via.group() == Some(group) && held.source.may_deny())
    })
}

impl<'s> Ready<'s> {
    /// Asks the engine; keeps the statements where they are wanted.
    pub(crate) fn ask(
        &self,
        action: &str,
        resource: Target<'_>,
        context: &Context,
        own: Option<&Policy>,
        record: &mut Option<Vec<StatementUsed>>,
    ) -> Verdict {
        let request =
            Request { caller: self.subject.caller, action, resource, resource_account: Some(self.account), context };
        let with_own;
        let policies: &Policies<'_> = if own.is_some() {
            with_own = Policies { resource: own, ..self.policies.clone() };
            &with_own
        } else {
            &self.policies
        };
        let answer = policies.evaluate(&request);
        let verdict = Verdict::of(&answer);
        if let Some(record) = record {
            record.extend(answer.deciders.into_iter().map(StatementUsed::of));
        }
        verdict
    }

    fn scope(&self, ground: &Ground<'_>, action: &str) -> Option<&Scope<'s>> {
        let number = ground.number(action)?;
        let scope = self.scopes.get(number)?;
        Some(scope.get_or_init(|| {
            let mut scope = Scope::default();
            for held in &self.subject.held {
                let Some(document) = held.source.document() else {
                    scope.open = true;
                    continue;
                };
                let allows = document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
                for statement in allows.filter(|statement| statement.actions.cover(action)) {
                    match &statement.resources {
                        Some(Resources::Only(patterns)) => scope.named.extend(patterns),
                        Some(Resources::AllBut(_)) | None => scope.open = true,
                    }
                }
            }
            scope
        }))
    }

    /// Whether an Allow may cover an action on this resource. Says no only when it is sure; a quick look before asking.
    pub(crate) fn touches(&self, ground: &Ground<'_>, action: &str, arn: &str) -> bool {
        self.scope(ground, action).is_none_or(|scope| {
            scope.open
                || scope
                    .named
                    .iter()
                    .any(|pattern| pattern.is_everything() || pattern.text().contains("${") || pattern.matches_arn(arn))
        })
    }

    /// Whether an Allow for an action reaches resources that no pattern shows.
    pub(crate) fn reaches_more(&self, ground: &Ground<'_>, action: &str) -> bool {
        self.scope(ground, action).is_none_or(|scope| scope.open)
    }

    /// The resources that the Allows for an action name and that can be of this form.
    pub(crate) fn named(&self, ground: &Ground<'_>, action: &str, format: &str) -> Vec<String> {
        let patterns = self.scope(ground, action).map(|scope| scope.named.as_slice()).unwrap_or_default();
        let fitting = patterns.iter().filter(|pattern| pattern.can_name(format));
        let mut texts: Vec<String> = fitting
            .map(|pattern| if pattern.is_everything() { format.to_owned() } else { without_variables(pattern.text()) })
            .collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    }
}

/// A pattern with a run of anything in place of each variable.
fn without_variables(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, variable)) = rest.split_once("${") {
        text.push_str(before);
        text.push('*');
        rest = variable.split_once('}').map_or("", |(_, after)| after);
    }
    text + rest
}
