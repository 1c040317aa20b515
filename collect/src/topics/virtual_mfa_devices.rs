//! Virtual MFA devices: those that are assigned, of root and of users, and those that are nobody's. One list has them all. A
//! device in it that names nobody may be assigned all the same, so that where there is one, those that are nobody's are asked
//! for apart.

use aws_sdk_iam::types::{AssignmentStatusType, VirtualMfaDevice as Device};
use probity_model::facts::VirtualMfaDevices;
use probity_model::facts::user_credentials::VirtualMfaDevice;
use probity_model::{Arn, Gap, Service, Topic};

use crate::pages::Pages;
use crate::reader::{Reader, maybe_time, operation};

/// The most a page can hold (IAM API Reference, `ListVirtualMFADevices`, `MaxItems`).
const PAGE: i32 = 1_000;

pub(crate) async fn read(reader: &Reader<'_>) -> Result<VirtualMfaDevices, Gap> {
    let all = list(reader, AssignmentStatusType::Any).await?;
    let mut unassigned = Vec::new();
    if all.iter().any(|device| device.user.is_none()) {
        let nobodys = list(reader, AssignmentStatusType::Unassigned).await?;
        unassigned.extend(nobodys.into_iter().map(|device| device.serial_number));
        unassigned.sort();
    }
    Ok(told_apart(all, unassigned))
}

/// All devices, told apart by those that are known to be nobody's, sorted by serial number.
fn told_apart(all: Vec<Device>, unassigned: Vec<String>) -> VirtualMfaDevices {
    let assigned = all.into_iter().filter(|device| unassigned.binary_search(&device.serial_number).is_err());
    let mut devices: Vec<VirtualMfaDevice> = assigned
        .map(|device| VirtualMfaDevice {
            serial: device.serial_number,
            user: device.user.map(|user| Arn::new(user.arn)),
            enabled_at: maybe_time(device.enable_date.as_ref()),
        })
        .collect();
    devices.sort_by(|a, b| a.serial.cmp(&b.serial));
    VirtualMfaDevices { devices, unassigned: Some(unassigned) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn device(serial: &str) -> Device {
        Device::builder().serial_number(serial).build().expect("a serial number is all it needs")
    }

    #[test]
    fn a_device_that_names_nobody_is_assigned_unless_it_is_listed_as_nobodys() {
        let found = told_apart(vec![device("b"), device("a"), device("c")], vec!["b".to_owned()]);
        let assigned: Vec<_> = found.devices.iter().map(|device| device.serial.as_str()).collect();
        assert_eq!(assigned, ["a", "c"]);
        assert_eq!(found.unassigned, Some(vec!["b".to_owned()]));
    }
}
