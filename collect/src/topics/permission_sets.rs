//! Permission sets of IAM Identity Center with their policies: five calls a set, since no list gives more than its ARN.
//!
//! Up to [`STANDARD`] sets are read whatever the detail; more of them under `--detail full` only, for AWS answers all
//! administrators of an organization together no more than twenty times a second (IAM Identity Center User Guide, "Quotas").

use futures_util::future::try_join;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use probity_model::facts::PermissionSets;
use probity_model::facts::identity_center::{PermissionSet, PermissionSetBoundary, PolicyReference};
use probity_model::facts::identity_providers::IdentityCenterInstance;
use probity_model::{Arn, Gap, Service, Topic};

use crate::collect::Detail;
use crate::pages::Pages;
use crate::reader::{Reader, document, maybe_time, operation, required};

/// The most a page can hold (IAM Identity Center API Reference, `MaxResults`).
pub(crate) const PAGE: i32 = 100;
/// How many sets are asked about at once.
const AT_ONCE: usize = 2;
/// How many sets are read under `--detail standard`: five calls each.
pub(crate) const STANDARD: usize = 60;
/// Somebody deleted the set meanwhile, or it has no boundary.
const NOT_FOUND: &str = "ResourceNotFoundException";

pub(crate) async fn read(
    reader: &Reader<'_>,
    instances: &[IdentityCenterInstance],
    detail: Detail,
) -> Result<PermissionSets, Gap> {
    let mut listed = Vec::new();
    for instance in instances {
        listed.extend(arns(reader, instance).await?.into_iter().map(|arn| (instance, arn)));
    }
    if detail == Detail::Standard && listed.len() > STANDARD {
        return Err(Gap::not_requested(format!(
            "there are {} permission sets, and each costs five calls; more than {STANDARD} are read only under --detail full",
            listed.len()
        )));
    }
    let asked = listed.into_iter().map(|(instance, arn)| of(reader, instance, arn));
    let mut found = stream::iter(asked).buffer_unordered(AT_ONCE);
    let mut sets = Vec::new();
    while let Some(set) = found.try_next().await? {
        sets.extend(set);
        reader.progress.advanced(Topic::PermissionSets, sets.len());
    }
    sets.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(PermissionSets { sets })
}

async fn arns(reader: &Reader<'_>, instance: &IdentityCenterInstance) -> Result<Vec<String>, Gap> {
    let list = operation(Service::SsoAdmin, "ListPermissionSets");
    let client = reader.clients.identity_center(&instance.region);
    let mut arns = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = client.list_permission_sets().instance_arn(instance.arn.as_str()).max_results(PAGE);
        let page = reader.ask_in(&instance.region, list, call.set_next_token(token).send()).await?;
        arns.extend(required(list, "PermissionSets", page.permission_sets)?);
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            return Ok(arns);
        }
    }
}

/// One set; nothing where it is gone by now.
async fn of(reader: &Reader<'_>, instance: &IdentityCenterInstance, arn: String) -> Result<Option<PermissionSet>, Gap> {
    let describe = operation(Service::SsoAdmin, "DescribePermissionSet");
    let client = reader.clients.identity_center(&instance.region);
    let call = client.describe_permission_set().instance_arn(instance.arn.as_str()).permission_set_arn(&arn).send();
    let Ok(answer) = reader.ask_or(describe, &[NOT_FOUND], call).await? else { return Ok(None) };
    let set = required(describe, "PermissionSet", answer.permission_set)?;
    let (inline_policy, boundary) = try_join(inline(reader, instance, &arn), boundary(reader, instance, &arn)).await?;
    let (aws, customer) = try_join(managed(reader, instance, &arn), references(reader, instance, &arn)).await?;
    Ok(Some(PermissionSet {
        name: required(describe, "Name", set.name)?,
        session_duration: set.session_duration,
        created_at: maybe_time(set.created_date.as_ref()),
        inline_policy: inline_policy.map(|text| document(&text)),
        aws_managed_policies: aws,
        customer_managed_policies: customer,
        boundary,
        instance: instance.arn.clone(),
        arn: Arn::new(arn),
    }))
}

/// The set's own policy; AWS writes an empty text for none.
async fn inline(reader: &Reader<'_>, instance: &IdentityCenterInstance, arn: &str) -> Result<Option<String>, Gap> {
    let get = operation(Service::SsoAdmin, "GetInlinePolicyForPermissionSet");
    let client = reader.clients.identity_center(&instance.region);
    let call = client.get_inline_policy_for_permission_set().instance_arn(instance.arn.as_str());
    let answer = reader.ask_in(&instance.region, get, call.permission_set_arn(arn).send()).await?;
    Ok(answer.inline_policy.filter(|text| !text.trim().is_empty()))
}

async fn boundary(
    reader: &Reader<'_>,
    instance: &IdentityCenterInstance,
    arn: &str,
) -> Result<Option<PermissionSetBoundary>, Gap> {
    let get = operation(Service::SsoAdmin, "GetPermissionsBoundaryForPermissionSet");
    let client = reader.clients.identity_center(&instance.region);
    let call = client.get_permissions_boundary_for_permission_set().instance_arn(instance.arn.as_str());
    let answer = reader.ask_or(get, &[NOT_FOUND], call.permission_set_arn(arn).send()).await?;
    let Some(boundary) = answer.ok().and_then(|answer| answer.permissions_boundary) else { return Ok(None) };
    match (boundary.managed_policy_arn, boundary.customer_managed_policy_reference) {
        (Some(arn), _) => Ok(Some(PermissionSetBoundary::AwsManaged(Arn::new(arn)))),
        (None, Some(reference)) => {
            Ok(Some(PermissionSetBoundary::CustomerManaged(named(reference.name, reference.path))))
        }
        (None, None) => required(get, "ManagedPolicyArn", None),
    }
}

async fn managed(reader: &Reader<'_>, instance: &IdentityCenterInstance, arn: &str) -> Result<Vec<Arn>, Gap> {
    let list = operation(Service::SsoAdmin, "ListManagedPoliciesInPermissionSet");
    let client = reader.clients.identity_center(&instance.region);
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = client.list_managed_policies_in_permission_set().instance_arn(instance.arn.as_str());
        let call = call.permission_set_arn(arn).max_results(PAGE).set_next_token(token).send();
        let page = reader.ask_in(&instance.region, list, call).await?;
        for policy in required(list, "AttachedManagedPolicies", page.attached_managed_policies)? {
            found.push(Arn::new(required(list, "Arn", policy.arn)?));
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            found.sort();
            return Ok(found);
        }
    }
}

async fn references(
    reader: &Reader<'_>,
    instance: &IdentityCenterInstance,
    arn: &str,
) -> Result<Vec<PolicyReference>, Gap> {
    let list = operation(Service::SsoAdmin, "ListCustomerManagedPolicyReferencesInPermissionSet");
    let client = reader.clients.identity_center(&instance.region);
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call =
            client.list_customer_managed_policy_references_in_permission_set().instance_arn(instance.arn.as_str());
        let call = call.permission_set_arn(arn).max_results(PAGE).set_next_token(token).send();
        let page = reader.ask_in(&instance.region, list, call).await?;
        let listed = required(list, "CustomerManagedPolicyReferences", page.customer_managed_policy_references)?;
        found.extend(listed.into_iter().map(|reference| named(reference.name, reference.path)));
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            found.sort();
            return Ok(found);
        }
    }
}

fn named(name: String, path: Option<String>) -> PolicyReference {
    PolicyReference { name, path: path.unwrap_or_else(|| "/".to_owned()) }
}
