//! What holds of every format.

use probity_model::Outcome;
use probity_reports::{Format, Options, ReportError, render};

use crate::{bytes, fixture, texts, written};

#[test]
fn each_format_writes_what_it_wrote_before() {
    for format in texts() {
        insta::assert_snapshot!(format.as_str(), written(format, &fixture::run(), &Options::default()));
    }
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    for format in Format::ALL {
        let once = bytes(format, &fixture::run(), &Options::default());
        assert!(once == bytes(format, &fixture::run(), &Options::default()), "{format}");
    }
}

/// A terminal obeys control characters, and a reader is misled by text that runs the other way.
#[test]
fn nothing_hostile_reaches_a_terminal() {
    let statuses = Outcome::ALL.to_vec();
    for format in texts() {
        let text = written(format, &fixture::run(), &Options { statuses: statuses.clone(), ..Options::default() });
        let obeyed = |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
        assert_eq!(text.chars().find(obeyed), None, "{format}");
        assert!(text.contains("img src=x") || text.contains("onerror"), "{format} must hold what it is tested with");
    }
}

#[test]
fn an_empty_run_is_written_too() {
    let mut run = fixture::many(0);
    run.accounts.clear();
    run.checks.clear();
    for format in Format::ALL {
        let text = bytes(format, &run, &Options { width: 0, ..Options::default() });
        assert_eq!(text.is_empty(), format == Format::JsonLines, "{format}");
    }
}

#[test]
fn every_format_ends_with_a_line_break() {
    for format in texts() {
        let text = written(format, &fixture::run(), &Options::default());
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{format}");
    }
}

/// The command tells a closed pipe from a failure by the kind of the error.
#[test]
fn the_error_of_the_writer_keeps_its_kind() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    for format in Format::ALL {
        let error = render(format, &fixture::run(), &Options::default(), &mut Closed).expect_err("closed");
        let kind = match error {
            ReportError::Write(error) => error.kind(),
            other => panic!("{format}: {other}"),
        };
        assert_eq!(kind, std::io::ErrorKind::BrokenPipe, "{format}");
    }
}

/// Takes everything, keeps nothing, and knows the largest piece that came at once.
#[derive(Default)]
struct Pieces {
    largest: usize,
    all: usize,
}

impl std::io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.largest = self.largest.max(bytes.len());
        self.all += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A report is written as it is made: none is put together in memory first.
#[test]
fn no_text_is_held_as_a_whole() {
    let run = fixture::many(5_000);
    for format in texts() {
        let mut to = Pieces::default();
        render(format, &run, &Options::default(), &mut to).expect("it takes everything");
        assert!(to.largest <= 64 * 1024, "{format} wrote {} of {} bytes at once", to.largest, to.all);
    }
}
