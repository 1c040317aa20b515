//! Resource control policies keep outsiders off the resources of the organization.
//!
//! # Why
//! One bucket policy, key policy or trust policy that is written too wide opens a resource to the world. A resource control
//! policy closes all of them at once, whatever the account's administrators write.
//!
//! # Pass
//! The resource control policies in force for the account deny access to each of the `required_services` to a role of a
//! foreign account and, where the service lets them in at all, to callers without credentials; and let in services of AWS
//! that act for the organization.
//!
//! # Fail
//! They leave one of the services open to outsiders, or stop services of AWS that act for the organization, which breaks the
//! delivery of logs; or resource control policies are not enabled.
//!
//! # Not applicable
//! The account is in no organization. The management account. Accounts that are suspended, closed or about to be.
//!
//! # Notes
//! Only the management account and a delegated administrator can read these policies; anywhere else the check is not
//! evaluated. Outsiders that a policy names, such as the account of a partner, stay exempt; the evidence names them.
//!
//! Service-linked roles and AWS managed keys are out of reach of these policies. That the evidence says `denied` of
//! `sts:AssumeRoleWithWebIdentity` means that a role which trusts too many tokens of a provider is closed as well.
//!
//! # Fix
//! Enable resource control policies. Deny these services where `aws:PrincipalOrgID` is not yours and
//! `aws:PrincipalIsAWSService` is false, and to services where `aws:SourceOrgID` is there and not yours; each with
//! `IfExists`. Try it on one unit, then attach it to the root.
//!
//! # Command
//! ```sh
//! aws organizations enable-policy-type --root-id ROOT_ID --policy-type RESOURCE_CONTROL_POLICY
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};
use probity_policy::{AccessLevel, Caller, Catalogue, Context};

use crate::denial::{self, Control, Denial, Denied, Question};
use crate::members::{Member, Members, Read};

/// What an outsider would do first, and what services of AWS do for an organization.
const PROBES: [(&str, &str, &str); 5] = [
    ("s3", "s3:GetObject", "s3:PutObject"),
    ("sts", "sts:AssumeRole", "sts:AssumeRole"),
    ("kms", "kms:Decrypt", "kms:GenerateDataKey"),
    ("sqs", "sqs:ReceiveMessage", "sqs:SendMessage"),
    ("secretsmanager", "secretsmanager:GetSecretValue", ""),
];
/// Services that let in callers without credentials where a policy says so.
const ANONYMOUS: [&str; 2] = ["s3", "sqs"];
/// Tokens of providers.
const WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
/// An account and an organization of nobody.
const FOREIGN_ACCOUNT: &str = "000000000000";
const FOREIGN_ORGANIZATION: &str = "o-zzzzzzzzzz";

const REQUIRED_SERVICES: ListParameter = ListParameter {
    name: "required_services",
    default: &["s3", "sts", "kms", "sqs", "secretsmanager"],
    choices: &[],
    unit: Unit::Names,
    source: "the services that resource control policies began with; by now they reach many more",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-rcp-data-perimeter",
        family: Family::Organizations,
        title: "Resource control policies keep outsiders off organization resources",
        severity: Severity::Medium,
        scope: Scope::Organization,
        resource: ResourceKind::OrganizationAccount,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(REQUIRED_SERVICES)],
    };
    type Facts<'s> = Read<'s>;

    fn run(read: Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let Some(members) = Members::of(read, OrganizationPolicyKind::ResourceControl, out) else { return };
        let services = parameters.list(&REQUIRED_SERVICES);
        members.judge(out, |member, subject| judge(member, &services, subject));
    }
}

