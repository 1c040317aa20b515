//! Parquet: one row a finding, for Athena, Spark and DuckDB. `docs/formats/parquet.md` lists the columns.
//!
//! Written by columns, in groups of rows, so that no more than a group is held. What is a list of values is one text of JSON:
//! every engine that reads Parquet reads JSON, and none of them agrees with another about nested columns.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use probity_model::run::ControlReference;
use probity_model::{Finding, FindingHistory, Outcome, Run, Timestamp};
use serde::Serialize;

use crate::{Bulk, Options, ReportError};

/// The rows of a group: large enough to compress well, small enough to be held.
const GROUP: usize = 10_000;

/// A column.
struct Column {
    name: &'static str,
    kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Text(fn(&Row<'_>) -> String),
    Perhaps(fn(&Row<'_>) -> Option<String>),
    Moment(fn(&Row<'_>) -> Timestamp),
    PerhapsMoment(fn(&FindingHistory) -> Timestamp),
    PerhapsWhole(fn(&FindingHistory) -> i64),
    PerhapsFlag(fn(&FindingHistory) -> bool),
}

/// A finding in its run.
struct Row<'r> {
    run: &'r Run,
    finding: &'r Finding,
}

const fn text(name: &'static str, of: fn(&Row<'_>) -> String) -> Column {
    Column { name, kind: Kind::Text(of) }
}

const fn perhaps(name: &'static str, of: fn(&Row<'_>) -> Option<String>) -> Column {
    Column { name, kind: Kind::Perhaps(of) }
}

const fn moment(name: &'static str, of: fn(&Row<'_>) -> Timestamp) -> Column {
    Column { name, kind: Kind::Moment(of) }
}

/// A column of what earlier runs say of a finding: null where they say nothing.
const fn known(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// The columns, in their order. A new one goes to the end; none changes its name or its type.
const COLUMNS: [Column; 33] = [
    text("run", |row| row.run.id.clone()),
    moment("run_started_at", |row| row.run.started_at),
    text("tool_version", |row| row.run.tool_version.clone()),
    text("account_id", |row| row.finding.account.to_string()),
    perhaps("region", |row| row.finding.region.as_ref().map(ToString::to_string)),
    text("check_id", |row| row.finding.check.to_string()),
    text("family", |row| row.finding.family.to_string()),
    text("title", |row| row.finding.title.to_string()),
    text("severity", |row| row.finding.severity.to_string()),
    text("status", |row| row.finding.outcome.to_string()),
    text("resource_type", |row| row.finding.resource_kind.to_string()),
    text("resource_arn", |row| row.finding.resource.to_string()),
    perhaps("discriminator", |row| Some(row.finding.discriminator.to_string()).filter(|text| !text.is_empty())),
    text("message", |row| row.finding.message.to_string()),
    text("evidence", |row| json(&row.finding.evidence)),
    text("api_operations", |row| json(&row.finding.operations)),
    moment("observed_at", |row| row.finding.observed_at),
    text("framework_controls", controls),
    perhaps("gap_kind", |row| row.finding.gap.as_ref().map(|gap| word(&gap.kind))),
    perhaps("gap_operation", |row| row.finding.gap.as_ref()?.operation.clone()),
    perhaps("gap_code", |row| row.finding.gap.as_ref()?.code.clone()),
    perhaps("gap_message", |row| row.finding.gap.as_ref().map(|gap| gap.message.clone())),
    perhaps("exception_owner", |row| row.finding.exception.as_ref().map(|one| one.owner.clone())),
    perhaps("exception_reason", |row| row.finding.exception.as_ref().map(|one| one.reason.clone())),
    perhaps("exception_ticket", |row| row.finding.exception.as_ref()?.ticket.clone()),
    perhaps("exception_expires", |row| row.finding.exception.as_ref()?.expires.clone()),
    text("fingerprint", |row| row.finding.fingerprint.to_string()),
    known("new", Kind::PerhapsFlag(|history| history.new)),
    known("first_seen", Kind::PerhapsMoment(|history| history.first_seen)),
    known("open_since", Kind::PerhapsMoment(|history| history.open_since)),
    known("last_seen", Kind::PerhapsMoment(|history| history.last_seen)),
    known("age_days", Kind::PerhapsWhole(|history| history.age_days)),
    known("reopened", Kind::PerhapsWhole(|history| history.reopened.into())),
];

/// A value as JSON. Texts, numbers and lists of them always have one.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The word that JSON has for a kind.
fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

fn controls(row: &Row<'_>) -> String {
    let controls: &[ControlReference] = row.run.check(&row.finding.check).map_or(&[], |check| &check.controls);
    json(&controls)
}

/// The schema in Parquet's own notation.
fn schema() -> String {
    let column = |column: &Column| {
        let name = column.name;
        match column.kind {
            Kind::Text(_) => format!("  required binary {name} (STRING);\n"),
            Kind::Perhaps(_) => format!("  optional binary {name} (STRING);\n"),
            Kind::Moment(_) => format!("  required int64 {name} (TIMESTAMP(MILLIS,true));\n"),
            Kind::PerhapsMoment(_) => format!("  optional int64 {name} (TIMESTAMP(MILLIS,true));\n"),
            Kind::PerhapsWhole(_) => format!("  optional int64 {name};\n"),
            Kind::PerhapsFlag(_) => format!("  optional boolean {name};\n"),
        }
    };
    format!("message finding {{\n{}}}", COLUMNS.iter().map(column).collect::<String>())
}

/// Bytes on their way: the writer wants something that may go to another thread, which the one who asked for the report need
/// not be.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn drain(&self, to: &mut dyn Write) -> io::Result<()> {
        let bytes = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        to.write_all(&bytes)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn failed(error: ParquetError) -> ReportError {
    ReportError::Parquet(error.to_string())
}

/// Writes every finding that the options do not leave out.
pub(crate) fn write(run: &Run, bulk: &dyn Bulk, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let schema = Arc::new(parse_message_type(&schema()).map_err(failed)?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("probity {}", run.tool_version))
        .build();
    let pipe = Pipe::default();
    let mut writer = SerializedFileWriter::new(pipe.clone(), schema, Arc::new(properties)).map_err(failed)?;
    let mut held: Vec<Finding> = Vec::new();
    bulk.findings(&mut |finding| {
        if options.shows(finding, &Outcome::ALL) {
            held.push(finding.clone());
        }
        if held.len() >= GROUP {
            group(run, &held, &mut writer).map_err(failed)?;
            held.clear();
            pipe.drain(to)?;
        }
        Ok(())
    })?;
    if !held.is_empty() {
        group(run, &held, &mut writer).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    pipe.drain(to)?;
    Ok(())
}

fn group(run: &Run, findings: &[Finding], writer: &mut SerializedFileWriter<Pipe>) -> Result<(), ParquetError> {
    let rows = || findings.iter().map(|finding| Row { run, finding });
    let mut group = writer.next_row_group()?;
    for column in &COLUMNS {
        let Some(mut to) = group.next_column()? else { break };
        match (to.untyped(), column.kind) {
            (ColumnWriter::ByteArrayColumnWriter(to), Kind::Text(of)) => {
                let values: Vec<ByteArray> = rows().map(|row| of(&row).into_bytes().into()).collect();
                to.write_batch(&values, None, None)?;
            }
            (ColumnWriter::ByteArrayColumnWriter(to), Kind::Perhaps(of)) => {
                let cells: Vec<Option<String>> = rows().map(|row| of(&row)).collect();
                let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
                let values: Vec<ByteArray> = cells.into_iter().flatten().map(|text| text.into_bytes().into()).collect();
                to.write_batch(&values, Some(&levels), None)?;
            }
            (ColumnWriter::Int64ColumnWriter(to), Kind::Moment(of)) => {
                let values: Vec<i64> = rows().map(|row| of(&row).as_millisecond()).collect();
                to.write_batch(&values, None, None)?;
            }
            (ColumnWriter::Int64ColumnWriter(to), Kind::PerhapsMoment(of)) => {
                let values: Vec<i64> = histories(findings).map(|history| of(history).as_millisecond()).collect();
                to.write_batch(&values, Some(&levels(findings)), None)?;
            }
            (ColumnWriter::Int64ColumnWriter(to), Kind::PerhapsWhole(of)) => {
                let values: Vec<i64> = histories(findings).map(of).collect();
                to.write_batch(&values, Some(&levels(findings)), None)?;
            }
            (ColumnWriter::BoolColumnWriter(to), Kind::PerhapsFlag(of)) => {
                let values: Vec<bool> = histories(findings).map(of).collect();
                to.write_batch(&values, Some(&levels(findings)), None)?;
            }
            _ => return Err(ParquetError::General(format!("the column {} has another type", column.name))),
        }
        to.close()?;
    }
    group.close()?;
    Ok(())
}

/// What earlier runs say of those findings of which they say something.
fn histories(findings: &[Finding]) -> impl Iterator<Item = &FindingHistory> {
    findings.iter().filter_map(|finding| finding.history.as_deref())
}

/// For each finding whether earlier runs say something of it, as Parquet wants it: 1 where there is a value.
fn levels(findings: &[Finding]) -> Vec<i16> {
    findings.iter().map(|finding| i16::from(finding.history.is_some())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is documented is what is written.
    #[test]
    fn every_column_is_documented() {
        let page = include_str!("../../docs/formats/parquet.md");
        for column in &COLUMNS {
            assert!(page.contains(&format!("| `{}` |", column.name)), "{}", column.name);
        }
    }
}
