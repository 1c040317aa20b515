//! Organizational units keep environments apart.
//!
//! # Why
//! Guardrails are attached to units. Where production and experiments hang in one unit, or straight under the root, the same
//! rules hold for both: too loose for the one, or too tight for the other.
//!
//! # Pass
//! No more than `max_accounts_under_root` active accounts hang straight under the root, and no unit holds both an account
//! that is of production by its name and one that is not.
//!
//! # Fail
//! More accounts hang under the root, or a unit mixes them.
//!
//! # Not applicable
//! The account is in no organization, or the organization has two member accounts or fewer.
//!
//! # Notes
//! Only the management account and a delegated administrator can read the tree; anywhere else the check is not evaluated.
//! What an account is for, AWS does not know. It is read from the account's name, by the patterns `production_names` and
//! `other_names` (where both match, the latter count); where neither matches the names of half of the accounts or more, a
//! person must look.
//!
//! # Fix
//! Make units for security, infrastructure, production, what leads up to it, and experiments; move the accounts there.
//!
//! # Command
//! ```sh
//! aws organizations move-account --account-id ACCOUNT_ID --source-parent-id ROOT_ID --destination-parent-id UNIT_ID
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationAccount;
use probity_model::facts::{OrganizationMembership, OrganizationStructure};
use probity_model::parameter::{ListParameter, NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::Pattern;

const MAX_UNDER_ROOT: NumberParameter = NumberParameter {
    name: "max_accounts_under_root",
    default: 1,
    min: 0,
    max: 1_000,
    unit: Unit::Accounts,
    source: "our own choice: the management account itself",
};
const PRODUCTION: ListParameter = ListParameter {
    name: "production_names",
    default: &["*prod*", "*live*"],
    choices: &[],
    unit: Unit::Globs,
    source: "our own choice",
};
const OTHER: ListParameter = ListParameter {
    name: "other_names",
    default: &[
        "*non*prod*",
        "*pre*prod*",
        "*stag*",
        "*dev*",
        "*test*",
        "*qa*",
        "*sandbox*",
        "*security*",
        "*audit*",
        "*log*",
        "*backup*",
        "*infra*",
        "*network*",
        "*shared*",
    ],
    choices: &[],
    unit: Unit::Globs,
    source: "our own choice: what is not production",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-ou-structure",
        family: Family::Organizations,
        title: "OUs separate environments and sensitivity",
        severity: Severity::Info,
        scope: Scope::Organization,
        resource: ResourceKind::Organization,
        automation: Automation::Partial,
        since: "0.1.0",
        parameters: &[
            ParameterSpec::Number(MAX_UNDER_ROOT),
            ParameterSpec::List(PRODUCTION),
            ParameterSpec::List(OTHER),
        ],
    };
    type Facts<'s> = (&'s OrganizationMembership, &'s OrganizationStructure);

    fn run((membership, structure): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is in no organization");
        };
        let OrganizationStructure::Tree(tree) = structure else {
            return out.whole_account().unclear("the account is in an organization whose tree does not exist");
        };
        let subject = out.resource(organization.arn.clone());
        if tree.accounts.is_empty() {
            return subject.unclear("the tree of the organization holds no account, not even the management account");
        }
        let active: Vec<&OrganizationAccount> = tree.accounts.iter().filter(|one| one.is_in_use()).collect();
        let members = active.iter().filter(|one| one.id != organization.management_account).count();
        let under_root: Vec<String> =
            active.iter().filter(|one| one.parent == tree.root).map(|one| named(one)).collect();
        let subject = subject
            .evidence("accounts", active.len())
            .evidence("organizational_units", tree.units.len())
            .evidence("accounts_under_root", under_root.join(", "));
        if members <= 2 {
            return subject.not_applicable(format!("member accounts: {members}, too few to keep apart"));
        }
        let names = Names { production: patterns(parameters, &PRODUCTION), other: patterns(parameters, &OTHER) };
        let mixed: Vec<String> = tree
            .units
            .iter()
            .filter(|unit| names.mix(active.iter().copied().filter(|one| one.parent == unit.id)))
            .map(|unit| format!("{} ({})", unit.name, unit.id))
            .collect();
        let unclear = active.iter().filter(|one| one.id != organization.management_account);
        let unclear: Vec<String> =
            unclear.filter(|one| names.is_production(one).is_none()).map(|one| named(one)).collect();
        let at_most = parameters.number(&MAX_UNDER_ROOT);
        let too_many = u32::try_from(under_root.len()).is_ok_and(|count| count > at_most);
        match (too_many, mixed.is_empty()) {
            (true, _) => subject.fail(format!(
                "accounts straight under the root: {}; at most {at_most} should be",
                under_root.join(", ")
            )),
            (false, false) => subject
                .fail(format!("units that hold accounts of production and others, by their names: {}", mixed.join(", "))),
            (false, true) if unclear.len() * 2 >= members => subject.manual(format!(
                "the accounts hang in units; see whether those keep environments apart, since the names do not tell what \
                 these are for: {}",
                unclear.join(", ")
            )),
            (false, true) => subject.pass("the accounts hang in units, and none mixes environments by their names"),
        }
    }
}

