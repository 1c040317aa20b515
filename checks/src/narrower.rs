//! The narrower policy of a principal: what it was granted, without what it did not use.
//!
//! Services that were not used are left out. Within the others, actions that AWS tracks one by one are left out where they
//! were not used; AWS does not track the rest, which stays. Resources, conditions and every Deny stay as they are, so what
//! is proposed never allows more than what is there.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use probity_access::Principal;
use probity_model::Timestamp;
use probity_model::facts::last_accessed::ServiceAccess;
use probity_policy::{Actions, Catalogue, Document, Effect, Pattern, Resources, Statement};

/// AWS does not record its use.
const UNRECORDED: &str = "iam:PassRole";

/// What could stand in place of all policies of a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The policy as compact JSON; nothing where no Allow is left, so that the policies can go altogether.
    pub document: Option<String>,
    /// Services that are left out, by their prefixes.
    pub removed_services: BTreeSet<String>,
    /// Actions of services in use that are left out, such as `s3:PutBucketPolicy`.
    pub removed_actions: BTreeSet<String>,
    /// Services that policies name and of whose use nothing is known: they stay.
    pub kept_without_data: BTreeSet<String>,
}

/// Proposes a policy in place of those that a principal holds, itself and through groups; its boundary stays.
///
/// `is_recent` says whether a use was late enough to count. Nothing is proposed where a policy was not read.
#[must_use]
pub fn propose(
    principal: &Principal,
    services: &[ServiceAccess],
    is_recent: impl Fn(Timestamp) -> bool,
) -> Option<Proposal> {
    let mut documents: BTreeMap<&str, &Document> = BTreeMap::new();
    for held in principal.identity() {
        documents.insert(held.source.name(), held.source.document()?);
    }
    let mut narrower = Narrower::new(services, is_recent);
    let mut statements = Vec::new();
    let mut allows = false;
    for document in documents.values() {
        let has_variables = document.version.as_deref() == Some("2012-10-17");
        for statement in &document.statements {
            let actions = match statement.effect {
                Effect::Deny => None,
                Effect::Allow => match narrower.actions(&statement.actions) {
                    actions if actions.is_empty() => continue,
                    actions => Some(actions),
                },
            };
            allows |= actions.is_some();
            statements.push(write(statement, actions, has_variables));
        }
    }
    let mut seen = BTreeSet::new();
    statements.retain(|statement| seen.insert(statement.clone()));
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    Some(Proposal {
        document: allows.then_some(document),
        removed_services: narrower.removed_services,
        removed_actions: narrower.removed_actions,
        kept_without_data: narrower.kept_without_data,
    })
}

/// What was used and what not.
struct Narrower<'s> {
    /// Every service that AWS tells of, by its prefix in lower case: whether it was used, and its tracked actions that were
    /// not.
    services: BTreeMap<String, (bool, Vec<&'s str>)>,
    removed_services: BTreeSet<String>,
    removed_actions: BTreeSet<String>,
    kept_without_data: BTreeSet<String>,
}

impl<'s> Narrower<'s> {
    fn new(services: &'s [ServiceAccess], is_recent: impl Fn(Timestamp) -> bool) -> Self {
        let is_used = |last: Option<Timestamp>| last.is_some_and(&is_recent);
        let services = services.iter().map(|service| {
            let unused = service.actions.iter().filter(|action| !is_used(action.last_used_at));
            let unused = unused.map(|action| action.name.as_str()).collect();
            (service.namespace.to_ascii_lowercase(), (is_used(service.last_used_at), unused))
        });
        Self {
            services: services.collect(),
            removed_services: BTreeSet::new(),
            removed_actions: BTreeSet::new(),
            kept_without_data: BTreeSet::new(),
        }
    }

    /// The patterns that are left of an Allow.
    fn actions(&mut self, actions: &Actions) -> BTreeSet<String> {
        match actions {
            Actions::Only(patterns) => patterns.iter().flat_map(|pattern| self.pattern(pattern, &[])).collect(),
            Actions::AllBut(excepted) => self.pattern(&Pattern::new("*"), excepted),
        }
    }

