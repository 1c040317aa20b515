//! A run of several accounts: as many at once as were asked for, each kept as it is done, until all are or somebody ends it.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use probity_checks::{Entry, Settings, whole};
use probity_collect::{Request, Session, SessionOptions};
use probity_model::facts::OrganizationMembership;
use probity_model::{Evidence, Snapshot, Topic};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::account::{self, Shared, judged, speaker};
use super::manifest::{Asked, Manifest, StateError};
use super::plan::{self, Base, Plan, Target};
use super::progress::Fleet;
use super::remote::Remote;
use super::state::{Place, State};
use crate::audit::{Job, told_to_stop};
use crate::cli::{AuditArgs, Cli, FleetArgs};
use crate::delivery;
use crate::failure::Failure;

/// What came of a run.
pub(crate) struct Outcome {
    pub(crate) state: State,
    /// What was read of the organization.
    pub(crate) organization: Option<Snapshot>,
    pub(crate) targets: Vec<Target>,
    /// Whether somebody ended it.
    pub(crate) interrupted: bool,
    pub(crate) began: Instant,
}

/// How far a run was to go, and went.
pub(crate) enum Ended {
    /// The accounts are known, and none is audited (`--plan-only`).
    Planned,
    /// Some accounts of a state were audited (`--part`).
    Part {
        /// Whether nothing of them is left to do.
        is_complete: bool,
    },
    /// Every account; what is left is to judge the whole.
    Whole(Box<Outcome>),
}

/// Audits the accounts that were asked for.
pub(crate) async fn audit(cli: &Cli, args: &AuditArgs, job: &Job, base: &Base) -> Result<Ended, Failure> {
    let began = Instant::now();
    let asked = asked(job);
    let earlier = match &args.fleet.resume {
        Some(given) => Some(State::open(place(Some(given), &base.options).await?)?),
        None => None,
    };
    if let Some(state) = &earlier {
        state.check(&asked)?;
    }
    let mut options = base.options.clone();
    if let Some(state) = &earlier {
        let ways = || state.manifest.targets.iter().map(|target| &target.entry);
        options.enters_roles |= ways().any(|way| matches!(way, plan::Way::Role(_)));
        let profile = ways().find_map(|way| match way {
            plan::Way::Profile(profile) => Some(profile.clone()),
            _ => None,
        });
        options.profile = options.profile.or(profile);
    }
    let hub = Session::connect(options.clone()).await?;
    let (about_organization, checks) = whole::divide(&job.checks);
    let (state, organization) = match earlier {
        Some(state) => resume(state, &hub, args).await?,
        None => begin(&hub, args, base, asked).await?,
    };
    if args.fleet.plan_only {
        if !cli.quiet {
            let count = state.manifest.targets.len();
            let begun = header(&hub, &state, &format!("{count}, to be audited from {}", state.name().display()));
            let _ = writeln!(std::io::stderr(), "{begun}");
        }
        return Ok(Ended::Planned);
    }
    let part = part(&state, &args.fleet)?;
    let is_part = part.is_some();
    let wanted = part.unwrap_or_else(|| state.manifest.targets.clone());
    // Judged alone, an account says itself what of its organization it was not told.
    let checks = if organization.is_some() { checks } else { job.checks.clone() };
    if let Some(snapshot) = organization.as_ref().filter(|_| !about_organization.is_empty() && !is_part) {
        let (part, findings) = judged(&Evidence::new(snapshot), None, &about_organization, &job.settings);
        state.keep(None, part, &findings)?;
    }
    let mut request = job.request();
    if organization.is_some() {
        request.topics.retain(|topic| !topic.is_of_organization());
    }
    let mut topics = request.topics.clone();
    probity_collect::complete(&mut topics);
    let pending = pending(&state, &wanted)?;
    if !cli.quiet {
        let of = if is_part { format!(" of {}", state.manifest.targets.len()) } else { String::new() };
        let done = match wanted.len().saturating_sub(pending.len()) {
            0 => String::new(),
            done => format!(", {done} of them done already"),
        };
        let accounts = format!("{}{of}{done}, {} at once", wanted.len(), args.fleet.concurrency);
        let _ = writeln!(std::io::stderr(), "{}", header(&hub, &state, &accounts));
    }
    let (stop, stopped) = watch::channel(false);
    let shared = Arc::new(Shared {
        progress: Fleet::of(cli, pending.len()),
        hub,
        options,
        external_id: args.aws.external_id.clone(),
        request,
        topics,
        speaker: organization.as_ref().map(|organization| speaker(organization, &state)),
        organization,
        checks,
        settings: job.settings.clone(),
        state,
        timeout: Duration::from_secs(args.fleet.account_timeout),
        stop: stopped,
    });
    let interrupted = all(&shared, pending, usize::from(args.fleet.concurrency), &stop).await;
    shared.progress.finish();
    let interrupted = interrupted?;
    let targets = shared.state.manifest.targets.clone();
    // Every account has ended, and its hold on this with it.
    let shared = Arc::into_inner(shared).ok_or_else(|| Failure::System {
        what: "an account did not end",
        error: std::io::Error::other("it still holds the state"),
    })?;
    let Shared { state, organization, .. } = shared;
    if is_part {
        let is_complete = !interrupted && (!job.report.require_complete || is_read(&state, &wanted)?);
        return Ok(Ended::Part { is_complete });
    }
    Ok(Ended::Whole(Box::new(Outcome { state, organization, targets, interrupted, began })))
}

