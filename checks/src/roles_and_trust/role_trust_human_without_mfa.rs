//! Roles that people enter as IAM users demand a second factor.
//!
//! # Why
//! A privileged role is worth as much as the weakest credential that opens it. Without the condition, a leaked access
//! key of a user who may assume the role is enough, whatever MFA device that user has.
//!
//! # Pass
//! No IAM user of the account can enter the role without a second factor, and no statement lets in a user of another
//! account without: `aws:MultiFactorAuthPresent` is demanded, or `aws:MultiFactorAuthAge`, by the trust policy or by
//! the policies of the users.
//!
//! # Fail
//! The role may change what somebody may do, and an IAM user can enter it without a second factor. With
//! `only_privileged` false, any role.
//!
//! # Not applicable
//! Roles that no IAM user can enter; with `only_privileged`, roles that may not change what somebody may do;
//! service-linked roles and those of IAM Identity Center.
//!
//! # Notes
//! Sessions of roles and of IAM Identity Center never carry the key: a condition on it would lock such callers out. So
//! what counts is who can enter: a role that trusts the account's root, and that no user is allowed to assume, is
//! entered by roles only.
//!
//! A user without a password and without an MFA device, by the credential report, is taken for a machine: that it gets
//! in without a second factor does not count. Where the report is missing, every user counts.
//!
//! # Fix
//! Add `Bool` with `aws:MultiFactorAuthPresent` `true` to the statement that lets users in, apart from the statement
//! for roles.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::LazyCell;

use probity_model::facts::authorization::{AttachedPolicy, DocumentText, InlinePolicy, Role, User};
use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::facts::{AuthorizationDetails, CredentialReport};
use probity_model::parameter::{FlagParameter, ParameterSpec};
use probity_model::{Arn, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Caller, Context, Decision, Policies, Policy, Request, Target, Truth};

use crate::privilege::Privilege;
use crate::trust::{self, Opening, Party, Trust};

const ONLY_PRIVILEGED: FlagParameter = FlagParameter {
    name: "only_privileged",
    default: true,
    source: "our choice: a role that can do little needs no second factor",
};

const ACTION: &str = "sts:AssumeRole";

/// How many users a message names.
const NAMED: usize = 5;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-trust-human-without-mfa",
        family: Family::RolesAndTrust,
        title: "Roles entered directly by IAM users demand MFA",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(ONLY_PRIVILEGED)],
    };
    type Facts<'s> = (&'s AuthorizationDetails, Option<&'s CredentialReport>);

    fn run((details, report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let only_privileged = parameters.flag(&ONLY_PRIVILEGED);
        // Of most accounts, no privileged role lets a user in, and nobody's policies need to be looked at.
        let people = LazyCell::new(|| {
            let row = |user: &User| report.and_then(|report| report.user(&user.name)).filter(|row| row.arn == user.arn);
            let mut shelf = Shelf { details, managed: BTreeMap::new() };
            let person = |user| Person::new(user, is_machine(row(user)), &mut shelf);
            let mut people: Vec<_> = details.users.iter().map(person).collect();
            people.sort_by(|a, b| a.user.name.cmp(&b.user.name));
            people
        });
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, &people, only_privileged.then_some(details), out);
            }
        }
    }
}

/// Whether a user has neither a password nor an MFA device, so that nobody signs in as it.
fn is_machine(row: Option<&CredentialRow>) -> bool {
    row.is_some_and(|row| row.password_enabled == Cell::Value(false) && row.mfa_active == Cell::Value(false))
}

/// Managed policies, each made ready once, however many users have it.
struct Shelf<'s> {
    details: &'s AuthorizationDetails,
    managed: BTreeMap<&'s Arn, Rc<Policy>>,
}

impl<'s> Shelf<'s> {
    fn managed(&mut self, arn: &'s Arn) -> Rc<Policy> {
        let make = || {
            let version = self.details.policy(arn).and_then(|policy| policy.default_version());
            prepared(arn.as_str(), version.map(|version| &version.document))
        };
        Rc::clone(self.managed.entry(arn).or_insert_with(make))
    }
}

/// A user with all its policies.
struct Person<'s> {
    user: &'s User,
    is_machine: bool,
    /// Who it is for the policies; nothing where its ARN is none.
    caller: Option<Caller>,
    policies: Vec<Rc<Policy>>,
    boundary: Option<Rc<Policy>>,
    /// Whether a policy of its own may let it assume a role.
    is_granted: bool,
}

