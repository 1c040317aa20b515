//! Says of a kept run and of its findings what the history knew at its time, so that asking again says the same.

use std::collections::HashMap;

use probity_model::history::{AgeBand, FindingHistory, FixedFinding, HistoryReport, RunPoint};
use probity_model::{AccountId, Finding, Fingerprint, Outcome, Run, Timestamp};
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::HistoryError;
use crate::episode::Episode;
use crate::runs::{self, POINT, micros, point};
use crate::store::refused;

/// The runs of a trend.
const TREND: i64 = 90;
/// The episodes that went on at a moment.
pub(crate) const AT: &str = "account = $1 AND opened_at <= $2 AND (closed_at IS NULL OR closed_at > $2)";

/// Fills in everything.
pub(crate) async fn run(connection: &mut AnyConnection, run: &mut Run) -> Result<(), HistoryError> {
    let taken: Vec<(AccountId, Timestamp)> =
        run.accounts.iter().map(|account| (account.account.clone(), account.taken_at)).collect();
    for (account, now) in &taken {
        let open = runs::episodes(connection, AT, account.as_str(), micros(*now)).await?;
        let open: HashMap<Fingerprint, Episode> =
            open.into_iter().map(|episode| (episode.fingerprint.clone(), episode)).collect();
        for finding in run.findings.iter_mut().filter(|finding| finding.account == *account) {
            // What passes has no age, whatever shares its fingerprint.
            let fits = !matches!(finding.outcome, Outcome::Pass | Outcome::NotApplicable);
            let episode = open.get(&finding.fingerprint).filter(|_| fits);
            finding.history = episode.map(|episode| Box::new(of(finding, episode, *now, &run.id)));
        }
    }
    let fixed = runs::fixed_by(connection, &run.id).await?;
    let (previous, trend) = trend(connection, run).await?;
    let accounts: Vec<AccountId> = taken.into_iter().map(|(account, _)| account).collect();
    run.history = Some(HistoryReport {
        previous,
        new: run.findings.iter().filter(|finding| finding.is_new()).count() as u64,
        fixed: fixed.into_iter().map(|(episode, how)| ended(episode, how)).collect(),
        aging: aging(run),
        trend,
        time_to_fix: runs::time_to_fix(connection, run.finished_at, &accounts).await?,
    });
    Ok(())
}

fn of(finding: &Finding, episode: &Episode, now: Timestamp, run: &str) -> FindingHistory {
    FindingHistory {
        first_seen: episode.first_seen,
        open_since: episode.opened_at,
        last_seen: if finding.outcome == Outcome::Fail { now } else { episode.seen_at.min(now) },
        age_days: now.duration_since(episode.opened_at).as_secs().div_euclid(86_400),
        reopened: episode.reopened,
        new: episode.new_run == run,
    }
}

fn ended(episode: Episode, how: probity_model::history::Fixed) -> FixedFinding {
    FixedFinding {
        check: episode.check,
        severity: episode.severity,
        account: episode.account,
        region: episode.region,
        resource: episode.resource,
        discriminator: episode.discriminator,
        fingerprint: episode.fingerprint,
        open_since: episode.opened_at,
        how,
    }
}

fn aging(run: &Run) -> Vec<AgeBand> {
    let ages: Vec<i64> = run
        .findings
        .iter()
        .filter(|finding| finding.is_open())
        .filter_map(|finding| finding.history.as_ref().map(|history| history.age_days))
        .collect();
    let band = |(from_days, to_days): (i64, Option<i64>)| {
        let within = |age: &&i64| **age >= from_days && to_days.is_none_or(|to| **age <= to);
        AgeBand { from_days, to_days, open: ages.iter().filter(within).count() as u64 }
    };
    AgeBand::LIMITS.into_iter().map(band).collect()
}

/// The run before, and the last runs with this one.
async fn trend(connection: &mut AnyConnection, run: &Run) -> Result<(Option<RunPoint>, Vec<RunPoint>), HistoryError> {
    let sql = AssertSqlSafe(format!(
        "SELECT {POINT} FROM runs WHERE scope = $1 AND started_at <= $2 ORDER BY started_at DESC, id DESC LIMIT $3"
    ));
    let rows = sqlx::query(sql)
        .bind(runs::scope(run))
        .bind(micros(run.started_at))
        .bind(TREND)
        .fetch_all(connection)
        .await
        .map_err(refused("read earlier runs"))?;
    let mut points = rows.iter().map(point).collect::<Result<Vec<_>, _>>()?;
    points.reverse();
    let previous = points.iter().rev().find(|point| point.id != run.id).cloned();
    Ok((previous, points))
}
