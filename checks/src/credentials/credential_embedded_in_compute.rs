//! No access key lies in the configuration of what runs.
//!
//! # Why
//! Whoever may look at a function, an instance or a task definition can read the key and use it from anywhere. It stays in
//! old versions, logs and templates after it was taken out.
//!
//! # Pass
//! Nothing that was looked through has the shape of an access key id.
//!
//! # Fail
//! Something has. Rated critical where something with the shape of a secret lies in the same configuration, and low for an
//! id alone, which opens nothing by itself.
//!
//! # Not applicable
//! Nothing runs.
//!
//! # Notes
//! Looked through are the environment variables of Lambda functions, the environment variables and commands of ECS task
//! definitions (of each family the newest active revision), and the user data of EC2 instances. User data costs a call an
//! instance and is read only under `--detail full`; otherwise the check says of how many instances it was not read.
//! Task definitions cost a call as well: without `--detail full` only the first of each Region are read.
//!
//! An id is `AKIA` or `ASIA` and 16 capital letters and digits; a secret is 40 characters of base64 with capital letters,
//! small letters and digits or signs. The keys of AWS's documentation, which have `EXAMPLE` in them, are none. What was found is
//! not kept: the finding tells where it lies, the last four characters of the id, and whose key of this account it is, where the
//! ids of access keys were read.
//!
//! Environment variables that are encrypted with a key which the caller may not use are not evaluated.
//!
//! # Fix
//! Deactivate the key at once and look in CloudTrail for what was done with it. Give the workload a role, and move
//! other secrets to Secrets Manager.
//!
//! # Command
//! ```sh
//! aws iam update-access-key --user-name USER --access-key-id KEY_ID --status Inactive
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use probity_model::facts::compute::Embedded;
use probity_model::facts::{AccessKeys, Compute, UserData};
use probity_model::{
    Arn, Automation, Family, Findings, Gap, Meta, Parameters, Region, ResourceKind, Rule, Scope, Seen, Severity,
};

use crate::workloads::{Part, report_gaps};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "credential-embedded-in-compute",
        family: Family::Credentials,
        title: "No AWS access keys in Lambda variables, user data or task definitions",
        severity: Severity::Critical,
        scope: Scope::Region,
        resource: ResourceKind::ComputeConfiguration,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s Compute, Result<&'s UserData, &'s Gap>, Option<&'s AccessKeys>);

    fn run((compute, user_data, keys): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        report_gaps(compute, &Part::ALL, out);
        for (region, function) in compute.functions() {
            judge("environment variables", region, &function.arn, function.environment.get(), keys, out);
        }
        for (region, definition) in compute.task_definitions() {
            if let Ok(details) = definition.details.get() {
                judge("environment variables and commands", region, &details.arn, Ok(&details.found), keys, out);
            }
        }
        let living = || compute.instances().filter(|(_, instance)| !instance.is_gone());
        match user_data {
            Ok(user_data) => {
                for (region, instance) in living() {
                    let unread = Seen::default();
                    let found = user_data.instances.get(&instance.arn).unwrap_or(&unread);
                    judge("user data", region, &instance.arn, found.get(), keys, out);
                }
            }
            Err(gap) => {
                let mut unread: BTreeMap<&Region, usize> = BTreeMap::new();
                living().for_each(|(region, _)| *unread.entry(region).or_default() += 1);
                for (region, instances) in unread {
                    let subject = out.whole_account().region(region).discriminator("user-data");
                    subject.evidence("instances", instances).not_evaluated(gap);
                }
            }
        }
    }
}

fn judge(
    looked_at: &str,
    region: &Region,
    arn: &Arn,
    found: Result<&alloc::vec::Vec<Embedded>, &Gap>,
    keys: Option<&AccessKeys>,
    out: &mut Findings<'_>,
) {
    let mut subject = out.resource(arn.clone()).region(region).evidence("looked_through", looked_at);
    let found = match found {
        Ok(found) => found,
        Err(gap) => return subject.not_evaluated(gap),
    };
    for one in found {
        let secret = if one.with_secret { "with a secret" } else { "without a secret" };
        subject = subject.evidence("access_key_id", format!("…{} in {} ({secret})", one.ending, one.place));
        if let Some(user) = owner(one, keys) {
            subject = subject.evidence("user", user);
        }
    }
    let places = |all: &[&Embedded]| -> String {
        let mut names: alloc::vec::Vec<&str> = all.iter().map(|one| one.place.as_str()).collect();
        names.dedup();
        names.join("; ")
    };
    let with_secret: alloc::vec::Vec<&Embedded> = found.iter().filter(|one| one.with_secret).collect();
    let all: alloc::vec::Vec<&Embedded> = found.iter().collect();
    if !with_secret.is_empty() {
        subject.fail(format!("an access key with its secret lies in {}", places(&with_secret)));
    } else if all.is_empty() {
        subject.pass(format!("nothing in the {looked_at} has the shape of an access key id"));
    } else {
        subject
            .severity(Severity::Low)
            .fail(format!("an access key id lies in {}; no secret was seen beside it", places(&all)));
    }
}

