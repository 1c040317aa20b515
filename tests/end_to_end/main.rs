//! The whole program over HTTP: the real binary against an emulated AWS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod bad_input;
mod completeness;
mod compute;
mod configuration;
mod custom_checks;
mod demo;
mod denied;
mod diff;
mod disturbed;
mod every_check;
mod few_calls;
mod findings;
mod frameworks;
mod history;
mod integrity;
mod lint;
mod organization;
mod organization_policies;
mod other_accounts;
mod outside;
mod reading_only;
mod record;
mod reports;
mod resource_policies;
mod sending;
mod severity;
mod snapshots;
mod steps;
mod telling;
