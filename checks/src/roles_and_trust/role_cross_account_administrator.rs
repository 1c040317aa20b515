//! No role that is as good as an administrator is open to another account.
//!
//! # Why
//! Whoever takes over the other account has this one too, with everything in it.
//!
//! # Pass
//! The role may change what somebody may do, and lets in nobody from another account; or it is one of
//! `allowed_role_names` and lets in the management account of the organization alone.
//!
//! # Fail
//! Such a role lets in another account. Rated critical where that account is outside the organization or nobody can
//! say, high where it is inside.
//!
//! # Not applicable
//! Roles that may not change what somebody may do; service-linked roles and those of IAM Identity Center.
//!
//! # Notes
//! A name proves nothing: a role of `allowed_role_names` that lets in another account than the management account
//! fails.
//!
//! Judged are the role's own policies, less its permissions boundary and what the service control policies above the
//! account always deny, where these could be read. A policy that allows such actions within limits only leaves it open
//! whether the role is as good as an administrator; it is then not evaluated, where it lets in another account.
//!
//! # Fix
//! Split the role: leave to the outside caller what it reads or deploys, and let administrators come through IAM
//! Identity Center.
//!
//! # Command
//! ```sh
//! aws iam detach-role-policy --role-name ROLE_NAME --policy-arn POLICY_ARN
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::authorization::Role;
use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::facts::{AuthorizationDetails, OrganizationMembership, OrganizationPolicies, OrganizationStructure};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    AccountId, Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::{Document, Pattern};

use crate::affiliation::{Affiliation, Neighbourhood, Outsiders};
use crate::guardrails::{Attachable, Guardrails};
use crate::privilege::Privilege;
use crate::trust::{self, Trust};

const ALLOWED_ROLE_NAMES: ListParameter = ListParameter {
    name: "allowed_role_names",
    default: &["OrganizationAccountAccessRole", "AWSControlTowerExecution", "AWSAFTExecution", "stacksets-exec-*"],
    choices: &[],
    unit: Unit::Globs,
    source: "the roles that AWS Organizations, Control Tower and CloudFormation StackSets make in member accounts",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-cross-account-administrator",
        family: Family::RolesAndTrust,
        title: "No administrator-equivalent role is open to another account",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ALLOWED_ROLE_NAMES)],
    };
    type Facts<'s> = (
        &'s AuthorizationDetails,
        &'s OrganizationMembership,
        Result<&'s OrganizationStructure, &'s Gap>,
        Option<&'s OrganizationPolicies>,
    );

    fn run(
        (details, membership, structure, policies): Self::Facts<'_>,
        parameters: &Parameters,
        out: &mut Findings<'_>,
    ) {
        let judge = Judge {
            details,
            allowed: parameters.list(&ALLOWED_ROLE_NAMES).into_iter().map(Pattern::new).collect(),
            management: membership.organization().map(|organization| &organization.management_account),
            neighbourhood: Neighbourhood::new(out.account(), membership, structure),
            controls: controls(out.account(), membership, structure.ok(), policies),
        };
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge.judge(role, &trust, out);
            }
        }
    }
}

/// The service control policies above the account, as far as they could be read. None bind the management account.
fn controls(
    account: &AccountId,
    membership: &OrganizationMembership,
    structure: Option<&OrganizationStructure>,
    policies: Option<&OrganizationPolicies>,
) -> Vec<Document> {
    let is_bound = membership.organization().is_some_and(|organization| organization.management_account != *account);
    match (structure, policies) {
        (Some(OrganizationStructure::Tree(tree)), Some(OrganizationPolicies::Policies(policies))) if is_bound => {
            let attachable = Attachable::of(policies, &OrganizationPolicyKind::ServiceControl);
            let guardrails = Guardrails::on(&tree.path_of(account), &attachable);
            guardrails.policies().filter_map(|policy| probity_access::read(&policy.document).ok().cloned()).collect()
        }
        _ => Vec::new(),
    }
}

struct Judge<'s> {
    details: &'s AuthorizationDetails,
    allowed: Vec<Pattern>,
    management: Option<&'s AccountId>,
    neighbourhood: Neighbourhood<'s>,
    controls: Vec<Document>,
}

