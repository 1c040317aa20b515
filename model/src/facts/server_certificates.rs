//! Server certificates kept in IAM, from `iam:ListServerCertificates`.

use serde::{Deserialize, Serialize};

use crate::{Arn, Timestamp};

/// The server certificates of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCertificates {
    /// The certificates, sorted by name.
    pub certificates: Vec<ServerCertificate>,
}

/// A TLS certificate uploaded to IAM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// The friendly name.
    pub name: String,
    /// The unique id, `ASCA…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// When it was uploaded.
    pub uploaded_at: Option<Timestamp>,
    /// When the certificate expires.
    pub expires_at: Option<Timestamp>,
}
