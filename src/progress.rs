//! What is being read, on standard error: bars on a terminal, a line a topic elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use probity_collect::Progress;
use probity_model::{Gap, Topic};

use crate::cli::Cli;

/// How often a bar is drawn again.
const TICK: Duration = Duration::from_millis(120);

/// Shows the progress of a collection.
pub(crate) enum Shown {
    /// Nothing.
    Quiet,
    /// Bars.
    Terminal(Bars),
    /// Lines.
    Lines(Instant),
}

/// The bars of the topics being read, below one for them all.
pub(crate) struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    topics: Mutex<Vec<(Topic, ProgressBar)>>,
}

impl Shown {
    /// As the command line and standard error want it.
    pub(crate) fn of(cli: &Cli, topics: usize) -> Self {
        if cli.quiet {
            return Self::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            // Said at once: whoever waits should see that the program runs, whatever the network does.
            let _ = writeln!(std::io::stderr(), "[   0.0 s] asking AWS who the caller is");
            return Self::Lines(Instant::now());
        }
        let all = MultiProgress::new();
        let total = all.add(ProgressBar::new(topics as u64));
        total.set_style(style("reading {pos} of {len} topics  {elapsed}"));
        total.enable_steady_tick(TICK);
        Self::Terminal(Bars { all, total, topics: Mutex::new(Vec::new()) })
    }

    /// Says something above what is being read.
    pub(crate) fn say(&self, text: &str) {
        match self {
            Self::Quiet => {}
            Self::Terminal(bars) => bars.all.suspend(|| {
                let _ = writeln!(std::io::stderr(), "{text}\n");
            }),
            Self::Lines(_) => {
                let _ = writeln!(std::io::stderr(), "{text}");
            }
        }
    }

    /// Takes the bars away.
    pub(crate) fn finish(&self) {
        if let Self::Terminal(bars) = self {
            bars.total.finish_and_clear();
            let _ = bars.all.clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl Progress for Shown {
    fn started(&self, topic: Topic) {
        if let Self::Terminal(bars) = self {
            let bar = bars.all.add(ProgressBar::new_spinner());
            bar.set_style(style("  {spinner} {prefix}  {msg}"));
            bar.set_prefix(topic.name());
            bar.enable_steady_tick(TICK);
            bars.topics.lock().unwrap_or_else(PoisonError::into_inner).push((topic, bar));
        }
    }

    fn advanced(&self, topic: Topic, count: usize) {
        if let Self::Terminal(bars) = self {
            let topics = bars.topics.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, bar)) = topics.iter().find(|(other, _)| *other == topic) {
                bar.set_message(count.to_string());
            }
        }
    }

    fn finished(&self, topic: Topic, count: usize, gap: Option<&Gap>) {
        match self {
            Self::Quiet => {}
            Self::Terminal(bars) => {
                let mut topics = bars.topics.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(at) = topics.iter().position(|(other, _)| *other == topic) {
                    let (_, bar) = topics.swap_remove(at);
                    bar.finish_and_clear();
                }
                bars.total.inc(1);
                if let Some(gap) = gap {
                    let _ = bars.all.println(format!("  {topic}: {}", probity_reports::plain(&gap.to_string())));
                }
            }
            Self::Lines(since) => {
                let seconds = since.elapsed().as_secs_f32();
                let said = gap.map_or_else(|| count.to_string(), |gap| probity_reports::plain(&gap.to_string()));
                let _ = writeln!(std::io::stderr(), "[{seconds:6.1} s] {topic}: {said}");
            }
        }
    }
}
