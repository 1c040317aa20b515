//! The secrets kept in Secrets Manager in every Region: a call a hundred secrets, which does not tell what they hold. It is read
//! only when everything is asked for, and the policies of the secrets are asked for by it.

use probity_model::facts::Secrets;
use probity_model::facts::secrets::Secret;
use probity_model::{Arn, Gap, Region, Service};
use serde::Deserialize;
use serde_json::json;

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, operation, seconds};

/// The most a page can hold (Secrets Manager API Reference, `ListSecrets`, `MaxResults`).
const PAGE: u32 = 100;

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<Secrets, Gap> {
    Ok(Secrets { regions: places.read(|region| in_region(reader, region)).await })
}

/// How many there are.
pub(crate) fn count(all: &Secrets) -> usize {
    all.regions.values().filter_map(|seen| seen.get().ok()).map(Vec::len).sum()
}

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<Vec<Secret>, Gap> {
    let list = operation(Service::SecretsManager, "ListSecrets");
    let mut secrets = Vec::new();
    let mut pages = Pages::new(list);
    let mut token: Option<String> = None;
    loop {
        let request = json!({"MaxResults": PAGE, "NextToken": token});
        let page: Page = reader.plain(Service::SecretsManager, region).json(list.name, &request).ask().await?;
        secrets.extend(page.secret_list.into_iter().map(Listed::known));
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            secrets.sort_by(|a: &Secret, b| a.arn.cmp(&b.arn));
            return Ok(secrets);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    secret_list: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(rename = "ARN")]
    arn: String,
    /// Left out of a secret that was never set to rotate.
    #[serde(default)]
    rotation_enabled: bool,
    rotation_rules: Option<Rules>,
    /// Times are seconds since 1970, with a fraction.
    created_date: Option<f64>,
    last_rotated_date: Option<f64>,
    next_rotation_date: Option<f64>,
    owning_service: Option<String>,
    primary_region: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rules {
    automatically_after_days: Option<u32>,
    schedule_expression: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

impl Listed {
    fn known(self) -> Secret {
        let rules = self.rotation_rules;
        let schedule = rules.and_then(|rules| {
            let days = rules.automatically_after_days.map(|days| format!("every {days} days"));
            rules.schedule_expression.or(days)
        });
        Secret {
            arn: Arn::new(self.arn),
            rotates: self.rotation_enabled,
            schedule,
            created_at: self.created_date.and_then(seconds),
            last_rotated_at: self.last_rotated_date.and_then(seconds),
            next_rotation_at: self.next_rotation_date.and_then(seconds),
            owning_service: self.owning_service.filter(|service| !service.is_empty()),
            primary_region: self.primary_region.and_then(|name| Region::try_from(name.as_str()).ok()),
            tags: self.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_of_a_secret_is_none_and_not_a_fault() {
        let page: Page = serde_json::from_value(
            json!({"SecretList": [{"ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-Ab12Cd"}]}),
        )
        .expect("a page");
        let secret = page.secret_list.into_iter().next().expect("a secret").known();
        assert!(!secret.rotates && secret.schedule.is_none() && secret.last_rotated_at.is_none());
    }

    #[test]
    fn a_schedule_says_more_than_days() {
        let listed = |rules: serde_json::Value| -> Secret {
            let listed: Listed = serde_json::from_value(json!({
                "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-Ab12Cd", "RotationEnabled": true,
                "RotationRules": rules, "LastRotatedDate": 1_700_000_000.25, "PrimaryRegion": "eu-west-1",
                "Tags": [{"Key": "team", "Value": "data"}],
            }))
            .expect("a secret");
            listed.known()
        };
        let both = listed(json!({"AutomaticallyAfterDays": 10, "ScheduleExpression": "rate(10 days)"}));
        assert_eq!(both.schedule.as_deref(), Some("rate(10 days)"));
        assert_eq!(listed(json!({"AutomaticallyAfterDays": 30})).schedule.as_deref(), Some("every 30 days"));
        assert_eq!(both.last_rotated_at.map(|at| at.as_second()), Some(1_700_000_000));
        assert_eq!(both.primary_region.as_ref().map(Region::as_str), Some("eu-west-1"));
        assert_eq!(both.tags.get("team").map(String::as_str), Some("data"));
    }
}
