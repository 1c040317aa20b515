//! `probity access`: who can do what, on live AWS or on snapshots.

mod answer;
mod paths;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use probity_access::{Access, Decision, Outcome, Principal};
use probity_collect::{Detail, Request};
use probity_model::{Snapshot, Topic};
use probity_policy::{Context, Target};

use crate::cli::{AccessArgs, AccessCommand, AnswerFormat, Cli, QuestionArgs};
use crate::failure::Failure;
use crate::{audit, output, snapshot_file};

/// What answers need: everyone's policies, and what the organization lays over them.
const TOPICS: [Topic; 5] = [
    Topic::AuthorizationDetails,
    Topic::CredentialReport,
    Topic::OrganizationMembership,
    Topic::OrganizationStructure,
    Topic::OrganizationPolicies,
];

/// Answers the question.
pub(crate) fn run(cli: &Cli, args: &AccessArgs) -> Result<ExitCode, Failure> {
    let graph = matches!(args.format, AnswerFormat::Dot | AnswerFormat::Mermaid);
    if graph && !matches!(args.command, AccessCommand::Paths(_)) {
        return Err(Failure::NoGraph);
    }
    if let AccessCommand::Paths(paths) = &args.command
        && !paths.snapshots.is_empty()
    {
        return print(&paths::answer(&several(&paths.snapshots)?, paths, args.format)?);
    }
    let snapshot = evidence(cli, args)?;
    let access = of(&snapshot)?;
    match &args.command {
        AccessCommand::Can { principal, question } => can(&access, principal, question, args.format),
        AccessCommand::WhoCan { question } => who_can(&access, question, args.format),
        AccessCommand::Admins => print(&answer::administrators(&access, args.format)),
        AccessCommand::Paths(paths) => print(&paths::answer(std::slice::from_ref(&access), paths, args.format)?),
        AccessCommand::Summary { principal } => {
            let principal = find(&access, principal)?;
            print(&answer::summary(&access, principal, args.format))
        }
    }
}

/// Who can do what in a snapshot, with the policies of resources that it holds.
fn of(snapshot: &Snapshot) -> Result<Access, Failure> {
    let access = Access::of(snapshot).map_err(|gap| Failure::Access(gap.to_string()))?;
    Ok(access.with_resource_policies(snapshot))
}

/// The accounts of several snapshots, each once.
fn several(files: &[PathBuf]) -> Result<Vec<Access>, Failure> {
    let mut accounts: Vec<Access> = Vec::new();
    for file in files {
        let snapshot = snapshot_file::read(file)?;
        let access = of(&snapshot)?;
        if accounts.iter().any(|known| known.account() == access.account()) {
            return Err(Failure::SameAccount { file: file.clone(), account: access.account().to_string() });
        }
        accounts.push(access);
    }
    Ok(accounts)
}

/// The snapshot that was named, or what AWS says now.
fn evidence(cli: &Cli, args: &AccessArgs) -> Result<Snapshot, Failure> {
    if let Some(file) = &args.snapshot {
        return snapshot_file::read(Path::new(file));
    }
    let mut topics = BTreeSet::from(TOPICS);
    if matches!(args.command, AccessCommand::Paths { .. }) {
        // Which functions and instances run with a role closes ways, or makes them sure.
        topics.insert(Topic::Compute);
    }
    let request = Request { topics, detail: Detail::Standard, ..Request::default() };
    audit::gather(cli, audit::session_options(&args.aws)?, &request)
}

fn can(access: &Access, name: &str, question: &QuestionArgs, format: AnswerFormat) -> Result<ExitCode, Failure> {
    let principal = find(access, name)?;
    check_action(&question.action)?;
    let decision = access.can(principal, &question.action, target(&question.resource), &context(question)?);
    print(&answer::decision(principal, question, &decision, format))?;
    Ok(ExitCode::from(u8::from(decision.outcome != Outcome::Allowed)))
}

fn who_can(access: &Access, question: &QuestionArgs, format: AnswerFormat) -> Result<ExitCode, Failure> {
    check_action(&question.action)?;
    let (context, target) = (context(question)?, target(&question.resource));
    let asked = access.principals().iter().map(|one| (one, access.can(one, &question.action, target, &context)));
    let who: Vec<(&Principal, Decision)> = asked.filter(|(_, decision)| !decision.is_denied()).collect();
    print(&answer::list(&who, question, access.principals().len(), format))
}

/// The resources that are asked about; a text with wildcards means all that match it.
fn target(resource: &str) -> Target<'_> {
    if resource != "*" && resource.contains(['*', '?']) { Target::Matching(resource) } else { Target::One(resource) }
}

/// What the caller said of the request; every other key is open.
fn context(question: &QuestionArgs) -> Result<Context, Failure> {
    let mut context = Context::partial();
    for text in &question.context {
        let (key, values) = text.split_once('=').ok_or_else(|| Failure::Context(text.clone()))?;
        context.set(key.trim(), values.split(',').map(str::to_owned));
    }
    Ok(context)
}

fn check_action(action: &str) -> Result<(), Failure> {
    let sound = action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    if sound && !action.contains(['*', '?']) { Ok(()) } else { Err(Failure::Action(action.to_owned())) }
}

/// A principal by its ARN, its name, or `user/NAME` and `role/NAME`.
fn find<'a>(access: &'a Access, given: &str) -> Result<&'a Principal, Failure> {
    find_among(std::slice::from_ref(access), given)
}

/// The same among several accounts.
fn find_among<'a>(accounts: &'a [Access], given: &str) -> Result<&'a Principal, Failure> {
    let fits = |principal: &&Principal| {
        let arn = principal.arn();
        let (kind, _) = arn.resource().split_once('/').unwrap_or_default();
        arn.as_str() == given || principal.name() == given || format!("{kind}/{}", principal.name()) == given
    };
    let everyone = || accounts.iter().flat_map(Access::principals);
    let found: Vec<&Principal> = everyone().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let names = everyone().map(Principal::name);
            let nearest = probity_checks::registry::nearest(given, names).map(str::to_owned);
            Err(Failure::Principal { given: given.to_owned(), nearest })
        }
        several => {
            let arns: Vec<&str> = several.iter().map(|principal| principal.arn().as_str()).collect();
            Err(Failure::Ambiguous { given: given.to_owned(), arns: arns.join(", ") })
        }
    }
}

fn print(text: &str) -> Result<ExitCode, Failure> {
    output::print(text).map(|()| ExitCode::SUCCESS)
}
