//! The metadata of every SAML provider is valid, and not about to run out.
//!
//! # Why
//! When the metadata runs out, nobody signs in through the provider any more, and IAM users for emergencies are all
//! that is left. Metadata that nobody renews also tells that nobody looks after the provider.
//!
//! # Pass
//! `ValidUntil` lies more than `warn_days` days ahead, and is a date that the metadata itself gives.
//!
//! # Fail
//! `ValidUntil` has passed, or lies at most `warn_days` days ahead.
//!
//! # Not applicable
//! There are no SAML providers.
//!
//! # Notes
//! Where the metadata gives no date, AWS puts one far in the future, which tells nothing of the certificates that sign
//! the assertions. Their dates stand in the metadata, which is not read: from 20 years ahead on, the check asks a
//! person to look.
//!
//! # Fix
//! Have the identity provider make new metadata with the certificate that is to come, and upload it.
//!
//! # Command
//! ```sh
//! aws iam update-saml-provider --saml-provider-arn PROVIDER_ARN --saml-metadata-document file://metadata.xml
//! ```

use alloc::format;

use probity_model::facts::IdentityProviders;
use probity_model::facts::identity_providers::SamlProvider;
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

const WARN_DAYS: NumberParameter = NumberParameter {
    name: "warn_days",
    default: 90,
    min: 0,
    max: 3650,
    unit: Unit::Days,
    source: "our choice: time enough to roll a certificate over at every party",
};

/// From when on a date is taken for one that AWS put: more days than any certificate of an identity provider is valid.
const PUT_BY_AWS: i64 = 20 * 365;

const SECONDS_PER_DAY: i64 = 86_400;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "saml-provider-metadata-valid",
        family: Family::Federation,
        title: "SAML provider metadata is valid and not about to expire",
        severity: Severity::Medium,
        scope: Scope::Account,
        resource: ResourceKind::SamlProvider,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(WARN_DAYS)],
    };
    type Facts<'s> = &'s IdentityProviders;

    fn run(providers: &IdentityProviders, parameters: &Parameters, out: &mut Findings<'_>) {
        let warn = parameters.number(&WARN_DAYS);
        providers.saml.iter().for_each(|provider| judge(provider, warn, out));
    }
}

fn judge(provider: &SamlProvider, warn: u32, out: &mut Findings<'_>) {
    let now = out.now();
    let subject = out.resource(provider.arn.clone()).evidence(WARN_DAYS.name, warn);
    let Some(until) = provider.valid_until else {
        return subject.unclear("the list of providers does not say until when the metadata is valid");
    };
    let subject = subject.evidence("ValidUntil", until);
    let left = until.duration_since(now).as_secs();
    let days = left.abs() / SECONDS_PER_DAY;
    if until <= now {
        subject.fail(format!("the metadata ran out {days} days ago"));
    } else if left <= i64::from(warn) * SECONDS_PER_DAY {
        subject.fail(format!("the metadata runs out in {days} days; more than {warn} are demanded"));
    } else if days >= PUT_BY_AWS {
        subject.manual(
            "AWS put the date, since the metadata gives none: look in the metadata until when the certificates that \
             sign assertions are valid",
        );
    } else {
        subject.pass(format!("the metadata is valid for {days} more days; more than {warn} are demanded"));
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, Manual, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, seconds_ago};
    use probity_model::facts::identity_providers::SamlProvider;
    use probity_model::{Arn, Finding, Seen, Timestamp, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "saml-provider-metadata-valid";
    const DAY: i64 = 86_400;

    fn provider(valid_until: Option<Timestamp>) -> Account {
        Account::new().facts(|facts| {
            let arn = Arn::new("arn:aws:iam::123456789012:saml-provider/okta");
            let Seen::Known(providers) = &mut facts.identity_providers else { unreachable!("they are known") };
            providers.saml.push(SamlProvider { arn, valid_until, created_at: None });
        })
    }

    fn valid_for(seconds: i64) -> Account {
        provider(Some(seconds_ago(-seconds)))
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    #[test]
    fn pass() {
        let found = finding(valid_for(400 * DAY));
        assert_eq!(found.outcome, Pass);
        assert_eq!(found.message, "the metadata is valid for 400 more days; more than 90 are demanded");
    }

    #[test]
    fn fail() {
        assert_eq!(finding(valid_for(-3 * DAY)).message, "the metadata ran out 3 days ago");
        assert_eq!(finding(valid_for(30 * DAY)).message, "the metadata runs out in 30 days; more than 90 are demanded");
        assert_eq!(outcomes(ID, valid_for(-3 * DAY)), [Fail]);
        assert_eq!(outcomes(ID, valid_for(30 * DAY)), [Fail]);
    }

    #[test]
    fn the_last_day_of_the_warning_still_fails() {
        assert_eq!(outcomes(ID, valid_for(90 * DAY)), [Fail]);
        assert_eq!(outcomes(ID, valid_for(90 * DAY + 1)), [Pass]);
        assert_eq!(outcomes_with(ID, &[("warn_days", "0")], valid_for(1)), [Pass]);
        assert_eq!(outcomes_with(ID, &[("warn_days", "0")], valid_for(0)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, valid_for(400 * DAY).deny(Topic::IdentityProviders)), [NotEvaluated]);
        assert_eq!(outcomes(ID, provider(None)), [NotEvaluated]);
    }

    #[test]
    fn trap_a_date_that_aws_put_tells_nothing_of_the_certificates() {
        assert_eq!(outcomes(ID, valid_for(100 * 365 * DAY)), [Manual]);
        assert_eq!(outcomes(ID, valid_for(20 * 365 * DAY)), [Manual]);
        assert_eq!(outcomes(ID, valid_for(20 * 365 * DAY - 1)), [Pass]);
    }
}
