//! A snapshot under judgement, with what several checks infer from it worked out once.

use std::any::Any;
use std::sync::OnceLock;

use crate::fact::Need;
use crate::{FactSet, Gap, Snapshot};

/// Something worked out from facts that several checks read, such as the index of everyone's effective permissions.
pub trait Inference: Sized + Send + Sync + 'static {
    /// The topics it is worked out from.
    fn needs() -> Vec<Need>;

    /// Works it out.
    ///
    /// # Errors
    /// The gap in place of the first necessary fact that is missing.
    fn infer(evidence: &Evidence<'_>) -> Result<Self, Gap>;
}

/// An inference as a check asks for it: `type Facts<'s> = Inferred<'s, Access>`.
#[derive(Debug, Clone, Copy)]
pub struct Inferred<'s, T>(pub &'s T);

impl<'s, T: Inference> FactSet<'s> for Inferred<'s, T> {
    fn needs() -> Vec<Need> {
        T::needs()
    }

    fn read(evidence: &'s Evidence<'s>) -> Result<Self, &'s Gap> {
        evidence.inferred().as_ref().map(Self)
    }
}

/// A snapshot, and what was inferred from it so far.
pub struct Evidence<'s> {
    snapshot: &'s Snapshot,
    inferred: OnceLock<Box<Link>>,
    in_full: bool,
}

/// A list that only grows, so that what it holds can be lent for as long as the list lives.
struct Link {
    value: Box<dyn Any + Send + Sync>,
    next: OnceLock<Box<Link>>,
}

impl<'s> Evidence<'s> {
    /// The evidence a snapshot holds.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, inferred: OnceLock::new(), in_full: false }
    }

    /// The same evidence, judged for someone who wants to see all of it: values that findings otherwise only measure stand
    /// in them whatever their length. No verdict depends on it.
    #[must_use]
    pub fn in_full(mut self) -> Self {
        self.in_full = true;
        self
    }

    /// Whether all of it is wanted.
    #[must_use]
    pub fn is_in_full(&self) -> bool {
        self.in_full
    }

    /// The snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &'s Snapshot {
        self.snapshot
    }

    /// An inference, worked out on first use.
    pub fn inferred<T: Inference>(&self) -> &Result<T, Gap> {
        let mut fresh = None;
        let mut slot = &self.inferred;
        loop {
            if let Some(link) = slot.get() {
                match link.value.downcast_ref() {
                    Some(found) => return found,
                    None => slot = &link.next,
                }
                continue;
            }
            // Worked out before the slot is taken: an inference may itself ask for another one.
            let value: Box<dyn Any + Send + Sync> = Box::new(fresh.take().unwrap_or_else(|| T::infer(self)));
            if let Err(link) = slot.set(Box::new(Link { value, next: OnceLock::new() })) {
                fresh = link.value.downcast::<Result<T, Gap>>().ok().map(|value| *value);
            }
        }
    }
}
