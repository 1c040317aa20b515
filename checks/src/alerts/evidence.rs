//! What the checks of alerts read. Only the trails are necessary: of everything else the absence matters only where no
//! alert was found without it.

use probity_model::facts::{Alarms, AlertTopics, EventRules, TrailLogGroups, Trails};
use probity_model::{Evidence, FactSet, Gap, Need};

/// What the checks of alerts read.
#[derive(Clone, Copy)]
pub struct AlertEvidence<'s> {
    pub(super) trails: &'s Trails,
    pub(super) groups: Result<&'s TrailLogGroups, &'s Gap>,
    pub(super) alarms: Result<&'s Alarms, &'s Gap>,
    pub(super) rules: Result<&'s EventRules, &'s Gap>,
    pub(super) topics: Result<&'s AlertTopics, &'s Gap>,
}

type Parts<'s> = (
    &'s Trails,
    Result<&'s TrailLogGroups, &'s Gap>,
    Result<&'s Alarms, &'s Gap>,
    Result<&'s EventRules, &'s Gap>,
    Result<&'s AlertTopics, &'s Gap>,
);

impl<'s> FactSet<'s> for AlertEvidence<'s> {
    fn needs() -> alloc::vec::Vec<Need> {
        Parts::needs()
    }

    fn read(evidence: &'s Evidence<'s>) -> Result<Self, &'s Gap> {
        let (trails, groups, alarms, rules, topics) = Parts::read(evidence)?;
        Ok(Self { trails, groups, alarms, rules, topics })
    }
}
