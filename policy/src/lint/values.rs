//! Whether the values of conditions are what their operator and their key want.

use super::view::{Asked, View, Word};
use super::{Findings, resources};
use crate::condition::operator::{Comparison, Family};
use crate::condition::text::Kind;
use crate::condition::{date, number};
use crate::managed;
use crate::pattern::Pattern;

/// Keys whose value is the name of a service, such as `ec2.amazonaws.com`.
const SERVICE_PRINCIPALS: [&str; 8] = [
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "iam:awsservicename",
    "iam:passedtoservice",
    "kms:viaservice",
];

pub(super) fn look(view: &View, findings: &mut Findings) {
    for asked in view.clauses.iter().flat_map(|clause| &clause.asked) {
        together(asked, findings);
        for value in &asked.values {
            // What a variable brings in is not known.
            if !value.text.contains("${") {
                typed(asked, value, findings);
                named(asked, value, findings);
            }
        }
    }
}

/// What the values are among each other.
fn together(asked: &Asked, findings: &mut Findings) {
    let Some(family) = asked.parsed.map(|operator| operator.family) else { return };
    let place = &asked.key.place;
    if asked.is_mixed {
        let message =
            format!("The values of `{}` are of different JSON types. Write all of them as strings.", asked.key.text);
        findings.add("INVALID_CONDITION_DATA_TYPE", place, message);
    }
    let several = asked.values.len() > 1;
    if several && matches!(family, Family::Bool | Family::Null) {
        let message = format!("`{}` is compared with several truth values; give one.", asked.key.text);
        findings.add("INVALID_CONDITION_MULTIPLE_BOOLEAN", place, message);
    }
    if let Family::Numeric(comparison) = family
        && several
        && comparison != Comparison::Equals
    {
        let which = match comparison {
            Comparison::LessThan | Comparison::LessThanEquals => "greatest",
            _ => "least",
        };
        let message =
            format!("Only the {which} of the values counts for `{}`. Leave the others out.", asked.operator.text);
        findings.add("REDUNDANT_CONDITION_VALUE_NUM", place, message);
    }
}

/// Whether a value is of the operator's type.
fn typed(asked: &Asked, value: &Word, findings: &mut Findings) {
    let Some(operator) = asked.parsed else { return };
    let text = value.text.as_str();
    let mut tell = |code, message: String| findings.add(code, &value.place, message);
    match operator.family {
        Family::Bool | Family::Null if !["true", "false"].contains(&text.to_ascii_lowercase().as_str()) => {
            tell("TYPE_MISMATCH_BOOLEAN", format!("`{text}` is neither true nor false."));
        }
        Family::Numeric(_) if number::Number::parse(text).is_none() => {
            tell("TYPE_MISMATCH_NUMBER", format!("`{text}` is not a number."));
        }
        Family::Date(_) if !managed::is_date(text) => {
            tell("TYPE_MISMATCH_DATE", format!("`{text}` is not a date such as 2031-02-03 or 2031-02-03T04:05:06Z."));
        }
        Family::Date(_) if text.parse::<i64>().is_ok() || date::parse(text).is_none() => {
            tell(
                "INVALID_DATE_VALUE",
                format!("`{text}` may be read as another moment than was meant. Write it as 2031-02-03."),
            );
        }
        Family::Text(Kind::Binary) if !is_base64(text) => {
            tell("TYPE_MISMATCH_STRING", format!("`{text}` is not base64."));
        }
        Family::Text(Kind::Exact | Kind::IgnoringCase) if text.contains(['*', '?']) => {
            tell(
                "WILDCARD_WITHOUT_LIKE_OPERATOR",
                format!("`{}` takes `*` and `?` literally. For wildcards use StringLike.", asked.operator.text),
            );
        }
        _ => {}
    }
}

fn is_base64(text: &str) -> bool {
    let content = text.trim_end_matches('=');
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    text.len() - content.len() <= 2 && content.len() % 4 != 1 && content.bytes().all(belongs)
}

/// Whether a value is of the key's form.
fn named(asked: &Asked, value: &Word, findings: &mut Findings) {
    let Some(Family::Text(kind)) = asked.parsed.map(|operator| operator.family) else { return };
    let text = value.text.as_str();
    let is_open = kind == Kind::Like && text.contains(['*', '?']);
    let key = asked.key.text.to_ascii_lowercase();
    let mut tell = |code, message: String| findings.add(code, &value.place, message);
    if key == "aws:requestedregion" && !is_open && !text.contains(['*', '?']) && !resources::is_region(text) {
        tell("INVALID_REGION", format!("`{text}` is no Region."));
    }
    if key == "aws:sourcevpc" && !is_open && !is_identifier(text, "vpc-") {
        tell("INVALID_VPC_FORMAT", format!("`{text}` is no VPC, which is `vpc-` and 8 or 17 letters and digits."));
    }
    if key == "aws:sourcevpce" && !is_open && !is_identifier(text, "vpce-") {
        tell(
            "INVALID_VPCE_FORMAT",
            format!("`{text}` is no VPC endpoint, which is `vpce-` and 8 or 17 letters and digits."),
        );
    }
    if SERVICE_PRINCIPALS.contains(&key.as_str()) && !is_service_principal(text, &key, kind == Kind::Like) {
        let form = if key == "kms:viaservice" { "service.region.amazonaws.com" } else { "service.amazonaws.com" };
        tell("INVALID_SERVICE_PRINCIPAL_FORMAT", format!("`{text}` is no service; one is `{form}`."));
    }
    if key == "s3:x-amz-server-side-encryption-aws-kms-key-id" && !is_open && !text.starts_with("arn:") {
        tell("INVALID_KMS_KEY_VALUE", format!("`{text}` is not the ARN of a KMS key, which is what S3 compares."));
    }
}

fn is_identifier(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a text can be the name of a service. With wildcards it is enough that it can match one.
fn is_service_principal(text: &str, key: &str, wildcards: bool) -> bool {
    let forms: &[&str] = match key {
        "kms:viaservice" => &["*.*.amazonaws.com", "*.*.amazonaws.com.cn"],
        _ => &["*.amazonaws.com", "*.amazonaws.com.cn", "*.amazonaws.eu", "*.aws.internal", "*.amazon.com"],
    };
    let own = Pattern::new(text);
    forms.iter().any(|form| {
        let form = Pattern::new(*form);
        if wildcards { form.overlaps(&own) } else { form.matches(text) && !text.contains(['*', '?']) }
    })
}
