//! What stands in place of what: keyed, so that it is the same everywhere and tells nothing.

use hmac::{Hmac, KeyInit, Mac};
use probity_model::{AccountId, Arn, Fingerprint};
use sha2::Sha256;

/// Kinds of resources that stand before a name in an ARN, and paths of AWS's own: they say what a thing is, not which.
const KINDS: &[&str] = &[
    "access-point",
    "account",
    "alias",
    "analyzer",
    "archive-rule",
    "assumed-role",
    "aws-reserved",
    "aws-service-role",
    "bucket",
    "certificate",
    "cluster",
    "db",
    "distribution",
    "document",
    "ec2",
    "eventbus",
    "federated-user",
    "file-system",
    "function",
    "group",
    "handshake",
    "identity",
    "identitypool",
    "identitystore",
    "image",
    "instance",
    "instance-profile",
    "key",
    "layer",
    "log-group",
    "log-stream",
    "mfa",
    "network-interface",
    "o",
    "oidc-provider",
    "ou",
    "parameter",
    "permissionSet",
    "policy",
    "profile",
    "project",
    "queue",
    "repository",
    "role",
    "root",
    "rule",
    "saml-provider",
    "secret",
    "security-group",
    "server-certificate",
    "service",
    "service-role",
    "service_control_policy",
    "resource_control_policy",
    "sms-mfa",
    "stack",
    "subnet",
    "table",
    "task-definition",
    "trail",
    "u2f",
    "user",
];
/// Digits of a pseudonym: 48 bits, so that two of 100,000 names are the same once in 50,000 runs.
const DIGITS: usize = 12;

/// Whether a part of a resource says what it is and not which.
pub(super) fn is_kind(part: &str) -> bool {
    KINDS.contains(&part)
}

/// Makes pseudonyms.
pub(super) struct Pseudonyms {
    key: Hmac<Sha256>,
}

impl Pseudonyms {
    pub(super) fn new(salt: &[u8]) -> Self {
        // A key of any length is taken: one that is longer than a block is hashed first (RFC 2104).
        let key = match Hmac::<Sha256>::new_from_slice(salt) {
            Ok(key) => key,
            Err(_) => Hmac::<Sha256>::new(&Default::default()),
        };
        Self { key }
    }

    fn bytes(&self, kind: &str, text: &str) -> Vec<u8> {
        let mut mac = self.key.clone();
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    /// So many hexadecimal digits.
    pub(super) fn digits(&self, kind: &str, text: &str, count: usize) -> String {
        let digits: String = self.bytes(kind, text).iter().map(|byte| format!("{byte:02x}")).collect();
        digits.chars().take(count).collect()
    }

    /// A name. Upper and lower case are the same, as they are in IAM.
    pub(super) fn name(&self, name: &str) -> String {
        format!("name-{}", self.digits("name", &name.to_lowercase(), DIGITS))
    }

    /// Twelve digits, so that whatever takes an account id takes this.
    pub(super) fn account(&self, id: &str) -> AccountId {
        let number = self.bytes("account", id).iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        // Never fails: the number has twelve digits. The id of another account would be the lesser harm than a panic.
        AccountId::try_from(format!("{:012}", number % 1_000_000_000_000)).unwrap_or_else(|_| self.account("0"))
    }

    /// An identifier of AWS's own making, its kind kept: `AKIA…`, `o-…`.
    pub(super) fn unique_id(&self, id: &str) -> String {
        match id.split_once('-') {
            Some((kind, _)) => format!("{kind}-{}", self.digits("id", id, DIGITS)),
            None => {
                let kind: String = id.chars().take(4).collect();
                format!("{kind}{}", self.digits("id", id, 16).to_uppercase())
            }
        }
    }

    /// An address of a person.
    pub(super) fn mail(&self, address: &str) -> String {
        format!("mail-{}@example.com", self.digits("mail", &address.to_lowercase(), DIGITS))
    }

    /// An address of a machine or a network, its prefix length kept.
    pub(super) fn address(&self, address: &str) -> String {
        format!("ip-{}", self.digits("address", &address.to_lowercase(), DIGITS))
    }

    /// Somebody: an e-mail address, or a name.
    pub(super) fn person(&self, text: &str) -> String {
        if text.contains('@') { self.mail(text) } else { self.name(text) }
    }

    pub(super) fn fingerprint(&self, fingerprint: &Fingerprint) -> Fingerprint {
        Fingerprint::from_text(&self.digits("fingerprint", fingerprint.as_str(), 32))
    }

    /// An ARN: partition, service, Region and kind stay. What belongs to AWS itself stays as it is.
    pub(super) fn arn(&self, arn: &Arn) -> Arn {
        let text = arn.as_str();
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [scheme, partition, service, region, account, resource] = parts.as_slice() else {
            return Arn::new(self.name(text));
        };
        if *account == "aws" {
            return arn.clone();
        }
        let account = match *account {
            "" | "*" => (*account).to_owned(),
            id if AccountId::try_from(id).is_ok() => self.account(id).to_string(),
            other => self.name(other),
        };
        let sound =
            |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || "-*?".contains(c)) && part.len() < 32;
        let (service, region) = (
            if sound(service) { (*service).to_owned() } else { self.name(service) },
            if sound(region) { (*region).to_owned() } else { self.name(region) },
        );
        let partition = if sound(partition) { (*partition).to_owned() } else { self.name(partition) };
        Arn::new(format!("{scheme}:{partition}:{service}:{region}:{account}:{}", self.resource(resource)))
    }

