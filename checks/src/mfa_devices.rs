//! What is known of a user's MFA devices, from three answers of different age and detail.

use alloc::borrow::Cow;

use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::facts::user_credentials::MfaDevice;
use probity_model::facts::{UserMfaDevices, VirtualMfaDevices};
use probity_model::{Gap, Seen};

/// What is known of a user's devices.
pub(crate) enum Devices<'s> {
    /// It has none.
    None,
    /// These are all.
    All(&'s [MfaDevice]),
    /// It has one, and of which kind was not read.
    AnyKind(Cow<'s, Gap>),
    /// The report does not say whether it has one.
    Unclear,
}

impl<'s> Devices<'s> {
    /// What the list of its devices says; without it, what the report and the virtual devices leave of the question.
    pub(crate) fn of(
        row: &CredentialRow,
        assigned: Option<&VirtualMfaDevices>,
        listed: Result<&'s UserMfaDevices, &'s Gap>,
    ) -> Self {
        let gap = match listed.map(|listed| listed.users.get(&row.user)) {
            Ok(Some(Seen::Known(devices))) if devices.is_empty() => return Self::None,
            Ok(Some(Seen::Known(devices))) => return Self::All(devices),
            Ok(Some(Seen::Missing(gap))) | Err(gap) => Cow::Borrowed(gap),
            Ok(None) => Cow::Owned(Gap::not_requested("the MFA devices of this user were not listed")),
        };
        // The list of virtual devices is newer than the report.
        let has_virtual = assigned
            .is_some_and(|assigned| assigned.devices.iter().any(|device| device.user.as_ref() == Some(&row.arn)));
        match row.mfa_active {
            _ if has_virtual => Self::AnyKind(gap),
            Cell::Value(true) => Self::AnyKind(gap),
            Cell::Value(false) => Self::None,
            _ => Self::Unclear,
        }
    }
}
