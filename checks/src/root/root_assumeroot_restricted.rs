//! Few principals may open privileged root sessions in member accounts, and only for named tasks.
//!
//! # Why
//! `sts:AssumeRoot` opens a session of the root user of a member account. Its task policy says for what: one of them deletes
//! the root user's credentials, another lets a mailbox set a new password. Whoever may ask for any task can take over any
//! member account.
//!
//! # Pass
//! The principal may not call `sts:AssumeRoot`, or is in `allowed_principals`, or may call it only with the tasks that a
//! condition on `sts:TaskPolicyArn` names.
//!
//! # Fail
//! The principal is not in `allowed_principals` and may call `sts:AssumeRoot` with any task, in one member account at least.
//!
//! # Not applicable
//! The feature `RootSessions` is not on, so that nobody can open such a session.
//!
//! # Notes
//! Only the management account and the account that IAM is delegated to get an answer on the features. Elsewhere the check
//! is not evaluated.
//!
//! Administrators hold `sts:AssumeRoot` without anybody having named it. They are in one finding on the account, so that
//! those who were given it by name stand out; list those who are meant to have it.
//!
//! Judged are requests with a second factor: that one is asked for does not make the principals fewer. Root sessions are
//! bound by the service control policies of the member account. One that denies to the root user and does not except
//! `aws:AssumedRoot` stops these tasks as well; where such a policy was read, the findings on those who may open sessions
//! name it.
//!
//! # Fix
//! Make one role for root tasks, let its policy ask for `sts:TaskPolicyArn` and a second factor, and take `sts:AssumeRoot`
//! away from everyone else.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_access::{Access, Decision, Outcome, Principal, PrincipalKind, Truth};
use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::facts::{OrganizationPolicies, RootAccessFeatures};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Context, Effect, Layer, Pattern, Resources, Statement, Target};

use crate::administrators::with_mfa;

const ALLOWED_PRINCIPALS: ListParameter = ListParameter {
    name: "allowed_principals",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the organization's choice: the role for root tasks",
};

const ACTION: &str = "sts:AssumeRoot";
const TASK: &str = "sts:TaskPolicyArn";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "root-assumeroot-restricted",
        family: Family::Root,
        title: "Few principals may open privileged root sessions, and only for named tasks",
        severity: Severity::High,
        scope: Scope::Organization,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ALLOWED_PRINCIPALS)],
    };
    type Facts<'s> = (Inferred<'s, Access>, &'s RootAccessFeatures, Option<&'s OrganizationPolicies>);

    fn run((Inferred(access), features, policies): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        if !features.has(RootAccessFeatures::ROOT_SESSIONS) {
            let message = "the feature RootSessions is not on: nobody can open such a session";
            return out.whole_account().not_applicable(message);
        }
        let listed: Vec<Pattern> = parameters.list(&ALLOWED_PRINCIPALS).into_iter().map(Pattern::new).collect();
        let blocking = policies.map(blocking).unwrap_or_default();
        let note = note(&blocking);
        let partition = out.partition().to_string();
        let mut administrators = BTreeSet::new();
        for principal in access.principals() {
            let arn = principal.arn();
            let is_listed = listed.iter().any(|pattern| pattern.matches(arn.as_str()));
            let subject = blocking
                .iter()
                .fold(out.resource(arn.clone()), |subject, name| subject.evidence("service_control_policy", name));
            if principal.kind() == PrincipalKind::ServiceLinkedRole {
                out.resource(arn.clone()).not_applicable("AWS made the role for a service");
                continue;
            }
            if is_listed {
                let subject = subject.evidence(ALLOWED_PRINCIPALS.name, "listed");
                subject.pass(format!("is on the list of those who may open root sessions{note}"));
                continue;
            }
            match Sessions::of(access, principal, &partition) {
                Sessions::AnyTask(_) if is_administrator(access, principal) => {
                    administrators.insert(arn);
                }
                Sessions::AnyTask(on) => {
                    subject.evidence("allowed_on", &on).fail(format!("may call {ACTION} on {on} with any task{note}"))
                }
                Sessions::Perhaps(what) => subject.evidence("depends_on", &what).unclear(format!(
                    "whether {ACTION} is allowed with any task depends on what the policies leave open: {what}"
                )),
                Sessions::NamedTasks => subject
                    .evidence("condition", TASK)
                    .pass(format!("may call {ACTION} only with the tasks that a condition names{note}")),
                Sessions::None => {
                    out.resource(arn.clone()).evidence(ACTION, "denied").pass("may open no root session");
                }
            }
        }
        if !administrators.is_empty() {
            let count = administrators.len();
            let subject = administrators
                .iter()
                .fold(out.whole_account(), |subject, arn| subject.evidence("administrator", arn.resource()));
            subject.discriminator("administrators").fail(format!(
                "{count} of the users and roles may call {ACTION} with any task as administrators, and are not in {}{note}",
                ALLOWED_PRINCIPALS.name
            ));
        }
    }
}

