//! Whom or what a path leads to, and who is there already.

use probity_model::AccountId;
use probity_policy::{Policies, Policy, Request, Target};

use super::Certainty;
use super::graph::{Graph, Lands, Place};
use super::node::Node;
use super::subject::Subject;
use super::verdict::Verdict;
use crate::decide::{Decision, refer};
use crate::index::Access;
use crate::principal::Principal;

/// Where a path should lead.
#[derive(Clone, Copy, Debug)]
pub enum Goal<'g> {
    /// Any administrator, by the definition of [`Access::administrators`].
    Administrator,
    /// An administrator of this account.
    AdministratorOf(&'g AccountId),
    /// This user or role.
    Principal(&'g Principal),
    /// Anyone who may do this action on this resource, such as reading the objects of a bucket.
    Access {
        /// The action, such as `s3:GetObject`.
        action: &'g str,
        /// The resource, or those that match.
        resource: Target<'g>,
    },
}

impl Graph {
    /// For every place how sure it is that the goal is reached there.
    pub(super) fn reached(&self, accounts: &[Access], lands: &Lands<'_, '_>, goal: Goal<'_>) -> Vec<Option<Certainty>> {
        let places = self.places.iter().zip(&self.rules);
        let is_in = |place: &Place, account: &AccountId| {
            accounts.get(place.account).is_some_and(|access| access.account == *account)
        };
        match goal {
            Goal::Administrator => self.rules.clone(),
            Goal::AdministratorOf(account) => {
                places.map(|(place, rules)| rules.filter(|_| is_in(place, account))).collect()
            }
            Goal::Principal(principal) => {
                let wanted = accounts.iter().enumerate().find_map(|(number, access)| {
                    access.by_arn.get(principal.arn().as_str()).map(|principal| (number, *principal))
                });
                let is_it = |place: &Place| match &place.node {
                    Node::Principal(number, _) => Some((place.account, *number)) == wanted,
                    Node::Fresh => false,
                };
                places.map(|(place, _)| is_it(place).then_some(Certainty::Certain)).collect()
            }
            Goal::Access { action, resource } => self
                .places
                .iter()
                .map(|place| may(accounts, lands, place, action, resource).and_then(|(verdict, _)| verdict.certainty()))
                .collect(),
        }
    }
}

/// Whether whoever stands at a place may do an action on a resource, of whatever account.
pub(super) fn may(
    accounts: &[Access],
    lands: &Lands<'_, '_>,
    place: &Place,
    action: &str,
    resource: Target<'_>,
) -> Option<(Verdict, Decision)> {
    let (ground, fresh) = (lands.grounds.get(place.account)?, lands.fresh.get(place.account)?);
    let subject = Subject::new(ground, &place.node, fresh)?;
    let owner = accounts.iter().find_map(|access| Some((access, access.resource_policy(resource.arn())?)));
    let elsewhere = ground.access.own_policy(action, resource.arn());
    let own: Option<&Policy> = match &owner {
        Some((_, source)) => Some(source.policy()),
        None => elsewhere.as_ref().map(|own| own.policy()),
    };
    let ready = subject.ready(ground);
    let policies = Policies { resource: own, ..ready.policies.clone() };
    let policies = match &owner {
        Some((access, _)) => Policies { resource_control: refer(&access.levels.resource_control), ..policies },
        None => policies,
    };
    let answer = policies.evaluate(&Request {
        caller: subject.caller,
        action,
        resource,
        resource_account: owner.map(|(access, _)| access.account.as_str()),
        context: &subject.context,
    });
    let verdict = Verdict::of(&answer);
    let aside = own.is_none() && ground.access.may_have_policy(resource.arn());
    Some((verdict, Decision::of(answer, aside)))
}
