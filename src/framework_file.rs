//! Frameworks that a run is asked for: ours by id, and users' own out of TOML files of the same shape as ours.
//! `docs/frameworks.md` is the page of that shape.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use probity_checks::frameworks::{self, Asked, AskedControl};
use probity_checks::registry;
use probity_configuration::{ConfigurationError, Mistake};
use serde::Deserialize;
use toml::Spanned;

use crate::failure::Failure;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: Spanned<String>,
    title: Spanned<String>,
    #[serde(default)]
    publisher: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    source: String,
    #[serde(default, rename = "control")]
    controls: Vec<Spanned<Control>>,
}

/// One `[[control]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    id: Spanned<String>,
    title: Spanned<String>,
    #[serde(default)]
    section: String,
    #[serde(default)]
    checks: Vec<Spanned<String>>,
    #[serde(default)]
    proposed: Vec<Spanned<String>>,
    #[serde(default)]
    manual: String,
    #[serde(default)]
    out_of_scope: String,
}

/// Where something is wrong, and what.
type Wrong = (Range<usize>, String);

/// A framework of ours.
pub(crate) fn known(id: &str) -> Result<Asked, Failure> {
    let framework = frameworks::find(id).map_err(|nearest| Failure::unknown_framework(id, nearest))?;
    Ok(Asked::from(framework))
}

/// A framework of a user's own file.
pub(crate) fn read(file: &Path) -> Result<Asked, Failure> {
    let text = fs::read_to_string(file).map_err(|error| Failure::Read { file: file.to_owned(), error })?;
    parse(&text).map_err(|(at, message)| {
        let (line, column) = position(&text, at.start);
        let mistake = Mistake { line, column, field: String::new(), message };
        ConfigurationError::File { name: file.display().to_string(), mistake }.into()
    })
}

fn parse(text: &str) -> Result<Asked, Wrong> {
    let file: File = toml::from_str(text)
        .map_err(|error| (error.span().unwrap_or_default(), error.message().trim().replace('\n', "; ")))?;
    let id = file.id.get_ref();
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
    if id.is_empty() || !id.chars().all(is_plain) {
        let rule = "use lower-case letters, digits, `-`, `.` and `_`";
        return Err((file.id.span(), format!("id: `{id}` cannot be the id of a framework: {rule}")));
    }
    if frameworks::find(id).is_ok() {
        return Err((
            file.id.span(),
            format!("id: `{id}` is one of the frameworks that probity brings: choose another"),
        ));
    }
    filled("title", &file.title)?;
    if file.controls.is_empty() {
        return Err((0..0, "control: the framework has none; write at least one [[control]]".to_owned()));
    }
    let mut lines = BTreeMap::new();
    let controls = file.controls.iter().map(|at| control(at, text, &mut lines)).collect::<Result<Vec<_>, _>>()?;
    Ok(Asked {
        id: id.clone(),
        title: file.title.into_inner(),
        publisher: file.publisher,
        version: file.version,
        source: file.source,
        controls,
        is_own: true,
    })
}

