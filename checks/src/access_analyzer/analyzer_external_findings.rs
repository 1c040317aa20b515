//! Findings about access from outside are dealt with, and none is about access for everyone.
//!
//! # Why
//! A finding of external access is either meant, then it is archived with a reason, or it is an open door. Findings that
//! nobody looks at make the analyzer worthless.
//!
//! # Pass
//! No open finding is about access for everyone, and none is older than `max_age_days`.
//!
//! # Fail
//! An open finding is about access for everyone (critical), or is older than `max_age_days`.
//!
//! # Not applicable
//! There is no active analyzer of external access.
//!
//! # Notes
//! Whether a finding is about access for everyone stands in no entry of the list. AWS tells it by the filter key `isPublic`
//! of `ListFindingsV2`, so no call a finding is needed.
//!
//! A role is analyzed in every Region that has an analyzer. Its findings in all of them are one verdict here.
//!
//! A finding with an error says that the resource could not be analyzed. Nobody knows then whether it is open, and it is
//! not evaluated. The first analysis takes up to half an hour: an analyzer of the last day that has not analyzed anything
//! yet is not evaluated either.
//!
//! The analyzer of an organization finds access to resources of all its accounts; the evidence names the owner. Of more
//! than 3,000 open findings of one analyzer the rest is not read, and the check says so.
//!
//! # Fix
//! Take the access out of the policy of the resource. Where it is meant, archive the finding, with an archive rule that
//! names the resource and the principal.
//!
//! # Command
//! ```sh
//! aws accessanalyzer list-findings-v2 --analyzer-arn ANALYZER_ARN --filter '{"status": {"eq": ["ACTIVE"]}}'
//! ```

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::access_analyzer::{Analyzer, AnalyzerFinding, FindingList};
use probity_model::facts::{AnalyzerFindings, Analyzers};
use probity_model::{
    Arn, Automation, Family, Findings, Gap, Meta, NumberParameter, ParameterSpec, Parameters, Region, ResourceKind,
    Rule, Scope, Severity, Subject, Unit,
};

use crate::analyzers::about;

const MAX_AGE_DAYS: NumberParameter = NumberParameter {
    name: "max_age_days",
    default: 30,
    min: 0,
    max: 3650,
    unit: Unit::Days,
    source: "our own choice: a month to look at a finding",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "analyzer-external-findings",
        family: Family::AccessAnalyzer,
        title: "No unreviewed public or cross-account findings",
        severity: Severity::High,
        scope: Scope::Region,
        resource: ResourceKind::AnalyzerFinding,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_AGE_DAYS)],
    };
    type Facts<'s> = (&'s Analyzers, &'s AnalyzerFindings);

    fn run((analyzers, findings): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let max_age = i64::from(parameters.number(&MAX_AGE_DAYS));
        let mut without = Vec::new();
        let mut roles: BTreeMap<&Arn, Vec<Open<'_>>> = BTreeMap::new();
        for (region, seen) in &analyzers.regions {
            let list = match seen.get() {
                Ok(list) => list,
                Err(gap) => {
                    out.whole_account().kind(ResourceKind::Region).region(region).not_evaluated(gap);
                    continue;
                }
            };
            let mut active = list.iter().filter(|analyzer| analyzer.is_external() && analyzer.is_active()).peekable();
            if active.peek().is_none() {
                without.push(region.as_str());
            }
            for analyzer in active {
                match findings.analyzers.get(&analyzer.arn).map(|seen| seen.get()) {
                    Some(Ok(found)) => {
                        for open in of_analyzer(out, region, analyzer, found) {
                            match (open.finding.resource_type.as_str(), &open.finding.resource) {
                                ("AWS::IAM::Role", Some(role)) => roles.entry(role).or_default().push(open),
                                _ => single(out, &open, max_age),
                            }
                        }
                    }
                    Some(Err(gap)) => out.resource(analyzer.arn.clone()).region(region).not_evaluated(gap),
                    None => out.resource(analyzer.arn.clone()).region(region).unclear("its findings were not read"),
                }
            }
        }
        for (role, open) in roles {
            of_role(out, role, &open, max_age);
        }
        without.extend(analyzers.not_offered.iter().map(Region::as_str));
        if !without.is_empty() {
            let subject = out.whole_account().discriminator("without-analyzer").evidence("Regions", without.join(", "));
            subject.not_applicable("these Regions have no active analyzer of external access");
        }
    }
}

