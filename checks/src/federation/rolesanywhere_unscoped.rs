//! Roles Anywhere cannot be entered with just any certificate of the authority.
//!
//! # Why
//! With IAM Roles Anywhere, whoever holds a certificate of a trusted authority gets a session of a role. Where the trust
//! policy names neither the trust anchor nor the holder, every certificate of every authority that is trusted in any
//! Region opens the role: that of a printer as well as that of the build server.
//!
//! # Pass
//! The trust policy demands `aws:SourceArn` of a trust anchor, written out, and an attribute of the certificate's subject
//! (`aws:PrincipalTag/x509Subject/…` or `…/x509SAN/…`). Every profile that offers the role limits the session where the
//! role is an administrator, and lets it last no longer than `max_session_seconds`. A revocation list is imported for each
//! trust anchor through which the role can be entered.
//!
//! # Fail
//! The anchor is not demanded, no attribute is, an administrator's role is offered without a session policy, or sessions
//! last longer.
//!
//! # Not applicable
//! No role trusts `rolesanywhere.amazonaws.com`, or no Region has a trust anchor that is enabled.
//!
//! # Notes
//! Roles Anywhere is Regional and roles are not: the trust anchors of every Region count.
//!
//! An authority that issues to one workload only makes the attribute needless: name its trust anchor in
//! `dedicated_anchors`.
//!
//! Whether a trust anchor looks at the distribution points of certificates, AWS does not tell in the API that this release
//! reads. So a trust anchor without an imported revocation list is no failure by itself: where nothing else is wrong, the
//! check is not evaluated and says so.
//!
//! The attribute of the issuer (`x509Issuer`) tells the authority and not the holder, and does not count.
//!
//! # Fix
//! Demand the trust anchor and the certificate's subject in the trust policy, add a session policy to the profile, and
//! import a revocation list.
//!
//! # Command
//! ```sh
//! aws rolesanywhere list-profiles --region REGION
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::authorization::Role;
use probity_model::facts::roles_anywhere::{CertificateAccess, Profile, TrustAnchor};
use probity_model::facts::{AuthorizationDetails, RolesAnywhere};
use probity_model::{
    Arn, Automation, Family, Findings, Gap, ListParameter, Meta, NumberParameter, ParameterSpec, Parameters, Region,
    ResourceKind, Rule, Scope, Seen, Severity, Unit,
};
use probity_policy::Pattern;

use crate::statements;
use crate::trust::{self, Opening, Party, Trust};
use crate::trust_demands::is_literal;

/// The name that Roles Anywhere assumes roles by.
const SERVICE: &str = "rolesanywhere.amazonaws.com";

const MAX_SESSION_SECONDS: NumberParameter = NumberParameter {
    name: "max_session_seconds",
    default: 3_600,
    min: 900,
    max: 43_200,
    unit: Unit::Seconds,
    source: "the duration that AWS gives a profile unless told otherwise (Roles Anywhere API Reference, `CreateProfile`)",
};

const DEDICATED_ANCHORS: ListParameter = ListParameter {
    name: "dedicated_anchors",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the organization's own choice: trust anchors whose authority issues to one workload only",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "rolesanywhere-unscoped",
        family: Family::Federation,
        title: "Roles Anywhere cannot be entered with any certificate of the CA",
        severity: Severity::High,
        scope: Scope::Region,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_SESSION_SECONDS), ParameterSpec::List(DEDICATED_ANCHORS)],
    };
    type Facts<'s> = (&'s AuthorizationDetails, &'s RolesAnywhere);

    fn run((details, anywhere): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let limits = Limits {
            seconds: parameters.number(&MAX_SESSION_SECONDS),
            dedicated: parameters.list(&DEDICATED_ANCHORS).into_iter().map(Pattern::new).collect(),
        };
        let policies = statements::policies(details);
        let administrators = statements::administrators(&policies, details, out.partition());
        for role in details.roles.iter().filter(|role| trust::kept_by_aws(role).is_none()) {
            match Trust::of(role) {
                Ok(trust) => {
                    let openings = trust.openings();
                    let entries: Vec<&Opening<'_>> = openings.iter().filter(|opening| lets_in(opening)).collect();
                    if !entries.is_empty() {
                        judge(role, &entries, anywhere, administrators.contains(&role.arn), &limits, out);
                    }
                }
                Err(error) if role.trust_policy.as_str().contains("rolesanywhere") => {
                    trust::subject(role, out).unclear(format!("the trust policy cannot be read: {error}"));
                }
                Err(_) => {}
            }
        }
        if out.is_empty() {
            out.whole_account().not_applicable("no role can be entered through IAM Roles Anywhere");
        }
    }
}

