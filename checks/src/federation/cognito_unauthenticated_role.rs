//! Identity pools do not hand AWS credentials to anonymous visitors.
//!
//! # Why
//! An identity pool with guest access gives AWS credentials to anybody who knows its id, and the id stands in the code of
//! every page that uses it. What the guest role may do, the whole Internet may do.
//!
//! # Pass
//! Guest access is off, no role is named for guests, or the role allows only `allowed_actions`.
//!
//! # Fail
//! Guest access is on, and the role allows anything else.
//!
//! # Not applicable
//! There is no identity pool, or no role of the account trusts Amazon Cognito.
//!
//! # Notes
//! A pool gives out roles of its own account that trust `cognito-identity.amazonaws.com`. Where no role does, no pool can
//! hand out anything, and none is asked for.
//!
//! With the enhanced flow AWS narrows the session of a guest to a list of services; with the basic (classic) flow the role
//! alone counts. The evidence says whether the classic flow is on. The narrowing still leaves services with data, so it is
//! no pass by itself.
//!
//! Deny statements, permissions boundaries and policies of the organization are not considered.
//!
//! # Fix
//! Turn guest access off. Where a page needs it, cut the role down to what the page sends.
//!
//! # Command
//! ```sh
//! aws cognito-identity update-identity-pool --identity-pool-id ID --identity-pool-name NAME \
//!   --no-allow-unauthenticated-identities
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::identity_pools::{Guests, IdentityPool};
use probity_model::facts::{AuthorizationDetails, IdentityPools};
use probity_model::{
    Arn, Automation, Family, Findings, ListParameter, Meta, ParameterSpec, Parameters, Region, ResourceKind, Rule,
    Scope, Severity, Unit,
};
use probity_policy::{Actions, Effect, Pattern};

use crate::statements::{self, Policy};

const ALLOWED_ACTIONS: ListParameter = ListParameter {
    name: "allowed_actions",
    default: &["mobiletargeting:PutEvents", "rum:PutRumEvents"],
    choices: &[],
    unit: Unit::Actions,
    source: "our own choice: sending measurements, which is what guests of a page usually do",
};

/// How many actions the message names.
const NAMED: usize = 5;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "cognito-unauthenticated-role",
        family: Family::Federation,
        title: "Identity pools do not hand AWS credentials to anonymous visitors",
        severity: Severity::High,
        scope: Scope::Region,
        resource: ResourceKind::IdentityPool,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ALLOWED_ACTIONS)],
    };
    type Facts<'s> = (&'s IdentityPools, &'s AuthorizationDetails);

    fn run((pools, details): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let allowed: Vec<Pattern> = parameters.list(&ALLOWED_ACTIONS).into_iter().map(Pattern::new).collect();
        let policies = statements::policies(details);
        for (region, seen) in &pools.regions {
            match seen.get() {
                Err(gap) => out.whole_account().kind(ResourceKind::Region).region(region).not_evaluated(gap),
                Ok(list) => {
                    for pool in list {
                        judge(region, pool, details, &policies, &allowed, out);
                    }
                }
            }
        }
        for region in &pools.not_offered {
            let subject = out.whole_account().kind(ResourceKind::Region).region(region);
            subject.not_applicable("the Region does not have Amazon Cognito identity pools");
        }
        if out.is_empty() {
            let why = if pools.asked { "there is no identity pool" } else { "no role trusts Amazon Cognito" };
            out.whole_account().not_applicable(why);
        }
    }
}