/// An open finding, and where it was found.
struct Open<'s> {
    region: &'s Region,
    analyzer: &'s Analyzer,
    finding: &'s AnalyzerFinding,
    public: Result<bool, &'s Gap>,
}

/// The open findings of an analyzer; what is to be said of the analyzer itself is said.
fn of_analyzer<'s>(
    out: &mut Findings<'_>,
    region: &'s Region,
    analyzer: &'s Analyzer,
    found: &'s FindingList,
) -> Vec<Open<'s>> {
    let age = out.days_since(analyzer.created_at);
    if found.cut {
        let subject = out.resource(analyzer.arn.clone()).region(region).discriminator("cut");
        subject.unclear(format!("there are more than the {} open findings that were read", found.active.len()));
    } else if found.active.is_empty() {
        let last = analyzer.last_analyzed_at.map_or_else(|| "never".to_string(), |at| at.to_string());
        let subject = out.resource(analyzer.arn.clone()).region(region).evidence("last_resource_analyzed_at", last);
        if analyzer.last_analyzed_at.is_none() && age < 1 {
            subject.unclear("the analyzer is new and has not analyzed anything yet");
        } else {
            subject.pass("no finding is open");
        }
    }
    let open = |finding| Open { region, analyzer, finding, public: found.is_public(finding) };
    found.active.iter().map(open).collect()
}

fn single(out: &mut Findings<'_>, open: &Open<'_>, max_age: i64) {
    let days = out.days_since(open.finding.created_at);
    let arn = open.finding.resource.clone().unwrap_or_else(|| open.analyzer.arn.clone());
    let subject = out
        .resource(arn)
        .region(open.region)
        .discriminator(open.finding.id.clone())
        .evidence("finding", &open.finding.id)
        .evidence("analyzer", &open.analyzer.arn)
        .evidence("resource_type", &open.finding.resource_type)
        .evidence("resource_owner", &open.finding.owner)
        .evidence("created_at", open.finding.created_at);
    let what = about(open.finding);
    if let Some(error) = &open.finding.error {
        return subject.unclear(format!("the analyzer could not read the policy of {what}: {error}"));
    }
    conclude(subject, &open.public, days, max_age);
}

fn conclude(subject: Subject<'_, '_>, public: &Result<bool, &Gap>, days: i64, max_age: i64) {
    let subject = match public {
        Ok(public) => subject.evidence("is_public", public),
        Err(_) => subject,
    };
    let subject = subject.evidence(MAX_AGE_DAYS.name, max_age);
    match public {
        Ok(true) => subject.severity(Severity::Critical).fail("it is open to everyone"),
        _ if days > max_age => {
            subject.fail(format!("the finding is {days} days old and neither mended nor archived"));
        }
        Err(gap) => subject.not_evaluated(gap),
        Ok(false) => subject.pass(format!("the finding is {days} days old; {max_age} are allowed to look at it")),
    }
}

