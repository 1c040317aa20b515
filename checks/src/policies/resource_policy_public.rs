//! The policy of no resource lets everybody in.
//!
//! # Why
//! A resource that everybody may use is used by everybody: data is read, messages are injected, functions are run at the
//! owner's cost. Its address is all a stranger needs.
//!
//! # Pass
//! Where an analyzer of external access is active in the Region: it has no open finding about access for everyone. Elsewhere:
//! no Allow of the policy names everybody, or each that does demands an account, an organization, a source or a network.
//!
//! # Fail
//! The analyzer says that everybody has access; or a statement allows something to `*`, or by `NotPrincipal` to all but a few,
//! without such a demand. A bucket fails where S3 calls its policy public and neither its own Block Public Access settings
//! nor those of the account keep strangers out.
//!
//! # Not applicable
//! Resources of `allowed_public`, and those whose finding somebody archived in Access Analyzer.
//!
//! # Notes
//! Access Analyzer reasons about the whole policy, and its word is the better evidence: `evidence_source` in the evidence says
//! which of the two a verdict rests on. It looks at S3 buckets, SQS queues, SNS topics, Lambda functions, KMS keys, secrets
//! and more. Directly read are the policies of those six, one or two calls a resource, and only under `--detail full`. Without
//! an analyzer and without `--detail full` the check says for which Regions it cannot speak.
//!
//! Block Public Access of the account costs one call: where it restricts public buckets, no bucket policy lets strangers
//! in, and S3 is judged without either.
//!
//! A Deny to everybody outside may close what an Allow opens; where a policy read directly has one, the resource is not
//! evaluated. The policies of ECR, EventBridge, OpenSearch and Glacier are not read directly.
//!
//! # Fix
//! Name the accounts or roles in `Principal`, or demand `aws:PrincipalOrgID`, `aws:SourceAccount` or `aws:SourceArn`. For S3, turn
//! on Block Public Access of the account.
//!
//! # Command
//! ```sh
//! aws s3control put-public-access-block --account-id ACCOUNT_ID --public-access-block-configuration \
//!   BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_model::facts::access_analyzer::{ExternalAccess, external_access};
use probity_model::facts::resource_policies::{BucketAccess, PolicyKind, ResourcePolicy};
use probity_model::facts::{AccountPublicAccessBlock, AnalyzerFindings, Analyzers, ResourcePolicies};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{
    Arn, Automation, Family, Findings, Gap, Meta, Parameters, Region, ResourceKind, Rule, Scope, Severity,
};
use probity_policy::Pattern;

use crate::everyone::{self, Everyone};

const ALLOWED_PUBLIC: ListParameter = ListParameter {
    name: "allowed_public",
    default: &[],
    choices: &[],
    unit: Unit::ArnPatterns,
    source: "the organization's choice: what is meant for everybody",
};

/// Types of resources that an analyzer tells of and whose policies this check is about.
const TYPES: [&str; 6] = [
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SNS::Topic",
    "AWS::Lambda::Function",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
];

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "resource-policy-public",
        family: Family::Policies,
        title: "Resource policies do not let everyone in",
        severity: Severity::Critical,
        scope: Scope::Region,
        resource: ResourceKind::ResourcePolicy,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(ALLOWED_PUBLIC)],
    };
    type Facts<'s> = (
        Result<&'s Analyzers, &'s Gap>,
        Result<&'s AnalyzerFindings, &'s Gap>,
        Result<&'s AccountPublicAccessBlock, &'s Gap>,
        Result<&'s ResourcePolicies, &'s Gap>,
    );

    fn run((analyzers, findings, block, policies): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let settings = block.ok().and_then(|block| block.settings);
        let judge = Judge {
            allowed: parameters.list(&ALLOWED_PUBLIC).into_iter().map(Pattern::new).collect(),
            buckets_closed: settings.is_some_and(|settings| settings.restrict_public_buckets),
        };
        let mut regions: BTreeSet<&Region> = BTreeSet::new();
        regions.extend(analyzers.iter().flat_map(|all| all.regions.keys()));
        regions.extend(policies.iter().flat_map(|all| all.regions.keys()));
        if judge.buckets_closed {
            let subject =
                out.whole_account().discriminator("s3").evidence("evidence_source", "s3:GetPublicAccessBlock");
            let subject = subject.evidence("RestrictPublicBuckets", true);
            subject.pass("Block Public Access of the account keeps strangers out of every bucket");
        }
        let mut unread: Vec<&Region> = Vec::new();
        for region in regions {
            let analyzer = match (analyzers, findings) {
                (Ok(analyzers), Ok(findings)) => external_access(analyzers, findings, region),
                _ => Ok(None),
            };
            match (analyzer, policies) {
                (Ok(Some(access)), _) => judge.by_analyzer(region, &access, out),
                (Ok(None), Ok(policies)) => judge.directly(region, policies, out),
                // The better evidence is there and cannot be had; what is read directly serves.
                (Err(_), Ok(policies)) => judge.directly(region, policies, out),
                (Err(gap), Err(_)) => out.whole_account().kind(ResourceKind::Region).region(region).not_evaluated(gap),
                (Ok(None), Err(_)) => unread.push(region),
            }
        }
        let Err(gap) = policies else { return };
        if !unread.is_empty() || analyzers.is_err() {
            let names: Vec<&str> = unread.iter().map(|region| region.as_str()).collect();
            let subject = out.whole_account().discriminator("not-read").evidence("Regions", names.join(", "));
            // Which analyzers there are is the first question, and the answer to it the cheapest.
            subject.not_evaluated(analyzers.err().unwrap_or(gap));
        }
    }
}

