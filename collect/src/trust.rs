//! Whom the trust policies of roles name: enough to know what need not be asked.

/// Whether a trust policy may name a service. One that cannot be read may.
pub(crate) fn names(document: &str, service: &str) -> bool {
    // Written anew, so that letters that stand in it as `\uXXXX` are found.
    serde_json::from_str::<serde_json::Value>(document).map_or(true, |policy| policy.to_string().contains(service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_found_however_it_is_written() {
        assert!(names(r#"{"Principal":{"Service":"rolesanywhere.amazonaws.com"}}"#, "rolesanywhere"));
        assert!(names(r#"{"Principal":{"Service":"roles\u0061nywhere.amazonaws.com"}}"#, "rolesanywhere"));
        assert!(!names(r#"{"Principal":{"Service":"ec2.amazonaws.com"}}"#, "rolesanywhere"));
        assert!(names("{", "rolesanywhere"), "nobody knows");
    }
}
