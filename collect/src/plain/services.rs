//! How each service speaks: host, name in signatures, protocol and version (the services' API models, and the endpoint rules
//! that the AWS SDKs share, as of November 2026).

use probity_model::Service;

/// How a service speaks.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    /// The service.
    pub(super) service: Service,
    /// What its host names begin with.
    pub(super) host: &'static str,
    /// Its name in signatures.
    pub(super) signing: &'static str,
    /// How requests and answers are written.
    pub(super) protocol: Protocol,
    /// Whether its ordinary endpoints in AWS GovCloud are the validated ones, so that none is named `-fips` there.
    pub(super) gov_is_fips: bool,
    /// How endpoints that answer over IPv6 too are named.
    pub(super) dual_stack: DualStack,
}

/// How requests and answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// AWS JSON: everything is a POST to `/`, and a header names the operation.
    Json { version: &'static str, target: &'static str },
    /// REST with JSON.
    RestJson,
    /// REST with XML, and the account in a header.
    RestXml,
    /// EC2: a form out, XML back.
    Ec2 { version: &'static str },
}

/// How endpoints that answer over IPv6 too are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DualStack {
    /// Under the partition's domain for them.
    Domain,
    /// By a word in front of the Region.
    Word,
    /// In the large partitions every endpoint does; elsewhere they are under the partition's domain for them.
    Same,
}

/// The format of a service's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

impl Wire {
    /// The format of its answers.
    pub(super) const fn format(&self) -> Format {
        match self.protocol {
            Protocol::Json { .. } | Protocol::RestJson => Format::Json,
            Protocol::RestXml | Protocol::Ec2 { .. } => Format::Xml,
        }
    }
}

/// How a service speaks; none for those that are asked through their SDK crate.
pub(super) const fn wire(service: Service) -> Option<Wire> {
    let (host, protocol) = match service {
        Service::Config => ("config", Protocol::Json { version: "1.1", target: "StarlingDoveService" }),
        Service::Ec2 => ("ec2", Protocol::Ec2 { version: "2016-11-15" }),
        Service::Ecs => ("ecs", Protocol::Json { version: "1.1", target: "AmazonEC2ContainerServiceV20141113" }),
        Service::GuardDuty => ("guardduty", Protocol::RestJson),
        Service::Lambda => ("lambda", Protocol::RestJson),
        Service::Logs => ("logs", Protocol::Json { version: "1.1", target: "Logs_20140328" }),
        Service::S3Control => ("s3-control", Protocol::RestXml),
        Service::SecretsManager => ("secretsmanager", Protocol::Json { version: "1.1", target: "secretsmanager" }),
        Service::SecurityHub => ("securityhub", Protocol::RestJson),
        Service::Sqs => ("sqs", Protocol::Json { version: "1.0", target: "AmazonSQS" }),
        _ => return None,
    };
    Some(Wire {
        service,
        host,
        signing: if matches!(service, Service::S3Control) { "s3" } else { host },
        protocol,
        gov_is_fips: matches!(
            service,
            Service::Config | Service::Ec2 | Service::GuardDuty | Service::Logs | Service::Sqs
        ),
        dual_stack: match service {
            Service::S3Control => DualStack::Word,
            Service::SecretsManager => DualStack::Same,
            _ => DualStack::Domain,
        },
    })
}
