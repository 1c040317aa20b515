//! Only those who are meant to may switch off detection and logging.
//!
//! # Why
//! The first thing an intruder does with enough permissions is to stop the trail and the detectors. Whoever runs a
//! workload never needs that.
//!
//! # Pass
//! The user or role is on the list `security_principals`, or may do none of the `actions`: no policy of its own allows
//! it, or its permissions boundary or a service control policy denies it.
//!
//! # Fail
//! It may do one of them, and is not on the list. Administrators, who may do all of them, fail together, in one finding.
//!
//! # Not applicable
//! Roles that AWS made for its services.
//!
//! # Notes
//! All policies of the user or role are considered, those of its groups, its permissions boundary and the service and
//! resource control policies of the organization; session policies are not. Where the latter exist and could not be
//! read, who is allowed by the rest is not evaluated. Requests are taken to be made with a second factor.
//!
//! Actions on trails, buckets and log groups are asked for the account's own trails, for the buckets that they write to and
//! for the log groups that they feed. Where the trails could not be read and a statement names only some resources, nobody
//! can say whether they are those.
//!
//! # Fix
//! Deny these actions by a service control policy, with an exception for the security team's role. Then take them out of
//! the policies of everybody else.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use probity_access::{Access, Binding, Decision, Outcome, Principal, PrincipalKind, Truth};
use probity_model::facts::Trails;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    AccountId, Automation, Family, Findings, Inferred, Meta, Parameters, Partition, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::{Context, Effect, Layer, Pattern, Target};

use crate::trails;

const ACTIONS: ListParameter = ListParameter {
    name: "actions",
    default: &[
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors",
        "config:StopConfigurationRecorder",
        "config:DeleteConfigurationRecorder",
        "guardduty:DeleteDetector",
        "guardduty:UpdateDetector",
        "guardduty:DisassociateFromAdministratorAccount",
        "securityhub:DisableSecurityHub",
        "access-analyzer:DeleteAnalyzer",
        "access-analyzer:CreateArchiveRule",
        "logs:DeleteLogGroup",
        "s3:PutBucketPolicy",
    ],
    choices: &[],
    unit: Unit::Actions,
    source: "our own choice: each of them stops, deletes or weakens what records and detects",
};

const SECURITY_PRINCIPALS: ListParameter = ListParameter {
    name: "security_principals",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the organization's choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-security-service-tampering",
        family: Family::Policies,
        title: "Only security principals may switch off detection and logging",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ACTIONS), ParameterSpec::List(SECURITY_PRINCIPALS)],
    };
    type Facts<'s> = (Inferred<'s, Access>, Option<&'s Trails>);

    fn run((Inferred(access), trails): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let targets = Targets::of(trails, out.partition(), out.account());
        let asked: Vec<_> =
            parameters.list(&ACTIONS).into_iter().map(|action| (action, targets.for_action(action))).collect();
        let listed: Vec<Pattern> = parameters.list(&SECURITY_PRINCIPALS).into_iter().map(Pattern::new).collect();
        let context = Context::partial()
            .with("aws:MultiFactorAuthPresent", "true")
            .with("aws:MultiFactorAuthAge", "1")
            .with("aws:SecureTransport", "true")
            .with("aws:ViaAWSService", "false");
        let asked = Asked { actions: asked, context };
        let mut administrators = BTreeSet::new();
        for principal in access.principals() {
            let arn = principal.arn();
            let is_listed = listed.iter().any(|pattern| pattern.matches(arn.as_str()));
            if principal.kind() == PrincipalKind::ServiceLinkedRole {
                out.resource(arn.clone()).not_applicable("AWS made the role for a service");
            } else if is_listed {
                let subject = out.resource(arn.clone()).evidence(SECURITY_PRINCIPALS.name, "listed");
                subject.pass("is on the list of security principals");
            } else if access.administrator(principal).is_some_and(|one| one.certainty == Truth::Yes)
                && Verdict::of(access, principal, &asked).allowed.len() == asked.actions.len()
            {
                administrators.insert(arn);
            } else {
                judge(access, principal, &asked, out);
            }
        }
        if !administrators.is_empty() {
            let count = administrators.len();
            let subject = administrators
                .iter()
                .fold(out.whole_account(), |subject, arn| subject.evidence("administrator", arn.resource()));
            subject.discriminator("administrators").fail(format!(
                "{count} of the users and roles may do all of this as administrators, and are not on the list of security \
                 principals"
            ));
        }
    }
}

