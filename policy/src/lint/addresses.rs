//! IP ranges in conditions: whether they are ranges, and whether they can ever match.

use super::Findings;
use super::view::{Asked, View};
use crate::condition::network;
use crate::condition::operator::Family;
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) fn look(view: &View, findings: &mut Findings) {
    for asked in view.clauses.iter().flat_map(|clause| &clause.asked) {
        let Some(operator) = asked.parsed.filter(|operator| operator.family == Family::Network) else { continue };
        let mut networks = Vec::new();
        for value in asked.values.iter().filter(|value| !value.text.contains("${")) {
            let Some(network) = network::parse(&value.text) else {
                let message = format!("`{}` is no IP address or range such as 203.0.113.0/24.", value.text);
                findings.add("TYPE_MISMATCH_IP_RANGE", &value.place, message);
                continue;
            };
            if network != network.trunc() {
                let message = format!("The bits behind the prefix do not count. Write `{}`.", network.trunc());
                findings.add("IMPROVE_IP_RANGE", &value.place, message);
            }
            networks.push(network);
        }
        if asked.key.text.eq_ignore_ascii_case("aws:SourceIp") {
            private(asked, operator.negated, &networks, findings);
        }
    }
}

/// `aws:SourceIp` is a public address: private ranges match nothing.
fn private(asked: &Asked, negated: bool, networks: &[IpNet], findings: &mut Findings) {
    let count = networks.iter().filter(|network| is_private(network)).count();
    if count == 0 {
        return;
    }
    let (code, message) = match (negated, count == networks.len()) {
        (false, true) => ("PRIVATE_IP_ADDRESS", "`aws:SourceIp` is a public address; private ranges never match."),
        (false, false) => {
            ("PRIVATE_IP_ADDRESS_SUBSET", "`aws:SourceIp` is a public address; the private ranges never match.")
        }
        (true, true) => {
            ("PRIVATE_NOT_IP_ADDRESS", "`aws:SourceIp` is a public address; it is never in a private range.")
        }
        (true, false) => {
            ("PRIVATE_NOT_IP_ADDRESS_SUBSET", "`aws:SourceIp` is a public address; the private ranges except nothing.")
        }
    };
    findings.add(code, &asked.key.place, format!("{message} For addresses in a VPC there is aws:VpcSourceIp."));
}

/// Whether a whole range is private.
fn is_private(network: &IpNet) -> bool {
    let is_private = |address: IpAddr| match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    is_private(network.network()) && is_private(network.broadcast())
}
