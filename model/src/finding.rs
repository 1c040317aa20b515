//! What a check concluded of one resource, with the evidence it was concluded from.

mod flat;

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use crate::{AccountId, Arn, Exception, Family, FindingHistory, Gap, Region, Severity, Timestamp};

/// The verdict on one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Outcome {
    /// The rule is broken.
    Fail,
    /// The evidence is missing: nobody knows.
    NotEvaluated,
    /// No API can answer: a person must look.
    Manual,
    /// The rule is kept.
    Pass,
    /// The rule does not apply here.
    NotApplicable,
}

impl Outcome {
    /// All outcomes, those that ask for attention first.
    pub const ALL: [Self; 5] = [Self::Fail, Self::NotEvaluated, Self::Manual, Self::Pass, Self::NotApplicable];

    /// The name used in every output and option.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NotEvaluated => "not-evaluated",
            Self::Manual => "manual",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is not one of the outcomes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status: use fail, not-evaluated, manual, pass or not-applicable")]
pub struct UnknownOutcome(pub String);

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text).ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}

/// What kind of thing a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum ResourceKind {
    Account,
    AccountRoot,
    AccessKey,
    IamUser,
    IamGroup,
    IamRole,
    Principal,
    Policy,
    PolicyStatement,
    PolicyAttachment,
    ServiceCredential,
    SshPublicKey,
    SigningCertificate,
    ServerCertificate,
    IdentityProvider,
    SamlProvider,
    IdentityCenter,
    PermissionSet,
    IdentityPool,
    Organization,
    OrganizationAccount,
    ServiceControlPolicy,
    ServiceControlPolicyStatement,
    Region,
    Trail,
    S3Bucket,
    KmsKey,
    AlertTopic,
    ArchiveRule,
    AnalyzerFinding,
    ResourcePolicy,
    Ec2Instance,
    Secret,
    ComputeConfiguration,
}

impl ResourceKind {
    /// The name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::AccountRoot => "account-root",
            Self::AccessKey => "access-key",
            Self::IamUser => "iam-user",
            Self::IamGroup => "iam-group",
            Self::IamRole => "iam-role",
            Self::Principal => "principal",
            Self::Policy => "policy",
            Self::PolicyStatement => "policy-statement",
            Self::PolicyAttachment => "policy-attachment",
            Self::ServiceCredential => "service-credential",
            Self::SshPublicKey => "ssh-public-key",
            Self::SigningCertificate => "signing-certificate",
            Self::ServerCertificate => "server-certificate",
            Self::IdentityProvider => "identity-provider",
            Self::SamlProvider => "saml-provider",
            Self::IdentityCenter => "identity-center",
            Self::PermissionSet => "permission-set",
            Self::IdentityPool => "identity-pool",
            Self::Organization => "organization",
            Self::OrganizationAccount => "organization-account",
            Self::ServiceControlPolicy => "service-control-policy",
            Self::ServiceControlPolicyStatement => "service-control-policy-statement",
            Self::Region => "region",
            Self::Trail => "trail",
            Self::S3Bucket => "s3-bucket",
            Self::KmsKey => "kms-key",
            Self::AlertTopic => "alert-topic",
            Self::ArchiveRule => "archive-rule",
            Self::AnalyzerFinding => "analyzer-finding",
            Self::ResourcePolicy => "resource-policy",
            Self::Ec2Instance => "ec2-instance",
            Self::Secret => "secret",
            Self::ComputeConfiguration => "compute-configuration",
        }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The identity of a finding from run to run: 32 hexadecimal digits, made of check, account, Region, resource and
/// discriminator, never of the message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The first 128 bits of SHA-256 over the parts, each closed by a zero byte so that parts cannot run together.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let digit = |half: u8| if half < 10 { b'0' + half } else { b'a' + half - 10 };
        let bytes = hash.finalize();
        let mut digits = Vec::with_capacity(32);
        digits.extend(bytes.iter().take(16).flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
        // Digits are text in any case; a check of 32 bytes is cheaper than to make a character of each.
        Self(String::from_utf8(digits).unwrap_or_default())
    }

    /// A fingerprint that was made before, by its digits.
    #[must_use]
    pub fn from_text(digits: &str) -> Self {
        Self(digits.to_owned())
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One value that the verdict was judged on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceItem {
    /// What the value is, in the field's own name, such as `password_last_used`.
    pub key: SmolStr,
    /// The value, as text.
    pub value: SmolStr,
}

/// What all findings of a check in an account have in common. There are very many of them: it is kept once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingHead {
    /// The check's id.
    pub check: SmolStr,
    /// The check's family.
    pub family: Family,
    /// The check's title.
    pub title: SmolStr,
    /// The account.
    pub account: AccountId,
    /// The API operations the values came from.
    pub operations: Arc<[String]>,
    /// When the oldest of them was read.
    pub observed_at: Timestamp,
}

/// What a check concluded of one resource. It reads, and is written, as one record: what is in its head as well.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "flat::Flat")]
pub struct Finding {
    /// What it has in common with others.
    pub head: Arc<FindingHead>,
    /// How bad it is if open; may differ from the check's severity where its rule says so.
    pub severity: Severity,
    /// The verdict.
    pub outcome: Outcome,
    /// The Region, where the verdict is about one.
    pub region: Option<Region>,
    /// The kind of resource.
    pub resource_kind: ResourceKind,
    /// The resource's ARN.
    pub resource: Arn,
    /// What tells several findings on one resource apart, such as `access_key_1`; empty where there is one.
    pub discriminator: SmolStr,
    /// The verdict in words.
    pub message: Cow<'static, str>,
    /// The values it was judged on, in the order in which the check looked at them.
    pub evidence: Vec<EvidenceItem>,
    /// What is missing, where the outcome is `not-evaluated`.
    pub gap: Option<Box<Gap>>,
    /// The agreement to live with it, where there is one.
    pub exception: Option<Box<Exception>>,
    /// The identity from run to run.
    pub fingerprint: Fingerprint,
    /// What earlier runs say of it, where a history is kept.
    pub history: Option<Box<FindingHistory>>,
}

impl Deref for Finding {
    type Target = FindingHead;

    fn deref(&self) -> &FindingHead {
        &self.head
    }
}

/// Changes this finding alone.
impl DerefMut for Finding {
    fn deref_mut(&mut self) -> &mut FindingHead {
        Arc::make_mut(&mut self.head)
    }
}

impl Finding {
    /// Whether the finding is a failure nobody has agreed to live with.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.outcome == Outcome::Fail && self.exception.is_none()
    }

    /// Whether it is open, and a history says that it was not in the run before.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_open() && self.history.as_ref().is_some_and(|history| history.new)
    }

    /// The evidence as `key=value; …`.
    #[must_use]
    pub fn evidence_line(&self) -> String {
        let items: Vec<String> = self.evidence.iter().map(|item| format!("{}={}", item.key, item.value)).collect();
        items.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_fingerprint_do_not_run_together() {
        assert_ne!(Fingerprint::of(&["ab", "c"]), Fingerprint::of(&["a", "bc"]));
        assert_eq!(Fingerprint::of(&["a"]).as_str().len(), 32);
    }
}
