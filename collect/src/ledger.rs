//! Counts the calls of a run, by operation and Region.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use probity_model::run::CallCount;

/// The calls that were made; clones count into the same ledger.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<BTreeMap<(String, String), CallCount>>>);

impl Ledger {
    /// Changes the count of an operation in a Region.
    pub(crate) fn count(&self, operation: &str, region: &str, change: impl FnOnce(&mut CallCount)) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((operation.to_owned(), region.to_owned())).or_insert_with(|| CallCount {
            operation: operation.to_owned(),
            region: region.to_owned(),
            ..CallCount::default()
        });
        change(count);
    }

    /// The counts so far, sorted by operation and Region.
    #[must_use]
    pub fn counts(&self) -> Vec<CallCount> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
