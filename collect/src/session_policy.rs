//! What an assumed role may do for us, whatever it may do otherwise: the third fence, which AWS itself holds.
//!
//! The policy allows the actions of the topics that will be read, each by its name. AWS takes no more than 2,048 characters.
//! Where the names are more, a pattern stands for several of them: those first that save most, and no more than it takes.
//! What a pattern lets in beside them lists or describes, and hands out no content; the tests hold that against every action
//! of the embedded catalogue.

use std::collections::BTreeSet;

use probity_model::{Destination, Operation, Topic};

/// The longest policy that AWS takes for a session, in characters (STS API Reference, `AssumeRole`, `Policy`).
const LIMIT: usize = 2_048;

/// Patterns that may stand for several actions of the table. Absent are those that would let in what content can be read
/// by: no `s3:Get*` or `s3:List*`, no `lambda:Get*`, no `logs:Get*`, no `cloudtrail:Get*`, no `ec2:Describe*`.
const PATTERNS: [&str; 23] = [
    "access-analyzer:Get*",
    "access-analyzer:List*",
    "account:Get*",
    "cognito-identity:Describe*",
    "config:Describe*",
    "ecs:List*",
    "events:List*",
    "guardduty:List*",
    "iam:Generate*",
    "iam:Get*",
    "iam:List*",
    "identitystore:List*",
    "kms:GetKey*",
    "lambda:List*",
    "logs:Describe*",
    "organizations:Describe*",
    "organizations:List*",
    "rolesanywhere:List*",
    "s3:GetBucket*",
    "securityhub:Describe*",
    "sso:Describe*",
    "sso:Get*",
    "sso:List*",
];

/// The policy for a session that reads these topics; for none, one that reads whichever topic there is.
pub(crate) fn session_policy(topics: &BTreeSet<Topic>) -> String {
    let read = Topic::ALL.iter().filter(|topic| topics.is_empty() || topics.contains(topic));
    of(read.flat_map(|topic| topic.operations()).flat_map(Operation::actions).collect())
}

/// The policy for a session that sends findings: it reads nothing.
pub(crate) fn sending(to: Destination) -> String {
    of(to.operations().iter().map(|operation| operation.action).collect())
}

/// The policy that allows these actions.
fn of(mut actions: BTreeSet<&'static str>) -> String {
    loop {
        let policy = document(&actions);
        if policy.len() <= LIMIT {
            return policy;
        }
        let saving = |pattern: &&&'static str| {
            let replaced: usize = covered(pattern, &actions).map(quoted).sum();
            replaced.saturating_sub(quoted(pattern))
        };
        let best = PATTERNS.iter().max_by_key(saving).filter(|pattern| saving(pattern) > 0);
        let Some(pattern) = best else { return policy };
        let replaced: Vec<&str> = covered(pattern, &actions).collect();
        actions.retain(|action| !replaced.contains(action));
        actions.insert(pattern);
    }
}

/// The actions that a pattern stands for. Patterns end with the only `*` they have.
fn covered<'a>(pattern: &str, actions: &'a BTreeSet<&'static str>) -> impl Iterator<Item = &'static str> + use<'a> {
    let beginning = pattern.trim_end_matches('*').to_owned();
    actions.iter().copied().filter(move |action| action.starts_with(&beginning))
}

/// The characters that an action takes in the list, with its quotes and a comma.
const fn quoted(action: &str) -> usize {
    action.len() + 3
}

