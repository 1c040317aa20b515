//! Who asks, and which principals of a policy mean them.

use crate::context::Context;
use crate::document::{Effect, Principal, Principals};
use crate::truth::Truth;

/// Who makes a request, with the context keys that follow from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    kind: Kind,
    /// The account, where there is one.
    account: Option<String>,
    /// What the request's context says of the caller.
    pub(crate) context: Context,
}

/// What kind of principal it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Root,
    User {
        arn: String,
    },
    /// Any session of a role.
    Role {
        arn: String,
    },
    /// One session. Its ARN does not tell the path of the role.
    Session {
        arn: String,
        role: Option<String>,
    },
    /// A session of GetFederationToken.
    FederatedUser {
        arn: String,
        user: Option<String>,
    },
    Service {
        name: String,
    },
    /// Someone whom a SAML or OIDC provider vouches for, before they have a role.
    Provider {
        arn: String,
    },
    Anonymous,
}

/// How strongly a resource's policy speaks of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// It names the caller, or everyone: nothing else is needed in the same account.
    pub(crate) direct: Truth,
    /// It names the role behind the caller: boundary and session policy still count.
    pub(crate) role: Truth,
    /// It names the caller's account, which has to allow by itself.
    pub(crate) account: Truth,
}

impl Reach {
    const NONE: Reach = Reach { direct: Truth::No, role: Truth::No, account: Truth::No };
    pub(crate) const DIRECT: Reach = Reach { direct: Truth::Yes, ..Reach::NONE };
    const ROLE: Reach = Reach { role: Truth::Yes, ..Reach::NONE };
    const ACCOUNT: Reach = Reach { account: Truth::Yes, ..Reach::NONE };

    /// Whether it speaks of the caller at all.
    pub(crate) fn any(self) -> Truth {
        self.direct.or(self.role).or(self.account)
    }

    fn or(self, other: Reach) -> Reach {
        Reach {
            direct: self.direct.or(other.direct),
            role: self.role.or(other.role),
            account: self.account.or(other.account),
        }
    }
}

