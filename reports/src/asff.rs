//! ASFF: the AWS Security Finding Format, for Security Hub. `docs/formats/asff.md` is its page.
//!
//! The format: AWS Security Hub User Guide, "AWS Security Finding Format (ASFF)"; its limits: "Required top-level ASFF
//! attributes", "Optional top-level ASFF attributes" and the API Reference, `BatchImportFindings`.

mod model;

use std::collections::BTreeMap;
use std::io::Write;

use probity_model::run::AccountRun;
use probity_model::{AccountId, Arn, Finding, Outcome, Partition, Region, Run, Severity};
use serde::Serializer as _;
use serde_json::Value;
use serde_json::ser::PrettyFormatter;

use self::model::{
    AwsSecurityFinding, Compliance, Details, FindingProviderFields, Note, Recommendation, Remediation, Resource,
    SeverityOf, StatusReason, Workflow,
};
use crate::json::Escaped;
use crate::text::one_line;
use crate::words::{accepted, first_paragraph};
use crate::{Options, ReportError};

/// The most findings of one call of `BatchImportFindings`.
const MOST_FINDINGS: usize = 100;
/// The most bytes of one call, with room for what stands around the findings; AWS takes 6 MB.
const MOST_BYTES: usize = 5_500_000;

/// Writes every finding that the options do not leave out.
pub(crate) fn write(run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let shown = options.select(run, &Outcome::ALL);
    let mut serializer = serde_json::Serializer::with_formatter(&mut *to, Escaped(PrettyFormatter::new()));
    serializer.collect_seq(shown.into_iter().map(|finding| of(run, finding, None)))?;
    to.write_all(b"\n")?;
    Ok(())
}

/// The findings of an account that the options do not leave out, as `BatchImportFindings` of a Region takes them: in
/// batches of at most 100 findings and 6 MB.
///
/// # Errors
/// [`ReportError::Json`] where a finding cannot be said in JSON.
pub fn batches(
    run: &Run,
    options: &Options,
    account: &AccountId,
    region: &Region,
) -> Result<Vec<Vec<Value>>, ReportError> {
    let mut batches: Vec<Vec<Value>> = Vec::new();
    let mut bytes = 0;
    for finding in options.select(run, &Outcome::ALL).into_iter().filter(|finding| finding.account == *account) {
        let finding = serde_json::to_value(of(run, finding, Some(region)))?;
        let size = finding.to_string().len() + 1;
        match batches.last_mut() {
            Some(batch) if batch.len() < MOST_FINDINGS && bytes + size <= MOST_BYTES => {
                batch.push(finding);
                bytes += size;
            }
            _ => {
                batches.push(vec![finding]);
                bytes = size;
            }
        }
    }
    Ok(batches)
}

fn of<'r>(run: &'r Run, finding: &'r Finding, region: Option<&Region>) -> AwsSecurityFinding<'r> {
    let account = run.accounts.iter().find(|account| account.account == finding.account);
    let check = run.check(&finding.check);
    let partition = account.map_or_else(|| finding.resource.partition(), |account| account.partition.clone());
    let region = match region.or(finding.region.as_ref()) {
        Some(region) => region.as_str(),
        None => home(&partition),
    };
    let observed = finding.observed_at.to_string();
    let fix = check.map(|check| first_paragraph(&check.fix)).filter(|fix| !fix.is_empty());
    AwsSecurityFinding {
        schema_version: "2018-10-08",
        id: format!("probity/{}", finding.fingerprint),
        product_arn: format!("arn:{partition}:securityhub:{region}:{0}:product/{0}/default", finding.account),
        product_name: "probity",
        company_name: "probity",
        generator_id: cut(format!("probity/{}", finding.check), 512),
        aws_account_id: finding.account.as_str(),
        first_observed_at: finding
            .history
            .as_ref()
            .map_or_else(|| observed.clone(), |history| history.first_seen.to_string()),
        last_observed_at: observed.clone(),
        created_at: observed,
        updated_at: account.map_or(finding.observed_at, |account| account.finished_at).to_string(),
        finding_provider_fields: FindingProviderFields {
            severity: SeverityOf { label: label(finding), original: finding.severity.as_str() },
            types: ["Software and Configuration Checks/AWS Security Best Practices"],
        },
        title: filled(cut(one_line(&finding.title), 256), &finding.check),
        description: filled(cut(one_line(&finding.message), 1_024), &finding.check),
        remediation: fix.map(|text| Remediation { recommendation: Recommendation { text: cut(text, 512) } }),
        product_fields: product_fields(run, account, finding),
        resources: [resource(finding, &partition)],
        compliance: compliance(run, finding),
        workflow: Workflow { status: workflow(finding) },
        record_state: "ACTIVE",
        note: finding.exception.as_ref().map(|exception| Note {
            text: cut(one_line(&accepted(exception)), 512),
            updated_by: "probity",
            updated_at: finding.observed_at.to_string(),
        }),
    }
}

