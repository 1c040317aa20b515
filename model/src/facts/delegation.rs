//! What the account hands on: tokens for services outside AWS, from `iam:GetOutboundWebIdentityFederationInfo`, and
//! permissions for partners, from `iam:ListDelegationRequests`.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Whether principals of the account can have AWS vouch for them to others (`sts:GetWebIdentityToken`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundFederation {
    /// Whether tokens are issued (`JwtVendingEnabled`; false too where AWS answers `FeatureDisabled`).
    pub enabled: bool,
    /// The issuer of the tokens, a URL of the account's own.
    pub issuer: Option<String>,
}

/// Requests of partners to be given permissions for a while, of which the account knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationRequests {
    /// The requests, sorted by id. One that nobody of the account has taken on is not among them: AWS does not list it.
    pub requests: Vec<DelegationRequest>,
}

/// A request of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationRequest {
    /// The id.
    pub id: String,
    /// `UNASSIGNED`, `ASSIGNED`, `PENDING_APPROVAL`, `ACCEPTED`, `FINALIZED`, `REJECTED` or `EXPIRED`.
    pub state: String,
    /// The account of the partner.
    pub requestor: Option<String>,
    /// The partner's name.
    pub requestor_name: Option<String>,
    /// The template of the permissions that are asked for.
    pub policy_template: Option<String>,
    /// Whether roles are to be made that outlast the request.
    pub creates_roles: bool,
    /// How long a session may last.
    pub session_seconds: Option<u32>,
    /// When the request was made.
    pub created_at: Option<Timestamp>,
    /// When the request, or what was granted, ends.
    pub expires_at: Option<Timestamp>,
}
