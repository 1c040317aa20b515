//! Findings about unused access are worked off.
//!
//! # Why
//! An analyzer of unused access costs money every month. It pays only where somebody takes away what it finds.
//!
//! # Pass
//! The open finding about a role, key, password or permission that nobody uses is not older than `max_age_days`.
//!
//! # Fail
//! It is older.
//!
//! # Not applicable
//! There is no active analyzer of unused access.
//!
//! # Notes
//! The family `unused-access` and the checks of credentials judge the same from the account's own data, with limits of
//! their own. The evidence names the check that speaks of the same thing, so that nothing is counted twice by accident.
//!
//! The analyzer of an organization finds unused access in all its accounts; the evidence names the owner. Of more than
//! 3,000 open findings of one analyzer the rest is not read, and the check says so.
//!
//! # Fix
//! Take away what is not used, as the finding recommends, or archive the finding with a reason.
//!
//! # Command
//! ```sh
//! aws accessanalyzer list-findings-v2 --analyzer-arn ANALYZER_ARN --filter '{"status": {"eq": ["ACTIVE"]}}'
//! ```

use alloc::format;

use probity_model::facts::access_analyzer::{Analyzer, AnalyzerFinding, FindingList};
use probity_model::facts::{AnalyzerFindings, Analyzers};
use probity_model::{
    Automation, Family, Findings, Meta, NumberParameter, ParameterSpec, Parameters, Region, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::analyzers::about;

const MAX_AGE_DAYS: NumberParameter = NumberParameter {
    name: "max_age_days",
    default: 30,
    min: 0,
    max: 3650,
    unit: Unit::Days,
    source: "our own choice: a month to work off a finding",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "analyzer-unused-findings",
        family: Family::AccessAnalyzer,
        title: "Unused-access findings are worked off",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::AnalyzerFinding,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_AGE_DAYS)],
    };
    type Facts<'s> = (&'s Analyzers, &'s AnalyzerFindings);

    fn run((analyzers, findings): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let max_age = i64::from(parameters.number(&MAX_AGE_DAYS));
        for (region, seen) in &analyzers.regions {
            if let Err(gap) = seen.get() {
                out.whole_account().kind(ResourceKind::Region).region(region).not_evaluated(gap);
            }
        }
        let watching = analyzers.all().filter(|(_, analyzer)| analyzer.is_unused_access() && analyzer.is_active());
        for (region, analyzer) in watching {
            match findings.analyzers.get(&analyzer.arn).map(|seen| seen.get()) {
                Some(Ok(found)) => of_analyzer(out, region, analyzer, found, max_age),
                Some(Err(gap)) => out.resource(analyzer.arn.clone()).region(region).not_evaluated(gap),
                None => out.resource(analyzer.arn.clone()).region(region).unclear("its findings were not read"),
            }
        }
        if out.is_empty() {
            out.whole_account().not_applicable("there is no active analyzer of unused access");
        }
    }
}

fn of_analyzer(out: &mut Findings<'_>, region: &Region, analyzer: &Analyzer, found: &FindingList, max_age: i64) {
    if found.cut {
        let subject = out.resource(analyzer.arn.clone()).region(region).discriminator("cut");
        subject.unclear(format!("there are more than the {} open findings that were read", found.active.len()));
    } else if found.active.is_empty() {
        let fresh = analyzer.last_analyzed_at.is_none() && out.days_since(analyzer.created_at) < 1;
        let subject = out.resource(analyzer.arn.clone()).region(region);
        if fresh {
            subject.unclear("the analyzer is new and has not analyzed anything yet");
        } else {
            subject.pass("no finding is open");
        }
    }
    for finding in &found.active {
        let days = out.days_since(finding.created_at);
        let arn = finding.resource.clone().unwrap_or_else(|| analyzer.arn.clone());
        let mut subject = out
            .resource(arn)
            .region(region)
            .discriminator(finding.id.clone())
            .evidence("finding", &finding.id)
            .evidence("finding_type", finding.kind.as_deref().unwrap_or("not said"))
            .evidence("resource_owner", &finding.owner)
            .evidence("created_at", finding.created_at)
            .evidence(MAX_AGE_DAYS.name, max_age);
        if let Some(check) = same_as(finding) {
            subject = subject.evidence("same_as", check);
        }
        let what = about(finding);
        if let Some(error) = &finding.error {
            subject.unclear(format!("the analyzer could not judge {what}: {error}"));
        } else if days > max_age {
            subject.fail(format!("the finding is {days} days old and neither worked off nor archived"));
        } else {
            subject.pass(format!("the finding is {days} days old; {max_age} are allowed to work it off"));
        }
    }
}

