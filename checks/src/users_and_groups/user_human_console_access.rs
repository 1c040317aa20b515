//! People sign in through an identity provider and not as IAM users.
//!
//! # Why
//! The password of an IAM user lives on after its owner has left, unless somebody remembers it in every account. People who
//! come through one identity provider lose their access everywhere at once, and get credentials that run out by themselves.
//!
//! # Pass
//! At most `max_console_users` IAM users have a console password, those in `break_glass_users` not counted.
//!
//! # Fail
//! More IAM users than that have a console password.
//!
//! # Not applicable
//! No IAM user has a console password.
//!
//! # Notes
//! Older guidance asks for an IAM user for each person. AWS changed course in July 2022: people are to come through IAM
//! Identity Center or another identity provider, and IAM users are for what cannot. This check follows the new rule. Whoever
//! has individual users with MFA devices has kept the old one.
//!
//! For an account by itself, without an identity provider, one or two users with MFA devices can be the sensible way: the
//! failure is low there. That needs to be known: where the organization, the providers or IAM Identity Center could not be
//! read, it stays medium. OpenID Connect providers are not taken for a way in for people, since most of them serve programs.
//!
//! AWS hands out the same credential report for up to four hours; `report_generated_at` tells how old it is.
//!
//! # Fix
//! Give people access through IAM Identity Center or a SAML provider, and take their console passwords away.
//!
//! # Command
//! ```sh
//! aws iam delete-login-profile --user-name USER_NAME
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::facts::{CredentialReport, IdentityCenterInstances, IdentityProviders, OrganizationMembership};
use probity_model::parameter::{ListParameter, NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};

const MAX_CONSOLE_USERS: NumberParameter = NumberParameter {
    name: "max_console_users",
    default: 0,
    min: 0,
    max: 5_000,
    unit: Unit::Users,
    source: "AWS, Security best practices in IAM: people use federation with an identity provider",
};

const BREAK_GLASS_USERS: ListParameter = ListParameter {
    name: "break_glass_users",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's choice: users for the day when the identity provider is down",
};

/// How many users an account by itself may sensibly have: one person and a stand-in.
const FEW: usize = 2;

/// How many users a finding names.
const NAMED: usize = 10;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-human-console-access",
        family: Family::UsersAndGroups,
        title: "Humans do not sign in with IAM users",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_CONSOLE_USERS), ParameterSpec::List(BREAK_GLASS_USERS)],
    };
    type Facts<'s> = (
        &'s CredentialReport,
        Option<&'s IdentityProviders>,
        Option<&'s IdentityCenterInstances>,
        Option<&'s OrganizationMembership>,
    );

    fn run((report, providers, center, membership): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed = parameters.number(&MAX_CONSOLE_USERS);
        let break_glass = parameters.list(&BREAK_GLASS_USERS);
        let is_break_glass = |row: &&CredentialRow| break_glass.contains(&row.user.as_str());
        let with_password = report.users.iter().filter(|row| row.password_enabled == Cell::Value(true));
        let (kept, mut counted): (Vec<_>, Vec<_>) = with_password.partition(is_break_glass);
        counted.sort_unstable_by(|a, b| a.user.cmp(&b.user));
        let unsaid = report.users.iter().filter(|row| row.password_enabled.value().is_none());
        let (kept_unsaid, unsaid): (Vec<_>, Vec<_>) = unsaid.partition(is_break_glass);
        let unsaid = unsaid.len();

        let mut subject = out
            .whole_account()
            .evidence("users_with_password_enabled", kept.len() + counted.len())
            .evidence("break_glass_users_with_password_enabled", kept.len())
            .evidence(MAX_CONSOLE_USERS.name, allowed);
        if !counted.is_empty() {
            subject = subject.evidence("users", names(&counted));
        }
        if let Some(providers) = providers {
            subject = subject
                .evidence("saml_providers", providers.saml.len())
                .evidence("open_id_connect_providers", providers.oidc.len());
        }
        if let Some(center) = center {
            subject = subject.evidence("identity_center_instances", center.instances.len());
        }
        subject = subject.evidence("report_generated_at", report.generated_at);

        let limit = usize::try_from(allowed).unwrap_or(usize::MAX);
        if counted.len() > limit {
            let alone = matches!(membership, Some(OrganizationMembership::Standalone))
                && providers.is_some_and(|providers| providers.saml.is_empty())
                && center.is_some_and(|center| center.instances.is_empty());
            let is_sensible = alone
                && unsaid == 0
                && counted.len() <= FEW
                && counted.iter().all(|row| row.mfa_active == Cell::Value(true));
            fail(subject, counted.len(), allowed, is_sensible);
        } else if counted.len() + unsaid > limit {
            subject.unclear(format!(
                "the credential report does not say of {unsaid} users whether they have a console password"
            ));
        } else if counted.len() + kept.len() + kept_unsaid.len() + unsaid == 0 {
            subject.not_applicable("no IAM user has a console password");
        } else {
            subject.pass(format!(
                "the number of IAM users with a console password, other than for emergencies, is {}; {allowed} are allowed",
                counted.len()
            ));
        }
    }
}

fn fail(subject: Subject<'_, '_>, count: usize, allowed: u32, is_sensible: bool) {
    let message = format!("the number of IAM users with a console password is {count}; {allowed} are allowed");
    if is_sensible {
        subject.severity(Severity::Low).fail(format!(
            "{message}; for an account by itself without an identity provider, so few users with MFA devices can do"
        ));
    } else {
        subject.fail(message);
    }
}

