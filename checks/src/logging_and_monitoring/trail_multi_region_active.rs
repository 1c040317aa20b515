//! One trail records the management events of every Region.
//!
//! # Why
//! Without a trail nobody can tell afterwards who did what. An intruder picks the Region that nobody watches, and
//! CloudTrail's own event history is kept for 90 days only and in no place that others could not reach.
//!
//! # Pass
//! One trail records every Region and the global services, is logging now, and its event selectors record read and
//! write management events of every event source outside `allowed_excluded_sources`.
//!
//! # Fail
//! No trail does all of that.
//!
//! # Notes
//! A trail of several Regions shows up in each of them and counts once. Several trails that record one Region each do
//! not add up: a Region that is enabled tomorrow would go unrecorded. Event data stores of CloudTrail Lake are not
//! trails.
//!
//! A trail of the organization that another account owns counts. Where its status or its selectors are not readable
//! from here, the account is verified in part only and the check is not evaluated; read them in the account that owns
//! the trail.
//!
//! Where no trail was found that passes and a Region could not be asked, nobody can say that there is none.
//!
//! The default accepts trails that leave out the events of AWS KMS and of the RDS Data API, which are many. The CIS
//! benchmarks accept no such exclusion: set `allowed_excluded_sources` to an empty list to hold to them.
//!
//! # Fix
//! Create a trail of the organization for all Regions, to a bucket of a log archive account, and start logging.
//!
//! # Command
//! ```sh
//! aws cloudtrail create-trail --name org-trail --s3-bucket-name BUCKET \
//!   --is-multi-region-trail --is-organization-trail --enable-log-file-validation
//! aws cloudtrail start-logging --name org-trail
//! ```

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::Trails;
use probity_model::facts::trails::Trail;
use probity_model::{
    AccountId, Automation, Family, Findings, Gap, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule,
    Scope, Severity, Subject, Unit,
};

use crate::management_events::{Kind, Recorded, are_told, recorded};
use crate::trails::{is_owned_elsewhere, trails, unread, unsaid};

const ALLOWED_EXCLUDED_SOURCES: ListParameter = ListParameter {
    name: "allowed_excluded_sources",
    default: &["kms.amazonaws.com", "rdsdata.amazonaws.com"],
    choices: &[],
    unit: Unit::EventSources,
    source: "our own choice: sources that some teams leave out for their number. CIS wants none left out",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-multi-region-active",
        family: Family::LoggingAndMonitoring,
        title: "A multi-Region trail records all management events",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ALLOWED_EXCLUDED_SOURCES)],
    };
    type Facts<'s> = &'s Trails;

    fn run(facts: &Trails, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.list(&ALLOWED_EXCLUDED_SOURCES);
        let account = out.account();
        let judged: Vec<_> = trails(facts).into_iter().map(|trail| (trail, judge(trail, &allowed, account))).collect();
        let subject = out.whole_account().evidence(ALLOWED_EXCLUDED_SOURCES.name, in_words(&allowed));
        let proofs = judged.iter().filter_map(|(trail, verdict)| match verdict {
            Verdict::Proves(excluded) => Some((*trail, excluded)),
            Verdict::Lacks(_) | Verdict::Unknown(_) => None,
        });
        match proofs.min_by_key(|(_, excluded)| excluded.len()) {
            Some((trail, excluded)) => pass(subject, trail, excluded),
            None => no_proof(subject, facts, &judged),
        }
    }
}

/// What one trail shows.
enum Verdict {
    /// It satisfies the rule; the event sources that it leaves out.
    Proves(Vec<String>),
    /// It does not, for these reasons.
    Lacks(Vec<String>),
    /// It may.
    Unknown(Gap),
}

