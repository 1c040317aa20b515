//! Regions that the account opted into are used.
//!
//! # Why
//! Each enabled Region is one more place where somebody can start something that nobody watches. Those that AWS enables by
//! default cannot be disabled; those that the account opted into can.
//!
//! # Pass
//! The Region stands in `allowed_regions`, or somebody used it: a role or an access key was last used there, or a trail has
//! its home there.
//!
//! # Fail
//! The account opted into the Region, and no sign of use was seen.
//!
//! # Not applicable
//! The account opted into no Region.
//!
//! # Notes
//! The signs are few: of each role and each access key AWS tells the Region of the last use alone, and nothing of what
//! stands in a Region without being called. Look before you disable one: what runs there keeps running and cannot be
//! managed any more (Account Management Reference Guide, "Enable or disable AWS Regions in your account").
//!
//! # Fix
//! Disable the Region once nothing runs in it, or name it in `allowed_regions`.
//!
//! # Command
//! ```sh
//! aws account disable-region --region-name REGION
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::{AuthorizationDetails, CredentialReport, EnabledRegions, Trails};
use probity_model::{
    Automation, Family, Findings, Gap, ListParameter, Meta, ParameterSpec, Parameters, Region, ResourceKind, Rule,
    Scope, Severity, Unit,
};

const ALLOWED_REGIONS: ListParameter = ListParameter {
    name: "allowed_regions",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's own choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "account-optional-regions-enabled",
        family: Family::Account,
        title: "Regions that the account opted into are used",
        severity: Severity::Info,
        scope: Scope::Region,
        resource: ResourceKind::Region,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ALLOWED_REGIONS)],
    };
    type Facts<'s> = (
        &'s EnabledRegions,
        Result<&'s AuthorizationDetails, &'s Gap>,
        Result<&'s CredentialReport, &'s Gap>,
        Option<&'s Trails>,
    );

    fn run((regions, details, report, trails): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.list(&ALLOWED_REGIONS);
        let Some(opted_in) = &regions.opted_in else {
            return out.whole_account().unclear("it was not read which Regions the account opted into");
        };
        if opted_in.is_empty() {
            return out.whole_account().not_applicable("the account opted into no Region");
        }
        for region in opted_in {
            let subject = out.whole_account().kind(ResourceKind::Region).region(region);
            if allowed.contains(&region.as_str()) {
                subject.evidence(ALLOWED_REGIONS.name, region).pass("the Region is one that is wanted");
                continue;
            }
            let signs = signs(region, details.ok(), report.ok(), trails);
            match (signs.first(), details.err().or(report.err())) {
                (Some(sign), _) => subject.evidence("used_by", signs.join(", ")).pass(format!("{sign} is used here")),
                (None, Some(gap)) => subject.not_evaluated(gap),
                (None, None) => subject
                    .evidence("used_by", "no role, access key or trail")
                    .fail("the account opted into the Region, and no sign of use was seen"),
            }
        }
    }
}

fn signs(
    region: &Region,
    details: Option<&AuthorizationDetails>,
    report: Option<&CredentialReport>,
    trails: Option<&Trails>,
) -> Vec<String> {
    let name = region.as_str();
    let roles = details.into_iter().flat_map(|details| &details.roles);
    let roles = roles.filter(|role| role.last_used.as_ref().and_then(|used| used.region.as_deref()) == Some(name));
    let mut signs: Vec<String> = roles.map(|role| format!("the role {}", role.name)).collect();
    for row in report.into_iter().flat_map(|report| &report.users) {
        if row.access_keys.iter().any(|key| key.last_used_region.value().is_some_and(|used| used == name)) {
            signs.push(format!("an access key of {}", row.user));
        }
    }
    let trails = trails.into_iter().flat_map(|trails| &trails.trails);
    signs.extend(
        trails
            .filter(|trail| trail.home_region.as_ref() == Some(region))
            .map(|trail| format!("the trail {}", trail.name)),
    );
    signs.sort();
    signs.dedup();
    signs.truncate(5);
    signs.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Region, Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "account-optional-regions-enabled";

    fn region(name: &str) -> Region {
        Region::try_from(name).expect("a Region")
    }

    fn opted_in(account: Account, names: &[&str]) -> Account {
        account.facts(|facts| {
            if let Seen::Known(regions) = &mut facts.enabled_regions {
                regions.opted_in = Some(names.iter().map(|name| region(name)).collect::<BTreeSet<_>>());
            }
        })
    }

    fn used() -> Account {
        Account::new().user("robot", |user| user.key(1, |key| key.used_days_ago(3)))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, opted_in(used(), &["eu-central-1"])), [Pass], "the key was used there");
        let role = Account::new().role("worker", |role| role.used_days_ago(3));
        assert_eq!(outcomes(ID, opted_in(role, &["eu-central-1"])), [Pass]);
        let listed = [("allowed_regions", "af-south-1")];
        assert_eq!(outcomes_with(ID, &listed, opted_in(Account::new(), &["af-south-1"])), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, opted_in(used(), &["af-south-1"])).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.region), (Fail, Some(region("af-south-1"))));
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::EnabledRegions)), [NotEvaluated]);
        let older = Account::new().facts(|facts| {
            if let Seen::Known(regions) = &mut facts.enabled_regions {
                regions.opted_in = None;
            }
        });
        assert_eq!(outcomes(ID, older), [NotEvaluated]);
        for topic in [Topic::AuthorizationDetails, Topic::CredentialReport] {
            assert_eq!(outcomes(ID, opted_in(Account::new(), &["af-south-1"]).deny(topic)), [NotEvaluated]);
        }
        assert_eq!(outcomes(ID, opted_in(used(), &["eu-central-1"]).deny(Topic::AuthorizationDetails)), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, used()), [NotApplicable]);
    }
}
