//! Each condition keeps somebody out, or lets a Deny bite.
//!
//! # Why
//! A condition that always holds looks like a safeguard and is none. The same goes for one in a Deny that never holds, and
//! for one that whoever asks can step around by leaving something out of the request.
//!
//! # Pass
//! Each condition of the policy can fail to hold for some request, and those of a Deny can hold.
//!
//! # Fail
//! In an Allow, a condition takes every value (`StringLike` of `*`, `IpAddress` of `0.0.0.0/0` or `::/0`, no value at all);
//! it is a `ForAllValues` or has `IfExists` on a key that may be absent, and nothing demands the key; or nothing is asked
//! but that a key is there which anybody can bring along. In a Deny, a condition excepts every value. In either, a key is
//! misspelt.
//!
//! # Not applicable
//! No statement of the policy has a condition. AWS managed policies are not judged.
//!
//! # Notes
//! Conditions are tried out one by one. All of a statement have to hold; of several values of a condition one has to match,
//! and of a negated one none. A condition that restricts nothing fails beside one that does.
//!
//! A key that is not known is taken for a new or private one, unless it is one letter or two away from a known one. Whether
//! an action sends a key is not judged. `StringLike` of `*` on a tag asks whether the tag is there, and passes.
//! `ForAllValues` on `aws:TagKeys` limits which tags may be given, and passes too. The keys of second factors are for a
//! check of their own.
//!
//! `aws:SourceIp` is the service's address where an AWS service calls on somebody's behalf. A Deny on it that does not ask
//! for `aws:ViaAWSService` stops those calls as well: the finding says so, and passes.
//!
//! # Fix
//! Use exact operators and values, drop `IfExists` and `ForAllValues`, or add a `Null` condition of `false` beside them.
//!
//! # Command
//! ```sh
//! aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY --policy-document file://policy.json
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Catalogue, Condition, Context, Document, Effect, Statement, Truth};

use crate::conditions::{self, Operator, Weight};
use crate::statements::{self, Flaw, Policy};

/// Keys that every request has: that they are there says nothing.
const ALWAYS_THERE: [&str; 10] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:userid",
    "aws:viaawsservice",
];

/// Keys that a request may lack, and that anybody can bring along with a value of their own: the value decides.
const VALUE_DECIDES: [&str; 14] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:referer",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:useragent",
    "aws:vpcsourceip",
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
];

/// What further keys begin with that a request may lack at the caller's choice.
const MAY_LACK: [&str; 5] =
    ["aws:requesttag/", "aws:principaltag/", "aws:sourceidentity", "aws:federatedprovider", "s3:x-amz-"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-condition-ineffective",
        family: Family::Policies,
        title: "Conditions restrict something",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::PolicyStatement,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        let own = statements::policies(details).into_iter().filter(Policy::is_own);
        for policy in own.chain(statements::trust_policies(details)) {
            judge(&policy, out);
        }
    }
}

fn judge(policy: &Policy<'_>, out: &mut Findings<'_>) {
    let mut subject = policy.subject(out);
    let document = match &policy.document {
        Ok(document) => document,
        Err(reason) => return subject.unclear(reason),
    };
    let with_conditions: Vec<_> =
        statements::numbered(document).filter(|(_, statement)| !statement.conditions.is_empty()).collect();
    if with_conditions.is_empty() {
        return subject.not_applicable("no statement has a condition");
    }
    for (number, statement) in with_conditions.iter().filter(|(_, statement)| stops_services(statement)) {
        subject = subject.evidence("stops_calls_of_services", statements::name(*number, statement));
    }
    let mut flaws = Vec::new();
    let mut open = None;
    for (number, statement) in with_conditions {
        let mistakes: Vec<String> =
            statement.conditions.iter().filter_map(|condition| mistake(condition, statement, document)).collect();
        if !mistakes.is_empty() {
            flaws.push((number, statement, Flaw { severity: Severity::Medium, message: mistakes.join(", and ") }));
        }
        if let Some(unknown) = statement.conditions.iter().find(|condition| has_unknown_operator(condition)) {
            let name = statements::name(number, statement);
            open = open.or(Some(format!("{name}: there is no condition operator {}", unknown.operator)));
        }
    }
    match open {
        Some(reason) if flaws.is_empty() => subject.unclear(reason),
        _ => statements::conclude(subject, &flaws, "each condition restricts something"),
    }
}

