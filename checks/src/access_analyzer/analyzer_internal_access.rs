//! An analyzer of internal access watches the resources that matter most.
//!
//! # Why
//! An analyzer of external access says nothing of what the account's own principals can reach. For a few resources, such as
//! the bucket with the customers' data, one wants to know of everybody inside who can read them, and be told when that
//! changes.
//!
//! # Pass
//! An active analyzer of internal access includes the resource: by its ARN, or by its type where the resource lies in the
//! analyzer's Region.
//!
//! # Fail
//! None does.
//!
//! # Not applicable
//! `critical_resources` is empty.
//!
//! # Notes
//! The analyzer is billed by resource and month, so it makes sense for a few resources alone. Name them in
//! `critical_resources`, each by its whole ARN. It knows S3 buckets and directory buckets, DynamoDB tables and streams, and
//! snapshots of RDS; a resource of another type is never included.
//!
//! The ARN of a bucket names neither Region nor account. A bucket that is included by its type alone may lie in another
//! Region than the analyzer: it is not evaluated then.
//!
//! An analyzer of the organization, in another account, is not seen from here; see `analyzer-external-enabled`.
//!
//! # Fix
//! Create an analyzer of internal access in the Region of the resource, and include its ARN.
//!
//! # Command
//! ```sh
//! aws accessanalyzer create-analyzer --analyzer-name internal --type ACCOUNT_INTERNAL_ACCESS \
//!   --configuration '{"internalAccess": {"analysisRule": {"inclusions": [{"resourceArns": ["ARN"]}]}}}'
//! ```

use alloc::format;
use alloc::string::String;

use probity_model::facts::access_analyzer::{Analyzer, AnalyzerConfiguration, Inclusion};
use probity_model::facts::{Analyzers, AuthorizationDetails, OrganizationMembership};
use probity_model::{
    AccountId, Arn, Automation, Family, Findings, Gap, ListParameter, Meta, ParameterSpec, Parameters, Region,
    ResourceKind, Rule, Scope, Severity, Unit,
};

use crate::analyzers::{Elsewhere, elsewhere, in_words};

const CRITICAL_RESOURCES: ListParameter = ListParameter {
    name: "critical_resources",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the organization's own choice; whole ARNs, without wildcards",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "analyzer-internal-access",
        family: Family::AccessAnalyzer,
        title: "An internal access analyzer watches critical resources",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::ResourcePolicy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(CRITICAL_RESOURCES)],
    };
    type Facts<'s> = (&'s Analyzers, Result<&'s OrganizationMembership, &'s Gap>, Option<&'s AuthorizationDetails>);

    fn run((facts, membership, details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let resources = parameters.list(&CRITICAL_RESOURCES);
        if resources.is_empty() {
            let answered = facts.regions.values().any(|seen| seen.get().is_ok());
            return match facts.gap().filter(|_| !answered) {
                Some(gap) => out.whole_account().not_evaluated(gap),
                None => out.whole_account().not_applicable("critical_resources is empty"),
            };
        }
        let elsewhere = elsewhere(facts, membership, details);
        for resource in resources {
            judge(&Arn::new(resource), facts, &elsewhere, out);
        }
    }
}

/// Whether an analyzer looks at a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch<'s> {
    Yes,
    No,
    /// It depends on where the resource lies.
    Perhaps,
    Unread(&'s Gap),
}

fn judge(resource: &Arn, facts: &Analyzers, elsewhere: &Elsewhere, out: &mut Findings<'_>) {
    let account = out.account();
    let mut subject = out.resource(resource.clone()).evidence(CRITICAL_RESOURCES.name, resource);
    let internal = facts.all().filter(|(_, analyzer)| analyzer.is_internal_access());
    let mut perhaps: Option<&str> = None;
    let mut unread: Option<&Gap> = None;
    let mut watching: Option<&str> = None;
    for (region, analyzer) in internal {
        subject = subject.evidence(analyzer.arn.as_str(), in_words(analyzer));
        match watch(resource, region, analyzer, account) {
            Watch::Yes => watching = watching.or(Some(&analyzer.name)),
            Watch::Perhaps => perhaps = perhaps.or(Some(&analyzer.name)),
            Watch::Unread(gap) => unread = unread.or(Some(gap)),
            Watch::No => {}
        }
    }
    match (watching, perhaps, unread.or_else(|| facts.gap())) {
        (Some(name), ..) => subject.pass(format!("the analyzer {name} watches it")),
        (None, Some(name), _) => subject.unclear(format!(
            "the analyzer {name} watches resources of its type, and its ARN does not tell whether it lies in the same Region"
        )),
        (None, None, Some(gap)) => subject.not_evaluated(gap),
        (None, None, None) => match elsewhere {
            Elsewhere::Possible(gap) => subject.not_evaluated(gap),
            Elsewhere::Impossible(why) => {
                subject.evidence("organization_analyzer", why).fail("no analyzer of internal access watches it");
            }
        },
    }
}

fn watch<'s>(resource: &Arn, region: &Region, analyzer: &'s Analyzer, account: &AccountId) -> Watch<'s> {
    if !analyzer.is_active() {
        return Watch::No;
    }
    let settings = match analyzer.configuration.get() {
        Ok(AnalyzerConfiguration::InternalAccess(settings)) => settings,
        // Without an inclusion it looks at nothing.
        Ok(_) => return Watch::No,
        Err(gap) => return Watch::Unread(gap),
    };
    let place = resource.region();
    if !place.is_empty() && place != region.as_str() {
        return Watch::No;
    }
    let mut watch = Watch::No;
    for inclusion in settings.inclusions.iter().filter(|inclusion| matches(inclusion, resource, account)) {
        if place.is_empty() && inclusion.resource_arns.is_empty() {
            watch = Watch::Perhaps;
        } else {
            return Watch::Yes;
        }
    }
    watch
}

