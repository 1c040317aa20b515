//! No chain of roles that one enters after another leads from a user or role that is no administrator to one that is.
//!
//! # Why
//! Each step of a chain looks harmless by itself; who stands at its beginning is an administrator all the same.
//!
//! # Pass
//! The user or role can enter no role that is an administrator, nor one from which a way leads on, in at most `max_depth`
//! steps.
//!
//! # Fail
//! It can for sure: at every step, the policies of the one who enters and the trust policy of the role agree. The finding
//! prints the chain.
//!
//! # Not applicable
//! Administrators, who need no chain, and roles that AWS made for its services.
//!
//! # Notes
//! A trust policy that names a user or a role of the same account needs no further permission; one that names the account
//! does. A condition on an external id, a second factor, the network or tags leaves a step open: the chain is then not
//! evaluated. Steps through other accounts are not followed, since their policies are not in the evidence of this one.
//!
//! # Fix
//! Cut the weakest step: have the trust policy name fewer, or allow `sts:AssumeRole` on fewer roles.
//!
//! # Command
//! ```sh
//! aws iam simulate-principal-policy --policy-source-arn <ARN> --action-names sts:AssumeRole --resource-arns <ROLE>
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::OnceCell;

use probity_access::{Access, Certainty, Method, Principal, PrincipalKind};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Inferred, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::Target;

use crate::escalation::{Candidate, Way, Ways, remaining, sentence, with_way};

const MAX_DEPTH: NumberParameter = NumberParameter {
    name: "max_depth",
    default: 4,
    min: 1,
    max: 16,
    unit: Unit::Steps,
    source: "our own choice; longer chains are hardly ever meant",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "privesc-assume-chain",
        family: Family::PrivilegeEscalation,
        title: "No chain of role assumptions leads to administrator",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::Principal,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_DEPTH)],
    };
    type Facts<'s> = Inferred<'s, Ways>;

    fn run(Inferred(ways): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let access = ways.access();
        let longest = usize::try_from(parameters.number(&MAX_DEPTH)).unwrap_or(usize::MAX);
        let chains = OnceCell::new();
        for candidate in ways.candidates(access, out) {
            let chain = || {
                let all = chains.get_or_init(|| chains_of(access, ways, longest));
                all.get(candidate.principal.arn().as_str())
            };
            judge(&candidate, &chain, longest, out);
        }
    }
}

fn judge<'c>(candidate: &Candidate<'_>, chain: &dyn Fn() -> Option<&'c Chain>, longest: usize, out: &mut Findings<'_>) {
    let subject = out.resource(candidate.principal.arn().clone());
    let Some((way, first)) = candidate.way.and_then(|way| way.steps.first().map(|first| (way, first))) else {
        return if candidate.perhaps {
            subject.unclear("whether it is an administrator depends on conditions, or on policies that were not read")
        } else {
            subject.evidence(MAX_DEPTH.name, longest).pass("no way to an administrator is open")
        };
    };
    if assumes(first.method) && way.steps.len() <= longest {
        let subject = with_way(subject, way).evidence("chain", in_words(candidate, way));
        return if way.certainty == Certainty::Certain {
            subject.fail(format!("becomes an administrator by entering roles: {}", sentence(way, first)))
        } else {
            let open = remaining(way);
            subject.unclear(format!("whether it can enter roles up to an administrator depends on: {open}"))
        };
    }
    let other = format!("{} to {}, in {} steps", first.method.id, first.to, way.steps.len());
    let subject = subject.evidence("other_way", other);
    match chain() {
        Some(chain) => {
            let subject = subject.evidence("chain", chain.words.as_str());
            if chain.is_certain {
                subject.fail(format!("becomes an administrator by entering roles: {}", chain.words))
            } else {
                subject.unclear(format!("may perhaps become an administrator by entering roles: {}", chain.words))
            }
        }
        None if candidate.perhaps => {
            subject.unclear("whether it is an administrator depends on conditions, or on policies that were not read")
        }
        None => subject.pass(format!("no chain of at most {longest} roles leads to an administrator")),
    }
}

