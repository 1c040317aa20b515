//! The foot of the table: the calls that were made, by service.

use std::collections::BTreeMap;

use probity_model::Run;

use super::grid::Grid;
use super::page::Page;

/// Writes the calls of all accounts.
pub(super) fn write(run: &Run, page: &mut Page) {
    let mut services: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    for count in run.accounts.iter().flat_map(|account| &account.calls) {
        let service = count.operation.split(':').next().unwrap_or_default();
        let sums = services.entry(service).or_default();
        for (sum, more) in sums.iter_mut().zip([count.calls, count.requests, count.throttled, count.failed]) {
            *sum = sum.saturating_add(more);
        }
    }
    if services.is_empty() {
        return;
    }
    page.heading("Calls to AWS");
    let mut grid = Grid::new(["Service", "Calls", "Requests", "Throttled", "Failed"]).with_numbers();
    for (service, [calls, requests, throttled, failed]) in services {
        grid.row([
            service.to_owned(),
            calls.to_string(),
            requests.to_string(),
            throttled.to_string(),
            failed.to_string(),
        ]);
    }
    for line in grid.lines(page.width()) {
        page.push(&line);
    }
}
