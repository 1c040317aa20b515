//! What the analyzers of external and of unused access found that is open: one call an analyzer, and one more where there is
//! something of external access that may be for everyone.
//!
//! Whether a finding is about access for everyone stands in none of the entries of the list, only in the finding itself, which
//! costs a call each. The filter key `isPublic` of the list tells it of all at once (IAM User Guide, "IAM Access Analyzer
//! filter keys").

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_accessanalyzer::types;
use futures_util::future::join_all;
use probity_model::facts::access_analyzer::{Analyzer, AnalyzerFinding, FindingList};
use probity_model::facts::{AnalyzerFindings, Analyzers};
use probity_model::{Arn, Gap, GapKind, Operation, Region, Seen, Service};

use crate::pages::Pages;
use crate::reader::{Reader, moment, operation};

/// Findings a page.
const PAGE: i32 = 100;
/// Pages read of one list; beyond this it is marked as cut. An analyzer of a large organization has findings by the
/// thousand, and nobody works off a list of that length finding by finding.
const PAGES: usize = 30;

pub(crate) async fn read(
    reader: &Reader<'_>,
    analyzers: &Analyzers,
    with_rules: &BTreeSet<Arn>,
) -> Result<AnalyzerFindings, Gap> {
    let chosen = analyzers.all().filter(|(_, analyzer)| analyzer.is_external() || analyzer.is_unused_access());
    let asked = chosen.map(|(region, analyzer)| async move {
        let list = of_analyzer(reader, region, analyzer, with_rules.contains(&analyzer.arn)).await;
        (analyzer.arn.clone(), Seen::from(list))
    });
    Ok(AnalyzerFindings { analyzers: join_all(asked).await.into_iter().collect() })
}

/// How many findings there are.
pub(crate) fn count(findings: &AnalyzerFindings) -> usize {
    findings.analyzers.values().filter_map(|seen| seen.get().ok()).map(|list| list.active.len()).sum()
}

async fn of_analyzer(
    reader: &Reader<'_>,
    region: &Region,
    analyzer: &Analyzer,
    with_rules: bool,
) -> Result<FindingList, Gap> {
    let (active, cut) = list(reader, region, analyzer, &[("status", &["ACTIVE"])]).await?;
    let mut found = FindingList { active, public: Seen::Known(BTreeSet::new()), archived_public: None, cut };
    if !analyzer.is_external() {
        return Ok(found);
    }
    let mut statuses = Vec::new();
    if !found.active.is_empty() {
        statuses.push("ACTIVE");
    }
    if with_rules {
        statuses.push("ARCHIVED");
    }
    if statuses.is_empty() {
        return Ok(found);
    }
    let filter: [(&str, &[&str]); 2] = [("isPublic", &["true"]), ("status", &statuses)];
    let public = match list_with_status(reader, region, analyzer, &filter).await {
        Ok((_, true)) => Err(too_many(region)),
        Ok((public, false)) => Ok(public),
        Err(gap) => Err(gap),
    };
    let of = |public: &[(String, AnalyzerFinding)], wanted: &str| -> Vec<AnalyzerFinding> {
        let matching = public.iter().filter(|(status, _)| status == wanted);
        matching.map(|(_, finding)| finding.clone()).collect()
    };
    if with_rules {
        found.archived_public = Some(public.as_ref().map(|all| of(all, "ARCHIVED")).map_err(Gap::clone).into());
    }
    if !found.active.is_empty() {
        let public = public.map(|all| of(&all, "ACTIVE"));
        if let Ok(public) = &public {
            // One that arose between the two calls, or lies beyond the cut, is there all the same.
            let known: BTreeSet<String> = found.active.iter().map(|finding| finding.id.clone()).collect();
            found.active.extend(public.iter().filter(|finding| !known.contains(&finding.id)).cloned());
            found.active.sort_by(|a, b| a.id.cmp(&b.id));
        }
        found.public = public.map(|all| all.into_iter().map(|finding| finding.id).collect()).into();
    }
    Ok(found)
}

fn too_many(region: &Region) -> Gap {
    let operation = operation(Service::AccessAnalyzer, "ListFindingsV2");
    let message = format!("there are more than {} findings about access for everyone", PAGES * 100);
    Gap::of(GapKind::Undecided, operation, None, message).in_region(region)
}

type Filter<'a> = [(&'a str, &'a [&'a str])];

async fn list(
    reader: &Reader<'_>,
    region: &Region,
    analyzer: &Analyzer,
    filter: &Filter<'_>,
) -> Result<(Vec<AnalyzerFinding>, bool), Gap> {
    let (findings, cut) = list_with_status(reader, region, analyzer, filter).await?;
    Ok((findings.into_iter().map(|(_, finding)| finding).collect(), cut))
}

/// The findings that match a filter, each with its status, sorted by id, and whether there are more.
async fn list_with_status(
    reader: &Reader<'_>,
    region: &Region,
    analyzer: &Analyzer,
    filter: &Filter<'_>,
) -> Result<(Vec<(String, AnalyzerFinding)>, bool), Gap> {
    let list = operation(Service::AccessAnalyzer, "ListFindingsV2");
    let client = reader.clients.access_analyzer(region);
    let here = |gap: Gap| gap.in_region(region);
    let mut findings: BTreeMap<String, (String, AnalyzerFinding)> = BTreeMap::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    for _ in 0..PAGES {
        let mut call = client.list_findings_v2().analyzer_arn(analyzer.arn.as_str()).max_results(PAGE);
        for (key, values) in filter {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            call = call.filter(*key, types::Criterion::builder().set_eq(Some(values)).build());
        }
        let page = reader.ask_in(region, list, call.set_next_token(token).send()).await?;
        for summary in page.findings {
            let status = summary.status.as_str().to_owned();
            let finding = finding(list, summary).map_err(here)?;
            findings.insert(finding.id.clone(), (status, finding));
        }
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() {
            break;
        }
    }
    Ok((findings.into_values().collect(), token.is_some()))
}

fn finding(list: Operation, summary: types::FindingSummaryV2) -> Result<AnalyzerFinding, Gap> {
    Ok(AnalyzerFinding {
        created_at: moment(list, "createdAt", &summary.created_at)?,
        updated_at: moment(list, "updatedAt", &summary.updated_at)?,
        analyzed_at: moment(list, "analyzedAt", &summary.analyzed_at)?,
        kind: summary.finding_type.map(|kind| kind.as_str().to_owned()),
        resource: summary.resource.filter(|resource| !resource.is_empty()).map(Arn::new),
        resource_type: summary.resource_type.as_str().to_owned(),
        owner: summary.resource_owner_account,
        error: summary.error.filter(|error| !error.is_empty()),
        id: summary.id,
    })
}
