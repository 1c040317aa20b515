//! Several accounts as one picture, for a comment.

use probity_model::run::organization::OrganizationRun;

use super::Comment;
use super::escape::{code, prose};
use crate::organization::{
    DELEGATED, account, accounts_of, audit, chain, coverage, delegated, failed, in_accounts, open, root_access, score,
    whose,
};
use crate::words::counted;

/// How many rows of a list are shown before it is said how many more there are.
const LIST: usize = 10;

/// Writes whose accounts these are, and how they stand.
pub(super) fn head(whole: &OrganizationRun, comment: &mut Comment) {
    comment.line(&format!("- Of {}", prose(&whose(whole))));
    comment.line(&format!("- {}", coverage(whole)));
    if let Some(root) = root_access(whole) {
        comment.line(&format!("- Root access: {}", prose(&root)));
    }
}

/// Writes the picture, as far as the comment has room.
pub(super) fn write(whole: &OrganizationRun, comment: &mut Comment, limit: usize) {
    let units = whole.units.iter().map(|unit| {
        let [critical, high, medium] = open(&unit.open);
        let name = format!("{}{}", "&nbsp;&nbsp;".repeat(unit.depth), prose(&unit.name));
        format!("| {name} | {} | {} | {critical} | {high} | {medium} |", accounts_of(unit), score(Some(&unit.score)))
    });
    table(comment, limit, "Organizational units", ["Unit", "Accounts", "Score", "Critical", "High", "Medium"], units);
    let worst = whole.worst_accounts.iter().filter_map(|id| Some((id, whole.account(id)?))).map(|(id, standing)| {
        let [critical, high, medium] = open(&standing.open);
        let (name, score) = (prose(&account(whole, id)), score(standing.score.as_ref()));
        format!("| {name} | {score} | {critical} | {high} | {medium} | {} |", audit(standing))
    });
    let columns = ["Account", "Score", "Critical", "High", "Medium", "Audit"];
    table(comment, limit, "The accounts that stand worst", columns, worst);
    let checks = whole.failing_checks.iter().take(LIST).map(|check| {
        format!("| {} | {} | {} |", code(&check.check), in_accounts(check.accounts, check.judged), check.open)
    });
    table(comment, limit, "Checks that fail in most accounts", ["Check", "Accounts", "Open"], checks);
    let failed: Vec<String> =
        failed(whole).into_iter().map(|(who, why)| format!("- {}: {}", prose(&who), prose(&why))).collect();
    list(comment, limit, "Accounts that nobody could audit", failed);
    let chains = whole.chains.iter().map(|one| format!("- {}", prose(&chain(whole, one)))).collect();
    list(comment, limit, "Administrators of other accounts, by entering roles", chains);
    let outside = whole.outside_accounts.iter().map(|one| {
        let owner = one.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
        format!("- {} by {}", prose(&format!("{}{owner}", one.party)), counted(one.roles.len(), "role", "roles"))
    });
    list(comment, limit, DELEGATED, delegated(whole).iter().map(|one| format!("- {}", prose(one))).collect());
    list(comment, limit, "From outside, roles let in", outside.collect());
    list(
        comment,
        limit,
        "What of the whole is not known",
        whole.unjudged.iter().map(|one| format!("- {}", prose(one))).collect(),
    );
}

fn table<const N: usize>(
    comment: &mut Comment,
    limit: usize,
    heading: &str,
    columns: [&str; N],
    rows: impl Iterator<Item = String>,
) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    comment.line("");
    comment.line(&format!("### {heading}"));
    comment.line("");
    comment.line(&format!("| {} |", columns.join(" | ")));
    comment.line(&format!("| {} |", ["---"; N].join(" | ")));
    comment.lines_until(limit, rows);
}

fn list(comment: &mut Comment, limit: usize, heading: &str, items: Vec<String>) {
    let count = items.len();
    if count == 0 {
        return;
    }
    comment.line("");
    comment.line(&format!("### {heading} ({count})"));
    comment.line("");
    let written = comment.lines_until(limit, items.into_iter().take(LIST));
    if written < count {
        comment.line(&format!("- and {} more (use -f json for all)", count - written));
    }
}
