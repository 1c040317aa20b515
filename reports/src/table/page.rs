//! Lines of a known width, with or without colours.

use anstyle::{AnsiColor, Style};
use probity_model::Severity;
use textwrap::WordSeparator;
use textwrap::core::{Word, break_words};
use textwrap::wrap_algorithms::wrap_first_fit;
use unicode_width::UnicodeWidthStr;

use crate::Options;
use crate::text::one_line;

/// The least width that is written for, in columns.
const LEAST_WIDTH: usize = 60;

/// What has been written so far.
pub(super) struct Page {
    width: usize,
    color: bool,
    text: String,
}

impl Page {
    pub(super) fn new(options: &Options) -> Self {
        Self { width: options.width.max(LEAST_WIDTH), color: options.color, text: String::new() }
    }

    /// The longest line, in columns.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// A heading, with an empty line before it.
    pub(super) fn heading(&mut self, text: &str) {
        self.blank();
        self.styled(text, "", Style::new().bold());
    }

    /// The first line of the page.
    pub(super) fn title(&mut self, text: &str) {
        self.styled(text, "", Style::new().bold());
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A text, wrapped, its lines indented.
    pub(super) fn text_line(&mut self, indent: &str, text: &str) {
        self.styled(text, indent, Style::new());
    }

    /// A text that stands out from those around it.
    pub(super) fn notice(&mut self, text: &str) {
        self.styled(text, "", Style::new().bold().fg_color(Some(AnsiColor::Yellow.into())));
    }

    /// A bold name and what is said of it, the lines below the first indented.
    pub(super) fn entry(&mut self, name: &str, text: &str) {
        let wrapped = wrap(&format!("{name}{text}"), self.width, "", "  ");
        for (index, line) in wrapped.iter().enumerate() {
            match line.strip_prefix(name) {
                Some(rest) if index == 0 => self.push(&format!("{}{rest}", self.paint(name, Style::new().bold()))),
                _ => self.push(line),
            }
        }
    }

    /// A label and what it stands for, which begins in the 12th column on every line.
    pub(super) fn labelled(&mut self, label: &str, text: &str) {
        let first = format!("{label:<11}");
        for line in wrap(&one_line(text), self.width, &first, &" ".repeat(11)) {
            self.push(&line);
        }
    }

    /// Lines as they are.
    pub(super) fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A severity in its colour.
    pub(super) fn severity(&self, severity: Severity) -> String {
        let style = match severity {
            Severity::Critical => Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
            Severity::High => Style::new().fg_color(Some(AnsiColor::Red.into())),
            Severity::Medium => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
            Severity::Low => Style::new().fg_color(Some(AnsiColor::Cyan.into())),
            Severity::Info => Style::new().dimmed(),
        };
        self.paint(severity.as_str(), style)
    }

    /// A text in a style, where there are colours.
    pub(super) fn paint(&self, text: &str, style: Style) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Everything.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn styled(&mut self, text: &str, indent: &str, style: Style) {
        for line in wrap(&one_line(text), self.width, indent, indent) {
            let line = if style == Style::new() { line } else { self.paint(&line, style) };
            self.push(&line);
        }
    }
}

/// Wraps a text to a width. A name that is longer than a line is broken behind one of the signs names are built with.
pub(super) fn wrap(text: &str, width: usize, first: &str, rest: &str) -> Vec<String> {
    // The sign that asks for an emoji makes two signs wider than the sum of their widths.
    let text: String = text.chars().filter(|character| *character != '\u{fe0f}').collect();
    let room = |indent: &str| width.saturating_sub(indent.width()).max(1);
    let (first_room, rest_room) = (room(first), room(rest));
    let least = first_room.min(rest_room);
    let words = WordSeparator::AsciiSpace.find_words(&text).flat_map(|word| pieces(word, least));
    let words = break_words(words, least);
    let lines = wrap_first_fit(&words, &[first_room as f64, rest_room as f64]);
    let indents = std::iter::once(first).chain(std::iter::repeat(rest));
    let line = |(words, indent): (&[Word<'_>], &str)| {
        let text: String = words.iter().flat_map(|word| [word.word, word.whitespace]).collect();
        format!("{indent}{}", text.trim_end())
    };
    lines.into_iter().zip(indents).map(line).collect()
}

/// A word that fits, or the pieces of one that does not.
fn pieces(word: Word<'_>, room: usize) -> Vec<Word<'_>> {
    if word.word.width() <= room {
        return vec![word];
    }
    let mut pieces: Vec<Word<'_>> =
        word.word.split_inclusive(['/', ':', '-', '_', '.', ',', '=', '@']).map(Word::from).collect();
    if let Some(last) = pieces.last_mut() {
        last.whitespace = word.whitespace;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_broken_at_their_joints() {
        let lines = wrap("arn:aws:iam::123456789012:user/team/anna", 20, "", "");
        assert_eq!(lines, ["arn:aws:iam::", "123456789012:user/", "team/anna"]);
    }

    #[test]
    fn a_name_that_fits_on_a_line_is_kept_whole() {
        assert_eq!(wrap("see the check user-mfa-console", 20, "- ", "  "), ["- see the check", "  user-mfa-console"]);
    }

    #[test]
    fn a_name_without_joints_is_broken_where_the_line_ends() {
        assert_eq!(wrap("aaaaaaaaaaaa", 5, "", ""), ["aaaaa", "aaaaa", "aa"]);
    }

    #[test]
    fn without_colours_there_is_no_escape_sequence() {
        let colored = Page::new(&Options { color: true, ..Options::default() });
        let plain = Page::new(&Options::default());
        assert!(colored.severity(Severity::Critical).contains('\u{1b}'));
        assert_eq!(plain.severity(Severity::Critical), "critical");
    }
}
