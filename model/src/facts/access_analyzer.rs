//! IAM Access Analyzer: the analyzers of every Region, what they found, and the rules that put findings away unread.
//!
//! Three facts, since each costs calls and permissions of its own: [`Analyzers`] from `accessanalyzer:ListAnalyzers` and
//! `accessanalyzer:GetAnalyzer`, [`AnalyzerFindings`] from `accessanalyzer:ListFindingsV2`, and [`ArchiveRules`] from
//! `accessanalyzer:ListArchiveRules`. [`external_access`] puts the first two together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::authorization::Tags;
use crate::{Arn, Gap, Region, Seen, Timestamp};

/// The analyzers that the account itself holds. An analyzer of the organization stands in the account that made it, and
/// other accounts of the organization do not see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analyzers {
    /// The analyzers by Region, sorted by ARN.
    pub regions: BTreeMap<Region, Seen<Vec<Analyzer>>>,
    /// Regions in which AWS does not offer the service: they did not answer, and AWS lists no endpoint there.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_offered: BTreeSet<Region>,
}

/// An analyzer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analyzer {
    /// The ARN; its Region is the one that is analyzed.
    pub arn: Arn,
    /// The name.
    pub name: String,
    /// The type in AWS's words: `ACCOUNT` and `ORGANIZATION` find access from outside that zone of trust, the same with
    /// `_UNUSED_ACCESS` what nobody uses, with `_INTERNAL_ACCESS` who inside the zone reaches chosen resources.
    pub kind: String,
    /// `ACTIVE`, `CREATING`, `DISABLED` or `FAILED`.
    pub status: String,
    /// Why the status is what it is, where AWS says so.
    pub status_reason: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last analyzed a resource; none where it has not yet.
    pub last_analyzed_at: Option<Timestamp>,
    /// The service that made and manages it, for a service-linked analyzer.
    pub managed_by: Option<String>,
    /// What it was set up to look at.
    pub configuration: Seen<AnalyzerConfiguration>,
}

/// What an analyzer was set up to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnalyzerConfiguration {
    /// Everything that analyzers of its type look at.
    Everything,
    /// The settings of an analyzer of unused access.
    UnusedAccess(UnusedAccess),
    /// The settings of an analyzer of internal access.
    InternalAccess(InternalAccess),
}

/// The settings of an analyzer of unused access.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusedAccess {
    /// From how many days without use on access counts as unused.
    pub age_days: Option<u32>,
    /// Accounts of the organization that it leaves out, sorted.
    pub excluded_accounts: Vec<String>,
    /// Tags whose users and roles it leaves out: one set a rule, of which all must match.
    pub excluded_tags: Vec<Tags>,
}

/// The settings of an analyzer of internal access: it looks at what any of these names, and at nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternalAccess {
    /// The rules.
    pub inclusions: Vec<Inclusion>,
}

/// What an analyzer of internal access looks at: resources that match all of what is given here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inclusion {
    /// Accounts; empty means any.
    pub accounts: Vec<String>,
    /// Types of resources, such as `AWS::S3::Bucket`; empty means any.
    pub resource_types: Vec<String>,
    /// ARNs of resources; empty means any.
    pub resource_arns: Vec<String>,
}

impl Analyzer {
    /// Whether it finds access from outside its zone of trust.
    #[must_use]
    pub fn is_external(&self) -> bool {
        matches!(self.kind.as_str(), "ACCOUNT" | "ORGANIZATION")
    }

    /// Whether it finds access that nobody uses.
    #[must_use]
    pub fn is_unused_access(&self) -> bool {
        matches!(self.kind.as_str(), "ACCOUNT_UNUSED_ACCESS" | "ORGANIZATION_UNUSED_ACCESS")
    }

    /// Whether it finds who inside its zone of trust reaches chosen resources.
    #[must_use]
    pub fn is_internal_access(&self) -> bool {
        matches!(self.kind.as_str(), "ACCOUNT_INTERNAL_ACCESS" | "ORGANIZATION_INTERNAL_ACCESS")
    }

    /// Whether its zone of trust is the organization.
    #[must_use]
    pub fn is_of_organization(&self) -> bool {
        self.kind.starts_with("ORGANIZATION")
    }

    /// Whether it watches now.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }
}

impl Analyzers {
    /// Every analyzer that is known, with its Region.
    pub fn all(&self) -> impl Iterator<Item = (&Region, &Analyzer)> {
        let known = self.regions.iter().filter_map(|(region, seen)| Some((region, seen.get().ok()?)));
        known.flat_map(|(region, analyzers)| analyzers.iter().map(move |analyzer| (region, analyzer)))
    }

    /// The first gap, in the order of the Regions: somewhere there may be an analyzer that nobody saw.
    #[must_use]
    pub fn gap(&self) -> Option<&Gap> {
        self.regions.values().find_map(Seen::gap)
    }
}

/// What the analyzers found that is open. An analyzer whose Region could not be listed is not here: ask [`Analyzers`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzerFindings {
    /// The findings by the ARN of the analyzer; of analyzers of external and of unused access.
    pub analyzers: BTreeMap<Arn, Seen<FindingList>>,
}

