//! Roles that trust an issuer shared by many check whose token it is.
//!
//! # Why
//! GitHub, GitLab and others sign the tokens of all their customers with one key. A role that trusts the issuer, and
//! does not ask which customer, lets in the pipelines of everybody who has an account there.
//!
//! # Pass
//! Every statement for such an issuer demands a tenant that is written out: the organization in `sub` for most, in
//! `aud` for some, or an id such as GitHub's `repository_owner_id`.
//!
//! # Fail
//! There is no such demand; or a value begins with a wildcard, or has one before the end of the tenant's name, as
//! `repo:org*` has. Rated medium where the issuer serves one tenant only, such as the one of an EKS cluster.
//!
//! # Not applicable
//! Roles that trust no issuer of OpenID Connect; service-linked roles and those of IAM Identity Center.
//!
//! # Notes
//! A check of the audience `sts.amazonaws.com` alone protects nothing: the tokens of every customer carry it.
//!
//! Since the middle of 2025 AWS refuses to save such trust for the issuers it knows. Older policies stay as they are.
//!
//! Of an issuer that is not in `shared_issuers` it is taken that one tenant has it; some claim must be demanded all the
//! same. For an EKS cluster that is `sub`, with the namespace and the name of the service account.
//!
//! # Fix
//! Add `StringEquals` on `ISSUER:sub`, or on the claim in which the issuer names the tenant, with organization and
//! repository spelled out.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Role;
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::oidc::{self, Naming, Provider};
use crate::trust::{self, Opening, Trust};
use crate::trust_demands::is_literal;

const SHARED_ISSUERS: ListParameter = ListParameter {
    name: "shared_issuers",
    default: &[
        "token.actions.githubusercontent.com",
        "gitlab.com",
        "app.terraform.io",
        "oidc.circleci.com",
        "agent.buildkite.com",
        "api.bitbucket.org",
        "oidc.vercel.com",
        "api.pulumi.com/oidc",
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
    ],
    choices: &[],
    unit: Unit::Names,
    source: "IAM User Guide, \"Identity-provider controls for shared OIDC providers\", and the vendors' pages",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "oidc-trust-tenant-claim-missing",
        family: Family::Federation,
        title: "Roles trusting a shared OIDC issuer check whose token it is",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(SHARED_ISSUERS)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let shared = parameters.list(&SHARED_ISSUERS);
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, &shared, out);
            }
        }
    }
}

/// What a statement makes of the tokens of one issuer.
enum Verdict {
    Kept,
    Unclear(String),
    Broken(Severity, String),
}

fn judge(role: &Role, trust: &Trust<'_>, shared: &[&str], out: &mut Findings<'_>) {
    let mut subject = trust::subject(role, out);
    let openings = trust.openings();
    let pairs: Vec<_> = openings
        .iter()
        .flat_map(|opening| oidc::providers(opening).into_iter().map(move |provider| (opening, provider)))
        .filter(|(_, provider)| !matches!(provider, Provider::Saml(_)))
        .collect();
    for (_, provider) in &pairs {
        if let Provider::OpenIdConnect(issuer) = provider {
            subject = subject.evidence("issuer", issuer);
        }
    }
    let verdicts: Vec<_> = pairs.iter().map(|(opening, provider)| verdict(opening, *provider, shared)).collect();
    let broken = verdicts.iter().filter_map(|verdict| match verdict {
        Verdict::Broken(severity, reason) => Some((*severity, reason)),
        Verdict::Kept | Verdict::Unclear(_) => None,
    });
    if let Some((severity, reason)) = broken.reduce(|worst, next| if next.0 > worst.0 { next } else { worst }) {
        return subject.severity(severity).fail(reason.clone());
    }
    let unclear = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Unclear(reason) => Some(reason.as_str()),
        Verdict::Kept | Verdict::Broken(..) => None,
    });
    match unclear {
        Some(reason) => subject.unclear(reason),
        None if verdicts.is_empty() => subject.not_applicable("the trust policy lets in no tokens of OpenID Connect"),
        None => subject.pass("every statement that takes tokens of OpenID Connect demands whose they are"),
    }
}

