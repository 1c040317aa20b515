//! The log files of a trail are encrypted with a key of the customer.
//!
//! # Why
//! S3 encrypts every object, and decrypts it for whoever may read the bucket. A key of one's own takes a second
//! permission to read the logs, keeps a record of each use, and can be withheld.
//!
//! # Pass
//! The trail names a KMS key, and the key is a customer managed one and enabled.
//!
//! # Fail
//! The trail names no key, or its key is disabled, waits for deletion, does not exist any more, or is one that AWS
//! manages.
//!
//! # Not applicable
//! A trail that another account owns, such as a trail of the organization: it is judged in the account that owns it.
//!
//! # Notes
//! In a Region that could not be asked there may be more trails, so each of these Regions is not evaluated. A key of
//! another account may not be readable from here: the trail is not evaluated then.
//!
//! # Fix
//! Set a key whose policy lets CloudTrail encrypt and only auditors decrypt.
//!
//! # Command
//! ```sh
//! aws cloudtrail update-trail --name TRAIL --kms-key-id ARN
//! ```

use alloc::format;

use probity_model::facts::trail_keys::KeyState;
use probity_model::facts::trails::Trail;
use probity_model::facts::{TrailKeys, Trails};
use probity_model::{
    Arn, Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject,
};

use crate::trails::each_own;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-kms-encryption",
        family: Family::LoggingAndMonitoring,
        title: "Trail logs are encrypted with a customer key",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Trail,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };

    type Facts<'s> = (&'s Trails, Result<&'s TrailKeys, &'s Gap>);

    fn run((facts, keys): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        each_own(facts, out, |trail, subject, _| judge(trail, keys, subject));
    }
}

fn judge(trail: &Trail, keys: Result<&TrailKeys, &Gap>, subject: Subject<'_, '_>) {
    let Some(key) = trail.kms_key.as_deref() else {
        return subject.evidence("KmsKeyId", "none").fail("the log files are encrypted with no key of the customer");
    };
    let subject = subject.evidence("KmsKeyId", key);
    let state = match keys.map(|keys| keys.keys.get(&Arn::new(key))) {
        Ok(Some(seen)) => seen.get(),
        Ok(None) => return subject.unclear("the trail names a key, and nothing of it was read"),
        Err(gap) => Err(gap),
    };
    match state {
        Err(gap) => subject.not_evaluated(gap),
        Ok(KeyState::Absent) => subject.evidence("error", "NotFoundException").fail("the key does not exist any more"),
        Ok(KeyState::Present(facts)) => {
            let subject = subject.evidence("KeyState", &facts.state).evidence("KeyManager", &facts.manager);
            match (facts.state.as_str(), facts.manager.as_str()) {
                ("Enabled", "CUSTOMER") => {
                    subject.pass("the log files are encrypted with an enabled key of the customer")
                }
                ("Enabled", manager) => subject.fail(format!("the key is managed by {manager}, not by the customer")),
                (state, _) => {
                    subject.fail(format!("the state of the key is {state}: CloudTrail cannot encrypt with it"))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::trail_keys::{KeyFacts, KeyState};
    use probity_model::facts::trails::Trail;
    use probity_model::{Arn, Gap, Seen, Topic};

    use crate::testing::outcomes;
    use crate::trails::testing::{organization_trail, trail, with};

    const ID: &str = "trail-kms-encryption";
    const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1";

    fn encrypted(key: Seen<KeyState>) -> Account {
        with(&[Trail { kms_key: Some(KEY.to_owned()), ..trail("main") }]).facts(|facts| {
            if let Seen::Known(keys) = &mut facts.trail_keys {
                keys.keys.insert(Arn::new(KEY), key);
            }
        })
    }

    fn key(state: &str, manager: &str) -> Account {
        encrypted(Seen::Known(KeyState::Present(KeyFacts {
            arn: Arn::new(KEY),
            state: state.to_owned(),
            manager: manager.to_owned(),
            origin: "AWS_KMS".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            rotation: Seen::Missing(Gap::not_requested("not asked")),
        })))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, key("Enabled", "CUSTOMER")), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with(&[trail("main")])), [Fail]);
        assert_eq!(outcomes(ID, key("Disabled", "CUSTOMER")), [Fail]);
        assert_eq!(outcomes(ID, key("PendingDeletion", "CUSTOMER")), [Fail]);
        assert_eq!(outcomes(ID, key("Enabled", "AWS")), [Fail]);
        assert_eq!(outcomes(ID, encrypted(Seen::Known(KeyState::Absent))), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, key("Enabled", "CUSTOMER").deny(Topic::Trails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, key("Enabled", "CUSTOMER").deny(Topic::TrailKeys)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(&[trail("main")]).deny(Topic::TrailKeys)), [Fail], "no key is no key");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[])), [NotApplicable]);
        assert_eq!(outcomes(ID, with(&[organization_trail("org")])), [NotApplicable]);
    }

    #[test]
    fn trap_a_key_of_another_account_that_may_not_be_described_does_not_fail() {
        assert_eq!(outcomes(ID, encrypted(Seen::Missing(denied(Topic::TrailKeys)))), [NotEvaluated]);
    }
}
