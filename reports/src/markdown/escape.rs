//! Texts in Markdown as they are: whoever names a resource cannot format, link, mention or bring HTML.
//!
//! Every sign with a meaning is written as a character reference, which Markdown shows and never obeys (CommonMark 0.31,
//! "Entity and numeric character references"). GitHub looks for mentions and issues in the text that comes out of that,
//! so an empty comment stands behind their signs; and it looks for neither inside `<code>`.

use crate::text::one_line;

/// A text between other texts.
pub(super) fn prose(text: &str) -> String {
    escaped(text, "<!-- -->")
}

/// A name, in the type of a program.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text, ""))
}

fn escaped(text: &str, after_mark: &str) -> String {
    let text = one_line(text);
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '@' | '#' => out.push_str(&format!("&#{};{after_mark}", u32::from(character))),
            // The beginning of an address, which would be made a link.
            ':' if characters.peek() == Some(&'/') => out.push_str("&#58;"),
            '.' if ends_with_www(&out) => out.push_str("&#46;"),
            '&' | '<' | '>' | '"' | '\'' | '|' | '`' | '*' | '_' | '~' | '[' | ']' | '\\' | '!' | '$' => {
                out.push_str(&format!("&#{};", u32::from(character)));
            }
            other => out.push(other),
        }
    }
    out
}

fn ends_with_www(text: &str) -> bool {
    text.get(text.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_with_a_meaning_lose_it() {
        assert_eq!(prose("a|b `c` <b>"), "a&#124;b &#96;c&#96; &#60;b&#62;");
        assert_eq!(prose("[x](javascript:1) *y* _z_"), "&#91;x&#93;(javascript:1) &#42;y&#42; &#95;z&#95;");
        assert_eq!(prose("&lt;"), "&#38;lt;");
    }

    #[test]
    fn nobody_is_mentioned_and_no_issue_is_linked() {
        assert_eq!(prose("@team #1"), "&#64;<!-- -->team &#35;<!-- -->1");
        assert_eq!(code("anna@example.com"), "<code>anna&#64;example.com</code>");
    }

    #[test]
    fn addresses_are_not_made_links() {
        assert_eq!(prose("https://example.com www.example.com"), "https&#58;//example.com www&#46;example.com");
    }

    #[test]
    fn a_text_stays_on_its_line() {
        assert_eq!(prose("a\n\n# b"), "a &#35;<!-- --> b");
        assert_eq!(prose("東京, Zoë: 1.5"), "東京, Zoë: 1.5");
    }
}
