//! HTML, where names may bring neither elements nor requests, and everybody can use the controls.

mod tags;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use probity_model::finding::EvidenceItem;
use probity_model::{Arn, Exception, Outcome, Run, Severity};
use probity_reports::{Format, Options};
use sha2::{Digest, Sha256};

use self::tags::{Tag, tags, without_ours};
use crate::{fixture, written};

/// What would end a text, an attribute, a comment, the style and the script, if it were not escaped.
const BREAKS_OUT: &str = "\"'`--></title></style></script></summary><script>alert(1)</script><img src=x onerror=alert(1)> &lt;b&gt; <a href=https://example.com>";

fn html(run: &Run) -> String {
    written(Format::Html, run, &Options::default())
}

/// A run with a hostile text wherever a text can stand.
fn hostile() -> Run {
    let mut run = fixture::with_ways();
    let text = || BREAKS_OUT.to_owned();
    run.id = text();
    run.tool_version = text();
    run.selection.only = vec![text()];
    run.selection.skip = vec![text()];
    for account in &mut run.accounts {
        account.alias = Some(text());
        account.caller = Some(Arn::new(text()));
        account.request.sample = Some(text());
        account.request.endpoint = Some(text());
        account.calls[0].operation = text();
        account.calls[0].region = text();
    }
    let check = &mut run.checks[0];
    for field in [&mut check.id, &mut check.title, &mut check.summary, &mut check.why, &mut check.pass] {
        *field = text();
    }
    for field in [&mut check.fail, &mut check.fix, &mut check.command] {
        *field = text();
    }
    check.operations = vec![text()];
    check.controls[0].framework = text();
    check.controls[0].control = text();
    let framework = &mut run.frameworks[0];
    for field in [&mut framework.title, &mut framework.publisher, &mut framework.version, &mut framework.source] {
        *field = text();
    }
    for control in &mut framework.controls {
        (control.id, control.title, control.section, control.reason) = (text(), text(), text(), text());
        control.planned = vec![text()];
        control.checks.iter_mut().for_each(|check| check.check = text());
        control.observed.iter_mut().for_each(|observed| observed.operations = vec![text()]);
    }
    for finding in run.findings.iter_mut().rev().take(3) {
        for item in finding.evidence.iter_mut().filter(|item| item.key != "statement") {
            item.value = text().into();
        }
    }
    for finding in run.findings.iter_mut().take(7) {
        finding.check = text().into();
        finding.title = text().into();
        finding.resource = Arn::new(text());
        finding.discriminator = text().into();
        finding.message = text().into();
        finding.evidence = vec![EvidenceItem { key: text().into(), value: text().into() }];
        finding.operations = [text()].into();
        finding.exception =
            Some(Box::new(Exception { reason: text(), owner: text(), ticket: Some(text()), expires: Some(text()) }));
        if let Some(gap) = &mut finding.gap {
            (gap.operation, gap.code, gap.message) = (Some(text()), Some(text()), text());
        }
    }
    run
}

#[test]
fn a_hostile_name_is_a_text_wherever_it_stands() {
    for run in [fixture::run(), fixture::with_ways(), fixture::with_history(), hostile()] {
        let page = html(&run);
        assert_eq!((page.matches("<style").count(), page.matches("<script").count()), (1, 1));
        let elements: BTreeSet<&str> = [
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "script",
            "a",
            "header",
            "p",
            "h1",
            "h2",
            "h3",
            "h4",
            "path",
            "circle",
            "desc",
            "strong",
            "dl",
            "div",
            "dt",
            "dd",
            "nav",
            "ul",
            "li",
            "main",
            "section",
            "figure",
            "figcaption",
            "svg",
            "text",
            "rect",
            "span",
            "form",
            "fieldset",
            "legend",
            "label",
            "input",
            "select",
            "option",
            "button",
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "b",
            "i",
            "br",
            "details",
            "summary",
            "code",
            "footer",
        ]
        .into();
        let attributes: BTreeSet<&str> = [
            "lang",
            "charset",
            "content",
            "name",
            "id",
            "class",
            "href",
            "hidden",
            "role",
            "scope",
            "tabindex",
            "type",
            "value",
            "checked",
            "for",
            "autocomplete",
            "spellcheck",
            "x",
            "y",
            "width",
            "height",
            "rx",
            "cx",
            "cy",
            "r",
            "d",
            "http",
            "http-equiv",
        ]
        .into();
        let page = without_ours(&page);
        for tag in tags(&page) {
            assert!(elements.contains(tag.name), "<{}>", tag.name);
            for name in tag.attributes.keys() {
                let known = attributes.contains(name) || ["aria-", "data-"].iter().any(|ours| name.starts_with(ours));
                assert!(known || matches!(*name, "viewBox" | "preserveAspectRatio"), "{name} in <{}>", tag.name);
            }
        }
    }
    assert!(html(&hostile()).matches("&lt;img src=x onerror=alert(1)&gt;").count() > 60, "the texts are there");
}

