//! Sessions of administrators are short.
//!
//! # Why
//! The credentials of a session work until it ends, and cannot be taken back one by one. What an administrator's laptop leaks
//! in the evening should be worth nothing in the morning.
//!
//! # Pass
//! The longest session of a role that is an administrator is at most `max_seconds`; so is that of a permission set which
//! makes administrators.
//!
//! # Fail
//! It is longer.
//!
//! # Not applicable
//! Roles and permission sets that make no administrator; service-linked roles; roles that only services of AWS assume, since
//! the setting does not count for them; roles of IAM Identity Center, whose sessions are those of their permission set.
//!
//! # Notes
//! The authorization details do not tell how long sessions last: it is read from the list of roles. A role that is assumed
//! from another role lasts an hour at most, whatever is set. Permission sets are judged where they can be read, in the
//! management account and in the delegated one.
//!
//! # Fix
//! Lower the maximum session duration.
//!
//! # Command
//! ```sh
//! aws iam update-role --role-name ROLE --max-session-duration 3600
//! ```

use alloc::format;

use probity_access::{Access, PrincipalKind, Truth};
use probity_model::facts::authorization::Role;
use probity_model::facts::identity_center::PermissionSet;
use probity_model::facts::{AuthorizationDetails, PermissionSets, RoleSessions};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::permission_sets::{self, Power};
use crate::trust::{Party, Trust};

const MAX_SECONDS: NumberParameter = NumberParameter {
    name: "max_seconds",
    default: 14_400,
    min: 3_600,
    max: 43_200,
    unit: Unit::Seconds,
    source: "our own choice: half a working day; IAM takes one hour, which is its default, to twelve",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-session-duration",
        family: Family::RolesAndTrust,
        title: "Privileged role sessions are short",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_SECONDS)],
    };
    type Facts<'s> = (Inferred<'s, Access>, &'s AuthorizationDetails, &'s RoleSessions, Option<&'s PermissionSets>);

    fn run(
        (Inferred(access), details, sessions, sets): Self::Facts<'_>,
        parameters: &Parameters,
        out: &mut Findings<'_>,
    ) {
        let at_most = parameters.number(&MAX_SECONDS);
        for role in &details.roles {
            judge(role, access, sessions, at_most, out);
        }
        for set in sets.into_iter().flat_map(|all| &all.sets) {
            judge_set(set, at_most, out);
        }
    }
}

fn judge(role: &Role, access: &Access, sessions: &RoleSessions, at_most: u32, out: &mut Findings<'_>) {
    let subject = out.resource(role.arn.clone());
    if role.is_service_linked() {
        return subject.not_applicable("AWS made the role for a service");
    }
    if role.is_identity_center() {
        return subject
            .not_applicable("IAM Identity Center made the role; its permission set says how long a session lasts");
    }
    if is_assumed_by_services_only(role) {
        return subject.not_applicable("only services of AWS assume the role, for which the setting does not count");
    }
    let is_role = |kind| matches!(kind, PrincipalKind::Role | PrincipalKind::ServiceLinkedRole);
    let principal = access.principals().iter().find(|one| is_role(one.kind()) && *one.arn() == role.arn);
    let certainty = principal.and_then(|one| access.administrator(one)).map(|one| one.certainty);
    if certainty.is_none() {
        return subject.not_applicable("the role is no administrator");
    }
    let told = sessions.longest.get(&role.arn).copied().flatten();
    let Some(seconds) = told else {
        return subject.unclear("the list of roles does not say how long a session lasts");
    };
    let subject = subject.evidence("MaxSessionDuration", seconds);
    match (seconds > at_most, certainty == Some(Truth::Yes)) {
        (false, true) => subject.pass(format!("a session of the administrator lasts at most {seconds} seconds")),
        (false, false) => subject.pass(format!("a session lasts at most {seconds} seconds, administrator or not")),
        (true, true) => subject.fail(format!(
            "the role is an administrator, and a session may last {seconds} seconds; at most {at_most} should be"
        )),
        (true, false) => subject.unclear(format!(
            "a session may last {seconds} seconds, and whether the role is an administrator hangs on what is not known"
        )),
    }
}

fn is_assumed_by_services_only(role: &Role) -> bool {
    let Ok(trust) = Trust::of(role) else { return false };
    let openings = trust.openings();
    let mut parties = openings.iter().flat_map(|opening| opening.parties()).peekable();
    parties.peek().is_some() && parties.all(|party| matches!(party, Party::Service(_)))
}

