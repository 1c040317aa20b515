//! What IAM refuses in a managed policy although it can be read: the mistakes that leave a statement without effect.
//!
//! The rules are those of CreatePolicy. Policies of resources are taken by their services, with rules of their own.

use crate::caller::arn;
use crate::condition;
use crate::document::{Condition, Document, Position, Statement};
use crate::pattern::Pattern;
use std::collections::BTreeSet;

/// A mistake, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {kind}", position.line, position.column)]
pub struct Problem {
    /// Where the statement or the condition begins.
    pub position: Position,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a managed policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The version is absent or the older one.
    #[error("the version must be 2012-10-17")]
    Version,
    /// There is no statement.
    #[error("there is no statement")]
    NoStatement,
    /// Two statements have the same name.
    #[error("two statements are named `{0}`")]
    DuplicateSid(String),
    /// There are principals; only policies of resources have them.
    #[error("a managed policy has no principals")]
    Principal,
    /// No action is named.
    #[error("no action is named")]
    NoAction,
    /// An action is not `*` or of the form `service:Name`.
    #[error("the action `{0}` is neither `*` nor of the form `service:Name`")]
    Action(String),
    /// No resource is named.
    #[error("no resource is named")]
    NoResource,
    /// A resource is neither `*` nor an ARN.
    #[error("the resource `{0}` is neither `*` nor an ARN")]
    Resource(String),
    /// There is no such partition of AWS.
    #[error("the resource `{0}` is in no partition of AWS")]
    Partition(String),
    /// The resource's service has no such resource in a Region.
    #[error("the resource `{0}` names a Region, which its kind does not have")]
    Region(String),
    /// IAM has no such kind of resource.
    #[error("the resource `{0}` is of no kind that IAM has")]
    IamResource(String),
    /// IAM has no such operator.
    #[error("there is no condition operator `{0}`")]
    Operator(String),
    /// A date cannot be read.
    #[error("`{0}` is not a date")]
    Date(String),
}

/// The partitions of AWS.
pub(crate) const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// The kinds of resources that a policy can name in IAM.
const IAM_RESOURCES: [&str; 13] = [
    "user/*",
    "federated-user/*",
    "role/*",
    "group/*",
    "instance-profile/*",
    "mfa/*",
    "server-certificate/*",
    "policy/*",
    "sms-mfa/*",
    "saml-provider/*",
    "oidc-provider/*",
    "report/*",
    "access-report/*",
];

impl Document {
    /// Why IAM would refuse the document as a managed policy; empty when it would take it.
    #[must_use]
    pub fn refused_as_managed_policy(&self) -> Vec<Problem> {
        let start = Position { line: 1, column: 1 };
        let mut problems = Problems::default();
        problems.add_if(self.version.as_deref() != Some("2012-10-17"), start, || ProblemKind::Version);
        problems.add_if(self.statements.is_empty(), start, || ProblemKind::NoStatement);
        let mut sids = BTreeSet::new();
        for statement in &self.statements {
            if let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) {
                let known = !sids.insert(sid);
                problems.add_if(known, statement.position, || ProblemKind::DuplicateSid(sid.to_owned()));
            }
            problems.look_at(statement);
        }
        problems.found
    }
}

#[derive(Default)]
struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    fn add_if(&mut self, wrong: bool, position: Position, kind: impl FnOnce() -> ProblemKind) {
        if wrong {
            self.found.push(Problem { position, kind: kind() });
        }
    }

    fn look_at(&mut self, statement: &Statement) {
        let position = statement.position;
        self.add_if(statement.principals.is_some(), position, || ProblemKind::Principal);
        let actions = statement.actions.patterns();
        self.add_if(actions.is_empty(), position, || ProblemKind::NoAction);
        for action in actions.iter().map(Pattern::text) {
            self.add_if(!is_action(action), position, || ProblemKind::Action(action.to_owned()));
        }
        let resources = statement.resources.as_ref().map_or(&[] as &[_], |resources| resources.patterns());
        self.add_if(resources.is_empty(), position, || ProblemKind::NoResource);
        for resource in resources.iter().map(Pattern::text) {
            if let Some(kind) = wrong_resource(resource) {
                self.add_if(true, position, || kind(resource.to_owned()));
            }
        }
        for condition in &statement.conditions {
            self.look_at_condition(condition);
        }
    }

    fn look_at_condition(&mut self, condition: &Condition) {
        match condition::is_date(&condition.operator) {
            None => self.add_if(true, condition.position, || ProblemKind::Operator(condition.operator.clone())),
            Some(false) => {}
            Some(true) => {
                for value in &condition.values {
                    self.add_if(!is_date(value), condition.position, || ProblemKind::Date(value.clone()));
                }
            }
        }
    }
}