    /// What is left of a pattern without the actions that are excepted.
    fn pattern(&mut self, pattern: &Pattern, excepted: &[Pattern]) -> BTreeSet<String> {
        let (prefix, name) = pattern.text().split_once(':').unwrap_or((pattern.text(), "*"));
        if prefix == pattern.text() && !pattern.is_everything() {
            // Without a colon it matches no action.
            return BTreeSet::new();
        }
        let is_one_service = !prefix.contains(['*', '?']);
        let lowered = prefix.to_ascii_lowercase();
        if is_one_service && !self.services.contains_key(&lowered) {
            self.kept_without_data.insert(lowered);
            return BTreeSet::from([pattern.text().to_owned()]);
        }
        let prefixes = Pattern::new(lowered);
        let named: Vec<String> = self.services.keys().filter(|service| prefixes.matches(service)).cloned().collect();
        let mut left = BTreeSet::new();
        for service in named {
            let of_service = Pattern::new(format!("{service}:{name}"));
            if self.services.get(&service).is_some_and(|(used, _)| *used) {
                left.extend(self.used(&service, &of_service, excepted));
            } else {
                // Whoever names it may need it, and nobody can see.
                let names_unrecorded = is_one_service && name.bytes().any(|byte| byte != b'*');
                if names_unrecorded && of_service.matches_action(UNRECORDED) {
                    left.insert(UNRECORDED.to_owned());
                }
                self.removed_services.insert(service);
            }
        }
        left
    }

    /// What is left of a pattern of a service in use.
    fn used(&mut self, service: &str, pattern: &Pattern, excepted: &[Pattern]) -> BTreeSet<String> {
        let unused = self.services.get(service).map(|(_, unused)| unused.as_slice()).unwrap_or_default();
        let is_excepted = |action: &str| excepted.iter().any(|one| one.matches_action(action));
        let unused: Vec<String> = unused
            .iter()
            .map(|name| format!("{service}:{name}"))
            .filter(|action| pattern.matches_action(action) && !is_excepted(action))
            .filter(|action| !action.eq_ignore_ascii_case(UNRECORDED))
            .collect();
        let touches = |one: &Pattern| {
            one.text().split_once(':').is_none_or(|(prefix, _)| Pattern::new(prefix).matches_ignoring_case(service))
        };
        if unused.is_empty() && !excepted.iter().any(touches) {
            return BTreeSet::from([pattern.text().to_owned()]);
        }
        let is_unused = |action: &str| unused.iter().any(|one| one.eq_ignore_ascii_case(action));
        let all = Catalogue::get().matching(pattern).map(probity_policy::Action::full_name);
        let left = all.filter(|action| !is_unused(action) && !is_excepted(action)).collect();
        self.removed_actions.extend(unused);
        left
    }
}

