//! Archive rules put away only findings about access that somebody has named.
//!
//! # Why
//! A finding that matches an archive rule is never shown as open. A rule that matches a whole kind of finding silences the
//! analyzer for it, for good and for everybody, and whoever opens a bucket to the world tomorrow goes unnoticed.
//!
//! # Pass
//! The rule names, by `eq` or `contains`, the resource, the principal or the origin of the access that is meant. A rule
//! with `isPublic` `true` names the exact resource by `eq`.
//!
//! # Fail
//! The rule matches findings about access for everyone, or everything of a type, of an account, or whatever is not named.
//!
//! # Notes
//! All parts of a rule must match, so one that narrows it is enough. These do not narrow: `neq` and `exists`, which
//! match all but what they name; `resourceOwnerAccount`, which for an analyzer of the account is always the account itself;
//! `isPublic` `false`, `error`, `status` and the types; a `contains` that every name of a service contains, such as `arn:`
//! or `arn:aws:s3:::`; and `*` as principal, which is everyone. Each of several values of a part must narrow, since one
//! match is enough.
//!
//! A rule acts on new findings, and on old ones only where it was applied to them. The evidence names the findings about
//! access for everyone that are archived now, by a rule or by hand: look at each of them.
//!
//! # Fix
//! Replace the rule with rules that name the exact access that is meant.
//!
//! # Command
//! ```sh
//! aws accessanalyzer list-archive-rules --analyzer-name NAME
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::access_analyzer::{Analyzer, ArchiveRule, Criterion};
use probity_model::facts::{AnalyzerFindings, Analyzers, ArchiveRules};
use probity_model::{
    Arn, Automation, Family, Findings, Meta, Parameters, Region, ResourceKind, Rule, Scope, Severity, Subject,
};

use crate::analyzers::about;

/// The fewest characters of a `contains` that are taken to name something.
const SHORTEST_NAME: usize = 4;
/// The most archived findings that the evidence names.
const NAMED: usize = 10;

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "analyzer-archive-rules-narrow",
        family: Family::AccessAnalyzer,
        title: "Archive rules do not hide whole classes of findings",
        severity: Severity::Medium,
        scope: Scope::Region,
        resource: ResourceKind::ArchiveRule,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[],
    };
    type Facts<'s> = (&'s Analyzers, &'s ArchiveRules, Option<&'s AnalyzerFindings>);

    fn run((analyzers, rules, findings): Self::Facts<'_>, _: &Parameters, out: &mut Findings<'_>) {
        for (region, seen) in &analyzers.regions {
            if let Err(gap) = seen.get() {
                out.whole_account().kind(ResourceKind::Region).region(region).not_evaluated(gap);
            }
        }
        for (region, analyzer) in analyzers.all() {
            match rules.analyzers.get(&analyzer.arn).map(|seen| seen.get()) {
                Some(Ok(list)) => {
                    for rule in list {
                        judge(subject(out, region, analyzer, rule, findings), rule);
                    }
                }
                Some(Err(gap)) => out.resource(analyzer.arn.clone()).region(region).not_evaluated(gap),
                None => out.resource(analyzer.arn.clone()).region(region).unclear("its archive rules were not read"),
            }
        }
    }
}

fn subject<'f, 's>(
    out: &'f mut Findings<'s>,
    region: &Region,
    analyzer: &Analyzer,
    rule: &ArchiveRule,
    findings: Option<&AnalyzerFindings>,
) -> Subject<'f, 's> {
    // The form that the Service Authorization Reference gives for archive rules.
    let arn = Arn::new(format!("{}/archive-rule/{}", analyzer.arn, rule.name));
    let mut subject = out.resource(arn).region(region).evidence("analyzer_type", &analyzer.kind);
    for (key, criterion) in &rule.filter {
        subject = subject.evidence(key, in_words(criterion));
    }
    let list = findings.and_then(|findings| findings.analyzers.get(&analyzer.arn)).and_then(|seen| seen.get().ok());
    match list.and_then(|list| list.archived_public.as_ref()).map(|seen| seen.get()) {
        Some(Ok(archived)) => {
            let named: Vec<String> = archived.iter().take(NAMED).map(about).collect();
            let more = archived.len().saturating_sub(NAMED);
            let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
            let text = if named.is_empty() { "none".to_string() } else { format!("{}{rest}", named.join(", ")) };
            subject.evidence("archived_public_findings", text)
        }
        Some(Err(gap)) => subject.evidence("archived_public_findings", format!("unknown: {gap}")),
        None => subject,
    }
}

