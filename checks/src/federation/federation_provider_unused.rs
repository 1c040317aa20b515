//! Every identity provider is trusted by a role, and every provider that a role trusts exists.
//!
//! # Why
//! A provider that no role trusts lets nobody in today, and everybody it vouches for on the day a role is made for it
//! carelessly; intruders leave providers of their own behind. A role that trusts a provider that is gone waits for
//! somebody to make one of that name again.
//!
//! # Pass
//! At least one role lets in those whom the provider vouches for.
//!
//! # Fail
//! No role does. Or a role trusts a provider that does not exist: then the finding is about the role.
//!
//! # Not applicable
//! There are no providers; or the provider is one that IAM Identity Center looks after, `AWSSSO_…_DO_NOT_DELETE`.
//!
//! # Notes
//! A provider that you do not know is worse than one that was forgotten: an intruder who added it can come back. Look
//! at the date it was created, in the evidence of SAML providers, and at whose issuer it names. Which issuers are yours
//! is not known here, so the severity stays the same.
//!
//! Providers built into IAM, such as `accounts.google.com`, have no entry of their own and are not judged.
//!
//! # Fix
//! Delete the provider, or the statement that trusts one that is gone.
//!
//! # Command
//! ```sh
//! aws iam delete-open-id-connect-provider --open-id-connect-provider-arn PROVIDER_ARN
//! ```

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::authorization::Role;
use probity_model::facts::{AuthorizationDetails, IdentityProviders};
use probity_model::{
    Arn, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Timestamp,
};

use crate::oidc::{self, Provider};
use crate::trust::{Opening, Party, Trust};

/// How many roles the evidence names.
const NAMED: usize = 5;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "federation-provider-unused",
        family: Family::Federation,
        title: "Every identity provider is trusted by a role",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::IdentityProvider,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s AuthorizationDetails, &'s IdentityProviders);

    fn run((details, providers): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let mut trusted: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut unreadable: BTreeSet<&str> = BTreeSet::new();
        for role in &details.roles {
            match Trust::of(role) {
                Err(_) => {
                    unreadable.insert(&role.name);
                }
                Ok(trust) => {
                    let names = trust.openings().iter().flat_map(named).collect::<BTreeSet<_>>();
                    dangling(role, &names, providers, out);
                    names.into_iter().for_each(|name| {
                        trusted.entry(name).or_default().insert(&role.name);
                    });
                }
            }
        }
        let saml = providers.saml.iter().map(|provider| (&provider.arn, provider.created_at));
        for (arn, created) in saml.chain(providers.oidc.iter().map(|arn| (arn, None))) {
            judge(arn, created, trusted.get(arn.as_str()), &unreadable, out);
        }
    }
}

/// The ARNs of the providers for which a statement opens the role.
fn named(opening: &Opening<'_>) -> Vec<String> {
    let usable = oidc::providers(opening);
    let names = opening.parties().into_iter().filter_map(|party| match party {
        Party::Provider(name) if name.starts_with("arn:") && usable.contains(&Provider::of(name)) => Some(name),
        _ => None,
    });
    names.map(ToString::to_string).collect()
}

/// The providers that a role trusts and that do not exist.
fn dangling(role: &Role, names: &BTreeSet<String>, providers: &IdentityProviders, out: &mut Findings<'_>) {
    let exists = |name: &str| {
        let mut all = providers.saml.iter().map(|provider| &provider.arn).chain(&providers.oidc);
        all.any(|arn| arn.as_str() == name)
    };
    for name in names.iter().filter(|name| !exists(name)) {
        out.resource(role.arn.clone())
            .kind(ResourceKind::IamRole)
            .discriminator(name.as_str())
            .quoted("AssumeRolePolicyDocument", role.trust_policy.shared())
            .fail(format!("the role trusts the identity provider {name}, which does not exist"));
    }
}

