//! The tags of a page, taken apart without a parser that forgives.

use std::collections::BTreeMap;

/// A tag that begins an element, and the text up to the next tag.
#[derive(Debug)]
pub(super) struct Tag<'p> {
    pub(super) name: &'p str,
    pub(super) attributes: BTreeMap<&'p str, &'p str>,
    /// What stands between it and the tag that ends it, or the next of its kind; tags within included.
    pub(super) inner: &'p str,
}

/// The page without what stands in its style and its script.
pub(super) fn without_ours(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").expect("a style");
    let (_, rest) = rest.split_once("</style>").expect("which ends");
    let (body, rest) = rest.split_once("<script>").expect("a script");
    let (_, foot) = rest.split_once("</script>").expect("which ends");
    format!("{head}{body}{foot}")
}

/// Every tag that begins an element.
pub(super) fn tags(page: &str) -> Vec<Tag<'_>> {
    page.match_indices('<').filter_map(|(at, _)| tag(&page[at + 1..])).collect()
}

fn tag(text: &str) -> Option<Tag<'_>> {
    if text.starts_with(['/', '!']) {
        return None;
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).expect("a name ends");
    let (name, mut rest) = text.split_at(end);
    assert!(!name.is_empty(), "a bare sign: {:?}", &text[..40.min(text.len())]);
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start_matches(' ');
        if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
            let inner = after.find(&format!("</{name}>")).map_or(after, |end| &after[..end]);
            return Some(Tag { name, attributes, inner });
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').expect("a name ends");
        let (attribute, after) = rest.split_at(end);
        assert!(!attribute.is_empty(), "not an attribute in <{name}: {rest:.40}");
        let value = match after.strip_prefix("=\"") {
            Some(quoted) => &quoted[..quoted.find('"').expect("the quote is closed")],
            None => "",
        };
        rest = if after.starts_with('=') { &after[value.len() + 3..] } else { after };
        assert!(attributes.insert(attribute, value).is_none(), "twice {attribute} in <{name}");
    }
}