impl Caller {
    /// Reads the ARN of an account's root, a user, a role, a session or an identity provider; an account's number,
    /// which means its root; or the name of a service. `None` for anything else.
    ///
    /// A role means any session of it. The ARN of a session does not tell the role's path, so that `aws:PrincipalArn`
    /// stays unknown; see [`Caller::session`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Caller> {
        if is_account(name) {
            return Some(Caller::root(&format!("arn:aws:iam::{name}:root"), name));
        }
        let Some((service, account, rest)) = arn(name) else {
            let is_service = name.contains('.') && !name.contains(['/', ':', '*']);
            return is_service.then(|| Caller::service(name));
        };
        let own = name.to_owned();
        match (service, rest.split_once('/').map_or(rest, |(kind, _)| kind)) {
            ("iam", "root") => Some(Caller::root(name, account)),
            ("iam", "user") => {
                let user = rest.rsplit('/').next().unwrap_or_default();
                Some(Caller::new(
                    Kind::User { arn: own },
                    account,
                    &[
                        ("aws:principalarn", name),
                        ("aws:principalaccount", account),
                        ("aws:principaltype", "User"),
                        ("aws:username", user),
                        ("aws:principalisawsservice", "false"),
                    ],
                    &["aws:principalservicename", "aws:principalservicenameslist"],
                ))
            }
            ("iam", "role") => Some(Caller::assumed(Kind::Role { arn: own }, account, Some(name))),
            ("sts", "assumed-role") => Some(Caller::assumed(Kind::Session { arn: own, role: None }, account, None)),
            ("sts", "federated-user") => Some(Caller::new(
                Kind::FederatedUser { arn: own, user: None },
                account,
                &[
                    ("aws:principalarn", name),
                    ("aws:principalaccount", account),
                    ("aws:principaltype", "FederatedUser"),
                    ("aws:principalisawsservice", "false"),
                ],
                &["aws:username", "aws:principalservicename", "aws:principalservicenameslist"],
            )),
            ("iam", "saml-provider" | "oidc-provider") => Some(Caller::new(
                Kind::Provider { arn: own },
                account,
                &[("aws:principalisawsservice", "false")],
                &["aws:username", "aws:principalarn", "aws:principalservicename", "aws:principalservicenameslist"],
            )),
            _ => None,
        }
    }

    /// A session of a role, by the role's ARN with its path, and the session's name.
    #[must_use]
    pub fn session(role: &str, name: &str) -> Option<Caller> {
        let ("iam", account, rest) = arn(role)? else { return None };
        let role_name = rest.strip_prefix("role/")?.rsplit('/').next()?;
        let partition = role.split(':').nth(1)?;
        let arn = format!("arn:{partition}:sts::{account}:assumed-role/{role_name}/{name}");
        Some(Caller::assumed(Kind::Session { arn, role: Some(role.to_owned()) }, account, Some(role)))
    }

    /// The same federated session, with the user who asked for it.
    #[must_use]
    pub fn behind(mut self, user_arn: &str) -> Caller {
        if let Kind::FederatedUser { user, .. } = &mut self.kind {
            *user = Some(user_arn.to_owned());
        }
        self
    }

    /// Someone without credentials.
    #[must_use]
    pub fn anonymous() -> Caller {
        let absent =
            ["aws:username", "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"];
        let kind = [("aws:principaltype", "Anonymous"), ("aws:principalisawsservice", "false")];
        Caller { account: None, ..Caller::new(Kind::Anonymous, "", &kind, &absent) }
    }

    /// Someone whom an identity provider vouches for: the provider's ARN, or its name where AWS knows it by itself, such as
    /// `accounts.google.com`.
    #[must_use]
    pub fn federated(provider: &str) -> Caller {
        let absent = ["aws:username", "aws:principalarn", "aws:principalservicename", "aws:principalservicenameslist"];
        let kind = Kind::Provider { arn: provider.to_owned() };
        let account = arn(provider).map(|(_, account, _)| account);
        let caller = Caller::new(kind, "", &[("aws:principalisawsservice", "false")], &absent);
        Caller { account: account.map(str::to_owned), ..caller }
    }

    /// Someone with credentials of AWS of whom nothing more is known than the account, or not even that.
    #[must_use]
    pub fn someone(account: Option<&str>) -> Caller {
        let kind = Kind::Session { arn: String::new(), role: None };
        let absent = ["aws:principalservicename", "aws:principalservicenameslist"];
        let mut caller = Caller::new(kind, "", &[("aws:principalisawsservice", "false")], &absent);
        if let Some(account) = account {
            caller.context.set("aws:principalaccount", [account]);
        }
        Caller { account: account.map(str::to_owned), ..caller }
    }

    fn root(arn: &str, account: &str) -> Caller {
        Caller::new(
            Kind::Root,
            account,
            &[
                ("aws:principalarn", arn),
                ("aws:principalaccount", account),
                ("aws:principaltype", "Account"),
                ("aws:principalisawsservice", "false"),
            ],
            &["aws:username", "aws:principalservicename", "aws:principalservicenameslist"],
        )
    }

    fn service(name: &str) -> Caller {
        let absent =
            ["aws:username", "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"];
        let present = [("aws:principalisawsservice", "true"), ("aws:principalservicename", name)];
        Caller { account: None, ..Caller::new(Kind::Service { name: name.to_owned() }, "", &present, &absent) }
    }

    fn assumed(kind: Kind, account: &str, role: Option<&str>) -> Caller {
        let mut caller = Caller::new(
            kind,
            account,
            &[
                ("aws:principalaccount", account),
                ("aws:principaltype", "AssumedRole"),
                ("aws:principalisawsservice", "false"),
            ],
            &["aws:username", "aws:principalservicename", "aws:principalservicenameslist"],
        );
        if let Some(role) = role {
            caller.context.set("aws:principalarn", [role]);
        }
        caller
    }

    fn new(kind: Kind, account: &str, present: &[(&str, &str)], absent: &[&str]) -> Caller {
        let mut context = Context::partial();
        for (key, value) in present {
            context.set(key, [*value]);
        }
        for key in absent {
            context.set(key, [] as [String; 0]);
        }
        Caller { kind, account: Some(account.to_owned()), context }
    }

    /// The account's number; none for a service and for someone anonymous.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Whether the role behind a session is known without its path, so that its ARN is not.
    pub(crate) fn has_open_arn(&self) -> bool {
        matches!(self.kind, Kind::Session { role: None, .. })
    }

    pub(crate) fn is_root(&self) -> bool {
        self.kind == Kind::Root
    }

    pub(crate) fn is_federated_user(&self) -> bool {
        matches!(self.kind, Kind::FederatedUser { .. })
    }

    /// Whether policies of its own can be attached to it, or to what stands behind it.
    pub(crate) fn has_identity(&self) -> bool {
        !matches!(self.kind, Kind::Service { .. } | Kind::Provider { .. } | Kind::Anonymous)
    }

    /// Whether it is a role that AWS keeps for a service; organization policies spare it.
    pub(crate) fn is_service_linked(&self) -> bool {
        match &self.kind {
            Kind::Role { arn } | Kind::Session { role: Some(arn), .. } => arn.contains(":role/aws-service-role/"),
            // The prefix is AWS's own: nobody else can make such a role.
            Kind::Session { arn, role: None } => arn.contains(":assumed-role/AWSServiceRoleFor"),
            _ => false,
        }
    }

    /// Whether the principals of a statement with this effect mean the caller. A permissions boundary, which changes
    /// what `NotPrincipal` denies, is not considered.
    #[must_use]
    pub fn is_meant_by(&self, principals: &Principals, effect: Effect) -> Truth {
        match effect {
            Effect::Allow => self.reached_by(principals).any(),
            Effect::Deny => self.denied_by(principals, false),
        }
    }

    /// How strongly principals of an Allow speak of the caller.
    pub(crate) fn reached_by(&self, principals: &Principals) -> Reach {
        match principals {
            Principals::Only(named) => {
                named.iter().map(|principal| self.named_by(principal)).fold(Reach::NONE, Reach::or)
            }
            Principals::AllBut(named) => {
                let spared = self.listed(named);
                let direct = match spared {
                    Truth::Yes => Truth::No,
                    // Named only in part, by the role without its account for example: nobody documents it.
                    Truth::No if named.iter().any(|principal| self.named_by(principal).any() != Truth::No) => {
                        Truth::Unknown
                    }
                    other => other.negate(),
                };
                Reach { direct, ..Reach::NONE }
            }
        }
    }

    /// Whether principals of a Deny mean the caller. `NotPrincipal` with Deny spares only whom it lists together with
    /// the role and the account, and nobody who has a permissions boundary.
    pub(crate) fn denied_by(&self, principals: &Principals, has_boundary: bool) -> Truth {
        match principals {
            Principals::Only(_) => self.reached_by(principals).any(),
            Principals::AllBut(_) if has_boundary => Truth::Yes,
            Principals::AllBut(named) => self.listed(named).negate(),
        }
    }

    fn named_by(&self, principal: &Principal) -> Reach {
        if principal.is_everyone() {
            return Reach::DIRECT;
        }
        match (principal, &self.kind) {
            (Principal::Aws(name), _) => self.named_by_aws(name),
            (Principal::Service(name), Kind::Service { name: own }) if name == own || name == "*" => Reach::DIRECT,
            (Principal::Federated(name), Kind::Provider { arn }) if name == arn || name == "*" => Reach::DIRECT,
            // A canonical id is an account's; whose, the policy does not tell.
            (Principal::CanonicalUser(_), _) if self.has_identity() => Reach { account: Truth::Unknown, ..Reach::NONE },
            _ => Reach::NONE,
        }
    }

    fn named_by_aws(&self, name: &str) -> Reach {
        if self.has_identity() && self.account.as_deref().is_some_and(|account| is_account_name(name, account)) {
            return Reach::ACCOUNT;
        }
        match &self.kind {
            Kind::User { arn } if arn == name => Reach::DIRECT,
            Kind::Role { arn } if arn == name => Reach::ROLE,
            Kind::Role { arn } if is_session_of(name, arn) => Reach { direct: Truth::Unknown, ..Reach::NONE },
            Kind::Session { arn, .. } if arn == name => Reach::DIRECT,
            Kind::Session { role: Some(role), .. } if role == name => Reach::ROLE,
            // Names of roles are unique in an account, whatever their path.
            Kind::Session { arn, role: None } if is_session_of(arn, name) => Reach::ROLE,
            Kind::FederatedUser { arn, .. } if arn == name => Reach::DIRECT,
            Kind::FederatedUser { user: Some(user), .. } if user == name => Reach::ROLE,
            _ => Reach::NONE,
        }
    }

    /// Whether a list spares the caller: everything that the caller is must be in it.
    fn listed(&self, named: &[Principal]) -> Truth {
        if named.iter().any(Principal::is_everyone) {
            return Truth::Yes;
        }
        let reach = named.iter().map(|principal| self.named_by(principal)).fold(Reach::NONE, Reach::or);
        match &self.kind {
            Kind::Root => reach.account,
            Kind::User { .. } => reach.direct.and(reach.account),
            Kind::Role { .. } | Kind::Session { .. } => reach.direct.and(reach.role).and(reach.account),
            Kind::FederatedUser { user: None, .. } => reach.direct.and(reach.account),
            Kind::FederatedUser { user: Some(_), .. } => reach.direct.and(reach.role).and(reach.account),
            Kind::Service { .. } | Kind::Provider { .. } => reach.direct,
            Kind::Anonymous => Truth::No,
        }
    }
}

/// Service, account and the rest of an ARN.
pub(crate) fn arn(text: &str) -> Option<(&str, &str, &str)> {
    let mut parts = text.splitn(6, ':');
    if parts.next()? != "arn" {
        return None;
    }
    let (_partition, service, _region, account) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some((service, account, parts.next()?))
}

/// Whether a text has the form of an account's number.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_account_name(name: &str, account: &str) -> bool {
    name == account || arn(name).is_some_and(|parts| parts == ("iam", account, "root"))
}

/// Whether the ARN of a session belongs to a role. Paths are not part of it.
fn is_session_of(session: &str, role: &str) -> bool {
    let (Some(("sts", account, session)), Some(("iam", role_account, role))) = (arn(session), arn(role)) else {
        return false;
    };
    let session_role =
        session.strip_prefix("assumed-role/").and_then(|rest| rest.split_once('/')).map(|(role, _)| role);
    let role_name = role.strip_prefix("role/").and_then(|rest| rest.rsplit('/').next());
    account == role_account && session_role.is_some() && session_role == role_name
}

#[cfg(test)]
mod tests;
