//! The accounts of an organization that its policies bind, one by one, for the checks that judge them.
//!
//! Which accounts are not judged, and what is said where the policies are not in force at all, is the same for all of them.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::{Organization, OrganizationAccount, OrganizationPolicyKind, OrganizationTree};
use probity_model::facts::{OrganizationMembership, OrganizationPolicies, OrganizationStructure};
use probity_model::{Findings, Partition, ResourceKind, Subject};

use crate::denial::Allowing;
use crate::guardrails::{Attachable, Guardrails};

/// What must have been read.
pub(crate) type Read<'s> = (&'s OrganizationMembership, &'s OrganizationStructure, &'s OrganizationPolicies);

/// An organization with its accounts and its policies of one kind.
pub(crate) struct Members<'s> {
    pub(crate) organization: &'s Organization,
    pub(crate) tree: &'s OrganizationTree,
    pub(crate) policies: Vec<Attachable<'s>>,
    kind: OrganizationPolicyKind,
    allowing: Allowing,
}

/// An account that the policies bind, with those in force.
pub(crate) struct Member<'m> {
    pub(crate) account: &'m OrganizationAccount,
    pub(crate) organization: &'m Organization,
    pub(crate) partition: &'m Partition,
    /// The ids from the root down to the account.
    pub(crate) path: Vec<&'m str>,
    pub(crate) guardrails: Guardrails<'m>,
    pub(crate) allowing: &'m Allowing,
}

impl<'s> Members<'s> {
    /// The organization; where there is none to judge, that is said instead.
    pub(crate) fn of(
        (membership, structure, policies): Read<'s>,
        kind: OrganizationPolicyKind,
        out: &mut Findings<'_>,
    ) -> Option<Self> {
        let Some(organization) = membership.organization() else {
            out.whole_account().not_applicable("the account is in no organization");
            return None;
        };
        // Otherwise a thousand accounts would each judge a thousand.
        if out.is_told() {
            out.whole_account().not_applicable(
                "what binds the members of the organization is judged once, in another of its accounts",
            );
            return None;
        }
        let (OrganizationStructure::Tree(tree), OrganizationPolicies::Policies(policies)) = (structure, policies)
        else {
            out.whole_account().unclear("the account is in an organization whose tree or policies do not exist");
            return None;
        };
        if tree.accounts.is_empty() {
            out.whole_account()
                .unclear("the tree of the organization holds no account, not even the management account");
            return None;
        }
        Some(Self {
            organization,
            tree,
            policies: Attachable::of(policies, &kind),
            kind,
            allowing: Allowing::everything(),
        })
    }

    /// Whether the kind of policies is enabled.
    pub(crate) fn are_enabled(&self) -> bool {
        self.tree.enabled_policy_types.contains(self.kind.api_name())
    }

    /// What the policies are called.
    pub(crate) fn called(&self) -> &'static str {
        match self.kind {
            OrganizationPolicyKind::ServiceControl => "service control policies",
            OrganizationPolicyKind::ResourceControl => "resource control policies",
            OrganizationPolicyKind::Other(_) => "policies",
        }
    }

    /// Why an account is not judged.
    pub(crate) fn exemption(&self, account: &OrganizationAccount) -> Option<String> {
        if account.id == self.organization.management_account {
            let one = self.called().replace("policies", "policy");
            return Some(format!("no {one} restricts the management account"));
        }
        (!account.is_in_use()).then(|| "the account is suspended, closed or about to be".into())
    }

    /// The policies that bind an account; nothing where the path to it does not begin at the root.
    pub(crate) fn member<'m>(
        &'m self,
        account: &'m OrganizationAccount,
        partition: &'m Partition,
    ) -> Option<Member<'m>> {
        let path = self.tree.path_of(&account.id);
        let guardrails = Guardrails::on(&path, &self.policies);
        let rooted = path.first() == Some(&self.tree.root.as_str());
        rooted.then_some(Member {
            account,
            organization: self.organization,
            partition,
            path,
            guardrails,
            allowing: &self.allowing,
        })
    }

    /// The accounts that are bound, those whose place in the tree is known.
    pub(crate) fn bound<'m>(&'m self, partition: &'m Partition) -> impl Iterator<Item = Member<'m>> {
        let bound = self.tree.accounts.iter().filter(|account| self.exemption(account).is_none());
        bound.filter_map(move |account| self.member(account, partition))
    }

    /// Judges every account that is bound. Where the policies are not enabled, the organization fails once.
    pub(crate) fn judge(&self, out: &mut Findings<'_>, mut judge: impl FnMut(&Member<'_>, Subject<'_, '_>)) {
        let enabled = self.are_enabled();
        let mut not_bound = 0_usize;
        let partition = out.partition();
        for account in &self.tree.accounts {
            if let Some(reason) = self.exemption(account) {
                out.resource(account.arn.clone()).evidence("State", &account.state).not_applicable(reason);
                continue;
            }
            if !enabled {
                not_bound += 1;
                continue;
            }
            let path = self.tree.path_of(&account.id).join("/");
            let subject = out.resource(account.arn.clone()).evidence("State", &account.state).evidence("path", path);
            match self.member(account, partition) {
                None => subject.unclear("the path from the account up does not end at the root of the organization"),
                Some(member) => {
                    let subject = subject.evidence("effective_policies", member.policies());
                    judge(&member, subject);
                }
            }
        }
        if not_bound > 0 {
            let types: Vec<&str> = self.tree.enabled_policy_types.iter().map(String::as_str).collect();
            out.resource(self.organization.arn.clone())
                .kind(ResourceKind::Organization)
                .evidence("PolicyTypes", if types.is_empty() { "none".into() } else { types.join(", ") })
                .fail(format!(
                    "{} are not enabled; the number of member accounts they could restrict is {not_bound}",
                    self.called()
                ));
        }
    }
}

impl Member<'_> {
    /// The names of the policies in force, each once.
    pub(crate) fn policies(&self) -> String {
        let names: BTreeSet<String> =
            self.guardrails.policies().map(|policy| format!("{} ({})", policy.name, policy.id)).collect();
        if names.is_empty() { "none".into() } else { Vec::from_iter(names).join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::builder::Account;
    use probity_model::{Evidence, Outcome};

    use crate::Settings;
    use crate::registry;

    #[test]
    fn an_account_that_was_told_of_its_organization_does_not_judge_the_others() {
        let snapshot = Account::new().organization().build();
        for id in
            ["org-scp-restrict-root", "org-scp-protect-security-services", "org-scp-restrict-long-term-credentials"]
        {
            let entry = registry::find(id).expect("the check");
            let evidence = Evidence::new(&snapshot).told(true);
            let found = entry.judge(&evidence, &Settings::default().parameters(entry));
            let told: Vec<_> = found.iter().map(|one| (one.outcome, one.message.contains("judged once"))).collect();
            assert_eq!(told, [(Outcome::NotApplicable, true)], "{id}: {found:#?}");
        }
    }
}
