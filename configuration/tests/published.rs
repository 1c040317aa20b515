//! What is published of the configuration is that of the tables it is read by.
//!
//! `UPDATE=1 cargo test -p probity-configuration --test published` writes it anew.

#![allow(clippy::expect_used, missing_docs, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::PathBuf;

use probity_configuration::{Effective, File, Input, KEYS, exceptions, page, schema};
use serde_json::{Value, json};

fn root(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn is_current(file: &str, wanted: &str) {
    let path = root(file);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        fs::write(&path, wanted).expect("the file is written");
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(published == wanted, "{file} is stale: UPDATE=1 cargo test -p probity-configuration --test published");
}

fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

#[test]
fn the_schemas_are_those_of_the_tables() {
    is_current("configuration/schema/probity.schema.json", &text(&schema::configuration()));
    is_current("configuration/schema/exceptions.schema.json", &text(&schema::exceptions()));
}

/// A table stands between a line that names it and an empty line that ends it.
#[test]
fn the_page_holds_every_key() {
    let path = root("docs/configuration.md");
    let mut wanted = fs::read_to_string(&path).expect("the page");
    for (name, table) in
        [("keys", page::keys()), ("exceptions", page::exceptions()), ("parameters", page::parameters())]
    {
        let mark = format!("<!-- generated: {name} -->\n\n");
        let start = wanted.find(&mark).map(|at| at + mark.len()).expect(name);
        let length = wanted[start..].find("\n\n").map_or(wanted.len() - start, |at| at + 1);
        wanted.replace_range(start..start + length, &table);
    }
    is_current("docs/configuration.md", &wanted);
}

fn problems(schema: &Value, value: &Value) -> usize {
    jsonschema::validator_for(schema).expect("a schema").iter_errors(value).count()
}

/// What the schema takes the reader takes, and the other way round.
#[test]
fn schema_and_reader_agree() {
    for (file, sound) in [
        (json!({}), true),
        (json!({"audit": {"fail-on": "never", "regions": ["eu-central-1"], "width": 100}}), true),
        (json!({"audit": {"fail-on": "always"}}), false),
        (json!({"audit": {"width": 10}}), false),
        (json!({"audit": {"width": "wide"}}), false),
        (json!({"audit": {"status": ["pass", "fine"]}}), false),
        (json!({"audit": {"require-complete": "yes"}}), false),
        (json!({"audit": {"exceptions": ""}}), false),
        (json!({"audit": {"regins": []}}), false),
        (json!({"adit": {}}), false),
        (json!({"checks": {"user-access-key-rotation": {"max_age_days": 60, "severity": "low"}}}), true),
        (json!({"checks": {"user-access-key-rotation": {"max_age_days": 0}}}), false),
        (json!({"checks": {"user-access-key-rotation": {"days": 1}}}), false),
        (json!({"checks": {"no-such-check": {}}}), false),
    ] {
        let text = toml::to_string(&file).expect("TOML");
        let input = Input { file: Some(File { name: "probity.toml", text: &text }), ..Input::default() };
        assert_eq!(Effective::of(&input).is_ok(), sound, "{text}");
        assert_eq!(problems(&schema::configuration(), &file) == 0, sound, "{text}");
    }
    for (file, sound) in [
        (json!({"exception": [{"check": "user-mfa-console", "resource": "user/anna", "owner": "it"}]}), true),
        (json!({"exception": [{"check": "user-mfa-console", "resource": "user/anna"}]}), false),
        (
            json!({"exception": [{"check": "user-mfa-console", "resource": "user/anna", "owner": "it", "why": "x"}]}),
            false,
        ),
    ] {
        let text = toml::to_string(&file).expect("TOML");
        assert_eq!(exceptions(&text).is_ok(), sound, "{text}");
        assert_eq!(problems(&schema::exceptions(), &file) == 0, sound, "{text}");
    }
}

#[test]
fn every_key_says_what_it_is_for() {
    for key in KEYS {
        assert!(key.about.ends_with('.') && !key.default.is_empty(), "{}", key.name);
    }
}
