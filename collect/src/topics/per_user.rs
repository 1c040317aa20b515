//! Questions that AWS answers only user by user: asked of several at once, and a failure stays with its user.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use futures_util::StreamExt as _;
use futures_util::stream;
use probity_model::{Gap, Seen, Topic};

use crate::reader::Reader;

/// Users asked about at once. How many calls of a service are under way is bounded elsewhere; this bounds what waits.
const AT_ONCE: usize = 16;

/// Asks about every user.
pub(crate) async fn ask<T, F>(
    reader: &Reader<'_>,
    topic: Topic,
    users: BTreeSet<String>,
    question: impl Fn(String) -> F,
) -> BTreeMap<String, Seen<T>>
where
    F: Future<Output = Result<T, Gap>>,
{
    let question = &question;
    let asked = users.into_iter().map(|user| async move { (user.clone(), question(user).await.into()) });
    let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
    let mut all = BTreeMap::new();
    while let Some((user, answer)) = answers.next().await {
        all.insert(user, answer);
        reader.progress.advanced(topic, all.len());
    }
    all
}
