//! Texts that AWS supplied, made safe for a terminal: a user may be named with an escape sequence in it.

/// The text without control characters (C0, C1, delete) and without the characters that turn the direction of writing;
/// line breaks and tabs become spaces.
#[must_use]
pub fn plain(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let separates = |c: char| matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}');
    let kept = text.chars().filter_map(|c| match c {
        c if separates(c) => Some(' '),
        c if c.is_control() || turns(c) => None,
        c => Some(c),
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(plain("a\u{1b}[31mb\u{7}\u{9b}2Jc\u{202e}d"), "a[31mb2Jcd");
        assert_eq!(plain("two\nlines\tand a tab"), "two lines and a tab");
        assert_eq!(plain("Zoë, 東京"), "Zoë, 東京");
    }
}
