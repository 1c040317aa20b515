//! Every policy of an account with whom it is attached to, parsed once, and what is wrong with its statements.
//!
//! Of managed policies it is the version in force. A policy that somebody has and that the evidence does not hold is here
//! too, as one that cannot be read.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::{DocumentText, InlinePolicy, ManagedPolicy};
use probity_model::{Arn, Findings, Partition, Severity, Subject};
use probity_policy::{Context, Document, Statement, Target, Truth};

use crate::{everything, trust};

/// What a verdict on statements does not consider.
pub(crate) const NOT_CONSIDERED: &str = "Deny statements, permissions boundaries, SCPs, RCPs, session policies";

/// Where a policy lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In one user, group or role.
    Inline,
    /// By itself, made in the account.
    CustomerManaged,
    /// By itself, made by AWS.
    AwsManaged,
    /// The trust policy of a role.
    Trust,
}

/// A policy.
pub(crate) struct Policy<'s> {
    pub(crate) place: Place,
    /// The ARN of a managed policy; of one that is not, that of the user, group or role that holds it.
    pub(crate) arn: &'s Arn,
    /// The name of an inline policy.
    pub(crate) name: Option<&'s str>,
    /// Who has it: users, groups and roles, in the order of their ARNs.
    pub(crate) holders: &'s [Arn],
    /// The document as it is written, where it was read.
    pub(crate) text: Option<&'s str>,
    /// What the document says, or why it cannot be read.
    pub(crate) document: Result<&'s Document, String>,
    managed: Option<&'s ManagedPolicy>,
    is_boundary: bool,
}

/// A mistake in a statement.
pub(crate) struct Flaw {
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What follows the words "statement 1".
    pub(crate) message: String,
}

/// How many resources of a kind a statement names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    Nothing,
    Some,
    /// All but those that `NotResource` excepts.
    AllBut,
    All,
}

/// The policies that users, groups and roles have, and those that nobody has.
pub(crate) fn policies(details: &AuthorizationDetails) -> Vec<Policy<'_>> {
    let managed = details.attachments().iter().map(|attachment| {
        let policy = attachment.place.and_then(|place| details.policies.get(place));
        let version = policy.map(ManagedPolicy::default_version);
        Policy {
            place: if attachment.policy.account() == "aws" { Place::AwsManaged } else { Place::CustomerManaged },
            arn: &attachment.policy,
            name: None,
            holders: &attachment.holders,
            text: version.flatten().map(|version| version.document.as_str()),
            document: match version {
                Some(Some(version)) => parse(&version.document),
                Some(None) => Err("the authorization details do not hold the version in force".to_string()),
                None => Err("the authorization details do not hold the policy".to_string()),
            },
            managed: policy,
            is_boundary: attachment.is_boundary
                || policy.is_some_and(|policy| policy.boundary_usage_count.unwrap_or(0) > 0),
        }
    });
    let inline = owners(details).flat_map(|(owner, own)| {
        own.iter().map(move |policy| Policy {
            place: Place::Inline,
            arn: owner,
            name: Some(&policy.name),
            holders: core::slice::from_ref(owner),
            text: Some(policy.document.as_str()),
            document: parse(&policy.document),
            managed: None,
            is_boundary: false,
        })
    });
    managed.chain(inline).collect()
}

/// The trust policies of the roles that are the account's own to change.
pub(crate) fn trust_policies(details: &AuthorizationDetails) -> impl Iterator<Item = Policy<'_>> {
    details.roles.iter().filter(|role| trust::kept_by_aws(role).is_none()).map(|role| Policy {
        place: Place::Trust,
        arn: &role.arn,
        name: None,
        holders: core::slice::from_ref(&role.arn),
        text: Some(role.trust_policy.as_str()),
        document: parse(&role.trust_policy),
        managed: None,
        is_boundary: false,
    })
}

/// The users, groups and roles that have a policy which allows everything, users also through a group.
pub(crate) fn administrators<'s>(
    policies: &[Policy<'s>],
    details: &'s AuthorizationDetails,
    partition: &Partition,
) -> BTreeSet<&'s Arn> {
    let everything = policies.iter().filter(|policy| policy.allows_everything(partition));
    let mut found: BTreeSet<&Arn> = everything.flat_map(|policy| policy.holders).collect();
    let groups = details.groups.iter().filter(|group| found.contains(&group.arn));
    let members: Vec<&Arn> = groups.flat_map(|group| details.members(group)).map(|user| &user.arn).collect();
    found.extend(members);
    found
}

