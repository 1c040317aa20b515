//! Whether an administrator of a member account can make himself exempt from a policy of the organization.
//!
//! An exemption is worth what keeps others from claiming it. A role's name is nobody's until somebody makes the role, and a
//! tag is on whomever an administrator puts it; unless another policy denies just that to everybody else.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use probity_policy::{Condition, Context, Pattern, Truth};

use crate::conditions::Operator;
use crate::denial::{self, Control, Denial, Question};
use crate::members::Member;

/// Paths that only AWS makes roles under.
const RESERVED: [&str; 2] = ["role/aws-reserved/", "role/aws-service-role/"];
/// What the names of roles of IAM Identity Center begin with. Only their path is reserved, and not the name.
const IDENTITY_CENTER: &str = "AWSReservedSSO_";

/// Whether a condition of a Deny spares somebody for who he is. One that names whom the Deny means, and so does not hold for
/// somebody with no mark of any kind, spares nobody.
pub(crate) fn is_exemption(member: &Member<'_>, condition: &Condition) -> bool {
    let means_nobody_else = || {
        let nobody = [denial::unmarked_role(member), denial::unmarked_user(member)];
        nobody.iter().any(|context| condition.holds(context, true) == Truth::Yes)
    };
    denial::is_about_identity(&condition.key) && (Operator::of(condition).negated || means_nobody_else())
}

/// How an administrator of the account becomes exempt, in words; nothing where he cannot.
pub(crate) fn way_out(member: &Member<'_>, condition: &Condition, protected: &[Pattern]) -> Option<String> {
    let key = condition.key.to_ascii_lowercase();
    if let Some((_, tag)) = condition.key.split_once('/').filter(|_| key.starts_with("aws:principaltag/")) {
        return by_tag(member, tag, condition);
    }
    match key.as_str() {
        "aws:principalarn" => condition.values.iter().find_map(|value| by_name(member, value, protected)),
        "aws:userid" => by_unique_id(condition),
        "aws:username" => {
            condition.values.iter().find_map(|name| by_principal(member, "user", &format!("user/{name}"), name))
        }
        "aws:sourceidentity" => open(member, &["sts:SetSourceIdentity"], "role/*", Context::partial())
            .map(|action| format!("whoever assumes a role may set aws:SourceIdentity ({action} is not denied)")),
        "aws:federatedprovider" => {
            let actions = ["iam:CreateSAMLProvider", "iam:CreateOpenIDConnectProvider"];
            let made = open(member, &actions, "*", Context::partial());
            made.map(|action| format!("a provider of that name can be made ({action} is not denied)"))
        }
        "aws:viaawsservice" | "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => {
            Some(format!("{} is true of whoever asks through a service such as AWS CloudFormation", condition.key))
        }
        "aws:principaltype" => Some("an administrator can make a principal of another type".into()),
        // The account, the organization, the service and how a root session was opened are AWS's to say.
        _ => None,
    }
}

/// Whether somebody of that name can be made, or taken over.
fn by_name(member: &Member<'_>, value: &str, protected: &[Pattern]) -> Option<String> {
    let mut parts = value.splitn(6, ':');
    let mut next = || parts.next().unwrap_or("*");
    let (_, _, service, _, account, name) = (next(), next(), next(), next(), next(), next());
    // A session's own ARN is never the value of the key.
    let names_iam = Pattern::new(service).matches("iam");
    if !names_iam || !Pattern::new(account).matches(member.account.id.as_str()) {
        return None;
    }
    if name == "root" || RESERVED.iter().any(|path| name.starts_with(path)) {
        return None;
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_protected = protected.iter().any(|glob| glob.matches(last)) && !last.starts_with(IDENTITY_CENTER);
    if is_protected && name.starts_with("role/") {
        return None;
    }
    let kind = |kind: &str| Pattern::new(name).overlaps(&Pattern::new(format!("{kind}/*")));
    let role = kind("role").then(|| by_principal(member, "role", &under(name, "role"), value)).flatten();
    role.or_else(|| kind("user").then(|| by_principal(member, "user", &under(name, "user"), value)).flatten())
}

/// The part of a pattern that names principals of a kind.
fn under(name: &str, kind: &str) -> String {
    if name.starts_with(&format!("{kind}/")) { name.into() } else { format!("{kind}/*") }
}

fn by_principal(member: &Member<'_>, kind: &str, name: &str, value: &str) -> Option<String> {
    let actions: &[&str] = match kind {
        "role" => &["iam:CreateRole", "iam:UpdateAssumeRolePolicy"],
        _ => &["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"],
    };
    let action = open(member, actions, name, Context::partial())?;
    Some(format!("a {kind} that matches {value} can be made or taken over ({action} is not denied)"))
}

/// Whether the tag can be put on a principal or on a session.
fn by_tag(member: &Member<'_>, tag: &str, condition: &Condition) -> Option<String> {
    let value = condition.values.first().filter(|_| Operator::of(condition).name != "null");
    let value = value.map_or("any", String::as_str);
    let mut context = Context::partial().with(&format!("aws:RequestTag/{tag}"), value);
    context.set("aws:TagKeys", vec![tag]);
    let places = [("iam:TagRole", "role/*"), ("iam:TagUser", "user/*"), ("sts:TagSession", "role/*")];
    let open = places.into_iter().find_map(|(action, name)| open(member, &[action], name, context.clone()))?;
    Some(format!("the tag {tag} can be set ({open} is not denied)"))
}

/// Ids of users and roles are given by AWS; what stands behind the colon is chosen by whoever opens the session.
fn by_unique_id(condition: &Condition) -> Option<String> {
    let is_an_id = |value: &String| {
        let id = value.split(':').next().unwrap_or_default();
        id.len() >= 16 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let chosen = condition.values.iter().find(|value| !is_an_id(value))?;
    Some(format!("the name of the session, which the caller chooses, decides about {chosen}"))
}

/// The first of some actions that is not denied to an administrator on these principals.
fn open<'a>(member: &Member<'_>, actions: &[&'a str], name: &str, more: Context) -> Option<&'a str> {
    let target = if name == "*" { "*".into() } else { member.arn(name) };
    let asked = actions.iter().copied().map(|action| {
        let denied = denial::role(member).map(|(caller, context)| {
            let context = context.and(&more);
            let question = Question { control: Control::Service, caller, action, context };
            matches!(denial::on(member, &question, &target), Denial::Denied(_))
        });
        (action, denied == Some(true))
    });
    let asked: Vec<(&str, bool)> = asked.collect();
    asked.into_iter().find(|(_, denied)| !denied).map(|(action, _)| action)
}