/// Where findings of global services are: the Region that IAM of the partition is controlled from.
fn home(partition: &Partition) -> &'static str {
    match partition.as_str() {
        "aws-us-gov" => "us-gov-west-1",
        "aws-cn" => "cn-north-1",
        _ => "us-east-1",
    }
}

/// The severity: what is in order is no alarm, however bad the opposite would be.
const fn label(finding: &Finding) -> &'static str {
    match (finding.outcome, finding.severity) {
        (Outcome::Pass | Outcome::NotApplicable, _) | (_, Severity::Info) => "INFORMATIONAL",
        (_, Severity::Low) => "LOW",
        (_, Severity::Medium) => "MEDIUM",
        (_, Severity::High) => "HIGH",
        (_, Severity::Critical) => "CRITICAL",
    }
}

const fn workflow(finding: &Finding) -> &'static str {
    match (finding.outcome, &finding.exception) {
        (Outcome::Pass | Outcome::NotApplicable, _) => "RESOLVED",
        (_, Some(_)) => "SUPPRESSED",
        (_, None) => "NEW",
    }
}

/// `WARNING` is what ASFF says where "some information is missing", `NOT_AVAILABLE` where a rule did not apply.
fn compliance<'r>(run: &'r Run, finding: &'r Finding) -> Compliance<'r> {
    let status = match finding.outcome {
        Outcome::Pass => "PASSED",
        Outcome::Fail => "FAILED",
        Outcome::NotEvaluated | Outcome::Manual => "WARNING",
        Outcome::NotApplicable => "NOT_AVAILABLE",
    };
    let reason = match finding.outcome {
        Outcome::Pass | Outcome::Fail => None,
        Outcome::NotEvaluated => Some("PROBITY_NOT_EVALUATED"),
        Outcome::Manual => Some("PROBITY_MANUAL"),
        Outcome::NotApplicable => Some("PROBITY_NOT_APPLICABLE"),
    };
    let controls = run.check(&finding.check).map(|check| check.controls.as_slice()).unwrap_or_default();
    let requirements = controls.iter().take(32).map(|control| {
        let proposed = if control.proposed { " (proposed)" } else { "" };
        cut(format!("{} {}{proposed}", control.framework, control.control), 64)
    });
    Compliance {
        status,
        security_control_id: &finding.check,
        related_requirements: requirements.collect(),
        status_reasons: reason
            .map(|reason_code| StatusReason {
                reason_code,
                description: filled(cut(one_line(&finding.message), 512), &finding.check),
            })
            .into_iter()
            .collect(),
    }
}

