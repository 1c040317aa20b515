//! Virtual MFA devices that are assigned, of root and of users: one list for all.

use aws_sdk_iam::types::AssignmentStatusType;
use probity_model::facts::VirtualMfaDevices;
use probity_model::facts::user_credentials::VirtualMfaDevice;
use probity_model::{Arn, Gap, Service, Topic};

use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation};

/// The most a page can hold (IAM API Reference, `ListVirtualMFADevices`, `MaxItems`).
const PAGE: i32 = 1_000;

pub(crate) async fn read(reader: &Reader<'_>) -> Result<VirtualMfaDevices, Gap> {
    let list = operation(Service::Iam, "ListVirtualMFADevices");
    let mut devices = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let call = reader.clients.iam().list_virtual_mfa_devices().assignment_status(AssignmentStatusType::Assigned);
        let page = reader.ask(list, call.max_items(PAGE).set_marker(marker).send()).await?;
        devices.extend(page.virtual_mfa_devices.into_iter().map(|device| VirtualMfaDevice {
            serial: device.serial_number,
            user: device.user.map(|user| Arn::new(user.arn)),
            enabled_at: maybe_time(device.enable_date.as_ref()),
        }));
        reader.progress.advanced(Topic::VirtualMfaDevices, devices.len());
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            devices.sort_by(|a, b| a.serial.cmp(&b.serial));
            return Ok(VirtualMfaDevices { devices });
        }
    }
}
