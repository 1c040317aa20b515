//! IAM Identity Center instances. The service answers in the Region an instance lies in and nowhere else, so all are asked.

use futures_util::future::join_all;
use probity_model::facts::IdentityCenterInstances;
use probity_model::facts::identity_providers::IdentityCenterInstance;
use probity_model::{Arn, Gap, Region, Service};

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required};

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<IdentityCenterInstances, Gap> {
    let answers = join_all(places.asked.iter().map(|region| in_region(reader, region))).await;
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
