//! Jobs of IAM: asked for, waited for and read page by page. Reports of last accessed data are such jobs.

use std::future::Future;
use std::time::Duration;

use aws_sdk_iam::types::{ErrorDetails, JobStatusType};
use probity_model::{Gap, GapKind, Operation};

use crate::pages::Pages;
use crate::reader::Reader;

/// The first wait for a job; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait between two questions about a job.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How often to ask about a job before giving up, after about two minutes.
const QUESTIONS: u32 = 28;

/// What a job answers: how far it is, and a page of what it found.
pub(crate) struct Page<T> {
    /// How far it is.
    pub(crate) status: JobStatusType,
    /// Why it failed.
    pub(crate) error: Option<ErrorDetails>,
    /// What it found.
    pub(crate) found: Vec<T>,
    /// Whether there is more.
    pub(crate) is_truncated: bool,
    /// What to ask the next page with.
    pub(crate) marker: Option<String>,
}

/// Everything that a job found; `ask` asks for the page after a marker.
pub(crate) async fn outcome<T, F>(
    reader: &Reader<'_>,
    get: Operation,
    ask: impl Fn(Option<String>) -> F,
) -> Result<Vec<T>, Gap>
where
    F: Future<Output = Result<Page<T>, Gap>>,
{
    let (mut wait, mut questions) = (FIRST_WAIT, 0);
    let mut found = Vec::new();
    let mut pages = Pages::new(get);
    let mut marker: Option<String> = None;
    loop {
        let page = ask(marker.clone()).await?;
        match page.status {
            JobStatusType::Completed => {
                found.extend(page.found);
                marker = pages.next(page.is_truncated, page.marker)?;
                if marker.is_none() {
                    return Ok(found);
                }
            }
            JobStatusType::InProgress if questions < QUESTIONS => {
                questions += 1;
                reader.pause(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            JobStatusType::InProgress => {
                return Err(Gap::of(GapKind::Unexpected, get, None, "AWS had not finished the job after two minutes"));
            }
            _ => {
                let (code, message) = match page.error {
                    Some(error) => (Some(error.code), error.message),
                    None => (None, "AWS failed the job without a reason".to_owned()),
                };
                return Err(Gap::of(GapKind::Unexpected, get, code, message));
            }
        }
    }
}
