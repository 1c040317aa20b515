//! What the event history of the Regions tells of the root user.
//!
//! An event anywhere is a use. The history adds to the credential report, which decides by itself: where the history was not
//! read in every Region as far back as was asked, the finding says so.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::RootActivity;
use probity_model::facts::root_activity::RootEvent;
use probity_model::{Gap, Region, Subject, Timestamp};

/// How far the event history of CloudTrail reaches back, in days (CloudTrail User Guide, "Working with CloudTrail event
/// history").
const HISTORY_DAYS: i64 = 90;

/// What the event history of the Regions tells of the days looked at.
pub(crate) struct History<'s> {
    window: i64,
    /// The latest event that is a use, how many days ago it was, and its Region.
    latest: Option<(&'s RootEvent, i64, &'s Region)>,
    /// How many events are a use.
    uses: usize,
    /// How many are of a session that was opened centrally.
    central: usize,
    /// An event that can be either.
    unclear: Option<(&'s RootEvent, &'s Region)>,
    /// Regions of which the days looked at are not all known.
    unread: Vec<&'s Region>,
    /// Why not all is known.
    gap: Option<Open<'s>>,
}

/// Whether an event comes before another in the telling: the newest first, and of the same second always the same one.
fn newer(event: (&RootEvent, &Region), than: (&RootEvent, &Region)) -> bool {
    let key = |(event, region): (&RootEvent, &Region)| (event.at, event.id.clone(), region.clone());
    key(event) > key(than)
}

/// Why the event history leaves the question open.
enum Open<'s> {
    Gap(&'s Gap),
    Unclear(String),
}

impl<'s> History<'s> {
    /// The events of the last `window` days; `days_since` tells the whole days from a moment until now.
    pub(crate) fn of(
        activity: Result<&'s RootActivity, &'s Gap>,
        window: i64,
        days_since: impl Fn(Timestamp) -> i64,
    ) -> Self {
        let mut history =
            Self { window, latest: None, uses: 0, central: 0, unclear: None, unread: Vec::new(), gap: None };
        let activity = match activity {
            Ok(activity) => activity,
            Err(gap) => {
                history.gap = Some(Open::Gap(gap));
                return history;
            }
        };
        for (region, answer) in &activity.regions {
            match answer.get() {
                Ok(events) => history.read(events, activity.cut.contains(region), region, &days_since),
                Err(gap) => history.leave_open(region, || Open::Gap(gap)),
            }
        }
        if activity.regions.is_empty() {
            history.gap = Some(Open::Unclear("the event history of no Region was read".to_string()));
        } else if days_since(activity.since) < window.min(HISTORY_DAYS) {
            let since = activity.since;
            history.gap.get_or_insert_with(|| Open::Unclear(format!("the event history was only read since {since}")));
        }
        history
    }

    /// Takes in the events of a Region.
    fn read(&mut self, events: &'s [RootEvent], cut: bool, region: &'s Region, days_since: &impl Fn(Timestamp) -> i64) {
        let inside = |event: &&RootEvent| days_since(event.at) <= self.window;
        let recent: Vec<&RootEvent> = events.iter().filter(inside).collect();
        // What was cut off is older than what was kept: one event before the window means that all within it are there.
        if cut && recent.len() == events.len() {
            self.leave_open(region, || {
                Open::Unclear(format!(
                    "{region} has more events of the root user than were read, and no use among these"
                ))
            });
        }
        for event in recent {
            match event.assumed_root {
                Some(true) => self.central += 1,
                None if self.unclear.is_none_or(|(other, place)| newer((event, region), (other, place))) => {
                    self.unclear = Some((event, region));
                }
                None => {}
                Some(false) => {
                    self.uses += 1;
                    if self.latest.is_none_or(|(other, _, place)| newer((event, region), (other, place))) {
                        self.latest = Some((event, days_since(event.at).max(0), region));
                    }
                }
            }
        }
    }

    fn leave_open(&mut self, region: &'s Region, why: impl FnOnce() -> Open<'s>) {
        self.unread.push(region);
        self.gap.get_or_insert_with(why);
    }

    /// What to say of a use, where there is one.
    pub(crate) fn used(&self) -> Option<String> {
        self.latest.map(|(event, days, region)| {
            let (name, window) = (&event.name, self.window);
            format!(
                "the root user was used {days} days ago (the event {name} in {region}); the window is {window} days"
            )
        })
    }

    /// Adds what was found to a verdict.
    pub(crate) fn evidence<'f, 'o>(&self, mut root: Subject<'f, 'o>) -> Subject<'f, 'o> {
        if matches!(self.gap, Some(Open::Gap(_))) && self.unread.is_empty() {
            return root;
        }
        root = root.evidence("root_events", self.uses).evidence("centrally_opened_root_events", self.central);
        if let Some((event, _, region)) = self.latest {
            let source = event.source_address.as_deref().unwrap_or("an unknown address");
            root =
                root.evidence("latest_root_event", format!("{} at {} in {region} from {source}", event.name, event.at));
        }
        if self.unread.is_empty() {
            return root;
        }
        let unread: Vec<&str> = self.unread.iter().map(|region| region.as_str()).collect();
        root.evidence("regions_not_read", unread.join(", "))
    }

    /// The verdict where neither the credential report nor the events that were read show a use. The report alone decides
    /// then; a history that was not read in full is told, since the report can be four hours old.
    pub(crate) fn conclude(&self, root: Subject<'_, '_>, message: String) {
        if let Some((event, region)) = self.unclear {
            return root.unclear(format!(
                "the record of the event {} in {region} at {} does not say whether the session was opened centrally",
                event.name, event.at
            ));
        }
        match &self.gap {
            Some(why) => {
                let because = match why {
                    Open::Gap(gap) => gap.to_string(),
                    Open::Unclear(why) => why.clone(),
                };
                root.evidence("event_history", because).pass(format!(
                    "{message}; this is by the credential report, since the event history was not read in full"
                ));
            }
            None => root.pass(message),
        }
    }
}
