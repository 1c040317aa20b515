//! Answers frameworks with the findings of a run. The rule of a control's verdict stands in [`probity_model::framework`].

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::framework::{ControlAccount, ControlCheck, ControlRun, ControlVerdict, FrameworkRun, Observed};
use probity_model::{AccountId, Finding, Outcome, Region, ResourceKind, Timestamp};

use crate::frameworks::{Asked, AskedControl};
use crate::registry::{CHECKS, Entry};

/// How many findings had which outcome.
type Outcomes = BTreeMap<Outcome, u64>;

/// What the findings of one check amount to.
#[derive(Default)]
struct Tally {
    /// The title of a check that the registry does not have.
    title: String,
    accounts: BTreeMap<AccountId, Outcomes>,
    accepted: u64,
    resources: BTreeMap<ResourceKind, u64>,
    operations: BTreeSet<String>,
    regions: BTreeSet<Region>,
    times: Option<(Timestamp, Timestamp)>,
}

impl Tally {
    fn add(&mut self, finding: &Finding) {
        let outcomes = match self.accounts.get_mut(&finding.account) {
            Some(outcomes) => outcomes,
            None => self.accounts.entry(finding.account.clone()).or_default(),
        };
        *outcomes.entry(finding.outcome).or_default() += 1;
        self.accepted += u64::from(finding.outcome == Outcome::Fail && finding.exception.is_some());
        *self.resources.entry(finding.resource_kind).or_default() += 1;
        for operation in finding.operations.iter() {
            if !self.operations.contains(operation) {
                self.operations.insert(operation.clone());
            }
        }
        self.regions.extend(finding.region.clone());
        let at = finding.observed_at;
        let (first, last) = self.times.unwrap_or((at, at));
        self.times = Some((first.min(at), last.max(at)));
    }

    fn outcomes(&self) -> Outcomes {
        merged(self.accounts.values())
    }
}

fn merged<'o>(all: impl Iterator<Item = &'o Outcomes>) -> Outcomes {
    let mut sum = Outcomes::new();
    for (outcome, count) in all.flatten() {
        *sum.entry(*outcome).or_default() += count;
    }
    sum
}

/// What frameworks are answered with: the findings of the checks that ran, added up. They may come one after the other.
pub struct Answers(BTreeMap<String, Tally>);

impl Answers {
    /// Without any finding yet.
    #[must_use]
    pub fn new(checks: &[&Entry]) -> Self {
        Self(checks.iter().map(|entry| (entry.meta.id.to_owned(), Tally::default())).collect())
    }

    /// Adds a check that the registry does not have, and that ran.
    pub fn add_check(&mut self, id: &str, title: &str) {
        self.0.entry(id.to_owned()).or_default().title = title.to_owned();
    }

    /// Adds a finding.
    pub fn add(&mut self, finding: &Finding) {
        match self.0.get_mut(finding.check.as_str()) {
            Some(tally) => tally.add(finding),
            None => self.0.entry(finding.check.to_string()).or_default().add(finding),
        }
    }

    /// The frameworks, answered.
    #[must_use]
    pub fn of(&self, asked: &[Asked]) -> Vec<FrameworkRun> {
        asked.iter().map(|asked| answer(asked, &self.0)).collect()
    }
}

/// A framework, answered by the findings of the checks that ran.
fn answer(asked: &Asked, tallies: &BTreeMap<String, Tally>) -> FrameworkRun {
    let controls: Vec<ControlRun> = asked.controls.iter().map(|control| answer_control(control, tallies)).collect();
    let mut verdicts = BTreeMap::new();
    for control in &controls {
        *verdicts.entry(control.verdict).or_default() += 1;
    }
    FrameworkRun {
        id: asked.id.clone(),
        title: asked.title.clone(),
        publisher: asked.publisher.clone(),
        version: asked.version.clone(),
        source: asked.source.clone(),
        controls,
        verdicts,
    }
}

