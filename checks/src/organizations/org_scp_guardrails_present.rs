//! Service control policies restrict every member account.
//!
//! # Why
//! A service control policy is the only limit that no administrator of a member account can lift. With nothing but
//! `FullAWSAccess` attached, whoever takes over one account may turn off its logs, leave the organization and use every
//! Region.
//!
//! # Pass
//! Among the service control policies attached to the root, to each organizational unit above the account and to the
//! account itself, one denies something, or those of one level together allow less than everything.
//!
//! # Fail
//! Service control policies are not enabled, or those in force for the account allow everything and deny nothing.
//!
//! # Not applicable
//! The account is in no organization. The management account, which no service control policy restricts. Accounts that
//! are suspended, closed or about to be.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated.
//!
//! A policy that allows everything is recognized by what it says, not by its name. One that allows little restricts
//! nothing while another of the same level allows everything. Policies that are attached nowhere do not count. Whether
//! what is denied is worth denying is for other checks.
//!
//! # Fix
//! Enable service control policies at the root. Write a policy that denies what no account needs, try it on one
//! organizational unit, and attach it to the root.
//!
//! # Command
//! ```sh
//! aws organizations enable-policy-type --root-id ROOT_ID --policy-type SERVICE_CONTROL_POLICY
//! ```

use alloc::format;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};

use crate::guardrails::Restriction;
use crate::members::{Member, Members, Read};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-scp-guardrails-present",
        family: Family::Organizations,
        title: "Every member account is under a real SCP, not only FullAWSAccess",
        severity: Severity::High,
        scope: Scope::Organization,
        resource: ResourceKind::OrganizationAccount,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = Read<'s>;

    fn run(read: Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        if let Some(members) = Members::of(read, OrganizationPolicyKind::ServiceControl, out) {
            members.judge(out, judge);
        }
    }
}

