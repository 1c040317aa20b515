//! Users can do nothing but enrol a second factor until they have used one.
//!
//! # Why
//! That a user has a second factor does not mean that it is asked for: an access key works without, and so does a session
//! that was opened before the factor was enrolled. Only a policy demands it.
//!
//! # Pass
//! Without a second factor everything is denied but what it takes to enrol one, by a policy of the user, of its groups or
//! of the organization; or each Allow that the user has demands a second factor, or is denied without one.
//!
//! # Fail
//! The user has a console password or an active access key, and something is allowed without a second factor.
//!
//! # Not applicable
//! The user has neither a console password nor an active access key, or is on the list `exempt_users`.
//!
//! # Notes
//! A request that is signed with an access key says nothing of second factors: only a Deny with `BoolIfExists` catches it.
//! Users of machines stop working under such a policy. Give them roles first, or list them in `exempt_users`.
//!
//! Whether everything is denied is tried out on a sample of actions of many services, and on those that the user's own
//! policies name. Where the policies of the organization could not be read, one of them may deny it, and the user is not
//! evaluated.
//!
//! # Fix
//! Attach the policy that AWS publishes for managing one's own second factor to a group that all people are in.
//!
//! # Command
//! ```sh
//! aws iam attach-group-policy --group-name GROUP --policy-arn POLICY_ARN
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_access::{Access, Binding, Principal};
use probity_model::facts::CredentialReport;
use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject,
};
use probity_policy::{Actions, Context, Document, Effect, Pattern, Statement, Target, Truth};

const EXEMPT_USERS: ListParameter = ListParameter {
    name: "exempt_users",
    default: &[],
    choices: &[],
    unit: Unit::Names,
    source: "the organization's choice: users of machines, which cannot use a second factor",
};

const PRESENT: &str = "aws:MultiFactorAuthPresent";
const AGE: &str = "aws:MultiFactorAuthAge";

/// What must be denied without a second factor, so that everything counts as denied: actions of many services.
const SAMPLE: [&str; 16] = [
    "cloudtrail:StopLogging",
    "dynamodb:Query",
    "ec2:RunInstances",
    "ecs:RegisterTaskDefinition",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateUser",
    "iam:DeactivateMFADevice",
    "kms:Decrypt",
    "lambda:UpdateFunctionCode",
    "organizations:LeaveOrganization",
    "rds:ModifyDBInstance",
    "s3:GetObject",
    "secretsmanager:GetSecretValue",
    "sts:AssumeRole",
    "xray:BatchGetTraces",
];

/// What it takes to sign in, to change the first password and to enrol a second factor.
const ENROLMENT: [&str; 16] = [
    "iam:ChangePassword",
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:GetLoginProfile",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListAccountAliases",
    "iam:ListMFADevices",
    "iam:ListUsers",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "iam:DeleteVirtualMFADevice",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "user-mfa-policy-enforced",
        family: Family::Mfa,
        title: "A policy blocks users who signed in without MFA",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamUser,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(EXEMPT_USERS)],
    };
    type Facts<'s> = (Inferred<'s, Access>, &'s CredentialReport);

    fn run((Inferred(access), report): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let exempt = parameters.list(&EXEMPT_USERS);
        for user in access.principals().iter().filter(|principal| principal.is_user()) {
            let subject = out.resource(user.arn().clone());
            if exempt.contains(&user.name()) {
                subject.evidence(EXEMPT_USERS.name, user.name()).not_applicable("the user is exempt");
                continue;
            }
            match report.user(user.name()) {
                Some(row) => judge(access, user, row, subject),
                None => subject.unclear("the credential report does not list the user"),
            }
        }
    }
}

fn judge(access: &Access, user: &Principal, row: &CredentialRow, subject: Subject<'_, '_>) {
    let [first, second] = &row.access_keys;
    let subject = subject
        .evidence("password_enabled", &row.password_enabled)
        .evidence("access_key_1_active", &first.active)
        .evidence("access_key_2_active", &second.active);
    let active = |cell: &Cell<bool>| cell.value() == Some(&true);
    let has_key = active(&first.active) || active(&second.active);
    let has_password = active(&row.password_enabled);
    let cells = [&row.password_enabled, &first.active, &second.active];
    let unread = cells.iter().any(|cell| cell.value().is_none());
    let absent = Context::partial().without(PRESENT).without(AGE);
    // Of a credential that nobody can read it is taken that it is there: what is denied then is denied in any case.
    let mut contexts = Vec::new();
    if has_password || unread {
        contexts.push(("in a session", absent.clone().with(PRESENT, "false")));
    }
    if has_key || unread {
        contexts.push(("with an access key", absent));
    }
    if contexts.is_empty() {
        return subject.not_applicable("the user has neither a console password nor an active access key");
    }
    let verdicts: Vec<(&str, Enforced)> =
        contexts.iter().map(|(how, context)| (*how, Enforced::of(access, user, context))).collect();
    let open = verdicts.iter().find_map(|(how, verdict)| match verdict {
        Enforced::No(what) => Some(format!("{what} {how} without a second factor")),
        _ => None,
    });
    let unknown = verdicts.iter().find_map(|(_, verdict)| match verdict {
        Enforced::Unknown(reason) => Some(reason.clone()),
        _ => None,
    });
    match (open, unknown, access.organization()) {
        (Some(what), _, Binding::Unread(reason)) => {
            subject.unclear(format!("{what}, unless the organization denies it: {reason}"));
        }
        (Some(_), ..) if !has_password && !has_key => {
            subject.unclear("the credential report does not say whether the user has an active credential");
        }
        (Some(what), ..) => subject.fail(what),
        (None, Some(reason), _) => subject.unclear(reason),
        (None, None, _) => {
            subject.evidence("without_second_factor", "denied").pass("a second factor is demanded");
        }
    }
}

