//! Member accounts use the approved Regions only.
//!
//! # Why
//! Nobody looks at Regions that nobody uses. What an intruder starts there runs until the bill comes, and data that is put
//! there may have left the countries it may lie in.
//!
//! # Pass
//! The service control policies in force for the account deny starting instances, functions, buckets and keys in every
//! Region that is not on the list `approved_regions`, and leave services without Regions alone.
//!
//! # Fail
//! They do not, or not in every such Region; or they stop services without Regions, such as IAM and Route 53; or service
//! control policies are not enabled.
//!
//! # Not applicable
//! The account is in no organization. The management account. Accounts that are suspended, closed or about to be. And every
//! account while `approved_regions` is empty: there is nothing to hold the policies against.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated. A list of Regions in an Allow closes the others only where no other policy of the same level allows them.
//!
//! # Fix
//! Deny with `NotAction` (the services without Regions) and `StringNotEquals` on `aws:RequestedRegion`, and attach it to the
//! root.
//!
//! # Command
//! ```sh
//! aws account list-regions --region-opt-status-contains ENABLED ENABLED_BY_DEFAULT
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};

use crate::denial::{self, Control, Denial, Denied, Question};
use crate::members::{Member, Members, Read};
use crate::regions;

/// What starts something in a Region.
const STARTS: [&str; 4] = ["ec2:RunInstances", "kms:CreateKey", "lambda:CreateFunction", "s3:CreateBucket"];

/// What works in one Region, wherever the caller sits, and must go on.
const GLOBAL: [&str; 4] =
    ["cloudfront:CreateInvalidation", "iam:GetRole", "route53:ListHostedZones", "support:CreateCase"];

const APPROVED_REGIONS: ListParameter = ListParameter {
    name: "approved_regions",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-scp-region-restriction",
        family: Family::Organizations,
        title: "Unused Regions are closed",
        severity: Severity::Medium,
        scope: Scope::Organization,
        resource: ResourceKind::OrganizationAccount,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(APPROVED_REGIONS)],
    };
    type Facts<'s> = Read<'s>;

    fn run(read: Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let approved = parameters.list(&APPROVED_REGIONS);
        let Some(members) = Members::of(read, OrganizationPolicyKind::ServiceControl, out) else { return };
        if approved.is_empty() {
            return out.resource(members.organization.arn.clone()).kind(ResourceKind::Organization).not_applicable(
                "no Regions are approved by the parameter approved_regions, so that none can be closed",
            );
        }
        members.judge(out, |member, subject| judge(member, &approved, subject));
    }
}

/// What is denied in a Region, put together.
#[derive(Default)]
struct Places<'m> {
    open: BTreeSet<&'static str>,
    partly: BTreeSet<String>,
    denied: Denied<'m>,
    unknown: Option<String>,
}

impl<'m> Places<'m> {
    fn ask(&mut self, member: &'m Member<'_>, action: &str, region: &'static str) {
        let Some((caller, context)) = denial::role(member) else { return };
        let context = context.with("aws:RequestedRegion", region);
        match denial::of(member, &Question { control: Control::Service, caller, action, context }) {
            Denial::Denied(more) => self.denied = core::mem::take(&mut self.denied).and(more),
            Denial::Open => {
                self.open.insert(region);
            }
            Denial::Partly(reason) => {
                self.open.insert(region);
                self.partly.insert(reason);
            }
            Denial::Unknown(reason) => self.unknown = Some(reason),
        }
    }
}

fn judge(member: &Member<'_>, approved: &[&str], subject: Subject<'_, '_>) {
    let all = regions::of(member.partition);
    if all.is_empty() {
        return subject.unclear(format!("the Regions of the partition {} are not known", member.partition));
    }
    let mut places = Places::default();
    for region in all.iter().filter(|region| !approved.contains(region)) {
        for action in STARTS {
            places.ask(member, action, region);
        }
    }
    let stopped = stopped(member);
    let open = Vec::from_iter(places.open).join(", ");
    let subject = subject.evidence("approved_regions", approved.join(", "));
    let partly = Vec::from_iter(places.partly).join("; ");
    match (open.is_empty(), places.unknown, stopped.is_empty()) {
        (false, ..) if partly.is_empty() => subject.fail(format!("not closed: {open}")),
        (false, ..) => subject.fail(format!("not closed, or in part only: {open} ({partly})")),
        (true, Some(reason), _) => subject.unclear(reason),
        (true, None, false) => {
            subject.fail(format!("services without Regions are stopped as well: {}", stopped.join(", ")));
        }
        (true, None, true) => {
            let by = places.denied.by();
            places.denied.tell(subject).pass(format!("every Region that is not approved is closed by {by}"));
        }
    }
}

