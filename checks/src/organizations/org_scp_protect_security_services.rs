//! Member accounts cannot switch off logging and detection.
//!
//! # Why
//! The first thing an intruder does with enough permissions is to stop what records and detects. Only a service control
//! policy keeps the administrators of an account from doing that.
//!
//! # Pass
//! The service control policies in force for the account deny the actions that stop, delete or weaken each of the
//! `required_groups` to its roles, its IAM users and its root user in every Region, apart from those that a statement
//! exempts.
//!
//! # Fail
//! They leave one of these actions to somebody, or in some Regions, or service control policies are not enabled. It is rated
//! low where nothing else is open than what a member cannot switch off anyhow: trails, while an organization trail logs all
//! Regions, and GuardDuty, while a delegated administrator runs it.
//!
//! # Not applicable
//! The account is in no organization. The management account. Accounts that are suspended, closed or about to be. Accounts
//! where the organization sets up all of these services by policies of its own (`GUARDDUTY_POLICY`, `SECURITYHUB_POLICY`).
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated. A service that a policy of the organization sets up is left out of the groups. The evidence names who is
//! exempt; whether an exemption can be forged is for `org-scp-exemption-bypassable`.
//!
//! The groups: `cloudtrail` is StopLogging, DeleteTrail, UpdateTrail and PutEventSelectors; `config` is
//! StopConfigurationRecorder, DeleteConfigurationRecorder and DeleteDeliveryChannel; `guardduty` is DeleteDetector,
//! UpdateDetector and DisassociateFromAdministratorAccount; `securityhub` is DisableSecurityHub and
//! DisassociateFromAdministratorAccount; `access-analyzer` is DeleteAnalyzer.
//!
//! # Fix
//! Deny these actions in a service control policy at the root, with an exemption for the role of the security tooling.
//!
//! # Command
//! ```sh
//! aws organizations create-policy --type SERVICE_CONTROL_POLICY --name protect-security --content file://scp.json \
//!   --description "Logging and detection stay on"
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::facts::{
    OrganizationEffectivePolicies, OrganizationMembership, OrganizationPolicies, OrganizationServices,
    OrganizationStructure, Trails,
};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    AccountId, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject,
};

use crate::denial::{self, Denial};
use crate::members::{Member, Members};

/// The actions of each group.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "cloudtrail",
        &["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors"],
    ),
    (
        "config",
        &["config:StopConfigurationRecorder", "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel"],
    ),
    (
        "guardduty",
        &["guardduty:DeleteDetector", "guardduty:UpdateDetector", "guardduty:DisassociateFromAdministratorAccount"],
    ),
    ("securityhub", &["securityhub:DisableSecurityHub", "securityhub:DisassociateFromAdministratorAccount"]),
    ("access-analyzer", &["access-analyzer:DeleteAnalyzer"]),
];

/// The types of policies by which an organization sets up a service itself.
const SET_UP_BY: [(&str, &str); 2] = [("guardduty", "GUARDDUTY_POLICY"), ("securityhub", "SECURITYHUB_POLICY")];

const REQUIRED_GROUPS: ListParameter = ListParameter {
    name: "required_groups",
    default: &["cloudtrail", "config", "guardduty", "securityhub", "access-analyzer"],
    choices: &["cloudtrail", "config", "guardduty", "securityhub", "access-analyzer"],
    unit: Unit::Words,
    source: "the examples of CIS 7.0, 2.1.2; the actions of each group are our own choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-scp-protect-security-services",
        family: Family::Organizations,
        title: "Members cannot switch off logging and detection",
        severity: Severity::High,
        scope: Scope::Organization,
        resource: ResourceKind::OrganizationAccount,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(REQUIRED_GROUPS)],
    };
    type Facts<'s> = (
        (&'s OrganizationMembership, &'s OrganizationStructure, &'s OrganizationPolicies),
        Option<&'s Trails>,
        Option<&'s OrganizationServices>,
        Option<&'s OrganizationEffectivePolicies>,
    );

    fn run((read, trails, services, effective): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(members) = Members::of(read, OrganizationPolicyKind::ServiceControl, out) else { return };
        let required = parameters.list(&REQUIRED_GROUPS);
        let protected = otherwise_protected(trails, services);
        members.judge(out, |member, subject| {
            let groups = GROUPS.iter().filter(|(group, _)| required.contains(group));
            let groups = groups.filter(|(group, _)| !is_set_up(group, &member.account.id, effective));
            judge(member, &Vec::from_iter(groups), &protected, subject);
        });
    }
}

