//! `probity audit`, `collect` and `check`: from AWS to a snapshot, from a snapshot to a report.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use probity_checks::{CREDENTIAL_TOPICS, Entry, Settings, SettingsError};
use probity_collect::{Detail, LastAccessedOf, Progress as _, Request, RoleToAssume, Session, SessionOptions};
use probity_history::Kept;
use probity_model::run::Selection;
use probity_model::{GapKind, Run, Snapshot, Topic};
use probity_reports::{Format, Redaction};

use crate::cli::{
    AuditArgs, AwsArgs, CheckArgs, Cli, CollectArgs, DetailLevel, EvidenceArgs, FailOn, LastAccessedLevel, ReportArgs,
    SelectArgs, SendTo,
};
use crate::configuration::{Configuration, Flags};
use crate::custom::Custom;
use crate::failure::{Failure, INCOMPLETE};
use crate::output::Reach;
use crate::progress::Shown;
use crate::sending::Sending;
use crate::{atomic, closing, delivery, fleet, history, judge, manifest, output, permissions, snapshot_file};

/// Threads that move bytes; more would wait for the network just the same.
pub(crate) const THREADS: usize = 2;

/// Everything about a run that the command line and the configuration decide.
pub(crate) struct Job {
    pub(crate) settings: Settings,
    pub(crate) selection: Selection,
    pub(crate) checks: Vec<&'static Entry>,
    /// Checks of one's own.
    pub(crate) custom: Custom,
    pub(crate) evidence: EvidenceArgs,
    pub(crate) report: ReportArgs,
    pub(crate) save_snapshot: Option<PathBuf>,
    pub(crate) sending: Option<Sending>,
    pub(crate) reach: Reach,
}

impl Job {
    /// Reads the configuration, and refuses what cannot end well before anything is asked of AWS.
    pub(crate) fn new(
        select: &SelectArgs,
        evidence: &EvidenceArgs,
        report: &ReportArgs,
        save_snapshot: Option<&Path>,
    ) -> Result<Self, Failure> {
        let flags = Flags::default().select(select).evidence(evidence).report(report);
        let mut configuration = Configuration::load(select, flags)?;
        configuration.load_exceptions()?;
        let selection = configuration.selection();
        let mut custom = Custom::load(configuration.effective.text("checks-dir"))?;
        let checks = match custom.choose(&selection).map(|left| configuration.settings.select(&left)) {
            Some(Err(SettingsError::NothingSelected)) | None if !custom.is_empty() => Vec::new(),
            Some(chosen) => chosen?,
            None => return Err(Failure::Settings(SettingsError::NothingSelected)),
        };
        let report = configuration.report()?;
        match &report.history {
            Some(place) => history::can_use(place)?,
            None if matches!(report.fail_on, Some(FailOn::New(_))) => return Err(Failure::NoHistory),
            None => {}
        }
        let own = [("--save-snapshot", save_snapshot), ("--manifest", report.manifest.as_deref())];
        let own = own.into_iter().filter_map(|(flag, file)| Some((flag, file?)));
        if let Some((flag, file)) = own.clone().find(|(_, file)| delivery::is_remote(file)) {
            return Err(Failure::HereOnly { flag, file: file.to_owned() });
        }
        let reports = report.outputs.iter().map(|target| target.file.as_path());
        let files = reports.chain(own.map(|(_, file)| file));
        for file in files {
            let failed = |error| Failure::Write { file: file.to_owned(), error, kept: String::new() };
            if delivery::is_remote(file) {
                delivery::check(file)?;
            } else {
                atomic::can_write(file).map_err(failed)?;
            }
        }
        Ok(Self {
            evidence: configuration.evidence(),
            report,
            save_snapshot: save_snapshot.map(Path::to_owned),
            settings: configuration.settings,
            sending: None,
            reach: Reach::default(),
            selection,
            checks,
            custom,
        })
    }

    /// The same, with the findings sent somewhere when they are reported.
    fn and_sends(self, to: Option<SendTo>, options: &SessionOptions) -> Self {
        Self { sending: to.map(|to| Sending::new(to.into(), options)), ..self }
    }