#[test]
fn nothing_is_asked_of_any_network() {
    let page = html(&hostile());
    for tag in tags(&without_ours(&page)) {
        for (name, value) in &tag.attributes {
            let leads = matches!(*name, "src" | "srcset" | "action" | "formaction" | "data" | "poster" | "background");
            assert!(!leads, "{name} in <{}>", tag.name);
            assert!(*name != "href" || value.starts_with('#'), "{value} in <{}>", tag.name);
        }
    }
    let (_, ours) = page.split_once("<style>").expect("a style");
    let style = &ours[..ours.find("</style>").expect("which ends")];
    let (_, script) = page.split_once("<script>").expect("a script");
    let script = &script[..script.find("</script>").expect("which ends")];
    for request in ["http:", "https:", "url(", "@import", "fetch(", "XMLHttpRequest", "innerHTML", "import("] {
        assert!(!style.contains(request) && !script.contains(request), "{request}");
    }
}

#[test]
fn only_the_style_and_the_script_of_the_page_are_let_in() {
    let page = html(&hostile());
    let between = |begin: &str, end: &str| {
        let (_, rest) = page.split_once(begin).expect("it begins");
        rest.split_once(end).expect("it ends").0
    };
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    let style = hash(between("<style>", "</style>"));
    let script = hash(between("<script>", "</script>"));
    assert_eq!(
        policy,
        format!("default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'")
    );
    assert!(page.find("Content-Security-Policy") < page.find("<style>"), "a policy holds for what follows it");
}

fn words(tag: &Tag<'_>) -> String {
    let mut inside = false;
    let is_text = |c: &char| {
        let text = !inside && *c != '<';
        inside = if *c == '<' { true } else { inside && *c != '>' };
        text
    };
    tag.inner.chars().filter(is_text).collect::<String>().trim().to_owned()
}

#[test]
fn every_control_and_every_region_has_a_name() {
    let page = html(&fixture::run());
    let page = without_ours(&page);
    let all = tags(&page);
    let ids: Vec<&str> = all.iter().filter_map(|tag| tag.attributes.get("id").copied()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "an id stands for one element");
    let mut controls = 0;
    for tag in &all {
        let labelled = tag.attributes.get("aria-label").is_some_and(|label| !label.is_empty())
            || tag.attributes.get("aria-labelledby").is_some_and(|id| ids.contains(id));
        let id = tag.attributes.get("id").copied().unwrap_or_default();
        let label = |other: &Tag<'_>| other.name == "label" && other.attributes.get("for") == Some(&id);
        let named = match tag.name {
            "button" | "a" | "summary" | "th" | "option" => labelled || !words(tag).is_empty(),
            "input" if tag.attributes.get("type") == Some(&"checkbox") => all.iter().any(|other| {
                other.name == "label" && other.inner.contains(tag.attributes["value"]) && !words(other).is_empty()
            }),
            "input" | "select" => all.iter().any(label),
            "fieldset" => tag.inner.trim_start().starts_with("<legend>"),
            "table" => tag.inner.trim_start().starts_with("<caption>"),
            "figure" => tag.inner.trim_start().starts_with("<figcaption>"),
            "section" | "nav" | "form" | "svg" => labelled,
            _ => !tag.attributes.contains_key("tabindex") || labelled,
        };
        assert!(named, "{tag:?}");
        controls += usize::from(matches!(tag.name, "button" | "input" | "select" | "summary"));
        if let Some(link) = tag.attributes.get("href") {
            assert!(ids.contains(&link.trim_start_matches('#')), "{link} leads nowhere");
        }
    }
    assert!(controls > 20, "{controls}");
    for landmark in ["<header>", "<nav ", "<main>", "<footer>", "<html lang=\"en\">"] {
        assert_eq!(page.matches(landmark).count(), 1, "{landmark}");
    }
}

