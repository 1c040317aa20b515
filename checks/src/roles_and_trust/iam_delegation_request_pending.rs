//! Requests of partners for permissions are answered, and those in force are of known partners.
//!
//! # Why
//! A partner can ask for permissions in the account for a while, and somebody who may accept the request hands them out
//! with one click. A request that lies about is one that somebody accepts by mistake; one in force is access from outside.
//!
//! # Pass
//! The request was rejected, has expired or has ended; it waits for no longer than `max_pending_days`; or it is in force and
//! the partner's account stands in `allowed_requestors`.
//!
//! # Fail
//! The request has waited longer, or is in force for a partner that is not listed.
//!
//! # Not applicable
//! There is no request.
//!
//! # Notes
//! AWS lists only requests that somebody of the account has taken on. One that nobody has opened is not seen.
//!
//! A request is in force when it was accepted (`ACCEPTED`, `FINALIZED`) and its end lies ahead; where AWS tells no end, it
//! is taken to be in force. Roles that a partner was allowed to make outlast the request: the evidence says whether it
//! asked for that.
//!
//! # Fix
//! Reject the request, or list the partner whose access is meant.
//!
//! # Command
//! ```sh
//! aws iam list-delegation-requests
//! aws iam reject-delegation-request --delegation-request-id ID
//! ```

use alloc::format;

use probity_model::facts::DelegationRequests;
use probity_model::facts::delegation::DelegationRequest;
use probity_model::{
    Automation, Family, Findings, ListParameter, Meta, NumberParameter, ParameterSpec, Parameters, ResourceKind, Rule,
    Scope, Severity, Unit,
};

const MAX_PENDING_DAYS: NumberParameter = NumberParameter {
    name: "max_pending_days",
    default: 7,
    min: 0,
    max: 365,
    unit: Unit::Days,
    source: "our own choice: a week to answer",
};

const ALLOWED_REQUESTORS: ListParameter = ListParameter {
    name: "allowed_requestors",
    default: &[],
    choices: &[],
    unit: Unit::AccountIds,
    source: "the organization's own choice",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "iam-delegation-request-pending",
        family: Family::RolesAndTrust,
        title: "Partner requests for permissions are answered and known",
        severity: Severity::Info,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_PENDING_DAYS), ParameterSpec::List(ALLOWED_REQUESTORS)],
    };
    type Facts<'s> = &'s DelegationRequests;

    fn run(facts: &DelegationRequests, parameters: &Parameters, out: &mut Findings<'_>) {
        let max_pending = i64::from(parameters.number(&MAX_PENDING_DAYS));
        let allowed = parameters.list(&ALLOWED_REQUESTORS);
        for request in &facts.requests {
            judge(request, max_pending, &allowed, out);
        }
        if out.is_empty() {
            out.whole_account().not_applicable("the account knows of no request");
        }
    }
}

fn judge(request: &DelegationRequest, max_pending: i64, allowed: &[&str], out: &mut Findings<'_>) {
    let waiting = request.created_at.map(|at| out.days_since(at));
    let ended = request.expires_at.is_some_and(|at| at <= out.now());
    let partner = request.requestor.as_deref().unwrap_or("not said");
    let name = request.requestor_name.as_deref().unwrap_or(partner);
    let mut subject = out
        .whole_account()
        .discriminator(request.id.clone())
        .evidence("DelegationRequestId", &request.id)
        .evidence("State", &request.state)
        .evidence("RequestorId", partner)
        .evidence("creates_roles", request.creates_roles);
    if let Some(template) = &request.policy_template {
        subject = subject.evidence("PolicyTemplateArn", template);
    }
    if let Some(end) = request.expires_at {
        subject = subject.evidence("ExpirationTime", end);
    }
    match request.state.as_str() {
        "REJECTED" | "EXPIRED" => subject.pass(format!("the request of {name} is over")),
        "ACCEPTED" | "FINALIZED" if ended => subject.pass(format!("what was granted to {name} has ended")),
        "ACCEPTED" | "FINALIZED" if allowed.contains(&partner) => {
            subject.pass(format!("what was granted to {name} is meant"));
        }
        "ACCEPTED" | "FINALIZED" => {
            subject.fail(format!("{name} was granted permissions, and is not a listed partner"))
        }
        "UNASSIGNED" | "ASSIGNED" | "PENDING_APPROVAL" if ended => {
            subject.pass(format!("the request of {name} has ended"))
        }
        "UNASSIGNED" | "ASSIGNED" | "PENDING_APPROVAL" => match waiting {
            Some(days) if days > max_pending => {
                subject.fail(format!(
                    "the request of {name} has waited {days} days for an answer; {max_pending} are allowed"
                ));
            }
            Some(days) => {
                subject.pass(format!("the request of {name} has waited {days} days; {max_pending} are allowed"))
            }
            None => subject.unclear(format!("it is not told when the request of {name} was made")),
        },
        other => subject.unclear(format!("the request of {name} has the state {other}, which is not known")),
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago};
    use probity_model::facts::DelegationRequests;
    use probity_model::facts::delegation::DelegationRequest;
    use probity_model::{Seen, Topic};

    use crate::testing::{outcomes, outcomes_with};

    const ID: &str = "iam-delegation-request-pending";

    fn request(state: &str, days: i64) -> DelegationRequest {
        DelegationRequest {
            id: "0a1b".to_string(),
            state: state.to_string(),
            requestor: Some("210987654321".to_string()),
            requestor_name: Some("Partner".to_string()),
            policy_template: None,
            creates_roles: false,
            session_seconds: Some(3_600),
            created_at: Some(days_ago(days)),
            expires_at: None,
        }
    }

    fn account(request: DelegationRequest) -> Account {
        Account::new().facts(|facts| {
            facts.delegation_requests = Seen::Known(DelegationRequests { requests: vec![request] });
        })
    }

    fn outcome(request: DelegationRequest) -> Outcome {
        let [outcome] = outcomes(ID, account(request)).try_into().expect("one finding");
        outcome
    }

    #[test]
    fn pass() {
        assert_eq!(outcome(request("REJECTED", 90)), Pass);
        assert_eq!(outcome(request("EXPIRED", 90)), Pass);
        assert_eq!(outcome(request("PENDING_APPROVAL", 7)), Pass);
        let known = [("allowed_requestors", "210987654321")];
        assert_eq!(outcomes_with(ID, &known, account(request("ACCEPTED", 1))), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcome(request("PENDING_APPROVAL", 8)), Fail);
        assert_eq!(outcome(request("ASSIGNED", 30)), Fail);
        assert_eq!(outcome(request("ACCEPTED", 1)), Fail);
        assert_eq!(outcome(request("FINALIZED", 1)), Fail);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::DelegationRequests)), [NotEvaluated]);
        assert_eq!(outcome(request("OF_TOMORROW", 1)), NotEvaluated);
        assert_eq!(outcome(DelegationRequest { created_at: None, ..request("ASSIGNED", 1) }), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn trap_a_grant_that_has_ended_is_no_access() {
        assert_eq!(outcome(DelegationRequest { expires_at: Some(days_ago(1)), ..request("FINALIZED", 30) }), Pass);
        assert_eq!(outcome(DelegationRequest { expires_at: Some(days_ago(-1)), ..request("FINALIZED", 30) }), Fail);
    }
}
