//! Identity providers as trust policies name them, and what names a tenant in the tokens of those that many share.

use alloc::format;
use alloc::vec::Vec;

use crate::trust::{Opening, Party};
use crate::trust_demands::{Demand, Demands, is_literal};

/// The audience that the tools of most issuers ask for: every tenant has it.
const COMMON_AUDIENCE: &str = "sts.amazonaws.com";

/// An identity provider that a statement trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Provider<'t> {
    /// OpenID Connect, by the issuer's URL without its scheme: `token.actions.githubusercontent.com`.
    OpenIdConnect(&'t str),
    /// SAML 2.0, by the provider's ARN.
    Saml(&'t str),
    /// A name that is neither, such as `*`.
    Other(&'t str),
}

/// Where a shared issuer puts the tenant: the claim, what stands before it, and what closes it.
struct Place {
    claim: &'static str,
    prefix: &'static str,
    separator: Option<char>,
}

/// Whether a demand names a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Naming {
    /// It does.
    Tenant,
    /// The value has another shape than the issuer's usual one.
    Unclear,
    /// Tenants nobody has heard of satisfy it.
    Nobody,
}

const fn place(claim: &'static str, prefix: &'static str, separator: Option<char>) -> Place {
    Place { claim, prefix, separator }
}

/// The places of the tenant, by issuer (IAM User Guide, "Identity-provider controls for shared OIDC providers", and the
/// vendors' own pages on their claims).
const PLACES: [(&str, &[Place]); 10] = [
    (
        "token.actions.githubusercontent.com",
        &[
            place("sub", "repo:", Some('/')),
            place("repository", "", Some('/')),
            place("repository_owner", "", None),
            place("repository_id", "", None),
            place("repository_owner_id", "", None),
            place("job_workflow_ref", "", Some('/')),
        ],
    ),
    (
        "gitlab.com",
        &[place("sub", "project_path:", Some('/')), place("project_id", "", None), place("namespace_id", "", None)],
    ),
    ("app.terraform.io", &[place("sub", "organization:", Some(':'))]),
    ("oidc.circleci.com", &[place("sub", "org/", Some('/'))]),
    ("agent.buildkite.com", &[place("sub", "organization:", Some(':')), place("organization_id", "", None)]),
    ("api.bitbucket.org", &[place("sub", "", Some(':'))]),
    ("oidc.vercel.com", &[place("aud", "https://vercel.com/", None), place("sub", "owner:", Some(':'))]),
    ("api.pulumi.com/oidc", &[place("aud", "", None), place("sub", "pulumi:deploy:org:", Some(':'))]),
    ("accounts.google.com", &[place("sub", "", None), place("aud", "", None), place("oaud", "", None)]),
    ("cognito-identity.amazonaws.com", &[place("aud", "", None), place("sub", "", None)]),
];

/// Where the tenant stands for an issuer that is not in the list.
const USUAL: &[Place] = &[place("sub", "", None)];

impl<'t> Provider<'t> {
    /// Reads the name in `Federated`: an ARN, or the host of a provider that is built into IAM.
    pub(crate) fn of(name: &'t str) -> Self {
        let resource = name.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4));
        match resource {
            Some(resource) => {
                if let Some(issuer) = resource.strip_prefix("oidc-provider/") {
                    Self::OpenIdConnect(issuer)
                } else if resource.starts_with("saml-provider/") {
                    Self::Saml(name)
                } else {
                    Self::Other(name)
                }
            }
            None if name.contains('.') && !name.contains(['*', ':']) => Self::OpenIdConnect(name),
            None => Self::Other(name),
        }
    }

    /// The action by which those whom the provider vouches for get in.
    fn action(self) -> Option<&'static str> {
        match self {
            Self::OpenIdConnect(_) => Some("sts:AssumeRoleWithWebIdentity"),
            Self::Saml(_) => Some("sts:AssumeRoleWithSAML"),
            Self::Other(_) => None,
        }
    }
}

/// The providers for which a statement opens the role, by the action that is theirs.
pub(crate) fn providers<'t>(opening: &Opening<'t>) -> Vec<Provider<'t>> {
    let names = opening.parties().into_iter().filter_map(|party| match party {
        Party::Provider(name) => Some(Provider::of(name)),
        _ => None,
    });
    names.filter(|provider| provider.action().is_none_or(|action| opening.allows(action))).collect()
}

/// The demands on a claim of an issuer.
pub(crate) fn on_claim<'a, 'd>(
    demands: &'a Demands<'d>,
    issuer: &str,
    claim: &str,
) -> impl Iterator<Item = &'a Demand<'d>> + use<'a, 'd> {
    demands.on(&format!("{issuer}:{claim}"))
}

/// Whether the demands name a tenant of a shared issuer, by the best of them; nothing where they speak of none of the
/// claims that could.
pub(crate) fn tenant(demands: &Demands<'_>, issuer: &str) -> Option<Naming> {
    let places = PLACES.iter().find(|(known, _)| *known == issuer).map_or(USUAL, |(_, places)| *places);
    let namings =
        places.iter().flat_map(|place| on_claim(demands, issuer, place.claim).map(|demand| place.names(demand)));
    namings.min()
}

/// Whether the demands say more of a token than that this issuer gave it: a claim other than the audience that
/// everybody asks for.
pub(crate) fn demand_a_claim(demands: &Demands<'_>, issuer: &str) -> bool {
    let prefix = format!("{}:", issuer.to_lowercase());
    demands.iter().any(|demand| {
        let says = |value: &str| !value.is_empty() && !value.starts_with(['*', '?']) && !value.contains("${");
        match demand.key.strip_prefix(&prefix) {
            None => false,
            Some("aud") => demand.literals().is_some_and(|values| values.iter().all(|value| value != COMMON_AUDIENCE)),
            Some(_) => demand.values.iter().all(|value| says(value)),
        }
    })
}

impl Place {
    /// Whether every value of a demand on the claim names a tenant.
    fn names(&self, demand: &Demand<'_>) -> Naming {
        if demand.patterns().is_none() {
            return Naming::Nobody;
        }
        demand.values.iter().map(|value| self.named(value)).max().unwrap_or(Naming::Nobody)
    }

    fn named(&self, value: &str) -> Naming {
        if is_literal(value) {
            let says_nothing = value.is_empty() || (self.claim == "aud" && value == COMMON_AUDIENCE);
            return if says_nothing { Naming::Nobody } else { Naming::Tenant };
        }
        let fixed = value.split(['*', '?']).next().unwrap_or_default();
        match (fixed.strip_prefix(self.prefix), self.separator) {
            // The tenant must be closed: `repo:org*` is also the repositories of `org-evil`.
            (Some(rest), Some(separator)) if rest.find(separator).is_some_and(|at| at > 0) => Naming::Tenant,
            (Some(_), _) => Naming::Nobody,
            (None, _) if self.prefix.starts_with(fixed) => Naming::Nobody,
            (None, _) => Naming::Unclear,
        }
    }
}