struct Judge {
    allowed: Vec<Pattern>,
    buckets_closed: bool,
}

impl Judge {
    fn is_allowed(&self, arn: &Arn) -> bool {
        self.allowed.iter().any(|pattern| pattern.matches_arn(arn.as_str()))
    }

    fn by_analyzer(&self, region: &Region, access: &ExternalAccess<'_>, out: &mut Findings<'_>) {
        let account = String::from(out.account().as_str());
        let analyzer = access.analyzer.arn.clone();
        let source = format!("Access Analyzer ({analyzer})");
        let mut open = 0_usize;
        for kind in TYPES {
            let found = match access.public(&account, kind) {
                Ok(found) => found,
                Err(gap) => return out.resource(analyzer).region(region).not_evaluated(gap),
            };
            for finding in found {
                // One with an error says nothing of the access; it is reported below.
                let (Some(resource), None) = (&finding.resource, &finding.error) else { continue };
                open += 1;
                let subject = out.resource(resource.clone()).region(region).discriminator(&finding.id);
                let subject = subject.evidence("evidence_source", &source);
                let subject = subject.evidence("finding", &finding.id).evidence("resource_type", kind);
                if self.is_allowed(resource) {
                    subject.not_applicable("the resource is meant for everybody");
                } else {
                    subject.fail("everybody has access, says Access Analyzer");
                }
            }
        }
        let owned = |kind: &str, owner: &str| owner == account && TYPES.contains(&kind);
        for finding in access.findings.active.iter().filter(|one| owned(&one.resource_type, &one.owner)) {
            if let (Some(error), Some(resource)) = (&finding.error, &finding.resource) {
                let subject = out.resource(resource.clone()).region(region).discriminator(&finding.id);
                subject.evidence("error", error).unclear("Access Analyzer could not analyze the resource");
            }
        }
        if let Some(Ok(archived)) = access.findings.archived_public.as_ref().map(probity_model::Seen::get) {
            for finding in archived.iter().filter(|one| owned(&one.resource_type, &one.owner)) {
                if let Some(resource) = &finding.resource {
                    let subject = out.resource(resource.clone()).region(region).discriminator(&finding.id);
                    let subject = subject.evidence("evidence_source", &source).evidence("finding", &finding.id);
                    subject.not_applicable("everybody has access, and somebody archived the finding");
                }
            }
        }
        let subject = out.resource(analyzer).region(region).evidence("evidence_source", &source);
        let fresh = access.analyzer.last_analyzed_at.is_none();
        if access.findings.cut {
            subject.unclear("there are more open findings than were read");
        } else if open == 0 && fresh {
            subject.unclear("the analyzer has not analyzed anything yet");
        } else if open == 0 {
            subject.pass("no open finding is about access for everybody to a resource of the account");
        } else {
            subject.not_applicable(format!("{open} resources are open to everybody and reported one by one"));
        }
    }

    fn directly(&self, region: &Region, policies: &ResourcePolicies, out: &mut Findings<'_>) {
        match policies.buckets.get() {
            Ok(buckets) => {
                for bucket in buckets.iter().filter(|bucket| bucket.region == *region) {
                    self.bucket(bucket, out);
                }
            }
            Err(_) if self.buckets_closed => {}
            Err(gap) => out.whole_account().region(region).discriminator("buckets").not_evaluated(gap),
        }
        let Some(kinds) = policies.regions.get(region) else {
            return out.whole_account().region(region).discriminator("not-read").unclear("the Region was not read");
        };
        for (kind, seen) in kinds {
            match seen.get() {
                Ok(all) => all.iter().for_each(|one| self.resource(*kind, region, one, out)),
                Err(gap) => out.whole_account().region(region).discriminator(kind.noun()).not_evaluated(gap),
            }
        }
    }

