//! Names of statements, empty lists, and the size of the whole.

use super::view::{Asked, Clause, Names, View};
use super::{DocumentKind, Findings};
use crate::condition::operator::Qualifier;
use std::collections::BTreeSet;

/// How many characters without spaces a document of each kind may have by AWS's quotas.
///
/// IAM User Guide, "IAM and AWS STS quotas": 6,144 for a managed policy, 2,048 for a trust policy by default. AWS
/// Organizations User Guide, "Quotas and service limits": 10,240 for a service control policy since 15 May 2026, which was
/// 5,120 before, and 5,120 for a resource control policy.
const IDENTITY_QUOTA: usize = 6_144;
const RESOURCE_QUOTA: usize = 20_480;
const TRUST_QUOTA: usize = 2_048;
const SERVICE_CONTROL_QUOTA: usize = 10_240;
const RESOURCE_CONTROL_QUOTA: usize = 5_120;

pub(super) fn look(view: &View, findings: &mut Findings) {
    size(view, findings);
    sids(view, findings);
    view.clauses.iter().for_each(|clause| empty_lists(clause, findings));
}

fn size(view: &View, findings: &mut Findings) {
    let (quota, code, whose) = match findings.kind {
        DocumentKind::Identity => (IDENTITY_QUOTA, "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", "a managed policy"),
        DocumentKind::Resource => {
            (RESOURCE_QUOTA, "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", "most resources' policies")
        }
        DocumentKind::Trust => (TRUST_QUOTA, "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", "a trust policy"),
        DocumentKind::ServiceControl => {
            (SERVICE_CONTROL_QUOTA, "POLICY_SIZE_EXCEEDS_SCP_QUOTA", "a service control policy")
        }
        DocumentKind::ResourceControl => {
            (RESOURCE_CONTROL_QUOTA, "POLICY_SIZE_EXCEEDS_RCP_QUOTA", "a resource control policy")
        }
    };
    if view.size > quota {
        let message = format!("The document has {} characters without spaces; {whose} may have {quota}.", view.size);
        findings.add(code, &view.place, message);
    }
}

fn sids(view: &View, findings: &mut Findings) {
    let strict = findings.kind != DocumentKind::Resource;
    let mut seen = BTreeSet::new();
    for sid in view.clauses.iter().filter_map(|clause| clause.sid.as_ref()) {
        if sid.text.is_empty() {
            findings.add(
                "EMPTY_SID_VALUE",
                &sid.place,
                "The name of the statement is empty. Give it one, or remove `Sid`.",
            );
            continue;
        }
        if strict && !sid.text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message =
                format!("`{}` is no name for a statement here: only letters A to Z and digits are taken.", sid.text);
            findings.add("UNSUPPORTED_SID", &sid.place, message);
        }
        if !seen.insert(sid.text.as_str()) {
            let (code, advice) = match findings.kind {
                DocumentKind::Identity | DocumentKind::Trust => ("UNIQUE_SIDS_REQUIRED", "IAM refuses that"),
                _ => ("UNIQUE_SIDS_RECOMMENDED", "names that differ tell them apart"),
            };
            findings.add(code, &sid.place, format!("Another statement is named `{}` too; {advice}.", sid.text));
        }
    }
}

fn empty_lists(clause: &Clause, findings: &mut Findings) {
    let mut names = |names: Option<&Names>, code| {
        if let Some(names) = names.filter(|names| names.words.is_empty()) {
            let what = if names.negated { "excepts nothing" } else { "names nothing, so the statement never applies" };
            findings.add(code, &names.place, format!("The list is empty: it {what}."));
        }
    };
    names(clause.actions.as_ref(), "EMPTY_ARRAY_ACTION");
    names(clause.resources.as_ref(), "EMPTY_ARRAY_RESOURCE");
    for asked in clause.asked.iter().filter(|asked| asked.values.is_empty()) {
        let message = format!("`{}` is compared with an empty list.", asked.key.text);
        findings.add(empty_condition(asked), &asked.key.place, message);
    }
}

fn empty_condition(asked: &Asked) -> &'static str {
    match asked.parsed {
        Some(operator) if operator.if_exists => "EMPTY_ARRAY_CONDITION_IFEXISTS",
        Some(operator) if operator.qualifier == Some(Qualifier::ForAllValues) => "EMPTY_ARRAY_CONDITION_FORALLVALUES",
        Some(operator) if operator.qualifier == Some(Qualifier::ForAnyValue) => "EMPTY_ARRAY_CONDITION_FORANYVALUE",
        _ => "EMPTY_ARRAY_CONDITION",
    }
}