fn judge(trail: &Trail, allowed: &[&str], account: &AccountId) -> Verdict {
    let mut lacks = Vec::new();
    let mut unknown = Vec::new();
    if !trail.is_multi_region {
        lacks.push("IsMultiRegionTrail is false".to_owned());
    }
    if !trail.includes_global_services {
        lacks.push("IncludeGlobalServiceEvents is false".to_owned());
    }
    match trail.status.get().map(|status| status.is_logging) {
        Ok(Some(true)) => {}
        Ok(Some(false)) => lacks.push("IsLogging is false".to_owned()),
        Ok(None) => unknown.push(unsaid(trail, "the status does not say whether the trail is logging")),
        Err(gap) => unknown.push(partly(trail, account, gap)),
    }
    let mut excluded = BTreeSet::new();
    match trail.selectors.get() {
        Ok(selectors) if !are_told(selectors) => unknown.push(unsaid(trail, "the answer holds no event selector")),
        Ok(selectors) => {
            for (kind, events) in [(Kind::Read, "read"), (Kind::Write, "write")] {
                match recorded(selectors, kind) {
                    Recorded::AllBut(names) => excluded.extend(names),
                    Recorded::NotAll => lacks.push(format!("not all {events} management events are selected")),
                }
            }
        }
        Err(gap) => unknown.push(partly(trail, account, gap)),
    }
    let forbidden: Vec<&str> = excluded.iter().copied().filter(|name| !allowed.contains(name)).collect();
    if !forbidden.is_empty() {
        lacks.push(format!("management events of {} are left out", forbidden.join(", ")));
    }
    match unknown.into_iter().next() {
        _ if !lacks.is_empty() => Verdict::Lacks(lacks),
        Some(gap) => Verdict::Unknown(gap),
        None => Verdict::Proves(excluded.into_iter().map(ToString::to_string).collect()),
    }
}

/// A gap that names the trail, and where another account owns it, tells what is verified all the same.
fn partly(trail: &Trail, account: &AccountId, gap: &Gap) -> Gap {
    let mut gap = gap.clone();
    gap.message = if is_owned_elsewhere(trail, account) {
        let owner = trail.arn.account();
        format!(
            "{} (partially verified: the trail {} records every Region; the rest is for its owner {owner} to read)",
            gap.message, trail.arn
        )
    } else {
        format!("{} (trail {})", gap.message, trail.arn)
    };
    gap
}

fn pass(subject: Subject<'_, '_>, trail: &Trail, excluded: &[String]) {
    let subject = subject
        .evidence("TrailARN", &trail.arn)
        .evidence("IsMultiRegionTrail", trail.is_multi_region)
        .evidence("IncludeGlobalServiceEvents", trail.includes_global_services)
        .evidence("IsLogging", true)
        .evidence("excluded_sources", in_words(excluded));
    let all = format!("the trail {} records the read and write management events of every Region", trail.name);
    subject.pass(if excluded.is_empty() { all } else { format!("{all}, except those of {}", excluded.join(", ")) });
}

fn no_proof(mut subject: Subject<'_, '_>, facts: &Trails, judged: &[(&Trail, Verdict)]) {
    for (trail, verdict) in judged {
        let arn = trail.arn.as_str();
        subject = match verdict {
            Verdict::Proves(_) => subject,
            Verdict::Lacks(reasons) => subject.evidence(arn, reasons.join("; ")),
            Verdict::Unknown(gap) => subject.evidence(arn, gap),
        };
    }
    let unknown = judged.iter().find_map(|(_, verdict)| match verdict {
        Verdict::Unknown(gap) => Some(gap),
        Verdict::Proves(_) | Verdict::Lacks(_) => None,
    });
    // A Region that did not answer may know a trail that the others do not show yet.
    if let Some(gap) = unknown.or_else(|| facts.regions.values().find_map(|seen| seen.gap())) {
        return subject.not_evaluated(gap);
    }
    if let Some(arn) = unread(facts).first() {
        return subject.unclear(format!("a Region lists the trail {arn}, of which nothing else was read"));
    }
    match (facts.regions.len(), judged.len()) {
        (0, _) => subject.unclear("no Region was asked for its trails"),
        (regions, 0) => subject.fail(format!("there is no trail; the number of Regions asked is {regions}")),
        (_, 1) => subject.fail("the only trail does not record all management events of every Region"),
        (_, trails) => subject.fail(format!("none of {trails} trails records all management events of every Region")),
    }
}

