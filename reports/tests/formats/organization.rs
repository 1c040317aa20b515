//! Several accounts as one picture, and runs that do not list all of their findings.

use std::collections::BTreeMap;

use probity_model::run::organization::{
    AccountAudit, AccountCoverage, AccountStanding, CentralRootAccess, CrossAccountChain, DelegatedAccount,
    FailingCheck, OrganizationRun, OutsideAccount, Totals, UnitStanding,
};
use probity_model::score::Score;
use probity_model::{Arn, Gap, GapKind, Outcome, Run, Seen, Severity};
use probity_reports::{Format, Options, ReportError, render, render_all};
use unicode_width::UnicodeWidthStr;

use crate::fixture::{FIRST, HOSTILE, SECOND, account, many};
use crate::{fixture, parquet, written};

/// The formats that show the picture.
const PICTURES: [Format; 3] = [Format::Table, Format::Markdown, Format::Html];

fn score(value: u8) -> Score {
    Score { value: Some(value), coverage_percent: 90, judged: 9, applicable: 10, capped: false }
}

fn standing(id: &str, name: &str, audit: AccountAudit, value: Option<u8>) -> AccountStanding {
    AccountStanding {
        account: account(id),
        name: Some(name.to_owned()),
        unit: Some("ou-1".to_owned()),
        audit,
        score: value.map(score),
        open: BTreeMap::from([(Severity::Critical, 3), (Severity::Medium, 7)]),
        outcomes: BTreeMap::from([(Outcome::Fail, 10)]),
        service_control_policies: vec!["guardrail (p-1)".to_owned()],
        resource_control_policies: Vec::new(),
    }
}

/// The fixture as a run of an organization with three accounts.
fn run() -> Run {
    let mut run = fixture::run();
    let reason = Gap {
        kind: GapKind::Denied,
        operation: Some("sts:AssumeRole".to_owned()),
        region: None,
        code: Some("AccessDenied".to_owned()),
        message: format!("cannot assume the role of {HOSTILE}"),
    };
    let unit = |id: &str, name: &str, depth| UnitStanding {
        id: id.to_owned(),
        name: name.to_owned(),
        depth,
        audited: 2,
        failed: 1,
        score: score(61),
        open: BTreeMap::from([(Severity::High, 4)]),
    };
    let mut totals = Totals::default();
    for check in &run.checks {
        totals.add(&check.outcomes, &BTreeMap::new());
    }
    totals.open =
        BTreeMap::from([(Severity::Critical, 1), (Severity::High, 2), (Severity::Medium, 1), (Severity::Low, 1)]);
    run.organization = Some(OrganizationRun {
        id: Some("o-example1234".to_owned()),
        management_account: Some(account(FIRST)),
        coverage: AccountCoverage { accounts: 3, complete: 1, incomplete: 1, failed: 1, left_out: 0 },
        accounts: vec![
            standing(SECOND, HOSTILE, AccountAudit::Incomplete { gaps: 2 }, Some(58)),
            standing(FIRST, "Management", AccountAudit::Complete, Some(91)),
            standing("333344445555", "Closed", AccountAudit::Failed { reason }, None),
        ],
        units: vec![unit("r-1", "Root", 0), unit("ou-1", HOSTILE, 1)],
        failing_checks: vec![FailingCheck { check: "root-mfa-enabled".to_owned(), accounts: 1, judged: 2, open: 1 }],
        worst_accounts: vec![account(SECOND)],
        root_access: Some(CentralRootAccess {
            features: Seen::Known(vec!["RootSessions".to_owned()]),
            with_credentials: vec![account(SECOND)],
            unknown: Vec::new(),
        }),
        delegated_administrators: Some(Seen::Known(vec![DelegatedAccount {
            account: account(SECOND),
            name: HOSTILE.to_owned(),
            services: vec!["guardduty.amazonaws.com".to_owned(), "sso.amazonaws.com".to_owned()],
        }])),
        outside_accounts: vec![OutsideAccount {
            party: "999900001111".to_owned(),
            owner: Some("a vendor".to_owned()),
            roles: vec![Arn::new(format!("arn:aws:iam::{FIRST}:role/{HOSTILE}"))],
        }],
        chains: vec![CrossAccountChain {
            from: Arn::new(format!("arn:aws:iam::{FIRST}:user/{HOSTILE}")),
            administrator_at_home: false,
            certain: true,
            accounts: vec![account(SECOND)],
            example: vec![Arn::new(format!("arn:aws:iam::{SECOND}:role/deployer"))],
        }],
        unjudged: vec!["One account was not audited.".to_owned()],
        totals,
    });
    run
}

