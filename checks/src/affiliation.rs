//! How another account stands to this one: whether it belongs to the same organization.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;

use probity_model::facts::organization::OrganizationTree;
use probity_model::facts::{OrganizationMembership, OrganizationStructure};
use probity_model::{AccountId, Gap, GapKind};

use crate::trust::{Opening, Party};
use crate::trust_demands::Demands;

/// How an account stands to the one that is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Affiliation {
    /// It is the one that is judged.
    Own,
    /// It is an active account of the organization.
    Member,
    /// It is an account of the organization in this state, which is not active.
    Inactive(String),
    /// It does not belong to the organization.
    Outside,
    /// Whether it belongs to the organization was not read.
    Unknown(Gap),
}

impl Affiliation {
    /// The same in words, for evidence.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Own => "this account".into(),
            Self::Member => "account of the organization".into(),
            Self::Inactive(state) => format!("account of the organization, {state}"),
            Self::Outside => "outside".into(),
            Self::Unknown(_) => "external, membership unknown".into(),
        }
    }
}

/// Who a statement lets in from other accounts, with the demands of the statement taken into account.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outsiders {
    /// Anyone, or anyone of these foreign organizations: what lets them in, in words.
    pub(crate) crowds: BTreeSet<String>,
    /// Certain accounts.
    pub(crate) accounts: BTreeSet<AccountId>,
    /// Whether members of the own organization get in as such, of whichever account.
    pub(crate) organization: bool,
}

/// What is known of the accounts around the one that is judged.
pub(crate) struct Neighbourhood<'s> {
    own: &'s AccountId,
    membership: &'s OrganizationMembership,
    structure: Result<&'s OrganizationStructure, &'s Gap>,
}

impl<'s> Neighbourhood<'s> {
    pub(crate) fn new(
        own: &'s AccountId,
        membership: &'s OrganizationMembership,
        structure: Result<&'s OrganizationStructure, &'s Gap>,
    ) -> Self {
        Self { own, membership, structure }
    }

    /// How an account stands to the one that is judged.
    pub(crate) fn affiliation(&self, account: &AccountId) -> Affiliation {
        if account == self.own {
            return Affiliation::Own;
        }
        let Some(organization) = self.membership.organization() else { return Affiliation::Outside };
        // The management account is the one that cannot be suspended without the whole organization.
        if *account == organization.management_account {
            return Affiliation::Member;
        }
        match self.tree() {
            Err(gap) => Affiliation::Unknown(gap),
            Ok(tree) => match tree.accounts.iter().find(|entry| entry.id == *account) {
                None => Affiliation::Outside,
                Some(entry) if entry.state == "ACTIVE" => Affiliation::Member,
                Some(entry) => Affiliation::Inactive(entry.state.clone()),
            },
        }
    }

    /// The tree of the organization. One that lacks the account itself is not the whole of it.
    fn tree(&self) -> Result<&'s OrganizationTree, Gap> {
        match self.structure {
            Err(gap) => Err(gap.clone()),
            Ok(OrganizationStructure::Tree(tree)) if tree.accounts.iter().any(|entry| entry.id == *self.own) => {
                Ok(tree)
            }
            Ok(_) => Err(Gap {
                kind: GapKind::Undecided,
                operation: None,
                region: None,
                code: None,
                message: "the list of the organization's accounts lacks this account".into(),
            }),
        }
    }

    /// The organization's id, where there is one.
    fn organization(&self) -> Option<&'s str> {
        self.membership.organization().map(|organization| organization.id.as_str())
    }

    /// Who gets in from other accounts through a statement. Whoever must belong to the own organization is none.
    pub(crate) fn outsiders(&self, opening: &Opening<'_>) -> Outsiders {
        let demands = opening.demands();
        let mut found = Outsiders::default();
        for party in opening.parties() {
            match party {
                Party::Anyone | Party::AnyoneBut => match (demands.accounts(), demands.organizations()) {
                    (Some(accounts), _) => found.accounts.extend(accounts),
                    (None, Some(ids)) => {
                        found.crowds.extend(ids.iter().map(|id| format!("every account of the organization {id}")));
                    }
                    (None, None) => {
                        found.crowds.insert("any account".into());
                    }
                },
                Party::Account(account) | Party::Principal(account, _) => {
                    if demands.accounts().is_none_or(|accounts| accounts.contains(&account)) {
                        found.accounts.insert(account);
                    }
                }
                Party::Deleted(_) | Party::Service(_) | Party::Provider(_) | Party::Unclear(_) => {}
            }
        }
        found.accounts.remove(self.own);
        if !found.is_empty() && self.demand_own_organization(&demands) {
            return Outsiders { organization: true, ..Outsiders::default() };
        }
        found
    }

    /// Whether callers must belong to the organization of the account.
    fn demand_own_organization(&self, demands: &Demands<'_>) -> bool {
        let ids = demands.organizations();
        ids.is_some_and(|ids| self.organization().is_some_and(|own| ids.iter().all(|id| id == own)))
    }
}

impl Outsiders {
    /// Whether nobody from outside the account gets in.
    pub(crate) fn is_empty(&self) -> bool {
        self.crowds.is_empty() && self.accounts.is_empty() && !self.organization
    }

    /// All of several statements.
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.crowds.extend(other.crowds);
        self.accounts.extend(other.accounts);
        self.organization |= other.organization;
        self
    }
}

/// The gap in place of the answer whether an account belongs to the organization.
pub(crate) fn unknown(account: &AccountId, gap: &Gap) -> Gap {
    let message = format!(
        "the account {account} is external, and whether it belongs to the organization is not known: {}",
        gap.message
    );
    Gap { message, ..gap.clone() }
}
