//! What can go wrong with a history, and what to do about it.

/// Why a history could not be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file cannot be made.
    #[error("cannot create the history {place}: {error}")]
    Create {
        /// The file.
        place: String,
        /// Why.
        error: std::io::Error,
    },
    /// The database cannot be reached or opened.
    #[error("cannot open the history {place}: {message}")]
    Open {
        /// The file or the URL, without its password.
        place: String,
        /// Why.
        message: String,
    },
    /// Another process is writing and did not end.
    #[error(
        "the history {place} is being written by another run for more than {seconds} s: try again when it has ended"
    )]
    Busy {
        /// The file or the URL, without its password.
        place: String,
        /// How long was waited, in seconds.
        seconds: u64,
    },
    /// The database holds something else, or comes from a later release.
    #[error("the history {place} has version {found}, and this release knows up to {known}: use a newer probity")]
    Newer {
        /// The file or the URL, without its password.
        place: String,
        /// The version it has.
        found: i64,
        /// The newest this release knows.
        known: i64,
    },
    /// A run of an account that is older than one that is kept.
    #[error(
        "the history already holds a run of account {account} of {newest}: a run of {given} cannot be put before it. \
         Keep runs in the order of their times, or in a history of their own"
    )]
    Order {
        /// The account.
        account: String,
        /// The newest run that is kept.
        newest: String,
        /// The time of the run that was to be kept.
        given: String,
    },
    /// No such run.
    #[error("the history holds no run whose id begins with `{0}`; `probity history` lists them")]
    NoSuchRun(String),
    /// Several runs whose ids begin alike.
    #[error("several runs have ids that begin with `{0}`: give more of it")]
    Ambiguous(String),
    /// The database holds what this release never writes.
    #[error("the history holds {0}, which no release of probity writes: it was changed by something else")]
    Damaged(String),
    /// The database refused something.
    #[error("the history refused to {what}: {message}")]
    Refused {
        /// What was tried.
        what: &'static str,
        /// What the database says.
        message: String,
    },
}
