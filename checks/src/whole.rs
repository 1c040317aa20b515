//! What only several accounts together show: which checks speak of the organization and not of an account, who enters
//! roles of other accounts, and how all of them stand.

mod crossings;
mod footprint;
mod picture;

use alloc::vec::Vec;

use crate::registry::Entry;

pub use crossings::Crossings;
pub use footprint::footprint;
pub use picture::Picture;

/// Whether a check judges nothing but the organization: everywhere in it, the verdict would be the same.
#[must_use]
pub fn is_about_organization(entry: &Entry) -> bool {
    let topics = entry.topics();
    !topics.is_empty() && topics.iter().all(|topic| topic.is_of_organization())
}

/// The checks that are judged once for the organization, and those that are judged in every account.
#[must_use]
pub fn divide<'e>(checks: &[&'e Entry]) -> (Vec<&'e Entry>, Vec<&'e Entry>) {
    checks.iter().copied().partition(|entry| is_about_organization(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn what_needs_evidence_of_the_account_is_judged_in_the_account() {
        let about = |id: &str| is_about_organization(registry::find(id).expect("a check"));
        assert!(about("org-scp-guardrails-present"));
        assert!(about("root-centralized-management-enabled"));
        assert!(!about("root-member-credentials-removed"), "it reads the account summary");
        assert!(!about("role-trust-outside-organization"));
        assert!(!about("root-recovery-and-custody"), "no API answers; a person looks at every account");
    }
}