/// The findings of one analyzer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingList {
    /// The findings whose status is `ACTIVE`, sorted by id.
    pub active: Vec<AnalyzerFinding>,
    /// The ids of those that are about access for everyone. AWS tells by a filter of the list: the findings themselves say
    /// it only one by one.
    pub public: Seen<BTreeSet<String>>,
    /// Findings about access for everyone whose status is `ARCHIVED`, sorted by id. Only asked of analyzers that have archive
    /// rules; none means not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_public: Option<Seen<Vec<AnalyzerFinding>>>,
    /// Whether there are more active findings than were read.
    #[serde(default)]
    pub cut: bool,
}

/// A finding of an analyzer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzerFinding {
    /// The id.
    pub id: String,
    /// `ExternalAccess`, `UnusedIAMRole`, `UnusedIAMUserAccessKey`, `UnusedIAMUserPassword`, `UnusedPermission` and others.
    pub kind: Option<String>,
    /// The ARN of the resource that can be reached, or of the user or role that has what it does not use.
    pub resource: Option<Arn>,
    /// The type of the resource, such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// The account that owns the resource.
    pub owner: String,
    /// When the finding was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When the resource was last analyzed.
    pub analyzed_at: Timestamp,
    /// Why the resource could not be analyzed, where it could not: such a finding says nothing of the access.
    pub error: Option<String>,
}

impl FindingList {
    /// Whether an active finding is about access for everyone.
    ///
    /// # Errors
    /// The gap, where AWS did not say which are.
    pub fn is_public(&self, finding: &AnalyzerFinding) -> Result<bool, &Gap> {
        self.public.get().map(|ids| ids.contains(&finding.id))
    }
}

/// What an analyzer of external access says of a Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalAccess<'a> {
    /// The analyzer: it is active.
    pub analyzer: &'a Analyzer,
    /// What it found that is open, in all accounts of its zone of trust.
    pub findings: &'a FindingList,
}

impl<'a> ExternalAccess<'a> {
    /// The open findings about access for everyone to resources of a type, such as `AWS::S3::Bucket`, that an account owns.
    /// That there is none proves nothing while [`FindingList::cut`] is set, nor for resources whose finding has an error.
    ///
    /// # Errors
    /// The gap, where AWS did not say which findings are about access for everyone.
    pub fn public(
        &self,
        account: &str,
        resource_type: &str,
    ) -> Result<impl Iterator<Item = &'a AnalyzerFinding> + use<'a>, &'a Gap> {
        let ids = self.findings.public.get()?;
        let (account, resource_type) = (account.to_owned(), resource_type.to_owned());
        let active = self.findings.active.iter();
        Ok(active.filter(move |finding| {
            finding.owner == account && finding.resource_type == resource_type && ids.contains(&finding.id)
        }))
    }
}

/// The active analyzer of external access of a Region with its findings; none where the Region has none, does not have the
/// service, or nothing was asked of it. Where there are several, the one with the narrower zone of trust counts, the account: it finds more.
///
/// # Errors
/// The gap where the analyzers of the Region, or the findings of this one, could not be read.
pub fn external_access<'a>(
    analyzers: &'a Analyzers,
    findings: &'a AnalyzerFindings,
    region: &Region,
) -> Result<Option<ExternalAccess<'a>>, &'a Gap> {
    let Some(seen) = analyzers.regions.get(region) else { return Ok(None) };
    let active = seen.get()?.iter().filter(|analyzer| analyzer.is_external() && analyzer.is_active());
    let Some(analyzer) = active.min_by_key(|analyzer| (analyzer.is_of_organization(), &analyzer.arn)) else {
        return Ok(None);
    };
    let Some(list) = findings.analyzers.get(&analyzer.arn) else { return Ok(None) };
    Ok(Some(ExternalAccess { analyzer, findings: list.get()? }))
}

/// The archive rules of the analyzers: new findings that match one are put away as they arise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveRules {
    /// The rules by the ARN of the analyzer, sorted by name.
    pub analyzers: BTreeMap<Arn, Seen<Vec<ArchiveRule>>>,
}

impl ArchiveRules {
    /// The analyzers that are known to have rules.
    #[must_use]
    pub fn with_rules(&self) -> BTreeSet<Arn> {
        let has_rules = |rules: &Seen<Vec<ArchiveRule>>| rules.get().is_ok_and(|rules| !rules.is_empty());
        self.analyzers.iter().filter(|(_, rules)| has_rules(rules)).map(|(arn, _)| arn.clone()).collect()
    }
}

