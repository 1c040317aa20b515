//! Reading and writing S3 objects is recorded.
//!
//! # Why
//! Management events tell that a bucket's policy was changed, and nothing of which objects were fetched afterwards.
//!
//! # Pass
//! For each of `modes`, a multi-Region trail that is logging records the object events of every bucket, or of each of
//! `buckets`. There is one finding a mode.
//!
//! # Fail
//! No trail does.
//!
//! # Not applicable
//! Accounts without S3 data to record: set `buckets` to an empty list.
//!
//! # Notes
//! A selector that narrows by anything but whole buckets records, for all that can be said, nothing. Trails of the
//! organization count too; their selectors may not be readable from a member account. In a Region that could not be
//! asked there may be more trails, so each of these Regions is not evaluated.
//!
//! # Fix
//! Add a data event selector for `AWS::S3::Object` to the trail.
//!
//! # Command
//! ```sh
//! aws cloudtrail put-event-selectors --trail-name TRAIL --advanced-event-selectors file://selectors.json
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::Trails;
use probity_model::facts::trails::Trail;
use probity_model::{
    Automation, Family, Findings, Gap, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::data_events::{Buckets, in_words, recorded};
use crate::management_events::Kind;
use crate::trails::{trails, unread, unsaid};

const MODES: ListParameter = ListParameter {
    name: "modes",
    default: &["write", "read"],
    choices: &["write", "read"],
    unit: Unit::Words,
    source: "the CIS benchmarks have one control for each",
};

const BUCKETS: ListParameter = ListParameter {
    name: "buckets",
    default: &["all"],
    choices: &[],
    unit: Unit::Names,
    source: "the CIS benchmarks ask for all; name the buckets that matter to ask for these, or none to ask for nothing",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-data-events-s3",
        family: Family::LoggingAndMonitoring,
        title: "Object-level S3 events are recorded",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(MODES), ParameterSpec::List(BUCKETS)],
    };

    type Facts<'s> = &'s Trails;

    fn run(facts: &Trails, parameters: &Parameters, out: &mut Findings<'_>) {
        let (modes, wanted) = (parameters.list(&MODES), parameters.list(&BUCKETS));
        if wanted.is_empty() || modes.is_empty() {
            return out
                .whole_account()
                .not_applicable("no bucket or no mode is asked for (parameters buckets and modes)");
        }
        for mode in ["read", "write"].into_iter().filter(|mode| modes.contains(mode)) {
            judge(facts, mode, &wanted, out);
        }
    }
}

fn judge(facts: &Trails, mode: &str, wanted: &[&str], out: &mut Findings<'_>) {
    let kind = if mode == "read" { Kind::Read } else { Kind::Write };
    let mut subject = out.whole_account().discriminator(mode).evidence("buckets", wanted.join(", "));
    let mut open: Option<Gap> = None;
    let mut named: BTreeSet<String> = BTreeSet::new();
    for trail in trails(facts) {
        let arn = trail.arn.as_str();
        match of(trail, kind) {
            Ok(Some(Buckets::All)) => {
                return subject.evidence("TrailARN", arn).pass(format!(
                    "the trail {} records the {mode} events of the objects of every bucket",
                    trail.name
                ));
            }
            Ok(Some(buckets)) => {
                subject = subject.evidence(arn, in_words(&buckets));
                if let Buckets::Only(names) = buckets {
                    named.extend(names);
                }
            }
            Ok(None) => subject = subject.evidence(arn, "not logging, or one Region alone"),
            Err(gap) => {
                subject = subject.evidence(arn, &gap);
                open = open.or(Some(gap));
            }
        }
    }
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| *name == "all" || !named.contains(*name)).collect();
    if missing.is_empty() {
        return subject.pass(format!("the {mode} events of the objects of every named bucket are recorded"));
    }
    if let Some(gap) = open.as_ref().or_else(|| facts.regions.values().find_map(|seen| seen.gap())) {
        return subject.not_evaluated(gap);
    }
    if let Some(arn) = unread(facts).first() {
        return subject.unclear(format!("a Region lists the trail {arn}, of which nothing else was read"));
    }
    match (facts.regions.len(), missing.as_slice()) {
        (0, _) => subject.unclear("no Region was asked for its trails"),
        (_, ["all"]) => subject.fail(format!("no trail records the {mode} events of the objects of every bucket")),
        (_, names) => {
            subject.fail(format!("the {mode} events of the objects of {} are not recorded", names.join(", ")));
        }
    }
}