    fn bucket(&self, bucket: &BucketAccess, out: &mut Findings<'_>) {
        let subject = out.resource(bucket.arn.clone()).region(&bucket.region);
        let subject = subject.evidence("evidence_source", "s3:GetBucketPolicyStatus");
        let public = match bucket.policy_is_public.get() {
            Ok(public) => *public,
            Err(_) if self.buckets_closed => {
                return subject.pass("Block Public Access of the account keeps strangers out");
            }
            Err(gap) => return subject.not_evaluated(gap),
        };
        let subject =
            subject.evidence("IsPublic", public.map_or("no policy", |public| if public { "true" } else { "false" }));
        if public != Some(true) {
            return subject.pass("the bucket has no policy that S3 calls public");
        }
        if self.is_allowed(&bucket.arn) {
            return subject.not_applicable("the bucket is meant for everybody");
        }
        if self.buckets_closed {
            return subject.pass("the policy is public, and Block Public Access of the account keeps strangers out");
        }
        match bucket.public_access_block.get() {
            Ok(Some(block)) if block.restrict_public_buckets => {
                subject.pass("the policy is public, and Block Public Access of the bucket keeps strangers out");
            }
            Ok(_) => subject.fail("S3 calls the bucket policy public, and Block Public Access does not restrict it"),
            Err(gap) => subject.not_evaluated(gap),
        }
    }