/// Audits accounts, so many at once. Whether somebody ended it.
async fn all(
    shared: &Arc<Shared>,
    mut pending: Vec<Target>,
    at_once: usize,
    stop: &watch::Sender<bool>,
) -> Result<bool, Failure> {
    pending.reverse();
    let mut tasks: JoinSet<Result<bool, Failure>> = JoinSet::new();
    let mut failure = None;
    let told = told_to_stop();
    tokio::pin!(told);
    let mut interrupted = false;
    loop {
        let is_ending = interrupted || failure.is_some();
        while tasks.len() < at_once && !is_ending {
            let Some(target) = pending.pop() else { break };
            // A thread an account: what comes in is parsed and judged on as many cores as there are.
            let (shared, handle) = (Arc::clone(shared), tokio::runtime::Handle::current());
            tasks.spawn_blocking(move || account::audit(&handle, &shared, &target));
        }
        tokio::select! {
            ended = tasks.join_next() => match ended {
                None => break,
                Some(Ok(Ok(_))) => {}
                Some(Ok(Err(error))) => {
                    failure.get_or_insert(error);
                    stop.send_replace(true);
                }
                Some(Err(error)) => {
                    let error = std::io::Error::other(error.to_string());
                    failure.get_or_insert(Failure::System { what: "an account could not be audited", error });
                    stop.send_replace(true);
                }
            },
            () = &mut told, if !interrupted => {
                interrupted = true;
                stop.send_replace(true);
            }
        }
    }
    failure.map_or(Ok(interrupted), Err)
}

/// Plans a new run, and begins its state.
async fn begin(
    hub: &Session,
    args: &AuditArgs,
    base: &Base,
    asked: Asked,
) -> Result<(State, Option<Snapshot>), Failure> {
    let Plan { organization, targets } = planned(hub, args, base).await?;
    let id = organization.as_ref().and_then(organization_id);
    let place = place(args.fleet.state.as_deref(), &base.options).await?;
    let state = State::create(place, Manifest::new(id, asked, targets), organization.as_ref())?;
    Ok((state, organization))
}

/// Where a state lies, as it was named.
async fn place<'p>(given: Option<&'p Path>, options: &SessionOptions) -> Result<Place<'p>, Failure> {
    Ok(match given {
        None => Place::Temporary,
        Some(given) if delivery::is_remote(given) => {
            Place::Bucket(Remote::open(&given.to_string_lossy(), options).await?)
        }
        Some(given) => Place::Folder(given),
    })
}

async fn planned(hub: &Session, args: &AuditArgs, base: &Base) -> Result<Plan, Failure> {
    let fleet = &args.fleet;
    if fleet.org {
        let role = fleet.org_role.as_deref().unwrap_or(super::ROLE);
        let snapshot = plan::organization(hub).await?;
        return Ok(plan::of_organization(snapshot, &hub.caller().account, role, fleet)?);
    }
    if fleet.role_arn.is_empty() { plan::of_profiles(base).await } else { plan::of_roles(&fleet.role_arn) }
}

