//! Answers and errors, as each protocol writes them.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::ErrorMetadata;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::services::Format;

/// The body of an answer. It may hold what nobody should read: it is never printed.
pub(super) struct Body(pub(super) Vec<u8>);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

/// A list as EC2 writes it: `<somethingSet><item>…</item><item>…</item></somethingSet>`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Items<T> {
    /// The items, in their order.
    #[serde(rename = "item", default = "Vec::new")]
    pub(crate) items: Vec<T>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T> IntoIterator for Items<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// Reads a body.
///
/// # Errors
/// What is wrong with it, in words that repeat nothing of it but the names of fields.
pub(super) fn read<T: DeserializeOwned>(format: Format, root: Option<&str>, body: &[u8]) -> Result<T, String> {
    match format {
        Format::Json => serde_json::from_slice(body).map_err(|error| {
            let text = error.to_string();
            let detail = if text.starts_with("missing field") { text } else { said(&error) };
            format!("the answer is not the JSON that is documented: {detail}")
        }),
        Format::Xml => {
            let wrong = |detail: &str| format!("the answer is not the XML that is documented: {detail}");
            let text = std::str::from_utf8(body).map_err(|_| wrong("it is not text"))?;
            let found = first_element(text).ok_or_else(|| wrong("it has no element"))?;
            if let Some(root) = root.filter(|root| *root != found) {
                return Err(wrong(&format!("it begins with another element than `{root}`")));
            }
            quick_xml::de::from_str(text).map_err(|error| {
                let text = error.to_string();
                let field = text.starts_with("missing field") && text.len() < 100;
                wrong(if field { &text } else { "an element has another content" })
            })
        }
    }
}

fn said(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Data => "a field has another type",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "it is not JSON",
    };
    format!("{kind}, line {} column {}", error.line(), error.column())
}

/// The name of the root element, without the prefix of a namespace.
fn first_element(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start();
        let markup = rest.strip_prefix('<')?;
        if let Some(comment) = markup.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if markup.starts_with(['?', '!']) {
            rest = markup.split_once('>')?.1;
        } else {
            let end = markup.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
            let name = markup.get(..end)?;
            return Some(name.rsplit(':').next().unwrap_or(name)).filter(|name| !name.is_empty());
        }
    }
}

/// The error that a response reports.
pub(super) fn error(format: Format, response: &HttpResponse) -> ErrorMetadata {
    let body = response.body().bytes().unwrap_or_default();
    let header = |name: &str| response.headers().get(name);
    let (code, message) = match format {
        Format::Json => {
            let body: JsonError = serde_json::from_slice(body).unwrap_or_default();
            // SQS keeps the codes it had before it spoke JSON in a header of its own, with who is at fault behind them.
            let known = header("x-amzn-query-error").and_then(|value| value.split(';').next()).map(str::to_owned);
            let named = header("x-amzn-errortype").map(str::to_owned);
            (known.or(named).or(body.kind).or(body.code), body.message)
        }
        Format::Xml => {
            let text = std::str::from_utf8(body).unwrap_or_default();
            let body: XmlErrors = quick_xml::de::from_str(text).unwrap_or_default();
            let own = XmlError { code: body.code, message: body.message };
            let error = body.errors.and_then(|errors| errors.error).or(body.error).unwrap_or(own);
            (error.code, error.message)
        }
    };
    let mut meta = ErrorMetadata::builder();
    if let Some(code) = code.as_deref().map(bare).filter(|code| !code.is_empty()) {
        meta = meta.code(code);
    }
    if let Some(message) = message {
        meta = meta.message(message);
    }
    meta.build()
}

/// The code alone: `com.amazonaws.config#NoSuchThing:http://internal…` has more around it (Smithy, "Operation error
/// serialization").
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code).trim()
}

#[derive(Default, Deserialize)]
struct JsonError {
    #[serde(rename = "__type")]
    kind: Option<String>,
    #[serde(alias = "Code")]
    code: Option<String>,
    #[serde(alias = "Message", alias = "errorMessage")]
    message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct XmlErrors {
    errors: Option<XmlList>,
    error: Option<XmlError>,
    code: Option<String>,
    message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct XmlList {
    error: Option<XmlError>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct XmlError {
    code: Option<String>,
    message: Option<String>,
}
