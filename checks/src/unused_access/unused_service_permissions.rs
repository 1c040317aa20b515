//! What principals may use, they use.
//!
//! # Why
//! Permissions that nobody needs serve only an intruder. Nobody misses them, so this is the safest thing to take away.
//!
//! # Pass
//! The principal has used every service it may use in the last `max_unused_days` days and, in `sensitive_services`, every
//! action that AWS tracks one by one.
//!
//! # Fail
//! It may use a service that it has not used for longer, or never in the time that AWS keeps. The failure is medium where one
//! of `sensitive_services` is concerned, and low otherwise.
//!
//! # Not applicable
//! The principal is not older than `max_unused_days` days, has no permissions, matches `exempt_names`, or is a role that AWS
//! made for a service.
//!
//! # Notes
//! Reading the data takes a job of AWS for each principal; which principals are asked about, `--last-accessed` says. The
//! others are not evaluated. The data appears after about four hours and reaches 400 days back.
//!
//! An attempt counts as use, also one that was denied. The use of some permissions is not recorded, that of `iam:PassRole`
//! among them: such a permission never counts as unused. Actions are tracked one by one for some services only.
//!
//! Services that a permissions boundary or the organization denies altogether do not count: the principal may not use them,
//! whatever its own policies say.
//!
//! The evidence holds a proposal: the policies of the principal in one, without what it did not use. Of one that is longer
//! than 4,000 bytes it holds the length, and `probity explain unused-service-permissions --resource ARN` prints it.
//! It leaves `iam:PassRole` only where a policy names it; put it back where services are handed roles. What runs once
//! a year looks unused: read the proposal before you apply it.
//!
//! This looks at use, and not at whether the account has resources of a service.
//!
//! # Fix
//! Replace the policies by narrower ones, such as the one proposed.
//!
//! # Command
//! ```sh
//! aws iam generate-service-last-accessed-details --arn ARN --granularity ACTION_LEVEL
//! ```

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_access::{Access, Principal, PrincipalKind};
use probity_model::facts::last_accessed::ServiceAccess;
use probity_model::facts::{AuthorizationDetails, LastAccessed};
use probity_model::parameter::{ListParameter, NumberParameter, ParameterSpec, Unit};
use probity_model::{
    Arn, Automation, Family, Findings, GapKind, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Seen, Severity,
    Timestamp,
};
use probity_policy::{Catalogue, Context, Pattern, Target};

use crate::access_keys::days_ago;
use crate::narrower::propose;

/// For how many days AWS keeps the use of services (IAM User Guide, "Refine permissions using last accessed
/// information"). No limit can be longer.
const TRACKED_DAYS: u32 = 400;

/// The longest proposal that stands in a finding, in bytes.
const SHORT: usize = 4_000;

/// How many services or actions a message names; the evidence has them all.
const NAMED: usize = 10;

const MAX_UNUSED_DAYS: NumberParameter = NumberParameter {
    name: "max_unused_days",
    default: 90,
    min: 1,
    max: TRACKED_DAYS,
    unit: Unit::Days,
    source: "the default of the unused-access analyzer of IAM Access Analyzer",
};

const SENSITIVE_SERVICES: ListParameter = ListParameter {
    name: "sensitive_services",
    default: &["iam", "sts", "kms", "organizations", "sso", "secretsmanager", "ssm", "s3", "lambda", "ec2"],
    choices: &[],
    unit: Unit::Names,
    source: "our own choice: the services that hold permissions, secrets, data and machines",
};

