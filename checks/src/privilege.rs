//! Which users and roles are privileged: their own policies, a user's groups included, let them change what somebody
//! may do.
//!
//! A role that one can assume and a service that acts for it are not followed here; of service control policies, only
//! what they always deny is considered, where it is asked for. Where a policy allows such an action only for some
//! resources or under a condition, nobody can say from the policy alone, and the answer is [`Privilege::Unknown`].

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::Arn;
use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::{AttachedPolicy, DocumentText, InlinePolicy, Role, User};
use probity_policy::{Document, Effect, Resources, Statement};

/// Actions that change what a user, a group or a role may do. Whoever may do one of them on every resource can give
/// itself everything.
const CHANGE_PERMISSIONS: [&str; 10] = [
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicyVersion",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
];

/// Actions that let one sign in as another user; on oneself they give nothing.
const TAKE_OVER: [&str; 3] = ["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"];

/// Whether a user or a role is privileged, and by what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Privilege {
    /// It is; the policy that says so.
    Yes(String),
    /// Nobody can say; why.
    Unknown(String),
    /// It is not.
    No,
}

/// How far an action is allowed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Nothing,
    Some,
    Everything,
}

struct Policy<'d> {
    name: &'d str,
    /// The group that a user has it through.
    group: Option<&'d str>,
    document: Option<&'d Document>,
}

impl Privilege {
    /// Judges a user by its policies, its groups and its permissions boundary.
    pub(crate) fn of(user: &User, details: &AuthorizationDetails) -> Self {
        let boundary = user.permissions_boundary.as_ref();
        Self::by(&policies(user, details), boundary.map(|arn| managed(arn, details)), &[])
    }

    /// Judges a role by its policies and its permissions boundary.
    pub(crate) fn of_role(role: &Role, details: &AuthorizationDetails) -> Self {
        Self::of_role_under(&[], role, details)
    }

    /// The same for a role to which service control policies apply: what they always deny, it may not do.
    pub(crate) fn of_role_under(controls: &[Document], role: &Role, details: &AuthorizationDetails) -> Self {
        let policies = of_one(None, &role.inline_policies, &role.attached_policies, details);
        let boundary = role.permissions_boundary.as_ref();
        Self::by(&policies, boundary.map(|arn| managed(arn, details)), controls)
    }

    fn by(policies: &[Policy<'_>], boundary: Option<Option<&Document>>, controls: &[Document]) -> Self {
        let mut partial = None;
        // All of the actions are of IAM, and most policies speak of other services only.
        let statements = policies.iter().filter_map(|policy| policy.document).flat_map(|document| &document.statements);
        let mut allows = statements.filter(|statement| statement.effect == Effect::Allow);
        let is_spoken_of = allows.any(|allow| allow.actions.may_cover_service("iam"));
        for action in CHANGE_PERMISSIONS.into_iter().chain(TAKE_OVER).filter(|_| is_spoken_of) {
            let mut statements = controls.iter().flat_map(|document| &document.statements);
            if statements.any(|statement| always_denies(statement, action)) {
                continue;
            }
            let limit = match boundary {
                None => Reach::Everything,
                Some(None) => Reach::Some,
                Some(Some(document)) => reach([document], action),
            };
            let documents = || policies.iter().filter_map(|policy| policy.document);
            let by = |least| {
                let grants =
                    |policy: &&Policy<'_>| policy.document.is_some_and(|document| reach([document], action) >= least);
                policies.iter().find(grants).map_or(String::new(), Policy::in_words)
            };
            match reach(documents(), action).min(limit) {
                Reach::Everything => {
                    return Self::Yes(format!("{} allows {action} on every resource", by(Reach::Everything)));
                }
                Reach::Some if partial.is_none() => {
                    partial = Some(format!("{} allows {action} within limits", by(Reach::Some)));
                }
                Reach::Some | Reach::Nothing => {}
            }
        }
        let unread = policies.iter().find(|policy| policy.document.is_none());
        match (partial, unread) {
            (Some(reason), _) => Self::Unknown(reason),
            (None, Some(policy)) => Self::Unknown(format!("{} could not be read", policy.in_words())),
            (None, None) => Self::No,
        }
    }
}

impl Policy<'_> {
    fn in_words(&self) -> String {
        match self.group {
            None => format!("the policy {}", self.name),
            Some(group) if self.name.is_empty() => format!("the group {group}"),
            Some(group) => format!("the policy {} of the group {group}", self.name),
        }
    }
}

/// The policies of a user and of its groups.
fn policies<'d>(user: &'d User, details: &'d AuthorizationDetails) -> Vec<Policy<'d>> {
    let mut policies = of_one(None, &user.inline_policies, &user.attached_policies, details);
    for name in &user.groups {
        match details.group(name) {
            Some(group) => {
                policies.extend(of_one(Some(name), &group.inline_policies, &group.attached_policies, details));
            }
            None => policies.push(Policy { name: "", group: Some(name), document: None }),
        }
    }
    policies
}

