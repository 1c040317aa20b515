//! The calls that write: a short list of its own, and none of it is on the list of topics.
//!
//! Nothing here is ever called unless a user asks for it by name, and then in a session of its own: the session that reads
//! may write nothing.

use std::fmt;

use crate::{Operation, Service};

/// Where findings can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// AWS Security Hub CSPM, as findings of the account's own product.
    SecurityHub,
}

impl Destination {
    /// The calls that sending takes, and no others.
    #[must_use]
    pub const fn operations(self) -> &'static [Operation] {
        match self {
            Self::SecurityHub => {
                const { &[Operation::new(Service::SecurityHub, "BatchImportFindings", "securityhub:BatchImportFindings")] }
            }
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecurityHub => f.pad("securityhub"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Topic;

    #[test]
    fn what_writes_is_on_no_list_of_what_reads() {
        for operation in Destination::SecurityHub.operations() {
            assert!(Topic::operation(operation.service, operation.name).is_none(), "{operation}");
        }
        assert_eq!(Destination::SecurityHub.operations().len(), 1, "the only write in the program");
    }
}