/// One control; `lines` holds those that came before, by id.
fn control(at: &Spanned<Control>, text: &str, lines: &mut BTreeMap<String, usize>) -> Result<AskedControl, Wrong> {
    let control = at.get_ref();
    let id = control.id.get_ref();
    filled("control.id", &control.id)?;
    filled(&format!("control {id}: title"), &control.title)?;
    let line = position(text, control.id.span().start).0;
    if let Some(earlier) = lines.insert(id.clone(), line) {
        return Err((control.id.span(), format!("control {id}: there is one with this id in line {earlier}")));
    }
    let named = !control.checks.is_empty() || !control.proposed.is_empty();
    let said = [named, !control.manual.is_empty(), !control.out_of_scope.is_empty()];
    match said.iter().filter(|&&said| said).count() {
        1 => {}
        0 => {
            let needs = "needs `checks`, `proposed`, `manual` or `out_of_scope`";
            return Err((control.id.span(), format!("control {id}: {needs}")));
        }
        _ => {
            let twice = "says more than one of checks, `manual` and `out_of_scope`; keep one";
            return Err((control.id.span(), format!("control {id}: {twice}")));
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for (field, check) in
        control.checks.iter().map(|c| ("checks", c)).chain(control.proposed.iter().map(|c| ("proposed", c)))
    {
        registry::find(check.get_ref()).map_err(|error| (check.span(), format!("control {id}: {field}: {error}")))?;
        if seen.contains(&check.get_ref().as_str()) {
            return Err((check.span(), format!("control {id}: {field}: `{}` stands there twice", check.get_ref())));
        }
        seen.push(check.get_ref());
    }
    let names = |list: &[Spanned<String>]| list.iter().map(|name| name.get_ref().clone()).collect();
    Ok(AskedControl {
        id: id.clone(),
        title: control.title.get_ref().clone(),
        section: control.section.clone(),
        checks: names(&control.checks),
        proposed: names(&control.proposed),
        planned: Vec::new(),
        manual: control.manual.clone(),
        out_of_scope: control.out_of_scope.clone(),
    })
}

fn filled(field: &str, text: &Spanned<String>) -> Result<(), Wrong> {
    if text.get_ref().trim().is_empty() {
        return Err((text.span(), format!("{field}: it is empty")));
    }
    Ok(())
}

/// Line and column of a byte, both from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).map_or(0, |line| line.chars().count()) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id = \"house\"\ntitle = \"House rules\"\n\n";

    fn error(text: &str) -> (usize, String) {
        let (at, message) = parse(text).expect_err("wrong");
        (position(text, at.start).0, message)
    }

    fn with(control: &str) -> String {
        format!("{HEAD}[[control]]\nid = \"1\"\ntitle = \"MFA\"\n{control}\n")
    }

    #[test]
    fn a_framework_of_ones_own_is_taken() {
        let text = format!(
            "{}[[control]]\nid = \"2\"\ntitle = \"Safe\"\nmanual = \"Look into the safe\"\n",
            with("section = \"People\"\nchecks = [\"user-mfa-console\"]\nproposed = [\"root-mfa-enabled\"]")
        );
        let asked = parse(&text).expect("a framework");
        assert!(asked.is_own && asked.names("user-mfa-console") && asked.names("root-mfa-enabled"));
        assert_eq!(asked.controls.len(), 2);
        assert_eq!(asked.controls[0].section, "People");
    }

    /// Every file of ours but for what only ours may say: an id of ours, and checks that are planned.
    #[test]
    fn the_shape_is_that_of_our_own_files() {
        let text = include_str!("../checks/frameworks/cis-7.0.toml").replace("id = \"cis-7.0\"", "id = \"mine\"");
        match parse(&text) {
            Ok(asked) => assert_eq!(asked.controls.len(), 70),
            Err((_, message)) => assert!(message.contains("there is no check"), "{message}"),
        }
    }

    #[test]
    fn an_error_names_the_line_and_the_field() {
        let wrong = error(&with("checks = [\"user-mfa-consol\"]"));
        assert_eq!(wrong.0, 7);
        assert!(
            wrong.1.contains("control 1: checks") && wrong.1.contains("did you mean `user-mfa-console`"),
            "{wrong:?}"
        );
        let cases = [
            (with("cheks = []"), 7, "cheks"),
            (with(""), 5, "needs `checks`"),
            (with("manual = \"look\"\nout_of_scope = \"other tools\""), 5, "keep one"),
            (with("checks = [\"root-mfa-enabled\", \"root-mfa-enabled\"]"), 7, "twice"),
            (
                format!("{}[[control]]\nid = \"1\"\ntitle = \"Again\"\nmanual = \"x\"\n", with("manual = \"x\"")),
                9,
                "line 5",
            ),
            (HEAD.replace("house", "cis-7.0"), 1, "choose another"),
            (HEAD.replace("house", "House rules"), 1, "cannot be the id"),
            (HEAD.replace("House rules", " "), 2, "title: it is empty"),
            (HEAD.to_owned(), 1, "at least one [[control]]"),
            ("title = \"x\"\n".to_owned(), 1, "id"),
            ("id = 3\n".to_owned(), 1, "string"),
        ];
        for (text, line, part) in cases {
            let (at, message) = error(&text);
            assert!(at == line && message.contains(part), "{text}: line {at}: {message}");
        }
    }
}
