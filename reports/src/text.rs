//! Texts that AWS supplies are written by whoever may name a resource. Here they are made safe to show.

/// Takes out of a text what a terminal would obey instead of show.
///
/// Control characters (C0, DEL and C1, so every escape sequence), characters that change the direction of writing and
/// characters that cannot be seen are removed; line breaks and tabs become spaces, so that one text stays on one line.
#[must_use]
pub fn plain(text: &str) -> String {
    // Nearly every text is of this kind, and a large run has millions of them.
    if is_visible_ascii(text) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    shown.extend(text.chars().filter_map(|character| match character {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        character if is_obeyed(character) => None,
        character => Some(character),
    }));
    shown
}

/// Whether there is nothing in a text but what ASCII can show, so that it is shown as it is.
pub(crate) fn is_visible_ascii(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Whether a terminal obeys or hides a character instead of showing it.
pub(crate) fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Direction of writing.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Lines and paragraphs.
            | '\u{2028}' | '\u{2029}'
            // Nothing to be seen. Joiners stay: some scripts are written with them.
            | '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
            // No characters at all, and XML has no place for them.
            | '\u{fffe}' | '\u{ffff}'
        )
}

/// [`plain`], with every run of white space as one space.
pub(crate) fn one_line(text: &str) -> String {
    let shown = plain(text);
    if is_visible_ascii(&shown) && shown.trim().len() == shown.len() && !shown.contains("  ") {
        return shown;
    }
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_escape() {
        assert_eq!(plain("\u{1b}[2Ja\u{9b}31mb\u{7f}\u{0}\u{8}"), "[2Ja31mb");
    }

    #[test]
    fn the_direction_of_writing_cannot_be_changed() {
        assert_eq!(plain("user/\u{202e}nimda\u{2069}\u{200f}\u{61c}"), "user/nimda");
    }

    #[test]
    fn a_text_stays_on_one_line() {
        assert_eq!(plain("a\nb\r\nc\td\u{2028}e\u{85}f"), "a b  c d e f");
        assert_eq!(one_line(" a\n  b\r\n"), "a b");
    }

    #[test]
    fn letters_of_every_script_stay() {
        let text = "Ünïcode 名前 می‌خواهم 👩‍💻 — “quoted”";
        assert_eq!(plain(text), text);
    }
}
