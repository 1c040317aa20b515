//! Answers about access, in words and in JSON.

use std::fmt::Write as _;

use probity_access::{Access, Decision, Grounds, LevelAccess, Outcome, Principal, ServiceAccess, StatementUsed, Truth};
use probity_policy::{AccessLevel, Catalogue, Effect, Layer};
use probity_reports::plain;
use serde_json::{Value, json};

use crate::cli::{AnswerFormat, QuestionArgs};

/// Whether a principal may do something, and by which statements.
pub(crate) fn decision(who: &Principal, question: &QuestionArgs, decision: &Decision, format: AnswerFormat) -> String {
    if format == AnswerFormat::Json {
        let mut value = decision_json(decision);
        value["principal"] = json!(who.arn());
        value["action"] = json!(question.action);
        value["resource"] = json!(question.resource);
        return format!("{value:#}\n");
    }
    let on = if question.resource == "*" { String::new() } else { format!(" on {}", plain(&question.resource)) };
    let mut out = format!("{}: {} may {}{}{on}\n", word(decision.outcome), short(who), verb(decision), question.action);
    out.push_str(&reasons(decision, ""));
    out
}

fn verb(decision: &Decision) -> &'static str {
    match decision.outcome {
        Outcome::Allowed => "do ",
        Outcome::AllowedIf => "do, under the conditions below, ",
        Outcome::Denied => "not do ",
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::AllowedIf => "allowed if",
        Outcome::Denied => "denied",
    }
}

fn short(principal: &Principal) -> String {
    plain(principal.arn().resource())
}

/// Who may do something.
pub(crate) fn list(who: &[(&Principal, Decision)], question: &QuestionArgs, of: usize, format: AnswerFormat) -> String {
    if format == AnswerFormat::Json {
        let entries = who.iter().map(|(principal, decision)| {
            let mut value = decision_json(decision);
            value["principal"] = json!(principal.arn());
            value
        });
        let all: Vec<Value> = entries.collect();
        return format!("{:#}\n", json!({"action": question.action, "resource": question.resource, "principals": all}));
    }
    let sure = who.iter().filter(|(_, decision)| decision.is_allowed()).count();
    let mut out = format!(
        "{} on {}: {sure} of {of} principals may, {} more under conditions\n",
        question.action,
        plain(&question.resource),
        who.len() - sure
    );
    for (principal, decision) in who {
        let _ = writeln!(out, "\n{}: {}", word(decision.outcome), plain(principal.arn().as_str()));
        out.push_str(&reasons(decision, "  "));
    }
    out
}

/// The administrators.
pub(crate) fn administrators(access: &Access, format: AnswerFormat) -> String {
    let found = access.administrators();
    let grounds = |grounds: Grounds| match grounds {
        Grounds::Everything => "every action on every resource",
        Grounds::IamControl => "control of IAM",
    };
    if format == AnswerFormat::Json {
        let all: Vec<Value> = found
            .iter()
            .map(|one| {
                let certain = one.certainty == Truth::Yes;
                json!({"principal": one.principal.arn(), "certain": certain, "grounds": grounds(one.grounds)})
            })
            .collect();
        return format!("{:#}\n", json!({"administrators": all}));
    }
    let mut out = format!("{} of {} principals are administrators\n", found.len(), access.principals().len());
    for one in found {
        let perhaps = if one.certainty == Truth::Yes { "" } else { "perhaps: " };
        let _ = writeln!(out, "  {perhaps}{} ({})", plain(one.principal.arn().as_str()), grounds(one.grounds));
    }
    out
}

