//! The secrets kept in AWS Secrets Manager, from `secretsmanager:ListSecrets`: when they rotate, and never what they hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::authorization::Tags;
use crate::{Arn, Region, Seen, Timestamp};

/// The secrets of every Region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// The secrets by Region, each list sorted by ARN. One that is to be deleted is not among them.
    pub regions: BTreeMap<Region, Seen<Vec<Secret>>>,
}

/// A secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// The ARN.
    pub arn: Arn,
    /// Whether it rotates by itself (`RotationEnabled`).
    pub rotates: bool,
    /// How often, as days between two rotations or as a schedule (`AutomaticallyAfterDays`, `ScheduleExpression`).
    pub schedule: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was last rotated.
    pub last_rotated_at: Option<Timestamp>,
    /// When it is to be rotated next.
    pub next_rotation_at: Option<Timestamp>,
    /// The service that keeps it for itself (`OwningService`).
    pub owning_service: Option<String>,
    /// The Region it was copied from; its own where it is the original of copies.
    pub primary_region: Option<Region>,
    /// The tags.
    #[serde(default)]
    pub tags: Tags,
}
