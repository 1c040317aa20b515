//! Runs and episodes as rows.

use std::collections::BTreeMap;

use probity_model::history::{Fixed, RunPoint, TimeToFix};
use probity_model::{AccountId, Arn, Fingerprint, Region, Run, Severity, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::HistoryError;
use crate::episode::Episode;
use crate::store::refused;

/// The columns of an episode, in the order in which they are read and written.
const EPISODE: &str = "fingerprint, opened_at, account, check_id, severity, region, resource, discriminator, message, \
                       first_seen, seen_at, reopened, excepted, new_run";
/// How many those are.
const EPISODE_COLUMNS: usize = 14;
/// Rows that go to the database at once: 14 values each, and SQLite takes 32,766.
const AT_ONCE: usize = 500;

/// A time as it is kept: microseconds since 1970.
pub(crate) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// A time that was kept.
pub(crate) fn time(micros: i64) -> Result<Timestamp, HistoryError> {
    Timestamp::from_microsecond(micros).map_err(|_| HistoryError::Damaged(format!("the time {micros}")))
}

/// A whole number of a column, as a count.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn severity(text: &str) -> Result<Severity, HistoryError> {
    text.parse().map_err(|_| HistoryError::Damaged(format!("the severity `{text}`")))
}

/// Which runs a run can be compared with: those of the same accounts and the same choice of checks.
pub(crate) fn scope(run: &Run) -> String {
    let mut accounts: Vec<&str> = run.accounts.iter().map(|account| account.account.as_str()).collect();
    accounts.sort_unstable();
    let parts = [accounts.join(","), run.selection.only.join(","), run.selection.skip.join(",")];
    Fingerprint::of(&parts.each_ref().map(String::as_str)).to_string()
}

/// Open failures of a run, for the columns `critical` to `info`.
pub(crate) fn open_counts(run: &Run) -> [i64; 5] {
    Severity::WORST_FIRST.map(|severity| i64::try_from(run.open(severity)).unwrap_or(i64::MAX))
}

/// Whether a run is kept.
pub(crate) async fn exists(connection: &mut AnyConnection, id: &str) -> Result<bool, HistoryError> {
    let found = sqlx::query("SELECT id FROM runs WHERE id = $1").bind(id).fetch_optional(connection).await;
    Ok(found.map_err(refused("look for the run"))?.is_some())
}

