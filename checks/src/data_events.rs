//! Which S3 objects' events a trail's event selectors record.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;

use probity_model::facts::trails::{AdvancedSelector, BasicSelector, EventSelectors, FieldSelector};

use crate::management_events::Kind;

/// The type of S3 objects in selectors.
const OBJECTS: &str = "AWS::S3::Object";
/// With what the ARN of every object begins, in any partition: the colons behind it are the same everywhere.
const EVERY_OBJECT: [&str; 3] = ["arn:aws:s3", "arn:aws-us-gov:s3", "arn:aws-cn:s3"];

/// The buckets whose objects' events are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Buckets {
    /// Those of every bucket, today's and tomorrow's.
    All,
    /// Those of these buckets.
    Only(BTreeSet<String>),
}

impl Buckets {
    /// Whether the events of a bucket's objects are recorded.
    pub(crate) fn hold(&self, bucket: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(bucket),
        }
    }

    fn and_also(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(&a | &b),
            _ => Self::All,
        }
    }
}

/// The buckets that the selectors record wholly. What narrows in a way that is not understood here records nothing as far as
/// anyone can say. Advanced selectors replace basic ones.
pub(crate) fn recorded(selectors: &EventSelectors, kind: Kind) -> Buckets {
    let nothing = Buckets::Only(BTreeSet::new());
    if selectors.advanced.is_empty() {
        selectors.basic.iter().filter_map(|one| basic(one, kind)).fold(nothing, Buckets::and_also)
    } else {
        selectors.advanced.iter().filter_map(|one| advanced(one, kind)).fold(nothing, Buckets::and_also)
    }
}

fn basic(selector: &BasicSelector, kind: Kind) -> Option<Buckets> {
    let of_kind = match selector.read_write.as_str() {
        "All" => true,
        "ReadOnly" => kind == Kind::Read,
        "WriteOnly" => kind == Kind::Write,
        _ => false,
    };
    let values = selector.data_resources.iter().filter(|resource| resource.kind == OBJECTS).flat_map(|one| &one.values);
    of_kind.then(|| values.map(|value| prefix(value)).fold(Buckets::Only(BTreeSet::new()), Buckets::and_also))
}

/// The buckets all of whose objects' ARNs begin like this.
fn prefix(text: &str) -> Buckets {
    let bare = text.trim_end_matches(':');
    if EVERY_OBJECT.contains(&bare) {
        return Buckets::All;
    }
    let name = text.rsplit(":::").next().filter(|_| text.contains(":::")).and_then(|rest| rest.strip_suffix('/'));
    Buckets::Only(name.filter(|name| !name.contains('/')).map(String::from).into_iter().collect())
}

fn advanced(selector: &AdvancedSelector, kind: Kind) -> Option<Buckets> {
    let has = |name: &str, value: &str| {
        let is = |field: &&FieldSelector| field.field == name && only_equals(field);
        selector.fields.iter().find(is).is_some_and(|field| field.equals.iter().any(|one| one == value))
    };
    if !has("eventCategory", "Data") || !has("resources.type", OBJECTS) {
        return None;
    }
    let mut buckets = Buckets::All;
    for field in &selector.fields {
        match field.field.as_str() {
            "eventCategory" | "resources.type" if only_equals(field) => {}
            "readOnly" if only_equals(field) => {
                let wanted = if kind == Kind::Read { "true" } else { "false" };
                field.equals.iter().find(|value| *value == wanted)?;
            }
            "eventSource" if only_equals(field) && field.equals.iter().any(|source| source == "s3.amazonaws.com") => {}
            // `Equals` is one object. What begins with none of some texts leaves those out.
            "resources.ARN" if only_starts(field) => {
                let all = field.starts_with.iter().map(|text| prefix(text));
                buckets = match (buckets, all.fold(Buckets::Only(BTreeSet::new()), Buckets::and_also)) {
                    (Buckets::All, named) | (named, Buckets::All) => named,
                    (Buckets::Only(a), Buckets::Only(b)) => Buckets::Only(&a & &b),
                };
            }
            _ => return None,
        }
    }
    Some(buckets)
}

