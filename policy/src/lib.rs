//! The IAM policy language: parse, normalise, match, evaluate, lint.