/// Whether a principal is an administrator in requests with a second factor.
fn is_administrator(access: &Access, principal: &Principal) -> bool {
    access.administrator_given(principal, &with_mfa()).is_some_and(|one| one.certainty == Truth::Yes)
}

/// Which root sessions a principal may open.
enum Sessions {
    /// With any task, on these accounts.
    AnyTask(String),
    /// Perhaps with any task, if this holds.
    Perhaps(String),
    /// With named tasks alone.
    NamedTasks,
    /// None at all.
    None,
}

impl Sessions {
    fn of(access: &Access, principal: &Principal, partition: &str) -> Self {
        // A task that no policy names: whoever may ask for it may ask for any.
        let any_task = with_mfa().with(TASK, format!("arn:{partition}:iam::aws:policy/root-task/probity-any-task"));
        let targets = targets(principal, partition);
        let mut perhaps = Vec::new();
        for arn in &targets {
            let decision = ask(access, principal, arn, &any_task);
            match sure(&decision) {
                Outcome::Allowed => return Self::AnyTask(arn.clone()),
                Outcome::AllowedIf => perhaps.extend(decision.remaining().into_iter().map(ToString::to_string)),
                Outcome::Denied => {}
            }
        }
        if !perhaps.is_empty() {
            perhaps.sort_unstable();
            perhaps.dedup();
            return Self::Perhaps(perhaps.join("; "));
        }
        let some = targets.iter().any(|arn| !ask(access, principal, arn, &with_mfa()).is_denied());
        if some { Self::NamedTasks } else { Self::None }
    }
}

fn ask(access: &Access, principal: &Principal, arn: &str, context: &Context) -> Decision {
    let target = if arn.contains(['*', '?']) { Target::Matching(arn) } else { Target::One(arn) };
    access.can(principal, ACTION, target, context)
}

/// The root user of an account has no policy of its own that could be unread: that part of the answer is left aside.
fn sure(decision: &Decision) -> Outcome {
    let mut own = decision.statements.iter().filter(|one| one.layer != Layer::Resource).peekable();
    let is_sure = own.peek().is_some() && own.all(|one| one.remaining.is_empty() && one.effect == Effect::Allow);
    match decision.outcome {
        Outcome::AllowedIf if is_sure => Outcome::Allowed,
        outcome => outcome,
    }
}

/// The root users of all accounts, and those that the statements of the principal name one by one.
fn targets(principal: &Principal, partition: &str) -> BTreeSet<String> {
    let documents = principal.identity().iter().filter_map(|held| held.source.document());
    let statements = documents.flat_map(|document| &document.statements);
    let naming = statements.filter(|one| one.effect == Effect::Allow && one.actions.cover(ACTION));
    let named = naming.filter_map(|statement| match &statement.resources {
        Some(Resources::Only(patterns)) => Some(patterns),
        _ => None,
    });
    let named = named.flatten().filter(|pattern| !pattern.is_everything()).map(|pattern| pattern.text().to_string());
    named.chain([format!("arn:{partition}:iam::*:root")]).collect()
}

/// The service control policies that deny to the root user of a member account and to its central sessions as well.
fn blocking(policies: &OrganizationPolicies) -> BTreeSet<String> {
    let OrganizationPolicies::Policies(policies) = policies else { return BTreeSet::new() };
    let attached = policies
        .iter()
        .filter(|policy| policy.kind == OrganizationPolicyKind::ServiceControl && !policy.targets.is_empty());
    let blocking = attached.filter(|policy| {
        probity_access::read(&policy.document).is_ok_and(|document| document.statements.iter().any(binds_root_sessions))
    });
    blocking.map(|policy| policy.name.clone()).collect()
}