/// The user whose key it is.
fn owner<'s>(found: &Embedded, keys: Option<&'s AccessKeys>) -> Option<&'s str> {
    let users = keys?.users.iter();
    let has = |seen: &Seen<alloc::vec::Vec<probity_model::facts::user_credentials::AccessKey>>| {
        seen.get().is_ok_and(|keys| keys.iter().any(|key| found.is(&key.id)))
    };
    users.filter(|(_, seen)| has(seen)).map(|(user, _)| user.as_str()).next()
}

#[cfg(test)]
mod tests {
    use std::format;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::user_credentials::AccessKey;
    use probity_model::{Seen, Severity, Topic};

    use crate::testing::{findings, outcomes};

    const ID: &str = "credential-embedded-in-compute";
    const KEY: &str = concat!("AKIA", "QWERTYUIOPASDFGH");

    fn clean() -> Account {
        Account::new()
            .function("f", "r", |it| it)
            .task_definition("web", "r", |it| it)
            .instance("i-1", |it| it.state("stopped"))
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, clean()), [Pass, Pass, Pass]);
    }

    #[test]
    fn fail() {
        let found = findings(ID, Account::new().function("f", "r", |it| it.found("KEY", KEY, true)));
        assert_eq!((found[0].outcome, found[0].severity), (Fail, Severity::Critical));
        assert_eq!(found[0].message, "an access key with its secret lies in KEY");
        let task = Account::new().task_definition("web", "r", |it| it.found("container web, KEY", KEY, true));
        assert_eq!(outcomes(ID, task), [Fail]);
        let instance = Account::new().instance("i-1", |it| it).in_user_data("i-1", "user data, line 3", KEY, true);
        assert_eq!(outcomes(ID, instance), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new().instance("i-1", |it| it.state("terminated"))), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, clean().deny(Topic::Compute)), [NotEvaluated]);
        let without = findings(ID, clean().deny(Topic::UserData));
        assert_eq!(without.iter().map(|it| it.outcome).collect::<std::vec::Vec<_>>(), [Pass, NotEvaluated, Pass]);
        let region = outcomes(ID, Account::new().deny_compute("us-east-1"));
        assert_eq!(region, [NotEvaluated, NotEvaluated, NotEvaluated], "instances, functions, task definitions");
    }

    #[test]
    fn trap_the_key_is_not_kept() {
        let found = findings(ID, Account::new().function("f", "r", |it| it.found("KEY", KEY, true)));
        let text = format!("{found:?}");
        assert!(!text.contains(KEY) && text.contains("…DFGH in KEY"), "{text}");
    }

    #[test]
    fn trap_variables_that_cannot_be_decrypted_are_unknown() {
        let account = Account::new().function("f", "r", |mut it| {
            it.details.environment = Seen::Missing(denied(Topic::Compute));
            it
        });
        assert_eq!(outcomes(ID, account), [NotEvaluated]);
    }

    #[test]
    fn trap_an_id_alone_is_no_secret() {
        let found = findings(ID, Account::new().function("f", "r", |it| it.found("KEY", KEY, false)));
        assert_eq!((found[0].outcome, found[0].severity), (Fail, Severity::Low));
    }

    #[test]
    fn whose_key_it_is_is_told() {
        let account = Account::new().function("f", "r", |it| it.found("KEY", KEY, true)).facts(|facts| {
            let Seen::Known(keys) = &mut facts.access_keys else { unreachable!("they are known") };
            let key = AccessKey { id: KEY.into(), active: true, created_at: None };
            keys.users.insert("anna".into(), Seen::Known([key].into()));
        });
        let evidence = format!("{:?}", findings(ID, account)[0].evidence);
        assert!(evidence.contains("anna"), "{evidence}");
    }
}
