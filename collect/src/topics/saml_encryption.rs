//! Whether SAML providers demand encrypted assertions: one call a provider, and an account has a hundred of them at most.

use aws_sdk_iam::operation::get_saml_provider::GetSamlProviderOutput;
use futures_util::future::join_all;
use probity_model::facts::identity_providers::SamlEncryptionSetting;
use probity_model::facts::{IdentityProviders, SamlEncryption};
use probity_model::{Arn, Gap, Seen, Service};

use crate::reader::{Reader, operation};

/// What the name of the provider begins with that IAM Identity Center makes in every account it manages.
const IDENTITY_CENTER: &str = "AWSSSO_";

pub(crate) async fn read(reader: &Reader<'_>, providers: &IdentityProviders) -> Result<SamlEncryption, Gap> {
    let own = providers.saml.iter().filter(|provider| !provider.arn.name().starts_with(IDENTITY_CENTER));
    let asked = own.map(|provider| async { (provider.arn.clone(), Seen::from(one(reader, &provider.arn).await)) });
    Ok(SamlEncryption { providers: join_all(asked).await.into_iter().collect() })
}

async fn one(reader: &Reader<'_>, provider: &Arn) -> Result<SamlEncryptionSetting, Gap> {
    let get = operation(Service::Iam, "GetSAMLProvider");
    let call = reader.clients.iam().get_saml_provider().saml_provider_arn(provider.as_str()).send();
    reader.ask(get, call).await.map(|answer| setting(&answer))
}

fn setting(answer: &GetSamlProviderOutput) -> SamlEncryptionSetting {
    SamlEncryptionSetting {
        mode: answer.assertion_encryption_mode.as_ref().map(|mode| mode.as_str().to_owned()),
        private_keys: answer.private_key_list.as_ref().map_or(0, Vec::len),
    }
}