/// The actions of services without Regions that are denied.
fn stopped(member: &Member<'_>) -> Vec<&'static str> {
    let mut stopped = Vec::new();
    for action in GLOBAL {
        let denied = regions::where_asked(member.partition, action).iter().filter(|region| {
            denial::role(member).is_some_and(|(caller, context)| {
                let context = context.with("aws:RequestedRegion", **region);
                let question = Question { control: Control::Service, caller, action, context };
                matches!(denial::of(member, &question), Denial::Denied(_))
            })
        });
        if denied.count() > 0 {
            stopped.push(action);
        }
    }
    stopped
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::organization_testing::{MEMBER, Policies, deny, member_that_may_not_read, statements};
    use crate::testing::{findings_with, outcomes, outcomes_with};

    const ID: &str = "org-scp-region-restriction";
    const APPROVED: [(&str, &str); 1] = [("approved_regions", "eu-central-1,eu-west-1")];
    const RESTRICTION: &str = r#"{"Effect":"Deny","NotAction":["iam:*","organizations:*","sts:*","support:*","cloudfront:*","route53:*"],
        "Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]}}}"#;

    fn guarded(document: &str) -> Account {
        Policies::new().scp("regions", document, &["r-root"]).account()
    }

    fn judged(statement: &str) -> Vec<Outcome> {
        outcomes_with(ID, &APPROVED, guarded(&statements(statement)))
    }

    #[test]
    fn pass() {
        assert_eq!(judged(RESTRICTION), [NotApplicable, Pass]);
        let wider = [("approved_regions", "eu-central-1,eu-west-1,us-east-1")];
        assert_eq!(outcomes_with(ID, &wider, guarded(&statements(RESTRICTION))), [NotApplicable, Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes_with(ID, &APPROVED, Policies::new().account()), [NotApplicable, Fail]);
        let narrower = [("approved_regions", "eu-central-1")];
        let found = findings_with(ID, &narrower, guarded(&statements(RESTRICTION)));
        assert_eq!(found[1].message, "not closed: eu-west-1");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, guarded(&statements(RESTRICTION))), [NotApplicable], "an empty list approves nothing");
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            let unread = guarded(&statements(RESTRICTION)).deny(topic);
            assert_eq!(outcomes_with(ID, &APPROVED, unread), [NotEvaluated], "{topic}");
        }
        assert_eq!(outcomes_with(ID, &APPROVED, guarded("{")), [NotApplicable, NotEvaluated]);
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        assert_eq!(outcomes_with(ID, &APPROVED, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_the_policies_of_all_levels_are_taken_together() {
        for level in ["r-root", "ou-work", MEMBER] {
            let account = Policies::new().scp("regions", &statements(RESTRICTION), &[level]).account();
            assert_eq!(outcomes_with(ID, &APPROVED, account), [NotApplicable, Pass], "{level}");
        }
    }

    #[test]
    fn trap_services_without_regions_must_go_on() {
        let everything = RESTRICTION.replace(
            r#""NotAction":["iam:*","organizations:*","sts:*","support:*","cloudfront:*","route53:*"]"#,
            r#""Action":"*""#,
        );
        let found = findings_with(ID, &APPROVED, guarded(&statements(&everything)));
        assert_eq!(found[1].outcome, Fail);
        assert!(found[1].message.contains("iam:GetRole"), "{}", found[1].message);
        let with_home = everything.replace(r#""eu-west-1"]"#, r#""eu-west-1","us-east-1"]"#);
        let approved = [("approved_regions", "eu-central-1,eu-west-1,us-east-1")];
        assert_eq!(
            outcomes_with(ID, &approved, guarded(&statements(&with_home))),
            [NotApplicable, Pass],
            "their Region is approved"
        );
    }

    #[test]
    fn trap_every_spelling_of_the_condition_counts() {
        for (from, to) in [
            ("StringNotEquals", "StringNotLike"),
            ("StringNotEquals", "ForAnyValue:StringNotEquals"),
            ("StringNotEquals", "StringNotEqualsIgnoreCase"),
            (r#"["eu-central-1","eu-west-1"]"#, r#""eu-*-1""#),
            ("aws:RequestedRegion", "AWS:requestedregion"),
        ] {
            let approved = [("approved_regions", "eu-central-1,eu-west-1,eu-north-1,eu-south-1")];
            let account = guarded(&statements(&RESTRICTION.replace(from, to)));
            assert_eq!(outcomes_with(ID, &approved, account), [NotApplicable, Pass], "{to}");
        }
    }

    #[test]
    fn trap_an_allow_beside_full_access_closes_nothing() {
        let list = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"]}}}"#;
        assert_eq!(judged(list), [NotApplicable, Fail]);
        let global = r#"{"Effect":"Allow","Action":["iam:*","support:*","cloudfront:*","route53:*"],"Resource":"*"}"#;
        let instead = Policies::new().scp_instead("regions", &statements(&std::format!("{list},{global}")), "r-root");
        assert_eq!(outcomes_with(ID, &APPROVED, instead.account()), [NotApplicable, Pass], "in its place it does");
    }

    #[test]
    fn trap_a_policy_that_is_attached_nowhere_closes_nothing() {
        let account = Policies::new().scp("regions", &statements(RESTRICTION), &[]).account();
        assert_eq!(outcomes_with(ID, &APPROVED, account), [NotApplicable, Fail]);
    }

    #[test]
    fn what_an_administrator_gets_around_does_not_count() {
        let roles_only = deny(
            "ec2:*",
            r#""StringNotEquals":{"aws:RequestedRegion":"eu-central-1"},"Bool":{"aws:MultiFactorAuthPresent":"false"}"#,
        );
        assert_eq!(outcomes_with(ID, &APPROVED, guarded(&roles_only)), [NotApplicable, Fail]);
    }
}
