//! CloudWatch alarms on the metrics of trails' log groups: a call for each hundred alarms of a Region that has such a metric.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{self, AlarmType};
use futures_util::future::join_all;
use probity_model::facts::alarms::{Alarm, MetricAlarm, Watched};
use probity_model::facts::{Alarms, TrailLogGroups};
use probity_model::{Arn, Gap, Operation, Region, Service};

use crate::pages::Pages;
use crate::reader::{Reader, operation, required};

/// The most a page can hold (CloudWatch API Reference, `DescribeAlarms`, `MaxRecords`).
const PAGE: i32 = 100;

type Metrics = BTreeSet<(String, String)>;

pub(crate) async fn read(reader: &Reader<'_>, groups: &TrailLogGroups) -> Result<Alarms, Gap> {
    let asked = wanted(groups).into_iter().map(|(region, metrics)| async move {
        let alarms = in_region(reader, &region, &metrics).await;
        (region, alarms.into())
    });
    Ok(Alarms { regions: join_all(asked).await.into_iter().collect() })
}

/// The metrics that the filters of each Region count into.
fn wanted(groups: &TrailLogGroups) -> BTreeMap<Region, Metrics> {
    let mut wanted: BTreeMap<Region, Metrics> = BTreeMap::new();
    for (arn, group) in &groups.groups {
        let (Ok(region), Ok(filters)) = (Region::try_from(arn.region()), group.filters.get()) else { continue };
        for metric in filters.iter().flat_map(|filter| &filter.metrics) {
            let name = (metric.namespace.clone(), metric.name.clone());
            wanted.entry(region.clone()).or_default().insert(name);
        }
    }
    wanted
}

async fn in_region(reader: &Reader<'_>, region: &Region, metrics: &Metrics) -> Result<Vec<Alarm>, Gap> {
    let describe = operation(Service::CloudWatch, "DescribeAlarms");
    let here = |gap: Gap| gap.in_region(region);
    let client = reader.clients.cloudwatch(region);
    let (mut pages, mut token) = (Pages::new(describe), None);
    let (mut alarms, mut composites) = (Vec::new(), Vec::new());
    loop {
        let call = client.describe_alarms().max_records(PAGE).set_next_token(token);
        let call = call.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
        let page = reader.ask_in(region, describe, call.send()).await?;
        for alarm in page.metric_alarms.unwrap_or_default() {
            alarms.extend(on_metric(describe, alarm, metrics).map_err(here)?);
        }
        for alarm in page.composite_alarms.unwrap_or_default() {
            composites.push(composite(describe, alarm).map_err(here)?);
        }
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() {
            break;
        }
    }
    let names = |composite: &Alarm| match &composite.watches {
        Watched::Composite { rule, .. } => {
            alarms.iter().any(|alarm: &Alarm| rule.contains(&alarm.name) || rule.contains(alarm.arn.as_str()))
        }
        _ => false,
    };
    composites.retain(names);
    alarms.extend(composites);
    alarms.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(alarms)
}

/// An alarm on one of the metrics; nothing for any other.
fn on_metric(describe: Operation, alarm: types::MetricAlarm, metrics: &Metrics) -> Result<Option<Alarm>, Gap> {
    let watches = match (alarm.namespace, alarm.metric_name) {
        (Some(namespace), Some(metric)) => {
            let wanted = (namespace, metric);
            if !metrics.contains(&wanted) {
                return Ok(None);
            }
            let dimensions = alarm.dimensions.unwrap_or_default().into_iter();
            let dimensions = dimensions.filter_map(|one| Some((one.name?, one.value?))).collect();
            let comparison = alarm.comparison_operator.map(|comparison| comparison.as_str().to_owned());
            let periods = required(describe, "EvaluationPeriods", alarm.evaluation_periods)?;
            Watched::Metric(MetricAlarm {
                namespace: wanted.0,
                metric: wanted.1,
                dimensions,
                statistic: alarm.statistic.map(|statistic| statistic.as_str().to_owned()),
                comparison: required(describe, "ComparisonOperator", comparison)?,
                threshold: alarm.threshold.map(|threshold| threshold.to_string()),
                period_seconds: alarm.period,
                datapoints: alarm.datapoints_to_alarm.unwrap_or(periods),
            })
        }
        _ => {
            let queries = alarm.metrics.unwrap_or_default().into_iter();
            let named = queries.filter_map(|query| query.metric_stat?.metric);
            let all: Metrics = named.filter_map(|metric| Some((metric.namespace?, metric.metric_name?))).collect();
            if all.is_disjoint(metrics) {
                return Ok(None);
            }
            Watched::Expression { metrics: all }
        }
    };
    Ok(Some(Alarm {
        arn: Arn::new(required(describe, "AlarmArn", alarm.alarm_arn)?),
        name: required(describe, "AlarmName", alarm.alarm_name)?,
        actions_enabled: required(describe, "ActionsEnabled", alarm.actions_enabled)?,
        actions: alarm.alarm_actions.unwrap_or_default().into_iter().map(Arn::new).collect(),
        watches,
    }))
}

fn composite(describe: Operation, alarm: types::CompositeAlarm) -> Result<Alarm, Gap> {
    Ok(Alarm {
        arn: Arn::new(required(describe, "AlarmArn", alarm.alarm_arn)?),
        name: required(describe, "AlarmName", alarm.alarm_name)?,
        actions_enabled: required(describe, "ActionsEnabled", alarm.actions_enabled)?,
        actions: alarm.alarm_actions.unwrap_or_default().into_iter().map(Arn::new).collect(),
        watches: Watched::Composite {
            rule: required(describe, "AlarmRule", alarm.alarm_rule)?,
            has_suppressor: alarm.actions_suppressor.is_some_and(|name| !name.is_empty()),
        },
    })
}
