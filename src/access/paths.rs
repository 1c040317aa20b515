//! Ways to an administrator, another principal or a resource: as a tree for people, as JSON, and as graphs for Graphviz and
//! Mermaid.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use probity_access::{Access, Certainty, Escalations, Goal, Method, Outsider, Path, Standing, Start, Step};
use probity_policy::Target;
use probity_reports::plain;
use serde_json::{Value, json};

use super::{answer, check_action, find_among};
use crate::cli::{AnswerFormat, PathsArgs};
use crate::failure::Failure;

/// What paths lead to, and who has some.
struct Found<'a> {
    goal: String,
    is_resource: bool,
    paths: Vec<Path<'a>>,
}

/// Finds the paths that are asked for, and writes them in a format.
pub(super) fn answer(accounts: &[Access], args: &PathsArgs, format: AnswerFormat) -> Result<String, Failure> {
    let starts: Vec<Start<'_>> = match args.from.as_deref() {
        None => vec![Start::Everyone, Start::Outsiders],
        Some("outside") => vec![Start::Outsiders],
        Some(name) => vec![Start::Principal(find_among(accounts, name)?)],
    };
    let escalations = Escalations::among(accounts);
    let find = |words: String, goal: Goal<'_>| {
        let paths = starts.iter().flat_map(|start| escalations.paths_among(accounts, *start, goal)).collect();
        Found { goal: words, is_resource: matches!(goal, Goal::Access { .. }), paths }
    };
    let found: Vec<Found<'_>> = match (args.to.as_str(), accounts) {
        ("admin", [_]) => vec![find("administrator".to_owned(), Goal::Administrator)],
        ("admin", several) => several
            .iter()
            .map(|access| {
                let account = access.account();
                find(format!("administrator of {account}"), Goal::AdministratorOf(account))
            })
            .collect(),
        (to, _) => match find_among(accounts, to) {
            Ok(principal) => vec![find(principal.arn().to_string(), Goal::Principal(principal))],
            Err(_) if to.starts_with("arn:") => {
                let (action, resource) = what(to, args.action.as_deref())?;
                let target =
                    if resource.contains(['*', '?']) { Target::Matching(&resource) } else { Target::One(&resource) };
                vec![find(format!("{action} on {resource}"), Goal::Access { action: &action, resource: target })]
            }
            Err(failure) => return Err(failure),
        },
    };
    Ok(match format {
        AnswerFormat::Table => found.iter().map(|one| tree(accounts, one)).collect::<Vec<_>>().join("\n"),
        AnswerFormat::Json => format!("{:#}\n", in_json(&found)),
        AnswerFormat::Dot => dot(&found),
        AnswerFormat::Mermaid => mermaid(&found),
    })
}

/// The action and the resource: for a bucket reading its objects, unless something else is asked.
fn what(arn: &str, action: Option<&str>) -> Result<(String, String), Failure> {
    if let Some(action) = action {
        check_action(action)?;
        return Ok((action.to_owned(), arn.to_owned()));
    }
    let is_s3 = arn.split(':').nth(2) == Some("s3");
    match (is_s3, arn.contains('/')) {
        (true, true) => Ok(("s3:GetObject".to_owned(), arn.to_owned())),
        (true, false) => Ok(("s3:GetObject".to_owned(), format!("{arn}/*"))),
        (false, _) => Err(Failure::NoAction(arn.to_owned())),
    }
}

fn in_json(found: &[Found<'_>]) -> Value {
    let one = |found: &Found<'_>| json!({"to": found.goal, "paths": found.paths.iter().map(path).collect::<Vec<_>>()});
    match found {
        [only] => one(only),
        several => json!({"goals": several.iter().map(one).collect::<Vec<_>>()}),
    }
}

fn sure(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "certain",
        Certainty::Conditional => "under conditions",
        Certainty::Unknown => "unknown: evidence is missing",
    }
}

/// A place on a path: the principal, and what was changed about it on the way.
fn place(standing: &Standing<'_>) -> String {
    match standing {
        Standing::Principal(principal) => plain(principal.arn().resource()),
        Standing::Changed(principal, changes) => {
            format!("{} with {}", plain(principal.arn().resource()), plain(&changes.join(", ")))
        }
        Standing::New(account) => format!("a principal that is made on the way in {account}"),
        Standing::Outsider(outsider) => plain(&outsider.to_string()),
    }
}

/// The same, with the account where it is another than that of the step's beginning.
fn place_from(from: &Standing<'_>, to: &Standing<'_>) -> String {
    let account = |standing: &Standing<'_>| standing.principal().map(|principal| principal.arn().account().to_owned());
    match (account(from), account(to), to) {
        (Some(from), Some(to), Standing::Principal(principal)) if from != to => plain(principal.arn().as_str()),
        _ => place(to),
    }
}

