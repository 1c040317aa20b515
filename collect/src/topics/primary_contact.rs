//! Which fields of the account's primary contact are filled in. What stands in them is not kept.

use std::collections::BTreeSet;

use probity_model::facts::PrimaryContact;
use probity_model::{Gap, Service};

use crate::reader::{Reader, operation, required};

/// The account has no contact (Account Management Reference Guide, `GetContactInformation`, "Errors").
const ABSENT: &str = "ResourceNotFoundException";

pub(crate) async fn read(reader: &Reader<'_>) -> Result<PrimaryContact, Gap> {
    let get = operation(Service::Account, "GetContactInformation");
    let call = reader.clients.account().get_contact_information().send();
    let Ok(answer) = reader.ask_or(get, &[ABSENT], call).await? else { return Ok(PrimaryContact::Absent) };
    let contact = required(get, "ContactInformation", answer.contact_information)?;
    let fields = [
        ("FullName", Some(&contact.full_name)),
        ("AddressLine1", Some(&contact.address_line1)),
        ("City", Some(&contact.city)),
        ("StateOrRegion", contact.state_or_region.as_ref()),
        ("PostalCode", Some(&contact.postal_code)),
        ("CountryCode", Some(&contact.country_code)),
        ("PhoneNumber", Some(&contact.phone_number)),
        ("CompanyName", contact.company_name.as_ref()),
        ("WebsiteUrl", contact.website_url.as_ref()),
    ];
    Ok(PrimaryContact::Filled(filled(&fields)))
}

/// The names of the fields that hold anything but white space.
pub(crate) fn filled(fields: &[(&str, Option<&String>)]) -> BTreeSet<String> {
    let said = fields.iter().filter(|(_, value)| value.is_some_and(|value| !value.trim().is_empty()));
    said.map(|(name, _)| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_what_is_filled_in_are_kept() {
        let (name, blank) = ("Anna Example".to_owned(), " \t".to_owned());
        let fields = [("FullName", Some(&name)), ("City", Some(&blank)), ("CompanyName", None)];
        assert_eq!(filled(&fields), BTreeSet::from(["FullName".to_owned()]));
    }
}
