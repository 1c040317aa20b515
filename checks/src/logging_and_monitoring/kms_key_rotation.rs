//! The keys that encrypt the log files of trails are rotated.
//!
//! # Why
//! A key that is rotated keeps what was encrypted long ago from standing or falling with what is encrypted today.
//!
//! # Pass
//! Automatic rotation of the key is on.
//!
//! # Fail
//! It is off.
//!
//! # Not applicable
//! Keys that AWS manages, and keys that KMS cannot rotate by itself: imported ones, those of other key stores,
//! asymmetric ones. Trails of other accounts.
//!
//! # Notes
//! Only keys that trails name are judged: of all other keys nothing is read. In a Region that could not be asked there
//! may be more trails, so each of these Regions is not evaluated.
//!
//! # Fix
//! Turn on automatic rotation.
//!
//! # Command
//! ```sh
//! aws kms enable-key-rotation --key-id ARN
//! ```

use alloc::collections::BTreeMap;
use alloc::format;

use probity_model::facts::trail_keys::{KeyFacts, KeyState};
use probity_model::facts::{TrailKeys, Trails};
use probity_model::{
    Arn, Automation, Family, Findings, Meta, Parameters, Region, ResourceKind, Rule, Scope, Severity, Subject,
};

use crate::trails::{all_known, is_owned_elsewhere, trails};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "kms-key-rotation",
        family: Family::LoggingAndMonitoring,
        title: "Keys of trails are rotated",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::KmsKey,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };

    type Facts<'s> = (&'s Trails, &'s TrailKeys);

    fn run((facts, keys): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let own = trails(facts).into_iter().filter(|trail| !is_owned_elsewhere(trail, out.account()));
        let named: BTreeMap<Arn, &str> =
            own.filter_map(|trail| Some((Arn::new(trail.kms_key.as_deref()?), trail.name.as_str()))).collect();
        for (arn, trail) in named {
            let mut subject = out.resource(arn.clone()).evidence("trail", trail);
            if let Ok(region) = Region::try_from(arn.region()) {
                subject = subject.region(&region);
            }
            match keys.keys.get(&arn).map(|seen| seen.get()) {
                Some(Ok(KeyState::Present(facts))) => judge(facts, subject),
                Some(Ok(KeyState::Absent)) => {
                    subject.not_applicable("the key does not exist; trail-kms-encryption fails for it")
                }
                Some(Err(gap)) => subject.not_evaluated(gap),
                None => subject.unclear("a trail names the key, and nothing of it was read"),
            }
        }
        all_known(facts, out);
    }
}

fn judge(key: &KeyFacts, subject: Subject<'_, '_>) {
    let subject = subject
        .evidence("KeyManager", &key.manager)
        .evidence("Origin", &key.origin)
        .evidence("KeySpec", &key.spec)
        .evidence("KeyState", &key.state);
    if key.manager != "CUSTOMER" {
        return subject.not_applicable("AWS manages the key and rotates it");
    }
    if key.origin != "AWS_KMS" || key.spec != "SYMMETRIC_DEFAULT" {
        return subject.not_applicable("KMS rotates no key of this kind by itself; its owner does, by hand");
    }
    match key.rotation.get() {
        Err(gap) => subject.not_evaluated(gap),
        Ok(rotation) if rotation.enabled => {
            let subject = subject.evidence("KeyRotationEnabled", true);
            subject.pass(match rotation.period_days {
                Some(days) => format!("the key is rotated every {days} days"),
                None => "the key is rotated every year".into(),
            });
        }
        Ok(_) => subject.evidence("KeyRotationEnabled", false).fail("automatic rotation of the key is off"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::trail_keys::{KeyFacts, KeyState, Rotation};
    use probity_model::facts::trails::Trail;
    use probity_model::{Arn, Seen, Topic};

    use crate::testing::outcomes;
    use crate::trails::testing::{organization_trail, trail, with};

    const ID: &str = "kms-key-rotation";
    const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1";

    fn key(change: impl FnOnce(&mut KeyFacts)) -> Account {
        let mut facts = KeyFacts {
            arn: Arn::new(KEY),
            state: "Enabled".to_owned(),
            manager: "CUSTOMER".to_owned(),
            origin: "AWS_KMS".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            rotation: Seen::Known(Rotation { enabled: true, period_days: Some(365) }),
        };
        change(&mut facts);
        with(&[Trail { kms_key: Some(KEY.to_owned()), ..trail("main") }]).facts(|all| {
            if let Seen::Known(keys) = &mut all.trail_keys {
                keys.keys.insert(Arn::new(KEY), Seen::Known(KeyState::Present(facts)));
            }
        })
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, key(|_| ())), [Pass]);
    }

    #[test]
    fn fail() {
        let off = Rotation { enabled: false, period_days: None };
        assert_eq!(outcomes(ID, key(|key| key.rotation = Seen::Known(off))), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, key(|_| ()).deny(Topic::Trails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, key(|_| ()).deny(Topic::TrailKeys)), [NotEvaluated]);
        assert_eq!(outcomes(ID, key(|key| key.rotation = Seen::Missing(denied(Topic::TrailKeys)))), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[trail("main")])), [NotApplicable]);
        assert_eq!(outcomes(ID, with(&[organization_trail("org")])), [NotApplicable]);
        assert_eq!(outcomes(ID, key(|key| key.origin = "EXTERNAL".to_owned())), [NotApplicable]);
        assert_eq!(outcomes(ID, key(|key| key.manager = "AWS".to_owned())), [NotApplicable]);
    }
}
