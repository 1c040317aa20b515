//! No customer managed or inline policy allows everything.
//!
//! # Why
//! A policy that allows every action on every resource makes an administrator of whoever gets it, often without its
//! name saying so, and of whoever takes over a workload that has it.
//!
//! # Pass
//! No statement of the policy, nor all of them together, allows every action on every resource without a condition that
//! restricts.
//!
//! # Fail
//! The policy allows every action on every resource: an inline policy, or a customer managed one that is attached. One
//! that is attached to nothing is rated medium.
//!
//! # Not applicable
//! A policy that serves as permissions boundary only, which grants nothing; with `include_unattached` off, one that is
//! attached to nothing. AWS managed policies are for another check.
//!
//! # Notes
//! This is a verdict on what the policy says, and not on what anybody can do in the end: neither what other statements
//! deny nor permissions boundaries, service and resource control policies or session policies are considered.
//!
//! Only the version in force is judged. `NotAction` or `NotResource` that excepts little is nearly everything and
//! passes here: there is a check for inverted elements. A policy with administrator rights that is spelled out action
//! by action passes too; one that allows all of a sample of many services counts as allowing everything. Conditions
//! that take any text or any address do not restrict; whether other conditions ever hold is not judged here.
//!
//! Security Hub's IAM.1 looks at customer managed policies only; CIS also counts AWS managed ones that are attached.
//!
//! # Fix
//! Give each role the actions that its job needs, on the resources that it works with. Where the usage is known, let
//! IAM Access Analyzer write a policy out of CloudTrail's records.
//!
//! # Command
//! ```sh
//! aws iam create-policy-version --policy-arn POLICY_ARN --policy-document file://least.json --set-as-default
//! ```

use alloc::collections::BTreeSet;
use alloc::format;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::{DocumentText, InlinePolicy, ManagedPolicy};
use probity_model::{
    Arn, Automation, Family, Findings, FlagParameter, Meta, ParameterSpec, Parameters, Partition, ResourceKind, Rule,
    Scope, Severity, Subject,
};

use crate::everything;

const INCLUDE_UNATTACHED: FlagParameter = FlagParameter {
    name: "include_unattached",
    default: true,
    source: "our own choice: whoever may attach policies can use it. Prowler has a check of its own for them",
};

/// What a verdict does not consider.
const NOT_CONSIDERED: &str = "Deny statements, permissions boundaries, SCPs, RCPs, session policies";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-administrator-custom",
        family: Family::Policies,
        title: "No customer managed or inline policy grants *:*",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::Policy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(INCLUDE_UNATTACHED)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let include_unattached = parameters.flag(&INCLUDE_UNATTACHED);
        let uses = Uses::of(details);
        for policy in details.policies.iter().filter(|policy| !policy.is_aws_managed()) {
            judge_managed(policy, &uses, include_unattached, out);
        }
        let users = details.users.iter().map(|user| (&user.arn, &user.inline_policies));
        let groups = details.groups.iter().map(|group| (&group.arn, &group.inline_policies));
        let roles = details.roles.iter().map(|role| (&role.arn, &role.inline_policies));
        for (owner, policies) in users.chain(groups).chain(roles) {
            for policy in policies {
                judge_inline(owner, policy, out);
            }
        }
    }
}

/// The managed policies in use, by what the principals say.
struct Uses<'s> {
    attached: BTreeSet<&'s Arn>,
    boundaries: BTreeSet<&'s Arn>,
}

/// What a managed policy is used for.
enum Use {
    /// It is attached, or nobody says that it is not.
    Attached,
    BoundaryOnly,
    None,
}

impl<'s> Uses<'s> {
    fn of(details: &'s AuthorizationDetails) -> Self {
        let users = details.users.iter().map(|user| &user.attached_policies);
        let groups = details.groups.iter().map(|group| &group.attached_policies);
        let roles = details.roles.iter().map(|role| &role.attached_policies);
        let attached = users.chain(groups).chain(roles).flatten().map(|policy| &policy.arn);
        let of_users = details.users.iter().filter_map(|user| user.permissions_boundary.as_ref());
        let of_roles = details.roles.iter().filter_map(|role| role.permissions_boundary.as_ref());
        Self { attached: attached.collect(), boundaries: of_users.chain(of_roles).collect() }
    }

    fn of_policy(&self, policy: &ManagedPolicy) -> Use {
        let attached = policy.attachment_count != Some(0) || self.attached.contains(&policy.arn);
        let boundary = policy.boundary_usage_count.unwrap_or(0) > 0 || self.boundaries.contains(&policy.arn);
        match (attached, boundary) {
            (true, _) => Use::Attached,
            (false, true) => Use::BoundaryOnly,
            (false, false) => Use::None,
        }
    }
}

