//! Nothing is being asked of accounts or of the organization that nobody looks after.
//!
//! # Why
//! An invitation that is open lets an account in that somebody once thought of, whoever owns it by now. A request to take
//! over responsibility for the organization's bill is one that should not wait unseen.
//!
//! # Pass
//! No handshake is open.
//!
//! # Fail
//! A handshake is requested or open.
//!
//! # Not applicable
//! The account is in no organization.
//!
//! # Notes
//! Only the management account and a delegated administrator can read this; anywhere else the check is not evaluated. AWS
//! ends an invitation by itself after 15 days, a request to enable all features after 90.
//!
//! # Fix
//! Ask the one who is named, or cancel the handshake.
//!
//! # Command
//! ```sh
//! aws organizations cancel-handshake --handshake-id HANDSHAKE_ID
//! ```

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::{OrganizationHandshakes, OrganizationMembership};
use probity_model::{Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "org-pending-handshakes",
        family: Family::Organizations,
        title: "No invitation or request is left open",
        severity: Severity::Low,
        scope: Scope::Organization,
        resource: ResourceKind::Organization,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s OrganizationMembership, &'s OrganizationHandshakes);

    fn run((membership, handshakes): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        let Some(organization) = membership.organization() else {
            return out.whole_account().not_applicable("the account is in no organization");
        };
        let OrganizationHandshakes::Handshakes(handshakes) = handshakes else {
            return out.whole_account().unclear("the account is in an organization that does not exist");
        };
        let open = handshakes.iter().filter(|one| matches!(one.state.as_str(), "REQUESTED" | "OPEN"));
        let mut any = false;
        for one in open {
            any = true;
            let with = one.parties.iter().filter(|(_, id)| !organization.id.ends_with(id.trim_start_matches("o-")));
            let with: Vec<String> = with.map(|(kind, id)| format!("{} {id}", kind.to_ascii_lowercase())).collect();
            let mut subject = out
                .resource(organization.arn.clone())
                .discriminator(one.id.as_str())
                .evidence("Id", &one.id)
                .evidence("Action", &one.action)
                .evidence("State", &one.state)
                .evidence("parties", with.join(", "));
            if let Some(asked) = one.requested_at {
                subject = subject.evidence("RequestedTimestamp", asked);
            }
            if let Some(ends) = one.expires_at {
                subject = subject.evidence("ExpirationTimestamp", ends);
            }
            subject.fail(format!("{} is {} with {}", one.action, one.state, with.join(", ")));
        }
        if !any {
            out.resource(organization.arn.clone())
                .evidence("handshakes", handshakes.len())
                .pass("no handshake is requested or open");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago};
    use probity_model::facts::OrganizationHandshakes;
    use probity_model::facts::organization_administration::Handshake;
    use probity_model::{Arn, Seen, Topic};

    use crate::organization_testing::member_that_may_not_read;
    use crate::testing::{findings, outcomes};

    const ID: &str = "org-pending-handshakes";

    fn with(states: &[&str]) -> Account {
        let handshakes = states.iter().enumerate().map(|(number, state)| Handshake {
            id: std::format!("h-{number}"),
            arn: Arn::new("arn:aws:organizations::123456789012:handshake/o-exampleorg1/invite/h-0"),
            action: "INVITE".to_owned(),
            state: (*state).to_owned(),
            parties: [
                ("EMAIL".to_owned(), "owner@example.com".to_owned()),
                ("ORGANIZATION".to_owned(), "exampleorg1".to_owned()),
            ]
            .into(),
            requested_at: Some(days_ago(3)),
            expires_at: Some(days_ago(-12)),
        });
        let handshakes = OrganizationHandshakes::Handshakes(handshakes.collect());
        Account::new().management_account().facts(|facts| facts.organization_handshakes = Seen::Known(handshakes))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, with(&[])), [Pass]);
        assert_eq!(outcomes(ID, with(&["ACCEPTED", "CANCELED", "DECLINED", "EXPIRED"])), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, with(&["OPEN", "ACCEPTED", "REQUESTED"])), [Fail, Fail]);
        let [finding] = findings(ID, with(&["OPEN"])).try_into().expect("one finding");
        assert_eq!(finding.message, "INVITE is OPEN with email owner@example.com");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, with(&[]).deny(Topic::OrganizationHandshakes)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(&[]).deny(Topic::OrganizationMembership)), [NotEvaluated]);
        assert_eq!(outcomes(ID, member_that_may_not_read()), [NotEvaluated]);
    }
}
