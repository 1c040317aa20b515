//! Which management events a trail's event selectors record.
//!
//! A selector of either form is reduced to the event sources whose read events and whose write events it records; the
//! trail records what any of its selectors does. A selector that narrows in a way that is not understood here records
//! nothing as far as anyone can say.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use probity_model::facts::trails::{AdvancedSelector, BasicSelector, EventSelectors, FieldSelector};

/// The kinds of management events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write,
}

/// What a trail records of one kind of management events.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Recorded<'s> {
    /// Those of every event source but these.
    AllBut(BTreeSet<&'s str>),
    /// Those of some event sources at most, or none.
    NotAll,
}

/// The event sources that one selector records.
enum Sources<'s> {
    AllBut(BTreeSet<&'s str>),
    Only(BTreeSet<&'s str>),
}

/// Whether a trail has selectors at all: every trail has, so an answer without any says nothing.
pub(crate) fn are_told(selectors: &EventSelectors) -> bool {
    !selectors.basic.is_empty() || !selectors.advanced.is_empty()
}

/// What the selectors together record. Advanced selectors replace basic ones.
pub(crate) fn recorded(selectors: &EventSelectors, kind: Kind) -> Recorded<'_> {
    let parts: Vec<Sources<'_>> = if selectors.advanced.is_empty() {
        selectors.basic.iter().filter_map(|selector| basic(selector, kind)).collect()
    } else {
        selectors.advanced.iter().filter_map(|selector| advanced(selector, kind)).collect()
    };
    let left_out =
        parts.iter().filter_map(|part| if let Sources::AllBut(names) = part { Some(names.clone()) } else { None });
    // An event is missing only where every selector leaves it out.
    let Some(mut left_out) = left_out.reduce(|all, more| &all & &more) else { return Recorded::NotAll };
    for part in &parts {
        if let Sources::Only(names) = part {
            left_out.retain(|name| !names.contains(name));
        }
    }
    Recorded::AllBut(left_out)
}

fn basic(selector: &BasicSelector, kind: Kind) -> Option<Sources<'_>> {
    let of_kind = match selector.read_write.as_str() {
        "All" => true,
        "ReadOnly" => kind == Kind::Read,
        "WriteOnly" => kind == Kind::Write,
        _ => false,
    };
    (of_kind && selector.includes_management_events).then(|| Sources::AllBut(names(&selector.excluded_sources)))
}

fn advanced(selector: &AdvancedSelector, kind: Kind) -> Option<Sources<'_>> {
    // A selector always names its category; one that does not is none that CloudTrail takes.
    let category = |field: &&FieldSelector| field.field == "eventCategory";
    selector.fields.iter().find(category)?;
    let mut sources = Sources::AllBut(BTreeSet::new());
    for field in &selector.fields {
        match field.field.as_str() {
            "eventCategory" if only_equals(field) => {
                field.equals.iter().find(|value| *value == "Management").map(drop)?
            }
            "readOnly" if only_equals(field) => {
                let wanted = if kind == Kind::Read { "true" } else { "false" };
                field.equals.iter().find(|value| *value == wanted).map(drop)?;
            }
            "eventSource" => sources = and(sources, of_sources(field)?),
            _ => return None,
        }
    }
    Some(sources)
}

/// The sources of a field selector that compares whole names; nothing where it compares anything else.
fn of_sources(field: &FieldSelector) -> Option<Sources<'_>> {
    match (field.equals.is_empty(), field.not_equals.is_empty()) {
        _ if !only_whole_values(field) => None,
        (true, false) => Some(Sources::AllBut(names(&field.not_equals))),
        (false, true) => Some(Sources::Only(names(&field.equals))),
        (false, false) => Some(Sources::Only(&names(&field.equals) - &names(&field.not_equals))),
        (true, true) => None,
    }
}

fn and<'s>(one: Sources<'s>, other: Sources<'s>) -> Sources<'s> {
    match (one, other) {
        (Sources::AllBut(a), Sources::AllBut(b)) => Sources::AllBut(&a | &b),
        (Sources::Only(a), Sources::Only(b)) => Sources::Only(&a & &b),
        (Sources::Only(only), Sources::AllBut(not)) | (Sources::AllBut(not), Sources::Only(only)) => {
            Sources::Only(&only - &not)
        }
    }
}

fn only_whole_values(field: &FieldSelector) -> bool {
    [&field.starts_with, &field.not_starts_with, &field.ends_with, &field.not_ends_with]
        .iter()
        .all(|list| list.is_empty())
}

fn only_equals(field: &FieldSelector) -> bool {
    only_whole_values(field) && field.not_equals.is_empty()
}

