//! Roles Anywhere of every Region: one call a Region, and two more where there is a trust anchor.

use futures_util::future::join;
use probity_model::facts::RolesAnywhere;
use probity_model::facts::roles_anywhere::{CertificateAccess, Profile, RevocationList, TrustAnchor};
use probity_model::{Arn, Gap, Region, Seen, Service};

use super::enabled_regions::Places;
use crate::pages::Pages;
use crate::reader::{Reader, operation, required};

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<RolesAnywhere, Gap> {
    let read = places.read_where_offered(Service::RolesAnywhere, |region| in_region(reader, region));
    let (regions, not_offered) = read.await;
    Ok(RolesAnywhere { asked: true, regions, not_offered })
}

/// How many trust anchors there are.
pub(crate) fn count(all: &RolesAnywhere) -> usize {
    all.regions.values().filter_map(|seen| seen.get().ok()).map(|access| access.anchors.len()).sum()
}

async fn in_region(reader: &Reader<'_>, region: &Region) -> Result<CertificateAccess, Gap> {
    let anchors = anchors(reader, region).await?;
    if anchors.is_empty() {
        return Ok(CertificateAccess {
            anchors,
            profiles: Seen::Known(Vec::new()),
            revocation_lists: Seen::Known(Vec::new()),
        });
    }
    let (profiles, lists) = join(profiles(reader, region), revocation_lists(reader, region)).await;
    Ok(CertificateAccess { anchors, profiles: profiles.into(), revocation_lists: lists.into() })
}

async fn anchors(reader: &Reader<'_>, region: &Region) -> Result<Vec<TrustAnchor>, Gap> {
    let list = operation(Service::RolesAnywhere, "ListTrustAnchors");
    let here = |gap: Gap| gap.in_region(region);
    let client = reader.clients.roles_anywhere(region);
    let mut anchors = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let page = reader.ask_in(region, list, client.list_trust_anchors().set_next_token(token).send()).await?;
        for anchor in page.trust_anchors.unwrap_or_default() {
            let source = anchor.source.and_then(|source| source.source_type);
            anchors.push(TrustAnchor {
                arn: Arn::new(required(list, "trustAnchorArn", anchor.trust_anchor_arn).map_err(here)?),
                name: anchor.name.unwrap_or_default(),
                enabled: required(list, "enabled", anchor.enabled).map_err(here)?,
                source_type: source.map(|kind| kind.as_str().to_owned()),
            });
        }
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() {
            anchors.sort_by(|a: &TrustAnchor, b| a.arn.cmp(&b.arn));
            return Ok(anchors);
        }
    }
}

async fn profiles(reader: &Reader<'_>, region: &Region) -> Result<Vec<Profile>, Gap> {
    let list = operation(Service::RolesAnywhere, "ListProfiles");
    let here = |gap: Gap| gap.in_region(region);
    let client = reader.clients.roles_anywhere(region);
    let sorted = |arns: Option<Vec<String>>| {
        let mut arns: Vec<Arn> = arns.unwrap_or_default().into_iter().map(Arn::new).collect();
        arns.sort();
        arns
    };
    let mut profiles = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let page = reader.ask_in(region, list, client.list_profiles().set_next_token(token).send()).await?;
        for profile in page.profiles.unwrap_or_default() {
            profiles.push(Profile {
                arn: Arn::new(required(list, "profileArn", profile.profile_arn).map_err(here)?),
                name: profile.name.unwrap_or_default(),
                enabled: required(list, "enabled", profile.enabled).map_err(here)?,
                roles: sorted(profile.role_arns),
                session_policy: profile.session_policy.filter(|policy| !policy.trim().is_empty()),
                managed_policies: sorted(profile.managed_policy_arns),
                duration_seconds: profile.duration_seconds.and_then(|seconds| u32::try_from(seconds).ok()),
            });
        }
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() {
            profiles.sort_by(|a: &Profile, b| a.arn.cmp(&b.arn));
            return Ok(profiles);
        }
    }
}

async fn revocation_lists(reader: &Reader<'_>, region: &Region) -> Result<Vec<RevocationList>, Gap> {
    let list = operation(Service::RolesAnywhere, "ListCrls");
    let here = |gap: Gap| gap.in_region(region);
    let client = reader.clients.roles_anywhere(region);
    let mut lists = Vec::new();
    let mut pages = Pages::new(list);
    let mut token = None;
    loop {
        let page = reader.ask_in(region, list, client.list_crls().set_next_token(token).send()).await?;
        for crl in page.crls.unwrap_or_default() {
            lists.push(RevocationList {
                arn: Arn::new(required(list, "crlArn", crl.crl_arn).map_err(here)?),
                enabled: required(list, "enabled", crl.enabled).map_err(here)?,
                trust_anchor: crl.trust_anchor_arn.map(Arn::new),
            });
        }
        token = pages.next_token(page.next_token).map_err(here)?;
        if token.is_none() {
            lists.sort_by(|a: &RevocationList, b| a.arn.cmp(&b.arn));
            return Ok(lists);
        }
    }
}
