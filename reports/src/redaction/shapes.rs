//! What has the shape of an identifier is replaced, whether or not anybody knows it: ARNs, account ids, e-mail addresses, IP
//! addresses, unique ids of AWS.

use std::net::IpAddr;

use probity_model::{AccountId, Arn};

use super::pseudonyms::Pseudonyms;

/// The prefixes of unique ids (IAM User Guide, "IAM identifiers", "Understanding unique ID prefixes").
const PREFIXES: &[&str] =
    &["ABIA", "ACCA", "AGPA", "AIDA", "AIPA", "AKIA", "ANPA", "ANVA", "APKA", "AROA", "ASCA", "ASIA", "AMDA"];
/// What ends a word in which an identifier may stand.
const ENDS: &[char] = &['"', '\'', '`', '<', '>', '(', ')', '[', ']', '{', '}', ',', ';', '|'];

/// Replaces what has the shape of an identifier.
pub(super) fn replace(text: &str, pseudonyms: &Pseudonyms) -> String {
    let ends = |c: char| c.is_whitespace() || ENDS.contains(&c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(|c: char| !ends(c)).unwrap_or(rest.len());
        let (between, tail) = rest.split_at(start);
        out.push_str(between);
        let end = tail.find(ends).unwrap_or(tail.len());
        let (word, tail) = tail.split_at(end);
        out.push_str(&self::word(word, pseudonyms));
        rest = tail;
    }
    out
}

/// A word without white space and brackets.
fn word(word: &str, pseudonyms: &Pseudonyms) -> String {
    // A sign at the end belongs to the sentence.
    let bare = word.trim_end_matches(['.', ':', '!', '?']);
    let tail = word.get(bare.len()..).unwrap_or_default();
    if let Some(at) = bare.find("arn:") {
        let (before, arn) = bare.split_at(at);
        let whole = arn.matches(':').count() >= 5;
        let shown = if whole { pseudonyms.arn(&Arn::new(arn)).to_string() } else { pieces(arn, pseudonyms) };
        return format!("{}{shown}{tail}", pieces(before, pseudonyms));
    }
    format!("{}{tail}", pieces(bare, pseudonyms))
}

/// The pieces of a word between the signs that join them. An address of version 6 holds colons, a network a slash.
fn pieces(word: &str, pseudonyms: &Pseudonyms) -> String {
    let mut out = String::new();
    for side in word.split_inclusive('=') {
        let bare = side.trim_end_matches('=');
        match address(bare, pseudonyms) {
            Some(address) => out.push_str(&address),
            None => {
                for piece in bare.split_inclusive(['/', ':', '\\']) {
                    let name = piece.trim_end_matches(['/', ':', '\\']);
                    out.push_str(&piece_of(name, pseudonyms));
                    out.push_str(piece.get(name.len()..).unwrap_or_default());
                }
            }
        }
        out.push_str(side.get(bare.len()..).unwrap_or_default());
    }
    out
}

/// An IP address of either version, with or without a prefix length behind a slash.
fn address(word: &str, pseudonyms: &Pseudonyms) -> Option<String> {
    let (address, length) = match word.split_once('/') {
        Some((address, length)) if length.parse::<u8>().is_ok() => (address, format!("/{length}")),
        Some(_) => return None,
        None => (word, String::new()),
    };
    address.parse::<IpAddr>().ok().map(|_| format!("{}{length}", pseudonyms.address(address)))
}

fn piece_of(piece: &str, pseudonyms: &Pseudonyms) -> String {
    let is_mail =
        piece.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'));
    match () {
        () if is_mail => pseudonyms.mail(piece),
        () if piece.parse::<IpAddr>().is_ok() => pseudonyms.address(piece),
        () if is_unique(piece) => pseudonyms.unique_id(piece),
        () => accounts(piece, pseudonyms),
    }
}

fn is_unique(piece: &str) -> bool {
    let iam = piece.len() >= 16
        && PREFIXES.iter().any(|prefix| piece.starts_with(prefix))
        && piece.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let organization =
        ["o-", "ou-", "r-", "p-", "ssoins-", "ps-", "d-", "i-", "sg-", "subnet-", "vpc-"].iter().any(|kind| {
            piece.strip_prefix(kind).is_some_and(|rest| {
                rest.len() >= 4
                    && rest.bytes().any(|byte| byte.is_ascii_digit())
                    && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            })
        });
    iam || organization
}

/// Every run of exactly twelve digits.
fn accounts(piece: &str, pseudonyms: &Pseudonyms) -> String {
    let mut out = String::new();
    let mut rest = piece;
    while !rest.is_empty() {
        let start = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (before, tail) = rest.split_at(start);
        let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (digits, tail) = tail.split_at(end);
        out.push_str(before);
        let alone = !before.ends_with(|c: char| c.is_ascii_alphanumeric())
            && !tail.starts_with(|c: char| c.is_ascii_alphanumeric());
        match AccountId::try_from(digits) {
            Ok(id) if alone => out.push_str(pseudonyms.account(id.as_str()).as_str()),
            _ => out.push_str(digits),
        }
        rest = tail;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_go_and_words_stay() {
        let pseudonyms = Pseudonyms::new(b"a salt");
        let shown = |text: &str| replace(text, &pseudonyms);
        for text in [
            "the root user was used 41 days ago (password_last_used); the window is 90 days",
            "s3:GetObject on 2026-11-22T08:00:00Z in eu-central-1",
            "access_key_1_active=true; https",
            "policies allow every action (arn:aws:iam::aws:policy/AdministratorAccess)",
        ] {
            assert_eq!(shown(text), text);
        }
        for (text, secret) in [
            ("by arn:aws:iam::123456789012:user/anna, twice", "anna"),
            ("account 123456789012.", "123456789012"),
            ("(123456789012)", "123456789012"),
            ("mail=anna@corp.example", "anna"),
            ("from 203.0.113.7", "203.0.113.7"),
            ("aws:SourceIp=203.0.113.0/24", "203.0.113.0"),
            ("aws:SourceIp=2001:db8::/32", "2001:db8"),
            ("[\"2001:db8::1\"]", "2001:db8"),
            ("key AKIAIOSFODNN7EXAMPLE is old", "IOSFODNN7"),
            ("in o-a1b2c3d4e5", "a1b2c3d4e5"),
        ] {
            assert!(!shown(text).contains(secret), "{}", shown(text));
        }
    }
}