fn assumes(method: &Method) -> bool {
    method.needs.iter().all(|need| need == "sts:AssumeRole")
}

fn in_words(candidate: &Candidate<'_>, way: &Way) -> String {
    let steps = way.steps.iter().map(|leg| leg.to.as_str());
    core::iter::once(candidate.principal.arn().resource()).chain(steps).collect::<Vec<_>>().join(" -> ")
}

/// A chain of roles from someone to an administrator.
struct Chain {
    is_certain: bool,
    words: String,
}

/// For everyone the surest and shortest chain to an administrator role, by the ARN at its beginning. Worked out backwards
/// from those roles: first over steps that are sure, then over all.
fn chains_of(access: &Access, ways: &Ways, longest: usize) -> BTreeMap<String, Chain> {
    let mut chains: BTreeMap<String, Chain> = BTreeMap::new();
    let mut entering: BTreeMap<String, Vec<(&Principal, bool)>> = BTreeMap::new();
    for sure in [true, false] {
        let mut layer: Vec<(&Principal, String)> = ways
            .strong_alone(access, sure)
            .filter(|one| one.kind() == PrincipalKind::Role)
            .map(|role| (role, String::from(role.arn().resource())))
            .collect();
        let ends: Vec<&str> = layer.iter().map(|(role, _)| role.arn().as_str()).collect();
        let mut seen: alloc::collections::BTreeSet<String> = ends.into_iter().map(String::from).collect();
        for _ in 0..longest {
            let mut before = Vec::new();
            for (role, words) in &layer {
                let who = entering.entry(String::from(role.arn().as_str())).or_insert_with(|| {
                    let who = access.who_can("sts:AssumeRole", Target::One(role.arn().as_str())).into_iter();
                    who.map(|(principal, decision)| (principal, decision.is_allowed())).collect()
                });
                for (principal, _) in who.iter().filter(|(_, is_allowed)| *is_allowed || !sure) {
                    if seen.insert(String::from(principal.arn().as_str())) {
                        let words = format!("{} -> {words}", principal.arn().resource());
                        let chain = Chain { is_certain: sure, words: words.clone() };
                        chains.entry(String::from(principal.arn().as_str())).or_insert(chain);
                        before.push((*principal, words));
                    }
                }
            }
            layer = before.into_iter().filter(|(principal, _)| principal.kind() == PrincipalKind::Role).collect();
        }
    }
    chains
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::Account;

    use crate::escalation::testing::{ADMIN, allow, boss, finding, of, statement, with_boundary};
    use crate::testing::{allowing, findings_with, outcomes, trust_policy};

    const ID: &str = "privesc-assume-chain";
    const WHOLE: &str = r#"{"AWS":"arn:aws:iam::123456789012:root"}"#;

    fn admin(account: Account, principal: &str, condition: &str) -> Account {
        let trust = trust_policy(&allowing(principal, condition));
        account.role("admin", |role| role.inline("all", ADMIN).trust(&trust))
    }

    fn enters(account: Account) -> Account {
        account.user("anna", |user| user.inline("own", &allow("sts:AssumeRole", "*")))
    }

    /// `anna` enters `r1`, which enters `r2`, and so on; the last one is an administrator.
    fn chain(length: usize) -> Account {
        (1..=length).fold(boss().user("anna", |user| user), |account, number| {
            let before = if number == 1 { "user/anna".into() } else { format!("role/r{}", number - 1) };
            let principal = format!(r#"{{"AWS":"arn:aws:iam::123456789012:{before}"}}"#);
            let trust = trust_policy(&allowing(&principal, ""));
            let own = if number == length { ADMIN.into() } else { allow("s3:GetObject", "*") };
            account.role(&format!("r{number}"), |role| role.inline("own", &own).trust(&trust))
        })
    }

    #[test]
    fn pass() {
        assert_eq!(of(ID, admin(boss(), WHOLE, "").user("anna", |user| user), "user/anna"), Pass);
        assert_eq!(of(ID, enters(admin(boss(), r#"{"AWS":"arn:aws:iam::999999999999:root"}"#, "")), "user/anna"), Pass);
    }

    #[test]
    fn fail() {
        let found = finding(ID, chain(3), "user/anna");
        assert_eq!(found.outcome, Fail);
        let evidence = format!("{:?}", found.evidence);
        assert!(evidence.contains("user/anna -> role/r1 -> role/r2 -> role/r3"), "{evidence}");
        assert_eq!(of(ID, chain(3), "role/r2"), Fail);
    }

    #[test]
    fn only_chains_that_are_short_enough_count() {
        assert_eq!(of(ID, chain(4), "user/anna"), Fail);
        assert_eq!(of(ID, chain(5), "user/anna"), Pass);
        let found = findings_with(ID, &[("max_depth", "5")], chain(5));
        let anna = found.into_iter().find(|one| one.resource.resource() == "user/anna").expect("a finding");
        assert_eq!(anna.outcome, Fail);
    }

    #[test]
    fn it_is_judged_even_where_the_surest_way_begins_with_something_else() {
        let list = r#"["iam:PutUserPolicy","sts:AssumeRole"]"#;
        let anna =
            |account: Account| account.user("anna", |user| user.inline("own", &statement("Allow", list, "*", "")));
        assert_eq!(of(ID, anna(admin(boss(), WHOLE, "")), "user/anna"), Fail);
        assert_eq!(of(ID, anna(boss()), "user/anna"), Pass);
        let condition = r#""StringEquals":{"sts:ExternalId":"7c2f9a41"}"#;
        assert_eq!(of(ID, anna(admin(boss(), WHOLE, condition)), "user/anna"), NotEvaluated);
    }

    #[test]
    fn a_role_from_which_a_way_leads_on_is_no_better() {
        let trust = trust_policy(&allowing(WHOLE, ""));
        let own = allow("iam:PutRolePolicy", "*");
        let account = enters(boss()).role("writer", |role| role.inline("own", &own).trust(&trust));
        assert_eq!(of(ID, account, "user/anna"), Fail);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, boss().deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let unread = admin(boss(), WHOLE, "").user("anna", |user| user.attached("Unread"));
        assert_eq!(of(ID, unread, "user/anna"), NotEvaluated);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(of(ID, enters(admin(boss(), WHOLE, "")), "role/admin"), NotApplicable);
    }

    #[test]
    fn trap_a_trust_policy_that_names_a_principal_needs_no_permission() {
        let named = r#"{"AWS":"arn:aws:iam::123456789012:user/anna"}"#;
        assert_eq!(of(ID, admin(boss().user("anna", |user| user), named, ""), "user/anna"), Fail);
        assert_eq!(of(ID, admin(boss().user("anna", |user| user), WHOLE, ""), "user/anna"), Pass);
        assert_eq!(of(ID, enters(admin(boss(), WHOLE, "")), "user/anna"), Fail);
    }

    #[test]
    fn trap_conditions_leave_a_step_open() {
        for condition in [
            r#""StringEquals":{"sts:ExternalId":"7c2f9a41"}"#,
            r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
            r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#,
            r#""StringEquals":{"aws:RequestTag/team":"ops"}"#,
        ] {
            assert_eq!(of(ID, enters(admin(boss(), WHOLE, condition)), "user/anna"), NotEvaluated, "{condition}");
        }
    }

    #[test]
    fn trap_steps_through_other_accounts_are_not_made_up() {
        let other = r#"{"AWS":"arn:aws:iam::999999999999:user/anna"}"#;
        assert_eq!(of(ID, enters(admin(boss(), other, "")), "user/anna"), Pass);
    }

    #[test]
    fn trap_effective_permissions_count() {
        let own = allow("sts:AssumeRole", "*");
        let deny = statement("Deny", r#""sts:AssumeRole""#, "*", "");
        let denied = admin(boss(), WHOLE, "")
            .user("anna", |user| user.inline("own", &own).group("safe"))
            .group("safe", |group| group.inline("deny", &deny));
        assert_eq!(of(ID, denied, "user/anna"), Pass);
        assert_eq!(of(ID, with_boundary(admin(boss(), WHOLE, ""), &allow("s3:*", "*"), &own), "user/anna"), Pass);
    }
}
