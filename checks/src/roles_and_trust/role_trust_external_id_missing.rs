//! Roles for third parties demand an external ID.
//!
//! # Why
//! A vendor enters the roles of all its customers from one account. Without an external ID, another customer of the
//! same vendor can have it enter your role by giving your role's ARN for its own: the vendor becomes a confused deputy.
//!
//! # Pass
//! Every statement that lets in an account from outside the organization demands an external ID that is written out,
//! has at least `min_length` characters and is not this account's number; or demands a second factor, as people have.
//!
//! # Fail
//! A statement demands none, or accepts an empty one, one with a wildcard, a short one or this account's number.
//!
//! # Not applicable
//! Roles that let in nobody from outside the organization, unless they demand an external ID; service-linked roles and
//! those of IAM Identity Center.
//!
//! # Notes
//! An external ID protects from a vendor that is confused, not from one that is compromised: it never counts as a limit
//! to who gets in.
//!
//! The list of accounts can be read in the management account or a delegated administrator's. Elsewhere a statement
//! without an external ID is not evaluated, since the account it names may be one of the organization, which needs
//! none.
//!
//! # Fix
//! Ask the vendor for an external ID that is unique to you, and demand it with `StringEquals`.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::authorization::Role;
use probity_model::facts::{AuthorizationDetails, OrganizationMembership, OrganizationStructure};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{
    AccountId, Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity,
};

use crate::affiliation::{self, Affiliation, Neighbourhood};
use crate::trust::{self, Opening, Trust};

const MIN_LENGTH: NumberParameter = NumberParameter {
    name: "min_length",
    default: trust::EXTERNAL_ID_LENGTH,
    min: 2,
    max: 1224,
    unit: Unit::Characters,
    source: "our choice: nobody guesses as many; IAM allows 2 to 1224",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-trust-external-id-missing",
        family: Family::RolesAndTrust,
        title: "Third-party roles demand an external ID",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MIN_LENGTH)],
    };
    type Facts<'s> = (&'s AuthorizationDetails, &'s OrganizationMembership, Result<&'s OrganizationStructure, &'s Gap>);

    fn run((details, membership, structure): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let min_length = parameters.number(&MIN_LENGTH);
        let neighbourhood = Neighbourhood::new(out.account(), membership, structure);
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, &neighbourhood, min_length, out);
            }
        }
    }
}

/// Who third parties of a statement are.
struct ThirdParties {
    /// Anyone, or certain accounts that are outside for sure.
    strangers: bool,
    /// An account of which nobody knows.
    unknown: Option<(AccountId, Gap)>,
}

fn judge(role: &Role, trust: &Trust<'_>, neighbourhood: &Neighbourhood<'_>, min_length: u32, out: &mut Findings<'_>) {
    let own = out.account();
    let subject = trust::subject(role, out).evidence(MIN_LENGTH.name, min_length);
    let openings = trust.openings();
    let concerned: Vec<_> =
        openings.iter().filter_map(|opening| Some((opening, third_parties(opening, neighbourhood)?))).collect();
    let problem = |opening: &Opening<'_>| {
        if opening.demands_mfa_of_all() { None } else { opening.demands().external_id_problem(own, min_length) }
    };
    // Whoever comes from another account has to know the ID: then it does not matter whose account that is.
    let crossing: Vec<_> = openings.iter().filter(|opening| lets_in_others(opening, neighbourhood)).collect();
    let all_ask = !crossing.is_empty() && crossing.iter().all(|opening| problem(opening).is_none());
    let mut unknown = None;
    for (opening, third_parties) in &concerned {
        let Some(problem) = problem(opening) else { continue };
        match third_parties {
            ThirdParties { strangers: true, .. } => {
                return subject.fail(format!("{} lets in a third party and {problem}", opening.name()));
            }
            ThirdParties { unknown: found, .. } => unknown = unknown.or(found.as_ref()),
        }
    }
    match (unknown, trust.unclear_name()) {
        (Some((account, gap)), _) => subject.not_evaluated(&affiliation::unknown(account, gap)),
        (None, Some(reason)) => subject.unclear(reason),
        (None, None) if concerned.is_empty() && !all_ask => {
            subject.not_applicable("the trust policy lets in nobody from outside the organization")
        }
        (None, None) => {
            subject.pass("every statement that lets in a third party demands an external ID or a second factor")
        }
    }
}

/// Whether a statement lets in another account, of the organization or not.
fn lets_in_others(opening: &Opening<'_>, neighbourhood: &Neighbourhood<'_>) -> bool {
    let outsiders = neighbourhood.outsiders(opening);
    !outsiders.crowds.is_empty() || !outsiders.accounts.is_empty()
}

