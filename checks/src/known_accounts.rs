//! To whom some well-known accounts belong. A label only: it says who is trusted, not that they may be.

use probity_model::AccountId;

/// Accounts whose owner is publicly documented, gathered by <https://github.com/fwdcloudsec/known_aws_accounts> (2026);
/// only those that roles are often made for, and those of AWS itself that older policies name.
const KNOWN: [(&str, &str); 18] = [
    ("012615275169", "Tenable"),
    ("127311923021", "AWS, Elastic Load Balancing logs"),
    ("134183635603", "Splunk Observability"),
    ("188619942792", "Palo Alto Networks Prisma Cloud"),
    ("193672423079", "AWS, Amazon Redshift logs"),
    ("198361731867", "Snyk"),
    ("336818582268", "Rapid7"),
    ("386209384616", "AWS, billing reports"),
    ("414351767826", "Databricks"),
    ("434813966438", "Lacework"),
    ("454464851268", "CloudHealth"),
    ("464622532012", "Datadog"),
    ("509560245411", "Dynatrace"),
    ("754728514883", "New Relic"),
    ("797873946194", "AWS, Elastic Load Balancing logs"),
    ("834469178297", "Fivetran"),
    ("922761411349", "Spot by NetApp"),
    ("926226587429", "Sumo Logic"),
];

/// To whom an account belongs, where that is well known.
pub(crate) fn owner(account: &AccountId) -> Option<&'static str> {
    KNOWN.iter().find(|(id, _)| *id == account.as_str()).map(|(_, owner)| *owner)
}
