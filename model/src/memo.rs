//! What is worked out from something that no longer changes, kept with it: once for each kind of answer.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::OnceLock;

/// A list that only grows, so that what it holds can be lent for as long as the list lives.
///
/// It is no part of what it is kept with: a copy begins without it, and nothing that compares or writes sees it.
#[derive(Default)]
pub(crate) struct Memo {
    first: OnceLock<Box<Link>>,
}

/// The place of one kind of answer.
struct Link {
    kind: TypeId,
    answer: OnceLock<Box<dyn Any + Send + Sync>>,
    next: OnceLock<Box<Link>>,
}

impl Memo {
    /// The answer of this type, worked out on first use: whoever asks meanwhile waits for it. What works it out may itself
    /// ask for answers of other types, never for its own.
    pub(crate) fn get<T: Send + Sync + 'static>(&self, work_out: impl FnOnce() -> T) -> &T {
        let kind = TypeId::of::<T>();
        let mut slot = &self.first;
        let place = loop {
            let link = slot.get_or_init(|| Box::new(Link { kind, answer: OnceLock::new(), next: OnceLock::new() }));
            if link.kind == kind {
                break &link.answer;
            }
            slot = &link.next;
        };
        let answer = place.get_or_init(|| Box::new(work_out()));
        match answer.downcast_ref() {
            Some(answer) => answer,
            None => unreachable!("an answer stands at the place of its own type"),
        }
    }
}

impl Clone for Memo {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Whatever has been worked out so far: it follows from the rest.
impl PartialEq for Memo {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Memo {}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn each_kind_of_answer_is_worked_out_once() {
        let (memo, times) = (Memo::default(), AtomicUsize::new(0));
        let length = || {
            times.fetch_add(1, Ordering::SeqCst);
            5_usize
        };
        assert_eq!((memo.get(length), memo.get(|| "five"), memo.get(length)), (&5, &"five", &5));
        assert_eq!(times.into_inner(), 1);
    }

    #[test]
    fn one_answer_may_ask_for_another() {
        let memo = Memo::default();
        assert_eq!(memo.get(|| u64::from(*memo.get(|| 2_u8)) + 1), &3);
        assert_eq!(memo.get(|| 7_u8), &2, "it was kept");
    }

    #[test]
    fn threads_that_ask_at_once_wait_for_the_same_answer() {
        let (memo, times) = (Memo::default(), AtomicUsize::new(0));
        let ask = || {
            memo.get(|| {
                std::thread::sleep(std::time::Duration::from_millis(20));
                times.fetch_add(1, Ordering::SeqCst)
            })
        };
        let answers: Vec<&usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        assert_eq!((answers, times.load(Ordering::SeqCst)), (vec![&0; 8], 1));
    }

    #[test]
    fn a_copy_begins_without_it() {
        let memo = Memo::default();
        assert_eq!(memo.get(|| 1_u8), &1);
        assert_eq!(memo.clone().get(|| 2_u8), &2);
    }
}