/// A statement as JSON, with other actions where these are given.
fn write(statement: &Statement, actions: Option<BTreeSet<String>>, has_variables: bool) -> String {
    let text = |text: &str| {
        // Documents of the older version know no variables, and the proposal does.
        if has_variables { text.to_owned() } else { text.replace("${", "${$}{") }
    };
    let list = |patterns: &[Pattern]| array(patterns.iter().map(|pattern| text(pattern.text())));
    let mut parts = Vec::from([match statement.effect {
        Effect::Allow => r#""Effect":"Allow""#.to_owned(),
        Effect::Deny => r#""Effect":"Deny""#.to_owned(),
    }]);
    parts.push(match (actions, &statement.actions) {
        (Some(actions), _) => format!(r#""Action":{}"#, array(actions)),
        (None, Actions::Only(patterns)) => format!(r#""Action":{}"#, list(patterns)),
        (None, Actions::AllBut(patterns)) => format!(r#""NotAction":{}"#, list(patterns)),
    });
    match &statement.resources {
        Some(Resources::Only(patterns)) => parts.push(format!(r#""Resource":{}"#, list(patterns))),
        Some(Resources::AllBut(patterns)) => parts.push(format!(r#""NotResource":{}"#, list(patterns))),
        None => {}
    }
    let mut operators: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for condition in &statement.conditions {
        let values = array(condition.values.iter().map(|value| text(value)));
        operators.entry(&condition.operator).or_default().push(format!("{}:{values}", quoted(&condition.key)));
    }
    if !operators.is_empty() {
        let operators: Vec<String> =
            operators.iter().map(|(operator, keys)| format!("{}:{{{}}}", quoted(operator), keys.join(","))).collect();
        parts.push(format!(r#""Condition":{{{}}}"#, operators.join(",")));
    }
    format!("{{{}}}", parts.join(","))
}

/// A list; a single text stands by itself.
fn array(texts: impl IntoIterator<Item = String>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| quoted(&text)).collect();
    match texts.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(",")),
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::{String, ToString};
    use std::vec::Vec;

    use probity_access::Access;
    use probity_model::builder::{Account, RoleBuilder, days_ago};
    use probity_model::facts::last_accessed::ActionAccess;
    use probity_policy::Policy;

    use super::*;

    fn statement(rest: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":{{{rest}}}}}"#)
    }

    fn allow(actions: &str) -> String {
        statement(&format!(r#""Effect":"Allow","Action":{actions},"Resource":"*""#))
    }

    /// A service that was used three days ago or never, and its tracked actions, each in the same way.
    fn service(namespace: &str, used: bool, actions: &[(&str, bool)]) -> ServiceAccess {
        let at = |used: bool| used.then(|| days_ago(3));
        let action = |(name, used): &(&str, bool)| ActionAccess { name: name.to_string(), last_used_at: at(*used) };
        ServiceAccess {
            namespace: namespace.to_string(),
            name: namespace.to_string(),
            last_used_at: at(used),
            last_used_region: None,
            actions: actions.iter().map(action).collect(),
        }
    }

    fn proposal(change: impl FnOnce(RoleBuilder) -> RoleBuilder, services: &[ServiceAccess]) -> Option<Proposal> {
        let snapshot = Account::new().role("app", change).build();
        let access = Access::of(&snapshot).expect("the authorization details");
        let role = access.named("app").next().expect("the role");
        propose(role, services, |at| at >= days_ago(90))
    }

    fn narrowed(document: &str, services: &[ServiceAccess]) -> Proposal {
        proposal(|role| role.inline("own", document), services).expect("a proposal")
    }

    /// The statements of the policy that is proposed, which must be one.
    fn statements(proposal: &Proposal) -> String {
        let document = proposal.document.clone().expect("a document");
        Policy::parse("proposed", &document).expect("a policy");
        let start = r#"{"Version":"2012-10-17","Statement":["#;
        document.strip_prefix(start).and_then(|rest| rest.strip_suffix("]}")).expect("statements").to_string()
    }

    #[test]
    fn the_proposal_allows_no_action_that_was_not_allowed() {
        let services = [
            service("s3", true, &[("CreateBucket", true), ("DeleteBucket", false)]),
            service("sqs", true, &[]),
            service("iam", true, &[("GetUser", true), ("CreateUser", false)]),
            service("kms", false, &[]),
        ];
        for document in [
            allow(r#""*""#),
            allow(r#"["s*:Get*","iam:*User","kms:*","?ms:Decrypt"]"#),
            statement(r#""Effect":"Allow","NotAction":["iam:Create*","s3:*Bucket"],"Resource":"*""#),
        ] {
            let found = narrowed(&document, &services).document.expect("a document");
            let (before, after) = (Document::parse(&document).expect("it"), Document::parse(&found).expect("one"));
            let covers =
                |document: &Document, action: &str| document.statements.iter().any(|one| one.actions.cover(action));
            let (mut kept, mut dropped) = (0, 0);
            for action in Catalogue::get().services().flat_map(|service| service.actions()) {
                let name = action.full_name();
                match (covers(&before, &name), covers(&after, &name)) {
                    (false, true) => panic!("{name} is new in {found}"),
                    (true, true) => kept += 1,
                    (true, false) => dropped += 1,
                    (false, false) => {}
                }
            }
            assert!(kept > 0 && dropped > 0, "{document}: {kept} kept, {dropped} dropped");
            assert!(!covers(&after, "kms:Decrypt") && !covers(&after, "s3:DeleteBucket"), "{found}");
        }
    }

    #[test]
    fn unused_services_are_left_out() {
        let services = [service("s3", true, &[]), service("sqs", false, &[])];
        let found = narrowed(&allow(r#"["s3:Get*","sqs:*","SQS:SendMessage"]"#), &services);
        assert_eq!(statements(&found), r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}"#);
        assert_eq!(Vec::from_iter(&found.removed_services), ["sqs"]);
    }

    #[test]
    fn everything_becomes_the_services_in_use() {
        let services = [service("s3", true, &[]), service("sns", true, &[]), service("sqs", false, &[])];
        for everything in [r#""*""#, r#""*:*""#] {
            let found = narrowed(&allow(everything), &services);
            assert_eq!(statements(&found), r#"{"Effect":"Allow","Action":["s3:*","sns:*"],"Resource":"*"}"#);
        }
        let found = narrowed(&allow(r#""s?s:Get*""#), &services);
        assert_eq!(statements(&found), r#"{"Effect":"Allow","Action":"sns:Get*","Resource":"*"}"#);
    }

    #[test]
    fn unused_actions_that_are_tracked_are_left_out() {
        let services = [service("sqs", true, &[("CreateQueue", true), ("DeleteQueue", false), ("TagQueue", false)])];
        let found = narrowed(&allow(r#""sqs:*Queue""#), &services);
        let left = statements(&found);
        assert!(left.contains(r#""sqs:CreateQueue""#) && left.contains(r#""sqs:PurgeQueue""#), "{left}");
        assert!(!left.contains("DeleteQueue") && !left.contains("TagQueue"), "{left}");
        assert_eq!(Vec::from_iter(&found.removed_actions), ["sqs:DeleteQueue", "sqs:TagQueue"]);
        let exact = narrowed(&allow(r#"["sqs:DeleteQueue","sqs:SendMessage"]"#), &services);
        assert_eq!(statements(&exact), r#"{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}"#);
        let elsewhere = narrowed(&allow(r#""sqs:Send*""#), &services);
        assert_eq!(statements(&elsewhere), r#"{"Effect":"Allow","Action":"sqs:Send*","Resource":"*"}"#);
    }

    #[test]
    fn exceptions_stay_exceptions() {
        let services = [service("s3", true, &[]), service("sqs", true, &[]), service("iam", false, &[])];
        let document = statement(r#""Effect":"Allow","NotAction":["iam:*","sqs:*Queue"],"Resource":"*""#);
        let left = statements(&narrowed(&document, &services));
        assert!(left.contains(r#""s3:*""#) && left.contains(r#""sqs:SendMessage""#), "{left}");
        assert!(!left.contains("Queue\"") && !left.contains("iam:") && !left.contains("sqs:*"), "{left}");
    }

    #[test]
    fn resources_conditions_and_denials_stay() {
        let condition = r#""Condition":{"StringEquals":{"aws:RequestedRegion":["eu-central-1","eu-west-1"],"aws:PrincipalTag/a\"b":"c"}}"#;
        let kept = format!(
            r#"{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::a/${{aws:username}}",{condition}}}"#
        );
        let denied = r#"{"Effect":"Deny","NotAction":["iam:*","sqs:*"],"NotResource":"*"}"#;
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{kept},{denied}]}}"#);
        assert_eq!(statements(&narrowed(&document, &[service("s3", true, &[])])), format!("{kept},{denied}"));
    }

    #[test]
    fn a_dollar_of_the_older_version_stays_one() {
        let older = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}"}}"#;
        let left = statements(&narrowed(older, &[service("s3", true, &[])]));
        assert!(left.contains(r#""arn:aws:s3:::${$}{aws:username}""#), "{left}");
    }

    #[test]
    fn what_nobody_knows_of_stays() {
        let found = narrowed(&allow(r#""newservice:*""#), &[service("s3", false, &[])]);
        assert_eq!(statements(&found), r#"{"Effect":"Allow","Action":"newservice:*","Resource":"*"}"#);
        assert_eq!(Vec::from_iter(&found.kept_without_data), ["newservice"]);
    }

    #[test]
    fn passing_a_role_stays_where_it_is_named() {
        let services = [service("iam", false, &[("PassRole", false)]), service("s3", true, &[])];
        for named in [r#""iam:PassRole""#, r#""IAM:Pass*""#, r#"["iam:GetUser","iam:PassRole"]"#] {
            let left = statements(&narrowed(&allow(named), &services));
            assert_eq!(left, r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}"#, "{named}");
        }
        let found = narrowed(&allow(r#"["iam:*","s3:*"]"#), &services);
        assert_eq!(statements(&found), r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#);
        let used = [service("iam", true, &[("PassRole", false), ("GetUser", true)])];
        assert_eq!(statements(&narrowed(&allow(r#""iam:PassRole""#), &used)).matches("PassRole").count(), 1);
    }

    #[test]
    fn nothing_in_use_leaves_no_policy() {
        let found = narrowed(&allow(r#""s3:*""#), &[service("s3", false, &[])]);
        assert_eq!(found.document, None);
    }

    #[test]
    fn a_policy_that_was_not_read_is_not_replaced() {
        let services = [service("s3", true, &[])];
        assert_eq!(proposal(|role| role.inline("own", &allow(r#""s3:*""#)).attached("Missing"), &services), None);
        assert_eq!(proposal(|role| role.inline("own", "not a policy"), &services), None);
    }

    #[test]
    fn the_order_of_the_policies_does_not_show() {
        let (one, other) = (allow(r#""s3:Get*""#), allow(r#""s3:Put*""#));
        let services = [service("s3", true, &[])];
        let forth = proposal(|role| role.inline("a", &one).inline("b", &other), &services);
        let back = proposal(|role| role.inline("b", &other).inline("a", &one), &services);
        assert_eq!(forth, back);
        let twice = proposal(|role| role.inline("a", &one).inline("b", &one), &services).expect("a proposal");
        assert_eq!(statements(&twice), r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}"#);
    }
}
