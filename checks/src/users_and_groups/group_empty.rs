//! Groups have members.
//!
//! # Why
//! A group without members grants nothing today. It waits for whoever may add users to it, with all the permissions that
//! somebody once meant for people who are gone.
//!
//! # Pass
//! The group has at least one user.
//!
//! # Fail
//! The group has no user and was created at least `min_age_days` days ago.
//!
//! # Not applicable
//! The group has no user and is younger than `min_age_days` days.
//!
//! # Notes
//! AWS tells no date on which the last member left: the age is that of the group.
//!
//! Some groups are empty on purpose, where people are added for an hour and taken out again: note an exception for them.
//! Who may add users to such a group (`iam:AddUserToGroup`) has its permissions; `attached_policies` and `inline_policies`
//! in the evidence tell what these come from.
//!
//! # Fix
//! Take the policies off the group and delete it, or write down why it is kept and who may add users to it.
//!
//! # Command
//! ```sh
//! aws iam delete-group --group-name GROUP_NAME
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Group;
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::access_keys::days_ago;

const MIN_AGE_DAYS: NumberParameter = NumberParameter {
    name: "min_age_days",
    default: 30,
    min: 0,
    max: 3_650,
    unit: Unit::Days,
    source: "our own choice: time to fill a new group",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "group-empty",
        family: Family::UsersAndGroups,
        title: "IAM groups have members",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::IamGroup,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MIN_AGE_DAYS)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let min_age = parameters.number(&MIN_AGE_DAYS);
        let mut members: BTreeMap<&str, usize> = BTreeMap::new();
        for group in details.users.iter().flat_map(|user| &user.groups) {
            *members.entry(group).or_default() += 1;
        }
        for group in &details.groups {
            judge(group, members.get(group.name.as_str()).copied().unwrap_or_default(), min_age, out);
        }
    }
}

fn judge(group: &Group, members: usize, min_age: u32, out: &mut Findings<'_>) {
    let age = group.created_at.and_then(|created| days_ago(out, created));
    let mut subject = out.resource(group.arn.clone()).evidence("members", members);
    if let Some(created) = group.created_at {
        subject = subject.evidence("create_date", created);
    }
    subject = subject.evidence(MIN_AGE_DAYS.name, min_age);
    let attached: Vec<_> = group.attached_policies.iter().map(|policy| policy.name.as_str()).collect();
    let inline: Vec<_> = group.inline_policies.iter().map(|policy| policy.name.as_str()).collect();
    for (key, mut names) in [("attached_policies", attached), ("inline_policies", inline)] {
        names.sort_unstable();
        subject = subject.evidence(key, names.join(", "));
    }
    let policies = group.attached_policies.len() + group.inline_policies.len();
    match (members, age) {
        (1.., _) => subject.pass(format!("{members} of the users are in the group")),
        (0, None) => subject.unclear("the group is empty, and no date tells when it was created, or it lies ahead"),
        (0, Some(days)) if days < i64::from(min_age) => subject.not_applicable(format!(
            "the group is empty and {days} days old; groups are judged from {min_age} days on"
        )),
        (0, Some(days)) if policies == 0 => subject.fail(format!(
            "the group is empty and {days} days old, and has no policies; empty groups are allowed until {min_age} days"
        )),
        (0, Some(days)) => subject.fail(format!(
            "the group is empty and {days} days old, and whoever is added to it gets what its policies grant; empty \
             groups are allowed until {min_age} days"
        )),
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, GroupBuilder};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "group-empty";

    fn group(change: impl FnOnce(GroupBuilder) -> GroupBuilder) -> Account {
        Account::new().group("developers", change)
    }

    fn empty(age: i64) -> Account {
        group(|group| group.created_days_ago(age))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, empty(200).user("anna", |user| user.group("developers"))), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, empty(200)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(
            finding.message,
            "the group is empty and 200 days old, and has no policies; empty groups are allowed until 30 days"
        );
    }

    #[test]
    fn members_of_another_group_do_not_count() {
        assert_eq!(outcomes(ID, empty(200).user("anna", |user| user.group("developers-old"))), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, empty(1)), [NotApplicable]);
    }

    #[test]
    fn a_group_has_until_the_least_age_to_be_filled() {
        assert_eq!(outcomes(ID, empty(29)), [NotApplicable]);
        assert_eq!(outcomes(ID, empty(30)), [Fail]);
        assert_eq!(outcomes_with(ID, &[("min_age_days", "201")], empty(200)), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("min_age_days", "0")], empty(0)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, empty(200).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, empty(-2)), [NotEvaluated]);
        let undated = || {
            group(|mut group| {
                group.details.created_at = None;
                group
            })
        };
        assert_eq!(outcomes(ID, undated()), [NotEvaluated]);
        assert_eq!(outcomes(ID, undated().user("anna", |user| user.group("developers"))), [Pass]);
    }

    /// Groups that are filled for an hour at a time are for an exception. The verdict says what is at stake.
    #[test]
    fn trap_an_empty_group_with_policies_is_a_way_to_get_them() {
        let elevation = group(|group| group.attached("AdministratorAccess").inline("extra", "{}"));
        let [finding] = findings(ID, elevation).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.contains("whoever is added to it gets what its policies grant"), "{}", finding.message);
        let value = |key| finding.evidence.iter().find(|item| item.key == key).map(|item| item.value.as_str());
        assert_eq!(value("attached_policies"), Some("AdministratorAccess"));
        assert_eq!(value("inline_policies"), Some("extra"));
    }
}
