//! The analyzers of every Region: one call a Region, and one more an analyzer that has settings of its own.

use aws_sdk_accessanalyzer::types;
use futures_util::future::join_all;
use probity_model::facts::Analyzers;
use probity_model::facts::access_analyzer::{Analyzer, AnalyzerConfiguration, Inclusion, InternalAccess, UnusedAccess};
use probity_model::{Arn, Gap, Region, Seen, Service};

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, moment, operation};

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<Analyzers, Gap> {
    let read = places.read_where_offered(Service::AccessAnalyzer, |region| in_region(reader, region));
    let (regions, not_offered) = read.await;
    Ok(Analyzers { regions, not_offered })
}

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<Vec<Analyzer>, Gap> {
    let list = operation(Service::AccessAnalyzer, "ListAnalyzers");
    let client = reader.clients.access_analyzer(region);
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let page = reader.ask_in(region, list, client.list_analyzers().set_next_token(token).send()).await?;
        found.extend(page.analyzers);
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            break;
        }
    }
    let whole = found.into_iter().map(|summary| whole(reader, region, &client, summary));
    let mut analyzers = join_all(whole).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    analyzers.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(analyzers)
}

async fn whole(
    reader: &Reader<'_>,
    region: &Region,
    client: &aws_sdk_accessanalyzer::Client,
    summary: types::AnalyzerSummary,
) -> Result<Analyzer, Gap> {
    let list = operation(Service::AccessAnalyzer, "ListAnalyzers");
    let created_at = moment(list, "createdAt", &summary.created_at).map_err(|gap| gap.in_region(region))?;
    let reason = summary.status_reason.as_ref().map(|reason| reason.code.as_str().to_owned());
    let mut analyzer = Analyzer {
        arn: Arn::new(summary.arn),
        kind: summary.r#type.as_str().to_owned(),
        status: summary.status.as_str().to_owned(),
        status_reason: reason,
        created_at,
        last_analyzed_at: maybe_time(summary.last_resource_analyzed_at.as_ref()),
        managed_by: summary.managed_by,
        configuration: Seen::Known(AnalyzerConfiguration::Everything),
        name: summary.name,
    };
    if !analyzer.is_external() {
        // The list leaves the settings out (Access Analyzer API Reference, `AnalyzerSummary`).
        let get = operation(Service::AccessAnalyzer, "GetAnalyzer");
        let call = client.get_analyzer().analyzer_name(&analyzer.name).send();
        let answer = reader.ask_in(region, get, call).await;
        analyzer.configuration = answer.map(|answer| configuration(answer.analyzer)).into();
    }
    Ok(analyzer)
}

fn configuration(analyzer: Option<types::AnalyzerSummary>) -> AnalyzerConfiguration {
    match analyzer.and_then(|analyzer| analyzer.configuration) {
        Some(types::AnalyzerConfiguration::UnusedAccess(settings)) => {
            AnalyzerConfiguration::UnusedAccess(unused_access(settings))
        }
        Some(types::AnalyzerConfiguration::InternalAccess(settings)) => {
            AnalyzerConfiguration::InternalAccess(internal_access(settings))
        }
        _ => AnalyzerConfiguration::Everything,
    }
}

fn unused_access(settings: types::UnusedAccessConfiguration) -> UnusedAccess {
    let exclusions = settings.analysis_rule.and_then(|rule| rule.exclusions).unwrap_or_default();
    let mut excluded = UnusedAccess {
        age_days: settings.unused_access_age.and_then(|days| u32::try_from(days).ok()),
        ..UnusedAccess::default()
    };
    for exclusion in exclusions {
        excluded.excluded_accounts.extend(exclusion.account_ids.unwrap_or_default());
        let tags = exclusion.resource_tags.unwrap_or_default();
        excluded.excluded_tags.extend(tags.into_iter().map(|tags| tags.into_iter().collect()));
    }
    excluded.excluded_accounts.sort();
    excluded.excluded_tags.sort();
    excluded
}

fn internal_access(settings: types::InternalAccessConfiguration) -> InternalAccess {
    let inclusions = settings.analysis_rule.and_then(|rule| rule.inclusions).unwrap_or_default();
    let inclusion = |criteria: types::InternalAccessAnalysisRuleCriteria| Inclusion {
        accounts: criteria.account_ids.unwrap_or_default(),
        resource_types: criteria.resource_types.into_iter().flatten().map(|kind| kind.as_str().to_owned()).collect(),
        resource_arns: criteria.resource_arns.unwrap_or_default(),
    };
    InternalAccess { inclusions: inclusions.into_iter().map(inclusion).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, HashMap};

    #[test]
    fn what_an_analyzer_leaves_out_is_kept() {
        let tags = HashMap::from([("team".to_owned(), "lab".to_owned())]);
        let exclusion = types::AnalysisRuleCriteria::builder().account_ids("444455556666").resource_tags(tags).build();
        let rule = types::AnalysisRule::builder().exclusions(exclusion).build();
        let settings = types::UnusedAccessConfiguration::builder().unused_access_age(60).analysis_rule(rule).build();
        let read = unused_access(settings);
        assert_eq!((read.age_days, read.excluded_accounts), (Some(60), vec!["444455556666".to_owned()]));
        assert_eq!(read.excluded_tags, [BTreeMap::from([("team".to_owned(), "lab".to_owned())])]);
        let negative = types::UnusedAccessConfiguration::builder().unused_access_age(-1).build();
        assert_eq!(unused_access(negative), UnusedAccess::default());
    }

    #[test]
    fn what_an_analyzer_of_internal_access_looks_at_is_kept() {
        let criteria = types::InternalAccessAnalysisRuleCriteria::builder()
            .resource_types(types::ResourceType::AwsS3Bucket)
            .resource_arns("arn:aws:s3:::ledger")
            .build();
        let rule = types::InternalAccessAnalysisRule::builder().inclusions(criteria).build();
        let read = internal_access(types::InternalAccessConfiguration::builder().analysis_rule(rule).build());
        let [inclusion] = read.inclusions.as_slice() else { unreachable!("one inclusion") };
        assert_eq!(inclusion.resource_types, ["AWS::S3::Bucket"]);
        assert_eq!(inclusion.resource_arns, ["arn:aws:s3:::ledger"]);
    }

    #[test]
    fn an_analyzer_without_settings_looks_at_everything() {
        assert_eq!(configuration(None), AnalyzerConfiguration::Everything);
    }
}
