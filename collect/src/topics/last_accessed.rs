//! When principals last used which service: one asynchronous job a principal, so it is asked only of those it is wanted of.

use std::collections::BTreeMap;

use aws_sdk_iam::types::{AccessAdvisorUsageGranularityType, ServiceLastAccessed};
use futures_util::StreamExt as _;
use futures_util::stream;
use probity_model::facts::LastAccessed;
use probity_model::facts::authorization::{AuthorizationDetails, DocumentText, InlinePolicy};
use probity_model::facts::last_accessed::{ActionAccess, ServiceAccess};
use probity_model::{Arn, Gap, Seen, Service, Topic};

use crate::collect::LastAccessedOf;
use crate::jobs;
use crate::reader::{Reader, maybe_time, operation, required};

/// Jobs under way at once.
const AT_ONCE: usize = 12;
/// The most a page can hold (IAM API Reference, `GetServiceLastAccessedDetails`, `MaxItems`).
const PAGE: i32 = 1_000;

/// Reads the data of the principals it is wanted of; every other one has a gap that says how to ask.
pub(crate) async fn read(
    reader: &Reader<'_>,
    details: &AuthorizationDetails,
    whose: LastAccessedOf,
) -> Result<LastAccessed, Gap> {
    let (asked, left_out): (Vec<Principal<'_>>, Vec<_>) = principals(details).partition(|principal| match whose {
        LastAccessedOf::None => false,
        LastAccessedOf::Privileged => is_privileged(details, principal),
        LastAccessedOf::All => true,
    });
    let reason = match whose {
        LastAccessedOf::None => "last-accessed data was left out with --last-accessed none",
        _ => "last-accessed data was read of privileged principals only; --last-accessed all reads everyone's",
    };
    let left_out =
        left_out.into_iter().map(|principal| (principal.arn.clone(), Seen::Missing(Gap::not_requested(reason))));
    let mut found: BTreeMap<Arn, Seen<Vec<ServiceAccess>>> = left_out.collect();
    let mut done = 0;
    let jobs = asked.iter().map(|principal| async move { (principal.arn.clone(), of(reader, principal.arn).await) });
    let mut answers = stream::iter(jobs).buffer_unordered(AT_ONCE);
    while let Some((arn, answer)) = answers.next().await {
        done += 1;
        reader.progress.advanced(Topic::LastAccessed, done);
        found.insert(arn, answer.into());
    }
    Ok(LastAccessed { principals: found })
}

/// A user or role with what is attached to it.
struct Principal<'a> {
    arn: &'a Arn,
    groups: &'a [String],
    inline: &'a [InlinePolicy],
    attached: Vec<&'a Arn>,
}

fn principals(details: &AuthorizationDetails) -> impl Iterator<Item = Principal<'_>> {
    let users = details.users.iter().map(|user| Principal {
        arn: &user.arn,
        groups: &user.groups,
        inline: &user.inline_policies,
        attached: user.attached_policies.iter().map(|policy| &policy.arn).collect(),
    });
    // Service-linked roles are the services' own: nobody can narrow them.
    let roles = details.roles.iter().filter(|role| !role.is_service_linked()).map(|role| Principal {
        arn: &role.arn,
        groups: &[],
        inline: &role.inline_policies,
        attached: role.attached_policies.iter().map(|policy| &policy.arn).collect(),
    });
    users.chain(roles)
}

/// Whether any policy of a principal allows every action of IAM or of everything. This only decides of whom to ask first, not a
/// verdict: it errs towards asking.
fn is_privileged(details: &AuthorizationDetails, principal: &Principal<'_>) -> bool {
    let groups: Vec<_> = details.groups.iter().filter(|group| principal.groups.contains(&group.name)).collect();
    let of_groups = groups.iter().flat_map(|group| group.attached_policies.iter().map(|policy| &policy.arn));
    let attached = principal.attached.iter().copied().chain(of_groups);
    let managed = attached.filter_map(|arn| details.policy(arn)?.default_version()).map(|version| &version.document);
    let inline_of_groups = groups.iter().flat_map(|group| &group.inline_policies);
    let inline = principal.inline.iter().chain(inline_of_groups).map(|policy| &policy.document);
    managed.chain(inline).any(grants_broadly)
}

