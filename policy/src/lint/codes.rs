//! The codes that are given, by gravity.
//!
//! Codes of `ValidatePolicy` that are not given:
//! - `SCP_SYNTAX_ERROR_ALLOW_CONDITION`, `…_ALLOW_NOTACTION`, `…_ALLOW_RESOURCE`, `…_NOTRESOURCE` and `…_ACTION_WILDCARD`:
//!   service control policies take the full language since September 2025.

use super::LintKind;

const ERRORS: &[&str] = &[
    "ARN_ACCOUNT_NOT_ALLOWED",
    "ARN_REGION_NOT_ALLOWED",
    "DATA_TYPE_MISMATCH",
    "EMPTY_VARIABLE",
    "INVALID_ACTION",
    "INVALID_ARN_ACCOUNT",
    "INVALID_ARN_PREFIX",
    "INVALID_ARN_REGION",
    "INVALID_ARN_RESOURCE",
    "INVALID_ARN_SERVICE_CASE",
    "INVALID_EFFECT",
    "INVALID_PARTITION",
    "INVALID_POLICY_ELEMENT",
    "INVALID_PRINCIPAL_FORMAT",
    "INVALID_PRINCIPAL_KEY",
    "INVALID_SERVICE",
    "INVALID_SERVICE_IN_ACTION",
    "INVALID_VARIABLE_FOR_OPERATOR",
    "INVALID_VERSION",
    "JSON_SYNTAX_ERROR",
    "MISSING_ACTION",
    "MISSING_ARN_ACCOUNT",
    "MISSING_ARN_FIELD",
    "MISSING_ARN_REGION",
    "MISSING_BRACE_IN_VARIABLE",
    "MISSING_EFFECT",
    "MISSING_PRINCIPAL",
    "MISSING_QUOTE_IN_VARIABLE",
    "MISSING_RESOURCE",
    "MISSING_STATEMENT",
    "POLICY_SIZE_EXCEEDS_RCP_QUOTA",
    "POLICY_SIZE_EXCEEDS_SCP_QUOTA",
    "UNIQUE_SIDS_REQUIRED",
    "UNSUPPORTED_ACTION_IN_POLICY",
    "UNSUPPORTED_ELEMENT_COMBINATION",
    "UNSUPPORTED_SID",
    "UNSUPPORTED_SPACE_IN_VARIABLE",
    "VARIABLE_UNSUPPORTED_IN_ELEMENT",
    "VARIABLE_UNSUPPORTED_IN_VERSION",
];

const SECURITY_WARNINGS: &[&str] = &[];

const WARNINGS: &[&str] = &[
    "MISSING_VERSION",
    "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
    "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
    "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
    "UNIQUE_SIDS_RECOMMENDED",
];

const SUGGESTIONS: &[&str] = &[
    "EMPTY_ARRAY_ACTION",
    "EMPTY_ARRAY_CONDITION",
    "EMPTY_ARRAY_CONDITION_FORALLVALUES",
    "EMPTY_ARRAY_CONDITION_FORANYVALUE",
    "EMPTY_ARRAY_CONDITION_IFEXISTS",
    "EMPTY_ARRAY_PRINCIPAL",
    "EMPTY_ARRAY_RESOURCE",
    "EMPTY_OBJECT_CONDITION",
    "EMPTY_OBJECT_PRINCIPAL",
    "EMPTY_SID_VALUE",
    "WILDCARD_IN_SERVICE_NAME",
];

/// How grave a code is. A test holds that every code that is given is listed.
pub(super) fn kind(code: &str) -> LintKind {
    if SUGGESTIONS.contains(&code) {
        LintKind::Suggestion
    } else if WARNINGS.contains(&code) {
        LintKind::Warning
    } else if SECURITY_WARNINGS.contains(&code) {
        LintKind::SecurityWarning
    } else {
        LintKind::Error
    }
}

/// Every code that is given.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    [ERRORS, SECURITY_WARNINGS, WARNINGS, SUGGESTIONS].into_iter().flatten().copied()
}