/// The check that judges the same from the account's own data.
fn same_as(finding: &AnalyzerFinding) -> Option<&'static str> {
    match finding.kind.as_deref()? {
        "UnusedIAMRole" => Some("unused-role"),
        "UnusedIAMUserAccessKey" => Some("user-access-key-unused"),
        "UnusedIAMUserPassword" => Some("user-console-password-unused"),
        "UnusedPermission" => Some("unused-service-permissions"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied, seconds_ago};
    use probity_model::facts::access_analyzer::{Analyzer, AnalyzerFinding, FindingList};
    use probity_model::{Arn, Seen, Topic};

    use crate::analyzers::testing::{HOME, OTHER, analyzer, finding, found, unreadable, with};
    use crate::registry;
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "analyzer-unused-findings";

    fn unused(kind: &str, days: i64) -> AnalyzerFinding {
        AnalyzerFinding {
            kind: Some(kind.into()),
            resource: Some(Arn::new("arn:aws:iam::123456789012:role/old")),
            resource_type: "AWS::IAM::Role".into(),
            ..finding("one", days)
        }
    }

    fn watched(findings: Seen<FindingList>) -> Account {
        with(Account::new(), analyzer(HOME, "unused", "ACCOUNT_UNUSED_ACCESS"), findings, Vec::new())
    }

    fn having(list: Vec<AnalyzerFinding>) -> Account {
        watched(Seen::Known(found(list, &[])))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, having(Vec::new())), [Pass]);
        assert_eq!(outcomes(ID, having(vec![unused("UnusedIAMRole", 30)])), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, having(vec![unused("UnusedIAMRole", 31)])).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.resource.name()), (Fail, "old"));
        assert_eq!(outcomes_with(ID, &[("max_age_days", "5")], having(vec![unused("UnusedPermission", 6)])), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AnalyzerFindings)), [NotEvaluated]);
        assert_eq!(outcomes(ID, watched(Seen::Missing(denied(Topic::AnalyzerFindings)))), [NotEvaluated]);
        assert_eq!(outcomes(ID, unreadable(Account::new(), OTHER)), [NotEvaluated]);
        let broken = AnalyzerFinding { error: Some("INTERNAL_ERROR".into()), ..unused("UnusedIAMRole", 90) };
        assert_eq!(outcomes(ID, having(vec![broken])), [NotEvaluated]);
        let fresh = Analyzer {
            created_at: seconds_ago(60),
            last_analyzed_at: None,
            ..analyzer(HOME, "unused", "ACCOUNT_UNUSED_ACCESS")
        };
        let account = with(Account::new(), fresh, Seen::Known(found(Vec::new(), &[])), Vec::new());
        assert_eq!(outcomes(ID, account), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let external = analyzer(HOME, "external", "ACCOUNT");
        let list = Seen::Known(found(vec![finding("a", 90)], &[]));
        assert_eq!(outcomes(ID, with(Account::new(), external, list, Vec::new())), [NotApplicable]);
    }

    #[test]
    fn a_list_that_was_cut_is_said() {
        let cut = FindingList { cut: true, ..found(vec![unused("UnusedIAMRole", 1)], &[]) };
        assert_eq!(outcomes(ID, watched(Seen::Known(cut))), [NotEvaluated, Pass]);
    }

    #[test]
    fn trap_the_check_that_says_the_same_is_named_and_exists() {
        let kinds = ["UnusedIAMRole", "UnusedIAMUserAccessKey", "UnusedIAMUserPassword", "UnusedPermission"];
        for kind in kinds {
            let [finding] = findings(ID, having(vec![unused(kind, 90)])).try_into().expect("one finding");
            let same = finding.evidence.iter().find(|item| item.key == "same_as").expect(kind);
            assert!(registry::find(&same.value).is_ok(), "{}", same.value);
        }
    }
}
