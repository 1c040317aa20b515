//! HTML in a real browser, where one is installed; where none is, every test says that it was skipped.

mod devtools;

use std::time::Instant;

use probity_model::Run;
use probity_reports::{Format, Options};
use serde_json::{Value, json};

use self::devtools::Browser;
use crate::{fixture, written};

/// How long a filter may take in a page of 20,000 findings, in milliseconds.
const FILTER: f64 = 200.0;
/// How long the page waits for more letters before it searches, in milliseconds.
const PAUSE: f64 = 60.0;

fn html(run: &Run) -> String {
    written(Format::Html, run, &Options::default())
}

/// Complaints and requests; the page itself is no request of it.
fn unwanted(browser: &Browser) -> Vec<&Value> {
    let is_unwanted = |event: &&Value| match event["method"].as_str() {
        Some("Runtime.exceptionThrown" | "Log.entryAdded" | "Runtime.consoleAPICalled") => true,
        Some("Network.requestWillBeSent") => {
            let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
            !url.ends_with("/report.html") && url != "about:blank"
        }
        _ => false,
    };
    browser.events.iter().filter(is_unwanted).collect()
}

#[test]
fn twenty_thousand_findings_open_and_answer_a_filter_at_once() {
    let Some(mut browser) = Browser::start("a large page in a browser") else { return };
    let run = fixture::many(20_000);
    let page = html(&run);
    assert!(page.len() < 15_000_000, "{} bytes", page.len());
    browser.size(1280, 900, false);
    let began = Instant::now();
    browser.open(&page);
    let opened = began.elapsed();
    // Until the words of all rows are gathered, which takes no time from anybody.
    browser
        .evaluate("new Promise((done) => requestIdleCallback(() => setTimeout(() => requestIdleCallback(done), 500)))");
    let ask = |what: &str| {
        format!(
            "new Promise((done) => {{
                const before = document.getElementById('count').textContent;
                {what}
                const wait = () => {{
                    if (document.getElementById('count').textContent === before) return setTimeout(wait, 20);
                    requestAnimationFrame(() => setTimeout(() => done(document.getElementById('count').textContent), 0));
                }};
                wait();
            }})"
        )
    };
    let search = |text: &str| {
        ask(&format!(
            "const s = document.getElementById('search'); s.value = '{text}'; s.dispatchEvent(new Event('input', {{bubbles: true}}));"
        ))
    };
    let click = ask("document.querySelector('[name=severity][value=high]').click();");
    browser.call("Performance.enable", json!({"timeDomain": "threadTicks"}));
    let mut took = Vec::new();
    for (name, expression, found) in [
        ("the first search", search("user-01999"), "10 of 20000 findings"),
        ("another search", search("user-0001"), "100 of 20000 findings"),
        ("all again", search(""), "20000 of 20000 findings, the first 100 listed"),
        ("a severity out", click.clone(), "0 of 20000 findings"),
        ("a severity in", click, "20000 of 20000 findings, the first 100 listed"),
    ] {
        let before = busy(&mut browser);
        assert_eq!(browser.evaluate(&expression), found, "{name}");
        // The time of the thread, not of the clock: the machine may do other things meanwhile.
        let milliseconds = busy(&mut browser) - before + PAUSE;
        took.push(format!("{name} {milliseconds:.0} ms"));
        assert!(milliseconds <= FILTER, "{name}: {milliseconds:.0} ms");
    }
    eprintln!("20,000 findings: {} bytes, opened in {} ms; {}", page.len(), opened.as_millis(), took.join(", "));
    assert_eq!(unwanted(&browser), Vec::<&Value>::new());
}

/// How long the page's thread has been at work, in milliseconds.
fn busy(browser: &mut Browser) -> f64 {
    let answer = browser.call("Performance.getMetrics", json!({}));
    let metrics = answer["metrics"].as_array().expect("metrics");
    let task = metrics.iter().find(|metric| metric["name"] == "TaskDuration").expect("the duration of tasks");
    task["value"].as_f64().expect("seconds") * 1_000.0
}

