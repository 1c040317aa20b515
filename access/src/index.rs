//! Every principal of the account with its policies, worked out once from a snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use probity_model::facts::authorization::{AttachedPolicy, Group, InlinePolicy, ManagedPolicy, Role, User};
use probity_model::facts::{
    AuthorizationDetails, CredentialReport, OrganizationMembership, OrganizationPolicies, OrganizationStructure,
};
use probity_model::{AccountId, Arn, Evidence, FactSet, Gap, GapKind, Inference, Need, Partition, Snapshot, Timestamp};
use probity_policy::Caller;

use crate::organization::{Binding, Levels};
use crate::principal::{Held, Principal, PrincipalKind, Via};
use crate::source::Source;
use crate::workloads::Workloads;

/// Who can do what in an account: the index that every question is asked of.
///
/// Users come first and roles after them, each in the order of their ARNs; the order of the snapshot does not show.
#[derive(Clone, Debug)]
pub struct Access {
    pub(crate) account: AccountId,
    pub(crate) taken_at: Timestamp,
    pub(crate) partition: Partition,
    pub(crate) principals: Vec<Principal>,
    pub(crate) by_arn: BTreeMap<String, usize>,
    pub(crate) groups: BTreeMap<String, GroupHeld>,
    pub(crate) managed: BTreeMap<Arn, Managed>,
    pub(crate) levels: Levels,
    pub(crate) credentials: BTreeMap<String, Credentials>,
    /// Only what leads through what runs looks at it, and says that it needs it.
    pub(crate) workloads: Workloads,
    /// By ARN.
    pub(crate) resource_policies: BTreeMap<String, Arc<Source>>,
    /// The ARNs of those that have none.
    pub(crate) without_policy: BTreeSet<String>,
}

/// A group with its policies.
#[derive(Clone, Debug)]
pub(crate) struct GroupHeld {
    pub(crate) arn: Arn,
    pub(crate) held: Vec<Held>,
}

/// A managed policy that the snapshot holds.
#[derive(Clone, Debug)]
pub(crate) struct Managed {
    pub(crate) source: Arc<Source>,
    pub(crate) is_aws_managed: bool,
    /// Versions that are not in force: id and document.
    pub(crate) dormant: Vec<(String, Arc<Source>)>,
    pub(crate) versions: usize,
}

/// What is known of a user's credentials.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Credentials {
    /// Whether there is a console password; `None` where the report does not tell.
    pub(crate) password: Option<bool>,
    /// How many access keys there are; `None` where the report does not tell.
    pub(crate) keys: Option<usize>,
    /// Whether there is a second factor; `None` where the report does not tell.
    pub(crate) mfa: Option<bool>,
}

type Facts<'s> = (
    &'s AuthorizationDetails,
    Option<&'s OrganizationMembership>,
    Option<&'s OrganizationStructure>,
    Option<&'s OrganizationPolicies>,
    Option<&'s CredentialReport>,
);

impl Inference for Access {
    fn needs() -> Vec<Need> {
        Facts::needs()
    }

    fn infer(evidence: &Evidence<'_>) -> Result<Self, Gap> {
        Access::of(evidence.snapshot())
    }
}

/// What the details hold, by name and ARN.
struct Shelf {
    managed: BTreeMap<Arn, Managed>,
    groups: BTreeMap<String, GroupHeld>,
}