/// Whether a second factor is demanded of a user in one kind of request.
enum Enforced {
    Yes,
    /// What is allowed.
    No(String),
    /// Why nobody can say.
    Unknown(String),
}

impl Enforced {
    fn of(access: &Access, user: &Principal, context: &Context) -> Self {
        if SAMPLE.iter().all(|action| is_denied(access, user, action, context)) {
            return Self::Yes;
        }
        for held in user.identity() {
            let Some(document) = held.source.document() else {
                return Self::Unknown(format!("the policy {} cannot be read", held.source.name()));
            };
            let allows = document.statements.iter().filter(|statement| statement.effect == Effect::Allow);
            let open = allows.filter(|statement| !demands(statement, document, context));
            for action in open.flat_map(|statement| probes(&statement.actions)) {
                if !is_enrolment(&action) && !is_denied(access, user, &action, context) {
                    return Self::No(format!("{} allows {action}", held.source.name()));
                }
            }
        }
        Self::Yes
    }
}

/// Whether a statement takes it that a second factor is there.
fn demands(statement: &Statement, document: &Document, context: &Context) -> bool {
    let variables = document.version.as_deref() == Some("2012-10-17");
    let about = |key: &str| [PRESENT, AGE].iter().any(|name| name.eq_ignore_ascii_case(key));
    statement
        .conditions
        .iter()
        .any(|condition| about(&condition.key) && condition.holds(context, variables) == Truth::No)
}

/// Actions that stand for those of a statement: each pattern with something in place of the wildcards, and the sample
/// where that is no action.
fn probes(actions: &Actions) -> Vec<String> {
    let sample = || SAMPLE.iter().filter(|action| actions.cover(action)).map(|&action| action.into());
    match actions {
        Actions::AllBut(_) => sample().collect(),
        Actions::Only(patterns) => patterns
            .iter()
            .map(|pattern| pattern.text().replace(['*', '?'], "z"))
            .filter(|action| action.contains(':'))
            .chain(sample())
            .collect(),
    }
}

fn is_enrolment(action: &str) -> bool {
    // A probe stands for its pattern: `iam:ListMFAz` for `iam:ListMFA*`.
    let begin = action.strip_suffix('z').unwrap_or(action);
    let matches = |name: &&str| {
        Pattern::new(*name).matches_action(action)
            || (begin != action
                && begin.len() > "iam:List".len()
                && name.to_ascii_lowercase().starts_with(&begin.to_ascii_lowercase()))
    };
    ENROLMENT.iter().any(matches)
}

