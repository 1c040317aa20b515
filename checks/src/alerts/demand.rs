//! Which events are to be told of.

use alloc::vec::Vec;

use probity_model::AccountId;

use crate::event_patterns::Event;

/// Events that are to be told of.
pub(crate) struct Demand {
    /// The kind of events.
    pub(crate) event: Event,
    /// Whether they arrive on the event bus of any Region, and not only on that of the global services.
    pub(crate) everywhere: bool,
}

impl Demand {
    /// Events that arrive where those of the global services do.
    pub(crate) fn global(event: Event, account: &AccountId) -> Self {
        Self { event: event.text("recipientAccountId", account.as_str()), everywhere: false }
    }

    /// Events that arrive in the Region in which they happen.
    pub(crate) fn everywhere(event: Event, account: &AccountId) -> Self {
        Self { everywhere: true, ..Self::global(event, account) }
    }
}

/// Calls of a global service that change something.
pub(crate) fn calls(service: &str, operations: &[&str], account: &AccountId) -> Vec<Demand> {
    operations.iter().map(|operation| Demand::global(Event::call(service, operation), account)).collect()
}

/// Calls of a service of every Region that change something.
pub(crate) fn calls_everywhere(service: &str, operations: &[&str], account: &AccountId) -> Vec<Demand> {
    operations.iter().map(|operation| Demand::everywhere(Event::call(service, operation), account)).collect()
}
