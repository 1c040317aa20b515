//! Lists that come in pages, and services that lose their place.
//!
//! The SDK's paginators end a list without a word when a marker comes twice; a list that was cut looks whole then. Here a
//! marker that was seen before, or a page that promises more without saying where, is a gap.

use std::collections::HashSet;

use probity_model::{Gap, GapKind, Operation};

/// The markers of one list.
#[derive(Debug)]
pub(crate) struct Pages {
    operation: Operation,
    seen: HashSet<String>,
}

impl Pages {
    /// A list that has not begun.
    pub(crate) fn new(operation: Operation) -> Self {
        Self { operation, seen: HashSet::new() }
    }

    /// The marker of the next page; `None` at the end of the list.
    ///
    /// # Errors
    /// A gap where the list cannot be whole.
    pub(crate) fn next(&mut self, truncated: bool, marker: Option<String>) -> Result<Option<String>, Gap> {
        let marker = marker.filter(|marker| !marker.is_empty());
        let cut = |message: &str| Gap::of(GapKind::Malformed, self.operation, None, message);
        match (truncated, marker) {
            (false, _) => Ok(None),
            (true, None) => Err(cut("a page said that there are more and not where: the list is cut")),
            (true, Some(marker)) if self.seen.insert(marker.clone()) => Ok(Some(marker)),
            (true, Some(_)) => Err(cut("the same page was named twice: the list is cut")),
        }
    }

    /// The same for services that say that there is more by naming the next page.
    pub(crate) fn next_token(&mut self, token: Option<String>) -> Result<Option<String>, Gap> {
        let more = token.as_ref().is_some_and(|token| !token.is_empty());
        self.next(more, token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::Service;

    fn pages() -> Pages {
        Pages::new(Operation::new(Service::Iam, "ListUsers", "iam:ListUsers"))
    }

    #[test]
    fn a_list_ends_where_it_says() {
        let mut pages = pages();
        assert_eq!(pages.next(true, Some("a".into())), Ok(Some("a".into())));
        assert_eq!(pages.next(true, Some("b".into())), Ok(Some("b".into())));
        assert_eq!(pages.next(false, Some("c".into())), Ok(None));
    }

    #[test]
    fn a_repeated_marker_is_a_gap() {
        let mut pages = pages();
        for marker in ["a", "b"] {
            assert!(pages.next(true, Some(marker.into())).is_ok());
        }
        assert_eq!(pages.next(true, Some("a".into())).map_err(|gap| gap.kind), Err(GapKind::Malformed));
    }

    #[test]
    fn more_without_a_place_is_a_gap() {
        assert!(pages().next(true, None).is_err());
        assert!(pages().next(true, Some(String::new())).is_err());
    }
}