fn third_parties(opening: &Opening<'_>, neighbourhood: &Neighbourhood<'_>) -> Option<ThirdParties> {
    let outsiders = neighbourhood.outsiders(opening);
    let mut found = ThirdParties { strangers: !outsiders.crowds.is_empty(), unknown: None };
    for account in outsiders.accounts {
        match neighbourhood.affiliation(&account) {
            Affiliation::Outside => found.strangers = true,
            Affiliation::Unknown(gap) => found.unknown = found.unknown.or(Some((account, gap))),
            Affiliation::Own | Affiliation::Member | Affiliation::Inactive(_) => {}
        }
    }
    (found.strangers || found.unknown.is_some()).then_some(found)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Outcome, Topic};

    use crate::testing::{allowing, findings, members, outcomes, outcomes_with, role_mut, trusting};

    const ID: &str = "role-trust-external-id-missing";
    const VENDOR: &str = r#"{"AWS":"arn:aws:iam::555555555555:root"}"#;

    fn vendor(condition: &str) -> Account {
        trusting(&allowing(VENDOR, condition))
    }

    fn external_id(id: &str) -> String {
        format!(r#""StringEquals":{{"sts:ExternalId":"{id}"}}"#)
    }

    fn judged(condition: &str) -> Outcome {
        let [outcome] = outcomes(ID, vendor(condition)).try_into().expect("one finding");
        outcome
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&external_id("7c2f9a41-5b0d-4e77")), Pass);
        assert_eq!(judged(&external_id("7c2f9a41-5b0d-4e77").replace("sts:ExternalId", "STS:externalid")), Pass);
    }

    #[test]
    fn fail() {
        let [found] = findings(ID, vendor("")).try_into().expect("one finding");
        assert_eq!(found.outcome, Fail);
        assert_eq!(found.message, "statement 1 lets in a third party and demands no external ID");
    }

    #[test]
    fn an_id_that_can_be_guessed_is_none() {
        assert_eq!(judged(&external_id("")), Fail);
        assert_eq!(judged(&external_id("*")), Fail);
        assert_eq!(judged(&external_id("123456789012")), Fail);
        assert_eq!(judged(r#""StringLike":{"sts:ExternalId":"a-long-unique-value-*"}"#), Fail);
        assert_eq!(judged(r#""StringEqualsIfExists":{"sts:ExternalId":"a-long-unique-value"}"#), Fail);
        assert_eq!(judged(r#""StringEquals":{"sts:ExternalId":["a-long-unique-value","x"]}"#), Fail);
        assert_eq!(judged(r#""StringNotEquals":{"sts:ExternalId":"a-long-unique-value"}"#), Fail);
    }

    #[test]
    fn the_least_length_is_enough() {
        assert_eq!(judged(&external_id("1234567890abcdef")), Pass);
        assert_eq!(judged(&external_id("1234567890abcde")), Fail);
        assert_eq!(outcomes_with(ID, &[("min_length", "4")], vendor(&external_id("abcd"))), [Pass]);
        let own = vendor(&external_id("123456789012"));
        assert_eq!(outcomes_with(ID, &[("min_length", "4")], own), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"AWS":"123456789012"}"#, ""))), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::AuthorizationDetails, Topic::OrganizationMembership] {
            assert_eq!(outcomes(ID, vendor("").deny(topic)), [NotEvaluated]);
        }
        assert_eq!(outcomes(ID, Account::new().role("x", |role| role.trust(""))), [NotEvaluated]);
        let unread = |condition: &str| vendor(condition).organization().deny(Topic::OrganizationStructure);
        assert_eq!(outcomes(ID, unread("")), [NotEvaluated]);
        assert_eq!(outcomes(ID, unread(&external_id("7c2f9a41-5b0d-4e77"))), [Pass], "whoever it is");
    }

    #[test]
    fn trap_an_external_id_is_no_limit_to_who_gets_in() {
        let everybody = trusting(&allowing(r#"{"AWS":"*"}"#, &external_id("7c2f9a41-5b0d-4e77")));
        assert_eq!(outcomes(ID, everybody.clone()), [Pass]);
        assert_eq!(outcomes("role-trust-open-principal", everybody.clone()), [Fail]);
        assert_eq!(outcomes("role-trust-outside-organization", everybody), [Fail]);
    }

    #[test]
    fn trap_accounts_of_the_organization_need_none() {
        assert_eq!(outcomes(ID, members(vendor(""), &[("555555555555", "ACTIVE")])), [NotApplicable]);
        assert_eq!(outcomes(ID, members(vendor(""), &[("555555555555", "SUSPENDED")])), [NotApplicable]);
        assert_eq!(outcomes(ID, members(vendor(""), &[])), [Fail]);
        let asked = members(vendor(&external_id("7c2f9a41-5b0d-4e77")), &[("555555555555", "ACTIVE")]);
        assert_eq!(outcomes(ID, asked.clone()), [Pass], "one that is demanded all the same is fine");
        assert_eq!(outcomes(ID, asked.deny(Topic::OrganizationStructure)), [Pass]);
        let member_only = vendor(r#""StringEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}"#).organization();
        assert_eq!(outcomes(ID, member_only), [NotApplicable]);
    }

    #[test]
    fn trap_people_with_a_second_factor_need_none() {
        assert_eq!(judged(r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#), Pass);
        assert_eq!(judged(r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#), Pass);
        assert_eq!(judged(r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#), Fail);
        assert_eq!(judged(r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#), Fail);
    }

    #[test]
    fn trap_roles_that_aws_keeps_are_left_alone() {
        for path in ["/aws-service-role/ecs.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"] {
            let account = vendor("").edit(|snapshot| role_mut(snapshot).path = path.into());
            assert_eq!(outcomes(ID, account), [NotApplicable], "{path}");
        }
    }
}
