//! An analyzer of external access is active in every Region.
//!
//! # Why
//! IAM Access Analyzer reads the policies of buckets, keys, queues, roles and other resources and finds those that let
//! somebody in from outside. It sees one Region at a time: where none runs, nobody is told.
//!
//! # Pass
//! An analyzer of type `ACCOUNT` or `ORGANIZATION` is `ACTIVE` in the Region. With `require_organization_zone`, one of
//! type `ORGANIZATION`.
//!
//! # Fail
//! There is none, or only analyzers of unused or internal access, or its status is another one.
//!
//! # Not applicable
//! The Region does not have IAM Access Analyzer.
//!
//! # Notes
//! Analyzers of unused access and of internal access do not find external access and do not count, although other tools
//! let them.
//!
//! An analyzer of the organization covers its member accounts, which do not see it. Where no analyzer was found here and
//! one may exist elsewhere, the check is not evaluated: audit the account that is delegated administrator of IAM Access
//! Analyzer. That none can exist elsewhere is known of an account without an organization, of an organization without all
//! features, of the account that holds the organization's analyzers itself, and of an account without the role
//! `AWSServiceRoleForAccessAnalyzer`, which every analyzed account has.
//!
//! A service-linked analyzer that another service manages counts as any other; the evidence names the manager. Security
//! Hub's control IAM.28 does not accept an analyzer of the organization, CIS accepts either.
//!
//! # Fix
//! Create an analyzer of the organization in every Region from the delegated administrator account; in an account without
//! an organization, an analyzer of the account.
//!
//! # Command
//! ```sh
//! aws accessanalyzer create-analyzer --analyzer-name external --type ORGANIZATION --region REGION
//! ```

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::access_analyzer::Analyzer;
use probity_model::facts::{Analyzers, AuthorizationDetails, OrganizationMembership};
use probity_model::{
    Automation, Family, Findings, FlagParameter, Gap, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Subject,
};

use crate::analyzers::{Elsewhere, elsewhere, in_words};

const REQUIRE_ORGANIZATION_ZONE: FlagParameter = FlagParameter {
    name: "require_organization_zone",
    default: false,
    source: "CIS 5.0 audits either zone of trust, the text of CIS 6.0 and 7.0 creates one of the organization",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "analyzer-external-enabled",
        family: Family::AccessAnalyzer,
        title: "An external access analyzer is active in every enabled Region",
        severity: Severity::High,
        scope: Scope::Region,
        resource: ResourceKind::Region,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(REQUIRE_ORGANIZATION_ZONE)],
    };
    type Facts<'s> = (&'s Analyzers, Result<&'s OrganizationMembership, &'s Gap>, Option<&'s AuthorizationDetails>);

    fn run((facts, membership, details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let organization_only = parameters.flag(&REQUIRE_ORGANIZATION_ZONE);
        let elsewhere = elsewhere(facts, membership, details);
        for (region, seen) in &facts.regions {
            let subject = out.whole_account().kind(ResourceKind::Region).region(region);
            match seen.get() {
                Err(gap) => subject.not_evaluated(gap),
                Ok(analyzers) => judge(subject, analyzers, organization_only, &elsewhere),
            }
        }
        for region in &facts.not_offered {
            let subject = out.whole_account().kind(ResourceKind::Region).region(region);
            subject.not_applicable("the Region does not have IAM Access Analyzer");
        }
        if facts.regions.is_empty() && facts.not_offered.is_empty() {
            out.whole_account().unclear("no Region was asked for its analyzers");
        }
    }
}

fn judge(mut subject: Subject<'_, '_>, analyzers: &[Analyzer], organization_only: bool, elsewhere: &Elsewhere) {
    for analyzer in analyzers {
        subject = subject.evidence(analyzer.arn.as_str(), in_words(analyzer));
    }
    subject = subject.evidence(REQUIRE_ORGANIZATION_ZONE.name, organization_only);
    let counts = |analyzer: &&Analyzer| analyzer.is_external() && (!organization_only || analyzer.is_of_organization());
    let candidates: Vec<&Analyzer> = analyzers.iter().filter(counts).collect();
    if let Some(active) = candidates.iter().find(|analyzer| analyzer.is_active()) {
        return subject.pass(format!("the analyzer {} is active, with type {}", active.name, active.kind));
    }
    match elsewhere {
        Elsewhere::Possible(gap) => subject.not_evaluated(gap),
        Elsewhere::Impossible(why) => {
            subject.evidence("organization_analyzer", why).fail(lacking(&candidates, analyzers, organization_only));
        }
    }
}

