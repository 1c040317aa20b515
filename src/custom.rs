//! `--checks-dir`: checks of one's own, written in Rego, beside the built-in ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use probity_checks::framework_report::Answers;
use probity_checks::{CHECKS, Entry, Settings, exceptions, registry, run::order};
use probity_model::framework::FrameworkRun;
use probity_model::run::{GapReport, Selection};
use probity_model::score::Score;
use probity_model::{Finding, Outcome, Run, Severity, SmolStr, Snapshot, Topic};
use probity_rego::{CustomCheck, Prepared};

use crate::failure::Failure;

/// The checks of one's own that a run judges with.
#[derive(Debug, Default)]
pub(crate) struct Custom {
    checks: Vec<CustomCheck>,
}

impl Custom {
    /// Reads the folder, where one is named.
    pub(crate) fn load(folder: Option<&str>) -> Result<Self, Failure> {
        let is_taken = |id: &str| registry::find(id).is_ok();
        let checks = folder.map(|folder| probity_rego::load(Path::new(folder), is_taken)).transpose()?;
        Ok(Self { checks: checks.unwrap_or_default() })
    }

    /// Keeps those that were asked for, and gives the selection that is left for the built-in checks; nothing where only
    /// checks of one's own were asked for.
    pub(crate) fn choose(&mut self, selection: &Selection) -> Option<Selection> {
        let (only, skip) = (&selection.only, &selection.skip);
        let is_named = |names: &[String], check: &CustomCheck| {
            let family = check.metadata.family.name();
            names.iter().any(|name| *name == check.metadata.id || name.strip_prefix("family:") == Some(family))
        };
        let ids: Vec<String> = self.checks.iter().map(|check| check.metadata.id.clone()).collect();
        self.checks.retain(|check| (only.is_empty() || is_named(only, check)) && !is_named(skip, check));
        self.checks.retain(|check| selection.takes(check.metadata.severity));
        if !selection.frameworks.is_empty() {
            let frameworks = &selection.frameworks;
            let answers = |control: &String| {
                frameworks.iter().any(|id| control.split_once(':').is_some_and(|(framework, _)| framework == id))
            };
            self.checks.retain(|check| check.metadata.controls.iter().any(answers));
        }
        let rest = |names: &[String]| names.iter().filter(|name| !ids.contains(name)).cloned().collect::<Vec<_>>();
        let left = Selection { only: rest(only), skip: rest(skip), ..selection.clone() };
        (only.is_empty() || !left.only.is_empty()).then_some(left)
    }

    /// Whether there are any.
    pub(crate) fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }

    /// What they read.
    pub(crate) fn topics(&self) -> impl Iterator<Item = Topic> {
        self.checks.iter().flat_map(|check| check.metadata.topics())
    }

    /// Adds what they conclude to a run.
    pub(crate) fn judge(&self, run: &mut Run, snapshots: &[Snapshot], settings: &Settings) {
        if self.checks.is_empty() {
            return;
        }
        let mut outcomes: BTreeMap<&str, BTreeMap<Outcome, u64>> = BTreeMap::new();
        for snapshot in snapshots {
            let prepared = Prepared::new(snapshot);
            let mut findings: Vec<Finding> = Vec::new();
            for check in &self.checks {
                let judged = check.judge(&prepared);
                for finding in &judged {
                    *outcomes.entry(&check.metadata.id).or_default().entry(finding.outcome).or_default() += 1;
                }
                run.gaps.extend(gaps(check, snapshot, &judged));
                findings.extend(judged);
            }
            let accepted = exceptions::apply(settings.exceptions(), &mut findings, &[snapshot], &[]);
            exceptions::add_later(&mut run.exceptions, accepted);
            run.findings.extend(findings);
        }
        for check in &self.checks {
            run.checks.push(check.metadata.run(outcomes.remove(check.metadata.id.as_str()).unwrap_or_default()));
        }
        run.checks.sort_by(|a, b| (a.family, &a.id).cmp(&(b.family, &b.id)));
        run.findings.sort_by(order);
        run.gaps.sort_by(|a, b| (&a.account, a.topic, &a.gap).cmp(&(&b.account, b.topic, &b.gap)));
        merge(&mut run.gaps);
        let severities: BTreeMap<&str, Severity> =
            run.checks.iter().map(|check| (check.id.as_str(), check.severity)).collect();
        run.score = Score::of(&run.findings, |id| severities.get(id).copied());
        if !settings.frameworks().is_empty() {
            run.frameworks = self.answers(run, settings);
        }
    }

    /// The frameworks, answered by these checks too, each for the controls that it names.
    fn answers(&self, run: &Run, settings: &Settings) -> Vec<FrameworkRun> {
        let ran: Vec<&Entry> = CHECKS.iter().filter(|entry| run.check(entry.meta.id).is_some()).collect();
        let (mut answers, mut asked) = (Answers::new(&ran), settings.frameworks().to_vec());
        for CustomCheck { metadata, .. } in &self.checks {
            answers.add_check(&metadata.id, &metadata.title);
            for (framework, control) in metadata.controls.iter().filter_map(|control| control.split_once(':')) {
                asked.iter_mut().filter(|one| one.id == framework).for_each(|one| one.propose(control, &metadata.id));
            }
        }
        run.findings.iter().for_each(|finding| answers.add(finding));
        answers.of(&asked)
    }
}

/// What took down findings of a check, by topic.
fn gaps(check: &CustomCheck, snapshot: &Snapshot, findings: &[Finding]) -> Vec<GapReport> {
    let made = |finding: &Finding| {
        let gap = finding.gap.clone()?;
        let of_call = |topic: &Topic| {
            topic.operations().iter().any(|operation| Some(operation.to_string()) == gap.operation)
                || snapshot.facts.gap(*topic) == Some(&gap)
        };
        let topic = check.metadata.topics().find(of_call).or_else(|| check.metadata.topics().next())?;
        Some(GapReport {
            account: snapshot.account.clone(),
            topic,
            gap: (*gap).into(),
            checks: [check.metadata.id.as_str().into()].into(),
        })
    };
    findings.iter().filter_map(made).collect()
}

/// One report a gap, with every check that it takes down.
fn merge(gaps: &mut Vec<GapReport>) {
    gaps.dedup_by(|next, kept| {
        let same = next.account == kept.account && next.topic == kept.topic && next.gap == kept.gap;
        if same {
            let both: BTreeSet<&SmolStr> = kept.checks.iter().chain(next.checks.iter()).collect();
            kept.checks = both.into_iter().cloned().collect();
        }
        same
    });
}
