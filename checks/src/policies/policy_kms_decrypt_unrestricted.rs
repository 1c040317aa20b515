//! Who may decrypt may do so with certain keys.
//!
//! # Why
//! Encryption separates only as long as those who may read the data may not use every key. Who may decrypt with all keys
//! of the account needs but the data.
//!
//! # Pass
//! No Allow of the policy covers `kms:Decrypt` or `kms:ReEncryptFrom` on all keys, or it does so only through a service,
//! for a certain encryption context, or for keys of certain aliases or tags.
//!
//! # Fail
//! An Allow covers one of the two on every resource or every key of an account or a Region.
//!
//! # Not applicable
//! No Allow of the policy covers one of the two; or the policy serves as permissions boundary only. AWS managed policies
//! are not judged.
//!
//! # Notes
//! This is a verdict on statements: neither key policies are considered nor what other statements deny, nor permissions
//! boundaries, service and resource control policies or session policies. A key whose policy does not hand over to IAM is
//! out of reach of such a statement.
//!
//! ARNs of single keys of other accounts are fine.
//!
//! # Fix
//! Name the ARNs of the keys; aliases do not work there. Or add a condition on `kms:ResourceAliases` or `kms:ViaService`.

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Condition, Document, Effect, Resources, Statement};

use crate::conditions;
use crate::statements::{self, Flaw, Policy, Reach};

const ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:ReEncryptFrom"];
const NOT_CONSIDERED: &str = "key policies, Deny statements, permissions boundaries, SCPs, RCPs, session policies";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-kms-decrypt-unrestricted",
        family: Family::Policies,
        title: "Decrypt rights are limited to named keys",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::PolicyStatement,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        for policy in statements::policies(details).iter().filter(|policy| policy.is_own()) {
            judge(policy, out);
        }
    }
}

fn judge(policy: &Policy<'_>, out: &mut Findings<'_>) {
    let every_key = format!("arn:{}:kms:*:{}:key/*", out.partition(), out.account());
    let subject = policy.subject(out).noted("not_considered", NOT_CONSIDERED);
    let document = match &policy.document {
        Ok(document) => document,
        Err(reason) => return subject.unclear(reason),
    };
    let covers = |(_, statement): &(usize, &Statement)| {
        statement.effect == Effect::Allow && ACTIONS.iter().any(|action| statement.actions.cover(action))
    };
    let grants: Vec<_> = statements::numbered(document).filter(covers).collect();
    if grants.is_empty() {
        return subject.not_applicable("no statement allows kms:Decrypt or kms:ReEncryptFrom");
    }
    if policy.is_only_boundary() {
        return subject.not_applicable("the policy serves as permissions boundary only, and grants nothing");
    }
    let flaw = |(number, statement)| Some((number, statement, flaw(statement, document, &every_key)?));
    let flaws: Vec<_> = grants.into_iter().filter_map(flaw).collect();
    statements::conclude(subject, &flaws, "the keys that may be used are limited");
}

fn flaw(statement: &Statement, document: &Document, every_key: &str) -> Option<Flaw> {
    let variables = statements::has_variables(document);
    if statement.conditions.iter().any(|condition| limits(condition, variables)) {
        return None;
    }
    let everywhere = statements::reach(statement, document, every_key) >= Reach::AllBut;
    if !everywhere && !names_all_keys_of_a_place(statement, document) {
        return None;
    }
    let actions: Vec<&str> = ACTIONS.into_iter().filter(|action| statement.actions.cover(action)).collect();
    Some(Flaw { severity: Severity::Medium, message: format!("allows {} with all keys", actions.join(" and ")) })
}

/// Whether a resource of the statement is every key of some account and Region.
fn names_all_keys_of_a_place(statement: &Statement, document: &Document) -> bool {
    let Some(Resources::Only(patterns)) = &statement.resources else { return false };
    patterns.iter().any(|pattern| {
        let place: Vec<&str> = pattern.text().splitn(6, ':').take(5).collect();
        let names_kms = matches!(place.as_slice(), [_, _, service, ..] if *service == "kms");
        names_kms && statements::reach(statement, document, &format!("{}:key/*", place.join(":"))) == Reach::All
    })
}

