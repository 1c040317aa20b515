//! CloudTrail Insights watches the rates of calls and of errors.
//!
//! # Why
//! A burst of calls, or of refusals, is what an intruder's tools look like. Insights knows what is usual in this
//! account, and says when something is not.
//!
//! # Pass
//! Insights watches both `ApiCallRateInsight` and `ApiErrorRateInsight` on a trail that is logging.
//!
//! # Fail
//! It watches one of them or neither on every trail of the account.
//!
//! # Not applicable
//! A trail that another account owns, such as a trail of the organization: it is judged in the account that owns it. A
//! trail beside another one that Insights watches. Insights that was decided against, under `declined`.
//!
//! # Notes
//! In a Region that could not be asked there may be more trails, so each of these Regions is not evaluated.
//!
//! # Fix
//! Enable both kinds of insights on one trail.
//!
//! # Command
//! ```sh
//! aws cloudtrail put-insight-selectors --trail-name TRAIL \
//!   --insight-selectors InsightType=ApiCallRateInsight InsightType=ApiErrorRateInsight
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::trails::Trail;
use probity_model::facts::{InsightSelectors, Trails};
use probity_model::{
    Automation, Family, Findings, FlagParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope, Severity,
    Subject,
};

use crate::trail_buckets::listed;
use crate::trails::{each_own, is_owned_elsewhere, trails};

/// What has to be watched.
const KINDS: [&str; 2] = ["ApiCallRateInsight", "ApiErrorRateInsight"];

const DECLINED: FlagParameter = FlagParameter {
    name: "declined",
    default: false,
    source: "Insights is charged by the number of events analysed, and an account may decide against it",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-insights",
        family: Family::LoggingAndMonitoring,
        title: "CloudTrail Insights watches call and error rates",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Trail,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(DECLINED)],
    };

    type Facts<'s> = (&'s Trails, &'s InsightSelectors);

    fn run((facts, insights): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        if parameters.flag(&DECLINED) {
            return out.whole_account().not_applicable("it was decided against Insights (parameter declined)");
        }
        let own = trails(facts).into_iter().filter(|trail| !is_owned_elsewhere(trail, out.account()));
        let watched = own.filter(|trail| watches_both(trail, insights)).min_by(|a, b| a.arn.cmp(&b.arn));
        each_own(facts, out, |trail, subject, _| judge(trail, insights, watched, subject));
    }
}

fn watches_both(trail: &Trail, insights: &InsightSelectors) -> bool {
    let logging = trail.status.get().is_ok_and(|status| status.is_logging == Some(true));
    let kinds = insights.trails.get(&trail.arn).and_then(|seen| seen.get().ok());
    logging && kinds.is_some_and(|kinds| KINDS.iter().all(|kind| kinds.iter().any(|one| one == kind)))
}

fn judge(trail: &Trail, insights: &InsightSelectors, watched: Option<&Trail>, subject: Subject<'_, '_>) {
    if let Some(other) = watched.filter(|other| other.arn != trail.arn) {
        return subject.not_applicable(format!("Insights watches the trail {}; once is enough", other.name));
    }
    let kinds = match insights.trails.get(&trail.arn).map(|seen| seen.get()) {
        Some(Ok(kinds)) => kinds,
        Some(Err(gap)) => return subject.not_evaluated(gap),
        None => return subject.unclear("whether Insights watches the trail was not read"),
    };
    let subject = subject.evidence("InsightSelectors", listed(kinds.iter().map(|kind| kind.as_str())));
    if watched.is_some() {
        return subject.evidence("IsLogging", true).pass("Insights watches the rates of calls and of errors");
    }
    let missing: Vec<&str> = KINDS.into_iter().filter(|kind| !kinds.iter().any(|one| one == kind)).collect();
    if !missing.is_empty() {
        return subject.fail(format!("Insights does not watch {}", missing.join(" and ")));
    }
    match trail.status.get().map(|status| status.is_logging) {
        Ok(Some(false)) => {
            subject.evidence("IsLogging", false).fail("the trail is not logging, so that Insights sees nothing")
        }
        Ok(_) => subject.unclear("the status does not say whether the trail is logging"),
        Err(gap) => subject.not_evaluated(gap),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::trails::Trail;
    use probity_model::{Seen, Topic};

    use super::KINDS;
    use crate::testing::{outcomes, outcomes_with};
    use crate::trails::testing::{organization_trail, trail, with, with_status};

    const ID: &str = "trail-insights";

    fn watching(trails: &[(Trail, Seen<Vec<&str>>)]) -> Account {
        let all: Vec<Trail> = trails.iter().map(|(trail, _)| trail.clone()).collect();
        with(&all).facts(|facts| {
            let Seen::Known(insights) = &mut facts.insight_selectors else { unreachable!("they are known") };
            for (trail, kinds) in trails {
                let kinds = match kinds {
                    Seen::Known(kinds) => Seen::Known(kinds.iter().map(|&kind| kind.to_owned()).collect()),
                    Seen::Missing(gap) => Seen::Missing(gap.clone()),
                };
                insights.trails.insert(trail.arn.clone(), kinds);
            }
        })
    }

    fn one(kinds: &[&'static str]) -> Account {
        watching(&[(trail("main"), Seen::Known(kinds.to_vec()))])
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, one(&KINDS)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, one(&KINDS[..1])), [Fail]);
        let stopped = with_status(trail("main"), |status| status.is_logging = Some(false));
        assert_eq!(outcomes(ID, watching(&[(stopped, Seen::Known(KINDS.to_vec()))])), [Fail]);
    }

    #[test]
    fn one_trail_is_enough() {
        let both = watching(&[(trail("a"), Seen::Known(Vec::new())), (trail("b"), Seen::Known(KINDS.to_vec()))]);
        assert_eq!(outcomes(ID, both), [NotApplicable, Pass]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, one(&KINDS).deny(Topic::Trails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, one(&KINDS).deny(Topic::InsightSelectors)), [NotEvaluated]);
        assert_eq!(
            outcomes(ID, watching(&[(trail("main"), Seen::Missing(denied(Topic::InsightSelectors)))])),
            [NotEvaluated]
        );
        assert_eq!(outcomes(ID, with(&[trail("main")])), [NotEvaluated], "nobody has asked");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[organization_trail("org")])), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("declined", "true")], one(&[])), [NotApplicable]);
    }

    #[test]
    fn trap_insights_that_are_off_are_an_answer() {
        assert_eq!(outcomes(ID, one(&[])), [Fail]);
    }
}
