//! What several formats say of several accounts in the same words.

use probity_model::run::organization::{
    AccountAudit, AccountStanding, CrossAccountChain, DelegatedAccount, OrganizationRun, UnitStanding,
};
use probity_model::score::Score;
use probity_model::{AccountId, Arn, Seen, Severity};

use crate::text::one_line;
use crate::words::counted;

/// Whose accounts these are.
pub(crate) fn whose(whole: &OrganizationRun) -> String {
    match (&whole.id, &whole.management_account) {
        (Some(id), Some(management)) => format!("{id}, managed by {management}"),
        (Some(id), None) => id.clone(),
        _ => "accounts named one by one".to_owned(),
    }
}

/// How many accounts there are, and what became of them.
pub(crate) fn coverage(whole: &OrganizationRun) -> String {
    let all = &whole.coverage;
    let parts = [
        (all.complete, "read without a gap"),
        (all.incomplete, "read with gaps"),
        (all.failed, "not audited"),
        (all.left_out, "left out"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    format!("{}: {}", counted(all.accounts, "account", "accounts"), parts.join(", "))
}

/// An account with its name.
pub(crate) fn named(standing: &AccountStanding) -> String {
    match &standing.name {
        Some(name) => format!("{} ({name})", standing.account),
        None => standing.account.to_string(),
    }
}

/// An account by its id, with its name where it is known.
pub(crate) fn account(whole: &OrganizationRun, account: &AccountId) -> String {
    whole.account(account).map_or_else(|| account.to_string(), named)
}

/// A score in a cell.
pub(crate) fn score(score: Option<&Score>) -> String {
    score.and_then(|score| score.value).map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// The open failures of the three severities that people ask for.
pub(crate) fn open(counts: &std::collections::BTreeMap<Severity, u64>) -> [String; 3] {
    [Severity::Critical, Severity::High, Severity::Medium]
        .map(|severity| counts.get(&severity).copied().unwrap_or_default().to_string())
}

/// What became of an account, in a cell.
pub(crate) fn audit(standing: &AccountStanding) -> String {
    match &standing.audit {
        AccountAudit::Complete => "read".to_owned(),
        AccountAudit::Incomplete { gaps } => format!("read, with {}", counted(*gaps, "gap", "gaps")),
        AccountAudit::Failed { .. } => "not audited".to_owned(),
        AccountAudit::LeftOut => "left out".to_owned(),
    }
}

/// The accounts that nobody could audit, each with its reason.
pub(crate) fn failed(whole: &OrganizationRun) -> Vec<(String, String)> {
    let reason = |standing: &AccountStanding| match &standing.audit {
        AccountAudit::Failed { reason } => Some((named(standing), one_line(&reason.to_string()))),
        _ => None,
    };
    whole.accounts.iter().filter_map(reason).collect()
}

/// What the list of [`delegated`] is called.
pub(crate) const DELEGATED: &str = "Accounts that run services for the organization";

/// The accounts that run services for the organization, each with the services; or why that is not known.
pub(crate) fn delegated(whole: &OrganizationRun) -> Vec<String> {
    match &whole.delegated_administrators {
        None => Vec::new(),
        Some(Seen::Missing(gap)) => vec![format!("not known: {}", one_line(&gap.to_string()))],
        Some(Seen::Known(accounts)) => {
            let said = |one: &DelegatedAccount| format!("{} ({}): {}", one.account, one.name, one.services.join(", "));
            accounts.iter().map(said).collect()
        }
    }
}

/// The accounts in a unit and below.
pub(crate) fn accounts_of(unit: &UnitStanding) -> String {
    match unit.failed {
        0 => unit.audited.to_string(),
        failed => format!("{} of {}", unit.audited, unit.audited + failed),
    }
}

/// Who becomes an administrator of other accounts.
pub(crate) fn chain(whole: &OrganizationRun, chain: &CrossAccountChain) -> String {
    let accounts = match chain.accounts.as_slice() {
        [one] => format!("account {}", account(whole, one)),
        several => counted(several.len(), "account", "accounts"),
    };
    let steps: Vec<&str> = chain.example.iter().map(Arn::as_str).collect();
    let sure = if chain.certain { "becomes" } else { "may become, under conditions," };
    let home = if chain.administrator_at_home { ", an administrator at home," } else { "" };
    format!("{}{home} {sure} an administrator of {accounts}: {}", chain.from, steps.join(" -> "))
}

/// Whether root access is managed by the organization.
pub(crate) fn root_access(whole: &OrganizationRun) -> Option<String> {
    let root = whole.root_access.as_ref()?;
    let features = match &root.features {
        Seen::Known(features) if features.is_empty() => "not managed by the organization".to_owned(),
        Seen::Known(features) => features.join(", "),
        Seen::Missing(gap) => format!("not known: {}", one_line(&gap.to_string())),
    };
    let with = counted(root.with_credentials.len(), "member has", "members have");
    let unknown = match root.unknown.len() {
        0 => String::new(),
        count => format!(", of {count} it is not known"),
    };
    Some(format!("{features}; {with} a root user with credentials{unknown}"))
}

/// How many accounts a check fails in.
pub(crate) fn in_accounts(accounts: usize, judged: usize) -> String {
    format!("{accounts} of {judged}")
}
