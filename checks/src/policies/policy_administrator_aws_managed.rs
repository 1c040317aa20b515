//! AdministratorAccess and its like are attached to few principals, all of them known.
//!
//! # Why
//! Whoever has `AdministratorAccess` can do everything, and so can whoever takes over a workload or a laptop that has
//! it. Each such principal has to be one that somebody decided on.
//!
//! # Pass
//! Every attachment of an administrator policy of AWS is to a principal on the list `allowed_principals`, and at most
//! `max_principals` users and roles have one.
//!
//! # Fail
//! An administrator policy of AWS is attached to a principal that is not on the list, or more than `max_principals`
//! users and roles have one.
//!
//! # Notes
//! An administrator policy is one of AWS whose name is on the list `admin_policies`, or whose document allows every
//! action on every resource, whatever its name. Variants of a listed one for a service, such as
//! `AdministratorAccess-Amplify`, are nearly as much: they are judged likewise, rated medium, and not counted. Customer
//! managed policies are for another check.
//!
//! A user that has the policy through a group counts like any other; a group by itself does not. As permissions
//! boundary the policy grants nothing and is not judged.
//!
//! Other tools rate the attachment from a mere note up to critical. Here it is high: it is no flaw by itself, and one
//! step from losing the account.
//!
//! The list takes names, and ARNs with wildcards. Names that begin with `AWSReservedSSO_` count only for roles that IAM
//! Identity Center made.
//!
//! # Fix
//! Detach the policy, and give the principal one for its job. Let people reach administrator rights through IAM
//! Identity Center, for as long as they need them.
//!
//! # Command
//! ```sh
//! aws iam detach-role-policy --role-name ROLE --policy-arn POLICY_ARN
//! ```

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::AttachedPolicy;
use probity_model::{
    Arn, Automation, Family, Findings, ListParameter, Meta, NumberParameter, ParameterSpec, Parameters, Partition,
    ResourceKind, Rule, Scope, Severity, Unit,
};
use probity_policy::Pattern;

use crate::everything;

const ADMIN_POLICIES: ListParameter = ListParameter {
    name: "admin_policies",
    default: &["AdministratorAccess"],
    choices: &[],
    unit: Unit::Names,
    source: "the policy that the benchmarks name; IAMFullAccess and PowerUserAccess are lesser grades",
};

const ALLOWED_PRINCIPALS: ListParameter = ListParameter {
    name: "allowed_principals",
    default: &["AWSReservedSSO_AdministratorAccess_*"],
    choices: &[],
    unit: Unit::Globs,
    source: "our own choice: the roles that IAM Identity Center makes for the permission set of that name",
};

const MAX_PRINCIPALS: NumberParameter = NumberParameter {
    name: "max_principals",
    default: 3,
    min: 0,
    max: 10_000,
    unit: Unit::Principals,
    source: "our own choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-administrator-aws-managed",
        family: Family::Policies,
        title: "AdministratorAccess is attached to few, known principals",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::PolicyAttachment,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[
            ParameterSpec::List(ADMIN_POLICIES),
            ParameterSpec::List(ALLOWED_PRINCIPALS),
            ParameterSpec::Number(MAX_PRINCIPALS),
        ],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let names = parameters.list(&ADMIN_POLICIES);
        let allowed = parameters.list(&ALLOWED_PRINCIPALS);
        let owners = owners(details);
        let attached = owners.iter().flat_map(|owner| owner.attached).map(|policy| &policy.arn);
        let attached: BTreeSet<&Arn> = attached.filter(|arn| arn.account() == "aws").collect();
        let grade = |arn| Some((arn, Grade::of(arn, details, &names, out.partition())?));
        let grades: BTreeMap<&Arn, Grade> = attached.into_iter().filter_map(grade).collect();

        let mut holders = BTreeSet::new();
        let mut unread = BTreeSet::new();
        let attachments = owners.iter().flat_map(|owner| owner.attached.iter().map(move |policy| (owner, &policy.arn)));
        for (owner, policy) in attachments {
            let Some(grade) = grades.get(policy) else { continue };
            match grade {
                Grade::Full => holders.extend(owner.holders.iter().copied()),
                Grade::Unread(_) => {
                    unread.insert(policy.name());
                }
                Grade::Variant => {}
            }
            judge(owner, policy, grade, &allowed, out);
        }
        count(&holders, &unread, parameters.number(&MAX_PRINCIPALS), out);
    }
}