fn tree(accounts: &[Access], found: &Found<'_>) -> String {
    let (inside, outside): (Vec<&Path<'_>>, Vec<&Path<'_>>) =
        found.paths.iter().partition(|path| !matches!(path.from, Standing::Outsider(_)));
    let certain = inside.iter().filter(|path| path.certainty == Certainty::Certain).count();
    let principals: usize = accounts.iter().map(|access| access.principals().len()).sum();
    let goal = plain(&found.goal);
    let verb = if found.is_resource { "get to" } else { "become" };
    let mut out =
        format!("{certain} of {principals} principals can {verb} {goal}; {} more perhaps\n", inside.len() - certain);
    if !outside.is_empty() {
        let _ = writeln!(out, "{} from outside have a way to {goal}", outside.len());
    }
    for path in inside.into_iter().chain(outside) {
        let steps = if path.steps.len() == 1 { "1 step".to_owned() } else { format!("{} steps", path.steps.len()) };
        let from = match &path.from {
            Standing::Principal(principal) => plain(principal.arn().as_str()),
            other => place(other),
        };
        let _ = writeln!(out, "\n{from} ({steps}, {})", sure(path.certainty));
        for (number, step) in path.steps.iter().enumerate() {
            let last = number + 1 == path.steps.len();
            let (branch, trunk) = if last { ("└─", "  ") } else { ("├─", "│ ") };
            let _ = writeln!(out, "  {branch} {} → {}", step.method.id, place_from(&step.from, &step.to));
            let _ = writeln!(out, "  {trunk}   {}", step.method.title);
            if !step.also.is_empty() {
                let also: Vec<&str> = step.also.iter().map(|method| method.id.as_str()).collect();
                let _ = writeln!(out, "  {trunk}   also by: {}", also.join(", "));
            }
            for used in &step.statements {
                let _ = writeln!(out, "  {trunk}   {}", answer::statement(used));
                for open in &used.remaining {
                    let _ = writeln!(out, "  {trunk}     if: {}", plain(open));
                }
            }
            for open in &step.open {
                let _ = writeln!(out, "  {trunk}   open: {}", plain(open));
            }
        }
        if let Some(decision) = &path.reached {
            out.push_str(&answer::reasons(decision, "  "));
        }
    }
    out
}

fn path(path: &Path<'_>) -> Value {
    let mut value = json!({
        "from": from(&path.from), "outside": matches!(path.from, Standing::Outsider(_)),
        "certainty": certainty(path.certainty), "steps": path.steps.iter().map(step).collect::<Vec<_>>(),
    });
    if let Some(decision) = &path.reached {
        value["reached"] = answer::decision_json(decision);
    }
    value
}

/// Who sets out: the ARN of a principal, or what the trust policy names.
fn from(standing: &Standing<'_>) -> String {
    match standing {
        Standing::Principal(principal) | Standing::Changed(principal, _) => principal.arn().to_string(),
        Standing::New(account) => account.to_string(),
        Standing::Outsider(Outsider::Anyone) => "*".to_owned(),
        Standing::Outsider(Outsider::Provider(name) | Outsider::Account(name)) => name.clone(),
    }
}

fn step(step: &Step<'_>) -> Value {
    let ids = |methods: &[&'static Method]| methods.iter().map(|method| method.id.as_str()).collect::<Vec<_>>();
    json!({
        "from": standing(&step.from), "to": standing(&step.to), "method": step.method.id, "title": step.method.title,
        "known_as": step.method.known_as, "also": ids(&step.also),
        "certainty": certainty(step.certainty), "open": step.open,
        "statements": step.statements.iter().map(answer::statement_json).collect::<Vec<_>>(),
    })
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "certain",
        Certainty::Conditional => "conditional",
        Certainty::Unknown => "unknown",
    }
}

fn standing(standing: &Standing<'_>) -> Value {
    match standing {
        Standing::Principal(principal) => json!({"principal": principal.arn()}),
        Standing::Changed(principal, changes) => json!({"principal": principal.arn(), "changed": changes}),
        Standing::New(account) => json!({"new": true, "account": account}),
        Standing::Outsider(outsider) => json!({"outside": outsider.to_string()}),
    }
}

/// Every step once, by the places it joins.
fn edges<'p>(found: &'p [Found<'p>]) -> BTreeMap<(String, String, &'p str), Certainty> {
    let paths = || found.iter().flat_map(|found| &found.paths);
    let steps = || paths().flat_map(|path| &path.steps);
    let accounts: BTreeSet<&str> = steps().filter_map(|step| Some(step.to.principal()?.arn().account())).collect();
    // The account says something only where there are several.
    let named = |standing: &Standing<'_>| match standing.principal() {
        Some(principal) if accounts.len() > 1 => format!("{} {}", principal.arn().account(), place(standing)),
        _ => place(standing),
    };
    steps().map(|step| ((named(&step.from), named(&step.to), step.method.id.as_str()), step.certainty)).collect()
}

fn dot(found: &[Found<'_>]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = String::from("digraph paths {\n  rankdir=LR;\n  node [shape=box];\n");
    for ((from, to, method), certainty) in edges(found) {
        let style = if certainty == Certainty::Certain { "solid" } else { "dashed" };
        let _ = writeln!(out, "  {} -> {} [label={}, style={style}];", quoted(&from), quoted(&to), quoted(method));
    }
    out.push_str("}\n");
    out
}

fn mermaid(found: &[Found<'_>]) -> String {
    let edges = edges(found);
    let places: BTreeSet<&String> = edges.keys().flat_map(|(from, to, _)| [from, to]).collect();
    let number = |place: &String| places.iter().position(|other| *other == place).unwrap_or_default();
    // Mermaid ends a quoted label at any quotation mark, and takes HTML in it.
    let label =
        |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    let mut out = String::from("flowchart LR\n");
    for place in &places {
        let _ = writeln!(out, "  n{}[\"{}\"]", number(place), label(place));
    }
    for ((from, to, method), certainty) in &edges {
        let arrow = if *certainty == Certainty::Certain { "-->" } else { "-.->" };
        let _ = writeln!(out, "  n{} {arrow}|\"{}\"| n{}", number(from), label(method), number(to));
    }
    out
}