fn is_action(action: &str) -> bool {
    if Pattern::new(action).is_everything() {
        return true;
    }
    action.split_once(':').is_some_and(|(service, name)| {
        let belongs = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '*' | '?');
        !service.is_empty() && service.chars().all(belongs) && !name.contains(':')
    })
}

fn wrong_resource(text: &str) -> Option<fn(String) -> ProblemKind> {
    let pattern = Pattern::new(text);
    if pattern.is_everything() {
        return None;
    }
    let Some(rest) = text.strip_prefix("arn:") else { return Some(ProblemKind::Resource) };
    let Some((partition, after)) = rest.split_once(':') else { return Some(ProblemKind::Resource) };
    let partition = Pattern::new(partition);
    if !PARTITIONS.iter().any(|known| partition.matches(known)) {
        return Some(ProblemKind::Partition);
    }
    // A short ARN is taken, as long as none of its parts is empty.
    let Some((service, account, resource)) = arn(text) else {
        return after.split(':').any(str::is_empty).then_some(ProblemKind::Resource);
    };
    let has_region = text.split(':').nth(3).is_some_and(|region| !region.is_empty() && region != "*");
    match service {
        "" => Some(ProblemKind::Resource),
        "iam" if has_region => Some(ProblemKind::Region),
        "iam" if !IAM_RESOURCES.iter().any(|kind| Pattern::new(resource).overlaps(&Pattern::new(*kind))) => {
            Some(ProblemKind::IamResource)
        }
        // Buckets have neither Region nor account; access points have both.
        "s3" if has_region && account.is_empty() => Some(ProblemKind::Region),
        _ => None,
    }
}

/// Whether IAM takes a text for a date when it stores it: a number, or parts of ISO 8601 in their ranges, of which all
/// but the year may be missing. More than what can be compared afterwards.
pub(crate) fn is_date(text: &str) -> bool {
    if text.parse::<i64>().is_ok() {
        return true;
    }
    let (date, time) = match text.split_once(['t', 'T']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.splitn(3, '-');
    let year = parts.next().is_some_and(|year| year.parse::<u32>().is_ok());
    let month = parts.next().is_none_or(|month| is_between(month, 1, 12));
    let day = parts.next().is_none_or(|day| is_between(day, 1, 31));
    year && month && day && time.is_none_or(is_time)
}

fn is_time(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let (time, zone) = match text.find(['z', 'Z', '+', '-']) {
        Some(place) => text.split_at(place),
        None => (text, "Z"),
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = time.split(':');
    let hour = parts.next().is_some_and(|hour| is_between(hour, 0, 24));
    let rest = parts.all(|part| is_between(part, 0, 59)) && time.matches(':').count() <= 2;
    let digits = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    hour && rest && digits && is_zone(zone)
}

fn is_zone(text: &str) -> bool {
    if text.eq_ignore_ascii_case("z") {
        return true;
    }
    let Some(offset) = text.strip_prefix(['+', '-']) else { return false };
    let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "00"));
    hours.len() == 2 && minutes.len() == 2 && is_between(hours, 0, 23) && is_between(minutes, 0, 59)
}

