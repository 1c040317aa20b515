//! Security Hub CSPM in every Region: a call a Region, which says both whether it is on and which standards are.

use std::collections::BTreeMap;

use probity_model::facts::SecurityHubs;
use probity_model::facts::detection::SecurityHub;
use probity_model::{Gap, Region, Service};
use serde::Deserialize;
use serde_json::json;

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, operation};

/// What Security Hub answers where it is not on (Security Hub API Reference, `InvalidAccessException`: "The account doesn't
/// have permission to perform this action", which is said of accounts that are not subscribed).
const OFF: &str = "InvalidAccessException";

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<SecurityHubs, Gap> {
    Ok(SecurityHubs { regions: places.read(|region| in_region(reader, region)).await })
}

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<SecurityHub, Gap> {
    let get = operation(Service::SecurityHub, "GetEnabledStandards");
    let hub = reader.plain(Service::SecurityHub, region);
    let (mut pages, mut token) = (Pages::new(get), None);
    let mut standards = BTreeMap::new();
    loop {
        let request = json!({"NextToken": token});
        let Ok(page) = hub.post(get.name, "/standards/get", &request).ask_or::<Answer>(&[OFF]).await? else {
            return Ok(SecurityHub::Off);
        };
        standards.extend(page.standards_subscriptions.into_iter().map(|one| (one.standards_arn, one.standards_status)));
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            return Ok(SecurityHub::On(standards));
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    standards_subscriptions: Vec<Standard>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Standard {
    standards_arn: String,
    standards_status: String,
}