fn judge(
    arn: &Arn,
    created: Option<Timestamp>,
    roles: Option<&BTreeSet<&str>>,
    unreadable: &BTreeSet<&str>,
    out: &mut Findings<'_>,
) {
    let count = roles.map_or(0, BTreeSet::len);
    let mut subject = out.resource(arn.clone()).evidence("roles", count);
    if let Some(created) = created {
        subject = subject.evidence("CreateDate", created);
    }
    if arn.name().starts_with("AWSSSO_") && arn.name().ends_with("_DO_NOT_DELETE") {
        return subject.not_applicable("IAM Identity Center looks after the provider");
    }
    match (roles, unreadable.first()) {
        (Some(roles), _) => {
            let first: Vec<&str> = roles.iter().copied().take(NAMED).collect();
            subject
                .evidence("trusted_by", first.join(", "))
                .pass(format!("the number of roles that trust the provider is {count}"));
        }
        (None, Some(role)) => subject.unclear(format!(
            "no role is known to trust the provider, and the trust policy of the role {role} cannot be read"
        )),
        (None, None) => subject.fail("no role trusts the provider"),
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago};
    use probity_model::facts::identity_providers::SamlProvider;
    use probity_model::{Arn, Finding, ResourceKind, Seen, Severity, Topic};

    use crate::testing::{allowing, findings, outcomes, provider, trusting, web_identity};

    const ID: &str = "federation-provider-unused";
    const ISSUER: &str = "token.actions.githubusercontent.com";
    const OKTA: &str = "arn:aws:iam::123456789012:saml-provider/okta";

    fn with(account: Account, saml: &[&str], oidc: &[&str]) -> Account {
        account.facts(|facts| {
            let Seen::Known(providers) = &mut facts.identity_providers else { unreachable!("they are known") };
            let entry =
                |arn: &&str| SamlProvider { arn: Arn::new(*arn), valid_until: None, created_at: Some(days_ago(3)) };
            providers.saml.extend(saml.iter().map(entry));
            providers.oidc.extend(oidc.iter().map(|issuer| Arn::new(provider(issuer))));
        })
    }

    fn all(account: Account) -> Vec<Finding> {
        findings(ID, account)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(trusting(&web_identity(ISSUER, "")), &[], &[ISSUER])), [Pass]);
        let saml = allowing(r#"{"Federated":"arn:aws:iam::123456789012:saml-provider/okta"}"#, "");
        let saml = saml.replace("sts:AssumeRole", "sts:AssumeRoleWithSAML");
        assert_eq!(outcomes(ID, with(trusting(&saml), &[OKTA], &[])), [Pass]);
    }

    #[test]
    fn fail() {
        let [found] = all(with(Account::new(), &[OKTA], &[])).try_into().expect("one finding");
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Low));
        assert_eq!(found.message, "no role trusts the provider");
    }

    #[test]
    fn a_statement_that_lets_nobody_in_is_no_trust() {
        let denied = web_identity(ISSUER, "").replace("Allow", "Deny");
        assert_eq!(outcomes(ID, with(trusting(&denied), &[], &[ISSUER])), [Fail]);
        let wrong = web_identity(ISSUER, "").replace("WithWebIdentity", "WithSAML");
        assert_eq!(outcomes(ID, with(trusting(&wrong), &[], &[ISSUER])), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().role("ec2", |role| role)), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::AuthorizationDetails, Topic::IdentityProviders] {
            let account = with(trusting(&web_identity(ISSUER, "")), &[], &[ISSUER]);
            assert_eq!(outcomes(ID, account.deny(topic)), [NotEvaluated]);
        }
        let broken = Account::new().role("x", |role| role.trust("none"));
        assert_eq!(outcomes(ID, with(broken, &[OKTA], &[])), [NotEvaluated]);
    }

    #[test]
    fn trap_identity_center_looks_after_its_own_provider() {
        let managed = "arn:aws:iam::123456789012:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE";
        assert_eq!(outcomes(ID, with(Account::new(), &[managed], &[])), [NotApplicable]);
    }

    #[test]
    fn trap_the_date_of_creation_tells_of_an_intruder() {
        let [found] = all(with(Account::new(), &[OKTA], &[])).try_into().expect("one finding");
        assert!(found.evidence.iter().any(|item| item.key == "CreateDate"), "{found:#?}");
    }

    #[test]
    fn trap_a_dangling_trust_comes_alive_again_with_its_provider() {
        let [found] = all(trusting(&web_identity(ISSUER, ""))).try_into().expect("one finding");
        assert_eq!((found.outcome, found.resource_kind), (Fail, ResourceKind::IamRole));
        assert_eq!(found.resource.name(), "deploy");
        let built_in = web_identity(ISSUER, "").replace(&provider(ISSUER), "accounts.google.com");
        assert_eq!(outcomes(ID, trusting(&built_in)), [NotApplicable]);
    }
}
