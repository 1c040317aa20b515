//! JUnit XML, read back as a build server reads it.

use std::collections::BTreeMap;

use probity_model::{Outcome, Run};
use probity_reports::{Format, Options};
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::{fixture, written};

/// An element: its name, its attributes, and how deep it lies.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    depth: usize,
}

impl Element {
    fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn count(&self, name: &str) -> usize {
        self.get(name).parse().expect("a number")
    }
}

fn elements(text: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(text);
    let (mut elements, mut depth) = (Vec::new(), 0);
    loop {
        let event = reader.read_event().expect("well-formed XML");
        let (tag, opens) = match &event {
            Event::Start(tag) => (tag, true),
            Event::Empty(tag) => (tag, false),
            Event::End(_) => {
                depth -= 1;
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let attributes = tag.attributes().map(|attribute| {
            let attribute = attribute.expect("an attribute");
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).expect("a value").into_owned();
            (attribute.key.as_ref().to_owned(), value)
        });
        let name = tag.name().as_ref().to_owned();
        elements.push(Element { name, attributes: attributes.collect(), depth });
        depth += usize::from(opens);
    }
    assert_eq!(depth, 0, "every element is closed");
    elements
}

fn junit(run: &Run, options: &Options) -> Vec<Element> {
    elements(&written(Format::Junit, run, options))
}

fn named<'e>(elements: &'e [Element], name: &str) -> Vec<&'e Element> {
    elements.iter().filter(|element| element.name == name).collect()
}

/// The elements that build servers know, where they look for them, with the attributes that they demand.
#[test]
fn every_element_is_one_that_build_servers_know() {
    for run in [fixture::run(), fixture::sample(), fixture::many(0)] {
        for element in junit(&run, &Options::default()) {
            let (depth, demanded): (usize, &[&str]) = match element.name.as_str() {
                "testsuites" => (0, &["tests", "failures", "errors", "skipped"]),
                "testsuite" => (1, &["name", "tests", "failures", "errors", "skipped", "time", "timestamp"]),
                "testcase" => (2, &["name", "classname", "time"]),
                "failure" | "error" => (3, &["message", "type"]),
                "skipped" => (3, &["message"]),
                "system-out" => (3, &[]),
                other => panic!("{other}"),
            };
            assert_eq!(element.depth, depth, "{element:?}");
            assert!(demanded.iter().all(|name| !element.get(name).is_empty()), "{element:?}");
        }
    }
}

#[test]
fn a_suite_is_a_check_and_a_case_a_finding() {
    let (run, elements) = (fixture::run(), junit(&fixture::run(), &Options::default()));
    let suites: Vec<&str> = named(&elements, "testsuite").iter().map(|suite| suite.get("name")).collect();
    assert_eq!(suites.len(), run.checks.len());
    assert!(run.checks.iter().all(|check| suites.contains(&check.id.as_str())), "{suites:?}");
    assert_eq!(named(&elements, "testcase").len(), run.findings.len());
}

#[test]
fn the_counts_are_those_of_what_is_written() {
    let elements = junit(&fixture::run(), &Options::default());
    let all = named(&elements, "testsuites")[0];
    for (attribute, element) in
        [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
    {
        let written = named(&elements, element).len();
        assert!(written > 0, "{element}");
        assert_eq!(all.count(attribute), written, "{attribute}");
        let sum: usize = named(&elements, "testsuite").iter().map(|suite| suite.count(attribute)).sum();
        assert_eq!(sum, written, "{attribute}");
    }
}

/// What nobody knows breaks the build as much as a failure does; what was accepted, and what a person must look at, is
/// shown and does not.
#[test]
fn only_a_pass_is_green() {
    let run = fixture::run();
    let elements = junit(&run, &Options::default());
    let count = |name| named(&elements, name).len();
    let open = run.findings.iter().filter(|finding| finding.is_open()).count();
    assert_eq!(count("failure"), open);
    assert_eq!(count("error"), run.count(Outcome::NotEvaluated));
    let green = count("testcase") - count("failure") - count("error") - count("skipped");
    assert_eq!(green, run.count(Outcome::Pass));
    let skipped = named(&elements, "skipped");
    assert!(skipped.iter().any(|skipped| {
        skipped.get("message").starts_with("fail: ") && skipped.get("message").contains("platform@example.com")
    }));
}

#[test]
fn names_bring_no_element_and_stay_readable() {
    let elements = junit(&fixture::run(), &Options::default());
    let cases = named(&elements, "testcase");
    assert!(cases.iter().any(|case| case.get("name").contains("<img src=x onerror=alert(1)>|`@everyone`|nimda")));
    assert!(cases.iter().any(|case| case.get("name").ends_with("user/build/deployer (access_key_1)")));
    assert!(cases.iter().any(|case| case.get("name").ends_with("root in eu-central-1")));
}

/// XML 1.0, production 2: a reader must refuse the whole file for one of the others, escaped or not.
#[test]
fn only_characters_that_xml_knows_are_written() {
    let mut run = fixture::many(1);
    let every: String = ('\u{0}'..='\u{a0}').chain(['\u{fffd}', '\u{fffe}', '\u{ffff}', '\u{1f511}']).collect();
    run.findings[0].message = format!("{every}]]>&#0;").into();
    run.findings[0].discriminator = every.as_str().into();
    run.findings[0].evidence[0].value = every.as_str().into();
    run.checks[0].fix = every;
    let text = written(Format::Junit, &run, &Options::default());
    let known =
        |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert_eq!(text.chars().find(|c| !known(*c)), None);
    assert!(text.contains('\u{1f511}') && !text.contains("&#0;") && !text.contains("]]>"), "{text}");
    assert!(elements(&text).iter().any(|element| element.get("message").ends_with("]]>&#0;")), "read back as it was");
}

#[test]
fn filters_apply() {
    let elements = junit(&fixture::run(), &Options { statuses: vec![Outcome::Manual], ..Options::default() });
    assert_eq!((named(&elements, "testcase").len(), named(&elements, "testsuite").len()), (1, 1));
}