/// How a user can enter a role.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// Not at all.
    No,
    /// With a second factor only.
    WithMfa,
    /// Perhaps without: it depends on what nobody knows.
    Perhaps,
    /// Without.
    Without,
}

fn judge<'p>(
    role: &Role,
    trust: &Trust<'_>,
    people: &LazyCell<Vec<Person<'p>>, impl FnOnce() -> Vec<Person<'p>>>,
    privileged: Option<&AuthorizationDetails>,
    out: &mut Findings<'_>,
) {
    let own = out.account();
    let subject = trust::subject(role, out);
    let privilege = match privileged {
        None => Privilege::Yes("any role is judged".to_string()),
        Some(details) => Privilege::of_role(role, details),
    };
    let by = match &privilege {
        Privilege::No => return subject.not_applicable("the role may not change what somebody may do"),
        Privilege::Yes(by) | Privilege::Unknown(by) => by,
    };
    let openings = trust.openings();
    let trust_policy = trust.policy();
    let parties: Vec<_> = openings.iter().flat_map(Opening::parties).collect();
    let concerned = if parties.iter().any(|party| can_be_user(party, own.as_str())) { people.as_slice() } else { &[] };
    let names_users = parties.iter().any(|party| !matches!(party, Party::Account(_)));
    let all: Vec<_> =
        concerned.iter().map(|person| (person, person.enters(role, &trust_policy, names_users))).collect();
    let foreign: Vec<String> = openings.iter().flat_map(|opening| foreign_users(opening, own.as_str())).collect();
    let names_foreign = parties.iter().any(|party| foreign_user(party, own.as_str()).is_some());
    // Where no user at all gets in without, it does not matter who is a machine.
    let all_demand = all.iter().all(|(_, entry)| matches!(entry, Entry::No | Entry::WithMfa));
    let counted = |person: &Person<'_>| all_demand || !person.is_machine;
    let entries: Vec<_> = all
        .iter()
        .filter(|(person, _)| counted(person))
        .map(|(person, entry)| (person.user.name.as_str(), *entry))
        .collect();
    let of = |entry: Entry| entries.iter().filter(move |(_, found)| *found == entry).map(|(name, _)| *name);
    if !names_foreign && entries.iter().all(|(_, entry)| *entry == Entry::No) {
        return match trust.unclear_name() {
            Some(reason) => subject.unclear(reason),
            None => subject.not_applicable("no IAM user of a person can enter the role"),
        };
    }
    let without: Vec<_> = of(Entry::Without).map(ToString::to_string).chain(foreign).collect();
    let perhaps: Vec<_> = of(Entry::Perhaps).map(ToString::to_string).collect();
    let is_open = !without.is_empty() || !perhaps.is_empty();
    let subject = subject
        .evidence("users_without_mfa", names(&without))
        .evidence("users_perhaps_without_mfa", names(&perhaps))
        .evidence("privilege", by);
    if !is_open {
        subject.pass("no IAM user can enter the role without a second factor");
    } else if matches!(privilege, Privilege::Unknown(_)) {
        subject.unclear(format!(
            "IAM users may enter the role without a second factor, and whether it is privileged is not known: {by}"
        ));
    } else if without.is_empty() {
        subject.unclear(format!(
            "whether these IAM users can enter the role without a second factor depends on conditions or policies that \
             are not known: {}",
            names(&perhaps)
        ));
    } else {
        subject.fail(format!("these IAM users can enter the role without a second factor: {}", names(&without)));
    }
}