/// What is asked of everybody.
struct Asked<'a> {
    /// Actions, each with what it is asked on.
    actions: Vec<(&'a str, Vec<String>)>,
    /// Of a request that comes with a second factor, as a careful one does.
    context: Context,
}

/// What a principal may do of the actions.
#[derive(Default)]
struct Verdict<'a> {
    allowed: Vec<&'a str>,
    open: Vec<(&'a str, Decision)>,
    /// What would be allowed, and which policy of the organization denies it.
    denied: Vec<(&'a str, String)>,
}

impl<'a> Verdict<'a> {
    fn of(access: &Access, principal: &Principal, asked: &Asked<'a>) -> Self {
        let mut verdict = Self::default();
        for (action, targets) in asked.actions.iter().filter(|(action, _)| principal.is_granted(action)) {
            let decisions: Vec<Decision> = targets
                .iter()
                .map(|arn| {
                    let target = if arn.contains('*') { Target::Matching(arn) } else { Target::One(arn) };
                    access.can(principal, action, target, &asked.context)
                })
                .collect();
            if decisions.iter().any(Decision::is_allowed) {
                verdict.allowed.push(action);
            } else if let Some(open) = decisions.iter().find(|decision| decision.outcome == Outcome::AllowedIf) {
                verdict.open.push((action, open.clone()));
            } else if let Some(policy) = decisions.iter().find_map(denied_by_organization) {
                verdict.denied.push((action, policy));
            }
        }
        verdict
    }
}

/// The service control policy that denies something.
fn denied_by_organization(decision: &Decision) -> Option<String> {
    let denies = decision
        .statements
        .iter()
        .find(|one| one.effect == Effect::Deny && matches!(one.layer, Layer::ServiceControl(_)));
    denies.map(|one| one.policy.clone())
}

fn judge(access: &Access, principal: &Principal, asked: &Asked<'_>, out: &mut Findings<'_>) {
    let verdict = Verdict::of(access, principal, asked);
    let mut subject = out.resource(principal.arn().clone()).evidence("actions_judged", asked.actions.len());
    if !verdict.allowed.is_empty() {
        let allowed = verdict.allowed.join(", ");
        return subject.evidence("allowed", &allowed).fail(format!("may do {allowed}"));
    }
    if let Some((action, decision)) = verdict.open.first() {
        let reason = match access.organization() {
            Binding::Unread(reason) => format!("the policies of the organization were not read: {reason}"),
            _ => decision.remaining().join("; "),
        };
        return subject.evidence("depends_on", reason.as_str()).unclear(format!(
            "whether {action} is allowed depends on what nobody can say from the policies: {reason}"
        ));
    }
    for (action, policy) in &verdict.denied {
        subject = subject.evidence("denied_by_service_control_policy", format!("{action}: {policy}"));
    }
    match verdict.denied.first() {
        Some((_, policy)) => {
            subject.pass(format!("may do none of the actions; the service control policy {policy} denies them"))
        }
        None => subject.pass("may do none of the actions"),
    }
}

/// What the actions are asked on.
struct Targets<'s> {
    partition: &'s Partition,
    account: &'s AccountId,
    /// The account's own trails; nothing where not all of them are known.
    trails: Option<Vec<&'s probity_model::facts::trails::Trail>>,
}

impl<'s> Targets<'s> {
    fn of(facts: Option<&'s Trails>, partition: &'s Partition, account: &'s AccountId) -> Self {
        let complete = facts.filter(|facts| facts.regions.values().all(|region| region.get().is_ok()));
        let complete = complete.filter(|facts| trails::unread(facts).is_empty());
        let own = complete.map(|facts| {
            let all = trails::trails(facts).into_iter();
            all.filter(|trail| !trails::is_owned_elsewhere(trail, account)).collect::<Vec<_>>()
        });
        Self { partition, account, trails: own }
    }

