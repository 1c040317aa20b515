//! The own policies of resources: buckets, functions, keys, queues, secrets, topics, and the trust policies of roles.

use probity_model::Snapshot;
use probity_model::facts::resource_policies::PolicyKind;
use probity_policy::Policy;

use crate::index::Access;
use crate::source::Source;

/// Services whose resources may have policies of their own, beside keys and roles (IAM User Guide, "AWS services that
/// work with IAM").
const WITH_RESOURCE_POLICIES: &[&str] = &[
    "apigateway",
    "backup",
    "codeartifact",
    "codebuild",
    "dynamodb",
    "ecr",
    "elasticfilesystem",
    "es",
    "events",
    "execute-api",
    "glacier",
    "glue",
    "iot",
    "kinesis",
    "lambda",
    "logs",
    "mediastore",
    "s3",
    "s3express",
    "secretsmanager",
    "ses",
    "signer",
    "sns",
    "sqs",
    "ssm-contacts",
    "ssm-incidents",
    "vpc-lattice",
];

/// The own policy of a resource, as far as it was read.
pub(crate) enum Own<'a> {
    Read(&'a Policy),
    Unread(Policy),
}

impl Own<'_> {
    pub(crate) fn policy(&self) -> &Policy {
        match self {
            Own::Read(policy) => policy,
            Own::Unread(policy) => policy,
        }
    }
}

fn service_of(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

impl Access {
    /// The own policy of a resource, as far as it has a say: the trust policy of a role, what was given by
    /// [`Access::with_resource_policy`] and its like, and something unread for a key and for a resource of another account.
    pub(crate) fn own_policy(&self, action: &str, arn: &str) -> Option<Own<'_>> {
        let service = service_of(arn);
        if let Some(source) = self.resource_policy(arn) {
            Some(Own::Read(source.policy()))
        } else if self.is_assuming(action) && service == "iam" && arn.contains(":role/") {
            match self.by_arn.get(arn).and_then(|number| self.principals.get(*number)) {
                Some(role) => role.trust().map(Source::policy).map(Own::Read),
                None => Some(Own::Unread(Policy::unread(format!("{arn} (trust policy)")))),
            }
        } else if self.is_foreign(arn) || (service == "kms" && arn.contains(":key/")) {
            Some(Own::Unread(Policy::unread(format!("the policy of {arn}"))))
        } else {
            None
        }
    }

    /// Whether a resource may have a policy of its own beside those that [`Access::own_policy`] knows.
    pub(crate) fn may_have_policy(&self, arn: &str) -> bool {
        arn != "*" && WITH_RESOURCE_POLICIES.contains(&service_of(arn)) && !self.without_policy.contains(arn)
    }

    /// The policy of a resource that was given, or of the bucket that an object lies in.
    pub(crate) fn resource_policy(&self, arn: &str) -> Option<&Source> {
        if self.resource_policies.is_empty() {
            return None;
        }
        let bucket = if service_of(arn) == "s3" { arn.split('/').next() } else { None };
        let source = self.resource_policies.get(arn).or_else(|| self.resource_policies.get(bucket?));
        source.map(|source| &**source)
    }

    /// The same account with the policy of one of its resources, such as a bucket. Where the text does not parse, the
    /// policy counts as unread.
    #[must_use]
    pub fn with_resource_policy(mut self, arn: &str, document: &str) -> Access {
        self.give(arn, document);
        self
    }

    /// The same account with the policies of its resources that a snapshot holds: under `--detail full` those of functions,
    /// queues, secrets and topics. A resource whose policy could not be read stays one that may have a policy. Left out are
    /// those of keys, because grants may allow what a key's policy does not, and those of the buckets that trails write to,
    /// because such a bucket may be of another account.
    ///
    /// They are not part of [`Access::of`]: what a check finds must not hang on whether some other check had them read.
    #[must_use]
    pub fn with_resource_policies(mut self, snapshot: &Snapshot) -> Access {
        let regions = snapshot.facts.resource_policies.get().ok().into_iter().flat_map(|read| read.regions.values());
        let kinds = regions.flatten().filter(|(kind, _)| **kind != PolicyKind::Key);
        let read = kinds.filter_map(|(_, read)| read.get().ok()).flatten();
        for resource in read {
            match resource.policy.get() {
                Ok(Some(text)) => self.give(resource.arn.as_str(), text.as_str()),
                Ok(None) => {
                    self.without_policy.insert(resource.arn.as_str().to_owned());
                }
                Err(_) => {}
            }
        }
        self
    }

    fn give(&mut self, arn: &str, document: &str) {
        self.resource_policies.insert(arn.to_owned(), Source::parse(format!("the policy of {arn}"), document));
    }

    fn is_assuming(&self, action: &str) -> bool {
        let name = action.get(..14);
        name.is_some_and(|name| name.eq_ignore_ascii_case("sts:AssumeRole"))
    }

    fn is_foreign(&self, arn: &str) -> bool {
        arn.split(':').nth(4).is_some_and(|account| {
            account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && account != self.account.as_str()
        })
    }
}
