//! One account of many: entered, read, judged and kept, whatever becomes of the others.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use probity_checks::{Entry, Settings, whole};
use probity_collect::{CollectError, Request, Session, SessionOptions};
use probity_model::run::part::{AccountPart, Footprint};
use probity_model::{AccountId, Evidence, Finding, Gap, GapKind, Snapshot, Topic};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::plan::{self, Target, Way};
use super::progress::{Fleet, Line};
use super::state::State;
use crate::failure::Failure;
use crate::judge;

/// What every account of a run needs.
pub(crate) struct Shared {
    /// The session that the accounts are entered from.
    pub(crate) hub: Session,
    /// How it was made.
    pub(crate) options: SessionOptions,
    /// The external id that roles demand.
    pub(crate) external_id: Option<String>,
    /// What is read of an account.
    pub(crate) request: Request,
    /// The topics of that, with those that they cannot be read without.
    pub(crate) topics: BTreeSet<Topic>,
    /// What was read of the organization.
    pub(crate) organization: Option<Snapshot>,
    /// The account that judges what is the organization's.
    pub(crate) speaker: Option<AccountId>,
    /// The checks that are judged in every account.
    pub(crate) checks: Vec<&'static Entry>,
    pub(crate) settings: Settings,
    pub(crate) state: State,
    pub(crate) progress: Fleet,
    /// The longest an account may take.
    pub(crate) timeout: Duration,
    /// Turns true when the run is to end.
    pub(crate) stop: watch::Receiver<bool>,
}

/// What came of trying to read an account.
enum Read {
    Snapshot(Box<Snapshot>),
    Failed(Gap),
    /// The run is to end; nothing is kept, so that a later one begins it anew.
    Stopped,
}

/// Audits an account. Whether it is done; not where the run is to end. To be called on a thread that may wait.
///
/// # Errors
/// Only where what was read cannot be kept: everything else is the account's own failure.
pub(crate) fn audit(runtime: &Handle, shared: &Shared, target: &Target) -> Result<bool, Failure> {
    let line = shared.progress.begin(&target.account);
    let read = runtime.block_on(read(shared, target, &line));
    let kept = conclude(shared, target, read);
    line.end(kept.as_ref().ok().and_then(Option::as_ref));
    kept.map(|part| part.is_some())
}

async fn read(shared: &Shared, target: &Target, line: &Line) -> Read {
    if let Way::Closed(state) = &target.entry {
        return Read::Failed(unreached(format!("the account is {state} in the organization: nobody can enter it")));
    }
    let attempt = async {
        let session = enter(shared, target).await?;
        let found = session.caller().account.clone();
        if found != target.account {
            let message = format!("the credentials for the account {} are those of {found}", target.account);
            return Ok(Read::Failed(unreached(message)));
        }
        let snapshot = probity_collect::collect(&session, &shared.request, line, std::future::pending()).await?;
        Ok(Read::Snapshot(Box::new(snapshot)))
    };
    let mut stop = shared.stop.clone();
    let stopped = async {
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        done = tokio::time::timeout(shared.timeout, attempt) => match done {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => Read::Failed(CollectError::gap(&error)),
            Err(_) => {
                let seconds = shared.timeout.as_secs();
                Read::Failed(unreached(format!("the account was given up after {seconds} seconds (--account-timeout)")))
            }
        },
        () = stopped => Read::Stopped,
    }
}

async fn enter(shared: &Shared, target: &Target) -> Result<Session, CollectError> {
    match &target.entry {
        Way::Role(arn) => shared.hub.member(&plan::role(arn, shared.external_id.as_ref()), &shared.topics).await,
        Way::Profile(profile) => {
            let options = SessionOptions {
                profile: Some(profile.clone()),
                topics: shared.topics.clone(),
                ..shared.options.clone()
            };
            Session::connect(options).await
        }
        Way::Own | Way::Closed(_) => shared.hub.own(&shared.topics).await,
    }
}

fn unreached(message: String) -> Gap {
    Gap { kind: GapKind::Unreachable, operation: None, region: None, code: None, message }
}

/// Judges what was read, and keeps it.
fn conclude(shared: &Shared, target: &Target, read: Read) -> Result<Option<AccountPart>, Failure> {
    let account = Some(&target.account);
    let (snapshot, failure) = match read {
        Read::Stopped => return Ok(None),
        Read::Snapshot(mut snapshot) => {
            shared.state.keep_snapshot(account, &snapshot)?;
            if let Some(organization) = &shared.organization {
                snapshot.take_over_organization(organization);
            }
            (*snapshot, None)
        }
        Read::Failed(gap) => {
            let at = shared.hub.now();
            (Snapshot::of_nothing(target.account.clone(), target.partition.clone(), at, &gap), Some(gap))
        }
    };
    let is_told = shared.speaker.as_ref().is_some_and(|speaker| *speaker != target.account);
    let evidence = Evidence::new(&snapshot).told(is_told);
    let (part, findings) = judged(&evidence, failure, &shared.checks, &shared.settings);
    shared.state.keep(account, part.clone(), &findings)?;
    Ok(Some(part))
}

/// The account that judges what is the organization's: the one it was read in; the first where that one is not audited.
pub(crate) fn speaker(organization: &Snapshot, state: &State) -> AccountId {
    let mut audited = state.manifest.targets.iter().map(|target| &target.account);
    let own = audited.clone().find(|account| **account == organization.account);
    own.or_else(|| audited.next()).unwrap_or(&organization.account).clone()
}

/// Judges a snapshot, and takes from it what questions about the whole need.
pub(crate) fn judged(
    evidence: &Evidence<'_>,
    failure: Option<Gap>,
    checks: &[&'static Entry],
    settings: &Settings,
) -> (AccountPart, Vec<Finding>) {
    let judged = probity_checks::run::judge_evidence(evidence, checks, settings, &judge::in_turn);
    let footprint = catch_unwind(AssertUnwindSafe(|| whole::footprint(evidence))).unwrap_or_else(|_| Footprint {
        unread: Some("its evidence cannot be worked through: please report it".to_owned()),
        ..Footprint::default()
    });
    let mut part = AccountPart::new(judged.account, failure, judged.gaps, footprint);
    part.exceptions = judged.exceptions;
    part.credentials = judged.credentials;
    part.count_all(&judged.findings);
    (part, judged.findings)
}
