//! The credential report: asked for until AWS has made it, then fetched. One report tells of every user.

use std::time::Duration;

use aws_sdk_iam::types::ReportStateType;
use probity_model::facts::CredentialReport;
use probity_model::{Gap, GapKind, Service};

use crate::reader::{Reader, operation, required, time};

/// The first wait between two questions; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait between two questions.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How often to ask before giving up, after about a minute and a half.
const QUESTIONS: u32 = 14;
/// Codes that mean "not yet" or "no longer" (IAM API Reference, `GetCredentialReport`, "Errors").
const ASK_AGAIN: [&str; 4] =
    ["ReportNotPresent", "ReportExpired", "ReportInProgress", "CredentialReportNotReadyException"];

pub(crate) async fn read(reader: &Reader<'_>) -> Result<CredentialReport, Gap> {
    let generate = operation(Service::Iam, "GenerateCredentialReport");
    let get = operation(Service::Iam, "GetCredentialReport");
    let mut wait = FIRST_WAIT;
    for _ in 0..QUESTIONS {
        let state = reader.ask(generate, reader.clients.iam().generate_credential_report().send()).await?.state;
        if state == Some(ReportStateType::Complete) {
            let call = reader.clients.iam().get_credential_report().send();
            if let Ok(report) = reader.ask_or(get, &ASK_AGAIN, call).await? {
                let content = required(get, "Content", report.content)?;
                let generated_at = required(get, "GeneratedTime", report.generated_time.as_ref().and_then(time))?;
                return CredentialReport::parse(content.as_ref(), generated_at)
                    .map_err(|error| Gap::of(GapKind::Malformed, get, None, error.to_string()));
            }
        }
        reader.pause(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
    let message = format!("AWS had not finished the credential report after it was asked {QUESTIONS} times");
    Err(Gap::of(GapKind::Unexpected, generate, None, message))
}