/// A user, a group or a role, to which policies are attached.
struct Owner<'s> {
    arn: &'s Arn,
    made_by_identity_center: bool,
    attached: &'s [AttachedPolicy],
    /// The users and roles that have its policies.
    holders: Vec<&'s Arn>,
}

fn owners(details: &AuthorizationDetails) -> Vec<Owner<'_>> {
    let users = details.users.iter().map(|user| Owner {
        arn: &user.arn,
        made_by_identity_center: false,
        attached: &user.attached_policies,
        holders: vec![&user.arn],
    });
    let groups = details.groups.iter().map(|group| Owner {
        arn: &group.arn,
        made_by_identity_center: false,
        attached: &group.attached_policies,
        holders: details.members(group).map(|user| &user.arn).collect(),
    });
    let roles = details.roles.iter().map(|role| Owner {
        arn: &role.arn,
        made_by_identity_center: role.is_identity_center(),
        attached: &role.attached_policies,
        holders: vec![&role.arn],
    });
    users.chain(groups).chain(roles).collect()
}

impl Owner<'_> {
    /// Whether its name or ARN is on the list. Anybody may give a user the name that Identity Center gives a role.
    fn is_on(&self, list: &[&str]) -> bool {
        let name = self.arn.name();
        let name_counts = self.made_by_identity_center || !name.starts_with("AWSReservedSSO_");
        list.iter().map(|glob| Pattern::new(*glob)).any(|pattern| {
            (name_counts && pattern.matches(name))
                || (pattern.text().starts_with("arn:") && pattern.matches(self.arn.as_str()))
        })
    }
}

/// How much a policy of AWS gives, if it is much.
enum Grade {
    /// Everything.
    Full,
    /// Nearly everything: the variant of an administrator policy for a service.
    Variant,
    /// Nobody can say, for this reason.
    Unread(String),
}

impl Grade {
    fn of(arn: &Arn, details: &AuthorizationDetails, names: &[&str], partition: &Partition) -> Option<Self> {
        let name = arn.name();
        if names.contains(&name) {
            return Some(Self::Full);
        }
        let Some(version) = details.policy(arn).and_then(|policy| policy.default_version()) else {
            return Some(Self::Unread("the authorization details do not hold its document".into()));
        };
        let is_variant = |listed: &&str| name.strip_prefix(*listed).is_some_and(|rest| rest.starts_with('-'));
        match probity_access::read(&version.document).map(|document| everything::of(document, partition)) {
            Ok(Some(_)) => Some(Self::Full),
            Ok(None) => names.iter().any(is_variant).then_some(Self::Variant),
            Err(error) => Some(Self::Unread(format!("its document cannot be read: {error}"))),
        }
    }
}

fn judge(owner: &Owner<'_>, policy: &Arn, grade: &Grade, allowed: &[&str], out: &mut Findings<'_>) {
    let name = policy.name();
    let subject = out
        .resource(owner.arn.clone())
        .discriminator(policy.as_str())
        .evidence("PolicyArn", policy)
        .evidence(ALLOWED_PRINCIPALS.name, in_words(allowed));
    let (what, severity) = match grade {
        Grade::Full => ("an administrator policy of AWS", Severity::High),
        Grade::Variant => ("nearly an administrator policy of AWS", Severity::Medium),
        Grade::Unread(reason) => return subject.unclear(format!("nobody can say what {name} allows: {reason}")),
    };
    let subject = subject.severity(severity);
    if owner.is_on(allowed) {
        subject.pass(format!("{name}, {what}, is attached to a principal on the list of those allowed"));
    } else {
        subject.fail(format!("{name}, {what}, is attached to a principal that is not on the list of those allowed"));
    }
}

/// Judges how many there are.
fn count(holders: &BTreeSet<&Arn>, unread: &BTreeSet<&str>, allowed: u32, out: &mut Findings<'_>) {
    let names: Vec<&str> = holders.iter().map(|arn| arn.resource()).collect();
    let count = names.len();
    let account = out.whole_account().evidence(MAX_PRINCIPALS.name, allowed).evidence("principals", in_words(&names));
    let message =
        format!("the number of users and roles with an administrator policy of AWS is {count}; {allowed} are allowed");
    match unread.first() {
        _ if usize::try_from(allowed).is_ok_and(|allowed| count > allowed) => account.fail(message),
        Some(policy) => account.unclear(format!("{message}; nobody can say what the attached policy {policy} allows")),
        None => account.pass(message),
    }
}