impl Access {
    /// Works out who holds what.
    ///
    /// # Errors
    /// The gap in place of the authorization details. Where the organization could not be read and the account may be
    /// a member, its policies count as unread.
    pub fn of(snapshot: &Snapshot) -> Result<Access, Gap> {
        let details = snapshot.facts.authorization_details.get().map_err(Clone::clone)?;
        let levels = Levels::of(snapshot);
        let shelf = Shelf::new(details);
        let id = levels.id.as_deref();
        let users = details.users.iter().map(|user| shelf.user(user, id).ok_or(&user.arn));
        let roles = details.roles.iter().map(|role| shelf.role(role, id).ok_or(&role.arn));
        let mut principals: Vec<Principal> = users.chain(roles).collect::<Result<_, &Arn>>().map_err(no_principal)?;
        principals.sort_by(|a, b| (!a.is_user(), &a.arn).cmp(&(!b.is_user(), &b.arn)));
        // The time of the snapshot is now.
        let now = ("aws:CurrentTime".to_owned(), snapshot.taken_at.to_string());
        let epoch = ("aws:EpochTime".to_owned(), snapshot.taken_at.as_second().to_string());
        for principal in &mut principals {
            principal.groups.sort_unstable();
            principal.identity.sort_by(|a, b| (&a.via, a.source.name()).cmp(&(&b.via, b.source.name())));
            principal.keys.extend([now.clone(), epoch.clone()]);
        }
        let by_arn = principals
            .iter()
            .enumerate()
            .map(|(number, principal)| (principal.arn.as_str().to_owned(), number))
            .collect();
        let report = snapshot.facts.credential_report.get().ok();
        Ok(Access {
            account: snapshot.account.clone(),
            taken_at: snapshot.taken_at,
            partition: snapshot.partition.clone(),
            principals,
            by_arn,
            groups: shelf.groups,
            managed: shelf.managed,
            levels,
            credentials: report.map(credentials).unwrap_or_default(),
            workloads: Workloads::of(snapshot),
            resource_policies: BTreeMap::new(),
            without_policy: BTreeSet::new(),
        })
    }

    /// The account's number.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Every user and role.
    #[must_use]
    pub fn principals(&self) -> &[Principal] {
        &self.principals
    }

    /// The principal with this ARN.
    #[must_use]
    pub fn principal(&self, arn: &Arn) -> Option<&Principal> {
        self.by_arn.get(arn.as_str()).and_then(|number| self.principals.get(*number))
    }

    /// The principals with this friendly name: a user and a role may share one.
    pub fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Principal> {
        self.principals.iter().filter(move |principal| principal.name == name)
    }

    /// How the policies of the organization bind the account.
    #[must_use]
    pub fn organization(&self) -> &Binding {
        &self.levels.binding
    }
}

impl Shelf {
    fn new(details: &AuthorizationDetails) -> Shelf {
        let managed = details.policies.iter().map(|policy| (policy.arn.clone(), Managed::new(policy))).collect();
        let mut shelf = Shelf { managed, groups: BTreeMap::new() };
        let groups = details.groups.iter().map(|group| (group.name.clone(), shelf.group(group))).collect();
        shelf.groups = groups;
        shelf
    }

    /// A managed policy; unread where the snapshot does not hold it.
    fn managed(&self, arn: &Arn) -> Arc<Source> {
        self.managed.get(arn).map_or_else(
            || Source::unread(arn.as_str(), "the snapshot does not hold the document"),
            |managed| Arc::clone(&managed.source),
        )
    }

    fn held(&self, owner: &str, attached: &[AttachedPolicy], inline: &[InlinePolicy]) -> Vec<Held> {
        let attached = attached.iter().map(|policy| Held { source: self.managed(&policy.arn), via: Via::Attached });
        let inline = inline.iter().map(|policy| Held {
            source: Source::new(format!("{owner}/{}", policy.name), &policy.document),
            via: Via::Inline,
        });
        let mut held: Vec<Held> = attached.chain(inline).collect();
        held.sort_by(|a, b| (&a.via, a.source.name()).cmp(&(&b.via, b.source.name())));
        held
    }

    fn group(&self, group: &Group) -> GroupHeld {
        let held = self.held(&format!("group/{}", group.name), &group.attached_policies, &group.inline_policies);
        let through = |held: Held| {
            let name = group.name.clone();
            let via = if held.via.is_managed() { Via::GroupAttached(name) } else { Via::GroupInline(name) };
            Held { via, ..held }
        };
        GroupHeld { arn: group.arn.clone(), held: held.into_iter().map(through).collect() }
    }