/// What a principal may do, by service and access level.
pub(crate) fn summary(access: &Access, principal: &Principal, format: AnswerFormat) -> String {
    let summary = access.summary(principal);
    if format == AnswerFormat::Json {
        let level = |(level, count): (&AccessLevel, &LevelAccess)| {
            let LevelAccess { allowed, in_part, of } = *count;
            (level_name(*level).to_owned(), json!({"allowed": allowed, "in_part": in_part, "of": of}))
        };
        let service = |service: &ServiceAccess| {
            json!({
                "service": service.service,
                "levels": service.levels.iter().map(level).collect::<serde_json::Map<String, Value>>(),
            })
        };
        let services: Vec<Value> = summary.services.iter().map(service).collect();
        let value = json!({
            "principal": principal.arn(), "services": services, "unknown_actions": summary.unknown_actions,
            "policies_not_read": summary.unread, "catalogue": Catalogue::get().date(),
        });
        return format!("{value:#}\n");
    }
    let mut out = format!(
        "{}: what it may do, of the actions known on {}\n",
        plain(principal.arn().as_str()),
        Catalogue::get().date()
    );
    for service in &summary.services {
        let levels: Vec<String> = service.levels.iter().map(|(level, count)| level_in_words(*level, *count)).collect();
        let _ = writeln!(out, "  {:24} {}", plain(&service.service), levels.join(", "));
    }
    if summary.services.is_empty() {
        let _ = writeln!(out, "  nothing");
    }
    if !summary.unknown_actions.is_empty() {
        let _ = writeln!(out, "  allows what is no known action: {}", plain(&summary.unknown_actions.join(", ")));
    }
    for policy in &summary.unread {
        let _ = writeln!(out, "  not read, and may grant anything: {}", plain(policy));
    }
    out
}

fn level_in_words(level: AccessLevel, count: LevelAccess) -> String {
    let LevelAccess { allowed, in_part, of } = count;
    let name = level_name(level);
    let reached = if allowed + in_part == of { format!("all {of}") } else { format!("{} of {of}", allowed + in_part) };
    match (allowed, in_part) {
        (_, 0) => format!("{name} ({reached})"),
        (0, _) => format!("{name} ({reached}, in part)"),
        _ => format!("{name} ({reached}, {in_part} in part)"),
    }
}

/// The name of an access level, as AWS writes it but for capitals.
fn level_name(level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::List => "list",
        AccessLevel::Read => "read",
        AccessLevel::Write => "write",
        AccessLevel::PermissionsManagement => "permissions management",
        AccessLevel::Tagging => "tagging",
    }
}

pub(super) fn decision_json(decision: &Decision) -> Value {
    let statements: Vec<Value> = decision.statements.iter().map(statement_json).collect();
    let lacking: Vec<String> = decision.lacking.iter().map(|layer| self::layer(*layer)).collect();
    json!({
        "decision": word(decision.outcome), "statements": statements, "no_allow_in": lacking,
        "resource_policy_unread": decision.resource_policy_unread,
    })
}

/// A statement that decided, in JSON; the statement is counted from 0, line and column from 1.
pub(crate) fn statement_json(used: &StatementUsed) -> Value {
    json!({
        "layer": layer(used.layer), "policy": used.policy, "effect": effect(used.effect), "sid": used.sid,
        "statement": used.statement, "line": used.position.map(|at| at.line),
        "column": used.position.map(|at| at.column), "remaining": used.remaining, "unread": used.unread,
    })
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    }
}

/// Which kind of policy, in the field's words.
fn layer(layer: Layer) -> String {
    match layer {
        Layer::Identity => "identity policy".to_owned(),
        Layer::Boundary => "permissions boundary".to_owned(),
        Layer::Session => "session policy".to_owned(),
        Layer::Resource => "resource policy".to_owned(),
        Layer::Endpoint => "endpoint policy".to_owned(),
        Layer::ServiceControl(level) => format!("service control policy, level {level}"),
        Layer::ResourceControl(level) => format!("resource control policy, level {level}"),
    }
}

pub(super) fn reasons(decision: &Decision, indent: &str) -> String {
    let mut out = String::new();
    for used in &decision.statements {
        let _ = writeln!(out, "{indent}  {}", statement(used));
        for open in &used.remaining {
            let _ = writeln!(out, "{indent}    if: {}", plain(open));
        }
    }
    for lacking in &decision.lacking {
        let _ = writeln!(out, "{indent}  nothing allows it in: {}", layer(*lacking));
    }
    if decision.resource_policy_unread {
        let _ = writeln!(out, "{indent}  the resource may have a policy of its own, which was not read");
    }
    out
}

/// A statement that decided, in words.
pub(crate) fn statement(used: &StatementUsed) -> String {
    let policy = plain(&used.policy);
    if used.unread {
        return format!("not read: {policy} ({})", layer(used.layer));
    }
    let number = used.statement.map(|number| format!(", statement {}", number + 1)).unwrap_or_default();
    let sid = used.sid.as_deref().map(|sid| format!(" ({})", plain(sid))).unwrap_or_default();
    let place = used.position.map(|at| format!(", line {}", at.line)).unwrap_or_default();
    format!("{} by {policy}{number}{sid}{place}, {}", effect(used.effect), layer(used.layer))
}
