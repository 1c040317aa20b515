//! SAML and OpenID Connect providers: two short lists that do not come in pages.

use futures_util::future::try_join;
use probity_model::facts::IdentityProviders;
use probity_model::facts::identity_providers::SamlProvider;
use probity_model::{Arn, Gap, Service};

use crate::reader::{Reader, maybe_time, operation, required};

pub(crate) async fn read(reader: &Reader<'_>) -> Result<IdentityProviders, Gap> {
    let (mut saml, mut oidc) = try_join(saml(reader), oidc(reader)).await?;
    saml.sort_by(|a, b| a.arn.cmp(&b.arn));
    oidc.sort();
    Ok(IdentityProviders { saml, oidc })
}

async fn saml(reader: &Reader<'_>) -> Result<Vec<SamlProvider>, Gap> {
    let list = operation(Service::Iam, "ListSAMLProviders");
    let answer = reader.ask(list, reader.clients.iam().list_saml_providers().send()).await?;
    let found = required(list, "SAMLProviderList", answer.saml_provider_list)?;
    let read = |provider: aws_sdk_iam::types::SamlProviderListEntry| {
        Ok(SamlProvider {
            valid_until: maybe_time(provider.valid_until.as_ref()),
            created_at: maybe_time(provider.create_date.as_ref()),
            arn: Arn::new(required(list, "Arn", provider.arn)?),
        })
    };
    found.into_iter().map(read).collect()
}

async fn oidc(reader: &Reader<'_>) -> Result<Vec<Arn>, Gap> {
    let list = operation(Service::Iam, "ListOpenIDConnectProviders");
    let answer = reader.ask(list, reader.clients.iam().list_open_id_connect_providers().send()).await?;
    let found = required(list, "OpenIDConnectProviderList", answer.open_id_connect_provider_list)?;
    found.into_iter().map(|provider| required(list, "Arn", provider.arn).map(Arn::new)).collect()
}
