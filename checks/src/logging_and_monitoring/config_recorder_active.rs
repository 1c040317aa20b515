//! AWS Config records everything, IAM included, in every enabled Region.
//!
//! # Why
//! Without a record of what was configured when, nobody can tell after an intrusion what was changed, or before an
//! audit that nothing was.
//!
//! # Pass
//! In every Region there is a recorder of the account's own that is recording, whose last delivery succeeded, which
//! records all supported types, and which reads with the service-linked role. One more finding asks that some Region
//! records the users, groups, roles and policies of IAM.
//!
//! # Fail
//! In a Region: no recorder, one that is stopped or failing, one that records only some types or excludes others than
//! `allowed_excluded_types`, or one with a role of its own where `require_service_linked_role` is on. For the account:
//! IAM is recorded nowhere.
//!
//! # Notes
//! A Region that is not enabled is not asked. Recorders that services of AWS make for themselves are not the account's
//! own. AWS Config can record the types of IAM only in Regions that existed before February 2022. Delivery channels are
//! not read: no recorder starts without one, and whether its last delivery succeeded, its status says.
//!
//! # Fix
//! Set up the recorder in all Regions and accounts, with global types in one Region.
//!
//! # Command
//! ```sh
//! aws configservice describe-configuration-recorder-status
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::ConfigRecorders;
use probity_model::facts::detection::{ConfigRecorder, RecordingGroup};
use probity_model::{
    Automation, Family, Findings, FlagParameter, Gap, ListParameter, Meta, ParameterSpec, Parameters, Region,
    ResourceKind, Rule, Scope, Severity, Subject, Unit,
};

use crate::in_regions::each_region;
use crate::trail_buckets::listed;

/// The types of IAM, which are recorded once for all Regions (AWS Config Developer Guide, "Global resource types").
const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

const ALLOWED_EXCLUDED_TYPES: ListParameter = ListParameter {
    name: "allowed_excluded_types",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "our own choice; the types of IAM may always be left out, since one Region is enough for them",
};

const GLOBAL_TYPES_REGION: ListParameter = ListParameter {
    name: "global_types_region",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "one Region is enough and costs less; none named means any",
};

const REQUIRE_SERVICE_LINKED_ROLE: FlagParameter = FlagParameter {
    name: "require_service_linked_role",
    default: true,
    source: "Security Hub control Config.1 asks for it",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "config-recorder-active",
        family: Family::LoggingAndMonitoring,
        title: "AWS Config records everything, IAM included, in every enabled Region",
        severity: Severity::High,
        scope: Scope::Region,
        resource: ResourceKind::Region,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[
            ParameterSpec::List(ALLOWED_EXCLUDED_TYPES),
            ParameterSpec::List(GLOBAL_TYPES_REGION),
            ParameterSpec::Flag(REQUIRE_SERVICE_LINKED_ROLE),
        ],
    };

    type Facts<'s> = &'s ConfigRecorders;

    fn run(facts: &ConfigRecorders, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.list(&ALLOWED_EXCLUDED_TYPES);
        let service_linked = parameters.flag(&REQUIRE_SERVICE_LINKED_ROLE);
        each_region(&facts.regions, out, |recorders, subject| match own(recorders) {
            Some(recorder) => judge(recorder, &allowed, service_linked, subject),
            None => subject.evidence("recorders", "none").fail("the account has no configuration recorder here"),
        });
        if !facts.regions.is_empty() {
            global_types(facts, &parameters.list(&GLOBAL_TYPES_REGION), out);
        }
    }
}

/// The recorder of the account itself; those that services make for themselves record for them.
fn own(recorders: &[ConfigRecorder]) -> Option<&ConfigRecorder> {
    recorders.iter().find(|recorder| recorder.service_principal.is_none())
}

