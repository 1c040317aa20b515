//! Permission sets of administrators are assigned sparingly, and to groups.
//!
//! # Why
//! Whoever is assigned an administrator's permission set is an administrator of that account on every working day. An
//! assignment to one person outlives the reason for it; one in the management account is above every guardrail.
//!
//! # Pass
//! A permission set that makes an administrator is assigned to groups only, to at most `max_principals` of them in an account,
//! and in the management account to those on the list `management_groups` only; to one, where the list is empty.
//!
//! # Fail
//! It is assigned to a user, or to more groups of an account, or in the management account to others.
//!
//! # Not applicable
//! The organization does not use IAM Identity Center, or the permission set makes no administrator.
//!
//! # Notes
//! Only the management account and the delegated administrator of IAM Identity Center can read permission sets; anywhere else
//! the check is not evaluated. What makes an administrator: `AdministratorAccess`, `IAMFullAccess`, or an inline policy that
//! allows everything or all of IAM, without a permissions boundary that limits it.
//!
//! A set that refers to customer managed policies means in each account what the policies of that name say there: whether it
//! makes an administrator is not evaluated, unless its other policies do. Names of groups are evidence where they could be
//! read.
//!
//! # Fix
//! Keep a permission set for administration apart from the one for work. Assign the former to one group that people join for
//! the occasion, and set a permissions boundary.
//!
//! # Command
//! ```sh
//! aws sso-admin list-account-assignments --instance-arn INSTANCE_ARN --account-id ACCOUNT_ID --permission-set-arn SET_ARN
//! ```

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::identity_center::{PermissionSet, ProvisionedPermissionSet};
use probity_model::facts::{AccountAssignments, IdentityStoreGroups, OrganizationMembership, PermissionSets};
use probity_model::parameter::{ListParameter, NumberParameter, ParameterSpec, Unit};
use probity_model::{AccountId, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::permission_sets::{self, Power};

const MAX_PRINCIPALS: NumberParameter = NumberParameter {
    name: "max_principals",
    default: 2,
    min: 1,
    max: 1_000,
    unit: Unit::Principals,
    source: "our own choice, in groups an account",
};
const MANAGEMENT_GROUPS: ListParameter = ListParameter {
    name: "management_groups",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's choice: names or ids of groups that administer the management account",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "identity-center-admin-assignments",
        family: Family::Federation,
        title: "Administrator permission sets are assigned sparingly and to groups",
        severity: Severity::High,
        scope: Scope::Organization,
        resource: ResourceKind::PermissionSet,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_PRINCIPALS), ParameterSpec::List(MANAGEMENT_GROUPS)],
    };
    type Facts<'s> =
        (&'s OrganizationMembership, &'s PermissionSets, &'s AccountAssignments, Option<&'s IdentityStoreGroups>);

    fn run((membership, sets, assigned, groups): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        if sets.sets.is_empty() {
            return out.whole_account().not_applicable("there are no permission sets of IAM Identity Center");
        }
        let asked = Asked {
            management: membership.organization().map(|organization| &organization.management_account),
            at_most: parameters.number(&MAX_PRINCIPALS),
            listed: parameters.list(&MANAGEMENT_GROUPS),
            groups,
        };
        for set in &sets.sets {
            asked.judge(set, assigned.of(&set.arn), out);
        }
    }
}

struct Asked<'s> {
    management: Option<&'s AccountId>,
    at_most: u32,
    listed: Vec<&'s str>,
    groups: Option<&'s IdentityStoreGroups>,
}