    fn resource(&self, kind: PolicyKind, region: &Region, resource: &ResourcePolicy, out: &mut Findings<'_>) {
        let subject = out.resource(resource.arn.clone()).region(region).evidence("evidence_source", "the policy");
        let policy = match resource.policy.get() {
            Ok(Some(policy)) => policy,
            Ok(None) => return subject.evidence("policy", "none").pass(format!("the {} has no policy", kind.noun())),
            Err(gap) => return subject.not_evaluated(gap),
        };
        let subject = subject.evidence("policy", policy.as_str());
        match everyone::of(policy) {
            Everyone::LetIn(_) if self.is_allowed(&resource.arn) => {
                subject.not_applicable("the resource is meant for everybody");
            }
            Everyone::LetIn(statement) => subject.fail(format!("{statement} lets everybody in")),
            Everyone::Pinned(pinned) => subject.pass(format!("the policy names everybody, and {pinned}")),
            Everyone::NotNamed => subject.pass("the policy names whom it lets in"),
            Everyone::Unclear(reason) => subject.unclear(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::format;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, denied};
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::resource_policies::{BucketAccess, PolicyKind, ResourcePolicy};
    use probity_model::facts::trail_buckets::PublicAccessBlock;
    use probity_model::facts::{AccountPublicAccessBlock, ResourcePolicies};
    use probity_model::{Arn, Outcome, Region, Seen, Topic};

    use crate::analyzers::testing::{HOME, analyzer, finding, found, with};
    use crate::testing::{findings, findings_with, outcomes};

    const ID: &str = "resource-policy-public";
    const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:orders";

    fn home() -> Region {
        Region::try_from(HOME).expect("a Region")
    }

    fn policy(principal: &str, condition: &str) -> std::string::String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"*","Resource":"*","Condition":{{{condition}}}}}}}"#
        )
    }

    fn queue(text: &str) -> Account {
        let queue = ResourcePolicy { arn: Arn::new(QUEUE), policy: Seen::Known(Some(DocumentText::new(text))) };
        read(|policies| {
            let kinds = BTreeMap::from([(PolicyKind::Queue, Seen::Known([queue].into()))]);
            policies.regions.insert(home(), kinds);
        })
    }

    fn read(change: impl FnOnce(&mut ResourcePolicies)) -> Account {
        Account::new().facts(|facts| {
            let Seen::Known(policies) = &mut facts.resource_policies else { unreachable!("they are known") };
            change(policies);
        })
    }

    fn bucket(public: Option<bool>, restricted: bool) -> Account {
        let block = PublicAccessBlock { restrict_public_buckets: restricted, ..PublicAccessBlock::default() };
        let bucket = BucketAccess {
            arn: Arn::new("arn:aws:s3:::files"),
            region: home(),
            policy_is_public: Seen::Known(public),
            public_access_block: Seen::Known(Some(block)),
        };
        read(|policies| policies.buckets = Seen::Known([bucket].into()))
    }

    fn of_account(account: Account) -> Account {
        account.facts(|facts| {
            let settings = PublicAccessBlock { restrict_public_buckets: true, ..PublicAccessBlock::default() };
            facts.account_public_access_block = Seen::Known(AccountPublicAccessBlock { settings: Some(settings) });
        })
    }

    fn on(account: Account, arn: &str) -> Vec<Outcome> {
        let all = findings(ID, account).into_iter();
        all.filter(|finding| finding.resource.as_str() == arn).map(|finding| finding.outcome).collect()
    }

    #[test]
    fn pass() {
        let pinned = policy(r#""*""#, r#""StringEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}"#);
        assert_eq!(outcomes(ID, queue(&pinned)), [Pass]);
        assert_eq!(outcomes(ID, bucket(None, false)), [Pass]);
        assert_eq!(outcomes(ID, bucket(Some(false), false)), [Pass]);
    }

    #[test]
    fn fail() {
        assert_eq!(outcomes(ID, queue(&policy(r#"{"AWS":"*"}"#, ""))), [Fail]);
        assert_eq!(outcomes(ID, bucket(Some(true), false)), [Fail]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let allowed = findings_with(ID, &[("allowed_public", QUEUE)], queue(&policy(r#""*""#, "")));
        assert_eq!(allowed[0].outcome, NotApplicable);
    }

    #[test]
    fn not_evaluated() {
        let standard = queue(&policy(r#""*""#, "")).deny(Topic::ResourcePolicies);
        assert_eq!(outcomes(ID, standard), [NotEvaluated], "neither an analyzer nor a policy");
        let unread = ResourcePolicy { arn: Arn::new(QUEUE), policy: Seen::Missing(denied(Topic::ResourcePolicies)) };
        let account = read(|policies| {
            let kinds = BTreeMap::from([(PolicyKind::Queue, Seen::Known([unread].into()))]);
            policies.regions.insert(home(), kinds);
        });
        assert_eq!(outcomes(ID, account), [NotEvaluated]);
        assert_eq!(outcomes(ID, queue("no policy")), [NotEvaluated]);
    }

    #[test]
    fn block_public_access_keeps_strangers_out() {
        assert_eq!(outcomes(ID, bucket(Some(true), true)), [Pass]);
        let all = outcomes(ID, of_account(bucket(Some(true), false)));
        assert!(all.iter().all(|outcome| *outcome == Pass), "{all:?}");
        let standard = of_account(Account::new()).deny(Topic::ResourcePolicies);
        assert!(outcomes(ID, standard).contains(&Pass), "S3 is judged by one call");
    }

    #[test]
    fn trap_the_word_of_an_analyzer_goes_first() {
        let open = policy(r#""*""#, "");
        let mut public = finding("f-1", 5);
        public.resource = Some(Arn::new(QUEUE));
        public.resource_type = "AWS::SQS::Queue".into();
        let external = || analyzer(HOME, "external", "ACCOUNT");
        let said = with(queue(&open), external(), Seen::Known(found([public].into(), &["f-1"])), Vec::new());
        let all = findings(ID, said);
        let of: Vec<_> = all.iter().filter(|finding| finding.resource.as_str() == QUEUE).collect();
        assert_eq!(of.iter().map(|finding| finding.outcome).collect::<Vec<_>>(), [Fail]);
        assert!(format!("{:?}", of[0].evidence).contains("Access Analyzer"), "{:?}", of[0].evidence);
        let quiet = with(queue(&open), external(), Seen::Known(found(Vec::new(), &[])), Vec::new());
        assert_eq!(on(quiet, QUEUE), [], "its silence is better evidence than the text");
        let unread = with(queue(&open), external(), Seen::Missing(denied(Topic::AnalyzerFindings)), Vec::new());
        assert_eq!(on(unread, QUEUE), [Fail], "what is read directly serves where the findings cannot be had");
    }

    #[test]
    fn trap_the_default_policy_of_a_key_names_the_account() {
        let default = policy(r#"{"AWS":"arn:aws:iam::123456789012:root"}"#, "");
        assert_eq!(outcomes(ID, queue(&default)), [Pass]);
    }

    #[test]
    fn trap_the_default_policy_of_a_topic_is_pinned() {
        let default = policy(r#"{"AWS":"*"}"#, r#""StringEquals":{"AWS:SourceOwner":"123456789012"}"#);
        assert_eq!(outcomes(ID, queue(&default)), [Pass]);
    }
}
