//! The configuration recorders of AWS Config in every Region: a call a Region, and a second one where there is a recorder.
//!
//! Delivery channels are not asked for: without one no recorder can be started, and whether the last delivery succeeded the
//! recorder's status says.

use probity_model::facts::ConfigRecorders;
use probity_model::facts::detection::{ConfigRecorder, RecorderStatus, RecordingGroup};
use probity_model::{Gap, GapKind, Region, Service};
use serde::Deserialize;
use serde_json::json;

use super::enabled_regions::Places;
use crate::reader::{Reader, operation, seconds};

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<ConfigRecorders, Gap> {
    Ok(ConfigRecorders { regions: places.read(|region| in_region(reader, region)).await })
}

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<Vec<ConfigRecorder>, Gap> {
    let config = reader.plain(Service::Config, region);
    let answer: Recorders = config.json("DescribeConfigurationRecorders", &json!({})).ask().await?;
    if answer.configuration_recorders.is_empty() {
        return Ok(Vec::new());
    }
    let describe = operation(Service::Config, "DescribeConfigurationRecorderStatus");
    let statuses: Result<Statuses, Gap> = config.json(describe.name, &json!({})).ask().await;
    let status = |name: &str| -> Result<RecorderStatus, Gap> {
        let all = statuses.as_ref().map_err(Clone::clone)?;
        let found = all.configuration_recorders_status.iter().find(|status| status.name == name);
        let unsaid = || {
            let message = format!("the answer has no status of the recorder {name}");
            Gap::of(GapKind::Malformed, describe, None, message).in_region(region)
        };
        found.map(Status::known).ok_or_else(unsaid)
    };
    let mut found: Vec<ConfigRecorder> = answer
        .configuration_recorders
        .into_iter()
        .map(|recorder| ConfigRecorder {
            status: status(&recorder.name).into(),
            name: recorder.name,
            role: recorder.role_arn,
            service_principal: recorder.service_principal,
            group: recorder.recording_group.map(Group::known).unwrap_or_default(),
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Recorders {
    configuration_recorders: Vec<Recorder>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorder {
    name: String,
    #[serde(rename = "roleARN")]
    role_arn: Option<String>,
    recording_group: Option<Group>,
    service_principal: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    #[serde(default)]
    all_supported: bool,
    #[serde(default)]
    include_global_resource_types: bool,
    #[serde(default)]
    resource_types: Vec<String>,
    exclusion_by_resource_types: Option<Exclusion>,
    recording_strategy: Option<Strategy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exclusion {
    #[serde(default)]
    resource_types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Strategy {
    use_only: Option<String>,
}

impl Group {
    fn known(self) -> RecordingGroup {
        RecordingGroup {
            all_supported: self.all_supported,
            include_global_types: self.include_global_resource_types,
            strategy: self.recording_strategy.and_then(|strategy| strategy.use_only),
            types: self.resource_types.into_iter().collect(),
            excluded: self.exclusion_by_resource_types.into_iter().flat_map(|all| all.resource_types).collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statuses {
    configuration_recorders_status: Vec<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    name: String,
    recording: bool,
    last_status: Option<String>,
    last_error_message: Option<String>,
    last_error_code: Option<String>,
    /// Seconds since 1970, with a fraction.
    last_start_time: Option<f64>,
}

impl Status {
    fn known(&self) -> RecorderStatus {
        let error = self.last_error_message.as_ref().or(self.last_error_code.as_ref());
        RecorderStatus {
            recording: self.recording,
            last_status: self.last_status.clone(),
            last_error: error.filter(|error| !error.is_empty()).cloned(),
            started_at: self.last_start_time.and_then(seconds),
        }
    }
}
