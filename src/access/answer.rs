//! Answers about access, in words and in JSON.

use std::fmt::Write as _;

use probity_access::{Access, Decision, Grounds, Outcome, Principal, StatementUsed, Truth};
use probity_policy::{Effect, Layer};
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
    let services = access.summary(principal);
    if format == AnswerFormat::Json {
        let all: Vec<Value> = services
            .iter()
            .map(|service| {
                let levels: serde_json::Map<String, Value> = service
                    .levels
                    .iter()
                    .map(|(level, outcome)| (format!("{level:?}").to_lowercase(), json!(word(*outcome))))
                    .collect();
                json!({"service": service.service, "levels": levels})
            })
            .collect();
        return format!("{:#}\n", json!({"principal": principal.arn(), "services": all}));
    }
    let mut out = format!("{}\n", plain(principal.arn().as_str()));
    for service in services {
        let levels: Vec<String> = service
            .levels
            .iter()
            .map(|(level, outcome)| {
                let partly = if *outcome == Outcome::Allowed { "" } else { " (in part)" };
                format!("{}{partly}", format!("{level:?}").to_lowercase())
            })
            .collect();
        let _ = writeln!(out, "  {:24} {}", plain(&service.service), levels.join(", "));
    }
    out
}

fn decision_json(decision: &Decision) -> Value {
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

fn reasons(decision: &Decision, indent: &str) -> String {
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
