//! MFA devices of the users for whom the other topics leave the kind of device open; only under `--detail full`.

use std::collections::BTreeSet;

use probity_model::facts::UserMfaDevices;
use probity_model::facts::user_credentials::MfaDevice;
use probity_model::{Gap, Service, Topic};

use super::per_user;
use crate::pages::Pages;
use crate::reader::{Reader, operation, time};

pub(crate) async fn read(reader: &Reader<'_>, users: BTreeSet<String>) -> Result<UserMfaDevices, Gap> {
    let users = per_user::ask(reader, Topic::UserMfaDevices, users, |user| of(reader, user)).await;
    Ok(UserMfaDevices { users })
}

async fn of(reader: &Reader<'_>, user: String) -> Result<Vec<MfaDevice>, Gap> {
    let list = operation(Service::Iam, "ListMFADevices");
    let mut devices = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let call = reader.clients.iam().list_mfa_devices().user_name(&user).set_marker(marker).send();
        let page = reader.ask(list, call).await?;
        devices.extend(
            page.mfa_devices
                .into_iter()
                .map(|device| MfaDevice { enabled_at: time(&device.enable_date), serial: device.serial_number }),
        );
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            devices.sort_by(|a, b| a.serial.cmp(&b.serial));
            return Ok(devices);
        }
    }
}
