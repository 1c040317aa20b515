//! Every format, on one run that holds everything a run can hold, and some of it hostile.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod asff;
mod browser;
mod cells;
mod controls;
mod credentials;
mod csv;
mod every_format;
mod fixture;
mod history;
mod hostile;
mod html;
mod json;
mod junit;
mod markdown;
mod ocsf;
mod organization;
mod parquet;
mod sarif;
mod spreadsheet;
mod table;
mod xlsx;

use probity_model::Run;
use probity_reports::{Format, Options, render};

/// What a format writes, as text.
fn written(format: Format, run: &Run, options: &Options) -> String {
    String::from_utf8(bytes(format, run, options)).expect("this format is UTF-8")
}

/// What a format writes.
fn bytes(format: Format, run: &Run, options: &Options) -> Vec<u8> {
    let mut bytes = Vec::new();
    render(format, run, options, &mut bytes).expect("memory takes everything");
    bytes
}

/// The formats that are text.
fn texts() -> impl Iterator<Item = Format> {
    Format::ALL.into_iter().filter(|format| format.is_text())
}
