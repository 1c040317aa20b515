//! Trust in an identity provider checks the audience.
//!
//! # Why
//! A token is made for one audience. A role that does not say which takes tokens that were made for another application
//! of the same provider.
//!
//! # Pass
//! Every statement for OpenID Connect demands `ISSUER:aud` with a client id that is written out, and every statement
//! for SAML demands `SAML:aud` with the address of an AWS sign-in page.
//!
//! # Fail
//! There is no such demand, or any audience meets it.
//!
//! # Not applicable
//! Roles that trust no identity provider; service-linked roles and those of IAM Identity Center.
//!
//! # Notes
//! IAM itself refuses tokens whose audience is not a client id of the provider, so a missing condition is a missing
//! second line of defence rather than a hole. Whether the client id is one of the provider is therefore not looked up.
//!
//! The sign-in page has another address in every partition, and one in every Region: a wildcard for the Region is fine.
//!
//! # Fix
//! Add `StringEquals` on the audience.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json
//! ```

use alloc::format;
use alloc::string::String;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Role;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::oidc::{self, Provider};
use crate::trust::{self, Opening, Trust};
use crate::trust_demands::Demand;

/// Issuers built into IAM that name the application in another claim than `aud` (IAM User Guide, "Available keys for
/// AWS OIDC federation").
const APPLICATION: [(&str, &str); 2] = [("graph.facebook.com", "app_id"), ("www.amazon.com", "app_id")];

/// The domains of AWS sign-in pages, by partition (AWS General Reference, "AWS Sign-In endpoints").
const SIGN_IN: [&str; 4] =
    ["signin.aws.amazon.com", "signin.amazonaws-us-gov.com", "signin.amazonaws.cn", "signin.amazonaws-eusc.eu"];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "federation-audience-missing",
        family: Family::Federation,
        title: "Federated trust checks the audience",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, _: &Parameters, out: &mut Findings<'_>) {
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, out);
            }
        }
    }
}

fn judge(role: &Role, trust: &Trust<'_>, out: &mut Findings<'_>) {
    let subject = trust::subject(role, out);
    let openings = trust.openings();
    let mut pairs = openings
        .iter()
        .flat_map(|opening| oidc::providers(opening).into_iter().map(move |provider| (opening, provider)))
        .peekable();
    if pairs.peek().is_none() {
        return subject.not_applicable("the trust policy lets in those of no identity provider");
    }
    match pairs.find_map(|(opening, provider)| problem(opening, provider)) {
        Some(problem) => subject.fail(problem),
        None => subject.pass("every statement for an identity provider demands the audience"),
    }
}

fn problem(opening: &Opening<'_>, provider: Provider<'_>) -> Option<String> {
    let demands = opening.demands();
    let (claim, is_kept) = match provider {
        Provider::OpenIdConnect(issuer) => {
            let claim = APPLICATION.iter().find(|(known, _)| *known == issuer).map_or("aud", |(_, claim)| claim);
            let kept = oidc::on_claim(&demands, issuer, claim).any(is_written_out);
            (format!("{issuer}:{claim}"), kept)
        }
        Provider::Saml(_) => ("SAML:aud".into(), demands.on("SAML:aud").any(is_sign_in)),
        Provider::Other(name) => (format!("the audience of `{name}`"), false),
    };
    (!is_kept).then(|| format!("{} demands no certain {claim}", opening.name()))
}

fn is_written_out(demand: &Demand<'_>) -> bool {
    demand.literals().is_some_and(|values| values.iter().all(|value| !value.is_empty()))
}