/// The findings about one role, from every Region: the worst of them counts.
fn of_role(out: &mut Findings<'_>, role: &Arn, open: &[Open<'_>], max_age: i64) {
    let readable: Vec<&Open<'_>> = open.iter().filter(|open| open.finding.error.is_none()).collect();
    let regions: BTreeSet<&str> = open.iter().map(|open| open.region.as_str()).collect();
    let regions: Vec<&str> = regions.into_iter().collect();
    let oldest = readable.iter().map(|open| open.finding.created_at).min();
    let days = oldest.map_or(0, |oldest| out.days_since(oldest));
    let mut subject =
        out.resource(role.clone()).evidence("Regions", regions.join(", ")).evidence("findings", open.len());
    if let Some(first) = open.first() {
        subject = subject.evidence("resource_owner", &first.finding.owner).evidence("finding", &first.finding.id);
    }
    let Some(oldest) = oldest else {
        let errors: BTreeSet<&String> = open.iter().filter_map(|open| open.finding.error.as_ref()).collect();
        let errors: Vec<&str> = errors.into_iter().map(String::as_str).collect();
        return subject.unclear(format!("no analyzer could read the policy of {role}: {}", errors.join(", ")));
    };
    let public = if readable.iter().any(|open| open.public == Ok(true)) {
        Ok(true)
    } else {
        readable.iter().find_map(|open| open.public.err()).map_or(Ok(false), Err)
    };
    conclude(subject.evidence("created_at", oldest), &public, days, max_age);
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied, seconds_ago};
    use probity_model::facts::access_analyzer::{Analyzer, AnalyzerFinding, FindingList};
    use probity_model::{Arn, Finding, Seen, Severity, Topic};

    use crate::analyzers::testing::{HOME, OTHER, analyzer, finding, found, not_offered, region, unreadable, with};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "analyzer-external-findings";
    const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

    fn of(account: Account, place: &str, list: FindingList) -> Account {
        with(account, analyzer(place, "external", "ACCOUNT"), Seen::Known(list), Vec::new())
    }

    fn only(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn on_role(id: &str, days: i64) -> AnalyzerFinding {
        AnalyzerFinding {
            resource: Some(Arn::new(ROLE)),
            resource_type: "AWS::IAM::Role".to_string(),
            ..finding(id, days)
        }
    }

    #[test]
    fn pass() {
        let none = only(of(Account::new(), HOME, found(Vec::new(), &[])));
        assert_eq!((none.outcome, none.region), (Pass, Some(region(HOME))));
        let young = only(of(Account::new(), HOME, found(vec![finding("exports", 30)], &[])));
        assert_eq!(young.outcome, Pass);
        assert_eq!(young.message, "the finding is 30 days old; 30 are allowed to look at it");
    }

    #[test]
    fn fail() {
        let old = only(of(Account::new(), HOME, found(vec![finding("exports", 31)], &[])));
        assert_eq!((old.outcome, old.severity), (Fail, Severity::High));
        assert_eq!(old.resource, Arn::new("arn:aws:s3:::exports"));
        let public = only(of(Account::new(), HOME, found(vec![finding("site", 0)], &["site"])));
        assert_eq!((public.outcome, public.severity), (Fail, Severity::Critical));
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AnalyzerFindings)), [NotEvaluated]);
        let gap = Seen::Missing(denied(Topic::AnalyzerFindings));
        let external = || analyzer(HOME, "external", "ACCOUNT");
        assert_eq!(outcomes(ID, with(Account::new(), external(), gap.clone(), Vec::new())), [NotEvaluated]);
        let unread = with(Account::new(), external(), Seen::default(), Vec::new()).facts(|facts| {
            if let Seen::Known(findings) = &mut facts.analyzer_findings {
                findings.analyzers.clear();
            }
        });
        assert_eq!(outcomes(ID, unread), [NotEvaluated]);
    }

    #[test]
    fn a_region_that_did_not_answer_is_no_pass_for_the_whole() {
        let account = unreadable(of(Account::new(), HOME, found(Vec::new(), &[])), OTHER);
        assert_eq!(outcomes(ID, account), [Pass, NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let unused = analyzer(HOME, "unused", "ACCOUNT_UNUSED_ACCESS");
        let list = Seen::Known(found(vec![finding("a", 90)], &[]));
        assert_eq!(outcomes(ID, with(Account::new(), unused, list, Vec::new())), [NotApplicable]);
        let [finding] = findings(ID, not_offered(Account::new(), OTHER)).try_into().expect("one finding");
        assert_eq!(finding.evidence.first().map(|item| item.value.as_str()), Some("eu-central-1, us-east-1"));
    }

    #[test]
    fn the_age_can_be_set() {
        let account = || of(Account::new(), HOME, found(vec![finding("exports", 10)], &[]));
        assert_eq!(outcomes_with(ID, &[("max_age_days", "9")], account()), [Fail]);
        assert_eq!(outcomes_with(ID, &[("max_age_days", "10")], account()), [Pass]);
    }

    #[test]
    fn trap_whether_it_is_public_may_be_unknown() {
        let list = |days| FindingList {
            public: Seen::Missing(denied(Topic::AnalyzerFindings)),
            ..found(vec![finding("exports", days)], &[])
        };
        assert_eq!(outcomes(ID, of(Account::new(), HOME, list(3))), [NotEvaluated]);
        assert_eq!(outcomes(ID, of(Account::new(), HOME, list(31))), [Fail]);
    }

    #[test]
    fn trap_a_finding_with_an_error_says_nothing() {
        let broken = AnalyzerFinding { error: Some("ACCESS_DENIED".to_string()), ..finding("exports", 90) };
        let finding = only(of(Account::new(), HOME, found(vec![broken], &[])));
        assert_eq!(finding.outcome, NotEvaluated);
        assert!(finding.message.contains("ACCESS_DENIED"), "{}", finding.message);
    }

    #[test]
    fn trap_the_first_analysis_takes_its_time() {
        let fresh = |seconds| Analyzer {
            created_at: seconds_ago(seconds),
            last_analyzed_at: None,
            ..analyzer(HOME, "external", "ACCOUNT")
        };
        let none = || Seen::Known(found(Vec::new(), &[]));
        assert_eq!(outcomes(ID, with(Account::new(), fresh(600), none(), Vec::new())), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(Account::new(), fresh(90_000), none(), Vec::new())), [Pass]);
    }

    #[test]
    fn trap_a_role_is_analyzed_in_every_region_and_judged_once() {
        let here = found(vec![on_role("a", 5)], &[]);
        let there = found(vec![on_role("b", 40), on_role("c", 2)], &[]);
        let account = || of(of(Account::new(), HOME, here.clone()), OTHER, there.clone());
        let finding = only(account());
        assert_eq!((finding.outcome, finding.resource.as_str(), finding.region), (Fail, ROLE, None));
        assert!(finding.message.starts_with("the finding is 40 days old"), "{}", finding.message);
        let public = of(of(Account::new(), HOME, here.clone()), OTHER, found(vec![on_role("b", 1)], &["b"]));
        assert_eq!(only(public).severity, Severity::Critical);
    }

    #[test]
    fn a_role_that_no_region_could_analyze_is_unknown() {
        let broken = |id| AnalyzerFinding { error: Some("INTERNAL_ERROR".to_string()), ..on_role(id, 5) };
        let account = of(of(Account::new(), HOME, found(vec![broken("a")], &[])), OTHER, found(vec![broken("b")], &[]));
        assert_eq!(only(account).outcome, NotEvaluated);
        let readable = found(vec![on_role("b", 5)], &[]);
        let account = of(of(Account::new(), HOME, found(vec![broken("a")], &[])), OTHER, readable);
        assert_eq!(only(account).outcome, Pass);
    }

    #[test]
    fn a_list_that_was_cut_is_said() {
        let cut = FindingList { cut: true, ..found(vec![finding("exports", 1)], &[]) };
        let all = findings(ID, of(Account::new(), HOME, cut));
        let messages: Vec<String> = all.iter().map(|finding| finding.message.to_string()).collect();
        assert_eq!(all.iter().map(|finding| finding.outcome).collect::<Vec<_>>(), [NotEvaluated, Pass], "{messages:?}");
    }
}
