//! Exceptions: failures that somebody agreed to live with, marked after the checks have judged.
//!
//! An exception is an attribute beside the outcome: a failure stays a failure. Only failures are covered, so that what
//! could not be read never looks settled. Whether an exception still holds is judged by the time of the snapshot.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::{
    AccountId, Date, Exception, ExceptionReport, ExceptionState, Finding, Outcome, Snapshot, Timestamp,
};
use probity_policy::Pattern;

use crate::registry::Entry;

/// An exception as it was written: what it covers, and what was agreed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExceptionRule {
    /// The checks: an id, `family:NAME`, or a pattern with `*` and `?`.
    pub check: String,
    /// The resources: a whole ARN, or what stands behind its account such as `user/anna`, with `*` and `?`.
    pub resource: String,
    /// The accounts: an id, with `*` and `?`.
    pub account: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The ticket it was agreed in.
    pub ticket: Option<String>,
    /// The last day on which it holds, in UTC.
    pub expires: Option<Date>,
}

impl ExceptionRule {
    /// Whether it speaks of a check.
    #[must_use]
    pub fn names(&self, entry: &Entry) -> bool {
        match self.check.strip_prefix("family:") {
            Some(family) => entry.meta.family.name() == family,
            None => Pattern::new(self.check.as_str()).matches(entry.meta.id),
        }
    }

    /// Whether it covers more than what it names letter by letter: such an exception needs a reason.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.check.starts_with("family:") || self.check.contains(['*', '?']) || self.resource.contains(['*', '?'])
    }

    fn agreement(&self) -> Exception {
        Exception {
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            ticket: self.ticket.clone(),
            expires: self.expires.map(|date| date.to_string()),
        }
    }

    /// Whether it still holds at a moment: to the end of its last day, in UTC.
    fn holds(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|last| now.to_zoned(probity_model::UTC).date() <= last)
    }
}

/// An exception made ready to be compared with many findings.
struct Matcher<'r> {
    rule: &'r ExceptionRule,
    checks: Vec<&'static str>,
    account: Pattern,
    resource: Pattern,
    covers: u64,
    expired: bool,
    judged: bool,
}

impl<'r> Matcher<'r> {
    fn new(rule: &'r ExceptionRule, checks: &[&Entry]) -> Self {
        Self {
            rule,
            checks: checks.iter().filter(|entry| rule.names(entry)).map(|entry| entry.meta.id).collect(),
            account: Pattern::new(rule.account.as_str()),
            resource: Pattern::new(rule.resource.as_str()),
            covers: 0,
            expired: false,
            judged: false,
        }
    }

    fn speaks_of(&self, finding: &Finding) -> bool {
        self.checks.contains(&finding.check.as_str()) && self.account.matches(finding.account.as_str())
    }

    fn fits(&self, finding: &Finding) -> bool {
        let arn = &finding.resource;
        self.resource.matches(arn.as_str()) || (!arn.resource().is_empty() && self.resource.matches(arn.resource()))
    }

    fn report(&self) -> ExceptionReport {
        let state = match () {
            () if self.expired => ExceptionState::Expired,
            () if self.covers > 0 => ExceptionState::InForce,
            () if self.judged => ExceptionState::Unused,
            () => ExceptionState::NotJudged,
        };
        ExceptionReport {
            check: self.rule.check.clone(),
            resource: self.rule.resource.clone(),
            account: self.rule.account.clone(),
            agreement: self.rule.agreement(),
            state,
            findings: self.covers,
        }
    }
}

/// Marks the failures that exceptions cover, and says what became of each exception. Where several cover a failure, the
/// first that still holds is named.
#[must_use]
pub fn apply(
    rules: &[ExceptionRule],
    findings: &mut [Finding],
    snapshots: &[&Snapshot],
    checks: &[&Entry],
) -> Vec<ExceptionReport> {
    let mut matchers: Vec<Matcher<'_>> = rules.iter().map(|rule| Matcher::new(rule, checks)).collect();
    let now = |finding: &Finding| {
        let of_account = snapshots.iter().filter(|snapshot| snapshot.account == finding.account);
        of_account.map(|snapshot| snapshot.taken_at).max().unwrap_or(finding.observed_at)
    };
    for matcher in &mut matchers {
        let unknown = |finding: &&Finding| finding.outcome == Outcome::NotEvaluated;
        let spoken_of: Vec<&Finding> = findings.iter().filter(|finding| matcher.speaks_of(finding)).collect();
        // A check that could not be evaluated on something leaves open whether the exception is needed for that.
        matcher.judged = !spoken_of.is_empty() && !spoken_of.iter().any(unknown);
        matcher.expired = !snapshots.iter().all(|snapshot| matcher.rule.holds(snapshot.taken_at));
    }
    for finding in findings.iter_mut().filter(|finding| finding.outcome == Outcome::Fail) {
        for matcher in &mut matchers {
            if !(matcher.speaks_of(finding) && matcher.fits(finding)) {
                continue;
            }
            matcher.covers += 1;
            if finding.exception.is_none() && matcher.rule.holds(now(finding)) {
                finding.exception = Some(matcher.rule.agreement().into());
            }
        }
    }
    matchers.iter().map(Matcher::report).collect()
}

