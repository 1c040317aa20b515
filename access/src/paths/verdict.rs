//! Whether a step is open: three-valued, and whether evidence is what is missing.

use probity_policy::{Answer, Remaining, Truth};

use super::Certainty;
use crate::administrators::truth;

/// Whether something is allowed, and whether it hangs on something that nobody has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) truth: Truth,
    pub(crate) unread: bool,
}

impl Verdict {
    pub(crate) const YES: Verdict = Verdict { truth: Truth::Yes, unread: false };
    pub(crate) const NO: Verdict = Verdict { truth: Truth::No, unread: false };
    /// Under conditions.
    pub(crate) const MAYBE: Verdict = Verdict { truth: Truth::Unknown, unread: false };
    /// For lack of evidence.
    pub(crate) const UNREAD: Verdict = Verdict { truth: Truth::Unknown, unread: true };

    pub(crate) fn of(answer: &Answer<'_>) -> Verdict {
        let truth = truth(answer.decision);
        let unread = truth == Truth::Unknown
            && answer.deciders.iter().any(|decider| decider.remaining.contains(&Remaining::Policy));
        Verdict { truth, unread }
    }

    pub(crate) fn is_possible(self) -> bool {
        self.truth != Truth::No
    }

    pub(crate) fn and(self, other: Verdict) -> Verdict {
        let truth = self.truth.and(other.truth);
        Verdict { truth, unread: truth == Truth::Unknown && (self.unread || other.unread) }
    }

    /// The better of the two.
    pub(crate) fn or(self, other: Verdict) -> Verdict {
        if other.rank() < self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match (self.truth, self.unread) {
            (Truth::Yes, _) => 0,
            (Truth::Unknown, false) => 1,
            (Truth::Unknown, true) => 2,
            (Truth::No, _) => 3,
        }
    }

    pub(crate) fn certainty(self) -> Option<Certainty> {
        match (self.truth, self.unread) {
            (Truth::Yes, _) => Some(Certainty::Certain),
            (Truth::Unknown, false) => Some(Certainty::Conditional),
            (Truth::Unknown, true) => Some(Certainty::Unknown),
            (Truth::No, _) => None,
        }
    }
}