fn judge_managed(policy: &ManagedPolicy, uses: &Uses<'_>, include_unattached: bool, out: &mut Findings<'_>) {
    let partition = out.partition();
    let mut subject = out.resource(policy.arn.clone());
    if let Some(count) = policy.attachment_count {
        subject = subject.evidence("AttachmentCount", count);
    }
    if let Some(count) = policy.boundary_usage_count {
        subject = subject.evidence("PermissionsBoundaryUsageCount", count);
    }
    match uses.of_policy(policy) {
        Use::BoundaryOnly => {
            return subject.not_applicable("the policy serves as permissions boundary only, and grants nothing");
        }
        Use::None if !include_unattached => {
            return subject.not_applicable("the policy is attached to nothing, and such policies are not asked for");
        }
        Use::None => subject = subject.severity(Severity::Medium),
        Use::Attached => {}
    }
    match policy.default_version() {
        Some(version) => judge(subject.evidence("VersionId", &version.id), &version.document, partition),
        None => subject.unclear("the authorization details do not hold the version in force"),
    }
}

fn judge_inline(owner: &Arn, policy: &InlinePolicy, out: &mut Findings<'_>) {
    let partition = out.partition();
    let subject = out.resource(owner.clone()).discriminator(&*policy.name).evidence("PolicyName", &policy.name);
    judge(subject, &policy.document, partition);
}

