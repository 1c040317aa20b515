//! Credentials of users that the credential report does not tell, or not in full.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arn, Seen, Timestamp};

/// The virtual MFA devices, of root and of users, from `iam:ListVirtualMFADevices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualMfaDevices {
    /// The devices that are assigned, sorted by serial number.
    pub devices: Vec<VirtualMfaDevice>,
    /// The serial numbers of those that are assigned to nobody, sorted; none where that was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unassigned: Option<Vec<String>>,
}

/// A virtual MFA device: an application that makes one-time passwords.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualMfaDevice {
    /// The serial number, an ARN.
    pub serial: String,
    /// Who it is assigned to; the root user's ARN ends in `:root`.
    pub user: Option<Arn>,
    /// When it was enabled.
    pub enabled_at: Option<Timestamp>,
}

/// The MFA devices of users, from `iam:ListMFADevices`, one call a user; only under `--detail full`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserMfaDevices {
    /// The devices by user name. Only users for whom the other topics leave the kind of device open are asked for.
    pub users: BTreeMap<String, Seen<Vec<MfaDevice>>>,
}

/// An MFA device of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// The serial number: an ARN with `:mfa/` (virtual) or `:u2f/` (FIDO), or a plain text (hardware token).
    pub serial: String,
    /// When it was enabled.
    pub enabled_at: Option<Timestamp>,
}

/// What kind of thing makes the second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MfaKind {
    /// An application with a shared secret; can be phished.
    Virtual,
    /// A security key or passkey; bound to the site.
    Fido,
    /// A hardware token that shows one-time passwords.
    HardwareToken,
}

impl MfaDevice {
    /// The kind, by the shape of the serial number (IAM API Reference, `MFADevice`).
    #[must_use]
    pub fn kind(&self) -> MfaKind {
        match () {
            () if self.serial.contains(":u2f/") => MfaKind::Fido,
            () if self.serial.starts_with("arn:") => MfaKind::Virtual,
            () => MfaKind::HardwareToken,
        }
    }
}

/// The access keys of users with their ids, from `iam:ListAccessKeys`, one call a user; only under `--detail full`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeys {
    /// The keys by user name, of the users for whom the credential report shows a key.
    pub users: BTreeMap<String, Seen<Vec<AccessKey>>>,
}

/// An access key, without its secret, which AWS never tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// The id, `AKIA…`.
    pub id: String,
    /// Whether the key can sign requests.
    pub active: bool,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

/// SSH public keys of users (CodeCommit), from `iam:ListSSHPublicKeys`, one call a user; only under `--detail full`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshKeys {
    /// The keys by user name, of every user.
    pub users: BTreeMap<String, Seen<Vec<SshKey>>>,
}

/// An SSH public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshKey {
    /// The id, `APKA…`.
    pub id: String,
    /// Whether the key can be used.
    pub active: bool,
    /// When it was uploaded.
    pub uploaded_at: Option<Timestamp>,
}

/// Service-specific credentials of all users, from `iam:ListServiceSpecificCredentials` with `AllUsers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCredentials {
    /// The credentials, sorted by user and id.
    pub credentials: Vec<ServiceCredential>,
}

/// A user name and password, or an API key, for one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCredential {
    /// The id, `ACCA…`.
    pub id: String,
    /// The user it belongs to.
    pub user: String,
    /// The service, such as `codecommit.amazonaws.com`.
    pub service: String,
    /// Whether it can be used.
    pub active: bool,
    /// When it was created or last reset.
    pub created_at: Option<Timestamp>,
    /// When it stops working; only some services know an expiry.
    pub expires_at: Option<Timestamp>,
}
