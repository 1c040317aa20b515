//! Old versions of a policy are deleted, before somebody brings them back or they block the next change.
//!
//! # Why
//! An earlier version grants nothing, and one call to `SetDefaultPolicyVersion` puts it back in force. IAM keeps five: at
//! the fifth, the next change of a pipeline fails.
//!
//! # Pass
//! There are at most `max_versions` versions; none but the one in force allows everything; and where somebody who is no
//! administrator may set the version in force, none of the others is older than `max_age_days` days.
//!
//! # Fail
//! There are more than `max_versions` versions; a version that is not in force allows everything, and the one in force does
//! not; or one that is not in force is older than `max_age_days` days, and somebody who is no administrator may bring it
//! back.
//!
//! # Not applicable
//! AWS managed policies.
//!
//! # Notes
//! Somebody may bring a version back when a policy that they have allows `iam:SetDefaultPolicyVersion` on this policy,
//! under whatever condition. Administrators, who have a policy that allows everything, gain nothing by it.
//!
//! # Fix
//! Delete the versions that are no longer needed.
//!
//! # Command
//! ```sh
//! aws iam delete-policy-version --policy-arn POLICY_ARN --version-id VERSION
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::AuthorizationDetails;
use probity_model::facts::authorization::{ManagedPolicy, PolicyVersion};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{Arn, Automation, Family, Findings, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Context, Document, Effect, Resources, Statement, Target, Truth};

use crate::everything;
use crate::statements::{self, Policy};

const MAX_VERSIONS: NumberParameter = NumberParameter {
    name: "max_versions",
    default: 4,
    min: 1,
    max: 5,
    unit: Unit::Versions,
    source: "IAM keeps five versions at most, and refuses the sixth",
};

const MAX_AGE_DAYS: NumberParameter = NumberParameter {
    name: "max_age_days",
    default: 365,
    min: 1,
    max: 3_650,
    unit: Unit::Days,
    source: "our own choice: nobody goes back behind a year",
};

const ACTION: &str = "iam:SetDefaultPolicyVersion";

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "policy-versions-stale",
        family: Family::Policies,
        title: "Old policy versions are pruned",
        severity: Severity::Low,
        scope: Scope::Account,
        resource: ResourceKind::Policy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(MAX_VERSIONS), ParameterSpec::Number(MAX_AGE_DAYS)],
    };
    type Facts<'s> = &'s AuthorizationDetails;

    fn run(details: &AuthorizationDetails, parameters: &Parameters, out: &mut Findings<'_>) {
        let policies = statements::policies(details);
        let administrators = statements::administrators(&policies, details, out.partition());
        let switching: Vec<_> = policies.into_iter().filter(may_switch_anything).collect();
        for policy in details.policies.iter().filter(|policy| !policy.is_aws_managed()) {
            let switcher = who_may_switch(&policy.arn, &switching, &administrators);
            judge(policy, switcher, parameters, out);
        }
    }
}

/// Whether a policy allows the action on anything, or cannot be read.
fn may_switch_anything(policy: &Policy<'_>) -> bool {
    let allows = |statement: &Statement| statement.effect == Effect::Allow && statement.actions.cover(ACTION);
    policy.document.as_ref().map_or(true, |document| document.statements.iter().any(allows))
}

/// Somebody who is no administrator and may set the version of a policy that is in force.
#[derive(Clone, Copy)]
enum Switcher<'s> {
    Nobody,
    /// A policy of theirs cannot be read, and nobody else may.
    Unknown(&'s Arn),
    Somebody(&'s Arn),
}

fn who_may_switch<'s>(arn: &Arn, policies: &[Policy<'s>], administrators: &BTreeSet<&Arn>) -> Switcher<'s> {
    let first_holder = |may: &dyn Fn(&Policy<'_>) -> bool| {
        let holders = policies.iter().filter(|policy| may(policy)).flat_map(|policy| policy.holders);
        holders.filter(|holder| !administrators.contains(holder)).min()
    };
    let allows = |policy: &Policy<'_>| policy.document.as_ref().is_ok_and(|document| may_allow(document, arn));
    match (first_holder(&allows), first_holder(&|policy| policy.document.is_err())) {
        (Some(holder), _) => Switcher::Somebody(holder),
        (None, Some(holder)) => Switcher::Unknown(holder),
        (None, None) => Switcher::Nobody,
    }
}

/// Whether a document allows the action on a policy, under whatever condition.
fn may_allow(document: &Document, arn: &Arn) -> bool {
    let covers = |resources: &Resources| {
        let variables = statements::has_variables(document);
        resources.cover(Target::One(arn.as_str()), &Context::partial(), variables) != Truth::No
    };
    document.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && statement.actions.cover(ACTION)
            && statement.resources.as_ref().is_some_and(covers)
    })
}

