//! What is kept of an account for questions about the whole: the roles that let in others, and where those lead.

use alloc::string::ToString;
use alloc::vec::Vec;

use probity_model::facts::{AccountSummary, AuthorizationDetails, OrganizationMembership, OrganizationStructure};
use probity_model::run::part::{Door, Footprint};
use probity_model::{Evidence, Fact};

use crate::affiliation::{Neighbourhood, Outsiders};
use crate::escalation::Ways;
use crate::trust::{Trust, kept_by_aws};

/// Credentials of the root user that the account summary counts.
const ROOT: [&str; 4] = [
    AccountSummary::PASSWORD_PRESENT,
    AccountSummary::ACCESS_KEYS_PRESENT,
    AccountSummary::SIGNING_CERTIFICATES_PRESENT,
    AccountSummary::MFA_ENABLED,
];

/// What an account contributes to questions about the whole.
#[must_use]
pub fn footprint(evidence: &Evidence<'_>) -> Footprint {
    let snapshot = evidence.snapshot();
    let root_credentials = AccountSummary::of(snapshot).get().ok().and_then(|summary| {
        let counts: Vec<_> = ROOT.iter().map(|name| summary.entry(name)).collect();
        let some = counts.iter().any(|count| count.is_some_and(|count| count > 0));
        (some || counts.iter().all(Option::is_some)).then_some(some)
    });
    let details = match AuthorizationDetails::of(snapshot).get() {
        Ok(details) => details,
        Err(gap) => return Footprint { doors: Vec::new(), unread: Some(gap.to_string()), root_credentials },
    };
    let standalone = OrganizationMembership::Standalone;
    let membership = OrganizationMembership::of(snapshot).get().unwrap_or(&standalone);
    let structure = OrganizationStructure::of(snapshot).get();
    let neighbourhood = Neighbourhood::new(&snapshot.account, membership, structure);
    let mut doors = Vec::new();
    for role in details.roles.iter().filter(|role| kept_by_aws(role).is_none()) {
        let Ok(trust) = Trust::of(role) else { continue };
        let openings = trust.openings();
        let let_in = openings.iter().map(|opening| neighbourhood.outsiders(opening));
        let outsiders = let_in.fold(Outsiders::default(), Outsiders::join);
        if outsiders.is_empty() {
            continue;
        }
        let ways = evidence.inferred::<Ways>().as_ref();
        doors.push(Door {
            role: role.arn.clone(),
            trust: role.trust_policy.as_str().into(),
            accounts: outsiders.accounts,
            crowds: outsiders.crowds,
            organization: outsiders.organization,
            // Where nobody could work out where it leads, it may lead anywhere.
            administrator: ways.map_or(Some(false), |ways| ways.strength(&role.arn)),
        });
    }
    doors.sort_by(|a, b| a.role.cmp(&b.role));
    let unread = evidence.inferred::<Ways>().as_ref().err().map(ToString::to_string).filter(|_| !doors.is_empty());
    Footprint { doors, unread, root_credentials }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::builder::Account;
    use probity_model::{AccountId, Topic};
    use std::format;

    fn trusting(principal: &str) -> std::string::String {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}},
                "Action": "sts:AssumeRole"}}}}"#
        )
    }

    fn taken(account: Account) -> Footprint {
        let snapshot = account.build();
        footprint(&Evidence::new(&snapshot))
    }

    #[test]
    fn a_role_that_lets_in_another_account_is_a_door() {
        let all = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let (elsewhere, here) =
            (trusting("arn:aws:iam::444455556666:root"), trusting("arn:aws:iam::123456789012:root"));
        let account = Account::new()
            .role("inside", |role| role.trust(&here).inline("all", all))
            .role("outside", |role| role.trust(&elsewhere).inline("all", all))
            .role("weak", |role| role.trust(&elsewhere));
        let doors = taken(account).doors;
        let found: Vec<_> = doors.iter().map(|door| (door.role.resource(), door.administrator)).collect();
        assert_eq!(found, [("role/outside", Some(true)), ("role/weak", None)]);
        let other = AccountId::try_from("444455556666").expect("an id");
        assert!(doors.iter().all(|door| door.accounts.contains(&other) && door.crowds.is_empty()));
    }

    #[test]
    fn what_was_not_read_is_not_an_account_without_doors() {
        assert!(taken(Account::new().deny(Topic::AuthorizationDetails)).unread.is_some());
        assert_eq!(taken(Account::new().deny(Topic::AccountSummary)).root_credentials, None);
        assert!(taken(Account::new()).unread.is_none());
    }
}
