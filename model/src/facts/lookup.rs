//! Finding one of many by its name: checks ask it for each of thousands.

use std::collections::HashMap;
use std::hash::Hash;

/// Where each of a list stands, by its key; the first of those that share one.
pub(super) fn places<T, K: Clone + Eq + Hash>(list: &[T], key: impl Fn(&T) -> &K) -> HashMap<K, usize> {
    // Backwards: what comes first is put in last, and stays.
    (0..list.len()).rev().filter_map(|place| Some((key(list.get(place)?).clone(), place))).collect()
}

/// What stands at its place; searched for where the list has changed since the places were noted.
pub(super) fn found<'l, T>(list: &'l [T], place: Option<&usize>, is_it: impl Fn(&T) -> bool) -> Option<&'l T> {
    let there = place.and_then(|place| list.get(*place)).filter(|one| is_it(one));
    there.or_else(|| list.iter().find(|one| is_it(one)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_name_is_found() {
        let list = [("a", 1), ("b", 2), ("a", 3)];
        let noted = places(&list, |one| &one.0);
        let by_name = |name: &str| found(&list, noted.get(name), |one| one.0 == name).map(|one| one.1);
        assert_eq!([by_name("a"), by_name("b"), by_name("c")], [Some(1), Some(2), None]);
    }

    #[test]
    fn what_moved_or_came_later_is_found_too() {
        let mut list = vec!["a", "b"];
        let noted = places(&list, |one| one);
        list.insert(0, "c");
        for name in ["a", "b", "c"] {
            assert_eq!(found(&list, noted.get(name), |one| *one == name), Some(&name));
        }
    }
}
