//! One collector a topic, one file a collector: each asks, follows every page, and hands back the fact or the gap.

pub(crate) mod access_keys;
pub(crate) mod account_alias;
pub(crate) mod account_summary;
pub(crate) mod authorization_details;
pub(crate) mod credential_report;
pub(crate) mod enabled_regions;
pub(crate) mod identity_center_instances;
pub(crate) mod identity_providers;
pub(crate) mod last_accessed;
pub(crate) mod organization_membership;
pub(crate) mod organization_policies;
pub(crate) mod organization_structure;
pub(crate) mod password_policy;
pub(crate) mod per_user;
pub(crate) mod root_access_features;
pub(crate) mod root_activity;
pub(crate) mod server_certificates;
pub(crate) mod service_credentials;
pub(crate) mod ssh_keys;
pub(crate) mod trails;
pub(crate) mod user_mfa_devices;
pub(crate) mod virtual_mfa_devices;
