//! An analyzer of unused access watches the account.
//!
//! # Why
//! Roles, keys and permissions that nobody uses any more are what an intruder finds first and the owner misses last. An
//! analyzer of unused access reports them every day, without anybody having to ask.
//!
//! # Pass
//! An analyzer of type `ACCOUNT_UNUSED_ACCESS` or `ORGANIZATION_UNUSED_ACCESS` is `ACTIVE`, and counts access as unused
//! after `max_age_days` at most.
//!
//! # Fail
//! There is none in any Region, its status is another one, or it waits longer.
//!
//! # Not applicable
//! `cost_accepted` is set to false: the analyzer is billed by role and user and month. The family `unused-access` then
//! stands in for it.
//!
//! # Notes
//! One Region is enough, since IAM is global, and a second analyzer costs as much again.
//!
//! Analysis rules can leave out accounts and whoever has certain tags. They are shown in the evidence and do not fail the
//! check: whether they are meant is for a person to say.
//!
//! An analyzer of the organization covers its member accounts, which do not see it. Where none was found here and one may
//! exist elsewhere, the check is not evaluated; see `analyzer-external-enabled`. The same holds where a Region could not
//! be asked.
//!
//! # Fix
//! Create one analyzer of unused access for the organization, in one Region, from the delegated administrator account.
//!
//! # Command
//! ```sh
//! aws accessanalyzer create-analyzer --analyzer-name unused --type ORGANIZATION_UNUSED_ACCESS \
//!   --configuration '{"unusedAccess": {"unusedAccessAge": 90}}'
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::access_analyzer::{Analyzer, AnalyzerConfiguration, UnusedAccess};
use probity_model::facts::{Analyzers, AuthorizationDetails, OrganizationMembership};
use probity_model::{
    Automation, Family, Findings, FlagParameter, Gap, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind,
    Rule, Scope, Severity, Subject, Unit,
};

use crate::analyzers::{Elsewhere, elsewhere, in_words};

const MAX_AGE_DAYS: NumberParameter = NumberParameter {
    name: "max_age_days",
    default: 90,
    min: 1,
    max: 365,
    unit: Unit::Days,
    source: "the age that AWS tracks unused access by unless told otherwise (Access Analyzer API Reference)",
};

const COST_ACCEPTED: FlagParameter = FlagParameter {
    name: "cost_accepted",
    default: true,
    source: "our own choice: the analyzer is worth its price unless somebody says otherwise",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "analyzer-unused-access-enabled",
        family: Family::AccessAnalyzer,
        title: "An unused access analyzer is active",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_AGE_DAYS), ParameterSpec::Flag(COST_ACCEPTED)],
    };
    type Facts<'s> = (&'s Analyzers, Result<&'s OrganizationMembership, &'s Gap>, Option<&'s AuthorizationDetails>);

    fn run((facts, membership, details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let max_age = parameters.number(&MAX_AGE_DAYS);
        let mut subject = out.whole_account().evidence(MAX_AGE_DAYS.name, max_age);
        if !parameters.flag(&COST_ACCEPTED) {
            let subject = subject.evidence(COST_ACCEPTED.name, false);
            return subject.not_applicable("the cost of the analyzer is not accepted; see the family unused-access");
        }
        let found: Vec<&Analyzer> =
            facts.all().map(|(_, analyzer)| analyzer).filter(|analyzer| analyzer.is_unused_access()).collect();
        for analyzer in &found {
            subject = subject.evidence(analyzer.arn.as_str(), described(analyzer));
        }
        let judged: Vec<(&Analyzer, Watch<'_>)> =
            found.iter().map(|analyzer| (*analyzer, watch(analyzer, max_age))).collect();
        if let Some((analyzer, _)) = judged.iter().find(|(_, watch)| matches!(watch, Watch::Watches)) {
            return subject.pass(format!("the analyzer {} is active", analyzer.name));
        }
        let unknown =
            judged.iter().find_map(|(_, watch)| if let Watch::Unread(gap) = watch { Some(*gap) } else { None });
        if let Some(gap) = unknown.or_else(|| facts.gap()) {
            return subject.not_evaluated(gap);
        }
        match elsewhere(facts, membership, details) {
            Elsewhere::Possible(gap) => subject.not_evaluated(&gap),
            Elsewhere::Impossible(why) => {
                lacking(subject.evidence("organization_analyzer", why), facts, &judged, max_age);
            }
        }
    }
}

/// Whether an analyzer does what is asked.
enum Watch<'s> {
    /// It does.
    Watches,
    /// It is not active.
    Inactive,
    /// It waits longer; the days, none where AWS did not say.
    TooLate(Option<u32>),
    /// Its settings could not be read.
    Unread(&'s Gap),
}

fn watch(analyzer: &Analyzer, max_age: u32) -> Watch<'_> {
    if !analyzer.is_active() {
        return Watch::Inactive;
    }
    match settings(analyzer) {
        Err(gap) => Watch::Unread(gap),
        Ok(Some(UnusedAccess { age_days: Some(days), .. })) if *days <= max_age => Watch::Watches,
        Ok(settings) => Watch::TooLate(settings.and_then(|settings| settings.age_days)),
    }
}

fn settings(analyzer: &Analyzer) -> Result<Option<&UnusedAccess>, &Gap> {
    analyzer.configuration.get().map(|configuration| match configuration {
        AnalyzerConfiguration::UnusedAccess(settings) => Some(settings),
        AnalyzerConfiguration::Everything | AnalyzerConfiguration::InternalAccess(_) => None,
    })
}