fn of_one<'d>(
    group: Option<&'d str>,
    inline: &'d [InlinePolicy],
    attached: &'d [AttachedPolicy],
    details: &'d AuthorizationDetails,
) -> Vec<Policy<'d>> {
    let inline = inline.iter().map(|policy| (&policy.name, parse(&policy.document)));
    let attached = attached.iter().map(|policy| (&policy.name, managed(&policy.arn, details)));
    let policy = |(name, document): (&'d String, _)| Policy { name, group, document };
    inline.chain(attached).map(policy).collect()
}

fn managed<'d>(arn: &Arn, details: &'d AuthorizationDetails) -> Option<&'d Document> {
    details.policy(arn)?.default_version().and_then(|version| parse(&version.document))
}

fn parse(text: &DocumentText) -> Option<&Document> {
    probity_access::read(text).ok()
}

/// How far the documents together allow an action. A Deny counts where it always applies; one with a condition or for
/// some resources leaves something.
fn reach<'d>(documents: impl IntoIterator<Item = &'d Document>, action: &str) -> Reach {
    let mut reached = Reach::Nothing;
    for statement in documents.into_iter().flat_map(|document| &document.statements) {
        if !statement.actions.cover(action) {
            continue;
        }
        match (statement.effect, is_unlimited(statement)) {
            (Effect::Deny, true) => return Reach::Nothing,
            (Effect::Deny, false) => {}
            (Effect::Allow, true) => reached = Reach::Everything,
            (Effect::Allow, false) if TAKE_OVER.contains(&action) && is_about_oneself(statement) => {}
            (Effect::Allow, false) => reached = reached.max(Reach::Some),
        }
    }
    reached
}

/// Whether a statement denies an action on every resource whatever else is true.
fn always_denies(statement: &Statement, action: &str) -> bool {
    statement.effect == Effect::Deny && statement.actions.cover(action) && is_unlimited(statement)
}