fn is_between(text: &str, least: u8, most: u8) -> bool {
    (1..=2).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|number: u8| (least..=most).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(statements: &str) -> Vec<ProblemKind> {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let found = Document::parse(&text).expect("a policy").refused_as_managed_policy();
        found.into_iter().map(|problem| problem.kind).collect()
    }

    fn of_resource(resource: &str) -> Vec<ProblemKind> {
        problems(&format!(r#"{{"Effect": "Allow", "Action": "s3:*", "Resource": "{resource}"}}"#))
    }

    fn of_action(action: &str) -> Vec<ProblemKind> {
        problems(&format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#))
    }

    fn of_date(date: &str) -> Vec<ProblemKind> {
        problems(&format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"DateLessThan": {{"a": "{date}"}}}}}}"#
        ))
    }

    #[test]
    fn the_newer_version_is_needed() {
        for text in [r#"{"Statement": []}"#, r#"{"Version": "2008-10-17", "Statement": []}"#] {
            let found = Document::parse(text).expect("a policy").refused_as_managed_policy();
            let kinds: Vec<ProblemKind> = found.into_iter().map(|problem| problem.kind).collect();
            assert_eq!(kinds, [ProblemKind::Version, ProblemKind::NoStatement]);
        }
    }

    #[test]
    fn actions_are_prefaced_by_one_service() {
        for action in ["*", "s3:*", "s3:Get*", "*:*", "service-prefix:x", "a.b:x", "iam: odd name"] {
            assert_eq!(of_action(action), [], "{action}");
        }
        for action in ["", "invalid", "a b:List", "s3:List:Bucket", ":x", "s3*"] {
            assert_eq!(of_action(action), [ProblemKind::Action(action.into())], "{action}");
        }
    }

    #[test]
    fn actions_and_resources_must_be_named() {
        assert_eq!(
            problems(r#"{"Effect": "Allow", "Action": [], "Resource": []}, {"Effect": "Deny", "NotAction": "*"}"#),
            [ProblemKind::NoAction, ProblemKind::NoResource, ProblemKind::NoResource]
        );
    }

    #[test]
    fn resources_are_arns() {
        for resource in
            ["*", "arn:aws:s3:::b", "arn:aws-cn:s3:::b/*", "arn:*:s3:::b", "arn:aws:s3", "arn:aws:sns:eu-west-1::t"]
        {
            assert_eq!(of_resource(resource), [], "{resource}");
        }
        for resource in ["", "b", "aws:s3:::b", "arn:aws", "arn:aws::b", "arn:aws:s3::b", "arn:aws::::b"] {
            assert_eq!(of_resource(resource), [ProblemKind::Resource(resource.into())], "{resource}");
        }
        assert_eq!(of_resource("arn:x:s3:::b"), [ProblemKind::Partition("arn:x:s3:::b".into())]);
    }

    #[test]
    fn buckets_and_iam_have_no_region() {
        for resource in ["arn:aws:s3:us-east-1::b", "arn:aws:iam:us-east-1::user/x"] {
            assert_eq!(of_resource(resource), [ProblemKind::Region(resource.into())]);
        }
        assert_eq!(of_resource("arn:aws:s3:us-east-1:111122223333:accesspoint/x"), []);
    }

    #[test]
    fn iam_has_certain_kinds_of_resources() {
        for resource in ["arn:aws:iam::*:*", "arn:aws:iam::*:u*", "arn:aws:iam::*:user/${aws:username}"] {
            assert_eq!(of_resource(resource), [], "{resource}");
        }
        assert_eq!(
            of_resource("arn:aws:iam::*:bucket/x"),
            [ProblemKind::IamResource("arn:aws:iam::*:bucket/x".into())]
        );
    }

    #[test]
    fn names_of_statements_are_unique() {
        let named = |sid: &str| format!(r#"{{"Sid": "{sid}", "Effect": "Allow", "Action": "*", "Resource": "*"}}"#);
        assert_eq!(problems(&[named("a"), named("b")].join(",")), []);
        assert_eq!(problems(&[named(""), named("")].join(",")), [], "an empty name is none");
        assert_eq!(problems(&[named("a"), named("a")].join(",")), [ProblemKind::DuplicateSid("a".into())]);
    }

    #[test]
    fn principals_belong_to_resources() {
        let statement = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
        assert_eq!(problems(statement), [ProblemKind::Principal]);
    }

    #[test]
    fn operators_must_exist() {
        let statement =
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Resembles": {"a": "b"}}}"#;
        assert_eq!(problems(statement), [ProblemKind::Operator("Resembles".into())]);
    }

    #[test]
    fn dates_may_lack_their_end() {
        for date in ["2031", "2031-02", "2031-02-03", "2031-02-03T4", "2031-02-03t04:05:06.789+01:30", "2031T", "-5"] {
            assert_eq!(of_date(date), [], "{date}");
        }
        for date in [
            "soon",
            "2031-13",
            "2031-02-32",
            "2031-02-03T25",
            "2031-02-03T4+1",
            "2031-02-03T4:05:06.0123456789Z",
            "2031-02-03T4x",
        ] {
            assert_eq!(of_date(date), [ProblemKind::Date(date.into())], "{date}");
        }
        assert_eq!(of_date("9223372036854775808"), [ProblemKind::Date("9223372036854775808".into())]);
    }

    #[test]
    fn a_problem_tells_its_place() {
        let text = "{\"Version\": \"2012-10-17\", \"Statement\": [\n  {\"Effect\": \"Allow\", \"Action\": \"x\", \"Resource\": \"*\"}]}";
        let found = Document::parse(text).expect("a policy").refused_as_managed_policy();
        assert_eq!(
            found.first().map(ToString::to_string).as_deref(),
            Some("line 2, column 3: the action `x` is neither `*` nor of the form `service:Name`")
        );
    }
}
