//! GuardDuty is on in every enabled Region.
//!
//! # Why
//! GuardDuty looks for what stolen credentials are used for, and an intruder picks the Region in which nobody looks.
//!
//! # Pass
//! The Region has a detector, and its status is `ENABLED`.
//!
//! # Fail
//! The Region has no detector, or its status is `DISABLED`.
//!
//! # Notes
//! A Region that is not enabled is not asked. In a new account the organization's settings may take a while to arrive.
//! Where GuardDuty has no endpoint, the Region is not evaluated.
//!
//! # Fix
//! Enable GuardDuty from the delegated administrator, for all accounts, in all Regions.
//!
//! # Command
//! ```sh
//! aws guardduty create-detector --enable
//! ```

use alloc::collections::BTreeMap;
use alloc::string::String;

use probity_model::facts::GuardDutyDetectors;
use probity_model::{
    Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Seen, Severity, Subject,
};

use crate::in_regions::each_region;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "guardduty-enabled",
        family: Family::LoggingAndMonitoring,
        title: "GuardDuty is on in every enabled Region",
        severity: Severity::High,
        scope: Scope::Region,
        resource: ResourceKind::Region,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };

    type Facts<'s> = &'s GuardDutyDetectors;

    fn run(facts: &GuardDutyDetectors, _: &Parameters, out: &mut Findings<'_>) {
        each_region(&facts.regions, out, judge);
    }
}

fn judge(detectors: &BTreeMap<String, Seen<String>>, mut subject: Subject<'_, '_>) {
    let mut open = None;
    for (id, status) in detectors {
        match status.get() {
            Ok(status) => {
                subject = subject.evidence("detector", id).evidence("status", status);
                if status == "ENABLED" {
                    return subject.pass("the detector is on");
                }
            }
            Err(gap) => open = open.or(Some(gap)),
        }
    }
    match (open, detectors.is_empty()) {
        (Some(gap), _) => subject.not_evaluated(gap),
        (None, true) => subject.evidence("detector", "none").fail("there is no detector"),
        (None, false) => subject.fail("the detector is suspended"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::{Region, Seen, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "guardduty-enabled";

    fn detector(account: Account, region: &str, status: Option<Seen<&str>>) -> Account {
        account.facts(|facts| {
            let Seen::Known(known) = &mut facts.guard_duty_detectors else { unreachable!("they are known") };
            let status = status.map(|status| match status {
                Seen::Known(text) => Seen::Known(text.to_owned()),
                Seen::Missing(gap) => Seen::Missing(gap),
            });
            let detectors = status.map(|status| ("d1".to_owned(), status)).into_iter().collect();
            known.regions.insert(Region::try_from(region).expect("a Region"), Seen::Known(detectors));
        })
    }

    fn one(status: &str) -> Account {
        detector(Account::new(), "eu-central-1", Some(Seen::Known(status)))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, one("ENABLED")), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new()), [Fail]);
        assert_eq!(outcomes(ID, one("DISABLED")), [Fail]);
    }

    #[test]
    fn every_region_counts() {
        let found = findings(ID, detector(one("ENABLED"), "us-east-1", None));
        let places = found.iter().map(|one| (one.outcome, one.region.as_ref().map(Region::as_str)));
        assert!(places.eq([(Pass, Some("eu-central-1")), (Fail, Some("us-east-1"))]));
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, one("ENABLED").deny(Topic::GuardDutyDetectors)), [NotEvaluated]);
        let unread = Some(Seen::Missing(denied(Topic::GuardDutyDetectors)));
        assert_eq!(outcomes(ID, detector(Account::new(), "eu-central-1", unread)), [NotEvaluated]);
    }
}
