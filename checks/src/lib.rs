//! The registry of checks: one file a check, in a folder a family.
