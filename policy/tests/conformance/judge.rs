//! What this crate says of one case.

use crate::account;
use probity_policy::{
    Actions, Caller, Condition, Context, Decision, Document, DocumentKind, Effect, LintKind, Pattern, Policies, Policy,
    Position, Principal, Principals, Request, Resources, Target, Truth, lint,
};
use serde_json::Value;

/// Agreement, or in which way it disagrees.
type Verdict = Result<(), String>;

/// Judges a case; `None` for a kind that this crate has no say in.
pub(crate) fn judge(case: &Value) -> Option<Verdict> {
    let (input, expected) = (&case["input"], &case["expected"]);
    Some(match case["kind"].as_str()? {
        "match-action" => matches(expected, match_action(input)),
        "match-resource" => matches(expected, match_resource(input)),
        "match-condition" => matches(expected, match_condition(input)),
        "match-operator" => matches(expected, match_operator(input)),
        "match-principal" => matches(expected, match_principal(input)),
        "glob-overlap" => {
            matches(expected, both(input, "a", "b", |left, right| Pattern::new(left).overlaps(&Pattern::new(right))))
        }
        "arn-format-overlap" => {
            matches(expected, both(input, "arn_format", "resource", |format, own| Pattern::new(own).can_name(format)))
        }
        "parse" => compare(&expected["valid"], Document::parse(&input["policy"].to_string()).is_ok()),
        "lint" if expected["findings"].is_null() => compare(&expected["valid"], is_managed_policy(input)),
        "lint" => no_false_error(input, &expected["findings"]),
        "evaluate" => evaluate(input).and_then(|decision| compare(&expected["decision"], decision)),
        "evaluate-account" => account::evaluate(input).and_then(|allowed| compare(expected, allowed)),
        "who-can-account" => account::who_can(input).and_then(|who| compare(expected, who)),
        _ => return None,
    })
}

/// Whether IAM takes the text as a managed policy.
fn is_managed_policy(input: &Value) -> bool {
    let text = input["policy_text"].as_str().map_or_else(|| input["policy"].to_string(), str::to_owned);
    Document::parse(&text).is_ok_and(|document| document.refused_as_managed_policy().is_empty())
}

/// Of findings that AWS gave only this is a verdict: an error is told only where AWS tells it too. Which names exist, and
/// which of several codes a mistake gets, depends on the date.
fn no_false_error(input: &Value, findings: &Value) -> Verdict {
    let text = input["policy_text"].as_str().map_or_else(|| input["policy"].to_string(), str::to_owned);
    let kind = match input["policy_type"].as_str() {
        Some("RESOURCE_POLICY") => DocumentKind::guess(&text),
        Some("SERVICE_CONTROL_POLICY") => DocumentKind::ServiceControl,
        Some("RESOURCE_CONTROL_POLICY") => DocumentKind::ResourceControl,
        _ => DocumentKind::Identity,
    };
    let told = |code: &str| findings.as_array().into_iter().flatten().any(|finding| finding["issueCode"] == code);
    let errors = lint(&text, kind).into_iter().filter(|finding| finding.kind == LintKind::Error);
    let wrong: Vec<String> = errors
        .filter(|finding| !told(finding.code))
        .map(|finding| format!("{} at {}: {}", finding.code, finding.path, finding.message))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("errors that AWS does not tell: {}", wrong.join("; "))) }
}

/// Compares what was expected with what came out.
fn compare(expected: &Value, found: impl Into<Value>) -> Verdict {
    let found = found.into();
    if *expected == found { Ok(()) } else { Err(format!("expected {expected}, found {found}")) }
}

/// Strictly: what may match does not.
fn matches(expected: &Value, found: Result<Truth, String>) -> Verdict {
    compare(&expected["matches"], found? == Truth::Yes)
}

fn both(input: &Value, left: &str, right: &str, test: impl Fn(&str, &str) -> bool) -> Result<Truth, String> {
    Ok(test(text(input, left)?, text(input, right)?).into())
}

/// A text of the case.
pub(crate) fn text<'v>(value: &'v Value, key: &str) -> Result<&'v str, String> {
    value[key].as_str().ok_or_else(|| format!("`{key}` is not a text"))
}

/// One text, or a list of them; numbers and booleans as their text.
fn texts(value: &Value) -> Vec<String> {
    let one = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().map(one).collect(),
        other => vec![one(other)],
    }
}

fn context(value: &Value) -> Context {
    let mut context = Context::complete();
    for (key, values) in value.as_object().into_iter().flatten() {
        context.set(key, texts(values));
    }
    context
}

fn patterns(input: &Value) -> Vec<Pattern> {
    texts(&input["policy"]).into_iter().map(Pattern::new).collect()
}

fn match_action(input: &Value) -> Result<Truth, String> {
    let actions = match text(input, "element")? {
        "Action" => Actions::Only(patterns(input)),
        _ => Actions::AllBut(patterns(input)),
    };
    Ok(actions.cover(text(input, "action")?).into())
}

