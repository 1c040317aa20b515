//! Only those who are meant to may change who gets in by IAM Identity Center, and with which permissions.
//!
//! # Why
//! Whoever may assign permission sets, or put users into groups, is an administrator of every account of the organization one
//! call later.
//!
//! # Pass
//! The user or role is on the list `identity_principals`, or may do none of the `actions`.
//!
//! # Fail
//! It may do one of them on something, and is not on the list. Administrators, who may do all of them, fail together, in one
//! finding.
//!
//! # Not applicable
//! The account has no instance of IAM Identity Center. Roles that AWS made for its services.
//!
//! # Notes
//! With provisioning by SCIM, the identity provider outside of AWS writes users and memberships: who holds its token cannot
//! be seen here. Administrators of the management account hold these rights implicitly.
//!
//! An instance that another account owns can be administered here only if this account is its delegated administrator. That
//! is not read: who may do the actions is then not evaluated.
//!
//! # Fix
//! Allow these actions to one role only, which needs a second factor and an approval.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_access::{Access, Binding, Decision, Outcome, Principal, PrincipalKind, Truth};
use probity_model::facts::IdentityCenterInstances;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Context, Pattern, Target};

use crate::escalation::{self, Ways};

const ACTIONS: ListParameter = ListParameter {
    name: "actions",
    default: &[
        "sso:CreateAccountAssignment",
        "sso:AttachManagedPolicyToPermissionSet",
        "sso:PutInlinePolicyToPermissionSet",
        "sso:AttachCustomerManagedPolicyReferenceToPermissionSet",
        "sso:DeletePermissionsBoundaryFromPermissionSet",
        "sso:ProvisionPermissionSet",
        "identitystore:CreateGroupMembership",
        "identitystore:CreateUser",
    ],
    choices: &[],
    unit: Unit::Actions,
    source: "our own choice: each of them changes who gets in or with which permissions",
};

const IDENTITY_PRINCIPALS: ListParameter = ListParameter {
    name: "identity_principals",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the organization's choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "privesc-identity-center-write",
        family: Family::PrivilegeEscalation,
        title: "Identity Center write rights are held by the identity team only",
        severity: Severity::High,
        scope: Scope::Organization,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ACTIONS), ParameterSpec::List(IDENTITY_PRINCIPALS)],
    };
    type Facts<'s> = (Inferred<'s, Ways>, &'s IdentityCenterInstances);

    fn run((Inferred(ways), instances): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let access = ways.access();
        if instances.instances.is_empty() {
            return out.whole_account().not_applicable("the account has no instance of IAM Identity Center");
        }
        let own = access.account().as_str();
        let is_own = instances.instances.iter().any(|one| one.owner.as_deref() == Some(own));
        let open = (!is_own).then(|| String::from("the account administers the instance of another account"));
        let actions = parameters.list(&ACTIONS);
        let listed: Vec<Pattern> = parameters.list(&IDENTITY_PRINCIPALS).into_iter().map(Pattern::new).collect();
        let mut administrators = BTreeSet::new();
        for principal in access.principals() {
            let arn = principal.arn();
            if principal.kind() == PrincipalKind::ServiceLinkedRole {
                out.resource(arn.clone()).not_applicable("AWS made the role for a service");
            } else if listed.iter().any(|pattern| pattern.matches(arn.as_str())) {
                let subject = out.resource(arn.clone()).evidence(IDENTITY_PRINCIPALS.name, "listed");
                subject.pass("is on the list of those who administer identities");
            } else if access.administrator(principal).is_some_and(|one| one.certainty == Truth::Yes)
                && Verdict::of(access, principal, &actions).allowed.len() == actions.len()
            {
                administrators.insert(arn);
            } else {
                judge(access, principal, &actions, open.as_deref(), out);
            }
        }
        if !administrators.is_empty() {
            let all = administrators.iter();
            let subject = all.fold(out.whole_account(), |one, arn| one.evidence("administrator", arn.resource()));
            let subject = subject.discriminator("administrators");
            let count = administrators.len();
            match open {
                None => subject.fail(format!(
                    "{count} of the users and roles may do all of this as administrators, and are not on the list of those \
                     who administer identities"
                )),
                Some(open) => subject.unclear(format!("nobody can say whether {open}: {count} administrators could do it")),
            }
        }
    }
}

