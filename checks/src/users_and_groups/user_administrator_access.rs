//! No IAM user is an administrator, except those for emergencies.
//!
//! # Why
//! An IAM user has credentials that stay good until somebody takes them away. Whoever gets hold of an administrator's
//! has the account. A role gives out credentials that run out by themselves.
//!
//! # Pass
//! The user is no administrator by what its policies let it do and knows no way to become one, or it is in
//! `break_glass_users`.
//!
//! # Fail
//! The user may do every action on every resource, or control IAM, or can become an administrator in steps that its
//! permissions leave open. Where only requests with a second factor have the power, the failure is one severity lower.
//!
//! # Not applicable
//! The account has no IAM users.
//!
//! # Notes
//! Judged is what the policies do and not what they are called: those of the groups and inline ones count, and so do
//! permissions boundaries and the policies of the organization. Where such a limit takes the power of an administrator
//! away, the message says which; whoever loosens the limit gives the power back.
//!
//! A user that may assume an administrator's role can become one too. Where the trust policy of the role asks for a second
//! factor or another condition, the check is not evaluated for that user: whether it fulfils the condition is not known.
//! Where the policies of the organization could not be read, nobody is sure to be an administrator.
//!
//! # Fix
//! Move administration to a role that people enter through IAM Identity Center, and keep at most one or two users for
//! emergencies under seal.
//!
//! # Command
//! ```sh
//! aws iam remove-user-from-group --user-name USER_NAME --group-name ADMIN_GROUP
//! ```

use alloc::format;

use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::administrators::{Power, UserPowers};

