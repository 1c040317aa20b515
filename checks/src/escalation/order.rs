//! The order of users, roles, groups and policies: by ARN and name. Of several ways that are equally short and sure, the graph
//! of escalation takes the first.

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::{AttachedPolicy, InlinePolicy};

/// Whether everything is in order already.
pub(super) fn is_ordered(details: &AuthorizationDetails) -> bool {
    let held = |attached: &[AttachedPolicy], inline: &[InlinePolicy]| {
        attached.is_sorted_by_key(|policy| &policy.arn) && inline.is_sorted_by_key(|policy| &policy.name)
    };
    details.users.is_sorted_by_key(|user| &user.arn)
        && details.roles.is_sorted_by_key(|role| &role.arn)
        && details.groups.is_sorted_by_key(|group| &group.arn)
        && details.policies.is_sorted_by_key(|policy| &policy.arn)
        && details.users.iter().all(|one| one.groups.is_sorted() && held(&one.attached_policies, &one.inline_policies))
        && details.roles.iter().all(|one| held(&one.attached_policies, &one.inline_policies))
        && details.groups.iter().all(|one| held(&one.attached_policies, &one.inline_policies))
}

/// Puts everything in order.
pub(super) fn put_in_order(details: &mut AuthorizationDetails) {
    fn held(attached: &mut [AttachedPolicy], inline: &mut [InlinePolicy]) {
        attached.sort_by(|one, other| one.arn.cmp(&other.arn));
        inline.sort_by(|one, other| one.name.cmp(&other.name));
    }
    details.users.sort_by(|one, other| one.arn.cmp(&other.arn));
    details.roles.sort_by(|one, other| one.arn.cmp(&other.arn));
    details.groups.sort_by(|one, other| one.arn.cmp(&other.arn));
    details.policies.sort_by(|one, other| one.arn.cmp(&other.arn));
    for user in &mut details.users {
        user.groups.sort();
        held(&mut user.attached_policies, &mut user.inline_policies);
    }
    for role in &mut details.roles {
        held(&mut role.attached_policies, &mut role.inline_policies);
    }
    for group in &mut details.groups {
        held(&mut group.attached_policies, &mut group.inline_policies);
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Seen;
    use probity_model::builder::Account;

    use super::{is_ordered, put_in_order};

    #[test]
    fn out_of_order_is_put_in_order() {
        let snapshot = Account::new()
            .user("zoe", |user| user.group("b").group("a").inline("z", "{}").inline("y", "{}"))
            .user("anna", |user| user)
            .role("deploy", |role| role.attached("Z").attached("A"))
            .build();
        let Seen::Known(mut details) = snapshot.facts.authorization_details else { unreachable!("it is known") };
        assert!(!is_ordered(&details));
        put_in_order(&mut details);
        assert!(is_ordered(&details));
        assert_eq!(details.users.first().map(|user| user.name.as_str()), Some("anna"));
    }
}
