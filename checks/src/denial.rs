//! Whether the policies of an organization deny an action in an account, to whom they do not, and through which way out.
//!
//! It is tried out, with the engine that answers for IAM: somebody with every permission, and with a name and marks that no
//! exemption is meant for, asks for the action on every resource of the account. So it does not matter in which words a
//! policy says what it says, at which level it stands, and whether it denies or leaves out what it allows. Who is exempt is
//! then read in the statements that denied.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use probity_model::Subject;
use probity_model::facts::organization::OrganizationPolicy;
use probity_policy::{
    Answer, Caller, Catalogue, Condition, Context, Decider, Decision, Effect, Known, Layer, Policies, Policy,
    Remaining, Request, Statement, Target,
};

use crate::conditions::{self, Operator, Weight};
use crate::members::Member;
use crate::{regions, statements};

/// A name that nobody gives to a role, a user or a session.
const NOBODY: &str = "Q7zW-u3kX9";
/// The unique id of a role and of a user that do not exist.
const NO_ROLE: &str = "AROAQ7ZWU3KX9Q7ZWU3KX:Q7zW-u3kX9";
const NO_USER: &str = "AIDAQ7ZWU3KX9Q7ZWU3KX";
/// How many values of a condition are told.
const TOLD: usize = 5;

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Denial<'m> {
    /// It is denied to everybody who is not exempt.
    Denied(Denied<'m>),
    /// It is denied to some, or only at times; in words, what is left open.
    Partly(String),
    /// It is not denied.
    Open,
    /// Nobody can say; with the reason.
    Unknown(String),
}

/// By what it is denied.
#[derive(Debug, Default)]
pub(crate) struct Denied<'m> {
    /// The statements that deny it, each once.
    pub(crate) bans: Vec<Ban<'m>>,
    /// The levels whose policies do not allow it.
    pub(crate) narrowed: BTreeSet<&'m str>,
}

/// A statement that denies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ban<'m> {
    pub(crate) policy: &'m OrganizationPolicy,
    /// Its number, from 1.
    pub(crate) number: usize,
    pub(crate) statement: &'m Statement,
}

/// Which policies are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Service control policies, which bind the principals of the account.
    Service,
    /// Resource control policies, which bind whoever comes to its resources.
    Resource,
}

/// Somebody who asks for an action.
pub(crate) struct Question<'q> {
    pub(crate) control: Control,
    pub(crate) caller: Caller,
    pub(crate) action: &'q str,
    pub(crate) context: Context,
}

/// Whether the account's own administrators, users and root alike are denied an action.
pub(crate) fn to_everybody<'m>(member: &'m Member<'_>, action: &str) -> Denial<'m> {
    let callers = [("roles", role(member)), ("IAM users", user(member)), ("the root user", root(member))];
    let answers = callers.into_iter().filter_map(|(who, caller)| {
        let (caller, context) = caller?;
        let question = Question { control: Control::Service, caller, action, context };
        Some((who, of(member, &question)))
    });
    together(answers.collect(), |who| format!("it is not denied to {}", who.join(" and to ")))
}

/// Whether somebody is denied an action on every resource of the account, and in every Region.
pub(crate) fn of<'m>(member: &'m Member<'_>, question: &Question<'_>) -> Denial<'m> {
    let targets = targets(member, question.action);
    let answers = targets.iter().map(|target| (target.as_str(), on(member, question, target)));
    together(answers.collect(), |resources| format!("it is not denied on {}", resources.join(", ")))
}

/// Whether somebody is denied an action on these resources, by an ARN with wildcards, in every Region.
pub(crate) fn on<'m>(member: &'m Member<'_>, question: &Question<'_>, target: &str) -> Denial<'m> {
    const KEY: &str = "aws:RequestedRegion";
    if question.context.get(KEY) != Known::Unknown || !member.mentions(KEY) {
        return ask(member, question, target, &question.context);
    }
    let asked = regions::where_asked(member.partition, question.action);
    let answers = asked.iter().map(|region| {
        let context = question.context.clone().with(KEY, *region);
        (*region, ask(member, question, target, &context))
    });
    if asked.is_empty() {
        return ask(member, question, target, &question.context);
    }
    together(answers.collect(), |open| format!("it is not denied in {}", some(open)))
}