const EXEMPT_NAMES: ListParameter = ListParameter {
    name: "exempt_names",
    default: &["*break*glass*"],
    choices: &[],
    unit: Unit::Globs,
    source: "the organization's choice: users and roles for emergencies",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "unused-service-permissions",
        family: Family::UnusedAccess,
        title: "Granted services and sensitive actions are used",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[
            ParameterSpec::Number(MAX_UNUSED_DAYS),
            ParameterSpec::List(SENSITIVE_SERVICES),
            ParameterSpec::List(EXEMPT_NAMES),
        ],
    };
    type Facts<'s> = (&'s LastAccessed, Inferred<'s, Access>, &'s AuthorizationDetails);

    fn run((accessed, Inferred(access), details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        // Nobody's was asked for: that is one thing to say, and not one a principal.
        let not_asked = |seen: &Seen<_>| seen.gap().is_some_and(|gap| gap.kind == GapKind::NotRequested);
        if let Some(gap) = accessed.principals.values().find_map(Seen::gap)
            && accessed.principals.values().all(not_asked)
        {
            return out.whole_account().not_evaluated(gap);
        }
        let users = details.users.iter().map(|user| (&user.arn, user.created_at));
        let roles = details.roles.iter().map(|role| (&role.arn, role.created_at));
        let created: BTreeMap<&Arn, Option<Timestamp>> = users.chain(roles).collect();
        let exempt: Vec<_> = parameters.list(&EXEMPT_NAMES).into_iter().map(Pattern::new).collect();
        let rule = Limits {
            allowed: parameters.number(&MAX_UNUSED_DAYS),
            sensitive: parameters.list(&SENSITIVE_SERVICES).into_iter().map(str::to_ascii_lowercase).collect(),
        };
        for principal in access.principals() {
            let arn = principal.arn();
            let subject = out.resource(arn.clone());
            if principal.kind() == PrincipalKind::ServiceLinkedRole {
                subject.not_applicable("AWS made the role for a service and looks after it");
            } else if let Some(pattern) = exempt.iter().find(|one| one.matches_ignoring_case(principal.name())) {
                subject.not_applicable(format!("the name matches {} in {}", pattern.text(), EXEMPT_NAMES.name));
            } else if principal.identity().is_empty() {
                subject.not_applicable("has no policies, and so no permissions of its own");
            } else {
                match accessed.principals.get(arn) {
                    Some(Seen::Known(services)) => {
                        let created = created.get(arn).copied().flatten();
                        rule.judge(access, principal, services, created, out);
                    }
                    Some(Seen::Missing(gap)) => subject.not_evaluated(gap),
                    None => subject.unclear("the data on last access does not have this principal"),
                }
            }
        }
    }
}

/// What counts as unused.
struct Limits {
    allowed: u32,
    sensitive: BTreeSet<String>,
}

/// What a principal has not used.
#[derive(Default)]
struct Unused {
    services: BTreeSet<String>,
    actions: BTreeSet<String>,
    /// Services that its policies grant, and something else denies altogether; or of which only what is not recorded is
    /// granted.
    denied: BTreeSet<String>,
    /// Services whose last use lies ahead.
    unclear: BTreeSet<String>,
    used: usize,
}

impl Limits {
    fn judge(
        &self,
        access: &Access,
        principal: &Principal,
        services: &[ServiceAccess],
        created: Option<Timestamp>,
        out: &mut Findings<'_>,
    ) {
        let allowed = self.allowed;
        let limit = i64::from(allowed);
        let age = created.and_then(|at| days_ago(out, at));
        let is_recent = |at: Timestamp| days_ago(out, at).is_none_or(|days| days <= limit);
        let mut unused = Unused::default();
        for service in services {
            self.look(access, principal, service, out, &mut unused);
        }
        let proposal = propose(principal, services, is_recent);
        let in_full = out.is_in_full();
        let without_data = without_data(access, principal, services);
        let mut subject = out
            .resource(principal.arn().clone())
            .evidence("services_used", unused.used)
            .evidence(MAX_UNUSED_DAYS.name, allowed);
        if let Some(created) = created {
            subject = subject.evidence("create_date", created);
        }
        for (key, names) in [
            ("unused_services", &unused.services),
            ("unused_actions", &unused.actions),
            ("services_denied_or_not_recorded", &unused.denied),
            ("services_without_data", &without_data),
        ] {
            if !names.is_empty() {
                subject = subject.evidence(key, join(names));
            }
        }
        if let Some(days) = age.filter(|days| *days <= limit) {
            return subject.not_applicable(format!("is {days} days old; use is judged after {allowed}"));
        }
        if unused.services.is_empty() && unused.actions.is_empty() {
            return if !unused.unclear.is_empty() {
                subject.unclear(format!("the last use of {} is said to lie ahead", join(&unused.unclear)))
            } else if !without_data.is_empty() {
                subject.unclear(format!("may use {}, of whose use AWS tells nothing", join(&without_data)))
            } else if services.is_empty() && !access.services_named(principal).is_empty() {
                subject.unclear("has permissions, and AWS tells of no service that it may use")
            } else if services.is_empty() {
                subject.not_applicable("its policies grant nothing")
            } else if unused.used == 0 {
                subject.not_applicable("may use no service whose use is recorded")
            } else {
                subject.pass(format!(
                    "may use {} services that count, and used each in the last {allowed} days, attempts included",
                    unused.used
                ))
            };
        }
        if age.is_none() {
            return subject.unclear("has not used all it may, and no date tells when it was created, or it lies ahead");
        }
        if let Some(document) = proposal.and_then(|proposal| proposal.document) {
            subject = if document.len() < SHORT || in_full {
                subject.evidence("proposed_policy", document)
            } else {
                subject.evidence("proposed_policy_bytes", document.len())
            };
        }
        let is_sensitive =
            !unused.actions.is_empty() || unused.services.iter().any(|name| self.sensitive.contains(name));
        subject = subject.severity(if is_sensitive { Severity::Medium } else { Severity::Low });
        subject.fail(self.message(&unused));
    }

