//! Which names are Regions: an invented one is no error to the SDK, which would ask the commercial partition instead.

use probity_model::{Gap, GapKind, Region, Service};

/// The Regions of each partition, as of November 2026 (AWS General Reference, "Regional endpoints"). It serves to suggest a
/// name, and to say which Regions were not read where AWS does not tell which are enabled; a Region that is newer than this
/// list is accepted by the shape of its name.
const KNOWN: [&str; 46] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// The areas that Region names of the commercial partition begin with (the pattern of the partition in the SDK's endpoint
/// rules).
const AREAS: [&str; 9] = ["af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"];

/// Whether a name can be that of a Region: known, or of the shape that a new one would have.
pub(crate) fn exists(region: &Region) -> bool {
    let name = region.as_str();
    let special = region.partition().as_str() != "aws";
    let area = name.split('-').next().unwrap_or_default();
    KNOWN.contains(&name) || special || (AREAS.contains(&area) && name.split('-').count() == 3)
}

/// The known name that is most like what was typed.
pub(crate) fn nearest(typed: &str) -> Option<String> {
    let scored = KNOWN.iter().map(|name| (strsim::jaro_winkler(typed, name), *name));
    scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name.to_owned())
}

/// The known Regions of the partition that a Region lies in.
pub(crate) fn of_same_partition(region: &Region) -> impl Iterator<Item = Region> {
    let partition = region.partition();
    KNOWN.iter().filter_map(|name| Region::try_from(*name).ok()).filter(move |known| known.partition() == partition)
}

/// The Region that a partition keeps its global services in, where their events are recorded.
pub(crate) fn home_of_global_services(region: &Region) -> Option<Region> {
    let name = match region.partition().as_str() {
        "aws" => "us-east-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-cn" => "cn-north-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => return None,
    };
    Region::try_from(name).ok()
}

/// Whether AWS lists an endpoint of the service in the Region (the endpoints that AWS publishes with its SDKs, as of November
/// 2026). Only services that some Region lacks are told apart; a Region that is newer than this is taken to have them.
pub(crate) fn offers(service: Service, region: &Region) -> bool {
    let partition = region.partition();
    match (service, partition.as_str()) {
        (Service::AccessAnalyzer, "aws-iso" | "aws-iso-b") => false,
        (Service::RolesAnywhere, "aws-iso" | "aws-iso-b" | "aws-iso-e") => false,
        (Service::CognitoIdentity, "aws-iso" | "aws-iso-b" | "aws-iso-e" | "aws-iso-f") => false,
        (Service::CognitoIdentity, "aws-cn") => region.as_str() != "cn-northwest-1",
        _ => true,
    }
}

/// Whether a gap means that the Region does not have the service: nobody answered, and AWS lists no endpoint there.
pub(crate) fn lacks(service: Service, region: &Region, gap: &Gap) -> bool {
    gap.kind == GapKind::Unreachable && !offers(service, region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        Region::try_from(name).expect("a name")
    }

    #[test]
    fn invented_regions_do_not_exist() {
        assert!(!exists(&region("mars-north-1")));
        assert!(!exists(&region("xx-east-1")));
        assert!(exists(&region("eu-central-9")), "a Region of tomorrow");
        assert!(KNOWN.iter().all(|name| exists(&region(name))));
    }

    #[test]
    fn a_typing_error_has_a_nearest_name() {
        assert_eq!(nearest("eu-centrla-1").as_deref(), Some("eu-central-1"));
        assert_eq!(nearest("mars"), None);
    }

    #[test]
    fn partitions_do_not_mix() {
        let china: Vec<_> = of_same_partition(&region("cn-north-1")).collect();
        assert_eq!(china, [region("cn-north-1"), region("cn-northwest-1")]);
    }

    #[test]
    fn a_service_is_lacking_only_where_aws_lists_no_endpoint_and_nobody_answers() {
        let gap = |kind| Gap { kind, operation: None, region: None, code: None, message: String::new() };
        let unreachable = gap(GapKind::Unreachable);
        assert!(lacks(Service::CognitoIdentity, &region("cn-northwest-1"), &unreachable));
        assert!(!lacks(Service::CognitoIdentity, &region("cn-northwest-1"), &gap(GapKind::Denied)));
        assert!(!lacks(Service::CognitoIdentity, &region("cn-north-1"), &unreachable));
        assert!(lacks(Service::AccessAnalyzer, &region("us-iso-east-1"), &unreachable));
        for name in KNOWN.iter().filter(|name| region(name).partition().as_str() == "aws") {
            let services = [Service::AccessAnalyzer, Service::RolesAnywhere, Service::CognitoIdentity];
            assert!(services.iter().all(|service| offers(*service, &region(name))), "{name}");
        }
    }
}
