//! What the checks of IAM Access Analyzer share: whether an analyzer that cannot be seen from here may cover the account.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use probity_model::facts::access_analyzer::Analyzer;
use probity_model::facts::{Analyzers, AuthorizationDetails, OrganizationMembership};
use probity_model::{Gap, GapKind, Operation, Service};

/// The path of the role that Access Analyzer makes in every account it analyzes, those of an organization's analyzer
/// included (IAM User Guide, "Using service-linked roles for IAM Access Analyzer").
const SERVICE_ROLE_PATH: &str = "/aws-service-role/access-analyzer.amazonaws.com/";

/// Whether an analyzer of the organization, in another account, may cover the account that is judged.
#[derive(Debug)]
pub(crate) enum Elsewhere {
    /// None can: this is why.
    Impossible(&'static str),
    /// One may: this is the gap it leaves.
    Possible(Gap),
}

/// Whether an analyzer in another account may cover this one. Only the account that made it sees it.
pub(crate) fn elsewhere(
    analyzers: &Analyzers,
    membership: Result<&OrganizationMembership, &Gap>,
    details: Option<&AuthorizationDetails>,
) -> Elsewhere {
    let organization = match membership {
        Ok(membership) => membership.organization(),
        Err(gap) => return Elsewhere::Possible(gap.clone()),
    };
    let Some(organization) = organization else { return Elsewhere::Impossible("the account is in no organization") };
    if organization.feature_set != "ALL" {
        return Elsewhere::Impossible("the organization lacks all features, which its analyzers need");
    }
    if analyzers.all().any(|(_, analyzer)| analyzer.is_of_organization()) {
        return Elsewhere::Impossible("this is the account that holds the organization's analyzers");
    }
    let analyzed = details.map(|details| details.roles.iter().any(|role| role.path == SERVICE_ROLE_PATH));
    if analyzed == Some(false) {
        return Elsewhere::Impossible("no analyzer looks at this account: it lacks AWSServiceRoleForAccessAnalyzer");
    }
    let message = "an analyzer of the organization in another account would count, and only that account sees it: audit \
                   the management account or the delegated administrator of IAM Access Analyzer";
    let operation = Operation::new(Service::AccessAnalyzer, "ListAnalyzers", "access-analyzer:ListAnalyzers");
    Elsewhere::Possible(Gap::of(GapKind::WrongVantagePoint, operation, None, message))
}

/// What an analyzer is, for evidence: `audit (ACCOUNT, ACTIVE)`.
pub(crate) fn in_words(analyzer: &Analyzer) -> String {
    let reason = analyzer.status_reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let manager = analyzer.managed_by.as_ref().map_or_else(String::new, |manager| format!(", managed by {manager}"));
    format!("{} ({}, {}{reason}{manager})", analyzer.name, analyzer.kind, analyzer.status)
}

/// What a finding that has no resource is about.
pub(crate) fn about(finding: &probity_model::facts::access_analyzer::AnalyzerFinding) -> String {
    finding.resource.as_ref().map_or_else(|| "an unnamed resource".to_owned(), |resource| resource.as_str().to_owned())
}

/// Analyzers for tests.
#[cfg(test)]
pub(crate) mod testing {
    use std::borrow::ToOwned;
    use std::collections::BTreeSet;
    use std::format;
    use std::vec::Vec;

    use probity_model::builder::{ACCOUNT, Account, days_ago, denied};
    use probity_model::facts::access_analyzer::{
        Analyzer, AnalyzerConfiguration, AnalyzerFinding, ArchiveRule, FindingList, UnusedAccess,
    };
    use probity_model::{Arn, Region, Seen, Topic};

    pub(crate) const HOME: &str = "eu-central-1";
    pub(crate) const OTHER: &str = "us-east-1";

    pub(crate) fn region(name: &str) -> Region {
        Region::try_from(name).expect("a Region")
    }