/// Goes on with an earlier run, of the same accounts.
async fn resume(state: State, hub: &Session, args: &AuditArgs) -> Result<(State, Option<Snapshot>), Failure> {
    let Some(id) = state.manifest.organization.clone() else {
        if args.fleet.org {
            return Err(state.refuse("an organization".to_owned()).into());
        }
        if !args.fleet.role_arn.is_empty() && plan::of_roles(&args.fleet.role_arn)?.targets != state.manifest.targets {
            return Err(state.refuse("other roles".to_owned()).into());
        }
        return Ok((state, None));
    };
    if !args.fleet.role_arn.is_empty() || args.aws.profile.len() > 1 {
        return Err(state.refuse(Manifest::whose(None)).into());
    }
    let topics = BTreeSet::from([Topic::OrganizationMembership]);
    let request = Request { topics, ..Request::default() };
    let quiet = probity_collect::Silent;
    let here = probity_collect::collect(hub, &request, &quiet, std::future::pending()).await?;
    let found = organization_id(&here);
    if found.as_deref() != Some(id.as_str()) {
        let words = match here.facts.organization_membership.gap() {
            Some(gap) => format!("an organization that could not be read ({gap})"),
            None => found.map_or_else(|| "no organization".to_owned(), |found| Manifest::whose(Some(&found))),
        };
        return Err(state.refuse(words).into());
    }
    let organization = match state.snapshot(None) {
        Ok(snapshot) => snapshot,
        // It was killed before this was written.
        Err(Failure::Read { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => {
            let snapshot = plan::organization(hub).await?;
            state.keep_snapshot(None, &snapshot)?;
            snapshot
        }
        Err(failure) => return Err(failure),
    };
    Ok((state, Some(organization)))
}

fn organization_id(snapshot: &Snapshot) -> Option<String> {
    let membership = snapshot.facts.organization_membership.get().ok();
    membership.and_then(OrganizationMembership::organization).map(|organization| organization.id.clone())
}

/// The accounts of a state that were asked for by `--part`; nothing where all are.
fn part(state: &State, args: &FleetArgs) -> Result<Option<Vec<Target>>, Failure> {
    if args.part.is_empty() {
        return Ok(None);
    }
    let mut part = Vec::new();
    for given in plan::accounts("--part", &args.part)? {
        let target = state.manifest.targets.iter().find(|target| target.account.as_str() == given);
        let missing = || StateError::NoAccount { folder: state.name().to_owned(), account: given.clone() };
        part.push(target.ok_or_else(missing)?.clone());
    }
    Ok(Some(part))
}

/// Whether accounts were read without a gap.
fn is_read(state: &State, accounts: &[Target]) -> Result<bool, StateError> {
    for target in accounts {
        let record = state.record(Some(&target.account))?;
        if record.is_none_or(|record| record.part.gaps.iter().any(|report| report.gap.is_unread())) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Those of the accounts that are not done.
fn pending(state: &State, accounts: &[Target]) -> Result<Vec<Target>, StateError> {
    let ids: Vec<_> = accounts.iter().map(|target| target.account.clone()).collect();
    state.fetch(&ids)?;
    let mut pending = Vec::new();
    for target in accounts {
        if !state.record(Some(&target.account))?.is_some_and(|record| record.is_final()) {
            pending.push(target.clone());
        }
    }
    Ok(pending)
}

/// All that decides what comes of an account, in words.
fn asked(job: &Job) -> Asked {
    let evidence = &job.evidence;
    let request = job.request();
    let whose = request.last_accessed.map_or("default", probity_collect::LastAccessedOf::as_str);
    let regions = if evidence.regions.is_empty() { "all".to_owned() } else { evidence.regions.join(",") };
    Asked {
        only: job.selection.only.clone(),
        skip: job.selection.skip.clone(),
        severity: job.selection.severity,
        evidence: format!("--detail {} --last-accessed {whose} --regions {regions}", request.detail.as_str()),
        settings: [settings(&job.checks, &job.settings), job.selection.frameworks.clone()].concat(),
    }
}

/// The settings that differ from the defaults.
fn settings(checks: &[&'static Entry], settings: &Settings) -> Vec<String> {
    let mut changed = Vec::new();
    for entry in checks {
        let id = entry.meta.id;
        let parameters = settings.parameters(entry);
        for spec in entry.meta.parameters {
            let value = parameters.value(spec);
            if value != spec.default_value() {
                changed.push(format!("{id}.{}={}", spec.name(), serde_json::to_string(&value).unwrap_or_default()));
            }
        }
        if settings.severity(entry) != entry.meta.severity {
            changed.push(format!("{id}.severity={}", settings.severity(entry)));
        }
    }
    // What is accepted is marked where it is found.
    changed.extend(settings.exceptions().iter().map(|rule| format!("{rule:?}")));
    changed
}

/// What is audited, from where.
fn header(hub: &Session, state: &State, accounts: &str) -> String {
    let caller = hub.caller();
    let whose = state.manifest.organization.as_deref().map_or("accounts named one by one".to_owned(), str::to_owned);
    let endpoint =
        hub.endpoint().map_or_else(|| format!("AWS's own, partition {}", caller.partition()), probity_reports::plain);
    format!(
        "Organization {whose}\nAccounts     {accounts}\nPrincipal    {}\nEndpoint     {endpoint}",
        probity_reports::plain(caller.arn.as_str()),
    )
}
