//! JSON: the whole run, for programs. `reports/schema/run.schema.json` is its schema, `docs/formats/json.md` its page.

use std::io::{self, Write};

use probity_model::Run;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::all::Whole;
use crate::text::{is_obeyed, is_visible_ascii};
use crate::{Bulk, ReportError};

/// Writes the whole run, indented, with a final line break.
pub(crate) fn write(run: &Run, bulk: &dyn Bulk, to: &mut dyn Write) -> Result<(), ReportError> {
    let whole = Whole { run, bulk };
    whole.serialize(&mut serde_json::Serializer::with_formatter(&mut *to, Escaped(PrettyFormatter::new())))?;
    to.write_all(b"\n")?;
    Ok(())
}

/// Escapes what a terminal would obey, so that `probity -f json` is safe to look at. JSON itself asks only for control
/// characters below U+0020; a reader gets the same text either way.
pub(crate) struct Escaped<F>(pub(crate) F);

/// Passes the methods of a formatter on, of which none may be missed: each writes a piece of the text.
macro_rules! pass_on {
    ($($name:ident($($argument:ident: $type:ty),*);)+) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.0.$name(writer $(, $argument)*)
        })+
    };
}

impl<F: Formatter> Formatter for Escaped<F> {
    pass_on! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if is_visible_ascii(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        for piece in fragment.split_inclusive(is_obeyed) {
            let mut characters = piece.chars();
            match characters.next_back() {
                Some(last) if is_obeyed(last) => {
                    writer.write_all(characters.as_str().as_bytes())?;
                    for unit in last.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
                _ => writer.write_all(piece.as_bytes())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::ser::CompactFormatter;

    use super::*;

    fn written(text: &str) -> String {
        let mut bytes = Vec::new();
        let formatter = Escaped(CompactFormatter);
        text.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter)).expect("memory");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        assert_eq!(written("a\u{9b}b\u{202e}\u{e0001}c\u{7f}"), r#""a\u009bb\u202e\udb40\udc01c\u007f""#);
    }

    #[test]
    fn a_reader_gets_the_same_text() {
        for text in ["", "plain", "\u{1b}\u{9b}", "\u{e0001}x", "\"quoted\\\"\n", "名前 👩‍💻"] {
            assert_eq!(serde_json::from_str::<String>(&written(text)).expect("JSON"), text);
        }
    }
}
