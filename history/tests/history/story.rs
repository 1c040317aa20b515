//! What a history says, run after run. Each story is told to SQLite and, where a server is installed, to PostgreSQL.

use probity_history::{History, HistoryError, Kept, Place};
use probity_model::history::Fixed;
use probity_model::{Finding, Outcome, Run, Severity};

use crate::fixture::{ACCOUNT, day, excepted, finding, finding_of, run, run_of};
use crate::postgres::Server;
use crate::{in_folder, open, wait};

/// Tells a story to a new history of each kind.
pub(crate) fn tell(story: impl AsyncFn(&mut History)) {
    let (_folder, place) = in_folder();
    wait(async { story(&mut open(&place).await).await });
    if let Some(server) = Server::start() {
        let place = Place::new(&server.url());
        wait(async { story(&mut open(&place).await).await });
    }
}

/// Keeps a run and says what the history says of it.
async fn keep(history: &mut History, mut run: Run) -> Run {
    assert_eq!(history.keep(&run).await.expect("kept"), Kept::Written);
    history.annotate(&mut run).await.expect("annotated");
    run
}

fn of<'r>(run: &'r Run, user: &str) -> &'r Finding {
    run.findings.iter().find(|finding| finding.resource.name() == user).expect("a finding")
}

#[test]
fn findings_are_first_seen_age_are_fixed_and_come_back() {
    tell(async |history| {
        let first = keep(history, run(day(1), vec![finding("anna", Outcome::Fail)])).await;
        let anna = of(&first, "anna").history.clone().expect("a history");
        assert_eq!((anna.first_seen, anna.age_days, anna.reopened, anna.new), (day(1), 0, 0, true));
        let report = first.history.expect("a report");
        assert_eq!((report.previous, report.new, report.trend.len()), (None, 1, 1));

        let both = vec![finding("anna", Outcome::Fail), finding("ben", Outcome::Fail)];
        let second = keep(history, run(day(11), both)).await;
        let anna = of(&second, "anna").history.clone().expect("a history");
        assert_eq!((anna.first_seen, anna.last_seen, anna.age_days, anna.new), (day(1), day(11), 10, false));
        assert!(of(&second, "ben").is_new());
        let report = second.history.expect("a report");
        assert_eq!(report.aging.iter().map(|band| band.open).collect::<Vec<_>>(), [1, 1, 0, 0]);
        assert_eq!(report.previous.expect("the first run").id, first.id);

        // One passes, the user of the other is gone.
        let third = keep(history, run(day(13), vec![finding("anna", Outcome::Pass)])).await;
        let report = third.history.clone().expect("a report");
        let fixed: Vec<(&str, Fixed)> = report.fixed.iter().map(|fixed| (fixed.resource.name(), fixed.how)).collect();
        assert_eq!(fixed, [("anna", Fixed::Passes), ("ben", Fixed::Gone)]);
        assert_eq!(of(&third, "anna").history, None);
        let time = &report.time_to_fix[0];
        assert_eq!((time.severity, time.fixed, time.mean_hours), (Severity::High, 2, (12 + 2) * 24 / 2));

        let fourth = keep(history, run(day(20), vec![finding("anna", Outcome::Fail)])).await;
        let anna = of(&fourth, "anna").history.clone().expect("a history");
        assert_eq!((anna.first_seen, anna.open_since, anna.age_days), (day(1), day(20), 0));
        assert_eq!((anna.reopened, anna.new), (1, true));
        let opens: Vec<u64> = fourth.history.expect("a report").trend.iter().map(|p| p.open[&Severity::High]).collect();
        assert_eq!(opens, [1, 2, 0, 1]);
    });
}

/// Never a false pass: what could not be evaluated, or was not looked at, is not fixed.
#[test]
fn what_was_not_judged_is_not_fixed() {
    tell(async |history| {
        keep(history, run(day(1), vec![finding("anna", Outcome::Fail), finding("ben", Outcome::Fail)])).await;
        let unread = keep(history, run(day(2), vec![finding("anna", Outcome::NotEvaluated)])).await;
        assert_eq!(unread.history.as_ref().expect("a report").fixed, []);
        let anna = of(&unread, "anna").history.clone().expect("a history");
        assert_eq!((anna.last_seen, anna.age_days, anna.new), (day(1), 1, false));
        let other = keep(history, run_of(day(3), &["b"], Vec::new())).await;
        assert_eq!(other.history.expect("a report").fixed, []);
        let again =
            keep(history, run(day(4), vec![finding("anna", Outcome::Fail), finding("ben", Outcome::Fail)])).await;
        assert_eq!(again.history.as_ref().expect("a report").new, 0);
        assert_eq!(of(&again, "ben").history.as_ref().expect("a history").first_seen, day(1));
    });
}

