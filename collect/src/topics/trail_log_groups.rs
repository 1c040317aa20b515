//! The log groups that the account's own trails feed, with their metric filters: two calls a group.

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};
use probity_model::facts::TrailLogGroups;
use probity_model::facts::trail_log_groups::{FilterMetric, LogGroup, LogGroupDetails, MetricFilter};
use probity_model::facts::trails::Trail;
use probity_model::{Arn, Gap, Region, Service};
use serde::Deserialize;
use serde_json::json;

use crate::pages::Pages;
use crate::reader::{Reader, operation};

pub(crate) async fn read(reader: &Reader<'_>, trails: Vec<(Region, Trail)>) -> Result<TrailLogGroups, Gap> {
    let mut named: Vec<(Arn, Region)> =
        trails.into_iter().filter_map(|(home, trail)| trail.log_group.map(|group| (group, home))).collect();
    named.sort();
    named.dedup_by(|a, b| a.0 == b.0);
    let asked = named.into_iter().map(|(arn, home)| async move {
        let region = Region::try_from(arn.region()).unwrap_or(home);
        let name = name(&arn).to_owned();
        let (details, filters) = join(details(reader, &region, &name), filters(reader, &region, &name)).await;
        (arn, LogGroup { details: details.into(), filters: filters.into() })
    });
    Ok(TrailLogGroups { groups: join_all(asked).await.into_iter().collect() })
}

/// The name of a log group in its ARN, which ends in `:*`.
fn name(arn: &Arn) -> &str {
    let resource = arn.resource();
    let resource = resource.strip_prefix("log-group:").unwrap_or(resource);
    resource.strip_suffix(":*").unwrap_or(resource)
}

/// The group of exactly this name; there may be others that begin like it.
async fn details(reader: &Reader<'_>, region: &Region, name: &str) -> Result<Option<LogGroupDetails>, Gap> {
    let describe = operation(Service::Logs, "DescribeLogGroups");
    let logs = reader.plain(Service::Logs, region);
    let (mut pages, mut token) = (Pages::new(describe), None);
    loop {
        let request = json!({"logGroupNamePrefix": name, "nextToken": token});
        let page: Groups = logs.json(describe.name, &request).ask().await?;
        if let Some(group) = page.log_groups.into_iter().find(|group| group.log_group_name == name) {
            return Ok(Some(LogGroupDetails { retention_days: group.retention_in_days, class: group.log_group_class }));
        }
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            return Ok(None);
        }
    }
}

async fn filters(reader: &Reader<'_>, region: &Region, name: &str) -> Result<Vec<MetricFilter>, Gap> {
    let describe = operation(Service::Logs, "DescribeMetricFilters");
    let logs = reader.plain(Service::Logs, region);
    let (mut pages, mut token) = (Pages::new(describe), None);
    let mut filters = Vec::new();
    loop {
        let request = json!({"logGroupName": name, "nextToken": token});
        let page = logs.json(describe.name, &request).ask_or::<Filters>(&["ResourceNotFoundException"]).await?;
        let Ok(page) = page else { return Ok(Vec::new()) };
        filters.extend(page.metric_filters.into_iter().map(filter));
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            filters.sort_by(|a: &MetricFilter, b| a.name.cmp(&b.name));
            return Ok(filters);
        }
    }
}

fn filter(filter: Filter) -> MetricFilter {
    let metric = |metric: Transformation| FilterMetric {
        namespace: metric.metric_namespace,
        name: metric.metric_name,
        value: metric.metric_value,
        default_value: metric.default_value.map(|value| value.to_string()),
        dimensions: metric.dimensions.into_keys().collect(),
    };
    MetricFilter {
        name: filter.filter_name,
        pattern: filter.filter_pattern,
        field_selection: filter.field_selection_criteria.filter(|criteria| !criteria.trim().is_empty()),
        metrics: filter.metric_transformations.into_iter().map(metric).collect(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Groups {
    log_groups: Vec<Group>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    log_group_name: String,
    retention_in_days: Option<i32>,
    log_group_class: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filters {
    metric_filters: Vec<Filter>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    filter_name: String,
    /// Absent where the pattern is empty: it matches every event.
    #[serde(default)]
    filter_pattern: String,
    field_selection_criteria: Option<String>,
    metric_transformations: Vec<Transformation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transformation {
    metric_name: String,
    metric_namespace: String,
    metric_value: String,
    default_value: Option<f64>,
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
}
