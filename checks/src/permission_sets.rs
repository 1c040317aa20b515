//! What a permission set of IAM Identity Center amounts to, and how long its sessions last.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::identity_center::{PermissionSet, PermissionSetBoundary};
use probity_model::{Arn, Partition};
use probity_policy::{Actions, Effect};

use crate::everything;

/// AWS managed policies that make an administrator: by every action, or by control of IAM.
const ADMINISTRATIVE: [&str; 2] = ["AdministratorAccess", "IAMFullAccess"];
/// One that limits nothing when it is a permissions boundary.
const EVERYTHING: &str = "AdministratorAccess";

/// Whether who has a permission set is an administrator of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// For sure; with what makes it so.
    Administrator(String),
    /// That hangs on policies which each account has of its own; with which.
    Perhaps(String),
    /// Not.
    Ordinary,
}

/// What a permission set amounts to in any account.
pub(crate) fn power(set: &PermissionSet, partition: &Partition) -> Power {
    let by = match made_by(set, partition) {
        Some(by) => by,
        None if set.customer_managed_policies.is_empty() => return Power::Ordinary,
        None => {
            let names: Vec<&str> = set.customer_managed_policies.iter().map(|one| one.name.as_str()).collect();
            return Power::Perhaps(format!(
                "each account has policies of its own under the names that the set refers to: {}",
                names.join(", ")
            ));
        }
    };
    match &set.boundary {
        None => Power::Administrator(by),
        Some(PermissionSetBoundary::AwsManaged(arn)) if name(arn) == EVERYTHING => Power::Administrator(by),
        Some(PermissionSetBoundary::AwsManaged(_)) => Power::Ordinary,
        Some(PermissionSetBoundary::CustomerManaged(reference)) => Power::Perhaps(format!(
            "{by}, and each account has a permissions boundary of its own under the name {}",
            reference.name
        )),
    }
}

/// What makes an administrator of who has the set, where nothing limits it.
fn made_by(set: &PermissionSet, partition: &Partition) -> Option<String> {
    if let Some(arn) = set.aws_managed_policies.iter().find(|arn| ADMINISTRATIVE.contains(&name(arn))) {
        return Some(format!("it has {}", name(arn)));
    }
    let document = probity_access::read(set.inline_policy.as_ref()?).ok()?;
    if let Some(how) = everything::of(document, partition) {
        return Some(format!("in its inline policy, {how}"));
    }
    let controls_iam = document.statements.iter().any(|statement| {
        let all = matches!(&statement.actions, Actions::Only(patterns)
            if patterns.iter().any(|one| one.text().eq_ignore_ascii_case("iam:*")));
        let everywhere = statement.resources.as_ref().is_some_and(probity_policy::Resources::is_everything);
        statement.effect == Effect::Allow && all && everywhere && statement.conditions.is_empty()
    });
    controls_iam.then(|| "its inline policy gives control of IAM".into())
}

/// The name of a managed policy, without its path.
fn name(arn: &Arn) -> &str {
    arn.resource().rsplit('/').next().unwrap_or_default()
}

/// The seconds of a duration as AWS writes it (ISO 8601): `PT4H`, `PT1H30M`, `P1D`.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
    if rest.is_empty() || rest.ends_with('T') {
        return None;
    }
    let date = parts(days, &[('W', 604_800), ('D', 86_400)])?;
    let time = parts(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    date.checked_add(time)
}

/// The sum of numbers, each with its unit behind it; each unit at most once, and in their order.
fn parts(text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut rest = text;
    let mut sum: u64 = 0;
    for (unit, worth) in units {
        if let Some((number, after)) = rest.split_once(*unit) {
            sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(*worth)?)?;
            rest = after;
        }
    }
    rest.is_empty().then_some(sum)
}

/// Permission sets for tests.
#[cfg(test)]
pub(crate) mod testing {
    use std::borrow::ToOwned;
    use std::format;
    use std::vec::Vec;

    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::facts::identity_center::{AccountAssignment, PermissionSet, ProvisionedPermissionSet};
    use probity_model::facts::identity_providers::IdentityCenterInstance;
    use probity_model::{AccountId, Arn, Region, Seen};

    pub(crate) const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-0123456789abcdef";

    /// A permission set with AWS managed policies and a session of an hour.
    pub(crate) fn set(name: &str, policies: &[&str]) -> PermissionSet {
        PermissionSet {
            arn: Arn::new(format!("arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-{name}")),
            instance: Arn::new(INSTANCE),
            name: name.to_owned(),
            session_duration: Some("PT1H".to_owned()),
            created_at: None,
            inline_policy: None,
            aws_managed_policies: policies
                .iter()
                .map(|policy| Arn::new(format!("arn:aws:iam::aws:policy/{policy}")))
                .collect(),
            customer_managed_policies: Vec::new(),
            boundary: None,
        }
    }

