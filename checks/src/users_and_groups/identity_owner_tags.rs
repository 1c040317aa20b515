//! Users and roles say by a tag who answers for them.
//!
//! # Why
//! A role of which nobody knows whose it is stays for ever, since nobody dares to delete it. When it is misused, the search
//! for somebody who knows what it is for costs the hours that count.
//!
//! # Pass
//! The user or role has each tag of `required_tags`, with a value.
//!
//! # Fail
//! A tag is missing or empty.
//!
//! # Not applicable
//! Service-linked roles and those of IAM Identity Center, which AWS makes and tags.
//!
//! # Notes
//! Tag keys of IAM are compared without regard to case, as IAM itself keeps them. Groups have no tags. Other tools ask for
//! any tag at all (Security Hub IAM.24 and IAM.25 with no keys given); a tag that does not name an owner does not help.
//!
//! # Fix
//! Tag the user or role with its owner, and have the pipeline that makes roles set the tag.
//!
//! # Command
//! ```sh
//! aws iam tag-role --role-name ROLE --tags Key=owner,Value=TEAM
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Tags;
use probity_model::{
    Arn, Automation, Family, Findings, ListParameter, Meta, ParameterSpec, Parameters, ResourceKind, Rule, Scope,
    Severity, Unit,
};

use crate::trust;

const REQUIRED_TAGS: ListParameter = ListParameter {
    name: "required_tags",
    default: &["owner"],
    choices: &[],
    unit: Unit::Names,
    source: "our own choice of the key; AWS Well-Architected, \"Tagging best practices\", asks for an owner",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "identity-owner-tags",
        family: Family::UsersAndGroups,
        title: "Users and roles carry the tag of their owner",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(REQUIRED_TAGS)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let required = parameters.list(&REQUIRED_TAGS);
        for user in &details.users {
            judge(&user.arn, ResourceKind::IamUser, &user.tags, &required, out);
        }
        for role in &details.roles {
            match trust::kept_by_aws(role) {
                None => judge(&role.arn, ResourceKind::IamRole, &role.tags, &required, out),
                Some(_) => {
                    let subject =
                        out.resource(role.arn.clone()).kind(ResourceKind::IamRole).evidence("Path", &role.path);
                    subject.not_applicable("AWS made the role");
                }
            }
        }
    }
}

fn judge(arn: &Arn, kind: ResourceKind, tags: &Tags, required: &[&str], out: &mut Findings<'_>) {
    let keys: Vec<&str> = tags.keys().map(String::as_str).collect();
    let shown = if keys.is_empty() { String::from("none") } else { keys.join(", ") };
    let subject =
        out.resource(arn.clone()).kind(kind).evidence("tags", shown).evidence(REQUIRED_TAGS.name, required.join(", "));
    let is_there =
        |wanted: &str| tags.iter().any(|(key, value)| key.eq_ignore_ascii_case(wanted) && !value.trim().is_empty());
    let missing: Vec<&str> = required.iter().copied().filter(|tag| !is_there(tag)).collect();
    if missing.is_empty() {
        subject.pass("every tag that is required has a value");
    } else {
        subject.fail(format!("without a value are the tags {}", missing.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "identity-owner-tags";

    #[test]
    fn pass() {
        let account = Account::new()
            .user("anna", |user| user.tag("Owner", "platform"))
            .role("worker", |role| role.tag("owner", "platform"));
        assert_eq!(outcomes(ID, account), [Pass, Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new().user("anna", |user| user)), [Fail]);
        assert_eq!(outcomes(ID, Account::new().role("worker", |role| role.tag("team", "web"))), [Fail]);
        let both = [("required_tags", "owner,environment")];
        let account = Account::new().role("worker", |role| role.tag("owner", "web"));
        assert_eq!(outcomes_with(ID, &both, account), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn trap_roles_that_aws_makes_are_left_alone() {
        let account = Account::new()
            .role("linked", |role| role.path("/aws-service-role/x.amazonaws.com/"))
            .role("people", |role| role.path("/aws-reserved/sso.amazonaws.com/"));
        assert_eq!(outcomes(ID, account), [NotApplicable, NotApplicable]);
    }

    #[test]
    fn trap_an_empty_tag_names_nobody() {
        assert_eq!(outcomes(ID, Account::new().user("anna", |user| user.tag("owner", " "))), [Fail]);
    }
}
