//! The registry of checks: one file a check, in the folder of its family.
//!
//! A check is a [`Rule`](probity_model::Rule): it names the facts it reads in its signature, and writes its verdicts into
//! [`Findings`](probity_model::Findings). It can name no AWS type, open no file, read no clock and draw no random number,
//! since this crate can not: it is `no_std` and depends on none of them. The header of a check's file is its
//! documentation; see any of them.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;
mod access_keys;
mod administrators;
mod affiliation;
mod alerts;
mod analyzers;
mod conditions;
mod console_passwords;
#[cfg(test)]
mod contacts;
mod credential_sheet;
mod data_events;
mod denial;
mod escalation;
mod everyone;
mod everything;
mod forgery;
pub mod framework_report;
mod guardrails;
mod in_regions;
mod known_accounts;
mod management_events;
mod members;
mod mfa_devices;
mod oidc;
#[cfg(test)]
mod organization_testing;
mod permission_sets;
mod privilege;
mod regions;
mod root_events;
mod signs_of_life;
mod statements;
mod subjects;
#[cfg(test)]
mod testing;
mod trail_buckets;
mod trails;
mod trust;
mod trust_demands;
mod user_arns;
mod workloads;

pub mod event_patterns;
pub mod exceptions;
pub mod frameworks;
pub mod narrower;
pub mod registry;
pub mod run;
pub mod settings;
pub mod whole;

pub use credential_sheet::TOPICS as CREDENTIAL_TOPICS;
pub use escalation::Ways;
pub use exceptions::ExceptionRule;
pub use frameworks::{Control, FRAMEWORKS, Framework};
pub use registry::{CHECKS, Entry};
pub use run::{Ask, assemble};
pub use settings::{Settings, SettingsError};

/// The root user.
pub mod root {
    automod::dir!(pub "src/root");
}

/// IAM Access Analyzer.
pub mod access_analyzer {
    automod::dir!(pub "src/access_analyzer");
}

/// The account itself.
pub mod account {
    automod::dir!(pub "src/account");
}

/// Long-term credentials.
pub mod credentials {
    automod::dir!(pub "src/credentials");
}

/// Trails and alarms.
pub mod logging_and_monitoring {
    automod::dir!(pub "src/logging_and_monitoring");
}

/// Second factors.
pub mod mfa {
    automod::dir!(pub "src/mfa");
}

/// Identity providers and whom they vouch for.
pub mod federation {
    automod::dir!(pub "src/federation");
}

/// The organization and its guardrails.
pub mod organizations {
    automod::dir!(pub "src/organizations");
}

/// The password policy.
pub mod password_policy {
    automod::dir!(pub "src/password_policy");
}

/// What policies grant.
pub mod policies {
    automod::dir!(pub "src/policies");
}

/// Ways to become an administrator.
pub mod privilege_escalation {
    automod::dir!(pub "src/privilege_escalation");
}

/// Roles and whom they trust.
pub mod roles_and_trust {
    automod::dir!(pub "src/roles_and_trust");
}

/// Access that nobody uses.
pub mod unused_access {
    automod::dir!(pub "src/unused_access");
}

/// IAM users and groups.
pub mod users_and_groups {
    automod::dir!(pub "src/users_and_groups");
}