impl<'s> Person<'s> {
    fn new(user: &'s User, is_machine: bool, shelf: &mut Shelf<'s>) -> Self {
        let mut policies = Vec::new();
        let groups = user.groups.iter().map(|name| shelf.details.group(name)).collect::<Vec<_>>();
        let mut add = |inline: &[InlinePolicy], attached: &'s [AttachedPolicy]| {
            policies.extend(inline.iter().map(|policy| prepared(&policy.name, Some(&policy.document))));
            policies.extend(attached.iter().map(|policy| shelf.managed(&policy.arn)));
        };
        add(&user.inline_policies, &user.attached_policies);
        let mut unread = false;
        for group in groups {
            match group {
                Some(group) => add(&group.inline_policies, &group.attached_policies),
                None => unread = true,
            }
        }
        if unread {
            policies.push(Policy::unread("a group").into());
        }
        let boundary = user.permissions_boundary.as_ref().map(|arn| shelf.managed(arn));
        let is_granted = policies.iter().any(|policy| policy.may_allow(ACTION));
        Self { user, is_machine, caller: Caller::parse(user.arn.as_str()), policies, boundary, is_granted }
    }

    /// How the user can enter a role: with an access key, which has no second factor, or from the console without one.
    fn enters(&self, role: &Role, trust: &Policy, names_users: bool) -> Entry {
        // Trust in the account leaves it to the policies of the user, and these say nothing.
        if self.caller.is_some() && !self.is_granted && !names_users {
            return Entry::No;
        }
        let without = Context::partial().without("aws:MultiFactorAuthAge");
        let key = without.clone().without("aws:MultiFactorAuthPresent");
        let console = without.with("aws:MultiFactorAuthPresent", "false");
        let with = Context::partial().with("aws:MultiFactorAuthPresent", "true");
        let entries = [self.may_enter(role, trust, &key), self.may_enter(role, trust, &console)];
        match Truth::any(entries) {
            Truth::Yes => Entry::Without,
            Truth::Unknown => Entry::Perhaps,
            Truth::No if self.may_enter(role, trust, &with) == Truth::No => Entry::No,
            Truth::No => Entry::WithMfa,
        }
    }

    fn may_enter(&self, role: &Role, trust: &Policy, context: &Context) -> Truth {
        let Some(caller) = &self.caller else { return Truth::Unknown };
        let policies = Policies {
            identity: self.policies.iter().map(|policy| &**policy).collect(),
            boundary: self.boundary.as_deref(),
            resource: Some(trust),
            ..Policies::default()
        };
        let request = Request {
            caller,
            action: ACTION,
            resource: Target::One(role.arn.as_str()),
            resource_account: None,
            context,
        };
        match policies.evaluate(&request).decision {
            Decision::Allowed => Truth::Yes,
            Decision::AllowedIf => Truth::Unknown,
            Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => Truth::No,
        }
    }
}

/// Whether a party can be a user of the account.
fn can_be_user(party: &Party<'_>, own: &str) -> bool {
    match party {
        Party::Anyone | Party::AnyoneBut => true,
        Party::Account(account) => account.as_str() == own,
        Party::Principal(account, arn) => account.as_str() == own && arn.contains(":user/"),
        Party::Deleted(_) | Party::Service(_) | Party::Provider(_) | Party::Unclear(_) => false,
    }
}

/// The users of other accounts that a statement names and lets in without a second factor.
fn foreign_users(opening: &Opening<'_>, own: &str) -> Vec<String> {
    let parties = opening.parties();
    let open = parties.iter().filter(|party| !opening.demands_mfa(party));
    open.filter_map(|party| foreign_user(party, own)).collect()
}

fn foreign_user(party: &Party<'_>, own: &str) -> Option<String> {
    match party {
        Party::Principal(account, arn) if account.as_str() != own && arn.contains(":user/") => Some((*arn).to_string()),
        _ => None,
    }
}

fn prepared(name: &str, text: Option<&DocumentText>) -> Rc<Policy> {
    let document = text.and_then(|text| probity_access::read(text).ok());
    document.map_or_else(|| Policy::unread(name), |document| Policy::new(name, document)).into()
}