fn in_words(names: &[&str]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, ResourceKind, Severity, Topic};

    use crate::testing::{findings, findings_with, outcomes, outcomes_with};

    const ID: &str = "policy-administrator-aws-managed";
    const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    const LESS: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","iam:PassRole"],"Resource":"*"}]}"#;
    const SSO: &str = "AWSReservedSSO_AdministratorAccess_0123456789abcdef";

    fn account() -> Account {
        Account::new().aws_policy("AdministratorAccess", EVERYTHING)
    }

    fn with_sso_role() -> Account {
        account().role(SSO, |role| role.path("/aws-reserved/sso.amazonaws.com/").attached("AdministratorAccess"))
    }

    fn with_users(count: usize) -> Account {
        (0..count).fold(account(), |account, n| {
            account.user(&format!("user{n}"), |user| user.attached("AdministratorAccess"))
        })
    }

    /// The verdicts on attachments, and the one on the number of principals.
    fn verdicts(found: Vec<Finding>) -> (Vec<(String, Outcome)>, Outcome) {
        let (number, attachments): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|one| one.resource_kind == ResourceKind::Account);
        let [number] = number.try_into().expect("one verdict on the number");
        (attachments.into_iter().map(|one| (one.resource.name().to_owned(), one.outcome)).collect(), number.outcome)
    }

    fn judged(account: Account) -> (Vec<(String, Outcome)>, Outcome) {
        verdicts(findings(ID, account))
    }

    #[test]
    fn pass() {
        assert_eq!(judged(with_sso_role()), ([(SSO.to_owned(), Pass)].into(), Pass));
        assert_eq!(outcomes(ID, Account::new()), [Pass], "nobody has it");
    }

    #[test]
    fn fail() {
        let two = with_sso_role().role("deploy", |role| role.attached("AdministratorAccess"));
        assert_eq!(judged(two), ([(SSO.to_owned(), Pass), ("deploy".to_owned(), Fail)].into(), Pass));
        assert_eq!(judged(with_users(1)), ([("user0".to_owned(), Fail)].into(), Pass));
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with_sso_role().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let unlisted = Account::new().user("anna", |user| user.attached("Unlisted"));
        assert_eq!(judged(unlisted), ([("anna".to_owned(), NotEvaluated)].into(), NotEvaluated));
    }

    #[test]
    fn a_document_that_cannot_be_parsed_never_passes() {
        let variant = "AdministratorAccess-Amplify";
        let list = [("allowed_principals", "anna")];
        let unread = Account::new().aws_policy(variant, "{").user("anna", |user| user.attached(variant));
        assert_eq!(outcomes_with(ID, &list, unread), [NotEvaluated, NotEvaluated]);
        let odd = Account::new().aws_policy("Odd", "{").user("anna", |user| user.attached("Odd"));
        assert_eq!(judged(odd), ([("anna".to_owned(), NotEvaluated)].into(), NotEvaluated));
        let by_name = Account::new().user("anna", |user| user.attached("AdministratorAccess"));
        assert_eq!(judged(by_name), ([("anna".to_owned(), Fail)].into(), Pass), "the name is enough");
        let too_many = with_users(4).aws_policy("Odd", "{").role("app", |role| role.attached("Odd"));
        assert_eq!(judged(too_many).1, Fail, "four are too many, whatever the other one says");
    }

    #[test]
    fn other_policies_of_aws_are_not_judged() {
        let reader =
            Account::new().aws_policy("ReadOnlyAccess", LESS).user("anna", |user| user.attached("ReadOnlyAccess"));
        assert_eq!(judged(reader), (Vec::new(), Pass));
    }

    #[test]
    fn a_policy_of_aws_that_allows_everything_is_one_whatever_its_name() {
        let other = Account::new().aws_policy("Supreme", EVERYTHING).user("anna", |user| user.attached("Supreme"));
        assert_eq!(judged(other), ([("anna".to_owned(), Fail)].into(), Pass));
    }

    #[test]
    fn a_policy_of_the_account_itself_is_for_another_check() {
        let arn = "arn:aws:iam::123456789012:policy/AdministratorAccess";
        let own = Account::new()
            .policy("AdministratorAccess", EVERYTHING, |policy| policy)
            .user("anna", |user| user.attached(arn));
        assert_eq!(judged(own), (Vec::new(), Pass));
    }

    #[test]
    fn a_listed_policy_counts_by_its_name() {
        let power =
            || Account::new().aws_policy("PowerUserAccess", LESS).user("anna", |user| user.attached("PowerUserAccess"));
        assert_eq!(judged(power()), (Vec::new(), Pass));
        let found = findings_with(ID, &[("admin_policies", "AdministratorAccess,PowerUserAccess")], power());
        assert_eq!(verdicts(found), ([("anna".to_owned(), Fail)].into(), Pass));
    }

    #[test]
    fn at_most_so_many_users_and_roles_may_have_it() {
        let list = [("allowed_principals", "user*")];
        let number = |count, list: &[(&str, &str)]| verdicts(findings_with(ID, list, with_users(count))).1;
        assert_eq!(number(3, &list), Pass);
        assert_eq!(number(4, &list), Fail);
        assert_eq!(number(1, &[("max_principals", "1")]), Pass);
        assert_eq!(number(2, &[("max_principals", "1")]), Fail);
        assert_eq!(outcomes_with(ID, &[("max_principals", "0")], Account::new()), [Pass]);
        assert_eq!(number(1, &[("max_principals", "0")]), Fail);
    }

    #[test]
    fn members_of_a_group_count_once_each() {
        let members = |count: usize| {
            let admins = account().group("admins", |group| group.attached("AdministratorAccess"));
            (0..count).fold(admins, |account, n| {
                account.user(&format!("user{n}"), |user| user.group("admins").attached("AdministratorAccess"))
            })
        };
        let (attachments, number) = judged(members(3));
        assert_eq!((attachments.len(), number), (4, Pass), "the group and three users");
        assert_eq!(judged(members(4)).1, Fail);
        assert_eq!(judged(members(0)), ([("admins".to_owned(), Fail)].into(), Pass));
    }

    #[test]
    fn the_list_takes_names_and_arns() {
        let role = || account().role("deploy", |role| role.path("/ci/").attached("AdministratorAccess"));
        let under = |list: &str| verdicts(findings_with(ID, &[("allowed_principals", list)], role())).0[0].1;
        assert_eq!(under("deploy"), Pass);
        assert_eq!(under("admin,dep*"), Pass);
        assert_eq!(under("arn:aws:iam::*:role/ci/*"), Pass);
        for other in ["Deploy", "deplo", "", "arn:aws:iam::*:user/*", "role/ci/deploy"] {
            assert_eq!(under(other), Fail, "{other}");
        }
    }

    #[test]
    fn the_names_of_identity_center_count_only_for_its_roles() {
        let user = account().user(SSO, |user| user.attached("AdministratorAccess"));
        assert_eq!(judged(user), ([(SSO.to_owned(), Fail)].into(), Pass));
        let role = account().role(SSO, |role| role.attached("AdministratorAccess"));
        assert_eq!(judged(role), ([(SSO.to_owned(), Fail)].into(), Pass));
    }

    #[test]
    fn other_partitions_have_their_own_arns() {
        let gov = Account::gov_cloud()
            .aws_policy("AdministratorAccess", EVERYTHING)
            .user("anna", |user| user.attached("AdministratorAccess"));
        assert_eq!(judged(gov), ([("anna".to_owned(), Fail)].into(), Pass));
    }

    #[test]
    fn trap_the_attachment_is_rated_high() {
        let found = findings(ID, with_users(4));
        assert_eq!(found.len(), 5);
        assert!(found.iter().all(|one| (one.outcome, one.severity) == (Fail, Severity::High)), "{found:?}");
    }

    #[test]
    fn trap_variants_for_a_service_are_nearly_administrators() {
        for name in ["AdministratorAccess-Amplify", "AdministratorAccess-AWSElasticBeanstalk"] {
            let variant = Account::new().aws_policy(name, LESS).user("anna", |user| user.attached(name));
            let found = findings(ID, variant);
            let attachment = found.iter().find(|one| one.resource_kind == ResourceKind::PolicyAttachment);
            let verdict = attachment.map(|one| (one.outcome, one.severity));
            assert_eq!(verdict, Some((Fail, Severity::Medium)), "{name}");
        }
    }

    #[test]
    fn trap_as_permissions_boundary_it_is_no_grant() {
        let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
        let bounded = account().user("anna", |user| user.boundary(arn)).role("app", |role| role.boundary(arn));
        assert_eq!(judged(bounded), (Vec::new(), Pass));
    }
}
