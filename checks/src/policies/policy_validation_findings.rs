//! The account's own policies have no errors, and nothing that allows more than it seems to.
//!
//! # Why
//! A policy with an error does not do what it says: a statement never applies, a condition keeps nobody out, a Deny denies
//! nothing. IAM takes most of them without a word.
//!
//! # Pass
//! Nothing of gravity ERROR or SECURITY_WARNING is found in the version of the policy that is in force. Warnings and
//! suggestions are in the evidence.
//!
//! # Fail
//! Something of these gravities is found. An ERROR is high, a SECURITY_WARNING medium.
//!
//! # Not applicable
//! AWS managed policies are not judged, nor are the roles that AWS made.
//!
//! # Notes
//! The codes are those of `ValidatePolicy` of IAM Access Analyzer; the findings are of probity's own linter, the one of
//! `probity lint`. AWS is not asked: a call would be needed for each policy, and a snapshot that is judged later could not
//! make it. What `ValidatePolicy` says of the same document may therefore differ in detail; run it where it matters.
//!
//! Inline policies and trust policies are judged too, and the organization's service control and resource control policies
//! where they were read. Actions, services and condition keys are looked up in an embedded catalogue with a date, which the
//! evidence names: what AWS has added since is not known in it.
//!
//! # Fix
//! Mend what each finding names: `probity lint --account` shows all of them with line and column.
//!
//! # Command
//! ```sh
//! aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY --policy-document file://policy.json
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::organization::OrganizationPolicyKind;
use probity_model::facts::{AuthorizationDetails, OrganizationPolicies};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Subject};
use probity_policy::{Catalogue, DocumentKind, LintFinding, LintKind, lint};

use crate::statements::{self, Place, Policy};

/// How many findings of a gravity stand in the evidence; `probity explain --resource` shows all.
const SHOWN: usize = 10;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-validation-findings",
        family: Family::Policies,
        title: "Policies have no errors and no security warnings",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::Policy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s AuthorizationDetails, Option<&'s OrganizationPolicies>);

    fn run((details, organization): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let mut linter = Linter::default();
        let own = statements::policies(details).into_iter().filter(Policy::is_own);
        for policy in own.chain(statements::trust_policies(details)) {
            let kind = if policy.place == Place::Trust { DocumentKind::Trust } else { DocumentKind::Identity };
            let limit = shown(out);
            let subject = policy.subject(out);
            match (policy.text, &policy.document) {
                (Some(text), _) => conclude(subject, linter.look(kind, text), limit),
                (None, Err(reason)) => subject.unclear(reason),
                (None, Ok(_)) => subject.unclear("the text of the policy was not read"),
            }
        }
        // A thousand accounts that were told of the organization have its policies in common.
        let organization = organization.filter(|_| !out.is_told());
        if let Some(OrganizationPolicies::Policies(policies)) = organization {
            for policy in policies.iter().filter(|policy| !policy.aws_managed) {
                let kind = match policy.kind {
                    OrganizationPolicyKind::ServiceControl => DocumentKind::ServiceControl,
                    OrganizationPolicyKind::ResourceControl => DocumentKind::ResourceControl,
                    // Written in other languages than that of IAM.
                    OrganizationPolicyKind::Other(_) => continue,
                };
                let limit = shown(out);
                let subject = out.resource(policy.arn.clone()).evidence("PolicyName", &policy.name);
                conclude(subject, linter.look(kind, policy.document.as_str()), limit);
            }
        }
    }
}

/// What was found, for each document once: many principals hold the same one.
#[derive(Default)]
struct Linter<'s> {
    /// By length before text: many documents begin alike.
    known: BTreeMap<(DocumentKind, usize, &'s str), Vec<LintFinding>>,
}

impl<'s> Linter<'s> {
    fn look(&mut self, kind: DocumentKind, text: &'s str) -> &[LintFinding] {
        self.known.entry((kind, text.len(), text)).or_insert_with(|| lint(text, kind))
    }
}

fn shown(out: &Findings<'_>) -> usize {
    if out.is_in_full() { usize::MAX } else { SHOWN }
}