    /// Collects, saves, judges, reports.
    pub(crate) fn run(&self, cli: &Cli, options: SessionOptions) -> Result<ExitCode, Failure> {
        let snapshot = gather(cli, options, &self.request())?;
        let saved = self.save(&snapshot);
        let kept = match (&self.save_snapshot, &saved) {
            (Some(file), Ok(())) => format!("What was read is kept in {}.", file.display()),
            _ => "What was read is lost; --save-snapshot FILE keeps it.".to_owned(),
        };
        let files: Vec<PathBuf> = self.save_snapshot.iter().filter(|_| saved.is_ok()).cloned().collect();
        let reported = self.finish(cli, &[snapshot], &files);
        if reported.is_err() && !cli.quiet {
            let _ = writeln!(std::io::stderr(), "{kept}");
        }
        saved.and(reported)
    }

    /// What is read of an account.
    pub(crate) fn request(&self) -> Request {
        let mut topics = permissions::topics(&self.checks);
        topics.extend(self.custom.topics());
        probity_collect::complete(&mut topics);
        // No chosen check may need it: whoever asks by name wants it in the snapshot.
        if self.evidence.last_accessed.is_some_and(|level| level != LastAccessedLevel::None) {
            topics.insert(Topic::LastAccessed);
        }
        if self.report.wants(Format::Credentials) {
            topics.extend(CREDENTIAL_TOPICS);
        }
        Request {
            topics,
            detail: match self.evidence.detail {
                Some(DetailLevel::Full) => Detail::Full,
                Some(DetailLevel::Standard) | None => Detail::Standard,
            },
            last_accessed: self.evidence.last_accessed.map(|level| match level {
                LastAccessedLevel::None => LastAccessedOf::None,
                LastAccessedLevel::Privileged => LastAccessedOf::Privileged,
                LastAccessedLevel::All => LastAccessedOf::All,
            }),
            regions: self.evidence.regions.clone(),
        }
    }

    fn save(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        let Some(file) = &self.save_snapshot else { return Ok(()) };
        snapshot_file::write(file, snapshot).map_err(|error| Failure::Write {
            file: file.clone(),
            error,
            kept: "; what was read is lost with it".to_owned(),
        })
    }

    /// Judges and reports. The snapshots lie in `files`, where they lie in any.
    fn finish(&self, cli: &Cli, snapshots: &[Snapshot], files: &[PathBuf]) -> Result<ExitCode, Failure> {
        let Some(mut run) = judge::run(snapshots, &self.checks, &self.settings, self.selection.clone()) else {
            return Ok(ExitCode::SUCCESS);
        };
        self.custom.judge(&mut run, snapshots, &self.settings);
        // The table says it by itself.
        if !cli.quiet && !output::shows_table(&self.report) {
            for sentence in probity_reports::exceptions_to_look_at(&run) {
                let _ = writeln!(std::io::stderr(), "{sentence}");
            }
        }
        // The reports are written even where the history refuses: what was found is not lost with it.
        let kept = self.report.history.as_deref().map(|place| history::keep(place, &mut run)).transpose();
        let shown = match self.report.redact {
            true => Cow::Owned(redacted(&run, snapshots, &self.report)?),
            false => Cow::Borrowed(&run),
        };
        let written = output::write(&shown, &self.report, cli.color, &self.reach);
        // What is sent goes to the account itself, under its own names.
        let sent = self.sending.as_ref().map_or(Ok(()), |sending| sending.deliver(cli, &run, &self.report));
        let reports = written?;
        sent?;
        if let Some(manifest) = &self.report.manifest {
            manifest::write(manifest, &shown, &reports, files)?;
        }
        if kept? == Some(Kept::Before) && !cli.quiet {
            let _ = writeln!(std::io::stderr(), "The history holds run {} already: nothing was changed in it.", run.id);
        }
        Ok(ExitCode::from(judge::exit_code(&run, &self.report)))
    }
}

/// The run as it may be shared.
fn redacted(run: &Run, snapshots: &[Snapshot], report: &ReportArgs) -> Result<Run, Failure> {
    let mut random = [0; 32];
    let salt: &[u8] = match &report.redact_salt {
        Some(salt) => salt.as_bytes(),
        None => {
            let failed = |error: getrandom::Error| Failure::System {
                what: "cannot get random bytes",
                error: std::io::Error::other(error.to_string()),
            };
            getrandom::fill(&mut random).map_err(failed)?;
            &random
        }
    };
    Ok(Redaction::new(salt, snapshots, run).run(run))
}