fn judge(policy: &ManagedPolicy, switcher: Switcher<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
    let (max, max_age) = (parameters.number(&MAX_VERSIONS), parameters.number(&MAX_AGE_DAYS));
    let partition = out.partition();
    let mut dormant: Vec<&PolicyVersion> = policy.versions.iter().filter(|version| !version.is_default).collect();
    dormant.sort_by(|a, b| a.id.cmp(&b.id));
    let ages: Vec<_> =
        dormant.iter().map(|version| (*version, version.created_at.map(|at| out.days_since(at)))).collect();
    let mut subject = out.resource(policy.arn.clone()).evidence("versions", policy.versions.len());
    for (version, age) in &ages {
        let created = version.created_at.map_or_else(|| "unknown".into(), |at| format!("{at}"));
        let age = age.map_or(String::new(), |days| format!(", {days} days old"));
        subject = subject.evidence("dormant_version", format!("{}, created {created}{age}", version.id));
    }
    if let Switcher::Somebody(switcher) = switcher {
        subject = subject.evidence("may_set_the_version", switcher);
    }
    let everything = |version: &PolicyVersion| {
        let document = probity_access::read(&version.document).map_err(|_| ())?;
        Ok::<_, ()>(everything::of(document, partition).is_some())
    };
    let Some(in_force) = policy.default_version() else {
        return subject.unclear("the authorization details do not hold the version in force");
    };
    let in_force = everything(in_force);
    let mut wrong: Vec<String> = Vec::new();
    let mut open = None;
    if u32::try_from(policy.versions.len()).unwrap_or(u32::MAX) > max {
        wrong.push(format!("there are {} versions; {max} are allowed", policy.versions.len()));
    }
    for (version, age) in &ages {
        match (everything(version), &in_force) {
            (Ok(true), Ok(false)) => {
                wrong.push(format!("version {} is not in force and allows everything", version.id));
            }
            (Err(_), Ok(true)) | (Ok(_), Ok(_)) => {}
            _ => open = open.or(Some(format!("nobody can say whether version {} allows more", version.id))),
        }
        let is_old = age.map(|days| days > i64::from(max_age));
        match (switcher, is_old) {
            (Switcher::Nobody, _) | (_, Some(false)) => {}
            (_, None) => open = open.or(Some(format!("no date tells how old version {} is", version.id))),
            (Switcher::Unknown(holder), Some(true)) => {
                open = open
                    .or(Some(format!("a policy of {} cannot be read, which may allow {ACTION}", holder.resource())));
            }
            (Switcher::Somebody(switcher), Some(true)) => wrong.push(format!(
                "version {} is {} days old, {max_age} are allowed, and {} may bring it back",
                version.id,
                age.unwrap_or_default(),
                switcher.resource()
            )),
        }
    }
    match open {
        _ if !wrong.is_empty() => subject.fail(wrong.join("; ")),
        Some(reason) => subject.unclear(reason),
        None => subject.pass("there are few versions, and none of them gives more than the one in force"),
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::Topic;
    use probity_model::builder::{Account, PolicyBuilder, days_ago};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "policy-versions-stale";
    const ADMIN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    const READER: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    const SWITCH: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Set*","Resource":"arn:aws:iam::*:policy/*"}]}"#;

    fn with(document: &str, change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> Account {
        Account::new().policy("own", document, change)
    }

    fn versions(count: usize) -> Account {
        with(READER, |policy| (1..count).fold(policy, |policy, _| policy.earlier_version(READER)))
    }

    /// An account with an earlier version of this age, and somebody who may bring it back.
    fn aged(days: i64, inline: &str) -> Vec<Outcome> {
        let account = with(READER, |policy| {
            let mut policy = policy.earlier_version(READER);
            policy.details.versions.iter_mut().for_each(|version| version.created_at = Some(days_ago(days)));
            policy
        });
        outcomes(ID, account.user("anna", |user| user.inline("own", inline)))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, versions(1)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, versions(4)), [Pass]);
        let [finding] = findings(ID, versions(5)).try_into().expect("one finding");
        assert_eq!((finding.outcome, &*finding.message), (Fail, "there are 5 versions; 4 are allowed"));
        assert_eq!(outcomes_with(ID, &[("max_versions", "5")], versions(5)), [Pass]);
        assert_eq!(outcomes_with(ID, &[("max_versions", "2")], versions(3)), [Fail]);
    }

    #[test]
    fn an_old_version_that_somebody_may_bring_back_fails() {
        assert_eq!(aged(365, SWITCH), [Pass]);
        assert_eq!(aged(366, SWITCH), [Fail]);
        assert_eq!(aged(366, READER), [Pass], "nobody may");
        assert_eq!(aged(366, ADMIN), [Pass], "an administrator gains nothing");
        assert_eq!(aged(366, "{"), [NotEvaluated], "nobody knows what the policy of anna allows");
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new().aws_policy("AdministratorAccess", ADMIN)), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, versions(1).deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        assert_eq!(outcomes(ID, with(READER, |policy| policy.earlier_version("{"))), [NotEvaluated]);
        assert_eq!(outcomes(ID, with("{", |policy| policy.earlier_version(ADMIN))), [NotEvaluated]);
        let undated = with(READER, |policy| {
            let mut policy = policy.earlier_version(READER);
            policy.details.versions.iter_mut().for_each(|version| version.created_at = None);
            policy
        });
        assert_eq!(outcomes(ID, undated.user("anna", |user| user.inline("own", SWITCH))), [NotEvaluated]);
        let without = with(READER, |mut policy| {
            policy.details.versions.clear();
            policy
        });
        assert_eq!(outcomes(ID, without), [NotEvaluated]);
    }

    #[test]
    fn trap_every_version_is_read_with_its_document() {
        assert_eq!(outcomes(ID, with(READER, |policy| policy.earlier_version(ADMIN))), [Fail]);
        assert_eq!(outcomes(ID, with(ADMIN, |policy| policy.earlier_version(ADMIN))), [Pass], "it gives no more");
        assert_eq!(outcomes(ID, with(ADMIN, |policy| policy.earlier_version(READER))), [Pass]);
    }

    #[test]
    fn trap_the_fifth_version_blocks_the_next_change() {
        assert_eq!(outcomes(ID, versions(5)), [Fail]);
    }
}