type Owner<'s> = (&'s Arn, &'s [InlinePolicy]);

fn owners(details: &AuthorizationDetails) -> impl Iterator<Item = Owner<'_>> {
    let users = details.users.iter().map(|one| (&one.arn, &*one.inline_policies));
    let groups = details.groups.iter().map(|one| (&one.arn, &*one.inline_policies));
    let roles = details.roles.iter().map(|one| (&one.arn, &*one.inline_policies));
    users.chain(groups).chain(roles)
}

fn parse(text: &DocumentText) -> Result<&Document, String> {
    probity_access::read(text).map_err(|error| format!("the policy document cannot be read: {error}"))
}

impl<'s> Policy<'s> {
    /// Whether it can be changed in this account: not one that AWS made.
    pub(crate) fn is_own(&self) -> bool {
        self.place != Place::AwsManaged
    }

    /// How many users, groups and roles it is attached to, where the evidence counts.
    pub(crate) fn attachment_count(&self) -> Option<u32> {
        self.managed.and_then(|policy| policy.attachment_count)
    }

    /// Whether it is attached to something, or nobody says that it is not.
    pub(crate) fn is_attached(&self) -> bool {
        !self.holders.is_empty() || self.managed.is_some_and(|policy| policy.attachment_count != Some(0))
    }

    /// Whether it serves as permissions boundary only, which grants nothing.
    pub(crate) fn is_only_boundary(&self) -> bool {
        self.is_boundary && !self.is_attached()
    }

    /// Whether it allows everything, in whichever words; not known of one that cannot be read.
    pub(crate) fn allows_everything(&self, partition: &Partition) -> bool {
        self.document.as_ref().is_ok_and(|document| everything::of(document, partition).is_some())
    }

    /// Whether somebody has it, and everybody who has it is one of these.
    pub(crate) fn is_held_by_all_of(&self, principals: &BTreeSet<&Arn>) -> bool {
        !self.holders.is_empty() && self.holders.iter().all(|holder| principals.contains(holder))
    }

    /// Begins a verdict on it.
    pub(crate) fn subject<'f, 'o>(&self, out: &'f mut Findings<'o>) -> Subject<'f, 'o> {
        let mut subject = out.resource(self.arn.clone());
        if let Some(name) = self.name {
            subject = subject.discriminator(name).evidence("PolicyName", name);
        }
        if self.place == Place::Trust {
            // No inline policy can have this name: there is a space in it.
            subject = subject.discriminator("trust policy").evidence("PolicyName", "trust policy");
        }
        if let Some(version) = self.managed.and_then(ManagedPolicy::default_version) {
            subject = subject.evidence("VersionId", &version.id);
        }
        if let Some(count) = self.attachment_count() {
            subject = subject.evidence("AttachmentCount", count);
        }
        subject
    }
}

/// The statements of a document with their numbers from 1.
pub(crate) fn numbered(document: &Document) -> impl Iterator<Item = (usize, &Statement)> {
    (1..).zip(&document.statements)
}

/// "statement 2 (Sid)".
pub(crate) fn name(number: usize, statement: &Statement) -> String {
    let sid = statement.sid.as_ref().map_or(String::new(), |sid| format!(" ({sid})"));
    format!("statement {number}{sid}")
}

/// Adds where a statement stands.
pub(crate) fn with_position<'f, 'o>(subject: Subject<'f, 'o>, number: usize, statement: &Statement) -> Subject<'f, 'o> {
    let position = statement.position;
    let place = format!("{}, line {}, column {}", name(number, statement), position.line, position.column);
    subject.evidence("statement", place)
}

/// Fails for the flaws of the statements, as bad as the worst of them; passes where there is none.
pub(crate) fn conclude(subject: Subject<'_, '_>, flaws: &[(usize, &Statement, Flaw)], pass: &'static str) {
    let Some(worst) = flaws.iter().map(|(_, _, flaw)| flaw.severity).max() else { return subject.pass(pass) };
    let subject =
        flaws.iter().fold(subject, |subject, (number, statement, _)| with_position(subject, *number, statement));
    let told = flaws.iter().map(|(number, statement, flaw)| format!("{} {}", name(*number, statement), flaw.message));
    subject.severity(worst).fail(told.collect::<Vec<_>>().join("; "));
}

