//! Names AWS gives to things: accounts, Regions, partitions and resources.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Why a text is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// An account id is twelve decimal digits.
    #[error("`{0}` is not an AWS account id: an account id is 12 digits")]
    AccountId(String),
    /// A Region name is lower-case letters, digits and hyphens, such as `eu-central-1`.
    #[error("`{0}` is not the name of a Region: a name looks like `eu-central-1`")]
    Region(String),
}

/// The 12-digit number of an AWS account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct AccountId(SmolStr);

impl AccountId {
    /// The id as text, leading zeros kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountId {
    type Error = IdentityError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(IdentityError::AccountId(text))
        }
    }
}

impl TryFrom<&str> for AccountId {
    type Error = IdentityError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::try_from(text.to_owned())
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a Region, such as `eu-central-1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct Region(SmolStr);

impl Region {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition that Regions of this name lie in, by the prefixes that the AWS SDKs' endpoint rules use.
    #[must_use]
    pub fn partition(&self) -> Partition {
        let prefixes = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("us-isob-", "aws-iso-b"),
            ("us-isof-", "aws-iso-f"),
            ("us-iso-", "aws-iso"),
            ("eu-isoe-", "aws-iso-e"),
            ("eusc-", "aws-eusc"),
        ];
        let name = prefixes.iter().find(|(prefix, _)| self.0.starts_with(prefix)).map_or("aws", |(_, name)| name);
        Partition(SmolStr::new_static(name))
    }
}

impl TryFrom<String> for Region {
    type Error = IdentityError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts: Vec<&str> = text.split('-').collect();
        let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let numbered = parts.last().is_some_and(|last| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()));
        if parts.len() >= 3 && parts.iter().all(word) && numbered {
            Ok(Self(text.into()))
        } else {
            Err(IdentityError::Region(text))
        }
    }
}

impl TryFrom<&str> for Region {
    type Error = IdentityError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        Self::try_from(text.to_owned())
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0.into()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A partition of AWS: `aws`, `aws-us-gov`, `aws-cn` and others. ARNs and trust never cross partitions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Partition(SmolStr);

impl Partition {
    /// A partition by its name as it stands in ARNs.
    #[must_use]
    pub fn new(name: impl Into<SmolStr>) -> Self {
        Self(name.into())
    }

    /// The name as it stands in ARNs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is AWS GovCloud (US), whose root users have no console sign-in.
    #[must_use]
    pub fn is_gov_cloud(&self) -> bool {
        self.0 == "aws-us-gov"
    }

    /// The ARN of the root user of an account of this partition.
    #[must_use]
    pub fn root_of(&self, account: &AccountId) -> Arn {
        Arn(format!("arn:{}:iam::{account}:root", self.0).into())
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An Amazon Resource Name, `arn:partition:service:region:account:resource`, kept as AWS wrote it.
///
/// Parts of a text that is not an ARN are empty; nothing here fails, since names come from AWS and are shown as they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Arn(SmolStr);

impl Arn {
    /// Takes a text as an ARN.
    #[must_use]
    pub fn new(text: impl Into<SmolStr>) -> Self {
        Self(text.into())
    }

    /// The whole ARN as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn part(&self, index: usize) -> &str {
        if !self.0.starts_with("arn:") {
            return "";
        }
        self.0.splitn(6, ':').nth(index).unwrap_or_default()
    }

    /// The partition part, such as `aws`.
    #[must_use]
    pub fn partition(&self) -> Partition {
        Partition(self.part(1).into())
    }

    /// The service part, such as `iam`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The Region part; empty for global resources.
    #[must_use]
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account part; empty or `aws` for some resources.
    #[must_use]
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// Everything behind the account, such as `user/path/name`.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.part(5)
    }

    /// The last segment of the resource, such as the friendly name of an IAM user.
    #[must_use]
    pub fn name(&self) -> &str {
        self.resource().rsplit(['/', ':']).next().unwrap_or_default()
    }
}

impl From<String> for Arn {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Arn {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_twelve_digits() {
        assert!(AccountId::try_from("012345678901").is_ok());
        for wrong in ["", "12345678901", "1234567890123", "12345678901a", "١٢٣٤٥٦٧٨٩٠١٢"] {
            assert!(AccountId::try_from(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_region_looks_like_a_region() {
        for name in ["us-east-1", "us-gov-west-1", "cn-northwest-1", "eusc-de-east-1", "us-iso-east-1"] {
            assert!(Region::try_from(name).is_ok(), "{name}");
        }
        for wrong in ["", "us-east", "US-EAST-1", "us east 1", "us-east-1a", "global", "us--1"] {
            assert!(Region::try_from(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_partition_follows_from_the_region() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
            ("us-isob-east-1", "aws-iso-b"),
        ] {
            assert_eq!(Region::try_from(region).expect(region).partition().as_str(), partition);
        }
    }

    #[test]
    fn parts_of_an_arn() {
        let arn = Arn::new("arn:aws-us-gov:iam::123456789012:user/team/anna:x");
        assert_eq!(arn.partition().as_str(), "aws-us-gov");
        assert_eq!((arn.service(), arn.region(), arn.account()), ("iam", "", "123456789012"));
        assert_eq!(arn.resource(), "user/team/anna:x");
        assert_eq!(Arn::new("AIDAEXAMPLE").account(), "");
    }
}
