//! Asks a policy for its findings, and takes them only as what they must be.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use probity_model::finding::EvidenceItem;
use probity_model::{
    AccountId, Arn, Finding, FindingHead, Fingerprint, Gap, GapKind, Outcome, Region, ResourceKind, Severity, Snapshot,
    Timestamp,
};
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, Value};
use serde::Deserialize;

use crate::folder::CustomCheck;
use crate::gaps;
use crate::input::Input;

/// How long one policy may judge one account: a guard against a policy that goes over everything with everything.
pub const JUDGING_LIMIT: Duration = Duration::from_secs(60);

/// An engine with what we add to the language, and the time limit.
///
/// `probity.seconds(TIME)` gives the seconds of an RFC 3339 time since 1970, to compare with `input.now_seconds`; of what is
/// no time it is undefined. `rand.intn` is there and fails: nothing may depend on chance.
pub(crate) fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: JUDGING_LIMIT,
        check_interval: NonZeroU32::MIN.saturating_add(9_999),
    });
    // Neither can fail: a new engine has no extension whose name could be taken.
    let _ = engine.add_extension(
        "probity.seconds".to_owned(),
        1,
        Box::new(|parameters: Vec<Value>| {
            let text = parameters.first().and_then(|value| value.as_string().ok());
            let time: Option<Timestamp> = text.and_then(|text| text.parse().ok());
            Ok(time.map_or(Value::Undefined, |time| Value::from(time.as_second())))
        }),
    );
    let chance = |_: Vec<Value>| Err(std::io::Error::other("nothing may depend on chance").into());
    let _ = engine.add_extension("rand.intn".to_owned(), 2, Box::new(chance));
    engine
}

/// An error of the engine in one line, each cause once.
pub(crate) fn words(error: &impl std::fmt::Display) -> String {
    let text = format!("{error:#}");
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A finding as a policy states it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    resource: String,
    outcome: Outcome,
    message: String,
    #[serde(default)]
    evidence: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    severity: Option<Severity>,
    #[serde(default)]
    region: Option<Region>,
    #[serde(default)]
    discriminator: String,
}

/// Snapshots that custom checks judge, made ready once.
pub struct Prepared<'s> {
    snapshot: &'s Snapshot,
    input: Input,
}

impl<'s> Prepared<'s> {
    /// Makes a snapshot ready.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, input: Input::of(snapshot) }
    }
}

impl CustomCheck {
    /// Judges a snapshot. There is always at least one finding.
    #[must_use]
    pub fn judge(&self, prepared: &Prepared<'_>) -> Vec<Finding> {
        let facts = &prepared.snapshot.facts;
        let out = Out { check: self, snapshot: prepared.snapshot };
        if let Some(gap) = self.metadata.needs.iter().find_map(|topic| facts.gap(*topic)) {
            return vec![out.missing(gap)];
        }
        let mut findings = match self.stated(prepared) {
            Ok(stated) => stated.into_iter().map(|stated| out.finding(stated)).collect(),
            Err(message) => vec![out.missing(&failed(&message))],
        };
        if !self.metadata.handles_gaps {
            let topics = self.metadata.topics().filter_map(|topic| prepared.input.topic(topic));
            let mut gaps: Vec<Gap> = topics.flat_map(gaps::inside).collect();
            gaps.sort();
            gaps.dedup();
            findings.extend(gaps.iter().map(|gap| out.missing(gap)));
        }
        if findings.is_empty() {
            let message = format!("there is nothing of this kind to judge: {}", self.metadata.resource);
            findings.push(out.of_account(Outcome::NotApplicable, message, None));
        }
        findings.sort_by(|a, b| {
            let key = |f: &Finding| (f.region.clone(), f.resource.clone(), f.discriminator.clone(), f.outcome);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        findings
    }

    /// The findings as the policy states them.
    fn stated(&self, prepared: &Prepared<'_>) -> Result<Vec<Stated>, String> {
        let mut engine = self.engine.clone();
        engine.set_input(Value::from(prepared.input.with(self.metadata.topics())));
        // An error of a builtin would otherwise make a rule silently undefined: a finding would be lost.
        engine.set_strict_builtin_errors(true);
        let answer = engine.eval_rule(format!("{}.findings", self.package)).map_err(|error| words(&error))?;
        let answer = serde_json::to_value(&answer).map_err(|error| error.to_string())?;
        let Some(items) = answer.as_array() else {
            return Err("the rule `findings` is not a set: begin it with `findings contains finding if {`".to_owned());
        };
        let stated = |item: &serde_json::Value| {
            Stated::deserialize(item).map_err(|error| format!("a member of `findings` is no finding: {error}: {item}"))
        };
        items.iter().map(stated).collect()
    }
}

fn failed(message: &str) -> Gap {
    Gap {
        kind: GapKind::Unexpected,
        operation: None,
        region: None,
        code: None,
        message: format!("the policy failed: {message}"),
    }
}

/// Makes findings of one check on one snapshot.
struct Out<'c> {
    check: &'c CustomCheck,
    snapshot: &'c Snapshot,
}

impl Out<'_> {
    fn missing(&self, gap: &Gap) -> Finding {
        self.of_account(Outcome::NotEvaluated, gap.to_string(), Some(gap.clone()))
    }

