//! What a check writes its verdicts into.
//!
//! A check says which resource it speaks of, adds the values it looked at, and ends with a verdict:
//!
//! ```text
//! out.user(&row.arn).evidence("mfa_active", &row.mfa_active).fail("signs in with a password alone");
//! ```

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use smol_str::{SmolStr, ToSmolStr};

use crate::finding::EvidenceItem;
use crate::{
    AccountId, Arn, Evidence, Finding, FindingHead, Fingerprint, Gap, Meta, Need, Outcome, Partition, Region,
    ResourceKind, Severity, Snapshot, Timestamp,
};

/// The verdicts of one check on one snapshot.
pub struct Findings<'s> {
    meta: Meta,
    snapshot: &'s Snapshot,
    head: Arc<FindingHead>,
    list: Vec<Finding>,
    in_full: bool,
    is_told: bool,
}

impl<'s> Findings<'s> {
    /// An empty list for a check that reads what `needs` says.
    #[must_use]
    pub fn new(meta: Meta, needs: &[Need], evidence: &Evidence<'s>) -> Self {
        let snapshot = evidence.snapshot();
        // Optional evidence counts only where it was had: a verdict names the calls it rests on.
        let used = needs.iter().filter(|need| !need.optional || snapshot.facts.gap(need.topic).is_none());
        let topics: std::collections::BTreeSet<_> = used.map(|need| need.topic).collect();
        let operations = topics.iter().flat_map(|topic| topic.operations()).map(ToString::to_string).collect();
        let read = topics.iter().filter_map(|topic| snapshot.observed_at.get(topic)).min();
        let observed_at = read.copied().unwrap_or(snapshot.taken_at);
        let (in_full, is_told) = (evidence.is_in_full(), evidence.is_told());
        let head = FindingHead {
            check: SmolStr::new_static(meta.id),
            family: meta.family,
            title: SmolStr::new_static(meta.title),
            account: snapshot.account.clone(),
            operations,
            observed_at,
        };
        Self { meta, snapshot, head: head.into(), list: Vec::new(), in_full, is_told }
    }

    /// Whether evidence is wanted whatever its length.
    #[must_use]
    pub fn is_in_full(&self) -> bool {
        self.in_full
    }

    /// Whether another account judges what the organization has.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.is_told
    }

    /// "Now": when the snapshot was taken.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.snapshot.taken_at
    }

    /// The whole days from a moment until now; negative where it lies ahead.
    #[must_use]
    pub fn days_since(&self, moment: Timestamp) -> i64 {
        self.now().duration_since(moment).as_secs().div_euclid(86_400)
    }

    /// The account that is judged.
    #[must_use]
    pub fn account(&self) -> &'s AccountId {
        &self.snapshot.account
    }

    /// The partition the account lies in.
    #[must_use]
    pub fn partition(&self) -> &'s Partition {
        &self.snapshot.partition
    }

    /// The ARN of the root user.
    #[must_use]
    pub fn root_arn(&self) -> Arn {
        self.partition().root_of(self.account())
    }

    /// Begins a verdict on a resource of the kind the check is about.
    #[must_use = "a resource without a verdict is lost: end with pass, fail, manual, not_applicable or not_evaluated"]
    pub fn resource(&mut self, arn: impl Into<Arn>) -> Subject<'_, 's> {
        let severity = self.meta.severity;
        let kind = self.meta.resource;
        Subject {
            arn: arn.into(),
            kind,
            severity,
            region: None,
            discriminator: SmolStr::default(),
            evidence: Vec::new(),
            findings: self,
        }
    }

    /// Begins a verdict on the account as a whole, or its root user: they share an ARN.
    #[must_use = "a resource without a verdict is lost: end with pass, fail, manual, not_applicable or not_evaluated"]
    pub fn whole_account(&mut self) -> Subject<'_, 's> {
        let arn = self.root_arn();
        let kind = self.meta.resource;
        let about_account =
            matches!(kind, ResourceKind::Account | ResourceKind::AccountRoot | ResourceKind::Organization);
        let subject = self.resource(arn);
        if about_account { subject } else { subject.kind(ResourceKind::Account) }
    }

    /// Whether nothing has been said yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The verdicts, sorted by account, Region, resource and discriminator, so that the order of the evidence never shows.
    #[must_use]
    pub fn finish(mut self) -> Vec<Finding> {
        if self.list.is_empty() {
            let kind = self.meta.resource;
            self.whole_account().not_applicable(format!("there is nothing of this kind to judge: {kind}"));
        }
        self.list.sort_by(|a, b| {
            (&a.region, &a.resource, &a.discriminator, a.outcome, &a.message).cmp(&(
                &b.region,
                &b.resource,
                &b.discriminator,
                b.outcome,
                &b.message,
            ))
        });
        self.list
    }
}

