//! The subjects of pipelines that a role trusts are narrowed to a repository and a branch or environment.
//!
//! # Why
//! A role that trusts a whole organization of GitHub can be entered from every repository of it, the one that somebody
//! made yesterday to try something out included. One that trusts pull requests can be entered with code that nobody has
//! reviewed.
//!
//! # Pass
//! Every subject names the organization, the repository and a branch, a tag or an environment; other claims that do,
//! such as `repository_id` and `environment`, count. A role that may not change what somebody may do needs the
//! repository only.
//!
//! # Fail
//! A subject leaves the repository open, or the end of the organization's name; or it is that of pull requests; or, on
//! a role that may change what somebody may do, it leaves branch and environment open (`require_ref_for_privileged`).
//!
//! # Not applicable
//! Roles that trust no pipelines of GitHub, GitLab, Terraform Cloud or Buildkite, and those that demand no subject: see
//! `oidc-trust-tenant-claim-missing`. Service-linked roles and those of IAM Identity Center.
//!
//! # Notes
//! `repo:org*` matches `repo:org-evil/…` as well: a wildcard must stand behind a separator.
//!
//! Repositories of GitHub that were made, renamed or moved after 15 July 2026 have subjects with ids,
//! `repo:org@ID/repo@ID:…`, which `repo:org/*` no longer matches.
//!
//! Subjects can be customised. One of a shape that is not known is not evaluated.
//!
//! # Fix
//! Demand `repo:ORG/REPO:environment:NAME` or `repo:ORG/REPO:ref:refs/heads/BRANCH`, spelled out.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json
//! ```

use alloc::format;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::Role;
use probity_model::parameter::{FlagParameter, ParameterSpec};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

use crate::oidc::{self, Provider};
use crate::privilege::Privilege;
use crate::subjects::{Pipelines, Reach};
use crate::trust::{self, Opening, Trust};
use crate::trust_demands::{Demand, Demands};

const REQUIRE_REF_FOR_PRIVILEGED: FlagParameter = FlagParameter {
    name: "require_ref_for_privileged",
    default: true,
    source: "our choice: who can push any branch is rarely who may administer the account",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "oidc-trust-subject-broad",
        family: Family::Federation,
        title: "OIDC subjects are narrowed to repository and branch or environment",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Flag(REQUIRE_REF_FOR_PRIVILEGED)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let require_ref = parameters.flag(&REQUIRE_REF_FOR_PRIVILEGED);
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, require_ref.then_some(details), out);
            }
        }
    }
}

fn judge(role: &Role, trust: &Trust<'_>, details: Option<&AuthorizationDetails>, out: &mut Findings<'_>) {
    let mut subject = trust::subject(role, out);
    let openings = trust.openings();
    let found: Vec<_> = openings.iter().flat_map(reaches).collect();
    for (_, issuer, _) in &found {
        subject = subject.evidence("issuer", issuer);
    }
    // The first of the widest ones, in the order of the policy.
    let widest = found.iter().reduce(|widest, next| if next.2 > widest.2 { next } else { widest });
    let Some((statement, issuer, reach)) = widest else {
        return subject.not_applicable("the trust policy demands no subject of pipelines");
    };
    match reach {
        Reach::PullRequest => {
            subject.fail(format!("{statement} takes tokens of {issuer} for pull requests, which nobody has reviewed"));
        }
        Reach::Organization => {
            subject
                .fail(format!("{statement} takes tokens of {issuer} whose repository, or whose organization, is open"));
        }
        Reach::Unclear => subject.unclear(format!(
            "{statement} demands a subject of {issuer} of a shape that is not known; how far it reaches is open"
        )),
        Reach::Ref => subject.pass("every subject names a repository and a branch, a tag or an environment"),
        Reach::Repository => match details.map(|details| Privilege::of_role(role, details)) {
            None => subject.pass("every subject names a repository"),
            Some(Privilege::No) => {
                subject.pass("every subject names a repository, and the role may not change what somebody may do")
            }
            Some(Privilege::Yes(by)) => subject.evidence("privilege", &by).fail(format!(
                "{statement} takes tokens of {issuer} for any branch and environment of a repository, and the role is \
                 privileged: {by}"
            )),
            Some(Privilege::Unknown(by)) => subject.evidence("privilege", &by).unclear(format!(
                "{statement} takes tokens of {issuer} for any branch and environment of a repository, and whether the \
                 role is privileged is not known: {by}"
            )),
        },
    }
}

