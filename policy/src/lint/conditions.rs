//! Whether condition operators and keys exist, and whether they go together.

use super::view::{Asked, Clause, View};
use super::{DocumentKind, Findings};
use crate::catalogue::{Catalogue, ConditionKey, KeyType};
use crate::condition::operator::{Family, Operator, Qualifier};
use crate::condition::text::Kind;
use std::collections::BTreeMap;

/// The global keys that a tag's name must follow.
const TAG_KEYS: [&str; 3] = ["aws:requesttag", "aws:resourcetag", "aws:principaltag"];

/// Keys that whoever calls sets as it pleases.
const UNTRUSTWORTHY: [&str; 2] = ["aws:referer", "aws:useragent"];

pub(super) fn look(view: &View, findings: &mut Findings) {
    for clause in &view.clauses {
        duplicates(clause, findings);
        for asked in &clause.asked {
            operator(asked, findings);
            if let Some(key) = key(asked, findings) {
                together(asked, key, findings);
            }
            trust(clause, asked, findings);
        }
    }
}

fn duplicates(clause: &Clause, findings: &mut Findings) {
    let mut seen: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for asked in &clause.asked {
        let known = seen.insert((&asked.operator.text, asked.key.text.to_lowercase()), &asked.key.text);
        if let Some(other) = known {
            let message =
                format!("`{}` and `{other}` are the same key. Write it once, with all values.", asked.key.text);
            findings.add("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", &asked.key.place, message);
        }
    }
}

fn operator(asked: &Asked, findings: &mut Findings) {
    let place = &asked.operator.place;
    let Some(operator) = asked.parsed else {
        let message = format!("There is no condition operator `{}`.", asked.operator.text);
        return findings.add("INVALID_CONDITION_OPERATOR", place, message);
    };
    if operator.family != Family::Null {
        return;
    }
    if operator.if_exists {
        findings.add("NULL_WITH_IF_EXISTS", place, "`Null` asks whether a key exists, so it takes no `IfExists`.");
    }
    if operator.qualifier.is_some() {
        findings.add("NULL_WITH_QUALIFIER", place, "`Null` asks whether a key exists; a qualifier changes nothing.");
    }
}

/// The key in the catalogue; tells when it is not there. Keys of identity providers are theirs to name.
fn key(asked: &Asked, findings: &mut Findings) -> Option<&'static ConditionKey> {
    let name = asked.key.text.as_str();
    let lower = name.to_ascii_lowercase();
    let mut tell = |code, message: String| findings.add(code, &asked.key.place, message);
    let Some((prefix, rest)) = lower.split_once(':').filter(|(prefix, rest)| !prefix.is_empty() && !rest.is_empty())
    else {
        tell(
            "INVALID_CONDITION_KEY_FORMAT",
            format!("`{name}` is no condition key; one is service:name, such as aws:SourceIp."),
        );
        return None;
    };
    let catalogue = Catalogue::get();
    if let Some(key) = catalogue.key(name) {
        return Some(key);
    }
    if TAG_KEYS.contains(&lower.trim_end_matches('/')) {
        tell(
            "MISSING_TAG_KEY_IN_CONDITION",
            format!("`{name}` lacks the name of a tag. Write `{}/name`.", name.trim_end_matches('/')),
        );
    } else if lower == "aws:arn" {
        let (code, what) = match findings.kind {
            DocumentKind::ServiceControl | DocumentKind::ResourceControl => {
                ("UNSUPPORTED_GLOBAL_CONDITION_KEY", "not supported")
            }
            _ => ("DEPRECATED_GLOBAL_CONDITION_KEY", "outdated"),
        };
        let message = format!("`{name}` is {what}. Use aws:PrincipalArn or aws:SourceArn.");
        findings.add(code, &asked.key.place, message);
    } else if prefix == "aws" {
        tell("INVALID_GLOBAL_CONDITION_KEY", format!("There is no global condition key `{name}`."));
    } else if let Some(service) = catalogue.service(prefix) {
        if service.is_unpublished() {
            return None;
        }
        tell(
            "INVALID_SERVICE_CONDITION_KEY",
            format!("The service `{prefix}` has no condition key `{name}`, as of {}.", catalogue.date()),
        );
    } else if !prefix.contains(['.', '/']) && !rest.contains(':') {
        tell("INVALID_SERVICE", format!("There is no service `{prefix}`, whose key `{name}` would be."));
    }
    None
}

