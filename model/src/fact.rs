//! What a check may read: the facts that its signature names, and nothing else.

use crate::snapshot::Facts;
use crate::{Evidence, Gap, Seen, Snapshot, Topic};

/// A fact of the snapshot: the field that one topic fills.
pub trait Fact: Sized {
    /// The topic that fills it.
    const TOPIC: Topic;

    /// The fact in a snapshot, or the gap in its place.
    fn of(snapshot: &Snapshot) -> &Seen<Self>;

    /// The place of the fact among the facts of a snapshot that is being made.
    fn slot(facts: &mut Facts) -> &mut Seen<Self>;
}

/// A topic that a check reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The topic.
    pub topic: Topic,
    /// Whether the check can be judged without it.
    pub optional: bool,
}

/// What a check asks for: `&A`; `Option<&A>` for optional evidence; `Result<&A, &Gap>` where the check itself says what
/// the absence means; [`Inferred`](crate::evidence::Inferred) for what is worked out from facts; and tuples of these.
pub trait FactSet<'s>: Sized {
    /// The topics that are read.
    fn needs() -> Vec<Need>;

    /// Takes the facts out of a snapshot.
    ///
    /// # Errors
    /// The gap in place of the first necessary fact that is missing.
    fn read(evidence: &'s Evidence<'s>) -> Result<Self, &'s Gap>;
}

impl<'s, A: Fact + 's> FactSet<'s> for &'s A {
    fn needs() -> Vec<Need> {
        vec![Need { topic: A::TOPIC, optional: false }]
    }

    fn read(evidence: &'s Evidence<'s>) -> Result<Self, &'s Gap> {
        A::of(evidence.snapshot()).get()
    }
}

impl<'s, A: Fact + 's> FactSet<'s> for Option<&'s A> {
    fn needs() -> Vec<Need> {
        vec![Need { topic: A::TOPIC, optional: true }]
    }

    fn read(evidence: &'s Evidence<'s>) -> Result<Self, &'s Gap> {
        Ok(A::of(evidence.snapshot()).get().ok())
    }
}

impl<'s, A: Fact + 's> FactSet<'s> for Result<&'s A, &'s Gap> {
    fn needs() -> Vec<Need> {
        vec![Need { topic: A::TOPIC, optional: true }]
    }

    fn read(evidence: &'s Evidence<'s>) -> Result<Self, &'s Gap> {
        Ok(A::of(evidence.snapshot()).get())
    }
}

/// For checks that no API can answer.
impl<'s> FactSet<'s> for () {
    fn needs() -> Vec<Need> {
        Vec::new()
    }

    fn read(_: &'s Evidence<'s>) -> Result<Self, &'s Gap> {
        Ok(())
    }
}

macro_rules! tuple {
    ($($part:ident),+) => {
        impl<'s, $($part: FactSet<'s>),+> FactSet<'s> for ($($part,)+) {
            fn needs() -> Vec<Need> {
                [$($part::needs()),+].concat()
            }

            fn read(evidence: &'s Evidence<'s>) -> Result<Self, &'s Gap> {
                Ok(($($part::read(evidence)?,)+))
            }
        }
    };
}

tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