    /// ARNs, with wildcards where any resource of the account may be meant.
    fn for_action(&self, action: &str) -> Vec<String> {
        let (partition, account) = (self.partition, self.account);
        let service = action.split_once(':').map_or(action, |(service, _)| service).to_ascii_lowercase();
        let any = match service.as_str() {
            "s3" => format!("arn:{partition}:s3:::*"),
            "iam" => format!("arn:{partition}:iam::{account}:*"),
            service => format!("arn:{partition}:{service}:*:{account}:*"),
        };
        let Some(trails) = &self.trails else { return vec![any] };
        let known: Vec<String> = match service.as_str() {
            "cloudtrail" => trails.iter().map(|trail| format!("{}", trail.arn)).collect(),
            "s3" => trails
                .iter()
                .filter_map(|trail| trail.bucket.as_ref())
                .map(|bucket| format!("arn:{partition}:s3:::{bucket}"))
                .collect(),
            // The ARN that CloudTrail gives ends in `:*`; policies name log groups with and without it.
            "logs" => trails
                .iter()
                .filter_map(|trail| trail.log_group.as_ref())
                .flat_map(|group| {
                    let name = group.as_str().trim_end_matches(":*");
                    [name.to_owned(), format!("{name}:log-stream:")]
                })
                .collect(),
            _ => return vec![any],
        };
        match service.as_str() {
            _ if !known.is_empty() => known,
            // A name that nobody has stands for any bucket or log group: who may do it there may do it everywhere.
            "s3" => vec![format!("arn:{partition}:s3:::probity-any-bucket")],
            "logs" => vec![format!("arn:{partition}:logs:any-region-1:{account}:log-group:/probity/any")],
            _ => vec![any],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::{String, ToString};

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::organization::{
        OrganizationAccount, OrganizationPolicy, OrganizationPolicyKind, OrganizationTree,
    };
    use probity_model::facts::{OrganizationPolicies, OrganizationStructure};
    use probity_model::{AccountId, Arn, Finding, Outcome, ResourceKind, Seen, Topic};

    use crate::testing::{findings, findings_with, outcomes, outcomes_with};
    use crate::trails::testing;

    const ID: &str = "policy-security-service-tampering";
    const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn statement(effect: &str, action: &str, resource: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}]}}"#
        )
    }

    fn allow(action: &str, resource: &str) -> String {
        statement("Allow", action, resource, "")
    }

    fn role(document: &str) -> Account {
        Account::new().role("app", |role| role.inline("own", document))
    }

    fn of(account: Account) -> Outcome {
        let found = findings(ID, account);
        found.into_iter().find(|one| one.resource.resource() == "role/app").expect("a finding").outcome
    }

    /// The account as a member with these service control policies at its root, beside the one that allows everything.
    fn member(account: Account, document: &str) -> Account {
        let policy = |id: &str, document: &str| OrganizationPolicy {
            id: id.to_string(),
            arn: Arn::new(format!(
                "arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/{id}"
            )),
            name: id.to_string(),
            kind: OrganizationPolicyKind::ServiceControl,
            aws_managed: false,
            document: DocumentText::new(document.to_string()),
            targets: ["r-root".to_string(), ACCOUNT.to_string()].into(),
        };
        let tree = OrganizationTree {
            root: "r-root".to_string(),
            enabled_policy_types: ["SERVICE_CONTROL_POLICY".to_string()].into(),
            accounts: [OrganizationAccount {
                id: AccountId::try_from(ACCOUNT).expect("an account id"),
                arn: Arn::new(format!("arn:aws:organizations::999999999999:account/o-exampleorg1/{ACCOUNT}")),
                name: "app".to_string(),
                state: "ACTIVE".to_string(),
                parent: "r-root".to_string(),
                joined_at: None,
            }]
            .into(),
            ..OrganizationTree::default()
        };
        let policies = [policy("p-full", ADMIN), policy("p-guard", document)];
        account.organization().facts(|facts| {
            facts.organization_structure = Seen::Known(OrganizationStructure::Tree(tree));
            facts.organization_policies = Seen::Known(OrganizationPolicies::Policies(policies.into()));
        })
    }

    #[test]
    fn pass() {
        assert_eq!(of(role(&allow("s3:GetObject", "*"))), Pass);
        assert_eq!(outcomes(ID, Account::new().user("anna", |user| user)), [Pass]);
    }

    #[test]
    fn fail() {
        for action in ["cloudtrail:StopLogging", "cloudtrail:*", "guardduty:Delete*", "logs:*", "s3:PutBucketPolicy"] {
            assert_eq!(of(role(&allow(action, "*"))), Fail, "{action}");
        }
        let group = Account::new()
            .group("ops", |group| group.inline("own", &allow("config:*", "*")))
            .user("anna", |user| user.group("ops"));
        let [finding] = findings(ID, group).try_into().expect("one finding");
        let message = "may do config:StopConfigurationRecorder, config:DeleteConfigurationRecorder";
        assert_eq!((finding.outcome, &*finding.message), (Fail, message));
    }

    #[test]
    fn a_security_principal_may() {
        let account = || role(&allow("cloudtrail:*", "*"));
        assert_eq!(outcomes_with(ID, &[("security_principals", "arn:aws:iam::*:role/ap*")], account()), [Pass]);
        assert_eq!(outcomes_with(ID, &[("security_principals", "arn:aws:iam::*:user/*")], account()), [Fail]);
    }

    #[test]
    fn denies_and_boundaries_count() {
        let denied = allow("cloudtrail:*", "*").replace("}]}", r#"},{"Effect":"Deny","Action":"*","Resource":"*"}]}"#);
        assert_eq!(of(role(&denied)), Pass);
        let limit = "arn:aws:iam::123456789012:policy/limit";
        let bounded = Account::new()
            .policy("limit", &allow("s3:Get*", "*"), |policy| policy)
            .role("app", |role| role.inline("own", &allow("cloudtrail:*", "*")).boundary(limit));
        assert_eq!(of(bounded), Pass);
    }

    #[test]
    fn that_a_second_factor_is_there_is_no_condition() {
        let mfa = r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#;
        assert_eq!(of(role(&statement("Allow", "cloudtrail:*", "*", mfa))), Fail);
        let address = r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        assert_eq!(of(role(&statement("Allow", "cloudtrail:*", "*", address))), NotEvaluated, "who knows from where");
    }

    #[test]
    fn the_own_trails_and_their_buckets_are_meant() {
        let account = |action: &str, resource: &str| {
            testing::with(&[testing::trail("audit")]).role("app", |role| role.inline("own", &allow(action, resource)))
        };
        let trail = testing::trail("audit");
        let bucket = format!("arn:aws:s3:::{}", trail.bucket.clone().expect("a bucket"));
        assert_eq!(of(account("cloudtrail:StopLogging", trail.arn.as_str())), Fail);
        assert_eq!(of(account("cloudtrail:StopLogging", &format!("{}2", trail.arn))), Pass);
        assert_eq!(of(account("s3:PutBucketPolicy", &bucket)), Fail);
        assert_eq!(of(account("s3:PutBucketPolicy", "arn:aws:s3:::app-*")), Pass);
        assert_eq!(of(account("logs:DeleteLogGroup", "arn:aws:logs:*:123456789012:log-group:/app/*")), Pass);
        let unread = account("s3:PutBucketPolicy", "arn:aws:s3:::app-*").deny(Topic::Trails);
        assert_eq!(of(unread), NotEvaluated, "the trail may write there");
    }

    #[test]
    fn not_applicable() {
        let linked = Account::new().role("linked", |role| role.path("/aws-service-role/x/").inline("own", ADMIN));
        assert_eq!(outcomes(ID, linked), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, role(ADMIN).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(of(role("{")), NotEvaluated);
        let unread = member(role(&allow("cloudtrail:*", "*")), ADMIN).deny(Topic::OrganizationPolicies);
        assert_eq!(of(unread), NotEvaluated, "a service control policy may deny it");
        let harmless = member(role(&allow("s3:Get*", "*")), ADMIN).deny(Topic::OrganizationPolicies);
        assert_eq!(of(harmless), Pass, "none of them allows more");
    }

    fn the_group(found: &[Finding]) -> Option<&Finding> {
        found.iter().find(|one| one.resource_kind == ResourceKind::Account)
    }

    #[test]
    fn trap_administrators_fail_together() {
        let account = role(ADMIN).user("anna", |user| user.inline("all", ADMIN)).user("bert", |user| user);
        let found = findings(ID, account.clone());
        assert_eq!(found.len(), 2, "{found:#?}");
        let group = the_group(&found).expect("the administrators");
        assert_eq!((group.outcome, &*group.discriminator), (Fail, "administrators"));
        assert!(group.message.starts_with("2 of the users and roles"), "{}", group.message);
        let listed = findings_with(ID, &[("security_principals", "*")], account);
        assert!(the_group(&listed).is_none());
    }

    #[test]
    fn trap_what_a_service_control_policy_denies_passes_with_its_name() {
        let deny = |condition: &str| statement("Deny", "cloudtrail:*", "*", condition);
        let account = || role(&allow("cloudtrail:*", "*"));
        let [finding] = findings(ID, member(account(), &deny(""))).try_into().expect("one finding");
        assert_eq!(finding.outcome, Pass);
        assert!(finding.message.contains("p-guard"), "{}", finding.message);
        let but = |role: &str| deny(&format!(r#""ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/{role}"}}"#));
        assert_eq!(of(member(account(), &but("security"))), Pass);
        assert_eq!(of(member(account(), &but("app"))), Fail);
    }
}
