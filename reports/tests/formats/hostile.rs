//! Names made to do harm, in every format: whoever may create a user chooses its name.

use probity_model::finding::EvidenceItem;
use probity_model::{Arn, Run};
use probity_reports::{Format, Options};

use crate::{bytes, fixture, texts, written, xlsx};

/// Each begins like a formula, hides one behind a control character, breaks out of a format, or misleads.
pub(crate) const NAMES: [&str; 14] = [
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n@x",
    " =1+1",
    "\u{1b}=1+1",
    "＝1+1",
    "<img src=x onerror=alert(1)>",
    "| [x](https://example.com) `@everyone`",
    "\u{202e}nimda\u{9b}31m\u{0}",
    "]]></failure><failure>\u{fffe}",
];

fn hostile(name: &str) -> Run {
    let mut run = fixture::with_ways();
    for finding in &mut run.findings {
        finding.message = name.to_owned().into();
        finding.resource = Arn::new(name);
        finding.discriminator = name.into();
        finding.evidence.push(EvidenceItem { key: name.into(), value: name.into() });
        if let Some(gap) = &mut finding.gap {
            gap.message = name.to_owned();
            gap.code = Some(name.to_owned());
        }
    }
    for account in &mut run.accounts {
        account.alias = Some(name.to_owned());
        account.caller = Some(Arn::new(name));
    }
    for user in &mut run.credentials {
        user.user = probity_model::credentials::Told::Known(name.to_owned());
        user.arn = probity_model::credentials::Told::Known(Arn::new(name));
    }
    for control in run.frameworks.iter_mut().flat_map(|framework| &mut framework.controls) {
        control.title = name.to_owned();
        control.reason = name.to_owned();
        control.section = name.to_owned();
    }
    run
}

#[test]
fn no_format_obeys_a_name() {
    for name in NAMES {
        let run = hostile(name);
        for format in texts() {
            let text = written(format, &run, &Options::default());
            let obeyed = |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
            assert_eq!(text.chars().find(obeyed), None, "{format}, {name:?}");
            match format {
                Format::Csv | Format::Controls | Format::Credentials => no_formula(format, &text, name),
                Format::Html => assert!(!text.contains("<img"), "{name:?}"),
                Format::Markdown => assert!(!text.contains("<img") && !text.contains("](https"), "{name:?}"),
                Format::Junit => assert!(!text.contains("]]></failure><failure>"), "{name:?}"),
                Format::Json | Format::Sarif | Format::Ocsf | Format::Asff => {
                    serde_json::from_str::<serde_json::Value>(&text)
                        .unwrap_or_else(|e| panic!("{format}, {name:?}: {e}"));
                }
                Format::Table | Format::JsonLines | Format::Xlsx | Format::Parquet => {}
            }
        }
        let (sheets, all) = xlsx::read(bytes(Format::Xlsx, &run, &Options::default()));
        assert!(!all.contains("<f>") && !all.contains("<hyperlink"), "{name:?}");
        for cell in sheets.values().flatten().flat_map(|row| row.values()).filter(|cell| cell.is_text) {
            assert!(is_inert(&cell.value), "{name:?}: {:?}", cell.value);
        }
    }
}

fn no_formula(format: Format, text: &str, name: &str) {
    for row in csv::Reader::from_reader(text.as_bytes()).records() {
        for cell in &row.expect("a row") {
            assert!(is_inert(cell), "{format}, {name:?}: {cell:?}");
        }
    }
}

/// Whether no spreadsheet takes the cell for a formula.
fn is_inert(cell: &str) -> bool {
    !cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) && !cell.contains(char::is_control)
}
