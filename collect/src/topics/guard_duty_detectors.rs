//! The detectors of GuardDuty in every Region: a call a Region, and one for each detector, of which there is one at most.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use probity_model::facts::GuardDutyDetectors;
use probity_model::{Gap, Region, Seen, Service};
use serde::Deserialize;

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::plain::segment;
use crate::reader::{Reader, operation};

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<GuardDutyDetectors, Gap> {
    Ok(GuardDutyDetectors { regions: places.read(|region| in_region(reader, region)).await })
}

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<BTreeMap<String, Seen<String>>, Gap> {
    let list = operation(Service::GuardDuty, "ListDetectors");
    let guard_duty = reader.plain(Service::GuardDuty, region);
    let (mut pages, mut token) = (Pages::new(list), None);
    let mut ids = Vec::new();
    loop {
        let query: Vec<(&str, &str)> = token.as_deref().map(|token| ("nextToken", token)).into_iter().collect();
        let page: Detectors = guard_duty.get(list.name, "/detector", &query).ask().await?;
        ids.extend(page.detector_ids);
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            break;
        }
    }
    let asked = ids.into_iter().map(|id| async {
        let path = format!("/detector/{}", segment(&id));
        let answer = guard_duty.get("GetDetector", path, &[]).ask::<Detector>().await;
        (id, answer.map(|detector| detector.status).into())
    });
    Ok(join_all(asked).await.into_iter().collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detectors {
    detector_ids: Vec<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detector {
    status: String,
}
