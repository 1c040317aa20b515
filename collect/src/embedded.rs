//! Finds access keys that were written into a configuration, without keeping anything of it.
//!
//! What is looked for (IAM User Guide, "IAM identifiers", and AWS Security Blog, "A safer way to distribute AWS credentials",
//! for the shape of secrets):
//!
//! - An access key id: `AKIA` or `ASIA` and 16 of `A-Z0-9`, with nothing of the kind before or behind it.
//! - A secret: 40 of `A-Z a-z 0-9 / + =` with nothing of the kind before or behind it, with capital and small letters and a
//!   digit, a slash or a plus among them. So 40 hexadecimal digits (a commit) are none.
//!
//! The keys of AWS's own documentation, which have `EXAMPLE` in them, are neither. An id is reported with whether a secret
//! stands in the same configuration: the two mostly lie in two variables. A secret alone is not reported: what looks like
//! one may be anything. ARNs, placeholders such as `${KEY}` and references to Secrets Manager hold neither shape.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use probity_model::facts::compute::Embedded;

/// The most that compressed user data is unpacked to; user data is 16 KB at most as it is sent.
const UNPACKED: u64 = 4 << 20;
/// Lines of base64 that are shorter than this altogether cannot hold an id.
const SHORTEST: usize = 28;

/// What is found in fields that belong together, each with its name.
pub(crate) fn in_fields<'t>(fields: impl IntoIterator<Item = (String, &'t str)>) -> Vec<Embedded> {
    let fields: Vec<(String, &str)> = fields.into_iter().collect();
    let with_secret = fields.iter().any(|(_, text)| has_secret(text));
    let found =
        fields.iter().flat_map(|(name, text)| ids(text).map(move |(_, id)| Embedded::new(name, id, with_secret)));
    tidy(found.collect())
}

/// What is found in a text of lines, such as a script.
pub(crate) fn in_text(text: &str) -> Vec<Embedded> {
    let parts: Vec<(usize, String)> = encoded_parts(text);
    let with_secret = has_secret(text) || parts.iter().any(|(_, part)| has_secret(part));
    let place = |line: usize| format!("user data, line {line}");
    let line = |at: usize| text.get(..at).map_or(0, |before| before.matches('\n').count()) + 1;
    let plain = ids(text).map(|(at, id)| Embedded::new(place(line(at)), id, with_secret));
    let encoded = parts
        .iter()
        .flat_map(|(line, part)| ids(part).map(move |(_, id)| Embedded::new(place(*line), id, with_secret)));
    tidy(plain.chain(encoded).collect())
}

/// Why user data cannot be looked through.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// AWS sends it in base64; this was not.
    #[error("the user data is not base64")]
    Encoding,
    /// It begins as gzip does and goes on otherwise, or does not end.
    #[error("the user data is compressed and cannot be unpacked")]
    Compression,
}

/// What is found in user data as AWS sends it.
pub(crate) fn in_user_data(encoded: &str) -> Result<Vec<Embedded>, Unreadable> {
    let packed: String = encoded.split_whitespace().collect();
    let mut bytes = STANDARD.decode(packed).map_err(|_| Unreadable::Encoding)?;
    // cloud-init takes it compressed as well (cloud-init documentation, "User data formats").
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        let mut reader = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(UNPACKED);
        reader.read_to_end(&mut unpacked).map_err(|_| Unreadable::Compression)?;
        if unpacked.len() as u64 == UNPACKED {
            return Err(Unreadable::Compression);
        }
        bytes = unpacked;
    }
    Ok(in_text(&String::from_utf8_lossy(&bytes)))
}

fn tidy(mut found: Vec<Embedded>) -> Vec<Embedded> {
    found.sort();
    found.dedup();
    found
}

/// Runs of characters of a kind, each with where it begins.
fn runs(text: &str, belongs: impl Fn(char) -> bool + Copy) -> impl Iterator<Item = (usize, &str)> {
    let piece = move |at: &mut usize, piece: &'_ str| {
        let begin = *at;
        *at += piece.len();
        Some((begin, piece.len()))
    };
    let pieces = text.split_inclusive(move |c| !belongs(c)).scan(0, piece);
    pieces.filter_map(move |(at, length)| {
        let piece = text.get(at..at.saturating_add(length))?;
        let run = piece.strip_suffix(move |c| !belongs(c)).unwrap_or(piece);
        Some((at, run)).filter(|_| !run.is_empty())
    })
}

/// Access key ids, each with where it begins.
fn ids(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let id = |run: &str| {
        let prefix = run.starts_with("AKIA") || run.starts_with("ASIA");
        let rest = run.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        run.len() == 20 && prefix && rest && !run.contains("EXAMPLE")
    };
    runs(text, |c| c.is_ascii_alphanumeric()).filter(move |(_, run)| id(run))
}

fn has_secret(text: &str) -> bool {
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '=');
    runs(text, belongs).any(|(_, run)| {
        // `KEY=secret` is one run: what stands behind the last sign of equality, or before a trailing one, is the value.
        let value = run.trim_end_matches('=');
        let value = value.rsplit('=').next().unwrap_or(value);
        is_secret(value)
    })
}

fn is_secret(run: &str) -> bool {
    let any = |of: fn(&u8) -> bool| run.bytes().any(|byte| of(&byte));
    run.len() == 40
        && any(u8::is_ascii_uppercase)
        && any(u8::is_ascii_lowercase)
        && any(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'+'))
        && !run.contains("EXAMPLE")
}