fn judge(member: &Member<'_>, services: &[&str], subject: Subject<'_, '_>) {
    let mut denied = Denied::default();
    let (mut open, mut stopped, mut unknown) = (Vec::new(), Vec::new(), None);
    for service in services {
        let Some(action) = probe(service) else {
            unknown = Some(format!("no action of the service {service} is known that resource control policies reach"));
            continue;
        };
        let mut callers = Vec::from_iter(Caller::parse(&format!("arn:aws:iam::{FOREIGN_ACCOUNT}:role/outsider")));
        if ANONYMOUS.contains(service) {
            callers.push(Caller::anonymous());
        }
        for caller in callers {
            match ask(member, &caller, &action, outsider(member, &caller)) {
                Denial::Denied(more) => denied = denied.and(more),
                Denial::Partly(reason) => {
                    open.push(format!("{action} in part: {reason}"));
                    break;
                }
                Denial::Open => {
                    open.push(action.clone());
                    break;
                }
                Denial::Unknown(reason) => unknown = Some(reason),
            }
        }
        let for_us = PROBES.iter().find(|(of, ..)| of == service).map_or("", |(.., for_us)| *for_us);
        if !for_us.is_empty() && is_stopped(member, for_us) {
            stopped.push(for_us);
        }
    }
    let tokens = Caller::parse(&format!("arn:aws:iam::{}:oidc-provider/example.com", member.account.id))
        .map(|caller| ask(member, &caller, WEB_IDENTITY, outsider(member, &caller)));
    let tokens = if matches!(tokens, Some(Denial::Denied(_))) { "denied" } else { "not denied" };
    let subject = subject.evidence("required_services", services.join(", ")).evidence(WEB_IDENTITY, tokens);
    match (open.is_empty(), stopped.is_empty(), unknown) {
        (false, ..) => {
            subject.fail(format!("open to outsiders, as far as policies of resources let them: {}", open.join("; ")))
        }
        (true, _, Some(reason)) => subject.unclear(reason),
        (true, false, None) => subject
            .fail(format!("services of AWS that act for the organization are stopped as well: {}", stopped.join(", "))),
        (true, true, None) => {
            let by = denied.by();
            denied.tell(subject).pass(format!("outsiders are kept off {} by {by}", services.join(", ")));
        }
    }
}

/// What an outsider would do with a service.
fn probe(service: &str) -> Option<String> {
    if let Some((_, action, _)) = PROBES.iter().find(|(of, ..)| *of == service) {
        return Some(String::from(*action));
    }
    let catalogue = Catalogue::get();
    let actions = catalogue.service(service).filter(|_| catalogue.has_resource_control(service))?.actions();
    let reads = actions.iter().find(|action| {
        action.levels().contains(&AccessLevel::Read) && action.resource_types().any(|(_, required)| required)
    })?;
    Some(format!("{}:{}", reads.prefix(), reads.name()))
}

fn ask<'m>(member: &'m Member<'_>, caller: &Caller, action: &str, context: Context) -> Denial<'m> {
    denial::of(member, &Question { control: Control::Resource, caller: caller.clone(), action, context })
}

/// What a request of an outsider says of him: nothing that any policy could be meant to spare.
fn outsider(member: &Member<'_>, caller: &Caller) -> Context {
    let plain = request(member)
        .without("aws:SourceAccount")
        .without("aws:SourceArn")
        .without("aws:SourceOrgID")
        .without("aws:SourceOrgPaths");
    if caller.account().is_none() {
        return plain;
    }
    plain
        .with("aws:PrincipalOrgID", FOREIGN_ORGANIZATION)
        .with("aws:PrincipalOrgPaths", format!("{FOREIGN_ORGANIZATION}/r-zzzz/"))
        .with("aws:userid", "AROAZZZZZZZZZZZZZZZZZ:outsider")
}

/// Whether services of AWS are kept from what they do for the organization.
fn is_stopped(member: &Member<'_>, action: &str) -> bool {
    let Some(caller) = Caller::parse("cloudtrail.amazonaws.com") else { return false };
    let mut context = request(member);
    // A service that assumes a role says nothing of the source.
    let source =
        [("aws:SourceAccount", member.account.id.as_str()), ("aws:SourceOrgID", member.organization.id.as_str())];
    for (key, value) in source {
        context = if action == "sts:AssumeRole" { context.without(key) } else { context.with(key, value) };
    }
    matches!(ask(member, &caller, action, context), Denial::Denied(_))
}

