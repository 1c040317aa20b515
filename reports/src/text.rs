//! Texts that AWS supplies are written by whoever may name a resource. Here they are made safe to show.
//! Beside that, what several formats say in the same words.

use probity_model::{Exception, Run};

/// Takes out of a text what a terminal would obey instead of show.
///
/// Control characters (C0, DEL and C1, so every escape sequence), characters that change the direction of writing and
/// characters that cannot be seen are removed; line breaks and tabs become spaces, so that one text stays on one line.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars()
        .filter_map(|character| match character {
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
            character if is_obeyed(character) => None,
            character => Some(character),
        })
        .collect()
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
        )
}

/// [`plain`], with every run of white space as one space.
pub(crate) fn one_line(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `1 check`, `2 checks`.
pub(crate) fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// The first paragraph of a longer text, on one line.
pub(crate) fn first_paragraph(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().take_while(|line| !line.trim().is_empty()).collect();
    one_line(&lines.join(" "))
}

/// The score with its coverage, which is never left out: "72 of 100, over 91 % of the checks (82 of 90)".
pub(crate) fn score(run: &Run) -> String {
    let score = &run.score;
    let coverage =
        format!("over {} % of the checks ({} of {})", score.coverage_percent, score.judged, score.applicable);
    match score.value {
        Some(value) if score.capped => format!("{value} of 100, {coverage}; an open critical failure caps it"),
        Some(value) => format!("{value} of 100, {coverage}"),
        None => format!("none, {coverage}"),
    }
}

/// An exception in words: why, by whom, where it was agreed and until when.
pub(crate) fn accepted(exception: &Exception) -> String {
    let ticket = exception.ticket.iter().map(|ticket| format!(", {ticket}"));
    let expires = exception.expires.iter().map(|date| format!(", until {date}"));
    let rest: String = ticket.chain(expires).collect();
    format!("accepted by {}{rest}: {}", exception.owner, exception.reason)
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
