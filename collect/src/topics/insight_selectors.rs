//! What CloudTrail Insights watches: a call for each of the account's own trails.

use aws_sdk_cloudtrail::types::InsightSelector;
use futures_util::future::join_all;
use probity_model::facts::InsightSelectors;
use probity_model::facts::trails::Trail;
use probity_model::{Gap, Region, Service};

use crate::reader::{Reader, operation, required};

/// What CloudTrail answers where Insights is off.
const OFF: &str = "InsightNotEnabledException";

pub(crate) async fn read(reader: &Reader<'_>, trails: Vec<(Region, Trail)>) -> Result<InsightSelectors, Gap> {
    let asked = trails.iter().map(|(home, trail)| async { (trail.arn.clone(), of(reader, home, trail).await.into()) });
    Ok(InsightSelectors { trails: join_all(asked).await.into_iter().collect() })
}

async fn of(reader: &Reader<'_>, home: &Region, trail: &Trail) -> Result<Vec<String>, Gap> {
    let get = operation(Service::CloudTrail, "GetInsightSelectors");
    let call = reader.clients.cloudtrail(home).get_insight_selectors().trail_name(trail.arn.as_str()).send();
    let answer = reader.ask_or(get, &[OFF], call).await.map_err(|gap| gap.in_region(home))?;
    let Ok(answer) = answer else { return Ok(Vec::new()) };
    let kind = |selector: InsightSelector| selector.insight_type.map(|kind| kind.as_str().to_owned());
    let selectors = required(get, "InsightSelectors", answer.insight_selectors).map_err(|gap| gap.in_region(home))?;
    let mut kinds: Vec<String> = selectors.into_iter().filter_map(kind).collect();
    kinds.sort();
    Ok(kinds)
}