/// The buckets whose objects' events a trail records everywhere; none where it does not log or records one Region alone.
fn of(trail: &Trail, kind: Kind) -> Result<Option<Buckets>, Gap> {
    if !trail.is_multi_region {
        return Ok(None);
    }
    match trail.status.get().map_err(Clone::clone)?.is_logging {
        Some(true) => {}
        Some(false) => return Ok(None),
        None => return Err(unsaid(trail, "the status does not say whether the trail is logging")),
    }
    let selectors = trail.selectors.get().map_err(Clone::clone)?;
    Ok(Some(recorded(selectors, kind)))
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::facts::trails::{AdvancedSelector, DataResource, EventSelectors, FieldSelector, Trail};
    use probity_model::{Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};
    use crate::trails::testing::{basic, in_region, organization_trail, trail, unreadable_region, with, with_status};

    const ID: &str = "trail-data-events-s3";

    fn recording(read_write: &str, values: &[&str]) -> Trail {
        let mut selector = basic(read_write, true, &[]);
        let values = values.iter().map(|&value| value.to_owned()).collect();
        selector.data_resources.push(DataResource { kind: "AWS::S3::Object".to_owned(), values });
        let selectors = EventSelectors { basic: vec![selector], advanced: Vec::new() };
        Trail { selectors: Seen::Known(selectors), ..trail("main") }
    }

    fn modes(trail: Trail) -> Vec<(&'static str, Outcome)> {
        let found = findings(ID, with(&[trail]));
        ["read", "write"]
            .into_iter()
            .filter_map(|mode| Some((mode, found.iter().find(|one| one.discriminator == mode)?.outcome)))
            .collect()
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(&[recording("All", &["arn:aws:s3"])])), [Pass, Pass]);
        let equals = |field: &str, value: &str| FieldSelector {
            field: field.to_owned(),
            equals: vec![value.to_owned()],
            ..FieldSelector::default()
        };
        let fields = vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")];
        let advanced = vec![AdvancedSelector { name: None, fields }];
        let selectors = Seen::Known(EventSelectors { basic: Vec::new(), advanced });
        assert_eq!(outcomes(ID, with(&[Trail { selectors, ..trail("main") }])), [Pass, Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with(&[])), [Fail, Fail]);
        assert_eq!(outcomes(ID, with(&[trail("main")])), [Fail, Fail]);
        let all = || recording("All", &["arn:aws:s3"]);
        assert_eq!(outcomes(ID, with(&[Trail { is_multi_region: false, ..all() }])), [Fail, Fail]);
        assert_eq!(outcomes(ID, with(&[with_status(all(), |status| status.is_logging = Some(false))])), [Fail, Fail]);
        assert_eq!(outcomes(ID, with(&[recording("All", &["arn:aws:s3:::a/"])])), [Fail, Fail]);
    }

    #[test]
    fn named_buckets_are_enough_where_they_are_asked_for() {
        let account = || with(&[recording("All", &["arn:aws:s3:::a/", "arn:aws:s3:::b/"])]);
        assert_eq!(outcomes_with(ID, &[("buckets", "a,b")], account()), [Pass, Pass]);
        assert_eq!(outcomes_with(ID, &[("buckets", "a,c")], account()), [Fail, Fail]);
        assert_eq!(outcomes_with(ID, &[("modes", "write"), ("buckets", "a")], account()), [Pass]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(&[trail("main")]).deny(Topic::Trails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(&[organization_trail("org")])), [NotEvaluated, NotEvaluated]);
        assert_eq!(outcomes(ID, unreadable_region(with(&[]), "us-east-1")), [NotEvaluated, NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes_with(ID, &[("buckets", "")], with(&[trail("main")])), [NotApplicable]);
    }

    #[test]
    fn trap_reading_and_writing_are_two_controls() {
        assert_eq!(modes(recording("WriteOnly", &["arn:aws:s3"])), [("read", Fail), ("write", Pass)]);
        assert_eq!(modes(recording("ReadOnly", &["arn:aws:s3"])), [("read", Pass), ("write", Fail)]);
    }

    #[test]
    fn trap_a_trail_that_shows_up_in_every_region_counts_once() {
        let main = recording("All", &["arn:aws:s3"]);
        let shadowed = in_region(with(core::slice::from_ref(&main)), "us-east-1", Seen::Known(vec![main.arn]));
        assert_eq!(outcomes(ID, shadowed), [Pass, Pass]);
    }
}
