//! SAML providers demand encrypted assertions.
//!
//! # Why
//! An assertion passes through the browser of the person who signs in. Encrypted, it tells nothing to whoever reads it
//! there or in a log; and one that an identity provider issues for another service cannot be tried here.
//!
//! # Pass
//! `AssertionEncryptionMode` of the provider is `Required`, and it has a private key.
//!
//! # Fail
//! Encryption is allowed and not required, or was never set up.
//!
//! # Not applicable
//! There is no SAML provider but those of IAM Identity Center, which AWS looks after.
//!
//! # Notes
//! Encryption needs support on the side of the identity provider. No benchmark asks for it yet; the finding is for
//! information.
//!
//! # Fix
//! Upload a private key to the provider, give its public half to the identity provider, and require encryption once
//! encrypted assertions arrive.
//!
//! # Command
//! ```sh
//! aws iam update-saml-provider --saml-provider-arn ARN --assertion-encryption-mode Required --add-private-key KEY
//! ```

use probity_model::facts::SamlEncryption;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "saml-assertion-encryption",
        family: Family::Federation,
        title: "SAML providers require encrypted assertions",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::SamlProvider,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s SamlEncryption;

    fn run(facts: &SamlEncryption, _: &Parameters, out: &mut Findings<'_>) {
        for (arn, seen) in &facts.providers {
            let subject = out.resource(arn.clone());
            let setting = match seen.get() {
                Ok(setting) => setting,
                Err(gap) => {
                    subject.not_evaluated(gap);
                    continue;
                }
            };
            let mode = setting.mode.as_deref();
            let subject = subject
                .evidence("AssertionEncryptionMode", mode.unwrap_or("not set"))
                .evidence("private_keys", setting.private_keys);
            match mode {
                Some("Required") if setting.private_keys > 0 => subject.pass("assertions must be encrypted"),
                Some("Required") => subject.unclear("encryption is required, and the provider has no private key"),
                Some(_) => subject.fail("assertions may be encrypted and need not be"),
                None => subject.fail("the provider is not set up for encrypted assertions"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::SamlEncryption;
    use probity_model::facts::identity_providers::SamlEncryptionSetting;
    use probity_model::{Arn, Seen, Topic};

    use crate::testing::outcomes;

    const ID: &str = "saml-assertion-encryption";

    fn provider(setting: Seen<SamlEncryptionSetting>) -> Account {
        let arn = Arn::new("arn:aws:iam::123456789012:saml-provider/house");
        Account::new().facts(|facts| {
            facts.saml_encryption = Seen::Known(SamlEncryption { providers: [(arn, setting)].into() });
        })
    }

    fn of(mode: Option<&str>, private_keys: usize) -> Account {
        provider(Seen::Known(SamlEncryptionSetting { mode: mode.map(Into::into), private_keys }))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, of(Some("Required"), 1)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, of(Some("Allowed"), 1)), [Fail]);
        assert_eq!(outcomes(ID, of(None, 0)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::SamlEncryption)), [NotEvaluated]);
        assert_eq!(outcomes(ID, provider(Seen::Missing(denied(Topic::SamlEncryption)))), [NotEvaluated]);
        assert_eq!(outcomes(ID, of(Some("Required"), 0)), [NotEvaluated], "it makes no sense");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }
}
