//! The formats, by name and by the ending of a file.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A format that a run can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For a person at a terminal.
    Table,
    /// One row a finding, for spreadsheets.
    Csv,
    /// The whole run, for programs.
    Json,
    /// One finding a line, for log pipelines.
    JsonLines,
    /// A summary and the failures, for a comment on a pull request.
    Markdown,
    /// One file for a browser, that needs no network.
    Html,
    /// SARIF 2.1.0, for programs that gather the results of analysis tools.
    Sarif,
    /// JUnit XML, for build servers.
    Junit,
    /// OCSF Compliance Findings, for security data lakes.
    Ocsf,
    /// AWS Security Finding Format, for Security Hub.
    Asff,
    /// A workbook, for auditors.
    Xlsx,
    /// One row a finding, by columns, for engines of queries.
    Parquet,
    /// One row a control of the frameworks that were asked for, for spreadsheets.
    Controls,
    /// One row a user with every credential, for spreadsheets.
    Credentials,
}

impl Format {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 14] = [
        Self::Table,
        Self::Csv,
        Self::Json,
        Self::JsonLines,
        Self::Markdown,
        Self::Html,
        Self::Sarif,
        Self::Junit,
        Self::Ocsf,
        Self::Asff,
        Self::Xlsx,
        Self::Parquet,
        Self::Controls,
        Self::Credentials,
    ];

    /// The name in options and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Ocsf => "ocsf",
            Self::Asff => "asff",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
            Self::Controls => "controls",
            Self::Credentials => "credentials",
        }
    }

    /// Whether it is text, in UTF-8; what is not has no place on a terminal.
    #[must_use]
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Xlsx | Self::Parquet)
    }

    /// The endings of files that hold it, in lower case, the usual one first.
    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Table => &["txt"],
            Self::Csv => &["csv"],
            Self::Json => &["json"],
            Self::JsonLines => &["jsonl", "ndjson"],
            Self::Markdown => &["md", "markdown"],
            Self::Html => &["html", "htm"],
            Self::Sarif => &["sarif", "sarif.json"],
            Self::Junit => &["xml"],
            Self::Ocsf => &["ocsf.json"],
            Self::Asff => &["asff.json"],
            Self::Xlsx => &["xlsx"],
            Self::Parquet => &["parquet"],
            Self::Controls => &["controls.csv"],
            Self::Credentials => &["credentials.csv"],
        }
    }

    /// The usual ending of files that hold it.
    #[must_use]
    pub fn ending(self) -> &'static str {
        self.endings().first().copied().unwrap_or_default()
    }

    /// The format that the ending of a file's name tells, in upper or lower case; none where it tells no format. The
    /// longest ending counts: `findings.ocsf.json` is OCSF.
    #[must_use]
    pub fn of_file(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_str()?.to_ascii_lowercase();
        let ends = |ending: &str| {
            name.strip_suffix(ending).and_then(|rest| rest.strip_suffix('.')).is_some_and(|stem| !stem.is_empty())
        };
        let told = Self::ALL.into_iter().filter_map(|format| {
            let ending = format.endings().iter().filter(|ending| ends(ending)).map(|ending| ending.len()).max()?;
            Some((ending, format))
        });
        told.max_by_key(|(ending, _)| *ending).map(|(_, format)| format)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is not the name of a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format: use {names}", names = names())]
pub struct UnknownFormat(pub String);

fn names() -> String {
    let names = Format::ALL.map(Format::as_str);
    names.split_last().map_or_else(String::new, |(last, others)| format!("{} or {last}", others.join(", ")))
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_its_endings() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
            for ending in format.endings() {
                assert_eq!(Format::of_file(Path::new(&format!("out/findings.{ending}"))), Some(format));
            }
        }
        assert_eq!(Format::of_file(Path::new("FINDINGS.CSV")), Some(Format::Csv));
        assert_eq!(Format::of_file(Path::new("FINDINGS.OCSF.JSON")), Some(Format::Ocsf));
        assert_eq!(Format::of_file(Path::new("findings.2026.json")), Some(Format::Json));
        assert_eq!(Format::of_file(Path::new("ocsf.json")), Some(Format::Json));
        assert_eq!(Format::of_file(Path::new("credentials.csv")), Some(Format::Csv));
        assert_eq!(Format::of_file(Path::new("prod.credentials.csv")), Some(Format::Credentials));
    }

    #[test]
    fn an_unknown_name_lists_the_formats() {
        let error = "xls".parse::<Format>().expect_err("not a format");
        assert_eq!(
            error.to_string(),
            "`xls` is not a format: use table, csv, json, jsonl, markdown, html, sarif, junit, ocsf, asff, xlsx, \
             parquet, controls \
             or credentials"
        );
    }

    #[test]
    fn other_files_tell_no_format() {
        for file in ["findings", "findings.xls", ".csv", "csv", "findings.csv.gz", ""] {
            assert_eq!(Format::of_file(Path::new(file)), None, "{file}");
        }
    }
}