fn answer_control(control: &AskedControl, tallies: &BTreeMap<String, Tally>) -> ControlRun {
    let checks: Vec<ControlCheck> = control.named().map(|(id, proposed)| behind(id, proposed, tallies)).collect();
    let ran: Vec<&Tally> = control.named().filter_map(|(id, _)| tallies.get(id)).collect();
    let outcomes = merged(ran.iter().flat_map(|tally| tally.accounts.values()));
    let skipped = checks.iter().filter(|check| !check.ran).count();
    let verdict = verdict(control, &outcomes, skipped);
    let accounts: BTreeSet<&AccountId> = ran.iter().flat_map(|tally| tally.accounts.keys()).collect();
    let of_account = |account: &AccountId| {
        let outcomes = merged(ran.iter().filter_map(|tally| tally.accounts.get(account)));
        ControlAccount { account: account.clone(), verdict: self::verdict(control, &outcomes, skipped) }
    };
    ControlRun {
        id: control.id.clone(),
        title: control.title.clone(),
        section: control.section.clone(),
        verdict,
        reason: reason(control, verdict, &outcomes, &checks),
        planned: control.planned.clone(),
        accounts: accounts.into_iter().map(of_account).collect(),
        observed: observed(&ran),
        checks,
    }
}

fn behind(id: &str, proposed: bool, tallies: &BTreeMap<String, Tally>) -> ControlCheck {
    let tally = tallies.get(id);
    let own = tally.map_or("", |tally| tally.title.as_str());
    let title = CHECKS.iter().find(|entry| entry.meta.id == id).map_or(own, |entry| entry.meta.title);
    ControlCheck {
        check: id.to_owned(),
        title: title.to_owned(),
        proposed,
        ran: tally.is_some(),
        outcomes: tally.map(Tally::outcomes).unwrap_or_default(),
        accepted: tally.map_or(0, |tally| tally.accepted),
    }
}

/// The one rule, line by line as it is documented.
fn verdict(control: &AskedControl, outcomes: &Outcomes, skipped: usize) -> ControlVerdict {
    let any = |outcome| outcomes.contains_key(&outcome);
    match () {
        () if !control.out_of_scope.is_empty() => ControlVerdict::OutOfScope,
        () if !control.manual.is_empty() => ControlVerdict::Manual,
        () if control.named().next().is_none() => ControlVerdict::NotAnswered,
        () if any(Outcome::Fail) => ControlVerdict::Fail,
        () if any(Outcome::NotEvaluated) || skipped > 0 || outcomes.is_empty() => ControlVerdict::NotEvaluated,
        () if any(Outcome::Manual) && !any(Outcome::Pass) => ControlVerdict::Manual,
        () if any(Outcome::Manual) || !control.planned.is_empty() => ControlVerdict::Partly,
        () if any(Outcome::Pass) => ControlVerdict::Pass,
        () => ControlVerdict::NotApplicable,
    }
}

fn observed(ran: &[&Tally]) -> Option<Observed> {
    let times = ran.iter().filter_map(|tally| tally.times);
    let (first, last) = times.reduce(|(first, last), (from, to)| (first.min(from), last.max(to)))?;
    let mut resources = BTreeMap::new();
    for (kind, count) in ran.iter().flat_map(|tally| &tally.resources) {
        *resources.entry(*kind).or_default() += count;
    }
    let operations: BTreeSet<&str> = ran.iter().flat_map(|tally| tally.operations.iter().map(String::as_str)).collect();
    let regions: BTreeSet<&Region> = ran.iter().flat_map(|tally| &tally.regions).collect();
    Some(Observed {
        resources,
        operations: operations.into_iter().map(ToOwned::to_owned).collect(),
        regions: regions.into_iter().cloned().collect(),
        first,
        last,
    })
}