/// Writes a run.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    run: &Run,
    new: i64,
    fixed: i64,
) -> Result<(), HistoryError> {
    let accounts: Vec<&str> = run.accounts.iter().map(|account| account.account.as_str()).collect();
    let mut query = sqlx::query(
        "INSERT INTO runs (id, scope, accounts, tool_version, started_at, finished_at, score, coverage, critical, high, \
         medium, low, info, new, fixed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(&run.id)
    .bind(scope(run))
    .bind(accounts.join(","))
    .bind(&run.tool_version)
    .bind(micros(run.started_at))
    .bind(micros(run.finished_at))
    .bind(run.score.value.map_or(-1, i64::from))
    .bind(i64::from(run.score.coverage_percent));
    for count in open_counts(run) {
        query = query.bind(count);
    }
    query.bind(new).bind(fixed).execute(&mut *connection).await.map_err(refused("write the run"))?;
    for account in &run.accounts {
        sqlx::query("INSERT INTO run_accounts (run, account, taken_at) VALUES ($1, $2, $3)")
            .bind(&run.id)
            .bind(account.account.as_str())
            .bind(micros(account.taken_at))
            .execute(&mut *connection)
            .await
            .map_err(refused("write the accounts of the run"))?;
    }
    Ok(())
}

/// The columns of [`point`].
pub(crate) const POINT: &str = "id, started_at, score, coverage, critical, high, medium, low, info, new, fixed";

/// A run among others, out of the columns of [`POINT`].
pub(crate) fn point(row: &AnyRow) -> Result<RunPoint, HistoryError> {
    let number = |index: usize| row.try_get::<i64, _>(index).map_err(refused("read a run"));
    let open: BTreeMap<Severity, u64> = Severity::WORST_FIRST
        .into_iter()
        .enumerate()
        .map(|(index, severity)| Ok((severity, count(number(index + 4)?))))
        .collect::<Result<_, HistoryError>>()?;
    Ok(RunPoint {
        id: row.try_get(0).map_err(refused("read a run"))?,
        started_at: time(number(1)?)?,
        score: u8::try_from(number(2)?).ok(),
        coverage_percent: u8::try_from(number(3)?).unwrap_or_default(),
        open,
        new: count(number(9)?),
        fixed: count(number(10)?),
    })
}

/// How long failures of which severity took to be fixed, of all accounts or of one run's.
pub(crate) async fn time_to_fix(
    connection: &mut AnyConnection,
    until: Timestamp,
    accounts: &[AccountId],
) -> Result<Vec<TimeToFix>, HistoryError> {
    let mut sums: BTreeMap<Severity, (u64, u64)> = BTreeMap::new();
    let rows = sqlx::query(
        "SELECT severity, account, CAST(COUNT(*) AS BIGINT), CAST(SUM((closed_at - opened_at) / 1000000) AS BIGINT) \
         FROM episodes WHERE closed_at IS NOT NULL AND closed_at <= $1 GROUP BY severity, account",
    )
    .bind(micros(until))
    .fetch_all(connection)
    .await
    .map_err(refused("read what was fixed"))?;
    for row in rows {
        let text = |index: usize| row.try_get::<String, _>(index).map_err(refused("read what was fixed"));
        let number = |index: usize| row.try_get::<i64, _>(index).map_err(refused("read what was fixed"));
        let account = text(1)?;
        if accounts.is_empty() || accounts.iter().any(|known| known.as_str() == account) {
            let sum = sums.entry(severity(&text(0)?)?).or_default();
            *sum = (sum.0 + count(number(2)?), sum.1 + count(number(3)?));
        }
    }
    let known = Severity::WORST_FIRST.into_iter().filter_map(|severity| Some((severity, *sums.get(&severity)?)));
    Ok(known
        .map(|(severity, (fixed, seconds))| TimeToFix { severity, fixed, mean_hours: seconds / fixed.max(1) / 3_600 })
        .collect())
}

/// Reads episodes; `condition` is one of ours, with `$1` to `$3` in it.
pub(crate) async fn episodes(
    connection: &mut AnyConnection,
    condition: &'static str,
    account: &str,
    moment: i64,
) -> Result<Vec<Episode>, HistoryError> {
    // Made of constants alone.
    let sql =
        AssertSqlSafe(format!("SELECT {EPISODE} FROM episodes WHERE {condition} ORDER BY fingerprint, opened_at"));
    let rows = sqlx::query(sql).bind(account).bind(moment).fetch_all(connection).await;
    rows.map_err(refused("read findings"))?.iter().map(episode).collect()
}

fn episode(row: &AnyRow) -> Result<Episode, HistoryError> {
    let text = |index: usize| row.try_get::<String, _>(index).map_err(refused("read a finding"));
    let number = |index: usize| row.try_get::<i64, _>(index).map_err(refused("read a finding"));
    let wrong = |what: &str, text: &str| HistoryError::Damaged(format!("the {what} `{text}`"));
    let (account, region) = (text(2)?, text(5)?);
    Ok(Episode {
        fingerprint: Fingerprint::from_text(&text(0)?),
        opened_at: time(number(1)?)?,
        account: AccountId::try_from(account.as_str()).map_err(|_| wrong("account", &account))?,
        check: text(3)?,
        severity: severity(&text(4)?)?,
        region: match region.as_str() {
            "" => None,
            name => Some(Region::try_from(name).map_err(|_| wrong("Region", name))?),
        },
        resource: Arn::new(text(6)?),
        discriminator: text(7)?,
        message: text(8)?,
        first_seen: time(number(9)?)?,
        seen_at: time(number(10)?)?,
        reopened: u32::try_from(number(11)?).unwrap_or_default(),
        excepted: number(12)? != 0,
        new_run: text(13)?,
    })
}

/// Writes new episodes.
pub(crate) async fn open(connection: &mut AnyConnection, episodes: &[Episode]) -> Result<(), HistoryError> {
    for chunk in episodes.chunks(AT_ONCE) {
        let row = |index: usize| {
            let places: Vec<String> =
                (1..=EPISODE_COLUMNS).map(|column| format!("${}", index * EPISODE_COLUMNS + column)).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<String> = (0..chunk.len()).map(row).collect();
        // Made of constants and numbers alone; every value is bound.
        let sql = AssertSqlSafe(format!("INSERT INTO episodes ({EPISODE}) VALUES {}", rows.join(", ")));
        let mut query = sqlx::query(sql);
        for one in chunk {
            query = query
                .bind(one.fingerprint.as_str())
                .bind(micros(one.opened_at))
                .bind(one.account.as_str())
                .bind(clean(&one.check))
                .bind(one.severity.as_str())
                .bind(one.region.as_ref().map_or("", Region::as_str))
                .bind(clean(one.resource.as_str()))
                .bind(clean(&one.discriminator))
                .bind(clean(&one.message))
                .bind(micros(one.first_seen))
                .bind(micros(one.seen_at))
                .bind(i64::from(one.reopened))
                .bind(i64::from(one.excepted))
                .bind(&one.new_run);
        }
        query.execute(&mut *connection).await.map_err(refused("write findings"))?;
    }
    Ok(())
}

/// A text without zero characters, which PostgreSQL cannot keep.
fn clean(text: &str) -> String {
    text.replace('\0', "")
}

/// Writes how episodes that go on are now.
pub(crate) async fn update(connection: &mut AnyConnection, episodes: &[Episode]) -> Result<(), HistoryError> {
    for one in episodes {
        sqlx::query(
            "UPDATE episodes SET severity = $1, message = $2, seen_at = $3, excepted = $4, new_run = $5 \
             WHERE fingerprint = $6 AND opened_at = $7",
        )
        .bind(one.severity.as_str())
        .bind(clean(&one.message))
        .bind(micros(one.seen_at))
        .bind(i64::from(one.excepted))
        .bind(&one.new_run)
        .bind(one.fingerprint.as_str())
        .bind(micros(one.opened_at))
        .execute(&mut *connection)
        .await
        .map_err(refused("write findings"))?;
    }
    Ok(())
}

/// Ends episodes.
pub(crate) async fn close(
    connection: &mut AnyConnection,
    run: &str,
    at: Timestamp,
    episodes: &[(Episode, Fixed)],
) -> Result<(), HistoryError> {
    for (one, how) in episodes {
        sqlx::query(
            "UPDATE episodes SET closed_at = $1, closed_run = $2, closed_how = $3 WHERE fingerprint = $4 AND opened_at = $5",
        )
        .bind(micros(at))
        .bind(run)
        .bind(how_text(*how))
        .bind(one.fingerprint.as_str())
        .bind(micros(one.opened_at))
        .execute(&mut *connection)
        .await
        .map_err(refused("write what was fixed"))?;
    }
    Ok(())
}

fn how_text(how: Fixed) -> &'static str {
    match how {
        Fixed::Passes => "passes",
        Fixed::Gone => "gone",
    }
}

/// What a run saw fixed, with how.
pub(crate) async fn fixed_by(connection: &mut AnyConnection, run: &str) -> Result<Vec<(Episode, Fixed)>, HistoryError> {
    let sql = AssertSqlSafe(format!(
        "SELECT {EPISODE}, closed_how FROM episodes WHERE closed_run = $1 ORDER BY check_id, resource, discriminator"
    ));
    let rows = sqlx::query(sql).bind(run).fetch_all(connection).await.map_err(refused("read what was fixed"))?;
    let one = |row: &AnyRow| {
        let how: String = row.try_get(EPISODE_COLUMNS).map_err(refused("read what was fixed"))?;
        Ok((episode(row)?, if how == how_text(Fixed::Gone) { Fixed::Gone } else { Fixed::Passes }))
    };
    rows.iter().map(one).collect()
}