    /// About the account as a whole; several gaps are told apart by what they are.
    fn of_account(&self, outcome: Outcome, message: String, gap: Option<Gap>) -> Finding {
        let discriminator = gap.as_ref().map_or_else(String::new, |gap| {
            let place = gap.region.as_ref().map_or("", Region::as_str);
            format!("{} {place}", gap.operation.as_deref().unwrap_or_default()).trim().to_owned()
        });
        let arn = self.snapshot.partition.root_of(&self.snapshot.account);
        Finding {
            resource_kind: ResourceKind::Account,
            gap: gap.map(Box::new),
            ..self.finding(Stated {
                resource: arn.as_str().to_owned(),
                outcome,
                message,
                evidence: BTreeMap::new(),
                severity: None,
                region: None,
                discriminator,
            })
        }
    }

    fn finding(&self, stated: Stated) -> Finding {
        let meta = &self.check.metadata;
        let account: &AccountId = &self.snapshot.account;
        let place = stated.region.as_ref().map_or("", Region::as_str);
        let parts = [meta.id.as_str(), account.as_str(), place, &stated.resource, &stated.discriminator];
        let item = |(key, value): (String, serde_json::Value)| EvidenceItem {
            key: key.into(),
            value: value.as_str().map_or_else(|| value.to_string().into(), Into::into),
        };
        // What a policy calls not-evaluated has a reason: its own message.
        let undecided = (stated.outcome == Outcome::NotEvaluated).then(|| Gap {
            kind: GapKind::Undecided,
            operation: None,
            region: stated.region.clone(),
            code: None,
            message: stated.message.clone(),
        });
        let head = FindingHead {
            check: meta.id.as_str().into(),
            family: meta.family,
            title: meta.title.as_str().into(),
            account: account.clone(),
            operations: self.used().flat_map(|topic| topic.operations()).map(ToString::to_string).collect(),
            observed_at: self.observed_at(),
        };
        Finding {
            head: head.into(),
            severity: stated.severity.unwrap_or(meta.severity),
            outcome: stated.outcome,
            fingerprint: Fingerprint::of(&parts),
            region: stated.region,
            resource_kind: meta.resource,
            resource: Arn::new(stated.resource),
            discriminator: stated.discriminator.into(),
            message: stated.message.into(),
            evidence: stated.evidence.into_iter().map(item).collect(),
            gap: undecided.map(Box::new),
            exception: None,
            history: None,
        }
    }

    /// The topics that were read: a verdict names the calls it rests on.
    fn used(&self) -> impl Iterator<Item = probity_model::Topic> {
        let needs = &self.check.metadata.needs;
        let facts = &self.snapshot.facts;
        self.check.metadata.topics().filter(move |topic| needs.contains(topic) || facts.gap(*topic).is_none())
    }

    fn observed_at(&self) -> Timestamp {
        let read = self.used().filter_map(|topic| self.snapshot.observed_at.get(&topic)).min();
        read.copied().unwrap_or(self.snapshot.taken_at)
    }
}