/// Whether a statement denies an action for sure, on whichever resource nobody has named.
fn is_denied(access: &Access, user: &Principal, action: &str, context: &Context) -> bool {
    let service = action.split_once(':').map_or(action, |(service, _)| service).to_ascii_lowercase();
    let partition = user.arn().partition();
    let arn = format!("arn:{partition}:{service}:any-region-1:{}:probity/any", access.account());
    let decision = access.can(user, action, Target::One(&arn), context);
    decision.is_denied() && decision.statements.iter().any(|one| one.effect == Effect::Deny)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, UserBuilder};
    use probity_model::facts::credential_report::Cell;
    use probity_model::{Finding, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "user-mfa-policy-enforced";

    fn document(statements: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
    }

    fn allow(action: &str, condition: &str) -> String {
        document(&format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{{condition}}}}}"#))
    }

    /// The Deny that AWS publishes, with this operator.
    fn deny(operator: &str) -> String {
        document(&format!(
            r#"{{"Effect":"Deny","NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:GetUser","iam:ListMFADevices","iam:ListVirtualMFADevices","iam:ResyncMFADevice","sts:GetSessionToken"],"Resource":"*","Condition":{{"{operator}":{{"aws:MultiFactorAuthPresent":"false"}}}}}}"#
        ))
    }

    fn with_password(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", |user| change(user.console_password()))
    }

    fn with_key(change: impl FnOnce(UserBuilder) -> UserBuilder) -> Account {
        Account::new().user("anna", |user| change(user.key(1, |key| key)))
    }

    fn of(account: Account) -> Outcome {
        let [finding]: [Finding; 1] = findings(ID, account).try_into().expect("one finding");
        finding.outcome
    }

    #[test]
    fn pass() {
        let all = allow("*", "");
        assert_eq!(of(with_password(|user| user.inline("all", &all).inline("mfa", &deny("BoolIfExists")))), Pass);
        let group = with_password(|user| user.inline("all", &all).group("people"))
            .group("people", |group| group.inline("mfa", &deny("BoolIfExists")));
        assert_eq!(of(group), Pass);
        assert_eq!(of(with_password(|user| user)), Pass, "nothing is allowed at all");
    }

    #[test]
    fn fail() {
        let [finding] = findings(ID, with_password(|user| user.inline("own", &allow("sqs:SendMessage", ""))))
            .try_into()
            .expect("one finding");
        assert_eq!(finding.outcome, Fail);
        let message = "user/anna/own allows sqs:SendMessage in a session without a second factor";
        assert_eq!(finding.message, message);
        assert_eq!(of(with_password(|user| user.inline("all", &allow("*", "")))), Fail);
        let most = document(r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#);
        assert_eq!(of(with_password(|user| user.inline("most", &most))), Fail);
    }

    #[test]
    fn each_allow_may_demand_it_instead() {
        let demanded = allow("*", r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#);
        assert_eq!(of(with_password(|user| user.inline("own", &demanded))), Pass);
        assert_eq!(of(with_key(|user| user.inline("own", &demanded))), Pass);
        let lax = allow("*", r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#);
        assert_eq!(of(with_password(|user| user.inline("own", &lax))), Pass);
        assert_eq!(of(with_key(|user| user.inline("own", &lax))), Fail);
    }

    #[test]
    fn enrolling_one_is_allowed_without() {
        for action in ["iam:EnableMFADevice", "iam:ListMFA*", "sts:GetSessionToken"] {
            assert_eq!(of(with_password(|user| user.inline("own", &allow(action, "")))), Pass, "{action}");
        }
        for action in ["iam:*", "iam:DeactivateMFADevice", "iam:List*", "iam:CreateAccessKey"] {
            assert_eq!(of(with_password(|user| user.inline("own", &allow(action, "")))), Fail, "{action}");
        }
    }

    #[test]
    fn a_deny_of_what_is_allowed_is_enough() {
        let narrow = document(
            r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#,
        );
        assert_eq!(of(with_password(|user| user.inline("own", &narrow))), Pass);
        assert_eq!(of(with_password(|user| user.inline("own", &narrow.replacen("ec2:*", "e*:*", 1)))), Fail);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(of(Account::new().user("anna", |user| user.inline("all", &allow("*", "")))), NotApplicable);
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        let open = || with_password(|user| user.inline("all", &allow("*", "")));
        for topic in [Topic::AuthorizationDetails, Topic::CredentialReport] {
            assert_eq!(of(open().deny(topic)), NotEvaluated, "{topic:?}");
        }
        assert_eq!(of(with_password(|user| user.inline("own", "{"))), NotEvaluated);
        assert_eq!(of(open().organization().deny(Topic::OrganizationPolicies)), NotEvaluated, "an SCP may deny it");
        let unreadable = open().facts(|facts| {
            if let probity_model::Seen::Known(report) = &mut facts.credential_report {
                report.users.iter_mut().for_each(|row| row.password_enabled = Cell::Unreadable("?".into()));
            }
        });
        assert_eq!(of(unreadable), NotEvaluated);
        let unlisted = open().facts(|facts| {
            if let probity_model::Seen::Known(report) = &mut facts.credential_report {
                report.users.clear();
            }
        });
        assert_eq!(of(unlisted), NotEvaluated);
    }

    #[test]
    fn trap_only_if_exists_catches_access_keys() {
        let all = allow("*", "");
        assert_eq!(of(with_password(|user| user.inline("all", &all).inline("mfa", &deny("Bool")))), Pass);
        assert_eq!(of(with_key(|user| user.inline("all", &all).inline("mfa", &deny("Bool")))), Fail);
        assert_eq!(of(with_key(|user| user.inline("all", &all).inline("mfa", &deny("BoolIfExists")))), Pass);
        assert_eq!(of(with_key(|user| user.inline("all", &all).key(1, |key| key.inactive()))), NotApplicable);
    }

    #[test]
    fn trap_users_of_machines_can_be_exempt() {
        let machine = || with_key(|user| user.inline("all", &allow("*", "")));
        assert_eq!(outcomes_with(ID, &[("exempt_users", "anna")], machine()), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("exempt_users", "ann")], machine()), [Fail]);
    }
}