/// Whether a condition says which keys, or for what.
fn limits(condition: &Condition, variables: bool) -> bool {
    let key = condition.key.to_ascii_lowercase();
    let says = ["kms:viaservice", "kms:resourcealiases", "kms:encryptioncontextkeys"].contains(&key.as_str())
        || key.starts_with("kms:encryptioncontext:")
        || key.starts_with("aws:resourcetag/");
    says && conditions::demands(condition, variables)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::testing::{findings, outcomes};

    const ID: &str = "policy-kms-decrypt-unrestricted";
    const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1c2d3e4f-0000-4000-8000-123456789abc";

    fn document(action: &str, resource: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}]}}"#
        )
    }

    fn with(action: &str, resource: &str, condition: &str) -> Vec<Outcome> {
        outcomes(ID, Account::new().policy("own", &document(action, resource, condition), |policy| policy))
    }

    #[test]
    fn pass() {
        assert_eq!(with("kms:Decrypt", KEY, ""), [Pass]);
        assert_eq!(with("kms:*", "arn:aws:kms:*:123456789012:key/1c2d*", ""), [Pass]);
    }

    #[test]
    fn fail() {
        for resource in [
            "*",
            "arn:aws:kms:*",
            "arn:aws:kms:*:*:key/*",
            "arn:aws:kms:*:123456789012:key/*",
            "arn:aws:kms:eu-central-1:123456789012:key/*",
            "arn:aws:kms:eu-central-1:123456789012:*",
        ] {
            assert_eq!(with("kms:Decrypt", resource, ""), [Fail], "{resource}");
        }
        for action in ["kms:*", "kms:ReEncrypt*", "KMS:decrypt", "kms:De*"] {
            assert_eq!(with(action, "*", ""), [Fail], "{action}");
        }
        let inline = Account::new().role("app", |role| role.inline("own", &document("kms:Decrypt", "*", "")));
        assert_eq!(outcomes(ID, inline), [Fail]);
    }

    #[test]
    fn a_condition_on_the_use_limits_and_another_one_does_not() {
        for condition in [
            r#""StringEquals":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}"#,
            r#""StringEquals":{"kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::b"}"#,
            r#""ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/app"}"#,
        ] {
            assert_eq!(with("kms:Decrypt", "*", condition), [Pass], "{condition}");
        }
        for condition in [
            r#""StringLike":{"kms:ViaService":"*"}"#,
            r#""StringEqualsIfExists":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}"#,
            r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
        ] {
            assert_eq!(with("kms:Decrypt", "*", condition), [Fail], "{condition}");
        }
    }

    #[test]
    fn not_applicable() {
        assert_eq!(with("kms:Encrypt", "*", ""), [NotApplicable]);
        let any = document("kms:Decrypt", "*", "");
        assert_eq!(outcomes(ID, Account::new().aws_policy("Power", &any)), [NotApplicable]);
        let boundary = Account::new().policy("own", &any, |policy| policy.attached_to(0).boundary_of(1));
        assert_eq!(outcomes(ID, boundary), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("own", "{", |policy| policy)), [NotEvaluated]);
    }

    #[test]
    fn trap_key_policies_are_not_considered_and_the_finding_says_so() {
        let account = Account::new().policy("own", &document("kms:Decrypt", "*", ""), |policy| policy);
        let [finding] = findings(ID, account).try_into().expect("one finding");
        let told = finding.evidence.iter().find(|item| item.key == "not_considered").expect("the layers");
        assert!(told.value.starts_with("key policies, "), "{}", told.value);
    }

    #[test]
    fn trap_keys_of_other_accounts_are_fine_by_their_arn() {
        assert_eq!(with("kms:Decrypt", &KEY.replace("123456789012", "111122223333"), ""), [Pass]);
    }
}
