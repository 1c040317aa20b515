//! What the checks of CloudTrail trails share.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::Trails;
use probity_model::facts::trails::Trail;
use probity_model::{AccountId, Arn, Findings, Gap, GapKind, ResourceKind, Subject, Timestamp};

/// The trails by ARN, without event data stores of CloudTrail Lake, whose ARNs are of the same service.
pub(crate) fn trails(facts: &Trails) -> Vec<&Trail> {
    let mut trails: Vec<_> = facts.trails.iter().filter(|trail| trail.arn.resource().starts_with("trail/")).collect();
    trails.sort_by(|a, b| a.arn.cmp(&b.arn));
    trails
}

/// The trails that a Region lists and of which nothing else was read, each once. A collection leaves none.
pub(crate) fn unread(facts: &Trails) -> BTreeSet<&Arn> {
    let listed = facts.regions.values().filter_map(|seen| seen.get().ok()).flatten();
    listed.filter(|arn| facts.trails.iter().all(|trail| trail.arn != **arn)).collect()
}

/// Whether another account owns the trail, as it does a trail of the organization.
pub(crate) fn is_owned_elsewhere(trail: &Trail, account: &AccountId) -> bool {
    trail.arn.account() != account.as_str()
}

/// A gap for what an answer about a trail leaves out.
pub(crate) fn unsaid(trail: &Trail, what: &str) -> Gap {
    let message = format!("{what} (trail {})", trail.arn);
    Gap { kind: GapKind::Undecided, operation: None, region: None, code: None, message }
}

/// Judges each of the account's own trails. Those of other accounts are judged there; where a Region could not be asked there
/// may be more.
pub(crate) fn each_own(facts: &Trails, out: &mut Findings<'_>, judge: impl Fn(&Trail, Subject<'_, '_>, Timestamp)) {
    for trail in trails(facts) {
        let (elsewhere, now) = (is_owned_elsewhere(trail, out.account()), out.now());
        let mut subject = out.resource(trail.arn.clone());
        if let Some(region) = &trail.home_region {
            subject = subject.region(region);
        }
        if elsewhere {
            let owner = trail.arn.account();
            subject.not_applicable(format!("the account {owner} owns the trail; it is judged there"));
        } else {
            judge(trail, subject, now);
        }
    }
    all_known(facts, out);
}

/// Says of what may be a trail that nobody can judge it.
pub(crate) fn all_known(facts: &Trails, out: &mut Findings<'_>) {
    for arn in unread(facts) {
        out.resource(arn.clone())
            .kind(ResourceKind::Trail)
            .unclear("a Region lists the trail, and nothing else of it was read");
    }
    for (region, seen) in &facts.regions {
        if let Some(gap) = seen.gap() {
            out.whole_account().region(region).not_evaluated(gap);
        }
    }
    if facts.regions.is_empty() {
        out.whole_account().unclear("no Region was asked for its trails");
    }
}

/// Whole hours from a moment until now, none below zero: a delivery may fall into the collection itself.
pub(crate) fn hours_since(moment: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(moment).as_secs().div_euclid(3_600).max(0)
}

/// Trails for tests.
#[cfg(test)]
pub(crate) mod testing {
    use std::borrow::ToOwned;
    use std::format;
    use std::vec::Vec;

    use probity_model::builder::{ACCOUNT, Account, MANAGEMENT, denied, seconds_ago};
    use probity_model::facts::trails::{BasicSelector, EventSelectors, Trail, TrailStatus};
    use probity_model::{Arn, Region, Seen, Topic};

    pub(crate) const HOME: &str = "eu-central-1";

    /// A trail of the account that records everything, delivers and is validated.
    pub(crate) fn trail(name: &str) -> Trail {
        Trail {
            arn: Arn::new(format!("arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/{name}")),
            name: name.to_owned(),
            home_region: Region::try_from(HOME).ok(),
            is_multi_region: true,
            is_organization: false,
            includes_global_services: true,
            log_file_validation: true,
            bucket: Some("logs".to_owned()),
            kms_key: None,
            log_group: None,
            status: Seen::Known(TrailStatus {
                is_logging: Some(true),
                latest_delivery_at: Some(seconds_ago(300)),
                latest_delivery_error: None,
                latest_digest_at: Some(seconds_ago(3_000)),
                latest_digest_error: None,
                latest_log_group_delivery_at: None,
                latest_log_group_error: None,
                started_at: Some(seconds_ago(9_000_000)),
                stopped_at: None,
            }),
            selectors: Seen::Known(EventSelectors { basic: [basic("All", true, &[])].into(), advanced: Vec::new() }),
        }
    }

    /// A trail of the organization that the management account owns; what only its owner may read is denied.
    pub(crate) fn organization_trail(name: &str) -> Trail {
        let gap = denied(Topic::Trails);
        Trail {
            arn: Arn::new(format!("arn:aws:cloudtrail:{HOME}:{MANAGEMENT}:trail/{name}")),
            is_organization: true,
            status: Seen::Missing(gap.clone()),
            selectors: Seen::Missing(gap),
            ..trail(name)
        }
    }

    pub(crate) fn basic(read_write: &str, management: bool, excluded: &[&str]) -> BasicSelector {
        BasicSelector {
            read_write: read_write.to_owned(),
            includes_management_events: management,
            excluded_sources: excluded.iter().map(|&name| name.to_owned()).collect(),
            data_resources: Vec::new(),
        }
    }

    /// The trail with its status changed.
    pub(crate) fn with_status(mut trail: Trail, change: impl FnOnce(&mut TrailStatus)) -> Trail {
        if let Seen::Known(status) = &mut trail.status {
            change(status);
        }
        trail
    }

    /// An account in whose one Region these trails show up.
    pub(crate) fn with(trails: &[Trail]) -> Account {
        let arns: Vec<_> = trails.iter().map(|trail| trail.arn.clone()).collect();
        in_region(Account::new(), HOME, Seen::Known(arns)).facts(|facts| {
            if let Seen::Known(known) = &mut facts.trails {
                known.trails = trails.to_vec();
            }
        })
    }

    /// The account with what a Region said of its trails.
    pub(crate) fn in_region(account: Account, region: &str, arns: Seen<Vec<Arn>>) -> Account {
        account.facts(|facts| {
            if let Seen::Known(known) = &mut facts.trails {
                known.regions.insert(Region::try_from(region).expect("a Region"), arns);
            }
        })
    }

    /// The account with a Region whose trails could not be read.
    pub(crate) fn unreadable_region(account: Account, region: &str) -> Account {
        let name = Region::try_from(region).expect("a Region");
        in_region(account, region, Seen::Missing(denied(Topic::Trails).in_region(&name)))
    }
}
