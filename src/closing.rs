//! What stands on standard error before and after a collection: which account is audited as whom, and what it took.

use std::collections::BTreeMap;
use std::time::Duration;

use probity_collect::Session;
use probity_model::{Snapshot, Topic};
use probity_reports::plain;

/// Which account, principal, Regions and endpoint are audited.
pub(crate) fn header(session: &Session, regions: &[String]) -> String {
    let caller = session.caller();
    let place = match regions {
        [] => "every enabled Region".to_owned(),
        named => named.join(", "),
    };
    let endpoint = match (session.recording(), session.endpoint()) {
        (Some(recording), _) => format!("none, a recording: {}", plain(&recording.head().notice)),
        (None, Some(endpoint)) => plain(endpoint),
        (None, None) => format!("AWS's own, partition {}", caller.partition()),
    };
    format!(
        "Account   {}\nPrincipal {}\nRegions   {place}\nEndpoint  {endpoint}",
        caller.account,
        plain(caller.arn.as_str()),
    )
}

/// The calls made by service, the throttles met, the time, and how much could not be read.
pub(crate) fn summary(snapshot: &Snapshot, took: Duration) -> String {
    let mut by_service: BTreeMap<&str, u64> = BTreeMap::new();
    for count in &snapshot.calls {
        let service = count.operation.split(':').next().unwrap_or_default();
        *by_service.entry(service).or_default() += count.calls;
    }
    let calls: u64 = by_service.values().sum();
    let throttled: u64 = snapshot.calls.iter().map(|count| count.throttled).sum();
    let services: Vec<String> = by_service.iter().map(|(service, calls)| format!("{service} {calls}")).collect();
    let asked = Topic::ALL.iter().filter_map(|topic| snapshot.facts.gap(*topic));
    let missing = asked.filter(|gap| gap.is_unread()).count();
    let missing = match missing {
        0 => String::new(),
        1 => " 1 topic could not be read.".to_owned(),
        several => format!(" {several} topics could not be read."),
    };
    format!("{calls} calls ({}), {throttled} throttled, {:.1} s.{missing}", services.join(", "), took.as_secs_f32(),)
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::builder::Account;
    use probity_model::run::CallCount;

    #[test]
    fn the_summary_counts_by_service() {
        let count = |operation: &str, calls, throttled| CallCount {
            operation: operation.to_owned(),
            calls,
            requests: calls,
            throttled,
            ..CallCount::default()
        };
        let account = Account::new().deny(Topic::Trails).edit(|snapshot| {
            snapshot.calls = vec![count("iam:ListUsers", 3, 1), count("iam:ListRoles", 1, 0), count("sts:X", 1, 1)];
        });
        let said = summary(&account.build(), Duration::from_millis(1_250));
        assert_eq!(said, "5 calls (iam 4, sts 1), 2 throttled, 1.2 s. 1 topic could not be read.");
    }
}
