//! The networks of address operators.

use ipnet::IpNet;
use std::net::IpAddr;

/// Reads a network in CIDR form, or one address. `None` for anything else, which then matches nothing.
pub(crate) fn parse(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        parse(network).expect("a network").contains(&parse(address).expect("an address"))
    }

    #[test]
    fn an_address_lies_in_its_network() {
        assert!(contains("203.0.113.0/24", "203.0.113.77"));
        assert!(!contains("203.0.113.0/24", "203.0.114.1"));
        assert!(contains("2001:db8::/32", "2001:db8:1::1"));
        assert!(contains("203.0.113.9", "203.0.113.9"), "without prefix it is one address");
        assert!(contains("203.0.113.77/24", "203.0.113.1"), "bits of the host do not count");
    }

    #[test]
    fn the_two_versions_do_not_mix() {
        assert!(!contains("::/0", "203.0.113.1"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
    }

    #[test]
    fn what_is_no_network_is_told() {
        for text in ["", "x", "1.2.3", "1.2.3.4/33", "1.2.3.4/"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