/// The first names, and how many more there are.
fn names(all: &[String]) -> String {
    let first: Vec<&str> = all.iter().take(NAMED).map(String::as_str).collect();
    match all.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, UserBuilder};
    use probity_model::{Finding, Topic};

    use crate::testing::{allowing, findings, outcomes, outcomes_with, trust_policy};

    const ID: &str = "role-trust-human-without-mfa";
    const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    const ANNA: &str = r#"{"AWS":"arn:aws:iam::123456789012:user/anna"}"#;
    const ROOT: &str = r#"{"AWS":"arn:aws:iam::123456789012:root"}"#;
    const MFA: &str = r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#;

    fn admin(principal: &str, condition: &str) -> Account {
        let trust = trust_policy(&allowing(principal, condition));
        Account::new().role("admin", |role| role.trust(&trust).inline("all", EVERYTHING))
    }

    fn anna(account: Account, change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        account.user("anna", |user| change(user.console_password()))
    }

    fn may_assume(user: UserBuilder) -> UserBuilder {
        user.inline("assume", &EVERYTHING.replace(r#""Action":"*""#, r#""Action":"sts:AssumeRole""#))
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, anna(admin(ANNA, MFA), |user| user)), [Pass]);
        let age = r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#;
        assert_eq!(outcomes(ID, anna(admin(ANNA, age), |user| user)), [Pass]);
        let foreign = r#"{"AWS":"arn:aws:iam::555555555555:user/eve"}"#;
        assert_eq!(outcomes(ID, admin(foreign, MFA)), [Pass]);
    }

    #[test]
    fn fail() {
        let found = finding(anna(admin(ANNA, ""), |user| user));
        assert_eq!(found.outcome, Fail);
        assert_eq!(found.message, "these IAM users can enter the role without a second factor: anna");
        assert_eq!(outcomes(ID, admin(r#"{"AWS":"arn:aws:iam::555555555555:user/eve"}"#, "")), [Fail]);
        let if_exists = MFA.replace("Bool", "BoolIfExists");
        assert_eq!(outcomes(ID, anna(admin(ANNA, &if_exists), |user| user)), [Fail], "an access key has no such key");
    }

    #[test]
    fn a_deny_demands_a_second_factor_too() {
        let deny = allowing(r#"{"AWS":"*"}"#, r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#);
        let both = format!("{},{}", allowing(ANNA, ""), deny.replace("Allow", "Deny"));
        let role =
            |both: &str| Account::new().role("admin", |role| role.trust(&trust_policy(both)).inline("all", EVERYTHING));
        assert_eq!(outcomes(ID, anna(role(&both), |user| user)), [Pass]);
        assert_eq!(outcomes(ID, anna(role(&both.replace("BoolIfExists", "Bool")), |user| user)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, anna(admin(r#"{"Service":"ec2.amazonaws.com"}"#, ""), |user| user)), [NotApplicable]);
        let role = r#"{"AWS":"arn:aws:iam::123456789012:role/ci"}"#;
        assert_eq!(outcomes(ID, anna(admin(role, ""), may_assume)), [NotApplicable]);
        let machine = admin(ANNA, "").user("anna", |user| user.key(1, |key| key));
        assert_eq!(outcomes(ID, machine), [NotApplicable]);
        let careful = admin(ANNA, MFA).user("anna", |user| user.key(1, |key| key));
        assert_eq!(outcomes(ID, careful.clone()), [Pass], "whoever it is");
        assert_eq!(outcomes(ID, careful.deny(Topic::CredentialReport)), [Pass]);
    }

    #[test]
    fn only_privileged_roles_count_unless_all_do() {
        let trust = trust_policy(&allowing(ANNA, ""));
        let plain = || anna(Account::new().role("reader", |role| role.trust(&trust)), |user| user);
        assert_eq!(outcomes(ID, plain()), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("only_privileged", "false")], plain()), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        let open = || anna(admin(ANNA, ""), |user| user);
        assert_eq!(outcomes(ID, open().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().role("x", |role| role.trust("none"))), [NotEvaluated]);
        let trust = trust_policy(&allowing(ANNA, ""));
        let odd =
            anna(Account::new().role("odd", |role| role.trust(&trust).inline("own", "not a policy")), |user| user);
        assert_eq!(outcomes(ID, odd), [NotEvaluated]);
        let unread = anna(admin(ROOT, ""), |user| user.inline("own", "not a policy"));
        assert_eq!(outcomes(ID, unread), [NotEvaluated]);
        let address = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        assert_eq!(outcomes(ID, anna(admin(ANNA, address), |user| user)), [NotEvaluated]);
    }

    #[test]
    fn without_the_credential_report_every_user_counts() {
        let machine = admin(ANNA, "").user("anna", |user| user.key(1, |key| key));
        assert_eq!(outcomes(ID, machine.deny(Topic::CredentialReport)), [Fail]);
    }

    #[test]
    fn trap_callers_that_never_carry_the_key_are_not_asked_for_it() {
        for principal in [
            r#"{"AWS":"arn:aws:iam::123456789012:role/ci"}"#,
            r#"{"AWS":"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"}"#,
            r#"{"Federated":"arn:aws:iam::123456789012:saml-provider/okta"}"#,
        ] {
            assert_eq!(outcomes(ID, anna(admin(principal, ""), may_assume)), [NotApplicable], "{principal}");
        }
    }

    #[test]
    fn trap_who_may_assume_the_role_decides_where_it_trusts_the_own_root() {
        assert_eq!(outcomes(ID, anna(admin(ROOT, ""), |user| user)), [NotApplicable]);
        assert_eq!(outcomes(ID, anna(admin(ROOT, ""), may_assume)), [Fail]);
        assert_eq!(outcomes(ID, anna(admin(ROOT, MFA), may_assume)), [Pass]);
        let with_mfa: String =
            EVERYTHING.replace(r#""Resource":"*""#, &format!(r#""Resource":"*","Condition":{{{MFA}}}"#));
        assert_eq!(outcomes(ID, anna(admin(ROOT, ""), |user| user.inline("mfa", &with_mfa))), [Pass]);
    }
}