fn grants_broadly(document: &DocumentText) -> bool {
    // What cannot be read might grant anything.
    let Ok(policy) = serde_json::from_str::<serde_json::Value>(document.as_str()) else { return true };
    let statements = match policy.get("Statement") {
        Some(serde_json::Value::Array(list)) => list.iter().collect(),
        Some(single) => vec![single],
        None => Vec::new(),
    };
    statements.into_iter().any(|statement| {
        let broad = |action: &str| {
            let action = action.to_ascii_lowercase();
            action.starts_with('*') || action.starts_with("iam:") || action == "sts:*"
        };
        let actions = match statement.get("Action") {
            Some(serde_json::Value::Array(list)) => list.iter().filter_map(|action| action.as_str()).any(broad),
            Some(single) => single.as_str().is_some_and(broad),
            None => statement.get("NotAction").is_some(),
        };
        statement.get("Effect").and_then(|effect| effect.as_str()) == Some("Allow") && actions
    })
}

async fn of(reader: &Reader<'_>, arn: &Arn) -> Result<Vec<ServiceAccess>, Gap> {
    let generate = operation(Service::Iam, "GenerateServiceLastAccessedDetails");
    let get = operation(Service::Iam, "GetServiceLastAccessedDetails");
    let call = reader.clients.iam().generate_service_last_accessed_details().arn(arn.as_str());
    let call = call.granularity(AccessAdvisorUsageGranularityType::ActionLevel).send();
    let job = reader.ask(generate, call).await?.job_id;
    let job = &required(generate, "JobId", job)?;
    let ask = |marker| async move {
        let call = reader.clients.iam().get_service_last_accessed_details().job_id(job).max_items(PAGE);
        let page = reader.ask(get, call.set_marker(marker).send()).await?;
        Ok(jobs::Page {
            status: page.job_status,
            error: page.error,
            found: page.services_last_accessed,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    };
    let mut services: Vec<_> = jobs::outcome(reader, get, ask).await?.into_iter().map(service).collect();
    services.sort_by(|a, b| a.namespace.cmp(&b.namespace));
    Ok(services)
}

fn service(service: ServiceLastAccessed) -> ServiceAccess {
    let action = |action: aws_sdk_iam::types::TrackedActionLastAccessed| {
        let last_used_at = maybe_time(action.last_accessed_time.as_ref());
        action.action_name.map(|name| ActionAccess { name, last_used_at })
    };
    ServiceAccess {
        last_used_at: maybe_time(service.last_authenticated.as_ref()),
        last_used_region: service.last_authenticated_region,
        actions: service.tracked_actions_last_accessed.into_iter().flatten().filter_map(action).collect(),
        namespace: service.service_namespace,
        name: service.service_name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::builder::Account;

    fn privileged(account: Account) -> Vec<String> {
        let snapshot = account.build();
        let details = snapshot.facts.authorization_details.get().expect("known");
        let found = principals(details).filter(|principal| is_privileged(details, principal));
        found.map(|principal| principal.arn.resource().to_owned()).collect()
    }

    #[test]
    fn whoever_administers_is_asked_of_first() {
        let everything = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let reads = r#"{"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}"#;
        let account = Account::new()
            .aws_policy("AdministratorAccess", everything)
            .group("admins", |group| group.attached("AdministratorAccess"))
            .user("anna", |user| user.group("admins"))
            .user("ben", |user| user.inline("reads", reads))
            .role("broken", |role| role.inline("cut", "{"));
        assert_eq!(privileged(account), ["user/anna", "role/broken"]);
    }
}