struct Limits {
    seconds: u32,
    dedicated: Vec<Pattern>,
}

fn lets_in(opening: &Opening<'_>) -> bool {
    opening.parties().iter().any(|party| matches!(party, Party::Service(name) if *name == SERVICE))
}

fn judge(
    role: &Role,
    entries: &[&Opening<'_>],
    anywhere: &RolesAnywhere,
    is_administrator: bool,
    limits: &Limits,
    out: &mut Findings<'_>,
) {
    let known: Vec<&CertificateAccess> = anywhere.regions.values().filter_map(|seen| seen.get().ok()).collect();
    let region_gap = anywhere.regions.values().find_map(Seen::gap);
    let anchors: Vec<&TrustAnchor> =
        known.iter().flat_map(|access| &access.anchors).filter(|anchor| anchor.enabled).collect();
    let mut subject = trust::subject(role, out).evidence("enabled_trust_anchors", anchors.len());
    if !anywhere.not_offered.is_empty() {
        let names: Vec<&str> = anywhere.not_offered.iter().map(Region::as_str).collect();
        subject = subject.evidence("regions_without_the_service", names.join(", "));
    }
    if anchors.is_empty() {
        return match region_gap {
            Some(gap) => subject.not_evaluated(gap),
            None => subject.not_applicable("no Region has a trust anchor that is enabled, so nobody gets in"),
        };
    }
    let mut problems: Vec<String> = entries.iter().flat_map(|entry| trust_problems(entry, limits)).collect();
    let pinned: BTreeSet<&str> = entries.iter().flat_map(|entry| pins(entry).unwrap_or_default()).collect();
    let reachable: Vec<&TrustAnchor> = if entries.iter().all(|entry| pins(entry).is_some()) {
        anchors.into_iter().filter(|anchor| pinned.contains(anchor.arn.as_str())).collect()
    } else {
        anchors
    };
    let mut gap: Option<&Gap> = region_gap;
    for access in &known {
        match access.profiles.get() {
            Ok(profiles) => {
                let offers = profiles.iter().filter(|profile| profile.enabled && profile.roles.contains(&role.arn));
                for profile in offers {
                    subject = subject.evidence(profile.arn.as_str(), described(profile));
                    problems.extend(profile_problems(profile, is_administrator, limits));
                }
            }
            Err(missing) => gap = gap.or(Some(missing)),
        }
    }
    let (unrevoked, list_gap) = without_revocation(&reachable, &known);
    subject = subject.evidence("administrator", is_administrator);
    match (problems.first(), gap.or(list_gap), unrevoked.first()) {
        (Some(_), ..) => subject.fail(problems.join("; ")),
        (None, Some(gap), _) => subject.not_evaluated(gap),
        (None, None, Some(anchor)) => subject.unclear(format!(
            "no revocation list is imported for {anchor}, and AWS does not tell whether distribution points are looked at"
        )),
        (None, None, None) => subject.pass("the trust anchor and the holder of the certificate are demanded"),
    }
}

/// The trust anchors that an opening demands; nothing where it does not name them.
fn pins<'t>(entry: &Opening<'t>) -> Option<Vec<&'t str>> {
    let demands = entry.demands();
    let named = demands.on("aws:SourceArn").find_map(|demand| {
        let literals = demand.literals()?;
        literals.iter().all(|arn| Arn::new(arn.as_str()).resource().starts_with("trust-anchor/")).then_some(literals)
    })?;
    Some(named.iter().map(String::as_str).collect())
}

fn trust_problems(entry: &Opening<'_>, limits: &Limits) -> Vec<String> {
    let mut problems = Vec::new();
    let pinned = pins(entry);
    if pinned.is_none() {
        problems.push(format!("{} does not demand a certain trust anchor in aws:SourceArn", entry.name()));
    }
    let is_dedicated = |arn: &str| limits.dedicated.iter().any(|pattern| pattern.matches(arn));
    let dedicated = pinned.is_some_and(|arns| arns.iter().all(|arn| is_dedicated(arn)));
    let demands = entry.demands();
    let names_holder = demands.iter().any(|demand| {
        let about_holder = ["aws:principaltag/x509subject/", "aws:principaltag/x509san/"];
        about_holder.iter().any(|prefix| demand.key.starts_with(prefix))
            && demand.values.iter().all(|value| is_literal(value) || value.trim_matches(['*', '?']).len() > 1)
    });
    if !names_holder && !dedicated {
        problems.push(format!("{} demands nothing of the certificate's subject", entry.name()));
    }
    problems
}