#[test]
fn no_control_is_without_a_name() {
    let Some(mut browser) = Browser::start("the accessibility tree") else { return };
    browser.size(1280, 900, false);
    browser.open(&html(&fixture::with_ways()));
    let tree = browser.call("Accessibility.getFullAXTree", json!({}));
    let nodes = tree["nodes"].as_array().expect("nodes");
    let controls = [
        "button",
        "link",
        "textbox",
        "searchbox",
        "combobox",
        "checkbox",
        "DisclosureTriangle",
        "region",
        "img",
        "image",
    ];
    let mut counted = 0;
    for node in nodes.iter().filter(|node| node["ignored"] == false) {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        if controls.contains(&role) {
            counted += 1;
            assert!(node["name"]["value"].as_str().is_some_and(|name| !name.trim().is_empty()), "{node:#}");
        }
    }
    assert!(counted > 40, "{counted} controls");
    assert_eq!(unwanted(&browser), Vec::<&Value>::new());
}

#[test]
fn nothing_is_wider_than_the_page_and_it_prints_to_a4() {
    let Some(mut browser) = Browser::start("the page on screens and paper") else { return };
    let mut run = fixture::with_ways();
    run.history = fixture::with_history().history;
    let page = html(&run);
    for (width, height) in [(1280, 900), (390, 844)] {
        for dark in [false, true] {
            browser.size(width, height, dark);
            browser.open(&page);
            let wide = browser.evaluate("document.documentElement.scrollWidth").as_u64().expect("a number");
            assert!(wide <= u64::from(width), "{wide} of {width} pixels");
            let scheme = if dark { "dark" } else { "light" };
            for part in ["top", "history", "frameworks", "paths", "findings"] {
                browser.evaluate(&format!("document.getElementById('{part}')?.scrollIntoView(); 1"));
                browser.picture(&format!("{width}-{scheme}-{part}.png"));
            }
        }
    }
    let paper = browser.print("a4.pdf");
    assert!(paper.starts_with(b"%PDF-"));
    // A4 in points, as PDF counts.
    let text = String::from_utf8_lossy(&paper);
    assert!(text.contains("/MediaBox [0 0 594.95996 841.91998]") || text.contains("/MediaBox [0 0 595"), "not A4");
}

/// A keyboard is enough: the first stop leads to the findings, a row opens with Enter, headings sort.
#[test]
fn a_keyboard_is_enough() {
    let Some(mut browser) = Browser::start("the keyboard") else { return };
    browser.size(1280, 900, false);
    browser.open(&html(&fixture::with_ways()));
    let mut press = |key: &str, code: u32| {
        for kind in ["keyDown", "keyUp"] {
            let text = if key == "Enter" && kind == "keyDown" { "\r" } else { "" };
            browser.call(
                "Input.dispatchKeyEvent",
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}),
            );
        }
        browser
            .evaluate("document.activeElement.textContent.trim().slice(0, 60)")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(press("Tab", 9), "Skip to the findings");
    press("Enter", 13);
    let stops: Vec<String> = (0..60).map(|_| press("Tab", 9)).collect();
    for stop in ["Severity", "Status", "Check", "Resource", "Show all findings"] {
        assert!(stops.iter().any(|name| name == stop), "{stop} is never reached: {stops:?}");
    }
    browser.evaluate("document.querySelector('#table summary').focus(); 1");
    let enter = |browser: &mut Browser| {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { "\r" } else { "" };
            browser.call(
                "Input.dispatchKeyEvent",
                json!({"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": text}),
            );
        }
    };
    enter(&mut browser);
    assert_eq!(browser.evaluate("document.querySelector('#table details').open"), true);
    browser.evaluate("document.querySelector('#table thead button').focus(); 1");
    enter(&mut browser);
    assert_eq!(browser.evaluate("document.querySelector('#table th').getAttribute('aria-sort')"), "ascending");
    assert_eq!(unwanted(&browser), Vec::<&Value>::new());
}
