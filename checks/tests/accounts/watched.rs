//! An account in which somebody looks: a trail with its bucket, key and log group, an alert on the root user by metric filter
//! and one on IAM by EventBridge, and the services that watch.

use std::collections::{BTreeMap, BTreeSet};

use probity_model::builder::{ACCOUNT, Account};
use probity_model::facts::alarms::{Alarm, MetricAlarm, Subscription, TopicState, Watched};
use probity_model::facts::authorization::DocumentText;
use probity_model::facts::detection::{ConfigRecorder, RecorderStatus, RecordingGroup, SecurityHub};
use probity_model::facts::event_rules::EventRule;
use probity_model::facts::trail_buckets::{
    AccessLogging, Bucket, BucketFacts, ObjectLock, PublicAccessBlock, Versioning,
};
use probity_model::facts::trail_keys::{KeyFacts, KeyState, Rotation};
use probity_model::facts::trail_log_groups::{FilterMetric, LogGroup, LogGroupDetails, MetricFilter};
use probity_model::facts::{
    AccountPublicAccessBlock, Alarms, AlertTopics, ConfigRecorders, EventRules, GuardDutyDetectors, InsightSelectors,
    SecurityHubs, TrailBuckets, TrailKeys, TrailLogGroups,
};
use probity_model::{Arn, Seen};

use super::{home, trail, with_trail};

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/trail";
const GROUP: &str = "arn:aws:logs:eu-central-1:123456789012:log-group:trail:*";
const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:security";
const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::trail", "arn:aws:s3:::trail/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
const ROOT: &str =
    r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#;

pub(crate) fn account() -> Account {
    let mut trail = trail(true, true);
    trail.kms_key = Some(KEY.to_owned());
    trail.log_group = Some(Arn::new(GROUP));
    let insights = ["ApiCallRateInsight", "ApiErrorRateInsight"].map(str::to_owned).to_vec();
    let of_trail = BTreeMap::from([(trail.arn.clone(), Seen::Known(insights))]);
    with_trail(Account::new().management_account(), trail).facts(|facts| {
        facts.insight_selectors = Seen::Known(InsightSelectors { trails: of_trail });
        facts.trail_buckets = Seen::Known(TrailBuckets { buckets: [("trail".to_owned(), bucket())].into() });
        facts.account_public_access_block = Seen::Known(AccountPublicAccessBlock { settings: None });
        facts.trail_keys = Seen::Known(TrailKeys { keys: [(Arn::new(KEY), Seen::Known(key()))].into() });
        facts.trail_log_groups = Seen::Known(TrailLogGroups { groups: [(Arn::new(GROUP), group())].into() });
        facts.alarms = Seen::Known(Alarms { regions: [(home(), Seen::Known(vec![alarm()]))].into() });
        let rule = EventRule {
            arn: Arn::new(format!("arn:aws:events:eu-central-1:{ACCOUNT}:rule/iam")),
            name: "iam".to_owned(),
            state: "ENABLED".to_owned(),
            pattern: r#"{"source": ["aws.iam"]}"#.to_owned(),
            targets: Seen::Known(vec![Arn::new(TOPIC)]),
        };
        let regions = [(home(), Seen::Known(vec![rule]))].into();
        facts.event_rules = Seen::Known(EventRules { global_region: Some(home()), regions });
        let subscription = Subscription { protocol: "email".to_owned(), confirmed: true };
        let topics = [(Arn::new(TOPIC), Seen::Known(TopicState::Present(vec![subscription])))].into();
        facts.alert_topics = Seen::Known(AlertTopics { topics });
        let regions = [(home(), Seen::Known(vec![recorder()]))].into();
        facts.config_recorders = Seen::Known(ConfigRecorders { regions });
        let detectors = [("d1".to_owned(), Seen::Known("ENABLED".to_owned()))].into();
        let regions = [(home(), Seen::Known(detectors))].into();
        facts.guard_duty_detectors = Seen::Known(GuardDutyDetectors { regions });
        let standards = [("arn:aws:securityhub:::standards/a".to_owned(), "READY".to_owned())].into();
        let regions = [(home(), Seen::Known(SecurityHub::On(standards)))].into();
        facts.security_hubs = Seen::Known(SecurityHubs { regions });
    })
}

fn bucket() -> Bucket {
    let block = PublicAccessBlock { ignore_public_acls: true, restrict_public_buckets: true, ..Default::default() };
    Bucket::Present(Box::new(BucketFacts {
        region: home(),
        public_access_block: Seen::Known(Some(block)),
        grants: Seen::Known(Vec::new()),
        policy_is_public: Seen::Known(Some(false)),
        policy: Seen::Known(Some(DocumentText::new(POLICY))),
        access_logging: Seen::Known(Some(AccessLogging {
            target_bucket: "access".to_owned(),
            target_prefix: String::new(),
        })),
        versioning: Seen::Known(Versioning { status: Some("Enabled".to_owned()), mfa_delete: false }),
        object_lock: Seen::Known(Some(ObjectLock {
            default_mode: Some("COMPLIANCE".to_owned()),
            default_days: Some(365),
        })),
    }))
}

fn key() -> KeyState {
    KeyState::Present(KeyFacts {
        arn: Arn::new(KEY),
        state: "Enabled".to_owned(),
        manager: "CUSTOMER".to_owned(),
        origin: "AWS_KMS".to_owned(),
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        rotation: Seen::Known(Rotation { enabled: true, period_days: Some(365) }),
    })
}

fn group() -> LogGroup {
    let metric = FilterMetric {
        namespace: "Audit".to_owned(),
        name: "root".to_owned(),
        value: "1".to_owned(),
        default_value: None,
        dimensions: Vec::new(),
    };
    let filter = MetricFilter {
        name: "root".to_owned(),
        pattern: ROOT.to_owned(),
        field_selection: None,
        metrics: vec![metric],
    };
    let details = LogGroupDetails { retention_days: Some(400), class: Some("STANDARD".to_owned()) };
    LogGroup { details: Seen::Known(Some(details)), filters: Seen::Known(vec![filter]) }
}

fn alarm() -> Alarm {
    Alarm {
        arn: Arn::new(format!("arn:aws:cloudwatch:eu-central-1:{ACCOUNT}:alarm:root")),
        name: "root".to_owned(),
        actions_enabled: true,
        actions: BTreeSet::from([Arn::new(TOPIC)]),
        watches: Watched::Metric(MetricAlarm {
            namespace: "Audit".to_owned(),
            metric: "root".to_owned(),
            dimensions: BTreeMap::new(),
            statistic: Some("Sum".to_owned()),
            comparison: "GreaterThanOrEqualToThreshold".to_owned(),
            threshold: Some("1".to_owned()),
            period_seconds: Some(300),
            datapoints: 1,
        }),
    }
}

fn recorder() -> ConfigRecorder {
    let role = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    ConfigRecorder {
        name: "default".to_owned(),
        role: Some(role.to_owned()),
        service_principal: None,
        group: RecordingGroup { all_supported: true, include_global_types: true, ..RecordingGroup::default() },
        status: Seen::Known(RecorderStatus {
            recording: true,
            last_status: Some("SUCCESS".to_owned()),
            last_error: None,
            started_at: None,
        }),
    }
}