/// Why a condition does not do what it looks like; nothing where it does.
fn mistake(condition: &Condition, statement: &Statement, document: &Document) -> Option<String> {
    let named = |what: &str| Some(format!("has {} on {}, which {what}", condition.operator, condition.key));
    if let Some(known) = misspelt(&condition.key) {
        return named(&format!("is no key; {known} is one"));
    }
    let weight = conditions::weight(condition, statements::has_variables(document));
    let operator = Operator::of(condition);
    let key = condition.key.to_ascii_lowercase();
    let is_tag = key.contains('/');
    match statement.effect {
        Effect::Deny if weight == Weight::NeverHolds && !is_tag => named("excepts every value, and never lets it deny"),
        Effect::Deny => None,
        Effect::Allow if condition.values.is_empty() => named("has no value, and always holds"),
        Effect::Allow if weight == Weight::AlwaysHolds && !(is_tag && demands_the_key(condition)) => {
            named("takes every value")
        }
        Effect::Allow if is_guarded(condition, statement) => None,
        Effect::Allow if operator.qualifier == "forallvalues" && key != "aws:tagkeys" => {
            named("also holds where the request does not have the key")
        }
        Effect::Allow if operator.if_exists && !operator.negated && may_lack(&key) => {
            named("also holds where the request does not have the key")
        }
        Effect::Allow if operator.name == "null" && asks_presence_only(condition, statement, &key) => {
            named("asks for nothing but that the key is there, whatever its value")
        }
        Effect::Allow => None,
    }
}

/// The known key that an unknown one must be meant for.
fn misspelt(key: &str) -> Option<&'static str> {
    let catalogue = Catalogue::get();
    if catalogue.key(key).is_some() {
        return None;
    }
    let bare = |name: &str| name.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let wrong = bare(key);
    let near = |name: &&str| (1..=2).contains(&strsim::damerau_levenshtein(&bare(name), &wrong));
    catalogue.global_keys().iter().map(probity_policy::ConditionKey::name).find(near)
}

/// Whether a condition does not hold where its key is absent.
fn demands_the_key(condition: &Condition) -> bool {
    condition.holds(&Context::complete(), true) == Truth::No
}

/// Whether another condition of the statement demands the key.
fn is_guarded(condition: &Condition, statement: &Statement) -> bool {
    let others = statement.conditions.iter().filter(|other| *other != condition);
    others.into_iter().any(|other| other.key.eq_ignore_ascii_case(&condition.key) && demands_the_key(other))
}

fn may_lack(key: &str) -> bool {
    VALUE_DECIDES.contains(&key) || MAY_LACK.iter().any(|begin| key.starts_with(begin))
}

fn asks_presence_only(condition: &Condition, statement: &Statement, key: &str) -> bool {
    let is_false = condition.values.iter().all(|value| value.eq_ignore_ascii_case("false"));
    is_false && statement.conditions.len() == 1 && (ALWAYS_THERE.contains(&key) || VALUE_DECIDES.contains(&key))
}

/// Whether IAM has no such operator: then the answer is open even for a request of which everything is known.
fn has_unknown_operator(condition: &Condition) -> bool {
    condition.holds(&Context::complete(), true) == Truth::Unknown
}

