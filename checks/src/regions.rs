//! The Regions of a partition, and in which of them an action can be asked for.

use probity_model::Partition;

/// The Regions of the commercial partition (AWS Regions and Availability Zones User Guide, November 2026).
const COMMERCIAL: [&str; 34] = [
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
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Services that are asked in one Region of the partition, wherever the caller sits.
const GLOBAL: [&str; 15] = [
    "account",
    "aws-portal",
    "billing",
    "budgets",
    "ce",
    "chatbot",
    "cloudfront",
    "globalaccelerator",
    "health",
    "iam",
    "organizations",
    "route53",
    "shield",
    "support",
    "waf",
];

/// The Regions of a partition; none of one that is not known.
pub(crate) fn of(partition: &Partition) -> &'static [&'static str] {
    match partition.as_str() {
        "aws" => &COMMERCIAL,
        "aws-cn" => &["cn-north-1", "cn-northwest-1"],
        "aws-us-gov" => &["us-gov-east-1", "us-gov-west-1"],
        "aws-eusc" => &["eusc-de-east-1"],
        _ => &[],
    }
}

/// The Regions that services without Regions are asked in.
pub(crate) fn of_global_services(partition: &Partition) -> &'static [&'static str] {
    match partition.as_str() {
        "aws" => &["us-east-1"],
        "aws-us-gov" => &["us-gov-west-1"],
        // IAM in the one, Organizations in the other.
        "aws-cn" => &["cn-north-1", "cn-northwest-1"],
        _ => of(partition),
    }
}

/// The Regions that an action can be asked for in.
pub(crate) fn where_asked(partition: &Partition, action: &str) -> &'static [&'static str] {
    let service = action.split(':').next().unwrap_or_default();
    let is_global = GLOBAL.iter().any(|global| service.eq_ignore_ascii_case(global));
    if is_global { of_global_services(partition) } else { of(partition) }
}
