//! Who has which managed policy: the same as the principals tell, seen from the policies.

use std::collections::{HashMap, HashSet};

use super::authorization::AuthorizationDetails;
use crate::Arn;

/// A managed policy with everybody who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The policy.
    pub policy: Arn,
    /// Its place in [`AuthorizationDetails::policies`]; nothing where these do not hold it.
    pub place: Option<usize>,
    /// The users, groups and roles that it is attached to, in the order of their ARNs.
    pub holders: Vec<Arn>,
    /// Whether a user or a role has it as permissions boundary.
    pub is_boundary: bool,
}

impl AuthorizationDetails {
    /// Every managed policy that is listed or attached, in the order of the ARNs.
    #[must_use]
    pub fn attachments(&self) -> &[Attachment] {
        self.memo.get(|| attachments(self)).as_slice()
    }
}

fn attachments(details: &AuthorizationDetails) -> Vec<Attachment> {
    let users = details.users.iter().map(|one| (&one.arn, &one.attached_policies));
    let groups = details.groups.iter().map(|one| (&one.arn, &one.attached_policies));
    let roles = details.roles.iter().map(|one| (&one.arn, &one.attached_policies));
    let mut holders: HashMap<&Arn, Vec<Arn>> = HashMap::new();
    for (owner, attached) in users.chain(groups).chain(roles) {
        for policy in attached {
            holders.entry(&policy.arn).or_default().push(owner.clone());
        }
    }
    let of_users = details.users.iter().filter_map(|user| user.permissions_boundary.as_ref());
    let of_roles = details.roles.iter().filter_map(|role| role.permissions_boundary.as_ref());
    let boundaries: HashSet<&Arn> = of_users.chain(of_roles).collect();
    // Where two are listed under one ARN, the last one counts.
    let listed: HashMap<&Arn, usize> =
        details.policies.iter().enumerate().map(|(place, policy)| (&policy.arn, place)).collect();
    let mut arns: Vec<&Arn> = listed.keys().chain(holders.keys()).copied().collect();
    arns.sort_unstable();
    arns.dedup();
    let attachment = |arn: &Arn| {
        let mut holders = holders.remove(arn).unwrap_or_default();
        holders.sort_unstable();
        Attachment {
            policy: arn.clone(),
            place: listed.get(arn).copied(),
            holders,
            is_boundary: boundaries.contains(arn),
        }
    };
    arns.into_iter().map(attachment).collect()
}

#[cfg(test)]
mod tests {
    use crate::builder::Account;

    #[test]
    fn a_policy_knows_who_has_it() {
        let own = "arn:aws:iam::123456789012:policy/own";
        let account = Account::new()
            .policy("own", "{}", |policy| policy)
            .policy("limit", "{}", |policy| policy)
            .user("anna", |user| user.attached(own).boundary("arn:aws:iam::123456789012:policy/limit"))
            .role("app", |role| role.attached(own).attached("ReadOnlyAccess"))
            .build();
        let details = account.facts.authorization_details.get().expect("details");
        let told: Vec<_> = details
            .attachments()
            .iter()
            .map(|one| {
                let holders: Vec<&str> = one.holders.iter().map(crate::Arn::name).collect();
                (one.policy.name(), one.place, holders, one.is_boundary)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("limit", Some(1), vec![], true),
                ("own", Some(0), vec!["app", "anna"], false),
                ("ReadOnlyAccess", None, vec!["app"], false),
            ]
        );
    }
}