fn only_equals(field: &FieldSelector) -> bool {
    let others =
        [&field.not_equals, &field.starts_with, &field.not_starts_with, &field.ends_with, &field.not_ends_with];
    others.iter().all(|list| list.is_empty()) && !field.equals.is_empty()
}

fn only_starts(field: &FieldSelector) -> bool {
    let others = [&field.equals, &field.not_equals, &field.not_starts_with, &field.ends_with, &field.not_ends_with];
    others.iter().all(|list| list.is_empty()) && !field.starts_with.is_empty()
}

/// The buckets in words.
pub(crate) fn in_words(buckets: &Buckets) -> String {
    match buckets {
        Buckets::All => "every bucket".into(),
        Buckets::Only(names) if names.is_empty() => "no whole bucket".into(),
        Buckets::Only(names) => {
            let names: alloc::vec::Vec<&str> = names.iter().map(String::as_str).collect();
            format!("the buckets {}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec;
    use std::vec::Vec;

    use probity_model::facts::trails::DataResource;

    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    fn basic(read_write: &str, values: &[&str]) -> EventSelectors {
        let resource = DataResource { kind: OBJECTS.to_owned(), values: texts(values) };
        let selector = BasicSelector {
            read_write: read_write.to_owned(),
            includes_management_events: true,
            excluded_sources: Vec::new(),
            data_resources: vec![resource],
        };
        EventSelectors { basic: vec![selector], advanced: Vec::new() }
    }

    fn equals(field: &str, value: &str) -> FieldSelector {
        FieldSelector { field: field.to_owned(), equals: texts(&[value]), ..FieldSelector::default() }
    }

    fn advanced(more: &[FieldSelector]) -> EventSelectors {
        let fields = [&[equals("eventCategory", "Data"), equals("resources.type", OBJECTS)], more].concat();
        EventSelectors { basic: Vec::new(), advanced: vec![AdvancedSelector { name: None, fields }] }
    }

    fn only(names: &[&str]) -> Buckets {
        Buckets::Only(texts(names).into_iter().collect())
    }

    #[test]
    fn basic_selectors_name_every_bucket_or_some() {
        assert_eq!(recorded(&basic("All", &["arn:aws:s3"]), Kind::Read), Buckets::All);
        assert_eq!(recorded(&basic("All", &["arn:aws:s3:::"]), Kind::Write), Buckets::All);
        assert_eq!(recorded(&basic("WriteOnly", &["arn:aws:s3"]), Kind::Read), only(&[]));
        assert_eq!(recorded(&basic("All", &["arn:aws:s3:::a/", "arn:aws:s3:::b/logs/"]), Kind::Read), only(&["a"]));
        assert_eq!(recorded(&basic("All", &[]), Kind::Read), only(&[]));
    }

    #[test]
    fn advanced_selectors_record_both_kinds_unless_they_say() {
        assert_eq!(recorded(&advanced(&[]), Kind::Read), Buckets::All);
        assert_eq!(recorded(&advanced(&[equals("readOnly", "true")]), Kind::Read), Buckets::All);
        assert_eq!(recorded(&advanced(&[equals("readOnly", "true")]), Kind::Write), only(&[]));
        assert_eq!(recorded(&advanced(&[equals("eventName", "PutObject")]), Kind::Write), only(&[]));
        let starts = |values: &[&str]| FieldSelector {
            field: "resources.ARN".to_owned(),
            starts_with: texts(values),
            ..FieldSelector::default()
        };
        assert_eq!(recorded(&advanced(&[starts(&["arn:aws:s3:::a/"])]), Kind::Write), only(&["a"]));
        assert_eq!(recorded(&advanced(&[starts(&["arn:aws:s3:::"])]), Kind::Write), Buckets::All);
        let but = FieldSelector { not_starts_with: texts(&["arn:aws:s3:::logs/"]), ..equals("resources.ARN", "") };
        assert_eq!(recorded(&advanced(&[FieldSelector { equals: Vec::new(), ..but }]), Kind::Write), only(&[]));
    }
}