/// One answer of several: denied only where all of them say so.
fn together<'m>(answers: Vec<(&str, Denial<'m>)>, words: impl FnOnce(&[&str]) -> String) -> Denial<'m> {
    let (mut denied, mut open, mut partly, mut unknown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (what, answer) in answers {
        match answer {
            Denial::Denied(by) => denied.push(by),
            Denial::Partly(reason) => partly.push(reason),
            Denial::Open => open.push(what),
            Denial::Unknown(reason) => unknown.push(reason),
        }
    }
    match (denied.is_empty() && partly.is_empty() && unknown.is_empty(), open.is_empty()) {
        (true, _) => Denial::Open,
        (false, false) => Denial::Partly(words(&open)),
        (false, true) => match (unknown.into_iter().next(), partly.into_iter().next()) {
            (Some(reason), _) => Denial::Unknown(reason),
            (None, Some(reason)) => Denial::Partly(reason),
            (None, None) => Denial::Denied(denied.into_iter().fold(Denied::default(), Denied::and)),
        },
    }
}

fn ask<'m>(member: &'m Member<'_>, question: &Question<'_>, target: &str, context: &Context) -> Denial<'m> {
    // AWS keeps at least one service control policy on every level; none means that not all were read.
    let lacking = Policy::unread("");
    let levels = member.guardrails.levels.iter().map(|(_, here)| {
        let policies: Vec<&Policy> = here.iter().map(|one| &one.prepared).collect();
        if policies.is_empty() && question.control == Control::Service { vec![&lacking] } else { policies }
    });
    let levels: Vec<Vec<&Policy>> = levels.collect();
    let (service_control, resource_control) = match question.control {
        Control::Service => (levels, Vec::new()),
        Control::Resource => (Vec::new(), levels),
    };
    let policies = Policies {
        identity: vec![&member.allowing.identity],
        resource: Some(&member.allowing.resource),
        service_control,
        resource_control,
        ..Policies::default()
    };
    let resource = if target == "*" { Target::One(target) } else { Target::Matching(target) };
    let answer = policies.evaluate(&Request {
        caller: &question.caller,
        action: question.action,
        resource,
        resource_account: Some(member.account.id.as_str()),
        context,
    });
    member.read(&answer)
}

/// The policies of somebody with every permission, and of a resource that is open to anyone.
pub(crate) struct Allowing {
    identity: Policy,
    resource: Policy,
}