    fn look(
        &self,
        access: &Access,
        principal: &Principal,
        service: &ServiceAccess,
        out: &Findings<'_>,
        unused: &mut Unused,
    ) {
        let limit = i64::from(self.allowed);
        let name = service.namespace.to_ascii_lowercase();
        let age = |at: Option<Timestamp>| at.map(|at| days_ago(out, at));
        match age(service.last_used_at) {
            Some(None) => {
                unused.unclear.insert(name);
            }
            Some(Some(days)) if days <= limit => {
                unused.used += 1;
                if self.sensitive.contains(&name) {
                    for action in &service.actions {
                        let name = format!("{name}:{}", action.name);
                        match age(action.last_used_at) {
                            Some(Some(days)) if days <= limit => {}
                            _ if !is_recorded(&name) || !may(access, principal, &name) => {}
                            Some(None) => {
                                unused.unclear.insert(name);
                            }
                            _ => {
                                unused.actions.insert(name);
                            }
                        }
                    }
                }
            }
            _ if may_use(access, principal, &name) => {
                unused.services.insert(name);
            }
            _ => {
                unused.denied.insert(name);
            }
        }
    }

    fn message(&self, unused: &Unused) -> String {
        let allowed = self.allowed;
        let total = unused.used + unused.services.len();
        let services = (!unused.services.is_empty()).then(|| {
            let names = first(&unused.services);
            format!("may use services that it did not in the last {allowed} days (AWS keeps {TRACKED_DAYS}): {names}")
        });
        let actions = (!unused.actions.is_empty())
            .then(|| format!("did not use these actions of sensitive services: {}", first(&unused.actions)));
        let parts: Vec<_> = services.into_iter().chain(actions).collect();
        format!("{}; services in use: {} of {total}", parts.join("; "), unused.used)
    }
}

/// Whether AWS records the use of an action.
fn is_recorded(action: &str) -> bool {
    !action.eq_ignore_ascii_case("iam:PassRole")
}

/// Whether a principal may do an action, on some resource or under some conditions at least.
fn may(access: &Access, principal: &Principal, action: &str) -> bool {
    !access.can(principal, action, Target::Matching("*"), &Context::partial()).is_denied()
}

/// Whether a principal may do anything in a service whose use is recorded. Where the service is not in the catalogue, it
/// may.
fn may_use(access: &Access, principal: &Principal, service: &str) -> bool {
    let Some(known) = Catalogue::get().service(service) else { return true };
    let actions = known.actions().iter().map(probity_policy::Action::full_name);
    let tried = [format!("{service}:AnyAction")].into_iter().chain(actions.filter(|action| is_recorded(action)));
    // A policy of hundreds of patterns is asked only about actions that one of them covers. A trust policy may let into a role
    // by itself.
    let patterns = if service == "sts" { None } else { access.patterns_for(principal, service) };
    let covers = |action: &String| {
        patterns.as_ref().is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches_action(action)))
    };
    tried.filter(covers).any(|action| may(access, principal, &action))
}

/// Services that policies name, that may be used, and that the data does not have.
fn without_data(access: &Access, principal: &Principal, services: &[ServiceAccess]) -> BTreeSet<String> {
    let has_data = |name: &str| services.iter().any(|service| service.namespace.eq_ignore_ascii_case(name));
    let named = access.services_named(principal).into_iter();
    named.filter(|name| !name.contains(['*', '?']) && !has_data(name)).collect()
}

