//! Tokens of the global endpoint of AWS STS work in every Region.
//!
//! # Why
//! Tokens of version 1, which the global endpoint issues unless told otherwise, are not taken in Regions that an account
//! opted into. A program that gets its session there is refused in those Regions, or somebody hands out long-term keys to
//! get around it.
//!
//! # Pass
//! `GlobalEndpointTokenVersion` is 2.
//!
//! # Fail
//! It is 1.
//!
//! # Not applicable
//! The partition has no global endpoint of AWS STS.
//!
//! # Notes
//! Sessions of a Regional endpoint are not concerned: their tokens work everywhere. Tokens of version 2 are longer; a
//! program that keeps tokens in a field of fixed length has to be looked at before the change (IAM User Guide, "Manage AWS
//! STS in an AWS Region").
//!
//! # Fix
//! Have programs use the Regional endpoints, and set the global endpoint to tokens that are valid in all Regions.
//!
//! # Command
//! ```sh
//! aws iam set-security-token-service-preferences --global-endpoint-token-version v2Token
//! ```

use alloc::format;

use probity_model::facts::AccountSummary;
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

const VERSION: &str = "GlobalEndpointTokenVersion";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "account-sts-token-version",
        family: Family::Account,
        title: "STS tokens of the global endpoint work in every Region",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Account,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = &'s AccountSummary;

    fn run(summary: &AccountSummary, _: &Parameters, out: &mut Findings<'_>) {
        let partition = out.partition().as_str();
        let subject = out.whole_account();
        if partition != "aws" {
            return subject.not_applicable(format!("the partition {partition} has no global endpoint of AWS STS"));
        }
        match summary.entry(VERSION) {
            Some(2) => subject.evidence(VERSION, 2).pass("tokens of the global endpoint are valid in every Region"),
            Some(1) => subject
                .evidence(VERSION, 1)
                .fail("tokens of the global endpoint are not valid in Regions that the account opted into"),
            Some(other) => {
                subject.evidence(VERSION, other).unclear(format!("{VERSION} is {other}, which AWS does not document"))
            }
            None => subject.unclear(format!("the account summary does not say {VERSION}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use super::VERSION;
    use crate::testing::outcomes;

    const ID: &str = "account-sts-token-version";

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, Account::new().summary(VERSION, 2)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, Account::new().summary(VERSION, 1)), [Fail]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::AccountSummary)), [NotEvaluated]);
        assert_eq!(outcomes(ID, Account::new()), [NotEvaluated], "absent is not 1");
        assert_eq!(outcomes(ID, Account::new().summary(VERSION, 3)), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::gov_cloud().summary(VERSION, 1)), [NotApplicable]);
    }
}