/// What the format has no place for.
fn product_fields(run: &Run, account: Option<&AccountRun>, finding: &Finding) -> BTreeMap<&'static str, String> {
    let fields = [
        ("ProviderName", Some("probity".to_owned())),
        ("ProviderVersion", Some(run.tool_version.clone())),
        ("probity/Run", Some(run.id.clone())),
        ("probity/Status", Some(finding.outcome.to_string())),
        ("probity/Severity", Some(finding.severity.to_string())),
        ("probity/Family", Some(finding.family.to_string())),
        ("probity/Resource", Some(finding.resource.to_string())),
        ("probity/ResourceType", Some(finding.resource_kind.to_string())),
        ("probity/Discriminator", Some(finding.discriminator.to_string())),
        ("probity/Operations", Some(finding.operations.join(", "))),
        ("probity/Gap", finding.gap.as_ref().map(ToString::to_string)),
        ("probity/Sample", account.and_then(|account| account.request.sample.clone())),
        ("probity/Endpoint", account.and_then(|account| account.request.endpoint.clone())),
    ];
    let told = fields.into_iter().filter_map(|(key, value)| Some((key, cut(one_line(&value?), 2_048))));
    told.filter(|(_, value)| !value.is_empty()).collect()
}

fn resource<'r>(finding: &'r Finding, partition: &Partition) -> Resource<'r> {
    let kind = kind(&finding.resource);
    let id = match kind {
        "AwsAccount" => format!("AWS::::Account:{}", finding.account),
        _ => filled(cut(one_line(finding.resource.as_str()), 512), &finding.check),
    };
    Resource {
        r#type: kind,
        id,
        // The three that the API knows (API Reference, `Resource`).
        partition: ["aws", "aws-us-gov", "aws-cn"].into_iter().find(|known| *known == partition.as_str()),
        region: finding.region.as_ref().map(|region| region.as_str()),
        details: Details { other: evidence(finding) },
    }
}

/// The type of a resource as Security Hub names it, by its ARN.
fn kind(arn: &Arn) -> &'static str {
    let head = arn.resource().split(['/', ':']).next().unwrap_or_default();
    match (arn.service(), head) {
        ("iam", "root") => "AwsAccount",
        ("iam", "user") => "AwsIamUser",
        ("iam", "group") => "AwsIamGroup",
        ("iam", "role") => "AwsIamRole",
        ("iam", "policy") => "AwsIamPolicy",
        ("cloudtrail", "trail") => "AwsCloudTrailTrail",
        ("kms", "key") => "AwsKmsKey",
        ("s3", _) => "AwsS3Bucket",
        ("sns", _) => "AwsSnsTopic",
        ("sqs", _) => "AwsSqsQueue",
        ("lambda", "function") => "AwsLambdaFunction",
        ("ec2", "instance") => "AwsEc2Instance",
        ("secretsmanager", "secret") => "AwsSecretsManagerSecret",
        _ => "Other",
    }
}

/// The evidence, at most 50 values; a key that comes back gets a number.
fn evidence(finding: &Finding) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for item in finding.evidence.iter().take(50) {
        let key = filled(cut(one_line(&item.key), 120), "value");
        let again = (2..).map(|number| format!("{key}_{number}"));
        let free = std::iter::once(key.clone()).chain(again).find(|key| !all.contains_key(key));
        all.insert(free.unwrap_or(key), cut(one_line(&item.value), 1_024));
    }
    all
}

/// At most so many characters; a text that was cut ends with an ellipsis.
fn cut(text: impl Into<String>, most: usize) -> String {
    let text = text.into();
    if text.len() <= most {
        return text;
    }
    match text.char_indices().nth(most) {
        None => text,
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The text, or another where it is empty: Security Hub refuses empty ones.
fn filled(text: String, otherwise: &str) -> String {
    if text.trim().is_empty() { otherwise.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_by_characters() {
        assert_eq!(cut("名前名前", 4), "名前名前");
        assert_eq!(cut("名前名前", 3), "名前…");
    }

    #[test]
    fn types_follow_from_arns() {
        for (arn, expected) in [
            ("arn:aws:iam::123456789012:user/path/anna", "AwsIamUser"),
            ("arn:aws-cn:iam::123456789012:root", "AwsAccount"),
            ("arn:aws:cloudtrail:eu-central-1:123456789012:trail/main", "AwsCloudTrailTrail"),
            ("arn:aws:s3:::bucket", "AwsS3Bucket"),
            ("arn:aws:organizations::123456789012:policy/o-1/p-1", "Other"),
            ("nonsense", "Other"),
        ] {
            assert_eq!(kind(&Arn::new(arn)), expected, "{arn}");
        }
    }
}
