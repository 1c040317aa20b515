//! Writes a run: what it begins, what goes on, what it ends.

use std::collections::BTreeMap;

use probity_model::Fingerprint;
use probity_model::run::{AccountRun, Run};
use sqlx::{AnyConnection, Row};

use crate::HistoryError;
use crate::episode::{self, Changes, Earlier};
use crate::runs::{self, count, micros, time};
use crate::store::{Kept, refused};

/// Keeps a run, inside the transaction of the only writer.
pub(crate) async fn run(connection: &mut AnyConnection, run: &Run) -> Result<Kept, HistoryError> {
    if runs::exists(connection, &run.id).await? {
        return Ok(Kept::Before);
    }
    let (mut new, mut fixed) = (0, 0);
    for account in &run.accounts {
        in_order(connection, account).await?;
        let changes = changes(connection, run, account).await?;
        let is_new = |one: &&episode::Episode| one.new_run == run.id;
        new += changes.opened.iter().chain(&changes.seen).filter(is_new).count();
        fixed += changes.closed.len();
        runs::open(connection, &changes.opened).await?;
        runs::update(connection, &changes.seen).await?;
        runs::close(connection, &run.id, account.taken_at, &changes.closed).await?;
    }
    let [new, fixed] = [new, fixed].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    runs::insert(connection, run, new, fixed).await?;
    Ok(Kept::Written)
}

/// Episodes follow one another in time: a run cannot be put before one that is kept.
async fn in_order(connection: &mut AnyConnection, account: &AccountRun) -> Result<(), HistoryError> {
    let row = sqlx::query("SELECT MAX(taken_at) FROM run_accounts WHERE account = $1")
        .bind(account.account.as_str())
        .fetch_one(connection)
        .await
        .map_err(refused("look for later runs"))?;
    let newest: Option<i64> = row.try_get(0).map_err(refused("look for later runs"))?;
    match newest {
        Some(newest) if newest >= micros(account.taken_at) => Err(HistoryError::Order {
            account: account.account.to_string(),
            newest: time(newest)?.to_string(),
            given: account.taken_at.to_string(),
        }),
        _ => Ok(()),
    }
}

async fn changes(connection: &mut AnyConnection, run: &Run, account: &AccountRun) -> Result<Changes, HistoryError> {
    let id = account.account.as_str();
    let open =
        runs::episodes(connection, "account = $1 AND closed_at IS NULL AND opened_at < $2", id, i64::MAX).await?;
    let rows = sqlx::query(
        "SELECT fingerprint, MIN(first_seen), CAST(COUNT(*) AS BIGINT) FROM episodes \
         WHERE account = $1 AND closed_at IS NOT NULL GROUP BY fingerprint",
    )
    .bind(id)
    .fetch_all(connection)
    .await
    .map_err(refused("read earlier findings"))?;
    let mut earlier: BTreeMap<Fingerprint, Earlier> = BTreeMap::new();
    for row in rows {
        let fingerprint: String = row.try_get(0).map_err(refused("read earlier findings"))?;
        let first: i64 = row.try_get(1).map_err(refused("read earlier findings"))?;
        let times: i64 = row.try_get(2).map_err(refused("read earlier findings"))?;
        let count = u32::try_from(count(times)).unwrap_or(u32::MAX);
        earlier.insert(Fingerprint::from_text(&fingerprint), Earlier { first_seen: time(first)?, count });
    }
    Ok(episode::changes(run, account, open, &earlier))
}
