//! Rules of Amazon EventBridge on the default event bus, where the events of CloudTrail arrive, from `events:ListRules` and
//! `events:ListTargetsByRule`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arn, Gap, Region, Seen};

/// The rules with an event pattern, by Region.
///
/// Events of global services such as IAM arrive in one Region of a partition. Where no rule there may match events that arrive
/// in other Regions too, these were not asked: rules elsewhere could not make up for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRules {
    /// The Region in which the events of global services arrive; none where the partition is not known.
    pub global_region: Option<Region>,
    /// The rules by Region.
    pub regions: BTreeMap<Region, Seen<Vec<EventRule>>>,
}

impl EventRules {
    /// The gap in place of a Region that was not asked because no rule in [`Self::global_region`] matches events of others too.
    #[must_use]
    pub fn not_needed() -> Gap {
        Gap::not_requested(
            "no rule where the events of global services arrive matches those of others too, so this was not asked",
        )
    }
}

/// A rule with an event pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRule {
    /// The ARN.
    pub arn: Arn,
    /// The name.
    pub name: String,
    /// `ENABLED`, `DISABLED` or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
    pub state: String,
    /// The event pattern, a JSON document.
    pub pattern: String,
    /// Where it sends the events. Asked only of rules whose pattern may concern CloudTrail.
    pub targets: Seen<Vec<Arn>>,
}