fn lacking(candidates: &[&Analyzer], analyzers: &[Analyzer], organization_only: bool) -> String {
    let wanted = if organization_only { "the organization's external access" } else { "external access" };
    match (candidates.first(), analyzers.first()) {
        (Some(analyzer), _) => format!("the analyzer of {wanted}, {}, is {}", analyzer.name, analyzer.status),
        (None, Some(_)) => format!("no analyzer looks for {wanted}: those that are there are of other types"),
        (None, None) => "there is no analyzer".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::OrganizationMembership;
    use probity_model::facts::access_analyzer::{Analyzer, FindingList};
    use probity_model::{GapKind, Seen, Topic};

    use crate::analyzers::testing::{HOME, OTHER, analyzed_member, analyzer, not_offered, region, unreadable, with};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "analyzer-external-enabled";

    fn holding(account: Account, analyzer: Analyzer) -> Account {
        with(account, analyzer, Seen::Known(FindingList::default()), Vec::new())
    }

    fn of_type(kind: &str) -> Account {
        holding(Account::new(), analyzer(HOME, "one", kind))
    }

    fn of_status(status: &str) -> Account {
        holding(Account::new(), Analyzer { status: status.into(), ..analyzer(HOME, "one", "ACCOUNT") })
    }

    #[test]
    fn pass() {
        let [finding] = findings(ID, of_type("ACCOUNT")).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.region), (Pass, Some(region(HOME))));
        assert_eq!(finding.message, "the analyzer one is active, with type ACCOUNT");
        assert_eq!(outcomes(ID, of_type("ORGANIZATION")), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, Account::new()).try_into().expect("one finding");
        assert_eq!((finding.outcome, &*finding.message), (Fail, "there is no analyzer"));
        for status in ["CREATING", "DISABLED", "FAILED"] {
            assert_eq!(outcomes(ID, of_status(status)), [Fail], "{status}");
        }
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::Analyzers)), [NotEvaluated]);
        let partly = unreadable(of_type("ACCOUNT"), OTHER);
        assert_eq!(outcomes(ID, partly), [Pass, NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().deny(Topic::OrganizationMembership)), [NotEvaluated]);
        let nowhere = Account::new().facts(|facts| {
            if let Seen::Known(analyzers) = &mut facts.analyzers {
                analyzers.regions.clear();
            }
        });
        assert_eq!(outcomes(ID, nowhere), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, not_offered(Account::new(), HOME)), [NotApplicable]);
    }

    #[test]
    fn an_organizations_analyzer_can_be_demanded() {
        let demand = [("require_organization_zone", "true")];
        assert_eq!(outcomes_with(ID, &demand, of_type("ACCOUNT")), [Fail]);
        assert_eq!(outcomes_with(ID, &demand, of_type("ORGANIZATION")), [Pass]);
    }

    #[test]
    fn trap_an_analyzer_of_another_type_does_not_count() {
        for kind in ["ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS", "ACCOUNT_INTERNAL_ACCESS"] {
            assert_eq!(outcomes(ID, of_type(kind)), [Fail], "{kind}");
        }
    }

    #[test]
    fn trap_a_member_does_not_see_the_organizations_analyzer() {
        let [finding] = findings(ID, analyzed_member(Account::new())).try_into().expect("one finding");
        let kind = finding.gap.map(|gap| gap.kind);
        assert_eq!((finding.outcome, kind), (NotEvaluated, Some(GapKind::WrongVantagePoint)));
        let unread = Account::new().organization().deny(Topic::AuthorizationDetails);
        assert_eq!(outcomes(ID, unread), [NotEvaluated]);
        let own = holding(analyzed_member(Account::new()), analyzer(HOME, "own", "ACCOUNT"));
        assert_eq!(outcomes(ID, own), [Pass]);
    }

    #[test]
    fn without_the_role_no_analyzer_elsewhere_looks_at_the_account() {
        assert_eq!(outcomes(ID, Account::new().organization()), [Fail]);
    }

    #[test]
    fn an_organization_without_all_features_has_no_analyzers() {
        let account = analyzed_member(Account::new()).facts(|facts| {
            if let Seen::Known(OrganizationMembership::Member(organization)) = &mut facts.organization_membership {
                organization.feature_set = "CONSOLIDATED_BILLING".into();
            }
        });
        assert_eq!(outcomes(ID, account), [Fail]);
    }

    #[test]
    fn the_account_that_holds_the_organizations_analyzers_lacks_one_where_it_has_none() {
        let account = holding(analyzed_member(Account::new()), analyzer(OTHER, "organization", "ORGANIZATION"));
        assert_eq!(outcomes(ID, account), [Fail, Pass]);
    }

    #[test]
    fn trap_a_service_linked_analyzer_counts_and_its_manager_is_named() {
        let managed =
            Analyzer { managed_by: Some("securityhubv2.amazonaws.com".into()), ..analyzer(HOME, "linked", "ACCOUNT") };
        let [finding] = findings(ID, holding(Account::new(), managed)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Pass);
        assert!(finding.evidence_line().contains("managed by securityhubv2.amazonaws.com"), "{finding:?}");
    }
}
