//! The calls probity may make: the services it knows, and one operation of one of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A service of AWS that evidence is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// AWS Account Management.
    Account,
    /// AWS CloudTrail.
    CloudTrail,
    /// AWS Identity and Access Management.
    Iam,
    /// AWS Organizations.
    Organizations,
    /// AWS IAM Identity Center.
    SsoAdmin,
    /// AWS Security Token Service.
    Sts,
}

impl Service {
    /// Every service, in the order of their names.
    pub const ALL: [Self; 6] =
        [Self::Account, Self::CloudTrail, Self::Iam, Self::Organizations, Self::SsoAdmin, Self::Sts];

    /// The name in front of an operation, as the AWS CLI writes it: `sso-admin` in `sso-admin:ListInstances`.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::CloudTrail => "cloudtrail",
            Self::Iam => "iam",
            Self::Organizations => "organizations",
            Self::SsoAdmin => "sso-admin",
            Self::Sts => "sts",
        }
    }

    /// The service id in the SDK's operation metadata (the Smithy trait `aws.api#service`, `sdkId`).
    #[must_use]
    pub const fn sdk_id(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::CloudTrail => "CloudTrail",
            Self::Iam => "IAM",
            Self::Organizations => "Organizations",
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
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.prefix(), self.name)
    }
}