/// What the verdict means here, in a sentence without its full stop.
fn reason(control: &AskedControl, verdict: ControlVerdict, outcomes: &Outcomes, checks: &[ControlCheck]) -> String {
    let count = |outcome| outcomes.get(&outcome).copied().unwrap_or_default();
    let later = match control.planned.len() {
        0 => String::new(),
        1 => "; 1 more check is meant for it, and this release does not have it".to_owned(),
        more => format!("; {more} more checks are meant for it, and this release does not have them"),
    };
    let skipped = match checks.iter().filter(|check| !check.ran).count() {
        0 => String::new(),
        1 => "; 1 of its checks was left out of this run".to_owned(),
        several => format!("; {several} of its checks were left out of this run"),
    };
    let missing = match count(Outcome::NotEvaluated) {
        0 => String::new(),
        missing => format!("; {missing} could not be evaluated"),
    };
    match verdict {
        ControlVerdict::OutOfScope => control.out_of_scope.clone(),
        ControlVerdict::Manual if !control.manual.is_empty() => control.manual.clone(),
        ControlVerdict::NotAnswered => match control.planned.len() {
            1 => "1 check is meant for it, and this release does not have it".to_owned(),
            several => format!("{several} checks are meant for it, and this release does not have them"),
        },
        ControlVerdict::Fail => {
            let fails = count(Outcome::Fail);
            let judged = fails + count(Outcome::Pass);
            let accepted = match checks.iter().map(|check| check.accepted).sum::<u64>() {
                0 => String::new(),
                all if all == fails => "; every failure is accepted".to_owned(),
                some => format!("; {some} of the failures accepted"),
            };
            format!("{fails} of {judged} fail{accepted}{missing}{skipped}{later}")
        }
        ControlVerdict::NotEvaluated => {
            let judged = count(Outcome::Pass);
            let whole = format!("{judged} pass{missing}{skipped}{later}");
            if outcomes.is_empty() { "none of its checks ran".to_owned() } else { whole }
        }
        ControlVerdict::Manual => format!("a person must look at {}{later}", count(Outcome::Manual)),
        ControlVerdict::Partly => {
            let manual = match count(Outcome::Manual) {
                0 => String::new(),
                manual => format!("; a person must look at {manual}"),
            };
            format!("{} pass{manual}{later}", count(Outcome::Pass))
        }
        ControlVerdict::Pass => format!("{} of {} pass", count(Outcome::Pass), count(Outcome::Pass)),
        ControlVerdict::NotApplicable => "there is nothing that it applies to".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use probity_model::builder::Account;
    use probity_model::run::Selection;
    use probity_model::{Exception, Topic};

    use super::*;
    use crate::frameworks::{self, FRAMEWORKS};
    use crate::run::in_turn;
    use crate::{Settings, assemble};

    fn control(checks: &[&str], planned: &[&str]) -> AskedControl {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        AskedControl { id: "1".into(), checks: owned(checks), planned: owned(planned), ..AskedControl::default() }
    }

    fn outcomes(of: &[Outcome]) -> Outcomes {
        of.iter().map(|outcome| (*outcome, 1)).collect()
    }

    #[test]
    fn the_rule_holds_line_by_line() {
        use ControlVerdict as V;
        use Outcome::*;
        let cases: [(&[Outcome], usize, &[&str], V); 14] = [
            (&[Fail, NotEvaluated, Manual, Pass], 1, &["later"], V::Fail),
            (&[Fail], 0, &[], V::Fail),
            (&[NotEvaluated, Pass], 0, &[], V::NotEvaluated),
            (&[Pass], 1, &[], V::NotEvaluated),
            (&[], 1, &[], V::NotEvaluated),
            (&[], 0, &[], V::NotEvaluated),
            (&[Manual, NotEvaluated], 0, &[], V::NotEvaluated),
            (&[Manual], 0, &["later"], V::Manual),
            (&[Manual, NotApplicable], 0, &[], V::Manual),
            (&[Manual, Pass], 0, &[], V::Partly),
            (&[Pass], 0, &["later"], V::Partly),
            (&[NotApplicable], 0, &["later"], V::Partly),
            (&[Pass, NotApplicable], 0, &[], V::Pass),
            (&[NotApplicable], 0, &[], V::NotApplicable),
        ];
        for (found, skipped, planned, expected) in cases {
            let said = verdict(&control(&["a"], planned), &outcomes(found), skipped);
            assert_eq!(said, expected, "{found:?}, {skipped} left out, {planned:?} planned");
        }
        let manual = AskedControl { manual: "look".into(), ..AskedControl::default() };
        assert_eq!(verdict(&manual, &outcomes(&[]), 0), V::Manual);
        let other = AskedControl { out_of_scope: "other tools".into(), ..AskedControl::default() };
        assert_eq!(verdict(&other, &outcomes(&[]), 0), V::OutOfScope);
        assert_eq!(verdict(&control(&[], &["later"]), &outcomes(&[]), 0), V::NotAnswered);
    }

    fn asked(id: &str) -> Settings {
        let mut settings = Settings::default();
        settings.ask(Asked::from(frameworks::find(id).expect("the framework")));
        settings
    }

    fn answered(settings: &Settings, account: Account, skip: &[String]) -> FrameworkRun {
        let checks = settings.select(&Selection { skip: skip.to_vec(), ..Selection::default() }).expect("checks");
        let run = assemble(&[account.build()], &checks, settings, Selection::default(), &in_turn).expect("a run");
        run.frameworks.into_iter().next().expect("a framework")
    }

    fn of<'f>(framework: &'f FrameworkRun, id: &str) -> &'f ControlRun {
        framework.controls.iter().find(|control| control.id == id).expect("the control")
    }

    #[test]
    fn every_control_of_every_framework_is_listed_with_a_verdict_and_a_reason() {
        for framework in FRAMEWORKS {
            let run = answered(&asked(framework.id), Account::new(), &[]);
            let ids: Vec<&str> = run.controls.iter().map(|control| control.id.as_str()).collect();
            assert_eq!(ids, framework.controls.iter().map(|control| control.id).collect::<Vec<_>>());
            assert!(run.controls.iter().all(|control| !control.reason.is_empty()), "{}", framework.id);
            assert_eq!(run.verdicts.values().sum::<u64>() as usize, framework.controls.len());
        }
    }

    #[test]
    fn only_checks_that_answer_the_framework_run() {
        let settings = asked("cis-7.0");
        let chosen = settings.select(&Selection::default()).expect("checks");
        assert!(chosen.len() < CHECKS.len());
        assert!(chosen.iter().all(|entry| {
            frameworks::controls_of(entry.meta.id).iter().any(|control| control.framework == "cis-7.0")
        }));
        let only = Selection { only: vec!["family:root".into()], ..Selection::default() };
        let root = settings.select(&only).expect("checks");
        assert!(!root.is_empty() && root.len() < chosen.len(), "`only` narrows further");
    }

    #[test]
    fn a_control_says_what_was_looked_at_where_and_when() {
        let account = Account::new().user("anna", |user| user.console_password()).user("ben", |user| user);
        let run = answered(&asked("cis-7.0"), account, &[]);
        let mfa = of(&run, "2.10");
        assert_eq!(mfa.verdict, ControlVerdict::Fail);
        assert_eq!(mfa.reason, "1 of 1 fail");
        let observed = mfa.observed.as_ref().expect("it ran");
        assert_eq!(observed.resources, BTreeMap::from([(ResourceKind::IamUser, 2)]));
        assert!(observed.operations.contains(&"iam:GetCredentialReport".to_owned()));
        assert_eq!(observed.first, probity_model::builder::now());
        assert_eq!(mfa.accounts.len(), 1);
    }

    #[test]
    fn what_could_not_be_read_or_was_left_out_is_not_evaluated() {
        let run = answered(&asked("cis-7.0"), Account::new().deny(Topic::CredentialReport), &[]);
        assert_eq!(of(&run, "2.10").verdict, ControlVerdict::NotEvaluated);
        let run = answered(&asked("cis-7.0"), Account::new(), &["user-mfa-console".into()]);
        let left_out = of(&run, "2.10");
        assert_eq!(left_out.verdict, ControlVerdict::NotEvaluated);
        assert_eq!(left_out.reason, "none of its checks ran");
        assert!(left_out.observed.is_none() && !left_out.checks[0].ran);
    }

    #[test]
    fn an_accepted_failure_is_a_failure_and_says_so() {
        let snapshot = Account::new().user("anna", |user| user.console_password()).build();
        let settings = asked("cis-7.0");
        let checks = settings.select(&Selection::default()).expect("checks");
        let ask: crate::Ask<'_> = &|checks, evidence, settings| {
            let mut findings = in_turn(checks, evidence, settings);
            for finding in findings.iter_mut().flatten().filter(|finding| finding.outcome == Outcome::Fail) {
                finding.exception = Some(
                    Exception { reason: "agreed".into(), owner: "anna".into(), ticket: None, expires: None }.into(),
                );
            }
            findings
        };
        let run = assemble(&[snapshot], &checks, &settings, Selection::default(), ask).expect("a run");
        let mfa = of(&run.frameworks[0], "2.10");
        assert_eq!((mfa.verdict, mfa.checks[0].accepted), (ControlVerdict::Fail, 1));
        assert_eq!(mfa.reason, "1 of 1 fail; every failure is accepted");
    }

    #[test]
    fn users_own_frameworks_stand_among_the_controls_of_a_check() {
        let own = Asked {
            id: "house".into(),
            title: "House rules".into(),
            publisher: String::new(),
            version: String::new(),
            source: String::new(),
            controls: vec![control(&["user-mfa-console"], &[])],
            is_own: true,
        };
        let mut settings = Settings::default();
        settings.ask(own);
        let run = {
            let checks = settings.select(&Selection::default()).expect("checks");
            assemble(&[Account::new().build()], &checks, &settings, Selection::default(), &in_turn).expect("a run")
        };
        assert_eq!(run.checks.len(), 1);
        assert!(run.checks[0].controls.iter().any(|control| control.framework == "house" && control.control == "1"));
        assert_eq!(run.frameworks[0].controls[0].verdict, ControlVerdict::NotApplicable);
    }
}
