//! The calls probity may make: the services it knows, and one operation of one of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A service of AWS that evidence is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// AWS IAM Access Analyzer.
    AccessAnalyzer,
    /// AWS Account Management.
    Account,
    /// AWS CloudTrail.
    CloudTrail,
    /// Amazon CloudWatch.
    CloudWatch,
    /// Amazon Cognito identity pools.
    CognitoIdentity,
    /// AWS Config.
    Config,
    /// Amazon EC2.
    Ec2,
    /// Amazon ECS.
    Ecs,
    /// Amazon EventBridge.
    EventBridge,
    /// Amazon GuardDuty.
    GuardDuty,
    /// AWS Identity and Access Management.
    Iam,
    /// The identity store of AWS IAM Identity Center.
    IdentityStore,
    /// AWS Key Management Service.
    Kms,
    /// AWS Lambda.
    Lambda,
    /// Amazon CloudWatch Logs.
    Logs,
    /// AWS Organizations.
    Organizations,
    /// AWS IAM Roles Anywhere.
    RolesAnywhere,
    /// Amazon S3.
    S3,
    /// The account settings of Amazon S3.
    S3Control,
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS Security Hub CSPM.
    SecurityHub,
    /// Amazon SNS.
    Sns,
    /// Amazon SQS.
    Sqs,
    /// AWS IAM Identity Center.
    SsoAdmin,
    /// AWS Security Token Service.
    Sts,
}

impl Service {
    /// Every service, in the order of their names.
    pub const ALL: [Self; 25] = [
        Self::AccessAnalyzer,
        Self::Account,
        Self::CloudTrail,
        Self::CloudWatch,
        Self::CognitoIdentity,
        Self::Config,
        Self::Ec2,
        Self::Ecs,
        Self::EventBridge,
        Self::GuardDuty,
        Self::Iam,
        Self::IdentityStore,
        Self::Kms,
        Self::Lambda,
        Self::Logs,
        Self::Organizations,
        Self::RolesAnywhere,
        Self::S3,
        Self::S3Control,
        Self::SecretsManager,
        Self::SecurityHub,
        Self::Sns,
        Self::Sqs,
        Self::SsoAdmin,
        Self::Sts,
    ];

    /// The name in front of an operation, as the AWS CLI writes it: `sso-admin` in `sso-admin:ListInstances`.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AccessAnalyzer => "accessanalyzer",
            Self::Account => "account",
            Self::CloudTrail => "cloudtrail",
            Self::CloudWatch => "cloudwatch",
            Self::CognitoIdentity => "cognito-identity",
            Self::Config => "configservice",
            Self::Ec2 => "ec2",
            Self::Ecs => "ecs",
            Self::EventBridge => "events",
            Self::GuardDuty => "guardduty",
            Self::Iam => "iam",
            Self::IdentityStore => "identitystore",
            Self::Kms => "kms",
            Self::Lambda => "lambda",
            Self::Logs => "logs",
            Self::Organizations => "organizations",
            Self::RolesAnywhere => "rolesanywhere",
            Self::S3 => "s3api",
            Self::S3Control => "s3control",
            Self::SecretsManager => "secretsmanager",
            Self::SecurityHub => "securityhub",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
            Self::SsoAdmin => "sso-admin",
            Self::Sts => "sts",
        }
    }

    /// The service id in the SDK's operation metadata (the Smithy trait `aws.api#service`, `sdkId`).
    #[must_use]
    pub const fn sdk_id(self) -> &'static str {
        match self {
            Self::AccessAnalyzer => "AccessAnalyzer",
            Self::Account => "Account",
            Self::CloudTrail => "CloudTrail",
            Self::CloudWatch => "CloudWatch",
            Self::CognitoIdentity => "Cognito Identity",
            Self::Config => "Config Service",
            Self::Ec2 => "EC2",
            Self::Ecs => "ECS",
            Self::EventBridge => "EventBridge",
            Self::GuardDuty => "GuardDuty",
            Self::Iam => "IAM",
            Self::IdentityStore => "identitystore",
            Self::Kms => "KMS",
            Self::Lambda => "Lambda",
            Self::Logs => "CloudWatch Logs",
            Self::Organizations => "Organizations",
            Self::RolesAnywhere => "RolesAnywhere",
            Self::S3 => "S3",
            Self::S3Control => "S3 Control",
            Self::SecretsManager => "Secrets Manager",
            Self::SecurityHub => "SecurityHub",
            Self::Sns => "SNS",
            Self::Sqs => "SQS",
            Self::SsoAdmin => "SSO Admin",
            Self::Sts => "STS",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.prefix())
    }
}

/// One API operation, with the IAM action that permits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// The service that answers.
    pub service: Service,
    /// The operation's name in the API, such as `GetAccountSummary`.
    pub name: &'static str,
    /// The IAM action that permits the call (Service Authorization Reference); empty where none is needed.
    pub action: &'static str,
}

impl Operation {
    /// An operation that is permitted by `action`.
    #[must_use]
    pub const fn new(service: Service, name: &'static str, action: &'static str) -> Self {
        Self { service, name, action }
    }

    /// Every IAM action that the call takes: the one that permits it, and those that AWS demands beside it (Service
    /// Authorization Reference, "Dependent actions"). No action where none is needed.
    pub fn actions(&self) -> impl Iterator<Item = &'static str> + use<> {
        let beside: &'static [&'static str] = match (self.service, self.name) {
            (Service::Iam, "GenerateOrganizationsAccessReport") => &[
                "organizations:DescribePolicy",
                "organizations:ListChildren",
                "organizations:ListParents",
                "organizations:ListPoliciesForTarget",
                "organizations:ListRoots",
                "organizations:ListTargetsForPolicy",
            ],
            _ => &[],
        };
        let own = (!self.action.is_empty()).then_some(self.action);
        own.into_iter().chain(beside.iter().copied())
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.prefix(), self.name)
    }
}