fn in_words<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::trails::{AdvancedSelector, EventSelectors, FieldSelector, Trail};
    use probity_model::{Arn, Finding, Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};
    use crate::trails::testing::{basic, in_region, organization_trail, trail, unreadable_region, with, with_status};

    const ID: &str = "trail-multi-region-active";

    fn the_finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn selecting(selectors: EventSelectors) -> Trail {
        Trail { selectors: Seen::Known(selectors), ..trail("main") }
    }

    fn single_region(name: &str) -> Trail {
        Trail { is_multi_region: false, ..trail(name) }
    }

    fn stopped() -> Trail {
        with_status(trail("stopped"), |status| status.is_logging = Some(false))
    }

    #[test]
    fn pass() {
        let finding = the_finding(with(&[single_region("other"), trail("main")]));
        assert_eq!(finding.outcome, Pass);
        assert_eq!(finding.message, "the trail main records the read and write management events of every Region");
        assert!(finding.evidence.iter().any(|item| item.key == "TrailARN" && item.value.ends_with("trail/main")));
    }

    #[test]
    fn fail() {
        assert_eq!(the_finding(with(&[])).message, "there is no trail; the number of Regions asked is 1");
        let broken = [
            single_region("main"),
            stopped(),
            Trail { includes_global_services: false, ..trail("main") },
            selecting(EventSelectors { basic: vec![basic("WriteOnly", true, &[])], advanced: Vec::new() }),
            selecting(EventSelectors { basic: vec![basic("ReadOnly", true, &[])], advanced: Vec::new() }),
            selecting(EventSelectors { basic: vec![basic("All", false, &[])], advanced: Vec::new() }),
        ];
        for trail in &broken {
            assert_eq!(outcomes(ID, with(core::slice::from_ref(trail))), [Fail], "{trail:?}");
        }
        assert_eq!(outcomes(ID, with(&broken)), [Fail], "what each of them lacks the others do not make up for");
        let finding = the_finding(with(&[stopped()]));
        assert!(finding.evidence.iter().any(|item| item.value == "IsLogging is false"));
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(&[trail("main")]).deny(Topic::Trails)), [NotEvaluated]);
        let unread = |change: fn(&mut Trail)| {
            let mut trail = trail("main");
            change(&mut trail);
            outcomes(ID, with(&[trail]))
        };
        assert_eq!(unread(|trail| trail.status = Seen::Missing(denied(Topic::Trails))), [NotEvaluated]);
        assert_eq!(unread(|trail| trail.selectors = Seen::Missing(denied(Topic::Trails))), [NotEvaluated]);
        assert_eq!(unread(|trail| trail.selectors = Seen::Known(EventSelectors::default())), [NotEvaluated]);
        let silent = with_status(trail("main"), |status| status.is_logging = None);
        assert_eq!(outcomes(ID, with(&[silent])), [NotEvaluated]);
        let nowhere = with(&[]).facts(|facts| {
            if let Seen::Known(trails) = &mut facts.trails {
                trails.regions.clear();
            }
        });
        assert_eq!(outcomes(ID, nowhere), [NotEvaluated]);
        let unknown = in_region(with(&[]), "us-east-1", Seen::Known(vec![trail("main").arn]));
        assert_eq!(outcomes(ID, unknown), [NotEvaluated]);
    }

    #[test]
    fn a_good_trail_counts_whatever_else_could_not_be_read() {
        let unreadable = Trail { status: Seen::Missing(denied(Topic::Trails)), ..trail("another") };
        assert_eq!(outcomes(ID, unreadable_region(with(&[unreadable, trail("main")]), "us-east-1")), [Pass]);
    }

    #[test]
    fn the_order_of_the_trails_never_shows() {
        let [a, b] = [trail("a"), trail("b")];
        assert_eq!(findings(ID, with(&[a.clone(), b.clone()])), findings(ID, with(&[b, a])));
        let [c, d] = [single_region("c"), stopped()];
        assert_eq!(findings(ID, with(&[c.clone(), d.clone()])), findings(ID, with(&[d, c])));
    }

    #[test]
    fn a_region_that_did_not_answer_may_hold_the_trail() {
        assert_eq!(outcomes(ID, unreadable_region(with(&[]), "us-east-1")), [NotEvaluated]);
        assert_eq!(outcomes(ID, unreadable_region(with(&[stopped()]), "us-east-1")), [NotEvaluated]);
    }

    #[test]
    fn what_a_trail_lacks_is_known_without_the_rest() {
        let both_missing = Trail {
            is_multi_region: false,
            status: Seen::Missing(denied(Topic::Trails)),
            selectors: Seen::Missing(denied(Topic::Trails)),
            ..trail("main")
        };
        assert_eq!(outcomes(ID, with(&[both_missing])), [Fail]);
    }

    #[test]
    fn only_the_sources_that_the_parameter_names_may_be_left_out() {
        let without = |sources: &[&str]| {
            with(&[selecting(EventSelectors { basic: vec![basic("All", true, sources)], advanced: Vec::new() })])
        };
        let kms = || without(&["kms.amazonaws.com"]);
        assert_eq!(outcomes(ID, kms()), [Pass]);
        assert!(the_finding(kms()).message.ends_with("except those of kms.amazonaws.com"));
        assert_eq!(outcomes_with(ID, &[("allowed_excluded_sources", "")], kms()), [Fail]);
        assert_eq!(outcomes(ID, without(&["iam.amazonaws.com"])), [Fail]);
        assert_eq!(outcomes_with(ID, &[("allowed_excluded_sources", "iam.amazonaws.com")], kms()), [Fail]);
    }

    #[test]
    fn trap_a_trail_that_shows_up_in_every_region_counts_once() {
        let main = trail("main");
        let shadowed = in_region(with(core::slice::from_ref(&main)), "us-east-1", Seen::Known(vec![main.arn]));
        assert_eq!(outcomes(ID, shadowed), [Pass]);
    }

    #[test]
    fn trap_an_advanced_selector_without_read_only_records_both() {
        let equals = |field: &str, value: &str| FieldSelector {
            field: field.to_owned(),
            equals: vec![value.to_owned()],
            ..FieldSelector::default()
        };
        let outcome = |fields: Vec<FieldSelector>| -> Vec<Outcome> {
            let advanced = vec![AdvancedSelector { name: None, fields }];
            outcomes(ID, with(&[selecting(EventSelectors { basic: Vec::new(), advanced })]))
        };
        assert_eq!(outcome(vec![equals("eventCategory", "Management")]), [Pass]);
        assert_eq!(outcome(vec![equals("eventCategory", "Management"), equals("readOnly", "false")]), [Fail]);
        assert_eq!(outcome(vec![equals("eventCategory", "Data")]), [Fail]);
    }

    #[test]
    fn trap_an_organization_trail_of_another_account_counts_and_its_selectors_may_be_denied() {
        let readable =
            Trail { status: trail("org").status, selectors: trail("org").selectors, ..organization_trail("org") };
        assert_eq!(outcomes(ID, with(core::slice::from_ref(&readable))), [Pass]);
        let finding = the_finding(with(&[Trail { selectors: organization_trail("org").selectors, ..readable }]));
        assert_eq!(finding.outcome, NotEvaluated);
        assert!(finding.message.contains("partially verified"), "{}", finding.message);
    }

    #[test]
    fn trap_a_trail_of_one_region_satisfies_no_region() {
        assert_eq!(outcomes(ID, with(&[single_region("one")])), [Fail]);
        let first = single_region("one");
        let second =
            Trail { arn: Arn::new("arn:aws:cloudtrail:us-east-1:123456789012:trail/two"), ..single_region("two") };
        let listed = Seen::Known(vec![second.arn.clone()]);
        assert_eq!(outcomes(ID, in_region(with(&[first, second]), "us-east-1", listed)), [Fail]);
    }

    #[test]
    fn trap_an_event_data_store_is_no_trail() {
        let store = Arn::new("arn:aws:cloudtrail:eu-central-1:123456789012:eventdatastore/4d3c2b1a");
        assert_eq!(outcomes(ID, with(&[Trail { arn: store, ..trail("lake") }])), [Fail]);
    }
}
