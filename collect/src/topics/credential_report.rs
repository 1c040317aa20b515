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
/// Codes that mean "not yet" (IAM API Reference, `GetCredentialReport`, "Errors").
const NOT_YET: [&str; 2] = ["ReportInProgress", "CredentialReportNotReadyException"];
/// Codes that mean "no longer, or never": it has to be asked for again (the same place).
const NO_LONGER: [&str; 2] = ["ReportNotPresent", "ReportExpired"];

pub(crate) async fn read(reader: &Reader<'_>) -> Result<CredentialReport, Gap> {
    let generate = operation(Service::Iam, "GenerateCredentialReport");
    let get = operation(Service::Iam, "GetCredentialReport");
    let answers = [NOT_YET, NO_LONGER].concat();
    let mut wait = FIRST_WAIT;
    let mut is_asked_for = false;
    for question in 0..QUESTIONS {
        if question > 0 {
            reader.pause(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        if !is_asked_for {
            let state = reader.ask(generate, reader.clients.iam().generate_credential_report().send()).await?.state;
            is_asked_for = true;
            if state != Some(ReportStateType::Complete) {
                continue;
            }
        }
        let call = reader.clients.iam().get_credential_report().send();
        match reader.ask_or(get, &answers, call).await? {
            Ok(report) => {
                let content = required(get, "Content", report.content)?;
                let generated_at = required(get, "GeneratedTime", report.generated_time.as_ref().and_then(time))?;
                return CredentialReport::parse(content.as_ref(), generated_at)
                    .map_err(|error| Gap::of(GapKind::Malformed, get, None, error.to_string()));
            }
            Err(code) => is_asked_for = !NO_LONGER.contains(&code),
        }
    }
    let message = format!("AWS had not finished the credential report after it was asked {QUESTIONS} times");
    Err(Gap::of(GapKind::Unexpected, generate, None, message))
}