/// The groups that a member cannot switch off even where no policy denies it, with the reason.
fn otherwise_protected(
    trails: Option<&Trails>,
    services: Option<&OrganizationServices>,
) -> Vec<(&'static str, &'static str)> {
    let logs_everywhere = trails.is_some_and(|trails| {
        trails.trails.iter().any(|trail| {
            trail.is_organization
                && trail.is_multi_region
                && trail.status.get().is_ok_and(|status| status.is_logging == Some(true))
        })
    });
    let delegated = matches!(services, Some(OrganizationServices::Services(services))
        if services.administrators.iter().any(|one| one.services.contains_key("guardduty.amazonaws.com")));
    let trail = ("cloudtrail", "an organization trail logs all Regions");
    let detector = ("guardduty", "a delegated administrator runs GuardDuty");
    [(logs_everywhere, trail), (delegated, detector)]
        .into_iter()
        .filter_map(|(holds, reason)| holds.then_some(reason))
        .collect()
}

/// Whether a policy of the organization sets up a service in an account.
fn is_set_up(group: &str, account: &AccountId, effective: Option<&OrganizationEffectivePolicies>) -> bool {
    let Some(OrganizationEffectivePolicies::Types(types)) = effective else { return false };
    let kinds = SET_UP_BY.iter().filter(|(of, _)| *of == group).filter_map(|(_, kind)| types.get(*kind));
    kinds.flatten().any(|one| one.document.is_some() && one.accounts.contains(account))
}