fn judge_set(set: &PermissionSet, at_most: u32, out: &mut Findings<'_>) {
    let partition = out.partition();
    let written = set.session_duration.as_deref();
    let subject = out
        .resource(set.arn.clone())
        .kind(ResourceKind::PermissionSet)
        .evidence("Name", &set.name)
        .evidence("SessionDuration", written.unwrap_or("not told"));
    let open = match permission_sets::power(set, partition) {
        Power::Ordinary => return subject.not_applicable("the permission set makes no administrator"),
        Power::Administrator(_) => None,
        Power::Perhaps(open) => Some(open),
    };
    match (written.and_then(permission_sets::seconds), open) {
        (None, _) => subject.unclear("the session duration is missing or cannot be read"),
        (Some(seconds), _) if seconds <= u64::from(at_most) => {
            subject.pass(format!("a session of the permission set lasts {seconds} seconds"));
        }
        (Some(_), Some(open)) => {
            subject.unclear(format!("whether the permission set makes an administrator: {open}"));
        }
        (Some(seconds), None) => subject.fail(format!(
            "the permission set makes an administrator, and a session lasts {seconds} seconds; at most {at_most} should be"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::format;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::facts::identity_center::PermissionSet;
    use probity_model::{Arn, Seen, Topic};

    use crate::permission_sets::testing::{set, with};
    use crate::testing::{allowing, outcomes, outcomes_with, trust_policy};

    const ID: &str = "role-session-duration";
    const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    const READER: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;

    fn role(policy: &str, principal: &str, seconds: Option<u32>) -> Account {
        let account = Account::new()
            .role("admin", |role| role.trust(&trust_policy(&allowing(principal, ""))).inline("all", policy));
        lasting(account, &format!("arn:aws:iam::{ACCOUNT}:role/admin"), seconds)
    }

    fn lasting(account: Account, arn: &str, seconds: Option<u32>) -> Account {
        account.facts(|facts| {
            if let Seen::Known(sessions) = &mut facts.role_sessions {
                sessions.longest.insert(Arn::new(arn), seconds);
            }
        })
    }

    fn people() -> &'static str {
        r#"{"AWS":"arn:aws:iam::123456789012:root"}"#
    }

    fn judged(seconds: u32) -> Outcome {
        outcomes(ID, role(ADMIN, people(), Some(seconds)))[0]
    }

    #[test]
    fn pass() {
        assert_eq!(judged(3_600), Pass);
        assert_eq!(judged(14_400), Pass);
    }

    #[test]
    fn fail() {
        assert_eq!(judged(14_401), Fail);
        let shorter = [("max_seconds", "3600")];
        assert_eq!(outcomes_with(ID, &shorter, role(ADMIN, people(), Some(7_200))), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, role(READER, people(), Some(43_200))), [NotApplicable]);
        assert_eq!(outcomes(ID, role(ADMIN, r#"{"Service":"ec2.amazonaws.com"}"#, Some(43_200))), [NotApplicable]);
        let linked = Account::new()
            .role("AWSServiceRoleForX", |role| role.path("/aws-service-role/x.amazonaws.com/").inline("all", ADMIN));
        assert_eq!(outcomes(ID, linked), [NotApplicable]);
        let reserved = Account::new()
            .role("AWSReservedSSO_A_1", |role| role.path("/aws-reserved/sso.amazonaws.com/").inline("all", ADMIN));
        assert_eq!(outcomes(ID, reserved), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::AuthorizationDetails, Topic::RoleSessions] {
            assert_eq!(outcomes(ID, role(ADMIN, people(), Some(3_600)).deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(outcomes(ID, role(ADMIN, people(), None)), [NotEvaluated]);
    }

    #[test]
    fn trap_the_authorization_details_do_not_tell_and_the_list_of_roles_does() {
        let unlisted = Account::new()
            .role("admin", |role| role.trust(&trust_policy(&allowing(people(), ""))).inline("all", ADMIN));
        assert_eq!(outcomes(ID, unlisted), [NotEvaluated]);
    }

    #[test]
    fn trap_a_role_that_is_chained_is_judged_by_what_is_set() {
        let chained = r#"{"AWS":"arn:aws:iam::123456789012:role/first"}"#;
        assert_eq!(outcomes(ID, role(ADMIN, chained, Some(43_200))), [Fail], "others may come to assume it");
    }

    #[test]
    fn trap_durations_of_permission_sets_are_texts() {
        let lasting = |duration: &str, policy: &str| {
            let set = PermissionSet { session_duration: Some(duration.to_owned()), ..set("admin", &[policy]) };
            outcomes(ID, with(&[(set, &[])]))
        };
        assert_eq!(lasting("PT4H", "AdministratorAccess"), [Pass]);
        assert_eq!(lasting("PT12H", "AdministratorAccess"), [Fail]);
        assert_eq!(lasting("PT12H", "ReadOnlyAccess"), [NotApplicable]);
        assert_eq!(lasting("four hours", "AdministratorAccess"), [NotEvaluated]);
    }
}