/// Whether every value is the address of a sign-in page: of AWS as a whole, or of one or any Region.
fn is_sign_in(demand: &Demand<'_>) -> bool {
    let is_page = |value: &str| {
        let host = value.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        SIGN_IN
            .iter()
            .any(|domain| host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.')))
    };
    demand.patterns().is_some_and(|patterns| patterns.iter().all(|pattern| is_page(pattern.text())))
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Outcome, Topic};

    use crate::testing::{allowing, findings, outcomes, role_mut, trusting, web_identity};

    const ID: &str = "federation-audience-missing";
    const ISSUER: &str = "token.actions.githubusercontent.com";

    fn oidc(issuer: &str, condition: &str) -> Outcome {
        let [outcome] = outcomes(ID, trusting(&web_identity(issuer, condition))).try_into().expect("one finding");
        outcome
    }

    fn saml_statement(condition: &str) -> String {
        let provider = r#"{"Federated":"arn:aws:iam::123456789012:saml-provider/okta"}"#;
        allowing(provider, condition).replace("sts:AssumeRole", "sts:AssumeRoleWithSAML")
    }

    fn saml(condition: &str) -> Outcome {
        let [outcome] = outcomes(ID, trusting(&saml_statement(condition))).try_into().expect("one finding");
        outcome
    }

    #[test]
    fn pass() {
        assert_eq!(oidc(ISSUER, r#""StringEquals":{"ISSUER:aud":"sts.amazonaws.com"}"#), Pass);
        assert_eq!(saml(r#""StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}"#), Pass);
    }

    #[test]
    fn fail() {
        let [found] = findings(ID, trusting(&web_identity(ISSUER, ""))).try_into().expect("one finding");
        assert_eq!(found.outcome, Fail);
        assert_eq!(found.message, "statement 1 demands no certain token.actions.githubusercontent.com:aud");
        assert_eq!(saml(""), Fail);
    }

    #[test]
    fn any_audience_is_no_audience() {
        assert_eq!(oidc(ISSUER, r#""StringLike":{"ISSUER:aud":"*"}"#), Fail);
        assert_eq!(oidc(ISSUER, r#""StringEquals":{"other.example:aud":"sts.amazonaws.com"}"#), Fail);
        assert_eq!(saml(r#""StringLike":{"SAML:aud":"*"}"#), Fail);
        assert_eq!(saml(r#""StringEqualsIfExists":{"SAML:aud":"https://signin.aws.amazon.com/saml"}"#), Fail);
        assert_eq!(saml(r#""StringLike":{"SAML:aud":["https://signin.aws.amazon.com/saml","*"]}"#), Fail);
        assert_eq!(saml(r#""StringEquals":{"SAML:aud":"https://evilsignin.aws.amazon.com/saml"}"#), Fail);
    }

    #[test]
    fn each_statement_is_looked_at() {
        let kept = web_identity(ISSUER, r#""StringEquals":{"ISSUER:aud":"sts.amazonaws.com"}"#);
        assert_eq!(outcomes(ID, trusting(&format!("{kept},{}", saml_statement("")))), [Fail]);
    }

    #[test]
    fn some_issuers_name_the_application_elsewhere() {
        let facebook =
            allowing(r#"{"Federated":"graph.facebook.com"}"#, r#""StringEquals":{"graph.facebook.com:app_id":"1"}"#)
                .replace("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity");
        assert_eq!(outcomes(ID, trusting(&facebook)), [Pass]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().role("ec2", |role| role)), [NotApplicable]);
        let reserved = trusting(&saml_statement(""))
            .edit(|snapshot| role_mut(snapshot).path = "/aws-reserved/sso.amazonaws.com/".into());
        assert_eq!(outcomes(ID, reserved), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().role("x", |role| role.trust("none"))), [NotEvaluated]);
    }

    #[test]
    fn trap_a_client_id_that_is_not_registered_lets_nobody_in() {
        assert_eq!(oidc(ISSUER, r#""StringEquals":{"ISSUER:aud":"never-registered"}"#), Pass);
    }

    #[test]
    fn trap_the_sign_in_page_has_many_addresses() {
        for page in [
            "https://signin.amazonaws-us-gov.com/saml",
            "https://signin.amazonaws.cn/saml",
            "https://us-west-2.signin.aws.amazon.com/saml",
            "https://*.signin.aws.amazon.com/saml",
            "https://eu-west-1.signin.aws.amazon.com/saml/acs/SAMLSPEXAMPLE",
        ] {
            assert_eq!(saml(&format!(r#""StringLike":{{"saml:AUD":"{page}"}}"#)), Pass, "{page}");
        }
    }
}