/// Adds what became of each exception among findings that came later, of the same accounts: those of checks of one's own, or
/// of all accounts together.
pub fn add_later(reports: &mut [ExceptionReport], later: Vec<ExceptionReport>) {
    for (report, more) in reports.iter_mut().zip(later) {
        report.findings += more.findings;
        if more.findings > 0 && report.state != ExceptionState::Expired {
            report.state = ExceptionState::InForce;
        }
    }
}

/// What becomes of each exception in several accounts, each judged by itself.
///
/// An exception is unused only where every account that it speaks of was judged: one that could not be leaves open whether it
/// is needed there.
pub struct Merged<'m> {
    rules: &'m [ExceptionRule],
    sums: Vec<Sum>,
}

/// What became of an exception so far.
struct Sum {
    report: ExceptionReport,
    is_unused_somewhere: bool,
    is_open_somewhere: bool,
}

impl<'m> Merged<'m> {
    /// Before any account.
    #[must_use]
    pub fn new(rules: &'m [ExceptionRule]) -> Self {
        let sum = |rule| Sum {
            report: Matcher::new(rule, &[]).report(),
            is_unused_somewhere: false,
            is_open_somewhere: false,
        };
        Self { rules, sums: rules.iter().map(sum).collect() }
    }

    /// Takes in what became of each in an account, which was judged with these checks.
    pub fn add(&mut self, account: &AccountId, checks: &[&Entry], reports: &[ExceptionReport]) {
        for ((rule, report), sum) in self.rules.iter().zip(reports).zip(&mut self.sums) {
            sum.report.findings += report.findings;
            if report.state == ExceptionState::Expired {
                sum.report.state = ExceptionState::Expired;
            }
            let speaks = Pattern::new(rule.account.as_str()).matches(account.as_str())
                && checks.iter().any(|entry| rule.names(entry));
            sum.is_unused_somewhere |= report.state == ExceptionState::Unused;
            sum.is_open_somewhere |= speaks && report.state == ExceptionState::NotJudged;
        }
    }

    /// What became of each in all of them.
    #[must_use]
    pub fn reports(self) -> Vec<ExceptionReport> {
        let settled = |Sum { mut report, is_unused_somewhere, is_open_somewhere }| {
            if report.state != ExceptionState::Expired {
                report.state = match (report.findings, is_unused_somewhere && !is_open_somewhere) {
                    (0, true) => ExceptionState::Unused,
                    (0, false) => ExceptionState::NotJudged,
                    _ => ExceptionState::InForce,
                };
            }
            report
        };
        self.sums.into_iter().map(settled).collect()
    }
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;
    use alloc::vec;

    use probity_model::builder::Account;
    use probity_model::run::{Run, Selection};
    use probity_model::{Severity, Topic};

    use super::*;
    use crate::settings::Settings;
    use crate::{assemble, registry};

    fn rule(check: &str, resource: &str) -> ExceptionRule {
        ExceptionRule {
            check: check.to_owned(),
            resource: resource.to_owned(),
            account: "*".to_owned(),
            reason: "a break-glass user".to_owned(),
            owner: "security@example.com".to_owned(),
            ticket: None,
            expires: None,
        }
    }

    fn judged(account: Account, rules: Vec<ExceptionRule>) -> Run {
        let checks = vec![registry::find("user-mfa-console").expect("the check")];
        let mut settings = Settings::default();
        settings.set_exceptions(rules);
        assemble(&[account.build()], &checks, &settings, Selection::default(), &crate::run::in_turn).expect("a run")
    }

    fn two_users() -> Account {
        Account::new().user("anna", |user| user.console_password()).user("ben", |user| user.console_password())
    }

    fn states(run: &Run) -> Vec<(ExceptionState, u64)> {
        run.exceptions.iter().map(|report| (report.state, report.findings)).collect()
    }