#[test]
fn every_picture_names_accounts_units_failures_and_chains() {
    for format in PICTURES {
        let text = written(format, &run(), &Options { width: 200, ..Options::default() });
        let said = [
            "o-example1234",
            "3 accounts: 1 read without a gap, 1 read with gaps, 1 not audited",
            "Root",
            "2 of 3",
            "91",
            "1 of 2",
            "333344445555 (Closed)",
            "guardduty.amazonaws.com, sso.amazonaws.com",
            "AccessDenied",
            "999900001111 (a vendor)",
            "role/deployer",
            "RootSessions; 1 member has a root user with credentials",
            "One account was not audited.",
        ];
        for said in said {
            let unescaped = text.replace("\\", "");
            assert!(unescaped.contains(said), "{format} lacks {said:?}:\n{text}");
        }
    }
}

#[test]
fn names_of_accounts_and_units_do_no_harm() {
    for format in PICTURES {
        let text = written(format, &run(), &Options::default());
        let obeyed = |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
        assert_eq!(text.chars().find(obeyed), None, "{format}");
        if format != Format::Table {
            assert!(!text.contains("<img"), "{format}");
        }
    }
    for width in [60, 100] {
        let text = written(Format::Table, &run(), &Options { width, ..Options::default() });
        for line in text.lines() {
            assert!(line.width() <= width, "{} columns: {line}", line.width());
        }
    }
}

/// What is streamed is what the run itself would be written as.
#[test]
fn a_run_is_written_the_same_from_wherever_its_findings_come() {
    for run in [run(), fixture::run()] {
        let streamed = written(Format::Json, &run, &Options::default());
        let mut value: serde_json::Value = serde_json::from_str(&streamed).expect("JSON");
        assert_eq!(value, serde_json::to_value(&run).expect("JSON"));
        assert_eq!(serde_json::from_str::<Run>(&streamed).expect("a run"), run);
        value.as_object_mut().expect("an object").remove("organization");
        assert!(value["findings"].as_array().is_some_and(|findings| findings.len() == run.findings.len()));
    }
}

/// A run of very many accounts lists the worst findings; all of them come from elsewhere.
#[test]
fn what_is_not_listed_is_said_and_never_left_out_silently() {
    let all = many(50);
    let mut run = many(5);
    let totals =
        Totals { outcomes: BTreeMap::from([(Outcome::Fail, 50)]), open: BTreeMap::from([(Severity::High, 50)]) };
    run.organization = Some(OrganizationRun { totals, ..OrganizationRun::default() });
    let rendered = |format| {
        let mut bytes = Vec::new();
        render_all(format, &run, &all, &Options::default(), &mut bytes).map(|()| bytes)
    };
    assert_eq!(parquet::read(&rendered(Format::Parquet).expect("written")).len(), 50);
    let rendered = |format| rendered(format).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    for format in [Format::Csv, Format::JsonLines, Format::Json] {
        assert!(rendered(format).expect("written").contains("user-000049"), "{format}");
    }
    for format in PICTURES {
        let text = rendered(format).expect("written");
        assert!(!text.contains("user-000049") && text.contains("the worst 5 are listed"), "{format}:\n{text}");
    }
    for format in [Format::Sarif, Format::Junit, Format::Ocsf] {
        let refused = rendered(format).expect_err("too many");
        assert!(matches!(refused, ReportError::TooMany { found: 50, .. }), "{format}: {refused}");
    }
    let mut complete = Vec::new();
    assert!(render(Format::Sarif, &many(5), &Options::default(), &mut complete).is_ok());
}