    /// What stands behind the account of an ARN: kinds and wildcards stay, names go.
    pub(super) fn resource(&self, resource: &str) -> String {
        let mut out = String::new();
        let mut rest = resource;
        let mut first = true;
        while !rest.is_empty() {
            let end = rest.find(['/', ':']).unwrap_or(rest.len());
            let (part, tail) = rest.split_at(end);
            let stays = part.is_empty() || (KINDS.contains(&part) && (first || part.starts_with("aws-")));
            out.push_str(&if stays || part == "sso.amazonaws.com" { part.to_owned() } else { self.part(part) });
            let mut characters = tail.chars();
            out.extend(characters.next());
            rest = characters.as_str();
            first = false;
        }
        out
    }

    /// A name in a resource, or a pattern of names: wildcards say which resources are meant and stay.
    fn part(&self, part: &str) -> String {
        let mut out = String::new();
        for (index, piece) in part.split_inclusive(['*', '?']).enumerate() {
            let name = piece.trim_end_matches(['*', '?']);
            if !name.is_empty() {
                // Two pieces with nothing between them would run together.
                out.push_str(if index > 0 && !out.ends_with(['*', '?']) { "-" } else { "" });
                let id = name.parse::<u64>().is_ok() && AccountId::try_from(name).is_ok();
                out.push_str(&if id { self.account(name).to_string() } else { self.name(name) });
            }
            out.push_str(piece.get(name.len()..).unwrap_or_default());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::new(b"a salt")
    }

    #[test]
    fn kinds_stay_and_names_go() {
        let shown = |text: &str| pseudonyms().arn(&Arn::new(text)).to_string();
        let anna = shown("arn:aws:iam::123456789012:user/team/anna");
        assert!(anna.starts_with("arn:aws:iam::") && anna.contains(":user/name-"), "{anna}");
        assert!(!anna.contains("anna") && !anna.contains("team") && !anna.contains("123456789012"), "{anna}");
        assert!(shown("arn:aws:iam::123456789012:root").ends_with(":root"));
        let managed = "arn:aws:iam::aws:policy/AdministratorAccess";
        assert_eq!(shown(managed), managed);
        assert!(shown("arn:aws:s3:::payroll-*/x").contains(":::name-"));
        assert!(!shown("nonsense anna").contains("anna"));
    }

    #[test]
    fn the_same_is_the_same_and_another_salt_is_not() {
        let again = pseudonyms();
        assert_eq!(pseudonyms().name("Anna"), again.name("anna"));
        assert_ne!(pseudonyms().name("anna"), Pseudonyms::new(b"another").name("anna"));
        assert_eq!(pseudonyms().account("123456789012"), again.account("123456789012"));
        assert_eq!(pseudonyms().unique_id("AKIAIOSFODNN7EXAMPLE").len(), 20);
    }
}