fn request(member: &Member<'_>) -> Context {
    let absent = ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:SourceIdentity"];
    let plain = Context::partial()
        .with("aws:ViaAWSService", "false")
        .with("aws:SecureTransport", "true")
        .with("aws:ResourceOrgID", member.organization.id.as_str());
    let plain = absent.into_iter().fold(plain, |context, key| context.without(key));
    let plain = member.without_tags(plain, "aws:principaltag/");
    member.without_tags(plain, "aws:resourcetag/")
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::organization_testing::{MEMBER, Policies, member_that_may_not_read, statements};
    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "org-rcp-data-perimeter";
    const SERVICES: &str = r#"["s3:*","sts:*","kms:*","sqs:*","secretsmanager:*"]"#;
    const OURS: &str = r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorg1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#;

    fn perimeter(actions: &str, condition: &str) -> String {
        statements(&format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":{actions},"Resource":"*","Condition":{{{condition}}}}}"#
        ))
    }

    fn guarded(document: &str) -> Account {
        Policies::new().rcp("perimeter", document, &["r-root"]).account()
    }

    fn judged(document: &str) -> Vec<Outcome> {
        outcomes(ID, guarded(document))
    }

    fn message(document: &str) -> String {
        findings(ID, guarded(document)).pop().expect("a finding").message.into_owned()
    }

    #[test]
    fn pass() {
        assert_eq!(judged(&perimeter(SERVICES, OURS)), [NotApplicable, Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Policies::new().account()), [NotApplicable, Fail]);
        assert_eq!(outcomes(ID, Policies::new().without_type().account()), [NotApplicable, Fail]);
        for service in ["s3", "sts", "kms", "sqs", "secretsmanager"] {
            let rest = SERVICES.replace(&format!("\"{service}:*\""), r#""ecr:*""#);
            assert!(message(&perimeter(&rest, OURS)).contains(&format!("{service}:")), "{service}");
            assert_eq!(judged(&perimeter(&rest, OURS)), [NotApplicable, Fail], "{service}");
        }
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::OrganizationMembership, Topic::OrganizationStructure, Topic::OrganizationPolicies] {
            assert_eq!(outcomes(ID, guarded(&perimeter(SERVICES, OURS)).deny(topic)), [NotEvaluated], "{topic}");
        }
        assert_eq!(judged("{"), [NotApplicable, NotEvaluated]);
        let unheard = [("required_services", "nosuchservice")];
        assert_eq!(outcomes_with(ID, &unheard, guarded(&perimeter(SERVICES, OURS))), [NotApplicable, NotEvaluated]);
    }

    #[test]
    fn trap_a_plain_member_cannot_read_the_policies_and_does_not_fail() {
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }

    #[test]
    fn trap_the_policies_of_all_levels_are_taken_together() {
        let half = |list: &str| perimeter(list, OURS);
        let account = Policies::new()
            .rcp("data", &half(r#"["s3:*","kms:*"]"#), &["r-root"])
            .rcp("rest", &half(r#"["sts:*","sqs:*"]"#), &["ou-work"])
            .rcp("secrets", &half(r#""secretsmanager:*""#), &[MEMBER])
            .account();
        assert_eq!(outcomes(ID, account), [NotApplicable, Pass]);
    }

    #[test]
    fn trap_services_of_aws_that_act_for_the_organization_must_get_in() {
        let only_ours = r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorg1"}"#;
        assert_eq!(judged(&perimeter(SERVICES, only_ours)), [NotApplicable, Fail]);
        assert!(message(&perimeter(SERVICES, only_ours)).contains("s3:PutObject"));
        let confused = statements(&format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":{SERVICES},"Resource":"*","Condition":{{{OURS}}}}},
               {{"Effect":"Deny","Principal":"*","Action":{SERVICES},"Resource":"*","Condition":{{
                 "StringNotEqualsIfExists":{{"aws:SourceOrgID":"o-exampleorg1"}},"Null":{{"aws:SourceAccount":"false"}},
                 "Bool":{{"aws:PrincipalIsAWSService":"true"}}}}}}"#
        ));
        assert_eq!(judged(&confused), [NotApplicable, Pass]);
    }

    #[test]
    fn callers_without_credentials_are_outsiders_too() {
        let known_only = r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorg1"},"Null":{"aws:PrincipalOrgID":"false"},"Bool":{"aws:PrincipalIsAWSService":"false"}"#;
        assert_eq!(judged(&perimeter(SERVICES, known_only)), [NotApplicable, Fail]);
    }

    #[test]
    fn trap_tokens_of_providers_are_told_beside_it() {
        let evidence = |actions: &str| {
            let found = findings(ID, guarded(&perimeter(actions, OURS))).pop().expect("a finding");
            found
                .evidence
                .iter()
                .find(|item| item.key == "sts:AssumeRoleWithWebIdentity")
                .map(|item| item.value.clone())
        };
        assert_eq!(evidence(SERVICES).as_deref(), Some("denied"));
        assert_eq!(evidence(r#""s3:*""#).as_deref(), Some("not denied"));
    }

    #[test]
    fn a_service_that_is_asked_for_by_name_counts() {
        let tables = [("required_services", "ecr")];
        assert_eq!(outcomes_with(ID, &tables, guarded(&perimeter(r#""ecr:*""#, OURS))), [NotApplicable, Pass]);
        assert_eq!(outcomes_with(ID, &tables, guarded(&perimeter(SERVICES, OURS))), [NotApplicable, Fail]);
    }
}