    /// An active analyzer of a type in a Region.
    pub(crate) fn analyzer(region: &str, name: &str, kind: &str) -> Analyzer {
        let configuration = match kind {
            "ACCOUNT_UNUSED_ACCESS" | "ORGANIZATION_UNUSED_ACCESS" => {
                let settings = UnusedAccess { age_days: Some(90), ..UnusedAccess::default() };
                AnalyzerConfiguration::UnusedAccess(settings)
            }
            _ => AnalyzerConfiguration::Everything,
        };
        Analyzer {
            arn: Arn::new(format!("arn:aws:access-analyzer:{region}:{ACCOUNT}:analyzer/{name}")),
            name: name.to_owned(),
            kind: kind.to_owned(),
            status: "ACTIVE".to_owned(),
            status_reason: None,
            created_at: days_ago(200),
            last_analyzed_at: Some(days_ago(0)),
            managed_by: None,
            configuration: Seen::Known(configuration),
        }
    }

    /// An open finding of access from outside to a bucket.
    pub(crate) fn finding(id: &str, days: i64) -> AnalyzerFinding {
        AnalyzerFinding {
            id: id.to_owned(),
            kind: Some("ExternalAccess".to_owned()),
            resource: Some(Arn::new(format!("arn:aws:s3:::{id}"))),
            resource_type: "AWS::S3::Bucket".to_owned(),
            owner: ACCOUNT.to_owned(),
            created_at: days_ago(days),
            updated_at: days_ago(days),
            analyzed_at: days_ago(0),
            error: None,
        }
    }

    /// Open findings, those with the ids given being about access for everyone.
    pub(crate) fn found(active: Vec<AnalyzerFinding>, public: &[&str]) -> FindingList {
        let ids: BTreeSet<_> = public.iter().map(|&id| id.to_owned()).collect();
        FindingList { active, public: Seen::Known(ids), archived_public: None, cut: false }
    }

    /// The account with an analyzer, what it found, and its archive rules.
    pub(crate) fn with(
        account: Account,
        analyzer: Analyzer,
        findings: Seen<FindingList>,
        rules: Vec<ArchiveRule>,
    ) -> Account {
        account.facts(|facts| {
            let place = region(analyzer.arn.region());
            if let Seen::Known(found) = &mut facts.analyzer_findings {
                found.analyzers.insert(analyzer.arn.clone(), findings);
            }
            if let Seen::Known(known) = &mut facts.archive_rules {
                known.analyzers.insert(analyzer.arn.clone(), Seen::Known(rules));
            }
            let Seen::Known(analyzers) = &mut facts.analyzers else { unreachable!("known") };
            match analyzers.regions.entry(place).or_insert(Seen::Known(Vec::new())) {
                Seen::Known(list) => list.push(analyzer),
                Seen::Missing(_) => unreachable!("a Region that could be read"),
            }
        })
    }

    /// The account with a Region whose analyzers could not be listed.
    pub(crate) fn unreadable(account: Account, name: &str) -> Account {
        account.facts(|facts| {
            let gap = denied(Topic::Analyzers).in_region(&region(name));
            if let Seen::Known(analyzers) = &mut facts.analyzers {
                analyzers.regions.insert(region(name), Seen::Missing(gap));
            }
        })
    }

    /// The account with a Region that does not have the service.
    pub(crate) fn not_offered(account: Account, name: &str) -> Account {
        account.facts(|facts| {
            if let Seen::Known(analyzers) = &mut facts.analyzers {
                analyzers.regions.remove(&region(name));
                analyzers.not_offered.insert(region(name));
            }
        })
    }

    /// The account as a member of an organization, with the role that Access Analyzer makes where it analyzes.
    pub(crate) fn analyzed_member(account: Account) -> Account {
        let path = "/aws-service-role/access-analyzer.amazonaws.com/";
        account.organization().role("AWSServiceRoleForAccessAnalyzer", |role| role.path(path))
    }
}
