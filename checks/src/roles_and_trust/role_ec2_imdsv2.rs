//! The metadata service of EC2 instances hands out credentials only for a session token.
//!
//! # Why
//! Version 1 of the metadata service answers any request from the instance. A web server that fetches addresses for
//! strangers then fetches the credentials of the instance's role for them.
//!
//! # Pass
//! The instance demands session tokens (`HttpTokens` is `required`), or its metadata service is turned off.
//!
//! # Fail
//! Tokens are optional. Rated one level higher where the role of the instance is an administrator, and low where the
//! instance has no role whose credentials could be taken.
//!
//! # Not applicable
//! Instances that are terminated or about to be.
//!
//! # Notes
//! Whether something on the instance still uses version 1, the metric `MetadataNoToken` of the instance tells.
//!
//! # Fix
//! Demand tokens on the instance, and in launch templates and as the default of the account and Region for new ones.
//!
//! # Command
//! ```sh
//! aws ec2 modify-instance-metadata-options --instance-id INSTANCE_ID --http-tokens required
//! aws ec2 modify-instance-metadata-defaults --region REGION --http-tokens required
//! ```

use probity_access::Truth;
use probity_model::facts::compute::Instance;
use probity_model::facts::{AuthorizationDetails, Compute};
use probity_model::{
    Automation, Family, Findings, Inferred, Meta, Parameters, Region, ResourceKind, Rule, Scope, Severity,
};

use crate::escalation::Ways;
use crate::workloads::{Part, Profiles, report_gaps};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-ec2-imdsv2",
        family: Family::RolesAndTrust,
        title: "EC2 instances demand version 2 of the metadata service",
        severity: Severity::Medium,
        scope: Scope::Region,
        resource: ResourceKind::Ec2Instance,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s Compute, &'s AuthorizationDetails, Inferred<'s, Ways>);

    fn run((compute, details, Inferred(ways)): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        report_gaps(compute, &[Part::Instances], out);
        let profiles = Profiles::of(details);
        for (region, instance) in compute.instances() {
            judge(region, instance, &profiles, ways, out);
        }
    }
}

fn judge(region: &Region, instance: &Instance, profiles: &Profiles<'_>, ways: &Ways, out: &mut Findings<'_>) {
    let mut subject = out.resource(instance.arn.clone()).region(region).evidence("state", &instance.state);
    if instance.is_gone() {
        return subject.not_applicable("the instance is terminated, or about to be");
    }
    let told = |value: &Option<alloc::string::String>| value.clone().unwrap_or_default();
    let (endpoint, tokens) = (told(&instance.metadata_endpoint), told(&instance.metadata_tokens));
    subject = subject.evidence("HttpEndpoint", &endpoint).evidence("HttpTokens", &tokens);
    if let Some(hops) = instance.metadata_hop_limit {
        subject = subject.evidence("HttpPutResponseHopLimit", hops);
    }
    let role = profiles.role_of(instance);
    if let Some(role) = role {
        subject = subject.evidence("role", role);
    }
    match (endpoint.as_str(), tokens.as_str(), role) {
        ("disabled", ..) => subject.pass("the metadata service is turned off"),
        (_, "required", _) => subject.pass("the metadata service answers only with a session token"),
        (_, "optional", None) => subject
            .severity(Severity::Low)
            .fail("the metadata service answers without a session token; the instance has no role now"),
        (_, "optional", Some(role)) if ways.is_administrator(role) == Some(Truth::Yes) => subject
            .severity(Severity::High)
            .fail("the metadata service hands out the credentials of an administrator without a session token"),
        (_, "optional", Some(_)) => {
            subject.fail("the metadata service hands out the credentials of the role without a session token");
        }
        _ => subject.unclear("the answer does not tell whether the metadata service demands a session token"),
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, InstanceBuilder};
    use probity_model::{Severity, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "role-ec2-imdsv2";
    const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    fn with(change: impl FnOnce(InstanceBuilder) -> InstanceBuilder) -> Account {
        let roles = Account::new().role("web", |role| role.instance_profile("web"));
        roles.role("boss", |role| role.instance_profile("boss").inline("all", ADMIN)).instance("i-1", change)
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(|it| it.profile("web").tokens("required"))), [Pass]);
        assert_eq!(outcomes(ID, with(|it| it.profile("web").tokens("optional").endpoint("disabled"))), [Pass]);
    }

    #[test]
    fn fail() {
        for (profile, severity) in [("web", Severity::Medium), ("boss", Severity::High), ("none", Severity::Low)] {
            let found = findings(ID, with(|it| it.profile(profile).tokens("optional")));
            assert_eq!((found[0].outcome, found[0].severity), (Fail, severity), "{profile}");
        }
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, with(|it| it.tokens("optional").state("terminated"))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        for topic in [Topic::Compute, Topic::AuthorizationDetails] {
            assert_eq!(outcomes(ID, with(|it| it.profile("web")).deny(topic)), [NotEvaluated]);
        }
        let silent = with(|it| it.profile("web")).facts(|facts| {
            let probity_model::Seen::Known(compute) = &mut facts.compute else { unreachable!("it is known") };
            for all in compute.regions.values_mut() {
                let probity_model::Seen::Known(instances) = &mut all.instances else { unreachable!("they are known") };
                instances.iter_mut().for_each(|it| it.metadata_tokens = None);
            }
        });
        assert_eq!(outcomes(ID, silent), [NotEvaluated]);
    }
}
