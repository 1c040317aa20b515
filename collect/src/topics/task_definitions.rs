//! ECS task definitions of a Region: of each family the newest active revision, with its roles. Each costs a call, so that
//! only the first few of a Region are read unless everything is asked for. What their containers are given is looked through here
//! and not kept.

use futures_util::future::join_all;
use probity_model::facts::compute::{TaskDefinition, TaskDetails};
use probity_model::{Arn, Gap, Region, Service};
use serde::Deserialize;
use serde_json::json;

use crate::collect::Detail;
use crate::embedded;
use crate::pages::Pages;
use crate::reader::{Reader, operation};

/// The most a page can hold (ECS API Reference, `ListTaskDefinitionFamilies`, `maxResults`).
const PAGE: u32 = 100;
/// Families that are read in a Region unless everything is asked for.
const FEW: usize = 5;

pub(crate) async fn read(reader: &Reader<'_>, region: &Region) -> Result<Vec<TaskDefinition>, Gap> {
    let list = operation(Service::Ecs, "ListTaskDefinitionFamilies");
    let ecs = reader.plain(Service::Ecs, region);
    let mut families = Vec::new();
    let mut pages = Pages::new(list);
    let mut token: Option<String> = None;
    loop {
        let request = json!({"status": "ACTIVE", "maxResults": PAGE, "nextToken": token});
        let page: Families = ecs.json(list.name, &request).ask().await?;
        families.extend(page.families);
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            break;
        }
    }
    families.sort();
    families.dedup();
    let many = reader.detail == Detail::Standard && families.len() > FEW;
    let left_out = if many { families.split_off(FEW) } else { Vec::new() };
    let read = families.into_iter().map(|family| async {
        let details = details(reader, region, &family).await.into();
        TaskDefinition { family, details }
    });
    let mut all = join_all(read).await;
    let message =
        format!("a task definition costs a call; more than {FEW} in a Region are read only under --detail full");
    all.extend(left_out.into_iter().map(|family| {
        let gap = Gap::not_requested(message.clone()).in_region(region);
        TaskDefinition { family, details: probity_model::Seen::Missing(gap) }
    }));
    Ok(all)
}

async fn details(reader: &Reader<'_>, region: &Region, family: &str) -> Result<TaskDetails, Gap> {
    let ecs = reader.plain(Service::Ecs, region);
    let request = json!({"taskDefinition": family, "include": ["TAGS"]});
    let answer: Answer = ecs.json("DescribeTaskDefinition", &request).ask().await?;
    Ok(of(answer))
}

fn of(answer: Answer) -> TaskDetails {
    let definition = answer.task_definition;
    let role = |arn: Option<String>| arn.filter(|arn| !arn.is_empty()).map(Arn::new);
    let fields = definition.container_definitions.iter().flat_map(|container| {
        let named = |what: &str| format!("container {}, {what}", container.name);
        let variables = container.environment.iter().flatten();
        let variables = variables.filter_map(move |variable| {
            Some((named(variable.name.as_deref().unwrap_or_default()), variable.value.as_deref()?))
        });
        let words = container.command.iter().chain(&container.entry_point).flatten();
        variables.chain(words.map(move |word| (named("command"), word.as_str()))).collect::<Vec<_>>()
    });
    let found = embedded::in_fields(fields);
    let tags = answer.tags.into_iter().flatten();
    TaskDetails {
        arn: Arn::new(definition.task_definition_arn),
        task_role: role(definition.task_role_arn),
        execution_role: role(definition.execution_role_arn),
        found,
        tags: tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Families {
    families: Vec<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    task_definition: Definition,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    task_definition_arn: String,
    task_role_arn: Option<String>,
    execution_role_arn: Option<String>,
    container_definitions: Vec<Container>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: String,
    environment: Option<Vec<Variable>>,
    command: Option<Vec<String>>,
    entry_point: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Variable {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Tag {
    key: Option<String>,
    value: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::facts::compute::Embedded;

    #[test]
    fn roles_and_keys_of_containers_are_found() {
        let id = concat!("AKIA", "QWERTYUIOPASDFGH");
        let text = format!(
            r#"{{"taskDefinition":{{"taskDefinitionArn":"arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7","family":"web","revision":7,
            "taskRoleArn":"arn:aws:iam::123456789012:role/task","executionRoleArn":"","containerDefinitions":[
            {{"name":"web","image":"web","environment":[{{"name":"KEY","value":"{id}"}}],"secrets":[{{"name":"S","valueFrom":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-AbCdEf"}}]}},
            {{"name":"side","image":"side","command":["sh","-c","echo"]}}]}},"tags":[{{"key":"purpose","value":"governance"}}]}}"#
        );
        let answer: Answer = serde_json::from_str(&text).expect("an answer");
        let details = of(answer);
        assert_eq!(details.task_role.as_ref().map(Arn::as_str), Some("arn:aws:iam::123456789012:role/task"));
        assert_eq!(details.execution_role, None);
        assert_eq!(details.found, [Embedded::new("container web, KEY", id, false)]);
        assert_eq!(details.tags["purpose"], "governance");
    }
}