    /// An organization with an instance of IAM Identity Center that the account manages, and these sets; each with whom it
    /// is assigned to: the account, `GROUP` or `USER`, and the id.
    #[allow(clippy::type_complexity, reason = "it is written out where it is called, too")]
    pub(crate) fn with(sets: &[(PermissionSet, &[(&str, &str, &str)])]) -> Account {
        Account::new().management_account().facts(|facts| {
            if let Seen::Known(center) = &mut facts.identity_center_instances {
                center.instances.push(IdentityCenterInstance {
                    arn: Arn::new(INSTANCE),
                    region: Region::try_from("eu-central-1").expect("a Region"),
                    owner: Some(ACCOUNT.to_owned()),
                    identity_store: Some("d-0123456789".to_owned()),
                    status: Some("ACTIVE".to_owned()),
                });
            }
            if let Seen::Known(known) = &mut facts.permission_sets {
                known.sets.extend(sets.iter().map(|(set, _)| set.clone()));
            }
            if let Seen::Known(known) = &mut facts.account_assignments {
                known.sets.extend(sets.iter().map(|(set, assigned)| {
                    let assignments = assigned.iter().map(|(account, kind, id)| AccountAssignment {
                        account: AccountId::try_from(*account).expect("an id"),
                        principal_type: (*kind).to_owned(),
                        principal_id: (*id).to_owned(),
                    });
                    let assignments: Vec<AccountAssignment> = assignments.collect();
                    let mut accounts: Vec<AccountId> = assignments.iter().map(|one| one.account.clone()).collect();
                    accounts.dedup();
                    ProvisionedPermissionSet { permission_set: set.arn.clone(), accounts, assignments }
                }));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::identity_center::PolicyReference;

    use super::testing::set;
    use super::*;

    fn of(set: &PermissionSet) -> Power {
        power(set, &Partition::new("aws"))
    }

    fn inline(statement: &str) -> PermissionSet {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        PermissionSet { inline_policy: Some(DocumentText::new(text)), ..set("one", &[]) }
    }

    #[test]
    fn administrators_are_known_by_what_the_set_grants() {
        for policy in ["AdministratorAccess", "IAMFullAccess"] {
            assert_eq!(
                of(&set("any name", &["ReadOnlyAccess", policy])),
                Power::Administrator(format!("it has {policy}"))
            );
        }
        assert_eq!(of(&set("AdministratorAccess", &["ReadOnlyAccess"])), Power::Ordinary, "its own name says nothing");
        let everything = inline(r#"{"Effect":"Allow","Action":"*:*","Resource":"*"}"#);
        assert!(matches!(of(&everything), Power::Administrator(_)));
        assert!(matches!(
            of(&inline(r#"{"Effect":"Allow","Action":"IAM:*","Resource":"*"}"#)),
            Power::Administrator(_)
        ));
        assert_eq!(of(&inline(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#)), Power::Ordinary);
    }

    #[test]
    fn what_each_account_has_of_its_own_leaves_it_open() {
        let reference = || PolicyReference { name: "team".to_owned(), path: "/".to_owned() };
        let own = PermissionSet { customer_managed_policies: [reference()].into(), ..set("one", &[]) };
        assert!(matches!(of(&own), Power::Perhaps(_)));
        let admin = PermissionSet { customer_managed_policies: [reference()].into(), ..set("one", &["IAMFullAccess"]) };
        assert!(matches!(of(&admin), Power::Administrator(_)), "whatever the other one says");
        let limited = |boundary| PermissionSet { boundary: Some(boundary), ..set("one", &["AdministratorAccess"]) };
        assert!(matches!(of(&limited(PermissionSetBoundary::CustomerManaged(reference()))), Power::Perhaps(_)));
        let aws = |name: &str| PermissionSetBoundary::AwsManaged(Arn::new(format!("arn:aws:iam::aws:policy/{name}")));
        assert_eq!(of(&limited(aws("PowerUserAccess"))), Power::Ordinary);
        assert!(matches!(of(&limited(aws("AdministratorAccess"))), Power::Administrator(_)));
    }

    #[test]
    fn durations_are_read_as_iso_8601_writes_them() {
        for (text, expected) in [
            ("PT4H", Some(14_400)),
            ("PT1H30M", Some(5_400)),
            ("PT45M", Some(2_700)),
            ("PT12H0M5S", Some(43_205)),
            ("P1D", Some(86_400)),
            ("P1DT1H", Some(90_000)),
            ("", None),
            ("P", None),
            ("PT", None),
            ("4H", None),
            ("PT4", None),
            ("PT4X", None),
            ("PT1M4H", None),
            ("PT99999999999999999999H", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
