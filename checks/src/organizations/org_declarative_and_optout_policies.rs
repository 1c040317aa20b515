//! Declarative and opt-out policies are in force in every account.
//!
//! # Why
//! A declarative policy sets up a service the same way in every account and keeps it so, whatever an account's administrators
//! do: no public images, no instance metadata without a token. An opt-out policy keeps what people put into AI services from
//! being used to train them.
//!
//! # Pass
//! The type is enabled, and in every active account an effective policy of it says what it should: of
//! `DECLARATIVE_POLICY_EC2`, tokens for instance metadata, and no public sharing of images and snapshots; of
//! `AISERVICES_OPT_OUT_POLICY`, `optOut` by default; of other types, anything.
//!
//! # Fail
//! The type is not enabled, or some active account has no effective policy of it, or one that says less.
//!
//! # Not applicable
//! The account is in no organization; or `required_types` is empty, since the organization chose other ways.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated. The management account is bound by these types of policies as well. Service control policies and resource
//! control policies are judged by other checks. There are more types, such as `S3_POLICY`, `BEDROCK_POLICY` and
//! `GUARDDUTY_POLICY`, and there will be others: the evidence names those that are enabled.
//!
//! # Fix
//! Enable the type at the root and attach a policy of it there.
//!
//! # Command
//! ```sh
//! aws organizations describe-effective-policy --policy-type DECLARATIVE_POLICY_EC2 --target-id ACCOUNT_ID
//! ```

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationTree;
use probity_model::facts::organization_administration::EffectivePolicy;
use probity_model::facts::{OrganizationEffectivePolicies, OrganizationMembership, OrganizationStructure};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};

/// What effective policies should say: the type, the setting, the values that will do.
const SETTINGS: [(&str, &str, &[&str]); 4] = [
    ("DECLARATIVE_POLICY_EC2", "ec2_attributes.instance_metadata_defaults.http_tokens", &["required"]),
    ("DECLARATIVE_POLICY_EC2", "ec2_attributes.image_block_public_access.state", &["block_new_sharing"]),
    (
        "DECLARATIVE_POLICY_EC2",
        "ec2_attributes.snapshot_block_public_access.state",
        &["block_all_sharing", "block_new_sharing"],
    ),
    ("AISERVICES_OPT_OUT_POLICY", "services.default.opt_out_policy", &["optOut"]),
];
/// How many accounts a message names.
const NAMED: usize = 5;

const REQUIRED_TYPES: ListParameter = ListParameter {
    name: "required_types",
    default: &["DECLARATIVE_POLICY_EC2", "AISERVICES_OPT_OUT_POLICY"],
    choices: &[],
    unit: Unit::Names,
    source: "our own choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-declarative-and-optout-policies",
        family: Family::Organizations,
        title: "Declarative and opt-out policies are used where they apply",
        severity: Severity::Low,
        scope: Scope::Organization,
        resource: ResourceKind::Organization,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(REQUIRED_TYPES)],
    };
    type Facts<'s> = (&'s OrganizationMembership, &'s OrganizationStructure, &'s OrganizationEffectivePolicies);

    fn run((membership, structure, effective): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is in no organization");
        };
        let (OrganizationStructure::Tree(tree), OrganizationEffectivePolicies::Types(types)) = (structure, effective)
        else {
            return out
                .whole_account()
                .unclear("the account is in an organization whose tree or policies do not exist");
        };
        let required = parameters.list(&REQUIRED_TYPES);
        if required.is_empty() {
            return out.resource(organization.arn.clone()).not_applicable("no type is required (required_types)");
        }
        for kind in required {
            let enabled: Vec<&str> = tree.enabled_policy_types.iter().map(String::as_str).collect();
            let subject = out
                .resource(organization.arn.clone())
                .discriminator(kind)
                .evidence("type", kind)
                .evidence("PolicyTypes", if enabled.is_empty() { "none".into() } else { enabled.join(", ") });
            judge(kind, tree, types, subject);
        }
    }
}

fn judge(
    kind: &str,
    tree: &OrganizationTree,
    types: &BTreeMap<String, Vec<EffectivePolicy>>,
    subject: Subject<'_, '_>,
) {
    if !tree.enabled_policy_types.contains(kind) {
        return subject.fail(format!("policies of the type {kind} are not enabled"));
    }
    let Some(policies) = types.get(kind) else {
        return subject.unclear(format!("the effective policies of the type {kind} were not read"));
    };
    let active: Vec<&str> = tree.accounts.iter().filter(|one| one.is_in_use()).map(|one| one.id.as_str()).collect();
    let mut asked: BTreeSet<&str> = BTreeSet::new();
    let mut lacking: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for policy in policies {
        let accounts = policy.accounts.iter().map(|id| id.as_str()).filter(|id| active.contains(id));
        let accounts: Vec<&str> = accounts.collect();
        asked.extend(accounts.iter().copied());
        match shortcomings(kind, policy) {
            Err(reason) => return subject.unclear(reason),
            Ok(shortcomings) => {
                for one in shortcomings {
                    lacking.entry(one).or_default().extend(accounts.iter().copied());
                }
            }
        }
    }
    lacking.retain(|_, accounts| !accounts.is_empty());
    let unasked: Vec<&str> = active.iter().copied().filter(|id| !asked.contains(id)).collect();
    let subject = subject.evidence("accounts", active.len());
    let told = lacking.iter().map(|(what, accounts)| format!("{what}: {}", some(accounts)));
    match (lacking.is_empty(), unasked.is_empty()) {
        (false, _) => subject.fail(Vec::from_iter(told).join("; ")),
        (true, false) => {
            subject.unclear(format!("the effective policy of these accounts was not read: {}", some(&unasked)))
        }
        (true, true) => subject.pass(format!("every active account has an effective policy of the type {kind}")),
    }
}

