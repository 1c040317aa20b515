//! What the trust policy of a role lets in: statement by statement, whom, and what it demands of them.
//!
//! A demand is what a caller must bring along whatever else is true: a condition of the Allow that only certain values
//! satisfy, or a Deny of everybody who does not have them. An operator that also holds where the key is absent
//! (`…IfExists`, `ForAllValues:…`, the negated ones) demands nothing by itself.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::authorization::Role;
use probity_model::{AccountId, Findings, Subject};
use probity_policy::{
    Caller, Condition, Context, Document, Effect, ParseError, Policy, Principal, Principals, Statement, Truth,
};

use crate::trust_demands::{Demand, Demands};

/// The actions that let somebody assume a role.
const ASSUME: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// How many characters an external ID needs so that nobody guesses it: our choice; IAM allows 2 to 1224.
pub(crate) const EXTERNAL_ID_LENGTH: u32 = 16;

/// A trust policy that was read.
pub(crate) struct Trust<'r>(&'r Document);

/// A statement that lets somebody assume the role.
#[derive(Clone, Copy)]
pub(crate) struct Opening<'t> {
    /// The place of the statement in the policy, from 1.
    number: usize,
    statement: &'t Statement,
    document: &'t Document,
}

/// Whom a statement lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Party<'t> {
    /// Anyone at all of any account.
    Anyone,
    /// Anyone but those whom `NotPrincipal` lists.
    AnyoneBut,
    /// Whomever this account sends.
    Account(AccountId),
    /// A user, a role or a session of an account.
    Principal(AccountId, &'t str),
    /// A principal that was deleted, of which the unique id is left: nobody.
    Deleted(&'t str),
    /// A service of AWS, such as `ec2.amazonaws.com`.
    Service(&'t str),
    /// Those whom an identity provider vouches for.
    Provider(&'t str),
    /// A name that no principal of a trust policy has.
    Unclear(&'t str),
}

/// Begins a verdict on a role with its trust policy as evidence.
pub(crate) fn subject<'f, 's>(role: &Role, out: &'f mut Findings<'s>) -> Subject<'f, 's> {
    out.resource(role.arn.clone()).quoted("AssumeRolePolicyDocument", role.trust_policy.shared())
}

/// The trust policy of a role; without one, the verdict has been given: the role is AWS's own, or nobody can read it.
pub(crate) fn read<'r>(role: &'r Role, out: &mut Findings<'_>) -> Option<Trust<'r>> {
    if let Some(reason) = kept_by_aws(role) {
        out.resource(role.arn.clone()).evidence("Path", &role.path).not_applicable(reason);
        return None;
    }
    match Trust::of(role) {
        Ok(trust) => Some(trust),
        Err(error) => {
            subject(role, out).unclear(format!("the trust policy cannot be read: {error}"));
            None
        }
    }
}

/// Why trust is not judged: the role is not the account's own to change.
pub(crate) fn kept_by_aws(role: &Role) -> Option<&'static str> {
    if role.is_service_linked() {
        return Some("AWS made the role for a service; its trust policy cannot be edited");
    }
    role.is_identity_center().then_some("IAM Identity Center made the role; its permission set says who gets in")
}

/// Whether a text is the unique id of a principal, such as `AROAEXAMPLEEXAMPLE001`: IAM shows it in place of a
/// principal that was deleted (IAM User Guide, "Unique identifiers").
pub(crate) fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with('A')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// How a statement is called: its place, and its own name where it has one.
pub(crate) fn name(number: usize, statement: &Statement) -> String {
    let sid = statement.sid.as_deref().filter(|sid| !sid.is_empty());
    sid.map_or_else(|| format!("statement {number}"), |sid| format!("statement {number} ({sid})"))
}

impl<'r> Trust<'r> {
    /// Reads the trust policy of a role.
    ///
    /// # Errors
    /// Those of [`Document::parse`].
    pub(crate) fn of(role: &'r Role) -> Result<Self, &'r ParseError> {
        probity_access::read(&role.trust_policy).map(Self)
    }

    /// The policy, for evaluation.
    pub(crate) fn policy(&self) -> Policy {
        Policy::new("the trust policy", self.0)
    }

    /// Every statement with its place from 1, Denies included.
    pub(crate) fn statements(&self) -> impl Iterator<Item = (usize, &'r Statement)> + use<'r> {
        (1..).zip(&self.0.statements)
    }

    /// A name in the principals of an opening that no principal has: who is meant, nobody can say.
    pub(crate) fn unclear_name(&self) -> Option<String> {
        let parties: Vec<_> = self.openings().iter().flat_map(Opening::parties).collect();
        parties.into_iter().find_map(|party| match party {
            Party::Unclear(name) => Some(format!("the trust policy names `{name}`, which is no principal of IAM")),
            _ => None,
        })
    }

    /// The statements that let somebody in; those that a Deny without conditions closes altogether are left out.
    pub(crate) fn openings(&self) -> Vec<Opening<'r>> {
        let assumes = |statement: &Statement| ASSUME.iter().any(|action| statement.actions.cover(action));
        let allows = self.statements().filter(|(_, one)| one.effect == Effect::Allow && assumes(one));
        let openings = allows.map(|(number, statement)| Opening { number, statement, document: self.0 });
        openings.filter(|opening| !opening.parties().is_empty()).collect()
    }
}

impl<'t> Opening<'t> {
    /// How the statement is called.
    pub(crate) fn name(&self) -> String {
        name(self.number, self.statement)
    }

    /// Whom it lets in by the actions that are theirs, unless a Deny always keeps them out. Conditions of the statement
    /// are not considered.
    pub(crate) fn parties(&self) -> Vec<Party<'t>> {
        let all = match &self.statement.principals {
            // A trust policy without principals speaks of nobody; IAM takes none.
            None => Vec::new(),
            Some(Principals::AllBut(_)) => [Party::AnyoneBut].into(),
            Some(Principals::Only(named)) => named.iter().map(party).collect(),
        };
        let gets_in = |party: &Party<'_>| {
            let acts = self.actions(party).next().is_some();
            acts && self.denied(party, &Context::partial()) != Truth::Yes
        };
        all.into_iter().filter(gets_in).collect()
    }

    /// Whether the statement allows an action.
    pub(crate) fn allows(&self, action: &str) -> bool {
        self.statement.actions.cover(action)
    }

    /// Whether a party is let in by a request with this context, as far as that can be known.
    pub(crate) fn lets_in(&self, party: &Party<'_>, context: &Context) -> Truth {
        let conditions = self.statement.conditions.iter();
        let allowed = Truth::all(conditions.map(|condition| condition.holds(context, self.has_variables())));
        allowed.and(self.denied(party, context).negate())
    }

    /// Whether it lets in anyone at all, or all but a few.
    pub(crate) fn names_everybody(&self) -> bool {
        self.parties().iter().any(|party| matches!(party, Party::Anyone | Party::AnyoneBut))
    }

    /// Whether a party gets in with a second factor only: neither without the key that tells of one, as with an access
    /// key or a chained role, nor with one that says no.
    pub(crate) fn demands_mfa(&self, party: &Party<'_>) -> bool {
        let without = Context::partial().without("aws:MultiFactorAuthAge");
        let absent = without.clone().without("aws:MultiFactorAuthPresent");
        [absent, without.with("aws:MultiFactorAuthPresent", "false")]
            .iter()
            .all(|context| self.lets_in(party, context) == Truth::No)
    }

    /// Whether every party gets in with a second factor only.
    pub(crate) fn demands_mfa_of_all(&self) -> bool {
        self.parties().iter().all(|party| self.demands_mfa(party))
    }

    /// What the statement, and what Denies of the policy, demand of everyone who gets in.
    pub(crate) fn demands(&self) -> Demands<'t> {
        let own = &self.statement.conditions;
        let mut all: Vec<_> = own.iter().filter_map(|condition| Demand::of_allow(condition, own)).collect();
        let is_service = matches!(self.parties().as_slice(), [Party::Service(_), ..]);
        let ordinary = Context::partial().with("aws:PrincipalIsAWSService", if is_service { "true" } else { "false" });
        let covers = |statement: &Statement| {
            let mut acts = ASSUME.iter().filter(|action| self.statement.actions.cover(action));
            acts.all(|action| statement.actions.cover(action))
        };
        let denies = self.document.statements.iter().filter(|one| {
            let of_everyone = matches!(&one.principals, Some(Principals::Only(named))
                if named.iter().any(Principal::is_everyone));
            one.effect == Effect::Deny && of_everyone && covers(one)
        });
        all.extend(denies.filter_map(|deny| {
            let applies = |condition: &&Condition| condition.holds(&ordinary, self.has_variables()) == Truth::Yes;
            let mut open = deny.conditions.iter().filter(|condition| !applies(condition));
            match (open.next(), open.next()) {
                (Some(condition), None) => Demand::of_deny(condition),
                _ => None,
            }
        }));
        Demands::new(all)
    }

    /// The actions by which a party would get in, as far as the statement covers them.
    fn actions(&self, party: &Party<'_>) -> impl Iterator<Item = &'static str> {
        let all: &[&str] = match party {
            Party::Anyone | Party::AnyoneBut => &ASSUME,
            Party::Provider(_) => &["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"],
            _ => &["sts:AssumeRole"],
        };
        let covered: Vec<_> = all.iter().copied().filter(|action| self.statement.actions.cover(action)).collect();
        covered.into_iter()
    }

    /// Whether a Deny keeps the party from every action by which it would get in.
    fn denied(&self, party: &Party<'_>, context: &Context) -> Truth {
        let denies_nothing = self.document.statements.iter().all(|one| one.effect == Effect::Allow);
        let caller = match party {
            // Nobody will be asked who it is, as in most trust policies.
            _ if denies_nothing => None,
            Party::Account(account) => Caller::parse(account.as_str()),
            Party::Principal(_, name) | Party::Service(name) | Party::Provider(name) => Caller::parse(name),
            Party::Anyone | Party::AnyoneBut | Party::Deleted(_) | Party::Unclear(_) => None,
        };
        let denies = |action: &'static str| {
            let denies = self.document.statements.iter().filter(|one| one.effect == Effect::Deny);
            Truth::any(denies.filter(|one| one.actions.cover(action)).map(|one| {
                let means = match (&one.principals, &caller) {
                    (Some(Principals::Only(named)), _) if named.iter().any(Principal::is_everyone) => Truth::Yes,
                    (Some(principals), Some(caller)) => caller.is_meant_by(principals, Effect::Deny),
                    (Some(_), None) => Truth::Unknown,
                    (None, _) => Truth::No,
                };
                let conditions = one.conditions.iter();
                means.and(Truth::all(conditions.map(|condition| condition.holds(context, self.has_variables()))))
            }))
        };
        Truth::all(self.actions(party).map(denies))
    }

    fn has_variables(&self) -> bool {
        self.document.version.as_deref() == Some("2012-10-17")
    }
}

fn party(principal: &Principal) -> Party<'_> {
    match principal {
        principal if principal.is_everyone() => Party::Anyone,
        Principal::Everyone => Party::Anyone,
        Principal::Aws(name) => aws(name),
        Principal::Service(name) => Party::Service(name),
        Principal::Federated(name) => Party::Provider(name),
        Principal::CanonicalUser(name) => Party::Unclear(name),
    }
}

fn aws(name: &str) -> Party<'_> {
    if let Ok(account) = AccountId::try_from(name) {
        return Party::Account(account);
    }
    if is_unique_id(name) {
        return Party::Deleted(name);
    }
    let parts: Vec<_> = name.splitn(6, ':').collect();
    let ["arn", _, service @ ("iam" | "sts"), "", account, rest] = parts.as_slice() else {
        return Party::Unclear(name);
    };
    match (AccountId::try_from(*account), *service, *rest) {
        (Ok(account), "iam", "root") => Party::Account(account),
        (Ok(account), _, _) if !name.contains(['*', '?']) => Party::Principal(account, name),
        _ => Party::Unclear(name),
    }
}