/// How far the subjects that a statement demands reach, by issuer.
fn reaches<'t>(opening: &Opening<'t>) -> Vec<(alloc::string::String, &'t str, Reach)> {
    let demands = opening.demands();
    let providers = oidc::providers(opening).into_iter();
    let found = providers.filter_map(|provider| match provider {
        Provider::OpenIdConnect(issuer) => {
            let pipelines = Pipelines::of(issuer)?;
            Some((opening.name(), issuer, reach(&demands, issuer, pipelines)?))
        }
        Provider::Saml(_) | Provider::Other(_) => None,
    });
    found.collect()
}

/// How far the demands reach together; nothing where they leave even the tenant open.
fn reach(demands: &Demands<'_>, issuer: &str, pipelines: Pipelines) -> Option<Reach> {
    let names = |claims: &[&str]| {
        claims.iter().any(|claim| oidc::on_claim(demands, issuer, claim).any(|demand| demand.literals().is_some()))
    };
    let by_subject = oidc::on_claim(demands, issuer, "sub").filter_map(|demand| of_values(demand, pipelines)).min();
    let by_others = if names(pipelines.repository_claims()) {
        Some(Reach::Repository)
    } else {
        oidc::tenant(demands, issuer).filter(|naming| *naming == oidc::Naming::Tenant).map(|_| Reach::Organization)
    };
    let reach = match (by_subject, by_others) {
        // What pull requests may do does not depend on who else is named.
        (Some(Reach::PullRequest), _) => Reach::PullRequest,
        (Some(subject), Some(others)) => subject.min(others),
        (Some(reach), None) | (None, Some(reach)) => reach,
        (None, None) => return None,
    };
    Some(if reach == Reach::Repository && names(pipelines.ref_claims()) { Reach::Ref } else { reach })
}