fn judge(
    region: &Region,
    pool: &IdentityPool,
    details: &AuthorizationDetails,
    policies: &[Policy<'_>],
    allowed: &[Pattern],
    out: &mut Findings<'_>,
) {
    let arn = format!("arn:{}:cognito-identity:{region}:{}:identitypool/{}", out.partition(), out.account(), pool.id);
    let subject = out.resource(arn).region(region).evidence("IdentityPoolName", &pool.name);
    let (classic_flow, role) = match pool.guests.get() {
        Err(gap) => return subject.not_evaluated(gap),
        Ok(Guests::Refused) => {
            return subject.evidence("AllowUnauthenticatedIdentities", false).pass("guest access is off");
        }
        Ok(Guests::Admitted { classic_flow, role }) => (*classic_flow, role),
    };
    let subject = subject.evidence("AllowUnauthenticatedIdentities", true).evidence("AllowClassicFlow", classic_flow);
    let role = match role.get() {
        Err(gap) => return subject.not_evaluated(gap),
        Ok(None) => return subject.pass("guest access is on, and no role is named for guests"),
        Ok(Some(role)) => role,
    };
    let subject = subject.evidence("unauthenticated_role", role);
    if details.roles.iter().all(|one| one.arn != *role) {
        return subject.unclear(format!("the guest role {role} is not among the roles of the account"));
    }
    match beyond(role, policies, allowed) {
        Err(policy) => subject.unclear(format!("a policy of the guest role {} cannot be read: {policy}", role.name())),
        Ok(beyond) if beyond.is_empty() => subject.pass("the guest role allows only what guests may do"),
        Ok(beyond) => {
            let named: Vec<&str> = beyond.iter().map(String::as_str).take(NAMED).collect();
            let more = if beyond.len() > NAMED { " and more" } else { "" };
            subject.fail(format!("anybody gets credentials that allow {}{more}", named.join(", ")));
        }
    }
}

/// What the role allows beyond what guests may do.
fn beyond(role: &Arn, policies: &[Policy<'_>], allowed: &[Pattern]) -> Result<BTreeSet<String>, String> {
    let mut beyond = BTreeSet::new();
    let mut unreadable = None;
    for policy in policies.iter().filter(|policy| policy.holders.contains(role)) {
        let document = match &policy.document {
            Ok(document) => document,
            Err(error) => {
                unreadable = Some(format!("{}: {error}", policy.name.unwrap_or(policy.arn.name())));
                continue;
            }
        };
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            match &statement.actions {
                Actions::Only(patterns) => {
                    let outside = patterns.iter().filter(|action| !is_allowed(action, allowed));
                    beyond.extend(outside.map(|action| action.text().to_string()));
                }
                Actions::AllBut(_) => {
                    beyond.insert("everything but a few actions".to_string());
                }
            }
        }
    }
    match unreadable {
        Some(error) if beyond.is_empty() => Err(error),
        _ => Ok(beyond),
    }
}

/// Whether everything that an action's pattern matches may be done. One with wildcards is only where the same is written.
fn is_allowed(action: &Pattern, allowed: &[Pattern]) -> bool {
    allowed.iter().any(|pattern| pattern.matches_ignoring_case(action.text()))
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;
    use std::vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::identity_pools::{Guests, IdentityPool};
    use probity_model::{Arn, Region, Seen, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "cognito-unauthenticated-role";
    const ROLE: &str = "arn:aws:iam::123456789012:role/guest";

    fn region(name: &str) -> Region {
        Region::try_from(name).expect("a Region")
    }

    fn pool(account: Account, guests: Seen<Guests>) -> Account {
        let pool = IdentityPool {
            id: "eu-central-1:0a1b2c3d-0000-4000-8000-000000000001".to_string(),
            name: "site".to_string(),
            guests,
        };
        account.facts(|facts| {
            if let Seen::Known(pools) = &mut facts.identity_pools {
                pools.asked = true;
                pools.regions.insert(region("eu-central-1"), Seen::Known(vec![pool]));
            }
        })
    }

    fn admitted(role: Option<&str>) -> Seen<Guests> {
        Seen::Known(Guests::Admitted { classic_flow: false, role: Seen::Known(role.map(Arn::new)) })
    }

    fn allowing(action: &str) -> Account {
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{action},"Resource":"*"}}]}}"#
        );
        pool(Account::new().role("guest", |role| role.inline("guest", &document)), admitted(Some(ROLE)))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, pool(Account::new(), Seen::Known(Guests::Refused))), [Pass]);
        assert_eq!(outcomes(ID, allowing(r#""mobiletargeting:putevents""#)), [Pass]);
        assert_eq!(outcomes(ID, pool(Account::new(), admitted(None))), [Pass]);
    }

    #[test]
    fn fail() {
        let [finding] =
            findings(ID, allowing(r#"["s3:GetObject","rum:PutRumEvents"]"#)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Fail);
        assert_eq!(finding.message, "anybody gets credentials that allow s3:GetObject");
        assert!(finding.resource.as_str().contains(":identitypool/eu-central-1:0a1b"), "{}", finding.resource);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::IdentityPools)), [NotEvaluated]);
        let gap = || denied(Topic::IdentityPools);
        assert_eq!(outcomes(ID, pool(Account::new(), Seen::Missing(gap()))), [NotEvaluated]);
        let unknown = Guests::Admitted { classic_flow: false, role: Seen::Missing(gap()) };
        assert_eq!(outcomes(ID, pool(Account::new(), Seen::Known(unknown))), [NotEvaluated]);
        assert_eq!(outcomes(ID, pool(Account::new(), admitted(Some(ROLE)))), [NotEvaluated], "the role is not there");
        let broken = Account::new().role("guest", |role| role.inline("guest", "{"));
        assert_eq!(outcomes(ID, pool(broken, admitted(Some(ROLE)))), [NotEvaluated]);
    }

    #[test]
    fn a_region_that_did_not_answer_is_no_pass_for_the_whole() {
        let account = pool(Account::new(), Seen::Known(Guests::Refused)).facts(|facts| {
            if let Seen::Known(pools) = &mut facts.identity_pools {
                let gap = denied(Topic::IdentityPools).in_region(&region("us-east-1"));
                pools.regions.insert(region("us-east-1"), Seen::Missing(gap));
            }
        });
        assert_eq!(outcomes(ID, account), [Pass, NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let lacking = Account::new().facts(|facts| {
            if let Seen::Known(pools) = &mut facts.identity_pools {
                pools.not_offered.insert(region("us-east-1"));
            }
        });
        let [finding] = findings(ID, lacking).try_into().expect("one finding");
        assert_eq!((finding.outcome, finding.region), (NotApplicable, Some(region("us-east-1"))));
    }

    #[test]
    fn what_guests_may_do_can_be_set() {
        let account = || allowing(r#""s3:GetObject""#);
        assert_eq!(outcomes_with(ID, &[("allowed_actions", "s3:GetObject")], account()), [Pass]);
        assert_eq!(outcomes_with(ID, &[("allowed_actions", "s3:Get*")], account()), [Pass]);
    }

    #[test]
    fn trap_a_wildcard_allows_more_than_one_action() {
        assert_eq!(outcomes(ID, allowing(r#""rum:*""#)), [Fail]);
        assert_eq!(outcomes(ID, allowing(r#""*""#)), [Fail]);
        let all_but = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}"#;
        let account = Account::new().role("guest", |role| role.inline("guest", all_but));
        assert_eq!(outcomes(ID, pool(account, admitted(Some(ROLE)))), [Fail]);
    }

    #[test]
    fn trap_the_classic_flow_is_shown() {
        let guests = Guests::Admitted { classic_flow: true, role: Seen::Known(Some(Arn::new(ROLE))) };
        let account = pool(Account::new().role("guest", |role| role), Seen::Known(guests));
        let [finding] = findings(ID, account).try_into().expect("one finding");
        assert!(finding.evidence_line().contains("AllowClassicFlow=true"), "{finding:?}");
    }
}