impl Asked<'_> {
    fn judge(&self, set: &PermissionSet, assigned: Option<&ProvisionedPermissionSet>, out: &mut Findings<'_>) {
        let power = permission_sets::power(set, out.partition());
        let subject = out.resource(set.arn.clone()).evidence("Name", &set.name);
        let by = match power {
            Power::Ordinary => return subject.not_applicable("the permission set makes no administrator"),
            Power::Perhaps(open) => {
                return subject.unclear(format!("whether the permission set makes an administrator: {open}"));
            }
            Power::Administrator(by) => by,
        };
        let subject = subject.evidence("administrator", &by);
        let Some(assigned) = assigned else {
            return subject.unclear("whom the permission set is assigned to was not read");
        };
        let mut users: BTreeSet<String> = BTreeSet::new();
        let mut by_account: BTreeMap<&AccountId, BTreeSet<String>> = BTreeMap::new();
        for one in &assigned.assignments {
            if one.principal_type == "GROUP" {
                by_account.entry(&one.account).or_default().insert(one.principal_id.clone());
            } else {
                users.insert(format!("{} in {}", one.principal_id, one.account));
            }
        }
        let mut wrong = Vec::new();
        if !users.is_empty() {
            wrong.push(format!("assigned to users: {}", Vec::from_iter(users).join(", ")));
        }
        for (account, groups) in &by_account {
            if u32::try_from(groups.len()).map_or(true, |count| count > self.at_most) {
                wrong.push(format!("assigned in {account} to {} groups, {}", groups.len(), self.named(groups)));
            }
            if Some(*account) == self.management {
                wrong.extend(self.in_management(groups));
            }
        }
        let subject = subject
            .evidence("accounts", assigned.accounts.len())
            .evidence("assignments", assigned.assignments.len())
            .evidence("groups", self.named(&by_account.into_values().flatten().collect()));
        if wrong.is_empty() {
            subject.pass(format!("the permission set makes an administrator ({by}), and few groups have it"));
        } else {
            subject.fail(format!("the permission set makes an administrator ({by}): {}", wrong.join("; ")));
        }
    }

    /// What is wrong with who has it in the management account.
    fn in_management(&self, groups: &BTreeSet<String>) -> Option<String> {
        let is_listed = |id: &&String| {
            let name = self.groups.and_then(|all| all.name(id));
            self.listed.contains(&id.as_str()) || name.is_some_and(|name| self.listed.contains(&name))
        };
        if self.listed.is_empty() {
            return (groups.len() > 1)
                .then(|| format!("assigned in the management account to more than one group, {}", self.named(groups)));
        }
        let others: BTreeSet<String> = groups.iter().filter(|id| !is_listed(id)).cloned().collect();
        (!others.is_empty()).then(|| {
            format!("assigned in the management account to groups that are not listed, {}", self.named(&others))
        })
    }

    fn named(&self, ids: &BTreeSet<String>) -> String {
        let names = ids.iter().map(|id| match self.groups.and_then(|all| all.name(id)) {
            Some(name) => format!("{name} ({id})"),
            None => id.clone(),
        });
        let names: Vec<String> = names.collect();
        if names.is_empty() { "none".into() } else { names.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::facts::identity_center::{IdentityStoreGroup, PermissionSet, PolicyReference};
    use probity_model::{Seen, Topic};

    use crate::organization_testing::member_that_may_not_read;
    use crate::permission_sets::testing::{set, with};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "identity-center-admin-assignments";
    const MEMBER: &str = "222222222222";

    fn admin(assigned: &[(&str, &str, &str)]) -> Account {
        with(&[(set("admin", &["AdministratorAccess"]), assigned)])
    }

    fn judged(assigned: &[(&str, &str, &str)]) -> Vec<Outcome> {
        outcomes(ID, admin(assigned))
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&[(MEMBER, "GROUP", "g-1"), (MEMBER, "GROUP", "g-2")]), [Pass]);
        assert_eq!(judged(&[]), [Pass], "nobody has it");
        assert_eq!(judged(&[(ACCOUNT, "GROUP", "g-1")]), [Pass], "one group administers the management account");
    }

    #[test]
    fn fail() {
        assert_eq!(judged(&[(MEMBER, "USER", "u-1")]), [Fail]);
        assert_eq!(judged(&[(MEMBER, "GROUP", "g-1"), (MEMBER, "GROUP", "g-2"), (MEMBER, "GROUP", "g-3")]), [Fail]);
        assert_eq!(judged(&[(ACCOUNT, "GROUP", "g-1"), (ACCOUNT, "GROUP", "g-2")]), [Fail]);
        let listed = [("management_groups", "g-9")];
        assert_eq!(outcomes_with(ID, &listed, admin(&[(ACCOUNT, "GROUP", "g-1")])), [Fail]);
        assert_eq!(outcomes_with(ID, &listed, admin(&[(ACCOUNT, "GROUP", "g-9")])), [Pass]);
        assert_eq!(
            outcomes_with(ID, &[("max_principals", "1")], admin(&[(MEMBER, "GROUP", "a"), (MEMBER, "GROUP", "b")])),
            [Fail]
        );
    }

    #[test]
    fn groups_may_be_listed_by_name() {
        let named = admin(&[(ACCOUNT, "GROUP", "g-1")]).facts(|facts| {
            if let Seen::Known(groups) = &mut facts.identity_store_groups {
                groups.groups.push(IdentityStoreGroup { id: "g-1".to_owned(), name: Some("platform".to_owned()) });
            }
        });
        assert_eq!(outcomes_with(ID, &[("management_groups", "platform")], named.clone()), [Pass]);
        assert!(findings(ID, named)[0].evidence.iter().any(|item| item.value == "platform (g-1)"));
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let reader = with(&[(set("read", &["ReadOnlyAccess"]), &[(MEMBER, "USER", "u-1")])]);
        assert_eq!(outcomes(ID, reader), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::PermissionSets, Topic::AccountAssignments] {
            assert_eq!(outcomes(ID, admin(&[]).deny(topic)), [NotEvaluated], "{topic}");
        }
        let lost = admin(&[]).facts(|facts| {
            if let Seen::Known(known) = &mut facts.account_assignments {
                known.sets.clear();
            }
        });
        assert_eq!(outcomes(ID, lost), [NotEvaluated]);
        assert_eq!(outcomes(ID, admin(&[]).deny(Topic::IdentityStoreGroups)), [Pass], "names are for reading only");
    }

    #[test]
    fn trap_only_the_management_account_or_the_delegated_one_can_read_it() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_the_management_account_is_judged_more_strictly() {
        let two = |account| [(account, "GROUP", "g-1"), (account, "GROUP", "g-2")];
        assert_eq!(judged(&two(MEMBER)), [Pass]);
        assert_eq!(judged(&two(ACCOUNT)), [Fail]);
    }

    #[test]
    fn trap_a_name_of_a_policy_means_another_one_in_each_account() {
        let reference = PolicyReference { name: "team-admin".to_owned(), path: "/".to_owned() };
        let own = PermissionSet { customer_managed_policies: [reference].into(), ..set("own", &[]) };
        assert_eq!(outcomes(ID, with(&[(own, &[(MEMBER, "USER", "u-1")])])), [NotEvaluated]);
    }
}
