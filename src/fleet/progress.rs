//! How far a run of several accounts is, on standard error: a line an active account and one for them all on a terminal, a
//! line a completed account elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use probity_collect::Progress;
use probity_model::run::organization::AccountAudit;
use probity_model::run::part::AccountPart;
use probity_model::{AccountId, Gap, Topic};
use probity_reports::plain;

use crate::cli::Cli;

/// How often a line is drawn again.
const TICK: Duration = Duration::from_millis(200);

/// Shows the progress of a run.
#[derive(Clone)]
pub(crate) struct Fleet(Arc<Shown>);

struct Shown {
    form: Form,
    began: Instant,
    /// The accounts that were to be audited when this run began.
    todo: usize,
    done: AtomicUsize,
}

enum Form {
    Quiet,
    Terminal { all: MultiProgress, total: ProgressBar },
    Lines(Mutex<()>),
}

/// The line of an account that is being audited.
pub(crate) struct Line {
    fleet: Fleet,
    account: AccountId,
    bar: Option<ProgressBar>,
    topics: AtomicUsize,
    of: usize,
}

impl Fleet {
    /// As the command line and standard error want it.
    pub(crate) fn of(cli: &Cli, todo: usize) -> Self {
        let form = if cli.quiet {
            Form::Quiet
        } else if std::io::stderr().is_terminal() {
            let all = MultiProgress::new();
            let total = all.add(ProgressBar::new(todo as u64));
            total.set_style(style("{pos} of {len} accounts  {elapsed}  {msg}"));
            total.enable_steady_tick(TICK);
            Form::Terminal { all, total }
        } else {
            Form::Lines(Mutex::default())
        };
        Self(Arc::new(Shown { form, began: Instant::now(), todo, done: AtomicUsize::new(0) }))
    }

    /// An account is being audited.
    pub(crate) fn begin(&self, account: &AccountId) -> Line {
        let bar = match &self.0.form {
            Form::Terminal { all, total } => {
                let bar = all.insert_before(total, ProgressBar::new_spinner());
                bar.set_style(style("  {spinner} {prefix}  {msg}"));
                bar.set_prefix(account.to_string());
                bar.set_message("entering");
                bar.enable_steady_tick(TICK);
                Some(bar)
            }
            Form::Quiet | Form::Lines(_) => None,
        };
        Line { fleet: self.clone(), account: account.clone(), bar, topics: AtomicUsize::new(0), of: Topic::ALL.len() }
    }

    /// Takes the lines away.
    pub(crate) fn finish(&self) {
        if let Form::Terminal { all, total } = &self.0.form {
            total.finish_and_clear();
            let _ = all.clear();
        }
    }

    /// How long the rest will take at the pace so far.
    fn left(&self, done: usize) -> Option<Duration> {
        let rest = u32::try_from(self.0.todo.saturating_sub(done)).ok()?;
        let done = u32::try_from(done).ok().filter(|done| *done > 0)?;
        self.0.began.elapsed().checked_mul(rest).map(|time| time / done)
    }
}

impl Line {
    /// The account is done; nothing where the run is to end.
    pub(crate) fn end(&self, part: Option<&AccountPart>) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let Some(part) = part else { return };
        let shown = &self.fleet.0;
        let done = shown.done.fetch_add(1, Ordering::SeqCst) + 1;
        let left =
            self.fleet.left(done).filter(|_| done < shown.todo).map(|time| format!(", about {} left", short(time)));
        let left = left.unwrap_or_default();
        match &shown.form {
            Form::Quiet => {}
            Form::Terminal { all, total } => {
                total.inc(1);
                total.set_message(left.trim_start_matches(", ").to_owned());
                if let AccountAudit::Failed { reason } = part.audit() {
                    let _ = all.println(format!("  {}: {}", self.account, plain(&reason.to_string())));
                }
            }
            Form::Lines(one_at_a_time) => {
                let _turn = one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
                let seconds = shown.began.elapsed().as_secs_f32();
                let of = shown.todo;
                let said = said(part);
                let _ = writeln!(std::io::stderr(), "[{seconds:6.1} s] {done} of {of}: {} {said}{left}", self.account);
            }
        }
    }
}

/// What became of an account, in a few words.
fn said(part: &AccountPart) -> String {
    match part.audit() {
        AccountAudit::Failed { reason } => format!("failed: {}", plain(&reason.to_string())),
        AccountAudit::Incomplete { gaps: 1 } => "read, with 1 gap".to_owned(),
        AccountAudit::Incomplete { gaps } => format!("read, with {gaps} gaps"),
        AccountAudit::Complete | AccountAudit::LeftOut => "read".to_owned(),
    }
}

/// A time in the two largest units that it takes.
pub(crate) fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl Progress for Line {
    fn started(&self, topic: Topic) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} of {}  {topic}", self.topics.load(Ordering::SeqCst), self.of));
        }
    }

    fn advanced(&self, topic: Topic, count: usize) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} of {}  {topic} {count}", self.topics.load(Ordering::SeqCst), self.of));
        }
    }

    fn finished(&self, _: Topic, _: usize, _: Option<&Gap>) {
        self.topics.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let of = |seconds| short(Duration::from_secs(seconds));
        assert_eq!([of(0), of(59), of(61), of(7_384)], ["0 s", "59 s", "1 min 1 s", "2 h 3 min"]);
    }
}
