//! Invitations to accounts and requests to the organization.

use probity_model::facts::OrganizationHandshakes;
use probity_model::facts::organization_administration::Handshake;
use probity_model::{Arn, Gap, Service};

use super::organization_membership::NOT_IN_USE;
use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation, required};

/// The most a page can hold (Organizations API Reference, `MaxResults`).
const PAGE: i32 = 20;

pub(crate) async fn read(reader: &Reader<'_>) -> Result<OrganizationHandshakes, Gap> {
    let list = operation(Service::Organizations, "ListHandshakesForOrganization");
    let mut found = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.organizations().list_handshakes_for_organization().max_results(PAGE);
        let call = call.set_next_token(token).send();
        let Ok(page) = reader.ask_or(list, &[NOT_IN_USE], call).await? else {
            return Ok(OrganizationHandshakes::NoOrganization);
        };
        for handshake in required(list, "Handshakes", page.handshakes)? {
            let parties = handshake.parties.unwrap_or_default().into_iter();
            let mut parties: Vec<_> = parties.map(|party| (party.r#type.as_str().to_owned(), party.id)).collect();
            parties.sort();
            found.push(Handshake {
                id: required(list, "Id", handshake.id)?,
                arn: Arn::new(required(list, "Arn", handshake.arn)?),
                action: required(list, "Action", handshake.action)?.as_str().to_owned(),
                state: required(list, "State", handshake.state)?.as_str().to_owned(),
                parties,
                requested_at: maybe_time(handshake.requested_timestamp.as_ref()),
                expires_at: maybe_time(handshake.expiration_timestamp.as_ref()),
            });
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            found.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok(OrganizationHandshakes::Handshakes(found));
        }
    }
}
