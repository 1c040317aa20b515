//! A snapshot under judgement, with what several checks infer from it worked out once.

use crate::fact::Need;
use crate::memo::Memo;
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
    inferred: Memo,
    in_full: bool,
    is_told: bool,
}

impl<'s> Evidence<'s> {
    /// The evidence a snapshot holds.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, inferred: Memo::default(), in_full: false, is_told: false }
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

    /// The same evidence, where what it holds of the organization was read in another account, which is judged as well: what
    /// the organization has is for that one to judge, and here it only counts for what the account may do.
    #[must_use]
    pub fn told(mut self, is_told: bool) -> Self {
        self.is_told = is_told;
        self
    }

    /// Whether another account was asked for what it holds of the organization.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.is_told
    }

    /// The snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &'s Snapshot {
        self.snapshot
    }

    /// An inference, worked out on first use.
    pub fn inferred<T: Inference>(&self) -> &Result<T, Gap> {
        self.inferred.get(|| T::infer(self))
    }
}
