//! The root user was not used lately.
//!
//! # Why
//! Hardly any task needs the root user. Where it is used all the same, somebody works with the one identity that
//! nothing restricts and that no record ties to a person, or somebody has got hold of it.
//!
//! # Pass
//! The last use of the password and of both access keys of the root user are more than `window_days` whole days ago, or
//! there was none, and the event history, as far as it could be read, shows no other use in that time.
//!
//! # Fail
//! The password or an access key of the root user was used at most `window_days` whole days ago, or an event of the
//! root user within that time stands in the event history of any Region. Sessions that were opened centrally do not
//! count.
//!
//! # Not applicable
//! The account is at most `window_days` days old: the root user may have been used to create it.
//!
//! # Notes
//! `N/A` and `no_information` mean that AWS has noted no use. AWS hands out the same credential report for up to four
//! hours, and it forgets the keys that were deleted; the event history of CloudTrail, which reaches back 90 days and
//! needs no trail, fills both holes. Where it could not be read in every Region, the report decides alone, and the finding
//! says so. What is longer ago than 90 days is judged by the report alone in any case.
//!
//! Events of root sessions that the organization opened centrally (`sts:AssumeRoot`) are counted apart. Whether such a
//! session moves the date of the last password use is not documented: where the report shows one, it counts.
//!
//! # Fix
//! Find out in CloudTrail who used the root user, and for what. Move the task to a role, or to a root session that is
//! opened centrally.
//!
//! # Command
//! ```sh
//! aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=root --region us-east-1
//! ```

use alloc::format;

use probity_model::facts::credential_report::{Cell, CredentialRow};
use probity_model::facts::{CredentialReport, RootActivity};
use probity_model::parameter::{NumberParameter, ParameterSpec, Unit};
use probity_model::{
    Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity, Timestamp,
};

use crate::access_keys::days_ago;
use crate::root_events::History;

const WINDOW_DAYS: NumberParameter = NumberParameter {
    name: "window_days",
    default: 90,
    min: 1,
    max: 365,
    unit: Unit::Days,
    source: "ScoutSuite and Steampipe look back 90 days, CloudSploit 15 and Prowler 1; CIS gives no number",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "root-not-used-recently",
        family: Family::Root,
        title: "Root user has not been used inside the look-back window",
        severity: Severity::High,
        scope: Scope::Account,
        resource: ResourceKind::AccountRoot,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::Number(WINDOW_DAYS)],
    };
    type Facts<'s> = (&'s CredentialReport, Result<&'s RootActivity, &'s Gap>);

    fn run((report, activity): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let window = i64::from(parameters.number(&WINDOW_DAYS));
        let history = History::of(activity, window, |at| out.days_since(at));
        let Some(row) = &report.root else {
            let root = history.evidence(out.whole_account().evidence("report_generated_at", report.generated_at));
            return match history.used() {
                Some(message) => root.fail(message),
                None => root.unclear("the credential report has no row for the root user"),
            };
        };
        let age = row.created_at.value().and_then(|created| days_ago(out, *created));
        let reported = Reported::of(row, out);
        let mut root = out.whole_account().evidence("user_creation_time", &row.created_at);
        for (name, cell) in dates(row) {
            root = root.evidence(name, cell);
        }
        root = root.evidence("report_generated_at", report.generated_at).evidence(WINDOW_DAYS.name, window);
        root = history.evidence(root);
        if let Some(days) = age.filter(|days| *days <= window) {
            return root.severity(Severity::Info).not_applicable(format!(
                "the account is {days} days old, and creating it may take the root user; the window is {window} days"
            ));
        }
        match (reported.latest, history.used(), reported.unknown) {
            (Some((days, column)), ..) if days <= window => {
                root.fail(format!("the root user was used {days} days ago ({column}); the window is {window} days"))
            }
            (_, Some(message), _) => root.fail(message),
            _ if age.is_none() => root.unclear("no date tells when the account was created, or it lies ahead"),
            (.., Some(column)) => {
                root.unclear(format!("{column} does not say when the root user was last used, or lies ahead"));
            }
            (Some((days, _)), ..) => {
                let message = format!("the root user was last used {days} days ago; the window is {window} days");
                history.conclude(root, message);
            }
            (None, ..) => {
                history.conclude(root, format!("no use of the root user is on record; the window is {window} days"));
            }
        }
    }
}