/// How much of what matches this ARN with wildcards a statement names.
pub(crate) fn reach(statement: &Statement, document: &Document, arn: &str) -> Reach {
    use probity_policy::Resources::{AllBut, Only};
    let Some(resources) = &statement.resources else { return Reach::Nothing };
    match (resources.cover(Target::Matching(arn), &Context::partial(), has_variables(document)), resources) {
        (Truth::No, _) => Reach::Nothing,
        (Truth::Unknown, Only(_)) => Reach::Some,
        (Truth::Unknown, AllBut(_)) => Reach::AllBut,
        (Truth::Yes, _) => Reach::All,
    }
}

/// Whether the document's version knows policy variables.
pub(crate) fn has_variables(document: &Document) -> bool {
    document.version.as_deref() == Some("2012-10-17")
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Seen;
    use probity_model::builder::Account;

    use super::*;

    const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn details(account: Account) -> AuthorizationDetails {
        match account.build().facts.authorization_details {
            Seen::Known(details) => details,
            Seen::Missing(gap) => unreachable!("{gap}"),
        }
    }

    #[test]
    fn a_policy_that_somebody_has_and_nobody_knows_is_there_and_cannot_be_read() {
        let details = details(Account::new().user("anna", |user| user.attached("Unlisted")));
        let [policy] = policies(&details).try_into().ok().expect("one policy");
        assert_eq!((policy.place, policy.arn.name(), policy.holders.len()), (Place::AwsManaged, "Unlisted", 1));
        assert!(policy.document.is_err() && policy.is_attached());
    }

    #[test]
    fn each_policy_knows_who_has_it() {
        let arn = "arn:aws:iam::123456789012:policy/own";
        let account = Account::new()
            .policy("own", ADMIN, |policy| policy.attached_to(2).boundary_of(1))
            .policy("limit", ADMIN, |policy| policy.attached_to(0))
            .user("anna", |user| user.attached(arn).boundary("arn:aws:iam::123456789012:policy/limit"))
            .role("app", |role| role.attached(arn).inline("more", ADMIN));
        let details = details(account);
        let all = policies(&details);
        let named = |name: &str| all.iter().find(|one| one.name == Some(name) || one.arn.name() == name).expect("it");
        assert_eq!(named("own").holders.iter().map(|arn| arn.name()).collect::<Vec<_>>(), ["app", "anna"]);
        assert!(!named("own").is_only_boundary(), "it is attached as well");
        assert!(named("limit").is_only_boundary(), "the user says so");
        assert_eq!((named("more").place, named("more").arn.name()), (Place::Inline, "app"));
    }

    #[test]
    fn administrators_are_those_with_everything_also_through_a_group() {
        let account = Account::new()
            .aws_policy("AdministratorAccess", ADMIN)
            .group("admins", |group| group.attached("AdministratorAccess"))
            .user("anna", |user| user.group("admins"))
            .user("bert", |user| user.inline("broken", "{"))
            .role("app", |role| role.inline("all", ADMIN));
        let details = details(account);
        let found = administrators(&policies(&details), &details, &Partition::new("aws"));
        assert_eq!(
            found.iter().map(|arn| arn.resource()).collect::<Vec<_>>(),
            ["group/admins", "role/app", "user/anna"]
        );
    }

    #[test]
    fn reach_is_how_much_of_what_is_asked_a_statement_names() {
        let of = |resource: &str| {
            let text =
                format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:*",{resource}}}}}"#);
            let document = Document::parse(&text).expect("a policy");
            reach(&document.statements[0], &document, "arn:aws:iam::123456789012:role/*")
        };
        assert_eq!(of(r#""Resource":"arn:aws:iam::*:role/*""#), Reach::All);
        assert_eq!(of(r#""Resource":"arn:aws:iam::123456789012:role/app/*""#), Reach::Some);
        assert_eq!(of(r#""Resource":"arn:aws:iam::*:user/*""#), Reach::Nothing);
        assert_eq!(of(r#""NotResource":"arn:aws:iam::*:user/*""#), Reach::All);
        assert_eq!(of(r#""NotResource":"arn:aws:iam::*:role/admin""#), Reach::AllBut);
        assert_eq!(of(r#""NotResource":"*""#), Reach::Nothing);
        assert_eq!(of(r#""Resource":"arn:aws:iam::*:role/${aws:PrincipalTag/team}*""#), Reach::Some);
    }
}
