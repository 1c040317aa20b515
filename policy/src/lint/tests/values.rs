//! Values of conditions.

use super::allow;

fn asks(condition: &str) -> String {
    allow(&format!(r#""Action": "*", "Resource": "*", "Condition": {{{condition}}}"#))
}

cases! {
    mixed_types: "INVALID_CONDITION_DATA_TYPE", Identity, asks(r#""StringEquals": {"aws:username": ["a", 7]}"#), asks(r#""StringEquals": {"aws:username": ["a", "7"]}"#);
    several_booleans: "INVALID_CONDITION_MULTIPLE_BOOLEAN", Identity, asks(r#""Bool": {"aws:SecureTransport": ["true", "false"]}"#), asks(r#""Bool": {"aws:SecureTransport": ["true"]}"#);
    several_numbers: "REDUNDANT_CONDITION_VALUE_NUM", Identity, asks(r#""NumericLessThan": {"s3:max-keys": ["7", "9"]}"#), asks(r#""NumericEquals": {"s3:max-keys": ["7", "9"]}"#);
    boolean: "TYPE_MISMATCH_BOOLEAN", Identity, asks(r#""Bool": {"aws:SecureTransport": "yes"}"#), asks(r#""Bool": {"aws:SecureTransport": true}"#);
    number: "TYPE_MISMATCH_NUMBER", Identity, asks(r#""NumericLessThan": {"s3:max-keys": "many"}"#), asks(r#""NumericLessThan": {"s3:max-keys": 7}"#);
    date: "TYPE_MISMATCH_DATE", Identity, asks(r#""DateLessThan": {"aws:CurrentTime": "soon"}"#), asks(r#""DateLessThan": {"aws:CurrentTime": "2031-02-03T04:05:06Z"}"#);
    odd_date: "INVALID_DATE_VALUE", Identity, asks(r#""DateLessThan": {"aws:CurrentTime": "1924905600"}"#), asks(r#""DateLessThan": {"aws:CurrentTime": "2031-02-03"}"#);
    base64: "TYPE_MISMATCH_STRING", Identity, asks(r#""BinaryEquals": {"aws:username": "not base64"}"#), asks(r#""BinaryEquals": {"aws:username": "QmFzZQ=="}"#);
    wildcard: "WILDCARD_WITHOUT_LIKE_OPERATOR", Identity, asks(r#""StringEquals": {"aws:username": "a*"}"#), asks(r#""StringLike": {"aws:username": "a*"}"#);
    region: "INVALID_REGION", Identity, asks(r#""StringEquals": {"aws:RequestedRegion": "us-eest-1"}"#), asks(r#""StringLike": {"aws:RequestedRegion": ["us-east-1", "eu-*"]}"#);
    vpc: "INVALID_VPC_FORMAT", Identity, asks(r#""StringEquals": {"aws:SourceVpc": "vpc-1"}"#), asks(r#""StringLike": {"aws:SourceVpc": ["vpc-11112222", "vpc-*"]}"#);
    vpce: "INVALID_VPCE_FORMAT", Identity, asks(r#""StringEquals": {"aws:SourceVpce": "vpc-11112222"}"#), asks(r#""StringEquals": {"aws:SourceVpce": "vpce-11112222333344445"}"#);
    service_principal: "INVALID_SERVICE_PRINCIPAL_FORMAT", Identity, asks(r#""StringEquals": {"iam:PassedToService": "ec2"}"#), asks(r#""StringLike": {"iam:PassedToService": ["ec2.amazonaws.com", "l*"]}"#);
    kms_key: "INVALID_KMS_KEY_VALUE", Resource, asks(r#""StringEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "alias/x"}"#),
        asks(r#""StringEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-east-1:111122223333:key/x"}"#);
}
