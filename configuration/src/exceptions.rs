//! `exceptions.toml`: the failures that somebody agreed to live with.

use std::ops::Range;

use probity_checks::registry::{self, nearest};
use probity_checks::{CHECKS, ExceptionRule, SettingsError};
use probity_model::{Date, Family};
use serde_json::json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Mistake;
use crate::document::{Document, kind, unknown};

/// The name of the list.
const LIST: &str = "exception";
/// The keys of an exception: name, what it takes, what holds without it, what it is for.
pub(crate) const FIELDS: [(&str, &str, &str, &str); 7] = [
    ("check", "a check, `family:NAME`, or a pattern with `*` and `?`", "required", "What is excepted."),
    (
        "resource",
        "an ARN, or what stands behind its account such as `user/anna`, with `*` and `?`",
        "required",
        "On which resources.",
    ),
    ("account", "an account id, with `*` and `?`", "`*`", "In which accounts."),
    ("reason", "a text", "none; required where check or resource hold a wildcard", "Why it is accepted."),
    ("owner", "a text", "required", "Who answers for it."),
    ("ticket", "a text", "none", "Where it was agreed."),
    ("expires", "a date (UTC), `2027-01-31` with or without quotes", "no end", "The last day on which it holds."),
];

/// Reads a file of exceptions.
///
/// # Errors
/// [`Mistake`], with line, column and field.
pub fn exceptions(text: &str) -> Result<Vec<ExceptionRule>, Mistake> {
    let document = Document::parse(text)?;
    let mut rules = Vec::new();
    for (name, value) in document.root.get_ref() {
        if name.get_ref() != LIST {
            let message = unknown(name.get_ref(), [LIST].into_iter());
            return Err(document.mistake(&name.span(), name.get_ref(), message));
        }
        let Some(items) = value.get_ref().as_array() else {
            let message = format!("this is {}: write every exception under [[{LIST}]]", kind(value.get_ref()));
            return Err(document.mistake(&value.span(), LIST, message));
        };
        for (index, item) in items.iter().enumerate() {
            rules.push(One::new(&document, item, index)?.rule()?);
        }
    }
    Ok(rules)
}

/// One exception of a file.
struct One<'d, 't> {
    document: &'d Document<'t>,
    table: &'d DeTable<'t>,
    at: Range<usize>,
    name: String,
}

impl<'d, 't> One<'d, 't> {
    fn new(document: &'d Document<'t>, item: &'d Spanned<DeValue<'t>>, index: usize) -> Result<Self, Mistake> {
        let name = format!("{LIST}[{}]", index + 1);
        let table = document.table(item, &name)?;
        for key in table.keys() {
            if !FIELDS.iter().any(|(known, ..)| known == key.get_ref()) {
                let message = unknown(key.get_ref(), FIELDS.iter().map(|(known, ..)| *known));
                return Err(document.mistake(&key.span(), &format!("{name}.{}", key.get_ref()), message));
            }
        }
        Ok(Self { document, table, at: item.span(), name })
    }

    fn value(&self, key: &str) -> Option<&'d Spanned<DeValue<'t>>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn mistake(&self, key: &str, message: impl Into<String>) -> Mistake {
        let at = self.value(key).map_or_else(|| self.at.clone(), Spanned::span);
        self.document.mistake(&at, &format!("{}.{key}", self.name), message)
    }

    /// A text that is not blank, where the key is there.
    fn text(&self, key: &str) -> Result<Option<String>, Mistake> {
        let Some(value) = self.value(key) else { return Ok(None) };
        match value.get_ref().as_str().map(str::trim) {
            Some("") => Err(self.mistake(key, "this is empty")),
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(self.mistake(key, format!("this is {}, not a text", kind(value.get_ref())))),
        }
    }

    fn required(&self, key: &str) -> Result<String, Mistake> {
        self.text(key)?.ok_or_else(|| self.mistake(key, format!("an exception needs `{key}`")))
    }

    fn rule(&self) -> Result<ExceptionRule, Mistake> {
        let check = self.required("check")?;
        self.known(&check)?;
        let account = self.text("account")?.unwrap_or_else(|| "*".to_owned());
        let digits = account.chars().filter(char::is_ascii_digit).count();
        let sound = account.chars().all(|c| c.is_ascii_digit() || c == '*' || c == '?');
        if !sound || (digits != 12 && !account.contains(['*', '?'])) {
            let message =
                format!("`{account}` is neither the 12 digits of an account nor a pattern of digits, `*` and `?`");
            return Err(self.mistake("account", message));
        }
        let reason = self.text("reason")?;
        let rule = ExceptionRule {
            check,
            resource: self.required("resource")?,
            account,
            owner: self.required("owner")?,
            ticket: self.text("ticket")?,
            expires: self.date("expires")?,
            reason: reason.clone().unwrap_or_default(),
        };
        if reason.is_none() && rule.is_wildcard() {
            return Err(self.mistake("reason", "an exception with a wildcard needs a `reason`"));
        }
        Ok(rule)
    }