fn judge(subject: Subject<'_, '_>, rule: &ArchiveRule) {
    let exact_resource = rule.filter.get("resource").is_some_and(|criterion| narrows_by_eq("resource", criterion));
    let public = rule.filter.get("isPublic").is_some_and(|criterion| criterion.eq.iter().any(|value| value == "true"));
    if public && !exact_resource {
        return subject.fail("the rule archives findings about access for everyone");
    }
    let narrow = rule.filter.iter().find(|(key, criterion)| narrows(key, criterion));
    match narrow {
        Some((key, _)) => subject.pass(format!("the rule is narrowed by {key}")),
        None => {
            let keys: Vec<&str> = rule.filter.keys().map(String::as_str).collect();
            let keys = if keys.is_empty() { "no filter at all".to_string() } else { keys.join(", ") };
            subject.fail(format!("the rule names no resource, principal or origin: it has {keys}"));
        }
    }
}

/// Whether a filter key says which resource, or whose access.
fn names_something(key: &str) -> bool {
    key == "resource" || key.starts_with("principal.") || key.starts_with("condition.") || key == "id"
}

fn narrows(key: &str, criterion: &Criterion) -> bool {
    let by_contains = !criterion.contains.is_empty() && criterion.contains.iter().all(|part| is_telling(part));
    names_something(key) && (narrows_by_eq(key, criterion) || (criterion.eq.is_empty() && by_contains))
}

fn narrows_by_eq(key: &str, criterion: &Criterion) -> bool {
    names_something(key)
        && !criterion.eq.is_empty()
        && criterion.eq.iter().all(|value| !value.is_empty() && value != "*")
}

/// Whether a part of a name tells one thing from another: not so what every name of a service contains.
fn is_telling(part: &str) -> bool {
    let part = part.trim_matches('*');
    let resource = part.strip_prefix("arn:").map(|_| part.splitn(6, ':').nth(5).unwrap_or_default());
    part.chars().count() >= SHORTEST_NAME && resource.is_none_or(|resource| !resource.is_empty())
}