fn binds_root_sessions(statement: &Statement) -> bool {
    let about = |key: &'static str| statement.conditions.iter().filter(move |one| one.key.eq_ignore_ascii_case(key));
    let names_root = about("aws:PrincipalArn").any(|one| one.values.iter().any(|value| value.ends_with(":root")));
    statement.effect == Effect::Deny && names_root && about("aws:AssumedRoot").next().is_none()
}

fn note(blocking: &BTreeSet<String>) -> String {
    match blocking.first() {
        Some(name) => format!(
            "; the service control policy {name} denies to root users and does not except aws:AssumedRoot, so it binds root \
             sessions too"
        ),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::{String, ToString};

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::organization::{OrganizationPolicy, OrganizationPolicyKind};
    use probity_model::facts::{OrganizationPolicies, RootAccessFeatures};
    use probity_model::{Arn, Finding, Outcome, ResourceKind, Seen, Topic};

    use crate::testing::{findings, findings_with, outcomes, outcomes_with};

    const ID: &str = "root-assumeroot-restricted";
    const ANY_ROOT: &str = "arn:aws:iam::*:root";
    const TASK: &str =
        r#""StringEquals":{"sts:TaskPolicyArn":"arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}"#;

    fn policy(effect: &str, action: &str, resource: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}}}"#
        )
    }

    fn management() -> Account {
        features(Account::new().management_account(), RootAccessFeatures::Enabled([sessions()].into()))
    }

    fn sessions() -> String {
        RootAccessFeatures::ROOT_SESSIONS.to_string()
    }

    fn features(account: Account, features: RootAccessFeatures) -> Account {
        account.facts(|facts| facts.root_access_features = Seen::Known(features))
    }

    fn role(document: &str) -> Account {
        management().role("tasks", |role| role.inline("own", document))
    }

    fn allowed(resource: &str, condition: &str) -> Account {
        role(&policy("Allow", "sts:AssumeRoot", resource, condition))
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn outcome(account: Account) -> Outcome {
        finding(account).outcome
    }

    #[test]
    fn pass() {
        assert_eq!(outcome(allowed(ANY_ROOT, TASK)), Pass);
        assert_eq!(outcome(allowed("arn:aws:iam::222222222222:root", TASK)), Pass);
        let without = finding(role(&policy("Allow", "s3:*", "*", "")));
        assert_eq!((without.outcome, &*without.message), (Pass, "may open no root session"));
        let listed = [("allowed_principals", "arn:aws:iam::*:role/tasks")];
        assert_eq!(outcomes_with(ID, &listed, allowed(ANY_ROOT, "")), [Pass]);
    }

    #[test]
    fn fail() {
        let found = finding(allowed(ANY_ROOT, ""));
        assert_eq!(found.outcome, Fail);
        assert_eq!(found.message, "may call sts:AssumeRoot on arn:aws:iam::*:root with any task");
        for resource in ["*", "arn:aws:iam::222222222222:root"] {
            assert_eq!(outcome(allowed(resource, "")), Fail, "{resource}");
        }
        let mfa = r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#;
        assert_eq!(outcome(allowed("*", mfa)), Fail, "a second factor names no task");
    }

    #[test]
    fn a_condition_on_the_task_that_takes_any_names_none() {
        for condition in [
            r#""StringLike":{"sts:TaskPolicyArn":"*"}"#,
            r#""StringNotEquals":{"sts:TaskPolicyArn":"arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}"#,
        ] {
            assert_eq!(outcome(allowed("*", condition)), Fail, "{condition}");
        }
    }

    #[test]
    fn not_applicable() {
        let role = || Account::new().management_account().role("tasks", |role| role);
        for off in [
            RootAccessFeatures::Enabled([RootAccessFeatures::ROOT_CREDENTIALS.to_string()].into()),
            RootAccessFeatures::NoTrustedAccess,
            RootAccessFeatures::NoOrganization,
        ] {
            assert_eq!(outcomes(ID, features(role(), off.clone())), [NotApplicable], "{off:?}");
        }
        assert_eq!(outcomes(ID, management()), [NotApplicable]);
        let linked = management().role("linked", |role| role.path("/aws-service-role/support.amazonaws.com/"));
        assert_eq!(outcome(linked), NotApplicable);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::RootAccessFeatures, Topic::AuthorizationDetails] {
            assert_eq!(outcomes(ID, allowed(ANY_ROOT, TASK).deny(topic)), [NotEvaluated], "{topic}");
        }
        let office = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        let found = finding(allowed("*", office));
        assert_eq!(found.outcome, NotEvaluated);
        assert!(found.message.contains("IpAddress aws:SourceIp 192.0.2.0/24"), "{}", found.message);
        assert_eq!(outcome(allowed("arn:aws:iam::222222222222:root", office)), NotEvaluated);
        assert_eq!(outcome(management().role("tasks", |role| role.attached("Missing"))), NotEvaluated);
        assert_eq!(outcome(allowed("*", "").deny(Topic::OrganizationMembership)), NotEvaluated);
    }

    #[test]
    fn a_limit_takes_the_sessions_away() {
        let boundary = "arn:aws:iam::123456789012:policy/limit";
        let account = management()
            .role("tasks", |role| role.inline("own", &policy("Allow", "sts:*", "*", "")).boundary(boundary))
            .policy("limit", &policy("Allow", "s3:*", "*", ""), |policy| policy);
        assert_eq!(outcome(account), Pass);
    }

    #[test]
    fn trap_administrators_are_listed_apart() {
        let account = || {
            allowed(ANY_ROOT, "")
                .role("admin", |role| role.inline("all", &policy("Allow", "*", "*", "")))
                .user("anna", |user| user.inline("all", &policy("Allow", "*", "*", "")))
                .user("ben", |user| {
                    user.inline("all", &policy("Allow", "*", "*", r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#))
                })
        };
        let found = findings(ID, account());
        let of = |kind| found.iter().filter(|one| one.resource_kind == kind).collect::<std::vec::Vec<_>>();
        let [named] = of(ResourceKind::Principal).try_into().expect("the one who was given it by name");
        assert_eq!((named.resource.resource(), named.outcome), ("role/tasks", Fail));
        let [apart] = of(ResourceKind::Account).try_into().expect("one finding on the account");
        assert_eq!(apart.outcome, Fail);
        let administrators: std::vec::Vec<_> = apart.evidence.iter().map(|item| item.value.as_str()).collect();
        assert_eq!(administrators, ["role/admin", "user/anna", "user/ben"]);
        let listed = findings_with(ID, &[("allowed_principals", "*")], account());
        assert!(listed.iter().all(|one| one.outcome == Pass), "{listed:#?}");
    }

    #[test]
    fn trap_a_guardrail_that_binds_root_sessions_too_is_named() {
        let guarded = |condition: &str| {
            let policy = OrganizationPolicy {
                id: "p-root".to_string(),
                arn: Arn::new("arn:aws:organizations::123456789012:policy/o-exampleorg1/service_control_policy/p-root"),
                name: "no-root".to_string(),
                kind: OrganizationPolicyKind::ServiceControl,
                aws_managed: false,
                document: DocumentText::new(policy("Deny", "*", "*", condition)),
                targets: ["r-root".to_string()].into(),
            };
            let account = allowed(ANY_ROOT, TASK).facts(|facts| {
                facts.organization_policies = Seen::Known(OrganizationPolicies::Policies([policy].into()));
            });
            finding(account)
        };
        let root = r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}"#;
        let bound = guarded(root);
        assert_eq!(bound.outcome, Pass);
        assert!(
            bound.message.contains("no-root denies to root users and does not except aws:AssumedRoot"),
            "{}",
            bound.message
        );
        let excepted = guarded(&format!(r#"{root},"Null":{{"aws:AssumedRoot":"true"}}"#));
        assert!(!excepted.message.contains("no-root"), "{}", excepted.message);
        let others = guarded(r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}"#);
        assert!(!others.message.contains("no-root"), "{}", others.message);
    }
}