    #[test]
    fn only_what_is_covered_is_marked_and_it_stays_a_failure() {
        let run = judged(two_users(), vec![rule("user-mfa-console", "user/anna")]);
        let marked: Vec<(&str, bool, bool)> = run
            .findings
            .iter()
            .filter(|finding| finding.outcome == Outcome::Fail)
            .map(|finding| (finding.resource.name(), finding.exception.is_some(), finding.is_open()))
            .collect();
        assert_eq!(marked, [("ben", false, true), ("anna", true, false)]);
        assert_eq!(states(&run), [(ExceptionState::InForce, 1)]);
        assert_eq!(run.open(Severity::High), 1);
        assert_eq!(run.count(Outcome::Fail), 2);
    }

    #[test]
    fn patterns_cover_families_accounts_and_arns() {
        for (check, resource, account) in [
            ("family:mfa", "*", "*"),
            ("user-mfa-*", "user/*", "1*"),
            ("*", "arn:aws:iam::*:user/anna", "*"),
            ("user-mfa-console", "user/ann?", "123456789012"),
        ] {
            let mut rule = rule(check, resource);
            rule.account = account.to_owned();
            let run = judged(two_users(), vec![rule]);
            let anna = run.findings.iter().find(|finding| finding.resource.name() == "anna").expect("a finding");
            assert!(anna.exception.is_some(), "{check} {resource} {account}");
        }
        for (check, resource, account) in [
            ("family:root", "*", "*"),
            ("user-mfa-console", "anna", "*"),
            ("user-mfa-console", "user/ann", "*"),
            ("user-mfa-console", "*", "9*"),
        ] {
            let mut rule = rule(check, resource);
            rule.account = account.to_owned();
            let run = judged(two_users(), vec![rule]);
            assert!(run.findings.iter().all(|finding| finding.exception.is_none()), "{check} {resource} {account}");
        }
    }

    /// The builder's accounts are taken at a fixed time; the last day counts to its end.
    #[test]
    fn expiry_is_judged_by_the_time_of_the_snapshot() {
        let today = Account::new().build().taken_at.to_zoned(probity_model::UTC).date();
        let with = |expires: Date| {
            let mut rule = rule("user-mfa-console", "user/anna");
            rule.expires = Some(expires);
            judged(two_users(), vec![rule])
        };
        assert_eq!(states(&with(today)), [(ExceptionState::InForce, 1)]);
        let expired = with(today.yesterday().expect("a day"));
        assert_eq!(states(&expired), [(ExceptionState::Expired, 1)]);
        assert!(expired.findings.iter().all(|finding| finding.exception.is_none()));
    }

    #[test]
    fn unused_is_said_only_where_it_is_known() {
        let fine = || Account::new().user("anna", |user| user.console_password().mfa());
        assert_eq!(states(&judged(fine(), vec![rule("user-mfa-console", "*")])), [(ExceptionState::Unused, 0)]);
        let not_read = fine().deny(Topic::CredentialReport);
        assert_eq!(states(&judged(not_read, vec![rule("user-mfa-console", "*")])), [(ExceptionState::NotJudged, 0)]);
        assert_eq!(states(&judged(fine(), vec![rule("root-mfa-enabled", "*")])), [(ExceptionState::NotJudged, 0)]);
        let mut elsewhere = rule("user-mfa-console", "*");
        elsewhere.account = "999999999999".to_owned();
        assert_eq!(states(&judged(fine(), vec![elsewhere])), [(ExceptionState::NotJudged, 0)]);
    }

    #[test]
    fn the_first_exception_that_holds_is_named() {
        let mut expired = rule("user-mfa-console", "user/anna");
        expired.expires = Some(Date::constant(2001, 1, 1));
        let mut second = rule("user-mfa-console", "user/*");
        second.owner = "second".to_owned();
        let third = rule("*", "*");
        let run = judged(two_users(), vec![expired, second, third]);
        let owners = run.findings.iter().filter_map(|finding| finding.exception.as_ref());
        assert!(owners.map(|exception| exception.owner.as_str()).all(|owner| owner == "second"));
        assert_eq!(
            states(&run),
            [(ExceptionState::Expired, 1), (ExceptionState::InForce, 2), (ExceptionState::InForce, 2)]
        );
    }

    #[test]
    fn wildcards_are_told() {
        assert!(!rule("user-mfa-console", "user/anna").is_wildcard());
        for (check, resource) in [("family:mfa", "user/anna"), ("user-*", "user/anna"), ("user-mfa-console", "*")] {
            assert!(rule(check, resource).is_wildcard());
        }
    }
}
