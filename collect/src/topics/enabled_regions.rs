//! The Regions that are enabled for the account, and which of them Regional topics are read in.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use aws_sdk_account::types::RegionOptStatus;
use futures_util::future::join_all;
use probity_model::facts::EnabledRegions;
use probity_model::{Gap, Region, Seen, Service};

use crate::error::CollectError;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required};
use crate::{regions, session};

/// The most a page can hold (Account Management Reference Guide, `ListRegions`, `MaxResults`).
const PAGE: i32 = 50;

pub(crate) async fn read(reader: &Reader<'_>) -> Result<EnabledRegions, Gap> {
    let list = operation(Service::Account, "ListRegions");
    let enabled = [RegionOptStatus::Enabled, RegionOptStatus::EnabledByDefault];
    let mut regions = Vec::new();
    let mut opted_in = BTreeSet::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let call = reader.clients.account().list_regions().max_results(PAGE).set_next_token(token);
        let page = reader.ask(list, call.set_region_opt_status_contains(Some(enabled.to_vec())).send()).await?;
        for region in required(list, "Regions", page.regions)? {
            let name = required(list, "RegionName", region.region_name)?;
            let known = Region::try_from(name.as_str()).ok();
            let name = required(list, "RegionName of a Region", known)?;
            if region.region_opt_status == Some(RegionOptStatus::Enabled) {
                opted_in.insert(name.clone());
            }
            regions.push(name);
        }
        token = pages.next_token(page.next_token)?;
        if token.is_none() {
            regions.sort();
            regions.dedup();
            return Ok(EnabledRegions { regions, opted_in: Some(opted_in) });
        }
    }
}

/// Where Regional topics are read, and where they are not although something may be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// The Regions that are asked, sorted.
    pub(crate) asked: Vec<Region>,
    /// The Regions that are not, each with the reason.
    pub(crate) left_out: Vec<(Region, Gap)>,
}

impl Places {
    /// Every enabled Region, or those of them that were named. Where AWS does not say which are enabled, the Region of the
    /// session and the one of the global services are asked, and every other known one of the partition is left out.
    ///
    /// # Errors
    /// A named Region that does not exist, or that is known not to be enabled.
    pub(crate) fn choose(
        enabled: Result<&EnabledRegions, &Gap>,
        named: &[String],
        home: &Region,
        account: &str,
    ) -> Result<Self, CollectError> {
        let mut chosen = named.iter().map(|name| session::check_region(name)).collect::<Result<Vec<_>, _>>()?;
        chosen.sort();
        chosen.dedup();
        let (all, why) = match enabled {
            Ok(enabled) => (enabled.regions.clone(), None),
            Err(gap) => (regions::of_same_partition(home).collect(), Some(gap)),
        };
        if why.is_none()
            && let Some(missing) = chosen.iter().find(|region| !all.contains(region))
        {
            let names: Vec<&str> = all.iter().map(Region::as_str).collect();
            return Err(CollectError::RegionNotEnabled {
                given: missing.to_string(),
                account: account.to_owned(),
                enabled: names.join(", "),
            });
        }
        let narrowed = Gap::not_requested("this Region was left out with --regions");
        let reason = if named.is_empty() { why.unwrap_or(&narrowed) } else { &narrowed }.clone();
        let asked = match (named.is_empty(), why) {
            (false, _) => chosen,
            (true, None) => all.clone(),
            (true, Some(_)) => {
                let mut near: Vec<Region> =
                    regions::home_of_global_services(home).into_iter().chain([home.clone()]).collect();
                near.sort();
                near.dedup();
                near
            }
        };
        let left_out = all.into_iter().filter(|region| !asked.contains(region));
        Ok(Self { left_out: left_out.map(|region| (region, reason.clone())).collect(), asked })
    }

    /// What every Region answers, all asked at the same time; those that are left out have their gaps.
    pub(crate) async fn read<'p, T, F>(&'p self, in_region: impl Fn(&'p Region) -> F) -> BTreeMap<Region, Seen<T>>
    where
        F: Future<Output = Result<T, Gap>>,
    {
        let answers = join_all(self.asked.iter().map(in_region)).await;
        let read = self.asked.iter().cloned().zip(answers.into_iter().map(Seen::from));
        read.chain(self.missing()).collect()
    }

    /// The same of a service that some Regions lack; these are told apart.
    pub(crate) async fn read_where_offered<'p, T, F>(
        &'p self,
        service: Service,
        in_region: impl Fn(&'p Region) -> F,
    ) -> (BTreeMap<Region, Seen<T>>, BTreeSet<Region>)
    where
        F: Future<Output = Result<T, Gap>>,
    {
        let answers = join_all(self.asked.iter().map(in_region)).await;
        let mut regions = BTreeMap::new();
        let mut not_offered = BTreeSet::new();
        for (region, answer) in self.asked.iter().zip(answers) {
            match answer {
                Err(gap) if regions::lacks(service, region, &gap) => {
                    not_offered.insert(region.clone());
                }
                answer => {
                    regions.insert(region.clone(), Seen::from(answer));
                }
            }
        }
        regions.extend(self.missing());
        (regions, not_offered)
    }

    /// The Regions that are left out, each with its gap.
    pub(crate) fn missing<T>(&self) -> impl Iterator<Item = (Region, Seen<T>)> {
        self.left_out.iter().map(|(region, gap)| (region.clone(), Seen::Missing(gap.clone().in_region(region))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::GapKind;

    fn region(name: &str) -> Region {
        Region::try_from(name).expect("a Region")
    }

    fn enabled() -> EnabledRegions {
        EnabledRegions { regions: ["eu-central-1", "us-east-1"].map(region).to_vec(), opted_in: None }
    }

    fn choose(enabled: Result<&EnabledRegions, &Gap>, named: &[&str]) -> Result<Places, CollectError> {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        Places::choose(enabled, &named, &region("eu-west-1"), "123456789012")
    }

    #[test]
    fn every_enabled_region_is_asked() {
        let places = choose(Ok(&enabled()), &[]).expect("places");
        assert_eq!(places, Places { asked: enabled().regions, left_out: Vec::new() });
    }

    #[test]
    fn a_narrowed_run_says_which_regions_it_left_out() {
        let places = choose(Ok(&enabled()), &["us-east-1", "us-east-1"]).expect("places");
        assert_eq!(places.asked, [region("us-east-1")]);
        let left: Vec<_> = places.left_out.iter().map(|(region, gap)| (region.as_str(), gap.kind)).collect();
        assert_eq!(left, [("eu-central-1", GapKind::NotRequested)]);
    }

    #[test]
    fn a_region_that_is_not_enabled_or_not_one_is_an_error() {
        assert!(matches!(choose(Ok(&enabled()), &["eu-south-2"]), Err(CollectError::RegionNotEnabled { .. })));
        assert!(matches!(choose(Ok(&enabled()), &["mars-north-1"]), Err(CollectError::Region { .. })));
    }

    /// Nobody knows what lies in the others: they are gaps, not absent.
    #[test]
    fn without_the_list_every_known_region_is_asked_or_a_gap() {
        let gap = probity_model::builder::denied(probity_model::Topic::EnabledRegions);
        let places = choose(Err(&gap), &[]).expect("places");
        assert_eq!(places.asked, ["eu-west-1", "us-east-1"].map(region));
        assert!(places.left_out.len() > 15);
        assert!(places.left_out.iter().all(|(_, left)| left.kind == GapKind::Denied));
    }
}
