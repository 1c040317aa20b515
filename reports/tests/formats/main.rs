//! Every format, on one run that holds everything a run can hold, and some of it hostile.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod csv;
mod every_format;
mod fixture;
mod html;
mod json;
mod junit;
mod markdown;
mod ocsf;
mod sarif;
mod table;

use probity_model::Run;
use probity_reports::{Format, Options, render};

/// What a format writes, as text.
fn written(format: Format, run: &Run, options: &Options) -> String {
    let mut bytes = Vec::new();
    render(format, run, options, &mut bytes).expect("memory takes everything");
    String::from_utf8(bytes).expect("every format is UTF-8")
}