#[test]
fn every_finding_has_its_row_and_its_evidence() {
    let run = fixture::run();
    let page = html(&run);
    assert_eq!(page.matches("<tr data-k=").count(), run.findings.len());
    for finding in &run.findings {
        assert!(page.contains(finding.fingerprint.as_str()), "{}", finding.check);
    }
    assert!(page.contains("<dt>password_last_used<dd>2026-11-20T08:00:00+00:00"));
    assert!(page.contains("accepted by platform@example.com, SEC-42, until 2027-01-31"), "an exception is told");
}

#[test]
fn the_charts_are_told_in_words_too() {
    let page = html(&fixture::run());
    assert!(page.contains("Open failures by severity: 1 critical, 2 high, 1 medium, 1 low, 0 info</title>"));
    assert!(page.contains("logging-and-monitoring: 3 not-evaluated"));
}

#[test]
fn ways_are_drawn_and_told_in_words() {
    let page = html(&fixture::with_ways());
    assert!(page.contains("user/anna, user/zoe: by put-own-user-policy to user/anna with any policy</title>"));
    assert!(page.contains("<figcaption>2 principals in 111122223333, open</figcaption>"));
    assert!(page.contains("by assume-role to role/deploy, then by passrole-ec2-runinstances to"));
    assert_eq!(page.matches("class=\"node goal\"").count(), 2, "one end a way");
    assert!(page.contains("class=\"edge broken\""), "what is not proven is drawn otherwise");
    assert!(!html(&fixture::run()).contains("id=\"paths\""), "without a way there is no section");
}

#[test]
fn a_framework_reads_like_the_framework() {
    let page = html(&fixture::run());
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(
        at(">Identity</h4>") < at(">2.4</th>")
            && at(">2.8</th>") < at(">Storage</h4>")
            && at(">Storage</h4>") < at(">3.3</th>")
    );
    assert!(page.contains("<a href=\"#c-root-mfa-enabled\">root-mfa-enabled</a> (proposed): 1 fail, 1 pass"));
    assert!(page.contains("Looked at 2 iam-user in eu-central-1, read 2026-11-22T08:00:01Z to 2026-11-22T08:00:03Z by iam:GetAccountSummary"));
    assert!(page.contains("<li>user-unused: left out of this run</li>"), "a check that did not run has no link");
    assert!(page.contains("<summary>1 failure</summary>"));
    assert!(!html(&fixture::sample()).contains("id=\"frameworks\""), "without a framework there is no section");
}

#[test]
fn what_is_missing_is_told_whatever_is_shown() {
    let only_critical =
        Options { min_severity: Some(Severity::Critical), statuses: vec![Outcome::Fail], ..Options::default() };
    let page = written(Format::Html, &fixture::run(), &only_critical);
    assert_eq!(page.matches("<tr data-k=").count(), 1);
    assert!(page.contains("1 of 12 findings: severity critical or worse, status fail"));
    assert!(page.contains("What could not be evaluated, and why (3)"));
    assert!(page.contains("<code>cloudtrail:DescribeTrails</code> was denied (AccessDeniedException)"));
}

#[test]
fn sample_data_and_a_score_of_nothing_are_said() {
    let page = html(&fixture::sample());
    assert!(page.contains("Sample data, not a real account (111122223333):</strong> an invented company"));
    assert!(page.contains("<strong>None</strong>"));
    assert!(page.contains("0 of 1 could be judged"));
}

/// What a browser and a mail server still take.
#[test]
fn twenty_thousand_findings_stay_under_15_megabytes() {
    let bytes = html(&fixture::many(20_000)).len();
    assert!(bytes < 15_000_000, "{bytes}");
}
