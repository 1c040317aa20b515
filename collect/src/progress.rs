//! What a collection says while it runs.

use probity_model::{Gap, Topic};

/// Hears of the topics as they are read. Called from several tasks at once.
pub trait Progress: Send + Sync {
    /// A topic is being read.
    fn started(&self, topic: Topic);

    /// So many things of a topic have been read so far.
    fn advanced(&self, topic: Topic, count: usize);

    /// A topic is done: so many things were read, or there is a gap instead.
    fn finished(&self, topic: Topic, count: usize, gap: Option<&Gap>);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _: Topic) {}

    fn advanced(&self, _: Topic, _: usize) {}

    fn finished(&self, _: Topic, _: usize, _: Option<&Gap>) {}
}
