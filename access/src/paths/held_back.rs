//! A quick look at what makes every way conditional: a Deny on everything under a condition on the caller, such as one that
//! denies all without a second factor. Whoever is an administrator under that condition has no surer way then, and the
//! ways need not be judged one by one.

use probity_policy::{Document, Effect, Policies, Policy, Request, Resources, Statement, Target, Truth};

use super::ground::Ground;
use super::subject::Subject;
use crate::administrators::truth;

/// Keys, or beginnings of keys, that say nothing of what is acted upon.
const OF_THE_CALLER: &[&str] = &[
    "aws:calledvia",
    "aws:ec2instancesource",
    "aws:federatedprovider",
    "aws:multifactorauth",
    "aws:principal",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpcsourceip",
];

/// Whether a statement applies, or not, to every resource alike.
fn is_alike(statement: &Statement) -> bool {
    let everywhere = statement.resources.as_ref().is_none_or(Resources::is_everything);
    let of_caller = statement.conditions.iter().all(|condition| {
        let key = condition.key.to_lowercase();
        let plain = condition.values.iter().all(|value| !value.contains("${"));
        plain && OF_THE_CALLER.iter().any(|start| key.starts_with(start))
    });
    statement.effect == Effect::Deny && everywhere && of_caller && !statement.conditions.is_empty()
}

impl Subject<'_> {
    /// Whether a Deny under a condition that is open covers an action on everything.
    pub(crate) fn is_held_back(&self, ground: &Ground<'_>, action: &str) -> bool {
        let levels = ground.access.levels.service_control.iter().flatten().map(|source| &**source);
        let sources = self.held.iter().map(|held| &*held.source).chain(self.boundary).chain(levels);
        let documents = sources.filter_map(|source| source.document());
        documents.flat_map(|document| document.statements.iter().map(move |statement| (document, statement))).any(
            |(document, statement)| {
                is_alike(statement)
                    && statement.actions.cover(action)
                    && self.is_open(ground, document, statement, action)
            },
        )
    }

    fn is_open(&self, ground: &Ground<'_>, document: &Document, statement: &Statement, action: &str) -> bool {
        let alone = Document { statements: vec![statement.clone()], ..document.clone() };
        let alone = Policy::new("one statement", &alone);
        let policies = Policies { identity: vec![ground.everything.policy(), &alone], ..Policies::default() };
        let request = Request {
            caller: self.caller,
            action,
            resource: Target::One("*"),
            resource_account: Some(ground.access.account.as_str()),
            context: &self.context,
        };
        truth(policies.evaluate(&request).decision) == Truth::Unknown
    }
}
