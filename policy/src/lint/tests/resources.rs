//! ARNs.

use super::allow;

fn on(resource: &str) -> String {
    allow(&format!(r#""Action": "s3:GetObject", "Resource": "{resource}""#))
}

cases! {
    invalid_arn_prefix: "INVALID_ARN_PREFIX", Identity, on("aws:s3:::bucket"), on("arn:aws:s3:::bucket");
    missing_arn_field: "MISSING_ARN_FIELD", Identity, on("arn:aws:s3::bucket"), on("arn:aws:s3:::bucket");
    invalid_partition: "INVALID_PARTITION", Identity, on("arn:amazon:s3:::bucket"), on("arn:aws*:s3:::bucket");
    invalid_service: "INVALID_SERVICE", Identity, on("arn:aws:s33:::bucket"), on("arn:aws:s?:::bucket");
    invalid_arn_service_case: "INVALID_ARN_SERVICE_CASE", Identity, on("arn:aws:S3:::bucket"), on("arn:aws:s3:::Bucket");
    invalid_arn_region: "INVALID_ARN_REGION", Identity, on("arn:aws:sqs:us-eest-1:111122223333:q"), on("arn:aws:sqs:us-*:111122223333:q");
    invalid_arn_account: "INVALID_ARN_ACCOUNT", Identity, on("arn:aws:sqs:us-east-1:1111:q"), on("arn:aws:iam::aws:policy/x");
    invalid_arn_resource: "INVALID_ARN_RESOURCE", Identity, on("arn:aws:iam::111122223333:bucket/x"), on("arn:aws:iam::111122223333:${aws:PrincipalTag/kind}");
    arn_region_not_allowed: "ARN_REGION_NOT_ALLOWED", Identity, on("arn:aws:iam:us-east-1:111122223333:role/x"), on("arn:aws:iam:*:111122223333:role/x");
    arn_account_not_allowed: "ARN_ACCOUNT_NOT_ALLOWED", Identity, on("arn:aws:s3::111122223333:bucket"), on("arn:aws:s3:*:*:bucket");
    missing_arn_region: "MISSING_ARN_REGION", Identity, on("arn:aws:sqs::111122223333:q"), on("arn:aws:sqs:eu-west-1:111122223333:q");
    missing_arn_account: "MISSING_ARN_ACCOUNT", Identity, on("arn:aws:sqs:eu-west-1::q"), on("arn:aws:sqs:eu-west-1:*:q");
}

#[test]
fn regions_are_told_by_their_form() {
    for region in ["us-east-1", "ap-southeast-7", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1", "mx-central-1"] {
        assert!(crate::lint::resources::is_region(region), "{region}");
    }
    for text in ["", "us-east", "us-east-", "US-EAST-1", "us-eest-1", "xx-east-1", "us-east-1a", "global"] {
        assert!(!crate::lint::resources::is_region(text), "{text}");
    }
}

#[test]
fn usual_resources_have_nothing_to_tell() {
    for resource in [
        "*",
        "arn:aws:s3:::bucket/*",
        "arn:aws:s3:::${aws:username}/*",
        "arn:aws:ec2:us-east-1::image/ami-*",
        "arn:aws:ec2:*:*:instance/*",
        "arn:aws:logs:*:111122223333:log-group:/aws/lambda/x:*",
        "arn:aws:lambda:eu-west-1:111122223333:function:x:1",
        "arn:aws:iam::111122223333:role/service-role/x",
        "arn:aws:sns:us-east-1:111122223333:*",
        "arn:aws:dynamodb:us-east-1:111122223333:table/x/index/*",
        // Documents of AWS have no account; and a pattern may reach kinds that were never published.
        "arn:aws:ssm:*::document/AWS-RunShellScript",
        "arn:aws:backup:*:*:recovery-point:*",
    ] {
        let found = super::codes_of(&super::whole(&on(resource)), crate::DocumentKind::Identity);
        assert_eq!(found, Vec::<&str>::new(), "{resource}");
    }
}