fn conclude(mut subject: Subject<'_, '_>, found: &[LintFinding], limit: usize) {
    subject = subject.evidence("catalogue_of_actions", Catalogue::get().date());
    let of = |kind: LintKind| found.iter().filter(move |finding| finding.kind == kind);
    for (kind, key) in [
        (LintKind::Error, "ERROR"),
        (LintKind::SecurityWarning, "SECURITY_WARNING"),
        (LintKind::Warning, "WARNING"),
        (LintKind::Suggestion, "SUGGESTION"),
    ] {
        for finding in of(kind).take(limit) {
            subject = subject.evidence(key, in_words(finding));
        }
        let more = of(kind).count().saturating_sub(limit);
        if more > 0 {
            subject = subject.evidence(key, format!("and {more} more"));
        }
    }
    let (errors, warnings) = (of(LintKind::Error).count(), of(LintKind::SecurityWarning).count());
    let severity = match (errors, warnings) {
        (0, 0) => return subject.pass("no errors and no security warnings"),
        (0, _) => Severity::Medium,
        _ => Severity::High,
    };
    let first = found.iter().find(|finding| finding.kind <= LintKind::SecurityWarning).map(in_words);
    let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let counts: Vec<String> = [(errors, "error"), (warnings, "security warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(count, word))
        .collect();
    let rest = if errors + warnings > 1 { "; first: " } else { ": " };
    subject.severity(severity).fail(format!("{}{rest}{}", counts.join(" and "), first.unwrap_or_default()));
}

/// A finding with its place.
fn in_words(finding: &LintFinding) -> String {
    let place = if finding.path.is_empty() { "the document".to_string() } else { finding.path.clone() };
    format!("{} at {place}: {}", finding.code, finding.message)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{ACCOUNT, Account};
    use probity_model::facts::OrganizationPolicies;
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::organization::{OrganizationPolicy, OrganizationPolicyKind};
    use probity_model::{Arn, Evidence, Finding, Seen, Severity, Topic};

    use crate::Settings;
    use crate::testing::{findings, outcomes};

    const ID: &str = "policy-validation-findings";

    fn allow(action: &str, resource: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}]}}"#
        )
    }

    fn of(document: &str) -> Finding {
        let account = Account::new().policy("own", document, |policy| policy);
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        let sound = of(&allow("s3:GetObject", "arn:aws:s3:::bucket/*"));
        assert_eq!((sound.outcome, &*sound.message), (Pass, "no errors and no security warnings"));
    }

    #[test]
    fn fail() {
        let error = of(&allow("s3:GetObjekt", "arn:aws:s3:::bucket/*"));
        assert_eq!((error.outcome, error.severity), (Fail, Severity::High));
        assert!(error.message.starts_with("1 error: INVALID_ACTION at Statement[0].Action: "), "{}", error.message);
        let warning = of(&allow("iam:PassRole", "*"));
        assert_eq!((warning.outcome, warning.severity), (Fail, Severity::Medium));
        assert!(warning.message.contains("PASS_ROLE_WITH_STAR_IN_RESOURCE"), "{}", warning.message);
    }

    #[test]
    fn warnings_and_suggestions_are_no_failure_and_are_told() {
        let redundant = of(&allow(r#"s3:GetObject","s3:Get*"#, "arn:aws:s3:::bucket/*")
            .replace(r#""Action":"s3:GetObject","s3:Get*""#, r#""Action":["s3:GetObject","s3:Get*"]"#));
        assert_eq!(redundant.outcome, Pass);
        assert!(redundant.evidence.iter().any(|item| item.key == "SUGGESTION"), "{:?}", redundant.evidence);
    }

    #[test]
    fn trap_each_kind_of_document_has_its_own_rules() {
        let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
        let role = findings(ID, Account::new().role("app", |role| role.trust(trust)));
        assert_eq!(role.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Pass], "{role:#?}");
        let as_identity = findings(ID, Account::new().user("anna", |user| user.inline("own", trust)));
        assert_eq!(as_identity.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Fail]);
        let control = |kind: OrganizationPolicyKind, text: &str| {
            let policy = OrganizationPolicy {
                id: "p-1".into(),
                arn: Arn::new("arn:aws:organizations::999999999999:policy/o-exampleorg1/x/p-1"),
                name: "guard".into(),
                kind,
                aws_managed: false,
                document: DocumentText::new(text),
                targets: [].into(),
            };
            let account = Account::new().facts(|facts| {
                facts.organization_policies = Seen::Known(OrganizationPolicies::Policies([policy].into()));
            });
            let [finding] = findings(ID, account).try_into().expect("one finding");
            finding.outcome
        };
        let allowing = allow("s3:*", "*");
        assert_eq!(control(OrganizationPolicyKind::ServiceControl, &allowing), Pass);
        assert_eq!(
            control(OrganizationPolicyKind::ResourceControl, &allowing),
            Fail,
            "it must deny, and name everyone"
        );
    }

    #[test]
    fn what_the_organization_has_is_judged_where_it_was_read() {
        let policy = OrganizationPolicy {
            id: "p-1".into(),
            arn: Arn::new("arn:aws:organizations::999999999999:policy/o-exampleorg1/x/p-1"),
            name: "guard".into(),
            kind: OrganizationPolicyKind::ServiceControl,
            aws_managed: false,
            document: DocumentText::new(allow("s3:*", "*")),
            targets: [].into(),
        };
        let account = Account::new().role("app", |role| role.inline("own", &allow("s3:GetObject", "*")));
        let account = account.facts(|facts| {
            facts.organization_policies = Seen::Known(OrganizationPolicies::Policies([policy].into()));
        });
        let snapshot = account.build();
        let entry = crate::registry::find(ID).expect("the check");
        let judged = |is_told: bool| -> usize {
            let evidence = Evidence::new(&snapshot).told(is_told);
            entry.judge(&evidence, &Settings::default().parameters(entry)).len()
        };
        assert_eq!((judged(false), judged(true)), (3, 2), "a role has two policies, the organization one");
    }

    #[test]
    fn a_document_that_several_have_is_told_for_each() {
        let wrong = allow("s3:GetObjekt", "*");
        let account = ["anna", "ben"]
            .into_iter()
            .fold(Account::new(), |account, name| account.user(name, |user| user.inline("own", &wrong)));
        assert_eq!(outcomes(ID, account), [Fail, Fail]);
    }

    #[test]
    fn much_is_shortened() {
        let actions: Vec<String> = (0..40).map(|number| format!("\"s3:Nothing{number}\"")).collect();
        let text = allow("s3:X", "*").replace("\"s3:X\"", &format!("[{}]", actions.join(",")));
        let finding = of(&text);
        let told = finding.evidence.iter().filter(|item| item.key == "ERROR").count();
        assert_eq!(told, 11);
        assert!(finding.evidence.iter().any(|item| item.value == "and 30 more"));
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().aws_policy("Old", &allow("s3:GetObjekt", "*"))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let own = format!("arn:aws:iam::{ACCOUNT}:policy/missing");
        let unread = Account::new().user("anna", |user| user.attached(&own));
        assert_eq!(outcomes(ID, unread), [NotEvaluated]);
    }
}