fn in_words(criterion: &Criterion) -> String {
    let mut parts = Vec::new();
    for (name, values) in [("eq", &criterion.eq), ("neq", &criterion.neq), ("contains", &criterion.contains)] {
        if !values.is_empty() {
            parts.push(format!("{name} {}", values.join(", ")));
        }
    }
    parts.extend(criterion.exists.map(|exists| format!("exists {exists}")));
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{self, Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago, denied};
    use probity_model::facts::access_analyzer::{ArchiveRule, Criterion, FindingList};
    use probity_model::{Seen, Topic};

    use crate::analyzers::testing::{HOME, OTHER, analyzer, finding, found, unreadable, with};
    use crate::testing::{findings, outcomes};

    const ID: &str = "analyzer-archive-rules-narrow";

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(ToString::to_string).collect()
    }

    fn eq(values: &[&str]) -> Criterion {
        Criterion { eq: texts(values), ..Criterion::default() }
    }

    fn contains(values: &[&str]) -> Criterion {
        Criterion { contains: texts(values), ..Criterion::default() }
    }

    fn rule(filter: &[(&str, Criterion)]) -> ArchiveRule {
        let filter = filter.iter().map(|(key, criterion)| (key.to_string(), criterion.clone())).collect();
        ArchiveRule { name: "rule".to_string(), filter, created_at: days_ago(100) }
    }

    fn ruled(list: FindingList, filter: &[(&str, Criterion)]) -> Account {
        let external = analyzer(HOME, "external", "ACCOUNT");
        with(Account::new(), external, Seen::Known(list), vec![rule(filter)])
    }

    fn outcome(filter: &[(&str, Criterion)]) -> Outcome {
        let [outcome] = outcomes(ID, ruled(found(Vec::new(), &[]), filter)).try_into().expect("one finding");
        outcome
    }

    #[test]
    fn pass() {
        let bucket = eq(&["arn:aws:s3:::partner-exports"]);
        assert_eq!(outcome(&[("resource", bucket.clone())]), Pass);
        assert_eq!(
            outcome(&[("principal.AWS", eq(&["210987654321"])), ("resourceType", eq(&["AWS::S3::Bucket"]))]),
            Pass
        );
        assert_eq!(outcome(&[("resource", contains(&["partner-"]))]), Pass);
        assert_eq!(outcome(&[("condition.aws:PrincipalOrgID", eq(&["o-partner"]))]), Pass);
        let [finding] =
            findings(ID, ruled(found(Vec::new(), &[]), &[("resource", bucket)])).try_into().expect("one finding");
        assert!(finding.resource.as_str().ends_with(":analyzer/external/archive-rule/rule"), "{}", finding.resource);
    }

    #[test]
    fn fail() {
        assert_eq!(outcome(&[("isPublic", eq(&["true"]))]), Fail);
        assert_eq!(outcome(&[("resourceType", eq(&["AWS::S3::Bucket"]))]), Fail);
        assert_eq!(outcome(&[("findingType", eq(&["UnusedPermission"]))]), Fail);
        assert_eq!(outcome(&[]), Fail);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, Account::new().deny(Topic::ArchiveRules)), [NotEvaluated]);
        assert_eq!(outcomes(ID, unreadable(Account::new(), OTHER)), [NotEvaluated]);
        let account = |rules: Option<Seen<Vec<ArchiveRule>>>| {
            ruled(found(Vec::new(), &[]), &[]).facts(|facts| {
                if let Seen::Known(all) = &mut facts.archive_rules {
                    let arn = analyzer(HOME, "external", "ACCOUNT").arn;
                    match rules {
                        Some(rules) => all.analyzers.insert(arn, rules),
                        None => all.analyzers.remove(&arn),
                    };
                }
            })
        };
        assert_eq!(outcomes(ID, account(Some(Seen::Missing(denied(Topic::ArchiveRules))))), [NotEvaluated]);
        assert_eq!(outcomes(ID, account(None)), [NotEvaluated]);
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
        let without = with(Account::new(), analyzer(HOME, "external", "ACCOUNT"), Seen::default(), Vec::new());
        assert_eq!(outcomes(ID, without), [NotApplicable]);
    }

    #[test]
    fn a_public_resource_that_is_named_exactly_may_be_archived() {
        let public = ("isPublic", eq(&["true"]));
        assert_eq!(outcome(&[public.clone(), ("resource", eq(&["arn:aws:s3:::site"]))]), Pass);
        assert_eq!(outcome(&[public.clone(), ("resource", contains(&["public-"]))]), Fail);
        assert_eq!(outcome(&[public, ("principal.AWS", eq(&["210987654321"]))]), Fail);
    }

    #[test]
    fn trap_parts_that_match_all_but_something_do_not_narrow() {
        let neq = Criterion { neq: texts(&["arn:aws:s3:::secret"]), ..Criterion::default() };
        assert_eq!(outcome(&[("resource", neq)]), Fail);
        let exists = Criterion { exists: Some(true), ..Criterion::default() };
        assert_eq!(outcome(&[("error", exists.clone())]), Fail);
        assert_eq!(outcome(&[("condition.aws:PrincipalArn", exists)]), Fail);
        assert_eq!(outcome(&[("isPublic", eq(&["false"]))]), Fail);
    }

    #[test]
    fn trap_the_owning_account_does_not_narrow() {
        assert_eq!(outcome(&[("resourceOwnerAccount", eq(&["123456789012"]))]), Fail);
    }

    #[test]
    fn trap_what_everything_contains_does_not_narrow() {
        for part in ["", "*", "s3", "arn:", "arn:aws:s3:::", "arn:aws:iam::123456789012:"] {
            assert_eq!(outcome(&[("resource", contains(&[part]))]), Fail, "{part}");
        }
        assert_eq!(outcome(&[("resource", contains(&["arn:aws:iam::123456789012:role/partner"]))]), Pass);
        assert_eq!(outcome(&[("resource", contains(&["partner-", "arn:"]))]), Fail, "one match is enough");
        assert_eq!(outcome(&[("principal.AWS", eq(&["210987654321", "*"]))]), Fail, "everyone");
    }

    #[test]
    fn trap_what_is_archived_already_is_named() {
        let list = FindingList {
            archived_public: Some(Seen::Known(vec![finding("old-site", 300)])),
            ..found(Vec::new(), &[])
        };
        let narrow = [("resource", eq(&["arn:aws:s3:::site"]))];
        let [finding] = findings(ID, ruled(list, &narrow)).try_into().expect("one finding");
        assert_eq!(finding.outcome, Pass);
        assert!(finding.evidence_line().contains("archived_public_findings=arn:aws:s3:::old-site"), "{finding:?}");
        let unread = FindingList {
            archived_public: Some(Seen::Missing(denied(Topic::AnalyzerFindings))),
            ..found(Vec::new(), &[])
        };
        let [finding] = findings(ID, ruled(unread, &narrow)).try_into().expect("one finding");
        assert!(finding.evidence_line().contains("archived_public_findings=unknown"), "{finding:?}");
    }
}
