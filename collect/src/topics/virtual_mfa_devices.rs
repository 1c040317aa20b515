//! Virtual MFA devices: those that are assigned, of root and of users, and those that are nobody's, each in one list. They are
//! asked for apart, since one that is assigned need not say to whom.

use aws_sdk_iam::types::{AssignmentStatusType, VirtualMfaDevice as Device};
use futures_util::future::try_join;
use probity_model::facts::VirtualMfaDevices;
use probity_model::facts::user_credentials::VirtualMfaDevice;
use probity_model::{Arn, Gap, Service, Topic};

use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation};

/// The most a page can hold (IAM API Reference, `ListVirtualMFADevices`, `MaxItems`).
const PAGE: i32 = 1_000;

pub(crate) async fn read(reader: &Reader<'_>) -> Result<VirtualMfaDevices, Gap> {
    let (assigned, unassigned) =
        try_join(list(reader, AssignmentStatusType::Assigned), list(reader, AssignmentStatusType::Unassigned)).await?;
    let device = |device: Device| VirtualMfaDevice {
        serial: device.serial_number,
        user: device.user.map(|user| Arn::new(user.arn)),
        enabled_at: maybe_time(device.enable_date.as_ref()),
    };
    let mut devices: Vec<VirtualMfaDevice> = assigned.into_iter().map(device).collect();
    devices.sort_by(|a, b| a.serial.cmp(&b.serial));
    let mut unassigned: Vec<String> = unassigned.into_iter().map(|device| device.serial_number).collect();
    unassigned.sort();
    Ok(VirtualMfaDevices { devices, unassigned: Some(unassigned) })
}

async fn list(reader: &Reader<'_>, status: AssignmentStatusType) -> Result<Vec<Device>, Gap> {
    let list = operation(Service::Iam, "ListVirtualMFADevices");
    let mut devices = Vec::new();
    let mut pages = Pages::new(list);
    let mut marker = None;
    loop {
        let call = reader.clients.iam().list_virtual_mfa_devices().assignment_status(status.clone());
        let page = reader.ask(list, call.max_items(PAGE).set_marker(marker).send()).await?;
        devices.extend(page.virtual_mfa_devices);
        reader.progress.advanced(Topic::VirtualMfaDevices, devices.len());
        marker = pages.next(page.is_truncated, page.marker)?;
        if marker.is_none() {
            return Ok(devices);
        }
    }
}