fn document(actions: &BTreeSet<&str>) -> String {
    let statement = serde_json::json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_policy::{AccessLevel, Action, Actions, Catalogue, Document, Pattern};

    /// Actions that AWS counts among those that read or list, and that hand out content: objects, secrets, messages, log
    /// lines, code, user data, the results of queries.
    const CONTENT: [&str; 40] = [
        "athena:Get*",
        "cloudtrail:Get*Results",
        "cloudtrail:ListInsightsData",
        "codecommit:*Get*",
        "cognito-identity:GetCredentials*",
        "cognito-identity:GetId",
        "cognito-identity:GetOpenIdToken*",
        "config:*Get*",
        "config:Select*",
        "dynamodb:*Get*",
        "dynamodb:PartiQLSelect",
        "dynamodb:Query",
        "dynamodb:Scan",
        "ec2:*Data",
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetConsole*",
        "ecr:*Get*",
        "ecs:DescribeTask*",
        "guardduty:Get*",
        "kinesis:Get*",
        "kms:*crypt*",
        "kms:Generate*",
        "lambda:Get*",
        "lambda:Invoke*",
        "logs:FilterLogEvents",
        "logs:Get*",
        "logs:StartLiveTail",
        "logs:Unmask",
        "rds-data:*",
        "s3:GetObject*",
        "s3:List*Bucket",
        "s3:ListBucket*",
        "s3:ListObject*",
        "secretsmanager:*GetSecretValue*",
        "securityhub:Get*",
        "sns:ListPhone*",
        "sns:ListSMS*",
        "sqs:ReceiveMessage",
        "ssm:Get*",
    ];

    fn named(action: &Action) -> String {
        format!("{}:{}", action.prefix(), action.name())
    }

    fn table() -> BTreeSet<&'static str> {
        let operations = Topic::ALL.iter().flat_map(|topic| topic.operations());
        operations.flat_map(Operation::actions).collect()
    }

    /// Nothing but reading, and of content only what stands in the table by its name.
    fn harmless(action: &Action) -> Result<(), String> {
        let name = named(action);
        let reads = action.levels().iter().all(|level| matches!(level, AccessLevel::List | AccessLevel::Read));
        let content = CONTENT.iter().any(|content| Pattern::new(*content).matches_ignoring_case(&name));
        match (reads && !action.levels().is_empty(), content && !table().contains(name.as_str())) {
            (false, _) => Err(format!("{name} does more than read")),
            (_, true) => Err(format!("{name} hands out content")),
            (true, false) => Ok(()),
        }
    }

    fn actions(policy: &str) -> Vec<Pattern> {
        let document = Document::parse(policy).expect("a policy document");
        let [statement] = &*document.statements else { panic!("one statement") };
        let Actions::Only(patterns) = &statement.actions else { panic!("Action") };
        patterns.to_vec()
    }

    #[test]
    fn every_pattern_lets_in_what_reads_no_content_and_nothing_else() {
        for pattern in PATTERNS {
            assert_eq!(pattern.find(['*', '?']), Some(pattern.len() - 1), "{pattern}: one wildcard, at the end");
            let matching: Vec<_> = Catalogue::get().matching(&Pattern::new(pattern)).collect();
            assert!(matching.len() > 1, "{pattern} stands for nothing");
            for action in matching {
                assert_eq!(harmless(action), Ok(()), "{pattern}");
            }
        }
        assert!(PATTERNS.is_sorted());
    }

    /// The test above would see it.
    #[test]
    fn what_reads_content_is_known() {
        for name in ["s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameters", "kms:Decrypt"] {
            let (prefix, action) = name.split_once(':').expect("a service");
            let action = Catalogue::get().action(prefix, action).expect("an action");
            assert!(harmless(action).is_err(), "{name}");
        }
        for content in CONTENT {
            assert!(Catalogue::get().matching(&Pattern::new(content)).next().is_some(), "there is no {content}");
        }
    }

    #[test]
    fn the_policy_for_everything_fits_and_allows_every_action_of_the_table() {
        let policy = session_policy(&BTreeSet::new());
        assert!(policy.len() <= LIMIT, "{} characters", policy.len());
        let allowed = actions(&policy);
        for action in table() {
            assert!(allowed.iter().any(|pattern| pattern.matches(action)), "{action}");
        }
        for pattern in allowed {
            for action in Catalogue::get().matching(&pattern) {
                assert_eq!(harmless(action), Ok(()), "{}", pattern.text());
            }
        }
    }

    #[test]
    fn each_topic_by_itself_is_allowed_by_name() {
        for topic in Topic::ALL.iter().filter(|topic| topic.operations().iter().any(|one| !one.action.is_empty())) {
            let policy = session_policy(&[*topic].into());
            let found: BTreeSet<String> = actions(&policy).iter().map(|pattern| pattern.text().to_owned()).collect();
            let wanted = topic.operations().iter().flat_map(Operation::actions);
            assert_eq!(found, wanted.map(str::to_owned).collect(), "{topic}");
        }
    }

    #[test]
    fn patterns_stand_in_only_as_far_as_it_takes() {
        let iam = Catalogue::get().service("iam").expect("IAM").actions();
        let all: BTreeSet<&'static str> = iam
            .iter()
            .map(named)
            .filter(|name| name.starts_with("iam:Get") || name.starts_with("iam:List"))
            .map(|name| &*name.leak())
            .chain(["sts:GetCallerIdentity", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus"])
            .collect();
        let policy = of(all.clone());
        assert!(document(&all).len() > LIMIT && policy.len() <= LIMIT);
        let found: Vec<String> = actions(&policy).iter().map(|pattern| pattern.text().to_owned()).collect();
        assert!(found.iter().any(|action| action == "iam:List*"), "{found:?}");
        assert!(found.iter().any(|action| action == "kms:GetKeyPolicy"), "{found:?}");
        assert_eq!(found.iter().filter(|action| action.ends_with('*')).count(), 1, "{found:?}");
    }
}