fn verdict(opening: &Opening<'_>, provider: Provider<'_>, shared: &[&str]) -> Verdict {
    let statement = opening.name();
    let Provider::OpenIdConnect(issuer) = provider else {
        return Verdict::Broken(Severity::Critical, format!("{statement} lets in those of any identity provider"));
    };
    let demands = opening.demands();
    if shared.iter().any(|known| known.eq_ignore_ascii_case(issuer)) {
        return match oidc::tenant(&demands, issuer) {
            Some(Naming::Tenant) => Verdict::Kept,
            Some(Naming::Unclear) => Verdict::Unclear(format!(
                "{statement} demands a claim of {issuer} of a shape that is not known; whether it names a tenant is \
                 open"
            )),
            Some(Naming::Nobody) => Verdict::Broken(
                Severity::Critical,
                format!("{statement} takes tokens of {issuer}, and its condition on the tenant leaves the tenant open"),
            ),
            None => Verdict::Broken(
                Severity::Critical,
                format!("{statement} takes tokens of {issuer}, whichever tenant they are of"),
            ),
        };
    }
    if is_eks(issuer) {
        let names = oidc::on_claim(&demands, issuer, "sub")
            .any(|demand| demand.values.iter().all(|value| is_service_account(value)));
        if names {
            return Verdict::Kept;
        }
        return Verdict::Broken(
            Severity::Medium,
            format!("{statement} takes tokens of the cluster {issuer}, and demands no certain service account"),
        );
    }
    if oidc::demand_a_claim(&demands, issuer) {
        return Verdict::Kept;
    }
    Verdict::Broken(Severity::Medium, format!("{statement} takes every token of {issuer}: no claim of it is demanded"))
}

/// Whether the issuer is that of an EKS cluster.
fn is_eks(issuer: &str) -> bool {
    issuer.starts_with("oidc.eks.") && issuer.contains(".amazonaws.com")
}