    fn user(&self, user: &User, organization: Option<&str>) -> Option<Principal> {
        let mut identity = self.held(&format!("user/{}", user.name), &user.attached_policies, &user.inline_policies);
        for name in &user.groups {
            match self.groups.get(name) {
                Some(group) => identity.extend(group.held.iter().cloned()),
                // A group that the snapshot does not hold may grant anything.
                None => identity.push(Held {
                    source: Source::unread(format!("group/{name}"), "the snapshot does not hold the group"),
                    via: Via::GroupInline(name.clone()),
                }),
            }
        }
        let tags = user.tags.iter().map(|(key, value)| (format!("aws:PrincipalTag/{key}"), value.clone()));
        let own = [("aws:userid".to_owned(), user.id.clone())];
        Some(Principal {
            arn: user.arn.clone(),
            name: user.name.clone(),
            kind: PrincipalKind::User,
            identity,
            boundary: user.permissions_boundary.as_ref().map(|arn| self.managed(arn)),
            trust: None,
            groups: user.groups.clone(),
            tags: user.tags.clone(),
            instance_profiles: 0,
            caller: Caller::parse(user.arn.as_str())?,
            keys: tags.chain(own).chain(in_organization(organization)).collect(),
        })
    }

    fn role(&self, role: &Role, organization: Option<&str>) -> Option<Principal> {
        let kind = if role.is_service_linked() { PrincipalKind::ServiceLinkedRole } else { PrincipalKind::Role };
        Some(Principal {
            arn: role.arn.clone(),
            name: role.name.clone(),
            kind,
            identity: self.held(&format!("role/{}", role.name), &role.attached_policies, &role.inline_policies),
            boundary: role.permissions_boundary.as_ref().map(|arn| self.managed(arn)),
            trust: Some(Source::new(format!("{} (trust policy)", role.arn), &role.trust_policy)),
            groups: Vec::new(),
            tags: role.tags.clone(),
            instance_profiles: role.instance_profiles.len(),
            caller: Caller::parse(role.arn.as_str())?,
            // Tags of a session may stand in place of the role's: what `aws:PrincipalTag` holds stays open.
            keys: in_organization(organization).collect(),
        })
    }
}

impl Managed {
    fn new(policy: &ManagedPolicy) -> Managed {
        let source = match policy.default_version() {
            Some(version) => Source::new(policy.arn.as_str(), &version.document),
            None => Source::unread(policy.arn.as_str(), "the snapshot does not hold the version in force"),
        };
        let dormant = policy.versions.iter().filter(|version| !version.is_default).map(|version| {
            let name = format!("{} ({})", policy.arn, version.id);
            (version.id.clone(), Source::new(name, &version.document))
        });
        Managed {
            source,
            is_aws_managed: policy.is_aws_managed(),
            dormant: dormant.collect(),
            versions: policy.versions.len(),
        }
    }
}

/// A principal whose ARN is none would silently have no permissions: nothing is answered then.
fn no_principal(arn: &Arn) -> Gap {
    Gap {
        kind: GapKind::Malformed,
        operation: Some("iam:GetAccountAuthorizationDetails".to_owned()),
        region: None,
        code: None,
        message: format!("`{arn}` is not the ARN of a user or a role"),
    }
}

fn in_organization(id: Option<&str>) -> impl Iterator<Item = (String, String)> {
    id.map(|id| ("aws:PrincipalOrgID".to_owned(), id.to_owned())).into_iter()
}

fn credentials(report: &CredentialReport) -> BTreeMap<String, Credentials> {
    use probity_model::facts::credential_report::Cell;
    let of = |row: &probity_model::facts::credential_report::CredentialRow| {
        let slots = row.access_keys.iter().map(|key| match (&key.active, &key.last_rotated) {
            (Cell::Value(true), _) | (_, Cell::Value(_)) => Some(1),
            (Cell::Value(false), Cell::NotApplicable) => Some(0),
            _ => None,
        });
        let keys = slots.sum::<Option<usize>>();
        let (password, mfa) = (row.password_enabled.value().copied(), row.mfa_active.value().copied());
        (row.user.clone(), Credentials { password, keys, mfa })
    };
    report.users.iter().map(of).collect()
}
