//! Trails with what hangs on them, and the services that watch: which topic needs which is said here.

use probity_model::facts::trails::Trail;
use probity_model::facts::{Alarms, EventRules, TrailLogGroups, Trails};
use probity_model::{Gap, Region};

use super::Collection;
use crate::topics::enabled_regions::Places;
use crate::topics::{
    alarms, alert_topics, config_recorders, event_rules, guard_duty_detectors, insight_selectors, security_hubs,
    trail_buckets, trail_keys, trail_log_groups, trails,
};

impl Collection<'_> {
    /// Trails and alerts, and beside them the services that watch.
    pub(super) async fn monitoring(&self, places: &Places) {
        let reader = &self.reader;
        tokio::join!(
            self.alerting(places),
            self.topic(|all| all.regions.len(), config_recorders::read(reader, places)),
            self.topic(|all| all.regions.len(), guard_duty_detectors::read(reader, places)),
            self.topic(|all| all.regions.len(), security_hubs::read(reader, places)),
        );
    }

    async fn alerting(&self, places: &Places) {
        let reader = &self.reader;
        let rules = |all: &EventRules| all.regions.values().filter_map(|seen| seen.get().ok()).map(Vec::len).sum();
        tokio::join!(self.trails(places), self.topic(rules, event_rules::read(reader, places, self.session.region())),);
        let alarms = self.known(|alarms: &Alarms| alarms.clone());
        let rules = self.known(|rules: &EventRules| rules.clone());
        self.topic(|all| all.topics.len(), alert_topics::read(reader, alarms.as_ref(), rules.as_ref())).await;
    }

    async fn trails(&self, places: &Places) {
        let reader = &self.reader;
        self.topic(|all: &Trails| all.trails.len(), trails::read(reader, places)).await;
        let own = self.own_trails();
        tokio::join!(
            self.topic(|all| all.trails.len(), async { insight_selectors::read(reader, own.clone()?).await }),
            self.topic(|all| all.buckets.len(), async { trail_buckets::read(reader, own.clone()?).await }),
            self.topic(|all| all.keys.len(), async { trail_keys::read(reader, own.clone()?).await }),
            self.log_groups(own.clone()),
        );
    }

    async fn log_groups(&self, own: Result<Vec<(Region, Trail)>, Gap>) {
        let reader = &self.reader;
        self.topic(|all: &TrailLogGroups| all.groups.len(), async { trail_log_groups::read(reader, own?).await }).await;
        let groups = self.known(|groups: &TrailLogGroups| groups.clone());
        let count = |all: &Alarms| all.regions.values().filter_map(|seen| seen.get().ok()).map(Vec::len).sum();
        self.topic(count, async { alarms::read(reader, &groups?).await }).await;
    }

    /// The trails of the account itself, each with its home Region; what hangs on other accounts' trails is theirs to read.
    fn own_trails(&self) -> Result<Vec<(Region, Trail)>, Gap> {
        let account = self.session.caller().account.as_str();
        self.known(|trails: &Trails| {
            let own = trails.trails.iter().filter(|trail| trail.arn.account() == account);
            own.filter_map(|trail| {
                let home = trail.home_region.clone().or_else(|| Region::try_from(trail.arn.region()).ok())?;
                Some((home, trail.clone()))
            })
            .collect()
        })
    }
}
