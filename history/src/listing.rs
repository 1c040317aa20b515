//! What is kept: runs, the failures of one, and what can go.

use jiff::SignedDuration;
use probity_model::history::{RunPoint, TimeToFix};
use probity_model::{AccountId, Arn, Region, Severity, Timestamp};
use sqlx::{AssertSqlSafe, Row};

use crate::annotate::AT;
use crate::runs::{self, POINT, micros, point, time};
use crate::store::refused;
use crate::{History, HistoryError};

/// A run that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRun {
    /// Its numbers.
    pub point: RunPoint,
    /// Its accounts.
    pub accounts: Vec<String>,
    /// What it can be compared with: runs of one scope have the same accounts and the same choice of checks.
    pub scope: String,
    /// The release that judged.
    pub tool_version: String,
}

/// A failure of a kept run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFinding {
    /// The check's id.
    pub check: String,
    /// How bad it is.
    pub severity: Severity,
    /// The account.
    pub account: AccountId,
    /// The Region, where the verdict is about one.
    pub region: Option<Region>,
    /// The resource.
    pub resource: Arn,
    /// What tells several findings on one resource apart.
    pub discriminator: String,
    /// The verdict in words, as the last run that saw it wrote it.
    pub message: String,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Since when it fails without interruption.
    pub open_since: Timestamp,
    /// Whole days from then to the run.
    pub age_days: i64,
    /// How often it came back.
    pub reopened: u32,
    /// Whether an exception covered it when it was last seen.
    pub excepted: bool,
    /// Whether it was new in the run.
    pub new: bool,
}

impl History {
    /// Every run that is kept, oldest first.
    ///
    /// # Errors
    /// [`HistoryError`] where the database refuses.
    pub async fn runs(&mut self) -> Result<Vec<KeptRun>, HistoryError> {
        let sql =
            AssertSqlSafe(format!("SELECT {POINT}, accounts, scope, tool_version FROM runs ORDER BY started_at, id"));
        let rows = sqlx::query(sql).fetch_all(&mut self.connection).await.map_err(refused("list the runs"))?;
        let one = |row: &sqlx::any::AnyRow| {
            let text = |name: &str| row.try_get::<String, _>(name).map_err(refused("list the runs"));
            let accounts = text("accounts")?.split(',').map(str::to_owned).collect();
            Ok(KeptRun { point: point(row)?, accounts, scope: text("scope")?, tool_version: text("tool_version")? })
        };
        rows.iter().map(one).collect()
    }

    /// The run whose id begins so.
    ///
    /// # Errors
    /// [`HistoryError::NoSuchRun`], [`HistoryError::Ambiguous`], or what the database says.
    pub async fn find(&mut self, id: &str) -> Result<KeptRun, HistoryError> {
        let mut fitting: Vec<KeptRun> =
            self.runs().await?.into_iter().filter(|run| run.point.id.starts_with(id)).collect();
        match (fitting.pop(), fitting.is_empty()) {
            (Some(run), true) => Ok(run),
            (Some(_), false) => Err(HistoryError::Ambiguous(id.to_owned())),
            (None, _) => Err(HistoryError::NoSuchRun(id.to_owned())),
        }
    }

    /// The failures of a kept run, worst first. What could not be evaluated in it and failed before is among them.
    ///
    /// # Errors
    /// [`HistoryError`] where the database refuses.
    pub async fn findings(&mut self, run: &str) -> Result<Vec<OpenFinding>, HistoryError> {
        let rows = sqlx::query("SELECT account, taken_at FROM run_accounts WHERE run = $1 ORDER BY account")
            .bind(run)
            .fetch_all(&mut self.connection)
            .await
            .map_err(refused("read the run"))?;
        let mut findings = Vec::new();
        for row in rows {
            let account: String = row.try_get(0).map_err(refused("read the run"))?;
            let now = time(row.try_get(1).map_err(refused("read the run"))?)?;
            for episode in runs::episodes(&mut self.connection, AT, &account, micros(now)).await? {
                findings.push(OpenFinding {
                    age_days: now.duration_since(episode.opened_at).as_secs().div_euclid(86_400),
                    new: episode.new_run == run,
                    check: episode.check,
                    severity: episode.severity,
                    account: episode.account,
                    region: episode.region,
                    resource: episode.resource,
                    discriminator: episode.discriminator,
                    message: episode.message,
                    first_seen: episode.first_seen,
                    open_since: episode.opened_at,
                    reopened: episode.reopened,
                    excepted: episode.excepted,
                });
            }
        }
        findings.sort_by(|a, b| {
            (b.severity, &a.check, &a.account, &a.resource, &a.discriminator).cmp(&(
                a.severity,
                &b.check,
                &b.account,
                &b.resource,
                &b.discriminator,
            ))
        });
        Ok(findings)
    }

    /// How long failures took to be fixed, over everything that is kept.
    ///
    /// # Errors
    /// [`HistoryError`] where the database refuses.
    pub async fn time_to_fix(&mut self) -> Result<Vec<TimeToFix>, HistoryError> {
        runs::time_to_fix(&mut self.connection, Timestamp::MAX, &[]).await
    }

    /// Forgets runs, and failures that were fixed, from more than so many days before the newest run. What is still open
    /// stays, with its age. Returns how many runs went.
    ///
    /// # Errors
    /// [`HistoryError`] where the database refuses.
    pub async fn prune(&mut self, days: u32) -> Result<u64, HistoryError> {
        let Some(newest) = self.runs().await?.pop() else { return Ok(0) };
        let span = SignedDuration::from_hours(24 * i64::from(days));
        let Ok(before) = newest.point.started_at.checked_sub(span) else { return Ok(0) };
        let before = micros(before);
        self.write(async |connection, _| {
            for sql in [
                "DELETE FROM run_accounts WHERE run IN (SELECT id FROM runs WHERE started_at < $1)",
                "DELETE FROM episodes WHERE closed_at IS NOT NULL AND closed_at < $1",
            ] {
                sqlx::query(sql).bind(before).execute(&mut *connection).await.map_err(refused("forget old runs"))?;
            }
            let gone = sqlx::query("DELETE FROM runs WHERE started_at < $1").bind(before).execute(connection).await;
            Ok(gone.map_err(refused("forget old runs"))?.rows_affected())
        })
        .await
    }
}
