//! A history that is open.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use probity_model::Run;
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection};

use crate::{HistoryError, Place, annotate, keep, migrations};

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(60);
/// The number of the advisory lock of PostgreSQL: "probity" in ASCII. Any number will do that nobody else uses.
const LOCK: i64 = 0x0070_726f_6269_7479;

/// A history that is open.
pub struct History {
    pub(crate) connection: AnyConnection,
    place: Place,
}

/// What became of a run that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It was written.
    Written,
    /// A run of this id is kept already: nothing was changed.
    Before,
}

impl History {
    /// Opens a history, and makes it where there is none. A file is made for its owner alone (mode 0600).
    ///
    /// # Errors
    /// [`HistoryError`] where it cannot be made, reached or read.
    pub async fn open(place: &Place) -> Result<Self, HistoryError> {
        sqlx::any::install_default_drivers();
        let failed = |error: sqlx::Error| HistoryError::Open { place: place.to_string(), message: said(&error) };
        let url = match place {
            Place::File(file) => {
                create(file).map_err(|error| HistoryError::Create { place: place.to_string(), error })?;
                url_of(file)
            }
            Place::Url(url) => url.clone(),
        };
        let options: AnyConnectOptions = url.parse().map_err(failed)?;
        let connection = options.disable_statement_logging().connect().await.map_err(failed)?;
        let mut history = Self { connection, place: place.clone() };
        if !history.is_postgres() {
            // Waiting is the database's own work; FULL makes a commit that was reported survive a loss of power.
            for pragma in
                [format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis()), "PRAGMA synchronous = FULL".to_owned()]
            {
                let pragma = sqlx::AssertSqlSafe(pragma);
                sqlx::query(pragma).execute(&mut history.connection).await.map_err(failed)?;
            }
        }
        history
            .write(async |connection, place| {
                let found = migrations::version(connection).await?;
                if found > migrations::CURRENT {
                    let known = migrations::CURRENT;
                    return Err(HistoryError::Newer { place: place.to_string(), found, known });
                }
                migrations::migrate(connection, found).await
            })
            .await?;
        Ok(history)
    }

    fn is_postgres(&self) -> bool {
        self.connection.backend_name() == "PostgreSQL"
    }

    /// Does something as the only writer, wholly or not at all.
    pub(crate) async fn write<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut AnyConnection, &Place) -> Result<T, HistoryError>,
    ) -> Result<T, HistoryError> {
        let (postgres, place) = (self.is_postgres(), self.place.clone());
        let waited = |error: sqlx::Error| waited_in_vain(&error, &place);
        let mut transaction = if postgres {
            self.connection.begin().await.map_err(waited)?
        } else {
            self.connection.begin_with("BEGIN IMMEDIATE").await.map_err(waited)?
        };
        if postgres {
            let patience = sqlx::AssertSqlSafe(format!("SET LOCAL lock_timeout = {}", PATIENCE.as_millis()));
            sqlx::query(patience).execute(&mut *transaction).await.map_err(refused("wait for a lock"))?;
            sqlx::query("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)")
                .bind(LOCK)
                .execute(&mut *transaction)
                .await
                .map_err(waited)?;
        }
        let done = work(&mut transaction, &place).await?;
        transaction.commit().await.map_err(waited)?;
        Ok(done)
    }

    /// Keeps a run. A run whose id is kept already changes nothing.
    ///
    /// # Errors
    /// [`HistoryError`] where a later run of one of its accounts is kept, or the database refuses.
    pub async fn keep(&mut self, run: &Run) -> Result<Kept, HistoryError> {
        self.write(async |connection, _| keep::run(connection, run).await).await
    }

    /// Says of a run that is kept, and of its findings, what the history knows up to its time.
    ///
    /// # Errors
    /// [`HistoryError`] where the database refuses.
    pub async fn annotate(&mut self, run: &mut Run) -> Result<(), HistoryError> {
        annotate::run(&mut self.connection, run).await
    }

    /// Closes it, so that nothing is left to be written.
    ///
    /// # Errors
    /// [`HistoryError`] where the database refuses.
    pub async fn close(self) -> Result<(), HistoryError> {
        self.connection.close().await.map_err(refused("close"))
    }
}

/// Makes the file where there is none, for its owner alone.
fn create(file: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(|_| ())
}

/// The URL of a file; what has a meaning in a URL is percent-encoded.
fn url_of(file: &Path) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/\\:".contains(&byte);
    let path: String = file
        .to_string_lossy()
        .bytes()
        .map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("sqlite://{path}?mode=rw")
}

/// What the database says, without the driver's own preface.
fn said(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    }
}

/// An error of the database, with what was tried.
pub(crate) fn refused(what: &'static str) -> impl Fn(sqlx::Error) -> HistoryError {
    move |error| HistoryError::Refused { what, message: said(&error) }
}

/// Whether the wait for the lock ended without it: SQLite says `SQLITE_BUSY` (5), PostgreSQL `lock_not_available` (55P03).
fn waited_in_vain(error: &sqlx::Error, place: &Place) -> HistoryError {
    let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
    match code.as_deref() {
        Some("5" | "55P03") => HistoryError::Busy { place: place.to_string(), seconds: PATIENCE.as_secs() },
        _ => refused("begin to write")(sqlx::Error::Protocol(said(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_file_is_one_in_a_url() {
        assert_eq!(url_of(Path::new("a b/h?x#1%.db")), "sqlite://a%20b/h%3Fx%231%25.db?mode=rw");
        assert_eq!(url_of(Path::new("/tmp/ä.db")), "sqlite:///tmp/%C3%A4.db?mode=rw");
    }
}
