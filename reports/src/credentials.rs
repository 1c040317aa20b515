//! The credential evidence sheet as CSV: one row a user, every credential with its age and last use.
//! `docs/formats/credentials.md` is the page of the columns.

use std::io::Write;

use probity_model::Run;
use probity_model::credentials::{AccessKeySheet, CertificateSheet, Dated, OtherCredential, Told, UserCredentials};

use crate::csv::safe;
use crate::{Bulk, ReportError};

/// The columns, in their order.
const COLUMNS: [&str; 44] = [
    "run",
    "account",
    "user",
    "arn",
    "as_of",
    "report_generated_at",
    "created_at",
    "created_days_ago",
    "password",
    "password_changed_at",
    "password_age_days",
    "password_last_used_at",
    "password_last_used_days_ago",
    "mfa",
    "mfa_kinds",
    "access_key_1_id",
    "access_key_1_status",
    "access_key_1_created_at",
    "access_key_1_age_days",
    "access_key_1_last_used_at",
    "access_key_1_last_used_days_ago",
    "access_key_1_last_used_service",
    "access_key_1_last_used_region",
    "access_key_2_id",
    "access_key_2_status",
    "access_key_2_created_at",
    "access_key_2_age_days",
    "access_key_2_last_used_at",
    "access_key_2_last_used_days_ago",
    "access_key_2_last_used_service",
    "access_key_2_last_used_region",
    "certificate_1_status",
    "certificate_1_uploaded_at",
    "certificate_1_age_days",
    "certificate_2_status",
    "certificate_2_uploaded_at",
    "certificate_2_age_days",
    "ssh_keys",
    "service_credentials",
    "failing_checks",
    "failing_checks_count",
    "accepted_checks",
    "not_evaluated_checks",
    "complete",
];

/// Writes every user of every account.
pub(crate) fn write(run: &Run, bulk: &dyn Bulk, to: &mut dyn Write) -> Result<(), ReportError> {
    let mut writer = ::csv::Writer::from_writer(to);
    writer.write_record(COLUMNS)?;
    bulk.credentials(&mut |user| {
        writer.write_record(row(run, user).iter().map(|cell| safe(cell)))?;
        Ok(())
    })?;
    writer.flush()?;
    Ok(())
}

fn row(run: &Run, user: &UserCredentials) -> Vec<String> {
    let mut cells = vec![
        run.id.clone(),
        user.account.to_string(),
        user.user.to_string(),
        user.arn.to_string(),
        user.as_of.to_string(),
        user.report_generated_at.to_string(),
    ];
    cells.extend(dated(&user.created));
    cells.push(yes(&user.password.enabled));
    cells.extend(dated(&user.password.changed));
    cells.extend(dated(&user.password.last_used));
    cells.push(yes(&user.mfa_active));
    cells.push(user.mfa_kinds.map(|kinds| kinds.join("; ")).to_string());
    user.access_keys.iter().for_each(|key| access_key(key, &mut cells));
    user.certificates.iter().for_each(|one| certificate(one, &mut cells));
    cells.push(list(&user.ssh_keys));
    cells.push(list(&user.service_credentials));
    cells.push(user.failing.join("; "));
    cells.push(user.failing.len().to_string());
    cells.push(user.accepted.join("; "));
    cells.push(user.not_evaluated.join("; "));
    let incomplete = cells.iter().any(|cell| cell.starts_with("unknown: "));
    cells.push(if incomplete { "no".to_owned() } else { "yes".to_owned() });
    cells
}

/// The moment and the days since it. The reason of an absence stands in both cells: either may be all that is read.
fn dated(cell: &Told<Dated>) -> [String; 2] {
    [cell.map(|dated| dated.at).to_string(), cell.map(|dated| dated.days).to_string()]
}

fn yes(cell: &Told<bool>) -> String {
    cell.map(|yes| if *yes { "yes" } else { "no" }).to_string()
}

fn access_key(key: &AccessKeySheet, cells: &mut Vec<String>) {
    cells.extend([key.id.to_string(), key.status.to_string()]);
    cells.extend(dated(&key.created));
    cells.extend(dated(&key.last_used));
    cells.extend([key.last_used_service.to_string(), key.last_used_region.to_string()]);
}

fn certificate(one: &CertificateSheet, cells: &mut Vec<String>) {
    cells.push(one.status.to_string());
    cells.extend(dated(&one.uploaded));
}

fn list(all: &Told<Vec<OtherCredential>>) -> String {
    all.map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")).to_string()
}