/// Parts in base64, as in the parts of a MIME message, decoded, each with the line it begins in.
fn encoded_parts(text: &str) -> Vec<(usize, String)> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut first = 0;
    let belongs = |line: &str| {
        !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/+=".contains(&byte))
    };
    for (number, line) in text.lines().map(str::trim).chain([""]).enumerate() {
        if belongs(line) {
            if part.is_empty() {
                first = number + 1;
            }
            part.push_str(line);
        } else if !part.is_empty() {
            let decoded = Some(&part).filter(|part| part.len() >= SHORTEST).and_then(|part| STANDARD.decode(part).ok());
            parts.extend(decoded.and_then(|bytes| String::from_utf8(bytes).ok()).map(|text| (first, text)));
            part.clear();
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made up, and put together here so that no scanner takes them for real.
    const ID: &str = concat!("AKIA", "QWERTYUIOPASDFGH");
    const SECRET: &str = concat!("abcdEFGH1234ijklMNOP", "5678qrstUVWX/+90yzAB");

    fn fields(fields: &[(&str, &str)]) -> Vec<Embedded> {
        in_fields(fields.iter().map(|(name, value)| ((*name).to_owned(), *value)))
    }

    #[test]
    fn a_key_in_two_variables_is_found_with_its_secret() {
        let found = fields(&[("KEY", ID), ("SECRET", SECRET), ("OTHER", "x")]);
        assert_eq!(found, [Embedded::new("KEY", ID, true)]);
        assert!(found[0].is(ID));
        assert_eq!(fields(&[("KEY", ID)]), [Embedded::new("KEY", ID, false)]);
        assert_eq!(fields(&[("SECRET", SECRET)]), []);
    }

    #[test]
    fn nothing_of_it_is_kept() {
        let text = format!("export AWS_ACCESS_KEY_ID={ID}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n");
        for found in [in_text(&text), fields(&[("KEY", ID), ("SECRET", SECRET)])] {
            let kept = serde_json::to_string(&found).expect("JSON");
            assert!(!kept.contains(ID) && !kept.contains(SECRET) && kept.contains("DFGH"), "{kept}");
        }
    }

    #[test]
    fn the_line_is_told() {
        let text = format!("#!/bin/sh\n\nexport AWS_ACCESS_KEY_ID={ID}\nexport AWS_SECRET_ACCESS_KEY=\"{SECRET}\"\n");
        assert_eq!(in_text(&text), [Embedded::new("user data, line 3", ID, true)]);
        let json = format!(r#"{{"accessKeyId":"{ID}","secretAccessKey":"{SECRET}"}}"#);
        assert_eq!(in_text(&json), [Embedded::new("user data, line 1", ID, true)]);
    }

    #[test]
    fn what_only_looks_like_a_key_is_none() {
        let commit = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        for text in [
            "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AKIAI44QH8DHBEXAMPLE",
            "${AWS_ACCESS_KEY_ID} {{resolve:secretsmanager:prod/key:SecretString:id}} <ACCESS_KEY_ID>",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/AKIA-Ab12Cd",
            "AKIAXXXX",
            "akiaqwertyuiopasdfgh",
            &format!("x{ID}"),
            &format!("{ID}2"),
            "AROAQWERTYUIOPASDFGH AIDAQWERTYUIOPASDFGH",
            commit,
        ] {
            assert_eq!(in_text(text), [], "{text}");
        }
        assert_eq!(in_text(&format!("{ID} {commit}")), [Embedded::new("user data, line 1", ID, false)]);
        let capitals = "A".repeat(40);
        assert!(!has_secret(&capitals) && !has_secret("/usr/local/share/something/else/entirely"));
        assert!(has_secret(&format!("secret={SECRET}")) && has_secret(&format!("\"{SECRET}\"")));
    }

    #[test]
    fn user_data_is_unpacked() {
        let script = format!("#!/bin/sh\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n");
        let expected = Ok(vec![Embedded::new("user data, line 2", ID, true)]);
        assert_eq!(in_user_data(&STANDARD.encode(&script)), expected);
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut packer, script.as_bytes()).expect("memory");
        let packed = packer.finish().expect("memory");
        assert_eq!(in_user_data(&STANDARD.encode(&packed)), expected);
        assert_eq!(in_user_data(&STANDARD.encode(&packed[..packed.len() / 2])), Err(Unreadable::Compression));
        assert_eq!(in_user_data("%"), Err(Unreadable::Encoding));
        assert_eq!(in_user_data(""), Ok(vec![]));
        // A part of a MIME message.
        let part = STANDARD.encode(&script);
        let (half, rest) = part.split_at(40);
        let message = format!("Content-Transfer-Encoding: base64\n\n{half}\n{rest}\n\n--boundary--\n");
        assert_eq!(in_user_data(&STANDARD.encode(message)), Ok(vec![Embedded::new("user data, line 3", ID, true)]));
    }

    #[test]
    fn any_bytes_are_taken() {
        for bytes in [&b"\xff\xfe\x00"[..], b"\x1f\x8b", b"\x1f\x8b\x08\x00", "é=AKIA".as_bytes()] {
            let _ = in_user_data(&STANDARD.encode(bytes));
        }
    }
}