fn judge(member: &Member<'_>, subject: Subject<'_, '_>) {
    match member.guardrails.restriction(member.partition) {
        Restriction::Denies(policy) => {
            subject.pass(format!("the service control policy {} ({}) denies something", policy.name, policy.id));
        }
        Restriction::Narrows(level) => {
            subject.pass(format!("the service control policies attached to {level} allow less than everything"));
        }
        Restriction::Nothing => subject.fail(format!(
            "the service control policies in force allow everything and deny nothing: {}",
            member.policies()
        )),
        Restriction::Unreadable(policy) => subject.unclear(format!(
            "the service control policy {} ({}) cannot be parsed, and no other restricts the account",
            policy.name, policy.id
        )),
        Restriction::NoneAttached(level) => subject.unclear(format!(
            "no service control policy is attached to {level}, which AWS does not let happen, and no other restricts the \
             account"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::organization::{
        OrganizationAccount, OrganizationPolicy, OrganizationPolicyKind, OrganizationTree, OrganizationalUnit,
    };
    use probity_model::facts::{OrganizationPolicies, OrganizationStructure};
    use probity_model::{AccountId, Arn, Gap, GapKind, ResourceKind, Seen, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "org-scp-guardrails-present";
    const MEMBER: &str = "222222222222";
    /// The root, the unit and the member account.
    const EVERYWHERE: [&str; 3] = ["r-root", "ou-work", MEMBER];

    fn allow(action: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#)
    }

    fn deny() -> String {
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}"#
            .to_owned()
    }

    fn policy(id: &str, document: &str, targets: &[&str]) -> OrganizationPolicy {
        OrganizationPolicy {
            id: format!("p-{id}"),
            arn: Arn::new(format!(
                "arn:aws:organizations::{ACCOUNT}:policy/o-exampleorg1/service_control_policy/p-{id}"
            )),
            name: id.to_owned(),
            kind: OrganizationPolicyKind::ServiceControl,
            aws_managed: false,
            document: DocumentText::new(document),
            targets: targets.iter().map(|&target| target.to_owned()).collect(),
        }
    }

    fn full(targets: &[&str]) -> OrganizationPolicy {
        policy("FullAWSAccess", &allow("*"), targets)
    }

    fn account(id: &str, state: &str, parent: &str) -> OrganizationAccount {
        OrganizationAccount {
            id: AccountId::try_from(id).expect("an account id"),
            arn: Arn::new(format!("arn:aws:organizations::{ACCOUNT}:account/o-exampleorg1/{id}")),
            name: id.to_owned(),
            state: state.to_owned(),
            parent: parent.to_owned(),
            joined_at: None,
        }
    }

    fn with_tree(accounts: &[OrganizationAccount], types: &[&str], policies: &[OrganizationPolicy]) -> Account {
        let tree = OrganizationTree {
            root: "r-root".to_owned(),
            enabled_policy_types: types.iter().map(|&name| name.to_owned()).collect(),
            units: [OrganizationalUnit {
                id: "ou-work".to_owned(),
                name: "Work".to_owned(),
                parent: "r-root".to_owned(),
            }]
            .into(),
            accounts: accounts.to_vec(),
        };
        Account::new().management_account().facts(|facts| {
            facts.organization_structure = Seen::Known(OrganizationStructure::Tree(tree));
            facts.organization_policies = Seen::Known(OrganizationPolicies::Policies(policies.to_vec()));
        })
    }

    /// An organization with one active member in a unit, and these policies.
    fn with(policies: &[OrganizationPolicy]) -> Account {
        with_tree(&[account(MEMBER, "ACTIVE", "ou-work")], &["SERVICE_CONTROL_POLICY"], policies)
    }

    fn judged(policies: &[OrganizationPolicy]) -> Vec<Outcome> {
        outcomes(ID, with(policies))
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&[full(&EVERYWHERE), policy("guard", &deny(), &["r-root"])]), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, with(&[full(&EVERYWHERE)])).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.resource_kind), (Fail, ResourceKind::OrganizationAccount));
        assert!(finding.message.ends_with("deny nothing: FullAWSAccess (p-FullAWSAccess)"), "{}", finding.message);
    }

    #[test]
    fn the_type_that_is_not_enabled_fails_the_organization_once() {
        let members = [account(MEMBER, "ACTIVE", "r-root"), account("333333333333", "ACTIVE", "r-root")];
        let guard = policy("guard", &deny(), &["r-root"]);
        let [finding] = findings(ID, with_tree(&members, &["TAG_POLICY"], &[guard])).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.resource_kind), (Fail, ResourceKind::Organization));
        assert!(finding.message.ends_with("is 2"), "{}", finding.message);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable], "no organization");
        let alone = with_tree(&[account(ACCOUNT, "ACTIVE", "r-root")], &[], &[]);
        assert_eq!(outcomes(ID, alone), [NotApplicable], "the management account is restricted by nothing");
    }

    #[test]
    fn not_evaluated() {
        let guarded = || with(&[full(&EVERYWHERE), policy("guard", &deny(), &["r-root"])]);
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, guarded().deny(topic)), [NotEvaluated], "{topic:?}");
        }
        assert_eq!(judged(&[full(&["r-root", MEMBER])]), [NotEvaluated], "the unit cannot be without a policy");
        let lost = account(MEMBER, "ACTIVE", "ou-unknown");
        let lost = with_tree(&[lost], &["SERVICE_CONTROL_POLICY"], &[policy("guard", &deny(), &[MEMBER])]);
        assert_eq!(outcomes(ID, lost), [NotEvaluated], "who knows what hangs above");
        let empty = with_tree(&[], &["SERVICE_CONTROL_POLICY"], &[]);
        assert_eq!(outcomes(ID, empty), [NotEvaluated], "a tree without even the management account");
        let mixed =
            guarded().facts(|facts| facts.organization_policies = Seen::Known(OrganizationPolicies::NoOrganization));
        assert_eq!(outcomes(ID, mixed), [NotEvaluated]);
    }

    #[test]
    fn a_policy_that_cannot_be_parsed_never_passes() {
        assert_eq!(judged(&[full(&EVERYWHERE), policy("odd", "{", &["r-root"])]), [NotEvaluated]);
        assert_eq!(judged(&[full(&["r-root", "ou-work"]), policy("odd", "{", &[MEMBER])]), [NotEvaluated]);
        let guard = policy("guard", &deny(), &[MEMBER]);
        assert_eq!(judged(&[full(&EVERYWHERE), policy("odd", "{", &["r-root"]), guard]), [Pass], "another denies");
    }

    #[test]
    fn the_order_of_the_policies_never_shows() {
        let [a, b] = [policy("a", &deny(), &["r-root"]), policy("b", &deny(), &["r-root"])];
        let all = [full(&EVERYWHERE), a, b];
        let backwards: Vec<_> = all.iter().rev().cloned().collect();
        assert_eq!(findings(ID, with(&all)), findings(ID, with(&backwards)));
    }

    #[test]
    fn a_policy_that_controls_resources_does_not_count() {
        let resources =
            OrganizationPolicy { kind: OrganizationPolicyKind::ResourceControl, ..policy("rcp", &deny(), &["r-root"]) };
        assert_eq!(judged(&[full(&EVERYWHERE), resources]), [Fail]);
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        let gap = Gap {
            kind: GapKind::WrongVantagePoint,
            operation: Some("organizations:ListRoots".to_owned()),
            region: None,
            code: Some("AccessDeniedException".to_owned()),
            message: "You don't have permissions to access this resource.".to_owned(),
        };
        let member = Account::new().organization().facts(|facts| {
            facts.organization_structure = Seen::Missing(gap.clone());
            facts.organization_policies = Seen::Missing(gap);
        });
        assert_eq!(outcomes(ID, member), [NotEvaluated]);
    }

    /// A Deny counts at any level; an Allow only where no other policy of its level allows more.
    #[test]
    fn trap_the_policies_of_all_levels_are_taken_together() {
        for level in EVERYWHERE {
            assert_eq!(judged(&[full(&EVERYWHERE), policy("guard", &deny(), &[level])]), [Pass], "a Deny at {level}");
            let list = policy("list", &allow("s3:*"), &[level]);
            assert_eq!(judged(&[full(&EVERYWHERE), list.clone()]), [Fail], "beside FullAWSAccess at {level}");
            let rest: Vec<&str> = EVERYWHERE.into_iter().filter(|other| *other != level).collect();
            assert_eq!(judged(&[full(&rest), list]), [Pass], "in place of FullAWSAccess at {level}");
        }
        let elsewhere = policy("guard", &deny(), &["ou-other", "333333333333"]);
        assert_eq!(judged(&[full(&EVERYWHERE), elsewhere]), [Fail]);
    }

    #[test]
    fn trap_the_management_account_is_never_restricted() {
        let accounts = [account(ACCOUNT, "ACTIVE", "r-root"), account(MEMBER, "ACTIVE", "r-root")];
        let policies = [full(&["r-root", ACCOUNT, MEMBER]), policy("guard", &deny(), &["r-root"])];
        assert_eq!(outcomes(ID, with_tree(&accounts, &["SERVICE_CONTROL_POLICY"], &policies)), [NotApplicable, Pass]);
    }

    #[test]
    fn trap_accounts_that_are_closed_or_suspended_are_skipped() {
        for (state, outcome) in [
            ("SUSPENDED", NotApplicable),
            ("PENDING_CLOSURE", NotApplicable),
            ("CLOSED", NotApplicable),
            ("ACTIVE", Fail),
        ] {
            let accounts = [account(MEMBER, state, "ou-work")];
            let organization = with_tree(&accounts, &["SERVICE_CONTROL_POLICY"], &[full(&EVERYWHERE)]);
            assert_eq!(outcomes(ID, organization), [outcome], "{state}");
        }
        let closed = with_tree(&[account(MEMBER, "CLOSED", "ou-work")], &[], &[]);
        assert_eq!(outcomes(ID, closed), [NotApplicable], "and none is left that a policy could restrict");
    }

    #[test]
    fn trap_a_policy_that_is_attached_nowhere_does_not_count() {
        assert_eq!(judged(&[full(&EVERYWHERE), policy("guard", &deny(), &[])]), [Fail]);
    }

    #[test]
    fn trap_a_policy_that_allows_everything_is_known_by_what_it_says() {
        let statements = |list: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{list}]}}"#);
        for document in [
            allow("*:*"),
            allow("?*:*"),
            statements(r#"{"Effect":"Allow","NotAction":[],"Resource":"*"}"#),
            statements(
                r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"IAM:*","Resource":"*"}"#,
            ),
            statements(
                r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","NotAction":"*","Resource":"*"}"#,
            ),
        ] {
            assert_eq!(judged(&[policy("guardrail", &document, &EVERYWHERE)]), [Fail], "{document}");
        }
        for document in [
            allow("s3:*"),
            statements(r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#),
            statements(
                r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}"#,
            ),
            statements(
                r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-central-1"}}}"#,
            ),
        ] {
            let named_full = OrganizationPolicy {
                id: "p-FullAWSAccess".to_owned(),
                ..policy("FullAWSAccess", &document, &EVERYWHERE)
            };
            assert_eq!(judged(&[named_full]), [Pass], "{document}");
        }
    }
}