/// A rule that archives findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveRule {
    /// The name.
    pub name: String,
    /// What a finding must match, by filter key such as `resourceType` or `principal.AWS`: all of it.
    pub filter: BTreeMap<String, Criterion>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What the value under a filter key must be. What is empty demands nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// It is one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eq: Vec<String>,
    /// It is none of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neq: Vec<String>,
    /// It contains one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// It is there, or is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{days_ago, denied};
    use crate::{GapKind, Topic};

    fn region() -> Region {
        Region::try_from("eu-central-1").expect("a Region")
    }

    fn analyzer(name: &str, kind: &str, status: &str) -> Analyzer {
        Analyzer {
            arn: Arn::new(format!("arn:aws:access-analyzer:eu-central-1:123456789012:analyzer/{name}")),
            name: name.to_owned(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            status_reason: None,
            created_at: days_ago(100),
            last_analyzed_at: Some(days_ago(0)),
            managed_by: None,
            configuration: Seen::Known(AnalyzerConfiguration::Everything),
        }
    }

    fn finding(id: &str, resource_type: &str) -> AnalyzerFinding {
        AnalyzerFinding {
            id: id.to_owned(),
            kind: Some("ExternalAccess".to_owned()),
            resource: Some(Arn::new(format!("arn:aws:s3:::{id}"))),
            resource_type: resource_type.to_owned(),
            owner: "123456789012".to_owned(),
            created_at: days_ago(3),
            updated_at: days_ago(3),
            analyzed_at: days_ago(0),
            error: None,
        }
    }

    fn of(analyzers: Vec<Analyzer>) -> Analyzers {
        Analyzers { regions: BTreeMap::from([(region(), Seen::Known(analyzers))]), not_offered: BTreeSet::new() }
    }

    fn found(list: &[(&Analyzer, Seen<FindingList>)]) -> AnalyzerFindings {
        let entry = |(analyzer, list): &(&Analyzer, Seen<FindingList>)| (analyzer.arn.clone(), list.clone());
        AnalyzerFindings { analyzers: list.iter().map(entry).collect() }
    }

    #[test]
    fn types_are_told_apart() {
        let kinds = ["ACCOUNT", "ORGANIZATION_UNUSED_ACCESS", "ACCOUNT_INTERNAL_ACCESS", "ACCOUNT_OF_TOMORROW"];
        let told = kinds.map(|kind| {
            let analyzer = analyzer("a", kind, "ACTIVE");
            [analyzer.is_external(), analyzer.is_unused_access(), analyzer.is_internal_access()]
        });
        assert_eq!(told, [[true, false, false], [false, true, false], [false, false, true], [false; 3]]);
    }

    #[test]
    fn only_an_active_analyzer_of_external_access_is_evidence() {
        let others = of(vec![analyzer("a", "ACCOUNT_UNUSED_ACCESS", "ACTIVE"), analyzer("b", "ACCOUNT", "DISABLED")]);
        assert_eq!(external_access(&others, &AnalyzerFindings::default(), &region()), Ok(None));
        assert_eq!(external_access(&Analyzers::default(), &AnalyzerFindings::default(), &region()), Ok(None));
    }

    #[test]
    fn the_zone_of_the_account_counts_before_that_of_the_organization() {
        let (wide, narrow) = (analyzer("a", "ORGANIZATION", "ACTIVE"), analyzer("b", "ACCOUNT", "ACTIVE"));
        let list = FindingList {
            active: vec![finding("open", "AWS::S3::Bucket"), finding("shared", "AWS::S3::Bucket")],
            public: Seen::Known(BTreeSet::from(["open".to_owned()])),
            ..FindingList::default()
        };
        let findings = found(&[(&wide, Seen::default()), (&narrow, Seen::Known(list))]);
        let analyzers = of(vec![wide, narrow]);
        let access = external_access(&analyzers, &findings, &region()).expect("known").expect("an analyzer");
        assert_eq!(access.analyzer.name, "b");
        let ids = |account: &str, kind: &str| -> Vec<_> {
            access.public(account, kind).expect("known").map(|finding| finding.id.as_str()).collect()
        };
        assert_eq!(ids("123456789012", "AWS::S3::Bucket"), ["open"]);
        assert!(ids("123456789012", "AWS::KMS::Key").is_empty());
        assert!(ids("210987654321", "AWS::S3::Bucket").is_empty());
    }

    #[test]
    fn what_could_not_be_read_is_a_gap() {
        let gap = denied(Topic::AnalyzerFindings);
        let external = analyzer("a", "ACCOUNT", "ACTIVE");
        let unlisted = Analyzers {
            regions: BTreeMap::from([(region(), Seen::Missing(denied(Topic::Analyzers)))]),
            not_offered: BTreeSet::new(),
        };
        assert!(external_access(&unlisted, &AnalyzerFindings::default(), &region()).is_err());
        let unread = found(&[(&external, Seen::Missing(gap))]);
        let analyzers = of(vec![external.clone()]);
        assert!(external_access(&analyzers, &unread, &region()).is_err());
        let unmarked = found(&[(&external, Seen::Known(FindingList::default()))]);
        let access = external_access(&analyzers, &unmarked, &region()).expect("known").expect("an analyzer");
        let kind = access.public("123456789012", "AWS::S3::Bucket").err().map(|gap| gap.kind);
        assert_eq!(kind, Some(GapKind::NotRequested));
    }
}
