//! The longer texts of checks: paragraphs, lists and names in backticks, and nothing else that Markdown knows.

use std::fmt;

use super::escape::text;

/// A text of several paragraphs as `<p>` and `<ul>`.
pub(super) fn prose(text: &str) -> Prose<'_> {
    Prose(text)
}

/// See [`prose`].
pub(super) struct Prose<'t>(&'t str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut block = Block::None;
        for line in self.0.lines().map(str::trim) {
            let next = match (line.strip_prefix("- "), block) {
                _ if line.is_empty() => Block::None,
                (Some(_), _) | (None, Block::List) => Block::List,
                (None, _) => Block::Paragraph,
            };
            if next != block {
                f.write_str(block.end())?;
                f.write_str(next.begin())?;
            } else if !line.is_empty() {
                f.write_str(if line.starts_with("- ") { "</li><li>" } else { " " })?;
            }
            inline(line.strip_prefix("- ").unwrap_or(line), f)?;
            block = next;
        }
        f.write_str(block.end())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    None,
    Paragraph,
    List,
}

impl Block {
    const fn begin(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Paragraph => "<p>",
            Self::List => "<ul><li>",
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Paragraph => "</p>",
            Self::List => "</li></ul>",
        }
    }
}

/// A line; what stands between two backticks in the type of a program.
fn inline(line: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let closed = line.matches('`').count() / 2 * 2;
    let mut pieces = line.splitn(closed + 1, '`').enumerate();
    pieces.try_for_each(|(index, piece)| {
        if index % 2 == 1 { write!(f, "<code>{}</code>", text(piece)) } else { write!(f, "{}", text(piece)) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        prose(text).to_string()
    }

    #[test]
    fn paragraphs_are_parted_by_empty_lines() {
        assert_eq!(html("One\nline.\n\nTwo."), "<p>One line.</p><p>Two.</p>");
        assert_eq!(html(""), "");
        assert_eq!(html("\n\n"), "");
    }

    #[test]
    fn lists_have_items_of_several_lines() {
        assert_eq!(html("Either:\n- a\n  b\n- c\n\nEnd."), "<p>Either:</p><ul><li>a b</li><li>c</li></ul><p>End.</p>");
    }

    #[test]
    fn names_in_backticks_are_code_where_they_are_closed() {
        assert_eq!(html("Use `a<b` now"), "<p>Use <code>a&lt;b</code> now</p>");
        assert_eq!(html("Use `a` or `b"), "<p>Use <code>a</code> or &#96;b</p>");
    }

    #[test]
    fn everything_else_is_a_text() {
        assert_eq!(html("<b>[x](javascript:1) **y**"), "<p>&lt;b&gt;[x](javascript:1) **y**</p>");
    }
}