fn profile_problems(profile: &Profile, is_administrator: bool, limits: &Limits) -> Vec<String> {
    let mut problems = Vec::new();
    if is_administrator && !profile.limits_sessions() {
        problems
            .push(format!("the profile {} hands out an administrator's role without a session policy", profile.name));
    }
    if let Some(seconds) = profile.duration_seconds.filter(|seconds| *seconds > limits.seconds) {
        problems.push(format!(
            "sessions of the profile {} last {seconds} seconds; {} are allowed",
            profile.name, limits.seconds
        ));
    }
    problems
}

fn described(profile: &Profile) -> String {
    let seconds = profile.duration_seconds.map_or_else(|| "the default of".to_string(), |seconds| seconds.to_string());
    let policy = if profile.limits_sessions() { "a session policy" } else { "no session policy" };
    format!("{}: {policy}, sessions of {seconds} seconds", profile.name)
}

/// The trust anchors for which no revocation list is in use, and the gap where the lists of a Region were not read.
fn without_revocation<'s>(
    anchors: &[&'s TrustAnchor],
    known: &[&'s CertificateAccess],
) -> (Vec<&'s Arn>, Option<&'s Gap>) {
    let gap = known
        .iter()
        .filter(|access| access.anchors.iter().any(|anchor| anchors.iter().any(|one| one.arn == anchor.arn)))
        .find_map(|access| access.revocation_lists.gap());
    let listed: BTreeSet<&Arn> = known
        .iter()
        .filter_map(|access| access.revocation_lists.get().ok())
        .flatten()
        .filter(|list| list.enabled)
        .filter_map(|list| list.trust_anchor.as_ref())
        .collect();
    (anchors.iter().map(|anchor| &anchor.arn).filter(|arn| !listed.contains(arn)).collect(), gap)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::{String, ToString};
    use std::vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::RolesAnywhere;
    use probity_model::facts::roles_anywhere::{CertificateAccess, Profile, RevocationList, TrustAnchor};
    use probity_model::{Arn, Region, Seen, Topic};

    use crate::testing::{allowing, findings, outcomes, outcomes_with, trust_policy};

    const ID: &str = "rolesanywhere-unscoped";
    const ANCHOR: &str = "arn:aws:rolesanywhere:eu-central-1:123456789012:trust-anchor/0a1b";
    const ROLE: &str = "arn:aws:iam::123456789012:role/build";
    const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn region(name: &str) -> Region {
        Region::try_from(name).expect("a Region")
    }

    fn access() -> CertificateAccess {
        let anchor = TrustAnchor {
            arn: Arn::new(ANCHOR),
            name: "works".to_string(),
            enabled: true,
            source_type: Some("CERTIFICATE_BUNDLE".to_string()),
        };
        let profile = Profile {
            arn: Arn::new("arn:aws:rolesanywhere:eu-central-1:123456789012:profile/2c3d"),
            name: "build".to_string(),
            enabled: true,
            roles: vec![Arn::new(ROLE)],
            session_policy: None,
            managed_policies: vec![],
            duration_seconds: Some(3_600),
        };
        let list = RevocationList {
            arn: Arn::new("arn:aws:rolesanywhere:eu-central-1:123456789012:crl/4e5f"),
            enabled: true,
            trust_anchor: Some(Arn::new(ANCHOR)),
        };
        CertificateAccess {
            anchors: vec![anchor],
            profiles: Seen::Known(vec![profile]),
            revocation_lists: Seen::Known(vec![list]),
        }
    }

    fn with(account: Account, access: CertificateAccess) -> Account {
        account.facts(|facts| {
            let regions = [(region("eu-central-1"), Seen::Known(access))].into();
            facts.roles_anywhere = Seen::Known(RolesAnywhere { regions, ..RolesAnywhere::default() });
        })
    }

    fn condition(parts: &[&str]) -> String {
        format!(r#""StringEquals":{{{}}}"#, parts.join(","))
    }

    fn anchored() -> String {
        format!(r#""aws:SourceArn":"{ANCHOR}""#)
    }

    const HOLDER: &str = r#""aws:PrincipalTag/x509Subject/CN":"build-01""#;

    fn trusting(condition: &str) -> Account {
        let trust = trust_policy(&allowing(r#"{"Service":"rolesanywhere.amazonaws.com"}"#, condition));
        Account::new().role("build", |role| role.trust(&trust))
    }

    fn sound() -> Account {
        trusting(&condition(&[&anchored(), HOLDER]))
    }

    fn changed(change: impl FnOnce(&mut CertificateAccess)) -> Outcome {
        let mut all = access();
        change(&mut all);
        let [outcome] = outcomes(ID, with(sound(), all)).try_into().expect("one finding");
        outcome
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(sound(), access())), [Pass]);
    }

    #[test]
    fn fail() {
        for demands in [condition(&[HOLDER]), condition(&[&anchored()]), String::new()] {
            assert_eq!(outcomes(ID, with(trusting(&demands), access())), [Fail], "{demands}");
        }
        let [finding] = findings(ID, with(trusting(""), access())).try_into().expect("one finding");
        assert!(finding.message.contains("does not demand a certain trust anchor"), "{}", finding.message);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(sound(), access()).deny(Topic::RolesAnywhere)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(sound(), access()).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let gap = || denied(Topic::RolesAnywhere);
        assert_eq!(changed(|access| access.profiles = Seen::Missing(gap())), NotEvaluated);
        assert_eq!(changed(|access| access.revocation_lists = Seen::Missing(gap())), NotEvaluated);
        let broken = Account::new().role("build", |role| role.trust("{rolesanywhere"));
        assert_eq!(outcomes(ID, broken), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().role("other", |role| role)), [NotApplicable]);
        assert_eq!(outcomes(ID, sound()), [NotApplicable], "no trust anchor anywhere");
        assert_eq!(changed(|access| access.anchors[0].enabled = false), NotApplicable);
    }

    #[test]
    fn trap_every_region_counts() {
        let elsewhere = |seen: Seen<CertificateAccess>| {
            sound().facts(|facts| {
                let here = (region("eu-central-1"), Seen::Known(CertificateAccess::default()));
                let regions = [here, (region("us-east-1"), seen)].into();
                facts.roles_anywhere = Seen::Known(RolesAnywhere { regions, ..RolesAnywhere::default() });
            })
        };
        assert_eq!(
            outcomes(ID, elsewhere(Seen::Known(access()))),
            [NotEvaluated],
            "the profiles of the first were not read"
        );
        assert_eq!(outcomes(ID, elsewhere(Seen::Missing(denied(Topic::RolesAnywhere)))), [NotEvaluated]);
    }

    #[test]
    fn trap_a_dedicated_authority_needs_no_attribute() {
        let account = || with(trusting(&condition(&[&anchored()])), access());
        assert_eq!(outcomes_with(ID, &[("dedicated_anchors", ANCHOR)], account()), [Pass]);
        assert_eq!(
            outcomes_with(ID, &[("dedicated_anchors", "arn:aws:rolesanywhere:*:trust-anchor/9z")], account()),
            [Fail]
        );
    }

    #[test]
    fn trap_without_a_revocation_list_nobody_can_say() {
        assert_eq!(changed(|access| access.revocation_lists = Seen::Known(vec![])), NotEvaluated);
        let unused = |access: &mut CertificateAccess| {
            if let Seen::Known(lists) = &mut access.revocation_lists {
                lists[0].enabled = false;
            }
        };
        assert_eq!(changed(unused), NotEvaluated);
    }

    #[test]
    fn trap_the_issuer_is_not_the_holder_and_a_wildcard_names_nobody() {
        let issuer = condition(&[&anchored(), r#""aws:PrincipalTag/x509Issuer/CN":"Works CA""#]);
        assert_eq!(outcomes(ID, with(trusting(&issuer), access())), [Fail]);
        let anyone = format!(r#"{},"StringLike":{{"aws:PrincipalTag/x509Subject/CN":"*"}}"#, condition(&[&anchored()]));
        assert_eq!(outcomes(ID, with(trusting(&anyone), access())), [Fail]);
        let loose = format!(
            r#""ArnLike":{{"aws:SourceArn":"arn:aws:rolesanywhere:*:*:trust-anchor/*"}},{}"#,
            condition(&[HOLDER])
        );
        assert_eq!(outcomes(ID, with(trusting(&loose), access())), [Fail]);
    }

    #[test]
    fn an_administrators_role_needs_a_session_policy() {
        let trust =
            trust_policy(&allowing(r#"{"Service":"rolesanywhere.amazonaws.com"}"#, &condition(&[&anchored(), HOLDER])));
        let account = || Account::new().role("build", |role| role.trust(&trust).inline("all", EVERYTHING));
        assert_eq!(outcomes(ID, with(account(), access())), [Fail]);
        let mut limited = access();
        if let Seen::Known(profiles) = &mut limited.profiles {
            profiles[0].session_policy = Some("{}".to_string());
        }
        assert_eq!(outcomes(ID, with(account(), limited)), [Pass]);
    }

    #[test]
    fn long_sessions_fail() {
        let long = |access: &mut CertificateAccess| {
            if let Seen::Known(profiles) = &mut access.profiles {
                profiles[0].duration_seconds = Some(7_200);
            }
        };
        assert_eq!(changed(long), Fail);
    }
}
