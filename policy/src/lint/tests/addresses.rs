//! IP ranges.

use super::allow;

fn from(operator: &str, ranges: &str) -> String {
    allow(&format!(r#""Action": "*", "Resource": "*", "Condition": {{"{operator}": {{"aws:SourceIp": {ranges}}}}}"#))
}

const PUBLIC: &str = r#""203.0.113.0/24""#;
const BOTH: &str = r#"["203.0.113.0/24", "10.0.0.0/8"]"#;
const PRIVATE: &str = r#"["192.168.1.0/24", "10.0.0.0/8"]"#;

cases! {
    no_range: "TYPE_MISMATCH_IP_RANGE", Identity, from("IpAddress", r#""203.0.113.*""#), from("IpAddress", r#""203.0.113.7""#);
    improve: "IMPROVE_IP_RANGE", Identity, from("IpAddress", r#""203.0.113.7/24""#), from("IpAddress", PUBLIC);
    private: "PRIVATE_IP_ADDRESS", Identity, from("IpAddress", PRIVATE), from("IpAddress", BOTH);
    some_private: "PRIVATE_IP_ADDRESS_SUBSET", Identity, from("IpAddress", BOTH), from("IpAddress", PUBLIC);
    not_private: "PRIVATE_NOT_IP_ADDRESS", Identity, from("NotIpAddress", PRIVATE), from("IpAddress", PRIVATE);
    some_not_private: "PRIVATE_NOT_IP_ADDRESS_SUBSET", Identity, from("NotIpAddress", BOTH), from("NotIpAddress", PRIVATE);
}
