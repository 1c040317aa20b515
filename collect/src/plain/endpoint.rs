//! Where a service answers: the endpoint rules that the AWS SDKs share (`partitions.json` and the rule sets of the services).

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use probity_model::Region;

use super::services::{DualStack, Protocol, Wire};

/// Domains of a partition: its own, and that of endpoints that answer over IPv6 too.
fn domains(partition: &str) -> (&'static str, &'static str) {
    match partition {
        "aws-cn" => ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        "aws-eusc" => ("amazonaws.eu", "api.amazonwebservices.eu"),
        "aws-iso" => ("c2s.ic.gov", "api.aws.ic.gov"),
        "aws-iso-b" => ("sc2s.sgov.gov", "api.aws.scloud"),
        "aws-iso-e" => ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
        "aws-iso-f" => ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
        _ => ("amazonaws.com", "api.aws"),
    }
}

/// The address of a service in a Region, as a client of its SDK crate would find it.
///
/// # Errors
/// What cannot be asked for together, in words.
pub(super) fn of(wire: &Wire, config: &SdkConfig, region: &Region, account: &str) -> Result<String, String> {
    let fips = config.use_fips().unwrap_or(false);
    let dual = config.use_dual_stack().unwrap_or(false);
    if let Some(url) = configured(wire, config) {
        // The SDK refuses these too: nobody knows what the endpoint of somebody's own would have to be called.
        return match (fips, dual) {
            (true, _) => Err("endpoints validated under FIPS cannot be had from a custom endpoint".to_owned()),
            (_, true) => Err("endpoints for IPv6 cannot be had from a custom endpoint".to_owned()),
            _ => Ok(url),
        };
    }
    Ok(format!("https://{}", host(wire, region, fips, dual, account)))
}

/// The endpoint of somebody's own: what was given outright, that of the service, that of all.
fn configured(wire: &Wire, config: &SdkConfig) -> Option<String> {
    let given = || config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return given();
    }
    let key = ServiceConfigKey::builder().service_id(wire.service.sdk_id());
    let key = key.env("AWS_ENDPOINT_URL").profile("endpoint_url").build().ok();
    key.and_then(|key| config.service_config()?.load_config(key)).or_else(given)
}

fn host(wire: &Wire, region: &Region, fips: bool, dual: bool, account: &str) -> String {
    let partition = region.partition();
    let partition = partition.as_str();
    let (domain, dual_domain) = domains(partition);
    let dual = dual && !(wire.dual_stack == DualStack::Same && matches!(partition, "aws" | "aws-cn" | "aws-us-gov"));
    let fips = fips && !(wire.gov_is_fips && partition == "aws-us-gov" && !dual);
    let validated = if fips { "-fips" } else { "" };
    let name = match (dual, wire.dual_stack) {
        (false, _) => format!("{}{validated}.{region}.{domain}", wire.host),
        (true, DualStack::Word) => format!("{}{validated}.dualstack.{region}.{domain}", wire.host),
        (true, _) => format!("{}{validated}.{region}.{dual_domain}", wire.host),
    };
    if wire.protocol == Protocol::RestXml { format!("{account}.{name}") } else { name }
}