fn match_resource(input: &Value) -> Result<Truth, String> {
    let resources = match text(input, "element")? {
        "Resource" => Resources::Only(patterns(input)),
        _ => Resources::AllBut(patterns(input)),
    };
    Ok(resources.cover(Target::One(text(input, "resource")?), &context(&input["context"]), true))
}

fn condition(operator: &str, key: &str, values: &Value) -> Condition {
    let (operator, key) = (operator.to_owned(), key.to_owned());
    Condition { operator, key, values: texts(values), position: Position::default() }
}

fn match_condition(input: &Value) -> Result<Truth, String> {
    let context = context(&input["context"]);
    let conditions = input["conditions"].as_array().ok_or("`conditions` is not a list")?;
    let tests = conditions
        .iter()
        .map(|one| Ok(condition(text(one, "op")?, text(one, "key")?, &one["values"]).holds(&context, true)));
    tests.collect::<Result<Vec<Truth>, String>>().map(Truth::all)
}

fn match_operator(input: &Value) -> Result<Truth, String> {
    let mut context = context(&input["context"]);
    context.set("case:value", texts(&input["value"]));
    Ok(condition(text(input, "operator")?, "case:value", &input["policy_values"]).holds(&context, true))
}

fn match_principal(input: &Value) -> Result<Truth, String> {
    let listed = input["policy"].as_array().ok_or("`policy` is not a list")?;
    let named = listed.iter().map(|one| {
        let value = text(one, "value")?.to_owned();
        match text(one, "type")? {
            "AWS" => Ok(Principal::Aws(value)),
            "Service" => Ok(Principal::Service(value)),
            "Federated" => Ok(Principal::Federated(value)),
            "CanonicalUser" => Ok(Principal::CanonicalUser(value)),
            "*" | "Everyone" | "All" => Ok(Principal::Everyone),
            other => Err(format!("no such type of principal: {other}")),
        }
    });
    let named = named.collect::<Result<Vec<_>, String>>()?;
    let (principals, effect) = match text(input, "element")? {
        "Principal" => (Principals::Only(named), Effect::Allow),
        _ => (Principals::AllBut(named), Effect::Deny),
    };
    Ok(caller(&input["principal"])?.is_meant_by(&principals, effect))
}

/// An ARN, an object with one ARN, or someone anonymous.
fn caller(value: &Value) -> Result<Caller, String> {
    let named = match value {
        Value::Object(members) if value["type"] == "Anonymous" || members.is_empty() => return Ok(Caller::anonymous()),
        Value::Object(members) => members.values().find_map(Value::as_str),
        other => other.as_str(),
    };
    match named {
        None | Some("*") => Ok(Caller::anonymous()),
        Some(name) => Caller::parse(name).ok_or_else(|| format!("no principal: {name}")),
    }
}

/// A prepared policy from JSON. One that cannot be read counts as unread.
pub(crate) fn policy(name: &str, document: &Value) -> Policy {
    Policy::parse(name, &document.to_string()).unwrap_or_else(|_| Policy::unread(name))
}

fn list(value: &Value, name: &str) -> Vec<Policy> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(documents) => documents.iter().map(|document| policy(name, document)).collect(),
        document => vec![policy(name, document)],
    }
}

fn levels(value: &Value, name: &str) -> Vec<Vec<Policy>> {
    value.as_array().into_iter().flatten().map(|level| list(&level["policies"], name)).collect()
}

fn evaluate(input: &Value) -> Result<&'static str, String> {
    let request = &input["request"];
    let identity = list(&input["identity_policies"], "identity");
    let boundary = list(&input["boundary"], "boundary");
    let session = list(&input["session_policy"], "session");
    let resource = list(&input["resource_policy"], "resource");
    let endpoints = list(&input["endpoint_policies"], "endpoint");
    let (service_control, resource_control) = (levels(&input["scps"], "SCP"), levels(&input["rcps"], "RCP"));
    let policies = Policies {
        identity: identity.iter().collect(),
        boundary: boundary.first(),
        session: (!session.is_empty()).then(|| session.iter().collect()),
        resource: resource.first(),
        endpoints: endpoints.iter().collect(),
        service_control: service_control.iter().map(|level| level.iter().collect()).collect(),
        resource_control: resource_control.iter().map(|level| level.iter().collect()).collect(),
    };
    let answer = policies.evaluate(&Request {
        caller: &caller(&request["principal"])?,
        action: text(request, "action")?,
        resource: Target::One(text(request, "resource")?),
        resource_account: request["resource_account"].as_str(),
        context: &context(&request["context"]),
    });
    Ok(match answer.decision {
        Decision::Allowed => "Allowed",
        Decision::ExplicitlyDenied => "ExplicitlyDenied",
        // Strictly: what may be allowed is not.
        Decision::ImplicitlyDenied | Decision::AllowedIf => "ImplicitlyDenied",
    })
}
