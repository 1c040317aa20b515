//! What was seen of an AWS account, what was concluded, and what a check is.
