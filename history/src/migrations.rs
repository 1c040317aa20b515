//! The versions of the tables. Each runs once, inside the transaction that holds the write lock, so that two processes
//! that meet an old history do not both change it: the driver's own migrations take no lock on SQLite.

use sqlx::{AnyConnection, Row};

use crate::HistoryError;
use crate::store::refused;

/// The changes, in their order; the first makes version 1.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_runs_and_episodes.sql")];

/// The version that this release writes.
pub(crate) const CURRENT: i64 = MIGRATIONS.len() as i64;

/// The version of the tables; 0 where there are none.
pub(crate) async fn version(connection: &mut AnyConnection) -> Result<i64, HistoryError> {
    sqlx::query("CREATE TABLE IF NOT EXISTS probity_history (version BIGINT NOT NULL)")
        .execute(&mut *connection)
        .await
        .map_err(refused("read its version"))?;
    let row = sqlx::query("SELECT version FROM probity_history")
        .fetch_optional(&mut *connection)
        .await
        .map_err(refused("read its version"))?;
    row.map_or(Ok(0), |row| row.try_get(0).map_err(refused("read its version")))
}

/// Brings the tables to the current version.
pub(crate) async fn migrate(connection: &mut AnyConnection, from: i64) -> Result<(), HistoryError> {
    let done = usize::try_from(from).unwrap_or_default();
    for migration in MIGRATIONS.iter().skip(done) {
        for statement in migration.split(";\n") {
            sqlx::query(statement).execute(&mut *connection).await.map_err(refused("change its tables"))?;
        }
    }
    if from == CURRENT {
        return Ok(());
    }
    sqlx::query("DELETE FROM probity_history").execute(&mut *connection).await.map_err(refused("note its version"))?;
    sqlx::query("INSERT INTO probity_history (version) VALUES ($1)")
        .bind(CURRENT)
        .execute(&mut *connection)
        .await
        .map_err(refused("note its version"))?;
    Ok(())
}