impl Allowing {
    pub(crate) fn everything() -> Self {
        let parse = |name: &str, principal: &str| {
            let statement = format!(r#"{{"Effect":"Allow",{principal}"Action":"*","Resource":"*"}}"#);
            let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
            Policy::parse(name, &text).unwrap_or_else(|_| Policy::unread(name))
        };
        Self { identity: parse("anything", ""), resource: parse("anyone", r#""Principal":"*","#) }
    }
}

impl<'s> Member<'s> {
    fn read<'m>(&'m self, answer: &Answer<'_>) -> Denial<'m> {
        match answer.decision {
            Decision::Allowed => Denial::Open,
            Decision::ExplicitlyDenied => {
                let bans = answer.deciders.iter().filter_map(|decider| self.ban(decider)).collect();
                Denial::Denied(Denied { bans, ..Denied::default() })
            }
            Decision::ImplicitlyDenied => {
                let levels = answer.lacking.iter().filter_map(|layer| match layer {
                    Layer::ServiceControl(level) => self.guardrails.levels.get(*level).map(|(id, _)| *id),
                    _ => None,
                });
                Denial::Denied(Denied { narrowed: levels.collect(), ..Denied::default() })
            }
            Decision::AllowedIf => match answer.deciders.iter().find(|one| one.remaining.contains(&Remaining::Policy)) {
                Some(Decider { policy: "", .. }) => Denial::Unknown(
                    "a level on the way to the account has no service control policy, which AWS does not let happen"
                        .into(),
                ),
                Some(unread) => {
                    let policy = self.guardrails.policies().find(|policy| policy.id == unread.policy);
                    let name = policy.map_or("", |policy| policy.name.as_str());
                    Denial::Unknown(format!("the policy {name} ({}) cannot be parsed", unread.policy))
                }
                None => Denial::Partly(self.left_open(answer)),
            },
        }
    }

    fn ban<'m>(&'m self, decider: &Decider<'_>) -> Option<Ban<'m>> {
        let one = self.guardrails.in_force().find(|one| one.policy.id == decider.policy)?;
        let index = decider.statement?;
        let statement = one.document.as_ref()?.statements.get(index)?;
        Some(Ban { policy: one.policy, number: index + 1, statement })
    }

    /// What must hold for an action to be denied, or to be allowed, where that is not known.
    fn left_open(&self, answer: &Answer<'_>) -> String {
        let open = answer.deciders.iter().filter(|decider| !decider.remaining.is_empty());
        let told = open.filter_map(|decider| {
            let ban = self.ban(decider)?;
            let remaining: Vec<String> = decider.remaining.iter().map(in_words).collect();
            let verb = if decider.effect == Effect::Deny { "denies" } else { "allows" };
            Some(format!("{} {verb} it only where {}", ban.name(), remaining.join(" and ")))
        });
        let told: BTreeSet<String> = told.collect();
        Vec::from_iter(told).join("; ")
    }

    /// Whether a condition of the policies in force asks for a key.
    fn mentions(&self, key: &str) -> bool {
        self.conditions().any(|condition| condition.key.eq_ignore_ascii_case(key))
    }

    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let documents = self.guardrails.in_force().filter_map(|one| one.document.as_ref());
        documents.flat_map(|document| &document.statements).flat_map(|statement| &statement.conditions)
    }

    /// The context of a request of somebody who belongs to the account and has no mark of any kind.
    fn unmarked(&self) -> Context {
        let absent = [
            "aws:AssumedRoot",
            "aws:CalledVia",
            "aws:CalledViaFirst",
            "aws:CalledViaLast",
            "aws:FederatedProvider",
            "aws:SourceIdentity",
        ];
        let plain = Context::partial().with("aws:ViaAWSService", "false").with("aws:SecureTransport", "true");
        let plain = absent.into_iter().fold(plain, Context::without);
        let plain = self.without_tags(plain, "aws:principaltag/");
        let units: Vec<&str> = self.path.iter().copied().filter(|id| *id != self.account.id.as_str()).collect();
        plain
            .with("aws:PrincipalOrgID", self.organization.id.as_str())
            .with("aws:PrincipalOrgPaths", format!("{}/{}/", self.organization.id, units.join("/")))
            .with("aws:ResourceOrgID", self.organization.id.as_str())
    }

    /// A context in which every tag that the policies ask for is known to be absent.
    pub(crate) fn without_tags(&self, context: Context, beginning: &str) -> Context {
        let keys = self.conditions().map(|condition| condition.key.to_ascii_lowercase());
        let tags: BTreeSet<String> = keys.filter(|key| key.starts_with(beginning)).collect();
        tags.iter().fold(context, |context, key| context.without(key))
    }

    pub(crate) fn arn(&self, rest: &str) -> String {
        format!("arn:{}:iam::{}:{rest}", self.partition, self.account.id)
    }
}

type Asker = Option<(Caller, Context)>;

/// A session of a role that has every permission and no exemption.
pub(crate) fn role(member: &Member<'_>) -> Asker {
    let caller = Caller::parse(&member.arn(&format!("role/{NOBODY}")))?;
    Some((caller, member.unmarked().with("aws:userid", NO_ROLE)))
}

fn user(member: &Member<'_>) -> Asker {
    let caller = Caller::parse(&member.arn(&format!("user/{NOBODY}")))?;
    Some((caller, member.unmarked().with("aws:userid", NO_USER)))
}

/// The root user itself; not a session that was opened centrally.
pub(crate) fn root(member: &Member<'_>) -> Asker {
    let caller = Caller::parse(&member.arn("root"))?;
    Some((caller, member.unmarked().with("aws:userid", member.account.id.as_str())))
}

/// The context of a session of a role without any mark, with the keys that follow from the role.
pub(crate) fn unmarked_role(member: &Member<'_>) -> Context {
    let arn = member.arn(&format!("role/{NOBODY}"));
    of_principal(member, &arn, "AssumedRole").with("aws:userid", NO_ROLE).without("aws:username")
}

/// The context of a user without any mark, with the keys that follow from the user.
pub(crate) fn unmarked_user(member: &Member<'_>) -> Context {
    let arn = member.arn(&format!("user/{NOBODY}"));
    of_principal(member, &arn, "User").with("aws:userid", NO_USER).with("aws:username", NOBODY)
}

fn of_principal(member: &Member<'_>, arn: &str, kind: &str) -> Context {
    member
        .unmarked()
        .with("aws:PrincipalArn", arn)
        .with("aws:PrincipalAccount", member.account.id.as_str())
        .with("aws:PrincipalType", kind)
        .with("aws:PrincipalIsAWSService", "false")
        .without("aws:PrincipalServiceName")
        .without("aws:PrincipalServiceNamesList")
}

/// The ARNs, with wildcards, of everything in the account that an action works on; `*` where it works on nothing certain.
fn targets(member: &Member<'_>, action: &str) -> Vec<String> {
    let (prefix, name) = action.split_once(':').unwrap_or((action, ""));
    let catalogue = Catalogue::get();
    let Some(known) = catalogue.action(prefix, name) else {
        return vec![format!("arn:{}:{prefix}:*:{}:*", member.partition, member.account.id)];
    };
    let kinds: Vec<(&str, bool)> = known.resource_types().collect();
    let any_required = kinds.iter().any(|(_, required)| *required);
    let service = catalogue.service(prefix);
    let formats = kinds.iter().filter(|(_, required)| *required || !any_required).filter_map(|(kind, _)| {
        let format = service?.resource_type(kind)?.arn();
        (!format.is_empty()).then(|| filled(format, member))
    });
    let targets: BTreeSet<String> = formats.collect();
    if targets.is_empty() { vec!["*".to_owned()] } else { targets.into_iter().collect() }
}

/// The format of an ARN with the partition and the account in it, and a wildcard for everything else.
fn filled(format: &str, member: &Member<'_>) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let (variable, after) = after.split_once('}').unwrap_or((after, ""));
        match variable {
            "Partition" => text.push_str(member.partition.as_str()),
            "Account" => text.push_str(member.account.id.as_str()),
            _ => text.push('*'),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

fn in_words(remaining: &Remaining<'_>) -> String {
    match remaining {
        Remaining::Condition(condition) => told(condition),
        Remaining::Resource => "the resource is one of those that it names".into(),
        Remaining::Principal => "the caller is the one that it names".into(),
        Remaining::Policy => "the policy says so".into(),
    }
}

/// A condition as a policy has it, cut after a few values.
pub(crate) fn told(condition: &Condition) -> String {
    let values: Vec<&str> = condition.values.iter().map(String::as_str).collect();
    format!("{} {} {}", condition.operator, condition.key, some(&values))
}

/// The first few of a list.
fn some(all: &[&str]) -> String {
    let shown = all.get(..TOLD).unwrap_or(all).join(", ");
    if all.len() > TOLD { format!("{shown} and {} more", all.len() - TOLD) } else { shown }
}

impl<'m> Denied<'m> {
    /// What denies one thing and what denies another.
    pub(crate) fn and(mut self, other: Self) -> Self {
        for ban in other.bans {
            let is_there = |one: &Ban<'_>| (&one.policy.id, one.number) == (&ban.policy.id, ban.number);
            if !self.bans.iter().any(is_there) {
                self.bans.push(ban);
            }
        }
        self.bans.sort_by(|a, b| (&a.policy.id, a.number).cmp(&(&b.policy.id, b.number)));
        self.narrowed.extend(other.narrowed);
        self
    }

    /// Adds to a verdict what denies it and who is exempt.
    pub(crate) fn tell<'f, 'o>(&self, subject: Subject<'f, 'o>) -> Subject<'f, 'o> {
        let subject = subject.evidence("denied_by", self.by());
        match self.exempt() {
            Some(who) => subject.evidence("exempt", who),
            None => subject,
        }
    }

    /// What denies it, in words.
    pub(crate) fn by(&self) -> String {
        let bans = self.bans.iter().map(Ban::name);
        let levels = self.narrowed.iter().map(|level| format!("the policies attached to {level} do not allow it"));
        Vec::from_iter(bans.chain(levels)).join("; ")
    }

    /// Who is exempt, in words: whoever is exempt from every one of the statements. Nothing where a level does not allow
    /// it to anybody.
    pub(crate) fn exempt(&self) -> Option<String> {
        if !self.narrowed.is_empty() || self.bans.iter().any(|ban| ban.exemptions().next().is_none()) {
            return None;
        }
        let each = self.bans.iter().map(|ban| {
            let out: Vec<String> = ban.exemptions().map(spared).collect();
            out.join(" or ")
        });
        let each: BTreeSet<String> = each.filter(|text| !text.is_empty()).collect();
        (!each.is_empty()).then(|| Vec::from_iter(each).join("; and "))
    }
}

impl<'m> Ban<'m> {
    /// "statement 1 (Sid) of NAME (p-…)".
    pub(crate) fn name(&self) -> String {
        let statement = statements::name(self.number, self.statement);
        format!("{statement} of {} ({})", self.policy.name, self.policy.id)
    }

    /// The conditions that let somebody out for who they are.
    pub(crate) fn exemptions(&self) -> impl Iterator<Item = &'m Condition> + use<'m> {
        self.statement.conditions.iter().filter(|condition| {
            is_about_identity(&condition.key) && conditions::weight(condition, true) == Weight::Restricts
        })
    }
}

/// Whom a condition of a Deny lets out, in words.
pub(crate) fn spared(condition: &Condition) -> String {
    let values: Vec<&str> = condition.values.iter().map(String::as_str).collect();
    if Operator::of(condition).negated {
        format!("{} {}", condition.key, some(&values))
    } else {
        format!("not {}", told(condition))
    }
}

/// Whether a key says who the caller is, and not from where, when or how the request comes.
pub(crate) fn is_about_identity(key: &str) -> bool {
    const KEYS: [&str; 9] = [
        "aws:assumedroot",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:federatedprovider",
        "aws:sourceidentity",
        "aws:userid",
        "aws:username",
        "aws:viaawsservice",
    ];
    let key = key.to_ascii_lowercase();
    KEYS.contains(&key.as_str()) || key.starts_with("aws:principal")
}