fn names(list: &[alloc::string::String]) -> BTreeSet<&str> {
    list.iter().map(alloc::string::String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::string::String;
    use std::vec;
    use std::vec::Vec;

    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    fn equals(field: &str, values: &[&str]) -> FieldSelector {
        FieldSelector { field: field.to_owned(), equals: texts(values), ..FieldSelector::default() }
    }

    fn not_equals(field: &str, values: &[&str]) -> FieldSelector {
        FieldSelector { field: field.to_owned(), not_equals: texts(values), ..FieldSelector::default() }
    }

    fn management(fields: &[FieldSelector]) -> AdvancedSelector {
        let category = equals("eventCategory", &["Management"]);
        AdvancedSelector { name: None, fields: [&[category], fields].concat() }
    }

    fn of(advanced: &[AdvancedSelector]) -> EventSelectors {
        EventSelectors { basic: Vec::new(), advanced: advanced.to_vec() }
    }

    fn basic_selector(read_write: &str, management: bool, excluded: &[&str]) -> BasicSelector {
        BasicSelector {
            read_write: read_write.to_owned(),
            includes_management_events: management,
            excluded_sources: texts(excluded),
            data_resources: Vec::new(),
        }
    }

    fn all_but(selectors: &EventSelectors) -> [Option<Vec<&str>>; 2] {
        [Kind::Read, Kind::Write].map(|kind| match recorded(selectors, kind) {
            Recorded::AllBut(names) => Some(names.into_iter().collect()),
            Recorded::NotAll => None,
        })
    }

    const ALL: [Option<Vec<&str>>; 2] = [Some(vec![]), Some(vec![])];

    #[test]
    fn basic_selectors_add_up() {
        let of = |basic: &[BasicSelector]| EventSelectors { basic: basic.to_vec(), advanced: Vec::new() };
        assert_eq!(all_but(&of(&[basic_selector("All", true, &[])])), ALL);
        assert_eq!(all_but(&of(&[basic_selector("All", false, &[])])), [None, None]);
        assert_eq!(all_but(&of(&[basic_selector("WriteOnly", true, &[])])), [None, Some(vec![])]);
        let two = [basic_selector("WriteOnly", true, &["kms"]), basic_selector("ReadOnly", true, &["kms", "rds"])];
        assert_eq!(all_but(&of(&two)), [Some(vec!["kms", "rds"]), Some(vec!["kms"])]);
        assert_eq!(all_but(&of(&[basic_selector("Sometimes", true, &[])])), [None, None]);
    }

    #[test]
    fn what_one_selector_leaves_out_another_may_record() {
        let without_kms = management(&[not_equals("eventSource", &["kms"])]);
        assert_eq!(all_but(&of(core::slice::from_ref(&without_kms))), [Some(vec!["kms"]), Some(vec!["kms"])]);
        let writes_of_kms = management(&[equals("eventSource", &["kms"]), equals("readOnly", &["false"])]);
        assert_eq!(all_but(&of(&[without_kms, writes_of_kms])), [Some(vec!["kms"]), Some(vec![])]);
    }

    #[test]
    fn an_advanced_selector_without_read_only_records_both() {
        assert_eq!(all_but(&of(&[management(&[])])), ALL);
        assert_eq!(all_but(&of(&[management(&[equals("readOnly", &["true", "false"])])])), ALL);
        assert_eq!(all_but(&of(&[management(&[equals("readOnly", &["true"])])])), [Some(vec![]), None]);
        assert_eq!(all_but(&of(&[management(&[equals("readOnly", &["false"])])])), [None, Some(vec![])]);
    }

    #[test]
    fn selectors_of_other_events_record_no_management_events() {
        let data = AdvancedSelector { name: None, fields: vec![equals("eventCategory", &["Data"])] };
        let nothing = AdvancedSelector { name: None, fields: Vec::new() };
        assert_eq!(all_but(&of(&[data, nothing])), [None, None]);
    }

    #[test]
    fn a_selector_that_narrows_otherwise_does_not_record_all() {
        let prefix = FieldSelector { starts_with: texts(&["iam"]), ..equals("eventSource", &[]) };
        let not_prefix = FieldSelector { not_starts_with: texts(&["k"]), ..not_equals("eventSource", &["kms"]) };
        for field in [
            prefix,
            not_prefix,
            equals("eventName", &["CreateUser"]),
            equals("eventSource", &["iam"]),
            equals("eventSource", &[]),
            not_equals("readOnly", &["true"]),
        ] {
            assert_eq!(all_but(&of(&[management(core::slice::from_ref(&field))])), [None, None], "{field:?}");
        }
    }

    #[test]
    fn several_conditions_on_the_source_all_count() {
        let fields = [not_equals("eventSource", &["kms"]), not_equals("eventSource", &["rds"])];
        assert_eq!(all_but(&of(&[management(&fields)])), [Some(vec!["kms", "rds"]), Some(vec!["kms", "rds"])]);
        let only = [equals("eventSource", &["kms", "iam"]), not_equals("eventSource", &["kms"])];
        let rest = management(&[not_equals("eventSource", &["kms", "iam"])]);
        assert_eq!(all_but(&of(&[management(&only), rest])), [Some(vec!["kms"]), Some(vec!["kms"])]);
    }

    #[test]
    fn no_selector_at_all_tells_nothing() {
        assert!(!are_told(&EventSelectors::default()));
        assert!(are_told(&of(&[management(&[])])));
        assert_eq!(all_but(&EventSelectors::default()), [None, None]);
    }
}