const BREAK_GLASS_USERS: ListParameter = ListParameter {
    name: "break_glass_users",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's choice: two at the most, for the day when nothing else lets anybody in",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-administrator-access",
        family: Family::UsersAndGroups,
        title: "No IAM user is an administrator",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(BREAK_GLASS_USERS)],
    };
    type Facts<'s> = Inferred<'s, UserPowers>;

    fn run(Inferred(powers): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let break_glass = parameters.list(&BREAK_GLASS_USERS);
        for (arn, power) in powers.iter() {
            let name = arn.resource().rsplit('/').next().unwrap_or_default();
            let subject = out.resource(arn.clone());
            if break_glass.contains(&name) {
                let subject = subject.evidence(BREAK_GLASS_USERS.name, name);
                subject.pass("the user is one of those for emergencies");
                continue;
            }
            match power {
                Power::Administrator(how) => {
                    subject.evidence("administrator", how).fail(format!("the user is an administrator: {how}"));
                }
                Power::CanBecome(way) => {
                    subject.evidence("way", way).fail(format!("the user can become an administrator: {way}"));
                }
                Power::WithMfa(how) => subject
                    .severity(Severity::Medium)
                    .evidence("administrator_with_mfa", how)
                    .fail(format!("the user is an administrator in requests with a second factor: {how}")),
                Power::Perhaps(what) => subject
                    .evidence("depends_on", what)
                    .unclear(format!("whether the user is an administrator depends on {what}")),
                Power::Not(None) => subject.evidence("administrator", false).pass("the user is no administrator"),
                Power::Not(Some(limit)) => {
                    let subject = subject.evidence("administrator", false).evidence("limited", limit);
                    subject.pass(format!("the user is no administrator: {limit}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, UserBuilder};
    use probity_model::facts::authorization::DocumentText;
    use probity_model::{Finding, Severity, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-administrator-access";
    const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/limit";

    fn allow(action: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{action},"Resource":"*","Condition":{{{condition}}}}}}}"#
        )
    }

    fn everything() -> String {
        allow(r#""*""#, "")
    }

    fn anna(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", change)
    }

    fn inline(document: &str) -> Account {
        anna(|user| user.inline("own", document))
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, anna(|user| user)), [Pass]);
        assert_eq!(outcomes(ID, inline(&allow(r#"["s3:*","ec2:*"]"#, ""))), [Pass]);
    }

    #[test]
    fn fail() {
        let account =
            anna(|user| user.attached("AdministratorAccess")).aws_policy("AdministratorAccess", &everything());
        let found = finding(account);
        assert_eq!((found.outcome, found.severity), (Fail, Severity::High));
        assert_eq!(
            found.message,
            "the user is an administrator: its policies allow every action on every resource \
             (arn:aws:iam::aws:policy/AdministratorAccess)"
        );
        assert_eq!(outcomes(ID, inline(&allow(r#""*:*""#, ""))), [Fail]);
    }

    #[test]
    fn control_of_iam_is_an_administrators() {
        let found = finding(inline(&allow(r#""iam:*""#, "")));
        assert_eq!(found.outcome, Fail);
        assert!(found.message.contains("control of IAM (user/anna/own)"), "{}", found.message);
    }

    #[test]
    fn a_way_to_become_one_fails() {
        let found = finding(inline(&allow(r#""iam:PutUserPolicy""#, "")));
        assert_eq!(found.outcome, Fail);
        assert!(
            found.message.contains("the user can become an administrator: Write an inline policy on oneself"),
            "{}",
            found.message
        );
    }

    #[test]
    fn a_way_that_is_open_only_perhaps_is_not_evaluated() {
        let office = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        let found = finding(inline(&allow(r#""iam:PutUserPolicy""#, office)));
        assert_eq!(found.outcome, NotEvaluated);
        assert!(found.message.contains("IpAddress aws:SourceIp 192.0.2.0/24"), "{}", found.message);
        assert_eq!(outcomes(ID, inline(&allow(r#""*""#, office))), [NotEvaluated]);
    }

    #[test]
    fn users_for_emergencies_pass_by_name() {
        let account = || inline(&everything());
        assert_eq!(outcomes_with(ID, &[("break_glass_users", "bert, anna")], account()), [Pass]);
        assert_eq!(outcomes_with(ID, &[("break_glass_users", "ann, Anna")], account()), [Fail]);
        let in_path = account().edit(|snapshot| {
            if let probity_model::Seen::Known(details) = &mut snapshot.facts.authorization_details {
                details.users[0].arn = probity_model::Arn::new("arn:aws:iam::123456789012:user/staff/anna");
            }
        });
        assert_eq!(outcomes_with(ID, &[("break_glass_users", "anna")], in_path), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna(|user| user).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        // A policy that the snapshot does not hold may allow anything.
        assert_eq!(outcomes(ID, anna(|user| user.attached("AdministratorAccess"))), [NotEvaluated]);
        assert_eq!(outcomes(ID, inline("not a policy")), [NotEvaluated]);
    }

    /// What an unread organization may take away is neither taken away nor left.
    #[test]
    fn an_unread_organization_makes_no_pass() {
        let found = finding(inline(&everything()).deny(Topic::OrganizationMembership));
        assert_eq!(found.outcome, NotEvaluated);
        assert!(found.message.contains("policies of the organization, which were not read"), "{}", found.message);
        assert_eq!(outcomes(ID, inline(&allow(r#""s3:*""#, "")).deny(Topic::OrganizationMembership)), [Pass]);
    }

    #[test]
    fn a_limit_that_takes_the_power_away_is_named() {
        let bounded = anna(|user| user.inline("own", &everything()).boundary(BOUNDARY));
        let found = finding(bounded.clone().policy("limit", &allow(r#""s3:*""#, ""), |policy| policy));
        assert_eq!(found.outcome, Pass);
        assert_eq!(
            found.message,
            format!(
                "the user is no administrator: its policies grant control of users (user/anna/own), and the permissions \
                 boundary {BOUNDARY} takes it away"
            )
        );
        assert_eq!(outcomes(ID, bounded.policy("limit", &everything(), |policy| policy)), [Fail]);
    }

    #[test]
    fn trap_grants_of_groups_and_inline_policies_count() {
        let member = || anna(|user| user.group("admins"));
        let attached = member()
            .group("admins", |group| group.attached("AdministratorAccess"))
            .aws_policy("AdministratorAccess", &everything());
        let found = finding(attached);
        assert_eq!(found.outcome, Fail);
        assert!(found.message.contains("groups: admins"), "{}", found.message);
        assert_eq!(outcomes(ID, member().group("admins", |group| group.inline("all", &everything()))), [Fail]);
        assert_eq!(outcomes(ID, inline(&everything())), [Fail]);
        // Two halves that make a whole.
        let halves = anna(|user| user.inline("iam", &allow(r#""iam:*""#, "")).group("rest"));
        let rest = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}"#;
        let found = finding(halves.group("rest", |group| group.inline("rest", rest)));
        assert!(found.message.contains("every action on every resource"), "{}", found.message);
    }

    #[test]
    fn trap_power_that_asks_for_a_second_factor_is_one_severity_lower() {
        for condition in [
            r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
            r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#,
        ] {
            let found = finding(inline(&allow(r#""*""#, condition)));
            assert_eq!((found.outcome, found.severity), (Fail, Severity::Medium), "{condition}");
            assert!(found.message.contains("in requests with a second factor"), "{}", found.message);
        }
        // One of two grants without the condition is enough.
        let both = inline(&allow(r#""*""#, r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#));
        let both = both.edit(|snapshot| {
            if let probity_model::Seen::Known(details) = &mut snapshot.facts.authorization_details {
                let mut second = details.users[0].inline_policies[0].clone();
                second.name = "second".into();
                second.document = DocumentText::new(everything());
                details.users[0].inline_policies.push(second);
            }
        });
        assert_eq!(finding(both).severity, Severity::High);
    }
}