impl Judge<'_> {
    fn judge(&self, role: &Role, trust: &Trust<'_>, out: &mut Findings<'_>) {
        let subject = trust::subject(role, out);
        let openings = trust.openings();
        let let_in = openings.iter().map(|opening| self.neighbourhood.outsiders(opening));
        let outsiders = let_in.fold(Outsiders::default(), Outsiders::join);
        let nothing = "no policy of the role in force lets it change what somebody may do";
        let own = Privilege::of_role(role, self.details);
        if own == Privilege::No {
            return subject.not_applicable(nothing);
        }
        if let Some(reason) = trust.unclear_name() {
            return subject.unclear(reason);
        }
        // Who gets in is judged before what service control policies deny, so that a pass never rests on their absence.
        if outsiders.is_empty() {
            return match own {
                Privilege::Yes(by) => subject
                    .evidence("privilege", by)
                    .pass("the role is as good as an administrator and lets in nobody from another account"),
                _ => subject.not_applicable("the role lets in nobody from another account, whatever it may do"),
            };
        }
        if self.is_access_role(role, &outsiders) {
            return subject
                .evidence("management_account_id", outsiders.accounts.first().map_or("", AccountId::as_str))
                .pass("the role is one that AWS makes for the management account, and lets in that account alone");
        }
        let (is_certain, by) = match Privilege::of_role_under(&self.controls, role, self.details) {
            Privilege::No => return subject.not_applicable(nothing),
            Privilege::Yes(by) => (true, by),
            Privilege::Unknown(by) => (false, by),
        };
        let subject = subject.evidence("privilege", &by);
        let (whom, severity) = self.whom(&outsiders);
        if is_certain {
            subject
                .severity(severity)
                .fail(format!("the role is as good as an administrator ({by}) and lets in {whom}"));
        } else {
            subject.unclear(format!(
                "the role lets in {whom}, and whether it is as good as an administrator is not known: {by}"
            ));
        }
    }

    /// Whether the role has an allowed name and lets in nobody but the management account.
    fn is_access_role(&self, role: &Role, outsiders: &Outsiders) -> bool {
        let named = self.allowed.iter().any(|pattern| pattern.matches_ignoring_case(&role.name));
        named
            && outsiders.crowds.is_empty()
            && !outsiders.organization
            && outsiders.accounts.iter().all(|account| Some(account) == self.management)
    }

    /// Who is let in, in words, and how bad that is.
    fn whom(&self, outsiders: &Outsiders) -> (String, Severity) {
        let mut severity = if outsiders.crowds.is_empty() { Severity::High } else { Severity::Critical };
        let mut whom: Vec<String> = outsiders.crowds.iter().cloned().collect();
        if outsiders.organization {
            whom.push("every account of the organization".into());
        }
        for account in &outsiders.accounts {
            let affiliation = self.neighbourhood.affiliation(account);
            if matches!(affiliation, Affiliation::Outside | Affiliation::Unknown(_)) {
                severity = Severity::Critical;
            }
            whom.push(format!("the account {account} ({})", affiliation.words()));
        }
        (whom.join(", "), severity)
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::OrganizationPolicies;
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::organization::{OrganizationPolicy, OrganizationPolicyKind};
    use probity_model::{AccountId, Arn, Finding, Seen, Severity, Topic};

    use crate::testing::{allowing, findings, members, outcomes, outcomes_with, role_mut, trust_policy};

    const ID: &str = "role-cross-account-administrator";
    const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    const READ: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;

    /// A role with a policy that trusts an account.
    fn role(name: &str, document: &str, account: &str) -> Account {
        let trust = trust_policy(&allowing(&format!(r#"{{"AWS":"{account}"}}"#), ""));
        Account::new().role(name, |role| role.trust(&trust).inline("own", document))
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, role("admin", EVERYTHING, "123456789012")), [Pass]);
    }

    #[test]
    fn fail() {
        let found = finding(role("admin", EVERYTHING, "555555555555"));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Critical));
        assert_eq!(
            found.message,
            "the role is as good as an administrator (the policy own allows iam:AddUserToGroup on every resource) and \
             lets in the account 555555555555 (outside)"
        );
    }

    #[test]
    fn an_account_of_the_organization_is_less_bad() {
        let inside = members(role("admin", EVERYTHING, "555555555555"), &[("555555555555", "ACTIVE")]);
        assert_eq!((finding(inside.clone()).outcome, finding(inside).severity), (Fail, Severity::High));
        let unread = role("admin", EVERYTHING, "555555555555").organization().deny(Topic::OrganizationStructure);
        let found = finding(unread);
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Critical));
        assert!(found.message.contains("membership unknown"), "{}", found.message);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, role("reader", READ, "555555555555")), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::AuthorizationDetails, Topic::OrganizationMembership] {
            assert_eq!(outcomes(ID, role("admin", EVERYTHING, "555555555555").deny(topic)), [NotEvaluated]);
        }
        assert_eq!(outcomes(ID, role("odd", "not a policy", "555555555555")), [NotEvaluated]);
        assert_eq!(outcomes(ID, role("odd", "not a policy", "123456789012")), [NotApplicable]);
        let limited =
            READ.replace("s3:Get*", "iam:*").replace(r#""Resource":"*""#, r#""Resource":"arn:aws:iam::*:role/app/*""#);
        assert_eq!(outcomes(ID, role("limited", &limited, "555555555555")), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().role("x", |role| role.trust("no policy"))), [NotEvaluated]);
    }

    #[test]
    fn trap_a_name_proves_nothing() {
        let named = |account: &str| role("OrganizationAccountAccessRole", EVERYTHING, account).organization();
        assert_eq!(outcomes(ID, named("999999999999")), [Pass]);
        assert_eq!(outcomes(ID, named("555555555555")), [Fail]);
        let both =
            format!(r#"{},{}"#, allowing(r#"{"AWS":"999999999999"}"#, ""), allowing(r#"{"AWS":"555555555555"}"#, ""));
        let both = Account::new()
            .role("stacksets-exec-1", |role| role.trust(&trust_policy(&both)).inline("own", EVERYTHING))
            .organization();
        assert_eq!(outcomes(ID, both), [Fail]);
        let other = role("admin", EVERYTHING, "999999999999").organization();
        assert_eq!(outcomes(ID, other.clone()), [Fail]);
        assert_eq!(outcomes_with(ID, &[("allowed_role_names", "adm*")], other), [Pass]);
        assert_eq!(
            outcomes(ID, role("OrganizationAccountAccessRole", EVERYTHING, "999999999999")),
            [Fail],
            "no organization"
        );
    }

    #[test]
    fn trap_the_boundary_is_considered() {
        let arn = "arn:aws:iam::123456789012:policy/boundary";
        let bounded = role("admin", EVERYTHING, "555555555555").policy("boundary", READ, |policy| policy);
        let bounded = bounded.edit(|snapshot| role_mut(snapshot).permissions_boundary = Some(Arn::new(arn)));
        assert_eq!(outcomes(ID, bounded), [NotApplicable]);
    }

    #[test]
    fn trap_service_control_policies_are_considered() {
        let denying = |action: &str| -> Account {
            let document: String = READ.replace("Allow", "Deny").replace("s3:Get*", action);
            let policy = OrganizationPolicy {
                id: "p-1".into(),
                arn: Arn::new("arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-1"),
                name: "guard".into(),
                kind: OrganizationPolicyKind::ServiceControl,
                aws_managed: false,
                document: DocumentText::new(document),
                targets: ["r-root".into()].into(),
            };
            members(role("admin", EVERYTHING, "555555555555"), &[]).facts(|facts| {
                facts.organization_policies = Seen::Known(OrganizationPolicies::Policies([policy].into()));
                let Seen::Known(membership) = &mut facts.organization_membership else { unreachable!("it is known") };
                if let probity_model::facts::OrganizationMembership::Member(organization) = membership {
                    organization.management_account = AccountId::try_from("999999999999").expect("an account");
                }
            })
        };
        assert_eq!(outcomes(ID, denying("iam:*")), [NotApplicable]);
        assert_eq!(outcomes(ID, denying("s3:*")), [Fail]);
        assert_eq!(outcomes(ID, denying("iam:*").deny(Topic::OrganizationPolicies)), [Fail]);
        let trust = trust_policy(&allowing(r#"{"AWS":"123456789012"}"#, ""));
        let inside = |account: Account| {
            account.edit(|snapshot| role_mut(snapshot).trust_policy = DocumentText::new(trust.clone()))
        };
        assert_eq!(outcomes(ID, inside(denying("iam:*"))), [Pass]);
        assert_eq!(outcomes(ID, inside(denying("iam:*").deny(Topic::OrganizationPolicies))), [Pass]);
    }

    #[test]
    fn trap_roles_that_aws_keeps_are_left_alone() {
        for path in ["/aws-service-role/ecs.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"] {
            let account =
                role("admin", EVERYTHING, "555555555555").edit(|snapshot| role_mut(snapshot).path = path.into());
            assert_eq!(outcomes(ID, account), [NotApplicable], "{path}");
        }
    }
}