/// How far the widest value of a demand reaches; nothing for one that names no tenant at all.
fn of_values(demand: &Demand<'_>, pipelines: Pipelines) -> Option<Reach> {
    let patterns = demand.patterns()?;
    if patterns.iter().any(|pattern| pattern.text().starts_with(['*', '?'])) {
        return None;
    }
    patterns.iter().map(|pattern| pipelines.reach(pattern.text())).max()
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Outcome, Topic};

    use crate::testing::{findings, outcomes, outcomes_with, trust_policy, trusting, web_identity};

    const ID: &str = "oidc-trust-subject-broad";
    const GITHUB: &str = "token.actions.githubusercontent.com";
    const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    fn one(account: Account) -> Outcome {
        let [outcome] = outcomes(ID, account).try_into().expect("one finding");
        outcome
    }

    fn sub(issuer: &str, value: &str) -> std::string::String {
        web_identity(issuer, &r#""StringLike":{"ISSUER:sub":"VALUE"}"#.replace("VALUE", value))
    }

    fn judged(value: &str) -> Outcome {
        one(trusting(&sub(GITHUB, value)))
    }

    fn admin(statement: &str, document: &str) -> Account {
        Account::new().role("admin", |role| role.trust(&trust_policy(statement)).inline("own", document))
    }

    fn claims(condition: &str) -> Account {
        admin(&web_identity(GITHUB, condition), EVERYTHING)
    }

    #[test]
    fn pass() {
        assert_eq!(judged("repo:acme/site:ref:refs/heads/main"), Pass);
        assert_eq!(one(admin(&sub(GITHUB, "repo:acme/site:environment:production"), EVERYTHING)), Pass);
        assert_eq!(judged("repo:acme/site:*"), Pass, "the role may do nothing much");
    }

    #[test]
    fn fail() {
        let [found] = findings(ID, trusting(&sub(GITHUB, "repo:acme/*"))).try_into().expect("one finding");
        assert_eq!(found.outcome, Fail);
        assert_eq!(
            found.message,
            "statement 1 takes tokens of token.actions.githubusercontent.com whose repository, or whose organization, is open"
        );
        assert_eq!(judged("repo:acme/site:pull_request"), Fail);
        assert_eq!(judged("repo:*"), Fail);
    }

    #[test]
    fn the_widest_value_counts_and_every_condition_narrows() {
        let two = r#""StringLike":{"ISSUER:sub":["repo:acme/site:ref:refs/heads/main","repo:acme/*"]}"#;
        assert_eq!(one(trusting(&web_identity(GITHUB, two))), Fail);
        let both = r#""StringLike":{"ISSUER:sub":"repo:acme/*"},"StringEquals":{"ISSUER:sub":"repo:acme/site:ref:refs/heads/main"}"#;
        assert_eq!(one(trusting(&web_identity(GITHUB, both))), Pass);
    }

    #[test]
    fn a_privileged_role_needs_a_branch_or_environment() {
        let open = sub(GITHUB, "repo:acme/site:*");
        assert_eq!(one(admin(&open, EVERYTHING)), Fail);
        assert_eq!(one(admin(&open, "not a policy")), NotEvaluated);
        assert_eq!(outcomes_with(ID, &[("require_ref_for_privileged", "false")], admin(&open, EVERYTHING)), [Pass]);
    }

    #[test]
    fn other_claims_narrow_too() {
        assert_eq!(
            one(claims(r#""StringEquals":{"ISSUER:repository_id":"1","ISSUER:environment":"production"}"#)),
            Pass
        );
        assert_eq!(one(claims(r#""StringEquals":{"ISSUER:repository_id":"1"}"#)), Fail, "any branch of it");
        assert_eq!(one(claims(r#""StringEquals":{"ISSUER:repository_owner_id":"1"}"#)), Fail);
        let both = r#""StringLike":{"ISSUER:sub":"repo:acme/*"},"StringEquals":{"ISSUER:repository_id":"1","ISSUER:ref":"refs/heads/main"}"#;
        assert_eq!(one(claims(both)), Pass);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().role("ec2", |role| role)), [NotApplicable]);
        assert_eq!(one(trusting(&web_identity(GITHUB, ""))), NotApplicable, "the check of the tenant fails");
        assert_eq!(judged("*"), NotApplicable);
        assert_eq!(one(trusting(&sub("login.example.com", "deploy-*"))), NotApplicable);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(one(Account::new().role("x", |role| role.trust("none"))), NotEvaluated);
    }

    #[test]
    fn trap_subjects_with_ids_are_known() {
        assert_eq!(judged("repo:acme@12/site@34:ref:refs/heads/main"), Pass);
        assert_eq!(judged("repo:acme@12/*"), Fail);
    }

    #[test]
    fn trap_a_wildcard_must_stand_behind_a_separator() {
        assert_eq!(judged("repo:acme*"), Fail);
        assert_eq!(judged("repo:acme*/site:ref:refs/heads/main"), Fail);
        assert_eq!(outcomes("oidc-trust-tenant-claim-missing", trusting(&sub(GITHUB, "repo:acme*"))), [Fail]);
    }

    #[test]
    fn trap_a_subject_of_ones_own_shape_is_unknown_and_no_failure() {
        assert_eq!(judged("repository_owner_id:12:environment:production"), NotEvaluated);
        assert_eq!(judged("repo:acme/site"), NotEvaluated);
    }

    #[test]
    fn trap_other_issuers_have_other_shapes() {
        for (issuer, value) in [
            ("gitlab.com", "project_path:acme/*"),
            ("app.terraform.io", "organization:acme:project:*:workspace:*:run_phase:*"),
            ("agent.buildkite.com", "organization:acme:pipeline:*"),
        ] {
            assert_eq!(one(trusting(&sub(issuer, value))), Fail, "{issuer}");
        }
        assert_eq!(one(trusting(&sub("gitlab.com", "project_path:acme/site:ref_type:branch:ref:main"))), Pass);
    }
}
