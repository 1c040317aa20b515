//! Why nothing can be collected at all. What fails for one call only is a [`Gap`](probity_model::Gap) instead.

use probity_model::identity::IdentityError;
use probity_model::{Gap, GapKind};

/// Why nothing can be collected.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// No credentials anywhere in the chain.
    #[error(
        "no AWS credentials were found: {detail}. Sign in (`aws sso login`, `aws login`), name a profile with --profile, or run `aws configure`"
    )]
    NoCredentials {
        /// What the chain said.
        detail: String,
    },
    /// Credentials that AWS, or the provider they come from, refuses.
    #[error("the AWS credentials were refused: {detail}. Sign in again, or name another profile with --profile")]
    CredentialsRefused {
        /// What was said.
        detail: String,
    },
    /// A role that cannot be assumed.
    #[error(
        "cannot assume {role}: {detail}. The role's trust policy must name the caller, and the external id must match"
    )]
    AssumeRole {
        /// The role's ARN.
        role: String,
        /// What AWS said.
        detail: String,
    },
    /// A role that is not the ARN of one.
    #[error("`{0}` is not the ARN of a role: an ARN looks like arn:aws:iam::123456789012:role/NAME")]
    RoleArn(String),
    /// A profile that is not configured.
    #[error("there is no profile `{given}` in the AWS configuration{hint}", hint = .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_else(|| "; `aws configure list-profiles` lists them".to_owned()))]
    Profile {
        /// What was given.
        given: String,
        /// The nearest there is.
        nearest: Option<String>,
    },
    /// An AWS configuration file that cannot be read.
    #[error("the AWS configuration cannot be read: {0}")]
    Configuration(String),
    /// A text that cannot be the name of a Region.
    #[error("{0}")]
    Identity(#[from] IdentityError),
    /// A Region that does not exist, or that is not enabled for the account.
    #[error("there is no Region `{given}`{hint}", hint = .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Region {
        /// What was given.
        given: String,
        /// The nearest there is.
        nearest: Option<String>,
    },
    /// A Region that exists and is not enabled for the account.
    #[error(
        "the Region {given} is not enabled for account {account}: leave it out of --regions. Enabled are {enabled}"
    )]
    RegionNotEnabled {
        /// What was given.
        given: String,
        /// The account.
        account: String,
        /// The enabled Regions.
        enabled: String,
    },
    /// An endpoint that does not answer.
    #[error(
        "cannot reach {endpoint}: {detail}. Check the network, the proxy settings, --endpoint-url and AWS_ENDPOINT_URL"
    )]
    Unreachable {
        /// What was asked.
        endpoint: String,
        /// Why there was no answer.
        detail: String,
    },
    /// An endpoint that answers and is not AWS.
    #[error(
        "{endpoint} does not answer like AWS: {detail}. Check --endpoint-url and AWS_ENDPOINT_URL, and whether a proxy or sign-in page stands in between"
    )]
    NotAws {
        /// What was asked.
        endpoint: String,
        /// What was wrong with the answer.
        detail: String,
    },
    /// Any other failure of the first call.
    #[error("AWS refused to say who the caller is: {detail}")]
    Caller {
        /// What AWS said.
        detail: String,
    },
}

impl CollectError {
    /// Whether this is about who may ask, and not about what was asked.
    #[must_use]
    pub fn is_about_access(&self) -> bool {
        matches!(
            self,
            Self::NoCredentials { .. }
                | Self::CredentialsRefused { .. }
                | Self::AssumeRole { .. }
                | Self::Caller { .. }
        )
    }

    /// The gap in place of everything of an account that cannot be entered.
    #[must_use]
    pub fn gap(&self) -> Gap {
        let (operation, detail) = match self {
            Self::AssumeRole { detail, .. } => ("sts:AssumeRole", detail.as_str()),
            Self::Caller { detail } | Self::CredentialsRefused { detail } | Self::Unreachable { detail, .. } => {
                ("sts:GetCallerIdentity", detail.as_str())
            }
            other => {
                return Gap {
                    kind: GapKind::Unexpected,
                    operation: None,
                    region: None,
                    code: None,
                    message: other.to_string(),
                };
            }
        };
        let code = CODES.iter().find(|(code, _)| detail.contains(code));
        let kind = match (self, code) {
            (_, Some((_, kind))) => *kind,
            (Self::CredentialsRefused { .. }, None) => GapKind::Credentials,
            _ => GapKind::Unreachable,
        };
        Gap {
            kind,
            operation: Some(operation.to_owned()),
            region: None,
            code: code.map(|(code, _)| (*code).to_owned()),
            message: self.to_string(),
        }
    }
}

/// What STS answers where a role is not to be entered (STS API Reference, "Common Errors"): the SDK hands its code on in the
/// text alone.
const CODES: [(&str, GapKind); 7] = [
    ("AccessDenied", GapKind::Denied),
    ("ExpiredToken", GapKind::Credentials),
    ("InvalidClientTokenId", GapKind::Credentials),
    ("RegionDisabledException", GapKind::Unreachable),
    ("PackedPolicyTooLarge", GapKind::Unexpected),
    ("Throttling", GapKind::Throttled),
    ("ServiceUnavailable", GapKind::Unreachable),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_cannot_be_entered_is_a_gap_with_its_reason() {
        let error = |detail: &str| CollectError::AssumeRole {
            role: "arn:aws:iam::123456789012:role/audit".to_owned(),
            detail: detail.to_owned(),
        };
        let denied = error("service error: AccessDenied: User: x is not authorized to perform: sts:AssumeRole").gap();
        assert_eq!((denied.kind, denied.code.as_deref()), (GapKind::Denied, Some("AccessDenied")));
        assert_eq!(denied.operation.as_deref(), Some("sts:AssumeRole"));
        assert!(denied.message.contains("role/audit"), "{}", denied.message);
        assert_eq!(error("dispatch failure: timeout").gap().kind, GapKind::Unreachable);
        assert!(error("Throttling: Rate exceeded").gap().is_unread());
    }
}