/// Whether a statement speaks of every resource and without a condition. That a second factor is there is no condition
/// to whoever has one, as everybody does of whom this is asked; but it makes a Deny conditional.
fn is_unlimited(statement: &Statement) -> bool {
    let holds = |key: &str| {
        statement.effect == Effect::Allow
            && ["aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(key))
    };
    let everywhere = statement.resources.as_ref().is_some_and(Resources::is_everything);
    everywhere && statement.conditions.iter().all(|condition| condition.values.is_empty() || holds(&condition.key))
}

/// Whether a statement names nobody but the user who asks.
fn is_about_oneself(statement: &Statement) -> bool {
    let oneself = |text: &str| text.ends_with("/${aws:username}");
    matches!(&statement.resources, Some(Resources::Only(patterns))
        if patterns.iter().all(|pattern| oneself(pattern.text())))
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Seen;
    use probity_model::builder::{Account, UserBuilder};
    use probity_policy::Document;

    use super::Privilege;

    fn privilege(account: Account) -> Privilege {
        let snapshot = account.build();
        let Seen::Known(details) = &snapshot.facts.authorization_details else { unreachable!("the account is known") };
        Privilege::of(&details.users[0], details)
    }

    fn statement(effect: &str, action: &str, resource: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}"#)
    }

    fn document(statements: &[String]) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
    }

    fn user(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", change)
    }

    fn with(statements: &[String]) -> Privilege {
        privilege(user(|user| user.inline("own", &document(statements))))
    }

    fn is_unknown(privilege: &Privilege) -> bool {
        matches!(privilege, Privilege::Unknown(_))
    }

    #[test]
    fn everything_or_a_change_of_permissions_is_a_privilege() {
        for action in ["*", "iam:*", "iam:put*", "iam:CreateAccessKey"] {
            assert!(matches!(with(&[statement("Allow", action, "*", "")]), Privilege::Yes(_)), "{action}");
        }
    }

    #[test]
    fn reading_is_none() {
        assert_eq!(with(&[statement("Allow", "iam:Get*", "*", "")]), Privilege::No);
        assert_eq!(privilege(user(|user| user)), Privilege::No);
    }

    #[test]
    fn policies_of_groups_count() {
        let everything = document(&[statement("Allow", "*", "*", "")]);
        let account = user(|user| user.group("admins")).group("admins", |group| group.inline("all", &everything));
        let reason = "the policy all of the group admins allows iam:AddUserToGroup on every resource";
        assert_eq!(privilege(account), Privilege::Yes(reason.into()));
        let attached = user(|user| user.group("admins"))
            .group("admins", |group| group.attached("AdministratorAccess"))
            .aws_policy("AdministratorAccess", &everything);
        assert!(matches!(privilege(attached), Privilege::Yes(_)));
    }

    #[test]
    fn roles_are_judged_by_their_own_policies() {
        let everything = document(&[statement("Allow", "*", "*", "")]);
        let arn = "arn:aws:iam::123456789012:policy/boundary";
        let account = Account::new()
            .policy("boundary", &document(&[statement("Allow", "s3:*", "*", "")]), |policy| policy)
            .role("admin", |role| role.inline("all", &everything))
            .role("bounded", |role| role.inline("all", &everything).boundary(arn))
            .role("plain", |role| role);
        let snapshot = account.build();
        let Seen::Known(details) = &snapshot.facts.authorization_details else { unreachable!("the account is known") };
        let of = |name: &str| {
            Privilege::of_role(details.roles.iter().find(|role| role.name == name).expect("the role"), details)
        };
        assert!(matches!(of("admin"), Privilege::Yes(_)));
        assert_eq!(of("bounded"), Privilege::No);
        assert_eq!(of("plain"), Privilege::No);
    }

    #[test]
    fn limits_leave_it_open() {
        assert!(is_unknown(&with(&[statement("Allow", "iam:PutUserPolicy", "arn:aws:iam::*:user/dev/*", "")])));
        let address = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        assert!(is_unknown(&with(&[statement("Allow", "*", "*", address)])));
    }

    #[test]
    fn that_a_second_factor_is_there_is_no_limit() {
        let mfa = r#""Bool":{"aws:multifactorauthpresent":"true"}"#;
        assert!(matches!(with(&[statement("Allow", "*", "*", mfa)]), Privilege::Yes(_)));
    }

    #[test]
    fn only_a_deny_that_always_applies_takes_a_privilege_away() {
        let allow = statement("Allow", "iam:*", "*", "");
        let without_mfa = r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#;
        let denied = |condition| with(&[statement("Deny", "*", "*", condition), allow.clone()]);
        assert_eq!(denied(""), Privilege::No);
        assert!(matches!(denied(without_mfa), Privilege::Yes(_)));
    }

    #[test]
    fn managing_ones_own_keys_is_no_privilege_and_ones_own_policies_may_be() {
        let own = "arn:aws:iam::*:user/${aws:username}";
        assert_eq!(with(&[statement("Allow", "iam:*AccessKey*", own, "")]), Privilege::No);
        assert!(is_unknown(&with(&[statement("Allow", "iam:PutUserPolicy", own, "")])));
    }

    #[test]
    fn a_boundary_cuts() {
        let everything = document(&[statement("Allow", "*", "*", "")]);
        let bounded = |boundary: &str| {
            let arn = "arn:aws:iam::123456789012:policy/boundary";
            let account = user(|user| user.inline("all", &everything).boundary(arn));
            privilege(account.policy("boundary", boundary, |policy| policy))
        };
        assert_eq!(bounded(&document(&[statement("Allow", "s3:*", "*", "")])), Privilege::No);
        assert!(matches!(bounded(&everything), Privilege::Yes(_)));
        assert!(is_unknown(&bounded("not a policy")));
    }

    #[test]
    fn a_role_is_judged_by_its_own_policies_boundary_and_controls() {
        let everything = document(&[statement("Allow", "*", "*", "")]);
        let arn = "arn:aws:iam::123456789012:policy/boundary";
        let judged = |account: Account, controls: &[String]| {
            let snapshot = account.build();
            let Seen::Known(details) = &snapshot.facts.authorization_details else { unreachable!("it is known") };
            let controls: Vec<_> = controls
                .iter()
                .map(|text| Document::parse(&document(core::slice::from_ref(text))).expect("a policy"))
                .collect();
            Privilege::of_role_under(&controls, &details.roles[0], details)
        };
        let admin = || Account::new().role("admin", |role| role.inline("all", &everything));
        assert!(matches!(judged(admin(), &[]), Privilege::Yes(_)));
        assert_eq!(judged(Account::new().role("none", |role| role), &[]), Privilege::No);
        let bounded = Account::new().role("admin", |role| role.inline("all", &everything).boundary(arn));
        let bounded = bounded.policy("boundary", &document(&[statement("Allow", "s3:*", "*", "")]), |policy| policy);
        assert_eq!(judged(bounded, &[]), Privilege::No);
        assert_eq!(judged(admin(), &[statement("Deny", "iam:*", "*", "")]), Privilege::No);
        let not_root = r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}"#;
        assert!(matches!(judged(admin(), &[statement("Deny", "iam:*", "*", not_root)]), Privilege::Yes(_)));
        assert!(matches!(judged(admin(), &[statement("Deny", "s3:*", "*", "")]), Privilege::Yes(_)));
    }

    #[test]
    fn what_cannot_be_read_leaves_it_open() {
        assert!(is_unknown(&privilege(user(|user| user.inline("own", "not a policy")))));
        assert!(is_unknown(&privilege(user(|user| user.attached("Unlisted")))));
        assert!(is_unknown(&privilege(user(|user| user.group("unlisted")))));
    }
}