/// Whether a recorder is on and delivers; the reason where it does not.
fn records(recorder: &ConfigRecorder) -> Result<(), Reason<'_>> {
    let status = recorder.status.get().map_err(Reason::Gap)?;
    if !status.recording {
        return Err(Reason::Fails("the recorder is stopped".into()));
    }
    let last = status.last_status.as_deref().unwrap_or_default();
    if last.eq_ignore_ascii_case("success") {
        return Ok(());
    }
    if last.eq_ignore_ascii_case("failure") {
        let error = status.last_error.as_deref().unwrap_or("no reason was given");
        return Err(Reason::Fails(format!("the recorder cannot deliver: {error}")));
    }
    Err(Reason::Unclear("the recorder has not delivered anything yet"))
}

enum Reason<'s> {
    Fails(String),
    Unclear(&'static str),
    Gap(&'s Gap),
}

fn judge(recorder: &ConfigRecorder, allowed: &[&str], service_linked: bool, mut subject: Subject<'_, '_>) {
    subject = subject.evidence("recorder", &recorder.name).evidence("recorded", in_words(&recorder.group));
    if let Ok(status) = recorder.status.get() {
        let last = status.last_status.as_deref().unwrap_or("none");
        subject = subject.evidence("recording", status.recording).evidence("lastStatus", last);
    }
    let role = recorder.role.as_deref().unwrap_or("none");
    subject = subject.evidence("roleARN", role);
    let mut open = None;
    match records(recorder) {
        Ok(()) => {}
        Err(Reason::Fails(why)) => return subject.fail(why),
        Err(reason) => open = Some(reason),
    }
    let missing = left_out(&recorder.group, allowed);
    if !missing.is_empty() {
        return subject.fail(format!("the recorder leaves out {missing}"));
    }
    if service_linked && !role.ends_with("/AWSServiceRoleForConfig") {
        return subject.fail(format!("the recorder reads with the role {role}, not with the service-linked one"));
    }
    match open {
        Some(Reason::Gap(gap)) => subject.not_evaluated(gap),
        Some(Reason::Unclear(why)) => subject.unclear(why),
        _ => subject.pass("the recorder records every type of this Region and delivers"),
    }
}

/// What a recorder leaves out, in words; the types of IAM aside.
fn left_out(group: &RecordingGroup, allowed: &[&str]) -> String {
    match group.strategy.as_deref() {
        Some("EXCLUSION_BY_RESOURCE_TYPES") => {
            let accepted = |name: &&str| !GLOBAL_TYPES.contains(name) && !allowed.contains(name);
            let names: Vec<&str> = group.excluded.iter().map(String::as_str).filter(accepted).collect();
            names.join(", ")
        }
        Some("INCLUSION_BY_RESOURCE_TYPES") => format!("all but {} types", group.types.len()),
        _ if group.all_supported => String::new(),
        _ => format!("all but {} types", group.types.len()),
    }
}

fn in_words(group: &RecordingGroup) -> String {
    match group.strategy.as_deref() {
        Some("EXCLUSION_BY_RESOURCE_TYPES") => {
            format!("all types but {}", listed(group.excluded.iter().map(String::as_str)))
        }
        _ if group.all_supported && group.include_global_types => "all types, global ones included".into(),
        _ if group.all_supported => "all types but the global ones".into(),
        _ => format!("{} types", group.types.len()),
    }
}

/// Whether a recorder records users, groups, roles and policies.
fn records_global_types(group: &RecordingGroup) -> bool {
    match group.strategy.as_deref() {
        Some("EXCLUSION_BY_RESOURCE_TYPES") => GLOBAL_TYPES.iter().all(|name| !group.excluded.contains(*name)),
        _ if group.all_supported => group.include_global_types,
        _ => GLOBAL_TYPES.iter().all(|name| group.types.contains(*name)),
    }
}

/// One Region has to record IAM.
fn global_types(facts: &ConfigRecorders, wanted: &[&str], out: &mut Findings<'_>) {
    let asked: BTreeMap<&Region, _> =
        facts.regions.iter().filter(|(region, _)| wanted.is_empty() || wanted.contains(&region.as_str())).collect();
    let subject = out.whole_account().discriminator("global-types");
    let subject = subject.evidence("regions", if wanted.is_empty() { "any".into() } else { wanted.join(", ") });
    if asked.is_empty() {
        return subject.unclear("the Region that is to record the types of IAM was not asked");
    }
    let mut open: Option<Gap> = None;
    for (region, seen) in asked {
        let recorder = match seen.get().map(|recorders| own(recorders)) {
            Ok(Some(recorder)) if records_global_types(&recorder.group) => recorder,
            Ok(_) => continue,
            Err(gap) => {
                open = open.or_else(|| Some(gap.clone()));
                continue;
            }
        };
        match records(recorder) {
            Ok(()) => {
                let message = format!("users, groups, roles and policies are recorded in {region}");
                return subject.evidence("recorder", &recorder.name).pass(message);
            }
            Err(Reason::Fails(_)) => {}
            Err(Reason::Gap(gap)) => open = open.or_else(|| Some(gap.clone())),
            Err(Reason::Unclear(why)) => {
                open = open.or_else(|| {
                    let kind = probity_model::GapKind::Undecided;
                    Some(Gap { kind, operation: None, region: Some(region.clone()), code: None, message: why.into() })
                });
            }
        }
    }
    match open {
        Some(gap) => subject.not_evaluated(&gap),
        None => subject.fail("users, groups, roles and policies are recorded in no Region"),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::detection::{ConfigRecorder, RecorderStatus, RecordingGroup};
    use probity_model::{Finding, Region, Seen, Topic};

    use super::GLOBAL_TYPES;
    use crate::testing::{findings, findings_with, outcomes, outcomes_with};

    const ID: &str = "config-recorder-active";

    fn recorder() -> ConfigRecorder {
        ConfigRecorder {
            name: "default".to_owned(),
            role: Some(
                "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
                    .to_owned(),
            ),
            service_principal: None,
            group: RecordingGroup {
                all_supported: true,
                include_global_types: true,
                strategy: Some("ALL_SUPPORTED_RESOURCE_TYPES".to_owned()),
                ..RecordingGroup::default()
            },
            status: Seen::Known(RecorderStatus {
                recording: true,
                last_status: Some("SUCCESS".to_owned()),
                last_error: None,
                started_at: None,
            }),
        }
    }

    fn regions(regions: &[(&str, Seen<Vec<ConfigRecorder>>)]) -> Account {
        Account::new().facts(|facts| {
            let Seen::Known(known) = &mut facts.config_recorders else { unreachable!("they are known") };
            let named = |(region, seen): &(&str, Seen<Vec<ConfigRecorder>>)| {
                (Region::try_from(*region).expect("a Region"), seen.clone())
            };
            known.regions = regions.iter().map(named).collect();
        })
    }

    fn with(change: impl FnOnce(&mut ConfigRecorder)) -> Account {
        let mut recorder = recorder();
        change(&mut recorder);
        regions(&[("eu-central-1", Seen::Known(vec![recorder]))])
    }

    fn of<'f>(found: &'f [Finding], discriminator: &str) -> Vec<&'f Finding> {
        found.iter().filter(|one| one.discriminator == discriminator).collect()
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(|_| ())), [Pass, Pass]);
        let lower = with(|one| {
            if let Seen::Known(status) = &mut one.status {
                status.last_status = Some("Success".to_owned());
            }
        });
        assert_eq!(outcomes(ID, lower), [Pass, Pass], "the API model and the API differ in case");
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, regions(&[("eu-central-1", Seen::Known(Vec::new()))])), [Fail, Fail]);
        let status = |recording: bool, last: &str| {
            with(|one| {
                let (last_status, last_error) = (Some(last.to_owned()), Some("AccessDenied".to_owned()));
                one.status = Seen::Known(RecorderStatus { recording, last_status, last_error, started_at: None });
            })
        };
        assert_eq!(outcomes(ID, status(false, "SUCCESS")), [Fail, Fail]);
        assert_eq!(outcomes(ID, status(true, "FAILURE")), [Fail, Fail]);
        let own_role = with(|one| one.role = Some("arn:aws:iam::123456789012:role/config".to_owned()));
        assert_eq!(of(&findings(ID, own_role.clone()), "")[0].outcome, Fail);
        let lenient = [("require_service_linked_role", "false")];
        assert_eq!(outcomes_with(ID, &lenient, own_role), [Pass, Pass]);
    }

    #[test]
    fn types_that_are_left_out_fail_unless_they_may_be() {
        let group = |strategy: &str, excluded: &[&str], types: &[&str]| {
            with(|one| {
                one.group = RecordingGroup {
                    strategy: Some(strategy.to_owned()),
                    excluded: excluded.iter().map(|&name| name.to_owned()).collect(),
                    types: types.iter().map(|&name| name.to_owned()).collect(),
                    ..RecordingGroup::default()
                };
            })
        };
        let excluding = |names: &[&str]| group("EXCLUSION_BY_RESOURCE_TYPES", names, &[]);
        let here = |account: Account| of(&findings(ID, account), "")[0].outcome;
        assert_eq!(here(excluding(&["AWS::EC2::Instance"])), Fail);
        assert_eq!(here(excluding(&GLOBAL_TYPES)), Pass);
        assert_eq!(here(group("INCLUSION_BY_RESOURCE_TYPES", &[], &GLOBAL_TYPES)), Fail);
        let allowed = [("allowed_excluded_types", "AWS::EC2::Instance")];
        let found = findings_with(ID, &allowed, excluding(&["AWS::EC2::Instance"]));
        assert_eq!(of(&found, "")[0].outcome, Pass);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(|_| ()).deny(Topic::ConfigRecorders)), [NotEvaluated]);
        let unread = with(|one| one.status = Seen::Missing(denied(Topic::ConfigRecorders)));
        assert_eq!(outcomes(ID, unread), [NotEvaluated, NotEvaluated]);
        let pending = with(|one| {
            if let Seen::Known(status) = &mut one.status {
                status.last_status = Some("PENDING".to_owned());
            }
        });
        assert_eq!(outcomes(ID, pending), [NotEvaluated, NotEvaluated]);
        assert_eq!(outcomes(ID, regions(&[])), [NotEvaluated]);
        assert_eq!(
            outcomes_with(ID, &[("global_types_region", "us-east-1")], with(|_| ())),
            [NotEvaluated, Pass],
            "that Region was not asked"
        );
    }

    #[test]
    fn a_region_that_did_not_answer_may_record_iam() {
        let missing = Seen::Missing(denied(Topic::ConfigRecorders));
        let without = || {
            let mut recorder = recorder();
            recorder.group.include_global_types = false;
            Seen::Known(vec![recorder])
        };
        let found = findings(ID, regions(&[("eu-central-1", without()), ("us-east-1", missing)]));
        assert_eq!(of(&found, "global-types")[0].outcome, NotEvaluated);
        assert_eq!(of(&found, "").iter().map(|one| one.outcome).collect::<Vec<_>>(), [Pass, NotEvaluated]);
    }

    #[test]
    fn trap_all_supported_types_are_not_the_global_ones() {
        let found = findings(ID, with(|one| one.group.include_global_types = false));
        assert_eq!(of(&found, "")[0].outcome, Pass);
        assert_eq!(of(&found, "global-types")[0].outcome, Fail);
    }

    #[test]
    fn trap_a_recorder_that_a_service_made_for_itself_is_not_the_accounts_own() {
        let internal = with(|one| one.service_principal = Some("observabilityadmin.amazonaws.com".to_owned()));
        assert_eq!(outcomes(ID, internal), [Fail, Fail]);
    }

    #[test]
    fn trap_regions_that_are_off_are_not_asked() {
        let found = findings(ID, with(|_| ()));
        assert_eq!(of(&found, "").len(), 1, "only Regions of the evidence are judged");
    }
}