fn named(account: &OrganizationAccount) -> String {
    format!("{} ({})", account.name, account.id)
}

fn patterns(parameters: &Parameters, list: &ListParameter) -> Vec<Pattern> {
    parameters.list(list).into_iter().map(Pattern::new).collect()
}

/// What names mean.
struct Names {
    production: Vec<Pattern>,
    other: Vec<Pattern>,
}

impl Names {
    /// Whether an account is of production; nothing where its name does not tell.
    fn is_production(&self, account: &OrganizationAccount) -> Option<bool> {
        let matches = |patterns: &[Pattern]| patterns.iter().any(|one| one.matches_ignoring_case(&account.name));
        match (matches(&self.other), matches(&self.production)) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    }

    fn mix<'a>(&self, accounts: impl Iterator<Item = &'a OrganizationAccount>) -> bool {
        let mut kinds: BTreeMap<bool, usize> = BTreeMap::new();
        for kind in accounts.filter_map(|account| self.is_production(account)) {
            *kinds.entry(kind).or_default() += 1;
        }
        kinds.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, Manual, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::facts::organization::OrganizationAccount;

    use crate::organization_testing::{Policies, account, member_that_may_not_read, unit};
    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "org-ou-structure";

    fn with(members: &[(&str, &str)]) -> Account {
        let ids = ["222222222222", "333333333333", "444444444444", "555555555555"];
        let members = ids.iter().zip(members).map(|(id, (name, parent))| account(id, name, parent, "ACTIVE"));
        let all: Vec<OrganizationAccount> =
            [account(ACCOUNT, "main", "r-root", "ACTIVE")].into_iter().chain(members).collect();
        Policies::new()
            .tree(|tree| {
                tree.units = ["ou-prod", "ou-dev"].map(|id| unit(id, "r-root")).into();
                tree.accounts = all;
            })
            .account()
    }

    fn judged(members: &[(&str, &str)]) -> Vec<Outcome> {
        outcomes(ID, with(members))
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&[("shop-prod", "ou-prod"), ("shop-dev", "ou-dev"), ("shop-test", "ou-dev")]), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(judged(&[("shop-prod", "r-root"), ("shop-dev", "ou-dev"), ("shop-test", "ou-dev")]), [Fail]);
        assert_eq!(judged(&[("shop-prod", "ou-dev"), ("shop-dev", "ou-dev"), ("shop-test", "ou-dev")]), [Fail]);
        let allowed = [("max_accounts_under_root", "2")];
        let flat = with(&[("shop-prod", "r-root"), ("shop-dev", "ou-dev"), ("shop-test", "ou-dev")]);
        assert_eq!(outcomes_with(ID, &allowed, flat), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(judged(&[("shop-prod", "r-root"), ("shop-dev", "r-root")]), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        let tidy = || with(&[("a", "ou-prod"), ("b", "ou-dev"), ("c", "ou-dev")]);
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure] {
            assert_eq!(outcomes(ID, tidy().deny(topic)), [NotEvaluated], "{topic}");
        }
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_tree_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_what_an_account_is_for_cannot_be_read() {
        assert_eq!(judged(&[("red", "ou-prod"), ("green", "ou-dev"), ("blue", "ou-dev")]), [Manual]);
        assert_eq!(judged(&[("Shop Production", "ou-prod"), ("Preprod", "ou-dev"), ("nonprod", "ou-dev")]), [Pass]);
    }
}
