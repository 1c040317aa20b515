//! Service control policies, resource control policies and those of the other types that are enabled, with documents and
//! targets: two calls a policy, since no list gives either.

use aws_sdk_organizations::types::{PolicySummary, PolicyType};
use futures_util::future::{try_join, try_join_all};
use probity_model::facts::OrganizationPolicies;
use probity_model::facts::organization::{OrganizationPolicy, OrganizationPolicyKind};
use probity_model::{Arn, Gap, Service, Topic};

use super::organization_membership::NOT_IN_USE;
use crate::pages::Pages;
use crate::reader::{Reader, document, operation, required};

/// The most a page can hold (Organizations API Reference, `MaxResults`).
const PAGE: i32 = 20;
/// The type is not enabled at the root: there is none in force.
pub(crate) const NOT_ENABLED: [&str; 2] =
    ["PolicyTypeNotEnabledException", "PolicyTypeNotAvailableForOrganizationException"];

/// Reads the policies; `other` are the types beside the two that control access.
pub(crate) async fn read(reader: &Reader<'_>, other: Vec<String>) -> Result<OrganizationPolicies, Gap> {
    let control = [OrganizationPolicyKind::ServiceControl, OrganizationPolicyKind::ResourceControl];
    let kinds = control.into_iter().chain(other.into_iter().map(OrganizationPolicyKind::Other));
    let found = try_join_all(kinds.map(|kind| summaries(reader, kind))).await?;
    let Some(found) = found.into_iter().collect::<Option<Vec<_>>>() else {
        return Ok(OrganizationPolicies::NoOrganization);
    };
    let all = found.into_iter().flatten();
    let mut policies = try_join_all(all.map(|(kind, summary)| whole(reader, kind, summary))).await?;
    policies.sort_by(|a, b| a.id.cmp(&b.id));
    reader.progress.advanced(Topic::OrganizationPolicies, policies.len());
    Ok(OrganizationPolicies::Policies(policies))
}

/// The policies of a kind; none where the account stands alone.
async fn summaries(
    reader: &Reader<'_>,
    kind: OrganizationPolicyKind,
) -> Result<Option<Vec<(OrganizationPolicyKind, PolicySummary)>>, Gap> {
    let list = operation(Service::Organizations, "ListPolicies");
    let answers = [NOT_IN_USE, NOT_ENABLED[0], NOT_ENABLED[1]];
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.organizations().list_policies().filter(PolicyType::from(kind.api_name()));
        let call = call.max_results(PAGE).set_next_token(token).send();
        let page = match reader.ask_or(list, &answers, call).await? {
            Ok(page) => page,
            Err(NOT_IN_USE) => return Ok(None),
            Err(_) => return Ok(Some(Vec::new())),
        };
        found.extend(required(list, "Policies", page.policies)?.into_iter().map(|summary| (kind.clone(), summary)));
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            return Ok(Some(found));
        }
    }
}

async fn whole(
    reader: &Reader<'_>,
    kind: OrganizationPolicyKind,
    summary: PolicySummary,
) -> Result<OrganizationPolicy, Gap> {
    let list = operation(Service::Organizations, "ListPolicies");
    let id = required(list, "Id", summary.id)?;
    let (text, targets) = try_join(content(reader, &id), targets(reader, &id)).await?;
    Ok(OrganizationPolicy {
        arn: Arn::new(required(list, "Arn", summary.arn)?),
        name: required(list, "Name", summary.name)?,
        kind,
        aws_managed: summary.aws_managed,
        document: document(&text),
        targets,
        id,
    })
}

async fn content(reader: &Reader<'_>, id: &str) -> Result<String, Gap> {
    let describe = operation(Service::Organizations, "DescribePolicy");
    let answer = reader.ask(describe, reader.clients.organizations().describe_policy().policy_id(id).send()).await?;
    required(describe, "Content", answer.policy.and_then(|policy| policy.content))
}

async fn targets(reader: &Reader<'_>, id: &str) -> Result<Vec<String>, Gap> {
    let list = operation(Service::Organizations, "ListTargetsForPolicy");
    let mut targets = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.organizations().list_targets_for_policy().policy_id(id).max_results(PAGE);
        let page = reader.ask(list, call.set_next_token(token).send()).await?;
        for target in required(list, "Targets", page.targets)? {
            targets.push(required(list, "TargetId", target.target_id)?);
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            targets.sort();
            return Ok(targets);
        }
    }
}