    /// Whether some check bears the name; an exception of none would go unnoticed.
    fn known(&self, check: &str) -> Result<(), Mistake> {
        if let Some(family) = check.strip_prefix("family:") {
            return family.parse::<Family>().map(|_| ()).map_err(|_| {
                let nearest = nearest(family, Family::ALL.iter().map(|family| family.name()));
                let error = SettingsError::Family { given: family.to_owned(), nearest: nearest.map(str::to_owned) };
                self.mistake("check", error.to_string())
            });
        }
        if check.contains(['*', '?']) {
            let pattern = ExceptionRule { check: check.to_owned(), ..ExceptionRule::default() };
            return match CHECKS.iter().any(|entry| pattern.names(entry)) {
                true => Ok(()),
                false => Err(self.mistake("check", format!("no check has an id like `{check}`"))),
            };
        }
        registry::find(check)
            .map(|_| ())
            .map_err(|error| self.mistake("check", SettingsError::Check(error).to_string()))
    }

    fn date(&self, key: &str) -> Result<Option<Date>, Mistake> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(moment) if moment.time.is_none() => moment.to_string(),
            DeValue::Datetime(_) => return Err(self.mistake(key, "this is a time: write a date, such as 2027-01-31")),
            other => {
                return Err(self.mistake(key, format!("this is {}: write a date, such as 2027-01-31", kind(other))));
            }
        };
        // Only the plain form: a reader must not have to know which time zone a longer one would be cut in.
        let plain = text.trim().len() == 10;
        let date = text.trim().parse::<Date>().ok().filter(|_| plain);
        date.map(Some).ok_or_else(|| self.mistake(key, format!("`{text}` is not a date: write it as 2027-01-31")))
    }
}

/// The JSON Schema of the file.
#[must_use]
pub(crate) fn schema() -> serde_json::Value {
    let mut properties = serde_json::Map::new();
    for (name, takes, default, about) in FIELDS {
        let mut property = json!({
            "description": format!("{about} Takes {takes}. Default: {default}."), "type": "string", "pattern": "\\S",
        });
        if name == "expires" {
            property["format"] = json!("date");
        }
        properties.insert(name.to_owned(), property);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "exceptions.toml",
        "description": "Failures that somebody agreed to live with. A bare date in TOML is a date here.",
        "type": "object",
        "additionalProperties": false,
        "properties": {LIST: {"type": "array", "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["check", "resource", "owner"],
            "properties": properties,
        }}},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(fields: &str) -> Result<ExceptionRule, Mistake> {
        exceptions(&format!("[[exception]]\n{fields}")).map(|mut rules| rules.remove(0))
    }

    const WHOLE: &str = "check = \"user-mfa-console\"\nresource = \"user/anna\"\nowner = \"it@example.com\"\n";

    #[test]
    fn a_whole_exception() {
        let text = format!("{WHOLE}account = \"1111*\"\nreason = \"r\"\nticket = \"SEC-1\"\nexpires = 2027-01-31\n");
        let rule = one(&text).expect("an exception");
        assert_eq!(rule.expires, Some(Date::constant(2027, 1, 31)));
        assert_eq!((rule.account.as_str(), rule.ticket.as_deref()), ("1111*", Some("SEC-1")));
        assert_eq!(one(&format!("{WHOLE}expires = \"2027-01-31\"")).expect("one").expires, rule.expires);
        assert_eq!(one(WHOLE).expect("an exception").account, "*");
        assert_eq!(exceptions("").expect("nothing"), Vec::new());
    }

    #[test]
    fn a_mistake_names_line_and_field() {
        for (text, line, words) in [
            (format!("{WHOLE}expire = 2027-01-31"), 5, &["exception[1].expire", "did you mean `expires`"][..]),
            (format!("{WHOLE}expires = 2027-13-31"), 5, &[]),
            (format!("{WHOLE}expires = \"next year\""), 5, &["exception[1].expires", "2027-01-31"]),
            (format!("{WHOLE}expires = 2027-01-31T00:00:00Z"), 5, &["write a date"]),
            (format!("{WHOLE}account = \"12\""), 5, &["exception[1].account", "12 digits"]),
            (format!("{WHOLE}ticket = \" \""), 5, &["exception[1].ticket", "empty"]),
            (WHOLE.replace("console", "consol"), 2, &["did you mean `user-mfa-console`"]),
            (WHOLE.replace("user-mfa-console", "family:mfaa"), 2, &["family:mfa"]),
            (WHOLE.replace("user-mfa-console", "zebra-*"), 2, &["no check has an id like"]),
            (WHOLE.replace("user/anna", "*"), 1, &["exception[1].reason", "needs a `reason`"]),
            (WHOLE.replace("user-mfa-console", "family:mfa"), 1, &["needs a `reason`"]),
            (WHOLE.replace("owner", "ticket"), 1, &["exception[1].owner", "needs `owner`"]),
            (WHOLE.replace("\"user/anna\"", "1"), 3, &["exception[1].resource", "whole number"]),
        ] {
            let mistake = one(&text).expect_err(&text);
            assert_eq!(mistake.line, line, "{text}\n{mistake}");
            let message = mistake.to_string();
            assert!(words.iter().all(|word| message.contains(word)), "{message}");
        }
        assert!(exceptions("[exception]\ncheck = \"x\"").expect_err("a table").message.contains("[[exception]]"));
        assert!(exceptions("[[exceptions]]").expect_err("a name").message.contains("did you mean `exception`"));
        assert_eq!(exceptions("[[exception]\n").expect_err("cut").line, 1);
    }
}