fn judge(subject: Subject<'_, '_>, text: &DocumentText, partition: &Partition) {
    let subject = subject.noted("not_considered", NOT_CONSIDERED);
    match probity_access::read(text).map(|document| everything::of(document, partition)) {
        Ok(None) => subject.pass("the policy does not allow every action on every resource"),
        Ok(Some(how)) => subject.fail(how),
        Err(error) => subject.unclear(format!("the policy document cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, PolicyBuilder};
    use probity_model::{Finding, Severity, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "policy-administrator-custom";
    const ADMIN: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    const READER: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;

    fn managed(document: &str, change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> Account {
        Account::new().policy("own", document, change)
    }

    fn attached(document: &str) -> Account {
        managed(document, |policy| policy.attached_to(1))
    }

    fn unattached(document: &str) -> Account {
        managed(document, |policy| policy.attached_to(0))
    }

    fn statements(list: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":{list}}}"#)
    }

    fn the_finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, attached(READER)), [Pass]);
        assert_eq!(outcomes(ID, Account::new().role("app", |role| role.inline("own", READER))), [Pass]);
    }

    #[test]
    fn fail() {
        let finding = the_finding(attached(ADMIN));
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::High));
        assert_eq!(finding.message, "statement 1 (All) allows every action on every resource");
    }

    #[test]
    fn inline_policies_of_users_groups_and_roles_are_judged_each_for_itself() {
        let account = Account::new()
            .user("anna", |user| user.inline("a", ADMIN).inline("b", READER))
            .group("devs", |group| group.inline("a", ADMIN))
            .role("app", |role| role.inline("a", ADMIN));
        let found = findings(ID, account);
        let verdicts: Vec<_> =
            found.iter().map(|one| (one.resource.resource(), &*one.discriminator, one.outcome)).collect();
        assert_eq!(
            verdicts,
            [("group/devs", "a", Fail), ("role/app", "a", Fail), ("user/anna", "a", Fail), ("user/anna", "b", Pass)]
        );
        assert!(found.iter().all(|one| one.severity == Severity::High));
    }

    #[test]
    fn a_policy_that_is_attached_to_nothing_is_rated_medium() {
        let finding = the_finding(unattached(ADMIN));
        assert_eq!((finding.outcome, finding.severity), (Fail, Severity::Medium));
        let off = [("include_unattached", "false")];
        assert_eq!(outcomes_with(ID, &off, unattached(ADMIN)), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &off, attached(ADMIN)), [Fail]);
        let listed = unattached(ADMIN).role("app", |role| role.attached("arn:aws:iam::123456789012:policy/own"));
        assert_eq!(the_finding(listed).severity, Severity::High, "the role says that it is attached");
        let uncounted = managed(ADMIN, |mut policy| {
            policy.details.attachment_count = None;
            policy
        });
        assert_eq!(the_finding(uncounted).severity, Severity::High, "nobody says that it is not attached");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, managed(ADMIN, |policy| policy.attached_to(0).boundary_of(2))), [NotApplicable]);
        let listed = unattached(ADMIN).user("anna", |user| user.boundary("arn:aws:iam::123456789012:policy/own"));
        assert_eq!(outcomes(ID, listed), [NotApplicable]);
        assert_eq!(outcomes(ID, managed(ADMIN, |policy| policy.attached_to(1).boundary_of(2))), [Fail], "both");
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, attached(READER).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let without_version = managed(READER, |mut policy| {
            policy.details.versions.clear();
            policy
        });
        assert_eq!(outcomes(ID, without_version), [NotEvaluated]);
    }

    #[test]
    fn a_document_that_cannot_be_parsed_never_passes() {
        for text in ["", "{", "[]", r#"{"Statement":[{"Effect":"Allow"}]}"#] {
            assert_eq!(outcomes(ID, attached(text)), [NotEvaluated], "{text}");
            assert_eq!(outcomes(ID, unattached(text)), [NotEvaluated], "{text}");
            assert_eq!(outcomes(ID, Account::new().user("anna", |user| user.inline("own", text))), [NotEvaluated]);
        }
    }

    #[test]
    fn a_condition_that_restricts_passes() {
        let under = |condition: &str| {
            let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#);
            outcomes(ID, attached(&statements(&statement)))
        };
        assert_eq!(under(r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#), [Pass]);
        assert_eq!(under(r#""StringLike":{"aws:PrincipalArn":"*"}"#), [Fail]);
    }

    #[test]
    fn trap_only_the_version_in_force_counts() {
        assert_eq!(outcomes(ID, managed(READER, |policy| policy.earlier_version(ADMIN))), [Pass]);
        assert_eq!(outcomes(ID, managed(ADMIN, |policy| policy.earlier_version(READER))), [Fail]);
        let rolled_back = managed(ADMIN, |policy| {
            let mut policy = policy.earlier_version(READER);
            policy.details.versions.iter_mut().for_each(|version| version.is_default = !version.is_default);
            policy
        });
        assert_eq!(outcomes(ID, rolled_back), [Pass], "by the mark, not by the order");
    }

    #[test]
    fn trap_objects_and_lists_and_any_case_mean_the_same() {
        for list in [
            r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
            r#"[{"Effect":"Allow","Action":["*"],"Resource":["*"]}]"#,
            r#"[{"Effect":"Allow","Action":["s3:Get*","*:*"],"Resource":["arn:aws:s3:::b","*"]}]"#,
            r#"[{"Effect":"Allow","NotAction":"IAM:*","Resource":"*"},{"Effect":"Allow","Action":"iam:*","Resource":"*"}]"#,
        ] {
            assert_eq!(outcomes(ID, attached(&statements(list))), [Fail], "{list}");
        }
    }

    #[test]
    fn trap_inverted_elements_are_everything_only_where_they_except_nothing() {
        let nothing = r#"{"Effect":"Allow","NotAction":[],"Resource":"*"}"#;
        assert_eq!(outcomes(ID, attached(&statements(nothing))), [Fail]);
        let one_service = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
        assert_eq!(outcomes(ID, attached(&statements(one_service))), [Pass], "for the check of inverted elements");
    }

    /// Those of AWS are judged where they are attached, by a check of its own; inline policies are judged here.
    #[test]
    fn trap_inline_policies_count_and_aws_managed_ones_are_for_another_check() {
        let account = Account::new()
            .aws_policy("AdministratorAccess", ADMIN)
            .role("admin", |role| role.attached("AdministratorAccess"));
        assert_eq!(outcomes(ID, account.clone()), [NotApplicable]);
        assert_eq!(outcomes(ID, account.role("app", |role| role.inline("own", ADMIN))), [Fail]);
    }

    /// The collection decodes documents; one that is still encoded cannot be read, and must not be taken for an empty
    /// one.
    #[test]
    fn trap_a_document_that_is_still_encoded_is_not_a_pass() {
        let encoded = ADMIN.replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
        assert_eq!(outcomes(ID, attached(&encoded)), [NotEvaluated]);
        let percent = ADMIN.replace(r#""Resource":"*""#, r#""Resource":["arn:aws:s3:::a%22b","*"]"#);
        assert_eq!(outcomes(ID, attached(&percent)), [Fail], "and one that is decoded is not decoded again");
    }

    #[test]
    fn trap_the_finding_says_which_layers_were_not_considered() {
        let denied = statements(
            r#"[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}]"#,
        );
        let bounded = Account::new()
            .user("anna", |user| user.inline("own", &denied).boundary("arn:aws:iam::123456789012:policy/none"));
        let finding = the_finding(bounded);
        assert_eq!(finding.outcome, Fail);
        let told = finding.evidence.iter().find(|item| item.key == "not_considered").map(|item| &*item.value);
        assert_eq!(told, Some("Deny statements, permissions boundaries, SCPs, RCPs, session policies"));
    }
}