/// The columns that date a use.
fn dates(row: &CredentialRow) -> [(&'static str, &Cell<Timestamp>); 3] {
    let [first, second] = &row.access_keys;
    [
        ("password_last_used", &row.password_last_used),
        ("access_key_1_last_used_date", &first.last_used_at),
        ("access_key_2_last_used_date", &second.last_used_at),
    ]
}

/// What the credential report tells.
struct Reported {
    /// The days since the latest of the uses, and the column that tells it.
    latest: Option<(i64, &'static str)>,
    /// A column that nobody can make sense of.
    unknown: Option<&'static str>,
}

impl Reported {
    fn of(row: &CredentialRow, out: &Findings<'_>) -> Self {
        let mut reported = Self { latest: None, unknown: None };
        for (name, cell) in dates(row) {
            match cell {
                Cell::Value(at) => match days_ago(out, *at) {
                    Some(days) if reported.latest.is_none_or(|(latest, _)| days < latest) => {
                        reported.latest = Some((days, name));
                    }
                    Some(_) => {}
                    None => reported.unknown = reported.unknown.or(Some(name)),
                },
                Cell::NotApplicable | Cell::NoInformation => {}
                Cell::NotSupported | Cell::NoColumn | Cell::Unreadable(_) => {
                    reported.unknown = reported.unknown.or(Some(name));
                }
            }
        }
        reported
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;
    use std::string::{String, ToString};
    use std::vec;
    use std::vec::Vec;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::{Account, days_ago, denied, seconds_ago};
    use probity_model::facts::RootActivity;
    use probity_model::facts::credential_report::Cell;
    use probity_model::facts::root_activity::RootEvent;
    use probity_model::{Finding, Region, Seen, Severity, Timestamp, Topic};

    use crate::testing::{findings, outcomes, outcomes_with};

    const ID: &str = "root-not-used-recently";

    /// The home Region of the account, and another one.
    const HOME: &str = "eu-central-1";
    const OTHER: &str = "us-east-1";

    fn password(days: i64) -> Account {
        Account::new().root(|root| root.password_last_used = Cell::Value(days_ago(days)))
    }

    fn key(slot: usize, days: i64) -> Account {
        Account::new().root(|root| root.access_keys[slot].last_used_at = Cell::Value(days_ago(days)))
    }

    fn created(days: i64) -> Account {
        Account::new().root(|root| root.created_at = Cell::Value(days_ago(days)))
    }

    /// An event so many days ago: of a session opened centrally, of another one, or of one nobody knows which.
    fn event(days: i64, assumed_root: Option<bool>) -> RootEvent {
        RootEvent {
            id: "event".to_owned(),
            at: days_ago(days),
            name: "ConsoleLogin".to_owned(),
            source: Some("signin.amazonaws.com".to_owned()),
            source_address: Some("192.0.2.7".to_owned()),
            user_agent: None,
            assumed_root,
            access_key_id: None,
        }
    }

    fn activity(account: Account, change: impl FnOnce(&mut RootActivity)) -> Account {
        account.facts(|facts| {
            if let Seen::Known(activity) = &mut facts.root_activity {
                change(activity);
            }
        })
    }

    fn region(name: &str) -> Region {
        Region::try_from(name).expect("a Region")
    }

    fn events(account: Account, name: &str, events: Vec<RootEvent>) -> Account {
        activity(account, |activity| {
            activity.regions.insert(region(name), Seen::Known(events));
        })
    }

    fn unread(account: Account, name: &str) -> Account {
        let gap = denied(Topic::RootActivity).in_region(&region(name));
        activity(account, |activity| {
            activity.regions.insert(region(name), Seen::Missing(gap));
        })
    }

    fn cut(account: Account, name: &str) -> Account {
        activity(account, |activity| {
            activity.cut.insert(region(name));
        })
    }

    fn only(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn evidence(finding: &Finding, key: &str) -> Option<String> {
        finding.evidence.iter().find(|item| item.key == key).map(|item| item.value.to_string())
    }

    #[test]
    fn pass() {
        let finding = only(password(200));
        assert_eq!(finding.outcome, Pass);
        assert_eq!(finding.message, "the root user was last used 200 days ago; the window is 90 days");
    }

    #[test]
    fn fail() {
        let finding = only(password(3));
        assert_eq!(finding.outcome, Fail);
        assert_eq!(finding.message, "the root user was used 3 days ago (password_last_used); the window is 90 days");
        assert_eq!(outcomes(ID, key(0, 3)), [Fail]);
        assert_eq!(outcomes(ID, key(1, 3)), [Fail]);
    }

    #[test]
    fn the_last_day_of_the_window_belongs_to_it() {
        assert_eq!(outcomes(ID, password(90)), [Fail]);
        assert_eq!(outcomes(ID, password(91)), [Pass]);
        let day = |days| events(Account::new(), HOME, vec![event(days, Some(false))]);
        let short = [("window_days", "15")];
        assert_eq!(outcomes_with(ID, &short, password(15)), [Fail]);
        assert_eq!(outcomes_with(ID, &short, password(16)), [Pass]);
        assert_eq!(outcomes_with(ID, &short, day(15)), [Fail]);
        assert_eq!(outcomes_with(ID, &short, day(16)), [Pass]);
    }

    #[test]
    fn a_window_longer_than_the_history_is_judged_by_the_report() {
        let long = [("window_days", "365")];
        assert_eq!(outcomes_with(ID, &long, password(365)), [Fail]);
        assert_eq!(outcomes_with(ID, &long, password(366)), [Pass]);
    }

    /// Creating the account took the root user.
    #[test]
    fn not_applicable() {
        let young = only(created(90).root(|root| root.password_last_used = Cell::Value(days_ago(90))));
        assert_eq!((young.outcome, young.severity), (NotApplicable, Severity::Info));
        assert_eq!(outcomes(ID, created(91)), [Pass]);
        assert_eq!(outcomes_with(ID, &[("window_days", "15")], created(15)), [NotApplicable]);
        assert_eq!(outcomes_with(ID, &[("window_days", "15")], created(16)), [Pass]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, password(200).deny(Topic::CredentialReport)), [NotEvaluated]);
        let cells =
            [Cell::NoColumn, Cell::NotSupported, Cell::Unreadable("soon".to_owned()), Cell::Value(days_ago(-2))];
        for cell in cells {
            let of_password = password(200).root(|root| root.password_last_used = cell.clone());
            assert_eq!(outcomes(ID, of_password), [NotEvaluated], "{cell}");
            let of_key = password(200).root(|root| root.access_keys[1].last_used_at = cell.clone());
            assert_eq!(outcomes(ID, of_key), [NotEvaluated], "{cell}");
            let of_creation = password(200).root(|root| root.created_at = cell.clone());
            assert_eq!(outcomes(ID, of_creation), [NotEvaluated], "{cell}");
        }
        assert_eq!(outcomes(ID, without_row(Account::new())), [NotEvaluated]);
    }

    fn without_row(account: Account) -> Account {
        account.facts(|facts| {
            if let Seen::Known(report) = &mut facts.credential_report {
                report.root = None;
            }
        })
    }

    /// Two events of one second: the order in which they were read never shows.
    #[test]
    fn the_order_of_the_events_never_shows() {
        for assumed_root in [Some(false), None] {
            let named = |name: &str| RootEvent { id: name.to_owned(), name: name.to_owned(), ..event(5, assumed_root) };
            let told = |events_in_order| only(events(password(200), HOME, events_in_order));
            let (one, other) = (told(vec![named("A"), named("B")]), told(vec![named("B"), named("A")]));
            assert_eq!(one, other);
        }
    }

    /// A use that was found is one, whatever else could not be read.
    #[test]
    fn a_use_found_anywhere_fails() {
        let used = || events(unread(password(200), OTHER), HOME, vec![event(5, Some(false))]);
        let finding = only(used());
        assert_eq!(finding.outcome, Fail);
        assert_eq!(
            finding.message,
            "the root user was used 5 days ago (the event ConsoleLogin in eu-central-1); the window is 90 days"
        );
        assert_eq!(evidence(&finding, "regions_not_read").as_deref(), Some(OTHER));
        assert_eq!(outcomes(ID, without_row(used())), [Fail]);
        assert_eq!(outcomes(ID, used().root(|root| root.created_at = Cell::NoColumn)), [Fail]);
        assert_eq!(outcomes(ID, used().root(|root| root.password_last_used = Cell::NoColumn)), [Fail]);
        assert_eq!(outcomes(ID, password(3).deny(Topic::RootActivity)), [Fail]);
        assert_eq!(outcomes(ID, unread(password(3), HOME)), [Fail]);
        let ahead = events(Account::new(), HOME, vec![event(-1, Some(false))]);
        assert_eq!(outcomes(ID, ahead), [Fail], "while the evidence was collected");
    }

    /// The report decides; what the history would have added is told as missing.
    #[test]
    fn without_the_whole_history_the_report_decides_and_says_so() {
        let finding = only(unread(password(200), OTHER));
        assert_eq!(finding.outcome, Pass);
        assert!(finding.message.ends_with("the event history was not read in full"), "{}", finding.message);
        assert_eq!(evidence(&finding, "regions_not_read").as_deref(), Some(OTHER));
        assert!(evidence(&finding, "event_history").is_some_and(|why| why.contains("cloudtrail:LookupEvents")));
        let short = activity(password(200), |activity| activity.since = days_ago(89));
        let none = activity(password(200), |activity| activity.regions.clear());
        let cut_off = cut(events(password(200), HOME, vec![event(5, Some(true))]), HOME);
        for account in [short, none, cut_off, password(200).deny(Topic::RootActivity)] {
            let finding = only(account);
            assert_eq!(finding.outcome, Pass);
            assert!(finding.message.contains("not read in full"), "{}", finding.message);
        }
        let cut_with_use = cut(events(password(200), HOME, vec![event(5, Some(false))]), HOME);
        assert_eq!(outcomes(ID, cut_with_use), [Fail]);
        assert!(!only(password(200)).message.contains("not read"), "a whole history needs no remark");
    }

    #[test]
    fn trap_the_latest_of_the_three_dates_counts() {
        let dates = |password, first, second| {
            Account::new().root(|root| {
                root.password_last_used = Cell::Value(days_ago(password));
                root.access_keys[0].last_used_at = Cell::Value(days_ago(first));
                root.access_keys[1].last_used_at = Cell::Value(days_ago(second));
            })
        };
        let finding = only(dates(300, 200, 100));
        assert_eq!(finding.outcome, Pass);
        assert_eq!(finding.message, "the root user was last used 100 days ago; the window is 90 days");
        assert_eq!(outcomes(ID, dates(300, 200, 10)), [Fail], "the first date is not the latest");
        assert_eq!(outcomes(ID, dates(300, 10, 200)), [Fail]);
        assert_eq!(outcomes(ID, dates(10, 300, 200)), [Fail]);
    }

    #[test]
    fn trap_no_information_means_never() {
        let never = |cell: Cell<Timestamp>| {
            Account::new().root(|root| {
                root.password_last_used = cell.clone();
                root.access_keys[0].last_used_at = cell.clone();
                root.access_keys[1].last_used_at = cell;
            })
        };
        for cell in [Cell::NoInformation, Cell::NotApplicable] {
            let finding = only(never(cell));
            assert_eq!(finding.outcome, Pass);
            assert_eq!(finding.message, "no use of the root user is on record; the window is 90 days");
        }
    }

    /// The report does not show the use of the last hours: its time is told, and the event history shows it.
    #[test]
    fn trap_the_report_is_cached_so_its_time_is_told() {
        let old = seconds_ago(3 * 3_600);
        let cached = |account: Account| {
            account.facts(|facts| {
                if let Seen::Known(report) = &mut facts.credential_report {
                    report.generated_at = old;
                }
            })
        };
        for account in [password(200), password(3), created(5), without_row(Account::new())] {
            let told = evidence(&only(cached(account)), "report_generated_at");
            assert_eq!(told, Some(old.to_string()));
        }
        let just_now = events(password(200), HOME, vec![event(0, Some(false))]);
        assert_eq!(outcomes(ID, cached(just_now)), [Fail]);
    }

    #[test]
    fn trap_sessions_that_were_opened_centrally_are_told_apart() {
        let with = |assumed_root| events(password(200), HOME, vec![event(5, assumed_root)]);
        let central = only(with(Some(true)));
        assert_eq!(central.outcome, Pass);
        assert_eq!(evidence(&central, "centrally_opened_root_events").as_deref(), Some("1"));
        assert_eq!(evidence(&central, "root_events").as_deref(), Some("0"));
        assert_eq!(outcomes(ID, with(Some(false))), [Fail]);
        assert_eq!(outcomes(ID, with(None)), [NotEvaluated], "nobody knows which it was");
        let dated = events(password(5), HOME, vec![event(5, Some(true))]);
        assert_eq!(outcomes(ID, dated), [Fail], "a date in the report counts beside a central session");
        let both = events(password(200), HOME, vec![event(2, Some(true)), event(5, Some(false))]);
        assert_eq!(outcomes(ID, both), [Fail]);
    }
}
