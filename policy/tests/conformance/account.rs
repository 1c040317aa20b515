//! Cases over a whole account: authorization details, organization policies and policies of resources.

use crate::judge::{policy, text};
use probity_policy::{Caller, Context, Decision, Policies, Policy, Request, Target};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A user or a role with all that limits it.
struct Holder {
    arn: String,
    identity: Vec<Policy>,
    boundary: Option<Policy>,
}

/// What is asked beside the principal.
struct Question<'c> {
    action: &'c str,
    /// The context; incomplete unless the case wants every condition to be met.
    context: Context,
}

/// `[principal, action, resource, conditions?, _, strict?]`.
pub(crate) fn evaluate(input: &Value) -> Result<bool, String> {
    let query = &input["query"];
    let holders = holders(&input["files"]);
    let arn = query[0].as_str().ok_or("the principal is not a text")?;
    // Whoever is not in the account can do nothing in it.
    let Some(holder) = holders.iter().find(|holder| holder.arn == arn) else { return Ok(false) };
    can(holder, &input["files"], &question(query, 1)?, query[2].as_str().ok_or("the resource is not a text")?)
}

/// `[action, resource or resources, conditions?, _, strict?]`. Pairs with the resource where several are asked.
pub(crate) fn who_can(input: &Value) -> Result<Value, String> {
    let query = &input["query"];
    let question = question(query, 0)?;
    let mut found = Vec::new();
    for holder in holders(&input["files"]) {
        match &query[1] {
            Value::Array(resources) => {
                for resource in resources.iter().filter_map(Value::as_str) {
                    if can(&holder, &input["files"], &question, resource)? {
                        found.push(json!([holder.arn, resource]));
                    }
                }
            }
            resource => {
                if can(&holder, &input["files"], &question, resource.as_str().ok_or("the resource is not a text")?)? {
                    found.push(json!(holder.arn));
                }
            }
        }
    }
    found.sort_by_key(ToString::to_string);
    Ok(Value::Array(found))
}

fn question(query: &Value, first: usize) -> Result<Question<'_>, String> {
    let strict = query[first + 4] == true;
    let mut context = if strict { Context::complete() } else { Context::partial() };
    for condition in query[first + 2].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let (key, value) = condition.split_once('=').ok_or("a condition without `=`")?;
        context.set(key, [value]);
    }
    Ok(Question { action: query[first].as_str().ok_or("the action is not a text")?, context })
}

/// Whether the principal can, or could under conditions that the question leaves open.
fn can(holder: &Holder, files: &Value, question: &Question<'_>, resource: &str) -> Result<bool, String> {
    let caller = Caller::parse(&holder.arn).ok_or("no principal")?;
    let record = records(&files["resources"]).into_iter().find(|record| {
        record["Resource"]
            .as_str()
            .is_some_and(|arn| resource == arn || resource.strip_prefix(arn).is_some_and(|rest| rest.starts_with('/')))
    });
    let resource_policy = record.map(|record| policy("resource", &spelled_out(&record["Policy"])));
    let service_control: Vec<Vec<Policy>> = records(&files["scps"])
        .into_iter()
        .filter(|root| !caller.account().is_some_and(|account| manages(root, account)))
        .find_map(|root| path_to(root, caller.account()?))
        .unwrap_or_default();
    let policies = Policies {
        identity: holder.identity.iter().collect(),
        boundary: holder.boundary.as_ref(),
        resource: resource_policy.as_ref(),
        service_control: service_control.iter().map(|level| level.iter().collect()).collect(),
        ..Policies::default()
    };
    let answer = policies.evaluate(&Request {
        caller: &caller,
        action: question.action,
        resource: Target::One(resource),
        resource_account: record.and_then(|record| record["Account"].as_str()),
        context: &question.context,
    });
    let strict = question.context == Context::complete();
    Ok(match answer.decision {
        Decision::Allowed => true,
        Decision::AllowedIf => !strict,
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => false,
    })
}

/// The files may be lists of documents, or of lists of them.
fn records(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().flat_map(records).collect(),
        Value::Object(_) => vec![value],
        _ => Vec::new(),
    }
}

/// These cases shorten `{"AWS": "x"}` to `"x"`, which AWS does not accept.
fn spelled_out(document: &Value) -> Value {
    let mut document = document.clone();
    for statement in document["Statement"].as_array_mut().into_iter().flatten() {
        if let Some(name) = statement["Principal"].as_str().filter(|name| *name != "*").map(str::to_owned) {
            statement["Principal"] = json!({ "AWS": name });
        }
    }
    document
}

/// Whether an account is the management account of an organization, which its policies do not bind.
fn manages(root: &Value, account: &str) -> bool {
    root["Arn"].as_str().and_then(|arn| arn.split(':').nth(4)) == Some(account)
}

/// The policies of each level from the root of an organization down to an account.
fn path_to(node: &Value, account: &str) -> Option<Vec<Vec<Policy>>> {
    let own = records(&node["Policies"]).into_iter().map(|attached| policy("SCP", &attached["Content"])).collect();
    if node["Id"] == account {
        return Some(vec![own]);
    }
    let below = records(&node["Children"]).into_iter().find_map(|child| path_to(child, account))?;
    Some(std::iter::once(own).chain(below).collect())
}

fn holders(files: &Value) -> Vec<Holder> {
    records(&files["gaads"]).into_iter().flat_map(holders_of).collect()
}

fn holders_of(details: &Value) -> Vec<Holder> {
    let managed: BTreeMap<&str, &Value> = records(&details["Policies"])
        .into_iter()
        .filter_map(|managed| {
            let default = records(&managed["PolicyVersionList"]).into_iter().find(|v| v["IsDefaultVersion"] == true)?;
            Some((managed["Arn"].as_str()?, &default["Document"]))
        })
        .collect();
    let named = |arn: &str| managed.get(arn).map_or_else(|| Policy::unread(arn), |document| policy(arn, document));
    let of = |entity: &Value, inline: &str| -> Vec<Policy> {
        let attached = records(&entity["AttachedManagedPolicies"]);
        attached
            .into_iter()
            .filter_map(|attached| attached["PolicyArn"].as_str())
            .map(named)
            .chain(records(&entity[inline]).into_iter().map(|inline| policy("inline", &inline["PolicyDocument"])))
            .collect()
    };
    let holder = |entity: &Value, mut identity: Vec<Policy>| {
        for group in records(&details["GroupDetailList"]) {
            let groups = entity["GroupList"].as_array().into_iter().flatten();
            if groups.into_iter().any(|name| *name == group["GroupName"]) {
                identity.extend(of(group, "GroupPolicyList"));
            }
        }
        let boundary = entity["PermissionsBoundary"]["PermissionsBoundaryArn"].as_str().map(named);
        Some(Holder { arn: text(entity, "Arn").ok()?.to_owned(), identity, boundary })
    };
    let users =
        records(&details["UserDetailList"]).into_iter().filter_map(|user| holder(user, of(user, "UserPolicyList")));
    let roles =
        records(&details["RoleDetailList"]).into_iter().filter_map(|role| holder(role, of(role, "RolePolicyList")));
    users.chain(roles).collect()
}
