//! A policy prepared for evaluation: patterns, variables and conditions are taken apart once and asked many times.

use crate::caller::{Caller, Reach};
use crate::condition::Test;
use crate::context::{Context, Keys};
use crate::document::{Actions, Condition, Document, Effect, ParseError, Position, Principals, Resources};
use crate::overlap;
use crate::template::{self, Reading, Template, Token};
use crate::truth::Truth;

/// A policy with its name, prepared.
#[derive(Clone, Debug)]
pub struct Policy {
    name: String,
    /// `None` when nobody has read it.
    statements: Option<Vec<Prepared>>,
    /// The services whose actions its Allows may cover; `None` when these are not all named.
    services: Option<Vec<String>>,
}

/// A statement, prepared.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    pub(crate) position: Position,
    principals: Option<Principals>,
    actions: Actions,
    resources: Option<PreparedResources>,
    conditions: Vec<(Condition, Test)>,
}

#[derive(Clone, Debug)]
enum PreparedResources {
    Only(Vec<Template>),
    AllBut(Vec<Template>),
}

/// What must still be found out before it is known whether a statement applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remaining<'p> {
    /// Whether this condition holds.
    Condition(&'p Condition),
    /// Whether the resource is one of the statement's: a variable in it has an unknown value, or the question names
    /// more resources than the statement covers.
    Resource,
    /// Whether the caller is the one that the statement names: a certain session of the role, or the account behind a
    /// canonical id.
    Principal,
    /// What the policy says: nobody has read it.
    Policy,
}

/// A request, as statements see it.
pub(crate) struct Asked<'r> {
    pub(crate) caller: &'r Caller,
    pub(crate) action: &'r str,
    pub(crate) resource: AskedResource<'r>,
    pub(crate) keys: &'r dyn Keys,
    pub(crate) has_boundary: bool,
}

/// The resource of a request.
pub(crate) enum AskedResource<'r> {
    One(&'r str),
    Matching(Vec<Token>),
}

/// Which resource is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'r> {
    /// This one, by its ARN; `*` for actions that have no resources.
    One(&'r str),
    /// All that match this ARN with wildcards. An answer that would differ among them is left open.
    Matching(&'r str),
}

impl<'r> Target<'r> {
    /// The ARN, with or without wildcards.
    #[must_use]
    pub fn arn(self) -> &'r str {
        match self {
            Target::One(arn) | Target::Matching(arn) => arn,
        }
    }
}

impl<'r> AskedResource<'r> {
    pub(crate) fn new(target: Target<'r>) -> AskedResource<'r> {
        match target {
            Target::One(arn) => AskedResource::One(arn),
            Target::Matching(arn) => AskedResource::Matching(arn.chars().map(Token::wild).collect()),
        }
    }

    fn matched_by(&self, template: &Template, keys: &dyn Keys) -> Truth {
        match self {
            AskedResource::One("*") => template.matches(keys, template::is_everything),
            AskedResource::One(arn) => template.matches(keys, |tokens| template::matches_arn(tokens, arn)),
            AskedResource::Matching(asked) => {
                match template.matches(keys, |tokens| overlap::covers_arn(tokens, asked)) {
                    Truth::No => match template.matches(keys, |tokens| overlap::touches_arn(tokens, asked)) {
                        Truth::No => Truth::No,
                        _ => Truth::Unknown,
                    },
                    other => other,
                }
            }
        }
    }
}

impl Policy {
    /// Prepares a document. The name is what answers call it: an ARN, or the name of an inline policy with its owner.
    #[must_use]
    pub fn new(name: impl Into<String>, document: &Document) -> Policy {
        let variables = document.version.as_deref() == Some("2012-10-17");
        let statements = document.statements.iter().map(|statement| Prepared {
            sid: statement.sid.clone(),
            effect: statement.effect,
            position: statement.position,
            principals: statement.principals.clone(),
            actions: statement.actions.clone(),
            resources: statement.resources.as_ref().map(|resources| PreparedResources::new(resources, variables)),
            conditions: statement
                .conditions
                .iter()
                .map(|condition| (condition.clone(), Test::new(condition, variables)))
                .collect(),
        });
        let statements: Vec<Prepared> = statements.collect();
        Policy { name: name.into(), services: services(&statements), statements: Some(statements) }
    }