/// What a principal may do of the actions.
#[derive(Default)]
struct Verdict<'a> {
    allowed: Vec<(&'a str, Decision)>,
    open: Vec<(&'a str, Decision)>,
}

impl<'a> Verdict<'a> {
    fn of(access: &Access, principal: &Principal, actions: &[&'a str]) -> Self {
        let mut verdict = Self::default();
        for action in actions {
            let decision = access.can(principal, action, Target::Matching("*"), &Context::partial());
            match decision.outcome {
                Outcome::Denied => {}
                // To assign one permission set is enough: only conditions and what was not read leave it open.
                Outcome::AllowedIf if hangs_on_the_resource_alone(access, &decision) => {
                    verdict.allowed.push((action, decision));
                }
                Outcome::AllowedIf => verdict.open.push((action, decision)),
                Outcome::Allowed => verdict.allowed.push((action, decision)),
            }
        }
        verdict
    }
}

/// Whether some Allow stands under no condition and nothing may deny, so that only the resource is open.
fn hangs_on_the_resource_alone(access: &Access, decision: &Decision) -> bool {
    use probity_policy::Effect;
    let of_resource = |text: &String| text.starts_with("the resource is ");
    let (denies, allows): (Vec<_>, Vec<_>) = decision.statements.iter().partition(|one| one.effect == Effect::Deny);
    let is_read = !matches!(access.organization(), Binding::Unread(_));
    is_read
        && denies.is_empty()
        && allows.iter().any(|one| one.remaining.iter().all(of_resource))
        && allows.iter().all(|one| !one.unread)
}

fn judge(access: &Access, principal: &Principal, actions: &[&str], instances: Option<&str>, out: &mut Findings<'_>) {
    let verdict = Verdict::of(access, principal, actions);
    let mut subject = out.resource(principal.arn().clone()).evidence("actions_judged", actions.len());
    let decided = verdict.allowed.first().or(verdict.open.first());
    for one in decided.iter().flat_map(|(_, decision)| &decision.statements) {
        subject = subject.evidence("statement", escalation::statement(one));
    }
    let names = verdict.allowed.iter().map(|(action, _)| *action).collect::<Vec<_>>().join(", ");
    match (verdict.allowed.is_empty(), verdict.open.first(), instances) {
        (true, None, _) => subject.pass("may do none of the actions"),
        (false, _, None) => subject.evidence("allowed", &names).fail(format!("may do {names}")),
        (false, _, Some(open)) => subject.evidence("allowed", &names).unclear(format!("may do {names}, if {open}")),
        (true, Some((action, decision)), _) => subject.unclear(format!(
            "whether {action} is allowed depends on what nobody can say from the policies: {}",
            match access.organization() {
                Binding::Unread(reason) => reason.to_string(),
                _ => decision.remaining().join("; "),
            }
        )),
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::facts::identity_providers::IdentityCenterInstance;
    use probity_model::{Arn, Region, Seen, Topic};

    use crate::escalation::testing::{ADMIN, allow, of, statement};
    use crate::testing::{findings, findings_with, outcomes};

    const ID: &str = "privesc-identity-center-write";

    fn with_instance(account: Account, owner: &str) -> Account {
        account.facts(|facts| {
            if let Seen::Known(known) = &mut facts.identity_center_instances {
                known.instances.push(IdentityCenterInstance {
                    arn: Arn::new("arn:aws:sso:::instance/ssoins-0123456789abcdef"),
                    region: Region::try_from("us-east-1").expect("a Region"),
                    owner: Some(owner.into()),
                    identity_store: None,
                    status: Some("ACTIVE".into()),
                });
            }
        })
    }

    fn anna(document: &str) -> Account {
        let account = Account::new().management_account();
        with_instance(account.user("anna", |user| user.inline("own", document)), ACCOUNT)
    }

    #[test]
    fn pass() {
        assert_eq!(of(ID, anna(&allow("sso:List*", "*")), "user/anna"), Pass);
        let listed = [("identity_principals", "arn:aws:iam::123456789012:user/anna")];
        let found = findings_with(ID, &listed, anna(&allow("sso:*", "*")));
        assert_eq!(found.first().expect("a finding").outcome, Pass);
    }

    #[test]
    fn fail() {
        for action in super::ACTIONS.default {
            assert_eq!(of(ID, anna(&allow(action, "*")), "user/anna"), Fail, "{action}");
        }
        let one = allow("sso:CreateAccountAssignment", "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/*");
        assert_eq!(of(ID, anna(&one), "user/anna"), Fail);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, anna(ADMIN).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let account = anna(&allow("sso:*", "*"));
        assert_eq!(outcomes(ID, account.deny(Topic::IdentityCenterInstances)), [NotEvaluated]);
        let condition = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        let conditional = statement("Allow", r#""sso:*""#, "*", condition);
        assert_eq!(of(ID, anna(&conditional), "user/anna"), NotEvaluated);
        let elsewhere = Account::new().organization().user("anna", |user| user.inline("own", &allow("sso:*", "*")));
        let elsewhere = elsewhere.facts(|facts| {
            facts.organization_membership = Seen::Known(probity_model::facts::OrganizationMembership::Standalone);
        });
        assert_eq!(of(ID, with_instance(elsewhere, "999999999999"), "user/anna"), NotEvaluated);
        let unread = anna(&allow("s3:*", "*")).user("bob", |user| user.attached("Unread"));
        assert_eq!(of(ID, unread, "user/bob"), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        let account = Account::new().user("anna", |user| user.inline("own", &allow("sso:*", "*")));
        assert_eq!(outcomes(ID, account), [NotApplicable]);
    }

    #[test]
    fn trap_provisioning_from_outside_is_named_in_the_notes() {
        let entry = crate::registry::find(ID).expect("the check");
        assert!(entry.docs.notes.contains("SCIM"), "{}", entry.docs.notes);
    }

    #[test]
    fn trap_administrators_hold_these_rights_implicitly() {
        let found = findings(ID, anna(ADMIN).user("bob", |user| user.inline("all", ADMIN)));
        let [finding] = found.try_into().expect("one finding for all of them");
        assert_eq!(finding.outcome, Fail);
        assert!(finding.message.starts_with("2 of the users and roles"), "{}", finding.message);
    }
}
