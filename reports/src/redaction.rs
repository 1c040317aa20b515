//! A run without what identifies the account, so that its report can be shared.
//!
//! The whole run is redacted before any format writes it, so that no format can forget anything. What is replaced: account
//! ids, names and ARNs of resources, aliases, e-mail and IP addresses, unique ids of AWS, endpoints, and fingerprints and run
//! ids, from which a guess could be confirmed. What stays: checks, severities, outcomes, Regions, times, actions and
//! services, names of AWS's own. Replacements are keyed (HMAC-SHA-256): the same name is the same everywhere in a run, and
//! in all runs of the same salt; without the salt nobody can tell whether a guess is right.
//!
//! Texts are made safe twice. A dictionary holds every name that the snapshots know; whatever is in it is replaced wherever
//! it stands. What has the shape of an identifier is replaced even where no dictionary knows it.

mod dictionary;
mod pseudonyms;
mod shapes;
mod sheets;

use std::sync::Arc;

use probity_model::finding::EvidenceItem;
use probity_model::parameter::ParameterValue;
use probity_model::run::{AccountRun, GapReport};
use probity_model::{Exception, Finding, Gap, Run, Snapshot};

use self::dictionary::Dictionary;
use self::pseudonyms::Pseudonyms;

/// What stands in place of a text that nobody can make safe word by word.
const REMOVED: &str = "(redacted)";

/// Replaces what identifies an account.
pub struct Redaction {
    pseudonyms: Pseudonyms,
    dictionary: Dictionary,
}

impl Redaction {
    /// A redaction of runs over these snapshots. Whoever knows the salt can confirm guesses: keep it, or forget it.
    #[must_use]
    pub fn new(salt: &[u8], snapshots: &[Snapshot], run: &Run) -> Self {
        let pseudonyms = Pseudonyms::new(salt);
        let dictionary = Dictionary::of(snapshots, run, &pseudonyms);
        Self { pseudonyms, dictionary }
    }

    /// The run with everything replaced.
    #[must_use]
    pub fn run(&self, run: &Run) -> Run {
        let mut run = run.clone();
        run.id = self.run_id(&run.id);
        run.accounts.iter_mut().for_each(|account| self.account(account));
        run.findings.iter_mut().for_each(|finding| self.finding(finding));
        run.gaps.iter_mut().for_each(|report| self.gap_report(report));
        for parameter in run.checks.iter_mut().flat_map(|check| &mut check.parameters).filter(|one| one.changed) {
            match &mut parameter.value {
                ParameterValue::Text(text) => *text = self.text(text),
                ParameterValue::List(items) => items.iter_mut().for_each(|item| *item = self.text(item)),
                ParameterValue::Flag(_) | ParameterValue::Number(_) => {}
            }
        }
        for report in &mut run.exceptions {
            report.resource = self.pattern(&report.resource);
            report.account = self.text(&report.account);
            self.exception(&mut report.agreement);
        }
        if let Some(history) = &mut run.history {
            for point in history.previous.iter_mut().chain(&mut history.trend) {
                point.id = self.run_id(&point.id);
            }
            for fixed in &mut history.fixed {
                fixed.account = self.pseudonyms.account(fixed.account.as_str());
                fixed.resource = self.pseudonyms.arn(&fixed.resource);
                fixed.discriminator = self.text(&fixed.discriminator);
                fixed.fingerprint = self.pseudonyms.fingerprint(&fixed.fingerprint);
            }
        }
        run.credentials.iter_mut().for_each(|row| self.credentials(row));
        run.credentials.sort_by_cached_key(|row| row.arn.to_string());
        run.frameworks.iter_mut().for_each(|framework| self.framework(framework));
        // A run over several accounts is refused before it comes here; nothing of it may slip through all the same.
        run.organization = None;
        // Findings were sorted by what is replaced now: their order would tell the order of names.
        run.findings.sort_by(|a, b| {
            let key = |f: &Finding| (f.outcome, std::cmp::Reverse(f.severity), f.exception.is_some(), f.family);
            key(a).cmp(&key(b)).then_with(|| {
                (&a.check, &a.account, &a.region, &a.resource, &a.discriminator, &a.message).cmp(&(
                    &b.check,
                    &b.account,
                    &b.region,
                    &b.resource,
                    &b.discriminator,
                    &b.message,
                ))
            })
        });
        run
    }

    fn run_id(&self, id: &str) -> String {
        self.pseudonyms.digits("run", id, 16)
    }

    fn account(&self, account: &mut AccountRun) {
        account.account = self.pseudonyms.account(account.account.as_str());
        account.alias = account.alias.as_deref().map(|alias| self.pseudonyms.name(alias));
        account.caller = account.caller.as_ref().map(|caller| self.pseudonyms.arn(caller));
        let request = &mut account.request;
        request.endpoint = request.endpoint.as_deref().map(|endpoint| self.pseudonyms.name(endpoint));
        request.sample = request.sample.as_ref().map(|_| REMOVED.to_owned());
    }

    fn finding(&self, finding: &mut Finding) {
        finding.account = self.pseudonyms.account(finding.account.as_str());
        finding.resource = self.pseudonyms.arn(&finding.resource);
        finding.discriminator = self.text(&finding.discriminator).into();
        finding.message = self.text(&finding.message).into();
        finding.fingerprint = self.pseudonyms.fingerprint(&finding.fingerprint);
        for EvidenceItem { key, value } in &mut finding.evidence {
            (*key, *value) = (self.text(key).into(), self.text(value).into());
        }
        if let Some(gap) = &mut finding.gap {
            self.gap(gap);
        }
        if let Some(exception) = &mut finding.exception {
            self.exception(exception);
        }
    }

    fn gap_report(&self, report: &mut GapReport) {
        report.account = self.pseudonyms.account(report.account.as_str());
        self.gap(Arc::make_mut(&mut report.gap));
    }

    fn gap(&self, gap: &mut Gap) {
        gap.message = self.text(&gap.message);
        gap.code = gap.code.as_deref().map(|code| self.text(code));
    }

    /// What people wrote names people.
    fn exception(&self, exception: &mut Exception) {
        if !exception.reason.is_empty() {
            exception.reason = REMOVED.to_owned();
        }
        exception.owner = self.pseudonyms.person(&exception.owner);
        exception.ticket = exception.ticket.as_deref().map(|ticket| self.pseudonyms.name(ticket));
    }

    /// A pattern of resources: an ARN, or a kind and a name.
    fn pattern(&self, pattern: &str) -> String {
        match pattern {
            arn if arn.starts_with("arn:") => self.pseudonyms.arn(&arn.into()).to_string(),
            rest => self.pseudonyms.resource(rest),
        }
    }

    /// A text in which names may stand.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.dictionary.replace(text, |between| shapes::replace(between, &self.pseudonyms))
    }
}
