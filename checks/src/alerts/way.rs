//! A way from an event to a person, as far as it leads.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::{Gap, GapKind};

/// A way from an event to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// Its links, each by what it is and its name.
    pub(super) links: Vec<(&'static str, String)>,
    /// Where it ends.
    pub(super) end: End,
}

/// Where a way ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// With a person, or with what takes the place of one.
    Live,
    /// At something that could not be read.
    Open(Gap),
    /// At a link that does not hold.
    Broken(String),
    /// At a pattern that leaves out some of the events.
    Narrow(String),
}

impl Way {
    /// A way of one link that leads on.
    pub(super) fn from(kind: &'static str, name: impl Into<String>) -> Self {
        Self { links: Vec::from([(kind, name.into())]), end: End::Live }
    }

    /// The way with one more link.
    pub(super) fn link(mut self, kind: &'static str, name: impl Into<String>) -> Self {
        self.links.push((kind, name.into()));
        self
    }

    /// The way with another end.
    pub(super) fn ends(self, end: End) -> Self {
        Self { end, ..self }
    }

    /// The way, broken here.
    pub(super) fn breaks(self, why: impl Into<String>) -> Self {
        self.ends(End::Broken(why.into()))
    }

    /// The way, with something unread here.
    pub(super) fn opens(self, gap: Gap) -> Self {
        self.ends(End::Open(gap))
    }

    /// The way goes on with another one.
    pub(super) fn then(mut self, rest: Self) -> Self {
        self.links.extend(rest.links);
        Self { links: self.links, end: rest.end }
    }

    /// How far it leads: what is live before what may be, what may be before what is broken, and of broken ways the longest.
    fn rank(&self) -> (u8, usize) {
        let kind = match self.end {
            End::Live => 3,
            End::Open(_) => 2,
            End::Broken(_) => 1,
            End::Narrow(_) => 0,
        };
        (kind, self.links.len())
    }

    /// The one of several that leads farthest; the first of those that lead as far.
    pub(super) fn best(ways: impl IntoIterator<Item = Self>) -> Option<Self> {
        ways.into_iter().reduce(|best, way| if way.rank() > best.rank() { way } else { best })
    }

    /// The one of several that leads least far, where all of them are needed.
    pub(super) fn worst(ways: impl IntoIterator<Item = Self>) -> Option<Self> {
        ways.into_iter().reduce(|worst, way| if way.rank() < worst.rank() { way } else { worst })
    }

    /// The links in one line.
    pub(super) fn in_words(&self) -> String {
        let links: Vec<String> = self.links.iter().map(|(kind, name)| format!("{kind} {name}")).collect();
        links.join(", ")
    }
}

/// A gap for what was read and does not decide.
pub(super) fn undecided(message: impl Into<String>) -> Gap {
    Gap { kind: GapKind::Undecided, operation: None, region: None, code: None, message: message.into() }
}