/// Whether a Deny on the caller's address also stops what services do on the caller's behalf.
fn stops_services(statement: &Statement) -> bool {
    let is_on = |name: &str| statement.conditions.iter().any(|one| one.key.eq_ignore_ascii_case(name));
    statement.effect == Effect::Deny && is_on("aws:SourceIp") && !is_on("aws:ViaAWSService")
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "policy-condition-ineffective";

    fn the_finding(effect: &str, condition: &str) -> Finding {
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"s3:*","Resource":"*","Condition":{{{condition}}}}}]}}"#
        );
        let [finding] =
            findings(ID, Account::new().policy("own", &document, |policy| policy)).try_into().expect("one finding");
        finding
    }

    fn allow(condition: &str) -> Outcome {
        the_finding("Allow", condition).outcome
    }

    fn deny(condition: &str) -> Outcome {
        the_finding("Deny", condition).outcome
    }

    #[test]
    fn pass() {
        for condition in [
            r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#,
            r#""IpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]}"#,
            r#""Bool":{"aws:SecureTransport":"true"}"#,
            r#""StringEqualsIfExists":{"ec2:InstanceType":"t3.micro"}"#,
            r#""StringNotEquals":{"aws:PrincipalOrgID":"o-1"}"#,
        ] {
            assert_eq!(allow(condition), Pass, "{condition}");
        }
        assert_eq!(deny(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-1"}"#), Pass);
        assert_eq!(deny(r#""StringLike":{"aws:PrincipalArn":"*"}"#), Pass, "a Deny that always applies is strict");
    }

    #[test]
    fn fail() {
        for condition in [
            r#""StringLike":{"aws:PrincipalOrgID":"*"}"#,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:*"}"#,
            r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#,
            r#""IpAddress":{"aws:SourceIp":["192.0.2.0/24","::/0"]}"#,
            r#""StringEquals":{"aws:PrincipalOrgID":[]}"#,
            r#""ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/*"}"#,
            r#""StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}"#,
            r#""StringEqualsIfExists":{"aws:PrincipalTag/team":"red"}"#,
            r#""Null":{"aws:SourceVpce":"false"}"#,
            r#""Null":{"aws:PrincipalArn":false}"#,
        ] {
            assert_eq!(allow(condition), Fail, "{condition}");
        }
        for condition in [
            r#""StringNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/ops","*"]}"#,
            r#""NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","0.0.0.0/0"]}"#,
        ] {
            assert_eq!(deny(condition), Fail, "{condition}");
        }
        let message = the_finding("Allow", r#""StringLike":{"aws:PrincipalOrgID":"*"}"#).message;
        assert_eq!(message, "statement 1 has StringLike on aws:PrincipalOrgID, which takes every value");
    }

    #[test]
    fn a_guard_beside_it_demands_the_key() {
        let paths = r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}"#;
        assert_eq!(allow(&format!(r#"{paths},"Null":{{"aws:principalorgpaths":"false"}}"#)), Pass);
        assert_eq!(allow(&format!(r#"{paths},"Null":{{"aws:SourceVpce":"false"}}"#)), Fail, "of another key");
    }

    #[test]
    fn that_a_tag_is_there_can_be_asked() {
        assert_eq!(allow(r#""StringLike":{"aws:RequestTag/owner":"*"}"#), Pass);
        assert_eq!(allow(r#""Null":{"aws:RequestTag/owner":"false"}"#), Pass);
        assert_eq!(allow(r#""StringLikeIfExists":{"aws:RequestTag/owner":"*"}"#), Fail);
        assert_eq!(deny(r#""StringNotLike":{"aws:RequestTag/owner":"*"}"#), Pass);
        assert_eq!(allow(r#""ForAllValues:StringEquals":{"aws:TagKeys":["owner"]}"#), Pass);
    }

    #[test]
    fn trust_policies_are_judged() {
        let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"StringEqualsIfExists":{"sts:ExternalId":"x"}}}}"#;
        assert_eq!(outcomes(ID, Account::new().role("app", |role| role.trust(trust))), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(allow(""), NotApplicable);
        let vacuous = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":"*"}}}}"#;
        assert_eq!(outcomes(ID, Account::new().aws_policy("Power", vacuous)), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().policy("own", "{", |policy| policy)), [NotEvaluated]);
        assert_eq!(allow(r#""StringResembles":{"aws:PrincipalOrgID":"o-1"}"#), NotEvaluated);
    }

    #[test]
    fn trap_an_address_is_not_seen_when_a_service_calls() {
        let told = |condition: &str| {
            let finding = the_finding("Deny", condition);
            (finding.outcome, finding.evidence.iter().any(|item| item.key == "stops_calls_of_services"))
        };
        let address = r#""NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#;
        assert_eq!(told(address), (Pass, true));
        assert_eq!(told(&format!(r#"{address},"Bool":{{"aws:ViaAWSService":"false"}}"#)), (Pass, false));
    }

    #[test]
    fn trap_values_are_alternatives_and_those_of_a_negation_are_not() {
        assert_eq!(allow(r#""StringLike":{"aws:PrincipalOrgID":["o-1","*"]}"#), Fail, "one of them matches");
        assert_eq!(deny(r#""StringNotLike":{"aws:PrincipalOrgID":["o-1","*"]}"#), Fail, "each of them has to differ");
        assert_eq!(deny(r#""StringNotLike":{"aws:PrincipalOrgID":["o-1","o-2*"]}"#), Pass);
        let two = r#""StringLike":{"aws:PrincipalOrgID":"*","aws:PrincipalArn":"arn:aws:iam::*:role/ops"}"#;
        assert_eq!(allow(two), Fail, "each condition has to restrict");
    }

    #[test]
    fn trap_unknown_keys_are_not_wrong_and_misspelt_ones_are() {
        for key in ["private:Thing", "aws:SomethingOfTomorrow", "kms:ViaService"] {
            assert_eq!(allow(&format!(r#""StringEquals":{{"{key}":"x"}}"#)), Pass, "{key}");
        }
        for key in ["aws:PrincipalOrgIDs", "aws:SourceVcpe", "aws:PrincpalTag/team"] {
            assert_eq!(allow(&format!(r#""StringEquals":{{"{key}":"x"}}"#)), Fail, "{key}");
            assert_eq!(deny(&format!(r#""StringEquals":{{"{key}":"x"}}"#)), Fail, "{key}");
        }
    }
}