/// What an effective policy does not say.
fn shortcomings(kind: &str, policy: &EffectivePolicy) -> Result<Vec<String>, String> {
    if policy.document.is_none() {
        return Ok([String::from("no effective policy")].into());
    }
    let settings = policy.settings().map_err(|error| format!("an effective policy cannot be read: {error}"))?;
    let wrong = SETTINGS.iter().filter(|(of, ..)| *of == kind).filter_map(|(_, name, values)| {
        let found = settings.get(*name).map(String::as_str);
        let will_do = found.is_some_and(|found| values.iter().any(|value| value.eq_ignore_ascii_case(found)));
        (!will_do).then(|| format!("{name} is {}", found.unwrap_or("not set")))
    });
    Ok(wrong.collect())
}

fn some(accounts: &[&str]) -> String {
    let shown = accounts.get(..NAMED).unwrap_or(accounts).join(", ");
    let more = accounts.len().saturating_sub(NAMED);
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::facts::OrganizationEffectivePolicies;
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::organization_administration::EffectivePolicy;
    use probity_model::{AccountId, Seen, Topic};

    use crate::organization_testing::{MEMBER, Policies, account, member_that_may_not_read};
    use crate::testing::{findings_with, outcomes, outcomes_with};

    const ID: &str = "org-declarative-and-optout-policies";
    const EC2: &str = "DECLARATIVE_POLICY_EC2";
    const ONLY_EC2: [(&str, &str); 1] = [("required_types", EC2)];
    const GOOD: &str = r#"{"ec2_attributes":{"instance_metadata_defaults":{"http_tokens":"required"},
        "image_block_public_access":{"state":"block_new_sharing"},"snapshot_block_public_access":{"state":"block_all_sharing"}}}"#;

    fn one(accounts: &[&str], document: Option<&str>) -> EffectivePolicy {
        EffectivePolicy {
            accounts: accounts.iter().map(|id| AccountId::try_from(*id).expect("an id")).collect(),
            document: document.map(DocumentText::new),
        }
    }

    fn with(kind: &str, policies: &[EffectivePolicy]) -> Account {
        let types = [(kind.to_owned(), policies.to_vec())].into();
        Policies::new()
            .tree(|tree| {
                tree.enabled_policy_types.insert(kind.to_owned());
            })
            .account()
            .facts(|facts| {
                facts.organization_effective_policies = Seen::Known(OrganizationEffectivePolicies::Types(types));
            })
    }

    fn judged(policies: &[EffectivePolicy]) -> Vec<Outcome> {
        outcomes_with(ID, &ONLY_EC2, with(EC2, policies))
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&[one(&[ACCOUNT, MEMBER], Some(GOOD))]), [Pass]);
        let opted_out = r#"{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}"#;
        let account = with("AISERVICES_OPT_OUT_POLICY", &[one(&[ACCOUNT, MEMBER], Some(opted_out))]);
        assert_eq!(outcomes_with(ID, &[("required_types", "AISERVICES_OPT_OUT_POLICY")], account), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Policies::new().account()), [Fail, Fail], "neither type is enabled");
        assert_eq!(judged(&[one(&[ACCOUNT], Some(GOOD)), one(&[MEMBER], None)]), [Fail]);
        for setting in ["required", "block_new_sharing", "block_all_sharing"] {
            let less = GOOD.replace(setting, "optional");
            assert_eq!(judged(&[one(&[ACCOUNT, MEMBER], Some(&less))]), [Fail], "{setting}");
        }
        let account = with(EC2, &[one(&[ACCOUNT], Some(GOOD)), one(&[MEMBER], None)]);
        let [finding] = findings_with(ID, &ONLY_EC2, account).try_into().expect("one finding");
        assert_eq!(finding.message, "no effective policy: 222222222222");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("required_types", "")], Policies::new().account()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        let good = || with(EC2, &[one(&[ACCOUNT, MEMBER], Some(GOOD))]);
        let topics =
            [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationEffectivePolicies];
        for topic in topics {
            assert_eq!(outcomes(ID, good().deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(judged(&[one(&[ACCOUNT, MEMBER], Some("{"))]), [NotEvaluated]);
        assert_eq!(judged(&[one(&[ACCOUNT], Some(GOOD))]), [NotEvaluated], "an account is missing");
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_types_that_nobody_has_heard_of_are_judged_by_being_there() {
        let account = with("QUANTUM_POLICY", &[one(&[ACCOUNT, MEMBER], Some(r#"{"quanta":{}}"#))]);
        assert_eq!(outcomes_with(ID, &[("required_types", "QUANTUM_POLICY")], account), [Pass]);
    }

    #[test]
    fn trap_service_control_policies_are_none_of_these() {
        let asked = [("required_types", "SERVICE_CONTROL_POLICY")];
        assert_eq!(
            outcomes_with(ID, &asked, Policies::new().account()),
            [NotEvaluated],
            "their effect is computed elsewhere"
        );
    }

    #[test]
    fn accounts_that_are_closed_do_not_count() {
        let closed = Policies::new()
            .tree(|tree| {
                tree.enabled_policy_types.insert(EC2.to_owned());
                tree.accounts.push(account("333333333333", "old", "ou-work", "SUSPENDED"));
            })
            .account()
            .facts(|facts| {
                let types = [(EC2.to_owned(), [one(&[ACCOUNT, MEMBER], Some(GOOD))].into())].into();
                facts.organization_effective_policies = Seen::Known(OrganizationEffectivePolicies::Types(types));
            });
        assert_eq!(outcomes_with(ID, &ONLY_EC2, closed), [Pass]);
    }
}