/// Whether a text names one service account: `system:serviceaccount:NAMESPACE:NAME`.
fn is_service_account(value: &str) -> bool {
    let rest = value.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    is_literal(value) && rest.is_some_and(|(namespace, name)| !namespace.is_empty() && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Outcome, Severity, Topic};

    use crate::testing::{findings, outcomes, outcomes_with, role_mut, trusting, web_identity};

    const ID: &str = "oidc-trust-tenant-claim-missing";
    const GITHUB: &str = "token.actions.githubusercontent.com";

    fn finding(issuer: &str, condition: &str) -> Finding {
        let account = trusting(&web_identity(issuer, condition));
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn judged(issuer: &str, condition: &str) -> Outcome {
        finding(issuer, condition).outcome
    }

    #[test]
    fn pass() {
        for condition in [
            r#""StringEquals":{"ISSUER:sub":"repo:acme/site:ref:refs/heads/main"}"#,
            r#""StringLike":{"ISSUER:sub":["repo:acme/site:*","repo:acme/*"]}"#,
            r#""StringLike":{"ISSUER:SUB":"repo:acme@123/site@456:*"}"#,
        ] {
            assert_eq!(judged(GITHUB, condition), Pass, "{condition}");
        }
    }

    #[test]
    fn fail() {
        let found = finding(GITHUB, "");
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Critical));
        assert_eq!(
            found.message,
            "statement 1 takes tokens of token.actions.githubusercontent.com, whichever tenant they are of"
        );
    }

    #[test]
    fn a_value_that_leaves_the_tenant_open_names_none() {
        for value in ["*", "*:acme/site:*", "repo:*", "repo:*/site:*", "repo:ac*", "repo:acme*", "r*", "?epo:acme/site"]
        {
            let condition = r#""StringLike":{"ISSUER:sub":"VALUE"}"#.replace("VALUE", value);
            assert_eq!(judged(GITHUB, &condition), Fail, "{value}");
        }
        assert_eq!(judged(GITHUB, r#""StringLike":{"ISSUER:sub":["repo:acme/site:*","*"]}"#), Fail);
        assert_eq!(judged(GITHUB, r#""StringNotEquals":{"ISSUER:sub":"repo:acme/site:pull_request"}"#), Fail);
        assert_eq!(judged(GITHUB, r#""StringEquals":{"other.example:sub":"repo:acme/site:x"}"#), Fail);
    }

    #[test]
    fn tokens_always_have_a_subject_so_that_the_qualifier_does_not_matter() {
        assert_eq!(judged(GITHUB, r#""ForAllValues:StringLike":{"ISSUER:sub":"repo:acme/site:*"}"#), Pass);
        assert_eq!(judged(GITHUB, r#""ForAllValues:StringEquals":{"ISSUER:repository_owner_id":"123"}"#), Fail);
    }

    #[test]
    fn a_provider_of_any_name_is_the_worst() {
        let anyone = web_identity(GITHUB, "").replace(&crate::testing::provider(GITHUB), "*");
        let [found] = findings(ID, trusting(&anyone)).try_into().expect("one finding");
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Critical));
    }

    #[test]
    fn an_issuer_of_one_tenant_is_rated_medium() {
        for issuer in ["login.example.com", "oidc.circleci.com/org/0000", "acme.okta.com/oauth2/default"] {
            let found = finding(issuer, "");
            assert_eq!((found.outcome, found.severity), (Fail, Severity::Medium), "{issuer}");
            assert_eq!(judged(issuer, r#""StringEquals":{"ISSUER:sub":"deploy"}"#), Pass, "{issuer}");
            assert_eq!(judged(issuer, r#""StringEquals":{"ISSUER:aud":"0oa123"}"#), Pass, "{issuer}");
        }
        assert_eq!(
            outcomes_with(
                ID,
                &[("shared_issuers", "login.example.com")],
                trusting(&web_identity("login.example.com", r#""StringEquals":{"ISSUER:aud":"0oa123"}"#))
            ),
            [Fail]
        );
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().role("ec2", |role| role)), [NotApplicable]);
        let saml = web_identity(GITHUB, "").replace("oidc-provider", "saml-provider").replace("WebIdentity", "SAML");
        assert_eq!(outcomes(ID, trusting(&saml)), [NotApplicable]);
        let account = trusting(&web_identity(GITHUB, ""));
        let reserved = account.edit(|snapshot| role_mut(snapshot).path = "/aws-reserved/sso.amazonaws.com/".into());
        assert_eq!(outcomes(ID, reserved), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new().role("x", |role| role.trust("none"))), [NotEvaluated]);
        let custom = r#""StringLike":{"ISSUER:sub":"environment:prod:*"}"#;
        assert_eq!(judged(GITHUB, custom), NotEvaluated, "a subject of a shape of one's own");
    }

    #[test]
    fn trap_the_claim_that_names_the_tenant_depends_on_the_issuer() {
        for (issuer, condition) in [
            ("gitlab.com", r#""StringLike":{"ISSUER:sub":"project_path:acme/*"}"#),
            ("app.terraform.io", r#""StringLike":{"ISSUER:sub":"organization:acme:project:*"}"#),
            ("agent.buildkite.com", r#""StringLike":{"ISSUER:sub":"organization:acme:pipeline:*"}"#),
            ("oidc.vercel.com", r#""StringEquals":{"ISSUER:aud":"https://vercel.com/acme"}"#),
            ("api.pulumi.com/oidc", r#""StringEquals":{"ISSUER:aud":"acme"}"#),
            ("cognito-identity.amazonaws.com", r#""StringEquals":{"ISSUER:aud":"eu-west-1:11111111"}"#),
        ] {
            assert_eq!(judged(issuer, condition), Pass, "{issuer}");
            assert_eq!(judged(issuer, r#""StringLike":{"ISSUER:sub":"*"}"#), Fail, "{issuer}");
        }
        assert_eq!(judged(GITHUB, r#""StringEquals":{"ISSUER:aud":"https://github.com/acme"}"#), Fail);
        assert_eq!(judged("gitlab.com", r#""StringLike":{"ISSUER:sub":"project_path:ac*"}"#), Fail);
    }

    #[test]
    fn trap_other_claims_name_the_tenant_too() {
        for (issuer, claim) in [
            (GITHUB, "repository_id"),
            (GITHUB, "repository_owner_id"),
            ("gitlab.com", "project_id"),
            ("gitlab.com", "namespace_id"),
            ("agent.buildkite.com", "organization_id"),
        ] {
            let condition = r#""StringEquals":{"ISSUER:CLAIM":"123"}"#.replace("CLAIM", claim);
            assert_eq!(judged(issuer, &condition), Pass, "{issuer}:{claim}");
        }
        assert_eq!(judged(GITHUB, r#""StringLike":{"ISSUER:job_workflow_ref":"acme/ci/.github/*"}"#), Pass);
        assert_eq!(judged(GITHUB, r#""StringLike":{"ISSUER:repository_owner_id":"12*"}"#), Fail);
    }

    #[test]
    fn trap_the_common_audience_protects_nothing() {
        for issuer in [GITHUB, "oidc.vercel.com", "accounts.google.com", "login.example.com"] {
            assert_eq!(judged(issuer, r#""StringEquals":{"ISSUER:aud":"sts.amazonaws.com"}"#), Fail, "{issuer}");
        }
    }

    #[test]
    fn trap_a_cluster_needs_the_service_account() {
        let eks = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF";
        let sub = |value: &str| judged(eks, &r#""StringLike":{"ISSUER:sub":"VALUE"}"#.replace("VALUE", value));
        assert_eq!(sub("system:serviceaccount:kube-system:aws-node"), Pass);
        for open in
            ["system:serviceaccount:kube-system:*", "system:serviceaccount:*:aws-node", "system:serviceaccount::x"]
        {
            assert_eq!(sub(open), Fail, "{open}");
        }
        assert_eq!(judged(eks, r#""StringEquals":{"ISSUER:aud":"sts.amazonaws.com"}"#), Fail);
        assert_eq!(finding(eks, "").severity, Severity::Medium);
    }
}
