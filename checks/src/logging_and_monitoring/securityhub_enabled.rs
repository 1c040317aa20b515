//! Security Hub CSPM is on in every enabled Region, with a standard.
//!
//! # Why
//! Findings that nobody gathers are findings that nobody reads. Without a standard, Security Hub gathers and checks
//! nothing itself.
//!
//! # Pass
//! Security Hub CSPM is on, and at least one of its standards is enabled.
//!
//! # Fail
//! It is not on, or no standard is enabled.
//!
//! # Not applicable
//! Accounts in which another product is the system of record, under `other_system`.
//!
//! # Notes
//! The service was split: this is Security Hub CSPM, the older part. A Region that is not enabled is not asked. One
//! call, `GetEnabledStandards`, says both: where Security Hub CSPM is not on it answers `InvalidAccessException`.
//!
//! # Fix
//! Enable it with central configuration, from the delegated administrator.
//!
//! # Command
//! ```sh
//! aws securityhub enable-security-hub --enable-default-standards
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::SecurityHubs;
use probity_model::facts::detection::SecurityHub;
use probity_model::{
    Automation, Family, Findings, FlagParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
    Subject,
};

use crate::in_regions::each_region;

/// What becomes of a standard that does not judge anything (Security Hub API Reference, `StandardsSubscription`).
const IDLE: [&str; 2] = ["FAILED", "DELETING"];

const OTHER_SYSTEM: FlagParameter = FlagParameter {
    name: "other_system",
    default: false,
    source: "our own choice: another product may be the system of record",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "securityhub-enabled",
        family: Family::LoggingAndMonitoring,
        title: "Security Hub (CSPM) is on and aggregating",
        severity: Severity::Medium,
        scope: Scope::Region,
        resource: ResourceKind::Region,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(OTHER_SYSTEM)],
    };

    type Facts<'s> = &'s SecurityHubs;

    fn run(facts: &SecurityHubs, parameters: &Parameters, out: &mut Findings<'_>) {
        if parameters.flag(&OTHER_SYSTEM) {
            return out
                .whole_account()
                .not_applicable("another product is the system of record (parameter other_system)");
        }
        each_region(&facts.regions, out, judge);
    }
}

fn judge(hub: &SecurityHub, subject: Subject<'_, '_>) {
    let standards = match hub {
        SecurityHub::Off => {
            return subject.evidence("standards", "InvalidAccessException").fail("Security Hub CSPM is not on");
        }
        SecurityHub::On(standards) => standards,
    };
    let name = |arn: &str| {
        String::from(arn.split_once("standards/").or_else(|| arn.split_once("ruleset/")).map_or(arn, |(_, name)| name))
    };
    let told: Vec<String> = standards.iter().map(|(arn, status)| format!("{} ({status})", name(arn))).collect();
    let live = standards.values().filter(|status| !IDLE.contains(&status.as_str())).count();
    let subject = subject.evidence("standards", if told.is_empty() { "none".into() } else { told.join(", ") });
    match (live, told.len()) {
        (0, 0) => subject.fail("Security Hub CSPM is on, and no standard is enabled"),
        (0, _) => subject.fail("Security Hub CSPM is on, and none of its standards works"),
        (1, _) => subject.pass("Security Hub CSPM is on, with one standard"),
        (live, _) => subject.pass(format!("Security Hub CSPM is on, with {live} standards")),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::detection::SecurityHub;
    use probity_model::{Region, Seen, Topic};

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "securityhub-enabled";

    fn hub(hub: Seen<SecurityHub>) -> Account {
        Account::new().facts(|facts| {
            let Seen::Known(known) = &mut facts.security_hubs else { unreachable!("they are known") };
            known.regions.insert(Region::try_from("eu-central-1").expect("a Region"), hub);
        })
    }

    fn on(standards: &[&str]) -> Account {
        let arn = |at: usize| std::format!("arn:aws:securityhub:eu-central-1::standards/s{at}/v/1.0.0");
        let standards = standards.iter().enumerate().map(|(at, &status)| (arn(at), status.to_owned())).collect();
        hub(Seen::Known(SecurityHub::On(standards)))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, on(&["READY"])), [Pass]);
        assert_eq!(outcomes(ID, on(&["FAILED", "INCOMPLETE"])), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new()), [Fail]);
        assert_eq!(outcomes(ID, on(&[])), [Fail]);
        assert_eq!(outcomes(ID, on(&["FAILED", "DELETING"])), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, on(&["READY"]).deny(Topic::SecurityHubs)), [NotEvaluated]);
        assert_eq!(outcomes(ID, hub(Seen::Missing(denied(Topic::SecurityHubs)))), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes_with(ID, &[("other_system", "true")], Account::new()), [NotApplicable]);
    }
}