fn described(analyzer: &Analyzer) -> String {
    let mut parts = Vec::from([in_words(analyzer)]);
    if let Ok(Some(settings)) = settings(analyzer) {
        parts.extend(settings.age_days.map(|days| format!("unused after {days} days")));
        if !settings.excluded_accounts.is_empty() {
            parts.push(format!("leaves out the accounts {}", settings.excluded_accounts.join(", ")));
        }
        for tags in &settings.excluded_tags {
            let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
            parts.push(format!("leaves out what is tagged {}", tags.join(" and ")));
        }
    }
    parts.join("; ")
}

fn lacking(subject: Subject<'_, '_>, facts: &Analyzers, judged: &[(&Analyzer, Watch<'_>)], max_age: u32) {
    if facts.regions.is_empty() && facts.not_offered.is_empty() {
        return subject.unclear("no Region was asked for its analyzers");
    }
    match judged.iter().find(|(analyzer, _)| analyzer.is_active()).or_else(|| judged.first()) {
        None => subject.fail("there is no analyzer of unused access"),
        Some((analyzer, Watch::TooLate(Some(days)))) => subject.fail(format!(
            "the analyzer {} counts access as unused after {days} days; the most is {max_age}",
            analyzer.name
        )),
        Some((analyzer, Watch::TooLate(None))) => {
            subject.unclear(format!("the analyzer {} does not say when access counts as unused", analyzer.name));
        }
        Some((analyzer, _)) => {
            let status = analyzer.status.to_string();
            subject.fail(format!("the analyzer of unused access, {}, is {status}", analyzer.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::access_analyzer::{Analyzer, AnalyzerConfiguration, UnusedAccess};
    use probity_model::{Seen, Topic};

    use crate::analyzers::testing::{HOME, OTHER, analyzed_member, analyzer, not_offered, unreadable, with};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "analyzer-unused-access-enabled";
    const KIND: &str = "ACCOUNT_UNUSED_ACCESS";

    fn holding(account: Account, analyzer: Analyzer) -> Account {
        with(account, analyzer, Seen::default(), Vec::new())
    }

    fn set_up(settings: UnusedAccess) -> Account {
        let configuration = Seen::Known(AnalyzerConfiguration::UnusedAccess(settings));
        holding(Account::new(), Analyzer { configuration, ..analyzer(HOME, "unused", KIND) })
    }

    fn waiting(age_days: Option<u32>) -> Account {
        set_up(UnusedAccess { age_days, ..UnusedAccess::default() })
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, waiting(Some(90))), [Pass]);
        let organization = analyzer(OTHER, "unused", "ORGANIZATION_UNUSED_ACCESS");
        assert_eq!(outcomes(ID, holding(Account::new(), organization)), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, Account::new()).try_into().expect("one finding");
        assert_eq!((finding.outcome, &*finding.message), (Fail, "there is no analyzer of unused access"));
        let [late] = findings(ID, waiting(Some(180))).try_into().expect("one finding");
        assert_eq!(late.outcome, Fail);
        assert!(late.message.contains("after 180 days; the most is 90"), "{}", late.message);
        let disabled = Analyzer { status: "DISABLED".into(), ..analyzer(HOME, "unused", KIND) };
        assert_eq!(outcomes(ID, holding(Account::new(), disabled)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::Analyzers)), [NotEvaluated]);
        assert_eq!(outcomes(ID, unreadable(Account::new(), OTHER)), [NotEvaluated]);
        assert_eq!(outcomes(ID, analyzed_member(Account::new())), [NotEvaluated]);
        assert_eq!(outcomes(ID, waiting(None)), [NotEvaluated]);
        let unread =
            Analyzer { configuration: Seen::Missing(denied(Topic::Analyzers)), ..analyzer(HOME, "unused", KIND) };
        assert_eq!(outcomes(ID, holding(Account::new(), unread)), [NotEvaluated]);
        let nowhere = Account::new().facts(|facts| {
            if let Seen::Known(analyzers) = &mut facts.analyzers {
                analyzers.regions.clear();
            }
        });
        assert_eq!(outcomes(ID, nowhere), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes_with(ID, &[("cost_accepted", "false")], Account::new()), [NotApplicable]);
    }

    #[test]
    fn an_analyzer_that_was_found_counts_whatever_the_other_regions_say() {
        assert_eq!(outcomes(ID, unreadable(waiting(Some(90)), OTHER)), [Pass]);
    }

    #[test]
    fn the_age_can_be_set() {
        assert_eq!(outcomes_with(ID, &[("max_age_days", "180")], waiting(Some(180))), [Pass]);
    }

    #[test]
    fn a_region_without_the_service_holds_none() {
        assert_eq!(outcomes(ID, not_offered(Account::new(), OTHER)), [Fail]);
    }

    #[test]
    fn trap_an_analyzer_of_external_access_does_not_count() {
        assert_eq!(outcomes(ID, holding(Account::new(), analyzer(HOME, "external", "ACCOUNT"))), [Fail]);
    }

    #[test]
    fn trap_one_region_is_enough_and_several_are_no_failure() {
        let second = analyzer(OTHER, "another", KIND);
        assert_eq!(outcomes(ID, holding(waiting(Some(90)), second)), [Pass]);
    }

    #[test]
    fn trap_what_is_left_out_is_shown() {
        let settings = UnusedAccess {
            age_days: Some(90),
            excluded_accounts: vec!["444455556666".into()],
            excluded_tags: vec![BTreeMap::from([("keep".into(), "yes".into())])],
        };
        let [finding] = findings(ID, set_up(settings)).try_into().expect("one finding");
        let line = finding.evidence_line();
        assert!(line.contains("leaves out the accounts 444455556666"), "{line}");
        assert!(line.contains("leaves out what is tagged keep=yes"), "{line}");
    }
}