fn matches(inclusion: &Inclusion, resource: &Arn, account: &AccountId) -> bool {
    let any = |list: &[String], holds: &dyn Fn(&str) -> bool| list.is_empty() || list.iter().any(|one| holds(one));
    let owner = if resource.account().is_empty() { account.as_str() } else { resource.account() };
    any(&inclusion.accounts, &|one| one == owner)
        && any(&inclusion.resource_arns, &|one| one == resource.as_str())
        && any(&inclusion.resource_types, &|one| Some(one) == kind(resource))
        && kind(resource).is_some()
}

/// The type of a resource that analyzers of internal access know (Access Analyzer API Reference,
/// `InternalAccessAnalysisRuleCriteria`).
fn kind(resource: &Arn) -> Option<&'static str> {
    let name = resource.resource();
    match resource.service() {
        "s3" => Some("AWS::S3::Bucket"),
        "s3express" => Some("AWS::S3Express::DirectoryBucket"),
        "dynamodb" if name.contains("/stream/") => Some("AWS::DynamoDB::Stream"),
        "dynamodb" if name.starts_with("table/") => Some("AWS::DynamoDB::Table"),
        "rds" if name.starts_with("snapshot:") => Some("AWS::RDS::DBSnapshot"),
        "rds" if name.starts_with("cluster-snapshot:") => Some("AWS::RDS::DBClusterSnapshot"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::access_analyzer::{Analyzer, AnalyzerConfiguration, Inclusion, InternalAccess};
    use probity_model::{Seen, Topic};

    use crate::analyzers::testing::{HOME, OTHER, analyzed_member, analyzer, unreadable, with};
    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "analyzer-internal-access";
    const TABLE: &str = "arn:aws:dynamodb:eu-central-1:123456789012:table/customers";
    const BUCKET: &str = "arn:aws:s3:::customers";

    fn arns(arns: &[&str]) -> Inclusion {
        Inclusion { resource_arns: arns.iter().map(|&arn| arn.into()).collect(), ..Inclusion::default() }
    }

    fn types(kinds: &[&str]) -> Inclusion {
        Inclusion { resource_types: kinds.iter().map(|&kind| kind.into()).collect(), ..Inclusion::default() }
    }

    fn internal(region: &str, inclusion: Inclusion) -> Analyzer {
        let settings = InternalAccess { inclusions: vec![inclusion] };
        let configuration = Seen::Known(AnalyzerConfiguration::InternalAccess(settings));
        Analyzer { configuration, ..analyzer(region, "internal", "ACCOUNT_INTERNAL_ACCESS") }
    }

    fn holding(analyzer: Analyzer) -> Account {
        with(Account::new(), analyzer, Seen::default(), Vec::new())
    }

    fn judged(resource: &str, account: Account) -> Outcome {
        let all = outcomes_with(ID, &[("critical_resources", resource)], account);
        let [outcome] = all.try_into().expect("one finding");
        outcome
    }

    #[test]
    fn pass() {
        assert_eq!(judged(TABLE, holding(internal(HOME, arns(&[TABLE])))), Pass);
        assert_eq!(judged(TABLE, holding(internal(HOME, types(&["AWS::DynamoDB::Table"])))), Pass);
        assert_eq!(judged(BUCKET, holding(internal(OTHER, arns(&[BUCKET])))), Pass);
    }

    #[test]
    fn fail() {
        assert_eq!(judged(TABLE, Account::new()), Fail);
        assert_eq!(judged(TABLE, holding(internal(HOME, arns(&[BUCKET])))), Fail);
        assert_eq!(judged(TABLE, holding(internal(HOME, types(&["AWS::S3::Bucket"])))), Fail);
        let disabled = Analyzer { status: "DISABLED".into(), ..internal(HOME, arns(&[TABLE])) };
        assert_eq!(judged(TABLE, holding(disabled)), Fail);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(judged(TABLE, Account::new().deny(Topic::Analyzers)), NotEvaluated);
        assert_eq!(judged(TABLE, unreadable(Account::new(), OTHER)), NotEvaluated);
        assert_eq!(judged(TABLE, analyzed_member(Account::new())), NotEvaluated);
        let unread =
            Analyzer { configuration: Seen::Missing(denied(Topic::Analyzers)), ..internal(HOME, arns(&[TABLE])) };
        assert_eq!(judged(TABLE, holding(unread)), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn trap_an_analyzer_of_another_region_does_not_see_it() {
        assert_eq!(judged(TABLE, holding(internal(OTHER, arns(&[TABLE])))), Fail);
        assert_eq!(judged(BUCKET, holding(internal(HOME, types(&["AWS::S3::Bucket"])))), NotEvaluated);
    }

    #[test]
    fn trap_a_type_that_it_does_not_know_is_never_watched() {
        let key = "arn:aws:kms:eu-central-1:123456789012:key/0a1b";
        assert_eq!(judged(key, holding(internal(HOME, arns(&[key])))), Fail);
    }

    #[test]
    fn trap_an_analyzer_of_external_access_does_not_count() {
        assert_eq!(judged(TABLE, holding(analyzer(HOME, "external", "ACCOUNT"))), Fail);
    }
}
