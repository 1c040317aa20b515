//! A trail of the organization records every account.
//!
//! # Why
//! A trail that each account keeps for itself is a trail that each account can stop. One of the organization is made in
//! the management account, and no member can turn it off.
//!
//! # Pass
//! One trail of the organization records every Region and is logging now.
//!
//! # Fail
//! No trail does.
//!
//! # Not applicable
//! An account that is in no organization.
//!
//! # Notes
//! In a Region that could not be asked there may be more trails, so each of these Regions is not evaluated. A member
//! account sees the trail and may not see whether it is logging: the check is not evaluated there. Whether the trail
//! selects all management events is another check's business.
//!
//! # Fix
//! Turn the trail of the management account into a trail of the organization, or create one.
//!
//! # Command
//! ```sh
//! aws cloudtrail update-trail --name TRAIL --is-organization-trail
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::trails::Trail;
use probity_model::facts::{OrganizationMembership, Trails};
use probity_model::{Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::trails::{trails, unread, unsaid};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "trail-organization",
        family: Family::LoggingAndMonitoring,
        title: "An organization trail covers every account",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Organization,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };

    type Facts<'s> = (&'s OrganizationMembership, &'s Trails);

    fn run((membership, facts): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is in no organization");
        };
        let mut subject = out.resource(organization.arn.clone());
        let judged: Vec<(&Trail, Verdict)> = trails(facts).into_iter().map(|trail| (trail, judge(trail))).collect();
        if let Some((trail, _)) = judged.iter().find(|(_, verdict)| matches!(verdict, Verdict::Proves)) {
            return subject
                .evidence("TrailARN", &trail.arn)
                .evidence("IsOrganizationTrail", true)
                .evidence("IsMultiRegionTrail", true)
                .evidence("IsLogging", true)
                .pass(format!("the trail {} records every account of the organization", trail.name));
        }
        let mut open: Option<Gap> = None;
        for (trail, verdict) in judged {
            let arn = trail.arn.as_str();
            subject = match verdict {
                Verdict::Proves => subject,
                Verdict::Lacks(why) => subject.evidence(arn, why),
                Verdict::Unknown(gap) => {
                    let subject = subject.evidence(arn, &gap);
                    open = open.or(Some(gap));
                    subject
                }
            };
        }
        // A Region that did not answer may know a trail that the others do not show.
        if let Some(gap) = open.as_ref().or_else(|| facts.regions.values().find_map(|seen| seen.gap())) {
            return subject.not_evaluated(gap);
        }
        match (unread(facts).first(), facts.regions.len()) {
            (Some(arn), _) => {
                subject.unclear(format!("a Region lists the trail {arn}, of which nothing else was read"))
            }
            (None, 0) => subject.unclear("no Region was asked for its trails"),
            (None, regions) => {
                subject.evidence("regions_asked", regions).fail("no trail of the organization records every Region")
            }
        }
    }
}

/// What one trail shows.
enum Verdict {
    Proves,
    Lacks(String),
    Unknown(Gap),
}

fn judge(trail: &Trail) -> Verdict {
    if !trail.is_organization {
        return Verdict::Lacks("IsOrganizationTrail is false".into());
    }
    if !trail.is_multi_region {
        return Verdict::Lacks("IsMultiRegionTrail is false".into());
    }
    match trail.status.get().map(|status| status.is_logging) {
        Ok(Some(true)) => Verdict::Proves,
        Ok(Some(false)) => Verdict::Lacks("IsLogging is false".into()),
        Ok(None) => Verdict::Unknown(unsaid(trail, "the status does not say whether the trail is logging")),
        Err(gap) => {
            let mut gap = gap.clone();
            gap.message =
                format!("{} (the trail {} is one of the organization and of every Region)", gap.message, trail.arn);
            Verdict::Unknown(gap)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::facts::trails::Trail;

    use crate::testing::outcomes;
    use crate::trails::testing::{organization_trail, trail, unreadable_region, with, with_status};

    const ID: &str = "trail-organization";

    fn of_organization() -> Trail {
        Trail { is_organization: true, ..trail("main") }
    }

    fn judged(trails: &[Trail]) -> Vec<Outcome> {
        outcomes(ID, with(trails).organization())
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&[trail("other"), of_organization()]), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(judged(&[]), [Fail]);
        assert_eq!(judged(&[trail("main")]), [Fail]);
        assert_eq!(judged(&[Trail { is_multi_region: false, ..of_organization() }]), [Fail]);
        assert_eq!(judged(&[with_status(of_organization(), |status| status.is_logging = Some(false))]), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(&[of_organization()]).organization().deny(Topic::Trails)), [NotEvaluated]);
        let unknown = with(&[of_organization()]).deny(Topic::OrganizationMembership);
        assert_eq!(outcomes(ID, unknown), [NotEvaluated]);
        assert_eq!(outcomes(ID, unreadable_region(with(&[]).organization(), "us-east-1")), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, with(&[of_organization()])), [NotApplicable]);
    }

    #[test]
    fn trap_a_member_sees_the_trail_and_may_not_see_its_status() {
        assert_eq!(judged(&[organization_trail("org")]), [NotEvaluated]);
        let readable = Trail { status: trail("org").status, ..organization_trail("org") };
        assert_eq!(judged(&[readable]), [Pass]);
    }
}