/// `probity audit`.
pub(crate) fn audit(cli: &Cli, args: &AuditArgs) -> Result<ExitCode, Failure> {
    let job = Job::new(&args.select, &args.evidence, &args.report, args.save_snapshot.as_deref())?;
    let options = session_options_with(args)?;
    let mut job = job.and_sends(args.send, &options);
    job.reach = Reach { options: options.clone(), folder: args.output_dir.clone() };
    if fleet::is_asked_for(args) {
        return fleet::audit(cli, args, &job, options);
    }
    if args.fleet.state.is_some() {
        return Err(Failure::SeveralAccounts("--state"));
    }
    job.run(cli, options)
}

/// How to reach AWS before any account of several is entered; where there is one, how to reach it.
fn session_options_with(args: &AuditArgs) -> Result<SessionOptions, Failure> {
    if fleet::is_asked_for(args) { fleet::session_options_of(args) } else { session_options(&args.aws) }
}

/// `probity collect`.
pub(crate) fn collect(cli: &Cli, args: &CollectArgs) -> Result<ExitCode, Failure> {
    let report = ReportArgs::default();
    let job = Job::new(&args.select, &args.evidence, &report, Some(&args.output))?;
    let mut request = job.request();
    if job.selection.is_everything() {
        request.topics = Topic::ALL.iter().copied().collect();
    }
    let snapshot = gather(cli, session_options(&args.aws)?, &request)?;
    job.save(&snapshot)?;
    if !cli.quiet {
        let _ = writeln!(std::io::stderr(), "Wrote {}", args.output.display());
    }
    let ended_early = |kind| matches!(kind, GapKind::Credentials | GapKind::Interrupted);
    let missing = request.topics.iter().filter_map(|topic| snapshot.facts.gap(*topic));
    let kinds: Vec<GapKind> = missing.filter(|gap| gap.is_unread()).map(|gap| gap.kind).collect();
    let incomplete = (args.require_complete || job.report.require_complete) && !kinds.is_empty();
    let code = if incomplete || kinds.into_iter().any(ended_early) { INCOMPLETE } else { 0 };
    Ok(ExitCode::from(code))
}

/// `probity check`.
pub(crate) fn check(cli: &Cli, args: &CheckArgs) -> Result<ExitCode, Failure> {
    let job = Job::new(&args.select, &EvidenceArgs::default(), &args.report, None)?;
    let snapshots = args.snapshots.iter().map(|file| snapshot_file::read(file)).collect::<Result<Vec<_>, _>>()?;
    job.finish(cli, &snapshots, &args.snapshots)
}

/// How to reach AWS, as the flags say.
pub(crate) fn session_options(aws: &AwsArgs) -> Result<SessionOptions, Failure> {
    let profile = match aws.profile.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => return Err(Failure::OneProfile),
    };
    if aws.external_id.is_some() && aws.assume_role.is_none() {
        return Err(Failure::ExternalId);
    }
    let assume_role = aws.assume_role.clone().map(|arn| RoleToAssume { arn, external_id: aws.external_id.clone() });
    Ok(SessionOptions {
        profile,
        region: aws.region.clone(),
        endpoint_url: aws.endpoint_url.clone(),
        fips: aws.use_fips,
        assume_role,
        now: aws.now,
        ..SessionOptions::default()
    })
}

/// Reads the evidence, and says on standard error what is being read and what that took.
pub(crate) fn gather(cli: &Cli, mut options: SessionOptions, request: &Request) -> Result<Snapshot, Failure> {
    let begun = Instant::now();
    let failed = |error| Failure::System { what: "cannot start the asynchronous runtime", error };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(THREADS).enable_all().build().map_err(failed)?;
    let mut topics = request.topics.clone();
    probity_collect::complete(&mut topics);
    let shown = Shown::of(cli, topics.len());
    options.topics = topics;
    let snapshot = runtime.block_on(async {
        let session = Session::connect(options).await?;
        if !cli.quiet {
            shown.say(&closing::header(&session, &request.regions));
        }
        shown.started(Topic::Caller);
        shown.finished(Topic::Caller, 1, None);
        probity_collect::collect(&session, request, &shown, told_to_stop()).await
    });
    shown.finish();
    let snapshot = snapshot?;
    if !cli.quiet {
        let _ = writeln!(std::io::stderr(), "{}", closing::summary(&snapshot, begun.elapsed()));
    }
    Ok(snapshot)
}

/// Ends when the user or the system asks the program to end: what was read until then is still judged.
pub(crate) async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}
