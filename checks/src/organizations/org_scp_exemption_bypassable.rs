//! Nobody in a member account can claim the exemption from a guardrail.
//!
//! # Why
//! A Deny that spares a role by its name is worth nothing where every administrator may make a role of that name. The policy
//! looks strict, and is in the way of honest people only.
//!
//! # Pass
//! In every account that the statement binds, each exemption names principals that its administrators cannot make, take
//! over or mark: another service control policy keeps them from it, or AWS does.
//!
//! # Fail
//! In one of these accounts an administrator can make a role or a user that the exemption matches, change who may assume it,
//! set the tag that it asks for, choose the name that it looks at, or have a service ask in his place.
//!
//! # Not applicable
//! The account is in no organization. The statement exempts nobody for who he is. The policy binds no member account that is
//! in use.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated. Names on the list `protected_role_patterns` are taken to be protected. Those of IAM Identity Center
//! (`AWSReservedSSO_…`) are only under their path: `role/aws-reserved/sso.amazonaws.com/*` is safe, `role/AWSReservedSSO_*`
//! is not, for anybody may make a role of that name under another path.
//!
//! A role counts as protected where `iam:CreateRole` and `iam:UpdateAssumeRolePolicy` on it are denied; a tag where
//! `iam:TagRole`, `iam:TagUser` and `sts:TagSession` with it are. Exemptions by address, time, Region or resource are not
//! judged here.
//!
//! # Fix
//! Exempt exact ARNs of roles, and deny everybody else to create, change and tag those roles.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Condition, Effect, Pattern, Statement};

use crate::conditions::{self, Weight};
use crate::guardrails::Attachable;
use crate::members::{Member, Members, Read};
use crate::{denial, forgery, statements};

const PROTECTED: ListParameter = ListParameter {
    name: "protected_role_patterns",
    default: &["AWSControlTowerExecution", "stacksets-exec-*", "AWSReservedSSO_*"],
    choices: &[],
    unit: Unit::Globs,
    source: "roles that AWS protects, or that a policy of AWS Control Tower does",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-scp-exemption-bypassable",
        family: Family::Organizations,
        title: "Guardrail exemptions cannot be claimed by a member administrator",
        severity: Severity::High,
        scope: Scope::Organization,
        resource: ResourceKind::ServiceControlPolicyStatement,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(PROTECTED)],
    };
    type Facts<'s> = Read<'s>;

    fn run(read: Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(members) = Members::of(read, OrganizationPolicyKind::ServiceControl, out) else { return };
        let protected: Vec<Pattern> = parameters.list(&PROTECTED).into_iter().map(Pattern::new).collect();
        let partition = out.partition();
        let bound: Vec<Member<'_>> =
            if members.are_enabled() { members.bound(partition).collect() } else { Vec::new() };
        for one in members.policies.iter().filter(|one| !one.policy.aws_managed) {
            let reached: Vec<&Member<'_>> = bound
                .iter()
                .filter(|member| member.guardrails.policies().any(|policy| policy.id == one.policy.id))
                .collect();
            judge(one, &reached, &protected, out);
        }
    }
}

fn judge(one: &Attachable<'_>, reached: &[&Member<'_>], protected: &[Pattern], out: &mut Findings<'_>) {
    let policy = || (one.policy.arn.clone(), one.policy.name.as_str());
    let Some(document) = one.document.as_ref().filter(|_| !reached.is_empty()) else {
        let (arn, name) = policy();
        let subject = out.resource(arn).kind(ResourceKind::ServiceControlPolicy).evidence("Name", name);
        return if reached.is_empty() {
            subject.not_applicable("the policy binds no member account that is in use")
        } else {
            subject.unclear("the policy cannot be parsed")
        };
    };
    let denying = statements::numbered(document).filter(|(_, statement)| statement.effect == Effect::Deny);
    for (number, statement) in denying {
        let (arn, name) = policy();
        let place = statement.sid.clone().unwrap_or_else(|| format!("statement {number}"));
        let subject = out.resource(arn).discriminator(place).evidence("Name", name);
        let subject = statements::with_position(subject, number, statement);
        let exemptions = exemptions(statement, reached);
        if exemptions.is_empty() {
            subject.not_applicable("the statement exempts nobody for who he is");
            continue;
        }
        let told: Vec<String> = exemptions.iter().map(|condition| denial::spared(condition)).collect();
        let subject = subject.evidence("exempt", told.join("; "));
        match way_out(&exemptions, reached, protected) {
            Some((member, way)) => subject
                .evidence("account", &member.account.id)
                .fail(format!("in the account {} an administrator can claim the exemption: {way}", member.account.id)),
            None => subject.pass(format!(
                "no administrator can claim the exemption; accounts that the statement binds: {}",
                reached.len()
            )),
        }
    }
}