/// The first users by name, and how many more there are.
fn names(rows: &[&CredentialRow]) -> String {
    let named: Vec<_> = rows.iter().take(NAMED).map(|row| row.user.as_str()).collect();
    match rows.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::credential_report::Cell;
    use probity_model::facts::identity_providers::{IdentityCenterInstance, SamlProvider};
    use probity_model::{Arn, Finding, Region, Seen, Severity, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-human-console-access";

    /// An account with console users that have MFA devices.
    fn console_users(names: &[&str]) -> Account {
        names.iter().fold(Account::new(), |account, name| account.user(name, |user| user.console_password().mfa()))
    }

    fn with_saml(account: Account) -> Account {
        let arn = Arn::new("arn:aws:iam::123456789012:saml-provider/okta");
        account.facts(|facts| {
            if let Seen::Known(providers) = &mut facts.identity_providers {
                providers.saml.push(SamlProvider { arn, valid_until: None, created_at: None });
            }
        })
    }

    fn with_identity_center(account: Account) -> Account {
        let instance = IdentityCenterInstance {
            arn: Arn::new("arn:aws:sso:::instance/ssoins-1"),
            region: Region::try_from("eu-central-1").expect("a Region"),
            owner: None,
            identity_store: None,
            status: Some("ACTIVE".into()),
        };
        account.facts(|facts| {
            if let Seen::Known(center) = &mut facts.identity_center_instances {
                center.instances.push(instance);
            }
        })
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        let break_glass = || console_users(&["emergency"]);
        assert_eq!(outcomes_with(ID, &[("break_glass_users", "emergency")], break_glass()), [Pass]);
        assert_eq!(outcomes(ID, break_glass()), [Fail]);
    }

    #[test]
    fn fail() {
        let found = finding(console_users(&["bert", "anna", "carla"]).user("ci", |user| user.key(1, |key| key)));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Medium));
        assert_eq!(found.message, "the number of IAM users with a console password is 3; 0 are allowed");
        assert!(found.evidence.iter().any(|item| item.key == "users" && item.value == "anna, bert, carla"));
    }

    #[test]
    fn as_many_users_as_allowed_pass() {
        let two = || console_users(&["anna", "bert"]);
        assert_eq!(outcomes_with(ID, &[("max_console_users", "2")], two()), [Pass]);
        assert_eq!(outcomes_with(ID, &[("max_console_users", "1")], two()), [Fail]);
        let but_one = [("max_console_users", "1"), ("break_glass_users", "bert, carla")];
        assert_eq!(outcomes_with(ID, &but_one, two()), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().user("ci", |user| user.key(1, |key| key))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, console_users(&["anna"]).deny(Topic::CredentialReport)), [NotEvaluated]);
        let unsaid = || {
            Account::new().user("anna", |mut user| {
                user.row.password_enabled = Cell::NoColumn;
                user
            })
        };
        assert_eq!(outcomes(ID, unsaid()), [NotEvaluated]);
        assert_eq!(outcomes(ID, unsaid().user("bert", |user| user.console_password())), [Fail]);
        assert_eq!(outcomes_with(ID, &[("max_console_users", "1")], unsaid()), [Pass]);
        assert_eq!(outcomes_with(ID, &[("break_glass_users", "bert")], unsaid()), [NotEvaluated]);
        assert_eq!(outcomes_with(ID, &[("break_glass_users", "anna")], unsaid()), [Pass]);
    }

    #[test]
    fn a_finding_names_ten_users() {
        let many = (0..12).fold(Account::new(), |account, number| {
            account.user(&format!("user-{number:02}"), |user| user.console_password())
        });
        let found = finding(many);
        let users = found.evidence.iter().find(|item| item.key == "users").expect("the users");
        assert!(users.value.ends_with("user-09 and 2 more"), "{}", users.value);
    }

    #[test]
    fn trap_a_user_for_each_person_was_the_rule_until_2022() {
        let individuals = with_saml(console_users(&["anna", "bert", "carla"]));
        assert_eq!(outcomes(ID, individuals), [Fail]);
    }

    #[test]
    fn trap_a_small_account_by_itself_may_have_one_or_two_users() {
        let severity = |account| {
            let found = finding(account);
            assert_eq!(found.outcome, Fail);
            found.severity
        };
        let two = || console_users(&["anna", "bert"]);
        assert_eq!(severity(console_users(&["anna"])), Severity::Low);
        assert_eq!(severity(two()), Severity::Low);
        assert_eq!(severity(console_users(&["anna", "bert", "carla"])), Severity::Medium);
        assert_eq!(severity(two().user("carla", |user| user.console_password())), Severity::Medium);
        assert_eq!(severity(Account::new().user("anna", |user| user.console_password())), Severity::Medium);
        assert_eq!(severity(with_saml(two())), Severity::Medium);
        assert_eq!(severity(with_identity_center(two())), Severity::Medium);
        assert_eq!(severity(two().organization()), Severity::Medium);
        for topic in [Topic::IdentityProviders, Topic::IdentityCenterInstances, Topic::OrganizationMembership] {
            assert_eq!(severity(two().deny(topic)), Severity::Medium, "{topic}");
        }
    }
}
