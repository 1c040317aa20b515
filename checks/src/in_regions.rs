//! What the checks of a service that has to be on in every Region share: one verdict a Region.

use alloc::collections::BTreeMap;

use probity_model::{Findings, Region, ResourceKind, Seen, Subject};

/// Judges every Region that was asked; of one that did not answer nobody can say.
pub(crate) fn each_region<T>(
    regions: &BTreeMap<Region, Seen<T>>,
    out: &mut Findings<'_>,
    judge: impl Fn(&T, Subject<'_, '_>),
) {
    for (region, seen) in regions {
        let subject = out.whole_account().kind(ResourceKind::Region).region(region);
        match seen.get() {
            Ok(found) => judge(found, subject),
            Err(gap) => subject.not_evaluated(gap),
        }
    }
    if regions.is_empty() {
        out.whole_account().unclear("no Region was asked");
    }
}