    /// Reads and prepares a document.
    ///
    /// # Errors
    /// Those of [`Document::parse`].
    pub fn parse(name: impl Into<String>, text: &str) -> Result<Policy, ParseError> {
        Ok(Policy::new(name, &Document::parse(text)?))
    }

    /// A policy that exists and that nobody has read, or that could not be understood. It may allow or deny anything.
    #[must_use]
    pub fn unread(name: impl Into<String>) -> Policy {
        Policy { name: name.into(), statements: None, services: None }
    }

    /// What answers call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a statement allows an action on anything at all, whoever asks and whatever its conditions are. Where it does
    /// not, no question about the action is answered with yes by this policy. One that nobody has read may allow it.
    #[must_use]
    pub fn may_allow(&self, action: &str) -> bool {
        let service = action.split_once(':').map_or(action, |(service, _)| service);
        if self.services.as_ref().is_some_and(|all| !all.iter().any(|one| one.eq_ignore_ascii_case(service))) {
            return false;
        }
        self.statements.as_ref().is_none_or(|statements| {
            statements.iter().any(|statement| statement.effect == Effect::Allow && statement.actions.cover(action))
        })
    }

    /// The statements; `None` when nobody has read them.
    pub(crate) fn statements(&self) -> Option<&[Prepared]> {
        self.statements.as_deref()
    }
}

/// The services that the Allows name, each once; `None` where one of them may speak of any.
fn services(statements: &[Prepared]) -> Option<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    for statement in statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        for service in statement.actions.services()? {
            if !all.iter().any(|one| one.eq_ignore_ascii_case(service)) {
                all.push(service.to_owned());
            }
        }
    }
    Some(all)
}

impl Resources {
    /// Whether a resource is covered. `variables` says whether the document knows policy variables: those of version
    /// 2012-10-17 do.
    #[must_use]
    pub fn cover(&self, resource: Target<'_>, context: &Context, variables: bool) -> Truth {
        PreparedResources::new(self, variables).cover(&AskedResource::new(resource), context)
    }
}

impl PreparedResources {
    fn new(resources: &Resources, variables: bool) -> PreparedResources {
        let reading = Reading { wildcards: true, variables };
        let templates = resources.patterns().iter().map(|pattern| Template::new(pattern.text(), reading)).collect();
        match resources {
            Resources::Only(_) => PreparedResources::Only(templates),
            Resources::AllBut(_) => PreparedResources::AllBut(templates),
        }
    }

    fn cover(&self, resource: &AskedResource<'_>, keys: &dyn Keys) -> Truth {
        let any =
            |templates: &[Template]| Truth::any(templates.iter().map(|template| resource.matched_by(template, keys)));
        match self {
            PreparedResources::Only(templates) => any(templates),
            PreparedResources::AllBut(templates) => any(templates).negate(),
        }
    }
}

impl Prepared {
    /// Whether action, resource and conditions match, and what remains open of that. Does not look at principals.
    pub(crate) fn applies(&self, asked: &Asked<'_>) -> (Truth, Vec<Remaining<'_>>) {
        const NO: (Truth, Vec<Remaining<'_>>) = (Truth::No, Vec::new());
        if !self.actions.cover(asked.action) {
            return NO;
        }
        let mut remaining = Vec::new();
        // A trust policy has no resources: it speaks of its role.
        match self.resources.as_ref().map_or(Truth::Yes, |resources| resources.cover(&asked.resource, asked.keys)) {
            Truth::No => return NO,
            Truth::Unknown => remaining.push(Remaining::Resource),
            Truth::Yes => {}
        }
        for (condition, test) in &self.conditions {
            match test.holds(asked.keys) {
                Truth::No => return NO,
                Truth::Unknown => remaining.push(Remaining::Condition(condition)),
                Truth::Yes => {}
            }
        }
        let truth = if remaining.is_empty() { Truth::Yes } else { Truth::Unknown };
        (truth, remaining)
    }

    /// How strongly an Allow speaks of the caller. Without principals it speaks of everyone it is asked about.
    pub(crate) fn reach(&self, caller: &Caller) -> Reach {
        self.principals.as_ref().map_or(Reach::DIRECT, |principals| caller.reached_by(principals))
    }

    /// Whether a Deny means the caller.
    pub(crate) fn denies(&self, asked: &Asked<'_>) -> Truth {
        self.principals.as_ref().map_or(Truth::Yes, |principals| asked.caller.denied_by(principals, asked.has_boundary))
    }
}
