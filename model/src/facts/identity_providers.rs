//! Where people may come from when not from IAM users: SAML and OpenID Connect providers, IAM Identity Center.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arn, Region, Seen, Timestamp};

/// The identity providers of the account, from `iam:ListSAMLProviders` and `iam:ListOpenIDConnectProviders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityProviders {
    /// SAML 2.0 providers, sorted by ARN.
    pub saml: Vec<SamlProvider>,
    /// OpenID Connect providers, sorted.
    pub oidc: Vec<Arn>,
}

/// A SAML 2.0 provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlProvider {
    /// The ARN.
    pub arn: Arn,
    /// When its metadata runs out.
    pub valid_until: Option<Timestamp>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

/// Whether assertions of SAML 2.0 providers must be encrypted, from `iam:GetSAMLProvider`, one call a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlEncryption {
    /// The setting by the provider's ARN, of the providers that IAM Identity Center has not made.
    pub providers: BTreeMap<Arn, Seen<SamlEncryptionSetting>>,
}

/// Whether assertions of a SAML 2.0 provider must be encrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlEncryptionSetting {
    /// `Required` or `Allowed`; none where the provider was never set up for encryption.
    pub mode: Option<String>,
    /// How many private keys the provider has to decrypt with.
    pub private_keys: usize,
}

/// The IAM Identity Center instances the account sees, from `sso-admin:ListInstances`, over the Regions that were asked. An
/// account that can have one only is asked until that is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityCenterInstances {
    /// The instances, sorted by ARN.
    pub instances: Vec<IdentityCenterInstance>,
}

/// An instance of IAM Identity Center.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityCenterInstance {
    /// The ARN.
    pub arn: Arn,
    /// The Region it is run from.
    pub region: Region,
    /// The account that owns it.
    pub owner: Option<String>,
    /// Its identity store.
    pub identity_store: Option<String>,
    /// How far it is: `ACTIVE`, `CREATE_IN_PROGRESS`, `DELETE_IN_PROGRESS` or `CREATE_FAILED`.
    #[serde(default)]
    pub status: Option<String>,
}