/// The conditions that let somebody out for who he is.
fn exemptions<'s>(statement: &'s Statement, reached: &[&Member<'_>]) -> Vec<&'s Condition> {
    // One that holds for nobody spares everybody.
    let restricting = statement.conditions.iter().filter(|one| conditions::weight(one, true) != Weight::AlwaysHolds);
    restricting.filter(|one| reached.iter().any(|member| forgery::is_exemption(member, one))).collect()
}

fn way_out<'m>(
    exemptions: &[&Condition],
    reached: &[&'m Member<'m>],
    protected: &[Pattern],
) -> Option<(&'m Member<'m>, String)> {
    reached.iter().find_map(|member| {
        let ways = exemptions.iter().filter_map(|condition| forgery::way_out(member, condition, protected));
        let ways: Vec<String> = ways.collect();
        (!ways.is_empty()).then(|| (*member, ways.join("; ")))
    })
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Topic};

    use crate::organization_testing::{MEMBER, Policies, deny, deny_statement, member_that_may_not_read, statements};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "org-scp-exemption-bypassable";

    fn guarded(condition: &str) -> Policies {
        Policies::new().scp("guard", &deny("cloudtrail:*", condition), &["r-root"])
    }

    fn spares(value: &str) -> String {
        format!(r#""ArnNotLike":{{"aws:PrincipalArn":"{value}"}}"#)
    }

    fn judged(condition: &str) -> Outcome {
        the_finding(guarded(condition)).outcome
    }

    fn the_finding(policies: Policies) -> Finding {
        let mut found = findings(ID, policies.account());
        found.retain(|one| one.resource.name() == "p-guard");
        let [finding] = found.try_into().expect("one finding");
        finding
    }

    /// A companion that denies everybody but one role to touch the roles that match.
    fn protecting(roles: &str) -> String {
        statements(&format!(
            r#"{{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy","iam:TagRole"],"Resource":"{roles}",
                "Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/Deployer"}}}}}}"#
        ))
    }

    #[test]
    fn pass() {
        let roles = "arn:aws:iam::*:role/Security";
        let account = guarded(&spares(roles)).scp("roles", &protecting(roles), &["r-root"]);
        assert_eq!(the_finding(account).outcome, Pass);
        assert_eq!(judged(&spares("arn:aws:iam::*:role/stacksets-exec-*")), Pass, "on the list");
    }

    #[test]
    fn fail() {
        let finding = the_finding(guarded(&spares("arn:aws:iam::*:role/Security")));
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.contains(MEMBER) && finding.message.contains("iam:CreateRole"), "{}", finding.message);
        for value in ["arn:aws:iam::*:role/*", "arn:aws:iam::*:*", "*", "arn:aws:iam::*:user/admin"] {
            assert_eq!(judged(&spares(value)), Fail, "{value}");
        }
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(judged(""), NotApplicable);
        assert_eq!(
            judged(r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}"#),
            NotApplicable,
            "means root only"
        );
        assert_eq!(judged(r#""NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#), NotApplicable);
        let nowhere = Policies::new().scp("guard", &deny("s3:*", &spares("arn:aws:iam::*:role/x")), &[]);
        assert_eq!(the_finding(nowhere).outcome, NotApplicable);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, guarded("").account().deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(the_finding(Policies::new().scp("guard", "{", &["r-root"])).outcome, NotEvaluated);
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_a_pattern_of_names_matches_evil_ones() {
        let admins = "arn:aws:iam::*:role/Admin*";
        assert_eq!(judged(&spares(admins)), Fail);
        let one = guarded(&spares(admins)).scp("roles", &protecting("arn:aws:iam::*:role/Admin"), &["r-root"]);
        assert_eq!(the_finding(one).outcome, Fail, "AdminEvil can still be made");
        let all = guarded(&spares(admins)).scp("roles", &protecting(admins), &["r-root"]);
        assert_eq!(the_finding(all).outcome, Pass);
        let path = guarded(&spares("arn:aws:iam::*:role/platform/*"));
        assert_eq!(the_finding(path).outcome, Fail, "a path is as good as a name");
    }

    #[test]
    fn trap_of_identity_center_the_path_is_reserved_and_not_the_name() {
        let full = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*";
        assert_eq!(judged(&spares(full)), Pass);
        for name in ["arn:aws:iam::*:role/AWSReservedSSO_*", "arn:aws:iam::*:role/*AWSReservedSSO_Admin_*"] {
            assert_eq!(judged(&spares(name)), Fail, "{name}");
        }
    }

    #[test]
    fn a_companion_in_one_account_protects_no_other() {
        let roles = "arn:aws:iam::*:role/Security";
        let here = guarded(&spares(roles)).scp("roles", &protecting(roles), &[MEMBER]);
        assert_eq!(the_finding(here).outcome, Pass);
        let elsewhere = guarded(&spares(roles)).scp("roles", &protecting(roles), &["ou-other"]);
        assert_eq!(the_finding(elsewhere).outcome, Fail);
    }

    #[test]
    fn principals_of_other_accounts_are_nobody_in_this_one() {
        assert_eq!(judged(&spares("arn:aws:iam::999999999999:role/Security")), Pass);
        assert_eq!(judged(&spares("arn:aws:iam::222222222222:role/Security")), Fail);
        assert_eq!(judged(r#""StringNotEquals":{"aws:PrincipalAccount":"999999999999"}"#), Pass);
        assert_eq!(judged(&spares("arn:aws:iam::*:root")), Pass, "nobody can become the root user");
    }

    #[test]
    fn tags_can_be_set_unless_that_is_denied() {
        let tag = r#""StringNotEquals":{"aws:PrincipalTag/exempt":"yes"}"#;
        let finding = the_finding(guarded(tag));
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.contains("iam:TagRole"), "{}", finding.message);
        let keys = r#""ForAnyValue:StringEquals":{"aws:TagKeys":"exempt"}"#;
        let companions: Vec<String> = ["iam:TagRole", "iam:TagUser", "sts:TagSession"]
            .iter()
            .map(|action| deny_statement(action, keys))
            .collect();
        let protected = guarded(tag).scp("tags", &statements(&companions.join(",")), &["r-root"]);
        assert_eq!(the_finding(protected).outcome, Pass);
        let half = guarded(tag).scp("tags", &statements(&companions[..2].join(",")), &["r-root"]);
        assert_eq!(the_finding(half).outcome, Fail, "a session may still be tagged");
    }

    #[test]
    fn whoever_asks_through_a_service_is_exempt() {
        assert_eq!(judged(r#""BoolIfExists":{"aws:ViaAWSService":"false"}"#), Fail);
        assert_eq!(judged(r#""BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#), Pass);
        assert_eq!(judged(r#""Null":{"aws:AssumedRoot":"true"}"#), Pass);
    }

    #[test]
    fn the_id_of_a_role_is_given_and_the_name_of_a_session_is_chosen() {
        assert_eq!(judged(r#""StringNotLike":{"aws:userid":"AROAEXAMPLEEXAMPLE123:*"}"#), Pass);
        assert_eq!(judged(r#""StringNotLike":{"aws:userid":"*:breakglass"}"#), Fail);
    }

    #[test]
    fn the_list_of_protected_names_can_be_set() {
        let condition = spares("arn:aws:iam::*:role/OrgGuard");
        let listed = [("protected_role_patterns", "OrgGuard")];
        assert_eq!(outcomes_with(ID, &listed, guarded(&condition).account()), [Pass]);
    }
}
