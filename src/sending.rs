//! `--send`: hands the findings of a run to another service, in a session that is opened for nothing else.

use std::io::Write;

use probity_collect::{RefusedFinding, Session, SessionOptions};
use probity_model::{Destination, Run};
use probity_reports::{asff_batches, plain};

use crate::cli::{Cli, ReportArgs};
use crate::failure::Failure;
use crate::output;

/// How many refusals are told one by one.
const TOLD: usize = 20;

/// Where to send findings, and how to get there.
pub(crate) struct Sending {
    to: Destination,
    options: SessionOptions,
}

/// What became of the findings.
#[derive(Default)]
struct Sent {
    taken: u64,
    refused: Vec<RefusedFinding>,
}

impl Sending {
    /// A session for it is reached as the one that read.
    pub(crate) fn new(to: Destination, options: &SessionOptions) -> Self {
        Self { to, options: SessionOptions { sends_to: Some(to), ..options.clone() } }
    }

    /// Sends the findings that the report shows, and says what was not taken.
    pub(crate) fn deliver(&self, cli: &Cli, run: &Run, report: &ReportArgs) -> Result<(), Failure> {
        let failed = |error| Failure::System { what: "cannot start the asynchronous runtime", error };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let options = output::options(report, false);
        let mut sent = Sent::default();
        let account =
            runtime.block_on(async {
                let session = Session::connect(self.options.clone()).await?;
                let account = session.caller().account.clone();
                let batches = asff_batches(run, &options, &account, session.region()).map_err(|error| {
                    Failure::Report { format: probity_reports::Format::Asff, to: self.to.to_string(), error }
                })?;
                for batch in batches {
                    let imported = session.import_findings(&batch).await;
                    let imported = imported.map_err(|gap| Failure::Send { to: self.to, gap })?;
                    sent.taken += imported.taken;
                    sent.refused.extend(imported.refused);
                }
                Ok::<_, Failure>(account)
            })?;
        // Security Hub takes from a caller only what belongs to the caller's account.
        let others = run.findings.iter().filter(|finding| finding.account != account).count();
        if !cli.quiet {
            let _ = writeln!(std::io::stderr(), "Sent {} findings to {}.", sent.taken, self.to);
        }
        self.report(&sent, others)
    }

    fn report(&self, sent: &Sent, others: usize) -> Result<(), Failure> {
        let mut to = std::io::stderr();
        for refused in sent.refused.iter().take(TOLD) {
            let RefusedFinding { id, error_code, error_message } = refused;
            let _ = writeln!(to, "{}", plain(&format!("{} refused {id} ({error_code}): {error_message}", self.to)));
        }
        let more = sent.refused.len().saturating_sub(TOLD);
        if more > 0 {
            let _ = writeln!(to, "{} refused {more} more.", self.to);
        }
        if others > 0 {
            let _ = writeln!(
                to,
                "{others} findings belong to other accounts, and {} takes only those of the caller's.",
                self.to
            );
        }
        let refused = sent.refused.len() + others;
        if refused == 0 {
            return Ok(());
        }
        let taken = usize::try_from(sent.taken).unwrap_or(usize::MAX);
        Err(Failure::NotTaken { to: self.to, refused, all: taken.saturating_add(refused) })
    }
}
