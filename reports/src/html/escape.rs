//! Texts in HTML as they are, in elements and in quoted attributes.
//!
//! Written character by character, so that a large run needs no copy of its texts.

use std::fmt::{self, Write};

use crate::text::is_obeyed;

/// A text on one line, every sign with a meaning in HTML as a character reference, and without what [`crate::plain`]
/// takes out.
pub(super) fn text(text: &str) -> Text<'_> {
    Text(text)
}

/// See [`text`].
pub(super) struct Text<'t>(&'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            // Nothing of ours is written with it, and old parsers took it for a quote.
            '`' => f.write_str("&#96;"),
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => f.write_char(' '),
            character if is_obeyed(character) => Ok(()),
            character => f.write_char(character),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_element_is_begun_and_no_attribute_ended() {
        assert_eq!(text("<a b=\"c\" d='e'>&`").to_string(), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;&#96;");
        assert_eq!(text("&lt;").to_string(), "&amp;lt;", "a reference is a text, too");
    }

    #[test]
    fn a_text_loses_what_a_reader_is_misled_by() {
        for hostile in ["\u{1b}[2Ja\u{9b}b\u{7f}", "user/\u{202e}nimda\u{2069}", "a\nb\r\nc\td\u{2028}e\u{85}f"] {
            assert_eq!(text(hostile).to_string(), crate::plain(hostile));
        }
    }

    #[test]
    fn letters_of_every_script_stay() {
        let letters = "Ünïcode 名前 می‌خواهم 👩‍💻 — “quoted”";
        assert_eq!(text(letters).to_string(), letters);
    }
}