/// A resource that a verdict is about to be given on.
#[must_use = "a resource without a verdict is lost: end with pass, fail, manual, not_applicable or not_evaluated"]
pub struct Subject<'f, 's> {
    findings: &'f mut Findings<'s>,
    arn: Arn,
    kind: ResourceKind,
    severity: Severity,
    region: Option<Region>,
    discriminator: SmolStr,
    evidence: Vec<EvidenceItem>,
}

impl Subject<'_, '_> {
    /// Adds a value the verdict rests on.
    pub fn evidence(self, key: impl Into<SmolStr>, value: impl Display) -> Self {
        self.quoted(key, value.to_smolstr())
    }

    /// Adds a text that is evidence of many findings, such as a policy, without a copy for each.
    pub fn quoted(mut self, key: impl Into<SmolStr>, text: impl Into<SmolStr>) -> Self {
        // Most findings have one value or two, and there are very many findings: a vector of its own accord begins with four.
        if self.evidence.len() == self.evidence.capacity() {
            self.evidence.reserve_exact(self.evidence.len().max(1));
        }
        self.evidence.push(EvidenceItem { key: key.into(), value: text.into() });
        self
    }

    /// Adds a text that is the same in every finding, such as what a rule leaves aside.
    pub fn noted(self, key: impl Into<SmolStr>, text: &'static str) -> Self {
        self.quoted(key, SmolStr::new_static(text))
    }

    /// Tells several findings on one resource apart; part of the fingerprint, so it must not change from run to run.
    pub fn discriminator(mut self, text: impl Into<SmolStr>) -> Self {
        self.discriminator = text.into();
        self
    }

    /// The Region the verdict is about.
    pub fn region(mut self, region: &Region) -> Self {
        self.region = Some(region.clone());
        self
    }

    /// Another severity than the check's, where its rule says so.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Another kind of resource than the check's.
    pub fn kind(mut self, kind: ResourceKind) -> Self {
        self.kind = kind;
        self
    }

    /// The rule is kept.
    pub fn pass(self, message: impl Into<Cow<'static, str>>) {
        self.conclude(Outcome::Pass, message.into(), None);
    }

    /// The rule is broken.
    pub fn fail(self, message: impl Into<Cow<'static, str>>) {
        self.conclude(Outcome::Fail, message.into(), None);
    }

    /// The rule does not apply here.
    pub fn not_applicable(self, message: impl Into<Cow<'static, str>>) {
        self.conclude(Outcome::NotApplicable, message.into(), None);
    }

    /// A person must look; the message says at what.
    pub fn manual(self, message: impl Into<Cow<'static, str>>) {
        self.conclude(Outcome::Manual, message.into(), None);
    }

    /// The evidence is missing.
    pub fn not_evaluated(self, gap: &Gap) {
        self.conclude(Outcome::NotEvaluated, gap.to_string().into(), Some(gap.clone()));
    }

    /// The evidence was read and does not decide: a field is absent or makes no sense, or a condition stays open.
    pub fn unclear(self, message: impl Into<String>) {
        let gap =
            Gap { kind: crate::GapKind::Undecided, operation: None, region: None, code: None, message: message.into() };
        self.not_evaluated(&gap);
    }

    fn conclude(self, outcome: Outcome, message: Cow<'static, str>, gap: Option<Gap>) {
        let Self { findings, arn, kind, severity, region, discriminator, evidence } = self;
        let meta = &findings.meta;
        let account = findings.snapshot.account.as_str();
        let place = region.as_ref().map_or("", Region::as_str);
        let fingerprint = Fingerprint::of(&[meta.id, account, place, arn.as_str(), &discriminator]);
        findings.list.push(Finding {
            head: Arc::clone(&findings.head),
            severity,
            outcome,
            region,
            resource_kind: kind,
            resource: arn,
            discriminator,
            message,
            evidence,
            gap: gap.map(Box::new),
            exception: None,
            fingerprint,
            history: None,
        });
    }
}
