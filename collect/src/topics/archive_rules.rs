//! The archive rules of every analyzer: one call an analyzer.

use std::collections::BTreeMap;

use aws_sdk_accessanalyzer::types;
use futures_util::future::join_all;
use probity_model::facts::access_analyzer::{Analyzer, ArchiveRule, Criterion};
use probity_model::facts::{Analyzers, ArchiveRules};
use probity_model::{Gap, Region, Seen, Service};

use crate::pages::Pages;
use crate::reader::{Reader, moment, operation};

pub(crate) async fn read(reader: &Reader<'_>, analyzers: &Analyzers) -> Result<ArchiveRules, Gap> {
    let asked = analyzers.all().map(|(region, analyzer)| async move {
        (analyzer.arn.clone(), Seen::from(of_analyzer(reader, region, analyzer).await))
    });
    Ok(ArchiveRules { analyzers: join_all(asked).await.into_iter().collect() })
}

/// How many rules there are.
pub(crate) fn count(rules: &ArchiveRules) -> usize {
    rules.analyzers.values().filter_map(|seen| seen.get().ok()).map(Vec::len).sum()
}

async fn of_analyzer(reader: &Reader<'_>, region: &Region, analyzer: &Analyzer) -> Result<Vec<ArchiveRule>, Gap> {
    let list = operation(Service::AccessAnalyzer, "ListArchiveRules");
    let client = reader.clients.access_analyzer(region);
    let mut rules = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = client.list_archive_rules().analyzer_name(&analyzer.name).set_next_token(token);
        let page = reader.ask_in(region, list, call.send()).await?;
        for rule in page.archive_rules {
            let created_at = moment(list, "createdAt", &rule.created_at).map_err(|gap| gap.in_region(region))?;
            let filter: BTreeMap<_, _> =
                rule.filter.into_iter().map(|(key, demand)| (key, criterion(demand))).collect();
            rules.push(ArchiveRule { name: rule.rule_name, filter, created_at });
        }
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            rules.sort_by(|a: &ArchiveRule, b| a.name.cmp(&b.name));
            return Ok(rules);
        }
    }
}

fn criterion(criterion: types::Criterion) -> Criterion {
    Criterion {
        eq: criterion.eq.unwrap_or_default(),
        neq: criterion.neq.unwrap_or_default(),
        contains: criterion.contains.unwrap_or_default(),
        exists: criterion.exists,
    }
}
