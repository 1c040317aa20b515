//! Lambda functions of a Region, with their role. What their environment variables hold is looked through here and not kept.

use std::collections::BTreeMap;

use probity_model::facts::compute::{Embedded, Function};
use probity_model::{Arn, Gap, GapKind, Operation, Region, Seen, Service};
use serde::Deserialize;

use crate::embedded;
use crate::pages::Pages;
use crate::reader::{Reader, operation};

/// The most a page can hold (Lambda API Reference, `ListFunctions`, `MaxItems`).
const PAGE: &str = "50";

pub(crate) async fn read(reader: &Reader<'_>, region: &Region) -> Result<Vec<Function>, Gap> {
    let list = operation(Service::Lambda, "ListFunctions");
    let lambda = reader.plain(Service::Lambda, region);
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker: Option<String> = None;
    loop {
        let mut query = vec![("MaxItems", PAGE)];
        query.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page: Answer = lambda.get(list.name, "/2015-03-31/functions", &query).ask().await?;
        found.extend(page.functions.into_iter().map(|item| function(list, region, item)));
        marker = pages.next_token(page.next_marker).map_err(|gap| gap.in_region(region))?;
        if marker.is_none() {
            found.sort_by(|a, b| a.arn.cmp(&b.arn));
            return Ok(found);
        }
    }
}

fn function(list: Operation, region: &Region, item: Item) -> Function {
    Function {
        arn: Arn::new(item.function_arn),
        name: item.function_name,
        role: Arn::new(item.role),
        environment: item.environment.map_or(Seen::Known(Vec::new()), |environment| {
            Seen::from(variables(list, environment).map_err(|gap| gap.in_region(region)))
        }),
    }
}

/// What is found in the variables. Where they are encrypted with a key that the caller may not use, AWS sends an error in
/// their place.
fn variables(list: Operation, environment: Environment) -> Result<Vec<Embedded>, Gap> {
    if let Some(error) = environment.error {
        let denied = error.error_code.as_deref().is_some_and(|code| code.starts_with("AccessDenied"));
        let kind = if denied { GapKind::Denied } else { GapKind::Unexpected };
        let message = error.message.unwrap_or_else(|| "the environment variables could not be decrypted".to_owned());
        return Err(Gap::of(kind, list, error.error_code, message));
    }
    let fields = environment.variables.iter().map(|(name, value)| (name.clone(), value.as_str()));
    Ok(embedded::in_fields(fields))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    functions: Vec<Item>,
    next_marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    function_arn: String,
    function_name: String,
    role: String,
    environment: Option<Environment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    #[serde(default)]
    variables: BTreeMap<String, String>,
    error: Option<EnvironmentError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnvironmentError {
    error_code: Option<String>,
    message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(environment: &str) -> Function {
        let text = format!(
            r#"{{"FunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:f","FunctionName":"f","Role":"arn:aws:iam::123456789012:role/r","Runtime":"python3.13"{environment}}}"#
        );
        let item: Item = serde_json::from_str(&text).expect("a function");
        let region = Region::try_from("eu-west-1").expect("a Region");
        function(operation(Service::Lambda, "ListFunctions"), &region, item)
    }

    #[test]
    fn a_key_in_variables_is_found_and_not_kept() {
        let id = concat!("AKIA", "QWERTYUIOPASDFGH");
        let found = of(&format!(r#","Environment":{{"Variables":{{"KEY":"{id}","B":"x"}}}}"#));
        assert_eq!(found.environment, Seen::Known(vec![Embedded::new("KEY", id, false)]));
        assert!(!format!("{found:?}").contains(id));
        assert_eq!(of("").environment, Seen::Known(vec![]));
        assert_eq!(of(r#","Environment":{}"#).environment, Seen::Known(vec![]));
    }

    #[test]
    fn variables_that_cannot_be_decrypted_are_a_gap() {
        let error = r#","Environment":{"Error":{"ErrorCode":"AccessDeniedException","Message":"no kms:Decrypt"}}"#;
        let gap = of(error).environment.gap().cloned().expect("a gap");
        assert_eq!((gap.kind, gap.message.as_str()), (GapKind::Denied, "no kms:Decrypt"));
        assert_eq!(gap.region.as_ref().map(Region::as_str), Some("eu-west-1"));
        let other = r#","Environment":{"Error":{"ErrorCode":"KMSDisabledException"}}"#;
        assert_eq!(of(other).environment.gap().map(|gap| gap.kind), Some(GapKind::Unexpected));
    }
}