fn judge(
    member: &Member<'_>,
    groups: &[&(&'static str, &'static [&'static str])],
    protected: &[(&'static str, &'static str)],
    subject: Subject<'_, '_>,
) {
    if groups.is_empty() {
        return subject.not_applicable("the organization sets up these services by policies of its own");
    }
    let (mut by, mut exempt, mut open, mut open_groups) =
        (BTreeSet::new(), BTreeSet::new(), Vec::new(), BTreeSet::new());
    let mut unknown = None;
    for (group, actions) in groups {
        for action in *actions {
            match denial::to_everybody(member, action) {
                Denial::Denied(denied) => {
                    by.insert(denied.by());
                    exempt.extend(denied.exempt());
                }
                Denial::Partly(reason) => {
                    open.push(format!("{action} in part: {reason}"));
                    open_groups.insert(*group);
                }
                Denial::Open => {
                    open.push(String::from(*action));
                    open_groups.insert(*group);
                }
                Denial::Unknown(reason) => unknown = Some(reason),
            }
        }
    }
    let list = |all: BTreeSet<String>| Vec::from_iter(all).join("; ");
    let names: Vec<&str> = groups.iter().map(|(group, _)| *group).collect();
    let mut subject = subject.evidence("groups", names.join(", "));
    if !by.is_empty() {
        subject = subject.evidence("denied_by", list(by));
    }
    if !exempt.is_empty() {
        subject = subject.evidence("exempt", list(exempt));
    }
    let reasons: Vec<&str> =
        protected.iter().filter(|(group, _)| open_groups.contains(group)).map(|(_, reason)| *reason).collect();
    match unknown {
        _ if !open.is_empty() && reasons.len() == open_groups.len() => subject.severity(Severity::Low).fail(format!(
            "not denied: {}; but {}",
            open.join("; "),
            reasons.join(", and ")
        )),
        _ if !open.is_empty() => subject.fail(format!("not denied: {}", open.join("; "))),
        Some(reason) => subject.unclear(reason),
        None => subject.pass(format!("what would switch off these services is denied: {}", names.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::collections::BTreeMap;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::organization_administration::{DelegatedAdministrator, EffectivePolicy, TrustedServices};
    use probity_model::facts::trails::Trail;
    use probity_model::facts::{OrganizationEffectivePolicies, OrganizationServices};
    use probity_model::{AccountId, Finding, Seen, Severity, Topic};

    use super::GROUPS;
    use crate::organization_testing::{MEMBER, Policies, member_that_may_not_read, statements};
    use crate::testing::{findings, outcomes, outcomes_with};
    use crate::trails::testing::trail;

    const ID: &str = "org-scp-protect-security-services";

    /// A document that denies the actions of all groups but some, under a condition.
    fn protecting(but: &[&str], condition: &str) -> String {
        let groups = GROUPS.iter().filter(|(group, _)| !but.contains(group));
        let actions: Vec<String> =
            groups.flat_map(|(_, actions)| *actions).map(|action| format!("\"{action}\"")).collect();
        statements(&format!(
            r#"{{"Effect":"Deny","Action":[{}],"Resource":"*","Condition":{{{condition}}}}}"#,
            actions.join(",")
        ))
    }

    fn guarded(document: &str) -> Account {
        Policies::new().scp("protect", document, &["r-root"]).account()
    }

    fn judged(document: &str) -> Outcome {
        outcomes(ID, guarded(document))[1]
    }

    fn member(account: Account) -> Finding {
        findings(ID, account).pop().expect("a finding")
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, guarded(&protecting(&[], ""))), [NotApplicable, Pass]);
    }

    #[test]
    fn fail() {
        for (group, actions) in GROUPS {
            let finding = member(guarded(&protecting(&[group], "")));
            assert_eq!((finding.outcome, finding.severity), (Fail, Severity::High), "{group}");
            assert_eq!(finding.message, format!("not denied: {}", actions.join("; ")));
        }
        assert_eq!(outcomes(ID, Policies::new().without_type().account()), [NotApplicable, Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, guarded(&protecting(&[], "")).deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(judged("{"), NotEvaluated);
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_the_policies_of_all_levels_are_taken_together() {
        let one = |but: &str| {
            let rest: Vec<&str> = GROUPS.iter().map(|(group, _)| *group).filter(|group| *group != but).collect();
            protecting(&rest, "")
        };
        let levels = ["r-root", "ou-work", MEMBER, "r-root", "ou-work"];
        let all = GROUPS
            .iter()
            .zip(levels)
            .fold(Policies::new(), |all, ((group, _), level)| all.scp(group, &one(group), &[level]));
        assert_eq!(outcomes(ID, all.account()), [NotApplicable, Pass]);
    }

    #[test]
    fn trap_what_a_member_cannot_switch_off_anyhow_is_low() {
        let delegated = |account: Account| {
            account.facts(|facts| {
                let administrator = DelegatedAdministrator {
                    account: AccountId::try_from(MEMBER).expect("an id"),
                    name: "security".to_owned(),
                    state: "ACTIVE".to_owned(),
                    services: BTreeMap::from([("guardduty.amazonaws.com".to_owned(), None)]),
                };
                let services = TrustedServices { enabled: BTreeMap::new(), administrators: [administrator].into() };
                facts.organization_services = Seen::Known(OrganizationServices::Services(services));
            })
        };
        let finding = member(delegated(guarded(&protecting(&["guardduty"], ""))));
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::Low));
        assert!(finding.message.ends_with("; but a delegated administrator runs GuardDuty"), "{}", finding.message);
        let finding = member(delegated(guarded(&protecting(&["guardduty", "config"], ""))));
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::High), "Config is open as well");
        let unread = delegated(guarded(&protecting(&["guardduty"], ""))).deny(Topic::OrganizationServices);
        assert_eq!(member(unread).severity, Severity::High);
        let with_trail = guarded(&protecting(&["cloudtrail"], "")).facts(|facts| {
            if let Seen::Known(trails) = &mut facts.trails {
                trails.trails.push(Trail { is_organization: true, ..trail("all") });
            }
        });
        assert_eq!(member(with_trail).severity, Severity::Low);
    }

    #[test]
    fn trap_a_deny_in_some_regions_protects_only_those() {
        let in_two = r#""StringEquals":{"aws:RequestedRegion":["eu-central-1","us-east-1"]}"#;
        let finding = member(guarded(&protecting(&[], in_two)));
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.contains("it is not denied in af-south-1"), "{}", finding.message);
        let everywhere = Policies::new().scp("two", &protecting(&[], in_two), &["r-root"]).scp(
            "rest",
            &protecting(&[], &in_two.replace("StringEquals", "StringNotEquals")),
            &["ou-work"],
        );
        assert_eq!(outcomes(ID, everywhere.account()), [NotApplicable, Pass]);
    }

    #[test]
    fn trap_who_is_exempt_is_named() {
        let tooling = r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Security"}"#;
        let finding = member(guarded(&protecting(&[], tooling)));
        assert_eq!(finding.outcome, Pass);
        let exempt = finding.evidence.iter().find(|item| item.key == "exempt").expect("the exemption");
        assert_eq!(exempt.value, "aws:PrincipalArn arn:aws:iam::*:role/Security");
    }

    #[test]
    fn a_service_that_the_organization_sets_up_is_left_out() {
        let set_up = guarded(&protecting(&["guardduty"], "")).facts(|facts| {
            let accounts = [AccountId::try_from(MEMBER).expect("an id")].into();
            let one = EffectivePolicy { accounts, document: Some(DocumentText::new("{}")) };
            let types = BTreeMap::from([("GUARDDUTY_POLICY".to_owned(), [one].into())]);
            facts.organization_effective_policies = Seen::Known(OrganizationEffectivePolicies::Types(types));
        });
        assert_eq!(outcomes(ID, set_up.clone()), [NotApplicable, Pass]);
        let only = [("required_groups", "guardduty")];
        assert_eq!(outcomes_with(ID, &only, set_up), [NotApplicable, NotApplicable]);
    }

    #[test]
    fn only_the_groups_that_are_required_count() {
        let only = [("required_groups", "config,securityhub")];
        assert_eq!(
            outcomes_with(ID, &only, guarded(&protecting(&["cloudtrail", "guardduty", "access-analyzer"], ""))),
            [NotApplicable, Pass]
        );
    }
}