/// Whether the operator suits the key.
fn together(asked: &Asked, key: &ConditionKey, findings: &mut Findings) {
    let Some(operator) = asked.parsed else { return };
    let place = &asked.key.place;
    if operator.family == Family::Null {
        return;
    }
    match (key.is_multivalued(), operator.qualifier) {
        (true, None) => {
            let message = format!(
                "`{}` can have several values. Say ForAllValues: or ForAnyValue: before the operator.",
                asked.key.text
            );
            findings.add("MISSING_QUALIFIER", place, message);
        }
        (false, Some(Qualifier::ForAllValues)) => {
            let message = format!(
                "`{}` has one value, and ForAllValues: also holds where it has none. Leave the qualifier out.",
                asked.key.text
            );
            findings.add("FORALLVALUES_WITH_SINGLE_VALUED_KEY", place, message);
        }
        _ => {}
    }
    if !suits(operator, key.value()) {
        let message = format!(
            "`{}` is {}, which `{}` does not compare.",
            asked.key.text,
            name_of(key.value()),
            asked.operator.text
        );
        findings.add("TYPE_MISMATCH", place, message);
    }
    // ArnLike wants all segments, so it is no replacement for what is not written as an ARN.
    let names_arn = asked.values.iter().any(|value| value.text.starts_with("arn:"));
    if key.value() == KeyType::Arn && operator.family == Family::Text(Kind::Like) && names_arn {
        let message = format!(
            "`{}` is an ARN. In `{}` a wildcard reaches over the colons of the ARN; use ArnLike.",
            asked.key.text, asked.operator.text
        );
        findings.add("STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", place, message);
    }
}

/// Whether an operator compares values of a type. Texts may hold ARNs, and ARNs are texts.
fn suits(operator: Operator, value: KeyType) -> bool {
    match operator.family {
        Family::Text(Kind::Binary) => value == KeyType::Text,
        Family::Text(_) => matches!(value, KeyType::Text | KeyType::Arn),
        // aws:EpochTime can also be compared as a number of seconds.
        Family::Numeric(_) => matches!(value, KeyType::Number | KeyType::Date),
        Family::Date(_) => value == KeyType::Date,
        Family::Bool => value == KeyType::Bool,
        Family::Network => value == KeyType::IpAddress,
        Family::Null => true,
    }
}

fn name_of(value: KeyType) -> &'static str {
    match value {
        KeyType::Text => "a text",
        KeyType::Arn => "an ARN",
        KeyType::Bool => "true or false",
        KeyType::Number => "a number",
        KeyType::Date => "a point in time",
        KeyType::IpAddress => "an IP address",
    }
}

fn trust(clause: &Clause, asked: &Asked, findings: &mut Findings) {
    let lower = asked.key.text.to_ascii_lowercase();
    if clause.allows() && UNTRUSTWORTHY.contains(&lower.as_str()) {
        let message = format!("Whoever calls sets `{}` at will, so it keeps nobody out.", asked.key.text);
        findings.add("UNTRUSTWORTHY_CONDITION_KEY", &asked.key.place, message);
    }
    let Some(operator) = asked.parsed else { return };
    // Keys that say little without the network they are in.
    let related: &[&str] = match lower.as_str() {
        "aws:vpcsourceip" => &["aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"],
        "aws:ec2instancesourceprivateipv4" => &["aws:Ec2InstanceSourceVpc"],
        _ => &[],
    };
    if clause.allows() && !related.is_empty() && !related.iter().any(|key| clause.asks(key).next().is_some()) {
        let message = format!("Private addresses repeat in every network: ask for {} too.", related.join(" or "));
        findings.add("MISSING_PAIRED_CONDITION_KEYS", &asked.key.place, message);
    }
    if lower == "s3:prefix"
        && (clause.allows() && operator.negated || clause.denies() && !operator.negated)
        && operator.family != Family::Null
    {
        let message = "Prefixes that are excluded can still be listed through a shorter prefix or none. Name the ones that are allowed.";
        findings.add("S3_PREFIX_IN_NEGATIVE_CONTEXT", &asked.key.place, message);
    }
    if clause.allows() && lower == "dynamodb:attributes" && clause.asks("dynamodb:Select").next().is_none() {
        let message = "Without a condition on dynamodb:Select a request that names no attributes gets all of them.";
        findings.add("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", &asked.key.place, message);
    }
}
