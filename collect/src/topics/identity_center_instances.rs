//! IAM Identity Center instances. The service answers in the Region an instance lies in and nowhere else, so all are asked.
//!
//! An account that can have one instance at most is asked where it is likely first, one Region after the other, and nowhere
//! else once it is found: the management account has that of the organization, an account that stands alone has one, and a
//! member sees that of the organization and may have one of its own beside it (IAM Identity Center User Guide, "Organization
//! and account instances of IAM Identity Center").

use futures_util::future::join_all;
use probity_model::facts::authorization::Role;
use probity_model::facts::identity_providers::IdentityCenterInstance;
use probity_model::facts::{IdentityCenterInstances, OrganizationMembership};
use probity_model::{AccountId, Arn, Gap, Region, Service};

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required};

/// Whether an account can see one instance at most.
pub(crate) fn sees_one_at_most(membership: &OrganizationMembership, account: &AccountId) -> bool {
    membership.organization().is_none_or(|organization| organization.management_account == *account)
}

/// The Regions an instance is likely in, the likeliest first: those that the roles it made name, then `home`.
pub(crate) fn likely(roles: &[Role], home: &Region) -> Vec<Region> {
    let mut regions: Vec<Region> = roles.iter().filter_map(Role::identity_center_region).collect();
    regions.sort();
    regions.dedup();
    if !regions.contains(home) {
        regions.push(home.clone());
    }
    regions
}

/// Reads the instances of all Regions; `first` are asked one after the other, and when one of them has an instance that is in
/// use, no other is asked.
pub(crate) async fn read(
    reader: &Reader<'_>,
    places: &Places,
    first: &[Region],
) -> Result<IdentityCenterInstances, Gap> {
    let mut answers = Vec::new();
    let mut is_found = false;
    for region in first.iter().filter(|region| places.asked.contains(region)) {
        let answer = in_region(reader, region).await;
        is_found = answer.as_ref().is_ok_and(|found| found.iter().any(is_in_use));
        answers.push(answer);
        if is_found {
            break;
        }
    }
    if !is_found {
        let rest = places.asked.iter().filter(|region| !first.contains(region));
        answers.extend(join_all(rest.map(|region| in_region(reader, region))).await);
    }
    let mut instances = Vec::new();
    let mut first_gap = places.left_out.first().map(|(region, gap)| gap.clone().in_region(region));
    for answer in answers {
        match answer {
            Ok(found) => instances.extend(found),
            Err(gap) => first_gap = Some(first_gap.unwrap_or(gap)),
        }
    }
    instances.sort_by(|a, b| (&a.arn, &a.region).cmp(&(&b.arn, &b.region)));
    instances.dedup_by(|a, b| a.arn == b.arn);
    match first_gap {
        // An instance that was found is there, whatever the other Regions would have said; that there is none is known
        // only where all of them answered.
        Some(gap) if instances.is_empty() => Err(gap),
        _ => Ok(IdentityCenterInstances { instances }),
    }
}

/// Whether it stands; one that is being made, could not be made or is being deleted may not be the only one.
fn is_in_use(instance: &IdentityCenterInstance) -> bool {
    instance.status.as_deref().is_none_or(|status| status == "ACTIVE")
}

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<Vec<IdentityCenterInstance>, Gap> {
    let list = operation(Service::SsoAdmin, "ListInstances");
    let client = reader.clients.sso_admin(region);
    let mut instances = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let page = reader.ask_in(region, list, client.list_instances().set_next_token(token).send()).await?;
        for instance in required(list, "Instances", page.instances).map_err(|gap| gap.in_region(region))? {
            let arn = required(list, "InstanceArn", instance.instance_arn).map_err(|gap| gap.in_region(region))?;
            // An instance that is copied to more Regions answers there too, and is run from the first.
            let home = instance.primary_region.as_deref().and_then(|name| Region::try_from(name).ok());
            instances.push(IdentityCenterInstance {
                arn: Arn::new(arn),
                region: home.unwrap_or_else(|| region.clone()),
                owner: instance.owner_account_id,
                identity_store: instance.identity_store_id,
                status: instance.status.map(|status| status.as_str().to_owned()),
            });
        }
        token = pages.next_token(page.next_token).map_err(|gap| gap.in_region(region))?;
        if token.is_none() {
            return Ok(instances);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::builder::Account;
    use probity_model::facts::organization::Organization;

    fn region(name: &str) -> Region {
        Region::try_from(name).expect("a Region")
    }

    #[test]
    fn the_regions_that_roles_name_come_before_that_of_the_session_and_each_once() {
        let account = Account::new()
            .role("AWSReservedSSO_Read_1", |role| role.path("/aws-reserved/sso.amazonaws.com/eu-west-1/"))
            .role("AWSReservedSSO_Write_2", |role| role.path("/aws-reserved/sso.amazonaws.com/eu-west-1/"))
            .role("application", |role| role.path("/eu-north-1/"))
            .build();
        let roles = &account.facts.authorization_details.get().expect("they are built").roles;
        assert_eq!(likely(roles, &region("us-west-2")), [region("eu-west-1"), region("us-west-2")]);
        assert_eq!(likely(roles, &region("eu-west-1")), [region("eu-west-1")]);
        assert_eq!(likely(&[], &region("us-west-2")), [region("us-west-2")]);
    }

    #[test]
    fn the_path_of_the_first_region_names_none() {
        let path = "/aws-reserved/sso.amazonaws.com/";
        let account = Account::new().role("AWSReservedSSO_Read_1", |role| role.path(path)).build();
        let roles = &account.facts.authorization_details.get().expect("they are built").roles;
        assert_eq!(likely(roles, &region("eu-west-1")), [region("us-east-1"), region("eu-west-1")]);
    }

    #[test]
    fn a_member_of_an_organization_may_see_two() {
        let account = |id: &str| AccountId::try_from(id).expect("an account");
        let membership = OrganizationMembership::Member(Organization {
            id: "o-example".to_owned(),
            arn: Arn::new("arn:aws:organizations::111122223333:organization/o-example"),
            management_account: account("111122223333"),
            feature_set: "ALL".to_owned(),
        });
        assert!(sees_one_at_most(&membership, &account("111122223333")));
        assert!(!sees_one_at_most(&membership, &account("444455556666")));
        assert!(sees_one_at_most(&OrganizationMembership::Standalone, &account("444455556666")));
    }
}