#[test]
fn a_failure_whose_exception_ended_is_new() {
    tell(async |history| {
        let first = keep(history, run(day(1), vec![excepted(finding("anna", Outcome::Fail))])).await;
        assert!(!of(&first, "anna").is_new());
        assert_eq!(first.history.expect("a report").new, 0);
        let second = keep(history, run(day(5), vec![finding("anna", Outcome::Fail)])).await;
        assert!(of(&second, "anna").is_new());
        assert_eq!(of(&second, "anna").history.as_ref().expect("a history").age_days, 4);
        let third = keep(history, run(day(6), vec![finding("anna", Outcome::Fail)])).await;
        assert!(!of(&third, "anna").is_new());
    });
}

/// The same run again gives the same bytes, whatever was kept since.
#[test]
fn a_run_that_is_kept_already_changes_nothing() {
    tell(async |history| {
        let first = run(day(1), vec![finding("anna", Outcome::Fail), finding_of("b", "carla", Outcome::Fail)]);
        let told = keep(history, first.clone()).await;
        keep(history, run(day(2), vec![finding("anna", Outcome::Pass)])).await;
        let mut again = first;
        assert_eq!(history.keep(&again).await.expect("kept"), Kept::Before);
        history.annotate(&mut again).await.expect("annotated");
        assert_eq!(again, told);
    });
}

#[test]
fn runs_are_kept_in_the_order_of_their_times() {
    tell(async |history| {
        keep(history, run(day(5), Vec::new())).await;
        let error = history.keep(&run(day(4), Vec::new())).await.expect_err("older");
        assert!(matches!(&error, HistoryError::Order { account, .. } if account == ACCOUNT), "{error}");
        assert_eq!(history.runs().await.expect("runs").len(), 1);
    });
}

#[test]
fn runs_are_listed_shown_and_forgotten() {
    tell(async |history| {
        let first =
            keep(history, run(day(1), vec![finding("anna", Outcome::Fail), finding("ben", Outcome::Fail)])).await;
        keep(history, run(day(2), vec![finding("anna", Outcome::Fail)])).await;
        keep(history, run(day(20), vec![finding("anna", Outcome::Fail)])).await;
        let runs = history.runs().await.expect("runs");
        assert_eq!(runs.iter().map(|run| run.point.fixed).collect::<Vec<_>>(), [0, 1, 0]);
        assert_eq!(history.find(&first.id[..15]).await.expect("the run").point.id, first.id);
        assert!(matches!(history.find("zz").await, Err(HistoryError::NoSuchRun(_))));
        assert!(matches!(history.find("").await, Err(HistoryError::Ambiguous(_))));
        let users = async |history: &mut History, id: &str| -> Vec<(String, i64)> {
            let findings = history.findings(id).await.expect("findings");
            findings.iter().map(|finding| (finding.resource.name().to_owned(), finding.age_days)).collect()
        };
        assert_eq!(users(history, &first.id).await, [("anna".to_owned(), 0), ("ben".to_owned(), 0)]);
        assert_eq!(users(history, &runs[2].point.id).await, [("anna".to_owned(), 19)]);
        assert_eq!(history.time_to_fix().await.expect("times")[0].mean_hours, 24);
        assert_eq!(history.prune(10).await.expect("pruned"), 2);
        assert_eq!(history.runs().await.expect("runs").len(), 1);
        assert_eq!(users(history, &runs[2].point.id).await, [("anna".to_owned(), 19)], "what is open keeps its age");
        assert_eq!(history.time_to_fix().await.expect("times"), []);
    });
}

#[test]
fn many_findings_are_kept_and_said_again() {
    tell(async |history| {
        let many: Vec<Finding> = (0..1_234).map(|n| finding(&format!("user-{n:05}"), Outcome::Fail)).collect();
        let kept = keep(history, run(day(1), many)).await;
        assert_eq!(kept.history.expect("a report").new, 1_234);
        assert!(kept.findings.iter().all(Finding::is_new));
    });
}