/// The first names, and how many more there are.
fn first(names: &BTreeSet<String>) -> String {
    let shown: Vec<_> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn join(names: &BTreeSet<String>) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::{String, ToString};
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, RoleBuilder, days_ago};
    use probity_model::facts::last_accessed::{ActionAccess, ServiceAccess};
    use probity_model::{Arn, Finding, Gap, Outcome, Seen, Severity, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "unused-service-permissions";
    const APP: &str = "arn:aws:iam::123456789012:role/app";
    const LIMIT: &str = "arn:aws:iam::123456789012:policy/limit";

    fn allow(actions: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{actions},"Resource":"*"}}}}"#)
    }

    fn service(namespace: &str, used: Option<i64>) -> ServiceAccess {
        ServiceAccess {
            namespace: namespace.to_string(),
            name: namespace.to_string(),
            last_used_at: used.map(days_ago),
            last_used_region: None,
            actions: Vec::new(),
        }
    }

    fn with_actions(mut service: ServiceAccess, actions: &[(&str, Option<i64>)]) -> ServiceAccess {
        let action = |(name, used): &(&str, Option<i64>)| ActionAccess {
            name: name.to_string(),
            last_used_at: used.map(days_ago),
        };
        service.actions = actions.iter().map(action).collect();
        service
    }

    fn data(account: Account, seen: Seen<Vec<ServiceAccess>>) -> Account {
        account.facts(|facts| {
            if let Seen::Known(accessed) = &mut facts.last_accessed {
                accessed.principals.insert(Arn::new(APP), seen);
            }
        })
    }

    fn role(change: impl FnOnce(RoleBuilder) -> RoleBuilder, services: &[ServiceAccess]) -> Account {
        data(Account::new().role("app", change), Seen::Known(services.to_vec()))
    }

    fn granted(actions: &str, services: &[ServiceAccess]) -> Account {
        role(|role| role.inline("own", &allow(actions)), services)
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn outcome(account: Account) -> Outcome {
        finding(account).outcome
    }

    fn evidence<'f>(finding: &'f Finding, key: &str) -> Option<&'f str> {
        finding.evidence.iter().find(|item| item.key == key).map(|item| item.value.as_str())
    }

    #[test]
    fn pass() {
        let found = finding(granted(r#"["s3:Get*","sqs:*"]"#, &[service("s3", Some(3)), service("sqs", Some(60))]));
        assert_eq!(found.outcome, Pass, "{found:#?}");
    }

    #[test]
    fn fail() {
        let services = [service("s3", Some(3)), service("sqs", None), service("sns", Some(200))];
        let found = finding(granted(r#"["s3:Get*","sqs:*","sns:Publish"]"#, &services));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Low));
        assert_eq!(
            found.message,
            "may use services that it did not in the last 90 days (AWS keeps 400): sns, sqs; services in use: 1 of 3"
        );
        assert_eq!(
            evidence(&found, "proposed_policy"),
            Some(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#)
        );
    }

    #[test]
    fn an_unused_sensitive_service_is_worse() {
        let severity = |parameters: &[(&str, &str)]| {
            let account = granted(r#"["s3:Get*","sqs:*"]"#, &[service("s3", Some(91)), service("sqs", Some(1))]);
            crate::testing::findings_with(ID, parameters, account).remove(0).severity
        };
        assert_eq!(severity(&[]), Severity::Medium);
        assert_eq!(severity(&[("sensitive_services", "kms")]), Severity::Low);
    }

    #[test]
    fn the_last_day_allowed_counts_as_use() {
        let used = |days| granted(r#""sqs:*""#, &[service("sqs", Some(days))]);
        assert_eq!(outcome(used(90)), Pass);
        assert_eq!(outcome(used(91)), Fail);
        assert_eq!(outcomes_with(ID, &[("max_unused_days", "91")], used(91)), [Pass]);
    }

    #[test]
    fn sensitive_services_are_judged_by_action() {
        let actions = [("CreateBucket", Some(5)), ("DeleteBucket", None), ("PutBucketPolicy", Some(300))];
        let s3 = || with_actions(service("s3", Some(5)), &actions);
        let found = finding(granted(r#""s3:*""#, &[s3()]));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Medium));
        assert_eq!(evidence(&found, "unused_actions"), Some("s3:DeleteBucket, s3:PutBucketPolicy"));
        // What is not granted cannot be unused.
        assert_eq!(outcome(granted(r#"["s3:CreateBucket","s3:Get*"]"#, &[s3()])), Pass);
        assert_eq!(outcomes_with(ID, &[("sensitive_services", "kms")], granted(r#""s3:*""#, &[s3()])), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let aged = |days: i64| {
            role(|role| role.created_days_ago(days).inline("own", &allow(r#""sqs:*""#)), &[service("sqs", None)])
        };
        assert_eq!(outcome(aged(90)), NotApplicable);
        assert_eq!(outcome(aged(91)), Fail);
        assert_eq!(outcome(role(|role| role, &[])), NotApplicable);
        assert_eq!(outcome(granted(r#""iam:PassRole""#, &[service("iam", None)])), NotApplicable, "no use is recorded");
        let deny = allow(r#""s3:*""#).replace("Allow", "Deny");
        assert_eq!(outcome(role(|role| role.inline("own", &deny), &[])), NotApplicable);
        let glass = Account::new().role("Break-Glass", |role| role.inline("own", &allow(r#""*""#)));
        assert_eq!(outcome(glass), NotApplicable);
        let linked = Account::new().role("linked", |role| {
            role.path("/aws-service-role/support.amazonaws.com/").inline("own", &allow(r#""*""#))
        });
        assert_eq!(outcome(linked), NotApplicable);
    }

    #[test]
    fn not_evaluated() {
        let account = || granted(r#""sqs:*""#, &[service("sqs", Some(3))]);
        for topic in [Topic::LastAccessed, Topic::AuthorizationDetails] {
            assert_eq!(outcomes(ID, account().deny(topic)), [NotEvaluated], "{topic}");
        }
        let not_in_the_data = Account::new().role("app", |role| role.inline("own", &allow(r#""sqs:*""#)));
        assert_eq!(outcome(not_in_the_data), NotEvaluated);
        assert_eq!(outcome(granted(r#""sqs:*""#, &[service("sqs", Some(-2))])), NotEvaluated, "used in the future");
        assert_eq!(outcome(granted(r#""sqs:*""#, &[])), NotEvaluated, "permissions, and no data");
        let one_missing = granted(r#"["sqs:*","newservice:*"]"#, &[service("sqs", Some(3))]);
        assert_eq!(outcome(one_missing), NotEvaluated);
        let undated = role(
            |role| {
                let mut role = role.inline("own", &allow(r#""sqs:*""#));
                role.details.created_at = None;
                role
            },
            &[service("sqs", None)],
        );
        assert_eq!(outcome(undated), NotEvaluated);
    }

    #[test]
    fn what_a_boundary_denies_altogether_does_not_count() {
        let services = || [service("s3", Some(3)), service("sqs", None)];
        let bounded = |limit: &str| {
            role(|role| role.inline("own", &allow(r#""*""#)).boundary(LIMIT), &services()).policy(
                "limit",
                &allow(limit),
                |policy| policy,
            )
        };
        let found = finding(bounded(r#""s3:*""#));
        assert_eq!(found.outcome, Pass);
        assert_eq!(evidence(&found, "services_denied_or_not_recorded"), Some("sqs"));
        assert_eq!(outcome(bounded(r#"["s3:*","sqs:PurgeQueue"]"#)), Fail, "one action is enough");
        let unread = role(|role| role.inline("own", &allow(r#""*""#)).boundary(LIMIT), &services());
        assert_eq!(outcome(unread), Fail, "what a boundary may leave counts");
    }

    #[test]
    fn a_long_proposal_stays_out_of_the_evidence() {
        let ec2 = with_actions(service("ec2", Some(3)), &[("RunInstances", None)]);
        let found = finding(granted(r#""ec2:*""#, &[ec2]));
        assert_eq!(found.outcome, Fail);
        assert_eq!(evidence(&found, "proposed_policy"), None);
    }

    #[test]
    fn a_message_names_ten_and_the_evidence_all() {
        let services: Vec<_> = ["s3"].into_iter().map(|name| service(name, Some(3))).collect();
        let many: Vec<_> = (0..12).map(|number| service(&format!("service-{number:02}"), None)).collect();
        let found = finding(granted(r#""*""#, &[services, many].concat()));
        assert!(found.message.contains("service-09 and 2 more"), "{}", found.message);
        assert!(evidence(&found, "unused_services").is_some_and(|all| all.ends_with("service-11")), "{found:#?}");
    }

    #[test]
    fn an_action_used_in_the_future_is_not_evaluated() {
        let ahead = with_actions(service("s3", Some(3)), &[("DeleteBucket", Some(-3))]);
        assert_eq!(outcome(granted(r#""s3:*""#, &[ahead])), NotEvaluated);
    }

    #[test]
    fn trap_a_principal_that_no_job_was_run_for_is_not_evaluated() {
        let account = Account::new().role("app", |role| role.inline("own", &allow(r#""*""#)));
        let found = finding(data(account, Seen::Missing(Gap::not_requested("--last-accessed all reads everyone's"))));
        assert_eq!(found.outcome, NotEvaluated);
        assert!(found.message.contains("--last-accessed all"), "{}", found.message);
    }

    /// Nobody's data was asked for: the report says so once, and not once a principal.
    #[test]
    fn data_that_nobody_asked_for_is_one_finding() {
        let missing = || Seen::Missing(Gap::not_requested("left out with --last-accessed none"));
        let account = Account::new().user("anna", |user| user).user("ben", |user| user).facts(|facts| {
            if let Seen::Known(accessed) = &mut facts.last_accessed {
                for name in ["anna", "ben"] {
                    accessed.principals.insert(Arn::new(format!("arn:aws:iam::123456789012:user/{name}")), missing());
                }
            }
        });
        assert_eq!(outcomes(ID, account), [NotEvaluated]);
    }

    /// The data tells of attempts; whether they were allowed it does not tell.
    #[test]
    fn trap_an_attempt_counts_as_use() {
        let denied = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sqs:*","Resource":"*"}}"#;
        let attempted =
            role(|role| role.inline("all", &allow(r#""sqs:*""#)).inline("no", denied), &[service("sqs", Some(3))]);
        let found = finding(attempted);
        assert_eq!(found.outcome, Pass);
        assert!(found.message.contains("attempts included"), "{}", found.message);
    }

    #[test]
    fn trap_the_data_reaches_400_days_back_and_tells_of_actions_for_some_services_only() {
        assert_eq!(super::MAX_UNUSED_DAYS.max, 400, "a longer limit could not be judged");
        let never = finding(granted(r#""sqs:*""#, &[service("sqs", None)]));
        assert!(never.message.contains("AWS keeps 400"), "{}", never.message);
        // No tracked action is no unused one.
        assert_eq!(outcome(granted(r#""s3:*""#, &[service("s3", Some(3))])), Pass);
    }

    #[test]
    fn trap_passing_a_role_leaves_no_trace() {
        let iam = || with_actions(service("iam", None), &[("PassRole", None)]);
        assert_eq!(outcome(granted(r#"["iam:PassRole","ec2:*"]"#, &[iam(), service("ec2", Some(3))])), Pass);
        assert_eq!(outcome(granted(r#"["iam:PassRole","iam:GetUser"]"#, &[iam()])), Fail);
        let used = with_actions(service("iam", Some(3)), &[("PassRole", None), ("GetUser", Some(3))]);
        assert_eq!(outcome(granted(r#"["iam:PassRole","iam:GetUser"]"#, &[used])), Pass);
        let found = finding(granted(r#"["iam:PassRole","iam:GetUser","sqs:*"]"#, &[iam(), service("sqs", Some(3))]));
        assert!(
            evidence(&found, "proposed_policy").is_some_and(|policy| policy.contains("iam:PassRole")),
            "{found:#?}"
        );
    }

    #[test]
    fn trap_it_looks_at_use_and_not_at_resources() {
        let found = finding(granted(r#""sqs:*""#, &[service("sqs", Some(3))]));
        let operations = found.operations.clone();
        assert!(operations.contains(&"iam:GetServiceLastAccessedDetails".to_string()), "{operations:?}");
        assert!(operations.iter().all(|one| !one.starts_with("sqs:")), "{operations:?}");
    }
}
