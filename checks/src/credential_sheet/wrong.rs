//! Which checks fail on a user, and which could not be evaluated.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use probity_model::credentials::UserCredentials;
use probity_model::facts::CredentialReport;
use probity_model::{Arn, Finding, Outcome, ResourceKind};

use crate::registry::Entry;

/// Whether findings on this kind of resource are about a user's credentials; all of them carry the ARN of the user.
const fn is_of_a_user(kind: ResourceKind) -> bool {
    matches!(
        kind,
        ResourceKind::IamUser
            | ResourceKind::AccessKey
            | ResourceKind::ServiceCredential
            | ResourceKind::SshPublicKey
            | ResourceKind::SigningCertificate
            | ResourceKind::Principal
    )
}

/// The rows by the ARN of their user. Findings of a check come in the order of ARNs: whoever is asked for is most often the one
/// after the last.
struct Places<'r> {
    sorted: Vec<(&'r Arn, usize)>,
    last: usize,
}

impl<'r> Places<'r> {
    fn of(rows: &'r [UserCredentials]) -> Self {
        let arns = rows.iter().enumerate().filter_map(|(at, row)| Some((row.arn.value()?, at)));
        let mut sorted: Vec<(&Arn, usize)> = arns.collect();
        sorted.sort_unstable();
        Self { sorted, last: 0 }
    }

    /// The row of a user.
    fn find(&mut self, arn: &Arn) -> Option<usize> {
        for at in [self.last, self.last + 1] {
            if let Some((found, row)) = self.sorted.get(at)
                && *found == arn
            {
                self.last = at;
                return Some(*row);
            }
        }
        self.last = self.sorted.binary_search_by(|(found, _)| (*found).cmp(arn)).ok()?;
        self.sorted.get(self.last).map(|(_, row)| *row)
    }
}

/// Puts down what is wrong with each user of an account.
pub(super) fn note(rows: &mut [UserCredentials], checks: &[&Entry], findings: &[Finding]) {
    let mut by_row: Vec<Vec<&Finding>> = vec![Vec::new(); rows.len()];
    // Checks about users that could not be evaluated as a whole.
    let mut of_all: BTreeSet<&str> = BTreeSet::new();
    let about_users: BTreeSet<&str> =
        checks.iter().filter(|entry| is_of_a_user(entry.meta.resource)).map(|entry| entry.meta.id).collect();
    let mut places = Places::of(rows);
    for finding in findings.iter().filter(|one| matches!(one.outcome, Outcome::Fail | Outcome::NotEvaluated)) {
        let is_missing = finding.outcome == Outcome::NotEvaluated;
        let of_account = finding.resource_kind == ResourceKind::Account;
        if is_missing && of_account && about_users.contains(finding.check.as_str()) {
            of_all.insert(&finding.check);
            continue;
        }
        let resource = finding.resource.resource();
        // The account and the organization bear the ARN of the root user, and are something else.
        let is_root = resource == "root" && finding.resource_kind == ResourceKind::AccountRoot;
        if (is_root || resource.starts_with("user/"))
            && let Some(of_row) = places.find(&finding.resource).and_then(|row| by_row.get_mut(row))
        {
            of_row.push(finding);
        }
    }
    let noted = by_row.into_iter().map(|findings| Noted::of(&findings)).collect::<Vec<_>>();
    for (row, Noted { failing, accepted, mut not_evaluated }) in rows.iter_mut().zip(noted) {
        if row.user.value().is_none_or(|user| user != CredentialReport::ROOT) {
            not_evaluated.extend(of_all.iter().copied());
        }
        (row.failing, row.accepted, row.not_evaluated) = (owned(failing), owned(accepted), owned(not_evaluated));
    }
}

/// The checks of the findings on a user.
struct Noted<'f> {
    failing: Vec<&'f str>,
    accepted: Vec<&'f str>,
    not_evaluated: Vec<&'f str>,
}

impl<'f> Noted<'f> {
    fn of(findings: &[&'f Finding]) -> Self {
        let checks = |wanted: &dyn Fn(&Finding) -> bool| {
            findings.iter().filter(|finding| wanted(finding)).map(|finding| finding.check.as_str()).collect()
        };
        Self {
            failing: checks(&Finding::is_open),
            accepted: checks(&|finding| finding.outcome == Outcome::Fail && !finding.is_open()),
            not_evaluated: checks(&|finding| finding.outcome == Outcome::NotEvaluated),
        }
    }
}

/// Each once, in their order.
fn owned(mut checks: Vec<&str>) -> Vec<String> {
    checks.sort_unstable();
    checks.dedup();
    checks.into_iter().map(ToOwned::to_owned).collect()
}
