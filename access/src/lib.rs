//! Who can do what in a snapshot.
//!
//! [`Access`] is worked out once from a snapshot: every user and role with all that grants to it and limits it. It
//! answers who can do an action on a resource, who is an administrator by effect, and which steps lead to one.
//!
//! What was not read is never taken for nothing: an answer that hangs on it is [`Outcome::AllowedIf`].
//!
//! ```
//! use probity_access::{Access, Outcome};
//! use probity_model::builder::Account;
//! use probity_policy::{Context, Target};
//!
//! let reads = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#;
//! let snapshot = Account::new().user("anna", |user| user.inline("reads", reads)).build();
//! let access = Access::of(&snapshot).expect("the authorization details were read");
//! let anna = access.named("anna").next().expect("a user");
//!
//! let read = access.can(anna, "s3:GetObject", Target::One("arn:aws:s3:::logs/today"), &Context::partial());
//! assert_eq!(read.outcome, Outcome::Allowed);
//! let write = access.can(anna, "s3:PutObject", Target::One("arn:aws:s3:::logs/today"), &Context::partial());
//! assert_eq!(write.outcome, Outcome::Denied);
//! ```

mod administrators;
mod crossing;
mod decide;
mod index;
mod organization;
mod paths;
mod principal;
mod resource_policies;
mod source;
mod summary;
mod workloads;

pub use administrators::{Administrator, Grounds};
pub use crossing::ForeignRole;
pub use decide::{Decision, Outcome, StatementUsed};
pub use index::Access;
pub use organization::Binding;
pub use paths::{Certainty, Escalations, Goal, Method, Outsider, Path, Standing, Start, Step};
pub use principal::{Held, Principal, PrincipalKind, Via};
pub use source::{Source, read};
pub use summary::{LevelAccess, ServiceAccess, Summary};

/// The truth of a three-valued answer: [`Truth::Unknown`] is "under conditions, or evidence is missing".
pub use probity_policy::Truth;
