//! Sessions of permission sets end within a working day.
//!
//! # Why
//! The credentials of a session work until it ends, whoever has them by then. Twelve hours, the longest that can be set, are
//! a day and a night.
//!
//! # Pass
//! The session duration of the permission set is at most `max_seconds`.
//!
//! # Fail
//! It is longer.
//!
//! # Not applicable
//! The organization does not use IAM Identity Center.
//!
//! # Notes
//! Only the management account and the delegated administrator of IAM Identity Center can read this; anywhere else the check
//! is not evaluated. Permission sets of administrators are held to a shorter duration by `role-session-duration`.
//!
//! # Fix
//! Set a shorter session duration.
//!
//! # Command
//! ```sh
//! aws sso-admin update-permission-set --instance-arn INSTANCE_ARN --permission-set-arn SET_ARN --session-duration PT4H
//! ```

use alloc::format;

use probity_model::facts::PermissionSets;
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::permission_sets;

const MAX_SECONDS: NumberParameter = NumberParameter {
    name: "max_seconds",
    default: 28_800,
    min: 3_600,
    max: 43_200,
    unit: Unit::Seconds,
    source: "our own choice: a working day; AWS takes one hour to twelve",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "identity-center-session-duration",
        family: Family::Federation,
        title: "Permission-set sessions are short",
        severity: Severity::Low,
        scope: Scope::Organization,
        resource: ResourceKind::PermissionSet,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_SECONDS)],
    };
    type Facts<'s> = &'s PermissionSets;

    fn run(sets: &PermissionSets, parameters: &Parameters, out: &mut Findings<'_>) {
        let at_most = parameters.number(&MAX_SECONDS);
        for set in &sets.sets {
            let written = set.session_duration.as_deref();
            let subject = out
                .resource(set.arn.clone())
                .evidence("Name", &set.name)
                .evidence("SessionDuration", written.unwrap_or("not told"));
            match written.and_then(permission_sets::seconds) {
                None => subject.unclear("the session duration is missing or cannot be read"),
                Some(seconds) if seconds > u64::from(at_most) => {
                    subject.fail(format!("a session lasts {seconds} seconds; at most {at_most} should be"));
                }
                Some(seconds) => subject.pass(format!("a session lasts {seconds} seconds")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;
    use probity_model::facts::identity_center::PermissionSet;

    use crate::organization_testing::member_that_may_not_read;
    use crate::permission_sets::testing::{set, with};
    use crate::testing::outcomes;

    const ID: &str = "identity-center-session-duration";

    fn lasting(duration: Option<&str>) -> Account {
        let set =
            PermissionSet { session_duration: duration.map(ToOwned::to_owned), ..set("read", &["ReadOnlyAccess"]) };
        with(&[(set, &[])])
    }

    fn judged(duration: &str) -> Outcome {
        outcomes(ID, lasting(Some(duration)))[0]
    }

    #[test]
    fn pass() {
        for duration in ["PT1H", "PT8H", "PT7H60M"] {
            assert_eq!(judged(duration), Pass, "{duration}");
        }
    }

    #[test]
    fn fail() {
        for duration in ["PT12H", "PT8H1S", "P1D"] {
            assert_eq!(judged(duration), Fail, "{duration}");
        }
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, lasting(None)), [NotEvaluated]);
        assert_eq!(judged("eight hours"), NotEvaluated);
        assert_eq!(outcomes(ID, lasting(Some("PT1H")).deny(Topic::PermissionSets)), [NotEvaluated]);
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }
}
