//! How the organization is run: who may write its policies, which services it lets in, who acts for it, what its policies of
//! other kinds amount to, and what is still being asked of accounts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::authorization::DocumentText;
use crate::{AccountId, Arn, Timestamp};

/// The organization's own resource policy, from `organizations:DescribeResourcePolicy`: whom it lets manage policies beside
/// the management account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationResourcePolicy {
    /// The account stands alone.
    NoOrganization,
    /// The organization has none (`ResourcePolicyNotFoundException`).
    Absent,
    /// The document.
    Document(DocumentText),
}

/// The services that act in the whole organization and the accounts that run them, from
/// `organizations:ListAWSServiceAccessForOrganization`, `organizations:ListDelegatedAdministrators` and
/// `organizations:ListDelegatedServicesForAccount`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationServices {
    /// The account stands alone.
    NoOrganization,
    /// The services.
    Services(TrustedServices),
}

/// The services with trusted access, and who runs them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedServices {
    /// The service principals that the organization lets in, with the time since when.
    pub enabled: BTreeMap<String, Option<Timestamp>>,
    /// The delegated administrators, sorted by account.
    pub administrators: Vec<DelegatedAdministrator>,
}

/// An account that runs services for the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegatedAdministrator {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its state, such as `ACTIVE`.
    pub state: String,
    /// The service principals that it runs, with the time since when.
    pub services: BTreeMap<String, Option<Timestamp>>,
}

/// What is being asked of accounts and of the organization, from `organizations:ListHandshakesForOrganization`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationHandshakes {
    /// The account stands alone.
    NoOrganization,
    /// The handshakes that AWS still knows, sorted by id; it forgets those that ended after 30 days.
    Handshakes(Vec<Handshake>),
}

/// An invitation or a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// The id, `h-…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// What is asked, such as `INVITE` or `TRANSFER_RESPONSIBILITY`.
    pub action: String,
    /// How far it is: `REQUESTED`, `OPEN`, `ACCEPTED`, `CANCELED`, `DECLINED` or `EXPIRED`.
    pub state: String,
    /// Who takes part: the kind (`ACCOUNT`, `ORGANIZATION`, `EMAIL`) and the id, sorted.
    pub parties: Vec<(String, String)>,
    /// When it was asked.
    pub requested_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// What the policies that are neither service control policies nor resource control policies amount to for each account,
/// from `organizations:DescribeEffectivePolicy`. Accounts that hang under the same policies are asked about once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationEffectivePolicies {
    /// The account stands alone.
    NoOrganization,
    /// By type of policy, such as `DECLARATIVE_POLICY_EC2`; the types that are enabled at the root and no others.
    Types(BTreeMap<String, Vec<EffectivePolicy>>),
}

/// What the policies of one type amount to for some accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectivePolicy {
    /// The accounts, sorted.
    pub accounts: Vec<AccountId>,
    /// The policies put together; none where no policy of the type reaches the accounts.
    pub document: Option<DocumentText>,
}

/// The accounts whose policies of a type cannot be put together, from
/// `organizations:ListAccountsWithInvalidEffectivePolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrganizationPolicyErrors {
    /// The account stands alone.
    NoOrganization,
    /// By type of policy; the types that are enabled at the root and no others. The accounts are sorted.
    Types(BTreeMap<String, Vec<AccountId>>),
}

impl EffectivePolicy {
    /// The settings by the names that lead to them, joined by dots: `ec2_attributes.image_block_public_access.state`. Operators
    /// of inheritance (`@@assign`) are left out, and the values of a list are joined by commas.
    ///
    /// # Errors
    /// What is wrong where the document is not a JSON object.
    pub fn settings(&self) -> Result<BTreeMap<String, String>, serde_json::Error> {
        let mut settings = BTreeMap::new();
        if let Some(document) = &self.document {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(document.as_str())?;
            for (name, value) in &object {
                collect(name, value, &mut settings);
            }
        }
        Ok(settings)
    }
}

fn collect(path: &str, value: &serde_json::Value, settings: &mut BTreeMap<String, String>) {
    use serde_json::Value;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let inner = if name.starts_with("@@") { path.to_owned() } else { format!("{path}.{name}") };
                collect(&inner, value, settings);
            }
        }
        Value::Array(values) => {
            settings.insert(path.to_owned(), values.iter().map(text).collect::<Vec<_>>().join(","));
        }
        value => {
            settings.insert(path.to_owned(), text(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Vec<String> {
        let one = EffectivePolicy { accounts: Vec::new(), document: Some(DocumentText::new(text)) };
        one.settings().expect("settings").iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn settings_have_the_names_that_lead_to_them() {
        let plain = r#"{"ec2_attributes":{"instance_metadata_defaults":{"http_tokens":"required","hops":2}}}"#;
        let expected = [
            "ec2_attributes.instance_metadata_defaults.hops=2",
            "ec2_attributes.instance_metadata_defaults.http_tokens=required",
        ];
        assert_eq!(settings(plain), expected);
        let operators = r#"{"tags":{"team":{"tag_key":{"@@assign":"Team"},"tag_value":{"@@append":["a","b"]}}}}"#;
        assert_eq!(settings(operators), ["tags.team.tag_key=Team", "tags.team.tag_value=a,b"]);
    }

    #[test]
    fn no_document_has_no_settings_and_one_that_is_none_is_an_error() {
        assert!(EffectivePolicy { accounts: Vec::new(), document: None }.settings().expect("settings").is_empty());
        let odd = EffectivePolicy { accounts: Vec::new(), document: Some(DocumentText::new("[")) };
        assert!(odd.settings().is_err());
    }
}
